"""Each code declares its parameters, and every problem in the source has exactly these."""

from __future__ import annotations

import ast
import csv
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dateline.entries import dates
from dateline.errors import DateError, Problem
from dateline.messages import CATALOGUE
from dateline.messages.message import Kind, Message
from dateline.messages.values import Day, Phrase, Value
from entries.test_bad_entries import BAD, found_in
from entries.test_dates import TODAY, VIENNA, context
from entries.test_dates import rows as dates_of
from support.paths import ROOT

PARAMETERS = ("found", "wanted")
# Calls that make a problem, and the meanings of their positional arguments. Each has a code.
MAKERS = {
    "Problem": (),
    "problem": (),
    "SyntaxFault": ("code", "line", "field", "found", "wanted"),
    "Repair": ("code", "found", "wanted"),
    "DateError": ("code",),
    "MediaError": ("code",),
    "report": ("code", "name"),
    "_report": ("code", "name"),
    "report_in_body": ("code", "found", "wanted"),
    "_refused": ("code", "found"),
}
# Kinds and the types of their values; older ledgers have a text for each.
TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.COUNT: (int, str),
    Kind.DAY: (Day, Phrase, str),
    Kind.MOMENT: (Phrase, str),
    Kind.WORDS: (Phrase, str),
}


class ProblemCall(NamedTuple):
    """A call that makes a problem: its maker, a code, and its parameters."""

    maker: str
    code: str
    given: frozenset[str]
    place: str


def declared(message: Message) -> set[str]:
    """Return the names of a code's parameters."""
    return {name for name in PARAMETERS if getattr(message, name)}


@cache
def problem_calls() -> tuple[ProblemCall, ...]:
    """Return each call in the source that makes a problem with a literal code."""
    return tuple(
        call
        for path in sorted((ROOT / "dateline").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in MAKERS
        for call in _problem_call(node, _name(node.func), path)
    )


def _problem_call(call: ast.Call, maker: str, path: Path) -> Iterator[ProblemCall]:
    arguments = dict(zip(MAKERS[maker], call.args, strict=False))
    arguments |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    given = {name for name, value in arguments.items() if not _is_empty(value)}
    prefix = "date-" if maker == "DateError" else ""
    for code in _texts(arguments.get("code")):
        if f"{prefix}{code}" in CATALOGUE:
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            yield ProblemCall(maker, f"{prefix}{code}", frozenset(given), place)


def _name(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in {"", None}


def _texts(code: ast.expr | None) -> Iterator[str]:
    """Yield the possible texts of an expression: one, or both of `x if … else y`."""
    if isinstance(code, ast.IfExp):
        yield from (*_texts(code.body), *_texts(code.orelse))
    elif isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield code.value


def test_a_code_declares_the_parameters_of_its_text() -> None:
    """Only the names of the field and of the program need no declaration."""
    for code, message in CATALOGUE.items():
        places = {name for _, name, _, _ in string.Formatter().parse(message.text) if name}

        assert places - {"field", "program"} <= declared(message), code


@pytest.mark.long
def test_a_problem_has_exactly_the_declared_parameters() -> None:
    """This checks problems that are complete when made, and the field that their text names."""
    wrong = [
        one
        for one in problem_calls()
        if one.maker == "Problem"
        and (
            one.given & {*PARAMETERS} != declared(CATALOGUE[one.code])
            or ("{field}" in CATALOGUE[one.code].text and "field" not in one.given)
        )
    ]

    assert wrong == []


@pytest.mark.long
def test_a_partial_problem_has_only_declared_parameters() -> None:
    """This checks problems that other code completes."""
    calls = problem_calls()

    assert len(calls) > 100
    assert [one for one in calls if one.given & {*PARAMETERS} - declared(CATALOGUE[one.code])] == []


def undeclared(problem: Problem | DateError, code: str) -> list[tuple[str, str, Value]]:
    """Return the values of a problem that are not of the declared kind."""
    given = [(name, getattr(problem, name)) for name in PARAMETERS]
    return [
        (code, name, value)
        for name, value in given
        if value != ""
        and ((kind := getattr(CATALOGUE[code], name)) is None or not isinstance(value, TYPES[kind]))
    ]


def test_problems_of_faulty_files_have_values_of_their_kinds(tmp_path: Path) -> None:
    """Every faulty sample file is checked."""
    with (ROOT / "tests/data/bad_entries.tsv").open(encoding="utf-8", newline="") as lines:
        names = [row["file"] for row in csv.DictReader(lines, delimiter="\t")]
    files = {name: (BAD / name).read_bytes() for name in names}

    problems = found_in(tmp_path, files)

    assert len({problem.code for problem in problems}) > 30
    assert [wrong for one in problems for wrong in undeclared(one, one.code)] == []


@pytest.mark.long
@pytest.mark.parametrize("table", ["dates.tsv", "dates-more.tsv"])
def test_questions_about_dates_have_values_of_their_kinds(table: str) -> None:
    """Every sample date is checked."""
    wrong = []
    for row in dates_of(table):
        read = dates.read_toml if row["kind"] == "toml" else dates.read
        given: dict[str, Any] = {"zone": VIENNA, "today": TODAY, "language": row["lang"] or "en"}
        for use in ("event", "date"):
            try:
                read(row["input"], **(given | {"use": use} | context(row["context"])))
            except DateError as error:
                wrong += undeclared(error, f"date-{error.kind}")

    assert wrong == []
