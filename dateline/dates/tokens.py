"""Which signs does a text consist of?

A text becomes tokens, each with a sign: one letter that the grammar is written in. Words have
the signs of `vocabulary`; besides there are:

====  ==========================================================================
d D   a number of one or two digits; the same, certainly a day (`8th`, `8日`)
y e n a number of four digits, or marked as a year; `'08`; any other number
C     a clock time with a colon
w     a word without a meaning here
!     letters and digits run together: `2O`
*     a character that no date has in it
====  ==========================================================================

and `. , - / ( )` as they stand; a `.` only between two numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dateline.dates.vocabulary import (
    AM,
    PM,
    ZONE_NAMES,
    Meaning,
    chinese_words,
    fold,
    longest,
    phrases,
)
from dateline.dates.zones import ZONES

_NUMERALS = "〇零一二三四五六七八九十廿卅"
_HAN = "\u4e00-\u9fff"
_TOKEN = re.compile(
    r"""(?P<offset>(?:UTC|GMT)\s?[+-]\d\d?(?::?\d\d)?(?![\d:])|\+\d\d?(?::?\d\d)?(?![\d:])
        |(?<=:\d\d)\s?-\d{4}(?!\d)|(?<=:\d\d:\d\d)-\d\d:\d\d)
    |(?P<clock>\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d:]))
    |(?P<part>(?<![^\W\d_])[ap](?:\.\s?m|m)\b\.?)
    |(?P<marked>(?:\d+|[NUMERALS]+)\s*(?:点半|點半|[年月日号號时時点點分]))
    |(?P<about>大?约(?=\s*[\dNUMERALS])|(?<=[月年])[初底末]|(?<=[月年日号])起)
    |(?P<since>[从自](?=\s*[\dNUMERALS]))
    |(?P<han>CHINESE)
    |(?P<numeral>[NUMERALS]+(?=\s*[至到&-]))
    |(?P<number>\d+)(?P<ordinal>(?:st|nd|rd|th|[eèé]?re?|i?[eèé]me|[rdt]o|-?(?:о?го|о?е|ые|й|е))
        (?![^\W\d_]))?
    |(?P<short>'\d\d(?!\d))
    |(?P<tee>(?<=\d)T(?=\d\d:))
    |(?P<word>apr[eè]s-midi\b|[HAN]|[^\W\d_HAN]+(?:'[^\W\d_HAN]+)*)
    |(?P<dash>-+)
    |(?P<comma>[,:;|]|\.(?!\d)|(?<!\d)\.)
    |(?P<mark>[./()&])
    |(?P<doubt>[?~])
    |(?P<quote>['"“”„«»])
    |(?P<other>\S)""".replace("NUMERALS", _NUMERALS)
    .replace("CHINESE", "|".join(chinese_words()))
    .replace("HAN", _HAN),
    re.VERBOSE | re.IGNORECASE,
)
_MARKS = dict.fromkeys("年", "y") | dict.fromkeys("月", "M") | dict.fromkeys("日号號", "D")
_UNITS = dict.fromkeys("时時", "h") | dict.fromkeys("点點", "k") | dict.fromkeys("分", "m")
_ENDINGS = {"st": 1, "nd": 2, "rd": 3}
_TEENS = range(11, 14)
_UNITS_AND_NAMES = frozenset("hkmAMWpov")
# `5 ET 6 JUIN` is French; after a clock time it is a zone.
_UNSURE = frozenset({"ET", "CT", "MT", "PT"})
_AFTER_CLOCK = frozenset("CAphkN")

_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_DASHES = re.compile("[\u2010-\u2015\u2212\u2e3a\u2e3b]")
_DIGIT = re.compile(r"[^\D0-9]")
_ORDINAL = re.compile(r"(?<=[0-9])\.?[º°ª]")
_WAVE = re.compile(r"(?<=[0-9日号月])\s*~\s*(?=[0-9])")
_EVEN = str.maketrans({"،": ",", "؛": ",", "、": "&", "。": ".", "’": "'", "‘": "'", "ʼ": "'"})


class Clock(NamedTuple):
    """A time as written: `part` is a part of the day or 0, `loose` may mean either half."""

    text: str
    hour: int
    minute: int = 0
    second: int | None = None
    part: int = 0
    loose: bool = False
    exact: bool = False
    zones: tuple[str, ...] = ()


class Token(NamedTuple):
    """A sign, what stands in the text, and the number or the clock times that go with it."""

    sign: str
    text: str
    number: int = 0
    meanings: tuple[Meaning, ...] = ()
    clocks: tuple[Clock, ...] = ()


def even(text: str) -> str:
    r"""Give `text` with ASCII digits, plain dashes and apostrophes, nothing invisible.

    A number that is no digit (`²`, `½`) stays out of it: it becomes `\\0`.
    """
    if not text.isascii():
        text = "".join("\0" if unicodedata.category(c) == "No" else c for c in text)
        text = unicodedata.normalize("NFKC", _ORDINAL.sub("", text))
        text = _DASHES.sub("-", _INVISIBLE.sub("", text)).translate(_EVEN)
        text = _DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    return " ".join(_WAVE.sub("-", text).split()) if "~" in text else " ".join(text.split())


def tokens(text: str, language: str) -> list[Token]:
    """Give the tokens of a text that `even` has evened out.

    A word with several meanings has them all in `meanings`, and the first as its sign.
    """
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        before = len(found)
        _MAKE[match.lastgroup or "other"](found, match)
        if match.start() == end and len(found) > before > 0:
            _mark_glued(found, language)
        end = match.end()
    return list(_with_meanings(found, language))


def signs(found: Sequence[Token]) -> str:
    """Give the signs of `found` as one text, which patterns are searched in."""
    return "".join([token.sign for token in found])


def replaced(
    found: list[Token],
    pattern: re.Pattern[str],
    make: Callable[[list[Token], re.Match[str]], list[Token]],
) -> list[Token]:
    """Give `found` with what `make` gives in the place of each stretch that `pattern` fits."""
    parts: list[Token] = []
    at = 0
    for match in pattern.finditer(signs(found)):
        parts += found[at : match.start()]
        parts += make(found[match.start() : match.end()], match)
        at = match.end()
    return parts + found[at:] if at else found


def _mark_glued(found: list[Token], language: str) -> None:
    """Refuse `2O` and `l0`: a letter in a number is a slip of the hand."""
    last, before = found[-1], found[-2]
    word = last if last.sign == "w" else before
    pair = {last.sign, before.sign}
    if "w" in pair and pair & set("dDyn") and not _may_be_glued(word.text, language):
        found[-1] = Token("!", last.text)


def _may_be_glued(word: str, language: str) -> bool:
    """Tell whether `word` may touch a number: a unit, a month, a script without spaces."""
    if "\u0600" <= word[0] <= "\u06ff" or "\u4e00" <= word[0] <= "\u9fff":
        return True
    meanings = phrases(language).get(fold(word), (("", 0),))
    sign = meanings[0][0]
    return sign in _UNITS_AND_NAMES and not (sign == "o" and word in "lLoO")


def _number(found: list[Token], match: re.Match[str]) -> None:
    digits, ending = match["number"], (match["ordinal"] or "").lower()
    number = int(digits)
    if ending in _ENDINGS and (number % 10 != _ENDINGS[ending] or number in _TEENS):
        found.append(Token("!", match[0]))
    elif len(digits) <= 2:
        found.append(Token("D" if ending else "d", match[0], number))
    else:
        found.append(Token("y" if len(digits) == 4 and not ending else "n", match[0], number))


def _marked(found: list[Token], match: re.Match[str]) -> None:
    """Read `8日`, `十月`, `二〇〇八年`, `十点半`."""
    written = match[0].removesuffix("半")
    digits, mark = written[:-1].rstrip(), written[-1]
    number = _chinese_number(digits)
    if mark in _MARKS:
        sign = _MARKS[mark]
        short = sign == "y" and not number > 99
        found.append(Token("e" if short else sign, match[0], number))
    else:
        found += (Token("d", digits, number), Token(_UNITS[mark], mark))
    if match[0].endswith("半"):
        found += (Token("d", "30", 30), Token("m", "半"))


def _chinese_number(text: str) -> int:
    """Give the number that Chinese numerals say, by digit (二〇〇八) or by tens (三十一).

    >>> [_chinese_number(text) for text in ("二〇〇八", "十", "二十六", "三十", "廿一", "17")]
    [2008, 10, 26, 30, 21, 17]
    """
    if text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if ten:
        return 10 * (_digits(tens) if tens else 1) + (_digits(ones) if ones else 0)
    return _digits(text)


def _digits(text: str) -> int:
    """Give the number that single Chinese digits spell; ten times ten is none at all."""
    values = [max(_NUMERALS.index(numeral) - 1, 0) for numeral in text]
    return int("".join(map(str, values)))


def _simple(sign: str) -> Callable[[list[Token], re.Match[str]], None]:
    def add(found: list[Token], match: re.Match[str]) -> None:
        found.append(Token(sign, match[0]))

    return add


def _comma(found: list[Token], match: re.Match[str]) -> None:
    """Leave out the point of an abbreviation or an ordinal (`Oct.`, `20. Oktober`)."""
    if match[0] == "." and found and found[-1].sign in "wdA":
        return
    found.append(Token(",", match[0]))


def _part(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("A", match[0], AM if match[0][0] in "aA" else PM))


def _short(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("e", match[0], int(match[0][1:])))


def _numeral(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("d", match[0], _chinese_number(match[0])))


def _mark(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("a" if match[0] == "&" else match[0], match[0]))


def _nothing(found: list[Token], match: re.Match[str]) -> None:
    """Leave out quotation marks and the T of ISO 8601."""


_MAKE = {
    "offset": _simple("Z"),
    "clock": _simple("C"),
    "part": _part,
    "marked": _marked,
    "about": _simple("v"),
    "since": _simple("f"),
    "han": _simple("w"),
    "numeral": _numeral,
    "number": _number,
    "ordinal": _number,
    "short": _short,
    "tee": _nothing,
    "word": _simple("w"),
    "dash": _simple("-"),
    "comma": _comma,
    "mark": _mark,
    "doubt": _simple("V"),
    "quote": _nothing,
    "other": _simple("*"),
}


def _with_meanings(found: list[Token], language: str) -> Iterator[Token]:
    """Look the words up, the longest phrase first."""
    lengths = longest(language)
    at, before = 0, ""
    while at < len(found):
        token, length = found[at], 1
        if token.sign == "w":
            most = lengths.get(fold(token.text), 1)
            length, token = _longest_known(found[at : at + most], before, language)
        yield token
        before = token.sign
        at += length


def _longest_known(words: list[Token], before: str, language: str) -> tuple[int, Token]:
    """Give the meaning of as many of `words` as make a phrase; the first, where none do."""
    known = phrases(language)
    for length in range(len(words), 1, -1):
        phrase = " ".join(fold(word.text) if word.sign == "w" else "" for word in words[:length])
        if meanings := known.get(phrase):
            return length, _meaning(phrase, meanings)
    text = words[0].text
    if text in ZONES and (before in _AFTER_CLOCK or text not in _UNSURE):
        return 1, Token("Z", text)
    word = fold(text)
    meanings = known.get(word) or known.get(word.removeprefix("d'").removeprefix("l'"), ())
    return 1, _meaning(text, meanings) if meanings else words[0]


def _meaning(text: str, meanings: tuple[Meaning, ...]) -> Token:
    sign, number = meanings[0]
    return Token(sign, ZONE_NAMES[number] if sign == "Z" else text, number, meanings)
