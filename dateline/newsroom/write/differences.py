"""Versions of a text, place by place, and the text that somebody chose from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_AROUND = 2  # lines that are the same, before and after a difference
# Bounds on texts, since comparing them can take the product of their lengths, or its square.
_PRODUCT = 100_000  # lines times lines that are compared in full
_PLACES = 500  # where lines are the same: each difference is an input of a form of at most 1000
_LINES = 5000  # lines of both between the first and the last difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Some lines that are the same (`theirs` alone), or that differ, with a number from 1.

    Those that readers have are `live`, if they are compared, too.
    """

    theirs: tuple[str, ...]
    yours: tuple[str, ...] = ()
    live: tuple[str, ...] | None = None
    number: int = 0

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The versions that differ; what somebody left as the file has it is the file's."""
        found = {"yours": self.yours, "theirs": self.theirs}
        if self.yours == self.theirs:
            del found["yours"]
        if self.live is not None and self.live not in found.values():
            found["live"] = self.live
        return found

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the lines that are the same, without those in their middle."""
        if len(self.theirs) <= 2 * _AROUND + 1:
            return self.theirs
        return (*self.theirs[:_AROUND], "…", *self.theirs[-_AROUND:])


def passages(theirs: str, yours: str, live: str | None = None) -> tuple[Passage, ...]:
    """Return the texts in passages that are the same in all and passages that differ."""
    before, *others = texts = [one.split("\n") for one in (theirs, yours, live) if one is not None]
    found: list[Passage] = []
    number, ends = 0, [0] * len(texts)
    for *starts, length in _same_in_all(before, others):
        if ends != starts:
            number += 1
            parts = zip(texts, ends, starts, strict=True)
            one, other, *third = [tuple(lines[end:start]) for lines, end, start in parts]
            more = third[0] if third else None
            found.append(Passage(theirs=one, yours=other, live=more, number=number))
        ends = [start + length for start in starts]
        if length:
            found.append(Passage(theirs=tuple(before[starts[0] : ends[0]])))
    return tuple(found)


def _same_in_all(
    before: Sequence[str], others: Sequence[Sequence[str]]
) -> Sequence[tuple[int, ...]]:
    """Return runs of lines that all texts have: where they start in each, and their number.

    The last is the end of all texts.
    """
    most = _PLACES // len(others)
    first, *more = ([*_same(before, other, most)] for other in others)
    runs: list[tuple[int, ...]] = [*first]
    for other in more:
        runs = [
            (*(start + low - starts[0] for start in starts), place + low - begin, high - low)
            for *starts, length in runs
            for begin, place, size in other
            if (low := max(starts[0], begin)) < (high := min(starts[0] + length, begin + size))
        ]
    return [*runs, (len(before), *map(len, others), 0)]


def _same(before: Sequence[str], after: Sequence[str], most: int) -> Iterator[tuple[int, int, int]]:
    """Return runs of lines that are the same: where they start in both, and their number.

    Long texts, and those that differ in `most` places or more, are one difference between their
    common start and their common end.
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
        for start, other, length in blocks if len(blocks) < most else ():
            yield head + start, head + other, length
    yield len(before) - tail, len(after) - tail, tail


def chosen(parts: Collection[Passage], versions: Mapping[int, str]) -> str:
    """Return the text with the version of each number that was chosen, and theirs elsewhere."""
    lines = [
        line
        for part in parts
        for line in part.choices.get(versions.get(part.number, ""), part.theirs)
    ]
    return "\n".join(lines)


def places(parts: Collection[Passage]) -> Mapping[int, tuple[int, int]]:
    """Return where each difference is in `yours`: its first line from 0, and the one after it."""
    found: dict[int, tuple[int, int]] = {}
    end = 0
    for part in parts:
        start, end = end, end + len(part.yours if part.number else part.theirs)
        if part.number:
            found[part.number] = start, end
    return found


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines at the start of two texts are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
