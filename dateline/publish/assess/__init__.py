"""The assessment of the files that are due: read them, decide on them, record the decision.

The ledger is updated, and nothing is committed. The texts of two batches are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from dateline.config import Config
from dateline.entries.filenames import is_entry
from dateline.entries.scan import holds_still_after, owners
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord, media_of
from dateline.model import MEDIA_FOLDER, Entry, Original
from dateline.publish.assess import held_copies
from dateline.publish.assess.approvals import without_unapproved
from dateline.publish.assess.batches import Batch, BegunBatch, cut, knowing_entries, stories_of
from dateline.publish.assess.changes import PendingFiles
from dateline.publish.assess.faults import named
from dateline.publish.assess.held_files import (
    forbid,
    left_by_other_news,
    remembered,
    settle_overwritten,
)
from dateline.publish.assess.outcome import Assessment, DecidedBatch
from dateline.publish.assess.settling import (
    changed_at,
    clock_of,
    endless,
    known_still,
    losing,
    nanoseconds,
    resume,
    settled,
    waited,
)
from dateline.publish.assess.status import (
    record_of,
    with_misspelt,
    with_requests,
    without_faulty,
    without_stopped,
)
from dateline.publish.assess.translation_checks import doubted_before, with_doubts
from dateline.publish.produce.workers import MANY
from dateline.publish.run import Run
from dateline.publish.sources import author
from dateline.rules import wrong_year
from dateline.rules.decide import Decision, decide
from dateline.rules.guards import code_of, updated_at_once
from dateline.rules.undone import displaced_news
from dateline.rules.wrong_year import WrongYears

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import EntryReader, ReadResult

_KEPT = timedelta(days=30)  # renditions of pictures that were never published


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Assesses the files that are due in a run, a batch at a time.

    Files must have been left alone for the time `still` before they are read, by the `clock` that
    stamps them. There is no `reader` where no file is due: then a run needs nothing of what parsing
    imports.
    """

    run: Run
    pending: PendingFiles
    reader: EntryReader | None
    still: timedelta
    clock: datetime
    gone: dict[str, FileRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, pending: PendingFiles) -> Assessor:
        """Return the assessor of a run."""
        # What follows a source is whole as soon as a run sees it.
        still = timedelta() if run.config.source else holds_still_after(run.config.entries)
        changed = [pending.scan.files[path].changed for path in pending.to_read]
        clock = clock_of(changed, run.request.clock, run.now)
        reader = _reader(run, pending, settled(changed, clock, still), clock) if changed else None
        if len(pending.to_read) >= MANY:
            run.ledger.expect_many()
        if reader and len(pending.to_read) >= MANY and _is_of_files_alone(run):
            run.workers.start(reader)
        return cls(run=run, pending=pending, reader=reader, still=still, clock=clock)

    def begin(self) -> Assessment:
        """Record which files are gone, and return the assessment of no file."""
        ledger, pending = self.run.ledger, self.pending
        records = ledger.files.find(pending.gone)
        _verify_indexed(ledger, records, ledger.entries.live_paths(pending.gone))
        left = left_by_other_news(self.run, records)
        self.gone.update(records)
        held_copies.note_gone(records, self.run)
        ledger.files.forget([*pending.gone])
        ledger.entries.mark_gone(
            pending.there, None if self.run.reread else pending.gone, self.run.now
        )
        ledger.entries.keep(left)
        ledger.state.latest_run = ledger.state.latest_run.then(self.run.now)
        return Assessment(released=tuple(left))

    def batches(self) -> Iterator[Batch]:
        """Yield the files that are due in batches, read; there is at least one.

        While a batch is recorded, other processes read the next one.
        """
        reader = self.reader if self.run.ledger.entries.is_empty else None
        days = partial(self.run.workers.days, reader) if reader else None
        begun = None
        for paths in cut(self.pending.to_read, self.pending.changed, days):
            before, begun = begun, self._begin(paths, is_first=begun is None)
            if before:
                yield self._read(before)
        if begun:
            if not self.run.is_trial:
                self.run.workers.warm()
            yield self._read(begun)

    def read(self, paths: Sequence[str]) -> Batch:
        """Read some files once more."""
        return self._read(self._begin(paths, is_first=False))

    def _begin(self, paths: Sequence[str], *, is_first: bool) -> BegunBatch:
        """Begin to read a batch of files; `is_first` if no other is being recorded."""
        ledger = self.run.ledger
        records = ledger.files.find(paths)
        if not self.reader:
            return BegunBatch(paths=paths, records=records, reading=None)
        reader = replace(
            self.reader,
            known=known_still(records, self.clock, self.still, self.run.now),
            waited=waited(records, self.run.now),
            losing=losing(records, self.reader.scan.files),
            endless=endless(records),
        )
        reader = knowing_entries(reader, paths, ledger)
        is_first = is_first and ledger.entries.is_empty
        reading = self.run.workers.begin(reader, paths, is_first=is_first)
        return BegunBatch(paths=paths, records=records, reading=reading)

    def _read(self, begun: BegunBatch) -> Batch:
        """Read a batch to its end, and add the problems that need no decision."""
        ledger, config, records = self.run.ledger, self.run.config, begun.records
        files = begun.reading.results() if begun.reading else []
        files = with_misspelt(files, config, ledger)
        unread = {one.path for one in files if one.story is None}
        live = ledger.entries.live_paths(begun.paths)
        _verify_indexed(ledger, records, live)
        files = without_stopped(files, ledger, live)
        files = without_faulty(files, self.run.request.faulty)
        files = without_unapproved(files, self.run, records)
        return Batch(paths=begun.paths, files=files, records=records, live=live, unread=unread)

    def decide(self, batch: Batch) -> DecidedBatch:
        """Decide on the stories of a batch."""
        ledger = self.run.ledger
        cooling, grace, now = self.run.config.cooling, self.run.config.grace, self.run.now
        memory = remembered(batch, self.run, self.gone)
        decided = partial(
            decide,
            memory=memory,
            publication=self.run.config.publication,
            now=now,
            cooling={one.path: changed_at(one) + cooling for one in batch.files if cooling},
            wrong_years=self._wrong_years(batch),
            approval=self.run.approval,
            unchanged=_unchanged(batch),
        )
        decision = named(batch.files, lambda files: decided(stories_of(files)))
        before = ledger.entries.find([entry.id for entry in decision.changed])
        decision, guarded = _guarded(decision, before, self.run)
        undecided = decision.undecided
        left = displaced_news(decision.changed, undecided, memory, grace=grace, now=now)
        decision = replace(decision, problems=(*decision.problems, *left))
        entries = tuple(
            entry
            for entry in decision.entries
            if before.get(entry.id) != entry or entry.id in decision.moved
        )
        return DecidedBatch(decision=decision, before=before, entries=entries, guarded=guarded)

    def _wrong_years(self, batch: Batch) -> WrongYears:
        """Return since when staff are warned of wrong years, and until when one waits."""
        begun = {
            path: min(moments)
            for path, record in batch.records.items()
            if (moments := [record.since[code] for code in wrong_year.CODES & record.since.keys()])
        }
        wait = max(wrong_year.WAIT, self.run.config.cooling)
        waits = self.run.request.serving or self.run.request.unsaved  # as `serve` would
        until = {one.path: changed_at(one) + wait for one in batch.files} if waits else {}
        return WrongYears(warned=begun, until=until)

    def record(self, batch: Batch, decided: DecidedBatch) -> Assessment:
        """Record a decision in the ledger, and return what changed by it."""
        entries, decision, now = decided.entries, decided.decision, self.run.now
        released = self._record_entries(batch, decided)
        forbid(batch, decision.problems, self.run)
        settle_overwritten(batch, self.run.ledger)
        held_copies.remember(batch, decision, self.gone, self.run.ledger)
        records, others = self._record_files(batch, decided)
        shown = {path for entry in decision.entries for path in media_of(entry.story)}
        if not self.run.is_trial:
            documents = [d for one in batch.files for d in one.documents if d.path in shown]
            self.run.producer.place(documents)
        asked = self.run.request.files
        return Assessment(
            files={path: one for path, one in records.items() if one.problems or path in asked},
            states={path: one.state for path, one in records.items()},
            newest=max((one.stamp.changed for one in records.values()), default=0),
            ids=tuple(entry.id for entry in entries),
            slugs=tuple(entry.slug for entry in entries),
            known=tuple(entry.id for entry in decision.changed),
            published=tuple(sorted(entry.story.path for entry in decision.arrived)),
            changed=decided.changed,
            renamed=decided.renamed,
            skipped=self.pending.scan.skipped,
            closed=self.pending.scan.closed,
            read=(*batch.paths, *others),
            gone=self.pending.gone,
            resume=resume(batch.files, self.still, self.clock, now),
            outcomes=decided.outcomes(batch.stories, asked),
            released=released,
            undecided=tuple(sorted(decision.undecided)),
            guarded=decided.guarded,
        )

    def _record_entries(self, batch: Batch, decided: DecidedBatch) -> tuple[str, ...]:
        """Record the new and changed entries; return the ids of those that lost their files."""
        ledger, now, decision = self.run.ledger, self.run.now, decided.decision
        originals = _originals(decided.entries, batch.files, self.run.config)
        seen = [*decided.seen_otherwise(self.run.config.publication), *decision.superseded]
        self.run.neighbours.note(seen, new={entry.id for entry in decision.arrived})
        ledger.entries.displace(decision.displaced, now)
        released = ledger.entries.accept(decided.entries, originals, now)
        arrived = {entry.story.path: entry.slug for entry in decision.arrived}
        superseded = {id_: arrived.get(path, "") for id_, path in decision.superseded.items()}
        ledger.entries.supersede(superseded, now)
        if self.run.reread:
            ledger.translations.settle()
        return (*decision.displaced, *superseded, *released)

    def _record_files(
        self, batch: Batch, decided: DecidedBatch
    ) -> tuple[dict[str, FileRecord], Collection[str]]:
        """Record the states of files; return all that have problems, and which others changed."""
        ledger, now, decision = self.run.ledger, self.run.now, decided.decision
        now_live = {entry.story.path: entry.id for entry in decision.entries}
        files = with_doubts(batch.files, now_live, ledger)
        records = {
            one.path: record_of(
                one,
                decision,
                self.run,
                batch.records.get(one.path),
                is_live=one.path in batch.live,
            )
            for one in files
        }
        records = with_requests(records, self.run)
        noted = ledger.files.noted()
        former = [entry.story.path for entry in decided.before.values()]
        others = doubted_before(noted, files, ledger, live=now_live, former=former, now=now)
        ledger.files.set(records | others, batch.records.keys() | others.keys())
        return noted | records | others, others.keys()

    def linking(self, published: Sequence[str]) -> list[str]:
        """Return the files whose texts name the file of an entry that was just published."""
        users = self.run.ledger.files.users(published) if published else []
        there = self.pending.scan.files
        return sorted({path for path in users if is_entry(path) and path in there})

    def finish(self, done: Assessment) -> Assessment:
        """Sort the files, without the stray documents that belong to an entry."""
        strays = self.pending.scan.strays
        named = self.run.ledger.files.used(
            [path for path in done.states if path in strays and not is_entry(path)]
        )
        files = {path: done.files[path] for path in sorted(done.files) if path not in named}
        states = {path: done.states[path] for path in sorted(done.states) if path not in named}
        return replace(done, files=files, states=states)


def _reader(run: Run, pending: PendingFiles, settled: int, clock: datetime) -> EntryReader:
    from dateline.entries.media.picture_store import PictureStore, as_it_is  # noqa: PLC0415
    from dateline.entries.reader import EntryReader  # noqa: PLC0415 - only where a file is due

    seen, is_unsaved = pending.scan, bool(run.request.unsaved)
    waits = _waits(run)
    store = PictureStore(
        folder=run.config.renditions,
        live=run.config.feeds_folder / MEDIA_FOLDER,
        workshop=run.request.workshop if waits and not run.reread else None,
        is_read_only=run.is_trial,
    )
    if run.reread and not run.is_trial:
        store.prune(clock - _KEPT)
    return EntryReader(
        folder=run.config.entries,
        scan=seen,
        publication=run.config.publication,
        now=run.now,
        clock=nanoseconds(clock),
        settled=2**63 if is_unsaved else settled,  # a trial waits for no file
        waits=waits,
        picture_of=as_it_is if is_unsaved else store.picture,
        unsaved=run.request.unsaved,
        page_of=run.ledger.translations.namings.page_of(run.config.publication.url),
    )


def _waits(run: Run) -> bool:
    """Return whether entries wait for files that they name.

    A first run is of files that were there before, and their order is that of the dates.
    """
    return run.request.serving and not run.ledger.entries.is_empty


def _is_of_files_alone(run: Run) -> bool:
    """Return whether a file means the same in another process, which has no workshop."""
    has_workshop = run.request.workshop is not None and _waits(run) and not run.reread
    return run.request.is_full and not run.request.unsaved and not has_workshop


def _verify_indexed(
    ledger: Ledger, records: Mapping[str, FileRecord], live: Collection[str]
) -> None:
    """Raise `LedgerError` if an index does not find the live entry of a file that has one."""
    were_live = [path for path, one in records.items() if one.state == "live"]
    ledger.entries.verify_not_live([path for path in were_live if path not in live])


def _unchanged(batch: Batch) -> frozenset[str]:
    """Return the files of live entries that are as they were when they were published."""
    return frozenset(
        path for path, known in batch.unchanged() if known.state in {"live", "scheduled"}
    )


def _guarded(
    decision: Decision, before: Mapping[str, Entry], run: Run
) -> tuple[Decision, tuple[Problem, ...]]:
    """Hold the entries updated without a correction, if they are too many to be true."""
    moved = updated_at_once(decision.changed, before, run.ledger.entries.count)
    code = code_of("many-updated", (f"{entry.id} {entry.story.updated}" for entry in moved))
    if not moved or run.approval.code == code:
        return decision, ()
    held = {entry.id for entry in moved}
    found = [Problem(code="updated-held", file=e.story.path, field="updated") for e in moved]
    return replace(
        decision,
        changed=tuple(entry for entry in decision.changed if entry.id not in held),
        undecided=decision.undecided | held,
        problems=(*decision.problems, *found),
    ), (Problem(code="many-updated", file=run.folder_name, found=len(moved), wanted=code),)


def _originals(
    entries: Sequence[Entry], files: Sequence[ReadResult], config: Config
) -> dict[str, Original]:
    accepted = [entry.story.path for entry in entries]
    if config.source:
        names = {path: author(config, path) for path in accepted}
    else:
        names = owners(config.entries, accepted)
    return {
        one.path: Original(data=one.data, owner=names[one.path])
        for one in files
        if one.path in names
    }
