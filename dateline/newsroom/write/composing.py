"""Entry files made from the values of a form, and changed by them.

A new file looks as `dateline new` writes it. In a file that is there, only the values that changed
are replaced: all other bytes stay as they are, with comments, order, quotes and line ends. The
values are found by their places in the text (`dateline.text.toml.places`); a file in which that is
not possible is edited as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile

from dateline.entries.fields import DATES, FIELDS, Field, canonical_name
from dateline.entries.parse.diagnose import faults
from dateline.entries.parse.encoding import SavedText, saved_text
from dateline.entries.parse.field_checks import known_fields
from dateline.entries.parse.repairs import PLAIN_ENDS
from dateline.entries.parse.statements import statements
from dateline.entries.scan import CUT_AFTER
from dateline.entries.template import filled
from dateline.errors import TomlError
from dateline.model import Source
from dateline.newsroom.write.differences import common_start
from dateline.text import toml
from dateline.text.characters import clean_text, on_one_line
from dateline.text.expressions import regex
from dateline.text.toml import Place, Value

Values = Mapping[str, Value]

_ORDER = {field.name: number for number, field in enumerate(FIELDS)}
_FIELDS = {field.name: field for field in FIELDS}
_DRAFT = "draft = true"
_ONE_WORD = regex(r"[^\s,;=]*")
_OF_NO_ENTRY = frozenset({"file-json", "file-not-entry", "front-matter"})
_IS_DATE = regex(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?")
_NEW_LINE = regex(r"\r\n|\r|\n")
_REST = regex(rb"[ \t]*(#[^\r\n]*)?(?:\r\n|\n|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryText:
    """The text of an entry file, and the values that a form shows of it.

    `values` is None where the file is edited as text: it has a fault, or sections.
    """

    saved: SavedText
    data: bytes
    values: Values | None
    places: Mapping[str, Place]

    @property
    def text(self) -> str:
        """Return the text with plain line ends."""
        return _NEW_LINE.sub("\n", self.saved.text)


def entry_text(path: str, data: bytes) -> EntryText:
    """Return the text of an entry file. Raises `EntryError` for what is no text."""
    return _entry_text(saved_text(Source(path=path, data=data, age=CUT_AFTER)), data)


def above_sections(file: EntryText) -> EntryText | None:
    """Return the part of a file above its sections, such as `[[attachments]]`; None if faulty."""
    try:
        toml.parse(file.saved.text)
    except TomlError:
        return None
    text = toml.before_tables(file.saved.text)
    part = _entry_text(replace(file.saved, text=text), file.data)
    return None if part.values is None else part


def _entry_text(saved: SavedText, data: bytes) -> EntryText:
    try:
        values = _shown(toml.parse(saved.text))
    except TomlError:
        values = None
    found = toml.places(saved.text) if values is not None else None
    places = {canonical_name(name): place for name, place in (found or {}).items()}
    if len(places) != len(found or {}):
        found = None
    return EntryText(
        saved=saved, data=data, values=values if found is not None else None, places=places
    )


def compose(values: Values, *, today: date, depth: int = 0) -> bytes:
    """Return a new entry file that lies `depth` folders below the schema."""
    written = {
        name: _as_toml(_FIELDS[name], value)
        for name, value in values.items()
        if not _is_empty(value)
    }
    required = {"title": '""', "date": '""', "body": '""'}
    return filled({**required, **written}, kind="news", today=today, depth=depth).encode()


def edited(file: EntryText, values: Values) -> bytes:
    """Return a file with these values; only those that differ from its own are replaced.

    In one with sections these are values above them.
    """
    part = file if file.values is not None else above_sections(file) or file
    before = part.values or {}
    data = part.saved.text.encode()
    changes = [
        change
        for name in sorted(values, key=_ORDER.__getitem__)
        if plain(values[name]) != plain(before.get(name, ""))
        for change in _changes(part, data, name, values[name])
    ]
    if not changes:
        return file.data
    # From the end; where a line is added before one that is replaced, this one first.
    for start, end, new in sorted(changes, key=lambda one: (one[0], one[1] > one[0]))[::-1]:
        data = data[:start] + new + data[end:]
    return file.saved.as_bytes(data.decode() + file.saved.text[len(part.saved.text) :])


def edited_as_text(file: EntryText, text: str) -> bytes:
    """Return a file with another text; lines at its start and end that are the same stay so."""
    new, usual = _NEW_LINE.split(text), _line_end(file.saved.text)
    if "\n".join(new) == file.text:
        return file.data
    old, ends = _NEW_LINE.split(file.saved.text), _NEW_LINE.findall(file.saved.text)
    if usual != "\r":  # one alone would make one end of two
        ends = [usual if end == "\r" else end for end in ends]
    same = common_start(old, new)
    rest = common_start(old[same:][::-1], new[same:][::-1])
    kept = [*ends[:same], *[usual] * (len(new) - same - rest)][: len(new) - rest]
    kept += ends[len(old) - rest :]
    kept += [usual] * (len(new) - 1 - len(kept))
    lines = [f"{line}{end}" for line, end in zip(new, [*kept[: len(new) - 1], ""], strict=True)]
    return file.saved.as_bytes("".join(lines))


def with_draft_line(text: str) -> str:
    r"""Return a text with a fault as a draft: by its own line for that, or by one above it.

    One that is no entry at all stays as it is: its first line says what it is.

    >>> with_draft_line("title = “Fleet”\ndraft = no")
    'title = “Fleet”\ndraft = true'
    >>> with_draft_line('draft=false,title=“Fleet”')
    'draft = true\ndraft=false,title=“Fleet”'
    """
    lines, parts = text.split("\n"), [*statements(text)]
    fault = next(faults([(one, False) for one in parts]), None)
    if fault and fault.code in _OF_NO_ENTRY:
        return text
    for one in takewhile(lambda one: one.kind != "section", parts):
        if one.kind == "field" and canonical_name(one.name) == "draft" and "\n" not in one.text:
            said, mark, note = one.value.partition("#")
            if not _ONE_WORD.fullmatch(said.strip()):  # another field may follow on that line
                break
            lines[one.line - 1] = f"{_DRAFT}  #{note}" if mark else _DRAFT
            return "\n".join(lines)
    return "\n".join([_DRAFT, *lines])


def plain(value: Value) -> Value:
    """Return a value as it is compared: without spaces around it, and without empty parts."""
    if isinstance(value, str):
        text = _NEW_LINE.sub("\n", value.translate(PLAIN_ENDS))
        return clean_text(text).strip("\n").rstrip()
    if not isinstance(value, tuple):
        return value
    parts = (
        _plain_file(part) if isinstance(part, Mapping) else on_one_line(part) for part in value
    )
    return tuple(part for part in parts if part)


def _plain_file(file: Mapping[str, str]) -> str | Mapping[str, str]:
    """Return the table of a file; its name alone where it says no more."""
    known = {key: line for key, text in file.items() if (line := on_one_line(text))}
    return known["file"] if set(known) == {"file"} else known


def _is_empty(value: Value) -> bool:
    return plain(value) in ("", (), False)


# ---- The values of a file


def _shown(table: Mapping[str, object]) -> Values | None:
    """Return the values as a form shows them; None where one is not of its field's type."""
    found: dict[str, Value] = {}
    for name, value in known_fields(table).items():
        shown = _shown_value(_FIELDS[name], value)
        if shown is None:
            return None
        found[name] = shown
    return found


def _shown_value(field: Field, value: object) -> Value | None:
    if field.type == "date" and isinstance(value, date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if field.type == "flag":
        return value if isinstance(value, bool) else None
    if field.type == "texts" and isinstance(value, str):
        return (value,)
    if field.type in {"texts", "list", "files"}:
        return _parts(value, field)
    return value if isinstance(value, str) else None


def _parts(value: object, field: Field) -> tuple[str | Mapping[str, str], ...] | None:
    if not isinstance(value, list) or not all(_is_part(part, field) for part in value):
        return None
    return tuple(value)


def _is_part(part: object, field: Field) -> bool:
    if isinstance(part, dict):
        keys = {key.name for key in field.keys}
        return keys >= part.keys() and all(isinstance(text, str) for text in part.values())
    return isinstance(part, str)


# ---- Changes of a text, as places in it and what to write there


def _changes(
    file: EntryText, data: bytes, name: str, value: Value
) -> Iterator[tuple[int, int, bytes]]:
    place, end = file.places.get(name), _line_end(file.saved.text)
    if _is_empty(value):
        if place:
            yield _without(data, place, _FIELDS[name])
        return
    written = _as_toml(_FIELDS[name], value).replace("\n", end).encode()
    if place:
        yield place.value, place.end, written
        return
    line = f"{name} = ".encode() + written
    if offered := _offer(data, name, file.places):
        yield *offered, line
        return
    at = _place_for(data, name, file.places)
    is_open = at == len(data) and not data.endswith(b"\n") and data != b""
    yield at, at, (end.encode() if is_open else b"") + line + end.encode()


def _without(data: bytes, place: Place, field: Field) -> tuple[int, int, bytes]:
    """Return the removal of a field; a comment of somebody's own behind it stays."""
    rest = _REST.match(data, place.end)
    start = data.rfind(b"\n", 0, place.start) + 1
    if data[start : place.start].strip():
        start = place.start
    if rest is None:
        return start, place.end, b""
    comment = rest[1] or b""
    if comment and not comment.lstrip(b"# \t").startswith(field.help.encode()):
        return start, rest.start(1), b""
    return start, rest.end(), b""


def _offer(data: bytes, name: str, places: Mapping[str, Place]) -> tuple[int, int] | None:
    """Return where the field stands behind a #, as `dateline new` writes it."""
    last = places["body"].start if "body" in places else len(data)
    for found in re.finditer(rb"^#[ \t]*%b[ \t]*=[^\r\n]*" % name.encode(), data, re.MULTILINE):
        within = any(place.start <= found.start() < place.end for place in places.values())
        if found.end() <= last and not within:
            return found.span()
    return None


def _place_for(data: bytes, name: str, places: Mapping[str, Place]) -> int:
    """Return where a field is added: below the one that usually comes before it."""
    body = places.get("body")
    before = [
        place
        for other, place in places.items()
        if other in _ORDER and _ORDER[other] < _ORDER[name] and not (body and place > body)
    ]
    if before:
        found = _REST.match(data, max(before).end)
        return found.end() if found else len(data)
    return min((place.start for place in places.values()), default=len(data))


def _as_toml(field: Field, value: Value) -> str:
    value = plain(value)
    if field.name == "body" and isinstance(value, str):
        return toml.block(value)
    if isinstance(value, str):
        line = on_one_line(value)
        return line if field.name in DATES and _is_toml_date(line) else toml.quoted(line)
    if field.type == "texts" and isinstance(value, tuple) and len(value) == 1:
        return toml.value_of(value[0]) if isinstance(value[0], str) else toml.value_of(value)
    return toml.value_of(value)


def _is_toml_date(text: str) -> bool:
    """Return whether a text is a date in TOML, too, in a form in which it can be edited again."""
    if not _IS_DATE.fullmatch(text) or toml.places(f"date = {text}") is None:
        return False
    try:
        return isinstance(toml.parse(f"date = {text}")["date"], date)
    except TomlError:
        return False


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r" if "\r" in text else "\n"
