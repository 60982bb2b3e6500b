"""From a text to tokens, each with a symbol: one letter that the grammar is written in.

Words have the symbols of `lexicon` and `vocabulary`. Further symbols are:

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
from collections.abc import Callable, Iterator
from functools import cache

from dateline.entries.dates.lexicon import AM, PM, ZONE_NAMES
from dateline.entries.dates.symbols import ROOM, Token
from dateline.entries.dates.vocabulary import Meaning, chinese_words, fold, longest, phrases
from dateline.entries.dates.zones import ZONES, region
from dateline.text.characters import normalised
from dateline.text.expressions import regex

LONGEST_TEXT = 200

_INVISIBLE = regex(
    "[\u00ad\u0300-\u036f\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_DASHES = regex("[\u2010-\u2015\u2212\u2e3a\u2e3b]")
_DIGIT = regex(r"[^\D0-9]")
_ORDINAL = regex(r"(?<=[0-9])\.?[º°ª]")
_WAVE = regex(r"(?<=[0-9日号月])\s*~\s*(?=[0-9])")
_EVEN = str.maketrans(
    {"،": ",", "؛": ",", "、": "&", "。": ".", "’": "'", "‘": "'", "ʼ": "'", "○": "〇"}
)

NUMERALS = "〇零一二三四五六七八九十廿卅"

_VALUES = {numeral: max(at - 1, 0) for at, numeral in enumerate(NUMERALS[:12])}
_VALUES |= {"两": 2, "兩": 2} | {str(digit): digit for digit in range(10)}
_NONE = 9999
_VALUES["十"] = _NONE

_HAN = "\u4e00-\u9fff"
_LEXICAL = r"""(?P<offset>(?:UTC|GMT)\s?[+-]\d\d?(?::?\d\d)?(?![\d:])|\+\d\d?(?::?\d\d)?(?![\d:])
        |(?<=:\d\d)\s-\d{4}(?!\d)|(?<=:\d\d:\d\d)-\d{4}(?!\d)|(?<=:\d\d:\d\d)-\d\d:\d\d)
    |(?P<clock>(?<![\d:])\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d:]))
    |(?P<part>(?<![^\W\d_])[ap](?:\.\s?m|m)\b\.?)
    |(?P<room>(?<![年月\dNUMERALS])第?[\dNUMERALS]+[号號]?
        (?:展?厅|大?廳|会议[室厅]|[馆館楼樓室门])(?!内))
    |(?P<marked>(?:[\dNUMERALS]+|[两兩])\s*(?:[点點时時]半|[年月日号號时時点點分秒刻]))
    |(?P<filler>(?<=[点點时時分刻])[钟鐘]?[整正](?!式)|(?<=[点點分刻])[钟鐘]|(?<=月)份)
    |(?P<past>(?<=[点點时時])[NUMERALS]{2,3}(?![HAN\d]))
    |(?P<counted>第\s*[\dNUMERALS]+)
    |(?P<months>(?<=年)\s*(?:\d\d?|[NUMERALS]+)(?=\s*(?:[至到&]|-+)\s*(?:\d\d?|[NUMERALS]+)\s*月
        (?!\s*[\dNUMERALS])))
    |(?P<about>大?约(?=\s*[\dNUMERALS])|(?<=[月年])[初中底末春夏秋冬]|(?<=[月年日号])(?:[起前后後止]|内(?![瓦罗])))
    |(?P<since>[从自](?=\s*[\dNUMERALS]))
    |(?P<relative>[上下本这這][个個]?(?:[周週]|星期|[礼禮]拜)[一二三四五六日天]?)
    |(?P<han>CHINESE)
    |(?P<numeral>[NUMERALS]+(?=\s*[至到&-]))
    |(?P<unmarked>[NUMERALS]+(?![HAN])|[月日号號时時](?![HAN])|日(?=[电電讯訊]))
    |(?P<number>\d+)(?P<ordinal>
        (?:(?<=1)\ er|st|nd|rd|th|[eèé]?re?|i?[eèé]me|[rdt]o|-?(?:о?го|о?е|ые|й|е))(?![^\W\d_]))?
    |(?P<short>'\d\d(?!\d))
    |(?P<tee>(?<=\d)T(?=\d\d:))
    |(?P<region>(?<![^\W\d_])(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Canada|Etc
        |Europe|Indian|Pacific|US)/[a-z_]+(?:[/-][a-z_]+)*)
    |(?P<word>(?:l')?apr[eè]s-midi\b|[HAN]|[^\W\d_HAN]+(?:'[^\W\d_HAN]+)*)
    |(?P<hanging>(?<=:\d\d)\s-(?=\d\d:\d\d))
    |(?P<dash>-+)
    |(?P<comma>[,:;|]|\.+(?![\d.])|(?<=[^\W\d])\.)
    |(?P<mark>[./()\[\]【】&@])
    |(?P<doubt>[?~])
    |(?P<quote>['"“”„«»「」『』《》])
    |(?P<other>\S)"""
_MARKS = dict.fromkeys("年", "y") | dict.fromkeys("月", "M") | dict.fromkeys("日号號", "D")
_UNITS = dict.fromkeys("时時", "h") | dict.fromkeys("点點", "k") | {"分": "m", "秒": "s"}
_ENDINGS = {"st": 1, "nd": 2, "rd": 3}
_TEENS = range(11, 14)
_MARK_SYMBOLS = {"&": "a"} | dict.fromkeys("[【", "(") | dict.fromkeys("]】", ")")
_UNITS_AND_NAMES = frozenset("hkmAMWpovY")

# `5 ET 6 JUIN` is French; after a clock time it is a zone.
_UNSURE = frozenset({"ET", "CT", "MT", "PT"})
_LONGEST_PHRASE = 8  # words in a phrase
_AND = "و"  # Arabic writes it as one with the word that follows
_AFTER_AND = frozenset("DMWg")
_AFTER_CLOCK = frozenset("CAphkNGLm")


def even(text: str) -> str:
    r"""Return `text` with ASCII digits, plain dashes and apostrophes, nothing invisible.

    A number that is no digit (`²`, `½`) becomes `\\0`.
    """
    if not text.isascii():
        text = "".join("\0" if unicodedata.category(c) == "No" else c for c in text)
        text = normalised("NFKC", _ORDINAL.sub("", text))
        text = _DASHES.sub("-", _INVISIBLE.sub("", text)).translate(_EVEN)
        text = _DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    return " ".join(_WAVE.sub("-", text).split()) if "~" in text else " ".join(text.split())


@cache
def _lexical() -> re.Pattern[str]:
    """Return the pattern of a token, which most files need not: their dates are TOML's own."""
    whole = _LEXICAL.replace("NUMERALS", NUMERALS).replace("CHINESE", "|".join(chinese_words()))
    return re.compile(whole.replace("HAN", _HAN), re.VERBOSE | re.IGNORECASE)


def tokens(text: str, language: str) -> list[Token]:
    """Return the tokens of a text that `even` has made plain.

    A word with several meanings has them all in `meanings`, and the first as its symbol.
    """
    found: list[Token] = []
    end = -1
    for match in _lexical().finditer(text):
        before = len(found)
        _MAKE[match.lastgroup or "other"](found, match)
        if match.start() == end and len(found) > before > 0:
            _mark_glued(found, language)
        end = match.end()
    return list(with_meanings(found, language))


def _mark_glued(found: list[Token], language: str) -> None:
    """Refuse `2O` and `l0`: a letter in a number is a slip of the hand."""
    last, before = found[-1], found[-2]
    word = last if last.symbol == "w" else before
    pair = {last.symbol, before.symbol}
    if before.symbol == "y" and last.text in ZONES:
        return
    if "w" in pair and pair & set("dDyn") and not _may_be_glued(word.text, language):
        found[-1] = Token("!", last.text)


def _may_be_glued(word: str, language: str) -> bool:
    """Return whether `word` may touch a number: a unit, a month, a script without spaces."""
    if "\u0600" <= word[0] <= "\u06ff" or "\u4e00" <= word[0] <= "\u9fff":
        return True
    meanings = phrases(language).get(fold(word), (("", 0),))
    symbol = meanings[0][0]
    if symbol == "t":
        return len(word) > 1  # `10 to14`
    return symbol in _UNITS_AND_NAMES and not (symbol in "oY" and word in "lLoO")


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
    """Read `8日`, `十月`, `二〇〇八年`, `十点半`, `一刻`."""
    written = match[0].removesuffix("半")
    digits, mark = written[:-1].rstrip(), written[-1]
    number = chinese_number(digits)
    if mark == "刻":
        found += (Token("d", f"{digits}刻", 15 * number), Token("m", ""))
    elif mark in _MARKS:
        symbol = _MARKS[mark]
        short = symbol == "y" and not number > 99
        found.append(Token("e" if short else symbol, match[0], number))
    else:
        found += (Token("d", digits, number), Token(_UNITS[mark], mark))
    if match[0].endswith("半"):
        found += (Token("d", "三十", 30), Token("m", "半"))


def _simple(symbol: str) -> Callable[[list[Token], re.Match[str]], None]:
    def add(found: list[Token], match: re.Match[str]) -> None:
        found.append(Token(symbol, match[0]))

    return add


def _comma(found: list[Token], match: re.Match[str]) -> None:
    """Leave out the point of an abbreviation or an ordinal (`Oct.`, `20. Oktober`)."""
    if match[0][0] == "." and found and found[-1].symbol in "wdA":
        return
    found.append(Token(",", match[0]))


def _part(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("A", match[0], AM if match[0][0] in "aA" else PM))


def _short(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("e", match[0], int(match[0][1:])))


def _numeral(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token("d", match[0], chinese_number(match[0])))


def _room(found: list[Token], match: re.Match[str]) -> None:
    """Read `3号厅`, a hall."""
    found.append(Token("K", match[0], meanings=(ROOM,)))


def _region(found: list[Token], match: re.Match[str]) -> None:
    """Read `America/New_York`; `Asia/Pacific` is none, but behind a time it may have been meant."""
    key = region(match[0])
    found.append(Token("Z", key) if key else Token("w", match[0]))


def _month(found: list[Token], match: re.Match[str]) -> None:
    """Read the first number of `5-6月`, a month because of the second one."""
    found.append(Token("M", match[0], chinese_number(match[0].strip())))


def _mark(found: list[Token], match: re.Match[str]) -> None:
    found.append(Token(_MARK_SYMBOLS.get(match[0], match[0]), match[0]))


def _nothing(found: list[Token], match: re.Match[str]) -> None:
    """Leave out quotation marks, the T of ISO 8601, and what 点钟, 三点整 and 5月份 end with."""


_MAKE = {
    "offset": _simple("Z"),
    "clock": _simple("C"),
    "part": _part,
    "marked": _marked,
    "room": _room,
    "filler": _nothing,
    "past": _numeral,
    "counted": _simple("v"),
    "about": _simple("v"),
    "since": _simple("f"),
    "relative": _simple("r"),
    "han": _simple("w"),
    "unmarked": _simple("!"),
    "numeral": _numeral,
    "months": _month,
    "number": _number,
    "ordinal": _number,
    "short": _short,
    "tee": _nothing,
    "region": _region,
    "word": _simple("w"),
    "hanging": _simple("-"),
    "dash": _simple("-"),
    "comma": _comma,
    "mark": _mark,
    "doubt": _simple("V"),
    "quote": _nothing,
    "other": _simple("*"),
}


def with_meanings(found: list[Token], language: str) -> Iterator[Token]:
    """Yield the tokens with the meanings of words, the longest phrase first."""
    at, before = 0, ""
    while at < len(found):
        length, known = 1, [found[at]]
        if found[at].symbol == "w":
            length, known = _looked_up(found, at, before, language)
        yield from known
        before = known[-1].symbol
        at += length


def _looked_up(found: list[Token], at: int, before: str, language: str) -> tuple[int, list[Token]]:
    """Return how many of the words from `at` have a meaning together, and that."""
    words = found[at : at + _LONGEST_PHRASE]
    length, token = _longest_known(words, before, language)
    if token.symbol == "w" and token.text.startswith(_AND) and len(token.text) > 1:
        words = [Token("w", token.text[1:]), *words[1:]]
        more, known = _longest_known(words, before, language)
        if known.symbol in _AFTER_AND:
            return more, [Token("a", _AND), known]
    return length, [token]


def _longest_known(words: list[Token], before: str, language: str) -> tuple[int, Token]:
    """Return the meaning of as many of `words` as make a phrase, or the first word."""
    known = phrases(language)
    most = longest(language).get(fold(words[0].text), 1)
    for length in range(min(most, len(words)), 1, -1):
        phrase = " ".join(map(_in_phrase, words[:length]))
        if meanings := known.get(phrase):
            return length, _meaning(phrase, meanings)
    text = words[0].text
    if text in ZONES and (before in _AFTER_CLOCK or text not in _UNSURE):
        return 1, Token("Z", text)
    word = fold(text)
    meanings = known.get(word) or known.get(word.removeprefix("d'").removeprefix("l'"), ())
    return 1, _meaning(text, meanings) if meanings else words[0]


def _in_phrase(word: Token) -> str:
    if word.symbol == "w":
        return fold(word.text)
    return "-" if word.text == "-" else ""


def _meaning(text: str, meanings: tuple[Meaning, ...]) -> Token:
    symbol, number = meanings[0]
    return Token(symbol, ZONE_NAMES[number] if symbol == "Z" else text, number, meanings)


def chinese_number(text: str) -> int:
    """Return the number of Chinese numerals, by digit (二〇〇八) or by tens (三十一).

    Digits may stand among them (一九0九). For numerals that are no number the result is far too
    large for a date.

    >>> [chinese_number(text) for text in ("二〇〇八", "十", "二十六", "廿一", "17", "一九0九")]
    [2008, 10, 26, 21, 17, 1909]
    """
    if text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if ten and (not tens.isascii() or not tens) and not any(map(str.isdigit, ones)):
        return 10 * (_digits(tens) if tens else 1) + (_digits(ones) if ones else 0)
    return _NONE if ten else _digits(text)


def _digits(text: str) -> int:
    """Return the number that single Chinese digits spell."""
    return int("".join(str(_VALUES[numeral]) for numeral in text))
