"""Measures how soon a client has a dropped file, under ten thousand requests a second.

Starts `publisher.py serve` for a publication in a temporary folder. wrk requests a feed repeatedly:
it has no rate setting, but each of its connections can wait between two requests, and the number of
connections is chosen for the rate; the actual rate is reported. Files are dropped one at a time,
and one reader sends a request every few milliseconds; the time starts at the `close()` of the file,
so it includes the 0.3 seconds that a file needs to settle. Then a thousand files are dropped at
once, and the runs in which they go live are counted: each run that changes anything increases the
generation in the manifest's head. The promise: 99 of 100 within a second, and one run.
    python -m bench.fresh --files 100 --rate 10000 --entries 1000 --burst 1000
"""

from __future__ import annotations

import argparse
import math
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

from bench.dropped import one
from bench.newsroom import PATIENCE, drop, serving
from bench.results import RESULTS, Results
from dateline.documents.manifest import ManifestReader, read_head

_PAUSE = 20  # milliseconds between two requests on a connection
_ANSWER = 1  # milliseconds that one request takes, approximately
_DELAY = f"function delay() return {_PAUSE} end\n"
_QUIET = 1.5  # seconds without another run


def main(words: Sequence[str] | None = None) -> None:
    """Measure, store the figures, and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=100, help="dropped one at a time")
    options.add_argument("--entries", type=int, default=1000, help="how many are there before")
    options.add_argument("--rate", type=int, default=10_000, help="requests a second; 0 is none")
    options.add_argument("--burst", type=int, default=1000, help="dropped at once")
    options.add_argument("--rounds", type=int, default=3, help="bursts")
    options.add_argument("--only", nargs="*", default=["drop", "burst"])
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    wrk = shutil.which("wrk")
    if chosen.rate and wrk is None:
        print("wrk is not there: nothing else asks meanwhile.", file=sys.stderr)
    results = Results("fresh", {"wrk": _version(wrk)} if wrk else {}, chosen.results)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        with serving(folder, chosen.entries) as reader:
            about = {"entries": chosen.entries, "rate": chosen.rate if wrk else 0}
            with _asked(reader.port, about["rate"], folder) as said:
                if "drop" in chosen.only:
                    _drops(folder, reader, chosen.files, about, results)
                for number in range(chosen.rounds if "burst" in chosen.only else 0):
                    runs, seconds = _burst(folder, chosen.burst, number)
                    figures = {"files": chosen.burst, "runs": runs, "seconds": seconds}
                    results.add(**about, what="burst", **figures)
            _tell(said, about, results)


def _tell(said: Sequence[str], about: dict[str, int], results: Results) -> None:
    """Store the results of wrk: requests a second, and the number of wrong or lost responses."""
    text = "\n".join(said)
    rates = [float(one) for one in re.findall(r"Requests/sec:\s+([\d.]+)", text)]
    lines = re.findall(r"(?:Non-2xx or 3xx responses|Socket errors): (.*)", text)
    errors = sum(int(one) for line in lines for one in re.findall(r"\d+", line))
    if rates:
        results.add(**about, what="rate", requests=statistics.fmean(rates), errors=errors)


def _drops(
    folder: Path,
    reader: HTTPConnection,
    files: int,
    about: dict[str, int],
    results: Results,
) -> None:
    """Drop this many files, one at a time."""
    took = []
    for number in range(files):
        took.append(one(folder, reader, f"Dropped {number}"))
        results.add(**about, what="drop", seconds=took[-1])
    p99 = sorted(took)[math.ceil(0.99 * files) - 1]
    print(f"{files} files: median {statistics.median(took):.3f} s, p99 {p99:.3f} s")


def _burst(folder: Path, count: int, number: int) -> tuple[int, float]:
    """Drop this many files at once; return the runs and the seconds until they were live.

    The time starts at the `close()` of the last one.
    """
    feeds = folder / "feeds"
    before, known = _generation(feeds), ManifestReader(feeds).count_entries()
    for n in range(count):
        drop(folder, f"Burst {number} of {n}", f"{datetime.now(UTC):%F}")
    closed = monotonic()
    while ManifestReader(feeds).count_entries() < known + count:
        if monotonic() - closed > PATIENCE:
            raise TimeoutError("The burst is not out")
        sleep(0.01)
    seconds = monotonic() - closed
    sleep(_QUIET)
    return _generation(feeds) - before, seconds


def _generation(feeds: Path) -> int:
    head = read_head(feeds)
    return head.generation if head else 0


@contextmanager
def _asked(port: int, rate: int, folder: Path) -> Iterator[list[str]]:
    """Run wrk at about this rate meanwhile; the list has its output in the end."""
    script = folder / "delay.lua"
    script.write_text(_DELAY)
    said: list[str] = []
    over = threading.Event()

    def ask() -> None:
        connections = max(1, rate * (_PAUSE + _ANSWER) // 1000)
        while not over.is_set():
            command = ["wrk", "-t1", f"-c{connections}", "-d5s", "-s", str(script)]
            command += ["-H", "Accept-Encoding: gzip", f"http://127.0.0.1:{port}/news.rss"]
            said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    asker = threading.Thread(target=ask)
    if rate:
        asker.start()
    try:
        yield said
    finally:
        over.set()
        if rate:
            asker.join()


def _version(wrk: str) -> str:
    said = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False).stdout
    return said.split()[1] if len(said.split()) > 1 else ""


if __name__ == "__main__":
    main()
