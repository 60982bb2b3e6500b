"""The text of a file that is not out: its title, its lines, and the part that can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dateline.config import Config
from dateline.entries import scan
from dateline.entries.fields import TITLE_LENGTH, canonical_name
from dateline.entries.lazy_scan import scan_some
from dateline.entries.parse.encoding import decode
from dateline.entries.parse.recover import recover
from dateline.entries.parse.statements import Statement, statements
from dateline.entries.reader import EntryReader, ReadResult
from dateline.entries.scan import CUT_AFTER
from dateline.errors import HELD, EntryError, Problem
from dateline.messages import shown
from dateline.model import Source
from dateline.publish.notify.problem_files import written
from dateline.text.language import tag_of

NEVER = frozenset({"taken-down"})  # what is not to be seen again, not even by staff
_LINES = 400  # of a file, from a little before its first fault
_BEFORE = 50
_LONGEST = 2_000  # characters of a line
_ROUNDS = 5  # one fault may hide another


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line of a file, counted from 1; `is_wrong` where something on it has to be fixed."""

    number: int
    text: str
    is_wrong: bool


def headline(path: str, config: Config) -> tuple[str, str]:
    """Return title and language of the file called `path`, or empty texts where it is not TOML."""
    values = file_values(path, config)
    if values is None:
        return "", ""
    language = tag_of(str(values.get("language", ""))) or config.publication.language
    return shown(str(values.get("title", "")), TITLE_LENGTH), language


def file_values(path: str, config: Config) -> dict[str, object] | None:
    """Return the values of the file called `path`, as written, or None where it is not TOML."""
    found = scan_some(config.entries, [path])
    if found is None or path not in found.files or path in found.strays:
        return None
    try:
        source = scan.read(config.entries, path, found.files[path], clock=0)
        table = recover(source, decode(source).text).table
    except (EntryError, OSError):
        return None
    return {canonical_name(name): value for name, value in table.items()}


def lines(judged: ReadResult) -> tuple[SourceLine, ...]:
    """Return the lines of a file that cannot be published, or none where it is no text."""
    text = "\n".join(written(judged.path, judged.data)).rstrip().split("\n")
    if not judged.data.strip() or any("\0" in line for line in text):
        return ()
    wrong = _wrong(judged.problems)
    first = max(0, min(wrong, default=0) - _BEFORE)
    return tuple(
        SourceLine(number=number, text=_visible(line), is_wrong=number in wrong)
        for number, line in enumerate(text[first : first + _LINES], start=first + 1)
    )


def without_faults(judge: EntryReader, judged: ReadResult, day: date) -> ReadResult | None:
    """Read a held file as if the fields at fault were not in it; None where too little is left.

    `day` replaces a date at fault.
    """
    text = "\n".join(written(judged.path, judged.data))
    for _ in range(_ROUNDS):
        found = judge.meaning(Source(path=judged.path, data=text.encode(), age=CUT_AFTER))
        rest = _rest(text, found.problems, day)
        if found.story or rest == text:
            return found if found.story else None
        text = rest
    return None


def _rest(text: str, problems: Sequence[Problem], day: date) -> str:
    if {problem.code for problem in problems if problem.state in HELD} == {"date-missing"}:
        return f"date = {day:%Y-%m-%d}\n{text}"
    wrong = _wrong(problems)
    if not wrong:
        return text
    return "\n".join(one.text for one in statements(text) if not wrong & _numbers(one))


def _wrong(problems: Sequence[Problem]) -> set[int]:
    return {one.line for one in problems if one.line and one.state in HELD}


def _numbers(statement: Statement) -> set[int]:
    return {*range(statement.line, statement.line + statement.text.count("\n") + 1)}


def _visible(line: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in line[:_LONGEST])
    return f"{shown.rstrip()}…" if len(line) > _LONGEST else shown.rstrip()
