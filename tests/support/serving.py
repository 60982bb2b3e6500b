"""Running servers, and clients for them."""

from __future__ import annotations

import dataclasses
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import sample
from time import monotonic, sleep
from typing import Any

import httpx
from werkzeug.serving import make_server

from dateline.config import Config
from dateline.serve import processes
from support.paths import ROOT
from support.process_tree import descendants, runs

PUBLISHER = ROOT / "publisher.py"
PATIENCE = 120.0  # seconds, for a slow and busy machine
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST = 10_000 + 1000 * (_WORKER % 22)
_PORTS = cycle(sample(range(_FIRST, _FIRST + 1000), 1000))  # the system gives out higher ones
_WITHOUT_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # to load them takes 15 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A serving process, its address, and the file with its output."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    @property
    def url(self) -> str:
        """Return the address of the front page."""
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str = "") -> httpx.Response:
        """Request a document, on a connection of its own."""
        return fetch(self.url + path)

    def answers(self, path: str = "") -> bool:
        """Return whether the server answers."""
        try:
            self.get(path)
        except httpx.TransportError:
            return False
        return True

    def printed(self) -> str:
        """Return the output so far."""
        return self.output.read_text(encoding="utf-8")


def fetch(url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Request an address of this machine, on a connection of its own."""
    return httpx.get(url, headers=headers, timeout=PATIENCE, verify=_WITHOUT_CERTIFICATES)


def is_there(url: str) -> bool:
    """Return whether an address of this machine is answered with 200."""
    try:
        return fetch(url).status_code == 200
    except httpx.TransportError:
        return False


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until a condition holds; return whether it does."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            return False
        sleep(0.05)
    return True


def free_port() -> int:
    """Return an unused port, which neither another worker nor the system takes meanwhile."""
    for port in islice(_PORTS, 1000):
        with closing(socket.socket()) as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def exchange(port: int, request: bytes) -> bytes:
    """Send bytes, and return everything received until the server closes the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(request)
        while some := connection.recv(65536):
            answer += some
    return answer


@contextmanager
def granian(config: Config, port: int = 0) -> Iterator[Served]:
    """Serve what was published, without a publisher, at this port or any."""
    port = port or free_port()
    command = processes.granian_command(dataclasses.replace(config, port=port))
    variables = {**processes.environment(), "DATELINE_CONFIG": str(config.path)}
    with running(command, port, config.path.parent, variables) as served:
        yield served


@contextmanager
def serve(
    folder: Path, *words: str, port: int = 0, says_port: bool = True, **variables: str
) -> Iterator[Served]:
    """Run `publisher.py serve` for the publication in `folder`, with these variables.

    Unless it `says_port`, the port is in the configuration.
    """
    port = port or free_port()
    command = [sys.executable, str(PUBLISHER), "serve", *words]
    command += ["--port", str(port)] if says_port else []
    command += ["--config", str(folder / "config.toml")]
    with running(command, port, folder, {**os.environ, **variables}) as served:
        yield served


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, variables: dict[str, str]
) -> Iterator[Served]:
    """Run a command that serves at a port, in a folder, with these variables alone."""
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    served = Served(process=process, port=port, output=output)
    try:
        assert until(served.answers), served.printed()
        yield served
    finally:
        started = [process.pid, *descendants(process.pid)]
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        for one in filter(runs, started):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        process.wait()


@dataclass
class Reader:
    """A client that keeps its connection as long as possible, and repeats its request.

    It counts the answers by status (`answered`), and requests without an answer (`lost`). It ends
    when the server is gone, or when it is stopped.
    """

    port: int
    answered: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        """Send requests until it is stopped."""
        with suppress(ConnectionRefusedError):
            while not self.is_over.is_set():
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                with closing(connection):
                    connection.connect()
                    self._ask(connection)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        """Send requests over one connection until it ends."""
        while not self.is_over.is_set():
            try:
                connection.request("GET", "/news.rss")
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                return
            self.answered[answer.status] += 1
            if answer.will_close:
                return


@contextmanager
def busy(port: int, number: int) -> Iterator[list[Reader]]:
    """Run this many clients that send requests all the time."""
    readers = [Reader(port) for _ in range(number)]
    threads = [threading.Thread(target=one.read) for one in readers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        for one in readers:
            one.is_over.set()
        for thread in threads:
            thread.join(PATIENCE)


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve an application on a free port; yield its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
