"""The machine of a trial: its clock, failing system calls, and the processes of `serve`.

`calls.c` is preloaded into every process, and shares one page with the trial: how far the clock is
ahead, and which calls fail. So a clock is set for all processes at one moment, and a fault ends at
one. Nothing here imports Dateline.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep, time

from support.process_tree import descendants, of_session

SOURCE = Path(__file__).with_name("calls.c")
ROOT = Path(__file__).parent.parent.parent
# As in calls.c.
PROCESSES = {
    "publisher": 1,
    "newsroom": 2,
    "web": 4,
    "search": 8,
    "supervisor": 16,
    "command": 32,
    "other": 64,
}
CALLS = {
    "open": 1,
    "read": 2,
    "write": 4,
    "sync": 8,
    "name": 16,
    "look": 32,
    "list": 64,
    "memory": 128,
    "lock": 256,
    "net": 512,
    "create": 1024,
    "send": 2048,
    "receive": 4096,
    "socket": 8192,
}
ERRORS = {"kill": -1, "hang": -2}
_ERROR_NAMES = {**errno.errorcode, **{number: name for name, number in ERRORS.items()}}
_FAULTS = 16
ENDS_WITHIN = 30.0  # seconds
_NANOSECOND = 1_000_000_000
_KIB = 1024


class _Fault(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("is_on", "processes", "calls", "error")),
        *((name, ctypes.c_int64) for name in ("skip", "times", "met")),
        ("hits", ctypes.c_int64 * len(CALLS) * len(PROCESSES)),
        ("under", ctypes.c_char * 512),
    )


class _Control(ctypes.Structure):
    _fields_ = (("ahead", ctypes.c_int64), ("faults", _Fault * _FAULTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFault:
    """Calls that fail: of these kinds, in these processes, on files below `under`.

    `error` is the name of an error, `kill` or `hang`; it comes after `skip` such calls, `times`
    times. Each kill comes after `skip` more.
    """

    error: str
    calls: tuple[str, ...]
    processes: tuple[str, ...]
    under: str = ""
    skip: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What one fault has done: its error, and how many calls of which kind and process had it."""

    error: str
    calls: Counter[tuple[str, str]]


class Controls:
    """The page that all processes share, in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "control"
        self.path.write_bytes(bytes(ctypes.sizeof(_Control)))
        with self.path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 0)
        self._control = _Control.from_buffer(self._page)

    @property
    def now(self) -> float:
        """Return the time that the processes see, in seconds since 1970."""
        ahead: int = self._control.ahead
        return time() + ahead / _NANOSECOND

    def advance(self, seconds: float) -> None:
        """Set the clock forward, or back; never to before the true time."""
        ahead = self._control.ahead + int(seconds * _NANOSECOND)
        self._control.ahead = max(0, ahead)

    def arm(self, place: int, fault: CallFault) -> None:
        """Switch a fault on."""
        one = self._control.faults[place % _FAULTS]
        one.is_on = one.met = 0
        one.error = ERRORS.get(fault.error) or getattr(errno, fault.error)
        one.calls = sum(CALLS[name] for name in fault.calls)
        one.processes = sum(PROCESSES[name] for name in fault.processes)
        one.skip, one.times, one.under = fault.skip, fault.times, os.fsencode(fault.under)
        one.is_on = 1

    def disarm(self) -> list[Hits]:
        """Switch all faults off; return the calls that each of those has met which met any."""
        found = []
        for one in self._control.faults:
            one.is_on = 0
            hits = Counter(
                {
                    (call, process): one.hits[row][column]
                    for row, process in enumerate(PROCESSES)
                    for column, call in enumerate(CALLS)
                    if one.hits[row][column]
                }
            )
            if hits:
                found.append(Hits(error=_ERROR_NAMES[one.error], calls=hits))
            ctypes.memset(one.hits, 0, ctypes.sizeof(one.hits))
        return found


class NothingThereError(Exception):
    """An act or a fault of a script has no object at present, and is left out."""


def slowness() -> float:
    """Return how many times longer everything takes, as others use the machine, too."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def compiled(folder: Path) -> Path:
    """Compile the library that is preloaded."""
    library = folder / "calls.so"
    flags = ("-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")
    subprocess.run(["cc", *flags, "-o", library, SOURCE, "-ldl"], check=True)
    return library


@dataclass(slots=True, kw_only=True)
class Machine:
    """The processes of the publication in `room`, run by the code at `code`.

    Those that are or were `paused` wait for a signal to go on, even if `serve` was killed.
    """

    room: Path
    library: Path
    controls: Controls
    code: Path = ROOT
    output: Path = field(init=False)
    serving: subprocess.Popen[bytes] | None = None
    paused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.output = self.room.parent / "output.txt"
        self.output.touch()

    def environment(self) -> Mapping[str, str]:
        """Return the environment of all processes."""
        own = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        return own | {
            "LD_PRELOAD": str(self.library),
            "TRIAL_CONTROL": str(self.controls.path),
            "PYTHONPATH": str(self.code),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.room.parent),
        }

    def start(self) -> None:
        """Start `serve`, if it does not run."""
        if self.is_up():
            return
        with self.output.open("ab") as file:
            self.serving = subprocess.Popen(
                [sys.executable, "-m", "dateline", "serve"],
                cwd=self.room,
                env=self.environment(),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def is_up(self) -> bool:
        """Return whether `serve` itself runs."""
        return self.serving is not None and self.serving.poll() is None

    def stop(self) -> int:
        """Ask `serve` to end, and return its exit code; kill what is left after a while.

        If `serve` has ended, what was paused goes on, and what is left ends, as a service manager
        would see to.
        """
        if self.serving is None:
            return 0
        started = of_session(self.serving.pid)
        if not self.is_up():
            self.resume()
        self.serving.terminate()
        try:
            return self.serving.wait(ENDS_WITHIN * slowness())
        except subprocess.TimeoutExpired:
            self.serving.kill()
            return self.serving.wait()
        finally:
            self.serving = None
            self._end(started)
            self.paused.clear()

    def _end(self, started: Sequence[int]) -> None:
        """Wait for processes that `serve` has left behind, and kill them in the end."""
        until = monotonic() + ENDS_WITHIN * slowness()
        while monotonic() < until and any(map(is_running, started)):
            sleep(0.05)
        for number in filter(is_running, started):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def command(self, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of Dateline to its end; it may be killed by a fault."""
        return subprocess.run(
            [sys.executable, "-m", "dateline", *words],
            cwd=self.room,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def processes(self) -> Mapping[str, int]:
        """Return the ids of the processes of `serve`, by their name."""
        return dict(self.all_processes())  # the last of a name is the worker, not its parent

    def all_processes(self) -> list[tuple[str, int]]:
        """Return name and id of each process of `serve`; several may have one name."""
        if self.serving is None:
            return []
        found = [(_name_of(number), number) for number in descendants(self.serving.pid)]
        return [("supervisor", self.serving.pid), *(one for one in found if one[0])]

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a process a signal. Raises `NothingThereError` if it is not there."""
        process = self.processes().get(name)
        if process is None:
            raise NothingThereError
        try:
            os.kill(process, number)
        except ProcessLookupError as error:
            raise NothingThereError from error
        if number == signal.SIGSTOP:
            self.paused.append(process)

    def resume(self) -> None:
        """Let all processes go on that were stopped.

        Those of a `serve` that was killed have its port until they have ended.
        """
        for number in self.paused:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


_WORDS = {
    "follow": "publisher",
    "desk": "newsroom",
    "dateline.serve.processes": "web",
    "dateline.serve.search.process": "search",
}


def _name_of(number: int) -> str:
    try:
        line = Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
    named = [_WORDS[word] for word in line.split("\0") if word in _WORDS]
    if not named and "multiprocessing" in line:
        return "worker"
    return named[0] if named else ""


def is_running(process: int) -> bool:
    """Return whether a process is there and has not ended."""
    with suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text("utf-8")
        return stat.rpartition(")")[2].split()[0] != "Z"
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a process uses: resident memory in bytes, and open descriptors."""

    process: int
    memory: int
    descriptors: int


def use_of(process: int) -> Use | None:
    """Return what a process uses; None if it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
        files = len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208 - names alone
    except OSError:
        return None
    lines = [line.split() for line in status.splitlines() if line.startswith("VmRSS:")]
    return Use(
        process=process,
        memory=int(lines[0][1]) * _KIB if lines else 0,
        descriptors=files,
    )


@contextmanager
def running(machine: Machine) -> Iterator[Machine]:
    """Start `serve`, and end everything in the end, also what is stopped or waits."""
    machine.start()
    try:
        yield machine
    finally:
        machine.controls.disarm()
        machine.resume()
        machine.stop()
