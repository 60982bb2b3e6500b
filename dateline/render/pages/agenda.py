"""In which order does a page tell of events?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, tzinfo

from dateline.model import Entry


def in_order(events: Sequence[Entry], zone: tzinfo) -> list[Entry]:
    """Give events, the first to begin first; one of whole days begins with its first, in a zone."""
    return sorted(events, key=lambda one: (_begins(one, zone), one.sequence))


def coming_first(coming: Sequence[Entry], known: Sequence[Entry], zone: tzinfo) -> list[Entry]:
    """Give those to come in order, then the others that are `known`, the last to begin first."""
    ids = {one.id for one in coming}
    past = [one for one in known if one.id not in ids]
    return [*in_order(coming, zone), *reversed(in_order(past, zone))]


def _begins(entry: Entry, zone: tzinfo) -> datetime:
    start = entry.story.event.start if entry.story.event else entry.published
    return start if isinstance(start, datetime) else datetime.combine(start, time.min, zone)
