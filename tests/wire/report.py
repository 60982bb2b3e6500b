"""Prints what `python -m wire` measured, all runs together, as tables for docs/reliability.md.

python -m wire.report
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.results import RESULTS, Line, every


def main(words: Sequence[str] | None = None) -> None:
    """Print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--results", type=Path, default=RESULTS)
    setups, lines = every("wire", options.parse_args(words).results)
    for text in (*_runs(lines), "", *_loads(lines), "", *_use(lines), "", *_setups(setups)):
        sys.stdout.write(f"{text}\n")


def _runs(lines: Sequence[Line]) -> Iterator[str]:
    runs = [one for one in lines if one["what"] == "run"]
    yield "| hours | requests | compared | news | reloads | restarts | wrong or lost |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    names = ("requests", "answers", "news", "reloads", "restarts", "broken")
    counts = [f"{sum(_number(one, name) for one in runs):,.0f}" for name in names]
    hours = sum(_number(one, "seconds") for one in runs) / 3600
    yield f"| {' | '.join([f'{hours:.2f}', *counts])} |"
    if runs:
        delay = max(_number(one, "late") for one in runs)
        yield ""
        yield f"Of 100 answers that first had an entry, 99 came within {delay:.2f} s of its drop."


def _loads(lines: Sequence[Line]) -> Iterator[str]:
    yield "| server | requests a second | median | p99 | worst p99 of half a minute | lost |"
    yield "| --- | --- | --- | --- | --- | --- |"
    loads = [one for one in lines if one["what"] == "load"]
    for name in dict.fromkeys(str(one["server"]) for one in loads):
        some = [one for one in loads if one["server"] == name]
        late = [_number(one, "p99") for one in some]
        cells = (
            f"{statistics.median(_number(one, 'rate') for one in some):,.0f}",
            f"{statistics.median(_number(one, 'median') for one in some):.2f} ms",
            f"{statistics.median(late):.1f} ms",
            f"{max(late):.1f} ms",
            f"{sum(_number(one, 'lost') for one in some):.0f}",
        )
        yield f"| {name} | {' | '.join(cells)} |"


def _use(lines: Sequence[Line]) -> Iterator[str]:
    yield "| process | memory | grew by | in an hour | open files | in an hour |"
    yield "| --- | --- | --- | --- | --- | --- |"
    found = [one for one in lines if one["what"] == "use"]
    for one in {str(one["kind"]): one for one in found}.values():
        grown = _number(one, "memory") - _number(one, "memory_before")
        cells = (
            f"{_number(one, 'memory') / 1e6:.1f} MB",
            f"{grown / 1e6:+.1f} MB",
            f"{_number(one, 'memory_hour') / 1e6:+.1f} MB",
            f"{_number(one, 'files'):.0f}",
            f"{_number(one, 'files_hour'):+.1f}",
        )
        yield f"| {one['kind']} | {' | '.join(cells)} |"


def _number(line: Line, name: str) -> float:
    return float(line.get(name) or 0)


def _setups(setups: Sequence[Line]) -> Iterator[str]:
    for one in setups:
        yield f"- {one['run']}: {one['machine']}."


if __name__ == "__main__":
    main()
