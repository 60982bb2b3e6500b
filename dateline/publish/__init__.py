"""The line itself: entries in, documents out. What does one run do, and in what order?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.config import Config
from dateline.documents import manifest
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.ledger import Ledger, exclusive
from dateline.ledger.rows import FileRecord
from dateline.model import Report
from dateline.publish.assess import Place, examine, nowhere
from dateline.publish.assess.changes import compare
from dateline.publish.assess.forecast import outlook
from dateline.publish.assess.outcome import Assessment
from dateline.publish.membership import Enrolment, enrol
from dateline.publish.notify import alarm, problem_files, soundness, websub
from dateline.publish.produce import Producer, Progress, StaleSet, scrub, silent
from dateline.publish.recovery import ledger_path, ledger_url, recall, with_ledger
from dateline.render.pages.trial import trial
from dateline.rules.guards import Approval, code_of
from dateline.rules.withdrawals import Withdrawals, withdrawals
from dateline.system import heartbeat

__all__ = ["NOTHING", "RunResult", "build", "check", "find", "ledger_url", "publish", "report"]

NOTHING = Approval()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run found, and decided: of files, of those that are gone, of feeds.

    `ids` are of the entries that are concerned, `kin` of those in groups of translations with them.
    """

    examined: Assessment
    withdrawals: Withdrawals
    enrolment: Enrolment
    ids: tuple[str, ...]
    kin: tuple[str, ...]
    folder: FileRecord | None


def build(
    config: Config,
    *,
    now: datetime,
    clock: datetime,
    answer: Approval = NOTHING,
    takedown: str = "",
    told: Collection[str] | None = None,
    anew: bool = False,
    serving: bool = False,
    progress: Progress = silent,
) -> Report:
    """Do one run with the ledger that `config` names; a run under way elsewhere is waited for.

    `answer` is to a guard, `takedown` the id of an entry that is to be gone everywhere. Where
    `told` says which files changed, by their paths under `entries/`, no others are looked at;
    where all is made `anew`, nothing is taken for granted. While `serving` there is time to wait
    for what may be a slip. `progress` hears how far it is.
    """

    def run(ledger: Ledger) -> Report:
        return publish(
            config,
            ledger,
            now=now,
            clock=clock,
            answer=answer,
            takedown=takedown,
            told=told,
            anew=anew,
            serving=serving,
            progress=progress,
        )

    with exclusive(config.state):
        return with_ledger(config, run, now)


def check(config: Config, *, now: datetime, clock: datetime, asked: Sequence[str] = ()) -> Report:
    """Say what a run would find, and write nothing.

    Where files are `asked` for, by their paths under `entries/`, only of these, and what will
    become of the good ones.
    """
    there = ledger_path(config).exists()
    # The run is made on the ledger itself, and taken back: nobody else may be at it.
    lock = exclusive(config.state) if there else nullcontext()
    with lock, Ledger(ledger_url(config) if there else "sqlite://") as ledger:
        recall(config, ledger, now)
        config, guarded = _settled(config, ledger, NOTHING)
        press = Producer(config, ledger, now=now)
        if press.starts_anew:
            trial(config.publication, config.feeds)
        found = find(
            config,
            ledger,
            now=now,
            clock=clock,
            anew=press.judges_anew,
            asked=asked,
            guarded=guarded,
        )
        said, fine = report(config, found), ledger.files.fine()
        ahead = [
            problem
            for path in asked
            for problem in outlook(path, found.examined, ledger, config=config, now=now)
        ]
    skipped = [Problem(code="file-skipped", file=path) for path in found.examined.skipped]
    told = (*said.problems, *_said(config, [*skipped, *ahead]))
    if not asked:
        return replace(said, problems=told, states=dict(sorted({**fine, **said.states}.items())))
    return replace(
        said,
        problems=tuple(problem for problem in told if problem.file in asked),
        states={path: state for path, state in said.states.items() if path in asked},
        published=tuple(path for path in said.published if path in asked),
        changed=tuple(path for path in said.changed if path in asked),
        renamed=tuple(pair for pair in said.renamed if pair[1] in asked),
        missing=tuple(path for path in said.missing if path in asked),
    )


def publish(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    clock: datetime,
    answer: Approval = NOTHING,
    takedown: str = "",
    told: Collection[str] | None = None,
    anew: bool = False,
    serving: bool = False,
    progress: Progress = silent,
) -> Report:
    """Do one run: publish what is new, changed or due, and withdraw what is gone.

    `now` is the moment that readers are told, `clock` the machine's, by which files are
    judged to hold still; they differ only where a build is to be repeated. Raises
    `LedgerError` and `StoreError`; then the next run finishes what this one began.
    """
    recalled = recall(config, ledger, now)
    if takedown:
        ledger.entries.purge(takedown, now)
    config, guarded = _settled(config, ledger, answer)
    press = Producer(config, ledger, now=now)
    if anew:
        ledger.documents.mark_unfinished()
    judges = anew or press.judges_anew
    anew = anew or press.starts_anew
    if anew:
        trial(config.publication, config.feeds)
    damaged: tuple[str, ...] = ()
    if told is None:
        damaged = scrub.scrub(config.feeds_folder, ledger)
        press.verify()
    press.begin(damaged)
    tree = compare(config.entries, ledger.files) if told is None and not judges else None
    found = find(
        config,
        ledger,
        now=now,
        clock=clock,
        anew=judges,
        answer=answer,
        purged=takedown,
        guarded=guarded,
        told=told if tree is None else tree.few,
        place=press.place,
        serving=serving,
    )
    if told is None:
        ledger.files.set_folders(tree.folders if tree else {})
    said = report(config, found)
    stamps = (record.stamp.changed for record in found.examined.files.values())
    newest = soundness.newest_file(ledger, stamps, clock)
    pressed = press.run(
        StaleSet(
            slugs=found.examined.slugs,
            ids=tuple({*found.ids, *found.enrolment.ids}),
            kin=found.kin,
            feeds=found.enrolment.feeds,
            archives=found.enrolment.archives,
            anew=anew,
        ),
        progress,
    )
    moments = (
        found.examined.resume,
        found.withdrawals.next,
        pressed.resume,
        ledger.next_due(now),
        alarm.next_due(config, ledger, now),
        websub.next_due(config, ledger, now),
    )
    lost = scrub.lost(ledger)
    hubs = list(websub.problems(config, ledger))
    skipped = (*found.examined.skipped, *(tree.skipped if tree else ()))
    if tree:  # what became of a file by the passing of time left its folder as it was
        skipped = (*skipped, *map(problem_files.beside, found.examined.judged))
    only = None if told is None else {*found.examined.judged, *found.examined.gone}
    return replace(
        said,
        problems=(*said.problems, *(problem for problem, _ in hubs)),
        since={**said.since, **{(problem.file, problem.code): moment for problem, moment in hubs}},
        remarks=(
            *recalled,
            *_restored(pressed.faults),
            *scrub.remarks(damaged, lost),
            *_beside(config, said, skipped, only, now),
        ),
        documents=tuple(sorted(pressed.documents)),
        conditions=soundness.conditions(config, ledger, now=now, newest=newest, lost=lost),
        next=min((moment for moment in moments if moment), default=None),
    )


def find(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    clock: datetime,
    anew: bool,
    asked: Sequence[str] = (),
    answer: Approval = NOTHING,
    purged: str = "",
    guarded: tuple[Problem, ...] = (),
    told: Collection[str] | None = None,
    place: Place = nowhere,
    serving: bool = False,
) -> RunResult:
    """Look, judge and decide, and tell the ledger; nothing is committed.

    `place` takes the pictures and attachments of what is live.
    """
    whole = f"{config.entries.name}/"
    before = ledger.files.folder(whole)
    examined = examine(
        config,
        ledger,
        now=now,
        clock=clock,
        anew=anew,
        asked=asked,
        answer=answer,
        whole=whole,
        told=told,
        place=place,
        serving=serving,
    )
    gone = Withdrawals()
    # While files are being moved, what is gone may be what is coming.
    if not (examined.resume or examined.closed):
        asked_about = examined.asked_about
        gone = withdrawals(
            [one for one in ledger.entries.missing() if one.path not in asked_about],
            ledger.entries.count_with_files,
            grace=config.grace,
            answer=answer,
            whole=whole,
            now=now,
        )
    back = ledger.entries.keep_no_more(examined.known)
    ledger.entries.withdraw(gone.ids, now)
    ledger.entries.keep(gone.kept)
    ids = (
        *examined.ids,
        *gone.ids,
        *gone.kept,
        *back,
        *examined.released,
        *ledger.entries.expired_later(now, ledger.state.last_change),
        *filter(None, [purged]),
    )
    heartbeat.beat(heartbeat.LONG if anew else 0)
    enrolment = enrol(config, ledger, None if anew else ids, answer=answer, whole=whole)
    guarded = (*guarded, *examined.guarded, *gone.guarded, *enrolment.guarded)
    folder = _folder(guarded, before, now)
    ledger.files.set_folder(whole, folder)
    return RunResult(
        examined=examined,
        withdrawals=gone,
        enrolment=enrolment,
        ids=ids,
        kin=() if anew else tuple(ledger.translations.concerned(ids)),
        folder=folder,
    )


def _folder(
    guarded: Sequence[Problem], before: FileRecord | None, now: datetime
) -> FileRecord | None:
    """Say how the folder as a whole is judged: held, where a guard holds anything."""
    if not guarded:
        return None
    record = FileRecord(
        stamp=FileStamp(0, 0), state=State.HOLD.value, beside={}, problems=tuple(guarded)
    )
    return record.after(before, now)


def report(config: Config, found: RunResult) -> Report:
    """Say what was found, in the order of the files' names and the newsroom's language."""
    examined, gone = found.examined, found.withdrawals
    records = dict(examined.files)
    if found.folder:
        records[found.folder.problems[0].file] = found.folder
    since = {
        (path, code): moment
        for path, record in records.items()
        for code, moment in record.since.items()
    }
    since |= {(path, problem.code): moment for path, problem, moment in gone.told}
    problems = [problem for record in records.values() for problem in record.problems]
    return Report(
        problems=tuple(_said(config, [*problems, *(problem for _, problem, _ in gone.told)])),
        states={path: record.state for path, record in records.items()},
        published=examined.published,
        changed=examined.changed,
        renamed=examined.renamed,
        missing=gone.missing,
        withdrawn=gone.paths,
        since=since,
    )


def _said(config: Config, problems: Sequence[Problem]) -> list[Problem]:
    """Let problems speak the newsroom's language."""
    language = config.newsroom.language
    return [replace(problem, language=language) for problem in problems]


def _beside(
    config: Config,
    said: Report,
    skipped: Sequence[str],
    only: Collection[str] | None,
    now: datetime,
) -> tuple[str, ...]:
    """Write beside the files what is to be said of them; give what to say where that fails."""
    there = [path for path in skipped if path.endswith(problem_files.ENDING)]
    if config.problem_files:
        return problem_files.put(config.entries, said, there, now, only=only)
    problem_files.remove(config.entries, [*there, *problem_files.names(config.entries, said)])
    return ()


def _restored(faults: Mapping[str, manifest.ManifestFault]) -> Iterator[str]:
    """Say what of the manifest was written again, and why."""
    for name, fault in faults.items():
        yield f"feeds/{name} was {fault}. It was written again from the ledger; nothing is lost."


def _settled(
    config: Config, ledger: Ledger, answer: Approval
) -> tuple[Config, tuple[Problem, ...]]:
    """Follow the site to another address, but not to another tag: every feed would be another."""
    publication = config.publication
    url, tag = ledger.state.url or publication.url, ledger.state.tag or publication.tag
    if url != publication.url:
        ledger.entries.rebase(url, publication.url)
    ledger.state.url = publication.url
    code = code_of("tag-changed", [tag, publication.tag])
    if tag == publication.tag or answer.code == code:
        ledger.state.tag = publication.tag
        return config, ()
    ledger.state.tag = tag
    held = Problem(code="tag-changed", file=f"{config.entries.name}/", found=tag, wanted=code)
    return replace(config, publication=replace(publication, tag=tag)), (held,)
