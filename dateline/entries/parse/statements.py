"""The statements of a text, cut into whole lines.

Looser than TOML: quotes may be of any shape, a value may have none. So a broken statement can be
repaired or explained alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dateline.entries.fields import canonical_name
from dateline.text.expressions import regex

DOUBLE = '"“”„‟＂❝❞″‶〝〞〟'
SINGLE = "'‘’‚‛＇❛❜′‵`´"
# Invisible characters: spaces that are no plain space, and characters without width.
UNSEEN = "".join(
    chr(code)
    for code in (
        *(0x0B, 0x0C, 0x85, 0xA0, 0xAD, 0x061C, 0x1680, 0x180E, 0x205F, 0x3000, 0xFEFF),
        *range(0x2000, 0x2010),
        *range(0x2028, 0x2030),
        *range(0x2060, 0x206A),
    )
)
_SPACE = f" \t{UNSEEN}"
Kind = Literal["blank", "section", "field", "other"]
# Which of a statement's ends is missing or comes too early.
Fault = Literal["", "open", "early", "otherwise"]
_NONE: Fault = ""

_TRIPLE = regex(rf"[{DOUBLE}]{{3}}|'''|[‘’]{{3}}|＇{{3}}")
_OTHER_END = regex(rf"[\s{UNSEEN}]*(?:[{DOUBLE}]{{3}}|[{SINGLE}]{{3}})[\s{UNSEEN}]*")
# One line at a time: a backslash at its end joins lines, and hides no quote of the next.
_ENDS = {'"""': regex(r'\\.|(?P<end>"{3,5})'), "'''": regex("(?P<end>'{3,5})")}
_BEFORE_EQUALS = regex("[^=＝\"'“”#\\[]*")
_LONGEST = 4_000
_AFTER = regex(rf"[\s{UNSEEN};,，；]*(?:\#.*)?")
_SECTION = regex(r"\s*\[.*\]\s*(?:#.*)?")
_BLANK = regex(rf"[\s{UNSEEN}]*(?:\#.*)?")
_ANY_QUOTED = regex(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'')


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Some whole lines of a text, the first of them `line`, counted from 1.

    A field's `text` is its `key`, `gap` (with the equals sign) and `value`. `fault` is `open` where
    the value never ends, `early` where more follows its end, and `otherwise` where it ends in other
    quotes than it began with; then `at` is the line of the fault.
    """

    line: int
    kind: Kind
    text: str
    key: str = ""
    gap: str = ""
    value: str = ""
    fault: Fault = ""
    at: int = 0

    @property
    def name(self) -> str:
        """The key as it was typed, without the spaces and quotes around it."""
        return self.key.strip(f" \t\"'{UNSEEN}")


def statements(text: str) -> Iterator[Statement]:
    """Cut `text`, whose line ends are plain, into statements; nothing is left out."""
    whole = _Text(lines=text.split("\n"))
    at = 0
    while at < len(whole.lines):
        statement, used = _statement(whole, at)
        yield statement
        at += used


def lines(text: str) -> dict[tuple[str, ...], int]:
    r"""Return the line of each field of a text; a field in a section has two names.

    >>> lines('title = "a"\n[event]\nstart = 1')
    {('title',): 1, ('event',): 2, ('event', 'start'): 3}
    """
    found: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for statement in statements(text):
        if statement.kind == "section":
            section = (_first_name(statement.text.strip(" \t[")),)
            found.setdefault(section, statement.line)
        elif statement.kind == "field":
            found.setdefault((*section, _first_name(statement.key)), statement.line)
    return found


def _first_name(key: str) -> str:
    """Return the first name of `a.b`, of `a.b] # note`, and of `"two words"`."""
    key = key.strip(_SPACE)
    if key[:1] in {'"', "'"}:
        return key[1:].partition(key[0])[0]
    return re.split(r"[.\]\s]", key, maxsplit=1)[0]


@dataclass(slots=True, kw_only=True)
class _Text:
    """The lines of a text, and whether a list or a text in it was followed to the end."""

    lines: Sequence[str]
    has_endless_list: bool = False
    has_endless_text: bool = False


def _statement(whole: _Text, at: int) -> tuple[Statement, int]:
    """Return the statement that starts at line `at`, from 0, and its number of lines."""
    lines = whole.lines
    line = lines[at]
    if _BLANK.fullmatch(line):
        used = _empty_lines(lines, at)
        return Statement(line=at + 1, kind="blank", text=line + "\n" * (used - 1)), used
    if not (parts := _key_gap_value(line)):
        kind: Kind = "section" if _SECTION.fullmatch(line) else "other"
        return Statement(line=at + 1, kind=kind, text=line), 1
    key, gap, value = parts
    used, fault, wrong = 1, _NONE, 0
    if opening := _TRIPLE.match(value):
        used, fault, wrong = _long_text(lines, at, value, opening[0])
        is_cut = not whole.has_endless_text and canonical_name(key.strip(_SPACE)) != "body"
        end = wrong if fault in {"early", "otherwise"} else at + used
        if is_cut and (own := _own_lines(lines, at, end, fault)):
            whole.has_endless_text, used, fault, wrong = True, own, "open", at + 1
    elif value[:1] in {"[", "［"}:
        used = _long_list(whole, at, value)
    rest = "".join(f"\n{more}" for more in lines[at + 1 : at + used])
    field = Statement(
        line=at + 1,
        kind="field",
        text=line + rest,
        key=key,
        gap=gap,
        value=value + rest,
        fault=fault,
        at=wrong,
    )
    return field, used


def _empty_lines(lines: Sequence[str], at: int) -> int:
    """Return the number of lines of a blank one and the empty ones after it."""
    end = at + 1
    while end < len(lines) and not lines[end]:
        end += 1
    return end - at


def _key_gap_value(line: str) -> tuple[str, str, str] | None:
    """Cut a line at its equals sign, with the spaces around it; None where there is none."""
    start = line.lstrip(_SPACE)
    opened = len(line) - len(start)
    if start[:1] in {'"', "'"}:
        opened = line.find(start[0], opened + 1) + 1
    equals = _BEFORE_EQUALS.match(line, opened).end()  # type: ignore[union-attr]  # may be empty
    if line[equals : equals + 1] not in {"=", "＝"} or not line[:equals].strip(_SPACE):
        return None
    key = line[:equals].rstrip(_SPACE)
    value = line[equals + 1 :].lstrip(_SPACE)
    return key, line[len(key) : len(line) - len(value)], value


def _long_text(lines: Sequence[str], at: int, value: str, opening: str) -> tuple[int, Fault, int]:
    """Return the number of lines of a text in triple quotes, its fault, and that one's line."""
    if opening not in _ENDS:
        return _curly_text(lines, at, value)
    left = len(lines) - at
    for number in range(at, len(lines)):
        line, start = (value, len(opening)) if number == at else (lines[number], 0)
        end = next((f for f in _ENDS[opening].finditer(line, start) if f["end"]), None)
        if end:
            closed = bool(_AFTER.fullmatch(line, end.end()))
            return (number - at + 1, _NONE, 0) if closed else (left, "early", number + 1)
    others = (n for n in range(at + 1, len(lines)) if _OTHER_END.fullmatch(lines[n]))
    number = next(others, -1)
    return (left, "open", at + 1) if number < 0 else (left, "otherwise", number + 1)


def _own_lines(lines: Sequence[str], at: int, end: int, fault: Fault) -> int:
    """Return the number of lines of a text that never ends, up to the next field; else 0.

    The quotes with which the text of a field begins, in the line before `end`, are no end.
    """
    values = {n: parts[2] for n in range(at + 1, end) if (parts := _known_field(lines[n]))}
    is_open = fault in {"open", "otherwise"} or _TRIPLE.match(values.get(end - 1, ""))
    return min(values) - at if values and is_open else 0


def _known_field(line: str) -> tuple[str, str, str] | None:
    parts = _key_gap_value(line)
    return parts if parts and canonical_name(parts[0].strip(_SPACE)) else None


def _curly_text(lines: Sequence[str], at: int, value: str) -> tuple[int, Fault, int]:
    if len(value) > len('""""""') and _TRIPLE.match(value.rstrip()[-3:]):
        return 1, _NONE, 0
    for number in range(at + 1, len(lines)):
        if _TRIPLE.fullmatch(lines[number].rstrip()[-3:]):
            return number - at + 1, _NONE, 0
    return len(lines) - at, "open", at + 1


def _long_list(whole: _Text, at: int, value: str) -> int:
    """Return the number of lines of a list: to its bracket, or to the next field.

    After a list without an end no list has one, so that from there the next field ends a list even
    within braces: else each list would be followed to the end of the text.
    """
    braces = 0
    for number in range(at, len(whole.lines)):
        line = value if number == at else whole.lines[number]
        is_file = not whole.has_endless_list and (braces or line.lstrip().startswith("{"))
        is_field = number > at and not is_file
        if len(line) > _LONGEST or (is_field and _key_gap_value(line)):
            return max(1, number - at)
        bare = _ANY_QUOTED.sub("", line)
        if "]" in bare or "］" in bare:
            return number - at + 1
        braces = max(0, braces + bare.count("{") - bare.count("}"))
    whole.has_endless_list = True
    return 1
