"""Limits that a process sets for itself before it reads what may be hostile."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import process_time


def limit(memory: int, seconds: int) -> None:
    """Allow this process so many more bytes of addresses, and seconds of a processor.

    A lower limit of the system stays. SIGXCPU ends a process that needs more time, and SIGKILL one
    that ignores that or reaches the system's limit; no core of it is kept. Where the machine has no
    memory left, Linux ends this process first.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    with suppress(ImportError):  # Windows
        import resource  # noqa: PLC0415

        limits = {
            resource.RLIMIT_AS: (_addresses() + memory, 0),
            resource.RLIMIT_CPU: (int(process_time()) + seconds, 1),
            resource.RLIMIT_CORE: (0, 0),
        }
        for kind, (most, more) in limits.items():
            soft, hard = (
                most + more if one == resource.RLIM_INFINITY else one
                for one in resource.getrlimit(kind)
            )
            least = min(most, soft, hard)
            with suppress(ValueError):  # macOS limits no addresses
                resource.setrlimit(kind, (least, min(hard, least + more)))


def _addresses() -> int:
    """Return how many bytes of addresses this process has, 0 where that is not known."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf(
            "SC_PAGESIZE"
        )
    except OSError:  # not Linux
        return 0
