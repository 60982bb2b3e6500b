"""The line itself: entries in, documents out. What does one run do, and in what order?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dateline import intake, manifest
from dateline.config import Config
from dateline.decide import Decision, decide
from dateline.errors import Problem, State
from dateline.facets import takes
from dateline.intake import Look
from dateline.judge import Judge, Judged
from dateline.ledger import Ledger, exclusive
from dateline.ledger.rows import DocumentRecord, FileRecord, seconds
from dateline.model import Document, Entry, Report
from dateline.press import Press

HOLDS_STILL = timedelta(seconds=0.3)
_LEDGER = "ledger.sqlite"
_CUT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the entries folder holds now.

    `files` has every entry file, `entries` are those that the ledger did not have like this,
    `published` and `changed` the paths of those that readers will see as new and as changed;
    `media` are their pictures and attachments. `resume` is when a file that is still being
    written can be read.
    """

    files: Mapping[str, FileRecord]
    entries: tuple[Entry, ...]
    published: tuple[str, ...]
    changed: tuple[str, ...]
    media: tuple[Document, ...]
    resume: datetime | None


def build(config: Config, *, now: datetime, clock: datetime) -> Report:
    """Do one run with the ledger that `config` names; a run under way elsewhere is waited for."""
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        return publish(config, ledger, now=now, clock=clock)


def check(config: Config, *, now: datetime, clock: datetime) -> Report:
    """Say what a run would find, and write nothing."""
    there = (config.state / _LEDGER).exists()
    with Ledger(ledger_url(config) if there else "sqlite://") as ledger:
        return report(examine(config, ledger, now=now, clock=clock), ledger)


def ledger_url(config: Config) -> str:
    """Give the SQLAlchemy URL of the ledger: SQLite in `state/`."""
    return f"sqlite:///{config.state / _LEDGER}"


def publish(config: Config, ledger: Ledger, *, now: datetime, clock: datetime) -> Report:
    """Do one run: publish what is new, changed or due.

    `now` is the moment that readers are told, `clock` the machine's, by which files are
    judged to hold still; they differ only where a build is to be repeated. Raises
    `LedgerError` and `StoreError`; then the next run finishes what this one began.
    """
    examined = examine(config, ledger, now=now, clock=clock)
    plan = Press(config, ledger, now=now).run(examined.entries, examined.media)
    moments = (examined.resume, plan.resume, ledger.next_due(now))
    return replace(
        report(examined, ledger),
        documents=tuple(sorted(placed.document.path for placed in plan.placed)),
        next=min((moment for moment in moments if moment), default=None),
    )


def examine(config: Config, ledger: Ledger, *, now: datetime, clock: datetime) -> Examined:
    """Read what changed and decide what becomes of it; the ledger is told, not committed."""
    _recall(config, ledger, now)
    anew = Press(config, ledger, now=now).starts_anew
    look = intake.look(config.entries)
    files = ledger.files()
    judge = Judge(
        folder=config.entries,
        look=look,
        publication=config.publication,
        now=now,
        clock=_nanoseconds(clock),
        settled=_nanoseconds(clock - HOLDS_STILL),
    )
    changed = [path for path in look.entries if anew or _is_due(path, files.get(path), look, now)]
    judged = [judge.judge(path) for path in changed]
    ledger.forget_files([path for path in files if path not in look.files])
    ledger.mark_gone(ledger.live_paths() - set(look.entries), now)
    stories = [one.story for one in judged if one.story]
    decision = decide(stories, ledger.memory(stories), publication=config.publication, now=now)
    before = ledger.entries([entry.id for entry in decision.entries])
    entries = tuple(entry for entry in decision.entries if before.get(entry.id) != entry)
    ledger.accept(entries, {one.path: one.data for one in judged}, now)
    records = {one.path: _record(one, decision, config) for one in judged}
    ledger.set_files(records)
    live = {entry.story.path for entry in decision.entries}
    kept = {path: record for path, record in files.items() if path in look.files}
    return Examined(
        files=dict(sorted((kept | records).items())),
        entries=entries,
        published=tuple(sorted(entry.story.path for entry in decision.arrived)),
        changed=tuple(sorted(entry.story.path for entry in entries if entry.id in before)),
        media=tuple(d for one in judged if one.path in live for d in one.documents),
        resume=_resume(judged, clock, now),
    )


def report(examined: Examined, ledger: Ledger) -> Report:
    """Say what was found, in the order of the files' names."""
    gone = ledger.gone()
    missing = [Problem(code="file-gone", file=path) for path in gone]
    problems = [problem for record in examined.files.values() for problem in record.problems]
    return Report(
        problems=(*problems, *missing),
        states={path: record.state for path, record in examined.files.items()},
        published=examined.published,
        changed=examined.changed,
        missing=tuple(gone),
    )


# ---- What the ledger is told


def _recall(config: Config, ledger: Ledger, now: datetime) -> None:
    """Begin a ledger; one that was lost begins with what the manifest remembers."""
    if ledger.fact("founded"):
        return
    head = manifest.read_head(config.feeds_folder)
    ledger.set_fact("founded", str(head.founded if head else seconds(now)))
    ledger.set_fact("generation", str(head.generation if head else 0))
    if head:
        ledger.restore(manifest.entries(config.feeds_folder))
        listings = manifest.documents(config.feeds_folder)
        ledger.documents.set([_document_record(listing) for listing in listings])


def _document_record(listing: manifest.Listing) -> DocumentRecord:
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
    )


def _is_due(path: str, record: FileRecord | None, look: Look, now: datetime) -> bool:
    """Say whether a file wants to be read: new, changed, not out yet, or its time has come."""
    return (
        record is None
        or record.stamp != look.files[path]
        or record.state in {State.HOLD, State.WAIT}
        or (record.due is not None and record.due <= now)
        or any(look.files.get(name) != stamp for name, stamp in record.beside.items())
    )


def _record(judged: Judged, decision: Decision, config: Config) -> FileRecord:
    """Say how a file was judged, with the lines of the fields that are at fault."""
    problems = [*judged.problems, *_decided(judged, decision, config)]
    states = {problem.state for problem in problems}
    moment = decision.scheduled.get(judged.path)
    if State.HOLD in states:
        state = State.HOLD.value
    elif State.WAIT in states:
        state = State.WAIT.value
        moment = datetime.fromtimestamp(judged.stamp.changed / 1e9, UTC) + _CUT_AFTER
    elif moment:
        state = "scheduled"
    else:
        state = "draft" if judged.path in decision.drafts else "live"
    return FileRecord(
        stamp=judged.stamp,
        state=state,
        due=moment,
        beside=judged.beside,
        problems=tuple(
            replace(problem, line=problem.line or judged.lines.get(problem.field or ""))
            for problem in problems
        ),
    )


def _decided(judged: Judged, decision: Decision, config: Config) -> Iterator[Problem]:
    yield from (problem for problem in decision.problems if problem.file == judged.path)
    if judged.story is None:
        return
    if judged.path in decision.drafts:
        yield Problem(code="draft", file=judged.path, field="draft")
    elif moment := decision.scheduled.get(judged.path):
        local = moment.astimezone(config.publication.zone)
        yield Problem(
            code="scheduled", file=judged.path, field="date", wanted=f"{local:%Y-%m-%d at %H:%M}"
        )
    elif not any(takes(feed, judged.story) for feed in config.feeds):
        language = judged.story.language
        yield Problem(code="feed-none", file=judged.path, field="language", found=language)


def _resume(judged: Sequence[Judged], clock: datetime, now: datetime) -> datetime | None:
    """Give the moment at which all files that are still being written can be read."""
    changing = [
        one.stamp.changed
        for one in judged
        if any(problem.code == "file-changing" for problem in one.problems)
    ]
    if not changing:
        return None
    left = max(changing) / 1e9 + HOLDS_STILL.total_seconds() - clock.timestamp()
    return now + timedelta(seconds=max(left, 0.01))


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1e9)
