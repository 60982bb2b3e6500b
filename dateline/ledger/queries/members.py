"""The members of each feed, and the numbers under which they joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from dateline.documents.manifest import MemberListing
from dateline.ledger.queries.entries import IS_LIVE
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import correction, entry, member, topic
from dateline.model import Feed, names_term
from dateline.rules.selection import wanted
from dateline.text.characters import comparable

_MEMBER = member.c.keys()
_TOPIC = topic.c.keys()
_LISTED = frozenset({"category", "author"})
_OF_LISTED = topic.c.facet.in_(sorted(_LISTED))
_NAMES = sa.select(topic.c.value, topic.c.name).where(_OF_LISTED).distinct()
_NAMED = sa.select(topic).where(_OF_LISTED, one_of(topic.c.value))
_ARCHIVE = 50  # entries, below 512 kB in most newsrooms

_FEED: sa.BindParameter[str] = sa.bindparam("feed")
_MEMBERS = sa.select(member, IS_LIVE.label("is_live")).join(entry)
_OF_FEED = _MEMBERS.where(member.c.feed == _FEED, IS_LIVE)
_OF_SOME = _MEMBERS.where(one_of(member.c.entry))
_COUNT = (
    sa.select(sa.func.count())
    .select_from(member.join(entry))
    .where(member.c.feed == _FEED, IS_LIVE)
)
_LAST_ARCHIVE = sa.select(sa.func.max(member.c.archive)).where(member.c.feed == _FEED)
_IS_OPEN = (member.c.feed == _FEED, member.c.archive.is_(None))
# For a bare column, engines search its own index for the least value, through all archives.
_FIRST_OPEN = sa.func.min(member.c.number + 0)
_END = sa.select(
    *(
        query.scalar_subquery().label(name)
        for name, query in {
            "last": sa.select(sa.func.max(member.c.number)).where(member.c.feed == _FEED),
            "first": sa.select(_FIRST_OPEN).where(*_IS_OPEN),
            "count": sa.select(sa.func.count()).select_from(member).where(*_IS_OPEN),
            "archive": _LAST_ARCHIVE,
        }.items()
    )
)
_LAST_CLOSED = sa.select(sa.func.max(member.c.number + 0)).where(
    member.c.feed == _FEED, member.c.archive == _LAST_ARCHIVE.scalar_subquery()
)
_FIRSTS = (
    sa.select(member.c.published)
    .where(member.c.feed == _FEED, one_of(member.c.number))
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
_TERMS = sa.select(member.c.feed).distinct().where(member.c.feed.contains("/"))
_LIVE_TERMS = _TERMS.join(entry).where(IS_LIVE)
_LISTINGS = sa.select(member).order_by(member.c.feed, member.c.number)
_OF_THESE = _LISTINGS.where(one_of(member.c.entry))
_OF_THESE_IN_FEED = _OF_THESE.where(member.c.feed == _FEED)
_AT_NUMBER = _LISTINGS.where(member.c.feed == _FEED, member.c.number == sa.bindparam("number"))
_EMPTY = (
    sa.update(member)
    .where(
        member.c.feed == sa.bindparam("of_feed"),
        member.c.number == sa.bindparam("at_number"),
    )
    .values(entry=None)
)
_OF_ARCHIVE = _LISTINGS.where(member.c.feed == _FEED, member.c.archive == sa.bindparam("archive"))


class MemberPart(NamedTuple):
    """The part of an entry that a feed shows (`dateline.ledger.tables`, `member`)."""

    entry: str
    part: int


@dataclass(frozen=True, slots=True)
class Memberships:
    """The rows of some entries in all feeds: an engine might scan all of one feed."""

    rows: Sequence[sa.Row[Any]]

    @property
    def feeds(self) -> set[str]:
        """The names of the feeds that have parts of these entries."""
        return {row.feed for row in self.rows}

    @property
    def archives(self) -> set[tuple[str, int]]:
        """The feeds and numbers of the archives that have parts of these entries."""
        return {(row.feed, row.archive) for row in self.rows if row.archive is not None}

    def of(self, feed: Feed) -> dict[MemberPart, int | None]:
        """Return the members of a feed that are live, with their archives."""
        return _archives(row for row in self.rows if row.feed == feed.name and row.is_live)

    def of_terms(self) -> dict[str, dict[MemberPart, int | None]]:
        """Return the members of each term (`dateline.rules.taxonomy`) that are live, as `of`."""
        found: dict[str, list[sa.Row[Any]]] = {}
        for row in self.rows:
            if row.is_live and names_term(row.feed):
                found.setdefault(row.feed, []).append(row)
        return {name: _archives(rows) for name, rows in found.items()}


@dataclass(slots=True)
class _End:
    """The last number in a feed, of the members in no archive the first, and the last archive."""

    last: int
    first: int
    count: int
    archive: int


class Members:
    """The members of all feeds, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._emptied: list[tuple[str, int]] = []  # feeds and numbers that were left in this run
        self.has_forgotten = False  # terms, in this run

    # ---- Membership

    def add_comparable(self) -> None:
        """Add the forms in which feeds compare names, which earlier releases did not record."""
        names = self._session.execute(_NAMES).all()
        pairs = {value: key for value, name in names if (key := comparable(name)) != value}
        rows = self._session.among(_NAMED, sorted({*pairs, *pairs.values()}))
        known = {(row.entry, row.facet, row.value): row.name for row in rows}
        made = {
            (id_, facet, pairs[value]): name
            for (id_, facet, value), name in known.items()
            if value in pairs
        }
        self._session.insert(
            topic,
            [dict(zip(_TOPIC, (*key, made[key]), strict=True)) for key in made.keys() - known],
        )

    def belonging(self, feed: Feed, ids: Sequence[str] | None) -> dict[MemberPart, int]:
        """Return the parts of these entries, or of all, that belong in a feed, in joining order."""
        found: dict[MemberPart, tuple[int, int, int]] = {}
        for every, some in _belonging(feed):
            rows = self._session.each(every) if ids is None else self._session.among(some, ids)
            for row in rows:
                found[MemberPart(row.id, row.part)] = (row.place, row.part, row.moment)
        return {part: found[part][2] for part in sorted(found, key=lambda part: found[part])}

    def enrolled(self, feed: Feed) -> dict[MemberPart, int | None]:
        """Return all live members of a feed, with their archives."""
        return _archives(self._session.each(_OF_FEED, {"feed": feed.name}))

    def of(self, ids: Sequence[str]) -> Memberships:
        """Return the members of all feeds from these entries."""
        return Memberships([*self._session.among(_OF_SOME, ids)])

    def terms(self) -> list[str]:
        """Return the names of all terms that any entry ever had."""
        return list(self._session.scalars(_TERMS))

    def forget_terms(self) -> set[str]:
        """Delete the terms that no live entry has, as one that was taken down; return them."""
        live = {*self._session.scalars(_LIVE_TERMS)}
        names = {*self.terms()} - live
        self._session.delete(member, member.c.feed, sorted(names))
        for name in names:
            self._session.memo.pop((_End, name), None)
        self.has_forgotten = bool(names)
        return names

    def count(self, feed: Feed) -> int:
        """Return the number of a feed's live members."""
        return self._session.scalar(_COUNT, {"feed": feed.name}) or 0

    def join(self, feed: Feed, parts: Mapping[MemberPart, int]) -> list[int]:
        """Append members, with their moments of publication.

        The oldest of a feed are put into as many archives as they fill; return their numbers.
        """
        end, size = self._end(feed), min(feed.entries, _ARCHIVE)
        newest, begin = end.last, end.first if end.count else end.last + 1
        full, rest = divmod(end.count + len(parts), size)
        closed = range(end.archive + 1, end.archive + 1 + full)
        changes = [
            {"of_feed": feed.name, "first": first, "last": first + size - 1, "into": into}
            for first, into in zip(range(begin, newest + 1, size), closed, strict=False)
        ]
        if changes:
            self._session.execute(_CLOSE, changes)
        rows = [
            {
                "feed": feed.name,
                "number": number,
                "entry": part.entry,
                "part": part.part,
                "published": moment,
                "archive": closed[at] if (at := (number - begin) // size) < full else None,
            }
            for number, (part, moment) in enumerate(parts.items(), start=newest + 1)
        ]
        self._session.insert(member, rows)
        end.last, end.first, end.count = newest + len(rows), begin + full * size, rest
        end.archive += full
        return [*closed]

    def leave(self, feed: Feed, parts: Sequence[MemberPart]) -> None:
        """Remove members; their numbers stay empty."""
        leaving = {*parts}
        ids = [*{part.entry for part in leaving}]
        found = self._session.among(_OF_THESE_IN_FEED, ids, feed=feed.name)
        numbers = [row.number for row in found if MemberPart(row.entry, row.part) in leaving]
        if numbers:
            changes = [{"of_feed": feed.name, "at_number": number} for number in numbers]
            self._session.execute(_EMPTY, changes)
        self._emptied += [(feed.name, number) for number in numbers]

    def _end(self, feed: Feed) -> _End:
        """Return where a feed ends, which is asked once in a transaction."""
        memo = self._session.memo
        if (found := memo.get((_End, feed.name))) is None:
            row = self._session.execute(_END, {"feed": feed.name}).one()
            found = memo[_End, feed.name] = _End(*(value or 0 for value in row))
        return found

    def last_archive(self, feed: Feed) -> int:
        """Return the number of a feed's newest archive, or 0."""
        known: _End | None = self._session.memo.get((_End, feed.name))
        if known:
            return known.archive
        return self._session.scalar(_LAST_ARCHIVE, {"feed": feed.name}) or 0

    def begins(self, feed: Feed) -> list[datetime]:
        """Return when the first entry of each full page of a term was published, by number."""
        last = self._session.scalar(_LAST_CLOSED, {"feed": feed.name}) or 0
        rows = self._session.among(_FIRSTS, range(1, last + 1, feed.entries), feed=feed.name)
        return [datetime.fromtimestamp(row.published, UTC) for row in rows]

    def every_begin(self) -> dict[tuple[str, int], int]:
        """Return when the first entry of each archive was published, by feed and number.

        Number 0 is what is in no archive; moments are in seconds since 1970.
        """
        rows = self._session.execute(_BEGINS)
        return {(row.feed, row.archive or 0): row.first for row in rows}

    # ---- Rows of the manifest

    @property
    def has_emptied(self) -> bool:
        """True if this run has emptied a number."""
        return bool(self._emptied)

    def listings(
        self, ids: Sequence[str] | None = None, archives: Sequence[tuple[str, int]] = ()
    ) -> Iterator[MemberListing]:
        """Yield all members, or those of these entries and archives and the emptied numbers.

        Numbers that an earlier run emptied are listed already.
        """
        for row in self._listed(ids, archives):
            yield MemberListing(**dict(zip(_MEMBER, row, strict=True)))

    def _listed(
        self, ids: Sequence[str] | None, archives: Sequence[tuple[str, int]]
    ) -> Iterator[sa.Row[Any]]:
        if ids is None:
            yield from self._session.each(_LISTINGS)
            return
        yield from self._session.among(_OF_THESE, ids)
        for feed, number in self._emptied:
            yield from self._session.execute(_AT_NUMBER, {"feed": feed, "number": number})
        for feed, number in archives:
            yield from self._session.execute(_OF_ARCHIVE, {"feed": feed, "archive": number})

    def restore(self, listings: Sequence[MemberListing]) -> None:
        """Store the members that a manifest has, and no others."""
        self._session.memo.clear()
        self._session.execute(sa.delete(member))
        self._session.insert(member, [{n: getattr(one, n) for n in _MEMBER} for one in listings])


def _archives(rows: Iterable[sa.Row[Any]]) -> dict[MemberPart, int | None]:
    return {MemberPart(row.entry, row.part): row.archive for row in rows}


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
