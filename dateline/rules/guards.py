"""Guards: differences that staff must approve before readers see them.

A guard holds the documents concerned, and shows a code for exactly this difference. Staff who
meant it approve it by the code, once.
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
    """The answer of staff to a guard: its code, and whether to `keep` everything as it is.

    The `person` who answers is empty on the command line, and where staff share a token.
    """

    code: str = ""
    keep: bool = False
    person: str = ""


NOTHING = Approval()


def code_of(guard: str, parts: Iterable[str], *, digits: int = 6) -> str:
    """Return the code by which staff approve a difference that consists of these parts.

    Six `digits` are for mistakes; somebody who looks for two differences with one code needs more.
    """
    digest = hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
    return f"{guard}-{digest[:digits]}"


def too_many_gone(gone: int, live: int) -> bool:
    """Return whether too many of the `live` files are gone at once to be meant.

    More than five and a fifth of all, or all of them: a share that is not mounted, a folder that
    was moved.
    """
    return 0 < live == gone or (gone > _MANY and gone * _PART > live)


def updated_at_once(
    entries: Sequence[Entry], before: Mapping[str, Entry], live: Callable[[], int]
) -> tuple[Entry, ...]:
    """Return the entries updated without a correction, if they are too many to be true.

    More than five and a fifth of the `live` entries, which are counted only then: readers would
    be notified of each again.
    """
    moved = tuple(
        entry
        for entry in entries
        if (old := before.get(entry.id))
        and entry.updated > old.updated
        and (entry.corrections, entry.retracted) == (old.corrections, old.retracted)
    )
    return moved if len(moved) > _MANY and len(moved) * _PART > live() else ()
