"""The corrections of an entry, and the entries that they are in a feed of corrections.

No correction is ever removed: readers have it. A sentence that is published already changes
nothing, wherever it stands in the list. One that rewords a correction of the last 24 hours amends
it, and keeps its day. Every other is a new correction. `tests/data/corrections.toml` has the
cases.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from dateline.model import Correction, Entry
from dateline.rules.labels import CORRECTION, taken_back, word
from dateline.text.similarity import is_reworded

_AMENDED_WITHIN = timedelta(hours=24)
_COMPARED = 5  # corrections that left a file, with each new one
_SECOND = timedelta(seconds=1)


def merged(
    published: Sequence[Correction], given: Sequence[str], now: datetime
) -> tuple[Correction, ...]:
    """Return all corrections once a file gives these at `now`."""
    found = list(published)
    said, left = {one.text for one in found}, _left(found, {*given}, now)
    new: list[str] = []
    for text in dict.fromkeys(given):
        if text in said:
            continue
        at = next((one for one in left if is_reworded(found[one].text, text)), None)
        if at is None:
            new.append(text)
        else:
            left.remove(at)
            found[at] = replace(found[at], text=text)
    last = max((one.moment for one in found), default=None)
    for number, text in enumerate(new, start=1):
        moment = now - (len(new) - number) * _SECOND
        is_free = last is None or moment > last
        found.append(Correction(moment=moment if is_free else now, text=text))
    return tuple(found)


def still_published(
    before: Sequence[str], given: Sequence[str], published: Sequence[Correction]
) -> list[str]:
    """Return the sentences that left the file, and stay published."""
    texts = {one.text for one in published}
    return [text for text in before if text in texts and text not in given]


def _left(published: Sequence[Correction], given: Collection[str], now: datetime) -> list[int]:
    """Return the places of corrections that left the file and may be amended, the last first.

    No more than a few: to compare many sentences with many takes minutes.
    """
    places = (
        at
        for at, one in reversed([*enumerate(published)])
        if one.text not in given and now - one.moment < _AMENDED_WITHIN
    )
    return [*islice(places, _COMPARED)]


# ---- Parts of a feed of corrections


def part_of(entry: Entry, part: int) -> Entry | None:
    """Return a part of an entry: all (0), its correction n, or its retraction (-1).

    A correction is an entry of its own in a feed of corrections, with its own id and moment and
    the page of the corrected entry. Return None if there is no such part.
    """
    if part == 0:
        return entry
    if part < 0:
        correction = entry.retracted and Correction(
            moment=entry.retracted, text=entry.story.retraction
        )
    else:
        correction = entry.corrections[part - 1] if part <= len(entry.corrections) else None
    if not correction:
        return None
    label = taken_back(entry.story) if part < 0 else word(CORRECTION, entry.story.language)
    story = replace(
        entry.story,
        title=f"{label}: {entry.story.title}",
        html=f"<p>{html.escape(correction.text, quote=False)}</p>",
        summary="",
        image=None,
        attachments=(),
        inline=(),
        event=None,
        place="",
        expires=None,
    )
    return replace(
        entry,
        story=story,
        id=part_id(entry.id, part),
        published=correction.moment,
        updated=correction.moment,
        corrections=(),
        retracted=None,
    )


def part_id(entry_id: str, part: int) -> str:
    """Return the id of a part of an entry."""
    if part == 0:
        return entry_id
    return f"{entry_id}/retraction" if part < 0 else f"{entry_id}/correction/{part}"
