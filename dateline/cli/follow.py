"""The hidden commands `follow` and `desk`, which `serve` starts, and their log.

`follow` is the publisher, `desk` the process of the newsroom. Problems are in the publisher's log
alone, so that each is there once; the newsroom logs what its own runs changed.
"""

from __future__ import annotations

import dataclasses
import logging
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import click

from dateline import config as configuration
from dateline import publish
from dateline.cli import claim, output
from dateline.cli.build import conditions_of
from dateline.cli.options import config_option, json_option, newsroom_option
from dateline.cli.serve import placed, stop_on_signals
from dateline.config import Config, StoreSettings
from dateline.config.watcher import ConfigWatcher
from dateline.entries.media.workshop import PictureWorkshop
from dateline.errors import LedgerError, Problem, State
from dateline.hub.hub import OwnHub, figures
from dateline.ledger import Ledger
from dateline.ledger.engine import close_replaced, keep_connections
from dateline.model import Report
from dateline.publish import schedule, sources
from dateline.publish.notify import alarm, cdn, last_run, websub
from dateline.publish.notify.delivery.checker import DeliveryChecker
from dateline.publish.recovery import traces
from dateline.publish.run import GiveWay
from dateline.publish.schedule.wake import ChangedPaths
from dateline.render.pages.trial import trial
from dateline.serve import health, in_folders_of, keep_newest, last_valid, processes
from dateline.serve.readership import metrics
from dateline.system import clock, heartbeat
from dateline.system.condition import Code, Condition
from dateline.system.supervisor import wait_for_epoch
from dateline.system.writing import temporary_folder
from dateline.text.urls import HUB

_ENTRY = 'title = "A"\ndate = 2008-10-21\nbody = "A"\n'
_NOTE = [".problem", ".txt"]  # which this node has written there
_RELOAD = (
    "config.toml has a changed setting that serve reads only when it starts: to apply it, type "
    "systemctl reload dateline (SIGHUP)."
)
_RESTART = (
    "[source] in config.toml has changed: it takes effect when serve is started again, with "
    "systemctl restart dateline."
)
_log = logging.getLogger(__name__)


@click.command(hidden=True)
@config_option
@newsroom_option
@json_option
def follow(config_path: Path, room: str, *, as_json: bool) -> None:
    """Publish on schedule and on changes, as the publisher process of serve."""
    stop = stop_on_signals()
    processes.attend(stop)
    if not wait_for_epoch(stop, lambda: _prepare(config_path, room)):
        return
    keep_connections(also_to_file=True)
    config = placed(last_valid(config_path), room)
    claim.adopt(config)
    traces.learn(config)
    workshop = PictureWorkshop()
    log = RunLog(as_json=as_json)
    conditions: tuple[Condition, ...] = ()
    newest = NewestConfig(config, room)
    sender = alarm.AlarmSender(publish.ledger_url(config))
    notifier = websub.HubNotifier(publish.ledger_url(config), clock.now)
    purger = cdn.CdnPurger(publish.ledger_url(config), clock.now)
    source = sources.SourceFollower()
    delivery = DeliveryChecker(publish.ledger_url(config), clock.now)
    hub = OwnHub(publish.ledger_url(config), clock.now)

    def run(now: datetime, files: ChangedPaths, give_way: GiveWay) -> datetime | None:
        nonlocal config, conditions
        # A check of all files may give way before it sees what these have found.
        for one in () if files is None else (workshop, delivery):
            one.begin_run()
        with heartbeat.failing(lambda error: source.conditions_of(error, config)):
            config = hub.keep(newest.read())
            has_ledger = True
            try:
                request = publish.RunRequest(
                    now=now,
                    clock=clock.by_own(now),
                    changed_files=files,
                    serving=True,
                    workshop=workshop,
                    give_way=give_way,
                )
                report = publish.build(config, request)
            except LedgerError:
                has_ledger = False  # or it is another machine's: nothing in it is for this one
                raise
            finally:
                if has_ledger:
                    notifier.tell(config)
                purger.tell(config)
            conditions = (*conditions_of(report), *unmounted(config, report))
            sender.ring(config, now)
            delivery.tell(config)
            log.add(report, config)
            return report.next

    def checked(now: datetime, late: datetime) -> None:
        with heartbeat.failing(lambda error: source.conditions_of(error, config)):
            health.record(config.feeds_folder, clock.by_own(now), clock.by_own(late))
            health.probe(config.state)
            publish.note_looked(config, now, late)
        found = (
            *conditions,
            *filter(None, [source.condition]),
            *hub.conditions,
            *delivery.conditions,
        )
        heartbeat.report(
            heartbeat.PublisherCheck(is_good=True, conditions=found, unknown=delivery.unknown)
        )

    if not config.newsroom.is_on:
        last_run.forget(config)

    with closing(delivery), closing(hub), closing(sender), _metering(config):
        schedule.run_forever(
            config,
            run,
            checked,
            stop,
            is_due=lambda: workshop.has_finished or delivery.has_news or hub.has_news,
            while_waiting=_while_waiting,
            follow=source.update,
            entries_now=lambda: config.named_entries,
            takes_over=config.cluster is not None,
        )


@click.command(hidden=True)
@config_option
@newsroom_option
@json_option
def desk(config_path: Path, room: str, *, as_json: bool) -> None:
    """Serve the staff's pages, as the newsroom process of serve."""
    from dateline import newsroom  # noqa: PLC0415 - Flask: the publisher does without

    stop = stop_on_signals()
    processes.attend(stop)
    keep_connections()
    config = placed(last_valid(config_path), room)
    claim.adopt(config)
    newest = NewestConfig(config, room, is_logged=False)

    def say(report: Report, config: Config) -> None:
        if _changes(report):
            shown = report if as_json else dataclasses.replace(report, problems=())
            output.print_report(shown, config.entries, as_json=as_json)

    own = newsroom.Newsroom(config, clock.now, say)
    newsroom.run(own, newest.read, stop)


def unmounted(config: Config, report: Report) -> tuple[Condition, ...]:
    """Return that a node has no entry file, where a guard holds that all are gone.

    Another node may have them: an empty folder is what a share that is not mounted leaves.
    """
    is_held = any(one.code == "many-gone" for one in report.problems)
    if config.cluster is None or not is_held:
        return ()
    with suppress(OSError):  # it is gone since
        if any(one.suffixes[-2:] != _NOTE for one in config.entries.iterdir()):
            return ()
    return (Condition(code=Code.ENTRIES_GONE, detail=f"{config.entries} is empty"),)


def _metering(config: Config) -> AbstractContextManager[None]:
    """Return what keeps the metrics up to date; each node of a cluster does that by itself."""
    if config.cluster is not None:
        return nullcontext()
    url = publish.ledger_url(config)
    return metrics.metering(config, lambda: figures(config, url, clock.now()))


def _while_waiting() -> None:
    close_replaced()
    traces.keep()


def _prepare(config_path: Path, room: str) -> None:
    """Prepare this process for its first run, by all that needs no epoch.

    That run reads the configuration again, and reports what is wrong with it.
    """
    try:
        schedule.load()
        config = placed(configuration.load(config_path), room)
        rehearse(config)
        _reach(config)
    except Exception:  # noqa: BLE001 - it matters only once this node leads, which reports it
        _log.debug("The publisher was not prepared.", exc_info=True)


def rehearse(config: Config) -> Report:
    """Publish an entry at once, in a folder of its own, which is deleted; return the report.

    So all is imported, and all templates are compiled.
    """
    now = clock.now()
    whole = now + timedelta(minutes=1)  # the file must not seem to be written at present
    request = publish.RunRequest(now=now, clock=whole, serving=True)
    with temporary_folder(config.state) as folder:
        own = Path(folder)
        (own / "entries").mkdir()
        (own / "entries/a.toml").write_text(_ENTRY, encoding="utf-8")
        trial = dataclasses.replace(
            config,
            entries=own / "entries",
            feeds_folder=own / "feeds",
            state=own / "state",
            ledger="",
            cooling=timedelta(),
            cdns=(),
            cluster=None,
            store=StoreSettings(url=(own / "store").as_uri()),
            source=None,
        )
        with Ledger(f"sqlite:///{own}/ledger.sqlite") as ledger:
            return publish.publish(trial, ledger, request)


def _reach(config: Config) -> None:
    """Connect to the database and open the store once, which imports what speaks with them.

    Import the libraries of the hub, too: otherwise its start would, while news waits.
    """
    from dateline.ledger.cluster import leadership  # noqa: PLC0415 - few have a cluster
    from dateline.publish.produce import editions  # noqa: PLC0415

    if config.hub and not config.hub.separate:
        import_module("dateline.hub.delivery")
    if config.store:
        editions.opened(config.store)
    with leadership.present(config.ledger) as connection:
        leadership.current(connection)


class NewestConfig:
    """The newest configuration, as far as it takes effect without a signal.

    Its newsroom is at the place `room`, as for `placed`. If it is logged, so is a change of what
    takes effect with a signal or a restart.
    """

    def __init__(self, first: Config, room: str, *, is_logged: bool = True) -> None:
        self._first = first
        self._room = room
        self._is_logged = is_logged
        self._kept: Config | None = None
        self._watcher = ConfigWatcher(first, lambda one: _try(one, room), is_logged=is_logged)
        self._served = _served(first)
        self._source = first.source

    def read(self) -> Config:
        """Return the newest valid configuration."""
        newest = self._watcher.read()
        if self._is_logged and newest is not self._kept:
            self._kept = newest
            keep_newest(newest)
        config = placed(newest, self._room)
        if (served := _served(config)) != self._served:
            self._served = served
            if self._is_logged and served != _served(self._first):
                _log.warning("%s", _RELOAD)
        if config.source != self._source:
            self._source = config.source
            if self._is_logged and config.source != self._first.source:
                _log.warning("%s", _RESTART)
        return _kept(self._first, config)


def _served(config: Config) -> tuple[object, ...]:
    """Return the settings that are read at the start: those of the web workers, and schedules."""
    own = config.publication
    named = (config.host, config.port, config.workers, config.log, config.log_days, config.metrics)
    pages = (own.path, own.allowed, own.has_search, config.hub is None, not config.cdns)
    folders = (config.feeds_folder, config.state)
    return *named, *pages, *folders, config.schedule


def _kept(first: Config, config: Config) -> Config:
    """Return a changed configuration with those settings of the first one that it cannot change.

    The ledger, the cluster and the source are others when `serve` is started again. A search and a
    hub begin and end with SIGHUP: pages and feeds name addresses that the web workers answer. So do
    other folders than that of the entries: the web workers read from `feeds/`, and in another
    `state/` there may be no ledger.
    """
    hubs = config.outside_hubs
    if first.hub:
        hubs = tuple(dict.fromkeys([f"{config.publication.url}{HUB}", *hubs]))
    publication = dataclasses.replace(
        config.publication, hubs=hubs, has_search=first.publication.has_search
    )
    is_same = (config.hub is None) == (first.hub is None)
    kept = in_folders_of(first, config)
    if kept.source != first.source:
        kept = dataclasses.replace(
            kept,
            source=first.source,
            entries=first.entries,
            named_entries=first.named_entries,
            problem_files=first.problem_files,
        )
    return dataclasses.replace(
        kept,
        ledger=first.ledger,
        cluster=first.cluster,
        publication=publication,
        hub=config.hub if is_same else first.hub,
    )


def _try(config: Config, room: str) -> None:
    """Raise `DatelineError` for a configuration that cannot be used."""
    trial(config.publication, config.feeds)
    placed(config, room)


def _changes(report: Report) -> bool:
    """Return whether a run changed anything, or has a remark."""
    files = (report.published, report.changed, report.renamed, report.withdrawn)
    return any((*files, report.documents, report.remarks))


class RunLog:
    """The printed log of `serve`: the result of each run, and each problem once."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._reported: tuple[Problem, ...] = ()
        self._held: set[str] = set()  # files that no run has found right since

    def add(self, report: Report, config: Config) -> None:
        """Print what is new in a report, if anything is."""
        lasting = _lasting(report)
        news = tuple(problem for problem in lasting.problems if problem not in self._reported)
        fixed = self._fixed(lasting)
        self._reported = lasting.problems
        if not self._as_json:
            output.show_fixed(fixed)
        if news or _changes(report):
            shown = lasting if self._as_json else dataclasses.replace(lasting, problems=news)
            output.print_report(shown, config.entries, as_json=self._as_json)

    def _fixed(self, report: Report) -> list[str]:
        """Return the files that were held, and that this run has read and found right."""
        held = {one.file for one in report.problems if one.state is State.HOLD}
        waiting = {path for path, state in report.states.items() if state == State.WAIT}
        fixed = (self._held & report.states.keys()) - held - waiting
        self._held = (self._held - fixed) | held
        return sorted(fixed)


def _lasting(report: Report) -> Report:
    """Leave out files whose only problem is that they were dropped a moment ago."""
    kept = tuple(problem for problem in report.problems if problem.code != "file-changing")
    passing = {problem.file for problem in report.problems} - {problem.file for problem in kept}
    states = {path: state for path, state in report.states.items() if path not in passing}
    return dataclasses.replace(report, problems=kept, states=states)
