"""Which entries does each feed have, under which numbers, and what does it show of them now?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dateline.facets import wanted
from dateline.ledger.rows import seconds
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import correction, entry, member, topic
from dateline.ledger.whole import IS_LIVE, live_entries
from dateline.manifest import MemberListing
from dateline.model import Entry, Feed, Tombstone
from dateline.notices import part_id, part_of

TOLD = timedelta(days=30)  # how long readers are told of what changed, or is gone
_ARCHIVE = 50  # entries: below 512 kB in most newsrooms


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
        for some in [None] if ids is None else batches(ids):
            for query in _belonging(feed):
                chosen = query if some is None else query.where(entry.c.id.in_(some))
                for row in self._session.execute(chosen):
                    found[Part(row.id, row.part)] = (row.place, row.part, row.moment)
        return {part: found[part][2] for part in sorted(found, key=lambda part: found[part])}

    def enrolled(self, feed: Feed, ids: Sequence[str] | None) -> dict[Part, int | None]:
        """Give what a feed has, of these live entries or of all, with the archives it is in."""
        query = sa.select(member).join(entry).where(IS_LIVE)
        # Of few entries all feeds are asked for, lest the engine go through all of this feed.
        queries = (
            [query.where(member.c.feed == feed.name)]
            if ids is None
            else [query.where(member.c.entry.in_(some)) for some in batches(ids)]
        )
        rows = (row for one in queries for row in self._session.execute(one))
        return {Part(row.entry, row.part): row.archive for row in rows if row.feed == feed.name}

    def count(self, feed: Feed) -> int:
        """Say how many live members a feed has."""
        query = sa.select(sa.func.count()).select_from(member.join(entry))
        return self._session.scalar(query.where(member.c.feed == feed.name, IS_LIVE)) or 0

    def join(self, feed: Feed, parts: dict[Part, int]) -> None:
        """Append members, with their moments of publication."""
        last = self._greatest(member.c.number, feed)
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
        is_open = (member.c.feed == feed.name, member.c.archive.is_(None))
        first, count = self._session.execute(
            sa.select(sa.func.min(member.c.number), sa.func.count()).where(*is_open)
        ).one()
        full = count // size
        last = self.last_archive(feed)
        for number in range(full):
            since = first + number * size
            within = member.c.number.between(since, since + size - 1)
            change = sa.update(member).where(member.c.feed == feed.name, within)
            self._session.execute(change.values(archive=last + 1 + number))
        return list(range(last + 1, last + 1 + full))

    def last_archive(self, feed: Feed) -> int:
        """Give the number of a feed's newest archive, or 0."""
        return self._greatest(member.c.archive, feed)

    def feeds(self, ids: Sequence[str]) -> set[str]:
        """Give the names of the feeds that have parts of these entries."""
        query = sa.select(member.c.feed).distinct()
        return {
            name
            for some in batches(ids)
            for name in self._session.scalars(query.where(member.c.entry.in_(some)))
        }

    def archives(self, ids: Sequence[str]) -> set[tuple[str, int]]:
        """Give the feeds and numbers of the archives that have parts of these entries."""
        found: set[tuple[str, int]] = set()
        for some in batches(ids):
            query = sa.select(member.c.feed, member.c.archive).where(
                member.c.entry.in_(some), member.c.archive.isnot(None)
            )
            found |= {(row.feed, row.archive) for row in self._session.execute(query)}
        return found

    def _greatest(self, column: sa.Column[Any], feed: Feed) -> int:
        query = sa.select(sa.func.max(column)).where(member.c.feed == feed.name)
        return self._session.scalar(query) or 0

    # ---- What is shown

    def subscription(self, feed: Feed, now: datetime) -> Shown:
        """Give what the subscription document shows: the window, and what readers are told.

        The newest entries, all of the last days, what is in no archive yet, and what was
        corrected or retracted lately.
        """
        query = _visible(feed, now)
        since, told = seconds(now - timedelta(days=feed.days)), seconds(now - TOLD)
        lasting = [
            *self._session.execute(query.order_by(member.c.published.desc()).limit(feed.entries)),
            *self._session.execute(query.where(member.c.archive.is_(None))),
        ]
        leaving = {
            Part(row.entry, row.part): row.published + feed.days * 86400
            for row in self._session.execute(query.where(member.c.published > since))
        }
        updated = self._ids(entry.c.updated > told, entry.c.updated > entry.c.published)
        for some in batches(updated):
            within = sa.and_(member.c.entry.in_(some), member.c.part == 0)
            for row in self._session.execute(query.where(within)):
                part = Part(row.entry, row.part)
                leaving[part] = max(leaving.get(part, 0), row.updated + int(TOLD.total_seconds()))
        parts = [Part(row.entry, row.part) for row in lasting]
        ends = [moment for part, moment in leaving.items() if part not in {*parts}]
        gone = self._ids(entry.c.withdrawn > told)
        tombstones = self._tombstones(member.c.feed == feed.name, gone)
        ends += [seconds(one.moment + TOLD) for one in tombstones]
        return self._shown([*parts, *leaving], tombstones, ends, now)

    def archive(self, feed: Feed, number: int, now: datetime) -> Shown:
        """Give what an archive document shows: its members that are live, or were."""
        within = member.c.archive == number
        rows = self._session.execute(_visible(feed, now).where(within)).all()
        in_it = sa.select(member.c.entry).where(member.c.feed == feed.name, within)
        gone = self._ids(entry.c.id.in_(in_it), entry.c.withdrawn.isnot(None))
        tombstones = self._tombstones(sa.and_(member.c.feed == feed.name, within), gone)
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

    def _ids(self, *chosen: sa.ColumnElement[bool]) -> list[str]:
        """Give the ids of entries: asked first, lest the engine go through all of a feed."""
        return list(self._session.scalars(sa.select(entry.c.id).where(*chosen)))

    def _tombstones(
        self, chosen: sa.ColumnElement[bool], ids: Sequence[str]
    ) -> tuple[Tombstone, ...]:
        query = sa.select(entry.c.id, member.c.part, entry.c.withdrawn).select_from(
            member.join(entry)
        )
        rows = [
            row
            for some in batches(ids)
            for row in self._session.execute(query.where(chosen, member.c.entry.in_(some)))
        ]
        return tuple(
            Tombstone(
                id=part_id(row.id, row.part), moment=datetime.fromtimestamp(row.withdrawn, UTC)
            )
            for row in sorted(rows, key=lambda row: (-row.withdrawn, row.id, row.part))
        )

    # ---- What the manifest says

    def listings(
        self, ids: Sequence[str] | None = None, archives: Sequence[tuple[str, int]] = ()
    ) -> Iterator[MemberListing]:
        """Give all members, or those of these entries and archives, and the numbers left empty."""
        query = sa.select(member).order_by(member.c.feed, member.c.number)
        queries = [query]
        if ids is not None:
            queries = [query.where(member.c.entry.in_(some)) for some in batches(ids)]
            queries += [
                query.where(member.c.feed == feed, member.c.archive == number)
                for feed, number in archives
            ]
            queries.append(query.where(member.c.entry.is_(None)))
        for one in queries:
            for row in self._session.execute(one):
                yield MemberListing(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def restore(self, listings: Sequence[MemberListing]) -> None:
        """Remember the members that a manifest has."""
        self._session.execute(sa.delete(member))
        names = member.c.keys()
        self._session.insert(member, [{n: getattr(one, n) for n in names} for one in listings])


def _belonging(feed: Feed) -> Iterator[sa.Select[Any]]:
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


def _visible(feed: Feed, now: datetime) -> sa.Select[Any]:
    """Select the members that readers see: what has expired only to tell that it is retracted."""
    moment = seconds(now)
    return (
        sa.select(member.c.entry, member.c.part, member.c.published, entry.c.updated)
        .select_from(member.join(entry))
        .where(
            member.c.feed == feed.name,
            IS_LIVE,
            sa.or_(
                entry.c.expires.is_(None),
                entry.c.expires > moment,
                entry.c.retracted > moment - int(TOLD.total_seconds()),
            ),
        )
    )


def _expiry(found: Entry, now: datetime) -> datetime | None:
    """Give when an entry leaves all documents; a retraction is told for its time first."""
    expires = found.story.expires
    if expires is None:
        return None
    moment = max(expires, found.retracted + TOLD) if found.retracted else expires
    return moment if moment > now else None
