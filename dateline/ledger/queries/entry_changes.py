"""Changes of published entries: accepted, missed, withdrawn, taken down, restored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from dateline.documents.manifest import EntryListing, gone_at
from dateline.entries.filenames import tails
from dateline.ledger.acts import Acts
from dateline.ledger.queries.documents import Documents
from dateline.ledger.queries.entries import (
    IS_GONE,
    IS_LIVE,
    EntryQueries,
    forget,
    has_gone,
    standing,
)
from dateline.ledger.queries.files import Files
from dateline.ledger.queries.relations.translations import Translations
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.rows import (
    continued,
    correction_rows,
    entry_row,
    is_listed,
    listed_row,
    listed_version,
    media_of,
    path_digest,
    purged_row,
    seconds,
    topic_rows,
    version_row,
)
from dateline.ledger.session import VALUES, Session, batches, one_of
from dateline.ledger.snapshot import entries_at, take_snapshot
from dateline.ledger.tables import correction, delivery, entry, renamed, topic, version
from dateline.model import MEDIA_FOLDER, Correction, Entry, Original, Story
from dateline.rules import story_json
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.rules.identity.readings import known_readings
from dateline.rules.story_json import StoryRecord
from dateline.rules.withdrawals import AHEAD, RECENT, Missing
from dateline.system import heartbeat
from dateline.text.urls import fingerprint

_ENTRIES = sa.select(entry).where(one_of(entry.c.id))
_GONE_PATHS = sa.select(entry.c.path_digest).where(IS_GONE)
_KEPT = sa.select(entry.c.id).where(entry.c.kept, one_of(entry.c.id))
_NUMBER = sa.select(sa.func.max(version.c.number)).where(version.c.entry == entry.c.id)
_CONCERNED = sa.select(entry, _NUMBER.scalar_subquery().label("number")).where(
    sa.or_(one_of(entry.c.id), one_of(entry.c.path_digest))
)
_LATER = ("place", "editor")  # facets that releases before terms did not have
_LATER_TOPICS = sa.delete(topic).where(topic.c.facet.in_(_LATER), one_of(topic.c.entry))
_STORIES = sa.select(version.c.story).where(one_of(version.c.entry))
_DIGESTS = sa.select(version.c.digest).where(one_of(version.c.entry))
_SHOWN_MEDIA = (
    sa.select(topic.c.value)
    .join(entry)
    .where(topic.c.facet == "media", one_of(topic.c.value), IS_LIVE)
)


class Entries(EntryQueries):
    """The published entries: everything that is asked of them, and how they change."""

    def __init__(
        self,
        session: Session,
        documents: Documents,
        files: Files,
        translations: Translations,
        acts: Acts,
        *,
        state: PublicationState,
    ) -> None:
        super().__init__(session)
        self._state = state
        self._documents = documents
        self._files = files
        self._translations = translations
        self._acts = acts
        self._records: Mapping[str, tuple[Story, StoryRecord]] = {}

    def live_at(self, paths: Sequence[str]) -> list[PublishedEntry]:
        """Return the live entries whose files have these paths."""
        return entries_at(self._session, paths)

    def snapshot(
        self, stories: Sequence[Story], since: Mapping[str, datetime] | None = None
    ) -> LedgerSnapshot:
        """Return all that `dateline.rules.decide` needs to know (see `take_snapshot`)."""
        records = {one.path: StoryRecord.of(one) for one in stories}
        self._records = {one.path: (one, records[one.path]) for one in stories}
        contents = {path: one.content for path, one in records.items()}
        readings, taken = [*known_readings(self._state.readings)], self._state.taken_down
        return take_snapshot(self._session, stories, contents, readings, taken, since=since or {})

    # ---- New versions

    def accept(
        self, entries: Sequence[Entry], files: Mapping[str, Original], now: datetime
    ) -> tuple[str, ...]:
        """Add published entries, with their files by path, as new versions.

        Return the ids of the other entries whose paths they took over.
        """
        ids = [found.id for found in entries]
        forget(self._session)
        known, others = self._concerned(entries)
        numbers = {id_: (known[id_].number or 0) + 1 if id_ in known else 1 for id_ in ids}
        kept = {one.id: self._record(one.story) for one in entries}
        rows = [entry_row(one, numbers[one.id], kept[one.id].content) for one in entries]
        rows = [continued(row, known.get(row["id"])) for row in rows]
        self._translations.part(rows, known)
        self._session.replace(entry, entry.c.id, rows, known)
        for row in others:
            self._unname(row, now)
        versions = [
            version_row(kept[e.id], e.id, numbers[e.id], files[e.story.path], now) for e in entries
        ]
        self._session.insert(version, versions)
        self._describe([(e.id, e.story, e.corrections) for e in entries], known)
        self._drop_media([found.id for found in entries if found.story.retraction])
        self._documents.end_events(
            [one.slug for one in entries if one.id in known and not one.story.event]
        )
        self._translations.link(rows, known, {one.id: one.story for one in entries})
        before = {row["id"]: known[row["id"]].headline for row in rows if row["id"] in known}
        headlines = {row["id"]: row["headline"] for row in rows}
        self._translations.add_former_names(
            {id_: (former,) for id_, former in before.items() if former != headlines[id_]}
        )
        return tuple(row.id for row in others)

    def displace(self, ids: Sequence[str], now: datetime) -> None:
        """Keep these entries live without their files, which hold other news since `now`."""
        for row in self._rows(ids).values():
            self._unname(row, now)
        self.keep(ids)

    def supersede(self, slugs: Mapping[str, str], now: datetime) -> None:
        """Withdraw entries, by id, whose news the entries with these slugs have published.

        Their pages redirect there; an empty slug belongs to an entry that is not public yet. No
        file brings them back: what they said is the other entries' from now on.
        """
        for row in self._rows([*slugs]).values():
            self._unname(row, now)
            self.withdraw([row.id], now)
            self._change(entry.c.id == row.id, content="", headline="")
            if slugs[row.id]:
                self._documents.retire_entries([row.slug], f"{slugs[row.id]}.html")

    def rebase(self, before: str, after: str) -> None:
        """Change the address of the site in all live entries' own media files."""
        for found in list(self.live()):
            text = story_json.dump(found.story)
            moved = story_json.rebased(text, before, after)
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

    def locate(self, entries: Sequence[Entry]) -> None:
        """Record the places and editors of entries, which earlier releases did not."""
        self._session.change(_LATER_TOPICS, [found.id for found in entries])
        rows = [row for found in entries for row in topic_rows(found.id, found.story)]
        self._session.insert(topic, [row for row in rows if row["facet"] in _LATER])

    # ---- Files that are gone

    def mark_gone(self, there: Sequence[str], gone: Sequence[str] | None, now: datetime) -> None:
        """Record that the files `gone` of live entries are missing since `now`, `there` are not.

        Without `gone`, all but those there are missing, also those of an entry that only the
        manifest remembered. A file that another clock missed later than now, or before its entry
        was published, is missing since now. A clock that is behind the entry changes nothing. Old
        news is never withdrawn by itself, and stays old under a clock that was set back behind the
        last run, or is behind the newest entry: its file is missing since that moment at least.
        """
        is_new = sa.and_(IS_LIVE, entry.c.gone.is_(None))
        if gone is None:
            digests = {*self._session.scalars(sa.select(entry.c.path_digest).where(is_new))}
            lost = digests.difference(map(path_digest, there))
        else:
            lost = {path_digest(path) for path in gone}
        for some in batches(sorted(lost)):
            self._change(sa.and_(is_new, entry.c.path_digest.in_(some)), gone=self._since(now))
        marked = {*self._session.scalars(_GONE_PATHS)} if has_gone(self._session) else set[str]()
        if marked:
            self._change(self._missed_wrongly(now), gone=self._since(now))
        back = marked.intersection(map(path_digest, there)) if marked else ()
        for some in batches(sorted(back)):
            self._change(entry.c.path_digest.in_(some), gone=None)

    def _missed_wrongly(self, now: datetime) -> sa.ColumnElement[bool]:
        """Choose the entries whose files were missed by a clock that was wrong, as now shows."""
        is_ahead = entry.c.gone > self._latest(now)
        is_ahead |= sa.and_(entry.c.gone > seconds(now), sa.not_(_is_old(entry.c.gone)))
        is_before = entry.c.gone < entry.c.published - int(AHEAD.total_seconds())
        return sa.and_(sa.or_(is_ahead, is_before), entry.c.published <= seconds(now + AHEAD))

    def _since(self, now: datetime) -> sa.ColumnElement[int]:
        """Return since when a file is gone that is missed `now`, by a clock that may be behind."""
        latest = sa.literal(self._latest(now))
        return sa.case((_is_old(latest), latest), else_=seconds(now))

    def _latest(self, now: datetime) -> int:
        """Return the latest moment that has certainly been, in seconds since 1970."""
        last, newest = self._state.latest_run.moment, standing(self._session).published or 0
        known = (seconds(last) if last else 0, newest if newest > seconds(now + AHEAD) else 0)
        return max(seconds(now), *known)

    def suspend_missing(self, held: Sequence[Missing], now: datetime) -> None:
        """Record that held files may be those of these entries, until a run finds that none is.

        Their files went today, or, of recent ones, at a moment to come (`mark_gone` corrects it).
        """
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for one in held:
            since = today if one.is_old else one.published + RECENT
            if one.since < since:
                self._change(entry.c.id == one.id, gone=seconds(since))

    def suspend_grace(self, held: Sequence[Missing], now: datetime) -> None:
        """Record that a guard holds all these: their grace begins once none does any more.

        Files come back one by one, so the last of them are few. Again that is a moment to come. An
        entry whose recent days are over is old, and staff are asked.
        """
        recent = entry.c.published + int(RECENT.total_seconds())
        moment = sa.case((recent > seconds(now), recent), else_=seconds(now))
        for some in batches([one.id for one in held if not one.is_old]):
            self._change(entry.c.id.in_(some), gone=moment)

    def keep(self, ids: Sequence[str]) -> None:
        """Record that these entries stay live although their files are gone."""
        for some in batches(ids):
            self._change(entry.c.id.in_(some), kept=True)

    def keep_no_more(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Record that the files of these entries are back; return the ids of those kept so far."""
        kept = tuple(row.id for row in self._session.among(_KEPT, ids))
        for some in batches(kept):
            self._change(entry.c.id.in_(some), kept=False)
        return kept

    def withdraw(self, ids: Sequence[str], now: datetime) -> None:
        """Withdraw entries at `now`; they come back if their files do.

        Their pages and calendars, and the media that only they used, are to be removed.
        """
        for some in batches(ids):
            slugs = self._session.scalars(sa.select(entry.c.slug).where(entry.c.id.in_(some))).all()
            self._documents.retire_entries(slugs, gone_at(seconds(now)))
            self._change(
                entry.c.id.in_(some),
                withdrawn=seconds(now),
                gone=None,
                revision=entry.c.revision + 1,
            )
        self._drop_media(ids)

    def purge(self, id_: str, now: datetime) -> None:
        """Take an entry down, and those that it superseded: only digests remain of their texts."""
        forget(self._session)
        row = self._session.execute(sa.select(entry).where(entry.c.id == id_)).one()
        self._translations.leave([id_])
        # Its slug has words of its title; its own file is held from now on, and hidden from staff.
        self._files.read_again([row.path, *self._files.users([row.path])])
        self._files.forget([row.path])
        self._acts.forget(id_, [row.path, *(one.story.path for one in self.versions(id_))])
        if not row.purged:
            self._documents.retire_entries([row.slug])
        self._session.replace(entry, entry.c.id, [purged_row(row, now)])
        self._drop_media([id_], () if row.purged else self._lost_media(id_))
        self._forget(id_, row.headline)
        self._translations.settle(tails(row.path))
        superseded = self.superseded()
        for page in self._documents.leading_to(f"{row.slug}.html", [*superseded]):
            self.purge(superseded[page], now)

    # ---- A ledger that was lost

    def restore(self, listings: Iterable[EntryListing]) -> None:
        """Add what a manifest has and this ledger, lost or restored from an old copy, has not."""
        self._change(IS_GONE, gone=None)  # an old copy does not know since when
        known = {row.id: row for row in self._session.execute(sa.select(entry))}
        for listing in heartbeat.beating(listings):
            row = known.get(listing.id)
            is_newer = row and row.purged and not listing.purged
            if row is None or not (is_newer or is_listed(row, listing)):
                self._restore(listing, row)

    def _restore(self, listing: EntryListing, row: Any) -> None:
        forget(self._session)
        number = row.version + 1 if row else 1
        values = listed_row(listing, number)
        if row and row.path_digest == listing.path:
            values |= {"path": row.path, "name": row.name}
        if values["reference"]:
            self._translations.begin()
        self._session.replace(entry, entry.c.id, [values])
        if listing.purged:
            self._forget(listing.id, listing.headline)
        if listing.story:
            self._session.insert(version, [listed_version(listing, number)])
            corrections = listing.dated_corrections
            self._describe(
                [(listing.id, story_json.load(listing.story), corrections)], [listing.id]
            )

    # ---- Parts of these

    def _rows(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return the rows of the entries with these ids, by id."""
        return {row.id: row for row in self._session.among(_ENTRIES, ids)}

    def _change(self, chosen: sa.ColumnElement[bool], **values: Any) -> None:
        forget(self._session)
        self._session.memo.pop(IS_GONE, None)
        self._session.execute(sa.update(entry).where(chosen).values(**values))

    def _record(self, story: Story) -> StoryRecord:
        """Return what the ledger keeps of a story, which a snapshot has made before."""
        asked, record = self._records.get(story.path, (None, None))
        return record if record and asked is story else StoryRecord.of(story)

    def _concerned(self, entries: Sequence[Entry]) -> tuple[dict[str, Any], list[Any]]:
        """Return the rows of these entries, by id, and those of others that have their paths."""
        ids = {found.id for found in entries}
        keys = sorted(ids.union(path_digest(found.story.path) for found in entries))
        rows = {row.id: row for row in self._session.among(_CONCERNED, keys)}
        known = {id_: row for id_, row in rows.items() if id_ in ids}
        return known, [row for id_, row in rows.items() if id_ not in ids]

    def _unname(self, row: Any, now: datetime) -> None:
        """Take its path from an entry, whose file is gone since `now`."""
        gone = row.gone if row.withdrawn else self._since(now)
        self._translations.rename({row.id: row.path})
        self._change(entry.c.id == row.id, path="", path_digest="", name="", gone=gone)

    def _describe(
        self,
        described: Sequence[tuple[str, Story, Sequence[Correction]]],
        known: Collection[str],
    ) -> None:
        """Replace the topics and the corrections of these entries; those `known` may have some."""
        ids = [id_ for id_, _, _ in described if id_ in known]
        self._session.delete(topic, topic.c.entry, ids)
        topics = [row for id_, story, _ in described for row in topic_rows(id_, story)]
        self._session.insert(topic, topics)
        self._session.delete(correction, correction.c.entry, ids)
        corrections = [row for id_, _, some in described for row in correction_rows(id_, some)]
        self._session.insert(correction, corrections)

    def _lost_media(self, id_: str) -> Sequence[str]:
        """Return the media that an entry may have shown in versions of before this ledger: all.

        A version that came from a manifest has no file, and took the place of all before it.
        """
        known = self._session.scalars(_DIGESTS, {VALUES: [id_]}).all()
        lost = not (known and all(known))
        return self._documents.in_folders([MEDIA_FOLDER.rstrip("/")]) if lost else ()

    def _drop_media(self, ids: Sequence[str], others: Iterable[str] = ()) -> None:
        """Retire media, those that these entries ever showed and `others`, but what is live now."""
        rows = self._session.among(_STORIES, ids)
        shown = {path for row in rows for path in media_of(story_json.load(row.story))}
        shown.update(others)
        used = {row.value for row in self._session.among(_SHOWN_MEDIA, sorted(shown))}
        self._documents.retire(sorted(shown - used))

    def _forget(self, id_: str, headline: str) -> None:
        """Delete all versions of an entry, on disk too; digests of its id and titles are kept."""
        names = self._session.scalars(sa.select(renamed.c.name).where(renamed.c.entry == id_))
        self._state.note_taken_down([fingerprint(id_), headline, *names])
        for table in (version, topic, correction, renamed, delivery):
            self._session.delete(table, table.c.entry, [id_])
        self._session.purge_on_close()
        if self._session.is_on_server:
            self._state.rewrite_due = datetime.fromtimestamp(0, UTC)


def _is_old(moment: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Choose the entries that are old news at a moment, as `Missing.is_old` has it."""
    return moment - entry.c.published > int(RECENT.total_seconds())
