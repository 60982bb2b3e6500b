"""Prints what `python -m power` tried, all runs together, as a table for docs/reliability.md.

python -m power.report
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.results import RESULTS, Line, every


def main(words: Sequence[str] | None = None) -> None:
    """Print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--results", type=Path, default=RESULTS)
    setups, lines = every("power", options.parse_args(words).results)
    for text in (*_table(lines), "", *_setups(setups, lines)):
        sys.stdout.write(f"{text}\n")


def _table(lines: Sequence[Line]) -> Iterator[str]:
    yield "| step | recorded calls | losses of power | promises broken |"
    yield "| --- | --- | --- | --- |"
    for name in dict.fromkeys(str(one["step"]) for one in lines):
        some = [one for one in lines if one["step"] == name]
        calls = max(float(one["calls"] or 0) for one in some)
        yield f"| {name} | {calls:,.0f} | {_sum(some, 'states')} | {_sum(some, 'broken')} |"
    yield f"| all | | {_sum(lines, 'states')} | {_sum(lines, 'broken')} |"


def _sum(lines: Sequence[Line], name: str) -> str:
    return f"{sum(float(one.get(name) or 0) for one in lines):,.0f}"


def _setups(setups: Sequence[Line], lines: Sequence[Line]) -> Iterator[str]:
    for one in setups:
        seeds = sorted({f"{line['seed']}" for line in lines if line["run"] == one["run"]})
        if seeds:
            yield f"- {one['run']}, seed {', '.join(seeds)}: {one['machine']}."


if __name__ == "__main__":
    main()
