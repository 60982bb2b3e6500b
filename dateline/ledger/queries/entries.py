"""Queries for published entries, and the conditions and rows that they are built from.

An entry is live while it is neither withdrawn nor taken down.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from dateline.documents.manifest import EntryListing
from dateline.errors import LedgerError
from dateline.ledger.rows import entry_listing, moment_at, path_digest, seconds, version_of
from dateline.ledger.session import Session, batches, one_of
from dateline.ledger.tables import correction, entry, outbox, topic, unapproved, version
from dateline.model import Correction, Entry, Version
from dateline.rules import story_json
from dateline.rules.withdrawals import Missing
from dateline.system.memo import MANY, memoised
from dateline.text.characters import comparable

WITH_VERSION = entry.outerjoin(
    version, sa.and_(version.c.entry == entry.c.id, version.c.number == entry.c.version)
)
IS_LIVE = sa.and_(entry.c.version > 0, entry.c.withdrawn.is_(None))
IS_GONE = entry.c.gone > 0  # an index answers this, but not always IS NOT NULL
_IS_CORRECTED = sa.exists().where(correction.c.entry == entry.c.id)
WHOLE = sa.select(entry, version.c.story, _IS_CORRECTED.label("is_corrected")).select_from(
    WITH_VERSION
)
SOME = WHOLE.where(one_of(entry.c.id))
# What `entry_of` takes, half of all columns: a feed shows many entries.
_ENTRIES = WHOLE.with_only_columns(
    *(entry.c[name] for name in ("id", "sequence", "slug", "published", "updated", "retracted")),
    version.c.story,
    _IS_CORRECTED.label("is_corrected"),
)
# Two queries, as an index answers each maximum alone.
NEWEST = sa.select(sa.func.max(entry.c.published))
LAST = sa.select(sa.func.max(entry.c.sequence))
_STANDING = sa.select(
    NEWEST.scalar_subquery().label("published"),
    LAST.scalar_subquery().label("sequence"),
    sa.exists().where(IS_GONE).label("has_gone"),
    sa.select(outbox.c.hub).exists().label("has_notices"),
    sa.select(unapproved.c.digest).exists().label("has_unapproved"),
)

_CORRECTIONS = sa.select(correction).where(one_of(correction.c.entry)).order_by(correction.c.number)
_LIVE_PATHS = sa.select(entry.c.id, entry.c.path_digest).where(IS_LIVE, one_of(entry.c.path_digest))
_LIVE_CONTENTS = sa.select(entry.c.content, entry.c.path_digest).where(
    IS_LIVE, one_of(entry.c.path_digest)
)
# An expression that no index covers is searched for in the table itself.
_UNINDEXED_PATHS = sa.select(entry.c.path_digest).where(
    IS_LIVE, one_of(entry.c.path_digest + sa.literal(""))
)
_MISSING = sa.select(entry).where(IS_GONE, IS_LIVE).order_by(entry.c.path, entry.c.sequence)
_LATEST = sa.select(entry).where(IS_LIVE).order_by(entry.c.sequence.desc()).limit(300).subquery()
_ARRIVED = (
    sa.select(_LATEST.c.content)
    .join(version, sa.and_(version.c.entry == _LATEST.c.id, version.c.number == 1))
    .where(version.c.accepted >= sa.bindparam("since"))
)
_COUNT = sa.select(sa.func.count()).select_from(entry).where(IS_LIVE)
_COUNT_WITH_FILES = _COUNT.where(entry.c.kept.is_(False))
_IDS = sa.select(entry.c.id).order_by(entry.c.sequence)
_PLACES = sa.select(entry.c.id, entry.c.sequence, entry.c.slug)
_SLUGS = sa.select(entry.c.slug).where(IS_LIVE).order_by(entry.c.sequence)
_SOME_SLUGS = _SLUGS.where(one_of(entry.c.id))
_PUBLISHED = sa.select(entry.c.slug, entry.c.published).where(one_of(entry.c.slug))
_FILES_WITH_MEDIA = (
    sa.select(entry.c.path)
    .join(topic)
    .where(topic.c.facet == "media", one_of(topic.c.value), IS_LIVE)
    .distinct()
)
_SPELLING = (
    sa.select(topic.c.name)
    .where(topic.c.facet == "category", topic.c.value == sa.bindparam("folded"))
    .order_by(topic.c.entry)
    .limit(1)
)
_SPELLINGS = (
    sa.select(topic.c.value, sa.func.min(topic.c.name).label("name"))
    .where(topic.c.facet == "category")
    .group_by(topic.c.value)
)
_SUPERSEDED = sa.select(entry.c.id, entry.c.slug).where(
    entry.c.withdrawn.isnot(None), entry.c.purged.is_(False), entry.c.content == ""
)
_EXPIRED_BETWEEN = sa.select(entry.c.id).where(
    IS_LIVE,
    entry.c.expires > sa.bindparam("moment"),
    entry.c.expires <= sa.bindparam("last"),
)

_RECENT = 2 * MANY  # names of entries that were read, each by its id and its slug
_SHORT = 10_000  # characters

CHANGES = "changes"  # since a moment, in the memo of a session

_story = memoised(len, most=MANY)(story_json.load)


class EntryQueries:
    """The published entries, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ---- Entries and their versions

    def find(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Return the live entries with these ids, by id, as they were last accepted."""
        return {found.id: found for found in live_entries(self._session, entry.c.id, ids)}

    def live(self, slugs: Sequence[str] | None = None) -> Iterator[Entry]:
        """Yield the live entries with these slugs, or all, in order of sequence."""
        slugs = self.slugs() if slugs is None else slugs
        yield from live_entries(self._session, entry.c.slug, slugs)

    def versions(self, id_: str) -> list[Version]:
        """Return every accepted version of an entry, the oldest first."""
        query = sa.select(version).where(version.c.entry == id_).order_by(version.c.number)
        return [version_of(row) for row in self._session.execute(query)]

    def listings(self, ids: Sequence[str] | None = None) -> Iterator[EntryListing]:
        """Yield the manifest's rows for the entries with these ids, or for all."""
        if ids is None:
            ids = self.ids()
        for row, corrections in corrected(self._session, SOME, ids):
            yield entry_listing(row, corrections)

    def missing(self, overwritten: Collection[str] = ()) -> list[Missing]:
        """Return the live entries whose files are gone, without those that staff keep.

        The files of those with the ids `overwritten` had other news when they went; staff are
        asked about them, and they are kept.
        """
        if not has_gone(self._session):
            return []
        return [
            Missing(
                id=row.id,
                path=row.path or f"{row.slug}.html",
                published=datetime.fromtimestamp(row.published, UTC),
                since=datetime.fromtimestamp(row.gone, UTC),
                had_other_news=row.id in overwritten,
            )
            for row in self._session.execute(_MISSING)
            if row.id in overwritten or not row.kept
        ]

    # ---- Their names

    def slugs(self, ids: Sequence[str] | None = None) -> list[str]:
        """Return the slugs of the live entries with these ids, or of all, by sequence."""
        if ids is None:
            return list(self._session.scalars(_SLUGS))
        return [row.slug for row in self._session.among(_SOME_SLUGS, ids)]

    def superseded(self) -> dict[str, str]:
        """Return the pages, with the ids, of entries whose news others have announced again."""
        return {f"{row.slug}.html": row.id for row in self._session.execute(_SUPERSEDED)}

    def ids(self) -> list[str]:
        """Return the ids of all entries, by sequence."""
        return list(self._session.scalars(_IDS))

    def id_of(self, name: str) -> str | None:
        """Return the id of the entry whose file, page or id is called `name`."""
        slug = name.removesuffix(".html")
        named = sa.or_(
            entry.c.path_digest == path_digest(name), entry.c.slug == slug, entry.c.id == name
        )
        found: str | None = self._session.scalar(sa.select(entry.c.id).where(named))
        return found

    def ids_of(self, paths: Sequence[str]) -> list[str]:
        """Return the ids of the live entries whose files have these paths."""
        rows = self._session.among(_LIVE_PATHS, [path_digest(path) for path in paths])
        return [row.id for row in rows]

    def has_file(self, entry_id: str, path: str, *, is_there: bool = True) -> bool:
        """Return whether a file of this path is an entry's own, or would be if it is not there.

        As far as names say: it is not where another live entry has it, or where it was declared
        other news.
        """
        owners = self.ids_of([path])
        return entry_id in owners or not (owners or (is_there and self.find([entry_id])))

    def live_paths(self, paths: Sequence[str]) -> set[str]:
        """Return those of `paths` that are files of live entries, in any spelling (`name_key`)."""
        digests = {path: path_digest(path) for path in paths}
        rows = self._session.among(_LIVE_PATHS, sorted({*digests.values()}))
        live = {row.path_digest for row in rows}
        return {path for path, digest in digests.items() if digest in live}

    def live_contents(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the digests of what readers have from the files with these paths."""
        digests = {path_digest(path): path for path in paths}
        rows = self._session.among(_LIVE_CONTENTS, sorted(digests))
        return {digests[row.path_digest]: row.content for row in rows}

    def verify_not_live(self, paths: Sequence[str]) -> None:
        """Raise `LedgerError` if the table has one of `paths`, which `live_paths` did not find.

        A damaged index would make a new entry, with a new id, of a file that was changed.
        """
        digests = {path_digest(path): path for path in paths}
        for row in self._session.among(_UNINDEXED_PATHS, sorted(digests)):
            raise LedgerError(
                f"An index of the ledger is damaged: it lacks {digests[row.path_digest]}."
            )

    def names(self) -> Iterator[tuple[str, str, str, datetime]]:
        """Yield id, slug, path of the file and moment of each accepted version, by id."""
        query = sa.select(version.c.entry, entry.c.slug, version.c.story, version.c.accepted)
        rows = self._session.execute(query.join(entry).order_by(version.c.entry, version.c.number))
        for row in rows:
            accepted = datetime.fromtimestamp(row.accepted, UTC)
            yield row.entry, row.slug, story_json.path_of(row.story), accepted

    def files_with_media(self, paths: Sequence[str]) -> list[str]:
        """Return the files of the live entries that show any of these files under `media/`."""
        return [row.path for row in self._session.among(_FILES_WITH_MEDIA, paths)]

    def spellings(self, categories: Iterable[str]) -> dict[str, str]:
        """Return known categories by the forms in which names are compared.

        These are the ones asked for, or all if one of them is new.
        """
        folded = sorted({comparable(category) for category in categories})
        names = {value: self._session.scalar(_SPELLING, {"folded": value}) for value in folded}
        if all(names.values()):
            return {value: name for value, name in names.items() if name}
        return {comparable(row.name): row.name for row in self._session.execute(_SPELLINGS)}

    # ---- All of them

    @property
    def is_empty(self) -> bool:
        """True if nothing was ever published."""
        return standing(self._session).sequence is None

    def arrived(self, since: datetime) -> list[str]:
        """Return the digests of the latest entries, if they are new since a moment."""
        return list(self._session.scalars(_ARRIVED, {"since": seconds(since)}))

    def count(self) -> int:
        """Return the number of live entries."""
        return self._session.scalar(_COUNT) or 0

    def count_with_files(self) -> int:
        """Return the number of live entries that staff do not keep without a file."""
        return self._session.scalar(_COUNT_WITH_FILES) or 0

    def places(self) -> dict[int | str, str]:
        """Return the ids of all entries, withdrawn ones too, by their numbers and their slugs."""
        rows = self._session.execute(_PLACES).all()
        return {place: row.id for row in rows for place in (row.sequence, row.slug)}

    def published(self, slugs: Sequence[str]) -> dict[str, int]:
        """Return when entries were published, in seconds since 1970, by slug."""
        return {row.slug: row.published for row in self._session.among(_PUBLISHED, slugs)}

    def expired_later(self, now: datetime, last: datetime | None) -> tuple[str, ...]:
        """Return the ids of the live entries that had expired at `last` and have not at `now`.

        There are some only where the clock was put back.
        """
        return self.expired_between(now, last) if last and now < last else ()

    def expired_between(self, first: datetime, last: datetime) -> tuple[str, ...]:
        """Return the ids of the live entries that expire after `first`, at `last` at the latest."""
        between = {"moment": seconds(first), "last": seconds(last)}
        return tuple(self._session.scalars(_EXPIRED_BETWEEN, between))


# ---- Entries from their rows


def live_entries(
    session: Session, column: sa.Column[Any], values: Sequence[str]
) -> Iterator[Entry]:
    """Yield the live entries whose `column`, id or slug, is one of `values`, by sequence.

    The latest that were read are not read again until an entry changes (`forget`).
    """
    known: OrderedDict[str, Entry] = session.memo.setdefault(Entry, OrderedDict())
    for some in batches(values):
        found = [known[value] for value in some if value in known]
        rest = [value for value in some if value not in known]
        found += [entry_of(*one) for one in corrected(session, _live(column), rest)]
        for one in found:
            if len(one.story.html) < _SHORT:
                known[one.id] = known[one.slug] = one
        while len(known) > _RECENT:
            known.popitem(last=False)
        yield from sorted(found, key=lambda one: one.sequence)


def standing(session: Session) -> sa.Row[Any]:
    """Return the latest moment of publication and the highest sequence, None before the first."""
    memo = session.memo
    if _STANDING not in memo:
        memo[_STANDING] = row = session.execute(_STANDING).one()
        memo |= {
            IS_GONE: row.has_gone,
            outbox: row.has_notices,
            unapproved: row.has_unapproved,
        }
    found: sa.Row[Any] = memo[_STANDING]
    return found


def has_gone(session: Session) -> bool:
    """Return whether the file of any entry is gone."""
    return _is_there(session, IS_GONE)


def has_notices(session: Session) -> bool:
    """Return whether anything waits for a hub or a cache."""
    return _is_there(session, outbox)


def has_unapproved(session: Session) -> bool:
    """Return whether anything waits for an editor."""
    return _is_there(session, unapproved)


def _is_there(session: Session, key: Hashable) -> bool:
    """Return an answer that `standing` got, and that only the writer of such rows deletes."""
    if key not in session.memo:
        session.memo.pop(_STANDING, None)
        standing(session)
    return bool(session.memo[key])


def forget(session: Session) -> None:
    """Read again what is known of entries: one has changed, or is new."""
    for of in (Entry, _STANDING, CHANGES):
        session.memo.pop(of, None)


def corrected(
    session: Session, query: sa.Select[Any], values: Sequence[str]
) -> Iterator[tuple[sa.Row[Any], tuple[Correction, ...]]]:
    """Yield the rows of entries as `Session.among` does, each with its corrections."""
    for some in batches(values):
        yield from with_corrections(session, [*session.among(query, some)])


def with_corrections(
    session: Session, rows: Sequence[sa.Row[Any]]
) -> Iterator[tuple[sa.Row[Any], tuple[Correction, ...]]]:
    """Yield rows of entries, each with its corrections."""
    corrections = _corrections(session, [row.id for row in rows if row.is_corrected])
    for row in rows:
        yield row, corrections.get(row.id, ())


@cache
def _live(column: sa.Column[Any]) -> sa.Select[Any]:
    return _ENTRIES.where(IS_LIVE, one_of(column)).order_by(entry.c.sequence)


def entry_of(row: Any, corrections: tuple[Correction, ...]) -> Entry:
    """Return an entry from its row, which has its story, and its corrections."""
    return Entry(
        story=_story(row.story),
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
        corrections=corrections,
        retracted=moment_at(row.retracted),
    )


def _corrections(session: Session, ids: Sequence[str]) -> dict[str, tuple[Correction, ...]]:
    """Return the corrections of each of these entries, in order."""
    found: dict[str, tuple[Correction, ...]] = {}
    for row in session.among(_CORRECTIONS, ids):
        one = Correction(moment=datetime.fromtimestamp(row.moment, UTC), text=row.text)
        found[row.entry] = (*found.get(row.entry, ()), one)
    return found
