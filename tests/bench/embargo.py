"""Measures how long after its moment an embargoed entry is served.

Starts `publisher.py serve` for a publication in a temporary folder, drops entries that are due on
successive seconds, and requests `/news.json` every few milliseconds, as one reader on one
connection. The time starts at the moment in the file. The promise: within 250 milliseconds of it,
and never before.
    python -m bench.embargo --files 60 --entries 1000
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.newsroom import drop, serving, wait

PROMISED = 0.250  # seconds


def main() -> int:
    """Measure, print, and return 1 if one entry came too late, or before its moment."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=30, help="how many are embargoed")
    options.add_argument("--entries", type=int, default=0, help="how many are there before")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        late = measure(Path(folder), files=chosen.files, entries=chosen.entries)
    milliseconds = [1000 * one for one in late]
    sys.stdout.write(
        f"{len(late)} embargoes among {chosen.entries} entries: "
        f"median {statistics.median(milliseconds):.0f} ms, worst {milliseconds[-1]:.0f} ms late, "
        f"first {milliseconds[0]:.0f} ms (promised: 0 to {1000 * PROMISED:.0f} ms)\n"
    )
    return int(late[0] < 0 or late[-1] >= PROMISED)


def measure(folder: Path, *, files: int, entries: int) -> list[float]:
    """Return how late each embargoed entry was, in seconds, the earliest first."""
    with serving(folder, entries) as reader:
        dealt = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6 + files // 50)
        moments = [dealt + timedelta(seconds=number) for number in range(files)]
        for number, moment in enumerate(moments):
            drop(folder, f"Embargoed {number}", f"{moment:%FT%TZ}")
        return sorted(
            (wait(reader, f'"Embargoed {number}"'.encode()) - moment).total_seconds()
            for number, moment in enumerate(moments)
        )


if __name__ == "__main__":
    sys.exit(main())
