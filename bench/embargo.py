"""How late after its moment is an embargoed entry on the wire?

Starts `publisher.py serve` for a publication in a temporary folder, drops entries that are
due on successive seconds, and asks for `/news.json` every few milliseconds, as one reader on
one connection. The clock runs from the moment that the file names. What is promised: within
250 milliseconds of it, and never before.

    python bench/embargo.py --files 60 --entries 1000
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

PUBLISHER = Path(__file__).parent.parent / "publisher.py"
PROMISED = 0.250  # seconds
PATIENCE = 120.0  # seconds
ASKS_EVERY = 0.005  # seconds
CONFIG = """\
[publication]
title = "Bench"
description = "Embargoed entries"
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
    """Measure, print, and give 1 when one entry came too late, or before its moment."""
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
    """Give how late each embargoed entry was, in seconds, the earliest first."""
    (folder / "entries").mkdir()
    for number in range(entries):
        drop(folder, f"Old {number}", f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}")
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    (folder / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    with serving(folder, port) as reader:
        dealt = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6 + files // 50)
        moments = [dealt + timedelta(seconds=number) for number in range(files)]
        for number, moment in enumerate(moments):
            drop(folder, f"Embargoed {number}", f"{moment:%FT%TZ}")
        return sorted(
            (wait(reader, f'"Embargoed {number}"'.encode()) - moment).total_seconds()
            for number, moment in enumerate(moments)
        )


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


def drop(folder: Path, title: str, date: str) -> None:
    """Write an entry file, and close it."""
    path = folder / "entries" / f"{title.lower().replace(' ', '-')}.toml"
    path.write_text(f'title = "{title}"\ndate = {date}\nbody = "Text."\n', encoding="utf-8")


def wait(reader: HTTPConnection, found: bytes) -> datetime:
    """Ask for the feed until it has what is looked for; give the moment at which it had."""
    end = monotonic() + PATIENCE
    while found not in ask(reader):
        if monotonic() > end:
            raise TimeoutError(found)
        sleep(ASKS_EVERY)
    return datetime.now(UTC)


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
