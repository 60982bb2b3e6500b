"""Which of the words in a text mean something, and what?"""

from __future__ import annotations

from collections.abc import Iterator

from dateline.dates.lexicon import ZONE_NAMES
from dateline.dates.signs import Token
from dateline.dates.vocabulary import Meaning, fold, longest, phrases
from dateline.dates.zones import ZONES

# `5 ET 6 JUIN` is French; after a clock time it is a zone.
_UNSURE = frozenset({"ET", "CT", "MT", "PT"})
_AFTER_CLOCK = frozenset("CAphkN")


def with_meanings(found: list[Token], language: str) -> Iterator[Token]:
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
