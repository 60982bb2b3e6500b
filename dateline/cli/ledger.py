"""How does the ledger leave the house as text, and come back, and is it sound?

These commands publish nothing; `publisher.py` adds them to its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from dateline import config as configuration
from dateline.cli.entries import config_option
from dateline.config import Config
from dateline.documents.store import sync
from dateline.errors import LedgerError, StoreError
from dateline.ledger import dump, exclusive
from dateline.ledger.session import Session, open_session
from dateline.publish.recovery import inspection, ledger_url
from dateline.publish.settle import this_moment
from dateline.system import private_files


@click.group()
def ledger() -> None:
    """Write the ledger as text, fill a new one from it, check it, or recover it."""


@ledger.command()
@config_option
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(config_path: Path, file: Path | None) -> None:
    """Write the ledger as JSON Lines to FILE, or print it.

    An older FILE is replaced when the new one is safely on disk.
    """
    config = configuration.load(config_path)
    with _opened(config) as session:
        if dump.is_empty(session):
            raise LedgerError("The ledger is empty: nothing was published yet, or it was lost.")
        lines = (line.encode() for line in dump.export(session))
        if file:
            _write(_private(file, config), lines)
        else:
            sys.stdout.buffer.writelines(lines)


@ledger.command("import")
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config_path: Path, file: Path) -> None:
    """Fill an empty ledger from an exported FILE.

    All of it comes back, or nothing.
    """
    config = configuration.load(config_path)
    # Bytes that are not UTF-8 are refused with the line in which they stand.
    with (
        file.open(encoding="utf-8", errors="surrogateescape") as lines,
        _opened(config) as session,
    ):
        found = dump.import_(session, lines)
        session.commit()
    click.echo(f"{found.rows} rows are in the ledger.")
    if not found.has_digest:
        click.echo(
            "This text has no digest, as texts until 26 November 2026: whether a value in it was "
            "changed cannot be seen. Export again, and keep that one.",
            err=True,
        )


@ledger.command()
@config_option
def check(config_path: Path) -> None:
    """Say what is sound: the ledger, the manifest, every document. Exits with 1 otherwise."""
    config = configuration.load(config_path)
    with exclusive(config.state):
        findings = [*inspection.inspect(config)]
    for finding in findings:
        click.echo(f"{'ok ' if finding.is_sound else 'BAD'}  {finding.text}")
    sys.exit(int(not all(finding.is_sound for finding in findings)))


@ledger.command()
@config_option
@click.option(
    "--accept-loss",
    "accepts_loss",
    is_flag=True,
    help="Go on although ids stand nowhere any more: what had them is new to readers.",
)
def recover(config_path: Path, *, accepts_loss: bool) -> None:
    """Move a damaged ledger aside, and fill a new one from what is whole.

    `build` and `serve` do this by themselves; nothing is deleted, and nothing is published.
    """
    config = configuration.load(config_path)
    with exclusive(config.state):
        said = inspection.recover(config, this_moment(), accepts_loss=accepts_loss)
    for line in said:
        click.echo(line)


@contextmanager
def _opened(config: Config) -> Iterator[Session]:
    with exclusive(config.state), closing(open_session(ledger_url(config))) as session:
        yield session


def _private(file: Path, config: Config) -> Path:
    """Refuse a place that readers see, and one that is no file."""
    path = file.resolve()
    if path.is_relative_to(config.feeds_folder):
        raise StoreError(f"{file} would be public. Name a file outside {config.feeds_folder}.")
    if path.exists() and not path.is_file():
        raise StoreError(f"{file} is no file. Name one, or none for standard output.")
    return path


def _write(path: Path, lines: Iterable[bytes]) -> None:
    """Bring lines to disk, and let them be seen when they are."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with private_files.create(temporary) as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


COMMANDS = (ledger,)
