"""Machines on one network: namespaces of Linux (ip-netns(8)) that a bridge connects.

Each has an address of its own, and the services one more. A machine can be cut off from the
services, from one of them, or from everything.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

SERVICES = "10.77.0.1"
_CLONE_NEWNET = 0x40000000  # sched.h
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One namespace and its address in the common network."""

    space: str
    address: str

    def start(
        self,
        command: Sequence[str | Path],
        output: IO[bytes],
        *,
        folder: Path,
        environment: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        """Start a program there, in a session of its own."""

        def begin() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

        return self.inside(begin)

    def processes(self) -> list[int]:
        """Return the ids of all processes that run there."""
        listed = _run("ip", "netns", "pids", self.space)
        return [int(number) for number in listed.split()]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes there."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def power_off(self) -> None:
        """End all processes there at once; none can finish anything."""
        while self.processes():
            self.signal(signal.SIGKILL)

    def cut(self, *ports: int) -> None:
        """Drop all that passes between this machine and others, or only to and from these ports."""
        to = [f"tcp dport {port} drop" for port in ports] or ["oifname eth0 drop"]
        back = [f"tcp sport {port} drop" for port in ports] or ["iifname eth0 drop"]
        rules = "".join(
            f"add chain inet cut {hook} {{ type filter hook {hook} priority 0; }}\n"
            + "".join(f"add rule inet cut {hook} {rule}\n" for rule in chain)
            for hook, chain in (("output", to), ("input", back))
        )
        self._filter(f"add table inet cut\nflush table inet cut\n{rules}")

    def heal(self) -> None:
        """Let everything pass again."""
        self._filter("add table inet cut\ndelete table inet cut\n")

    def _filter(self, rules: str) -> None:
        command = ["ip", "netns", "exec", self.space, "nft", "-f", "-"]
        subprocess.run(command, input=rules.encode(), check=True, capture_output=True)

    def inside(self, act: Callable[[], _T]) -> _T:
        """Call a function in a thread whose sockets are of this machine; return what it does."""
        with ThreadPoolExecutor(1, initializer=self.enter) as thread:
            return thread.submit(act).result()

    def enter(self) -> None:
        """Let this thread make its sockets in the namespace (setns(2)), until it ends."""
        library = ctypes.CDLL(None, use_errno=True)
        descriptor = os.open(f"/run/netns/{self.space}", os.O_RDONLY)
        try:
            if library.setns(descriptor, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A machine with the services, and others, which reach it at `SERVICES`."""

    services: Machine
    machines: Sequence[Machine]


@contextmanager
def network(number: int) -> Iterator[Network]:
    """Build a network of so many machines, and take it down with all that runs in it."""
    name = f"dl{os.getpid()}"
    services = Machine(space=f"{name}s", address=SERVICES)
    machines = [
        Machine(space=f"{name}m{at}", address=f"10.77.0.{10 + at}") for at in range(1, number + 1)
    ]
    made: list[Machine] = []
    try:
        for one in (services, *machines):
            _run("ip", "netns", "add", one.space)
            made.append(one)
            _run("ip", "-n", one.space, "link", "set", "lo", "up")
        _run("ip", "-n", services.space, "link", "add", "br0", "type", "bridge")
        _run("ip", "-n", services.space, "addr", "add", f"{SERVICES}/24", "dev", "br0")
        _run("ip", "-n", services.space, "link", "set", "br0", "up")
        for at, one in enumerate(machines, start=1):
            _connect(one, services, f"m{at}")
        yield Network(services=services, machines=machines)
    finally:
        for one in reversed(made):
            one.power_off()
            _run("ip", "netns", "delete", one.space)


def _connect(machine: Machine, services: Machine, port: str) -> None:
    """Connect a machine to the bridge by a cable."""
    _run(
        *("ip", "-n", machine.space, "link", "add", "eth0", "type", "veth"),
        *("peer", "name", port, "netns", services.space),
    )
    _run("ip", "-n", services.space, "link", "set", port, "master", "br0", "up")
    _run("ip", "-n", machine.space, "addr", "add", f"{machine.address}/24", "dev", "eth0")
    _run("ip", "-n", machine.space, "link", "set", "eth0", "up")


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
