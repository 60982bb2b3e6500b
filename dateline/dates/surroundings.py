"""What may stand around a date, and what must not?

`[place,] date [agency or headline]`: what else there is would change the date, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dateline.dates.signs import Token, replaced, signs
from dateline.errors import DateError

_DATE = frozenset("dyenMWTR")
_NUMBERS = frozenset("dDyen")
_SLASHED = re.compile(r"/[w,\-a]+/")
_BRACKETS = re.compile(r"\([^()]*\)")
_TWICE = re.compile(r"M/?M")
_HEADLINE = re.compile(r"(?<=[yeMdT])[,\-]w[^MWTR!V|()]*$")
_HEADLINE_WORDS = 3
_LETTERS_FOR_DIGITS = re.compile(r"[A-Za-z]|[IVXLlOoSZB]{1,4}")
_LONGEST_ABBREVIATION = 4


def without_surroundings(tokens: Sequence[Token], text: str) -> list[Token]:
    """Give the tokens of the date alone: no place before it, no agency or headline behind.

    Raises `DateError`: `relative`, `vague`, `two-dates`, `not-a-date`.
    """
    found = [token._replace(sign="d") if token.sign == "D" else token for token in tokens]
    found = replaced(found, _SLASHED, lambda _, __: [])
    if not _DATE & set(_BRACKETS.sub("", signs(found))):
        found = [token for token in found if token.sign not in "()"]
    found = replaced(found, _BRACKETS, lambda inner, _: _unwrapped(inner, text))
    found = replaced(found, _TWICE, _same_month)
    found = _without_headline(found)
    _refuse_unclear(found, text)
    dates = [at for at, token in enumerate(found) if token.sign in _DATE]
    if not dates:
        raise DateError("not-a-date", found=text)
    start, stop = dates[0], dates[-1] + 1
    while start and found[start - 1].sign in "fb":
        start -= 1
    core = found[start:stop]
    _check_before(found[:start], core, text)
    _check_after(found[stop:], core, text)
    return core


def named_places(tokens: Sequence[Token]) -> list[Token]:
    """Give `tokens` with the words of names as such: Mar del Plata, Silver Spring."""
    found = list(tokens)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].sign if at else ""
        after = signs(tokens[at + 1 : at + 3])
        if not token.text[:1].isupper():
            continue
        short = token.sign in "MW" and len(token.text) <= _LONGEST_ABBREVIATION
        if (short and before not in _NUMBERS and after.lstrip("o").startswith("w")) or (
            token.sign in "vr" and before == "w"
        ):
            found[at] = Token("w", token.text)
    return found


def _unwrapped(inner: list[Token], text: str) -> list[Token]:
    """Leave out an agency in brackets; read a weekday, a time or the month's other name."""
    inside = inner[1:-1]
    kinds = set(signs(inside))
    if not kinds & set("dDynevVrMWTRZz!"):
        return []
    if ("M" in kinds and kinds != {"M"}) or ("w" in kinds and kinds & _NUMBERS):
        raise DateError("two-dates", found=text)
    return inside


def _same_month(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `27 حزيران/يونيو`: the same month by both its names."""
    del match
    twice = found[0].number == found[-1].number and found[0].text != found[-1].text
    return found[:1] if twice else found


def _without_headline(found: list[Token]) -> list[Token]:
    line = signs(found)
    match = _HEADLINE.search(line)
    if not match or match[0].count("w") < _HEADLINE_WORDS:
        return found
    has_numbers = set(match[0]) & set("dDyne")
    if has_numbers and (line[match.start() - 1] not in "yT" or set(match[0]) & set("vr")):
        return found
    return found[: match.start()]


def _refuse_unclear(found: Sequence[Token], text: str) -> None:
    line = set(signs(found))
    if any(token.sign == "Z" and not token.text[-1].isalpha() for token in found):
        raise DateError("not-a-date", found=text)
    for kind, marks in (
        ("not-a-date", "!"),
        ("relative", "r"),
        ("vague", "vVA"),
        ("two-dates", "|"),
        ("not-a-date", "*()hkmsCHN"),
    ):
        if line & set(marks):
            raise DateError(kind, found=text)


def _check_before(place: list[Token], core: list[Token], text: str) -> None:
    """Let a place stand before the date, not `until`, `IO October` or half of a stretch."""
    line = signs(place).rstrip("q@pzZ")
    if line.endswith(("t", "a", ",-", ",/")) or (line.strip(",zZ") and "w" not in line):
        raise DateError("vague", found=text)
    if line.endswith(("w-", "w/")) and "d" not in signs(core):
        raise DateError("not-a-date", found=text)
    if line and line[-1] == "w" and not all(map(_is_name, place)):
        raise DateError("not-a-date", found=text)
    if line and line[-1] == "w" and _LETTERS_FOR_DIGITS.fullmatch(place[len(line) - 1].text):
        raise DateError("not-a-date", found=text)


def _check_after(agency: list[Token], core: list[Token], text: str) -> None:
    line = signs(agency)
    if line.startswith("/") and "w" not in line:
        raise DateError("vague", found=text)
    if (line.startswith("-") and signs(core).endswith("y-d")) or (
        line.startswith(("-w", "/w")) and core[-1].sign == "M"
    ):
        raise DateError("not-a-date", found=text)
    line = line.strip(",-./p")
    if line and line[0] in "ta" and line[-1] != "w":
        raise DateError("vague", found=text)
    if line and (line[0] in "ta" or not all(map(_is_name, agency))):
        raise DateError("not-a-date", found=text)


def _is_name(token: Token) -> bool:
    return token.sign != "w" or not token.text[0].islower()
