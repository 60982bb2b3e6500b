"""The entries and tombstones that the documents of a feed show at a moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dateline.ledger.queries.entries import CHANGES, IS_LIVE, live_entries
from dateline.ledger.queries.members import MemberPart
from dateline.ledger.rows import seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import entry, member
from dateline.model import Entry, Feed, Tombstone
from dateline.rules.corrections import part_id, part_of
from dateline.text.weight import fitting, too_heavy

NOTICE_PERIOD = timedelta(days=30)  # for which feeds show corrections, retractions and tombstones
_NOTICE_SECONDS = int(NOTICE_PERIOD.total_seconds())
_MOST = 1_000  # entries of a subscription document
_MOST_GONE = 1_000  # tombstones there, of a hundred bytes each

_FEED: sa.BindParameter[str] = sa.bindparam("feed")
_MOMENT: sa.BindParameter[int] = sa.bindparam("moment")
_NOTICED: sa.BindParameter[int] = sa.bindparam("noticed")
# What readers see: of expired entries only retractions.
_VISIBLE = (
    sa.select(member.c.entry, member.c.part, member.c.published, entry.c.updated)
    .select_from(member.join(entry))
    .where(
        member.c.feed == _FEED,
        IS_LIVE,
        sa.or_(entry.c.expires.is_(None), entry.c.expires > _MOMENT, entry.c.retracted > _NOTICED),
    )
)
_NEWEST = _VISIBLE.order_by(member.c.published.desc()).limit(sa.bindparam("most"))
_NOT_ARCHIVED = _VISIBLE.where(member.c.archive.is_(None))
_LATELY = (
    _VISIBLE.where(member.c.published > sa.bindparam("since"))
    .order_by(member.c.published.desc())
    .limit(_MOST)
)


def _labelled(**queries: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    """Return the rows of several queries in one, each with the name of its query as `why`."""
    parts = ((why, query.subquery()) for why, query in queries.items())
    return sa.union_all(*(sa.select(part, sa.literal(why).label("why")) for why, part in parts))


_OF_TERM = _labelled(kept=_NOT_ARCHIVED, newest=_NEWEST)
_OF_FEED = _labelled(kept=_NOT_ARCHIVED, newest=_NEWEST, lately=_LATELY)
_THEMSELVES = _VISIBLE.where(one_of(member.c.entry), member.c.part == 0)
_ARCHIVED = _VISIBLE.where(member.c.archive == sa.bindparam("archive"))
# The ids are queried first: an engine might scan all of a feed.
_CHANGED = sa.union_all(
    sa.select(entry.c.id, sa.literal(value=False).label("is_withdrawn")).where(
        entry.c.updated > _NOTICED, entry.c.updated > entry.c.published
    ),
    sa.select(entry.c.id, sa.literal(value=True)).where(entry.c.withdrawn > _NOTICED),
)
_WITHDRAWN_FROM = sa.select(entry.c.id).where(
    entry.c.id.in_(
        sa.select(member.c.entry).where(
            member.c.feed == _FEED, member.c.archive == sa.bindparam("archive")
        )
    ),
    entry.c.withdrawn.isnot(None),
)
_TOMBSTONES = (
    sa.select(entry.c.id, member.c.part, member.c.archive, member.c.published, entry.c.withdrawn)
    .select_from(member.join(entry))
    .where(member.c.feed == _FEED, one_of(member.c.entry))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionContent:
    """The content of a feed's document; `changes` is the moment at which time alone changes it.

    `shortened` is as in `Edition`.
    """

    entries: tuple[Entry, ...]
    shortened: frozenset[str]
    tombstones: tuple[Tombstone, ...]
    changes: datetime | None


class Editions:
    """The content of the documents of all feeds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def subscription(self, feed: Feed, now: datetime) -> EditionContent:
        """Return the content of a feed's subscription document.

        It has all that is in no archive yet; then, up to the largest size of a document, the
        newest entries, all of the last days, and the entries that were recently corrected or
        retracted, those that were published or changed last before others.
        """
        session, visible = self._session, _visible(feed, now)
        since = seconds(now - timedelta(days=feed.days))
        asked = {**visible, "most": feed.entries, "since": since}
        kept, newest, lately = _told_apart(session.execute(_OF_FEED, asked).all())
        new = {MemberPart(row.entry, row.part): row.published for row in newest}
        leaving: dict[MemberPart, int] = {}
        for row in lately if feed.days else ():  # a clock that is behind has them even so
            part = MemberPart(row.entry, row.part)
            new[part], leaving[part] = row.published, row.published + feed.days * 86400
        updated, withdrawn = self._changed_since(visible["noticed"])
        for changed in session.among(_THEMSELVES, updated, **visible):
            part, until = MemberPart(changed.entry, changed.part), changed.updated + _NOTICE_SECONDS
            new[part], leaving[part] = changed.updated, max(leaving.get(part, 0), until)
        lasting = _parts([*kept, *newest])
        ends = [moment for part, moment in leaving.items() if part not in lasting]
        tombstones = _tombstones(session.among(_TOMBSTONES, withdrawn, feed=feed.name))
        ends += [seconds(one.moment + NOTICE_PERIOD) for one in tombstones]
        latest = sorted(new, key=lambda part: (-new[part], part))
        always = _parts(kept)
        parts = [*always, *(part for part in latest if part not in always)]
        most = max(_MOST, len(kept))
        return self._shown(parts[:most], tombstones, ends, now, kept=always)

    def newest(self, feed: Feed, now: datetime) -> EditionContent:
        """Return the content of the newest page of a term: all that is on no full page yet.

        It has at least as many of the newest entries as a full page.
        """
        asked = {**_visible(feed, now), "most": feed.entries}
        kept, newest, _ = _told_apart(self._session.execute(_OF_TERM, asked).all())
        return self._shown([*_parts([*kept, *newest])], (), [], now)

    def has_any(self, feed: Feed, now: datetime) -> bool:
        """Return whether a feed has anything to show."""
        return self._session.scalar(_NEWEST, {**_visible(feed, now), "most": 1}) is not None

    def archive(self, feed: Feed, number: int, now: datetime) -> EditionContent:
        """Return the content of an archive document: its live members, tombstones of others."""
        session, visible = self._session, {**_visible(feed, now), "archive": number}
        rows = session.execute(_ARCHIVED, visible).all()
        gone = self._ids(_WITHDRAWN_FROM, {"feed": feed.name, "archive": number})
        withdrawn = session.among(_TOMBSTONES, gone, feed=feed.name)
        tombstones = _tombstones(row for row in withdrawn if row.archive == number)
        return self._shown([*_parts(rows)], tombstones, [], now)

    def _shown(
        self,
        parts: Sequence[MemberPart],
        tombstones: tuple[Tombstone, ...],
        ends: Sequence[int],
        now: datetime,
        *,
        kept: Collection[MemberPart] | None = None,
    ) -> EditionContent:
        """Return the content: all `parts`, or those `kept` and others while there is room."""
        ids = sorted({part.entry for part in parts})
        whole = {found.id: found for found in live_entries(self._session, entry.c.id, ids)}
        expiries = (_expiry(found, now) for found in whole.values())
        moments = [
            *(datetime.fromtimestamp(end, UTC) for end in ends),
            *(moment for moment in expiries if moment),
        ]
        found = {part: part_of(whole[part.entry], part.part) for part in parts}
        shown = {part: one for part, one in found.items() if one}
        if kept is None:
            shortened = too_heavy(shown.values())
        else:
            shown, shortened = fitting(shown, kept)
        newest = sorted(shown.values(), key=lambda e: (e.published, e.sequence), reverse=True)
        return EditionContent(
            entries=tuple(newest),
            shortened=shortened,
            tombstones=tombstones,
            changes=min(moments, default=None),
        )

    def _changed_since(self, moment: object) -> tuple[list[str], list[str]]:
        """Return the ids of the entries that were corrected since a moment, and withdrawn."""
        known = self._session.memo.setdefault(CHANGES, {})
        if moment not in known:
            known[moment] = self._session.execute(_CHANGED, {"noticed": moment}).all()
        rows = known[moment]
        withdrawn = [row.id for row in rows if row.is_withdrawn]
        return [row.id for row in rows if not row.is_withdrawn], withdrawn

    def _ids(self, query: sa.Select[Any], values: Mapping[str, object]) -> list[str]:
        return list(self._session.scalars(query, values))


def _told_apart(rows: Iterable[sa.Row[Any]]) -> tuple[list[sa.Row[Any]], ...]:
    """Return the rows of `_OF_FEED` or `_OF_TERM` by their queries: kept, newest and lately."""
    found: dict[str, list[sa.Row[Any]]] = {"kept": [], "newest": [], "lately": []}
    for row in rows:
        found[row.why].append(row)
    return tuple(found.values())


def _parts(rows: Iterable[Any]) -> dict[MemberPart, None]:
    return dict.fromkeys(MemberPart(row.entry, row.part) for row in rows)


def _tombstones(rows: Iterable[sa.Row[Any]]) -> tuple[Tombstone, ...]:
    """Return those of the last withdrawals, of one moment those of what was published last.

    What is in an archive has another one there.
    """
    latest = sorted(rows, key=lambda row: (-row.withdrawn, -row.published, row.id, row.part))
    return tuple(
        Tombstone(id=part_id(row.id, row.part), moment=datetime.fromtimestamp(row.withdrawn, UTC))
        for row in latest[:_MOST_GONE]
    )


def _visible(feed: Feed, now: datetime) -> dict[str, object]:
    """Return the parameters of `_VISIBLE`."""
    return {"feed": feed.name, "moment": seconds(now), "noticed": seconds(now - NOTICE_PERIOD)}


def _expiry(found: Entry, now: datetime) -> datetime | None:
    """Return when an entry leaves all documents, a retraction after its notice period."""
    expires = found.story.expires
    if expires is None:
        return None
    moment = max(expires, found.retracted + NOTICE_PERIOD) if found.retracted else expires
    return moment if moment > now else None
