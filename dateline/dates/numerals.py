"""Which number do Chinese numerals say?"""

from __future__ import annotations

NUMERALS = "〇零一二三四五六七八九十廿卅"


def chinese_number(text: str) -> int:
    """Give the number that Chinese numerals say, by digit (二〇〇八) or by tens (三十一).

    >>> [chinese_number(text) for text in ("二〇〇八", "十", "二十六", "三十", "廿一", "17")]
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
    values = [max(NUMERALS.index(numeral) - 1, 0) for numeral in text]
    return int("".join(map(str, values)))
