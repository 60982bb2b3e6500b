"""Lines that staff can type in place of a wrong one: each can be read as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.entries.fields import DATES, FIELDS, FILES, LISTS, NAMES_FILE
from dateline.entries.parse.statements import DOUBLE, SINGLE
from dateline.messages import shown
from dateline.text.expressions import regex

OTHER_QUOTES = "«»‹›「」『』《》〈〉"
QUOTES = DOUBLE + SINGLE
LONG = 200  # characters of a line to type
TEXTS = frozenset(field.name for field in FIELDS if field.type == "texts")
_ALL_QUOTES = QUOTES + OTHER_QUOTES
_ON_A_COMPUTER = regex(
    r"^(?:[A-Za-z]:[\\/]|\\\\|//|file:|~/|/(?:Users|home|Volumes|mnt|media|tmp)/)", re.IGNORECASE
)
_DAY = regex(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?: ?[+-][\d:]+|Z)?)?")
_AND = r"(?:and|or|und|et|y|e|и|و|和|&|\+|/)"
# What stands between two names of a list: also a word between two that are quoted, or nothing.
_BETWEEN = regex(rf"\s*[,;，、；،؛\n]\s*|(?<=[{QUOTES}])\s+(?:{_AND}\s+)?(?=[{QUOTES}])")
# Brackets between two texts of a list, each of which has its own.
_BRACKETS = regex(
    rf"(?<=[{QUOTES}])\s*(?:[\]］]\s*(?:[,;，；]|{_AND})?\s*[\[［]?|[,;，；]?\s*[\[［])\s*(?=[{QUOTES}])"
)
_NOTE = regex(rf"(?:(?<=[{QUOTES}\]])|(?<=[{QUOTES}],))\s*#[^{QUOTES}\n]*(?=\n|$)")
_SEVERAL = regex(rf"[{QUOTES}]\s*[,;]\s*[{QUOTES}]")
_SENTENCE_END = (".", "!", "?", "…", "。", "؟", "！", "？")
_FILE_END = regex(r".*\.\w{1,5}", re.DOTALL)
# A quotation that ends before another begins, and one at the start of a text.
_APART = regex(rf"\w[{SINGLE}]\s(?:.*\s)?[{SINGLE}]\w", re.DOTALL)
_QUOTED_START = regex(rf"[{SINGLE}](?P<text>.+?)[{SINGLE}](?!\w)(?P<rest>.+)", re.DOTALL)
_CLOSED = regex(rf"[{QUOTES}](?P<text>[^{QUOTES}]*)[{QUOTES}](?P<rest>[^{QUOTES}\w]+)")
_ESCAPED = regex(r"\\([\"\\])")
_MOST_JOINED = 8  # pieces of one name with commas in it


def is_on_a_computer(place: str) -> bool:
    """Return whether a file's place is one that only its own computer knows."""
    return bool(_ON_A_COMPUTER.match(place))


def own_place(field: str, place: str, *, is_alone: bool = True) -> tuple[str, str]:
    """Return the code for a place on someone's computer, and what to type instead.

    Of several files in a list, that is the name alone.
    """
    name = re.split(r"[\\/]", place.rstrip("\\/"))[-1]
    if field == "link":
        return "link-own-computer", line_with("attachments", name)
    return "own-computer", line_with(field, name) if is_alone else quoted_name(name)


def quoted(text: str) -> str:
    r"""Return a text between quotes, each `\` doubled, and quotes inside curly.

    >>> print(quoted(r'Room A\B, the "Hall", 12" wide'))
    "Room A\\B, the “Hall”, 12″ wide"
    """
    return '"' + _curled(shown(text, LONG))[0].replace("\\", "\\\\") + '"'


def quoted_name(text: str) -> str:
    r"""Return the name of a file between quotes, with those that it has itself.

    >>> print(quoted_name('the "final" report.pdf'), quoted_name('Ann\'s "final" report.pdf'))
    'the "final" report.pdf' "Ann's \"final\" report.pdf"
    """
    text = shown(text, LONG)
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def line_with(field: str, *texts: str, is_list: bool = False) -> str:
    """Return the line on which a field has these texts; what is too long is cut off.

    >>> line_with("authors", 'Ann "JJ" Doe', "Bob")
    'authors = ["Ann “JJ” Doe", "Bob"]'
    """
    between = quoted_name if field in NAMES_FILE else quoted
    if field not in LISTS and len(texts) == 1 and not is_list:
        return f"{field} = {between(texts[0])}"
    parts: list[str] = []
    for text in texts:
        if parts and sum(map(len, parts)) + len(text) > LONG:
            parts.append('"…"')
            break
        parts.append(between(text))
    return f"{field} = [{', '.join(parts)}]"


def suggested_line(field: str, value: str) -> str:
    """Return the line to type instead, for a value with wrong quotes or brackets."""
    value = value.strip()[: 4 * LONG]
    if field == "body":
        return 'body = """ … """'
    if field == "draft":
        return "draft = true"
    if field in FILES and "{" in value:
        keys = (f"{key.name} = {key.example}" for key in FILES[field] if key.name != "language")
        return f"{field} = [{{{', '.join(keys)}}}]"
    bare = value.strip(f" \t,;=:>[]{_ALL_QUOTES}")
    if field in DATES:
        return f"{field} = {bare}" if _DAY.fullmatch(bare) else line_with(field, bare or "…")
    is_list = has_several(field, value)
    return line_with(field, *(texts_in(field, value) or ["…"]), is_list=is_list)


def example(field: str) -> str:
    """Return a line to type for a field without a value."""
    if field in DATES:
        return f"{field} = 2008-10-20"
    return suggested_line(field, "…")


def has_several(field: str, value: str) -> bool:
    """Return whether a value of a field that has one text or a list was meant as a list."""
    return field in TEXTS and (value.startswith(("[", "［")) or bool(_SEVERAL.search(value)))


def texts_in(field: str, value: str) -> list[str]:
    """Return the texts that a value was meant to have, whatever stands around and between them."""
    value = _BRACKETS.sub(", ", value.lstrip(" \t=:>"))
    if field not in LISTS and not has_several(field, value):
        text = _without_quotes(value.strip(" []［］") if value[:1] in {"[", "［"} else value)
        return [text] if text else []
    inner = _NOTE.sub("", value).strip(" \t\n,;[]［］")
    if inner[:1] + inner[-1:] in {"()", "{}", "（）"}:
        inner = inner[1:-1]
    texts = [_without_quotes(part) for part in _parts(field, inner)]
    if field == "categories":  # none has a comma in it
        texts = [part.strip() for text in texts for part in re.split(r"[,|]", text)]
    return [text for text in texts if text]


def _parts(field: str, inner: str) -> Iterator[str]:
    """Cut a list into its texts, at the commas and the like that are outside of them."""
    cuts = list(_BETWEEN.finditer(inner))
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(inner)]
    at = 0
    while at < len(starts):
        tried = range(at, min(at + _MOST_JOINED, len(ends)))
        whole = (n for n in tried if _is_whole(field, inner[starts[at] : ends[n]].strip()))
        bare_text = field in TEXTS and inner[starts[at] : starts[at] + 1] not in _ALL_QUOTES
        last = next(whole, len(ends) - 1 if bare_text else at)
        yield inner[starts[at] : ends[last]]
        at = last + 1


def _is_whole(field: str, part: str) -> bool:
    """Return whether a part of a list is one text, not the beginning of one with a comma in it."""
    if part[:1] and part[0] in _ALL_QUOTES:
        return len(part) > 1 and part[-1] in _ALL_QUOTES and _is_pair(part)
    if field in FILES:
        return bool(_FILE_END.fullmatch(part))
    return field not in TEXTS or part.endswith(_SENTENCE_END)


def _without_quotes(value: str) -> str:
    """Return the text that a value was meant to have, without the quotes around it."""
    text = _unescaped(_NOTE.sub("", value).strip(" \t\n,;"))
    if closed := _CLOSED.fullmatch(text):
        return closed["text"] + closed["rest"]
    first, last = text[:1], text[-1:]
    begins, ends = bool(first) and first in _ALL_QUOTES, bool(last) and last in _ALL_QUOTES
    if begins and ends and len(text) > 1 and _is_pair(text):
        text = text[1:-1].strip()
        is_doubled = first == last == text[:1] == text[-1:]
        return text[1:-1].strip() if is_doubled and _is_pair(text) else text
    if begins and not ends and (start := _QUOTED_START.fullmatch(text)):
        return f"“{start['text']}”{start['rest']}"
    if begins and ends and first in SINGLE:  # 'One' and 'two'
        return text
    quotes = sum(character in _ALL_QUOTES for character in text)
    tries = [text[1:], text[:-1]] if begins and ends else []
    if quotes > 1 and first not in SINGLE and last not in SINGLE:
        tries = [text, *tries]
    inner = text[begins : len(text) - ends]
    return next((one for one in tries if _curled(one)[1]), inner).strip()


def _unescaped(text: str) -> str:
    r"""Return a value that begins with a quote without the `\` before quotes and before others."""
    if text[:1] != '"':
        return text.replace('\\"', '"')
    is_closed = len(text) > 1 and text[-1] == '"'
    inner = text[1:-1] if is_closed else text[1:]
    if _ESCAPED.sub("", inner).endswith("\\") and '\\"' in inner:  # the last quote is escaped
        inner, is_closed = inner + text[-1] * is_closed, False
    return '"' + _ESCAPED.sub(r"\1", inner) + '"' * is_closed


def _is_pair(text: str) -> bool:
    """Return whether the first and the last character, both quotes, belong together."""
    first, last, inner = text[0], text[-1], text[1:-1]
    if first in SINGLE or last in SINGLE:
        return not _APART.search(inner)
    if first == last:
        return _curled(inner)[1]
    depth = 0
    for character in inner:
        depth += (character == first) - (character == last)
        if depth < 0:
            return False
    return True


def _curled(text: str) -> tuple[str, bool]:
    """Return a text with curly quotes for straight ones, and whether all of them are pairs.

    One behind a digit, where none is open, is the sign of inches.
    """
    found: list[str] = []
    is_open, is_paired = False, True
    for at, character in enumerate(text):
        before, after = text[at - 1 : at] if at else " ", text[at + 1 : at + 2] or " "
        if character not in DOUBLE:
            found.append(character)
            continue
        is_start = not before.isalnum() and not after.isspace()
        if is_open and (not before.isspace() or after.isspace()):
            sign, is_open = "”", False
        elif not is_open and (is_start or before.isspace()):
            sign, is_open = "“", True
        elif before.isdigit():
            sign = "″"
        else:
            sign, is_paired = "“" if before.isspace() else "”", False
        found.append(sign if character == '"' else character)
    return "".join(found), is_paired and not is_open
