"""The entries that an entry's page leads to: the ones before and after it, and related ones.

They are found, not stored. The one before and the one after are the nearest in time, of the same
language. Related are earlier members of the same topics and places: a new entry is the last member
of each, so it changes no older choice. Languages are compared without script and region. An entry
that has expired has no neighbours and is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

import sqlalchemy as sa

from dateline.ledger.queries.entries import IS_LIVE, live_entries
from dateline.ledger.rows import moment_at, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import entry, member, topic
from dateline.model import Entry, Neighbours
from dateline.rules.taxonomy import FOLDERS

_RELATED = 3  # entries at most
RARE = 300  # entries of a language at most, of which all are read to find the nearest
_WINDOW = 10  # older members of each topic among which related entries are searched for
_FOLDERS = tuple(f"{FOLDERS[facet]}/" for facet in ("category", "place"))

_MOMENT: sa.BindParameter[int] = sa.bindparam("moment")
_NUMBER: sa.BindParameter[int] = sa.bindparam("number")
_OWN = entry.alias("own")
_LANGUAGE = topic.alias("tongue")
_IS_LANGUAGE = sa.and_(_LANGUAGE.c.facet == "language", _LANGUAGE.c.value.not_like("%-%"))


def _nearest_on(side: Literal["before", "after"], *, is_rare: bool) -> sa.ScalarSelect[Any]:
    """Return the query for the nearest visible entry on one side of another.

    It reads entries in the order of time until one has the language; where the language `is_rare`,
    it reads those of the language.
    """
    near, spoken = entry.alias(side), topic.alias()
    # A sum is not in the index of moments.
    moment = near.c.published + 0 if is_rare else near.c.published
    number = near.c.sequence
    own_moment, own_number = _OWN.c.published, _OWN.c.sequence
    if side == "before":
        within = (moment <= own_moment, sa.or_(moment < own_moment, number < own_number))
        order = (moment.desc(), number.desc())
    else:
        within = (moment >= own_moment, sa.or_(moment > own_moment, number > own_number))
        order = (moment.asc(), number.asc())
    has_language = (
        spoken.c.entry == near.c.id,
        spoken.c.facet == "language",
        spoken.c.value == _LANGUAGE.c.value,
    )
    if is_rare:
        found = sa.select(near.c.id).join_from(spoken, near).where(*has_language)
    else:
        found = sa.select(near.c.id).where(
            sa.exists().where(*has_language).correlate(near, _LANGUAGE)
        )
    return (
        found.where(*within, near.c.version > 0, near.c.withdrawn.is_(None))
        .where(sa.or_(near.c.expires.is_(None), near.c.expires > _MOMENT))
        .order_by(*order)
        .limit(1)
        .correlate(_OWN, _LANGUAGE)
        .scalar_subquery()
    )


def _nearest_of(*, is_rare: bool) -> sa.Select[Any]:
    """Return the query for the nearest entries of some."""
    languages = _OWN.join(_LANGUAGE, sa.and_(_LANGUAGE.c.entry == _OWN.c.id, _IS_LANGUAGE))
    return (
        sa.select(
            _OWN.c.id,
            _OWN.c.expires,
            _nearest_on("before", is_rare=is_rare).label("previous"),
            _nearest_on("after", is_rare=is_rare).label("following"),
        )
        .select_from(languages)
        .where(one_of(_OWN.c.id))
    )


_NEAREST = _nearest_of(is_rare=False)
_NEAREST_IN_RARE = _nearest_of(is_rare=True)
_MORE_THAN_RARE = (
    sa.select(topic.c.entry)
    .where(topic.c.facet == "language", topic.c.value == sa.bindparam("language"))
    .limit(1)
    .offset(sa.bindparam("rare"))
)
_IS_ITSELF = sa.and_(member.c.entry == _LANGUAGE.c.entry, member.c.part == 0)
_PLACES = (
    sa.select(
        member.c.feed, member.c.number, _LANGUAGE.c.entry, _LANGUAGE.c.value.label("language")
    )
    .select_from(_LANGUAGE.outerjoin(member, _IS_ITSELF))
    .where(one_of(_LANGUAGE.c.entry), _IS_LANGUAGE)
)
_MEMBERS = (
    sa.select(member.c.number, entry.c.id, entry.c.published, entry.c.retracted, entry.c.expires)
    .select_from(member.join(entry))
    .where(member.c.feed == sa.bindparam("feed"), member.c.part == 0, IS_LIVE)
    .where(
        sa.exists().where(
            topic.c.entry == member.c.entry,
            topic.c.facet == "language",
            topic.c.value == sa.bindparam("language"),
        )
    )
    .limit(sa.bindparam("most"))
)
_EARLIER = _MEMBERS.where(member.c.number < _NUMBER).order_by(member.c.number.desc())
_LATER = _MEMBERS.where(member.c.number > _NUMBER).order_by(member.c.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """The ids of the entries that the page of an entry leads to; `expires` is the entry's."""

    expires: int | None
    previous: str | None
    following: str | None
    related: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        near = (self.previous, self.following)
        return (*(id_ for id_ in near if id_), *self.related)


_Candidate = tuple[int, str]  # the negative moment of publication, and the id


@dataclass(frozen=True, slots=True)
class _Topic:
    """The members of a feed that are in one language."""

    feed: str
    language: str


class NeighbourQueries:
    """The neighbours of a publication's entries at a moment.

    `feeds` are the names of the configured feeds whose members are related to each other. If two
    entries are related by no feed and no term, only time connects them.
    """

    def __init__(self, session: Session, feeds: Collection[str], now: datetime) -> None:
        self._session = session
        self._feeds = frozenset(feeds)
        self._now = seconds(now)
        self._before: dict[str, _Links | None] = {}
        self._after: dict[str, _Links] = {}
        self._changed: set[str] = set()

    # ---- What a page shows

    def of(self, slugs: Sequence[str]) -> dict[str, Neighbours]:
        """Return the neighbours of the live entries with these slugs, by slug."""
        some = live_entries(self._session, entry.c.slug, slugs)
        slug_of = {one.id: one.slug for one in some}
        unknown = [id_ for id_ in slug_of if id_ not in self._after]
        links = {id_: self._after[id_] for id_ in slug_of if id_ in self._after}
        links |= self._links(unknown)
        wanted = sorted({id_ for one in links.values() for id_ in one.ids})
        known = {one.id: one for one in live_entries(self._session, entry.c.id, wanted)}
        return {slug_of[id_]: _neighbours(one, known) for id_, one in links.items()}

    # ---- What changes

    def note(self, ids: Sequence[str], new: Collection[str] = ()) -> None:
        """Note the pages that lead to these entries, which are about to change; none to `new`."""
        self._changed.update(ids)
        there = [id_ for id_ in ids if id_ not in new]
        found = [id_ for id_ in self._around(there) if id_ not in self._before]
        self._before |= dict.fromkeys(found) | self._links(found)

    def concerned(self, ids: Collection[str] = ()) -> list[str]:
        """Return the ids of all entries whose pages change with these, or with noted ones."""
        changed = self._changed.union(ids)
        others = sorted({*self._around(sorted(changed)), *self._before} - changed)
        after = self._after = self._links([*others, *changed])
        return [*changed, *(id_ for id_ in others if self._is_stale(id_, after.get(id_), changed))]

    def _is_stale(self, id_: str, after: _Links | None, changed: Collection[str]) -> bool:
        """Return whether a page leads elsewhere than before, or to an entry that has changed."""
        is_known = id_ in self._before and after == self._before[id_]
        return not is_known or bool(after and any(one in changed for one in after.ids))

    # ---- Queries

    def _links(self, ids: Sequence[str]) -> dict[str, _Links]:
        """Return the ids of the neighbours of each of these entries."""
        rows = self._placed(ids)
        near = {row.id: row for row in self._nearest(rows)}
        shared = self._shared(rows)
        return {
            id_: _Links(
                expires=row.expires,
                previous=row.previous,
                following=row.following,
                related=_related(shared.get(id_, ()), {row.previous, row.following}),
            )
            for id_, row in near.items()
            if _is_visible(row, self._now)
        }

    def _placed(self, ids: Sequence[str]) -> list[sa.Row[Any]]:
        """Return the languages of these entries, with their numbers in each of their topics."""
        return [*self._session.among(_PLACES, ids)] if ids else []

    def _nearest(self, rows: Iterable[sa.Row[Any]]) -> Iterator[sa.Row[Any]]:
        """Yield the nearest entries of those that are placed."""
        by_language: dict[str, dict[str, None]] = {}
        for row in rows:
            by_language.setdefault(row.language, {})[row.entry] = None
        for language, some in by_language.items():
            query = _NEAREST_IN_RARE if self._is_rare(language) else _NEAREST
            yield from self._session.among(query, [*some], moment=self._now)

    def _is_rare(self, language: str) -> bool:
        memo, asked = self._session.memo, {"language": language, "rare": RARE}
        if (RARE, language) not in memo:
            memo[RARE, language] = self._session.scalar(_MORE_THAN_RARE, asked) is None
        return bool(memo[RARE, language])

    def _shared(self, placed: Iterable[sa.Row[Any]]) -> dict[str, list[_Candidate]]:
        """Return the older members of the topics of these entries, once for each topic."""
        found: dict[str, list[_Candidate]] = {}
        for one, places in self._places(placed).items():
            for some in _clusters(sorted(places)):
                rows = self._members(_EARLIER, one, some[-1], some[-1] - some[0] + _WINDOW)
                # The newest comes first.
                numbers = [-row.number for row in rows]
                candidates = [_candidate(row, self._now) for row in rows]
                for number in some:
                    begin = bisect_left(numbers, 1 - number)
                    near = candidates[begin : begin + _WINDOW]
                    found.setdefault(places[number], []).extend(filter(None, near))
        return found

    def _around(self, ids: Sequence[str]) -> list[str]:
        """Return the ids of all entries that these may be neighbours of, or were."""
        found: dict[str, None] = {}
        rows = self._placed(ids)
        for row in self._nearest(rows):
            found.update(dict.fromkeys(id_ for id_ in (row.previous, row.following) if id_))
        for one, places in self._places(rows).items():
            # Of numbers that follow each other, the last leads to all that follow.
            last = [here for here, after in pairwise([*sorted(places), 0]) if after != here + 1]
            for number in last:
                found.update((row.id, None) for row in self._members(_LATER, one, number, _WINDOW))
        return [*found]

    def _places(self, rows: Iterable[sa.Row[Any]]) -> dict[_Topic, dict[int, str]]:
        """Return the ids of entries by their numbers in each of their topics."""
        found: dict[_Topic, dict[int, str]] = {}
        for row in rows:
            if row.feed and (row.feed in self._feeds or row.feed.startswith(_FOLDERS)):
                found.setdefault(_Topic(row.feed, row.language), {})[row.number] = row.entry
        return found

    def _members(
        self, query: sa.Select[Any], of: _Topic, number: int, most: int
    ) -> Sequence[sa.Row[Any]]:
        """Return the nearest live members of a topic before or after a number."""
        within = {"feed": of.feed, "language": of.language, "number": number, "most": most}
        return self._session.execute(query, within).all()


def _clusters(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yield the parts of rising numbers between which members are left out."""
    some = [numbers[0]]
    for before, number in pairwise(numbers):
        if number - before > _WINDOW:
            yield some
            some = []
        some.append(number)
    yield some


def _candidate(row: sa.Row[Any], now: int) -> _Candidate | None:
    """Return an entry that may be related to others, or None."""
    is_one = row.retracted is None and _is_visible(row, now)
    return (-row.published, row.id) if is_one else None


def _related(shared: Sequence[_Candidate], without: Collection[str | None]) -> tuple[str, ...]:
    """Return the entries that share most topics; of equals, the newest."""
    counts = Counter(shared)
    best = sorted((-count, *one) for one, count in counts.items() if one[1] not in without)
    return tuple(id_ for _, _, id_ in best[:_RELATED])


def _is_visible(row: sa.Row[Any], now: int) -> bool:
    return row.expires is None or row.expires > now


def _neighbours(links: _Links, known: Mapping[str, Entry]) -> Neighbours:
    ends = [moment_at(links.expires), *(known[id_].story.expires for id_ in links.ids)]
    return Neighbours(
        previous=known[links.previous] if links.previous else None,
        following=known[links.following] if links.following else None,
        related=tuple(known[id_] for id_ in links.related),
        expires=min((end for end in ends if end), default=None),
    )
