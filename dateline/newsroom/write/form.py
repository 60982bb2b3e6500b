"""The form of an entry: an input for each field of the table, and the values that it sends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from werkzeug.datastructures import MultiDict

from dateline.entries.fields import BODY_TEXT, FIELDS, NAMES, Field
from dateline.errors import Problem, State
from dateline.newsroom.language import ENGLISH
from dateline.newsroom.views import said
from dateline.newsroom.write.composing import Values, plain
from dateline.text.characters import on_one_line
from dateline.text.toml import Value

Control = Literal["line", "area", "lines", "rows", "files"]
SentForm = MultiDict[str, str]

_FIELDS = {one.name: one for one in FIELDS}
# The fields that a form shows at once; the others are in a part that opens.
_MAIN = (
    "title", "date", "summary", "body", "image", "image_alt", "image_caption", "image_credit",
    "attachments", "categories", "place", "event", "language",
)  # fmt: skip
_BY_BUTTON = frozenset({"draft"})
_SPARE = 2  # empty rows of a list
_AREAS = frozenset({"summary", "body", "retraction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FormInput:
    """An input: what is in it, and what is said of it.

    `rows` are the parts of a list, `files` those of attachments, each with spare ones at the end.
    `offered` are values that other entries have, `reads` is how a date is read, `was` a digest of
    the value that the file had. `label` and `help` are keys of the words, or texts of the table.
    """

    field: Field
    control: Control
    text: str = ""
    rows: tuple[str, ...] = ()
    files: tuple[Mapping[str, str], ...] = ()
    offered: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    reads: str = ""
    was: str = ""

    @property
    def label(self) -> str:
        """Return the key of the label; empty for a field that has none."""
        return _known(f"field-{self.field.name}")

    @property
    def help(self) -> str:
        """Return the key of the help; empty for a field that has none."""
        return _known(f"help-{self.field.name}")

    @property
    def is_wrong(self) -> bool:
        """Return whether something has to be fixed."""
        return bool(self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryForm:
    """All inputs: those that are shown at once, and the others; `said` is about the whole file."""

    main: tuple[FormInput, ...]
    more: tuple[FormInput, ...]
    said: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return whether the other inputs are shown, since one of them says something."""
        return any(one.said or one.text or any(one.rows) for one in self.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence above the form: a key of the words, and what is in its braces."""

    word: str
    file: str = ""
    moment: datetime | None = None
    is_good: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What is said of the values: problems, and how dates are read."""

    problems: Sequence[Problem] = ()
    reads: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"

    def of(self, name: str) -> tuple[str, ...]:
        """Return the messages about a field."""
        return said([one for one in self._told if _field_of(one) == name], self.language)

    @property
    def of_file(self) -> tuple[str, ...]:
        """Return the messages about the whole file."""
        return said([one for one in self._told if not _field_of(one)], self.language)

    @property
    def _told(self) -> list[Problem]:
        return [one for one in self.problems if one.state is not State.ACCEPT]


def entry_form(
    values: Values, was: Mapping[str, str], offered: Mapping[str, Sequence[str]], remarks: Remarks
) -> EntryForm:
    """Return the form with these values; `was` has a digest of each value of the file."""

    def inputs(fields: Iterable[Field]) -> tuple[FormInput, ...]:
        return tuple(_input(one, values, was, offered, remarks) for one in fields)

    rest = (one for one in FIELDS if one.name not in {*_MAIN, *_BY_BUTTON})
    return EntryForm(
        main=inputs(_FIELDS[name] for name in _MAIN), more=inputs(rest), said=remarks.of_file
    )


def _input(
    own: Field,
    values: Values,
    was: Mapping[str, str],
    offered: Mapping[str, Sequence[str]],
    remarks: Remarks,
) -> FormInput:
    value = values.get(own.name, "")
    parts = value if isinstance(value, tuple) else ()
    control = _control(own)
    filled = plain(parts)  # empty rows go: otherwise there would be more at each check
    parts = filled if isinstance(filled, tuple) else ()
    rows = tuple(part for part in parts if isinstance(part, str))
    spare = ("",) * _SPARE
    return FormInput(
        field=own,
        control=control,
        text="\n".join(rows) if control == "lines" else _text(own, value),
        rows=(*rows, *spare) if control == "rows" else (),
        files=(*map(_file, parts), *map(_file, spare)) if control == "files" else (),
        offered=tuple(offered.get(own.name, ())),
        said=remarks.of(own.name),
        reads=remarks.reads.get(own.name, ""),
        was=was.get(own.name, ""),
    )


def _text(own: Field, value: Value) -> str:
    """Return a text as its input holds it; of a single line, a browser deletes the line ends."""
    text = value if isinstance(value, str) else ""
    is_cut = _control(own) == "line" and ("\n" in text or "\r" in text)
    return on_one_line(text) if is_cut else text


def _control(own: Field) -> Control:
    if own.type == "texts":
        return "lines"
    if own.type == "files":
        return "files"
    if own.type == "list":
        return "rows"
    return "area" if own.name in _AREAS else "line"


def _file(part: str | Mapping[str, str]) -> Mapping[str, str]:
    empty = {"file": "", "title": "", "language": ""}
    return {**empty, "file": part} if isinstance(part, str) else {**empty, **part}


def _field_of(problem: Problem) -> str:
    name = problem.field or ""
    return "body" if name == BODY_TEXT else name if name in NAMES - _BY_BUTTON else ""


def _known(key: str) -> str:
    return key if key in ENGLISH else ""


# ---- What a form sends


def sent_values(form: SentForm) -> dict[str, Value]:
    """Return the values of all fields that a form has sent."""
    found = {one.name: _sent(one, form) for one in FIELDS if one.name not in _BY_BUTTON}
    return {name: value for name, value in found.items() if value is not None}


def _sent(own: Field, form: SentForm) -> Value | None:
    if own.type == "files":
        keys = [key.name for key in own.keys]
        columns = [form.getlist(f"{own.name}.{key}") for key in keys]
        if not columns[0]:
            return None
        return tuple(dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=False))
    if own.name not in form:
        return None
    if own.type == "list":
        return tuple(form.getlist(own.name))
    text = form[own.name]
    return tuple(text.replace("\r", "\n").split("\n")) if own.type == "texts" else text


def digests(values: Values) -> dict[str, str]:
    """Return a digest of each value, by which a form knows later what it had shown."""
    return {
        name: value_digest(
            _text(_FIELDS[name], value) if isinstance(value, str) else _or_empty(value)
        )
        for name, value in values.items()
    }


def value_digest(value: Value) -> str:
    """Return the digest of a value as it is compared."""
    return hashlib.sha256(repr(plain(value)).encode()).hexdigest()[:16]


def changed_values(values: Values, was: Mapping[str, str]) -> dict[str, Value]:
    """Return the values that somebody changed in a form, whatever the file says by now.

    `was` has the digests of those that it had shown.
    """
    empty = value_digest("")
    return {
        name: value
        for name, value in values.items()
        if value_digest(_or_empty(value)) != (was.get(name) or empty)
    }


def _or_empty(value: Value) -> Value:
    return "" if plain(value) in ("", (), False) else value
