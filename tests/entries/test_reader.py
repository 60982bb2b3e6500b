"""Each file is judged alone, and a fault of one does not affect the others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time, time_ns

import pytest
from PIL import Image

from dateline.entries import scan
from dateline.entries.reader import EntryReader, ReadResult
from support.samples import sample_publication

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GOOD = 'title = "Report"\ndate = 2026-11-24\nbody = "Text."\n'


def judged(folder: Path, name: str = "a.toml", *, settled: int = 2**62) -> ReadResult:
    """Scan a folder and judge one file of it; all are settled unless `settled` is false."""
    return reader_of(folder, settled=settled).read(name)


def reader_of(folder: Path, *, settled: int = 2**62) -> EntryReader:
    """Return a reader of the files in a folder."""
    return EntryReader(
        folder=folder,
        scan=scan.scan_all(folder),
        publication=sample_publication(),
        now=NOW,
        clock=time_ns(),
        settled=settled,
    )


def codes(one: ReadResult) -> list[str]:
    """Return the codes of a file's problems."""
    return [problem.code for problem in one.problems]


def test_a_valid_file_has_its_story(tmp_path: Path) -> None:
    """It has its bytes too, since the ledger keeps every version."""
    (tmp_path / "a.toml").write_text(GOOD)

    one = judged(tmp_path)

    assert one.story
    assert (one.story.title, one.data, codes(one)) == ("Report", GOOD.encode(), [])


def test_an_unsettled_file_is_not_read(tmp_path: Path) -> None:
    """It is waited for."""
    (tmp_path / "a.toml").write_text(GOOD)

    one = judged(tmp_path, settled=0)

    assert (one.story, one.data, codes(one)) == (None, b"", ["file-changing"])


@pytest.mark.parametrize("gone", ["a.toml", "below/a.toml", "link.toml"])
def test_a_file_deleted_since_the_scan_is_not_called_unreadable(gone: str, tmp_path: Path) -> None:
    """Nobody can open it for staff: the next scan, in a moment, will not have it."""
    (tmp_path / "below").mkdir()
    for name in ("a.toml", "below/a.toml", "old.toml"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "link.toml").symlink_to("old.toml")
    reader = reader_of(tmp_path)
    if gone == "link.toml":
        (tmp_path / "old.toml").unlink()
    else:
        (tmp_path / gone).unlink()
    if gone.startswith("below"):
        (tmp_path / "below").rmdir()

    assert codes(reader.read(gone)) == ["file-changing"]


def test_a_picture_deleted_since_the_scan_is_not_called_unreadable(tmp_path: Path) -> None:
    """Its entry is read again in a moment, without it."""
    image = 'image = "a.png"\nimage_alt = "A"\n'
    (tmp_path / "a.toml").write_text(GOOD.replace("body", f"{image}body", 1))
    (tmp_path / "a.png").write_bytes(b"x")
    reader = reader_of(tmp_path)
    (tmp_path / "a.png").unlink()

    assert codes(reader.read("a.toml")) == ["file-changing"]


def test_a_document_of_a_word_processor_is_held_by_its_name(tmp_path: Path) -> None:
    """It is not read, and the message names its kind."""
    (tmp_path / "a.odt").write_bytes(b"x")

    one = judged(tmp_path, "a.odt")

    assert (codes(one), str(one.problems[0].found), one.data) == (
        ["file-word"],
        "LibreOffice document",
        b"",
    )


def test_a_faulty_file_keeps_its_lines_for_later_decisions(tmp_path: Path) -> None:
    """Faults that are found later have the lines of their fields."""
    (tmp_path / "a.toml").write_text(GOOD.replace("2026-11-24", '"soon"'))

    one = judged(tmp_path)

    assert (one.problems[0].line, one.lines["body"]) == (2, 3)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ('event = ""', ["event-empty"]),
        ("Event = ''", ["event-empty"]),
        ("attachments = []", ["attachments-empty"]),
        ('event = "December 2026"', []),
        ('# event = ""', []),
        ('place = ""', []),
        ('status = "retracted"\nretraction = "Wrong."\nevent = ""', []),
    ],
)
def test_a_field_that_decides_the_kind_is_not_empty(
    line: str, reported: list[str], coding: str, tmp_path: Path
) -> None:
    """Other fields may be empty, and a retraction takes effect at once."""
    text = GOOD.replace("body =", f"{line}\nbody =").replace("Text.", "event = \\nwell")
    (tmp_path / "a.toml").write_text(text, encoding=coding)

    one = judged(tmp_path)

    assert [code for code in codes(one) if code != "file-utf16"] == reported
    assert bool(one.story) is ("event-empty" not in reported)


def test_an_empty_field_is_reported_with_all_other_faults(tmp_path: Path) -> None:
    """Each fault has its line."""
    text = GOOD.replace("2026-11-24", '"soon"').replace("body =", 'event = ""\nbody =')
    (tmp_path / "a.toml").write_text(text)

    one = judged(tmp_path)

    assert [(p.code, p.line) for p in one.problems] == [
        ("event-empty", 3),
        ("date-vague", 2),
    ]


@pytest.mark.parametrize("name", ["a (1).toml", "Copy of a.toml", "a-PRESS-PC.toml"])
def test_a_copy_is_judged_again_when_its_original_changes(name: str, tmp_path: Path) -> None:
    """Its state depends on these two files only."""
    (tmp_path / "a.toml").write_text(GOOD.replace("Report", "Other").replace("24", "20"))
    (tmp_path / name).write_text(GOOD.replace("Text", "Quite something else"))
    free = judged(tmp_path, name)
    (tmp_path / "a.toml").write_text(GOOD)

    held = judged(tmp_path, name)

    assert (bool(free.story), bool(held.story)) == (True, False)
    assert list(free.beside) == list(held.beside) == ["a.toml"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((f"a{end}.toml", "name-version") for end in ("_v2", " old", ".bak", "-FINAL final")),
        ("a - corrigé.toml", "name-version"),
        *((f"a{end}.toml", "name-version") for end in (" draft", "_rev. 2", "-v1.2", " (final)")),
        *((f"a {end}.toml", "name-version") for end in ("updated", "- final version", "révisé")),
        *((f"{start} a.toml", "name-version") for start in ("draft", "updated", "rev 3")),
        *((f"{start}a.toml", "name-version") for start in ("FINAL_", "v2 ", "new-", "backup of ")),
    ],
)
def test_another_version_beside_its_original_is_a_copy(
    name: str, code: str, tmp_path: Path
) -> None:
    """Also under another headline; a file with another text is news of its own."""
    text = GOOD.replace("Text", "The harbour board met on Tuesday and decided on new rules")
    other = GOOD.replace("Report", "Fish").replace("Text", "Quite other words")
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / name).write_text(text.replace("Report", "Headline"))
    held = judged(tmp_path, name)
    (tmp_path / name).write_text(other)

    assert codes(held) == [code]
    assert judged(tmp_path, name).story


@pytest.mark.parametrize("end", ["-week-11", "-march-12", "-edition2"])
def test_a_number_behind_a_name_is_no_computer(end: str, tmp_path: Path) -> None:
    """News of a series has the title of the one before."""
    text = GOOD.replace("Text", "The harbour board met on Tuesday and decided on 31 new rules")
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / f"a{end}.toml").write_text(text.replace("24", "25").replace("31", "45"))

    assert judged(tmp_path, f"a{end}.toml").story


def test_a_translation_beside_its_original_is_no_copy(tmp_path: Path) -> None:
    """Language and text differ."""
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "a-fr.toml").write_text(f'language = "fr"\n{GOOD}')

    assert judged(tmp_path, "a-fr.toml").story


def test_a_copy_of_a_faulty_file_is_held_too(tmp_path: Path) -> None:
    """It does not replace the original while that is being corrected."""
    (tmp_path / "a.toml").write_text(GOOD.replace("date =", "date"))
    (tmp_path / "a (1).toml").write_text(GOOD)

    assert codes(judged(tmp_path, "a (1).toml")) == ["name-copy"]


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 200_000 + GOOD,
        f"title = {'1' * 200_000}\n",
        "\n\n".join(["a"] * 100_000),
        f"{'=' * 100_000}\n",
        f"categories = [{'ab' * 100_000}\n",
    ],
    ids=["empty lines", "digits", "lines of nothing", "equals signs", "a list without quotes"],
)
def test_no_file_takes_long_to_judge(text: str, tmp_path: Path) -> None:
    """Neither a file nor the original with which it is compared."""
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "a-2.toml").write_text(GOOD.replace("Report", "Other").replace("24", "20"))
    begun = process_time()

    one, other = judged(tmp_path), judged(tmp_path, "a-2.toml")

    assert process_time() - begun < 2
    assert bool(one.story) is (GOOD in text)
    assert other.story


@pytest.mark.parametrize(
    "text",
    [
        'title = "A"\ndate = 2026-11-02\n',
        '# New\r\n\r\ntitle = "A # B"  # C\r\nlanguage = "fr"\r\ndate = 2026-11-02 # D\r\n',
        'date = 2026-11-02T23:30:00-05:00\ntitle = "A"\n',
        'date = "2 November 2026"\ntitle = "A"\n',
        'title = """\ndate = 2026-11-03\n"""\ndate = 2026-11-02\n',
        'title = "A"\nbody = """\ndate = 2026-11-03\n"""\ndate = 2026-11-02\n',
        'title = "A"\ndate = 2026-13-02\n',
        'title = "A"\n',
        "title = ",
    ],
)
def test_the_day_of_a_file_is_that_of_its_story(tmp_path: Path, text: str) -> None:
    """A first import is cut between days; a file that cannot be read has the earliest day."""
    (tmp_path / "a.toml").write_text(f'{text}body = "Text."\n')

    story = judged(tmp_path).story
    start = story.date.start if story else date.min

    zone = sample_publication().zone
    day = start.astimezone(zone).date() if isinstance(start, datetime) else start
    assert reader_of(tmp_path).day("a.toml") == day


@pytest.mark.long
@pytest.mark.parametrize("kind", ["L", "broken"])
def test_a_file_that_is_named_in_many_ways_is_read_once(tmp_path: Path, kind: str) -> None:
    """Each reading of a large picture, or of a PDF, may take seconds, broken or not."""
    if kind == "L":
        Image.new(kind, (4000, 4000)).save(tmp_path / "pier.png")
    else:
        (tmp_path / "pier.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20_000_000))
    links = " ".join(f"![The pier](a{number}/../pier.png)" for number in range(1000))
    (tmp_path / "a.toml").write_text(GOOD.replace("Text.", links))
    begun = process_time()

    one = judged(tmp_path)

    assert process_time() - begun < 4
    assert len(one.documents) == (kind == "L")
    assert bool(one.story) is (kind == "L")
