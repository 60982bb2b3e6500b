"""Restore a ledger: from the manifest's table, then from the documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import (
    TABLE,
    DocumentListing,
    EntryListing,
    Head,
    ManifestFault,
    ManifestStatus,
    MemberListing,
    Rows,
)
from dateline.entries.reader import ReadResult
from dateline.errors import RecoveryError
from dateline.ledger import Ledger
from dateline.ledger.rows import DocumentRecord, path_digest, seconds
from dateline.messages import program
from dateline.publish.assess.status import doubt
from dateline.publish.recovery import traces
from dateline.publish.recovery.matching import matched
from dateline.publish.recovery.published import PublishedData, published, records
from dateline.rules.taxonomy import TERM
from dateline.text.expressions import regex

_OF_TERM = regex(rf"{TERM}\.(?:rss|atom|json)")
_NAMED = 5  # of many, the first so many
# A table of another run is newer than a head that was not written any more.
_READABLE = (None, ManifestFault.OLDER, ManifestFault.OTHER)


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """The restoration of one ledger at the beginning of a run."""

    config: Config
    ledger: Ledger
    now: datetime
    accepts_loss: bool

    def run(self, found: ManifestStatus, *, is_new: bool) -> tuple[str, ...]:
        """Fill the ledger, and return the remarks on it. Raises `RecoveryError`."""
        self.ledger.state.has_lost_approvals = self._loses_approvals
        rows = manifest.entries(self.config.feeds_folder)
        count = self._restore(rows, {} if is_new else self.ledger.entries.places())
        is_whole = rows.lost == 0 and found.table_fault in _READABLE and not self._is_behind(found)
        remarks = [] if is_whole else [*self._restore_from_documents(has_rows=count > 0)]
        if is_new and not is_whole and self.ledger.entries.is_empty:
            traces.refuse_loss(self.config, accepts_loss=self.accepts_loss)
        self._restore_places(is_whole=is_whole)
        self._restore_head(found)
        if rows.storyless:
            remarks.append(
                f"{_count(rows.storyless)} taken from the pages, for the table's text is damaged."
            )
        what = "lost" if is_new else "older than what is published"
        sources = [f"feeds/{TABLE}"] * bool(count) + ["the pages and feeds in feeds/"] * bool(
            remarks
        )
        taken = f"Ids, dates and addresses come from {' and from '.join(sources)}."
        return (
            f"The ledger was {what}. {taken if sources else 'Nothing was published.'}",
            *remarks,
        )

    @property
    def _loses_approvals(self) -> bool:
        """True if what is in the files may wait for an editor, and nobody knows."""
        return self.config.newsroom.approval and not self.accepts_loss

    @cached_property
    def _published(self) -> PublishedData:
        return published(self.config)

    def _restore(self, rows: Rows[EntryListing], known: Mapping[int | str, str]) -> int:
        """Restore the entries of the table; a damaged text comes from the entry's page.

        `known` has the ids of the entries in the ledger by their numbers and slugs.
        """
        count = 0

        def whole() -> Iterator[EntryListing]:
            nonlocal count
            for count, one in enumerate(rows, start=1):  # noqa: B007 - it is counted
                if {known.get(place, one.id) for place in (one.sequence, one.slug)} != {one.id}:
                    raise self._divided(one)
                is_mute = not (one.story or one.purged or one.withdrawn)
                yield replace(one, story=self._texts.get(one.id, "")) if is_mute else one

        self.ledger.entries.restore(whole())
        return count

    def _divided(self, one: EntryListing) -> RecoveryError:
        """Return the error of a ledger that has another entry in the place of a published one."""
        state, feeds = self.config.state.name, self.config.feeds_folder.name
        others = (
            "restore the database as it was when they were written"
            if self.config.ledger
            else f"move {state}/ledger.sqlite away, and type {program.name()} build, which fills "
            f"a new one from {feeds}/"
        )
        return RecoveryError(
            f"The ledger and {feeds}/ are not of one publication, or of two courses of it: in the "
            f"ledger another entry has the place of {one.slug}.html. If the documents in {feeds}/ "
            f"are the right ones, {others}. If the ledger is the right one, move {feeds}/ away."
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {one.id: one.story for one in self._published.entries}

    def _is_behind(self, found: ManifestStatus) -> bool:
        """Return whether the table is from before the head."""
        own = manifest.head_in_table(self.config.feeds_folder)
        return bool(found.head and isinstance(own, Head) and own.generation < found.head.generation)

    # ---- From the documents

    def _restore_from_documents(self, *, has_rows: bool) -> Iterator[str]:
        """Restore the entries that only documents have, and yield remarks on the missing ones.

        Without rows of the table, an old copy of the ledger has what was withdrawn since.
        """
        seen, known = self._published, [*self.ledger.entries.listings()]
        ids, slugs = {one.id for one in known}, {f"{one.slug}.html" for one in known}
        self._require_known_ids([path for path in seen.unknown if path not in slugs])
        last = max((one.sequence for one in known), default=0)
        missing = [
            replace(one, sequence=one.sequence + last)
            for one in seen.entries
            if one.id not in ids and f"{one.slug}.html" not in slugs
        ]
        match = matched(self.config, missing, self.now, is_approved=not self._loses_approvals)
        gone = [] if has_rows else [*self._gone(known)]
        self.ledger.entries.restore([*match.entries, *gone])
        names = {one.path for one in known} - {one.path for one in gone}
        doubted = [one for one in match.unrecognised if path_digest(one.path) not in names]
        doubted = [one for one in doubted if self._may_have_been_published(one)]
        doubted = [] if self.accepts_loss else doubted
        for read in doubted:
            doubt(self.ledger, read.data)
        yield (
            f"{_count(len(missing))} found in the documents alone. What was gone from the site is "
            "not known any more: addresses that answered 410 may answer 404."
        )
        if gone:
            yield f"{_count(len(gone))} in no document any more: withdrawn or taken down."
        if match.without_file:
            stay = "stays" if match.without_file == 1 else "stay"
            yield f"{_count(match.without_file)} without a file that can be recognised, and {stay}."
        if doubted:
            yield (
                f"Held, for what is in them may have been published or taken down before: "
                f"{_few([one.path for one in doubted])}."
            )
        if seen.disagreements:
            yield f"Documents disagree on {_few(seen.disagreements)}; most of them decided."
        if seen.unreadable:
            yield f"Damaged, and made again: {_few(seen.unreadable)}."

    def _gone(self, known: Iterable[EntryListing]) -> Iterator[EntryListing]:
        """Yield, as withdrawn, the live entries that no document has, if none of feeds is lost."""
        seen, folder = self._published, self.config.feeds_folder
        live = {one.id for one in seen.entries if one.withdrawn is None}
        feeds = (folder / path for feed in self.config.feeds for path in feed.paths)
        if seen.unreadable or seen.unknown or not all(path.exists() for path in feeds):
            return
        for one in known:
            if one.withdrawn is None and not one.purged and one.id not in live:
                yield replace(one, withdrawn=seconds(self.now))

    def _require_known_ids(self, unknown: Sequence[str]) -> None:
        """Stop if an entry is published whose id is nowhere: it would get another."""
        is_nothing_read = not self._published.entries and self._published.unreadable
        if self.accepts_loss or not (unknown or is_nothing_read):
            return
        what = f"the ids of {_few(unknown)} stand" if unknown else "what was published stands"
        raise RecoveryError(
            f"Nothing was published, because {what} nowhere any more: the ledger in "
            f"{self.config.state.name}/, feeds/{TABLE} and the documents are lost or damaged. "
            "Bring back state/ or feeds/ from a backup. If there is none, type "
            f"{program.name()} ledger recover --accept-loss: these entries are then new to readers."
        )

    def _may_have_been_published(self, read: ReadResult) -> bool:
        """Return whether a file would be published as new, and may have been published before.

        Its time proves nothing: a file that came back from a backup is new to the machine.
        """
        story = read.story
        if story is None or story.draft:
            return False
        today = self.now.astimezone(self.config.publication.zone).date()
        return story.date.first_day <= today

    def _restore_head(self, found: ManifestStatus) -> None:
        """Restore how files were read, and what is known of those held."""
        head = found.head or manifest.head_in_table(self.config.feeds_folder)
        if not isinstance(head, Head):
            return
        if head.unrecognised:
            self.ledger.state.add_unrecognised(head.unrecognised)
        if head.readings:
            self.ledger.state.note_readings(head.readings)

    # ---- Feeds and documents

    def _restore_places(self, *, is_whole: bool) -> None:
        folder, ledger = self.config.feeds_folder, self.ledger
        members, documents = manifest.members(folder), manifest.documents(folder)
        places, known = [*members], [_document_record(one) for one in documents]
        if not is_whole or members.lost != 0:
            places = [*self._with_others(places or [*ledger.members.listings()])]
        ledger.members.restore(places)
        ledger.former.restore([*manifest.former(folder)])
        if not is_whole or documents.lost != 0:
            known += records(folder, [one.path for one in known])
        ledger.documents.restore(known)
        if any(_OF_TERM.fullmatch(one.path) for one in known):  # staff may have been asked
            ledger.state.has_term_feeds = True

    def _with_others(self, members: Iterable[MemberListing]) -> Iterator[MemberListing]:
        """Yield members of feeds, then those that only documents have."""
        ids = {one.id for one in self.ledger.entries.listings()}
        last: dict[str, int] = defaultdict(int)
        seen: set[tuple[str, str | None, int]] = set()
        for one in members:
            if one.entry is None or one.entry in ids:
                seen.add((one.feed, one.entry, one.part))
                last[one.feed] = max(last[one.feed], one.number)
                yield one
        for one in self._published.members:
            if (one.feed, one.entry, one.part) not in seen and one.entry in ids:
                last[one.feed] += 1
                yield replace(one, number=last[one.feed])


def _count(number: int) -> str:
    return "1 entry is" if number == 1 else f"{number} entries are"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _document_record(listing: DocumentListing) -> DocumentRecord:
    return DocumentRecord(
        path=listing.path,
        role=listing.role,
        media_type=listing.media_type,
        size=listing.size,
        digest=listing.digest,
        changed=listing.changed,
        source="",
        links=listing.links,
        expires=listing.expires,
        live=True,
        codings=listing.codings,
    )
