"""Who keeps the publisher and the web workers running?

A small supervisor with two children: the publisher, and granian's own command with its
workers. One that ends is started again; when the supervisor ends, both do.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from time import monotonic, sleep

from flask import Flask

from dateline.config import Config
from dateline.errors import DatelineError
from dateline.web import create_app

SUPERVISOR = "DATELINE_SUPERVISOR"
_PATIENCE = 10.0  # seconds for a child to end by itself
_QUICK = 5.0  # seconds: a child that lives shorter is started again ever more slowly


def granian_command(config: Config) -> list[str]:
    """Give the command that serves the publication."""
    return [
        sys.executable, "-m", "granian", "dateline.server:worker_app", "--factory",
        "--interface", "wsgi", "--host", config.host, "--port", str(config.port),
        "--workers", str(config.workers), "--blocking-threads", "2", "--no-ws",
        "--respawn-failed-workers", "--no-log-access", "--log-level", "warning",
    ]  # fmt: skip


def worker_app() -> Flask:
    """Make the application inside a worker, which ends when its parents do."""
    parent, supervisor = os.getppid(), int(os.environ[SUPERVISOR])

    def watch() -> None:
        while os.getppid() == parent and _runs(supervisor):
            sleep(1)
        if os.getppid() == parent:
            os.kill(parent, signal.SIGTERM)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    return create_app()


def stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when the process that started this one is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent and not stop.wait(1):
            pass
        stop.set()

    threading.Thread(target=watch, daemon=True).start()


def supervise(commands: Sequence[Sequence[str]], stop: threading.Event) -> None:
    """Keep one process for each command running until `stop` is set."""
    threads = [threading.Thread(target=_keep, args=(c, stop)) for c in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def probe(host: str, port: int) -> None:
    """Say so if somebody else has the port: two granians would share it without an error.

    Raises `DatelineError`.
    """
    with socket.socket() as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((host, port))
        except OSError as error:
            raise DatelineError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop the program that "
                f"has it, or choose another port: serve --port {port + 1}."
            ) from error


def _keep(command: Sequence[str], stop: threading.Event) -> None:
    environment = {**os.environ, SUPERVISOR: str(os.getpid())}
    pause = 0.1
    while not stop.is_set():
        started = monotonic()
        child = subprocess.Popen(command, env=environment)  # noqa: S603 - our own commands
        while child.poll() is None and not stop.wait(0.1):
            pass
        _end(child)
        pause = 0.1 if monotonic() - started > _QUICK else min(pause * 2, 30)
        stop.wait(pause)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
