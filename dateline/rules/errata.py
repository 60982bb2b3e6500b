"""What readers have been told was wrong, and what a file's `correction` adds to it. Pure.

None is ever unsaid: readers have it. A sentence that is told already changes nothing, wherever it
stands in a list; one that says in other words what was told less than a day ago amends that, and
keeps its day; every other is a new correction. `tests/data/corrections.toml` has the cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dateline.model import Correction
from dateline.text.similarity import is_reworded

_AMENDED_WITHIN = timedelta(hours=24)
_SECOND = timedelta(seconds=1)


def merged(
    told: Sequence[Correction], given: Sequence[str], now: datetime
) -> tuple[Correction, ...]:
    """Return the corrections that readers are told of once a file gives these at `now`."""
    found = list(told)
    new: list[str] = []
    for text in given:
        if text in {one.text for one in found} or text in new:
            continue
        at = _amended(found, text, given, now)
        if at is None:
            new.append(text)
        else:
            found[at] = replace(found[at], text=text)
    last = max((one.moment for one in found), default=None)
    for number, text in enumerate(new, start=1):
        moment = now - (len(new) - number) * _SECOND
        is_free = last is None or moment > last
        found.append(Correction(moment=moment if is_free else now, text=text))
    return tuple(found)


def still_told(
    before: Sequence[str], given: Sequence[str], told: Sequence[Correction]
) -> list[str]:
    """Return the sentences that left the file, and that readers are told of all the same."""
    texts = {one.text for one in told}
    return [text for text in before if text in texts and text not in given]


def _amended(
    found: Sequence[Correction], text: str, given: Sequence[str], now: datetime
) -> int | None:
    """Find the last of the corrections that `text` amends: none that the file still gives."""
    return next(
        (
            at
            for at, one in reversed([*enumerate(found)])
            if one.text not in given
            and now - one.moment < _AMENDED_WITHIN
            and is_reworded(one.text, text)
        ),
        None,
    )
