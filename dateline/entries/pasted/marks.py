"""Marks of list items, as word processors, mail programs and people write them.

A bullet is sure by itself, or beside another one. A number or a letter is a mark only where the
next one follows: `(a)` and later `(b)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dateline.text.expressions import regex

Kind = Literal["bullet", "number", "label"]
# How sure a mark is: by itself, beside another in its paragraph, or as the next of a sequence.
Proof = Literal["sure", "pair", "dash", "sequence"]

SPACES = " \t\u00a0\u2002\u2003\u2009\u202f\u3000"
_SPACE = f"[{SPACES}]"
# Of Unicode, and where Word's Symbol and Wingdings have theirs (private use, U+F000).
_SURE = "•‣⁃∙▪▫◦●○■□◆◇►▶▸➢➤❖\uf06e\uf071\uf076\uf0a7\uf0a8\uf0b7\uf0d8\uf0e0\uf0fc"
_WIDE_GAP = rf"(?:\t{_SPACE}*|\u00a0{_SPACE}*|[ \u2003\u3000]{{2}}{_SPACE}*)"
_MARKS: tuple[tuple[Proof, str], ...] = (
    ("sure", rf"(?P<sign>[{_SURE}])\ufe0e?{_SPACE}*"),
    ("sure", rf"(?P<sign>[·・])(?:{_SPACE})+"),
    ("sure", rf"(?P<sign>[*+-])\u00a0{_SPACE}*"),
    ("pair", rf"(?P<sign>[o§])(?!{_WIDE_GAP}\d){_WIDE_GAP}"),
    ("pair", rf"(?P<sign>\*\)){_SPACE}*"),
    ("dash", rf"(?P<sign>[–‒])(?:{_SPACE})+"),
    ("dash", r"(?P<sign>-)(?=[^\W\d_])"),
)
_BULLETS = tuple(
    (proof, regex(rf"(?P<indent>{_SPACE}*){mark}(?P<text>\S.*)")) for proof, mark in _MARKS
)
_SYMBOL = regex(rf"(?P<indent>{_SPACE}*)(?P<sign>[^\w\s\x00-\x7f]\ufe0f?)(?P<text>{_SPACE}.*)")
_NUMBER = regex(
    rf"(?P<indent>{_SPACE}*)(?P<open>[(（\[]?)(?P<number>\d{{1,3}})"
    rf"(?:(?P<close>[)）\]．、])(?P<gap>{_SPACE}*)"
    rf"|(?P<stop>\.-|\.|[º°]\)?|{_SPACE}?[-–])(?P<after>{_SPACE}+))(?P<text>\S.*)"
)
_CIRCLED = regex(rf"(?P<indent>{_SPACE}*)(?P<number>[①-⒛⓪➀-➓])\.?{_SPACE}*(?P<text>\S.*)")
# What stands behind the letters of a list: Chinese, Arabic, Latin and Cyrillic.
_LISTED = {"一": ("、", "."), "أ": ("-", "–", "."), "a": (".",), "а": (".",)}
_LETTER = regex(
    rf"(?P<indent>{_SPACE}*)(?P<label>(?P<open>[(（]?)(?P<letter>[^\W\d_]ـ?|[ivxIVX]{{2,5}}"
    rf"|[一二三四五六七八九十]{{2,3}})(?P<close>[)）、]|{_SPACE}?[-–.](?={_SPACE})))"
    rf"{_SPACE}*(?P<text>\S.*)"
)
_MAY_BE = regex(
    rf"{_SPACE}*+(?:[^\w\s\"'“”«»„‘’¿¡#>|]|\d|o{_SPACE}|[^\W\d_]{{1,5}}ـ?{_SPACE}?[)）、.–-]|[①-➓])"
)
_DEEPEST = 8  # sequences within each other; deeper ones are none
_CLOSES = {"(": ")）", "（": "）)", "[": "]", "": ")）．、"}
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщэюя"
_ARABIC = ("أبجدهوزحطيكلمنسعفصقرشت", "أبتثجحخدذرزسشصضطظعغفقكلمنهوي")
_CHINESE = "一二三四五六七八九十"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The mark before the `text` of an item; `indent` is in spaces.

    Items with the same `sign` belong to one list. `orders` are the places in a sequence that a
    number or a letter may have, `label` the part of it that must stay visible. A `native` mark
    makes a list in Markdown where it is not set in too far.
    """

    kind: Kind
    proof: Proof
    sign: str
    text: str
    indent: int
    orders: tuple[int, ...] = ()
    label: str = ""
    native: bool = False


def mark_of(line: str) -> Mark | None:
    """Return the mark with which a line begins, if any."""
    if not _MAY_BE.match(line):  # as of most lines
        return None
    for proof, pattern in _BULLETS:
        if found := pattern.match(line):
            return Mark(
                kind="bullet",
                proof=proof,
                sign=found["sign"],
                text=found["text"],
                indent=width(found["indent"]),
            )
    return _number(line) or _letter(line) or _symbol(line)


def in_sequence(marks: Iterable[tuple[int, Mark | None]]) -> set[int]:
    """Return the places of numbers and letters whose next or previous one is there too.

    A sequence begins with one, or `a`; one that is set in further stands within another.
    """
    accepted: set[int] = set()
    begun: dict[str, list[_Counting]] = {}  # the outermost first
    for place, mark in marks:
        if mark is None or mark.proof != "sequence":
            continue
        open_ones = begun.setdefault(mark.sign, [])
        at = _continued(open_ones, mark)
        if at is None:
            while open_ones and mark.indent <= open_ones[-1].indent:
                open_ones.pop()
            if 1 not in mark.orders:
                open_ones.clear()
            elif len(open_ones) < _DEEPEST:
                open_ones.append(_Counting(indent=mark.indent, last=1, place=place))
            continue
        del open_ones[at + 1 :]
        accepted |= {open_ones[at].place, place}
        open_ones[at] = _Counting(indent=mark.indent, last=open_ones[at].last + 1, place=place)
    return accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """A sequence that may go on: the indent, number and place of its last item."""

    indent: int
    last: int
    place: int


def _continued(begun: Sequence[_Counting], mark: Mark) -> int | None:
    """Return which of some sequences a mark continues, rather one that is set in as far."""
    fitting = [at for at, one in enumerate(begun) if one.last + 1 in mark.orders]
    return max(fitting, key=lambda at: (begun[at].indent == mark.indent, at), default=None)


def are_bullets(marks: Sequence[Mark | None], lines: Sequence[str]) -> set[int]:
    """Return the places of the bullets among the lines of one paragraph."""
    sure = {place for place, mark in enumerate(marks) if mark and mark.proof == "sure"}
    pairs = [place for place, mark in enumerate(marks) if mark and mark.proof == "pair"]
    dashes = [place for place, mark in enumerate(marks) if mark and mark.proof == "dash"]
    found = set(sure)
    if len(pairs) > 1 or (pairs and sure):
        found.update(pairs)
    first = dashes[0] if dashes else 0
    if dashes and (sure or (len(dashes) > 1 and _may_begin(first, lines))):
        found.update(dashes)
    return found


def width(text: str) -> int:
    """Return how many columns a text takes: letters of East Asia take two."""
    if text.isascii():
        return len(text.expandtabs(4))
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _may_begin(first: int, lines: Sequence[str]) -> bool:
    return first == 0 or lines[first - 1].rstrip().endswith((":", "："))


def _number(line: str) -> Mark | None:
    if found := _CIRCLED.match(line):
        circled = (int(unicodedata.numeric(found["number"])),)
        return _in_sequence("number", f"①{ord(found['number']) // 20}", found, circled)
    found = _NUMBER.match(line)
    if not found:
        return None
    close, stop = found["close"], (found["stop"] or "").strip(SPACES)
    if close and close not in _CLOSES[found["open"]]:
        return None
    if (found["open"] and not close) or (close == "]" and found["text"].startswith(":")):
        return None  # the second is where a link leads (CommonMark 0.31.2, 4.7)
    sign = f"{found['open']}1{close or stop}"
    order = (int(found["number"]),)
    if close == "]":
        return _in_sequence("label", sign, found, order, label=f"[{found['number']}]")
    gap = found["gap"] if close else found["after"]
    is_native = (
        not found["open"]
        and (close == ")" or stop == ".")
        and found["number"].isascii()
        and gap[:1] in {" ", "\t"}
    )
    return _in_sequence("number", sign, found, order, native=is_native)


def _letter(line: str) -> Mark | None:
    found = _LETTER.match(line)
    if not found:
        return None
    letter, close = found["letter"].rstrip("ـ"), found["close"].strip(SPACES)
    script, orders = _orders(letter)
    is_closed = close in {")", "）"} and not (found["open"] == "" and script == "")
    is_listed = close in _LISTED.get(script, ())
    if not orders or not (is_closed or (is_listed and not found["open"])):
        return None
    sign = f"{found['open']}{script}{close}"
    return _in_sequence("label", sign, found, orders, label=found["label"].strip(SPACES))


def _orders(letter: str) -> tuple[str, tuple[int, ...]]:
    """Return the script of a letter, with its case, and the places that it may have there."""
    low = letter.lower()
    case = "A" if letter != low else "a"
    roman = (_ROMAN.index(low) + 1,) if low in _ROMAN else ()
    if len(low) == 1 and "a" <= low <= "z":
        return case, (ord(low) - 96, *roman)
    if roman:
        return case, roman
    if len(low) == 1 and low in _CYRILLIC:
        return "А" if letter != low else "а", (_CYRILLIC.index(low) + 1,)
    arabic = "أ" if letter == "ا" else letter
    if len(arabic) == 1 and any(arabic in alphabet for alphabet in _ARABIC):
        return "أ", tuple(a.index(arabic) + 1 for a in _ARABIC if arabic in a)
    if letter and all(one in _CHINESE for one in letter):
        return "一", (_chinese(letter),)
    return "", ()


def _chinese(number: str) -> int:
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return _CHINESE.index(ones[-1]) + 1
    many = _CHINESE.index(tens) + 1 if tens else 1
    return 10 * many + (_CHINESE.index(ones) + 1 if ones else 0)


def _symbol(line: str) -> Mark | None:
    """Return the mark for a symbol such as a check mark or a pictogram, which stays visible."""
    found = _SYMBOL.match(line)
    if not found or unicodedata.category(found["sign"][0]) != "So":
        return None
    return Mark(
        kind="label",
        proof="pair",
        sign="So",
        text=found["text"].strip(SPACES),
        indent=width(found["indent"]),
        label=found["sign"],
    )


def _in_sequence(
    kind: Kind,
    sign: str,
    found: re.Match[str],
    orders: tuple[int, ...],
    *,
    label: str = "",
    native: bool = False,
) -> Mark:
    return Mark(
        kind=kind,
        proof="sequence",
        sign=sign,
        text=found["text"],
        indent=width(found["indent"]),
        orders=orders,
        label=label,
        native=native,
    )
