"""Serves for hours under load, while news, reloads and restarts go on, and checks all answers.

    python -m wire --hours 2
Dateline and nginx get two fifths each of `--rate` requests a second, Caddy one fifth. Figures are
added to those of earlier runs; `python -m wire.report` prints them. With `--record` the run is kept
in the repository (`bench.runs`). Ends with 1 if anything was wrong; in more than half an hour, that
includes memory or open files that grow (`wire.use`). Needs wrk, and the nginx and Caddy that
`tests/outside/install` brings.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from bench import runs
from bench.results import RESULTS, Results
from wire.running import Outcome, Plan, Run, Segment, is_away

_STOPPED = 130  # as shells say of a program that SIGINT ended


def main() -> int:
    """Run, and return 1 if anything was wrong."""
    chosen = _chosen()
    results = Results("wire", {}, chosen.results)
    plan = Plan.of(3600 * chosen.hours, rate=chosen.rate, connections=chosen.connections)
    code = 0
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        run = Run(Path(name).resolve() / "news", plan)
        try:
            for segment in run:
                _add_segment(results, segment)
                _print_new(run.outcome)
        except KeyboardInterrupt:
            code = _STOPPED
        _add_outcome(results, run.outcome)
    if chosen.record:
        _record(run.outcome)
    for line in run.outcome.broken:
        print(line)
    print(f"{run.outcome.requests:,} requests, {len(run.outcome.broken)} wrong")
    return code or int(bool(run.outcome.broken))


def _record(outcome: Outcome) -> None:
    figures = {
        "hours": outcome.seconds / 3600,
        "steps": outcome.news,
        "requests": outcome.requests,
        "faults": outcome.reloads + outcome.restarts,
    }
    runs.record("wire", seeds="–", figures=figures, broken=outcome.broken)


def _chosen() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--hours", type=float, default=2)
    options.add_argument("--rate", type=int, default=10_000, help="requests a second; 0: no limit")
    options.add_argument("--connections", type=int, default=32, help="to each server")
    options.add_argument("--folder", type=Path, help="where the publication lies meanwhile")
    options.add_argument("--results", type=Path, default=RESULTS)
    options.add_argument("--record", action="store_true", help="keep the run in docs/runs/")
    return options.parse_args()


def _print_new(outcome: Outcome) -> None:
    if outcome.faults or outcome.lost:
        print(f"wrong so far: {len(outcome.faults) + len(outcome.lost)}", file=sys.stderr)


def _add_segment(results: Results, segment: Segment) -> None:
    for name, load in segment.loads.items():
        results.add(
            what="load",
            server=name,
            event=segment.event,
            requests=load.requests,
            rate=load.rate,
            median=load.median,
            p99=load.p99,
            refused=load.refused,
            lost=0 if is_away(name, segment) else load.unread + load.timed_out,
            others=load.others,
        )


def _add_outcome(results: Results, outcome: Outcome) -> None:
    delays = sorted(outcome.delays) or [0.0]
    results.add(
        what="run",
        seconds=outcome.seconds,
        requests=outcome.requests,
        answers=outcome.answers,
        broken=len(outcome.broken),
        news=outcome.news,
        reloads=outcome.reloads,
        restarts=outcome.restarts,
        delay=statistics.median(delays),
        late=delays[int(0.99 * (len(delays) - 1))],
    )
    for kind in outcome.usage.samples:
        first, last = outcome.usage.levels(kind)
        memory, files = outcome.usage.slopes(kind)
        results.add(
            what="use",
            kind=kind,
            memory=last.memory,
            files=last.files,
            memory_before=first.memory,
            files_before=first.files,
            memory_hour=memory,
            files_hour=files,
        )


if __name__ == "__main__":
    sys.exit(main())
