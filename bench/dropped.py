"""How long does it take from a dropped file to a reader's 200 with the item in it?

Starts `publisher.py serve` for a publication in a temporary folder, drops files one at a time,
and asks for `/news.json` every few milliseconds, as one reader on one connection. The clock
runs from the `close()` of the file, so the 0.3 seconds for which a file must hold still are
in it. What is promised: under one second.

    python bench/dropped.py --files 50 --entries 1000
"""

from __future__ import annotations

import argparse
import math
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

PUBLISHER = Path(__file__).parent.parent / "publisher.py"
PROMISED = 1.0  # seconds
PATIENCE = 120.0  # seconds
ASKS_EVERY = 0.004  # seconds
CONFIG = """\
[publication]
title = "Bench"
description = "Dropped files"
url = "http://127.0.0.1/"
home = "https://example.org/"
language = "en"
tag = "example.org,2008"
author = "Bench"
time_zone = "UTC"

[serve]
port = {port}

[[feed]]
name = "news"
title = "All news"
description = "Everything"
"""


def main() -> int:
    """Measure, print, and give 1 when one file took longer than was promised."""
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
    """Give how long each file took, in seconds, shortest first."""
    (folder / "entries").mkdir()
    for number in range(entries):
        drop(folder, f"old-{number}", f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}")
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    (folder / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    with serving(folder, port) as reader:
        return sorted(one(folder, reader, f"Dropped {number}") for number in range(files))


@contextmanager
def serving(folder: Path, port: int) -> Iterator[HTTPConnection]:
    """Serve the publication until all that was there before is published."""
    command = [sys.executable, str(PUBLISHER), "serve", "--config", str(folder / "config.toml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    reader = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        wait(reader, b'"items"')
        sleep(2)  # the run at the start, and the one for what came meanwhile, are over
        yield reader
    finally:
        reader.close()
        process.terminate()
        process.wait(PATIENCE)


def one(folder: Path, reader: HTTPConnection, title: str) -> float:
    """Drop a file; give the seconds until the reader has it."""
    drop(folder, title, f"{datetime.now(UTC):%F}")
    begun = monotonic()
    wait(reader, f'"{title}"'.encode())
    took = monotonic() - begun
    sleep(1)  # of two changes within a second, the other waits for the next
    return took


def drop(folder: Path, title: str, date: str) -> None:
    """Write an entry file, and close it."""
    path = folder / "entries" / f"{title.lower().replace(' ', '-')}.toml"
    path.write_text(f'title = "{title}"\ndate = {date}\nbody = "Text."\n', encoding="utf-8")


def wait(reader: HTTPConnection, found: bytes) -> None:
    """Ask for the feed until it has what is looked for."""
    end = monotonic() + PATIENCE
    while found not in ask(reader):
        if monotonic() > end:
            raise TimeoutError(found)
        sleep(ASKS_EVERY)


def ask(reader: HTTPConnection) -> bytes:
    """Give the feed; nothing where it is not served yet."""
    try:
        reader.request("GET", "/news.json")
        answer = reader.getresponse()
        data = answer.read()
    except OSError:
        reader.close()
        sleep(0.1)
        return b""
    return data if answer.status == HTTPStatus.OK else b""


if __name__ == "__main__":
    sys.exit(main())
