"""Measures the time from a dropped file to a reader's 200 response that contains its item.

Starts `publisher.py serve` for a publication in a temporary folder, drops files one at a time, and
requests `/news.json` every few milliseconds, as one reader on one connection. The time starts at
the `close()` of the file, so it includes the 0.3 seconds that a file needs to settle. The promise:
under one second.
    python -m bench.dropped --files 50 --entries 1000
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

from bench.newsroom import drop, serving, wait

PROMISED = 1.0  # seconds


def main() -> int:
    """Measure, print, and return 1 if one file took longer than promised."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=20, help="how many are dropped")
    options.add_argument("--entries", type=int, default=0, help="how many are there before")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        took = measure(Path(folder), files=chosen.files, entries=chosen.entries)
    p95 = took[math.ceil(0.95 * len(took)) - 1]
    sys.stdout.write(
        f"{len(took)} files among {chosen.entries} entries: "
        f"median {statistics.median(took):.3f} s, "
        f"p95 {p95:.3f} s, max {took[-1]:.3f} s (promised: {PROMISED:.0f} s)\n"
    )
    return int(took[-1] >= PROMISED)


def measure(folder: Path, *, files: int, entries: int) -> list[float]:
    """Return how long each file took, in seconds, shortest first."""
    with serving(folder, entries) as reader:
        return sorted(one(folder, reader, f"Dropped {number}") for number in range(files))


def one(folder: Path, reader: HTTPConnection, title: str) -> float:
    """Drop a file; return the seconds until the reader has it."""
    drop(folder, title, f"{datetime.now(UTC):%F}")
    begun = monotonic()
    wait(reader, f'"{title}"'.encode())
    took = monotonic() - begun
    sleep(1)  # a second change within one second waits for the next
    return took


if __name__ == "__main__":
    sys.exit(main())
