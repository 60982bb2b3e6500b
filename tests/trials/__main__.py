"""Runs trials until the time is over, or one script.

python -m trials --hours 1 --seed 7
python -m trials --script .cache/trials/failed-7.jsonl

A failure prints its seed, what was broken, and the shortest script that shows it. Figures add up
in `.cache/trials/figures.jsonl` (`python -m trials.report`). With `--record` the run is kept in the
repository (`bench.runs`). With `--at-once`, several trials run side by side, in processes of their
own; each is recorded by itself, and their hours add up.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from bench import runs
from trials import earlier, report, script
from trials.runner import BrokenPromise, carry_out, newsroom
from trials.script import Line
from trials.trial import ROOT

CACHE = ROOT / ".cache" / "trials"
_BLOCKS = 14
_STOPPED = 143  # as shells say of a program that SIGTERM ended


def main() -> int:
    """Run them, and return 1 if a promise was broken."""
    chosen = _chosen()
    # The processes of a trial end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_STOPPED))
    if chosen.script:
        return int(bool(attempt(script.read(chosen.script), 0, chosen.folder)[0]))
    if chosen.share is not None:
        return _run(chosen)
    code = _at_once(chosen.at_once) if chosen.at_once > 1 else _run(chosen)
    sys.stdout.write(report.text(chosen.folder / "figures.jsonl"))
    return code


def _at_once(number: int) -> int:
    """Run so many trials side by side, until the time is over; return 1 if any failed."""
    command = [sys.executable, "-m", "trials", *sys.argv[1:], "--share"]
    running = [subprocess.Popen([*command, str(at)]) for at in range(number)]
    try:
        codes = [one.wait() for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()
        runs.write_section()  # the last of two that recorded at once may not have seen the other
    return int(any(codes))


def _run(chosen: argparse.Namespace) -> int:
    """Carry out one script after another, and keep the run if that is wanted."""
    begun, done = monotonic(), list[dict[str, Any]]()
    seed = chosen.seed + (chosen.share or 0)
    try:
        while monotonic() < begun + chosen.hours * 3600:
            failing, figures = _try(seed, chosen)
            done.append(figures)
            if failing:
                _shorten(failing, seed, chosen)
            seed += chosen.at_once
    finally:
        if chosen.record and done:
            _record(done)
    return int(any(line["broken"] for line in done))


def _record(done: Sequence[Mapping[str, Any]]) -> None:
    runs.record(
        "trials",
        seeds=", ".join(str(one["seed"]) for one in done),
        figures=report.sums(done),
        broken=[f"{one['seed']}: {'; '.join(one['broken'])}" for one in done if one["broken"]],
        kinds={kind: count for kind, count in report.kinds(done).items() if count},
    )


def _chosen() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=0.1)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--script", type=Path)
    options.add_argument("--blocks", type=int, default=_BLOCKS, help="of a trial's script")
    options.add_argument("--tries", type=int, default=30, help="to shorten a failing script")
    options.add_argument("--at-once", type=int, default=1, help="trials side by side")
    options.add_argument("--share", type=int, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, default=CACHE, help="of figures and scripts")
    options.add_argument("--record", action="store_true", help="keep the run in docs/runs/")
    return options.parse_args()


def _try(seed: int, chosen: argparse.Namespace) -> tuple[Sequence[Line], dict[str, Any]]:
    """Carry one script out; return what of it fails, which may be nothing, and its figures."""
    folder = chosen.folder
    lines = script.drawn(seed, chosen.blocks, has_earlier=earlier.is_known())
    script.write(folder / f"script-{seed}.jsonl", lines)
    failed, figures = attempt(lines, seed, folder)
    report.add(folder / "figures.jsonl", figures)
    if failed is None:
        (folder / f"script-{seed}.jsonl").unlink()
        return [], figures
    return lines[: failed.step + 1], figures


def _shorten(lines: Sequence[Line], seed: int, chosen: argparse.Namespace) -> None:
    """Write the shortest script that fails, in a folder and to standard output."""
    folder = chosen.folder

    def fails(some: Sequence[Line]) -> bool:
        return attempt(some, seed, folder)[0] is not None

    shortest = script.shortened(lines, fails, chosen.tries)
    path = folder / f"failed-{seed}.jsonl"
    script.write(path, shortest)
    _say(f"seed {seed}: the shortest script that shows it is {path}:")
    for line in shortest:
        _say(f"  {line}")


def attempt(
    lines: Sequence[Line], seed: int, folder: Path
) -> tuple[BrokenPromise | None, dict[str, Any]]:
    """Carry a script out; return what was broken, and its figures.

    The output of a newsroom that broke a promise is kept in `folder`.
    """
    has_earlier = any(line["do"] == "earlier release" for line in lines)
    is_shared = any(line["do"] == "share" for line in lines)
    begun = monotonic()
    with newsroom(earlier.code() if has_earlier else ROOT, is_shared=is_shared) as trial:
        broken = None
        try:
            carry_out(trial, lines)
        except BrokenPromise as found:
            broken = found
            _say(f"seed {seed}, step {found.step}: {found}")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"output-{seed}.txt").write_text(found.output, encoding="utf-8")
        return broken, report.figures_of(trial, seed, monotonic() - begun, broken)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
