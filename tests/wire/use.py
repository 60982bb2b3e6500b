"""Memory and open files of processes, over time."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

MEMORY_AN_HOUR = 5e6  # bytes
FILES_AN_HOUR = 2.0
_KB = 1024


@dataclass(frozen=True, slots=True)
class Use:
    """What processes use at a moment, in seconds: bytes of memory, and open files."""

    moment: float
    memory: int
    files: int
    processes: tuple[int, ...] = ()


@dataclass(slots=True)
class Usage:
    """What processes have used, by kind: all that are of a kind together."""

    samples: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))

    def note(self, moment: float, processes: Mapping[str, Sequence[int]]) -> None:
        """Note what the processes use now; those that have just ended use nothing."""
        for kind, numbers in processes.items():
            found = [use for number in numbers if (use := used(number))]
            if found:
                memory, files = (sum(values) for values in zip(*found, strict=True))
                self.samples[kind].append(Use(moment, memory, files, tuple(sorted(numbers))))

    def slopes(self, kind: str) -> tuple[float, float]:
        """Return by how many bytes and files an hour a kind grows.

        It is the common slope of the times between reloads and restarts, each less its first
        quarter and its mean: what one process used is not compared with its successor's.
        """
        moments, memory, files = list[float](), list[float](), list[float]()
        for _, samples in groupby(self.samples[kind], lambda one: one.processes):
            life = [*samples]
            some = life[len(life) // 4 :]
            moments += _less_mean([one.moment / 3600 for one in some])
            memory += _less_mean([one.memory for one in some])
            files += _less_mean([one.files for one in some])
        if len({*moments}) < 2:
            return 0.0, 0.0
        slopes = (statistics.linear_regression(moments, each).slope for each in (memory, files))
        return next(slopes), next(slopes)

    def growing(self) -> list[str]:
        """Return each kind that grows by more than programs may that run for months."""
        return [
            f"{kind} grows by {memory / 1e6:.1f} MB and {files:.1f} open files an hour"
            for kind in self.samples
            for memory, files in [self.slopes(kind)]
            if memory > MEMORY_AN_HOUR or files > FILES_AN_HOUR
        ]

    def levels(self, kind: str) -> tuple[Use, Use]:
        """Return the medians of the second and of the last quarter, with the moments of both."""
        some = self.samples[kind]
        part = max(1, len(some) // 4)
        return _median(some[part : 2 * part] or some), _median(some[-part:])


def _less_mean(values: Sequence[float]) -> list[float]:
    mean = statistics.fmean(values)
    return [one - mean for one in values]


def used(process: int) -> tuple[int, int] | None:
    """Return the memory that only this process has, in bytes, and the number of its open files."""
    with suppress(OSError, ProcessLookupError):
        place = Path(f"/proc/{process}")
        rollup = (place / "smaps_rollup").read_text("ascii")
        memory = sum(int(line.split()[1]) for line in rollup.splitlines() if _is_own(line))
        return memory * _KB, len([*(place / "fd").iterdir()])
    return None


def _is_own(line: str) -> bool:
    return line.startswith(("Private_Clean:", "Private_Dirty:"))


def _median(some: Sequence[Use]) -> Use:
    return Use(
        statistics.median(one.moment for one in some),
        round(statistics.median(one.memory for one in some)),
        round(statistics.median(one.files for one in some)),
    )
