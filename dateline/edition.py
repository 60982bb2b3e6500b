"""Which entries does a feed show now, in what order, and when does that change by itself?"""

from __future__ import annotations

from datetime import datetime

from dateline.ledger import Ledger
from dateline.model import Edition, Feed


def edition(feed: Feed, ledger: Ledger, *, now: datetime, founded: datetime) -> Edition:
    """Give what `feed` shows at `now`; an empty feed last changed when it was founded.

    Any entry that is not out yet may change any feed: which feeds it will be in is nobody's
    business before its moment.
    """
    entries, changes = ledger.newest(feed, now)
    moments = (changes, ledger.next_embargo(now))
    return Edition(
        feed=feed,
        entries=tuple(entries),
        updated=max((entry.updated for entry in entries), default=founded),
        expires=min((moment for moment in moments if moment), default=None),
    )
