"""The text around a date: what may stand there, and what must not.

`[place,] date [agency or headline]`: every word must be accounted for, as part of the date or as
a neighbour that is plainly none (`neighbours`). What else there is would change the date, so it
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dateline.entries.dates.neighbours import check_neighbours, starts_headline
from dateline.entries.dates.symbols import Token, replaced, symbols
from dateline.errors import DateError
from dateline.text.expressions import regex

_DATE = frozenset("dyenMWTR")
_NUMBERS = frozenset("dDyencg")
_SLASHED = regex(r"/[w,\-a]+/")
_BRACKETS = regex(r"\([^()]*\)")
_TWICE = regex(r"M/?M")
_HEADLINE = regex(r"(?<=[yeMdT])[,\-]w[^MWTR!V|()]*$")
_HEADLINE_WORDS = 3
_FROM_OR_OF = regex(r"(?P<of>(?<=[dDcgMCGLm])F)|F")
# Also before a place, as in `г. Вена`.
_YEAR = regex(r"Y(?=Y?[yew])|(?<=[ye])Y+|(?<=M[de])Y|(?<=M,[de])Y")
# A room, with its number where a comma or an end follows that.
_ROOM = regex(r"K(?:w?[dcyn](?=[,()]|$)|(?!w?[dcyn]))")
_BETWEEN = regex(r"(?<=[dyeMWTR]),w[w\-/]*(?=,)")
_AT_WEEKDAY = regex(r"@(?=W)")
_OF_DAY = regex(r"(?<![dDcg])u(?=[dDcW])")
# Ordinals that count weekdays, as in `the third Sunday of May`.
_COUNTED = regex(r"(?<!M)(?:D(?=W)|d(?=WM))|[dDc]u")
_DAY_IN_WORDS = regex(r"[cDg]")
_LONGEST_ABBREVIATION = 4
_SHORT = 2


def without_surroundings(tokens: Sequence[Token], text: str) -> list[Token]:
    """Return the tokens of the date alone: no place before it, no agency or headline behind.

    Raises `DateError`: `relative`, `vague`, `two-dates`, `not-a-date`, `unknown-word`.
    """
    found = _with_days(tokens, text)
    found = replaced(found, _SLASHED, lambda inner, _: _agency(inner, text))
    if not _DATE & set(_BRACKETS.sub("", symbols(found))):
        found = [token for token in found if token.symbol not in "()"]
    found = _without_brackets(found, text)
    found = replaced(found, _TWICE, _same_month)
    found = replaced(found, _BETWEEN, lambda inner, _: _agency([*inner, inner[0]], text))
    found = _without_headline(found)
    _refuse_unclear(found, text)
    dates = [at for at, token in enumerate(found) if token.symbol in _DATE]
    if not dates:
        raise DateError("not-a-date", found=text)
    start, stop = dates[0], dates[-1] + 1
    while start and found[start - 1].symbol in "fb":
        start -= 1
    core = found[start:stop]
    _check_before(found[:start], core, text)
    _check_after(found[stop:], core, text)
    check_neighbours(_segments(found[:start], core, found[stop:]), text)
    return core


def named_places(tokens: Sequence[Token]) -> list[Token]:
    """Return `tokens` with the words of names as such: Mar del Plata, Silver Spring."""
    found = list(tokens)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].symbol if at else ""
        after = symbols(tokens[at + 1 : at + 3])
        if not token.text[:1].isupper():
            continue
        short = token.symbol in "MW" and len(token.text) <= _LONGEST_ABBREVIATION
        number = token.symbol in "cDg" and token.text.isalpha()
        followed = after.lstrip("o-" if number else "o").startswith("w")
        if ((short or number) and before not in _NUMBERS and followed) or (
            token.symbol in "vr" and before == "w"
        ):
            found[at] = Token("w", token.text)
    return found


def _with_days(tokens: Sequence[Token], text: str) -> list[Token]:
    """Read days in words as days, and leave out the word `day` before one."""
    found = replaced(list(tokens), _OF_DAY, lambda _, __: [])
    found = replaced(found, _AT_WEEKDAY, lambda _, __: [])
    if _COUNTED.search(_ordinals(found)):
        relative = any(token.symbol == "r" for token in found)
        raise DateError("relative" if relative else "vague", found=text)
    return [
        token._replace(symbol="d") if _DAY_IN_WORDS.fullmatch(token.symbol) else token
        for token in found
    ]


def _ordinals(found: Sequence[Token]) -> str:
    """Return the symbols, with 5日 as a number that does not count weekdays."""
    return "".join("y" if t.symbol == "D" and t.text[-1] in "日号號" else t.symbol for t in found)


def without_silent(tokens: Sequence[Token]) -> list[Token]:
    """Return `tokens` without words that add nothing: `of`, `the`, `year` beside a year.

    Arabic `من` is `of` behind a day, a month or an hour, else `from`.
    """
    found = [token for token in tokens if token.symbol != "o"]
    found = replaced(found, _ROOM, _room)
    found = replaced(found, _FROM_OR_OF, _from_or_of)
    return replaced(found, _YEAR, lambda _, __: [])


def _room(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `Room 7` as a name."""
    del match
    return [found[0]._replace(symbol="w")]


def _from_or_of(found: list[Token], match: re.Match[str]) -> list[Token]:
    return [] if match["of"] else [found[0]._replace(symbol="f")]


def _without_brackets(found: list[Token], text: str) -> list[Token]:
    """Take brackets away; what a comma would set apart stays apart."""
    parts: list[Token] = []
    at = 0
    line = symbols(found)
    comma = Token(",", ",")
    for match in _BRACKETS.finditer(line):
        parts += found[at : match.start()]
        inner = _unwrapped(found[match.start() : match.end()], text)
        before = line[match.start() - 1 : match.start()] == "w"
        after = line[match.end() : match.end() + 1] == "w"
        parts += [comma] * before + inner + [comma] * after
        at = match.end()
    return parts + found[at:]


def _unwrapped(inner: list[Token], text: str) -> list[Token]:
    """Leave out an agency in brackets; read a weekday, a time or the month's other name."""
    inside = inner[1:-1]
    kinds = set(symbols(inside))
    if not kinds & set("dDynevVrMWTRZz!*cguA|"):
        check_neighbours(((part, True, True) for part in _parts(inside)), text)
        return []
    if ("M" in kinds and kinds != {"M"}) or ("w" in kinds and kinds & _NUMBERS):
        raise DateError("two-dates", found=text)
    return inside


def _agency(found: list[Token], text: str) -> list[Token]:
    """Leave out `/PRNewswire-FirstCall/`, or a place between two commas."""
    check_neighbours(((part, True, True) for part in _parts(found[1:-1])), text)
    return []


def _same_month(found: list[Token], match: re.Match[str]) -> list[Token]:
    """Read `27 حزيران/يونيو`: the same month by both its names."""
    del match
    twice = found[0].number == found[-1].number and found[0].text != found[-1].text
    return found[:1] if twice else found


def _without_headline(found: list[Token]) -> list[Token]:
    line = symbols(found)
    match = _HEADLINE.search(line)
    if not match or match[0].count("w") < _HEADLINE_WORDS:
        return found
    if not starts_headline(found[match.start() + 1]):
        return found
    unclear = sum(map(match[0].count, "vruAz"))
    has_numbers = set(match[0]) & set("dDyne")
    if has_numbers and (line[match.start() - 1] not in "yT" or unclear):
        return found
    return found if 2 * unclear >= match[0].count("w") else found[: match.start()]


def _refuse_unclear(found: Sequence[Token], text: str) -> None:
    line = set(symbols(found))
    if any(token.symbol == "Z" and not token.text[-1].isalpha() for token in found):
        raise DateError("not-a-date", found=text)
    for kind, marks in (
        ("not-a-date", "!"),
        ("relative", "rE"),
        ("vague", "vVAu"),
        ("two-dates", "|"),
        ("not-a-date", "*()hkmsCHNGLPQXjilgYK"),
    ):
        if line & set(marks):
            raise DateError(kind, found=text)


def _check_before(place: list[Token], core: list[Token], text: str) -> None:
    """Refuse anything but a place before the date: `until`, or half of a stretch."""
    line = symbols(place).rstrip("q@pzZ")
    timed = bool({"T", "R"} & set(symbols(core)))
    if not timed and ("Z" in symbols(place) or symbols(place).endswith("z")):
        raise DateError("unknown-word", found=next(t.text for t in place if t.symbol in "Zz"))
    if line.endswith(("t", "a", ",-", ",/")) or (line.strip(",zZ") and "w" not in line):
        raise DateError("vague", found=text)
    days = "d" in symbols(core)
    if line.endswith(("w-", "w/")) and not days:
        raise DateError("not-a-date", found=text)
    if line.endswith("w") and not days and len(place[len(line) - 1].text) <= _SHORT:
        raise DateError("not-a-date", found=text)  # `xx May 2009`


def _check_after(agency: list[Token], core: list[Token], text: str) -> None:
    line = symbols(agency)
    if line.startswith("/") and "w" not in line:
        raise DateError("vague", found=text)
    if (line.startswith("-") and symbols(core).endswith("y-d")) or (
        line.startswith(("-w", "/w")) and core[-1].symbol == "M"
    ):
        raise DateError("not-a-date", found=text)
    timed = bool({"T", "R"} & set(symbols(core)))
    if line.endswith("@") or (not timed and {"Z", "z"} & set(line)):
        raise DateError("unknown-word", found=next(t.text for t in agency if t.symbol in "@Zz"))
    line = line.strip(",-./p")
    if line and line[-1] in "fb":
        raise DateError("vague", found=text)
    if line and line[0] in "ta" and line[-1] != "w":
        raise DateError("vague", found=text)
    if line and line[0] in "ta":
        raise DateError("not-a-date", found=text)


def _segments(
    before: list[Token], core: list[Token], after: list[Token]
) -> Iterator[tuple[Sequence[Token], bool, bool]]:
    """Yield the words between commas, whether set apart, and whether a capital is telling there.

    It is behind the date, except where all letters are capitals.
    """
    parts = _parts(before)
    apart = not before or before[-1].symbol in ",-"
    for at, part in enumerate(parts):
        yield part, apart or at < len(parts) - 1, False
    letters = "".join(token.text for token in core if not token.symbol.isdigit())
    telling = not letters.isupper()
    apart = bool(after) and after[0].symbol in ",-@q/"
    for at, part in enumerate(_parts(after)):
        yield part, apart or at > 0, telling


def _parts(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split at commas; what joins words at the ends of a part is none of it."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.symbol in ",()":
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in map(_trimmed, parts) if part]


def _trimmed(part: list[Token]) -> list[Token]:
    words = [at for at, token in enumerate(part) if token.symbol == "w"]
    return part[words[0] : words[-1] + 1] if words else []
