"""Measures the processor time of commands that have little to do, beside importing click.

Each is run in turn with `python -c 'import click'`, with the bytecode of its modules compiled
before, as an installed Dateline has it; the figure is the median of the ratios of each pair.
    python -m bench.start --rounds 15
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bench.results import RESULTS, Results, spread

# Each command, with how many times the processor time of click it may take.
LIMITS: Mapping[str, tuple[int, tuple[str, ...]]] = MappingProxyType(
    {
        "help": (4, ("--help",)),
        "version": (4, ("--version",)),
        "completion": (4, ("completion", "bash")),
        "date": (7, ("date", "1 - 3 May 2026")),
        "build, nothing new": (13, ("build",)),
        "new": (7, ("new", "Harbour opens", "--folder", "{}")),  # last: a draft holds `build`
    }
)
_CLICK = ("-c", "import click")


def main(words: Sequence[str] | None = None) -> None:
    """Measure, store the figures, and print the medians."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--only", nargs="*", default=[*LIMITS])
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    results = Results("start", {}, chosen.results)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        variables = _variables(folder)
        for first in (("init", str(folder), "--yes"), ("build",)):
            _processor(_dateline(first, 0), folder, variables)
        for what in chosen.only:
            limit, command = LIMITS[what]
            _processor(_dateline(command, 0), folder, variables)  # compiles its modules
            ratios = []
            for number in range(1, chosen.rounds + 1):
                click = _processor(_CLICK, folder, variables)
                seconds = _processor(_dateline(command, number), folder, variables)
                ratios.append(seconds / click)
                results.add(what=what, limit=limit, seconds=seconds, click=click)
            print(f"{what}: {spread(ratios, '.1f')} times click, of {limit}")
            if statistics.median(ratios) > limit:
                print(f"{what} takes longer than it may.", file=sys.stderr)


def _variables(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    root = Path(__file__).parent.parent.parent
    return own | {"PYTHONPATH": str(root), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _dateline(command: Sequence[str], number: int) -> tuple[str, ...]:
    return ("-m", "dateline", *(word.format(f"round-{number}") for word in command))


def _processor(words: Sequence[str], folder: Path, variables: Mapping[str, str]) -> float:
    """Return the seconds of processor time that Python needs for a program, with its children."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=variables,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
