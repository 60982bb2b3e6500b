"""The hidden command `follow`, the publisher that `serve` starts, and its log."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from dateline import config as configuration
from dateline import newsroom, publish
from dateline.cli import output
from dateline.cli.build import conditions_of
from dateline.cli.options import config_option, json_option, newsroom_option
from dateline.cli.serve import placed, stop_on_signals
from dateline.config import Config
from dateline.config.watcher import ConfigWatcher
from dateline.entries.media.workshop import PictureWorkshop
from dateline.errors import Problem, State
from dateline.model import Report
from dateline.publish import schedule
from dateline.publish.notify import alarm, websub
from dateline.render.pages.trial import trial
from dateline.serve import health, processes
from dateline.serve.readership import metrics
from dateline.system import heartbeat
from dateline.system.condition import Condition


@click.command(hidden=True)
@config_option
@newsroom_option
@json_option
def follow(config_path: Path, room: str, *, as_json: bool) -> None:
    """Publish on schedule and on changes, as the publisher process of serve."""
    config = configuration.load(config_path)
    workshop = PictureWorkshop()
    stop = stop_on_signals()
    processes.attend(stop)
    log = RunLog(as_json=as_json)
    conditions: tuple[Condition, ...] = ()
    watcher = ConfigWatcher(config, lambda one: trial(one.publication, one.feeds))
    sender = alarm.AlarmSender(publish.ledger_url(config))
    notifier = websub.HubNotifier(publish.ledger_url(config), lambda: datetime.now(UTC))

    def run(now: datetime, files: frozenset[str] | None) -> datetime | None:
        nonlocal config, conditions
        with heartbeat.failing():
            config = watcher.read()
            with _turn(staff.turn):
                try:
                    request = publish.RunRequest(
                        now=now,
                        clock=now,
                        changed_files=files,
                        serving=True,
                        workshop=workshop,
                    )
                    report = publish.build(config, request)
                finally:
                    notifier.tell(config)
                staff.show(report, now, config)
            conditions = conditions_of(report)
            sender.ring(config, now)
            log.add(report, config)
            return report.next

    def checked(now: datetime, late: datetime) -> None:
        with heartbeat.failing():
            health.record(config.feeds_folder, now, late)
            health.probe(config.state)
        heartbeat.report(heartbeat.Check(is_good=True, conditions=conditions))

    own = placed(config, room)
    with (
        newsroom.serving(own, lambda: datetime.now(UTC), log.add) as staff,
        metrics.metering(config),
    ):
        schedule.run_forever(config, run, checked, stop, workshop.take_finished)


class RunLog:
    """The printed log of `serve`: the result of each run, and each problem once."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._reported: tuple[Problem, ...] = ()
        self._lock = threading.Lock()  # the newsroom's runs have threads of their own

    def add(self, report: Report, config: Config) -> None:
        """Print what is new in a report, if anything is."""
        lasting = _lasting(report)
        with self._lock:
            news = tuple(problem for problem in lasting.problems if problem not in self._reported)
            fixed = _fixed(self._reported, lasting)
            self._reported = lasting.problems
            if not self._as_json:
                output.show_fixed(fixed)
            changes = (report.published, report.changed, report.renamed, report.withdrawn)
            if news or any(changes) or report.documents or report.remarks:
                shown = lasting if self._as_json else dataclasses.replace(lasting, problems=news)
                output.print_report(shown, config.entries, as_json=self._as_json)


def _fixed(before: Collection[Problem], report: Report) -> tuple[str, ...]:
    """Return the files that were held before, and that this run read and did not hold."""
    held = {one.file for one in before if one.state is State.HOLD}
    fine = held - {one.file for one in report.problems if one.state is State.HOLD}
    return tuple(sorted(fine & report.states.keys()))


def _lasting(report: Report) -> Report:
    """Leave out files whose only problem is that they were dropped a moment ago."""
    kept = tuple(problem for problem in report.problems if problem.code != "file-changing")
    passing = {problem.file for problem in report.problems} - {problem.file for problem in kept}
    states = {path: state for path, state in report.states.items() if path not in passing}
    return dataclasses.replace(report, problems=kept, states=states)


@contextmanager
def _turn(lock: threading.Lock) -> Iterator[None]:
    """Hold the lock, with heartbeats while a run of the newsroom's has it."""
    while not lock.acquire(timeout=1):
        heartbeat.waiting()
    try:
        yield
    finally:
        lock.release()
