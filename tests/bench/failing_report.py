"""Prints what `bench.failing` measured, all runs together, as tables.

The runs that are kept in the repository (`bench.runs`) are a section of docs/scale.md, which a
further run with `--record` writes again, as does:
    PYTHONPATH=tests python -m bench.failing_report --write
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import runs
from bench.results import RESULTS, Line, every
from bench.runs import Run
from cluster.failures import FAILURES, NEEDS_SMALL_DISKS, OUTAGES

_OF_LEADERS = "any failure of the leader"
_LEADERS = FAILURES | NEEDS_SMALL_DISKS
# Targets in seconds: for 99 of 100, or for the greatest of fewer.
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
_KIND = ("entries", "delay", "loss")  # of a run: each has a table
_FEW = 100  # of fewer, one in a hundred is not known
_SHOWN = {"ledger-away": "database away", "store-away": "store away"}
RUNS = "cluster"  # the name of the runs in the repository
_AIMS = {1000: 1000, 100_000: 50}  # failures, by the number of entries
_SECTION = re.compile(r"(?ms)^## Failures of a cluster\n.*?(?=^## |\Z)")
_ABOUT = """\
## Failures of a cluster

`make bench-cluster FAILURES=100 RECORD=1` runs five nodes, PostgreSQL, PgBouncer and SeaweedFS \
as network namespaces of one machine.
It makes the leader fail again and again, in a way and at a moment chosen at random, while news \
is dropped and readers poll all nodes.
Times are measured from the failure until an entry that was dropped at that moment is on all nodes \
that the failure did not affect. For what all nodes need (database, store), they are measured from \
its return.

- *Number* counts the events of all runs.
- *Timed* counts those of the latest version that was measured with one cluster alone. The times \
are of these.
- *Bound* is the target for 99 of 100 events, or for the greatest time if there are fewer than \
100. A time above it is a missed target, not a broken promise.
- *Broken promises* are those of all runs, such as news that a node lacks.

`docs/runs/` lists each failure of each run.
"""


def main(words: Sequence[str] | None = None) -> None:
    """Print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--results", type=Path, default=RESULTS)
    options.add_argument("--write", action="store_true", help="the section of docs/scale.md")
    chosen = options.parse_args(words)
    if chosen.write:
        write_section()
        return
    setups, lines = every("failing", chosen.results)
    for text in (*_tables(lines), *_setups(setups)):
        sys.stdout.write(f"{text}\n")


def _tables(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a table for each size and each network."""
    kinds = sorted({_kind(one) for one in lines})
    for entries, delay, loss in kinds:
        some = [one for one in lines if _kind(one) == (entries, delay, loss)]
        network = f", {1000 * delay:.0f} ms and {loss:.1%} loss to the services" if delay else ""
        yield from ("", f"{entries:,.0f} entries{network}:", "")
        yield "| event | number | timed | median | 99 of 100 | greatest | bound | broken promises |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        for what, bound in _BOUNDS.items():
            names = _LEADERS if what == _OF_LEADERS else {what}
            yield from _row(what, bound, [one for one in some if one["what"] in names])
        yield ""
        yield f"Meanwhile, {_sum(some, 'answers'):,.0f} requests of readers were answered."
        yield from _use(some)


def _kind(line: Mapping[str, Any]) -> tuple[float, float, float]:
    entries, delay, loss = (float(line.get(name) or 0) for name in _KIND)
    return entries, delay, loss


def _row(what: str, bound: float, lines: Sequence[Line]) -> Iterator[str]:
    timed = [one for one in lines if one.get("is_timed", True)]
    values = sorted(float(one["seconds"] or 0) for one in timed if one["seconds"] is not None)
    if not lines:
        return
    shown = ["–"] * 3
    if values:
        p99 = values[math.ceil(0.99 * len(values)) - 1]
        shown = [f"{one:.2f} s" for one in (statistics.median(values), p99, values[-1])]
    if len(values) < _FEW:
        shown[1] = "–"
    cells = (
        _SHOWN.get(what, what),
        f"{len(lines):,}",
        str(len(values)),
        *shown,
        f"{bound:g} s",
        f"{_sum(lines, 'faults'):.0f}",
    )
    yield f"| {' | '.join(cells)} |"


def _use(lines: Sequence[Line]) -> Iterator[str]:
    for when, shown in (("first", "start"), ("last", "end")):
        found = [one for one in lines if one["what"] == f"use of a node, {when}"]
        if found:
            memory = max(float(one["memory"] or 0) for one in found) / 1e6
            files = max(float(one["files"] or 0) for one in found)
            yield f"At the {shown}, a node used at most {memory:.0f} MB and {files:.0f} open files."


def _sum(lines: Sequence[Line], name: str) -> float:
    return sum(float(one.get(name) or 0) for one in lines)


# ---- The runs in the repository


def write_section(folder: Path = runs.RUNS) -> None:
    """Write the section of the page beside a folder of runs again."""
    page = folder.parent / "scale.md"
    text = section(runs.runs(folder).get(RUNS, ()))
    page.write_text(_SECTION.sub(lambda _: text, page.read_text("utf-8")), encoding="utf-8")


def section(found: Sequence[Run]) -> str:
    """Return the section of docs/scale.md: the tables of all runs, and the runs."""
    timed = {_kind(run): run["commit"] for run in found if run["at_once"] == 1}
    lines = [line for run in found for line in _lines(run, timed.get(_kind(run), ""))]
    done = {entries: _failures(lines, entries) for entries in _AIMS}
    aims = " and ".join(
        f"{aim:,} failures among {entries:,} entries" for entries, aim in _AIMS.items()
    )
    counts = " and ".join(f"{done[entries]:,}" for entries in _AIMS)
    text = [f"{_ABOUT}The aim is {aims}; so far there were {counts}.\n"]
    if found:
        text += [*(f"{line}\n" for line in _tables(lines)), "\n", *map(_about_run, found)]
    return "".join([*text, "\n"])


def _lines(run: Run, timed: str) -> Iterator[Line]:
    """Yield what a run measured; times count of the commit `timed`."""
    about = {name: run[name] for name in _KIND}
    is_timed = run["at_once"] == 1 and run["commit"] == timed
    for line in run["lines"]:
        yield {**line, **about, "is_timed": is_timed}


def _failures(lines: Sequence[Line], entries: int) -> int:
    return sum(one["entries"] == entries and one["what"] in _LEADERS for one in lines)


def _about_run(run: Run) -> str:
    number = sum(one["what"] in _LEADERS for one in run["lines"])
    outages = [_SHOWN[one["what"]] for one in run["lines"] if one["what"] in _SHOWN]
    what = ", ".join([*([str(number)] if number else []), *outages])
    beside = f", of {run['at_once']} clusters at once" if run["at_once"] > 1 else ""
    return (
        f"- {run['date'][:10]}, {run['commit']}, seed {run['seeds']}: {what} among "
        f"{run['entries']:,} entries{beside}; load in the minute before {run['load']}, processors "
        f"{run['busy']:.0%} busy. {run['machine']}.\n"
    )


def _setups(setups: Sequence[Line]) -> Iterator[str]:
    yield ""
    for one in setups:
        yield f"- {one['run']}: {one['machine']}."


if __name__ == "__main__":
    main()
