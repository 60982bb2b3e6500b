"""Who keeps a few processes running?

One that ends is started again, ever more slowly where it lives shortly; all end together.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from dateline.errors import DatelineError

REFUSED = 2  # the exit code of a child that would refuse again: its configuration is wrong
_TICK = 0.1  # seconds
_PATIENCE = 5.0  # seconds for a child to end by itself
_QUICK = 5.0  # seconds: a child that lives shorter is started again ever more slowly
_PAUSES = (0.1, 30.0)  # seconds: the shortest and the longest
_NEVER = float("inf")
_log = logging.getLogger(__name__)


class Child:
    """A process for `command`, with `environment`, which is kept running by `tend`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] = os.environ) -> None:
        self.command = command
        self.has_refused = False
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._due = 0.0
        self._killed_at = _NEVER
        self._pause = _PAUSES[0]
        self._is_first = True

    def tend(self) -> None:
        """Start it where it does not run and its pause is over, once; never wait."""
        now = monotonic()
        if self._process is None:
            if now >= self._due:
                self._start(now)
        elif (code := self._process.poll()) is not None:
            self._note(code, now)
        elif now > self._killed_at:
            self._process.kill()

    def again(self, command: Sequence[str]) -> None:
        """Let it end, and start anew at once with this command."""
        self.command = command
        self._due = 0.0
        self.end()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def end(self) -> None:
        """Ask it to end; whoever tends it kills it when it takes too long."""
        if self._process is not None:
            self._killed_at = monotonic() + _PATIENCE
            self._process.terminate()

    def wait(self) -> None:
        """Wait for one that was asked to end, and kill it when it takes too long."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, self._killed_at - monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self, now: float) -> None:
        self._begun = now
        try:
            # A group of its own: Ctrl+C is for the supervisor, which ends its children in order.
            self._process = subprocess.Popen(  # noqa: S603 - ours
                self.command, env=self._environment, process_group=0
            )
        except OSError as error:
            _log.warning("%s", error)
            self._note(-1, now)

    def _note(self, code: int, now: float) -> None:
        """Say that it ended, unless that was asked for, and when it starts again."""
        was_asked = self._killed_at < _NEVER
        self._process, self._killed_at = None, _NEVER
        self.has_refused = code == REFUSED and self._is_first and not was_asked
        self._is_first = False
        if was_asked or self.has_refused:
            return
        shortest, longest = _PAUSES
        is_quick = now - self._begun <= _QUICK
        self._pause = min(self._pause * 2, longest) if is_quick else shortest
        self._due = now + self._pause
        name = " ".join(self.command[1:3])
        _log.warning("%s ended with code %d; it starts again in %.1f s.", name, code, self._pause)


def supervise(
    children: Sequence[Child], stop: threading.Event, beat: Callable[[], None] = lambda: None
) -> None:
    """Keep the children running until `stop` is set.

    `beat` is called ten times a second, the last time after `stop` was set.
    Raises `DatelineError` when one says at its first start, by the exit code `REFUSED`, that it
    never will. Later that is no reason to leave readers alone: what is wrong is said and mended.
    """
    try:
        while not any(child.has_refused for child in children):
            is_over = stop.is_set()
            beat()
            if is_over:
                return
            for child in children:
                child.tend()
            stop.wait(_TICK)
    finally:
        for child in children:
            child.end()
        for child in children:
            child.wait()
    raise DatelineError("Serving has stopped for what is said above. Mend it and start again.")
