"""The publisher's heartbeats and reports, written to the supervisor through a pipe.

A pipe, because it works even with a full disk or a damaged ledger. A line is one of four: empty
for a heartbeat, a number of seconds for a heartbeat before a step that may take that long, a JSON
object for the result of a check, or a JSON array with the file whose text is being read, empty
when that is done. A process without such a pipe writes nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from time import sleep
from typing import TypeVar

from dateline.system.condition import Code, Condition, of_error

VARIABLE = "DATELINE_PULSE"  # the file descriptor of the pipe's writing end
ALONE = "DATELINE_ALONE"  # set in a process whose predecessor hung, until all files are read
ENDLESS = "DATELINE_ENDLESS_FILES"  # the files that processes before this one did not finish
_LONGEST = 4000  # bytes of a line: a pipe writes as many at once (PIPE_BUF in pipe(7))
LONG = 600  # seconds: for a step that reads or copies everything, or waits for a disk
_BATCH = 200  # items between two heartbeats
_DETAIL = 300
_TRIES, _PAUSE = 20, 0.02  # seconds between them
_T = TypeVar("_T")
_pipe = -1
_owner = 0  # the process that the pipe is of; forks of it have the pipe, too


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherCheck:
    """The result of one check of the publisher's; `is_good` if it ran to its end.

    Of the kinds that are `unknown` nobody knows at present whether they hold.
    """

    is_good: bool
    conditions: tuple[Condition, ...] = ()
    unknown: tuple[Code, ...] = ()


def attach() -> None:
    """Send the heartbeats of this process to the supervisor that started it."""
    global _pipe, _owner  # noqa: PLW0603 - one for all threads of the process
    _owner = os.getpid()
    _pipe = int(os.environ.get(VARIABLE) or -1)
    if _pipe >= 0:
        os.set_inheritable(_pipe, False)  # noqa: FBT003 - its only argument


def beat(within: int = 0) -> None:
    """Send a heartbeat; the next step may take `within` seconds, or the usual time."""
    _write(f"{within or ''}\n".encode())


def waiting(within: int = 0) -> None:
    """Send a heartbeat while the main thread waits; other threads send none."""
    if threading.current_thread() is threading.main_thread():
        beat(within)


def beating(items: Iterable[_T]) -> Iterator[_T]:
    """Yield the items, with a heartbeat now and then."""
    for number, item in enumerate(items):
        if number % _BATCH == 0:
            beat()
        yield item


@contextmanager
def reading(path: str, stamp: Sequence[int]) -> Iterator[None]:
    """Name the file whose text is read in this context, to hold it if that never ends.

    Its name and its stamp are forgotten with the next change of it.
    """
    line = json.dumps([path, *stamp]).encode() + b"\n"
    is_main = threading.current_thread() is threading.main_thread()
    if len(line) > _LONGEST or not is_main or os.getpid() != _owner:
        yield
        return
    _write(line, _TRIES)
    try:
        yield
    finally:
        _write(b"[]\n", _TRIES)


@cache
def endless_files() -> Collection[tuple[str | int, ...]] | None:
    """Return the files, with their stamps, in which processes before this one hung.

    None in a process that is not told: it goes by what the ledger has of them.
    """
    found = os.environ.get(ENDLESS)
    return frozenset(map(tuple, json.loads(found))) if found else None


def is_after_hang() -> bool:
    """Return whether a process before this one hung, and not all files were read since."""
    return ALONE in os.environ


def end_hang() -> None:
    """Allow other processes beside this one again: all files were read since one hung."""
    os.environ.pop(ALONE, None)


def report(check: PublisherCheck) -> None:
    """Report the result of a check; conditions that do not fit on a line are left out."""
    found = list(check.conditions)
    while True:
        rows = [[one.code, one.about[:_DETAIL], one.detail[:_DETAIL]] for one in found]
        result = {"good": check.is_good, "conditions": rows, "unknown": check.unknown}
        line = json.dumps(result).encode() + b"\n"
        if len(line) <= _LONGEST or not found:
            break
        found.pop()
    _write(line)


@contextmanager
def failing(
    conditions_of: Callable[[Exception], tuple[Condition, ...]] = lambda one: (of_error(one),),
) -> Iterator[None]:
    """Report the error of a check that fails in this context, as the conditions that it is."""
    try:
        yield
    except Exception as error:
        report(PublisherCheck(is_good=False, conditions=conditions_of(error)))
        raise


def _write(line: bytes, tries: int = 1) -> None:
    """Write a line as a whole or not at all; the supervisor empties a full pipe within a few."""
    for number in range(tries if _pipe >= 0 else 0):
        try:
            os.write(_pipe, line)
        except BlockingIOError:
            sleep(_PAUSE * (number < tries - 1))
        except OSError:
            return
        else:
            return


class HeartbeatReader:
    """The supervisor's end of the pipe; `file` is what the process reads, empty for nothing."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self.writing, False)
        self._rest = b""
        self.file: list[str | int] = []

    def read(self) -> tuple[int | None, list[PublisherCheck]]:
        """Return the seconds of the last heartbeat, None without one, and the checks."""
        within: int | None = None
        checks = []
        *lines, self._rest = (self._rest + self._available()).split(b"\n")
        for line in lines:
            within = int(line) if line.isdigit() else 0
            if line.startswith(b"["):
                self.file = json.loads(line)
            if line.startswith(b"{"):
                checks.append(_check(line))
        return within, checks

    def close(self) -> None:
        """Close both ends."""
        os.close(self._reading)
        os.close(self.writing)

    def _available(self) -> bytes:
        data = b""
        with suppress(OSError):  # there is no more, or the machine has no memory for it now
            while part := os.read(self._reading, 65536):
                data += part
        return data


def _check(line: bytes) -> PublisherCheck:
    read = json.loads(line)
    return PublisherCheck(
        is_good=read["good"],
        conditions=tuple(
            Condition(code=Code(code), about=about, detail=detail)
            for code, about, detail in read["conditions"]
        ),
        unknown=tuple(map(Code, read["unknown"])),
    )
