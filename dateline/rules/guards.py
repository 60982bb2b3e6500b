"""Would this run hurt readers? (`docs/design/identity.md`.) Pure.

A guard holds what is concerned and tells a code for exactly this difference; whoever meant
it says so by the code, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dateline.model import Entry

_MANY = 5
_PART = 5  # a fifth


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What staff said to a guard: its code, and whether what it is about stays what it is."""

    code: str = ""
    keep: bool = False


NOTHING = Approval()


def code_of(guard: str, parts: Iterable[str]) -> str:
    """Give the code by which staff say that a difference, made of these parts, was meant."""
    digest = hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
    return f"{guard}-{digest[:6]}"


def too_many_gone(gone: int, live: int) -> bool:
    """Say whether so many of `live` files are gone at once that nobody can have meant it.

    More than five and a fifth of all, or all of them: a share that is not there, a folder
    that was moved.
    """
    return 0 < live == gone or (gone > _MANY and gone * _PART > live)


def updated_at_once(
    entries: Sequence[Entry], before: Mapping[str, Entry], live: Callable[[], int]
) -> tuple[Entry, ...]:
    """Give those that say they were updated and not why, where they are too many to be true.

    More than five and a fifth of the entries that are `live`, which are counted then: every
    reader would be told of each again.
    """
    moved = tuple(
        entry
        for entry in entries
        if (old := before.get(entry.id))
        and entry.updated > old.updated
        and (entry.corrections, entry.retracted) == (old.corrections, old.retracted)
    )
    return moved if len(moved) > _MANY and len(moved) * _PART > live() else ()
