"""One run by hand or from a timer: `build` publishes, `check` only reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from dateline import config as configuration
from dateline import publish
from dateline.cli import claim, output
from dateline.cli.options import config_option, json_option
from dateline.config import Config
from dateline.entries.filenames import shown_path
from dateline.errors import DatelineError, State
from dateline.model import Report
from dateline.publish import schedule, settle, sources
from dateline.publish.notify import alarm
from dateline.publish.produce.workers import forked
from dateline.publish.recovery import ledger_path
from dateline.serve import health
from dateline.serve.monitoring import monitor
from dateline.system import heartbeat
from dateline.system.clock import this_moment
from dateline.system.condition import DELIVERY, Code, Condition

_WRONG = (Code.SOURCE, Code.DOCUMENTS)  # all else is over by itself, or has held a file


@click.command()
@config_option
@json_option
@click.option("--all", "rebuild", is_flag=True, help="Render every document again, on all cores.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each entry.")
def build(config_path: Path, *, as_json: bool, rebuild: bool, verbose: bool) -> None:
    """Publish what is new or changed, once. Exits with 1 when an entry is held.

    So it does when the source of entries cannot be reached, or documents are lost.

    With --all, documents whose bytes stay the same keep their validators, so that readers do not
    download them again.
    """
    config = claim.writer(config_path)
    is_first = not (config.ledger or ledger_path(config).exists())
    processes = forked(config, is_whole=rebuild or is_first)
    source = sources.SourceFollower()
    with closing(processes) if processes else nullcontext(), _alarms(config, source) as conditions:
        source.update(config)
        with output.portion("Building", quiet=as_json) as progress:
            request = replace(
                settle.request_now(), rebuild=rebuild, processes=processes, progress=progress
            )
            report = settle.until_settled(config, request)
        checked_at = this_moment()
        conditions.extend(conditions_of(report))
        conditions.extend([source.condition] if source.condition else [])
        output.print_report(report, config.entries, as_json=as_json, is_short=not verbose)
        sender = alarm.AlarmSender(publish.ledger_url(config))
        sender.ring(config, this_moment())
        sender.wait()
        _record(config, checked_at)
    sys.exit(_code(report, *conditions))


@click.command()
@config_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs, or marks for a pull request on GitHub.",
)
@json_option
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(config_path: Path, files: tuple[Path, ...], form: str, *, as_json: bool) -> None:
    """Check the entries, and write nothing. Exits with 1 when an entry is held.

    With FILES, which may be folders, report on these alone. For each file named that is good, also
    report what will happen to it.
    """
    config = configuration.load(config_path)
    sources.require_fetched(config)
    named = [_inside(path, config) for path in files]
    folders = [path for path in named if path.endswith("/") or not path]
    single = [path for path in named if path not in folders]
    is_json = as_json or form == "json"
    with output.progress("Checking", quiet=is_json):
        report = settle.check_settled(config, single, folders)
    if is_json:
        click.echo(json.dumps(output.rows(report), ensure_ascii=False, indent=1))
    elif form == "github":
        for command in output.workflow_commands(report, config.entries, _root(config)):
            click.echo(command)
    else:
        output.show_check(report, config.entries)
    sys.exit(_code(report))


def conditions_of(report: Report) -> tuple[Condition, ...]:
    """Return the conditions that a successful run found, held files included."""
    held = sum(state == State.HOLD for state in report.states.values())
    files = (Condition(code=Code.HELD, detail=str(held)),) if held else ()
    return (*report.conditions, *files)


@contextmanager
def _alarms(config: Config, source: sources.SourceFollower) -> Iterator[list[Condition]]:
    """Send the alarms of a single run, unless a `serve` on the same folders sends them."""
    conditions: list[Condition] = []
    result = heartbeat.PublisherCheck(is_good=False)
    try:
        yield conditions
        found = tuple(conditions)
        result = heartbeat.PublisherCheck(is_good=True, conditions=found, unknown=DELIVERY)
    except Exception as error:
        found = source.conditions_of(error, config)
        result = heartbeat.PublisherCheck(is_good=False, conditions=found)
        raise
    finally:
        if (result.is_good or result.conditions) and not claim.is_claimed(config):
            monitor.once(config, result, lambda: datetime.now(UTC))


def _record(config: Config, checked_at: datetime) -> None:
    """Record the check that `build` made; the next one that `serve` has announced stays due."""
    before = health.last_run(config.feeds_folder)
    is_believed = before is not None and not before.is_ahead(checked_at.timestamp())
    announced = datetime.fromtimestamp(before.late if before and is_believed else 0, UTC)
    late = max(schedule.third_full_run(config.schedule, checked_at), announced)
    health.record(config.feeds_folder, checked_at, late)
    publish.note_looked(config, checked_at, late)


def _inside(path: Path, config: Config) -> str:
    """Return the path below `entries/` of what is named from there or from the current folder.

    A folder ends with a slash; `entries/` itself is an empty text.
    """
    own = path.parent.resolve() / path.name  # also of a link that leads elsewhere
    for found in (own, path.resolve(), config.entries / path):
        if ".." in found.parts or not found.is_relative_to(config.entries):
            continue
        inside = shown_path(found.relative_to(config.entries).as_posix())
        if found.is_dir():
            return "" if found == config.entries else f"{inside}/"
        if found.is_file() or found.is_symlink():
            return inside
    raise DatelineError(f"There is no file or folder {path} in {config.entries}.")


def _root(config: Config) -> Path:
    """Return the folder that GitHub's file names start from: this one, or the publication's."""
    folders = (Path.cwd(), config.path.parent, config.entries)
    return next(folder for folder in folders if config.entries.is_relative_to(folder))


def _code(report: Report, *conditions: Condition) -> int:
    """Return the exit code of a run: 1 if something needs people, whom nothing else may tell."""
    is_wrong = any(one.code in _WRONG for one in conditions)
    return int(is_wrong or State.HOLD in report.states.values())
