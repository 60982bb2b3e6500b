"""PDF files that unpack far or nest deeply cost the publisher nothing: `data/attacks/pdf.toml`.

They are read in processes of their own.
"""

from __future__ import annotations

import os
import signal
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest

from dateline.entries.media import clean, pdf_process
from dateline.entries.media.pdf_process import PdfReader
from dateline.errors import MediaError
from support.attacks import Attack, attacks, cases
from support.process_tree import children
from support.publication import Newsroom, entry_file
from support.serving import until

MEMORY = 300_000_000  # bytes: less than in fact, for shorter tests
SECONDS = 2
LARGEST = 10_000_000  # bytes of a file
PAGE = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>/Private 5 0 R>>",
}


def hostile(attack: Attack) -> bytes:
    """Return the PDF of an attack."""
    before, piece, after = (
        str(attack.get(key, "")).encode() for key in ("before", "piece", "after")
    )
    body = before + piece * int(attack["times"]) + after
    if filters := int(attack.get("filters", 0)):
        return packed(b"5 0 " + body, filters)
    return plain(body)


def plain(body: bytes) -> bytes:
    """Return a PDF with the object 5."""
    return b"".join(written({**PAGE, 5: body})[0]) + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"


def packed(objects: bytes, filters: int) -> bytes:
    """Return a PDF in whose object 4 the object 5 is (ISO 32000-1, sections 7.5.7 and 7.5.8)."""
    for _ in range(filters):
        objects = zlib.compress(objects)
    names = b"/FlateDecode" * filters
    holder = stream(b"/Type/ObjStm/N 1/First 4/Filter[%s]" % names, objects)
    parts, places = written({**PAGE, 4: holder})
    at = sum(map(len, parts))
    rows = [b"\0\0\0\0\0", *(b"\1%s" % place.to_bytes(4) for place in places.values())]
    table = b"".join([*rows, b"\2\0\0\0\4", b"\1%s" % at.to_bytes(4)])
    last = stream(b"/Type/XRef/Size 7/W[1 4 0]/Root 1 0 R", table)
    return b"".join([*parts, b"6 0 obj", last, b"endobj\nstartxref\n%d\n%%%%EOF\n" % at])


def stream(keys: bytes, data: bytes) -> bytes:
    """Return an object with data."""
    return b"<<%s/Length %d>>stream\n%s\nendstream " % (keys, len(data), data)


def written(objects: dict[int, bytes]) -> tuple[list[bytes], dict[int, int]]:
    """Return the parts of a file, and where each object begins."""
    parts, places = [b"%PDF-1.7\n"], dict[int, int]()
    for number, body in objects.items():
        places[number] = sum(map(len, parts))
        parts.append(b"%d 0 obj %s endobj\n" % (number, body))
    return parts, places


HARMLESS = plain(b"null")
[SLOW] = [one for one in attacks("pdf") if one["name"] == "an array of numbers"]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[PdfReader]:
    """Yield a reader of its own for each test; that of tests of other files ends."""
    pdf_process.reader.close()
    found = PdfReader()
    monkeypatch.setattr(pdf_process, "reader", found)
    yield found
    found.close()


def processes() -> list[int]:
    """Return the numbers of the processes that fork others for PDFs."""
    found = []
    for one in children(os.getpid()):
        with suppress(OSError):
            if b"pdf_process" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found


def forks() -> list[int]:
    """Return the numbers of the processes that read a PDF."""
    return [fork for one in processes() for fork in children(one)]


@pytest.mark.long
@pytest.mark.parametrize("attack", cases("pdf"))
def test_a_pdf_that_unpacks_far_is_refused(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with limits reads it; what only looks dangerous is published."""
    monkeypatch.setattr(pdf_process, "_MEMORY", MEMORY)
    monkeypatch.setattr(pdf_process, "_SECONDS", SECONDS)
    data = hostile(attack)
    assert len(data) < LARGEST

    begun = process_time()
    says, pages = "", 0
    try:
        pages = clean(data, "report.pdf").pages
    except MediaError as error:
        says = error.code

    assert says == attack["says"]
    assert (pages == 1) == (not says)
    assert process_time() - begun < 1.0
    assert clean(HARMLESS, "next.pdf").pages == 1


@pytest.mark.long
def test_a_packed_photograph_that_unpacks_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its packing is undone in the process that has limits."""
    monkeypatch.setattr(pdf_process, "_MEMORY", MEMORY)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    keys = b"/Subtype/Image/Filter[/FlateDecode/FlateDecode/DCTDecode]"

    with pytest.raises(MediaError, match="pdf-too-hard"):
        clean(plain(stream(keys, zlib.compress(data))), "report.pdf")


@pytest.mark.long
def test_a_refused_pdf_is_not_read_again(
    monkeypatch: pytest.MonkeyPatch, reader: PdfReader
) -> None:
    """An entry that is held for another reason is read by each run."""
    monkeypatch.setattr(pdf_process, "_MEMORY", MEMORY)
    data = hostile(SLOW)
    with pytest.raises(MediaError, match="pdf-too-hard"):
        clean(data, "report.pdf")
    reader.close()

    with pytest.raises(MediaError, match="pdf-too-hard"):
        clean(data, "copy.pdf")

    assert processes() == []


@pytest.mark.long
def test_one_process_reads_many_files(reader: PdfReader) -> None:
    """An entry with several PDFs costs one start of Python, and nothing stays in the end."""
    found = []
    for _ in range(5):
        assert clean(HARMLESS, "report.pdf").pages == 1
        found += processes()
    reader.close()

    assert len(found) == 5
    assert len({*found}) == 1
    assert processes() == []


@pytest.mark.long
def test_a_process_that_was_killed_is_replaced() -> None:
    """Another program of the machine may end it between two files."""
    clean(HARMLESS, "report.pdf")
    [before] = processes()
    os.kill(before, signal.SIGKILL)
    stat = Path(f"/proc/{before}/stat")
    assert until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z", 20)  # it has ended

    assert clean(HARMLESS, "report.pdf").pages == 1


@pytest.mark.long
def test_a_file_is_not_blamed_for_what_ends_its_process_once() -> None:
    """A lack of memory of the whole machine, for example; the second time it is the file."""
    data = hostile(SLOW)
    with ThreadPoolExecutor(1) as pool:
        for problem in ("its process ended with -9", "pdf-too-hard"):
            reading = pool.submit(clean, data, "report.pdf")
            assert until(lambda: bool(forks()), 60)
            [fork] = forks()
            os.kill(fork, signal.SIGKILL)

            with pytest.raises((OSError, MediaError), match=problem):
                reading.result(60)

    assert clean(HARMLESS, "next.pdf").pages == 1


@pytest.mark.long
def test_a_process_that_ends_as_it_reads_leaves_no_other() -> None:
    """Its file is read by the next run."""
    clean(HARMLESS, "report.pdf")
    [process] = processes()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(clean, hostile(SLOW), "report.pdf")
        assert until(lambda: bool(forks()), 60)
        [fork] = forks()
        os.kill(process, signal.SIGKILL)

        with pytest.raises(OSError, match="ended"):
            reading.result(60)

    assert until(lambda: not Path(f"/proc/{fork}").exists(), 20)
    assert clean(HARMLESS, "next.pdf").pages == 1


@pytest.mark.long
def test_a_pdf_does_not_wait_for_what_another_thread_reads() -> None:
    """Uploads into the newsroom keep neither the check of an entry nor a run waiting."""
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(clean, hostile(SLOW), "report.pdf")
        assert until(lambda: bool(forks()), 60)

        assert clean(HARMLESS, "next.pdf").pages == 1

        assert not reading.done()
        [fork] = forks()
        os.kill(fork, signal.SIGKILL)
        with pytest.raises(OSError, match="ended with -9"):
            reading.result(60)
    assert len(processes()) == 1


@pytest.mark.long
@pytest.mark.parametrize("command", [("/no/such/python",), ("/bin/false",)])
def test_a_machine_without_processes_refuses_no_pdf_for_good(
    command: tuple[str, ...],
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its entry waits, the log says why, and a later run publishes both."""
    newsroom.drop("report.pdf", HARMLESS)
    newsroom.drop("a.toml", entry_file(attachments='["report.pdf"]'))
    with monkeypatch.context() as patch:
        patch.setattr(pdf_process, "RUN_MODULE", command)
        newsroom.build()
        assert newsroom.codes() == ["media-unreadable"]

    newsroom.build()

    assert "No PDF can be read: " in caplog.text
    assert newsroom.codes() == []
    [item] = newsroom.items()
    assert [one["mime_type"] for one in item["attachments"]] == ["application/pdf"]


@pytest.mark.long
def test_without_forks_a_pdf_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, by the process that publishes."""
    monkeypatch.delattr(os, "fork")

    assert clean(HARMLESS, "report.pdf").pages == 1
    with pytest.raises(MediaError, match="media-broken"):
        clean(b"%PDF-1.7 and nothing else", "report.pdf")
    assert processes() == []
