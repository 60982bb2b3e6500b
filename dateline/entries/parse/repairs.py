"""Repairs of statements that can only mean one thing.

Each repair is a pure function of one statement, in the order of `REPAIRS`. Only a statement that
cannot be read is repaired, and only if it can be read then. No repair changes a text inside its
quotes, its line breaks aside, and each keeps the number of lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dateline.entries.fields import DATES, canonical_name
from dateline.entries.parse.statements import DOUBLE, SINGLE, UNSEEN, Statement
from dateline.errors import TomlError
from dateline.messages.values import Value, phrase
from dateline.text import toml
from dateline.text.characters import normalised
from dateline.text.expressions import regex

_UNSEEN = regex(f"[{UNSEEN}]")
_SPACES = rf"[\s{UNSEEN}]*"
_QUOTES = DOUBLE + SINGLE
_STARTS = (*_QUOTES, "[", "［")
_LAST_ENDS = (*_QUOTES, "]", "］")
_COMMENT = regex(r"\s#")
_STRAY = regex(rf"(?P<sign>[;,，；]){_SPACES}(?P<comment>#.*)?", re.DOTALL)
_LIST_PART = regex(
    r'(?P<straight>"(?:\\.|[^"\\\n])*")'
    + "".join(
        rf"|(?P<{name}>[{family}])(?P<{name}_text>[^\n]*?)[{family}](?={_SPACES}(?:[,，、،;；\]］}}\n]|$))"
        for name, family in (("double", DOUBLE), ("single", SINGLE))
    ),
)
_CLOSES = {
    "“": "”",
    "„": "“”",
    "‟": "”",
    "❝": "❞",
    "〝": "〞〟",
    "‘": "’",
    "‚": "‘’",
    "‛": "’",
    "❛": "❜",
}
# An apostrophe is no end: only one with no letter behind it.
_END_MARK = regex(r"[’❜](?!\w)")
_BEGIN_MARK = regex("[‘‛❛]")
_COMMA = regex("[,;，、；،؛\n]")
_LONGEST = 4_000
_ENDS = regex("[\x0b\x0c\x1e\x1f]")
# Of Word: the ends of a line and of a page, a hyphen at which no line ends, one that shows at a
# line's end alone.
PLAIN_ENDS = str.maketrans({"\x0b": "\u2028", "\x0c": "\u2029", "\x1e": "\u2011", "\x1f": "\u00ad"})
_YES = {"true", "yes", "y", "on", "oui", "sí", "si", "ja", "sim", "да", "نعم", "是"}
_NO = {"false", "no", "n", "off", "non", "nein", "não", "нет", "لا", "否"}


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that was made, with the code of its note; empty where none is needed."""

    code: str
    found: Value = ""
    wanted: str = ""


def with_repairs(statement: Statement) -> tuple[Statement, list[Repair]]:
    """Return a field's statement with all possible repairs, and these."""
    changes = []
    for repair in REPAIRS:
        outcome = repair(statement)
        if outcome:
            statement, change = outcome
            changes.append(change)
    return statement, changes


def stands(text: str) -> bool:
    """Return whether these lines can be read by themselves."""
    try:
        toml.parse(text)
    except TomlError:
        return False
    return True


def truth(word: str) -> bool | None:
    """Return the meaning of yes or no in one of eight languages; None for other words."""
    folded = word.strip().casefold()
    return True if folded in _YES else False if folded in _NO else None


def listed(field: str, text: str) -> list[str] | None:
    """Return the names that one text has, with commas between them; None where it is not clear.

    The name of a file may have a comma, and a person's name may be turned round.

    >>> listed("categories", "prevention, Lebanon")
    ['prevention', 'Lebanon']
    >>> listed("authors", "Example, Ann") is None
    True
    """
    names = [name for part in _COMMA.split(text) if (name := part.strip())]
    is_one = len(names) == 1
    if not names or (field == "attachments" and not is_one):
        return None
    if field == "authors" and len(names) == 2 and any(map(_is_half_a_name, names)):  # noqa: PLR2004
        return None
    return names


def _is_half_a_name(name: str) -> bool:
    return " " not in name and not name.isupper() and name[:1].isalpha()


def _parts(value: str) -> tuple[str, str]:
    """Cut a value into what is meant and what follows (a comment, a stray character)."""
    if value.startswith(_STARTS):
        start = max(0, len(value) - _LONGEST)
        cut = max(start, *(value.rfind(end, start) + 1 for end in _LAST_ENDS))
        return value[:cut], value[cut:]
    comment = _COMMENT.search(value)
    bare = (value[: comment.start()] if comment else value).rstrip()
    bare = bare[:-1].rstrip() if bare.endswith((";", ",", "，", "；")) else bare
    return bare, value[len(bare) :]


def _unseen(statement: Statement) -> tuple[Statement, Repair] | None:
    """Read invisible characters around names and values as spaces."""
    text, rest = _parts(statement.value)
    if text.startswith(("[", "［")):
        text = _list_outside(text, _plain)
    elif not text.startswith(_STARTS):
        text = _plain(text).strip()
    value = text + _plain(rest)
    # A zero-width character may be inside a name, where no space belongs.
    key = _plain("".join(c for c in statement.key if unicodedata.category(c) != "Cf"))
    changed = _with(statement, key=key, gap=_plain(statement.gap), value=value)
    return (changed, Repair("unseen-read")) if changed != statement else None


def _full_width(statement: Statement) -> tuple[Statement, Repair] | None:
    """Read full-width characters, and the commas of Chinese and Arabic lists, as plain ones."""
    text, rest = _parts(statement.value)
    key, gap = (normalised("NFKC", part) for part in (statement.key, statement.gap))
    if text.startswith("＂") and text.endswith("＂"):
        text = _quoted(text[1:-1])
    elif text.startswith(("[", "［")):
        text = _list_outside(text, _narrow)
    elif not text.startswith(_STARTS):
        text = normalised("NFKC", text)
    changed = _with(statement, key=key, gap=gap, value=text + rest)
    if changed == statement:
        return None
    kept = {*changed.text}
    wide = "".join(c for c in dict.fromkeys(statement.text) if c not in kept)
    return changed, Repair("width-read", " ".join(wide), " ".join(_narrow(wide)))


def _key(statement: Statement) -> tuple[Statement, Repair] | None:
    """Put a name that is no bare key between quotes; whether it is known is checked later."""
    name = statement.key.strip()
    if not name or name[0] in "\"'" or re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        return None
    if name[-1] in ":：" and canonical_name(name[:-1]):  # `title := "…"`
        return None
    return _with(statement, key=statement.key.replace(name, _quoted(name))), Repair("")


def _stray(statement: Statement) -> tuple[Statement, Repair] | None:
    """Ignore a semicolon or a comma behind a value."""
    text, rest = _parts(statement.value)
    stray = _STRAY.fullmatch(rest.strip())
    if not stray or not text:
        return None
    comment = f" {stray['comment']}" if stray["comment"] else ""
    found = phrase("comma") if stray["sign"] in ",，" else stray["sign"]
    return _with(statement, value=text + comment), Repair("end-ignored", found)


def _curly(statement: Statement) -> tuple[Statement, Repair] | None:
    """Read the outermost pair of curly quotes as straight ones, whatever is inside."""
    text, rest = _parts(statement.value)
    if text.startswith(("[", "［")):
        changed = _with(statement, value=_list_straight(text) + rest)
        return (changed, Repair("quotes-read")) if changed != statement else None
    for length in (3, 1):
        if len(text) >= 2 * length and _is_pair(text, length):
            quoted = _quoted(text[length:-length], length)
            return _with(statement, value=quoted + rest), Repair("quotes-read")
    return None


def _is_pair(text: str, length: int) -> bool:
    """Return whether `text` is in one pair of quotes, and not in two with words between."""
    first, last = text[:length], text[-length:]
    if length > 1:
        family = DOUBLE if first[0] in DOUBLE else SINGLE
        return first != family[0] * length and all(quote in family for quote in first + last)
    family = DOUBLE[1:] if first in DOUBLE else SINGLE[1:]
    if first not in family or last not in family:
        return False
    inner = text[1:-1]
    if first in SINGLE:
        ended = _END_MARK.search(inner)
        begins_again = ended and _BEGIN_MARK.search(inner, ended.end())
        return first not in "`´′" and not begins_again
    if first not in _CLOSES:
        return first not in inner
    depth = 0
    for character in inner:
        depth += (character == first) - (character in _CLOSES[first])
        if depth < 0:
            return False
    return depth == 0


def _boolean(statement: Statement) -> tuple[Statement, Repair] | None:
    """Read `True` and `yes` behind draft."""
    text, rest = _parts(statement.value)
    meant = truth(text)
    wanted = "true" if meant else "false"
    if meant is None or text == wanted or canonical_name(statement.name) != "draft":
        return None
    return _with(statement, value=wanted + rest), Repair("draft-read", text, wanted)


def _breaks(statement: Statement) -> tuple[Statement, Repair] | None:
    """Read the ends of lines and pages that Word and PDF files have in a text, and its hyphens."""
    if not _ENDS.search(statement.value):
        return None
    code = "" if canonical_name(statement.name) == "body" else "unseen-read"
    return _with(statement, value=statement.value.translate(PLAIN_ENDS)), Repair(code)


def _date(statement: Statement) -> tuple[Statement, Repair] | None:
    """Put a date that stands without quotes between them; `dateline.entries.dates` reads it."""
    text, rest = _parts(statement.value)
    if (
        canonical_name(statement.name) not in DATES
        or not text
        or text[0] in f"{_QUOTES}[［{{«‹「『《"
    ):
        return None
    if text[-1] in _QUOTES or "\n" in text or (stands(statement.text) and not rest):
        return None
    if " //" in text:  # a note, as other programs write it
        return None
    return _with(statement, value=_quoted(text) + rest), Repair("date-read", text)


# Ends of lines first, which may be anywhere; unseen characters next, they hide the others;
# full-width characters before the names and quotes that they are part of; what follows a
# value before the pair of quotes around it; dates last, for one in curly quotes is a text already.
REPAIRS: tuple[Callable[[Statement], tuple[Statement, Repair] | None], ...] = (
    _breaks,
    _unseen,
    _full_width,
    _key,
    _stray,
    _curly,
    _boolean,
    _date,
)


def _with(
    statement: Statement,
    *,
    key: str | None = None,
    gap: str | None = None,
    value: str | None = None,
) -> Statement:
    key = statement.key if key is None else key
    gap = statement.gap if gap is None else gap
    value = statement.value if value is None else value
    return replace(statement, key=key, gap=gap, value=value, text=key + gap + value)


def _plain(text: str) -> str:
    return _UNSEEN.sub(" ", text)


def _quoted(text: str, length: int = 1) -> str:
    """Put `text` between straight quotes; it stays what it is."""
    quotes = '"' * length
    return quotes + text.replace("\\", "\\\\").replace('"', '\\"') + quotes


def _narrow(text: str) -> str:
    return normalised("NFKC", text).replace("、", ",").replace("،", ",")


def _list_straight(text: str) -> str:
    return "".join(part for part, _ in _list_parts(text))


def _list_outside(text: str, change: Callable[[str], str]) -> str:
    """Change what stands between the texts of a list."""
    return "".join(change(part) if outside else part for part, outside in _list_raw(text))


def _list_raw(text: str) -> Iterator[tuple[str, bool]]:
    if len(text) > _LONGEST:
        yield text, False
        return
    done = 0
    for match in _LIST_PART.finditer(text):
        yield text[done : match.start()], True
        yield match[0], False
        done = match.end()
    yield text[done:], True


def _list_parts(text: str) -> Iterator[tuple[str, bool]]:
    for part, outside in _list_raw(text):
        curly = not outside and len(part) < _LONGEST and _is_pair(part, 1)
        yield (_quoted(part[1:-1]) if curly else part), outside
