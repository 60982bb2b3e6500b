"""Which entries does each feed have, under which numbers, and what does it show of them now?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from dateline.facets import wanted
from dateline.ledger.rows import seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import correction, entry, member, topic
from dateline.ledger.whole import IS_LIVE, live_entries
from dateline.manifest import MemberListing
from dateline.model import Entry, Feed, Tombstone
from dateline.notices import part_id, part_of

TOLD = timedelta(days=30)  # how long readers are told of what changed, or is gone
_ARCHIVE = 50  # entries: below 512 kB in most newsrooms

_FEED: sa.BindParameter[str] = sa.bindparam("feed")
_MEMBERS = sa.select(member).join(entry).where(IS_LIVE)
_OF_FEED = _MEMBERS.where(member.c.feed == _FEED)
# Of few entries all feeds are asked for, lest an engine go through all of one feed.
_OF_SOME = _MEMBERS.where(one_of(member.c.entry))
_COUNT = (
    sa.select(sa.func.count())
    .select_from(member.join(entry))
    .where(member.c.feed == _FEED, IS_LIVE)
)
_LAST = sa.select(sa.func.max(member.c.number)).where(member.c.feed == _FEED)
_LAST_ARCHIVE = sa.select(sa.func.max(member.c.archive)).where(member.c.feed == _FEED)
_OPEN = sa.select(sa.func.min(member.c.number), sa.func.count()).where(
    member.c.feed == _FEED, member.c.archive.is_(None)
)
_CLOSE = (
    sa.update(member)
    .where(
        member.c.feed == sa.bindparam("of_feed"),
        member.c.number.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .values(archive=sa.bindparam("into"))
)
_FEEDS = sa.select(member.c.feed).distinct().where(one_of(member.c.entry))
_ARCHIVES = sa.select(member.c.feed, member.c.archive).where(
    one_of(member.c.entry), member.c.archive.isnot(None)
)
_MOMENT: sa.BindParameter[int] = sa.bindparam("moment")
_TOLD: sa.BindParameter[int] = sa.bindparam("told")
# What readers see; of what has expired only that it is retracted.
_VISIBLE = (
    sa.select(member.c.entry, member.c.part, member.c.published, entry.c.updated)
    .select_from(member.join(entry))
    .where(
        member.c.feed == _FEED,
        IS_LIVE,
        sa.or_(entry.c.expires.is_(None), entry.c.expires > _MOMENT, entry.c.retracted > _TOLD),
    )
)
_NEWEST = _VISIBLE.order_by(member.c.published.desc()).limit(sa.bindparam("most"))
_NOT_ARCHIVED = _VISIBLE.where(member.c.archive.is_(None))
_LATELY = _VISIBLE.where(member.c.published > sa.bindparam("since"))
_THEMSELVES = _VISIBLE.where(one_of(member.c.entry), member.c.part == 0)
_ARCHIVED = _VISIBLE.where(member.c.archive == sa.bindparam("archive"))
# The ids are asked first, lest an engine go through all of a feed.
_UPDATED = sa.select(entry.c.id).where(entry.c.updated > _TOLD, entry.c.updated > entry.c.published)
_WITHDRAWN = sa.select(entry.c.id).where(entry.c.withdrawn > _TOLD)
_WITHDRAWN_FROM = sa.select(entry.c.id).where(
    entry.c.id.in_(
        sa.select(member.c.entry).where(
            member.c.feed == _FEED, member.c.archive == sa.bindparam("archive")
        )
    ),
    entry.c.withdrawn.isnot(None),
)
_TOMBSTONES = (
    sa.select(entry.c.id, member.c.part, member.c.archive, entry.c.withdrawn)
    .select_from(member.join(entry))
    .where(member.c.feed == _FEED, one_of(member.c.entry))
)
_LISTINGS = sa.select(member).order_by(member.c.feed, member.c.number)
_OF_THESE = _LISTINGS.where(one_of(member.c.entry))
_EMPTY = _LISTINGS.where(member.c.entry.is_(None))
_OF_ARCHIVE = _LISTINGS.where(member.c.feed == _FEED, member.c.archive == sa.bindparam("archive"))


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The part of an entry that a feed shows (`dateline.ledger.tables`, `member`)."""

    entry: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a document of a feed shows now; `changes` is when time alone changes that."""

    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...]
    changes: datetime | None


class Members:
    """The members of all feeds, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ---- Who belongs where

    def belonging(self, feed: Feed, ids: Sequence[str] | None) -> dict[Part, int]:
        """Give what belongs in a feed, of these entries or of all, in the order of joining."""
        found: dict[Part, tuple[int, int, int]] = {}
        for every, some in _belonging(feed):
            rows = self._session.execute(every) if ids is None else self._session.among(some, ids)
            for row in rows:
                found[Part(row.id, row.part)] = (row.place, row.part, row.moment)
        return {part: found[part][2] for part in sorted(found, key=lambda part: found[part])}

    def enrolled(self, feed: Feed, ids: Sequence[str] | None) -> dict[Part, int | None]:
        """Give what a feed has, of these live entries or of all, with the archives it is in."""
        rows = (
            self._session.execute(_OF_FEED, {"feed": feed.name})
            if ids is None
            else self._session.among(_OF_SOME, ids)
        )
        return {Part(row.entry, row.part): row.archive for row in rows if row.feed == feed.name}

    def count(self, feed: Feed) -> int:
        """Say how many live members a feed has."""
        return self._session.scalar(_COUNT, {"feed": feed.name}) or 0

    def join(self, feed: Feed, parts: dict[Part, int]) -> None:
        """Append members, with their moments of publication."""
        last = self._session.scalar(_LAST, {"feed": feed.name}) or 0
        rows = [
            {
                "feed": feed.name,
                "number": number,
                "entry": part.entry,
                "part": part.part,
                "published": moment,
                "archive": None,
            }
            for number, (part, moment) in enumerate(parts.items(), start=last + 1)
        ]
        self._session.insert(member, rows)

    def leave(self, feed: Feed, parts: Sequence[Part]) -> None:
        """Let members go; their numbers stay empty."""
        for part in parts:
            self._session.execute(
                sa.update(member)
                .where(
                    member.c.feed == feed.name,
                    member.c.entry == part.entry,
                    member.c.part == part.part,
                )
                .values(entry=None)
            )

    def close(self, feed: Feed) -> list[int]:
        """Put the oldest members into archives, as many as fill some; give their numbers."""
        size = min(feed.entries, _ARCHIVE)
        first, count = self._session.execute(_OPEN, {"feed": feed.name}).one()
        full = count // size
        if not full:
            return []
        last = self.last_archive(feed)
        for number in range(full):
            since = first + number * size
            within = {"first": since, "last": since + size - 1}
            into = {"of_feed": feed.name, "into": last + 1 + number}
            self._session.execute(_CLOSE, {**within, **into})
        return list(range(last + 1, last + 1 + full))

    def last_archive(self, feed: Feed) -> int:
        """Give the number of a feed's newest archive, or 0."""
        return self._session.scalar(_LAST_ARCHIVE, {"feed": feed.name}) or 0

    def feeds(self, ids: Sequence[str]) -> set[str]:
        """Give the names of the feeds that have parts of these entries."""
        return {row.feed for row in self._session.among(_FEEDS, ids)}

    def archives(self, ids: Sequence[str]) -> set[tuple[str, int]]:
        """Give the feeds and numbers of the archives that have parts of these entries."""
        return {(row.feed, row.archive) for row in self._session.among(_ARCHIVES, ids)}

    # ---- What is shown

    def subscription(self, feed: Feed, now: datetime) -> Shown:
        """Give what the subscription document shows: the window, and what readers are told.

        The newest entries, all of the last days, what is in no archive yet, and what was
        corrected or retracted lately.
        """
        session, visible = self._session, _visible(feed, now)
        since = seconds(now - timedelta(days=feed.days))
        lasting = [
            *session.execute(_NEWEST, {**visible, "most": feed.entries}),
            *session.execute(_NOT_ARCHIVED, visible),
        ]
        leaving = {
            Part(row.entry, row.part): row.published + feed.days * 86400
            for row in session.execute(_LATELY, {**visible, "since": since})
        }
        told = {"told": visible["told"]}
        for row in session.among(_THEMSELVES, self._ids(_UPDATED, told), **visible):
            part = Part(row.entry, row.part)
            leaving[part] = max(leaving.get(part, 0), row.updated + int(TOLD.total_seconds()))
        parts = [Part(row.entry, row.part) for row in lasting]
        ends = [moment for part, moment in leaving.items() if part not in {*parts}]
        tombstones = _tombstones(
            session.among(_TOMBSTONES, self._ids(_WITHDRAWN, told), feed=feed.name)
        )
        ends += [seconds(one.moment + TOLD) for one in tombstones]
        return self._shown([*parts, *leaving], tombstones, ends, now)

    def archive(self, feed: Feed, number: int, now: datetime) -> Shown:
        """Give what an archive document shows: its members that are live, or were."""
        session, visible = self._session, {**_visible(feed, now), "archive": number}
        rows = session.execute(_ARCHIVED, visible).all()
        gone = self._ids(_WITHDRAWN_FROM, {"feed": feed.name, "archive": number})
        told = session.among(_TOMBSTONES, gone, feed=feed.name)
        tombstones = _tombstones(row for row in told if row.archive == number)
        return self._shown([Part(row.entry, row.part) for row in rows], tombstones, [], now)

    def _shown(
        self,
        parts: Sequence[Part],
        tombstones: tuple[Tombstone, ...],
        ends: Sequence[int],
        now: datetime,
    ) -> Shown:
        ids = sorted({part.entry for part in parts})
        whole = {found.id: found for found in live_entries(self._session, entry.c.id, ids)}
        expiries = (_expiry(found, now) for found in whole.values())
        moments = [
            *(datetime.fromtimestamp(end, UTC) for end in ends),
            *(moment for moment in expiries if moment),
        ]
        shown = (part_of(whole[part.entry], part.part) for part in {*parts})
        newest_first = sorted(
            (one for one in shown if one), key=lambda e: (e.published, e.sequence), reverse=True
        )
        return Shown(
            entries=tuple(newest_first), tombstones=tombstones, changes=min(moments, default=None)
        )

    def _ids(self, query: sa.Select[Any], values: Mapping[str, object]) -> list[str]:
        return list(self._session.scalars(query, values))

    # ---- What the manifest says

    def listings(
        self, ids: Sequence[str] | None = None, archives: Sequence[tuple[str, int]] = ()
    ) -> Iterator[MemberListing]:
        """Give all members, or those of these entries and archives, and the numbers left empty."""
        for row in self._listed(ids, archives):
            yield MemberListing(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def _listed(
        self, ids: Sequence[str] | None, archives: Sequence[tuple[str, int]]
    ) -> Iterator[sa.Row[Any]]:
        if ids is None:
            yield from self._session.execute(_LISTINGS)
            return
        yield from self._session.among(_OF_THESE, ids)
        for feed, number in archives:
            yield from self._session.execute(_OF_ARCHIVE, {"feed": feed, "archive": number})
        yield from self._session.execute(_EMPTY)

    def restore(self, listings: Sequence[MemberListing]) -> None:
        """Remember the members that a manifest has."""
        self._session.execute(sa.delete(member))
        names = member.c.keys()
        self._session.insert(member, [{n: getattr(one, n) for n in names} for one in listings])


def _tombstones(rows: Iterable[sa.Row[Any]]) -> tuple[Tombstone, ...]:
    return tuple(
        Tombstone(id=part_id(row.id, row.part), moment=datetime.fromtimestamp(row.withdrawn, UTC))
        for row in sorted(rows, key=lambda row: (-row.withdrawn, row.id, row.part))
    )


@lru_cache(maxsize=1024)
def _belonging(feed: Feed) -> tuple[tuple[sa.Select[Any], sa.Select[Any]], ...]:
    """Give each query for what belongs in a feed, of all entries and of some."""
    return tuple((query, query.where(one_of(entry.c.id))) for query in _selecting(feed))


def _selecting(feed: Feed) -> Iterator[sa.Select[Any]]:
    """Give the queries for what belongs in a feed: `id`, `part`, `moment`, `place` in order."""
    itself = sa.select(
        entry.c.id,
        sa.literal(0).label("part"),
        entry.c.published.label("moment"),
        entry.c.sequence.label("place"),
    )
    yield itself.where(IS_LIVE, *_facets(feed, frozenset()))
    if "correction" not in feed.kinds:
        return
    chosen = (IS_LIVE, *_facets(feed, frozenset({"kind"})))
    moment = correction.c.moment
    yield (
        sa.select(
            entry.c.id,
            correction.c.number.label("part"),
            moment.label("moment"),
            moment.label("place"),
        )
        .join_from(entry, correction)
        .where(*chosen)
    )
    moment = entry.c.retracted
    yield sa.select(
        entry.c.id, sa.literal(-1).label("part"), moment.label("moment"), moment.label("place")
    ).where(*chosen, moment.isnot(None))


def _facets(feed: Feed, without: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    return [
        sa.exists().where(
            topic.c.entry == entry.c.id, topic.c.facet == facet, topic.c.value.in_(values)
        )
        for facet, values in sorted(wanted(feed).items())
        if facet not in without
    ]


def _visible(feed: Feed, now: datetime) -> dict[str, object]:
    """Give what `_VISIBLE` is asked with."""
    return {"feed": feed.name, "moment": seconds(now), "told": seconds(now - TOLD)}


def _expiry(found: Entry, now: datetime) -> datetime | None:
    """Give when an entry leaves all documents; a retraction is told for its time first."""
    expires = found.story.expires
    if expires is None:
        return None
    moment = max(expires, found.retracted + TOLD) if found.retracted else expires
    return moment if moment > now else None
