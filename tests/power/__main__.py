"""Loses power in recorded commands, again and again, and prints each promise that is broken.

    python -m power --states 100 --seed 1
`--only` tries one step of the day. The recordings are kept in a folder; to see a loss that was
reported once more, give that folder, its step, and the loss:
    python -m power --folder .cache/power-loss/1 --only add --again 213:5,17s
Figures are added to those of earlier runs; `python -m power.report` prints them. With `--record`
the run is kept in the repository (`bench.runs`). Needs strace.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import monotonic

from bench import runs
from bench.results import RESULTS, Results
from power.day import STEPS, Recorded, days
from power.losses import Crash, Crashes
from power.promises import check
from support.paths import ROOT


def main() -> int:
    """Try the losses; return 1 if one broke a promise."""
    chosen = _chosen()
    if chosen.again:
        return _broken(Recorded.of(chosen.folder, chosen.only), Crash.read(chosen.again))
    results = Results("power", {}, chosen.results)
    shutil.rmtree(chosen.folder, ignore_errors=True)
    begun, tried, broken = monotonic(), 0, 0
    for recorded in _recorded(chosen):
        began = monotonic()
        crashes = islice(Crashes(recorded.recording, str(chosen.seed)), chosen.states)
        found = [_broken(recorded, crash) for crash in crashes]
        tried, broken = tried + len(found), broken + sum(found)
        results.add(
            step=recorded.step.name,
            seed=chosen.seed,
            calls=len(recorded.recording.operations),
            states=len(found),
            broken=sum(found),
            seconds=monotonic() - began,
        )
    if chosen.record:
        figures = {"hours": (monotonic() - begun) / 3600, "faults": tried}
        notes = [f"{broken} losses of power broke a promise"] if broken else []
        runs.record("power-loss", seeds=f"{chosen.seed}", figures=figures, broken=notes)
    print(f"seed {chosen.seed}: {broken} states in which a promise is broken")
    return int(broken > 0)


def _chosen() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--states", type=int, default=100, help="of each step")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", choices=STEPS, default="")
    options.add_argument("--folder", type=Path)
    options.add_argument("--again", default="", metavar="LOSS")
    options.add_argument("--results", type=Path, default=RESULTS)
    options.add_argument("--record", action="store_true", help="keep the run in docs/runs/")
    chosen = options.parse_args()
    chosen.folder = (chosen.folder or ROOT / f".cache/power-loss/{chosen.seed}").resolve()
    return chosen


def _recorded(chosen: argparse.Namespace) -> Iterator[Recorded]:
    for name in days(chosen.folder, [chosen.only] if chosen.only else ()):
        yield Recorded.of(chosen.folder, name)


def _broken(recorded: Recorded, crash: Crash) -> int:
    """Return 1, and say why, if a loss breaks a promise."""
    try:
        check(recorded, crash)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(f"{place.name}: {error!r:.2000}", *error.__notes__, sep="\n", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
