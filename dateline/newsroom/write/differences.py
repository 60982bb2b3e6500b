"""Two versions of a text, place by place, and the text that somebody chose from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_AROUND = 2  # lines that are the same, before and after a difference
# Bounds on texts, since comparing them can take the product of their lengths, or its square.
_PRODUCT = 100_000  # lines times lines that are compared in full
_PLACES = 500  # where lines are the same: each difference is an input of a form of at most 1000
_LINES = 5000  # lines of both between the first and the last difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Some lines that are the same (`theirs` alone), or that differ, with a number from 1."""

    theirs: tuple[str, ...]
    yours: tuple[str, ...] = ()
    number: int = 0

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the lines that are the same, without those in their middle."""
        if len(self.theirs) <= 2 * _AROUND + 1:
            return self.theirs
        return (*self.theirs[:_AROUND], "…", *self.theirs[-_AROUND:])


def passages(theirs: str, yours: str) -> tuple[Passage, ...]:
    """Return both texts in passages that are the same and passages that differ."""
    before, after = theirs.split("\n"), yours.split("\n")
    found: list[Passage] = []
    number, a, c = 0, 0, 0
    for start, other, length in _same(before, after):
        if a < start or c < other:
            number += 1
            differing = tuple(before[a:start]), tuple(after[c:other])
            found.append(Passage(theirs=differing[0], yours=differing[1], number=number))
        a, c = start + length, other + length
        if length:
            found.append(Passage(theirs=tuple(before[start:a])))
    return tuple(found)


def _same(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Return runs of lines that are the same: where they start in both, and their number.

    The last is the end of both texts. Long texts, and those that differ in very many places, are
    one difference between their common start and their common end.
    """
    head = common_start(before, after)
    tail = common_start(before[head:][::-1], after[head:][::-1])
    yield 0, 0, head
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(old) + len(new) <= _LINES:
        counts = Counter(new)
        is_long = len(old) * len(new) > _PRODUCT
        matcher = SequenceMatcher(
            (lambda line: counts[line] > 1) if is_long else None, old, new, autojunk=False
        )
        blocks = matcher.get_matching_blocks()[:-1]
        for start, other, length in blocks if len(blocks) < _PLACES else ():
            yield head + start, head + other, length
    yield len(before) - tail, len(after) - tail, tail


def chosen(parts: Collection[Passage], yours: Collection[int]) -> str:
    """Return the text with your lines where these numbers say so, and theirs elsewhere."""
    lines = [
        line for part in parts for line in (part.yours if part.number in yours else part.theirs)
    ]
    return "\n".join(lines)


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines at the start of two texts are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
