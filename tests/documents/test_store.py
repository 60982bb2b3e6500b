"""Documents are written whole, dated, and in an order in which no link is broken."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest

from dateline.documents import as_store_error
from dateline.documents.compression import _MAKE, ENDINGS, OTHERWISE
from dateline.documents.store import Store, threads
from dateline.errors import StoreError
from dateline.model import Document, Role
from dateline.system import heartbeat
from dateline.system.decompression import decoded
from support.paths import ROOT

MOMENT = 1_700_000_000
_NOBODY = 65534


def document(path: str, data: bytes = b"x") -> Document:
    """Return a document."""
    return Document(path=path, role=Role.PAGE, media_type="text/plain", data=data)


def store_and_show(folder: Path, *documents: Document, changed: int = MOMENT) -> None:
    """Write documents, and make them live."""
    store = Store(folder)
    store.begin()
    store.show([written() for written in [store.write(one, changed) for one in documents]])


def test_a_document_has_its_bytes_and_its_modification_time(tmp_path: Path) -> None:
    """The file's modification time is when the document changed."""
    store_and_show(
        tmp_path / "feeds", document("2008/10/report.html", b"text"), changed=1_234_567_890
    )

    file = tmp_path / "feeds/2008/10/report.html"
    assert (file.read_bytes(), file.stat().st_mtime) == (b"text", 1_234_567_890)


def test_no_temporary_file_stays(tmp_path: Path) -> None:
    """After a run only documents are there, even if an earlier run was killed."""
    (tmp_path / ".new").mkdir()
    (tmp_path / ".new/0").write_bytes(b"half")

    store_and_show(tmp_path, document("a.txt"), document("b.txt"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_publisher_keeps_the_temporary_files_of_another(
    tmp_path: Path, *, has_ended: bool
) -> None:
    """Two publishers without a common lock may write at once, on two machines for example."""
    script = (
        "import sys; from pathlib import Path; from dateline.model import Document, Role\n"
        "from dateline.documents.store import Store\n"
        "one = Document(path='a.txt', role=Role.PAGE, media_type='text/plain', data=b'a')\n"
        "store = Store(Path(sys.argv[1])); store.begin(); written = store.write(one, 1)()\n"
        "print('written', flush=True); input(); store.show([written])\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "written\n"
        if has_ended:
            other.kill()
            other.wait()
        store_and_show(tmp_path, document("b.txt"))
        left = [*(tmp_path / ".new").glob("*/*/*")]
        other.communicate("" if has_ended else "\n")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert (len(left), names) == ((0, ["b.txt"]) if has_ended else (1, ["a.txt", "b.txt"]))


def test_documents_stay_when_writing_fails(tmp_path: Path) -> None:
    """No document is replaced before all are written."""
    store_and_show(tmp_path, document("a.txt", b"old"))
    (tmp_path / "c").write_bytes(b"a file where a folder is needed")

    with pytest.raises(StoreError, match=str(tmp_path)):
        store_and_show(tmp_path / "c", document("a.txt", b"new"))

    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_a_document_can_be_removed_twice(tmp_path: Path) -> None:
    """Removing a missing document does nothing."""
    store = Store(tmp_path)
    store.show([store.write(document("a.txt"), MOMENT)()])

    store.remove(["a.txt"])
    store.remove(["a.txt"])

    assert list(tmp_path.iterdir()) == []


def test_an_error_in_a_writing_thread_is_raised(tmp_path: Path) -> None:
    """Long documents are compressed and written by threads, whose errors are not lost."""
    store = Store(tmp_path)
    page = Document(path="index.html", role=Role.PAGE, media_type="text/html", data=b"x" * 500)

    with patch(
        "dateline.documents.store.os.utime", side_effect=PermissionError(1, "not permitted")
    ):
        written = store.write(page, MOMENT)
        with pytest.raises(StoreError, match="not permitted"):
            written()


@pytest.mark.parametrize("is_last", [False, True])
def test_an_error_of_a_sync_that_began_early_is_raised(tmp_path: Path, *, is_last: bool) -> None:
    """The system reports an error of the disk once: the documents do not go live."""
    store_and_show(tmp_path / "feeds", document("a.txt", b"old"))
    store = Store(tmp_path / "feeds")
    written = store.write(document("a.txt", b"new"), MOMENT)()

    (tmp_path / "feeds").rename(tmp_path / "away")
    store.begin_sync(is_last=is_last)
    threads().shutdown()  # when it has ended
    threads.cache_clear()
    (tmp_path / "away").rename(tmp_path / "feeds")

    with pytest.raises(StoreError, match="No such file"):
        store.show([written])
    assert (tmp_path / "feeds/a.txt").read_bytes() == b"old"

    store.show([written])  # the next run syncs again
    assert (tmp_path / "feeds/a.txt").read_bytes() == b"new"


def test_a_temporary_file_that_cannot_be_written_is_not_named(tmp_path: Path) -> None:
    """It has another name in each run, and one fault would seem to be many."""
    store = Store(tmp_path)
    (tmp_path / ".new").write_bytes(b"No user can write into a file.")

    with pytest.raises(StoreError) as caught:
        store.write(document("2026/10/a.html"), MOMENT)()

    assert str(caught.value).startswith(f"{tmp_path}: ")


def test_an_error_is_reported_where_the_disk_does_not_say_what_is_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is of the first error."""

    def failing(path: Path) -> bool:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(Path, "is_dir", failing)
    document = tmp_path / "news.rss"

    with pytest.raises(StoreError, match=r"news\.rss: Stale file handle"), as_store_error(tmp_path):
        raise OSError(errno.ESTALE, "Stale file handle", str(document))


def test_a_wait_for_the_disk_may_take_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor allows ten minutes for it: a slow disk with much to write is no fault."""
    beats: list[int] = []
    monkeypatch.setattr(heartbeat, "beat", lambda within=0: beats.append(within))
    store = Store(tmp_path)
    written = store.write(document("a.txt"), MOMENT)()
    store.begin_sync(is_last=True)
    store.show([written])
    wait_for_names = store.begin_names()
    shown, beats[:] = [*beats], []
    wait_for_names()

    assert shown[:2] == [heartbeat.LONG, 0]
    assert beats == [heartbeat.LONG, 0]


@pytest.mark.parametrize(
    ("sized", "otherwise", "kept"),
    [
        ({"br": 800, "zstd": 700, "gzip": 1000}, 990, {"br": 800, "zstd": 700, "gzip": 1000}),
        ({"br": 800, "zstd": 800, "gzip": 1000}, 740, {"br": 800, "zstd": 740, "gzip": 1000}),
        ({"br": 800, "zstd": 800, "gzip": 1000}, 800, {"br": 800, "gzip": 1000}),
        ({"br": 801, "zstd": 700, "gzip": 1000}, 990, {"zstd": 700, "gzip": 1000}),
        ({"br": 3601, "zstd": 3600, "gzip": 4000}, 3999, {"zstd": 3600, "gzip": 4000}),
        ({"br": 4600, "zstd": 4600, "gzip": 4900}, 4100, {"gzip": 4900}),
        ({"br": 4600, "zstd": 4700}, 4100, {"br": 4600, "zstd": 4700}),
    ],
)
def test_no_two_forms_of_a_document_have_one_validator(
    tmp_path: Path, sized: dict[str, int], otherwise: int, kept: dict[str, int]
) -> None:
    """With a shared ETag, ranges of different forms could be joined.

    A form that saves less than a tenth over gzip, or less than 200 bytes, is not kept either.
    """

    def makers(_: Document, __: object) -> dict[str, Callable[[bytes], bytes]]:
        return {coding: itemgetter(slice(size)) for coding, size in sized.items()}

    other = {"zstd": itemgetter(slice(otherwise))}
    with (
        patch("dateline.documents.store.makers", makers),
        patch("dateline.documents.store.OTHERWISE", other),
    ):
        store = Store(tmp_path)
        sheet = store.write(document("a.txt", bytes(5000)), MOMENT)()
        store.show([sheet])

    assert list(sheet.sizes.items()) == list(kept.items())
    forms = {f"a.txt{ENDINGS[coding]}": size for coding, size in kept.items()}
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == {
        "a.txt": 5000,
        **forms,
    }
    assert {*sheet.gone} == {f"a.txt{ENDINGS[coding]}" for coding in ENDINGS.keys() - kept.keys()}


def test_coded_forms_hold_the_same_text() -> None:
    """Readers of each form get the same text."""
    data = b"text " * 99

    for coding, make in OTHERWISE.items():
        assert len(make(data)) != len(_MAKE[coding](data))
        assert decoded(coding, make(data)) == data


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other permissions")
def test_a_folder_that_cannot_be_written_to_is_named() -> None:
    """The message names the folder of the document, below the one that can be written to."""
    user = os.geteuid()
    with TemporaryDirectory() as name:
        closed = Path(name, "2026")
        closed.mkdir()
        if user == 0:
            os.chown(name, _NOBODY, -1)
            os.chown(closed, _NOBODY, -1)
        closed.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(_NOBODY)
            with pytest.raises(StoreError) as refused:
                store_and_show(Path(name), document("2026/report.html"))
        finally:
            os.seteuid(user)

    assert str(refused.value) == (
        f"{closed}: Permission denied. Let the user that runs serve read and write there, or type "
        "the command as that user."
    )


def test_a_read_only_disk_says_what_to_do(tmp_path: Path) -> None:
    """The system's words alone do not."""
    with (
        pytest.raises(StoreError, match=r"Have the disk mounted for writing"),
        as_store_error(tmp_path),
    ):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path))
