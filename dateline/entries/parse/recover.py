"""Recovery of texts that are not quite TOML.

A text that is TOML is left as it is. In any other each statement is read alone, repaired where it
can only mean one thing, or explained. If one line cannot be repaired, none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dateline.entries import fields
from dateline.entries.fields import FILES, canonical_name
from dateline.entries.parse import diagnose, repairs, syntax_errors
from dateline.entries.parse.statements import Statement, lines, statements
from dateline.entries.scan import CUT_AFTER
from dateline.errors import EntryError, Problem, TomlError
from dateline.messages import shown
from dateline.messages.values import phrase
from dateline.model import Source
from dateline.text import toml
from dateline.text.expressions import regex

# Faults of a last line that may be the end, so far, of a file that is still being copied.
_MAY_BE_CUT = frozenset(
    {
        "body-one-quote", "brackets", "draft-not-bool", "file-not-entry", "file-not-toml", "list",
        "quote-close-missing", "quotes-missing", "quotes-rest", "section", "texts", "value-missing",
    }
)  # fmt: skip
# The marks of a program that merges, where two people changed the same line.
_ONE_VERSION = regex(r"^<{7}(?: .*)?$", re.MULTILINE)
_OTHER_VERSION = regex(r"^>{7}(?: .*)?$", re.MULTILINE)
_HOPELESS = 20  # lines in a row that cannot be read: the rest is not tried


class RecoveredText(NamedTuple):
    """A text as TOML, its table, and notes on what was repaired.

    The lines of `text` are those of the file.
    """

    text: str
    table: dict[str, object]
    notes: tuple[Problem, ...] = ()


def recover(source: Source, text: str) -> RecoveredText:
    """Return `text`, decoded from `source`, as TOML. Raises `EntryError`."""
    if line := _line_of_two_versions(text):
        raise EntryError(Problem(code="two-versions", file=source.path, line=line))
    try:
        return RecoveredText(text=text, table=toml.parse(text))
    except TomlError as error:
        read = list(_all_read(text))
        faults = list(diagnose.faults([(one.statement, one.stands) for one in read]))
        if faults and not all(one.stands for one in read):
            raise EntryError(*_problems(source, text, faults)) from error
    return _recovered(source.path, read)


def _line_of_two_versions(text: str) -> int:
    """Return the line, from 1, of the mark before two versions; 0 where there is none.

    Only the first mark is tried: where none ends after it, none ends after a later one.
    """
    first = _ONE_VERSION.search(text) if "<<<<<<<" in text else None
    if first is None or not _OTHER_VERSION.search(text, first.end()):
        return 0
    return text.count("\n", 0, first.start()) + 1


def twice(path: str, name: str, first: int, second: int) -> Problem:
    """Return the problem of a field that stands on two lines."""
    found = phrase("two-lines", first=first, second=second)
    return Problem(code="field-twice", file=path, line=second, field=shown(name), found=found)


def _recovered(path: str, read: Sequence[_Read]) -> RecoveredText:
    text = "\n".join(one.statement.text for one in read)
    notes = tuple(note for one in read for note in _notes(path, one))
    try:
        return RecoveredText(text=text, table=toml.parse(text), notes=notes)
    except TomlError as error:
        raise EntryError(_unread(path, read, text, error)) from error


def _all_read(text: str) -> Iterator[_Read]:
    broken = 0
    for statement in statements(text):
        yield (one := _read(statement))
        if statement.kind != "blank":
            broken = 0 if one.stands else broken + 1
        if broken == _HOPELESS:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    statement: Statement
    changes: tuple[repairs.Repair, ...] = ()
    stands: bool = True


def _read(statement: Statement) -> _Read:
    if statement.kind == "blank":
        # A note stays; of a line with invisible characters only, its end.
        note = statement.text.lstrip(" \t").startswith("#")
        plain = statement.text if note else "\n" * statement.text.count("\n")
        return _Read(statement=replace(statement, text=plain))
    if statement.fault:
        return _Read(statement=statement, stands=False)
    if repairs.stands(statement.text):
        return _Read(statement=statement)
    if statement.kind != "field":
        return _Read(statement=statement, stands=False)
    better, changes = repairs.with_repairs(statement)
    return _Read(statement=better, changes=tuple(changes), stands=repairs.stands(better.text))


def _notes(path: str, one: _Read) -> Iterator[Problem]:
    name = fields.canonical_name(one.statement.name) or one.statement.name
    for change in one.changes:
        if change.code:
            yield Problem(
                code=change.code,
                file=path,
                line=one.statement.line,
                field=name,
                found=shown(change.found) if isinstance(change.found, str) else change.found,
                wanted=change.wanted,
            )


def _problems(
    source: Source, text: str, faults: Sequence[syntax_errors.SyntaxFault]
) -> Iterator[Problem]:
    """Yield the problems of a text: that it is incomplete, or its faults."""
    last = faults[-1]
    in_a_line = not text.endswith("\n")
    is_open = last.code == "text-open" and last.line >= max(lines(text).values(), default=0)
    cut = (
        is_open
        or last.code in {"body-open", "quotes-hidden"}
        or (in_a_line and last.code in _MAY_BE_CUT and (last.line or 1) > text.count("\n"))
    )
    if cut and source.age < CUT_AFTER:
        if in_a_line or is_open:
            yield Problem(code="file-cut", file=source.path)
        else:
            yield Problem(code="body-cut", file=source.path, line=last.line, field="body")
        return
    if last.code == "body-open" and len(faults) == 1 and in_a_line:
        yield Problem(code="file-ends-early", file=source.path)
        return
    for fault in faults:
        yield Problem(
            code=fault.code,
            file=source.path,
            line=fault.line or None,
            field=fault.field or None,
            found=fault.found,
            wanted=fault.wanted,
        )


def _unread(path: str, read: Sequence[_Read], text: str, error: TomlError) -> Problem:
    """Return the problem that only the whole shows: a field that is given twice."""
    seen: dict[str, int] = {}
    for one in read:
        name = one.statement.name
        if one.statement.kind == "section":
            name = one.statement.text.strip(" \t[").partition("]")[0].strip()
            if canonical_name(name) in FILES and name in seen:
                return _of_files(path, name, seen[name], one.statement)
            seen = {name: one.statement.line}
        elif one.statement.kind == "field" and name in seen:
            return twice(path, name, seen[name], one.statement.line)
        seen.setdefault(name, one.statement.line)
    line = text.split("\n")[error.line - 1]
    return Problem(code="file-not-toml", file=path, line=error.line, found=shown(line))


def _of_files(path: str, name: str, first: int, second: Statement) -> Problem:
    """Return the problem of a list of files that is written in two ways."""
    if second.text.lstrip().startswith("[["):
        return twice(path, name, first, second.line)
    wanted = f"[[{name}]]"
    return Problem(code="file-brackets", file=path, line=second.line, field=name, wanted=wanted)
