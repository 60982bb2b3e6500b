"""Recovery: what was published is known from whatever is undamaged.

In this order: the ledger; the manifest's head and table; the table alone; the documents
themselves, which have ids, moments, addresses and archives as well. The sources used, the
disagreements and the losses are reported, and no published entry gets a new id in silence.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import ManifestFault, ManifestStatus
from dateline.errors import DatelineError, LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.engine import exists
from dateline.ledger.integrity import ASIDE, damage, set_aside
from dateline.ledger.queries.state import Fingerprint
from dateline.ledger.rows import seconds
from dateline.messages import program
from dateline.model import Report
from dateline.publish.recovery import traces
from dateline.publish.recovery.writer import is_published, refuse_others, refuse_strangers
from dateline.system.writing import file_system
from dateline.text.expressions import regex
from dateline.text.urls import fingerprint

LEDGER = "ledger.sqlite"
_SHARES = regex(r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|glusterfs|fuse(\..*)?")
_log = logging.getLogger(__name__)


def ledger_path(config: Config) -> Path:
    """Return the path of a ledger in SQLite, in `state/`."""
    return config.state / LEDGER


def ledger_url(config: Config) -> str:
    """Return the SQLAlchemy URL of the ledger, without a password.

    In a cluster nothing is committed there before this process has an epoch.
    """
    if config.cluster is not None:
        from dateline.ledger.cluster import terms  # noqa: PLC0415 - few have a cluster

        terms.require(config.ledger)
    return config.ledger or f"sqlite:///{ledger_path(config)}"


def ledger_exists(config: Config) -> bool:
    """Return whether there is a ledger, which may be empty.

    Raises `LedgerError` if that cannot be known, or if there are two.
    """
    refuse_two(config)
    return exists(ledger_url(config))


def refuse_two(config: Config) -> None:
    """Raise `LedgerError` if a ledger in SQLite lies beside one in a database."""
    if config.ledger and ledger_path(config).exists():
        name = f"{config.state.name}/{LEDGER}"
        raise LedgerError(
            f"There are two ledgers: {name}, and the database of [ledger] url. Take out the url "
            f"to go on with the first. If its content is in the database, move {name} to another "
            f"folder ({program.name()} ledger export and ledger import bring it there)."
        )


@cache
def _warn_of_share(state: Path) -> None:
    """Log, once, that SQLite is on a network share, where locks and shared memory may fail."""
    if _SHARES.fullmatch(kind := file_system(state)):
        _log.warning(
            "%s/ is on a network share (%s), where SQLite can lose what was published. Move it to "
            "a disk of this machine, or name a database in PostgreSQL under [ledger].",
            state.name,
            kind,
        )


@contextmanager
def readable_ledger(config: Config, *, patience: float = math.inf) -> Iterator[Ledger]:
    """Open the ledger alone, without a commit; an empty one in memory if there is none.

    Raises `RunAtWorkError` if a run has it for longer than `patience` seconds.
    """
    is_there = ledger_exists(config)
    lock = exclusive(config.state, patience=patience) if is_there else nullcontext()
    with lock, Ledger(ledger_url(config) if is_there else "sqlite://") as ledger:
        yield ledger


def with_ledger(config: Config, run: Callable[[Ledger], Report], now: datetime) -> Report:
    """Do a run with the ledger; if that is damaged, move it aside and repeat with a new one.

    The new one is filled from the manifest, or from the documents.
    """
    refuse_two(config)
    if not config.ledger:
        _warn_of_share(config.state)
    try:
        with Ledger(ledger_url(config)) as ledger:
            refuse_others(config, ledger)
            return run(ledger)
    except Exception as error:  # a damaged value can lead to any
        is_other = isinstance(error, DatelineError) and not isinstance(error, LedgerError)
        if is_other or config.ledger:  # a database server repairs its own
            raise
        fault = damage(ledger_path(config))
        if not fault:
            raise
        _log.debug("The ledger is damaged.", exc_info=True)
    remark = moved_aside(config, fault, now)
    with Ledger(ledger_url(config)) as ledger:
        refuse_strangers(config, ledger)
        report = run(ledger)
    return replace(report, remarks=(remark, *report.remarks))


def moved_aside(config: Config, fault: str, now: datetime) -> str:
    """Move a damaged ledger aside, and return the remark on it."""
    aside = set_aside(ledger_path(config), now)
    return (
        f"The ledger was damaged ({fault}). It is now {aside.name}, in {config.state.name}/: "
        "keep it, for only it has older versions, and bring back a backup if you have one."
    )


def kept_aside(config: Config) -> tuple[str, ...]:
    """Return a remark for each ledger that was moved aside, after an entry was taken down."""
    return tuple(
        f"{config.state.name}/{aside.name} was moved aside, and may still have its text: delete it."
        for aside in sorted(config.state.glob(f"*{ASIDE}*.sqlite"))
    )


def recall(
    config: Config,
    ledger: Ledger,
    now: datetime,
    standing: ManifestStatus,
    *,
    accepts_loss: bool = False,
) -> tuple[str, ...]:
    """Begin a ledger; fill one that was lost, or is an old copy, from undamaged documents.

    `standing` is the state of the manifest. Return the remarks on the ledger. Raises
    `RecoveryError` if entries were published whose ids are nowhere, unless staff `accepts_loss`.
    """
    remarks = _filled(config, ledger, now, standing, accepts_loss=accepts_loss)
    return (*remarks, *_taken_down(config, ledger, now, standing))


def _filled(
    config: Config,
    ledger: Ledger,
    now: datetime,
    standing: ManifestStatus,
    *,
    accepts_loss: bool,
) -> tuple[str, ...]:
    is_new = not ledger.state.is_founded
    if not is_new and not _is_older(config, ledger, standing):
        return ()
    is_manifest = standing.head is not None or standing.table_fault is not ManifestFault.MISSING
    is_there = is_manifest or is_published(config)
    if is_new:
        founded = _founded(config.feeds_folder, standing) if is_there else None
        ledger.state.founded = datetime.fromtimestamp(founded, UTC) if founded else now
        ledger.state.generation = standing.generation
    if is_there and not standing.generation:  # copies of a lost ledger had counted to any number
        ledger.state.generation = max(ledger.state.generation, seconds(now))
    if is_there and config.store:  # nobody knows any more whether a takedown is finished there
        ledger.state.is_takedown_left = True
    if not is_there:
        if not is_new or not traces.found(config):
            return ()
        traces.refuse_loss(config, accepts_loss=accepts_loss)
        return ("The ledger and the documents were lost. All entries are new to readers.",)
    # What reads documents takes as long to import as a run without changes.
    from dateline.publish.recovery.restore import Restoration  # noqa: PLC0415

    # The folder may lack documents of entries that only the ledger knows, and files may be gone.
    for one in (Fingerprint.DOCUMENTS, Fingerprint.FILES, Fingerprint.PAGES):
        ledger.state.set_fingerprint(one, "")
    restoration = Restoration(config=config, ledger=ledger, now=now, accepts_loss=accepts_loss)
    return restoration.run(standing, is_new=is_new)


def _taken_down(
    config: Config, ledger: Ledger, now: datetime, standing: ManifestStatus
) -> tuple[str, ...]:
    """Take down what only a head of the manifest knows to be; return the remark on it.

    Ledger, head and table may have been brought back from different times.
    """
    found = [
        standing.head,
        manifest.head_in_table(config.feeds_folder) if standing.faults else None,
    ]
    digests = {one for head in found if isinstance(head, manifest.Head) for one in head.taken_down}
    if not (new := digests - ledger.state.taken_down):
        return ()
    ledger.state.note_taken_down(new)
    ids = [id_ for id_ in ledger.entries.ids() if fingerprint(id_) in new]
    for id_ in ids:
        ledger.entries.purge(id_, now)
    if ids and config.store:
        ledger.state.is_takedown_left = True
    names = f"Taken down again, as {config.feeds_folder.name}/ says: {', '.join(ids)}."
    return (f"The ledger was from before a takedown. {names}",) if ids else ()


def _is_older(config: Config, ledger: Ledger, standing: ManifestStatus) -> bool:
    """Return whether a ledger is older than what is published, or lacks an entry of it.

    One of a later number can lack some: a backup of earlier was in use meanwhile. The table may
    have been copied later than the head.
    """
    folder, own = config.feeds_folder, ledger.state.generation
    table = manifest.head_in_table(folder) if standing.table_fault is ManifestFault.OTHER else None
    if isinstance(table, manifest.Head) and table.generation > own:
        return True
    if standing.generation >= own:
        return standing.generation > own
    if standing.generation:
        is_next = ledger.state.is_going_live and own == standing.generation + 1
        ids = {} if is_next else {*ledger.entries.ids()}
        return not is_next and any(one.id not in ids for one in manifest.entries(folder))
    if not is_published(config):
        return False
    from dateline.publish.recovery.published import is_newer  # noqa: PLC0415 - few need it

    return is_newer(config, ledger)


def _founded(folder: Path, found: ManifestStatus) -> int | None:
    """Return when the publication began, by the first undamaged source."""
    from dateline.publish.recovery.published import records  # noqa: PLC0415

    before = manifest.open_head(folder, manifest.PREVIOUS)
    for head in (found.head, manifest.head_in_table(folder), before):
        if isinstance(head, manifest.Head):
            return head.founded
    return min((one.changed for one in records(folder, ())), default=None)
