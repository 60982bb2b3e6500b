"""Faulty files of every known kind: their state, line and help are right.

`data/bad_entries.tsv` and its folder hold whole files; a row of `data/more_entries.tsv` is
one good file with a line of it replaced, saved or named as the row says.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import config as configuration
from dateline import publish
from dateline.errors import MOST_OF_A_KIND, Problem, State
from dateline.model import Report
from dateline.publish.check import check
from support.paths import DATA
from support.publication import CONFIG

BAD = DATA / "bad_entries"
GOOD = (BAD / "2008-10-20-lebanon.toml.txt").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
YOUNG = timedelta(minutes=9)
# An unfinished copy looks like a truncated file: only its age tells them apart.
EITHER = {"11-body-never-closed.toml", "77-empty.toml", "78-half-copied.toml"}
BESIDE = {
    "2008-10-20-lebanon (1).toml": ("2008-10-20-lebanon.toml", GOOD.encode()),
    "2008-10-20-lebanon-DESKTOP-4F7KQ2.toml": ("2008-10-20-lebanon.toml", GOOD.encode()),
    "75b-same-id.toml": ("75a-same-id.toml", (BAD / "75a-same-id.toml").read_bytes()),
}
# Words that a message needs, so that staff know what to do.
HELP = {
    "01-smart-double-quotes.toml": ["quotes", "title", "nothing to do"],
    "04-guillemets.toml": ['plain quotes (")', "« »", "Inside"],
    "05-no-quotes.toml": ['title = "UNODC launches report on trafficking in Lebanon"'],
    "07-missing-opening-quote.toml": ["opening quote", "after the equals sign"],
    "11-body-never-closed.toml": ['Add """ on a line of its own at the end'],
    "13-triple-quotes-inside-body.toml": ["too early", "single quotes or curly quotes"],
    "14-windows-path.toml": ["C:\\Users\\press\\photo.jpg", "your own computer", '"photo.jpg"'],
    "15-backslash-silently-changes-text.toml": ["use / and not \\", '"photos/new/table.jpg"'],
    "19-utf16-be.toml": ["Unicode big endian", "UTF-16", "UTF-8"],
    "2008-10-20-lebanon (1).toml": ["second copy", "2008-10-20-lebanon.toml", "title and date"],
    "2008-10-20-lebanon-DESKTOP-4F7KQ2.toml": ["conflict", "Keep the right text", "delete"],
    "2008-10-20-lebanon.toml.txt": [".toml.txt", "File name extensions"],
    "25-no-break-space.toml": [],
    "27-full-width-punctuation.toml": ["＝", "＂", "nothing to do"],
    "28-cyrillic-letter-in-key.toml": ["tіtle", "Cyrillic і", "Latin keyboard"],
    "31-hugo-plus-front-matter.toml": ["+++", "body ="],
    "33-duplicate-key.toml": ["twice", "1 and 3", "Keep one"],
    "34-key-typo.toml": ["titel", "Did you mean title?"],
    "36-title-and-Title.toml": ["twice", "1 and 3", "Keep one"],
    "37-unknown-key.toml": ["colour", "ignored"],
    "38-keys-after-section.toml": ["title and the lines after it", "[event]", "2008-11-30"],
    "40-trailing-semicolon.toml": ["; at the end", "nothing to do"],
    "41-trailing-comma.toml": ["comma at the end", "nothing to do"],
    "44-date-in-words-no-quotes.toml": ["2008-10-20"],
    "48-date-impossible.toml": ["there is no"],
    "50-date-time-space-offset.toml": ["20 October 2008, 10:00", "+02:00"],
    "51-date-year-typo.toml": ["20 October 2080", "54 years", "correct the year"],
    "52-date-missing.toml": ["date = 2026-11-25"],
    "53-date-is-a-range.toml": ["one day", 'event = "30 November - 3 December 2008"'],
    "54-event-without-year.toml": ["no year", '"30 November - 3 December 2008"'],
    "55-date-two-digit-year.toml": ["four digits", "2008-10-20"],
    "56-date-wrong-weekday.toml": ["Monday", "Tuesday", "Which is right?"],
    "57-updated-before-date.toml": ["2008-10-01", "2008-10-20", "Correct one"],
    "59-zone-abbreviation.toml": ["IST", "India", "Israel", "Ireland", "+05:30"],
    "62-title-is-a-number.toml": ["text between quotes", 'title = "2008"'],
    "65-draft-True.toml": ["draft = true", "small letters", "draft and is not published"],
    "66-draft-yes.toml": ['"yes"', "true", "draft and is not published"],
    "67-link-without-https.toml": ["https:// was added", "https://www.news.example.org/2008/"],
    "68-link-to-own-computer.toml": ["your own computer", "beside this", "web address"],
    "69-link-javascript.toml": ["https:// or http://"],
    "71-image-not-there.toml": ["team.jpg", "left out", "(none)"],
    "73-language-name.toml": ['"English"', "read as en"],
    "75b-same-id.toml": ['"lebanon-report"', "75a-same-id.toml", "remove the id line"],
    "76-template-unchanged.toml": ["template text", "Write your own title"],
    "77-empty.toml": ["empty", "Copy it again"],
    "78-half-copied.toml": ["ends in the middle", "Copy it again"],
    "79-word-document-renamed.toml": ["Word document", "UTF-8", "new entry file"],
    "80-rich-text.toml": ["rich text", "Make Plain Text"],
    "lebanon-report.docx": ["Word document", "new entry file"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Result of `check` for one file: its state, the lines of that, and all messages."""

    state: str
    lines: tuple[int | None, ...]
    codes: tuple[str, ...]
    text: str


def verdict(folder: Path, name: str, files: dict[str, bytes], age: timedelta = A_DAY) -> Verdict:
    """Check `files` alone in a new entries folder, last changed `age` ago."""
    report = checked(folder, files, age)
    found = [problem for problem in report.problems if problem.file == name]
    return summed_up(found, known=name in report.states)


def found_in(folder: Path, files: dict[str, bytes]) -> tuple[Problem, ...]:
    """Return all problems of `files` in a new entries folder."""
    return checked(folder, files, A_DAY).problems


def checked(folder: Path, files: dict[str, bytes], age: timedelta) -> Report:
    """Return the report on `files` alone in a new entries folder, last changed `age` ago."""
    entries = folder / "entries"
    for path, data in files.items():
        (entries / path).parent.mkdir(parents=True, exist_ok=True)
        (entries / path).write_bytes(data)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = configuration.load(folder / "config.toml")
    return check(config, publish.RunRequest(now=NOW, clock=datetime.now(UTC) + age))


def summed_up(found: list[Problem], *, known: bool) -> Verdict:
    """Return the worst state of a file's problems; without any, `ok` or that it was skipped."""
    order = ["none", State.ACCEPT, State.WARN, State.WAIT, State.HOLD, State.SKIP]
    worst = max((p.state for p in found), key=order.index, default="accept" if known else "none")
    return Verdict(
        state=str(worst),
        lines=tuple(problem.line for problem in found if problem.state == worst) or (None,),
        codes=tuple(problem.code for problem in found),
        text="\n".join(problem.message for problem in found),
    )


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table in `tests/data/`."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        if name.startswith("bad"):
            return list(csv.DictReader(lines, delimiter="\t"))
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", rows("bad_entries.tsv"), ids=lambda row: row["file"])
def test_a_faulty_file_has_its_state_and_line(row: dict[str, str], tmp_path: Path) -> None:
    """Each faulty file has its state and line, and the message has a remedy."""
    name = row["file"]
    beside = dict([BESIDE[name]] if name in BESIDE else [])

    found = verdict(tmp_path, name, {name: (BAD / name).read_bytes(), **beside})

    right = "hold" if name in EITHER else row["action"].lower()
    assert (found.state, [part for part in HELP.get(name, []) if part not in found.text]) == (
        right,
        [],
    )
    assert (int(row["line"]) if row["line"] else None) in found.lines
    assert bool(found.text) is not row["ideal_message"].startswith("(no message")


@pytest.mark.parametrize("name", sorted(EITHER))
def test_a_young_incomplete_file_is_waited_for(name: str, tmp_path: Path) -> None:
    """For ten minutes it may still be uploading."""
    found = verdict(tmp_path, name, {name: (BAD / name).read_bytes()}, YOUNG)

    assert found.state == "wait"


@pytest.mark.parametrize(
    "row", rows("more_entries.tsv"), ids=lambda row: f"{row['text'] or row['file']}-{row['saved']}"
)
def test_a_fault_has_its_state_line_and_code(row: dict[str, str], tmp_path: Path) -> None:
    """Each repair is reported."""
    name = row["file"] or "report.toml"
    beside = {row["beside"]: GOOD.encode()} if row["beside"] else {}

    found = verdict(tmp_path, name, {name: saved(edited(row), row["saved"]), **beside})

    right = (row["state"], row["told"], row["code"])
    assert right == (found.state, str(found.lines[0] or ""), " ".join(found.codes))


CONFLICTS = [
    "report-anna.toml", "report 2.toml", "report-PRESS-PC.toml", "report.mine.toml",
    "report-conflict.toml", "report_conf(1).toml", "report.sync-conflict-20261125-101500.toml",
]  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_news_that_looks_like_a_conflict_copy_may_be_news_of_its_own(
    name: str, tmp_path: Path
) -> None:
    """With a name and a title of its own, as the message says, even if the text is nearly equal."""
    lines = GOOD.replace("60 cases", "61 cases").split("\n")
    files = {"report.toml": GOOD.encode(), name: "\n".join(lines).encode()}
    own = "\n".join(['title = "Prices of fish"', *lines[1:]]).encode()

    before = verdict(tmp_path / "before", name, files)
    after = verdict(
        tmp_path / "after",
        "report-fish.toml",
        {"report.toml": GOOD.encode(), "report-fish.toml": own},
    )

    assert before.codes == ("name-conflict",)
    assert "give it its own file name and title" in before.text
    assert (after.state, after.codes) == ("accept", ())


# Lines of a file, and where each of its problems is.
SEVERAL = [
    (
        ['titel = "A"', 'date = "32 May 2008"', 'link = "example"', 'body = "x"'],
        {"field-misspelt": 1, "date-no-such-day": 2, "link-not-web": 3},
    ),
    (
        ['title = "A"', 'dat = "32 May 2008"', 'langage = "zz9"', 'boby = "x"'],
        {"field-misspelt": 2, "language-unknown": 3, "date-no-such-day": 2},
    ),
    (
        ['title = "A"', "link = 5", 'date = "32 May 2008"', 'body = "x"'],
        {"field-not-text": 2, "date-no-such-day": 3},
    ),
    (  # no word on a retraction: the status that belongs to it is at fault itself
        ['title = "A"', "date = 2008-05-12", 'retraction = "R"', "status = 3", 'body = "x"'],
        {"field-not-text": 4},
    ),
    (  # nor on the date: it may be right in the language that was meant
        ['title = "A"', 'date = "12 von Mai 2008"', "language = 7", 'body = "x"'],
        {"field-not-text": 3},
    ),
    (
        ['title = "A"', 'attachments = [{fil = "a.pdf"}]', 'link = "example"', 'body = "x"'],
        {"file-key-misspelt": 2, "date-missing": None, "link-not-web": 3},
    ),
]


@pytest.mark.parametrize(("lines", "told"), SEVERAL, ids="-".join)
def test_a_field_at_fault_does_not_hide_the_faults_of_others(
    lines: list[str], told: dict[str, int | None], tmp_path: Path
) -> None:
    """One correction is enough: the file is judged as the fields that were meant."""
    found = checked(tmp_path, {"a.toml": "\n".join(lines).encode()}, A_DAY).problems

    assert {one.code: one.line for one in reversed(found) if one.state == State.HOLD} == told


@pytest.mark.parametrize(
    ("each", "code"),
    [('{fil = "a.pdf"}', "file-key-misspelt"), ('{file = "a.pdf", language = "zz9"}', None)],
)
def test_only_some_faults_of_one_kind_are_reported(
    each: str, code: str | None, tmp_path: Path
) -> None:
    """A file of a megabyte must not fill notes and pages with one sentence."""
    files = ", ".join([each] * 200)
    text = f'title = "A"\ndate = 2008-05-12\nattachments = [{files}]\nbody = "x"\n'

    found = checked(tmp_path, {"a.toml": text.encode()}, A_DAY).problems

    codes = [problem.code for problem in found]
    assert code is None or code in codes
    assert max(map(codes.count, codes)) <= MOST_OF_A_KIND


def edited(row: dict[str, str]) -> str:
    """Return the good file, with one line replaced by `text`, in which ⏎ stands for a line end."""
    lines = GOOD.split("\n")
    if row["line"]:
        signs = str.maketrans("⏎⍽␋", "\n\u00a0\x0b")
        lines[int(row["line"]) - 1] = row["text"].translate(signs)
    text = "\n".join(lines)
    if row["saved"] == "another":
        text = text.replace("2008-10-20", "2008-11-03").replace("UNODC launches", "Judges read")
        text = text.replace(text[text.index('"""') :], '"""\nForty judges met in Beirut.\n"""\n')
    return text.replace("60 cases", "61 cases") if row["saved"] == "edited" else text


def saved(text: str, how: str) -> bytes:
    """Return the bytes of a text: in a coding, misread and saved again, or with other line ends."""
    if how in {"crlf", "cr"}:
        return text.replace("\n", {"crlf": "\r\n", "cr": "\r"}[how]).encode()
    if " " in how:
        first, then = how.split()
        return b"".join(
            (bytes([byte]).decode(then, "ignore") or chr(byte)).encode()
            for byte in text.encode(first)
        )
    return text.encode("utf-8" if how in {"", "copied", "edited", "another"} else how)


def test_an_attached_document_needs_no_warning(tmp_path: Path) -> None:
    """A Word document may be attached; it is not reported as no entry."""
    entry = GOOD.replace("body =", 'attachments = ["notes.txt"]\nbody =')
    files = {"report.toml": entry.encode(), "notes.txt": b"Notes"}

    assert verdict(tmp_path, "notes.txt", files).state == "none"
    assert verdict(tmp_path, "report.toml", files).state == "accept"


def test_a_name_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    """Staff can rename the file; the other files are published."""
    folder = os.fsencode(tmp_path / "entries")
    os.mkdir(folder)  # noqa: PTH102 - a name of bytes
    with open(os.path.join(folder, b"r\xe9port.toml"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(GOOD.encode())

    found = verdict(tmp_path, "r\ufffdport.toml", {"b.toml": GOOD.encode()})

    assert (found.state, found.codes) == ("hold", ("name-not-plain",))


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside.toml", "nothing.toml"])
def test_a_link_to_outside_is_reported_and_not_read(target: str, tmp_path: Path) -> None:
    """Files outside the entries folder are private."""
    (tmp_path / "outside.toml").write_text(GOOD)
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries/a.toml").symlink_to(target)

    found = verdict(tmp_path, "a.toml", {})

    assert (found.state, found.codes) == ("hold", ("link-outside",))


def test_a_link_to_a_picture_outside_is_not_published(tmp_path: Path) -> None:
    """An entry that names it is held, so that nothing leaks."""
    (tmp_path / "secret.txt").write_text("EMBARGOED")
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries/a.txt").symlink_to(tmp_path / "secret.txt")
    entry = GOOD.replace("body =", 'attachments = ["a.txt"]\nbody =').encode()

    found = verdict(tmp_path, "report.toml", {"report.toml": entry})

    assert (found.state, found.codes) == ("hold", ("file-outside",))
