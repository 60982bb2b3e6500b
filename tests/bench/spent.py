"""Measures how long a command takes, and the peak memory of its processes.

Time is from its start to its end. Memory is the sum over all its processes, with each page counted
once (Pss in `/proc/PID/smaps_rollup`), or the peak of the largest of them (VmHWM in
`/proc/PID/status`), whichever is larger, sampled twenty times a second. `wait4` would include the
memory of this process. The modules of Dateline are compiled before, as an installed one has them.
"""

from __future__ import annotations

import compileall
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic

from support.paths import ROOT

_LOOKS_EVERY = 0.05  # seconds
_QUIET = 0.02  # processor seconds
_TICKS = os.sysconf("SC_CLK_TCK")
_SIZE = r"^{}:\s+(\d+) kB"


class FailedError(Exception):
    """The measured command failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds, and bytes at the peak."""

    seconds: float
    memory: int


def spend(
    command: Sequence[str],
    *,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    patience: float = 300,
) -> Spent | None:
    """Run a command to its end; return None if it takes longer than `patience`, in seconds.

    Raises `FailedError`, with the command's output, if it fails.
    """
    said = folder / ".said"
    with said.open("wb") as output:
        begun = monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**_variables(), **(variables or {})},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        late = threading.Timer(patience, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        watch = _Watch(process.pid)
        process.wait()
        seconds = monotonic() - begun
    late.cancel()
    peak = watch.end()
    if process.returncode == -signal.SIGKILL and seconds >= patience:
        return None
    if process.returncode:
        raise FailedError(f"{' '.join(command)}: {said.read_text(errors='replace')[-2000:]}")
    return Spent(seconds=seconds, memory=peak)


@cache
def _variables() -> dict[str, str]:
    """Compile the modules of Dateline; return the variables of a process that finds them so."""
    compileall.compile_dir(ROOT / "dateline", quiet=1)
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


class _Watch(threading.Thread):
    """Samples the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self._peak = 0
        self.start()

    def run(self) -> None:
        """Take samples until it is stopped."""
        while not self._over.wait(_LOOKS_EVERY):
            found = list(_tree(self._pid))
            together = sum(size(pid, "smaps_rollup", "Pss") for pid in found)
            largest = max(size(pid, "status", "VmHWM") for pid in found)
            self._peak = max(self._peak, together, largest)

    def end(self) -> int:
        """Return the highest number of bytes."""
        self._over.set()
        self.join()
        return self._peak


def size(pid: int, file: str, name: str) -> int:
    """Return a size in bytes from a file below `/proc`; 0 if the process is gone."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    found = re.search(_SIZE.format(name), text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def processor(pid: int) -> float:
    """Return the processor time in seconds of a process and its descendants."""
    total = 0
    for one in _tree(pid):
        try:
            times = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(times[11]) + int(times[12])
    return total / _TICKS


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:
        return


def wait_until_idle(pid: int, *, seconds: float = 1.5, patience: float = 300) -> bool:
    """Wait until a process and its descendants have been idle for `seconds`; return success."""
    end = monotonic() + patience
    before = -1.0
    while monotonic() < end:
        now = processor(pid)
        if now - before <= _QUIET:
            return True
        before = now
        threading.Event().wait(seconds)
    return False
