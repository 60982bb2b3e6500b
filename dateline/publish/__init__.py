"""One run: entries in, documents out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial

from dateline.config import Config
from dateline.documents import manifest
from dateline.errors import Problem, RenderFault
from dateline.ledger import Ledger, exclusive
from dateline.ledger.engine import refusal
from dateline.ledger.rows import FileRecord
from dateline.model import Report, Story
from dateline.publish import sources
from dateline.publish.assess import Assessor, held_copies
from dateline.publish.assess.batches import Batch
from dateline.publish.assess.changes import PendingFiles, scan
from dateline.publish.assess.faults import DecisionFault, deciding, held_before
from dateline.publish.assess.held_files import not_in_held_files, overwritten, set_overwritten
from dateline.publish.assess.outcome import Assessment
from dateline.publish.membership import update_membership
from dateline.publish.move_site import follow_site, keep_term_feeds
from dateline.publish.notify import last_run
from dateline.publish.notify.report import RunResult, announce, folder_record, newest_file
from dateline.publish.produce import Producer, StaleSet
from dateline.publish.produce.workers import Workers
from dateline.publish.recovery import ledger_url, recall, traces, with_ledger
from dateline.publish.run import Run, RunRequest
from dateline.rules.guards import NOTHING
from dateline.rules.identity.copies import COMPARED
from dateline.rules.taxonomy import topical
from dateline.rules.withdrawals import Missing, Withdrawals, gone_code, withdrawals
from dateline.system import heartbeat

__all__ = [
    "NOTHING",
    "RunRequest",
    "build",
    "find",
    "ledger_url",
    "note_looked",
    "prepare",
    "publish",
]


_MOST_FAULTS = 5  # files: if there are more at once, the fault is not theirs
_log = logging.getLogger(__name__)


def build(config: Config, request: RunRequest) -> Report:
    """Do one run with the configured ledger, after any run that another process has begun.

    While the entries folder has half of a commit, what is due is published, and no file is checked.
    """
    with exclusive(config.state):
        if not sources.finish(config, is_full=request.is_full):
            request = replace(request, changed_files=())
        if request.takedown:
            last_run.forget(config)  # it may quote the entry, also if this run fails
        report = _without_faults(config, request)
        last_run.keep(config, report, request.now)
    return report


def _without_faults(config: Config, request: RunRequest) -> Report:
    """Do one run, and hold files that cannot be decided on or rendered by a fault of Dateline.

    Nothing is committed when that is found, so the run begins again. Files that were held for a
    fault before are not logged again and do not count: in time they may be many.
    """
    before, found = frozenset[str](), 0
    while True:
        try:
            return with_ledger(config, partial(_published, config, request=request), request.now)
        except (RenderFault, DecisionFault) as fault:
            if not before:
                with Ledger(ledger_url(config)) as ledger:
                    before = held_before(ledger)
            if isinstance(fault, RenderFault):
                path, what = fault.path, "rendered"
            else:
                path, what = _cause(config, request, fault, before), "decided on"
            is_new = path not in before
            found += is_new
            if path in ("", *request.faulty) or found > _MOST_FAULTS:
                raise refusal(fault.__cause__) or fault from fault.__cause__
            if is_new:
                _log.exception("%s cannot be %s. It is held.", path, what)
            request = replace(request, faulty=(*request.faulty, path), processes=None)


def _cause(
    config: Config, request: RunRequest, fault: DecisionFault, before: Collection[str]
) -> str:
    """Return the first file with which nothing can be decided.

    Empty if that is so without any, or has passed. Found by halves: each time all files from a
    place on are held. Those that were held for a fault before are the first that are tried.
    """
    if refusal(fault.__cause__) and _can_decide(config, request, ()):
        return ""  # another process was at the same ledger
    paths = [path for path in fault.paths if path not in request.faulty]
    known = [path for path in paths if path in before]
    if known and _can_decide(config, request, known):
        paths = known
    elif not paths or not _can_decide(config, request, paths):
        return ""
    good, bad = 0, len(paths)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _can_decide(config, request, paths[middle:]):
            good = middle
        else:
            bad = middle
    return paths[good]


def _can_decide(config: Config, request: RunRequest, held: Sequence[str]) -> bool:
    """Return whether all can be decided while these files are held; nothing is committed."""
    faulty = (*request.faulty, *held)
    trial = replace(request, faulty=faulty, processes=None, workshop=None)
    with Ledger(ledger_url(config)) as ledger:
        run = prepare(config, ledger, trial, is_trial=True)
        with closing(run.workers):
            try:
                find(run)
            except DecisionFault:
                return False
    return True


def _published(config: Config, ledger: Ledger, *, request: RunRequest) -> Report:
    report = publish(config, ledger, request)
    remarks = traces.leave(config, ledger, goes_on=request.serving)
    return replace(report, remarks=(*report.remarks, *remarks)) if remarks else report


def publish(config: Config, ledger: Ledger, request: RunRequest) -> Report:
    """Publish what is new, changed or due, and withdraw what is gone.

    Scan, read, decide, record, select, render, store, announce. Raises `LedgerError` and
    `StoreError`; the next run then finishes this one.
    """
    sources.verify(config, ledger)
    if request.is_full:
        ledger.finish_purge(request.now)
    if config.store:
        from dateline.publish.produce.editions import catch_up  # noqa: PLC0415 - few have one

        catch_up(config, config.store, ledger, is_full=request.is_full)
    run = prepare(config, ledger, request)
    with closing(run.workers):
        run.producer.begin(is_full=request.is_full)
        _record(run)
        found = find(run)
        run.producer.check_reported()  # removes the report, which a run that gave way would lose
        rendered = run.producer.render(found.stale, request.progress)
        produced = run.producer.store(found.stale, rendered)
        run.workers.end()
        report = announce(run, found, produced)
        # Beside many entries it takes tens of seconds, in which news would wait. A document that
        # waits for the next second may have what was taken down: that run goes on.
        is_quiet = not request.serving or (request.is_full and not produced.documents)
        if produced.resume is None:
            run.producer.keep_whole(request.give_way, is_quiet=is_quiet)
    return report


def _record(run: Run) -> None:
    """Record what staff did, with the entries as they were called when they did it."""
    for act in run.request.acts:
        id_ = act.entry_id or (act.path and run.ledger.entries.id_of(act.path)) or ""
        run.ledger.acts.record(
            moment=act.moment,
            person=act.person,
            act=act.act,
            path=act.path,
            entry_id=id_,
            detail=act.detail,
        )


def note_looked(config: Config, looked: datetime, late: datetime) -> None:
    """Note a check in the store, for machines that follow. Raises `StoreError`."""
    if config.store:
        from dateline.publish.produce import editions  # noqa: PLC0415

        editions.note_looked(config, looked, late)


def find(run: Run) -> RunResult:
    """Scan, read, decide, record and select; nothing is committed."""
    before = run.ledger.files.folder(run.folder_name)
    pending = scan(run)
    with deciding(pending.to_read):
        return _decided(run, pending, before)


def _decided(run: Run, pending: PendingFiles, before: FileRecord | None) -> RunResult:
    """Read, decide, record and select, with the `before` record of the whole folder."""
    assessment = _assess(run, pending)
    back = run.ledger.entries.keep_no_more(assessment.known)
    gone = _withdraw(run, assessment)
    run.neighbours.note(gone.ids)
    run.ledger.entries.withdraw(gone.ids, run.now)
    run.ledger.entries.keep(gone.kept)
    changed = (*assessment.ids, *gone.ids, *gone.kept, *back, *assessment.released)
    stale, guarded = _select(run, assessment, changed)
    guarded = (*run.held, *assessment.guarded, *gone.guarded, *guarded)
    folder = folder_record(guarded, before, run.now)
    if folder or before:
        run.ledger.files.set_folder(run.folder_name, folder)
    if run.request.is_full:
        run.ledger.files.set_folders(pending.folders)
    return RunResult(
        skipped=pending.skipped,
        is_compared=bool(pending.folders),
        assessment=assessment,
        withdrawals=gone,
        stale=stale,
        folder=folder,
        newest=newest_file(run.ledger, assessment.newest, run.request.clock),
    )


def _assess(run: Run, pending: PendingFiles) -> Assessment:
    """Read the files that are due, decide on them and record it, a batch at a time."""
    assessor = Assessor.of(run, pending)

    def assessed(batch: Batch) -> Assessment:
        return assessor.record(batch, assessor.decide(batch))

    done = Assessment.together([assessor.begin(), *map(assessed, assessor.batches())])
    if linking := assessor.linking(done.published):
        done = Assessment.together([done, assessed(assessor.read(linking))])
    if run.request.is_full and not done.resume and run.ledger.state.has_lost_approvals:
        run.ledger.state.has_lost_approvals = False
    return assessor.finish(done)


def prepare(config: Config, ledger: Ledger, request: RunRequest, *, is_trial: bool = False) -> Run:
    """Recover the ledger, take down what is to go, and follow the site to another address."""
    standing = manifest.status(config.feeds_folder)
    remarks = recall(config, ledger, request.now, standing)
    neighbours = ledger.neighbours(topical(config.feeds), request.now)
    neighbours.note([request.takedown] if request.takedown else [])
    taken: tuple[Story, ...] = ()
    if request.takedown:
        versions = ledger.entries.versions(request.takedown)
        taken = tuple(one.story for one in versions[-COMPARED:])
        ledger.entries.purge(request.takedown, request.now)
        held_copies.forget(ledger, {one.story.path for one in versions})
        ledger.state.settle_withdrawal(request.takedown)
        if config.store:
            ledger.state.is_takedown_left = True
    config, held = follow_site(config, ledger, request.approval)
    config, kept = keep_term_feeds(config, ledger, request.approval)
    workers = Workers(config, ledger.url, request.now, request.processes)
    producer = Producer(config, ledger, standing, now=request.now, workers=workers)
    if request.rebuild:
        ledger.documents.mark_unfinished()
    reread = request.rebuild or producer.must_reread
    rebuild = request.rebuild or producer.must_rebuild
    if rebuild:
        from dateline.render.pages.trial import trial  # noqa: PLC0415 - it imports all that renders

        trial(config.publication, config.feeds)
    return Run(
        request=request,
        config=config,
        ledger=ledger,
        neighbours=neighbours,
        producer=producer,
        workers=workers,
        reread=reread,
        rebuild=rebuild,
        is_trial=is_trial,
        held=(*held, *kept),
        taken=taken,
        remarks=remarks,
    )


def _withdraw(run: Run, assessment: Assessment) -> Withdrawals:
    """Decide which entries without a file are withdrawn: none while files are being moved.

    Nobody asks for their withdrawal any more.
    """
    if assessment.resume or assessment.closed:
        return Withdrawals()
    answered, undecided = run.approval.code, assessment.undecided
    missing = _missing(run.ledger)
    decided = [one for one in missing if one.id not in undecided or gone_code(one.id) == answered]
    gone = [*not_in_held_files(decided, run, assessment.files)]
    free = {one.id for one in gone}
    run.ledger.entries.suspend_missing([one for one in missing if one.id not in free], run.now)
    found = withdrawals(
        gone,
        run.ledger.entries.count_with_files,
        grace=run.config.grace,
        approval=run.approval,
        folder=run.folder_name,
        now=run.now.astimezone(run.config.publication.zone),
    )
    if found.guarded:
        run.ledger.entries.suspend_grace(gone, run.now)
    if found.kept:
        asked = overwritten(run.ledger)
        set_overwritten(run.ledger, {id_: asked[id_] for id_ in asked.keys() - {*found.kept}})
    for id_ in found.ids if run.ledger.state.withdrawal_requests else ():
        run.ledger.state.settle_withdrawal(id_)
    return found


def _missing(ledger: Ledger) -> list[Missing]:
    """Return the live entries whose files are gone, and forget what is known of others."""
    asked = overwritten(ledger)
    missing = ledger.entries.missing(asked)
    if asked:
        set_overwritten(ledger, {one.id: asked[one.id] for one in missing if one.had_other_news})
    return missing


def _select(
    run: Run, assessment: Assessment, changed: Sequence[str]
) -> tuple[StaleSet, tuple[Problem, ...]]:
    """Update which feeds list the changed entries, and return what is stale, and what is held."""
    ledger = run.ledger
    back = ledger.entries.expired_later(run.now, ledger.state.last_change)
    ids = (*changed, *back, *filter(None, [run.request.takedown]))
    heartbeat.beat(heartbeat.LONG if run.reread else 0)
    membership = update_membership(run, None if run.reread else ids)
    stale = StaleSet(
        slugs=assessment.slugs,
        ids=tuple({*ids, *membership.ids}),
        kin=() if run.reread else tuple(ledger.translations.concerned(ids)),
        linking=() if run.reread else tuple(run.neighbours.concerned({*membership.ids, *back})),
        feeds=membership.feeds,
        archives=membership.archives,
        rebuild=run.rebuild,
    )
    return stale, membership.guarded
