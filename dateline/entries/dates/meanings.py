"""Which of the words in a text mean something, and what?"""

from __future__ import annotations

from collections.abc import Iterator

from dateline.entries.dates.lexicon import ZONE_NAMES
from dateline.entries.dates.symbols import Token
from dateline.entries.dates.vocabulary import Meaning, fold, longest, phrases
from dateline.entries.dates.zones import ZONES

# `5 ET 6 JUIN` is French; after a clock time it is a zone.
_UNSURE = frozenset({"ET", "CT", "MT", "PT"})
_LONGEST = 8  # words in a phrase
_AND = "و"  # Arabic writes it as one with the word that follows
_AFTER_AND = frozenset("DMWg")
_AFTER_CLOCK = frozenset("CAphkNGLm")


def with_meanings(found: list[Token], language: str) -> Iterator[Token]:
    """Look the words up, the longest phrase first."""
    at, before = 0, ""
    while at < len(found):
        length, known = 1, [found[at]]
        if found[at].sign == "w":
            length, known = _looked_up(found, at, before, language)
        yield from known
        before = known[-1].sign
        at += length


def _looked_up(found: list[Token], at: int, before: str, language: str) -> tuple[int, list[Token]]:
    """Return how many of the words from `at` have a meaning together, and that."""
    words = found[at : at + _LONGEST]
    length, token = _longest_known(words, before, language)
    if token.sign == "w" and token.text.startswith(_AND) and len(token.text) > 1:
        words = [Token("w", token.text[1:]), *words[1:]]
        more, known = _longest_known(words, before, language)
        if known.sign in _AFTER_AND:
            return more, [Token("a", _AND), known]
    return length, [token]


def _longest_known(words: list[Token], before: str, language: str) -> tuple[int, Token]:
    """Give the meaning of as many of `words` as make a phrase; the first, where none do."""
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
    if word.sign == "w":
        return fold(word.text)
    return "-" if word.text == "-" else ""


def _meaning(text: str, meanings: tuple[Meaning, ...]) -> Token:
    sign, number = meanings[0]
    return Token(sign, ZONE_NAMES[number] if sign == "Z" else text, number, meanings)
