"""What does a word or a phrase mean in a language?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from dateline.entries.dates.lexicon import (
    CITIES,
    CITY_NAMES,
    MONTHS,
    WEEKDAYS,
    WORDS,
    ZONE_NAMES,
    ZONE_PHRASES,
)
from dateline.entries.dates.number_words import number_words

Meaning = tuple[str, int]

_ALEFS = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_MEANING = re.compile(r"(.)(\w*)")


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Give `word` as it is looked up: small, without accents, Arabic letters evened out.

    >>> fold("Février"), fold("إبريل")
    ('fevrier', 'ابريل')
    """
    word = word.casefold().replace("’", "'")
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word.translate(_ALEFS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def phrases(language: str) -> Mapping[str, tuple[Meaning, ...]]:
    """Give every phrase with all its meanings.

    A phrase of `language` (a BCP 47 tag) means what it means there; one that this language
    does not have, what it means in any other.
    """
    own = language.split("-", maxsplit=1)[0].lower()
    merged: dict[str, tuple[Meaning, ...]] = {}
    for name in WORDS:
        for phrase, meaning in _meanings(name):
            known = merged.get(phrase, ())
            merged[phrase] = known if meaning in known else (*known, meaning)
    mine: dict[str, tuple[Meaning, ...]] = {}
    for phrase, meaning in _meanings(own) if own in WORDS else ():
        mine[phrase] = (*mine.get(phrase, ()), meaning)
    return merged | mine


@cache
def longest(language: str) -> Mapping[str, int]:
    """Give, for each word that a phrase of several words begins with, how many at most."""
    lengths: dict[str, int] = {}
    for phrase in phrases(language):
        words = phrase.split(" ")
        if len(words) > 1:
            lengths[words[0]] = max(len(words), lengths.get(words[0], 0))
    return lengths


@cache
def cities() -> Mapping[str, str]:
    """Give each city whose time is known (`zones.PLACES`) by its names in all languages."""
    known: dict[str, str] = {}
    for names in (*(names for _, names in ZONE_PHRASES.values()), CITY_NAMES):
        known |= {
            _phrase(name).replace("-", " "): city
            for name, city in zip(names.split(), CITIES, strict=True)
            if name != "_"
        }
    return known


def chinese_words() -> tuple[str, ...]:
    """Give the Chinese words, longest first: nothing else stands between them."""
    words = {phrase for phrase, _ in _meanings("zh")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _meanings(language: str) -> Iterator[tuple[str, Meaning]]:
    for sign, names in (("M", MONTHS), ("W", WEEKDAYS)):
        for number, words in enumerate(names[language].split(","), start=sign == "M"):
            yield from ((_phrase(word), (sign, number)) for word in words.split())
    phrase, cities = ZONE_PHRASES[language]
    for number, city in enumerate(cities.split()):
        if city != "_":
            yield _phrase(phrase.format(city)), ("Z", number)
    for written, sign, number in number_words(language):
        yield _phrase(written), (sign, number)
    for key, words in WORDS[language].items():
        match = _MEANING.fullmatch(key)
        sign, name = match.groups("") if match else (key, "")
        number = ZONE_NAMES.index(name.upper()) if sign == "Z" else int(name or 0)
        yield from ((_phrase(word), (sign, number)) for word in words.split())


def _phrase(word: str) -> str:
    return fold(word).replace("_", " ")
