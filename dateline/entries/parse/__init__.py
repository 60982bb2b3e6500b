"""From a file to a `Draft`, or to the problems that keep it from being one.

In a draft each known field has the right TOML type, and its `faults` say which are missing, left
out or misspelt. `dateline.entries.normalise` reads the values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from dateline.entries import fields
from dateline.entries.fields import DATES, REQUIRED
from dateline.entries.parse import file_tables
from dateline.entries.parse.encoding import decode
from dateline.entries.parse.field_checks import FieldChecks, known_fields
from dateline.entries.parse.field_lines import FieldLines
from dateline.entries.parse.recover import recover
from dateline.entries.parse.suggestions import example
from dateline.errors import EntryError, Problem, State
from dateline.model import Draft, Source
from dateline.text.expressions import regex

# The first word of each line that is or may be a field.
_NAMES = regex(r"^[^\w\n]{0,9}([\w-]{2,30})[^\w\n]{0,9}[=:：]", re.MULTILINE)
# Faults of a file as a whole, after which missing fields are not reported.
_WHOLE = frozenset({"file-not-entry", "file-json", "front-matter", "two-versions"})


def parse(source: Source, *, today: date, now: datetime | None = None) -> Draft:
    """Read a file as an entry; `today` is the example for a missing date.

    `now`, in the zone of the publication, is by default the end of that day.
    A misspelt field is read as the one that was meant: its fault holds the entry, and its value
    may have another. Raises `EntryError` where the text cannot be read as fields.
    """
    decoded = decode(source)
    try:
        recovered = recover(source, decoded.text)
    except EntryError as error:
        missing = _missing(source.path, decoded.text, error.problems, today)
        raise EntryError(*(_of_today(one, today) for one in error.problems), *missing) from error
    table = file_tables.unfolded(recovered.table)
    checks = FieldChecks(
        path=source.path,
        text=recovered.text,
        table=table,
        known=known_fields(table),
        lines=FieldLines(recovered.text),
    )
    checks.check(now or datetime.combine(today, time.max, UTC))
    problems = [*checks.problems, *recovered.notes]
    faults = tuple(problem for problem in problems if problem.state == State.HOLD)
    notes = [problem for problem in problems if problem.state != State.HOLD]
    known = checks.readable(faults) if faults else checks.known
    return Draft(
        path=source.path,
        fields={name: value for name, value in known.items() if value not in ("", [])},
        lines=checks.lines_with_meant(faults) if faults else checks.lines,
        notes=(
            *_name_notes(source.path),
            *decoded.notes,
            *sorted(notes, key=lambda problem: problem.line or 0),
        ),
        faults=faults,
    )


def _name_notes(path: str) -> tuple[Problem, ...]:
    return (Problem(code="name-txt", file=path),) if path.lower().endswith(".txt") else ()


def _of_today(problem: Problem, today: date) -> Problem:
    """Return a problem with the current day where it has the example of a date to type."""
    if problem.code == "file-not-entry":
        return replace(problem, wanted=today.isoformat())
    if problem.field in DATES and problem.wanted == example(problem.field):
        return replace(problem, wanted=f"{problem.field} = {today.isoformat()}")
    return problem


def _missing(path: str, text: str, problems: Collection[Problem], today: date) -> Iterator[Problem]:
    """Yield a problem for each required field that an unreadable text does not name."""
    codes = {problem.code for problem in problems}
    if codes & _WHOLE or any(problem.state != State.HOLD for problem in problems):
        return
    named = {problem.field for problem in problems}
    for word in {*_NAMES.findall(text)}:
        named.add(fields.canonical_name(word) or fields.nearest(word, ()))
    for name in REQUIRED:
        if name not in named:
            wanted = today.isoformat() if name == "date" else ""
            yield Problem(code=f"{name}-missing", file=path, field=name, wanted=wanted)
