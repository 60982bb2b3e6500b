"""The members of each feed, and the numbers under which they joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from dateline.documents.manifest import MemberListing
from dateline.ledger.queries.entries import IS_LIVE
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import correction, entry, member, topic
from dateline.model import Feed, names_term
from dateline.rules.selection import wanted

_LISTED = frozenset({"category", "author"})
_ARCHIVE = 50  # entries, below 512 kB in most newsrooms

_FEED: sa.BindParameter[str] = sa.bindparam("feed")
_MEMBERS = sa.select(member).join(entry).where(IS_LIVE)
_OF_FEED = _MEMBERS.where(member.c.feed == _FEED)
# For a few entries, all feeds are asked for: an engine might scan all of one feed.
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
_FIRSTS = (
    sa.select(member.c.published)
    .where(member.c.feed == _FEED, member.c.archive.isnot(None))
    .where((member.c.number - 1) % sa.bindparam("size", type_=sa.Integer) == 0)
    .order_by(member.c.number)
)
_BEGINS = sa.select(
    member.c.feed, member.c.archive, sa.func.min(member.c.published).label("first")
).group_by(member.c.feed, member.c.archive)
_CLOSE = (
    sa.update(member)
    .where(
        member.c.feed == sa.bindparam("of_feed"),
        member.c.number.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .values(archive=sa.bindparam("into"))
)
_FEEDS = sa.select(member.c.feed).distinct().where(one_of(member.c.entry))
_TERMS = sa.select(member.c.feed).distinct().where(member.c.feed.contains("/"))
_ARCHIVES = sa.select(member.c.feed, member.c.archive).where(
    one_of(member.c.entry), member.c.archive.isnot(None)
)
_LISTINGS = sa.select(member).order_by(member.c.feed, member.c.number)
_OF_THESE = _LISTINGS.where(one_of(member.c.entry))
_EMPTY = _LISTINGS.where(member.c.entry.is_(None))
_OF_ARCHIVE = _LISTINGS.where(member.c.feed == _FEED, member.c.archive == sa.bindparam("archive"))


@dataclass(frozen=True, slots=True, order=True)
class MemberPart:
    """The part of an entry that a feed shows (`dateline.ledger.tables`, `member`)."""

    entry: str
    part: int


class Members:
    """The members of all feeds, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ---- Membership

    def belonging(self, feed: Feed, ids: Sequence[str] | None) -> dict[MemberPart, int]:
        """Return the parts of these entries, or of all, that belong in a feed, in joining order."""
        found: dict[MemberPart, tuple[int, int, int]] = {}
        for every, some in _belonging(feed):
            rows = self._session.execute(every) if ids is None else self._session.among(some, ids)
            for row in rows:
                found[MemberPart(row.id, row.part)] = (row.place, row.part, row.moment)
        return {part: found[part][2] for part in sorted(found, key=lambda part: found[part])}

    def enrolled(self, feed: Feed, ids: Sequence[str] | None) -> dict[MemberPart, int | None]:
        """Return the members of a feed from these live entries, or all, with their archives."""
        rows = (
            self._session.execute(_OF_FEED, {"feed": feed.name})
            if ids is None
            else self._session.among(_OF_SOME, ids)
        )
        return {
            MemberPart(row.entry, row.part): row.archive for row in rows if row.feed == feed.name
        }

    def filed(self, ids: Sequence[str]) -> dict[str, dict[MemberPart, int | None]]:
        """Return the terms (`dateline.rules.taxonomy`) of these live entries, as `enrolled`."""
        found: dict[str, dict[MemberPart, int | None]] = {}
        for row in self._session.among(_OF_SOME, ids):
            if names_term(row.feed):
                found.setdefault(row.feed, {})[MemberPart(row.entry, row.part)] = row.archive
        return found

    def terms(self) -> list[str]:
        """Return the names of all terms that any entry ever had."""
        return list(self._session.scalars(_TERMS))

    def count(self, feed: Feed) -> int:
        """Return the number of a feed's live members."""
        return self._session.scalar(_COUNT, {"feed": feed.name}) or 0

    def join(self, feed: Feed, parts: dict[MemberPart, int]) -> None:
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

    def leave(self, feed: Feed, parts: Sequence[MemberPart]) -> None:
        """Remove members; their numbers stay empty."""
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
        """Put the oldest members into as many archives as they fill; return their numbers."""
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
        """Return the number of a feed's newest archive, or 0."""
        return self._session.scalar(_LAST_ARCHIVE, {"feed": feed.name}) or 0

    def begins(self, feed: Feed) -> list[datetime]:
        """Return when the first entry of each full page of a term was published, by number."""
        rows = self._session.scalars(_FIRSTS, {"feed": feed.name, "size": feed.entries})
        return [datetime.fromtimestamp(published, UTC) for published in rows]

    def every_begin(self) -> dict[tuple[str, int], int]:
        """Return when the first entry of each archive was published, by feed and number.

        Number 0 is what is in no archive; moments are in seconds since 1970.
        """
        rows = self._session.execute(_BEGINS)
        return {(row.feed, row.archive or 0): row.first for row in rows}

    def feeds(self, ids: Sequence[str]) -> set[str]:
        """Return the names of the feeds that have parts of these entries."""
        return {row.feed for row in self._session.among(_FEEDS, ids)}

    def archives(self, ids: Sequence[str]) -> set[tuple[str, int]]:
        """Return the feeds and numbers of the archives that have parts of these entries."""
        return {(row.feed, row.archive) for row in self._session.among(_ARCHIVES, ids)}

    # ---- Rows of the manifest

    def listings(
        self, ids: Sequence[str] | None = None, archives: Sequence[tuple[str, int]] = ()
    ) -> Iterator[MemberListing]:
        """Yield all members, or those of these entries and archives with all empty numbers."""
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
        """Store the members that a manifest has, and no others."""
        self._session.execute(sa.delete(member))
        names = member.c.keys()
        self._session.insert(member, [{n: getattr(one, n) for n in names} for one in listings])


@lru_cache(maxsize=1024)
def _belonging(feed: Feed) -> tuple[tuple[sa.Select[Any], sa.Select[Any]], ...]:
    """Return each query for what belongs in a feed: for all entries, and for some."""
    some = (query.where(one_of(entry.c.id)) for query in _selecting(feed, is_of_all=False))
    return tuple(zip(_selecting(feed, is_of_all=True), some, strict=True))


def _selecting(feed: Feed, *, is_of_all: bool) -> Iterator[sa.Select[Any]]:
    """Yield the queries for what belongs in a feed: `id`, `part`, `moment`, `place` in order.

    Those that are `of_all` entries begin with the few that have a category or an author.
    """
    itself = sa.select(
        entry.c.id,
        sa.literal(0).label("part"),
        entry.c.published.label("moment"),
        entry.c.sequence.label("place"),
    )
    listed = _LISTED if is_of_all else frozenset()
    yield itself.where(IS_LIVE, *_facets(feed, frozenset(), listed))
    if "correction" not in feed.kinds:
        return
    chosen = (IS_LIVE, *_facets(feed, frozenset({"kind"}), listed))
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


def _facets(
    feed: Feed, without: frozenset[str], listed: frozenset[str]
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of a feed's facets; those `listed` are few enough to be listed first."""
    for facet, values in sorted(wanted(feed).items()):
        has_value = (topic.c.facet == facet, topic.c.value.in_(sorted(values)))
        if facet in listed:
            yield entry.c.id.in_(sa.select(topic.c.entry).where(*has_value))
        elif facet not in without:
            yield sa.exists().where(topic.c.entry == entry.c.id, *has_value)
