"""Prints what `bench.failing` measured, all runs together, as a table for docs/scale.md.

python -m bench.failing_report
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.results import RESULTS, Line, every
from cluster.failures import FAILURES, NEEDS_SMALL_DISKS, OUTAGES

_OF_LEADERS = "any failure of the leader"
_LEADERS = FAILURES | NEEDS_SMALL_DISKS
# As docs/scale.md promises them, in seconds: of 99 of 100, or of the greatest.
_BOUNDS = {
    "drop to all nodes": 1.5,
    "embargo on all nodes": 1.0,
    "empty node: feeds": 30,
    "empty node: everything": 300,
    _OF_LEADERS: 6,
    **dict.fromkeys(_LEADERS, 6),
    "database restarts": 5,
    **dict.fromkeys(OUTAGES, 5),
}
_FEW = 100  # of fewer, one in a hundred is not known


def main(words: Sequence[str] | None = None) -> None:
    """Print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--results", type=Path, default=RESULTS)
    setups, lines = every("failing", options.parse_args(words).results)
    for text in (*_tables(lines), *_setups(setups)):
        sys.stdout.write(f"{text}\n")


def _tables(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a table for each size and each network."""
    kinds = sorted({_kind(one) for one in lines})
    for entries, delay, loss in kinds:
        some = [one for one in lines if _kind(one) == (entries, delay, loss)]
        network = f", {1000 * delay:.0f} ms and {loss:.1%} loss to the services" if delay else ""
        yield from ("", f"{entries:,.0f} entries{network}:", "")
        yield "| event | number | median | 99 of 100 | greatest | bound | broken promises |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for what, bound in _BOUNDS.items():
            names = _LEADERS if what == _OF_LEADERS else {what}
            yield from _row(what, bound, [one for one in some if one["what"] in names])
        yield ""
        yield f"{_sum(some, 'answers'):,.0f} requests of readers were answered meanwhile."
        yield from _use(some)


def _kind(line: Line) -> tuple[float, float, float]:
    entries, delay, loss = (float(line.get(name) or 0) for name in ("entries", "delay", "loss"))
    return entries, delay, loss


def _row(what: str, bound: float, lines: Sequence[Line]) -> Iterator[str]:
    values = sorted(float(one["seconds"] or 0) for one in lines if one["seconds"] is not None)
    if not lines:
        return
    shown = ["–"] * 3
    if values:
        p99 = values[math.ceil(0.99 * len(values)) - 1]
        shown = [f"{one:.2f} s" for one in (statistics.median(values), p99, values[-1])]
    if len(values) < _FEW:
        shown[1] = "–"
    cells = (what, str(len(lines)), *shown, f"{bound:g} s", f"{_sum(lines, 'faults'):.0f}")
    yield f"| {' | '.join(cells)} |"


def _use(lines: Sequence[Line]) -> Iterator[str]:
    for when in ("first", "last"):
        found = [one for one in lines if one["what"] == f"use of a node, {when}"]
        if found:
            memory = max(float(one["memory"] or 0) for one in found) / 1e6
            files = max(float(one["files"] or 0) for one in found)
            yield f"Use of a node, {when}: {memory:.0f} MB and {files:.0f} open files at most."


def _sum(lines: Sequence[Line], name: str) -> float:
    return sum(float(one.get(name) or 0) for one in lines)


def _setups(setups: Sequence[Line]) -> Iterator[str]:
    yield ""
    for one in setups:
        yield f"- {one['run']}: {one['machine']}."


if __name__ == "__main__":
    main()
