"""Check the entries: a run that is rolled back and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.config import Config
from dateline.entries.filenames import is_entry
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.model import Entry, Report
from dateline.publish import find, prepare
from dateline.publish.assess.approvals import uses_unapproved
from dateline.publish.assess.faults import held_before
from dateline.publish.assess.forecast import entry_of, outlook
from dateline.publish.assess.held_copies import OF_WAITING
from dateline.publish.assess.outcome import FileOutcome
from dateline.publish.assess.status import ON_LIVE
from dateline.publish.notify.report import in_newsroom_language, report
from dateline.publish.recovery import readable_ledger
from dateline.publish.recovery.writer import refuse_strangers
from dateline.publish.run import RunRequest
from dateline.rules.story_json import content_digest
from dateline.system import safe_files

PATIENCE = 10.0  # seconds that somebody who sends a file waits for a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What becomes of a file once it is saved: its `state` is that of a `FileRecord`.

    `due` is when a scheduled one appears. `address` is where readers will have it, or empty for a
    draft and for a file that is held. `problems` are all that staff would read about it. It
    `changes_retraction` if it retracts an entry that readers have, or undoes that, now or later,
    and `returns` if it brings back one that was withdrawn.
    It `waits` for an editor if its bytes do under another name, or a file that it uses, whoever
    saves it.
    """

    state: str
    due: datetime | None
    address: str
    changes_retraction: bool
    returns: bool
    waits: bool
    problems: tuple[Problem, ...]


def foresee(
    config: Config, path: str, data: bytes, now: datetime, *, patience: float = PATIENCE
) -> Foreseen:
    """Return what would become of the entry `path` if it had these bytes; nothing is written.

    It is checked with all that is published and all that lies beside it, also by the guards. It is
    no copy of a file that is gone, also if no run has missed that yet.
    Raises `DatelineError`; if a run goes on for longer than `patience` seconds, `RunAtWorkError`.
    """
    request = RunRequest(
        now=now, clock=now, changed_files=[path], files=[path], unsaved={path: data}
    )
    found = _foreseen(config, path, request, patience)
    if any(_is_of_gone_file(config, problem) for problem in found.problems):
        # It may have another name now, which a scan of all files finds.
        found = _foreseen(config, path, replace(request, changed_files=None), patience)
    return found


def _is_of_gone_file(config: Config, problem: Problem) -> bool:
    """Return whether a file would be a copy of one that no run has missed yet."""
    original = str(problem.found)
    is_of_file = problem.code in OF_WAITING and is_entry(original)
    return is_of_file and safe_files.is_certainly_gone(config.entries / original)


def _foreseen(config: Config, path: str, request: RunRequest, patience: float) -> Foreseen:
    data = request.unsaved[path]
    with readable_ledger(config, patience=patience) as ledger:
        refuse_strangers(config, ledger)
        live = [*ledger.entries.find(ledger.entries.ids_of([path])).values()]
        out = ledger.entries.live_contents([path]).get(path)
        run = prepare(config, ledger, _beside_faults(ledger, request), is_trial=True)
        with closing(run.workers):
            assessment = find(run).assessment
        record, outcome = assessment.files[path], assessment.outcomes.get(path)
        entry = entry_of(outcome, run) if outcome else None
        is_new = outcome is not None and out != content_digest(outcome.story)
        may_wait = is_new and record.state != "draft"
        returns = outcome is not None and _returns(outcome, entry, ledger)
        waits = may_wait and uses_unapproved(path, data, record.beside, run)
    is_saved = _is_saved(config, path, data)
    problems = [one for one in record.problems if is_saved or one.code not in ON_LIVE]
    return Foreseen(
        state=record.state,
        due=record.due if record.state == "scheduled" else None,
        address=f"{run.config.publication.url}{entry.slug}.html" if entry else "",
        changes_retraction=outcome is not None and _changes_retraction(outcome, live),
        returns=returns,
        waits=waits,
        problems=tuple(in_newsroom_language(config, problems)),
    )


def _beside_faults(ledger: Ledger, request: RunRequest) -> RunRequest:
    """Return a request that holds what a fault of Dateline holds already."""
    return replace(request, faulty=held_before(ledger) - request.unsaved.keys())


def _is_saved(config: Config, path: str, data: bytes) -> bool:
    """Return whether the file has these bytes already."""
    try:
        return safe_files.read(str(config.entries), path, len(data) + 1)[0] == data
    except OSError:
        return False


def _changes_retraction(outcome: FileOutcome, live: Sequence[Entry]) -> bool:
    """Return whether a file retracts an entry, or undoes that: its own, or that of its name."""
    before = [*live, *([outcome.before] if outcome.before else [])]
    is_retracted = bool(outcome.story.retraction)
    return any(is_retracted != bool(one.story.retraction) for one in before)


def _returns(outcome: FileOutcome, entry: Entry | None, ledger: Ledger) -> bool:
    """Return whether a file brings back an entry that was withdrawn, now or at its moment."""
    if outcome.before or not (outcome.entry or outcome.moment):
        return False
    # At its moment it would be no new entry; now it has a version more than before.
    return entry is None or len(ledger.entries.versions(entry.id)) > 1


def check(config: Config, request: RunRequest, folders: Collection[str] = ()) -> Report:
    """Return what a run would report, and write nothing.

    If the request names `files`, or there are `folders`, report on these alone, and on what becomes
    of the good files that are named. A folder ends with a slash; an empty text is all of them.
    """
    # The run is made in the ledger itself, and rolled back: no other process may use it.
    with readable_ledger(config) as ledger:
        refuse_strangers(config, ledger)
        run = prepare(config, ledger, _beside_faults(ledger, request), is_trial=True)
        with closing(run.workers):
            found = find(run)
        done, good = report(run.config, found), ledger.files.fine()
        ahead = [one for path in request.files for one in outlook(path, found.assessment, run)]
    skipped = [Problem(code="file-skipped", file=path) for path in found.assessment.skipped]
    problems = (*done.problems, *in_newsroom_language(config, [*skipped, *ahead]))
    whole = replace(done, problems=problems, states=dict(sorted({**good, **done.states}.items())))
    if request.files or folders:
        return _limited(whole, request.files, tuple(folders))
    return whole


def _limited(report: Report, files: Collection[str], folders: tuple[str, ...]) -> Report:
    """Return what a report has on these files, and on all below these folders."""

    def is_meant(path: str) -> bool:
        return path in files or path.startswith(folders) or f"{path}/" in folders

    return replace(
        report,
        problems=tuple(problem for problem in report.problems if is_meant(problem.file)),
        states={path: state for path, state in report.states.items() if is_meant(path)},
        published=tuple(path for path in report.published if is_meant(path)),
        changed=tuple(path for path in report.changed if is_meant(path)),
        renamed=tuple(pair for pair in report.renamed if is_meant(pair[1])),
        missing=tuple(path for path in report.missing if is_meant(path)),
    )
