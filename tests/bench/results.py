"""Stores figures, with the machine on which they were measured.

Each benchmark appends lines of JSON to `.cache/bench/results/NAME.jsonl`: first one with the time,
the machine and the versions, then one for each measurement. `newest` returns the results of the
last run for each measurement, `every` those of all runs. `python -m bench.report` writes the page.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from dateline import __version__

CACHE = Path(__file__).parent.parent.parent / ".cache" / "bench"
RESULTS = CACHE / "results"
Line = dict[str, str | float | None]


class Results:
    """The figures of one run of the benchmark `name`, in their order."""

    def __init__(self, name: str, versions: Mapping[str, str], folder: Path = RESULTS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{name}.jsonl"
        self._run = f"{datetime.now(UTC):%FT%TZ}"
        self._write({"machine": machine(), "versions": {**own_versions(), **versions}})

    def add(self, **figures: str | float | None) -> None:
        """Store one measurement, and show it as progress."""
        self._write(figures)
        shown = (
            f"{value:.4g}" if isinstance(value, float) else f"{value}" for value in figures.values()
        )
        print("  ".join(shown), file=sys.stderr, flush=True)

    def _write(self, record: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"run": self._run, **record}) + "\n")


def newest(name: str, keys: Sequence[str], folder: Path = RESULTS) -> tuple[list[Line], list[Line]]:
    """Return the descriptions of runs, and all measurements of the last run that made them.

    `keys` are the fields that identify a measurement. Only runs with such measurements are
    returned.
    """
    setups, figures = every(name, folder)
    last = {tuple(line.get(key) for key in keys): line["run"] for line in figures}
    kept = [one for one in figures if last[tuple(one.get(key) for key in keys)] == one["run"]]
    quoted = {line["run"] for line in kept}
    return [line for line in setups if line["run"] in quoted], kept


def every(name: str, folder: Path = RESULTS) -> tuple[list[Line], list[Line]]:
    """Return the descriptions and the measurements of all runs."""
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return [], []
    lines: list[Line] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    figures = [line for line in lines if "machine" not in line]
    return [line for line in lines if "machine" in line], figures


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Return the median, the minimum and the maximum."""
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def machine() -> str:
    """Describe this machine, and its load in the five minutes before."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GB, Linux {platform.release()}, load {os.getloadavg()[1]:.1f}"
    )


def own_versions() -> dict[str, str]:
    """Return the versions of Dateline, with its commit, of Python, and of what it uses most."""
    names = ("granian", "feedgen", "watchfiles", "SQLAlchemy")
    own = {"Dateline": f"{__version__} ({_revision()})", "Python": platform.python_version()}
    return own | {name: metadata.version(name) for name in names}


def _revision() -> str:
    """Return the measured commit, if git knows it."""
    command = ["git", "-C", str(CACHE.parent.parent), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "?"
    return done.stdout.strip() or "?"
