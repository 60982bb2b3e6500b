"""Two versions of a text, place by place, and the text that somebody chose from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher

_AROUND = 2  # lines that are the same, before and after a difference


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
    number = 0
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) > 1000)  # noqa: PLR2004
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(Passage(theirs=tuple(before[a:b])))
            continue
        number += 1
        found.append(Passage(theirs=tuple(before[a:b]), yours=tuple(after[c:d]), number=number))
    return tuple(found)


def chosen(parts: Collection[Passage], yours: Collection[int]) -> str:
    """Return the text with your lines where these numbers say so, and theirs elsewhere."""
    lines = [
        line for part in parts for line in (part.yours if part.number in yours else part.theirs)
    ]
    return "\n".join(lines)
