"""What does a document of a feed show now, in what order, and when does that change by itself?"""

from __future__ import annotations

from datetime import datetime

from dateline.ledger import Ledger
from dateline.model import Edition, Feed


def edition(
    feed: Feed, *, ledger: Ledger, now: datetime, founded: datetime, archive: int = 0
) -> Edition:
    """Give what `feed` shows at `now`, or one of its archives; empty, it changed when `founded`."""
    last, documents = ledger.members.last_archive(feed), ledger.editions
    shown = documents.archive(feed, archive, now) if archive else documents.subscription(feed, now)
    changed = [
        *(entry.updated for entry in shown.entries),
        *(tombstone.moment for tombstone in shown.tombstones),
    ]
    return Edition(
        feed=feed,
        entries=shown.entries,
        shortened=shown.shortened,
        updated=max(changed, default=founded),
        expires=shown.changes,
        tombstones=shown.tombstones,
        archive=archive,
        previous=archive - 1 if archive else last,
        following=archive + 1 if 0 < archive < last else 0,
    )
