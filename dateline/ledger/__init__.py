"""What was published, when, and from which files? The ledger remembers; it decides nothing.

One `Ledger` is one transaction on one connection: nobody else sees what it changes until
`commit`. It asks through `dateline.ledger.session`, on any engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dateline import record
from dateline.errors import LedgerError
from dateline.facets import wanted
from dateline.identify import Known, Memory
from dateline.ledger.documents import Documents
from dateline.ledger.rows import (
    FileRecord,
    correction_rows,
    entry_listing,
    entry_row,
    file_record,
    file_row,
    known_of,
    moment_at,
    path_digest,
    seconds,
    topic_rows,
    version_of,
    version_row,
)
from dateline.ledger.session import batches, exclusive, open_session
from dateline.ledger.tables import correction, document, entry, fact, file, topic, version
from dateline.manifest import EntryListing
from dateline.model import Correction, Entry, Feed, Original, Story, Version

__all__ = ["Ledger", "exclusive"]


class Ledger:
    """The ledger at an SQLAlchemy URL; brought to this release's tables when opened.

    Raises `LedgerError` where it cannot be opened or is a newer release's.
    """

    def __init__(self, url: str) -> None:
        self._session = open_session(url)
        self.documents = Documents(self._session)

    def __enter__(self) -> Self:
        """Open for one run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget what was not committed, and close; what the engine refused is a `LedgerError`."""
        self._session.close()
        if isinstance(error, SQLAlchemyError):
            raise LedgerError(f"The ledger cannot be used: {error}") from error

    def commit(self) -> None:
        """Make all changes since the last commit last."""
        self._session.commit()

    # ---- Facts

    def fact(self, name: str) -> str:
        """Give the fact called `name`, or an empty text."""
        found = self._session.scalar(sa.select(fact.c.value).where(fact.c.name == name))
        return found or ""

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._session.replace(fact, fact.c.name, [{"name": name, "value": value}])

    # ---- Files

    def files(self) -> dict[str, FileRecord]:
        """Give every file under the entries folder that was ever judged and is there."""
        return {row.path: file_record(row) for row in self._session.execute(sa.select(file))}

    def set_files(self, records: Mapping[str, FileRecord]) -> None:
        """Remember how files were judged."""
        self._session.replace(file, file.c.path, [file_row(*item) for item in records.items()])

    def held_files(self, until: datetime) -> dict[str, FileRecord]:
        """Give the files that are kept back since `until` or longer, longest first."""
        query = sa.select(file).where(file.c.held <= seconds(until))
        rows = self._session.execute(query.order_by(file.c.held, file.c.path))
        return {row.path: file_record(row) for row in rows}

    def next_held(self, until: datetime) -> datetime | None:
        """Give the first moment after `until` since which a file is kept back."""
        query = sa.select(sa.func.min(file.c.held)).where(file.c.held > seconds(until))
        return moment_at(self._session.scalar(query))

    def forget_files(self, paths: Sequence[str]) -> None:
        """Forget files that are gone."""
        self._session.delete(file, file.c.path, paths)

    # ---- Entries

    def live_paths(self) -> set[str]:
        """Give the paths of the files that the published entries came from."""
        return set(self._session.scalars(sa.select(entry.c.path).where(entry.c.path != "")))

    def published_names(self) -> set[str]:
        """Give the digests of the paths of all published entries, those of a lost ledger too."""
        return set(self._session.scalars(sa.select(entry.c.path_digest)))

    def mark_gone(self, there: Iterable[str], now: datetime) -> None:
        """Remember that all entries' files but those `there` are gone since `now`."""
        gone = self.published_names() - {path_digest(path) for path in there}
        marked = set(
            self._session.scalars(sa.select(entry.c.path_digest).where(entry.c.gone.isnot(None)))
        )
        for digests, value in ((gone - marked, seconds(now)), (marked - gone, None)):
            for some in batches(sorted(digests)):
                self._session.execute(
                    sa.update(entry).where(entry.c.path_digest.in_(some)).values(gone=value)
                )

    def memory(self, stories: Sequence[Story]) -> Memory:
        """Give what `dateline.decide` needs to know about `stories`."""
        paths = {path_digest(story.path): story.path for story in stories}
        known = self._known(entry.c.path_digest, paths)
        by_path = {paths[digest]: found for digest, found in known}
        digests = {story.path: record.content_digest(story) for story in stories}
        new = [
            s
            for s in stories
            if s.path not in by_path or by_path[s.path].content != digests[s.path]
        ]
        contents = [digests[story.path] for story in new]
        headlines = [record.headline_digest(story) for story in new]
        similar = {
            found.id: (digest, found)
            for digest, found in (
                *self._known(entry.c.content, contents),
                *self._known(entry.c.headline, headlines),
            )
        }
        gone = self._gone()
        newest, sequence = self._session.execute(
            sa.select(sa.func.max(entry.c.published), sa.func.max(entry.c.sequence))
        ).one()
        return Memory(
            by_path=by_path,
            missing=[
                found
                for digest, found in similar.values()
                if digest in gone and digest not in paths
            ],
            copied={
                found.content: found.path
                for digest, found in similar.values()
                if digest not in gone and found.path not in by_path
            },
            ids=self._ids([story.id for story in stories if story.id]),
            slugs=self._slugs(new),
            moments=self._moments(new),
            newest=moment_at(newest),
            sequence=sequence or 0,
        )

    def accept(
        self, entries: Sequence[Entry], files: Mapping[str, Original], now: datetime
    ) -> None:
        """Remember published entries, and their files by path, as new versions."""
        ids = [found.id for found in entries]
        numbers: dict[str, int] = {}
        for some in batches(ids):
            rows = self._session.execute(
                sa.select(entry.c.id, entry.c.version).where(entry.c.id.in_(some))
            )
            numbers |= {row.id: row.version for row in rows}
        numbers = {id_: numbers.get(id_, 0) + 1 for id_ in ids}
        self._session.replace(entry, entry.c.id, [entry_row(e, numbers[e.id]) for e in entries])
        versions = [version_row(e, numbers[e.id], files[e.story.path], now) for e in entries]
        self._session.insert(version, versions)
        self._session.delete(topic, topic.c.entry, ids)
        self._session.insert(topic, [row for found in entries for row in topic_rows(found)])
        self._session.delete(correction, correction.c.entry, ids)
        self._session.insert(
            correction, [row for found in entries for row in correction_rows(found)]
        )

    def has_only_names(self) -> bool:
        """Say whether the manifest knew entries whose text the ledger has not met again."""
        query = sa.select(entry.c.id).where(entry.c.version == 0).limit(1)
        return self._session.scalar(query) is not None

    def restore(self, entries: Sequence[EntryListing]) -> None:
        """Remember what a manifest has that a ledger, lost or too old, has not."""
        known = {row.id: row.updated for row in self._session.execute(sa.select(entry))}
        for listing in entries:
            if listing.updated > known.get(listing.id, listing.updated):
                self._session.execute(
                    sa.update(entry).where(entry.c.id == listing.id).values(updated=listing.updated)
                )
        unknown = {"gone": None, "headline": "", "expires": None, "version": 0}
        self._session.insert(
            entry,
            [
                asdict(listing) | unknown | {"path": "", "path_digest": listing.path}
                for listing in entries
                if listing.id not in known
            ],
        )

    def newest(self, feed: Feed, now: datetime) -> tuple[list[Entry], datetime | None]:
        """Give the entries in a feed's window, newest first, and when time alone changes it."""
        chosen = _chosen(feed, now)
        since = seconds(now - timedelta(days=feed.days))
        recent = self._session.execute(
            sa.select(sa.func.count(), sa.func.min(entry.c.published))
            .select_from(entry)
            .where(*chosen, entry.c.published > since)
        ).one()
        limit = max(feed.entries, recent[0])
        query = _WHOLE.where(*chosen).order_by(entry.c.published.desc()).limit(limit)
        found = self._entries(query)
        ends = [e.story.expires for e in found if e.story.expires]
        if recent[0] > feed.entries:
            ends.append(datetime.fromtimestamp(recent[1], UTC) + timedelta(days=feed.days))
        return found, min(ends, default=None)

    def entries(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Give the entries with these ids, as they were last accepted."""
        return {found.id: found for found in self._each(entry.c.id, ids)}

    def spellings(self, categories: Iterable[str]) -> dict[str, str]:
        """Give known categories by their case-folded forms: these, or all where one is new."""
        folded = sorted({category.casefold() for category in categories})
        is_category = topic.c.facet == "category"
        query = sa.select(topic.c.value, sa.func.min(topic.c.name).label("name")).group_by(
            topic.c.value
        )
        found: dict[str, str] = {}
        for some in batches(folded):
            rows = self._session.execute(query.where(is_category, topic.c.value.in_(some)))
            found |= {row.value: row.name for row in rows}
        if len(found) < len(folded):
            rows = self._session.execute(query.where(is_category))
            found = {row.value: row.name for row in rows}
        return found

    def id_of(self, name: str) -> str | None:
        """Give the id of the entry whose file, page or id is called `name`."""
        slug = name.removesuffix(".html")
        named = sa.or_(
            entry.c.path_digest == path_digest(name), entry.c.slug == slug, entry.c.id == name
        )
        found: str | None = self._session.scalar(sa.select(entry.c.id).where(named))
        return found

    def versions(self, id_: str) -> list[Version]:
        """Give every accepted version of an entry, the oldest first."""
        query = sa.select(version).where(version.c.entry == id_).order_by(version.c.number)
        return [version_of(row) for row in self._session.execute(query)]

    def pages(self, slugs: Sequence[str] | None = None) -> Iterator[Entry]:
        """Give the entries with these slugs, or all, in order of sequence."""
        if slugs is None:
            query = sa.select(entry.c.slug).where(entry.c.version > 0)
            slugs = list(self._session.scalars(query.order_by(entry.c.sequence)))
        yield from self._each(entry.c.slug, slugs)

    def gone(self) -> dict[str, datetime]:
        """Give the paths of the files that are gone while their entries are live, since when."""
        query = sa.select(entry).where(entry.c.gone.isnot(None), entry.c.path != "")
        rows = self._session.execute(query.order_by(entry.c.path))
        return {row.path: datetime.fromtimestamp(row.gone, UTC) for row in rows}

    def entry_listings(self, ids: Sequence[str] | None = None) -> list[EntryListing]:
        """Give what the manifest says of the entries with these ids, or of all."""
        query = sa.select(entry).order_by(entry.c.sequence)
        queries = [query] if ids is None else [query.where(entry.c.id.in_(s)) for s in batches(ids)]
        return [entry_listing(row) for q in queries for row in self._session.execute(q)]

    def next_embargo(self, now: datetime) -> datetime | None:
        """Give the next moment after `now` at which an entry appears that is not out yet."""
        query = sa.select(sa.func.min(file.c.due)).where(
            file.c.state == "scheduled", file.c.due > seconds(now)
        )
        return moment_at(self._session.scalar(query))

    def next_due(self, now: datetime) -> datetime | None:
        """Give the next moment after `now` at which something remembered changes by itself."""
        moments = [
            self._session.scalar(sa.select(sa.func.min(column)).where(column > seconds(now)))
            for column in (file.c.due, entry.c.expires, document.c.expires)
        ]
        return moment_at(min((moment for moment in moments if moment), default=None))

    # ---- How it is asked

    def _known(self, column: sa.Column[Any], values: Iterable[str]) -> Iterator[tuple[str, Known]]:
        """Give the entries whose `column` is one of `values`, with their path digests."""
        for some in batches(sorted(set(values))):
            query = sa.select(entry, version.c.story).select_from(_WITH_VERSION)
            rows = self._session.execute(query.where(column.in_(some))).all()
            corrections = self._corrections([row.id for row in rows])
            for row in rows:
                yield row.path_digest, known_of(row, corrections.get(row.id, ()))

    def _gone(self) -> set[str]:
        query = sa.select(entry.c.path_digest).where(
            sa.or_(entry.c.gone.isnot(None), entry.c.path == "")
        )
        return set(self._session.scalars(query))

    def _ids(self, ids: Sequence[str]) -> dict[str, str]:
        rows = [
            row
            for some in batches(ids)
            for row in self._session.execute(
                sa.select(entry.c.id, entry.c.path).where(entry.c.id.in_(some))
            )
        ]
        return {row.id: row.path for row in rows}

    def _slugs(self, stories: Sequence[Story]) -> frozenset[str]:
        months = sorted({f"{story.date.start:%Y/%m}/" for story in stories})
        return frozenset(
            slug
            for month in months
            for slug in self._session.scalars(
                sa.select(entry.c.slug).where(entry.c.slug.startswith(month, autoescape=True))
            )
        )

    def _moments(self, stories: Sequence[Story]) -> frozenset[datetime]:
        """Give the moments of publication that are taken around the days of `stories`."""
        days = {datetime(*story.date.start.timetuple()[:3], tzinfo=UTC) for story in stories}
        return frozenset(
            datetime.fromtimestamp(taken, UTC)
            for day in days
            for taken in self._session.scalars(
                sa.select(entry.c.published).where(
                    entry.c.published.between(
                        seconds(day - timedelta(days=1)), seconds(day + timedelta(days=2))
                    )
                )
            )
        )

    def _corrections(self, ids: Sequence[str]) -> dict[str, tuple[Correction, ...]]:
        found: dict[str, tuple[Correction, ...]] = {}
        for some in batches(ids):
            query = sa.select(correction).where(correction.c.entry.in_(some))
            for row in self._session.execute(query.order_by(correction.c.number)):
                said = Correction(moment=datetime.fromtimestamp(row.moment, UTC), text=row.text)
                found[row.entry] = (*found.get(row.entry, ()), said)
        return found

    def _each(self, column: sa.Column[Any], values: Sequence[str]) -> Iterator[Entry]:
        for some in batches(values):
            yield from self._entries(_WHOLE.where(column.in_(some)).order_by(entry.c.sequence))

    def _entries(self, query: sa.Select[Any]) -> list[Entry]:
        rows = self._session.execute(query).all()
        corrections = self._corrections([row.id for row in rows])
        return [
            Entry(
                story=record.load(row.story),
                id=row.id,
                sequence=row.sequence,
                slug=row.slug,
                published=datetime.fromtimestamp(row.published, UTC),
                updated=datetime.fromtimestamp(row.updated, UTC),
                corrections=corrections.get(row.id, ()),
            )
            for row in rows
        ]


_WITH_VERSION = entry.outerjoin(
    version, sa.and_(version.c.entry == entry.c.id, version.c.number == entry.c.version)
)
_WHOLE = sa.select(entry, version.c.story).select_from(_WITH_VERSION).where(entry.c.version > 0)


def _chosen(feed: Feed, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Say which entries a feed takes."""
    chosen = [
        sa.exists().where(
            topic.c.entry == entry.c.id, topic.c.facet == facet, topic.c.value.in_(values)
        )
        for facet, values in sorted(wanted(feed).items())
    ]
    unexpired = sa.or_(entry.c.expires.is_(None), entry.c.expires > seconds(now))
    return [entry.c.version > 0, unexpired, *chosen]
