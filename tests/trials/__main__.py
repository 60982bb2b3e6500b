"""Runs trials until the time is over, or one script.

python -m trials --hours 1 --seed 7
python -m trials --script .cache/trials/failed-7.jsonl

A failure prints its seed, what was broken, and the shortest script that shows it. Figures add up
in `.cache/trials/figures.jsonl` (`python -m trials.report`).
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from trials import earlier, report, script
from trials.script import Line
from trials.trial import ROOT, BrokenPromise, carry_out, newsroom

CACHE = ROOT / ".cache" / "trials"
_BLOCKS = 14
_STOPPED = 143  # as shells say of a program that SIGTERM ended


def main() -> int:
    """Run them, and return 1 if a promise was broken."""
    chosen = _chosen()
    # The processes of a trial end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_STOPPED))
    if chosen.script:
        return int(bool(attempt(script.read(chosen.script), 0)))
    until = monotonic() + chosen.hours * 3600
    seed, failures = chosen.seed, 0
    while monotonic() < until:
        failures += _try(seed, chosen)
        seed += 1
    sys.stdout.write(report.text(CACHE / "figures.jsonl"))
    return int(failures > 0)


def _chosen() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=0.1)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--script", type=Path)
    options.add_argument("--blocks", type=int, default=_BLOCKS, help="of a trial's script")
    options.add_argument("--tries", type=int, default=30, help="to shorten a failing script")
    return options.parse_args()


def _try(seed: int, chosen: argparse.Namespace) -> int:
    """Carry one script out; shorten it if it fails, and return whether it did."""
    lines = script.drawn(seed, chosen.blocks, has_earlier=earlier.is_known())
    script.write(CACHE / f"script-{seed}.jsonl", lines)
    failed = attempt(lines, seed)
    if failed is None:
        (CACHE / f"script-{seed}.jsonl").unlink()
        return 0
    lines = lines[: failed.step + 1]

    def fails(some: Sequence[Line]) -> bool:
        return attempt(some, seed, is_counted=False) is not None

    shortest = script.shortened(lines, fails, chosen.tries)
    path = CACHE / f"failed-{seed}.jsonl"
    script.write(path, shortest)
    _say(f"seed {seed}: the shortest script that shows it is {path}:")
    for line in shortest:
        _say(f"  {line}")
    return 1


def attempt(lines: Sequence[Line], seed: int, *, is_counted: bool = True) -> BrokenPromise | None:
    """Carry a script out, add its figures, and return what was broken."""
    has_earlier = any(line["do"] == "earlier release" for line in lines)
    is_shared = any(line["do"] == "share" for line in lines)
    with newsroom(earlier.code() if has_earlier else ROOT, is_shared=is_shared) as trial:
        broken = None
        try:
            carry_out(trial, lines)
        except BrokenPromise as found:
            broken = found
            _say(f"seed {seed}, step {found.step}: {found}")
            CACHE.mkdir(parents=True, exist_ok=True)
            (CACHE / f"output-{seed}.txt").write_text(found.output, encoding="utf-8")
        if is_counted:
            report.add(CACHE / "figures.jsonl", trial, seed, broken)
    return broken


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
