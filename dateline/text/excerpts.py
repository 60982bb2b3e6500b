"""The part of a text around the words that a reader searched for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, takewhile

from dateline.text.characters import UNSEEN, straight
from dateline.text.expressions import regex
from dateline.text.search_terms import SIGNS, SearchTerms, folded, pairs_in

_LENGTH = 240  # characters, about
_BEFORE = 80  # of them before the first word that was found
_MARKS = rf"\u0300-\u036f\u064b-\u065f{SIGNS}\u200d{UNSEEN}"  # in words
_WORD = regex(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_GAP = regex(rf"[^\w{_MARKS}]|_")  # no part of a word
_PART = 500  # characters that are searched at a time

Pieces = tuple[tuple[str, bool], ...]
"""Parts of a text in order, each with whether it was searched for."""


def excerpt(text: str, wanted: SearchTerms) -> Pieces:
    """Return the text around the first place where one of the terms is, or its beginning.

    >>> from dateline.text.search_terms import of_query
    >>> excerpt("A trial in Nairobi began.", of_query("nairobi"))
    (('A trial in ', False), ('Nairobi', True), (' began.', False))
    """
    text = straight(text)
    places = _places(text, wanted)
    first = next(places, None)
    start = _boundary(text, first[0] - _BEFORE) if first else 0
    end = _boundary(text, start + _LENGTH) if len(text) > start + _LENGTH else len(text)
    shown = takewhile(lambda place: place[1] <= end, chain([first] if first else [], places))
    pieces = [*_cut(text, start, end, shown)]
    if start:
        pieces.insert(0, ("… ", False))
    if end < len(text):
        pieces.append((" …", False))
    return tuple(pieces)


def _places(text: str, wanted: SearchTerms) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of each word, or run of characters, that was searched for."""
    for begin, stop in _parts(text, wanted):
        for word in _WORD.finditer(text, begin, stop):
            paired = pairs_in(word[0], wanted)
            if paired:
                yield from ((word.start() + start, word.start() + end) for start, end in paired)
            elif wanted.has(word[0]):
                yield word.span()


def _parts(text: str, wanted: SearchTerms) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of each part, of whole words, that may have one of the terms.

    To look at each word of a long text takes far longer.
    """
    terms = [*filter(None, (*wanted.whole, wanted.beginning))]
    begin = 0
    while begin < len(text):
        gap = _GAP.search(text, begin + _PART)
        end = gap.end() if gap else len(text)
        part = folded(text[begin:end])
        if any(term in part for term in terms):
            yield begin, end
        begin = end


def _cut(
    text: str, start: int, end: int, found: Iterable[tuple[int, int]]
) -> Iterator[tuple[str, bool]]:
    at = start
    for first, last in found:
        if first < at:
            continue
        if first > at:
            yield text[at:first], False
        yield text[first:last], True
        at = last
    if at < end:
        yield text[at:end], False


def _boundary(text: str, place: int) -> int:
    """Return the end of a word near a place, or the place where there is none near."""
    if place <= 0:
        return 0
    space = text.rfind(" ", max(0, place - _BEFORE), place)
    return space + 1 if space >= 0 else place
