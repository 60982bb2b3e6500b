"""Which number do Chinese numerals say?"""

from __future__ import annotations

NUMERALS = "〇零一二三四五六七八九十廿卅"

_VALUES = {numeral: max(at - 1, 0) for at, numeral in enumerate(NUMERALS[:12])}
_VALUES |= {"两": 2, "兩": 2} | {str(digit): digit for digit in range(10)}
_NONE = 9999
_VALUES["十"] = _NONE


def chinese_number(text: str) -> int:
    """Give the number that Chinese numerals say, by digit (二〇〇八) or by tens (三十一).

    Digits may stand among them (一九0九); a number that nobody writes is far too large.

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
    """Give the number that single Chinese digits spell; ten times ten is none at all."""
    return int("".join(str(_VALUES[numeral]) for numeral in text))
