"""Figures of trials, all runs together: how much was done, and how many promises were broken.

python -m trials.report
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trials import performance, script

if TYPE_CHECKING:
    from trials.runner import BrokenPromise
    from trials.trial import Trial

FIGURES = Path(__file__).parent.parent.parent / ".cache" / "trials" / "figures.jsonl"
_DAY = 86_400


def figures_of(
    trial: Trial, seed: int, seconds: float, broken: BrokenPromise | None
) -> dict[str, Any]:
    """Return the figures of a trial that has taken so many seconds."""
    simulated = trial.model.latest - trial.begun
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "figures": dict(trial.figures),
        "kinds": dict(trial.kinds),
        "requests": trial.judge.requests,
        "statuses": {str(code): count for code, count in trial.judge.statuses.items()},
        "lost": trial.judge.lost,
        "slowest": round(trial.judge.slowest, 2),
        "days": round(simulated / _DAY, 2),
        "settled": [round(one, 2) for one in trial.latencies],
        "memory": performance.most_memory(trial),
        "broken": list(broken.sentences) if broken else [],
    }


def add(path: Path, line: Mapping[str, Any]) -> None:
    """Add the figures of a trial to those before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(line)}\n")


def sums(lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the figures of trials that the record of long runs has (`bench.runs`)."""
    figures: Counter[str] = Counter()
    for line in lines:
        figures.update(line["figures"])
    return {
        "hours": sum(line.get("seconds", 0) for line in lines) / 3600,
        "days": sum(line["days"] for line in lines),
        "requests": sum(line["requests"] for line in lines),
        **{key: figures[key] for key in ("steps", "faults", "kills", "flips")},
        "inputs": figures["attacks"],
    }


def kinds(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how often each kind of act and of fault was done, with those that never were."""
    counts = Counter(dict.fromkeys(script.kinds(), 0))
    for line in lines:
        counts.update(line.get("kinds", {}))
    return dict(sorted(counts.items()))


def text(path: Path = FIGURES) -> str:
    """Return the figures of all trials, as a table."""
    if not path.exists():
        return "No trials yet: type make trials.\n"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = {**_rows(lines), **{name: f"{count:,}" for name, count in kinds(lines).items()}}
    table = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    return f"| what | number |\n| --- | --- |\n{table}"


def _rows(lines: list[dict[str, Any]]) -> dict[str, str]:
    figures: Counter[str] = Counter()
    for line in lines:
        figures.update(line["figures"])
    settled = sorted(one for line in lines for one in line["settled"])
    memory = {
        name: max(line["memory"].get(name, 0) for line in lines)
        for name in sorted({name for line in lines for name in line["memory"]})
    }
    rows = {
        "trials": f"{len(lines):,}",
        "simulated days": f"{sum(line['days'] for line in lines):,.0f}",
        "requests": f"{sum(line['requests'] for line in lines):,}",
        "requests without an answer": f"{sum(line['lost'] for line in lines):,}",
        **{name: f"{count:,}" for name, count in sorted(figures.items())},
    }
    if settled:
        worst = settled[min(len(settled) - 1, int(len(settled) * 0.99))]
        rows["seconds to settle: median"] = f"{statistics.median(settled):.1f}"
        rows["seconds to settle: 99 of 100"] = f"{worst:.1f}"
        rows["slowest answer, in seconds"] = f"{max(line.get('slowest', 0) for line in lines):.2f}"
    for name, most in memory.items():
        rows[f"most memory: {name}"] = f"{most / 2**20:.0f} MB"
    broken = sum(bool(line["broken"]) for line in lines)
    return rows | {"trials with a broken promise": f"{broken:,}"}


if __name__ == "__main__":
    sys.stdout.write(text())
