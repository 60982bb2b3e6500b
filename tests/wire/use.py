"""Memory and open files of processes, over time."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

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

        It is that of the longest time without a reload or restart, less its first quarter.
        """
        lives = groupby(self.samples[kind], lambda one: one.processes)
        longest = max(([*samples] for _, samples in lives), key=len)
        some = longest[len(longest) // 4 :]
        if len(some) < 2 or some[0].moment == some[-1].moment:
            return 0.0, 0.0
        moments = [one.moment / 3600 for one in some]
        memory = statistics.linear_regression(moments, [one.memory for one in some])
        files = statistics.linear_regression(moments, [one.files for one in some])
        return memory.slope, files.slope

    def levels(self, kind: str) -> tuple[Use, Use]:
        """Return the medians of the second and of the last quarter, with the moments of both."""
        some = self.samples[kind]
        part = max(1, len(some) // 4)
        return _median(some[part : 2 * part] or some), _median(some[-part:])


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
