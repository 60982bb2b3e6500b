"""The command: `python publisher.py serve`, `build`, `check`, and what staff type (`desk`).

Each command reads `config.toml`, calls one function, and prints what it gave.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import click

from dateline import config as configuration
from dateline import publish
from dateline.cli import claim, decisions, entries, importing, ledger, output
from dateline.cli.entries import config_option, json_option
from dateline.config import Config
from dateline.entries import scan
from dateline.errors import DatelineError, Problem, State
from dateline.model import Report
from dateline.publish import schedule, settle
from dateline.publish.notify import alarm, websub
from dateline.publish.settle import this_moment
from dateline.render.pages.trial import trial
from dateline.serve import health, processes
from dateline.serve import proxy as before
from dateline.serve.monitoring import monitor
from dateline.serve.proxy import Server
from dateline.serve.readership import metrics
from dateline.system import heartbeat
from dateline.system.condition import Code, Condition, of_error
from dateline.system.ports import probe

_CRASHED = 70  # EX_SOFTWARE of sysexits.h
newsroom_option = click.option(
    "--newsroom",
    "room",
    default="",
    metavar="off|HOST:PORT",
    help="Where staff alone look, or off; as in the configuration unless given.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Publish an organisation's news: TOML files in, feeds and pages out."""


for command in (*entries.COMMANDS, *decisions.COMMANDS, *ledger.COMMANDS, *importing.COMMANDS):
    main.add_command(command)


@main.command()
@config_option
@json_option
@click.option("--all", "anew", is_flag=True, help="Make every document again, with all cores.")
def build(config_path: Path, *, as_json: bool, anew: bool) -> None:
    """Publish what is new or changed, once. Exits with 1 when an entry was held.

    What comes out the same keeps its validators: readers do not notice --all.
    """
    config = configuration.load(config_path)
    with _watched(config) as found:
        with output.portion("Building") as progress:
            report = settle.until_settled(config, anew=anew, progress=progress)
        looked = this_moment()
        found.extend(_conditions(report))
        _print(report, config, as_json=as_json)
        bell = alarm.AlarmSender(publish.ledger_url(config))
        bell.ring(config, this_moment())
        bell.wait()
        _record(config, looked)
    sys.exit(_code(report))


@main.command()
@config_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="For people, for machines, or for the lines of a pull request.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(config_path: Path, files: tuple[Path, ...], form: str) -> None:
    """Say what is wrong with the entries, and write nothing. Exits with 1 when one is held.

    For FILES, say also what will happen to each that is good.
    """
    config = configuration.load(config_path)
    asked = [_inside(path, config) for path in files]
    report = publish.check(config, now=this_moment(), clock=datetime.now(UTC), asked=asked)
    if any(problem.code == "file-changing" for problem in report.problems):
        sleep(scan.holds_still_after(config.entries).total_seconds())
        report = publish.check(config, now=this_moment(), clock=datetime.now(UTC), asked=asked)
    if form == "json":
        click.echo(json.dumps(output.rows(report), ensure_ascii=False, indent=1))
    elif form == "github":
        for command in output.workflow_commands(report, config.entries, _root(config)):
            click.echo(command)
    else:
        output.show_check(report, config.entries)
    sys.exit(_code(report))


@main.command()
@config_option
@click.option("--host", help="The address to serve at; as in the configuration unless given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; likewise.")
@newsroom_option
@json_option
def serve(
    config_path: Path, host: str | None, port: int | None, room: str, *, as_json: bool
) -> None:
    """Publish, serve, watch for dropped files, and publish again on schedule."""
    from dateline import newsroom  # noqa: PLC0415 - Flask: other commands do without

    claims = claim.Claims()

    def read() -> Config:
        config = newsroom.placed(configuration.load(config_path), room)
        config = dataclasses.replace(config, host=host or config.host, port=port or config.port)
        claims.take(config, claim.described(config))
        return config

    config = read()
    probe(config.host, config.port)
    os.environ["DATELINE_CONFIG"] = str(config.path)
    stop = _stop_on_signals()
    follow = [sys.executable, "-m", "dateline", "follow", "--config", str(config.path)]
    site = urlsplit(config.publication.url)
    if site.hostname == config.host and site.port != config.port:
        click.echo(f"Links lead to {config.publication.url}: write this port in url, config.toml.")
    here = _address(config.host, config.port) + site.path.removeprefix("/")
    click.echo(f"Serving {here} (stop with Ctrl+C)")
    if config.newsroom.is_on:
        click.echo(f"Newsroom: {_address(config.newsroom.host, config.newsroom.port)}")
    follow += ["--newsroom", room] if room else []
    follow += ["--json"] if as_json else []
    processes.serve(follow, read, stop, processes.on_hangup(stop))


@main.command()
@config_option
@click.option("--host", default="", help="The address to listen at; every one unless given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, for plain HTTP; or url's.")
@click.option("--log", default="", help="The file of its access log.")
@click.argument("program", type=click.Choice(["nginx", "caddy"]))
def front(config_path: Path, program: Server, host: str, port: int | None, log: str) -> None:
    """Print what nginx or Caddy is to be told to answer in front of `serve`."""
    config = configuration.load(config_path)
    click.echo(before.front(config, program, host=host, port=port, log=log), nl=False)


@main.command(hidden=True)
@config_option
@newsroom_option
@json_option
def follow(config_path: Path, room: str, *, as_json: bool) -> None:
    """Publish on schedule and whenever a file is dropped: the publisher's half of `serve`."""
    from dateline import newsroom  # noqa: PLC0415

    config = configuration.load(config_path)
    stop = _stop_on_signals()
    processes.attend(stop)
    voice = RunLog(as_json=as_json)
    found: tuple[Condition, ...] = ()
    newest = configuration.ConfigWatcher(config, lambda one: trial(one.publication, one.feeds))
    bell = alarm.AlarmSender(publish.ledger_url(config))
    herald = websub.HubNotifier(publish.ledger_url(config), lambda: datetime.now(UTC))

    def run(now: datetime, files: frozenset[str] | None) -> datetime | None:
        nonlocal config, found
        with heartbeat.failing():
            config = newest.read()
            with _turn(staff.turn):
                try:
                    report = publish.build(config, now=now, clock=now, told=files, serving=True)
                finally:
                    herald.tell(config)
                staff.show(report, now, config)
            found = _conditions(report)
            bell.ring(config, now)
            voice.say(report, config)
            return report.next

    def looked(now: datetime, late: datetime) -> None:
        with heartbeat.failing():
            health.record(config.feeds_folder, now, late)
            health.probe(config.state)
        heartbeat.report(heartbeat.Check(is_good=True, conditions=found))

    own = newsroom.placed(config, room)
    with (
        newsroom.serving(own, lambda: datetime.now(UTC), voice.say) as staff,
        metrics.metering(config),
    ):
        schedule.run_forever(config, run, looked, stop)


def _conditions(report: Report) -> tuple[Condition, ...]:
    """Return what a run that ended well found, held files among it."""
    held = sum(state == State.HOLD for state in report.states.values())
    files = (Condition(code=Code.HELD, detail=str(held)),) if held else ()
    return (*report.conditions, *files)


@contextmanager
def _watched(config: Config) -> Iterator[list[Condition]]:
    """Send the alarms of a run by itself; beside `serve`, that is for `serve` to do."""
    found: list[Condition] = []
    check = heartbeat.Check(is_good=False)
    try:
        yield found
        check = heartbeat.Check(is_good=True, conditions=tuple(found))
    except Exception as error:
        check = heartbeat.Check(is_good=False, conditions=(of_error(error),))
        raise
    finally:
        if (check.is_good or check.conditions) and not claim.is_claimed(config):
            monitor.once(config, check, lambda: datetime.now(UTC))


@contextmanager
def _turn(lock: threading.Lock) -> Iterator[None]:
    """Wait for a run of the newsroom's to end, and have the turn then."""
    while not lock.acquire(timeout=1):
        heartbeat.waiting()
    try:
        yield
    finally:
        lock.release()


class RunLog:
    """Says what each run of `serve` did, and each problem once."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._told: tuple[Problem, ...] = ()
        self._lock = threading.Lock()  # the newsroom's runs have threads of their own

    def say(self, report: Report, config: Config) -> None:
        """Say what is new in a report, if anything is."""
        lasting = _lasting(report)
        with self._lock:
            news = tuple(problem for problem in lasting.problems if problem not in self._told)
            self._told = lasting.problems
            happened = (report.published, report.changed, report.withdrawn, report.documents)
            if news or any(happened) or report.remarks:
                shown = lasting if self._as_json else dataclasses.replace(lasting, problems=news)
                _print(shown, config, as_json=self._as_json)


def _record(config: Config, looked: datetime) -> None:
    """Say that `build` has looked; what `serve` said of its own looks stands."""
    before = health.last_look(config.feeds_folder)
    is_believed = before is not None and not before.is_ahead(looked.timestamp())
    promised = datetime.fromtimestamp(before.late if before and is_believed else 0, UTC)
    late = max(schedule.third_look(config.schedule, looked), promised)
    health.record(config.feeds_folder, looked, late)


def _lasting(report: Report) -> Report:
    """Leave out what says no more than that a file was dropped a moment ago."""
    kept = tuple(problem for problem in report.problems if problem.code != "file-changing")
    passing = {problem.file for problem in report.problems} - {problem.file for problem in kept}
    states = {path: state for path, state in report.states.items() if path not in passing}
    return dataclasses.replace(report, problems=kept, states=states)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _inside(path: Path, config: Config) -> str:
    """Give the path under `entries/` of a file that was named from here or from there."""
    for found in (path.resolve(), config.entries / path):
        if found.is_file() and found.is_relative_to(config.entries):
            return found.relative_to(config.entries).as_posix()
    raise DatelineError(f"There is no file {path} in {config.entries}.")


def _root(config: Config) -> Path:
    """Give the folder from which a repository's files are named: here, or the publication's."""
    folders = (Path.cwd(), config.path.parent, config.entries)
    return next(folder for folder in folders if config.entries.is_relative_to(folder))


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _code(report: Report) -> int:
    return int(State.HOLD in report.states.values())


def _print(report: Report, config: Config, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(output.record(report), ensure_ascii=False))
    else:
        output.show(report, config.entries)


def _guarded(command: Callable[[], None]) -> None:
    """Run a command; what stops it is told in plain words, without a trace.

    A fault of ours has a trace, and an exit code that says nothing else.
    """
    try:
        command()
    except DatelineError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except Exception:  # noqa: BLE001 - whatever it is, 1 would say that an entry was held
        traceback.print_exc()
        click.echo(
            "This is a fault of Dateline. Send these lines to the people who run it.", err=True
        )
        sys.exit(_CRASHED)


def run() -> None:
    """Run the command that the arguments of this process name, and exit."""
    _guarded(main)
