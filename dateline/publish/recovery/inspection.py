"""Inspection of a publication, and recovery by hand (`ledger check`, `ledger recover`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.documents.manifest import (
    HEAD,
    PREVIOUS,
    TABLE,
    DocumentListing,
    EntryListing,
)
from dateline.errors import DatelineError, LedgerError
from dateline.ledger import Ledger
from dateline.ledger.integrity import damage, damage_in_database, is_refused
from dateline.messages import program
from dateline.publish.recovery import (
    ledger_exists,
    ledger_path,
    ledger_url,
    moved_aside,
    recall,
)
from dateline.publish.recovery.writer import refuse_others, refuse_strangers
from dateline.system.safe_files import is_certainly_gone, regular_bytes

_NAMED = 5  # of many, the first so many
_FIXED = ("sequence", "slug", "published")  # of an entry these never change, nor does its id


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionResult:
    """One thing that was inspected, and the sentence on it."""

    is_sound: bool
    text: str


def inspect(config: Config, now: datetime) -> Iterator[InspectionResult]:
    """Inspect the ledger, the manifest and all documents, and change nothing.

    `now` is the moment of the next run, if the ledger is lost.
    """
    fault = _fault(config, now)
    yield fault or _sound(_counted(config))
    yield from _of_manifest(config.feeds_folder)
    if fault is None:
        others = [*disagreements(config)]
        yield _compared(
            others,
            "All entries agree with the manifest.",
            "Entries unlike those in the manifest",
        )
    yield from _of_documents(config.feeds_folder)


def recover(config: Config, now: datetime, *, accepts_loss: bool) -> Iterator[str]:
    """Move a damaged ledger aside, and fill a new one; yield the remarks.

    Raises `RecoveryError` if ids are nowhere, unless staff `accepts_loss`, and `LedgerError` if the
    damaged one is in a database.
    """
    if config.ledger:
        _refuse_damaged(config)
    elif ledger_exists(config) and (fault := _damage(config)):
        yield moved_aside(config, fault, now)
    with Ledger(ledger_url(config)) as ledger:
        refuse_others(config, ledger)
        standing = manifest.status(config.feeds_folder)
        remarks = recall(config, ledger, now, standing, accepts_loss=accepts_loss)
        ledger.commit()
    yield from remarks or [
        "The ledger is sound, and as new as what is published. Nothing was done."
    ]


def _refuse_damaged(config: Config) -> None:
    """Raise `LedgerError` for damage that only the database's own backup repairs."""
    if ledger_exists(config) and (fault := damage_in_database(config.ledger)):
        raise LedgerError(
            f"The ledger is damaged ({fault}). Restore the database from its backup; or empty it, "
            f"and type {program.name()} ledger import FILE."
        )


def disagreements(config: Config) -> Iterator[str]:
    """Yield the ids of the entries on which the ledger and the manifest disagree."""
    with Ledger(ledger_url(config)) as ledger:
        known = {one.id: _fixed(one) for one in ledger.entries.listings()}
    listed = {one.id: _fixed(one) for one in manifest.entries(config.feeds_folder)}
    for id_ in sorted(known.keys() | listed.keys()):
        if known.get(id_) != listed.get(id_):
            yield id_


def _of_documents(folder: Path) -> Iterator[InspectionResult]:
    """Compare the documents with the manifest, in any coding."""
    listed = manifest.documents(folder)
    others = [one.path for one in listed if not _is_there(folder, one)]
    if listed.lost != 0:
        which = "The" if listed.lost is None else f"{listed.lost}"
        fault = "missing" if is_certainly_gone(folder / TABLE) else "damaged"
        yield _bad(f"{which} documents in feeds/ cannot be checked: feeds/{TABLE} is {fault}.")
    if others or listed.lost == 0:
        yield _compared(
            others,
            "All documents are in feeds/ as they were published.",
            "Documents that are missing from feeds/, or not as they were published",
        )


def _is_there(folder: Path, one: DocumentListing) -> bool:
    try:
        data = regular_bytes(folder / one.path)
        sizes = {
            coding: (folder / f"{one.path}{ENDINGS[coding]}").stat().st_size for coding in one.sizes
        }
    except OSError:
        return False
    return sizes == one.sizes and sha256(data).hexdigest() == one.digest


def _fault(config: Config, now: datetime) -> InspectionResult | None:
    """Return the fault of the ledger, or None."""
    if not ledger_exists(config):
        return _bad(f"The ledger is missing; {_outlook(config, now)}")
    if fault := _damage(config):
        return _bad(fault)
    with Ledger(ledger_url(config)) as ledger:
        is_new = not ledger.state.is_founded
    return _bad(f"The ledger is empty; {_outlook(config, now)}") if is_new else None


def _outlook(config: Config, now: datetime) -> str:
    """Return what the next run does about a ledger that is lost."""
    with Ledger("sqlite://") as trial:
        try:
            refuse_strangers(config, trial)
            remarks = recall(config, trial, now, manifest.status(config.feeds_folder))
        except DatelineError as error:
            return f"the next run will say: {error}"
    return f"the next run fills a new one{' from feeds/' if remarks else ''}."


def _damage(config: Config) -> str:
    """Return the damage of a ledger, or an empty text."""
    fault = damage_in_database(config.ledger) if config.ledger else damage(ledger_path(config))
    try:
        with Ledger(ledger_url(config)) as ledger:
            _ = ledger.state.is_founded
    except LedgerError as error:
        if config.ledger or is_refused(error):
            raise
        return fault or f"{error}"
    return fault


def _counted(config: Config) -> str:
    with Ledger(ledger_url(config)) as ledger:
        return f"The ledger: {ledger.entries.count()} entries."


def _of_manifest(folder: Path) -> Iterator[InspectionResult]:
    found = manifest.status(folder)
    for name, fault in ((HEAD, found.head_fault), (TABLE, found.table_fault)):
        if fault:
            yield _bad(f"feeds/{name} is {fault}; the next run writes it again.")
        else:
            yield _sound(f"feeds/{name}")
    if not found.table_fault and (damaged := manifest.damage(folder)):
        yield _bad(f"feeds/{damaged}; build --all writes it again.")
    if fault := manifest.previous_fault(folder):
        yield _bad(f"feeds/{PREVIOUS} is {fault}; the next build writes it again.")


def _compared(others: list[str], sound: str, bad: str) -> InspectionResult:
    """Return the sentence `sound`, or after `bad` the number and the names of the others."""
    if not others:
        return _sound(sound)
    names = ", ".join(others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return _bad(f"{bad} ({len(others)}): {names}{more}.")


def _fixed(one: EntryListing) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in _FIXED)


def _sound(text: str) -> InspectionResult:
    return InspectionResult(is_sound=True, text=text)


def _bad(text: str) -> InspectionResult:
    return InspectionResult(is_sound=False, text=text)
