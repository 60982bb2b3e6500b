"""The line itself: entries in, documents out. What does one run do, and in what order?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from dateline import alarm, manifest, notes
from dateline.config import Config
from dateline.errors import Problem, State
from dateline.examine import Examined, examine
from dateline.guard import too_many_gone
from dateline.ledger import Ledger, exclusive
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.model import Report
from dateline.outlook import outlook
from dateline.press import Press

_LEDGER = "ledger.sqlite"


def build(config: Config, *, now: datetime, clock: datetime) -> Report:
    """Do one run with the ledger that `config` names; a run under way elsewhere is waited for."""
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        return publish(config, ledger, now=now, clock=clock)


def check(config: Config, *, now: datetime, clock: datetime, asked: Sequence[str] = ()) -> Report:
    """Say what a run would find, and write nothing.

    Where files are `asked` for, by their paths under `entries/`, only of these, and what will
    become of the good ones.
    """
    there = (config.state / _LEDGER).exists()
    # The run is made on the ledger itself, and taken back: nobody else may be at it.
    lock = exclusive(config.state) if there else nullcontext()
    with lock, Ledger(ledger_url(config) if there else "sqlite://") as ledger:
        _recall(config, ledger, now)
        anew = Press(config, ledger, now=now).starts_anew
        examined = examine(config, ledger, now=now, clock=clock, anew=anew, asked=asked)
        found = report(config, examined, ledger)
        ahead = [
            problem
            for path in asked
            for problem in outlook(path, examined, ledger, config=config, now=now)
        ]
    skipped = [Problem(code="file-skipped", file=path) for path in examined.skipped]
    ahead = _said(config, [*skipped, *ahead])
    found = replace(found, problems=(*found.problems, *ahead))
    return _only(found, asked) if asked else found


def _only(found: Report, asked: Sequence[str]) -> Report:
    return replace(
        found,
        problems=tuple(problem for problem in found.problems if problem.file in asked),
        states={path: state for path, state in found.states.items() if path in asked},
        published=tuple(path for path in found.published if path in asked),
        changed=tuple(path for path in found.changed if path in asked),
        missing=tuple(path for path in found.missing if path in asked),
    )


def ledger_url(config: Config) -> str:
    """Give the SQLAlchemy URL of the ledger: SQLite in `state/`."""
    return f"sqlite:///{config.state / _LEDGER}"


def publish(config: Config, ledger: Ledger, *, now: datetime, clock: datetime) -> Report:
    """Do one run: publish what is new, changed or due.

    `now` is the moment that readers are told, `clock` the machine's, by which files are
    judged to hold still; they differ only where a build is to be repeated. Raises
    `LedgerError` and `StoreError`; then the next run finishes what this one began.
    """
    _recall(config, ledger, now)
    press = Press(config, ledger, now=now)
    examined = examine(config, ledger, now=now, clock=clock, anew=press.starts_anew)
    found = report(config, examined, ledger)
    if examined.resume and ledger.has_only_names():
        # The ledger was lost, and the files have just been brought: wait until they hold still.
        return replace(found, published=(), changed=(), next=examined.resume)
    plan = press.run(examined.entries, examined.media)
    moments = (
        examined.resume,
        plan.resume,
        ledger.next_due(now),
        alarm.next_due(config, ledger, now),
    )
    return replace(
        found,
        remarks=_beside(config, found, examined.skipped, now),
        documents=tuple(sorted(placed.document.path for placed in plan.placed)),
        next=min((moment for moment in moments if moment), default=None),
    )


def report(config: Config, examined: Examined, ledger: Ledger) -> Report:
    """Say what was found, in the order of the files' names and the newsroom's language."""
    gone = ledger.gone()
    since = {
        (path, code): moment
        for path, record in examined.files.items()
        for code, moment in record.since.items()
    }
    # While files are being moved, what is gone may be what is coming.
    missing = [Problem(code="file-gone", file=path) for path in gone if not examined.resume]
    states = {path: record.state for path, record in examined.files.items()}
    live = len(ledger.live_paths())
    if too_many_gone(len(gone), live) and not examined.resume:
        whole = f"{config.entries.name}/"
        missing = [Problem(code="many-gone", file=whole, found=f"{len(gone)} of {live}")]
        states[whole] = State.HOLD.value
    since |= {(p.file, p.code): gone.get(p.file, max(gone.values())) for p in missing}
    problems = [problem for record in examined.files.values() for problem in record.problems]
    return Report(
        problems=tuple(_said(config, [*problems, *missing])),
        states=states,
        published=examined.published,
        changed=examined.changed,
        missing=tuple(gone),
        since=since,
    )


def _said(config: Config, problems: Sequence[Problem]) -> list[Problem]:
    """Let problems speak the newsroom's language."""
    language = config.newsroom.language
    return [replace(problem, language=language) for problem in problems]


def _beside(
    config: Config, found: Report, skipped: Sequence[str], now: datetime
) -> tuple[str, ...]:
    """Write beside the files what is to be said of them; give what to say where that fails."""
    there = [path for path in skipped if path.endswith(notes.ENDING)]
    if config.problem_files:
        return notes.put(config.entries, found, there, now)
    notes.remove(config.entries, there)
    return ()


def _recall(config: Config, ledger: Ledger, now: datetime) -> None:
    """Begin a ledger; one that was lost, or is a copy from before, learns from the manifest."""
    head = manifest.read_head(config.feeds_folder)
    is_new = not ledger.fact("founded")
    if is_new:
        ledger.set_fact("founded", str(head.founded if head else seconds(now)))
        ledger.set_fact("generation", str(head.generation if head else 0))
    if head and (is_new or head.generation > int(ledger.fact("generation"))):
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
