"""The publisher's heartbeat and reports, written to the supervisor through a pipe.

A pipe, because a full disk and a damaged ledger stop it from carrying nothing. Each line is one
of three: empty for a beat, a number of seconds for a beat before a step that may take so long,
or JSON for what a check found. A process that has no such pipe writes nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from dateline.system.condition import Code, Condition, of_error

VARIABLE = "DATELINE_PULSE"  # the number of the pipe's writing end
_LONGEST = 4000  # bytes of a line: a pipe takes so many whole (PIPE_BUF of pipe(7))
LONG = 600  # seconds: for a step that counts or copies everything, or waits for a disk
_SOME = 200  # items between two beats
_DETAIL = 300
_T = TypeVar("_T")
_pipe = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check of the publisher's found; it `is_good` where it ran to its end."""

    is_good: bool
    conditions: tuple[Condition, ...] = ()


def attach() -> None:
    """Let the beats of this process go to the supervisor that started it."""
    global _pipe  # noqa: PLW0603 - one for the whole process, whichever thread works
    _pipe = int(os.environ.get(VARIABLE) or -1)
    if _pipe >= 0:
        os.set_inheritable(_pipe, False)  # noqa: FBT003 - its only argument


def beat(within: int = 0) -> None:
    """Say that this process works; the next step may take `within` seconds, or the usual time."""
    _write(f"{within or ''}\n".encode())


def waiting(within: int = 0) -> None:
    """Say that the main thread waits its turn, or for the ledger; others wait in silence."""
    if threading.current_thread() is threading.main_thread():
        beat(within)


def beating(items: Iterable[_T]) -> Iterator[_T]:
    """Yield the items, with a beat now and then."""
    for number, item in enumerate(items):
        if number % _SOME == 0:
            beat()
        yield item


def report(check: Check) -> None:
    """Report what a check found."""
    found = list(check.conditions)
    while True:
        rows = [[one.code, one.about[:_DETAIL], one.detail[:_DETAIL]] for one in found]
        line = json.dumps({"good": check.is_good, "conditions": rows}).encode() + b"\n"
        if len(line) <= _LONGEST or not found:
            break
        found.pop()
    _write(line)


@contextmanager
def failing() -> Iterator[None]:
    """Report a check that fails in here."""
    try:
        yield
    except Exception as error:
        report(Check(is_good=False, conditions=(of_error(error),)))
        raise


def _write(line: bytes) -> None:
    """Write a line whole or not at all: nobody waits for the supervisor."""
    if _pipe >= 0:
        with suppress(OSError):
            os.write(_pipe, line)


class Pulse:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self.writing, False)
        self._rest = b""

    def read(self) -> tuple[int | None, list[Check]]:
        """Return the seconds that the last beat asked for, None without one, and the checks."""
        within: int | None = None
        checks = []
        *lines, self._rest = (self._rest + self._taken()).split(b"\n")
        for line in lines:
            within = int(line) if line.isdigit() else 0
            if line.startswith(b"{"):
                checks.append(_check(line))
        return within, checks

    def close(self) -> None:
        """Close both ends."""
        os.close(self._reading)
        os.close(self.writing)

    def _taken(self) -> bytes:
        taken = b""
        with suppress(BlockingIOError):
            while some := os.read(self._reading, 65536):
                taken += some
        return taken


def _check(line: bytes) -> Check:
    read = json.loads(line)
    return Check(
        is_good=read["good"],
        conditions=tuple(
            Condition(code=Code(code), about=about, detail=detail)
            for code, about, detail in read["conditions"]
        ),
    )
