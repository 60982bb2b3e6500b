"""Which words beside a time may be the zone that was meant, or a city whose time it may be?

A time without a zone is read in the site's. So a word that may be a zone, and is not known to be
one, is asked about. A place of which nothing is known (`10:00 Springfield`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dateline.entries.dates.lexicon import (
    KINDS_OF_TIME,
    OTHER_ZONES,
    TOWNS_LIKE_ZONES,
    WORDS_LIKE_ZONES,
)
from dateline.entries.dates.symbols import City, Token, signs
from dateline.entries.dates.vocabulary import cities, fold
from dateline.entries.dates.zones import PLACES, ZONES, zone_in

_RUN = re.compile(r"w(?:-?w)*")
_BEHIND = re.compile(r"T\(?(w)(?=(-?w)?)")
_LEAST, _MOST = 3, 5
_HAN = "\u4e00"
_OTHERS, _KINDS = frozenset(OTHER_ZONES.split()), frozenset(KINDS_OF_TIME.split())
_WORDS, _TOWNS = frozenset(WORDS_LIKE_ZONES.split()), frozenset(TOWNS_LIKE_ZONES.split())


def doubtful(tokens: Sequence[Token]) -> list[str]:
    """Give the words that may be zones: beside a time that has none, or anywhere, by their look."""
    line = signs(tokens)
    words = [] if _has_zone(tokens) else list(_by_look(tokens, line))
    for match in _BEHIND.finditer(line):
        time, word = tokens[match.start()], tokens[match.start(1)].text
        after = tokens[match.start(2)].text if match[2] else ""
        if not _has_zone([time]) and word not in words and _may_be_zone(word, after):
            words.append(word)
    return words


def meant(word: str) -> str:
    """Give the abbreviation that `word` is a slip of, where it is of one, and that means one zone.

    >>> meant("UzTC"), meant("Cet"), meant("Pst")
    ('UTC', 'CET', '')
    """
    letters = word.upper()
    near = [letters] if letters in ZONES else _near(letters)
    return near[0] if len(near) == 1 and len(ZONES[near[0]]) == 1 else ""


def without_cities(tokens: Sequence[Token]) -> tuple[tuple[City, ...], list[Token]]:
    """Give the cities in a text whose time is known, and the tokens that are left.

    A city stands alone, between commas or at an end, or is the first of the words behind a time.
    """
    line, known = signs(tokens), cities()
    found: list[City] = []
    rest: list[Token] = []
    at = 0
    for run in _RUN.finditer(line):
        words = [place for place in range(*run.span()) if line[place] == "w"]
        least = 1 if line[: run.start()].endswith(("T", "T(")) else len(words)
        for length in range(len(words), least - 1, -1):
            name = " ".join(tokens[place].text for place in words[:length])
            folded = fold(name)
            if zone := PLACES.get(known.get(folded, "")) or zone_in(folded):
                found.append(City(name, zone))
                rest += tokens[at : run.start()]
                at = words[length - 1] + 1
                at += line[at : at + 1] == "z"  # Lima time
                break
    return tuple(found), [*rest, *tokens[at:]]


def _by_look(tokens: Sequence[Token], line: str) -> Iterator[str]:
    """Find what nobody writes for a place: `UzTC`, and `Cet` where it stands alone."""
    for run in _RUN.finditer(line):
        alone = len(run[0]) == 1
        for token in tokens[run.start() : run.end()]:
            word, letters = token.text, token.text.upper()
            in_part = not word.isupper() and word[1:] != word[1:].lower()
            known = letters in ZONES and len(letters) >= _LEAST and word != letters
            if (in_part and _near(letters)) or (alone and known and letters not in _WORDS):
                yield word


def _may_be_zone(word: str, after: str) -> bool:
    """Tell whether the `word` right behind a time, with another or none `after` it, may be one."""
    letters = word.upper()
    if word > _HAN or "/" in word:  # in Chinese, or a part of the time; a region that is none
        return True
    if len(word) <= _MOST and word.isalpha() and (word.isupper() or word[1:] != word[1:].lower()):
        return True
    if after:
        return letters in _OTHERS and fold(after) in _KINDS
    if letters in _OTHERS or letters in ZONES:
        return True
    slip = word.istitle() and len(word) >= _LEAST and bool(_near(letters))
    return slip and letters not in _TOWNS


def _has_zone(tokens: Sequence[Token]) -> bool:
    return any(clock.zones for token in tokens for clock in token.clocks)


def _near(word: str) -> list[str]:
    return [zone for zone in ZONES if len(zone) >= _LEAST and _is_slip(word, zone)]


def _is_slip(word: str, zone: str) -> bool:
    """Tell whether one letter too many, too few, or another, or two changed about are all."""
    longer, shorter = sorted((word, zone), key=len, reverse=True)
    if len(longer) == len(shorter) + 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    differ = [at for at, pair in enumerate(zip(word, zone, strict=False)) if len(set(pair)) > 1]
    if len(word) != len(zone) or len(differ) != 2:
        return len(word) == len(zone) and len(differ) < 2
    first, last = differ
    return last == first + 1 and word[first:][:2] == zone[first:][:2][::-1]
