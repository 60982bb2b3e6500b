"""The reason why a statement cannot be read.

Each cause is a small pure function of one statement that returns its fault, or None; the first in
`_CAUSES` that returns one decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dateline.entries.fields import LISTS, NAMES, NAMES_FILE, canonical_name, nearest
from dateline.entries.parse.statements import DOUBLE, SINGLE, UNSEEN, Statement
from dateline.entries.parse.suggestions import (
    OTHER_QUOTES,
    QUOTES,
    example,
    has_several,
    is_on_a_computer,
    line_with,
    own_place,
    quoted_name,
    suggested_line,
    texts_in,
)
from dateline.messages import shown
from dateline.messages.values import Value, phrase
from dateline.text.expressions import regex

_DOUBLE, _SINGLE = DOUBLE[1:], SINGLE[1:]
COLON = regex(r"\s*[\"']?(?P<key>[\w-]+(?: [\w-]+)?)[\"']?\s*[:：](?!//)\s*(?P<value>.*)")
_SPOKEN = regex(r"\s*(?P<key>\w+)\s*[-–—→>~|]*\s*(?P<value>[\"“„«'‘].*|\d.*)")
_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPE = regex(r"\\(?:[btnfre\"\\]|\n|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_SECOND_FIELD = regex(rf"[{QUOTES}\]\d][\s,;]+(?P<key>[A-Za-z_]+)\s*=")
_COMMENT = regex(r"\s*(?P<sign>//|/\*|<!--|--|%|REM\b)")
_COMMENT_BEHIND = regex(rf"[{QUOTES}\]]\s*(?P<sign>//|/\*|<!--|--)|=.*\d\s+(?P<slashes>//)")
_FAR_ENOUGH = 1_000  # characters of a line; the time grows with their square
_HIDDEN_END = regex(r'\\"""\s*\Z')
_CLOSED = regex(rf"[{DOUBLE}][^{DOUBLE}]*[{DOUBLE}][^{DOUBLE}]+")


class SyntaxFault(NamedTuple):
    """The fault of a statement: a message code, its line, and what the message names."""

    code: str
    line: int
    field: str = ""
    found: Value = ""
    wanted: Value = ""


def misread(statement: Statement) -> SyntaxFault | None:
    r"""Return the fault of a text that TOML reads as another: `photos\new` is no line break."""
    field = canonical_name(statement.name)
    if field not in NAMES or "\\" not in statement.value or statement.value[0] not in '"[':
        return None
    if field in NAMES_FILE:
        escapes = {found[0] for found in _ESCAPE.finditer(statement.value)}
        return _place(statement) if escapes - {'\\"', "\\\\"} else None
    if field == "body" and not re.search(r"(?<![\w\\])[A-Za-z]:\\(?!\\)|\\[bfe]", statement.value):
        return None
    if escape := re.search(r"(?<!\\)(?:\\\\)*\\[bfetnr]", statement.value):
        line = statement.line + statement.value.count("\n", 0, escape.start())
        found = shown(statement.value[escape.start() : escape.start() + 12].partition("\n")[0])
        return SyntaxFault("backslash", line, field, found)
    return None


def explained(statement: Statement) -> SyntaxFault:
    """Return the fault of a statement that cannot be read."""
    for cause in _CAUSES:
        if fault := cause(statement):
            return fault
    return SyntaxFault(
        "file-not-toml", statement.line, found=shown(statement.text.partition("\n")[0])
    )


def _long_text(statement: Statement) -> SyntaxFault | None:
    codes = {"open": "body-open", "early": "quotes-three", "otherwise": "body-ends-otherwise"}
    code = codes.get(statement.fault)
    field = canonical_name(statement.name) or statement.name
    if code == "quotes-three" and statement.at == statement.line:
        code = "quotes-three-line"
    if code is None:
        return None
    if code == "body-open" and (hidden := _HIDDEN_END.search(statement.value)):
        line = statement.line + statement.value.count("\n", 0, hidden.start())
        return SyntaxFault("quotes-hidden", line, field)
    if code == "body-open" and field != "body":
        text = " ".join(statement.value[3:].split())
        wanted = suggested_line(field, text) if text else example(field)
        return SyntaxFault("text-open", statement.line, field, wanted=wanted)
    last = statement.text.split("\n")[statement.at - statement.line].strip()
    quotes = "'''" if statement.value[:3] == "'''" else '"""'
    return SyntaxFault(code, statement.at, field, shown(last), quotes)


def _no_equals(statement: Statement) -> SyntaxFault | None:
    """Explain a line that has a field's name, but no equals sign after it."""
    if statement.kind == "field" and statement.value[:1] in {"=", ">", ":"}:
        value = statement.value.strip(f"{UNSEEN} =>:")
        wanted = suggested_line(_field(statement), value) if value else example(_field(statement))
        return SyntaxFault("no-equals", statement.line, _field(statement), "", wanted)
    if statement.kind == "field" and not COLON.match(statement.key):
        return None
    text = statement.text.partition("\n")[0]
    for pattern in (COLON, _SPOKEN):
        match = pattern.fullmatch(text)
        if match and (field := canonical_name(match["key"]) or nearest(match["key"], ())):
            value = match["value"].strip(f"{UNSEEN} ,;\t")
            wanted = suggested_line(field, value) if value else example(field)
            return SyntaxFault("no-equals", statement.line, field, shown(match["key"]), wanted)
    if field := canonical_name(text):
        return SyntaxFault("value-missing", statement.line, field, wanted=example(field))
    return None


def _section(statement: Statement) -> SyntaxFault | None:
    if statement.kind == "section" or statement.text.lstrip().startswith("["):
        return SyntaxFault("section", statement.line, found=shown(statement.text.strip()))
    return None


def _no_value(statement: Statement) -> SyntaxFault | None:
    if statement.kind == "field" and not re.sub(r"^\s*#.*", "", statement.value).strip(
        f"{UNSEEN} ;,\t"
    ):
        wanted = example(canonical_name(statement.name) or _field(statement))
        return SyntaxFault("value-missing", statement.line, _field(statement), wanted=wanted)
    return None


def _control_sign(statement: Statement) -> SyntaxFault | None:
    if match := _CONTROL.search(statement.text):
        line = statement.line + statement.text.count("\n", 0, match.start())
        before = statement.text[max(0, match.start() - 20) : match.start()].split("\n")[-1]
        return SyntaxFault(
            "control-sign", line, _field(statement), shown(before) or phrase("start")
        )
    return None


def _place(statement: Statement) -> SyntaxFault | None:
    r"""Explain `\` in the name of a file, and a place on a computer."""
    field, value = canonical_name(statement.name), statement.value
    if field not in NAMES_FILE or "\\" not in value:
        return None
    places = re.findall(rf"[{QUOTES}]([^{QUOTES}]*)", value)
    place = next((place for place in places if "\\" in place), value).strip()
    line = statement.line + value.count("\n", 0, value.index("\\"))
    is_alone = len(texts_in(field, value)) == 1
    if is_on_a_computer(place):
        code, typing = own_place(field, place, is_alone=is_alone)
        return SyntaxFault(code, line, field, shown(place), typing)
    slashed = re.sub(r"\\+", "/", place)
    wanted = line_with(field, slashed) if is_alone else quoted_name(slashed)
    return SyntaxFault("backslash-place", line, field, shown(place), wanted)


def _backslash(statement: Statement) -> SyntaxFault | None:
    value = statement.value
    if not value.startswith('"') or "\\" not in value:
        return None
    at = _ESCAPE.sub(lambda match: " " * len(match[0]), value).find("\\")
    if at < 0:
        return None
    line = statement.line + value.count("\n", 0, at)
    return SyntaxFault(
        "backslash", line, _field(statement), shown(value[at : at + 12].split("\n")[0])
    )


def _list(statement: Statement) -> SyntaxFault | None:
    field, value = canonical_name(statement.name), statement.value.strip()
    if field not in LISTS and not value.startswith("[") and not has_several(field, value):
        return None
    if value.startswith(tuple(OTHER_QUOTES)):
        return None
    code = "list" if field in LISTS else "texts" if has_several(field, value) else "brackets"
    wanted = suggested_line(_field(statement), value)
    return SyntaxFault(code, statement.line, _field(statement), wanted=wanted)


def _boolean(statement: Statement) -> SyntaxFault | None:
    if canonical_name(statement.name) == "draft":
        return SyntaxFault("draft-not-bool", statement.line, "draft", shown(statement.value))
    return None


def _quotes(statement: Statement) -> SyntaxFault | None:
    """Explain quotes that are missing, differ, or stand inside a text."""
    value = statement.value.partition("\n")[0].strip()
    if statement.kind != "field" or not value:
        return None
    field = _field(statement)
    code, found = _quote_fault(value, field)
    return SyntaxFault(code, statement.line, field, found, suggested_line(field, value))


def _quote_fault(value: str, field: str) -> tuple[str, Value]:
    first, last = value[0], value[-1]
    if field == "body" and first in QUOTES and (last not in QUOTES or len(value) == 1):
        return "body-one-quote", ""
    if first in OTHER_QUOTES or (first not in QUOTES and last in OTHER_QUOTES):
        return "quotes-other", _marks(value)
    if first not in QUOTES:
        return ("quote-open-missing" if _ends_only(value) else "quotes-missing"), ""
    if last not in QUOTES or len(value) == 1:
        return _unclosed(value), ""
    return _ill_paired(value)


def _two_on_a_line(statement: Statement) -> SyntaxFault | None:
    """Explain a second field behind the first."""
    second = _SECOND_FIELD.search(statement.value.partition("\n")[0])
    if not second or not canonical_name(second["key"]) or statement.kind != "field":
        return None
    return SyntaxFault("two-on-a-line", statement.line, canonical_name(second["key"]))


def _comment(statement: Statement) -> SyntaxFault | None:
    """Explain the characters with which other programs begin a note."""
    match = _COMMENT.match(statement.text) or _COMMENT_BEHIND.search(statement.text, 0, _FAR_ENOUGH)
    if not match or "\n" in statement.text:
        return None
    found = match.groupdict()
    return SyntaxFault("comment-sign", statement.line, found=found["sign"] or found["slashes"])


def _rest(statement: Statement) -> SyntaxFault | None:
    """Explain words behind a text that was closed."""
    value = statement.value.partition("\n")[0].strip()
    if not _CLOSED.fullmatch(value) or statement.kind != "field":
        return None
    field = _field(statement)
    return SyntaxFault("quotes-rest", statement.line, field, wanted=suggested_line(field, value))


def _ill_paired(value: str) -> tuple[str, Value]:
    first, last = value[0], value[-1]
    if first != last and not (first in _DOUBLE and last in _DOUBLE):
        return "quotes-differ", phrase("and", first=first, second=last)
    if first in _DOUBLE + _SINGLE:
        return "quotes-missing", ""
    return ("quote-apostrophe" if first == "'" else "quotes-inside"), ""


def _unclosed(value: str) -> str:
    """Explain a text that begins with a quote and ends without one."""
    family = DOUBLE if value[0] in DOUBLE else SINGLE[:1] if value[0] == "'" else SINGLE
    closed = any(one in family for one in value[1:])
    return "quotes-rest" if closed else "quote-close-missing"


def _ends_only(value: str) -> bool:
    """Return whether a closing quote has lost its opening one: no other stands before it."""
    last = value[-1:]
    family = DOUBLE if last in DOUBLE else SINGLE
    return bool(last) and last in QUOTES and not any(one in family for one in value[:-1])


def _field(statement: Statement) -> str:
    return canonical_name(statement.name) or shown(statement.name)


def _marks(value: str) -> str:
    return " ".join(dict.fromkeys(one for one in value if one in OTHER_QUOTES))


# The order: what is missing altogether, what cannot be typed, then what kind of value it is.
_CAUSES: tuple[Callable[[Statement], SyntaxFault | None], ...] = (
    _long_text,
    _no_equals,
    _section,
    _no_value,
    _control_sign,
    _place,
    _backslash,
    _list,
    _boolean,
    _comment,
    _two_on_a_line,
    _rest,
    _quotes,
)
