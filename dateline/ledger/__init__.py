"""What was published, when, and from which files? The ledger remembers; it decides nothing.

One `Ledger` is one transaction on one connection: nobody else sees what it changes until
`commit`. It asks through `dateline.ledger.session`, on any engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dateline.documents.manifest import EntryListing
from dateline.entries.filenames import tails
from dateline.errors import LedgerError
from dateline.ledger.queries.documents import Documents
from dateline.ledger.queries.editions import Editions
from dateline.ledger.queries.entries import IS_LIVE, SOME, WHOLE, corrected, live_entries
from dateline.ledger.queries.events import Directory
from dateline.ledger.queries.files import Files
from dateline.ledger.queries.members import Members
from dateline.ledger.queries.outbox import Outbox
from dateline.ledger.queries.overview import Overview
from dateline.ledger.queries.redirects import Former
from dateline.ledger.queries.references import Naming
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.queries.translations import Translations
from dateline.ledger.rows import (
    correction_rows,
    entry_listing,
    entry_row,
    is_listed,
    known_of,
    listed_corrections,
    listed_row,
    listed_version,
    media_of,
    moment_at,
    month,
    path_digest,
    purged_row,
    seconds,
    topic_rows,
    version_of,
    version_row,
)
from dateline.ledger.session import batches, exclusive, one_of, open_session, reason
from dateline.ledger.tables import correction, document, entry, file, renamed, topic, version
from dateline.model import Correction, Entry, Original, Story, Version
from dateline.rules import story_json
from dateline.rules.identify import LedgerSnapshot, PublishedEntry
from dateline.rules.withdrawals import RECENT, Missing
from dateline.system import heartbeat
from dateline.text.urls import fingerprint, page_stem

__all__ = ["Ledger", "exclusive"]

_VANISHED = 500  # of more that are gone at once, a guard tells
_IS_GONE = entry.c.gone > 0  # an index answers this, and not always whether there is a value
_MOMENT: sa.BindParameter[int] = sa.bindparam("moment")
_ENTRIES = sa.select(entry).where(one_of(entry.c.id))
_NAMED = sa.select(entry).where(one_of(entry.c.path_digest))
_LIVE_NAMES = sa.select(entry.c.id, entry.c.path_digest).where(IS_LIVE, one_of(entry.c.path_digest))
# What is no plain column is looked for in the table itself.
_UNINDEXED_NAMES = sa.select(entry.c.path_digest).where(
    IS_LIVE, one_of(entry.c.path_digest + sa.literal(""))
)
_LIVE_PAGES = sa.select(entry.c.id, entry.c.slug, entry.c.path).where(IS_LIVE, one_of(entry.c.id))
_GONE_NAMES = sa.select(entry.c.path_digest).where(_IS_GONE)
_MISSING = (
    sa.select(entry)
    .where(_IS_GONE, IS_LIVE, entry.c.kept.is_(False))
    .order_by(entry.c.path, entry.c.sequence)
)
_COUNT = sa.select(sa.func.count()).select_from(entry).where(IS_LIVE)
_KEPT = sa.select(entry.c.id).where(entry.c.kept, one_of(entry.c.id))
_KNOWN = {
    column: WHOLE.where(one_of(column))
    for column in (entry.c.path_digest, entry.c.content, entry.c.headline)
}
# Not ordered: that is by an index of all entries.
_LATELY_VANISHED = WHOLE.where(
    _IS_GONE,
    IS_LIVE,
    entry.c.kept.is_(False),
    entry.c.published > entry.c.gone - int(RECENT.total_seconds()),
).limit(_VANISHED)
# One at a time: an index answers each.
_NEWEST = sa.select(sa.func.max(entry.c.published))
_LAST = sa.select(sa.func.max(entry.c.sequence))
_TAKEN = sa.select(entry.c.slug).where(one_of(entry.c.slug))
_OF_MONTHS = sa.select(entry.c.slug).where(one_of(entry.c.month))
_PURGED = sa.select(entry.c.slug).where(entry.c.purged)
_AROUND = sa.select(entry.c.published).where(
    entry.c.published.between(sa.bindparam("since"), sa.bindparam("until"))
)
_VERSIONS = (
    sa.select(version.c.entry, sa.func.max(version.c.number).label("number"))
    .where(one_of(version.c.entry))
    .group_by(version.c.entry)
)
_STORIES = sa.select(version.c.story).where(one_of(version.c.entry))
_SHOWN = (
    sa.select(topic.c.value)
    .join(entry)
    .where(topic.c.facet == "media", one_of(topic.c.value), IS_LIVE)
)
_FILES_SHOWING = (
    sa.select(entry.c.path)
    .join(topic)
    .where(topic.c.facet == "media", one_of(topic.c.value), IS_LIVE)
    .distinct()
)
_SPELT = (
    sa.select(topic.c.name)
    .where(topic.c.facet == "category", topic.c.value == sa.bindparam("folded"))
    .order_by(topic.c.entry)
    .limit(1)
)
_SLUGS = sa.select(entry.c.slug).where(IS_LIVE).order_by(entry.c.sequence)
_SOME_SLUGS = _SLUGS.where(one_of(entry.c.id))
_DUE = [
    sa.select(sa.func.min(column)).where(column > _MOMENT)
    for column in (file.c.due, entry.c.expires, document.c.expires)
]
_NOT_EXPIRED = sa.select(entry.c.id).where(
    IS_LIVE, entry.c.expires > _MOMENT, entry.c.expires <= sa.bindparam("last")
)


class Ledger:
    """The ledger at an SQLAlchemy URL; brought to this release's tables when opened.

    Raises `LedgerError` where it cannot be opened or is a newer release's.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = open_session(url)
        self.directory = Directory(self._session)
        self.documents = Documents(self._session)
        self.editions = Editions(self._session)
        self.files = Files(self._session)
        self.members = Members(self._session)
        self.former = Former(self._session)
        self.outbox = Outbox(self._session)
        self.overview = Overview(self._session)
        self.state = PublicationState(self._session)
        self.translations = Translations(self._session, self.state)

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
            raise LedgerError(f"The ledger cannot be used: {reason(error)}.") from error

    def commit(self) -> None:
        """Make all changes since the last commit last."""
        self.state.save()
        self._session.commit()

    # ---- Entries

    def live_names(self, paths: Sequence[str]) -> set[str]:
        """Give those of `paths` that are the files of live entries."""
        digests = {path_digest(path): path for path in paths}
        rows = self._session.among(_LIVE_NAMES, sorted(digests))
        return {digests[row.path_digest] for row in rows}

    def verify_names(self, paths: Sequence[str]) -> None:
        """Raise `LedgerError` where one of `paths`, which `live_names` lacks, belongs there.

        A damaged index would make a file that is changed a new entry, with a new id.
        """
        digests = {path_digest(path): path for path in paths}
        for row in self._session.among(_UNINDEXED_NAMES, sorted(digests)):
            raise LedgerError(
                f"An index of the ledger is damaged: it lacks {digests[row.path_digest]}."
            )

    def page_of(self, url: str) -> Callable[[str, str], tuple[str, str] | None]:
        """Return who finds the entry that the file at a path names in its text.

        Its address at the site `url`, and its file; None where none is out that is called so now
        or was before (`dateline.ledger.queries.references`).
        """

        def found(path: str, name: str) -> tuple[str, str] | None:
            naming = Naming(path=path, text=name)
            id_ = self.translations.namings.meant_by([naming]).get(naming, "")
            row = next(iter(self._session.among(_LIVE_PAGES, [id_])), None) if id_ else None
            return (f"{url}{row.slug}.html", row.path) if row else None

        return found

    def mark_gone(self, there: Sequence[str], gone: Sequence[str] | None, now: datetime) -> None:
        """Remember that the files `gone` of live entries are so since `now`, those `there` not.

        Without `gone` it is all but those there, those of a lost ledger too. What is gone since
        later than now, by another clock, is so since now.
        """
        is_new = sa.and_(IS_LIVE, entry.c.gone.is_(None))
        if gone is None:
            names = {*self._session.scalars(sa.select(entry.c.path_digest).where(is_new))}
            lost = names.difference(map(path_digest, there))
        else:
            lost = {path_digest(path) for path in gone}
        for some in batches(sorted(lost)):
            self._change(sa.and_(is_new, entry.c.path_digest.in_(some)), gone=seconds(now))
        marked = set(self._session.scalars(_GONE_NAMES))
        if marked:
            self._change(entry.c.gone > seconds(now), gone=seconds(now))
        back = marked.intersection(map(path_digest, there)) if marked else ()
        for some in batches(sorted(back)):
            self._change(entry.c.path_digest.in_(some), gone=None)

    def missing(self) -> list[Missing]:
        """Give the live entries whose files are gone, and that nobody asked to keep."""
        return [
            Missing(
                id=row.id,
                path=row.path or f"{row.slug}.html",
                published=datetime.fromtimestamp(row.published, UTC),
                since=datetime.fromtimestamp(row.gone, UTC),
            )
            for row in self._session.execute(_MISSING)
        ]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was ever published."""
        return self._session.scalar(_LAST) is None

    def newest(self) -> int | None:
        """Return the latest moment of publication, in seconds since 1970."""
        newest: int | None = self._session.scalar(_NEWEST)
        return newest

    def count_live(self) -> int:
        """Say how many entries are live."""
        return self._session.scalar(_COUNT) or 0

    def count_with_files(self) -> int:
        """Say how many live entries have a file, or had one until a moment ago."""
        return self._session.scalar(_COUNT.where(entry.c.kept.is_(False))) or 0

    def ids_of(self, paths: Sequence[str]) -> list[str]:
        """Give the ids of the live entries whose files are called so."""
        rows = self._session.among(_LIVE_NAMES, [path_digest(path) for path in paths])
        return [row.id for row in rows]

    def keep(self, ids: Sequence[str]) -> None:
        """Remember that these entries stay although their files are gone."""
        for some in batches(ids):
            self._change(entry.c.id.in_(some), kept=True)

    def keep_no_more(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Forget that some of these entries stay without files, which are back; give their ids."""
        kept = tuple(row.id for row in self._session.among(_KEPT, ids))
        for some in batches(kept):
            self._change(entry.c.id.in_(some), kept=False)
        return kept

    def withdraw(self, ids: Sequence[str], now: datetime) -> None:
        """Remember that these entries are withdrawn since `now`; they come back with their files.

        Their pages, and the media that only they used, are to be removed.
        """
        for some in batches(ids):
            slugs = self._session.scalars(sa.select(entry.c.slug).where(entry.c.id.in_(some))).all()
            self.retire([f"{slug}.html" for slug in slugs])
            self._change(
                entry.c.id.in_(some),
                withdrawn=seconds(now),
                gone=None,
                revision=entry.c.revision + 1,
            )
        self.drop_media(ids)

    def purge(self, id_: str, now: datetime) -> None:
        """Take an entry down: of its text, versions and names nothing stays but digests."""
        row = self._session.execute(sa.select(entry).where(entry.c.id == id_)).one()
        self.translations.leave([id_])
        self.files.read_again(self.files.users([row.path]))  # its address has words of its title
        self.files.forget([row.path])
        if not row.purged:
            self.retire([f"{row.slug}.html"])
        self._session.replace(entry, entry.c.id, [purged_row(row, now)])
        self.drop_media([id_])
        self._forget(id_)
        self.translations.settle(tails(row.path))

    def _forget(self, id_: str) -> None:
        """Forget all versions of an entry, on disk too."""
        for table in (version, topic, correction, renamed):
            self._session.delete(table, table.c.entry, [id_])
        self._session.purge_on_commit()

    def drop_media(self, ids: Sequence[str]) -> None:
        """Remove the files that these entries showed once and no live entry shows now."""
        shown = {
            path
            for row in self._session.among(_STORIES, ids)
            for path in media_of(story_json.load(row.story))
        }
        used = {row.value for row in self._session.among(_SHOWN, sorted(shown))}
        self.retire(sorted(shown - used))

    def files_with_media(self, paths: Sequence[str]) -> list[str]:
        """Return the files of the live entries that show any of these files under `media/`."""
        return [row.path for row in self._session.among(_FILES_SHOWING, paths)]

    def rebase(self, before: str, after: str) -> None:
        """Let entries show their files at the site's new address, whatever became of theirs."""
        for found in list(self.pages()):
            text = story_json.dump(found.story)
            moved = text.replace(f"{before}media/", f"{after}media/")
            if moved == text:
                continue
            story = story_json.load(moved)
            newest = sa.select(entry.c.version).where(entry.c.id == found.id).scalar_subquery()
            self._session.execute(
                sa.update(version)
                .where(version.c.entry == found.id, version.c.number == newest)
                .values(story=moved)
            )
            self._change(entry.c.id == found.id, content=story_json.content_digest(story))

    def retire(self, paths: Sequence[str], target: str = "") -> None:
        """Remember that these documents are promised no more; they are still to be removed."""
        self.documents.forget(paths)
        self.former.add(dict.fromkeys(paths, target))

    def memory(self, stories: Sequence[Story]) -> LedgerSnapshot:
        """Give what `dateline.rules.decide` needs to know about `stories`."""
        paths = {path_digest(story.path): story.path for story in stories}
        known = self._known(entry.c.path_digest, paths)
        by_path = {paths[digest]: found for digest, found in known}
        digests = {story.path: story_json.content_digest(story) for story in stories}
        new = [
            s
            for s in stories
            if s.path not in by_path or by_path[s.path].content != digests[s.path]
        ]
        contents = [digests[story.path] for story in new]
        headlines = [story_json.headline_digest(story) for story in new]
        similar = {
            found.id: (digest, found)
            for digest, found in (
                *self._known(entry.c.content, contents),
                *self._known(entry.c.headline, headlines),
            )
        }
        newest = moment_at(self._session.scalar(_NEWEST))
        return LedgerSnapshot(
            contents=digests,
            by_path=by_path,
            missing=[found for _, found in similar.values() if found.is_missing],
            vanished=self._vanished() if new else (),
            copied={
                found.content: found.path or f"{found.slug}.html"
                for digest, found in similar.values()
                if not found.is_missing and digest not in paths
            },
            ids=self._ids([story.id for story in stories if story.id]),
            slugs=self._slugs(new),
            moments=self._moments(new) if newest else frozenset(),
            newest=newest,
            sequence=self._session.scalar(_LAST) or 0,
        )

    def accept(
        self, entries: Sequence[Entry], files: Mapping[str, Original], now: datetime
    ) -> tuple[str, ...]:
        """Remember published entries, and their files by path, as new versions.

        Give the ids of others whose names they have now.
        """
        ids = [found.id for found in entries]
        numbers = {row.entry: row.number for row in self._session.among(_VERSIONS, ids)}
        numbers = {id_: numbers.get(id_, 0) + 1 for id_ in ids}
        known = self._rows(ids)
        rows_ = _revised([entry_row(found, numbers[found.id]) for found in entries], known)
        self.translations.part(rows_, known)
        self._session.replace(entry, entry.c.id, rows_)
        released = tuple(self._release({row["path_digest"] for row in rows_}, ids, now))
        versions = [version_row(e, numbers[e.id], files[e.story.path], now) for e in entries]
        self._session.insert(version, versions)
        self._describe([(e.id, e.story, e.corrections) for e in entries])
        self.drop_media([found.id for found in entries if found.story.retraction])
        self.translations.link(rows_, known, {one.id: one.story for one in entries})
        return released

    def restore(self, listings: Iterable[EntryListing]) -> None:
        """Remember what a manifest has that a ledger, lost or too old, has not."""
        self._change(_IS_GONE, gone=None)  # a ledger from before does not know since when
        known = {row.id: row for row in self._session.execute(sa.select(entry))}
        for listing in heartbeat.beating(listings):
            row = known.get(listing.id)
            is_newer = row and row.purged and not listing.purged
            if row is None or not (is_newer or is_listed(row, listing)):
                self._restore(listing, row)

    def _restore(self, listing: EntryListing, row: Any) -> None:
        number = row.version + 1 if row else 1
        values = listed_row(listing, number)
        if row and row.path_digest == listing.path:
            values |= {"path": row.path, "name": row.name}
        if values["reference"]:
            self.translations.begin()
        self._session.replace(entry, entry.c.id, [values])
        if listing.purged:
            self._forget(listing.id)
        if listing.story:
            self._session.insert(version, [listed_version(listing, number)])
            said = listed_corrections(listing)
            self._describe([(listing.id, story_json.load(listing.story), said)])

    def entries(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Give the live entries with these ids, as they were last accepted."""
        return {found.id: found for found in live_entries(self._session, entry.c.id, ids)}

    def spellings(self, categories: Iterable[str]) -> dict[str, str]:
        """Give known categories by their case-folded forms: these, or all where one is new."""
        folded = sorted({category.casefold() for category in categories})
        names = {value: self._session.scalar(_SPELT, {"folded": value}) for value in folded}
        if all(names.values()):
            return {value: name for value, name in names.items() if name}
        every = sa.select(topic.c.value, sa.func.min(topic.c.name).label("name"))
        every = every.where(topic.c.facet == "category").group_by(topic.c.value)
        return {row.value: row.name for row in self._session.execute(every)}

    def id_of(self, name: str) -> str | None:
        """Give the id of the entry whose file, page or id is called `name`."""
        slug = name.removesuffix(".html")
        named = sa.or_(
            entry.c.path_digest == path_digest(name), entry.c.slug == slug, entry.c.id == name
        )
        found: str | None = self._session.scalar(sa.select(entry.c.id).where(named))
        return found

    def names(self) -> Iterator[tuple[str, str, str, datetime]]:
        """Give each entry's id and slug with every name that its file had, and since when."""
        query = sa.select(version.c.entry, entry.c.slug, version.c.story, version.c.accepted)
        rows = self._session.execute(query.join(entry).order_by(version.c.entry, version.c.number))
        for row in rows:
            accepted = datetime.fromtimestamp(row.accepted, UTC)
            yield row.entry, row.slug, story_json.path_of(row.story), accepted

    def versions(self, id_: str) -> list[Version]:
        """Give every accepted version of an entry, the oldest first."""
        query = sa.select(version).where(version.c.entry == id_).order_by(version.c.number)
        return [version_of(row) for row in self._session.execute(query)]

    def slugs(self, ids: Sequence[str] | None = None) -> list[str]:
        """Give the slugs of the live entries with these ids, or of all, in order of sequence."""
        if ids is None:
            return list(self._session.scalars(_SLUGS))
        return [row.slug for row in self._session.among(_SOME_SLUGS, ids)]

    def pages(self, slugs: Sequence[str] | None = None) -> Iterator[Entry]:
        """Give the live entries with these slugs, or all, in order of sequence."""
        slugs = self.slugs() if slugs is None else slugs
        yield from live_entries(self._session, entry.c.slug, slugs)

    def entry_listings(self, ids: Sequence[str] | None = None) -> Iterator[EntryListing]:
        """Give what the manifest says of the entries with these ids, or of all."""
        if ids is None:
            ids = list(self._session.scalars(sa.select(entry.c.id).order_by(entry.c.sequence)))
        for row, said in corrected(self._session, SOME, ids):
            yield entry_listing(row, said)

    def next_due(self, now: datetime) -> datetime | None:
        """Give the next moment after `now` at which something remembered changes by itself."""
        moments = [self._session.scalar(query, {"moment": seconds(now)}) for query in _DUE]
        return moment_at(min((moment for moment in moments if moment), default=None))

    def expired_later(self, now: datetime) -> tuple[str, ...]:
        """Give the ids of what had expired for the last run, and has not by a clock put back."""
        last = self.state.last_change
        between = {"moment": seconds(now), "last": seconds(last) if last else 0}
        return tuple(self._session.scalars(_NOT_EXPIRED, between))

    # ---- How it is asked

    def _known(
        self, column: sa.Column[Any], values: Iterable[str]
    ) -> Iterator[tuple[str, PublishedEntry]]:
        """Give the entries whose `column` is one of `values`, with their path digests."""
        for row, said in corrected(self._session, _KNOWN[column], sorted(set(values))):
            yield row.path_digest, known_of(row, said)

    def _vanished(self) -> list[PublishedEntry]:
        """Give some of the live entries of the last days whose files are gone."""
        rows = self._session.execute(_LATELY_VANISHED).all()
        return [known_of(row, ()) for row in sorted(rows, key=lambda row: row.sequence)]

    def _change(self, chosen: sa.ColumnElement[bool], **values: Any) -> None:
        self._session.execute(sa.update(entry).where(chosen).values(**values))

    def displace(self, ids: Sequence[str], now: datetime) -> None:
        """Let these entries stay live without the files that are other news since `now`."""
        for row in self._rows(ids).values():
            self._unname(row, now)
        self.keep(ids)

    def supersede(self, slugs: Mapping[str, str], now: datetime) -> None:
        """Withdraw entries whose news others have announced since `now`, under these slugs.

        Their pages lead there; an empty slug is of one that is not out yet.
        """
        for row in self._rows([*slugs]).values():
            self._unname(row, now)
            self.withdraw([row.id], now)
            if slugs[row.id]:
                self.retire([f"{row.slug}.html"], f"{slugs[row.id]}.html")

    def _release(self, digests: set[str], ids: Sequence[str], now: datetime) -> Iterator[str]:
        """Let others go without the names that these entries' files have since `now`."""
        own = {*ids}
        for row in self._session.among(_NAMED, sorted(digests)):
            if row.id not in own:
                self._unname(row, now)
                yield row.id

    def _unname(self, row: Any, now: datetime) -> None:
        gone = row.gone if row.withdrawn else seconds(now)
        self.translations.rename({row.id: row.path})
        self._change(entry.c.id == row.id, path="", path_digest="", name="", gone=gone)

    def _rows(self, ids: Sequence[str]) -> dict[str, Any]:
        """Give the rows of those of these entries that are known, by id."""
        return {row.id: row for row in self._session.among(_ENTRIES, ids)}

    def _describe(self, said: Sequence[tuple[str, Story, Sequence[Correction]]]) -> None:
        """Remember by what these entries are found, and what was corrected in them."""
        ids = [id_ for id_, _, _ in said]
        self._session.delete(topic, topic.c.entry, ids)
        topics = [row for id_, story, _ in said for row in topic_rows(id_, story)]
        self._session.insert(topic, topics)
        self._session.delete(correction, correction.c.entry, ids)
        corrected = [row for id_, _, texts in said for row in correction_rows(id_, texts)]
        self._session.insert(correction, corrected)

    def _ids(self, ids: Sequence[str]) -> dict[str, str]:
        rows = self._rows(ids).values()
        return {row.id: "" if row.purged else row.path or f"{row.slug}.html" for row in rows}

    def _slugs(self, stories: Sequence[Story]) -> frozenset[str]:
        """Give the addresses that are taken; those of what was taken down as digests.

        Of a whole month only where a story's own address is taken, and it needs another.
        """
        if not stories:
            return frozenset()
        stems = Counter(page_stem(story.date.start, story.title) for story in stories)
        taken = {row.slug for row in self._session.among(_TAKEN, sorted(stems))}
        taken |= {*self._session.scalars(_PURGED)}
        others = {
            month(stem)
            for stem, count in stems.items()
            if count > 1 or not taken.isdisjoint((stem, fingerprint(f"{stem}.html")))
        }
        taken |= {row.slug for row in self._session.among(_OF_MONTHS, sorted(others))}
        return frozenset(taken)

    def _moments(self, stories: Sequence[Story]) -> frozenset[datetime]:
        """Give the moments of publication that are taken around the days of `stories`."""
        days = {datetime(*story.date.start.timetuple()[:3], tzinfo=UTC) for story in stories}
        return frozenset(
            datetime.fromtimestamp(taken, UTC)
            for day in days
            for taken in self._session.scalars(
                _AROUND,
                {
                    "since": seconds(day - timedelta(days=1)),
                    "until": seconds(day + timedelta(days=2)),
                },
            )
        )


def _revised(rows: Sequence[dict[str, Any]], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Let new rows go on from what is known: how often it said something else, what it translates.

    These count, too.
    """
    return [{**row, **_going_on(row, known.get(row["id"]))} for row in rows]


def _going_on(row: Mapping[str, Any], before: Any) -> dict[str, Any]:
    if before is None:
        return {}
    is_another = row["content"] != before.content or before.withdrawn is not None
    original = before.original if row["reference"] == before.reference else None
    return {"revision": before.revision + is_another, "original": original}
