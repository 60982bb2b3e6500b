"""Commands about the ledger: `ledger export`, `import`, `check`, `recover`, `claim`.

None publishes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from dateline import config as configuration
from dateline.cli import claim, output
from dateline.cli.options import config_option
from dateline.config import Config
from dateline.errors import LedgerError, StoreError
from dateline.ledger import Ledger, dump, exclusive
from dateline.ledger.integrity import remove
from dateline.ledger.session import Session, open_session
from dateline.publish.recovery import (
    inspection,
    ledger_exists,
    ledger_path,
    ledger_url,
    refuse_two,
    writer,
)
from dateline.system.clock import this_moment
from dateline.system.writing import replace_file

_STANDARD_OUTPUT = Path("-")


@click.group()
def ledger() -> None:
    """Move, check, recover or claim the ledger."""


@ledger.command()
@config_option
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(config_path: Path, file: Path | None) -> None:
    """Write the ledger as JSON Lines.

    Writes to FILE, or to standard output without one and with -. An existing FILE is replaced once
    the new one is safely on disk. The ledger of another publication is exported with a warning.
    """
    config = configuration.load(config_path)
    file = None if file == _STANDARD_OUTPUT else file
    if file is None and sys.stdout is None:  # closed
        raise StoreError("There is no output to write to. Name a file.")
    is_shown = file is None and sys.stdout.isatty()
    with output.progress("Exporting", quiet=is_shown) as step, _opened(config) as session:
        if dump.is_empty(session):
            raise LedgerError("The ledger is empty: nothing was published yet, or it was lost.")
        lines = (line.encode() for line in _counted(dump.export(session), step))
        if file:
            _write(_private(file, config), lines)
        else:
            sys.stdout.buffer.writelines(lines)
        exported = Ledger(ledger_url(config), session)
        if writer.is_foreign(config, exported):
            url, own = exported.state.url, config.publication.url
            click.echo(f"This is the ledger of another publication, {url}, not {own}.", err=True)


@ledger.command("import")
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config_path: Path, file: Path) -> None:
    """Fill an empty ledger from FILE.

    FILE is the output of ledger export. It is imported as a whole, or not at all.
    """
    config = claim.writer(config_path)
    # The import refuses bytes that are not UTF-8, and names their line.
    with (
        file.open(encoding="utf-8", errors="surrogateescape") as lines,
        output.progress("Importing") as step,
        _filled(config) as session,
    ):
        found = dump.import_(session, _counted(lines, step))
        imported = Ledger(ledger_url(config), session)
        if writer.is_foreign(config, imported):
            raise LedgerError(
                f"{file} is the ledger of another publication, {imported.state.url} with the tag "
                f"{imported.state.tag}. Import the one of {config.publication.url}. "
                f"{writer.both_changed()}"
            )
        session.commit()
    click.echo(f"{found.rows} rows are in the ledger.")
    if not found.has_digest:
        click.echo(
            "This file has no digest, like all files exported until 26 November 2026, so changed "
            "values cannot be detected. Export the ledger again, and keep that file.",
            err=True,
        )


@ledger.command()
@config_option
def check(config_path: Path) -> None:
    """Check ledger, manifest and documents. Exits with 1 when one is damaged."""
    config = configuration.load(config_path)
    with output.progress("Checking"), exclusive(config.state):
        findings = [*inspection.inspect(config, this_moment())]
    for finding in findings:
        click.echo(f"{'ok ' if finding.is_sound else 'BAD'}  {finding.text}")
    sys.exit(int(not all(finding.is_sound for finding in findings)))


@ledger.command()
@config_option
@click.option(
    "--accept-loss",
    "accepts_loss",
    is_flag=True,
    help="Continue although ids are lost; entries that had them are new to readers.",
)
def recover(config_path: Path, *, accepts_loss: bool) -> None:
    """Replace a damaged ledger by a new one.

    The new one is filled from what is intact. The damaged one is renamed, not deleted, and
    nothing is published. The commands build and serve do this by themselves.
    """
    config = claim.writer(config_path)
    with output.progress("Recovering"), exclusive(config.state):
        lines = inspection.recover(config, this_moment(), accepts_loss=accepts_loss)
    for line in lines:
        click.echo(line)


@ledger.command("claim")
@config_option
def claim_(config_path: Path) -> None:
    """Take over a database that another machine wrote to.

    A database takes changes from one machine and state folder. Stop serve on the other first.
    """
    config = configuration.load(config_path)
    refuse_two(config)
    with exclusive(config.state), Ledger(ledger_url(config)) as opened:
        before = writer.claim(config, opened)
    place = f", and no longer {before['machine']} ({before['folder']})" if before else ""
    click.echo(f"This machine writes to the ledger from now on{place}.")


def _counted(lines: Iterable[str], step: Callable[[], None]) -> Iterator[str]:
    for line in lines:
        step()
        yield line


@contextmanager
def _opened(config: Config) -> Iterator[Session]:
    refuse_two(config)
    with exclusive(config.state), closing(open_session(ledger_url(config))) as session:
        yield session


@contextmanager
def _filled(config: Config) -> Iterator[Session]:
    """Open a ledger to be filled; where that fails, a file that is new is not left behind."""
    refuse_two(config)
    with exclusive(config.state):
        is_new = not ledger_exists(config)
        try:
            with closing(open_session(ledger_url(config))) as session:
                yield session
        except BaseException:
            if is_new and not config.ledger:
                remove(ledger_path(config))
            raise


def _private(file: Path, config: Config) -> Path:
    """Return the path to write to.

    Raises `StoreError` where readers could see it, or where anything but an export is lost.
    """
    path = file.resolve()
    if path.is_relative_to(config.feeds_folder):
        raise StoreError(f"{file} would be public. Name a file outside {config.feeds_folder}.")
    if not path.exists():
        return path
    if not path.is_file():
        raise StoreError(f"{file} is no file. Name a file, or nothing for standard output.")
    with path.open("rb") as present:
        begin = present.read(dump.HEAD_SIZE)
    if begin and not dump.is_export(begin):
        raise StoreError(
            f"{file} is not an export of a ledger, and would be overwritten. Name a new file."
        )
    return path


def _write(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines to a file that appears once they are on disk."""
    try:
        replace_file(path, lines, mode=0o600, is_synced=True)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
