"""An overview for staff: entries and files by state, and recent changes.

Its queries change nothing, and cost as much as they return, however large the ledger is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from dateline.errors import State
from dateline.ledger.queries import filters
from dateline.ledger.queries.entries import IS_LIVE, WHOLE, live_entries
from dateline.ledger.queries.filters import NO_FILTER, EntryFilter
from dateline.ledger.rows import FileRecord, file_record, moment_at, path_digest, seconds
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import correction, entry, file, topic, use, version
from dateline.model import Entry, Story
from dateline.model.media import Media
from dateline.rules import story_json
from dateline.text.characters import comparable

OF_ENTRIES = ("live", "corrected", "retracted", "expired", "withdrawn")
OF_FILES = ("held", "cooling", "scheduled", "draft")
_IS_FOLDER = file.c.path.endswith("/")
# A document that an entry has come to name is not held.
_IS_DOCUMENT = sa.and_(
    sa.not_(sa.func.lower(file.c.path).contains(".toml", autoescape=True)),
    sa.exists().where(use.c.used == file.c.path),
)
_SPELLINGS = (
    sa.select(sa.func.min(topic.c.name))
    .join(entry)
    .where(topic.c.facet == sa.bindparam("facet"), IS_LIVE)
    .group_by(topic.c.value)
    .order_by(sa.func.count().desc(), topic.c.value)
    .limit(sa.bindparam("size"))
)
_RECENT = 500  # of the entries or files that changed last
_WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySummary:
    """A published entry with the values that its state depends on; `image` is its picture."""

    id: str
    path: str
    slug: str
    title: str
    language: str
    published: datetime
    expires: datetime | None
    retracted: datetime | None
    withdrawn: datetime | None
    is_corrected: bool
    image: Media | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """An accepted version, or a withdrawal (then without `after`).

    `before` is the previous version, None for the first; `owner` is the last owner of the file;
    `number` is that of the version, 0 for a withdrawal.
    """

    moment: datetime
    entry: str
    number: int
    slug: str
    path: str
    owner: str
    before: Story | None
    after: Story | None


class Overview:
    """The parts of the ledger that staff see."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def counts(self, now: datetime) -> dict[str, int]:
        """Return the number of entries or files in each state; one may be in several."""
        found = {state: self._count(entry, _entries_in(state, now)) for state in OF_ENTRIES[1:]}
        files = {state: self._count(file, _files_in(state)) for state in OF_FILES}
        # Nearly all are live, so the others are counted, by indices.
        there = self._session.scalar(sa.select(sa.func.count()).select_from(entry)) or 0
        silent = self._count(entry, entry.c.withdrawn > 0)
        both = sa.and_(_entries_in("expired", now), entry.c.retracted.isnot(None))
        away = found["expired"] + found["retracted"] - self._count(entry, both)
        return {**files, "live": there - silent - away, **found}

    def entries(
        self, state: str, now: datetime, *, page: int, size: int, wanted: EntryFilter = NO_FILTER
    ) -> list[EntrySummary]:
        """Return a page of the entries in a state (or `all`), the latest published first.

        Where there is a further page, its first entry is the last of this one.
        """
        # The ids are queried first: an engine would join and sort all entries.
        conditions = filters.of_entries(self._session, wanted)
        chosen = sa.select(entry.c.id).where(_entries_in(state, now), *conditions)
        ids = list(self._session.scalars(_page(_latest_first(chosen, wanted), page, size)))
        rows = self._session.execute(WHOLE.where(entry.c.id.in_(ids)))
        return [_summary(row) for row in sorted(rows, key=lambda row: ids.index(row.id))]

    def files(self, state: str, *, page: int, size: int, person: str = "") -> dict[str, FileRecord]:
        """Return a page of the files in a state, and one more: the next to appear first.

        If a `person` is given, only those that this person did something with.
        """
        chosen = sa.select(file).where(_files_in(state), *filters.of_files(person))
        query = chosen.order_by(file.c.due, file.c.path)
        rows = self._session.execute(_page(query, page, size))
        return {row.path: file_record(row) for row in rows}

    def due(self, since: datetime, until: datetime, limit: int) -> dict[str, FileRecord]:
        """Return the files that appear at `since` or later and before `until`, the next first."""
        within = sa.and_(file.c.due >= seconds(since), file.c.due < seconds(until))
        query = sa.select(file).where(file.c.state == "scheduled", within)
        rows = self._session.execute(query.order_by(file.c.due, file.c.path).limit(limit))
        return {row.path: file_record(row) for row in rows}

    def events(self, day: date, now: datetime, limit: int) -> list[Entry]:
        """Return the live entries about events that end on a day or later, the next first."""
        query = (
            sa.select(topic.c.entry)
            .join_from(topic, entry)
            .where(topic.c.facet == "until", topic.c.value >= day.isoformat())
            .where(_entries_in("live", now))
            .order_by(topic.c.value, topic.c.entry)
        )
        ids = [*self._session.scalars(query.limit(limit))]
        return [*live_entries(self._session, entry.c.id, ids)]

    def held(self, paths: Sequence[str]) -> set[str]:
        """Return those of `paths` whose files are held."""
        return {
            path
            for some in batches(paths)
            for path in self._session.scalars(
                sa.select(file.c.path).where(_files_in("held"), file.c.path.in_(some))
            )
        }

    def published_between(self, moments: Sequence[datetime]) -> list[int]:
        """Return the numbers of entries published from each of the moments to the next."""
        bounds = [seconds(moment) for moment in moments]
        return [
            self._count(entry, sa.and_(entry.c.published >= start, entry.c.published < end))
            for start, end in pairwise(bounds)
        ]

    def spellings(self, facet: str, size: int) -> list[str]:
        """Return topics, places or authors, the most frequent first, and each in one spelling."""
        spelt: dict[str, str] = {}
        for name in self._session.scalars(_SPELLINGS, {"facet": facet, "size": size}):
            spelt.setdefault(comparable(name), name)
        return [*spelt.values()]

    def changes(self, since: datetime, limit: int) -> list[EntryChange]:
        """Return the versions and withdrawals since a moment, the latest first.

        If there are very many, some of the earlier ones may be missing.
        """
        ids = sorted(self._touched(seconds(since)))
        found = [*self._accepted(ids, since, limit), *self._withdrawn(since, limit)]
        return sorted(found, key=lambda one: (one.moment, one.entry), reverse=True)[:limit]

    # ---- Queries

    def _count(self, table: sa.Table, chosen: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table)
        return self._session.scalar(query.where(chosen)) or 0

    def _touched(self, since: int) -> set[str]:
        """Return the ids of entries that may have a version since then, found by indices."""
        ids: set[str] = set()
        for column in (entry.c.published, entry.c.updated):
            query = sa.select(entry.c.id).where(column >= since).order_by(column.desc())
            ids |= {*self._session.scalars(query.limit(_RECENT))}
        # A file published now may have been written days ago.
        lately = sa.select(file.c.path).where(file.c.changed >= (since - _WEEK) * 10**9)
        paths = self._session.scalars(lately.order_by(file.c.changed.desc()).limit(_RECENT))
        for some in batches([path_digest(path) for path in paths]):
            query = sa.select(entry.c.id).where(entry.c.path_digest.in_(some))
            ids |= {*self._session.scalars(query)}
        return ids

    def _accepted(self, ids: Sequence[str], since: datetime, limit: int) -> list[EntryChange]:
        names = ("entry", "number", "accepted", "owner", "story")
        query = sa.select(*(version.c[name] for name in names), entry.c.slug).join(entry)
        late = version.c.accepted >= seconds(since)
        rows = [
            row
            for some in batches(ids)
            for row in self._session.execute(query.where(late, version.c.entry.in_(some)))
        ]
        latest = sorted(rows, key=lambda row: (row.accepted, row.entry), reverse=True)[:limit]
        return [self._changed(row) for row in latest]

    def _changed(self, row: Any) -> EntryChange:
        query = sa.select(version.c.story).where(version.c.entry == row.entry)
        before = self._session.scalar(query.where(version.c.number == row.number - 1))
        after = story_json.load(row.story)
        return EntryChange(
            moment=datetime.fromtimestamp(row.accepted, UTC),
            entry=row.entry,
            number=row.number,
            slug=row.slug,
            path=after.path,
            owner=row.owner,
            before=story_json.load(before) if before else None,
            after=after,
        )

    def _withdrawn(self, since: datetime, limit: int) -> list[EntryChange]:
        lately = sa.and_(entry.c.withdrawn >= seconds(since), entry.c.purged.is_(False))
        query = WHOLE.add_columns(version.c.owner).where(lately)
        rows = self._session.execute(query.order_by(entry.c.withdrawn.desc()).limit(limit))
        return [
            EntryChange(
                moment=datetime.fromtimestamp(row.withdrawn, UTC),
                entry=row.id,
                number=0,
                slug=row.slug,
                path=row.path,
                owner=row.owner or "",
                before=story_json.load(row.story) if row.story else None,
                after=None,
            )
            for row in rows
        ]


def _entries_in(state: str, now: datetime) -> sa.ColumnElement[bool]:
    chosen: Mapping[str, sa.ColumnElement[bool]] = {
        "live": sa.and_(
            IS_LIVE,
            entry.c.retracted.is_(None),
            sa.or_(entry.c.expires.is_(None), entry.c.expires > seconds(now)),
        ),
        "corrected": sa.and_(IS_LIVE, entry.c.id.in_(sa.select(correction.c.entry))),
        "retracted": sa.and_(IS_LIVE, entry.c.retracted.isnot(None)),
        "expired": sa.and_(IS_LIVE, entry.c.expires <= seconds(now)),
        "withdrawn": sa.and_(entry.c.withdrawn > 0, entry.c.purged.is_(False)),
        "all": entry.c.purged.is_(False),
    }
    return chosen[state]


def _files_in(state: str) -> sa.ColumnElement[bool]:
    if state == "held":
        is_held = file.c.state.in_([State.HOLD, State.WAIT])
        return sa.and_(is_held, sa.not_(sa.or_(_IS_FOLDER, _IS_DOCUMENT)))
    if state == "draft":
        return file.c.state == "draft"
    # A quotation mark in a JSON value would have a backslash before it.
    is_cooling = file.c.problems.contains('"code": "cooling"', autoescape=True)
    chosen = is_cooling if state == "cooling" else sa.not_(is_cooling)
    return sa.and_(file.c.state == "scheduled", chosen)


def _latest_first(chosen: sa.Select[Any], wanted: EntryFilter) -> sa.Select[Any]:
    """Return the query in the order of an index: of days, where some are wanted."""
    order = [entry.c.sequence.desc()]
    if wanted.since or wanted.until:
        order.insert(0, entry.c.published.desc())
    return chosen.order_by(*order)


def _page(query: sa.Select[Any], page: int, size: int) -> sa.Select[Any]:
    """Return a page of a query, and one row more, which shows that there is another page."""
    return query.limit(size + 1).offset((page - 1) * size)


def _summary(row: Any) -> EntrySummary:
    story = story_json.load(row.story) if row.story else None
    return EntrySummary(
        id=row.id,
        path=row.path,
        slug=row.slug,
        title=story.title if story else "",
        language=story.language if story else "",
        published=datetime.fromtimestamp(row.published, UTC),
        expires=moment_at(row.expires),
        retracted=moment_at(row.retracted),
        withdrawn=moment_at(row.withdrawn),
        is_corrected=bool(row.is_corrected),
        image=story.image if story else None,
    )
