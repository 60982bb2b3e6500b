"""Keeps long runs in the repository, so that they add up, and writes the section that sums them.

A long run adds a line of JSON to `docs/runs/NAME.jsonl` if it is started with `--record`: when and
where it ran, its command and seeds, what was tried, and each promise that was broken. `mended` of
a broken promise is filled in by hand, with the subject of the commit; `is_wrong` is added where
the test was wrong, not Dateline. The section "Long runs" of docs/reliability.md is the sum; after
a change by hand, write it again:

    PYTHONPATH=tests python -m bench.runs
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.results import machine, own_versions
from support.paths import ROOT

RUNS = ROOT / "docs/runs"
FIGURES = ("hours", "days", "steps", "requests", "faults", "kills", "flips", "inputs")
_HEADS = (
    "run", "runs", "hours", "simulated days", "steps of staff", "requests", "faults", "kills",
    "flipped bits", "hostile inputs", "promises broken", "wrong reports",
)  # fmt: skip
_LATEST = (
    "latest run", "date", "commit", "versions", "machine", "hours", "seeds", "promises broken",
)  # fmt: skip
_BROKEN = ("promise that was broken", "run", "seeds", "fixed by")
_MOST_SEEDS = 40  # characters
_SECTION = re.compile(r"(?ms)^## Long runs\n.*?(?=^## |\Z)")
_ABOUT = """\
## Long runs

`docs/runs/` lists every recorded run (`make trials HOURS=8 RECORD=1` records one), with its \
date, commit, machine, command and all seeds.
The faults include kills and flipped bits. A wrong report is one of a test that was itself at fault.
"""
Run = Mapping[str, Any]


def record(
    name: str,
    *,
    seeds: str,
    figures: Mapping[str, float],
    broken: Sequence[str] = (),
    folder: Path = RUNS,
    **more: object,
) -> None:
    """Add a run of this process's command, and write the section beside `folder` again.

    `figures` are some of `FIGURES`, for the table; `more` is kept as it is.
    """
    assert set(figures) <= set(FIGURES), figures
    run = {
        "date": f"{datetime.now(UTC):%FT%TZ}",
        "commit": _commit(),
        "machine": machine(),
        "versions": own_versions(),
        "command": " ".join(["python", *sys.orig_argv[1:]]),
        "seeds": seeds,
        **{key: round(value, 2) for key, value in figures.items()},
        "broken": [{"what": one, "mended": ""} for one in broken],
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(run, ensure_ascii=False)}\n")
    write_section(folder)


def runs(folder: Path = RUNS) -> dict[str, list[Run]]:
    """Return all runs, by name."""
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted(folder.glob("*.jsonl"))
    }


def section(found: Mapping[str, Sequence[Run]]) -> str:
    """Return the section of docs/reliability.md: sums, latest runs, and what was broken."""
    every = [run for some in found.values() for run in some]
    sums = [*map(_row, found, found.values()), _row("all", every)]
    latest = [_latest(name, some[-1]) for name, some in found.items()]
    tables = [_table(_HEADS, sums), _table(_LATEST, latest)]
    if broken := list(_broken(found)):
        tables.append(_table(_BROKEN, broken))
    return "\n".join([_ABOUT, *tables, ""])


def _row(name: str, some: Sequence[Run]) -> Sequence[str]:
    hours, *sums = (sum(run.get(key, 0) for run in some) for key in FIGURES)
    wrong = sum(len(run["broken"]) for run in some) - sum(len(_own_faults(run)) for run in some)
    broken = sum(len(_own_faults(run)) for run in some)
    counts = (f"{one:,.0f}" if one else "–" for one in sums)
    return [name, f"{len(some)}", f"{hours:,.1f}", *counts, f"{broken}", f"{wrong}"]


def _latest(name: str, run: Run) -> Sequence[str]:
    """Return the row of a run."""
    versions = ", ".join(f"{one} {number}" for one, number in run.get("versions", {}).items())
    numbers = f"{run.get('hours', 0):,.1f}", _seeds(run), f"{len(_own_faults(run))}"
    return [name, run["date"][:10], run["commit"], versions or "–", run["machine"], *numbers]


def _seeds(run: Run) -> str:
    """Return the seeds of a run, or the first of hundreds."""
    seeds: str = run["seeds"]
    return seeds if len(seeds) <= _MOST_SEEDS else f"{seeds[:_MOST_SEEDS].rpartition(',')[0]}, …"


def _own_faults(run: Run) -> Sequence[Mapping[str, Any]]:
    """Return the promises that Dateline broke, in place of a test that was wrong."""
    return [one for one in run["broken"] if not one.get("is_wrong")]


def _broken(found: Mapping[str, Sequence[Run]]) -> Iterator[Sequence[str]]:
    for name, some in found.items():
        for run in some:
            for one in _own_faults(run):
                yield one["what"], f"{name}, {run['date'][:10]}", _seeds(run), one["mended"]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(_line(*row) for row in (heads, ["---"] * len(heads), *rows))


def _line(*cells: str) -> str:
    return f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |\n"


def write_section(folder: Path = RUNS) -> None:
    """Write the section of the page beside a folder of runs again."""
    page = folder.parent / "reliability.md"
    text = _SECTION.sub(lambda _: section(runs(folder)), page.read_text("utf-8"))
    page.write_text(text, encoding="utf-8")


def _commit() -> str:
    """Return the commit, and whether code or tests differ from it; `?` without a repository."""
    try:
        found = _git("rev-parse", "--short=8", "HEAD").stdout.strip()
        is_changed = _git("diff", "--quiet", "HEAD", "--", "dateline", "tests").returncode
    except FileNotFoundError:
        return "?"
    return (found + ("-dirty" if is_changed else "")) if found else "?"


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)


if __name__ == "__main__":
    write_section()
