"""Notifications to the service manager (`sd_notify(3)`), over real sockets."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, monotonic_ns

import pytest

from dateline.system import systemd
from support.process_tree import children
from support.publication import Newsroom
from support.serving import PUBLISHER, serve, until

UNIT = PUBLISHER.parent / "docs/dateline.service"


class Manager:
    """The receiving end of systemd's notification socket."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(f"\0{name[1:]}" if name.startswith("@") else name)

    def has_received(self, state: str) -> bool:
        """Return whether a notification with this beginning has arrived."""
        self.receive()
        return any(one.startswith(state) for one in self.received)

    def receive(self) -> None:
        """Receive the notifications that have arrived."""
        while True:
            try:
                self.received += self._socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return

    def forget(self) -> None:
        """Drop all notifications so far."""
        self.receive()
        self.received.clear()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, newsroom: Newsroom) -> Iterator[Manager]:
    """Yield a manager at a path, and one at an abstract address."""
    place = newsroom.folder / "notify"
    name = str(place) if request.param == "path" else f"@dateline-{os.getpid()}-{monotonic_ns()}"
    with closing(Manager(name)) as manager:
        yield manager


@pytest.mark.parametrize(
    "manager", ["path", pytest.param("abstract", marks=pytest.mark.long)], indirect=True
)
def test_readiness_is_notified_when_documents_are_served(
    newsroom: Newsroom, manager: Manager
) -> None:
    """The port answers earlier; the end of the service is notified too."""
    entries = newsroom.folder / "entries"
    entries.rmdir()
    with serve(newsroom.folder, NOTIFY_SOCKET=manager.name) as served:
        assert served.get().status_code == 503
        early = manager.has_received("READY")
        entries.mkdir()

        assert until(lambda: manager.has_received("READY=1"))
        assert served.get().status_code == 200

        os.kill(served.process.pid, signal.SIGTERM)

        assert until(lambda: manager.has_received("STOPPING=1"))
    assert not early
    assert manager.received == ["READY=1", "STOPPING=1"]


@pytest.mark.long
def test_a_reload_is_notified_at_its_start_and_end(newsroom: Newsroom, manager: Manager) -> None:
    """It has the clock time that `Type=notify-reload` compares."""
    newsroom.build()
    with serve(newsroom.folder, NOTIFY_SOCKET=manager.name) as served:
        assert until(lambda: manager.has_received("READY=1"))
        manager.forget()
        begun = monotonic_ns() // 1000

        os.kill(served.process.pid, signal.SIGHUP)

        assert until(lambda: manager.has_received("READY=1"))
        reloading, moment, ready = manager.received
        assert (reloading, ready) == ("RELOADING=1", "READY=1")
        assert begun <= int(moment.removeprefix("MONOTONIC_USEC=")) <= monotonic_ns() // 1000


@pytest.mark.long
def test_the_watchdog_watches_the_supervisor(newsroom: Newsroom) -> None:
    """The supervisor restarts the publisher, and a restart of all would not free a full disk."""
    with (
        closing(Manager(str(newsroom.folder / "notify"))) as manager,
        serve(newsroom.folder, NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="400000") as served,
    ):
        assert until(
            lambda: manager.received.count("WATCHDOG=1") > 3 or manager.has_received("nothing")
        )
        (publisher,) = [
            child
            for child in children(served.process.pid)
            if b"\0follow\0" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

        os.kill(publisher, signal.SIGSTOP)
        manager.forget()

        assert until(
            lambda: manager.received.count("WATCHDOG=1") > 3 or manager.has_received("nothing")
        )

        os.kill(served.process.pid, signal.SIGSTOP)

        assert until(lambda: is_silent_for(2.0, manager))
        assert served.answers()

        os.kill(served.process.pid, signal.SIGCONT)

        assert until(lambda: manager.has_received("WATCHDOG=1"))


def is_silent_for(seconds: float, manager: Manager) -> bool:
    """Return whether no notification arrives for this many seconds."""
    manager.forget()
    end = monotonic() + seconds
    return not until(lambda: manager.has_received("") or monotonic() > end) or not manager.received


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "2000000"}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
    ],
)
def test_the_watchdog_is_enabled_by_its_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], seconds: float
) -> None:
    """`sd_watchdog_enabled(3)` defines them."""
    for name in systemd.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert systemd.watchdog() == seconds


def test_a_manager_is_notified_at_either_kind_of_address(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All states are in one datagram."""
    monkeypatch.setenv("NOTIFY_SOCKET", manager.name)

    systemd.notify("READY=1", "STATUS=fine")
    manager.receive()

    assert manager.received == ["READY=1", "STATUS=fine"]


def test_a_missing_manager_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is logged."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))

    systemd.notify("READY=1")

    assert "cannot be notified of READY=1" in caplog.text
