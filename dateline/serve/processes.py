"""The processes of `serve`: supervisor, publisher, newsroom, and granian with its workers.

When the supervisor ends, for whatever cause, so do its children. Each process watches its own
parent only: another process id may belong to another process by now, and that of a killed process
exists until its parent waits for it.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, monotonic_ns
from typing import TYPE_CHECKING

try:
    import resource
except ImportError:  # a system that is no Unix: `serve` does not run there
    resource = None  # type: ignore[assignment]

from dateline.config import Config
from dateline.errors import DatelineError
from dateline.hub.client import THREADS as HUB_THREADS
from dateline.messages import program
from dateline.serve import Membership, NodeCommands, keep_taken_up, try_templates
from dateline.serve.monitoring.monitor import Monitor, is_answered
from dateline.serve.search.client import AT_ONCE, SOCKET
from dateline.system import heartbeat, systemd
from dateline.system.condition import Condition
from dateline.system.heartbeat import HeartbeatReader, PublisherCheck
from dateline.system.ports import address_of, probe_beside
from dateline.system.supervisor import (
    REFUSED,
    RUN_MODULE,
    SUPERVISOR,
    Child,
    end_with_parent,
    module_environment,
    on_parent_exit,
    supervise,
)
from dateline.system.writing import temporary_folder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_NICE = 10  # readers come first
_CHECKS_EVERY = 0.25  # seconds
_DRAIN = 3  # seconds for requests under way
# Granian's "backpressure" is how many connections a worker takes: with the default of 1,024,
# that many idle or half-sent ones leave everybody else waiting.
_CONNECTIONS = 8192
_FILES = 256  # that a worker may have open beside them, or half of all where there are few
_FEWEST = 64
_THREADS = 1  # of a worker, beside those that wait for searches and the hub
_HEAD = 65536  # bytes of a request's head: so much may each connection make a worker keep
_RESTS = 300.0  # seconds: longer than an alarm waits, if all nodes fail in turn
_SILENT = 2.0  # seconds: a replica that takes longer for a step waits for its store
_AFTER_TERM = 2.0  # seconds before a former leader's next publisher starts: others come first
_LATEST = 10.0  # seconds from the start to that of the newsroom and web, if the first check is long
_SEARCH = (*RUN_MODULE, "dateline.serve.search.process")
_log = logging.getLogger(__name__)


def granian_command(config: Config) -> list[str]:
    """Return the command that serves the publication, to be run with this `environment`."""
    files = _files()
    connections = max(files - _FILES, files // 2)
    return [
        *RUN_MODULE, "dateline.serve.processes", "dateline.serve.processes:worker_app",
        "--factory",
        "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", str(config.workers),
        "--host", address_of(config.host), "--port", str(config.port),
        "--blocking-threads", str(_threads(config)),
        "--backlog", "4096", "--backpressure", str(connections),
        "--http1-buffer-size", str(_HEAD),
        "--respawn-failed-workers", "--workers-kill-timeout", str(_DRAIN),
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def _threads(config: Config) -> int:
    """Return the threads of a worker: those that wait for others leave one for documents."""
    return _THREADS + (AT_ONCE if config.has_search else 0) + (HUB_THREADS if config.hub else 0)


def environment() -> dict[str, str]:
    """Return the environment of a child, which finds this code from any folder."""
    inherited = module_environment().items()
    own = {name: value for name, value in inherited if name not in systemd.VARIABLES}
    return {**own, SUPERVISOR: str(os.getpid())}


def worker_app() -> WSGIApplication:
    """Return the application inside a worker, which ends when granian does.

    It is without Flask's own `__call__` around it, which costs half a microsecond.
    """
    from dateline.serve.app import create_app  # noqa: PLC0415 - Flask
    from dateline.serve.workers import draining  # noqa: PLC0415 - granian: other commands do without
    from dateline.serve.workers.slow_readers import cut_off_slow_readers  # noqa: PLC0415 - workers only

    end_with_parent()
    cut_off_slow_readers()
    return draining.taking_leave(create_app().wsgi_app)


def require_unix() -> None:
    """Raise `DatelineError` on a system whose processes have no limits and signals of Unix."""
    if resource is None:
        raise DatelineError(
            f"serve needs Linux, macOS or another Unix: type {program.name()} build here, from a "
            "scheduled task, and let a web server answer from the feeds folder."
        )


def attend(stop: threading.Event) -> None:
    """Set up a child that publishes: low priority, heartbeats, `stop` without a parent."""
    os.nice(_NICE)
    heartbeat.attach()
    on_parent_exit(stop.set)


def serve(
    commands: NodeCommands,
    read: Callable[[], Config],
    stop: threading.Event,
    again: threading.Event,
    *,
    member: Membership | None = None,
) -> None:
    """Run the processes of a node until `stop` is set.

    `read` returns the configuration, at the start and whenever `again` is set. A `member` of a
    cluster publishes and has a newsroom only while it leads, and follows while it does not.
    Raises `DatelineError` where a child cannot run, or may open too few files for connections.
    """
    if (files := _files()) < _FEWEST:
        raise DatelineError(
            f"A process may open {files} files here, and serve needs {_FEWEST} at least, one for "
            "each connection. Raise the limit (ulimit -n 1024, or LimitNOFILE=1024 in a unit of "
            f"systemd's), and type {program.name()} serve again."
        )
    service = _Service(commands, read, stop, again, member=member)
    with service.watched():
        supervise(service.children, stop, service.beat)


class _Service:
    """The publisher, the web workers, the search and the newsroom, with their configuration.

    `children` are the processes to keep running.
    """

    def __init__(
        self,
        commands: NodeCommands,
        read: Callable[[], Config],
        stop: threading.Event,
        again: threading.Event,
        *,
        member: Membership | None,
    ) -> None:
        self._member = member
        self._epoch: int | None = 0 if member is None else None
        self._read, self._stop, self._again = read, stop, again
        self._config = read()
        keep_taken_up(self._config)
        self._monitor = Monitor(
            self._config,
            lambda: datetime.now(UTC),
            member.may_send if member else lambda: True,
            stop.is_set,
        )
        self._publisher = Child(
            commands.publisher,
            {**environment(), heartbeat.ENDLESS: "[]"},
            name="publisher",
            pulse=HeartbeatReader(),
            heard=self._hear,
            found=self._find,
            may_refuse=member is None,
        )
        pulse = HeartbeatReader()
        self._newsroom = Child(
            commands.newsroom, environment(), name="newsroom", pulse=pulse, may_refuse=False
        )
        self._replica = Child(
            commands.replica,
            environment(),
            name="replica",
            pulse=HeartbeatReader(),
            heard=self._pass_on,
            found=self._monitor.note,
            may_refuse=member is None,
        )
        if self._epoch is None:
            self._publisher.hold()
        self._newsroom_due = monotonic() + _LATEST
        self._folder = temporary_folder(self._config.state)
        # A short path: that of a socket has 100 characters at most.
        variables = {**environment(), SOCKET: str(Path(self._folder.name, "search"))}
        self._web = Child(granian_command(self._config), variables, name="web server")
        if self._config.store is not None and "follow" in commands.parts:
            self._web.delay(_LATEST)  # the folder may still have what was taken down meanwhile
        self._search = Child(_SEARCH, variables, name="search")
        self._parts = commands.parts
        self._monitor.is_web = "web" in self._parts
        self.children: list[Child] = []
        self._keep_parts()
        self._is_kept_from_leading = False  # by what its publisher or replica reported
        self._is_ready = False
        self._next_try = self._next_sign = self._rests_until = 0.0
        self._rest = _RESTS

    def _keep_parts(self) -> None:
        """Keep the processes running that this node has at present, and only these.

        The publisher of a node that may lead one day is started before, and waits.
        """
        leads, config = self._epoch is not None, self._config
        may_lead = leads or (config.cluster is not None and config.cluster.lead)
        follows = config.store is not None and (not leads or "publish" not in self._parts)
        self._keep(self._publisher, is_wanted=may_lead and "publish" in self._parts)
        self._keep(self._replica, is_wanted=follows and "follow" in self._parts)
        self._keep(self._web, is_wanted="web" in self._parts)
        self._keep(self._search, is_wanted=config.has_search and "web" in self._parts)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take part in the cluster, and run the monitor, which sends alarms."""
        if self._member:
            self._member.start()
        self._monitor.start()
        try:
            yield
        finally:
            self._monitor.stop()
            self._folder.cleanup()

    def beat(self) -> None:
        """Reload where that was asked for, and notify the service manager."""
        if self._again.is_set():
            self._again.clear()
            self._take_up()
        if self._member:
            self._follow_epoch(self._member)
        leads = self._epoch is not None and self._publisher in self.children
        is_due = leads and monotonic() >= self._newsroom_due
        self._keep(self._newsroom, is_wanted=self._config.newsroom.is_on and is_due)
        if systemd.is_listening():
            self._notify()

    def _follow_epoch(self, member: Membership) -> None:
        """Publish under the epoch that this node holds; without one, end what publishes at once.

        A node that ends steps down first, so that another one need not wait for its lease.
        """
        if self._stop.is_set():
            member.stop()
            return
        self._monitor.note_node(member.ahead, member.away)
        is_silent = self._replica in self.children and self._replica.silence > _SILENT
        member.note_ability(is_able=not (self._is_kept_from_leading or is_silent))
        if (epoch := member.epoch) == self._epoch:
            return
        ended = {self._newsroom, self._replica}
        if self._epoch is not None:
            ended.add(self._publisher)
        for child in ended & {*self.children}:
            self.children.remove(child)
            child.kill()
        self._epoch = epoch
        if epoch is None:
            self._monitor.rest()
            self._publisher.hold(_AFTER_TERM)
        else:
            self._publisher.go(epoch)
            self._newsroom.go(epoch)
            self._newsroom_due = monotonic() + _LATEST
        self._keep_parts()

    def _take_up(self) -> None:
        """Restart the publisher, the newsroom, and the workers if the configuration has changed."""
        systemd.notify("RELOADING=1", f"MONOTONIC_USEC={monotonic_ns() // 1000}")
        self._is_ready = False
        try:
            config = self._read()
            _require_same_ledger(self._config, config)
            try_templates(config)
            probe_beside(config.host, config.port, (self._config.host, self._config.port))
        except DatelineError as error:
            _log.warning("%s\nThe configuration from before goes on.", error)
            return
        keep_taken_up(config)
        for child in (self._publisher, self._newsroom, self._replica):
            child.restart(child.command)
        if (command := granian_command(config)) != self._web.command:
            self._web.restart(command)
        elif config != self._config:
            self._web.signal(signal.SIGHUP)  # granian starts new workers, then ends the old
        self._config = self._monitor.config = config
        self._keep_parts()

    def _hear(self, check: PublisherCheck) -> None:
        """Pass a check of the publisher on; after the first one the newsroom starts.

        One that comes after the end of a term is of the publisher from before.
        """
        if self._epoch is not None:
            self._newsroom_due = 0.0
            self._pass_on(check)
            if any(one.code.lets_others_try for one in check.conditions):
                self._let_others_try()
            elif check.is_good:
                self._rests_until, self._rest = 0.0, _RESTS

    def _find(self, condition: Condition) -> None:
        """Pass on what the publisher suffers from, unless it waits: news lacks nothing then."""
        if self._epoch is not None:
            self._monitor.note(condition)
            if condition.code.lets_others_try:
                self._let_others_try()

    def _let_others_try(self) -> None:
        """Leave the lead to other nodes; not again before a pause, which doubles each time."""
        if self._member and monotonic() >= self._rests_until:
            self._member.let_others_try(self._rest)
            self._rests_until, self._rest = monotonic() + self._rest, 2 * self._rest

    def _pass_on(self, check: PublisherCheck) -> None:
        """Pass a check on to the monitor, and note what this node lacks."""
        self._web.begin()
        self._monitor.hear(check)
        self._is_kept_from_leading = any(one.code.keeps_from_leading for one in check.conditions)

    def _keep(self, child: Child, *, is_wanted: bool) -> None:
        """Keep a process running where the configuration asks for it, and only there."""
        if is_wanted and child not in self.children:
            self.children.append(child)
        elif not is_wanted and child in self.children:
            self.children.remove(child)
            child.end()
            child.wait()

    def _notify(self) -> None:
        now = monotonic()
        if self._stop.is_set():
            systemd.notify("STOPPING=1")
            return
        if not self._is_ready and now >= self._next_try:
            self._next_try = now + _CHECKS_EVERY
            # The front page exists as soon as anything does.
            self._is_ready = "web" not in self._parts or is_answered(self._config, "/")
            if self._is_ready:
                systemd.notify("READY=1")
        if (within := systemd.watchdog()) and now >= self._next_sign:
            self._next_sign = now + within / 2
            systemd.notify("WATCHDOG=1")


def _require_same_ledger(before: Config, now: Config) -> None:
    """Raise `DatelineError` if the ledger or the cluster of a running `serve` has changed."""
    if (before.ledger, before.cluster) != (now.ledger, now.cluster):
        raise DatelineError(
            "A change of [ledger] or [cluster] takes effect when serve is started again: stop it, "
            f"and type {program.name()} serve."
        )


def _files() -> int:
    """Return how many files, connections included, a worker may open."""
    wanted, hard = _CONNECTIONS + _FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)


def _main() -> None:
    """Run granian's own command, as a child that ends with its parent."""
    from dateline.serve.app import create_app  # noqa: PLC0415
    from dateline.serve.workers import draining  # noqa: PLC0415

    try:
        create_app()
    except DatelineError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(REFUSED)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, _files()), hard))
    on_parent_exit(lambda: os.kill(os.getpid(), signal.SIGTERM))
    draining.run()


if __name__ == "__main__":
    _main()
