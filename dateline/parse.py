"""Is this file an entry, and if not, what would make it one?

A file becomes a `Draft`: each field that is known has the right TOML type, the needed ones
are there, the body is last. What the values mean is `dateline.normalise`'s question.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from functools import partial

from dateline import toml
from dateline.errors import EntryError, Problem, State, TomlError
from dateline.intake import MAX_SIZE
from dateline.model import Draft, Source

_CUT_AFTER = 600.0
_NEEDED = ("title", "date", "body")
_TEXT = {
    "title", "body", "summary", "link", "editor", "language", "translation_of", "image",
    "image_alt", "image_credit", "place", "correction", "status", "retraction", "id",
}  # fmt: skip
_LISTS = {"categories", "authors", "attachments"}
_DATES = {"date", "event", "expires", "updated"}
FIELDS = (*sorted(_TEXT | _LISTS | _DATES), "draft")


def parse(source: Source, *, today: date) -> Draft:
    """Read a file as an entry; `today` is what a missing date is asked for with.

    Raises `EntryError` with every problem that can be seen at once.
    """
    text = _decoded(source)
    fields = _fields(source, text)
    lines = _lines(text)
    unknown = [_unknown(source.path, lines, name, fields) for name in fields if name not in FIELDS]
    known = {name: value for name, value in fields.items() if name in FIELDS}
    problems = [
        *unknown,
        *_missing(source.path, known, {problem.wanted for problem in unknown}, today),
        *(p for name, value in known.items() if (p := _mistyped(source.path, lines, name, value))),
        *_after_body(source.path, lines),
    ]
    if any(problem.state == State.HOLD for problem in problems):
        raise EntryError(*problems)
    given = {name: value for name, value in known.items() if value not in ("", [])}
    return Draft(path=source.path, fields=given, lines=lines, notes=tuple(problems))


def _decoded(source: Source) -> str:
    if len(source.data) > MAX_SIZE:
        raise EntryError(Problem(code="file-too-large", file=source.path))
    if not source.data.strip():
        code = "file-empty" if source.age < _CUT_AFTER else "file-still-empty"
        raise EntryError(Problem(code=code, file=source.path))
    try:
        text = source.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.data[: error.start].count(b"\n") + 1
        raise EntryError(Problem(code="file-encoding", file=source.path, line=line)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fields(source: Source, text: str) -> dict[str, object]:
    try:
        return toml.parse(text)
    except TomlError as error:
        raise EntryError(_syntax_problem(source, text, error)) from error


def _syntax_problem(source: Source, text: str, error: TomlError) -> Problem:
    """Tell a file that ends too early from one that was typed wrongly."""
    lines = text.rstrip("\n").split("\n")
    if error.line >= len(lines):
        if source.age < _CUT_AFTER:
            return Problem(code="file-cut", file=source.path)
        for number, line in enumerate(lines, start=1):
            if line.startswith("body") and line.rstrip().endswith('"""'):
                return Problem(code="body-open", file=source.path, line=number, field="body")
    return Problem(
        code="file-not-toml",
        file=source.path,
        line=error.line,
        found=lines[error.line - 1].strip()[:60] if error.line <= len(lines) else "",
    )


def _lines(text: str) -> dict[str, int]:
    return {str(path[0]): line for path, line in toml.lines(text).items() if len(path) == 1}


def _missing(
    path: str, fields: Mapping[str, object], meant: set[str], today: date
) -> list[Problem]:
    """Say which needed fields are not there and were not misspelt either."""
    return [
        Problem(code=f"{name}-missing", file=path, field=name, wanted=today.isoformat())
        for name in _NEEDED
        if not str(fields.get(name, "")).strip() and name not in meant
    ]


def _mistyped(path: str, lines: Mapping[str, int], name: str, value: object) -> Problem | None:
    wrong = partial(Problem, file=path, line=lines.get(name), field=name, found=str(value)[:60])
    if name in _TEXT and not isinstance(value, str):
        return wrong(code="field-not-text", wanted=f'{name} = "{value}"')
    if name in _LISTS and not _is_list_of_texts(value):
        text = value if isinstance(value, str) else "…"
        return wrong(code="field-not-list", wanted=f'{name} = ["{text}"]')
    if name in _DATES and isinstance(value, dict | list | bool):
        return wrong(code="field-not-date")
    if name == "draft" and not isinstance(value, bool):
        return wrong(code="draft-not-bool")
    return None


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _after_body(path: str, lines: Mapping[str, int]) -> list[Problem]:
    late = [(line, name) for name, line in lines.items() if line > lines.get("body", line)]
    return [
        Problem(code="field-after-body", file=path, line=line, field=name)
        for line, name in sorted(late)[:1]
    ]


def _unknown(
    path: str, lines: Mapping[str, int], name: str, fields: Mapping[str, object]
) -> Problem:
    """Say that a field is not one of ours: misspelt, or none that we use."""
    free = [field for field in FIELDS if field not in fields]
    near = difflib.get_close_matches(name.lower(), free, n=1, cutoff=0.7)
    return Problem(
        code="field-misspelt" if near else "field-unknown",
        file=path,
        line=lines.get(name),
        field=name,
        wanted="".join(near),
    )
