"""The report of a run to staff, and the notices that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.config import Config
from dateline.documents.manifest import ManifestFault
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.ledger.rows import FileRecord
from dateline.model import Report
from dateline.publish.assess.changes import PendingFiles
from dateline.publish.assess.outcome import Assessment
from dateline.publish.notify import alarm, problem_files, soundness, websub
from dateline.publish.produce import Produced, StaleSet, scrub
from dateline.publish.run import Run
from dateline.rules.withdrawals import Withdrawals


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run found and decided: on files, on those that are gone, and on documents.

    `folder` is the record of the entries folder as a whole, where a guard holds anything. `newest`
    is the time of a file that is well ahead of the clock.
    """

    pending: PendingFiles
    assessment: Assessment
    withdrawals: Withdrawals
    stale: StaleSet
    folder: FileRecord | None
    newest: datetime | None


def folder_record(
    guarded: Sequence[Problem], before: FileRecord | None, now: datetime
) -> FileRecord | None:
    """Return the record of the folder as a whole: held, where a guard holds anything."""
    if not guarded:
        return None
    record = FileRecord(
        stamp=FileStamp(0, 0), state=State.HOLD.value, beside={}, problems=tuple(guarded)
    )
    return record.after(before, now)


def report(config: Config, found: RunResult) -> Report:
    """Return what was found, in the order of the files' names and the newsroom's language."""
    assessment, gone = found.assessment, found.withdrawals
    records = dict(assessment.files)
    if found.folder:
        records[found.folder.problems[0].file] = found.folder
    since = {
        (path, code): moment
        for path, record in records.items()
        for code, moment in record.since.items()
    }
    since |= {(problem.file, problem.code): moment for problem, moment in gone.notices}
    problems = [problem for record in records.values() for problem in record.problems]
    problems += [problem for problem, _ in gone.notices]
    return Report(
        problems=tuple(in_newsroom_language(config, problems)),
        states={path: record.state for path, record in records.items()},
        published=assessment.published,
        changed=assessment.changed,
        renamed=assessment.renamed,
        missing=gone.missing,
        withdrawn=gone.paths,
        since=since,
    )


def in_newsroom_language(config: Config, problems: Sequence[Problem]) -> list[Problem]:
    """Return problems whose messages are in the newsroom's language."""
    language = config.newsroom.language
    return [replace(problem, language=language) for problem in problems]


def announce(run: Run, found: RunResult, produced: Produced) -> Report:
    """Write the files that report problems, and return the report of the run."""
    done = report(run.config, found)
    hubs = list(websub.problems(run.config, run.ledger))
    lost = scrub.lost(run.ledger)
    return replace(
        done,
        problems=(*done.problems, *(problem for problem, _ in hubs)),
        since={**done.since, **{(problem.file, problem.code): moment for problem, moment in hubs}},
        remarks=(
            *run.remarks,
            *_rewritten(produced.faults),
            *scrub.remarks(produced.damaged, lost),
            *_write_problem_files(run, done, found),
        ),
        documents=tuple(sorted(produced.documents)),
        conditions=soundness.conditions(
            run.config, run.ledger, now=run.now, newest=found.newest, lost=lost
        ),
        next=_next_run(run, found, produced),
    )


def _next_run(run: Run, found: RunResult, produced: Produced) -> datetime | None:
    """Return the next moment at which a run has something to do."""
    moments = (
        found.assessment.resume,
        found.withdrawals.next,
        produced.resume,
        run.ledger.next_due(run.now),
        alarm.next_due(run.config, run.ledger, run.now),
        websub.next_due(run.config, run.ledger, run.now),
    )
    return min((moment for moment in moments if moment), default=None)


def _write_problem_files(run: Run, done: Report, found: RunResult) -> tuple[str, ...]:
    """Write the problems beside the files; return remarks on those that cannot be written."""
    assessment, folder = found.assessment, run.config.entries
    skipped = (*assessment.skipped, *found.pending.skipped)
    if found.pending.folders:  # some files changed state by the passing of time alone
        skipped = (*skipped, *map(problem_files.beside, assessment.read))
    there = [path for path in skipped if path.endswith(problem_files.ENDING)]
    if not run.config.problem_files:
        problem_files.remove(folder, [*there, *problem_files.names(folder, done)])
        return ()
    only = None if run.request.is_full else {*assessment.read, *assessment.gone}
    return problem_files.put(folder, done, there, run.now, only=only)


def _rewritten(faults: Mapping[str, ManifestFault]) -> Iterator[str]:
    """Yield which files of the manifest were written again, and why."""
    for name, fault in faults.items():
        yield f"feeds/{name} was {fault}. It was written again from the ledger; nothing is lost."
