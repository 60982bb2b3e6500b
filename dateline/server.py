"""Who keeps the publisher and the web workers running?

A small supervisor with two children: the publisher, and granian's own command with its
workers. One that ends is started again; when the supervisor ends, by whatever cause, so do
both. Each process looks after its own parent only: a number can be another's by now, and of a
process that was killed it stays until somebody waits for it.
"""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep

from flask import Flask

from dateline.config import Config
from dateline.errors import DatelineError
from dateline.web import create_app

REFUSED = 2  # the exit code of a child that would refuse again: its configuration is wrong
_SUPERVISOR = "DATELINE_SUPERVISOR"
_NICE = 10  # readers come first
_LOOKS_EVERY = 0.25  # seconds
_PATIENCE = 5.0  # seconds for a child to end by itself
_DRAIN = 3  # seconds for requests under way
_QUICK = 5.0  # seconds: a child that lives shorter is started again ever more slowly
_PAUSES = (0.1, 30.0)  # seconds: the shortest and the longest
_log = logging.getLogger(__name__)


def granian_command(config: Config) -> list[str]:
    """Give the command that serves the publication; it wants the `environment` of this."""
    return [
        sys.executable, "-m", "dateline.server", "dateline.server:worker_app", "--factory",
        "--interface", "wsgi", "--host", config.host, "--port", str(config.port),
        "--workers", str(config.workers), "--blocking-threads", "1", "--no-ws",
        "--respawn-failed-workers", "--workers-kill-timeout", str(_DRAIN),
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def environment() -> dict[str, str]:
    """Give the environment of a child, which finds this code from any folder."""
    code = str(Path(__file__).parent.parent)
    paths = [code, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), _SUPERVISOR: str(os.getpid())}


def worker_app() -> Flask:
    """Make the application inside a worker, which ends when granian does."""
    granian = multiprocessing.parent_process()

    def watch() -> None:
        if granian is not None:
            granian.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    return create_app()


def attend(stop: threading.Event) -> None:
    """Be the child that publishes: leave the processor to readers, set `stop` when alone."""
    os.nice(_NICE)
    _when_alone(stop.set)


def supervise(commands: Sequence[Sequence[str]], stop: threading.Event) -> None:
    """Keep one process for each command running until `stop` is set.

    Raises `DatelineError` when one says at its first start, by the exit code `REFUSED`, that it
    never will. Later that is no reason to leave readers alone: what is wrong is said and mended.
    """
    refused = threading.Event()
    threads = [threading.Thread(target=_keep, args=(c, stop, refused)) for c in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused.is_set():
        raise DatelineError("Serving has stopped for what is said above. Mend it and start again.")


def probe(host: str, port: int) -> None:
    """Say so if the port cannot be had: two granians would share it without an error.

    Raises `DatelineError`.
    """
    try:
        _bind(host, port)
    except OSError as error:
        raise DatelineError(_instead(host, port, error)) from error


def _instead(host: str, port: int, error: OSError) -> str:
    again = "type: python publisher.py serve"
    if error.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        return f"Another program has port {port} on {host}: stop it, or {again} --port {free}"
    if error.errno == errno.EACCES:
        return f"Port {port} is for the system's own programs: {again} --port 8000"
    return f"Nothing can be served at {host} ({error.strerror}): {again} --host 127.0.0.1"


def _bind(host: str, port: int) -> None:
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def _next_free(host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + 100, 65536)):
        try:
            _bind(host, candidate)
        except OSError:
            continue
        return candidate
    return 8000


def _keep(command: Sequence[str], stop: threading.Event, refused: threading.Event) -> None:
    shortest, longest = _PAUSES
    pause = shortest
    is_first = True
    while not stop.is_set():
        started = monotonic()
        code = _run(command, stop)
        if stop.is_set():
            return
        if code == REFUSED and is_first:
            refused.set()
            stop.set()
            return
        is_first = False
        pause = shortest if monotonic() - started > _QUICK else min(pause * 2, longest)
        name = " ".join(command[1:3])
        _log.warning("%s ended with code %d; it starts again in %.1f s.", name, code, pause)
        stop.wait(pause)


def _run(command: Sequence[str], stop: threading.Event) -> int:
    """Run a child to its end, which is asked for when `stop` is set; give its exit code."""
    try:
        # A group of its own: Ctrl+C is for the supervisor, which ends its children in order.
        child = subprocess.Popen(command, env=environment(), process_group=0)  # noqa: S603 - ours
    except OSError as error:
        _log.warning("%s", error)
        return -1
    while child.poll() is None and not stop.wait(0.1):
        pass
    if child.poll() is None:
        child.terminate()
    try:
        return child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _when_alone(act: Callable[[], None]) -> None:
    """Call `act` when the process that started this one is gone."""
    parent = int(os.environ.get(_SUPERVISOR) or os.getppid())

    def watch() -> None:
        while os.getppid() == parent:
            sleep(_LOOKS_EVERY)
        act()

    threading.Thread(target=watch, daemon=True).start()


def _main() -> None:
    """Run granian's own command, as a child that ends with its parent."""
    try:
        create_app()
    except DatelineError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(REFUSED)
    _when_alone(lambda: os.kill(os.getpid(), signal.SIGTERM))
    runpy.run_module("granian", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
