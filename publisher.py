"""The command: `python publisher.py serve`, `build`, `check`.

Each command reads `config.toml`, calls one function, and prints what it gave.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import click
from rich.console import Console

from dateline import config as configuration
from dateline import pipeline, schedule, server
from dateline.config import Config
from dateline.errors import DatelineError, State
from dateline.model import Report

_OUT = Console(soft_wrap=True, highlight=False)
_COLOURS = {
    State.ACCEPT: "green",
    State.WARN: "yellow",
    State.HOLD: "red",
    State.WAIT: "blue",
    State.SKIP: "dim",
}

_config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration; entries/, feeds/ and state/ lie beside it.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print for machines.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Publish an organisation's news: TOML files in, feeds and pages out."""


@main.command()
@_config_option
@_json_option
def build(config_path: Path, *, as_json: bool) -> None:
    """Publish what is new or changed, once. Exits with 1 when an entry was held."""
    config = configuration.load(config_path)
    report = _build_until_settled(config)
    _print(report, as_json=as_json)
    sys.exit(1 if _has_held(report) else 0)


@main.command()
@_config_option
@_json_option
def check(config_path: Path, *, as_json: bool) -> None:
    """Say what is wrong with the entries, and write nothing. Exits with 1 when one is held."""
    report = pipeline.check(configuration.load(config_path), now=_now(), clock=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(_rows(report), ensure_ascii=False, indent=1))
    else:
        _print(report, as_json=False)
    sys.exit(1 if _has_held(report) else 0)


@main.command()
@_config_option
@click.option("--host", help="The address to serve at; as in the configuration unless given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; likewise.")
@_json_option
def serve(config_path: Path, host: str | None, port: int | None, *, as_json: bool) -> None:
    """Publish, serve, watch for dropped files, and publish again on schedule."""
    config = configuration.load(config_path)
    config = dataclasses.replace(config, host=host or config.host, port=port or config.port)
    server.probe(config.host, config.port)
    os.environ["DATELINE_CONFIG"] = str(config.path)
    stop = _stop_on_signals()
    follow = [sys.executable, str(Path(__file__).resolve()), "follow", "--config", str(config.path)]
    _OUT.print(f"Serving http://{config.host}:{config.port}/ (stop with Ctrl+C)")
    server.supervise(
        [[*follow, *(["--json"] if as_json else [])], server.granian_command(config)], stop
    )


@main.command(hidden=True)
@_config_option
@_json_option
def follow(config_path: Path, *, as_json: bool) -> None:
    """Publish on schedule and whenever a file is dropped: the publisher's half of `serve`."""
    config = configuration.load(config_path)
    stop = _stop_on_signals()
    server.stop_with_parent(stop)
    told: object = None

    def run(now: datetime) -> datetime | None:
        nonlocal told
        report = pipeline.build(config, now=now, clock=now)
        news = (_rows(report), report.published, report.changed, report.documents)
        if news != told:
            _print(report, as_json=as_json)
        told = news
        return report.next

    schedule.run_forever(config, run, stop)


def _build_until_settled(config: Config) -> Report:
    """Build, and build again while something only needs a moment to be published."""
    now = _now()
    report = pipeline.build(config, now=now, clock=datetime.now(UTC))
    published, changed, documents = report.published, report.changed, report.documents
    while report.next and (report.next - now).total_seconds() <= 1:
        sleep(max(0.0, (report.next - now).total_seconds()))
        now = report.next
        report = pipeline.build(config, now=now, clock=datetime.now(UTC))
        published += report.published
        changed += report.changed
        documents += report.documents
    return dataclasses.replace(
        report, published=published, changed=changed, documents=tuple(sorted({*documents}))
    )


def _now() -> datetime:
    """Give the moment of the run: SOURCE_DATE_EPOCH, where a build is to be repeatable."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _has_held(report: Report) -> bool:
    return State.HOLD in report.states.values()


def _rows(report: Report) -> list[dict[str, str | int | None]]:
    """Give one row for each problem, and one for each file that has none."""
    rows = [problem.as_json() for problem in report.problems]
    told = {problem.file for problem in report.problems}
    fine = {"state": State.ACCEPT.value, "line": None, "code": None, "message": ""}
    rows += [{"file": path, **fine} for path in report.states if path not in told]
    return sorted(rows, key=lambda row: (str(row["file"]), row["line"] or 0))


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        record = {
            "files": _rows(report),
            "published": report.published,
            "changed": report.changed,
            "documents": report.documents,
            "next": report.next.isoformat() if report.next else None,
        }
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    for path in report.published:
        _OUT.print(f"[green]published[/] {path}")
    for path in report.changed:
        _OUT.print(f"[green]changed[/]   {path}")
    for problem in report.problems:
        colour = _COLOURS[problem.state]
        _OUT.print(f"[{colour}]{problem.state.upper():9}[/] {problem.file}: ", end="")
        _OUT.print(problem.message, markup=False)
    _OUT.print(f"{len(report.documents)} documents changed.")


def _guarded(command: Callable[[], None]) -> None:
    """Run a command; what stops it is told in plain words, without a trace."""
    try:
        command()
    except DatelineError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    _guarded(main)
