"""Child processes that are kept running and end together, also when their parent is gone.

A child that ends is started again, after a longer pause each time if it ran only briefly.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from dateline.errors import DatelineError
from dateline.system import heartbeat
from dateline.system.condition import Code, Condition
from dateline.system.heartbeat import ALONE, ENDLESS, VARIABLE, HeartbeatReader, PublisherCheck

# Runs a module of Dateline: with -P, none of that name in the current folder.
RUN_MODULE = (sys.executable, "-P", "-m")
REFUSED = 2  # the exit code of a child that cannot start: its configuration is invalid
FAILED = 3  # the exit code of a command that failed for a reason that nobody knows
SUPERVISOR = "DATELINE_SUPERVISOR"  # the environment variable with the supervisor's process id
EPOCH = "DATELINE_EPOCH"  # the environment variable with the epoch under which a child writes
_HELD = "waits"  # in place of an epoch: the child reads it from its standard input
_TICK = 0.1  # seconds
_PARENT_CHECK = 0.25  # seconds
_PATIENCE = 5.0  # seconds for a child to end by itself
_QUICK = 5.0  # seconds: after a shorter life, the pause before the next start is doubled
_VAIN = 60.0  # seconds: as after one in which every check failed
_PAUSES = (0.1, 30.0)  # seconds: the shortest and the longest
_HUNG_AFTER = 60.0  # seconds without a beat
_HUNG_LONGEST = 3600.0  # seconds: the limit doubles each time, until a check ends
_NEVER = float("inf")
_STDIN = 0
_MOST_FILES = 30  # that are held because a process hung: a variable has 128 KiB
_LINE = 100  # bytes: an epoch has fewer
_log = logging.getLogger(__name__)


def module_environment() -> dict[str, str]:
    """Return the environment with which a process of `RUN_MODULE` finds this code."""
    code = str(Path(__file__).parent.parent.parent)
    paths = [code, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


class Child:
    """A process that `tend` keeps running: `command`, with `environment`.

    `name` is its name in the log. Where it writes a `pulse`, `heard` is called with each of its
    checks, and it is killed when its heartbeats stop; `found` is called when it hangs or crashes.
    One that `may_refuse` ends all others with its first start, if it cannot start.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] = os.environ,
        *,
        name: str,
        pulse: HeartbeatReader | None = None,
        heard: Callable[[PublisherCheck], None] = lambda _: None,
        found: Callable[[Condition], None] = lambda _: None,
        may_refuse: bool = True,
    ) -> None:
        self.command = command
        self.name = name
        self.has_refused = False
        self._environment = dict(environment)
        self._pulse = pulse
        self._heard, self._found = heard, found
        if pulse is not None:
            self._environment[VARIABLE] = str(pulse.writing)
        self._beat = self._listened = 0.0
        self._within = 0
        self._hangs = 0
        self._suspect: list[str | int] = []  # the file in which the last process hung
        self._process: subprocess.Popen[bytes] | None = None
        self._gate = -1  # the writing end of its standard input, while it waits for an epoch
        self._begun = 0.0
        self._due = 0.0
        self._killed_at = _NEVER
        self._pause = _PAUSES[0]
        self._is_first = may_refuse
        self._is_hung = False
        self._is_sound = False  # a check of this process was good

    @property
    def silence(self) -> float:
        """The seconds since its last heartbeat, or since its start."""
        return monotonic() - max(self._beat, self._begun)

    def tend(self) -> None:
        """Start it if its pause is over, or kill it if it hangs; never wait."""
        now = monotonic()
        code = self._process.poll() if self._process else None
        self._listen(now)  # a process that has ended may have written before
        if self._process is None:
            if now >= self._due:
                self._start(now)
        elif code is not None:
            self._note(code, now)
        elif now > self._killed_at:
            self._process.kill()
        elif self._pulse is not None:
            self._end_if_hung(now)

    def restart(self, command: Sequence[str]) -> None:
        """End it, and start it at once with this command."""
        self.command = command
        self._due = 0.0
        self.end()

    def delay(self, seconds: float) -> None:
        """Delay its first start by so many seconds, or until `begin` is called."""
        self._due = monotonic() + seconds

    def begin(self) -> None:
        """End the delay of its first start."""
        if not self._begun:
            self._due = 0.0

    def hold(self, after: float = 0.0) -> None:
        """Make it wait for an epoch (`wait_for_epoch`) from its next start on.

        It does not start within the next `after` seconds.
        """
        self._environment[EPOCH] = _HELD
        self._due = monotonic() + after

    def go(self, epoch: int) -> None:
        """Pass it its epoch: it begins at once if it waits for one, else with its next start."""
        self._environment[EPOCH] = str(epoch)
        self._due, self._pause = 0.0, _PAUSES[0]
        if self._gate >= 0:
            with suppress(BrokenPipeError):  # it has just ended, and starts again
                os.write(self._gate, f"{epoch}\n".encode())
        self._close_gate()

    def kill(self) -> None:
        """End it at once, and finish nothing; it starts again when `tend` is called."""
        self._due, self._pause = 0.0, _PAUSES[0]
        if self._process is not None:
            self._killed_at = monotonic()
            self._process.kill()
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def end(self) -> None:
        """Ask it to end; `tend` kills it if it takes too long."""
        if self._process is not None:
            self._killed_at = monotonic() + _PATIENCE
            self._process.terminate()

    def wait(self) -> None:
        """Wait for its end, after `end`, and kill it if it takes too long."""
        self._close_gate()
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, self._killed_at - monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self, now: float) -> None:
        """Read the heartbeats of the process, and pass its checks on."""
        if self._pulse is None:
            return
        within, checks = self._pulse.read()
        if within is not None:
            self._beat, self._within = now, within
        if now - self._listened > _QUICK:  # this process itself was suspended
            self._beat = now
        self._listened = now
        for check in checks:
            self._hangs = 0
            self._is_sound |= check.is_good
            self._environment.pop(ALONE, None)
            self._heard(check)

    def _end_if_hung(self, now: float) -> None:
        """Kill a process whose last heartbeat is too old: it may not react to any other signal."""
        longest = max(_HUNG_AFTER, self._within)
        longest = min(longest * 2**self._hangs, max(_HUNG_LONGEST, longest))
        is_heard = now - max(self._beat, self._begun) <= longest
        if self._process is None or self._is_hung or is_heard:
            return
        file = self._hold_file()
        while_reading = f" while it read {file}" if file else ""
        text = "%s gave no sign of life for %d s%s, and is killed."
        _log.warning(text, self.name, longest, while_reading)
        self._found(Condition(code=Code.HUNG, detail=f"{longest:.0f}"))
        self._is_hung = True
        with suppress(ProcessLookupError):  # with the processes that it has started
            os.killpg(self._process.pid, signal.SIGKILL)

    def _hold_file(self) -> str:
        """Return the file in which a process hangs or ends; the second time, the next ones hold it.

        The first time, a disk or a database that did not answer may have been the cause.
        """
        self._environment[ALONE] = "1"
        file = self._pulse.file if self._pulse and not self._within else []
        is_again, self._suspect = bool(file) and file == self._suspect, file
        if is_again:
            held = json.loads(self._environment.get(ENDLESS) or "[]")
            self._environment[ENDLESS] = json.dumps([*held, file][-_MOST_FILES:])
        else:
            self._hangs = min(self._hangs + 1, 10)
        return str(file[0]) if file else ""

    def _start(self, now: float) -> None:
        self._begun, self._within = now, 0
        self._is_hung = self._is_sound = False
        if self._pulse:
            self._pulse.file = []
        passed = (self._pulse.writing,) if self._pulse else ()
        read = None
        try:
            if self._environment.get(EPOCH) == _HELD:
                read, self._gate = os.pipe()
            # A group of its own: Ctrl+C is for the supervisor, which ends its children in order.
            self._process = subprocess.Popen(  # noqa: S603 - ours
                self.command, stdin=read, env=self._environment, process_group=0, pass_fds=passed
            )
        except OSError as error:
            _log.warning("%s", error)
            self._note(-1, now)
        finally:
            if read is not None:
                os.close(read)

    def _close_gate(self) -> None:
        gate, self._gate = self._gate, -1
        if gate >= 0:
            os.close(gate)

    def _note(self, code: int, now: float) -> None:
        """Log that it ended, unless it was asked to, and when it starts again."""
        was_asked = self._killed_at < _NEVER
        self._process, self._killed_at = None, _NEVER
        self._close_gate()
        self.has_refused = code == REFUSED and self._is_first and not was_asked
        self._is_first = False
        if was_asked or self.has_refused:
            return
        shortest, longest = _PAUSES
        lived = now - self._begun
        is_quick = lived <= _QUICK or (code == FAILED and lived <= _VAIN and not self._is_sound)
        self._pause = min(self._pause * 2, longest) if is_quick else shortest
        self._due = now + self._pause
        file = ""
        if not self._is_hung:
            self._found(Condition(code=Code.CRASHING, detail=str(code)))
            file = self._hold_file() if code < 0 else ""  # killed, as where it fills the memory
        while_reading = f" while it read {file}" if file else ""
        text = "%s ended with code %d%s; it starts again in %.1f s."
        _log.warning(text, self.name, code, while_reading, self._pause)


def supervise(
    children: Sequence[Child], stop: threading.Event, beat: Callable[[], None] = lambda: None
) -> None:
    """Keep the children running until `stop` is set.

    `beat` is called ten times a second, the last time after `stop` was set.
    Raises `DatelineError` when one ends its first start with the exit code `REFUSED`. A later
    refusal is logged like any other end: readers are still served until the fault is fixed.
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
    raise DatelineError("Serving has stopped for the reason above. Fix it and start again.")


def wait_for_epoch(stop: threading.Event, prepare: Callable[[], None]) -> bool:
    """Wait for the epoch of this process, if its supervisor holds it (`Child.hold`).

    Call `prepare` before. The epoch is in the environment afterwards. Return False if `stop` was
    set, or the supervisor is gone, before there is one.
    """
    if os.environ.get(EPOCH) != _HELD:
        return True
    prepare()
    while not stop.is_set():
        heartbeat.beat()
        if select.select([_STDIN], [], [], _PARENT_CHECK)[0]:
            os.environ[EPOCH] = os.read(_STDIN, _LINE).decode("ascii").strip()
            return bool(os.environ[EPOCH])
    return False


def on_parent_exit(act: Callable[[], None]) -> None:
    """Call `act` in a thread when the process that started this one is gone, for any cause.

    A process that `multiprocessing` started waits for its parent's end. Any other compares the
    process id of its own parent: an id may belong to a new process by now, and that of a killed
    one stays until its own parent has waited for it.
    """
    parent = multiprocessing.parent_process()
    number = int(os.environ.get(SUPERVISOR) or os.getppid())

    def watch() -> None:
        if parent is not None:
            parent.join()
        else:
            while os.getppid() == number:
                sleep(_PARENT_CHECK)
        act()

    threading.Thread(target=watch, daemon=True).start()


def end_with_parent() -> None:
    """End this process, and finish nothing, as soon as the one that started it is gone."""
    on_parent_exit(lambda: os._exit(0))
