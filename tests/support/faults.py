"""System calls that write below a folder are counted, and a chosen one fails.

Python reports them to audit hooks; the call raises the exception of the hook. Calls by SQLite
itself are not reported: `tests/outside/failing.c` makes those fail.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from dateline.errors import DatelineError

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# By event: the argument that is the path.
_EVENTS = {
    "open": 0,
    "os.mkdir": 0,
    "os.link": 1,
    "os.remove": 0,
    "os.rename": 1,
    "os.rmdir": 0,
    "os.utime": 0,
    "sqlite3.connect": 0,
}
_ERRORS = {"open": errno.ENOSPC, "os.mkdir": errno.ENOSPC, "fsync": errno.EIO, "syncfs": errno.EIO}


class Faults:
    """Calls that write below `folder`; call number `last`, counted from 1, fails."""

    def __init__(self, folder: Path, last: int) -> None:
        self._folder = f"{folder}{os.sep}"
        self._last = last
        self.trail: list[str] = []

    def arm(self) -> None:
        """Start counting, until this process ends."""
        really = os.fsync

        def fsync(fd: Any) -> None:
            self._count("fsync", _name_of(fd))
            really(fd)

        os.fsync = fsync
        sys.addaudithook(self._hear)

    def _hear(self, event: str, words: tuple[Any, ...]) -> None:
        if event == "ctypes.dlsym" and words[1] == "syncfs":
            self._count("syncfs", "")
        elif event in _EVENTS and not (event == "open" and not words[2] & _WRITING):
            path = words[_EVENTS[event]]
            if not isinstance(path, int) and os.fsdecode(path).startswith(self._folder):
                self._count(event, os.fsdecode(path))

    def _count(self, event: str, path: str) -> None:
        self.trail.append(f"{event} {path}")
        if len(self.trail) == self._last:
            _fail(event)


def _name_of(descriptor: int) -> str:
    """Return the path of an open file, if the system reports it."""
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


def _fail(event: str) -> NoReturn:
    if event == "sqlite3.connect":
        raise sqlite3.OperationalError("unable to open database file")
    number = _ERRORS.get(event, errno.EACCES)
    raise OSError(number, os.strerror(number))


@contextmanager
def full_disk(room: int = 0) -> Iterator[None]:
    """Stop every file from growing above `room` bytes."""
    import resource  # noqa: PLC0415 - Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_threads() -> Iterator[None]:
    """Let no thread start, as where the machine has no memory for one; one has to try."""

    def fail(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    with patch.object(threading.Thread, "start", fail):
        try:
            yield
        except DatelineError:
            return
    raise AssertionError("no thread was to start")
