"""The report of a run to staff, the conditions that it found, and the notices that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dateline.config import Config
from dateline.documents.manifest import ManifestFault
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.model import Report
from dateline.publish.assess.outcome import Assessment
from dateline.publish.notify import alarm, cdn, problem_files, websub
from dateline.publish.produce import Produced, StaleSet, scrub
from dateline.publish.run import Run
from dateline.rules.withdrawals import Withdrawals
from dateline.system.condition import Code, Condition

# News that is dropped at once is dated some minutes ahead where there is no room behind it.
_TOLERATED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run found and decided: on files, on those that are gone, and on documents.

    `skipped` are ignored files in folders that changed, if folders were compared (`is_compared`).
    `folder` is the record of the entries folder as a whole, where a guard holds anything. `newest`
    is the time of a file that is well ahead of the clock.
    """

    skipped: tuple[str, ...]
    is_compared: bool
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
    records, states = dict(assessment.files), dict(assessment.states)
    if found.folder:
        name = found.folder.problems[0].file
        records[name], states[name] = found.folder, found.folder.state
    since = {
        (path, code): moment
        for path, record in records.items()
        for code, moment in record.since.items()
    }
    since |= {(problem.file, problem.code): moment for problem, moment in gone.notices}
    problems = [problem for record in records.values() for problem in record.problems]
    problems += [problem for problem, _ in gone.notices]
    problems += websub.wrong_settings(config)
    return Report(
        problems=tuple(in_newsroom_language(config, problems)),
        states=states,
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
    return replace(
        done,
        problems=(*done.problems, *(problem for problem, _ in hubs)),
        since={**done.since, **{(problem.file, problem.code): moment for problem, moment in hubs}},
        remarks=(
            *run.remarks,
            *_rewritten(produced.faults),
            *scrub.remarks(produced.damaged, produced.lost),
            *_write_problem_files(run, done, found),
        ),
        documents=tuple(sorted(produced.documents)),
        conditions=_conditions(run, found.newest, produced),
        next=_next_run(run, found, produced),
    )


def _next_run(run: Run, found: RunResult, produced: Produced) -> datetime | None:
    """Return the next moment at which a run has something to do."""
    moments = (
        found.assessment.resume,
        found.withdrawals.next,
        produced.resume,
        produced.horizon.due,
        alarm.next_due(run.config, run.ledger, run.now),
        websub.next_due(run.config, run.ledger, run.now),
        cdn.next_due(run.config, run.ledger, run.now),
    )
    return min((moment for moment in moments if moment), default=None)


def _write_problem_files(run: Run, done: Report, found: RunResult) -> tuple[str, ...]:
    """Write the problems beside the files; return remarks on those that cannot be written."""
    assessment, folder = found.assessment, run.config.entries
    skipped = (*assessment.skipped, *found.skipped)
    if found.is_compared:  # some files changed state by the passing of time alone
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


# ---- Conditions: a run that ended well may find hubs that refuse, or a clock that is off


def _conditions(run: Run, newest: datetime | None, produced: Produced) -> tuple[Condition, ...]:
    """Return what keeps news from readers, or makes it wrong, after this run.

    `newest` is the time of a file that is ahead of the clock, as `newest_file` gives it.
    """
    lost = produced.lost
    documents = [Condition(code=Code.DOCUMENTS, detail=scrub.named(lost))] if lost else []
    clock = _clock(run.now, newest, produced.horizon.newest)
    others = (*websub.conditions(run.config, run.ledger), *cdn.conditions(run.config, run.ledger))
    return (*others, *clock, *documents)


def newest_file(ledger: Ledger, changed: int, clock: datetime) -> datetime | None:
    """Return the time of the newest file where that is well ahead of the clock.

    `changed` is that of the files that this run read, in nanoseconds since 1970. The ledger
    remembers that there is such a file until there is none.
    """
    limit = clock + _TOLERATED
    is_ahead = changed > limit.timestamp() * 1e9
    if not (is_ahead or ledger.state.is_file_ahead):
        return None
    newest = datetime.fromtimestamp(ledger.files.newest() / 1e9, UTC)
    ledger.state.is_file_ahead = newest > limit
    return newest if newest > limit else None


def _clock(now: datetime, newest: datetime | None, entry: datetime | None) -> Iterator[Condition]:
    """Yield whether the clock is behind the newest file or the newest `entry`."""
    ahead = [newest] if newest else []
    if entry and entry > now + _TOLERATED:
        ahead.append(entry)
    if ahead:
        found = f"{now:%Y-%m-%d %H:%M} < {max(ahead):%Y-%m-%d %H:%M} UTC"
        yield Condition(code=Code.CLOCK, detail=found)
