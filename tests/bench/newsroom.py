"""The publication that benchmarks measure: served, with one reader that requests its feed."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

PUBLISHER = Path(__file__).parent.parent.parent / "publisher.py"
PATIENCE = 120.0  # seconds
ASKS_EVERY = 0.004  # seconds
PUBLICATION = """\
[publication]
title = "Bench"
description = "Bench"
url = "http://127.0.0.1/"
home = "https://example.org/"
language = "en"
tag = "example.org,2008"
author = "Bench"
time_zone = "UTC"
"""
CONFIG = f"""\
{PUBLICATION}
[[feed]]
name = "news"
title = "News"
description = "News"
"""


def drop(folder: Path, title: str, date: str, picture: str = "") -> None:
    """Write an entry file, and close it; `picture` is the name of one beside it."""
    path = folder / "entries" / f"{title.lower().replace(' ', '-')}.toml"
    shown = f'image = "{picture}"\nimage_alt = "A"\n' if picture else ""
    path.write_text(f'title = "{title}"\ndate = {date}\n{shown}body = "Text."\n', encoding="utf-8")


@contextmanager
def serving(folder: Path, entries: int) -> Iterator[HTTPConnection]:
    """Serve a new publication in `folder`, once this many entries of it are published."""
    (folder / "entries").mkdir()
    for number in range(entries):
        drop(folder, f"Old {number}", f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}")
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    config = folder / "config.toml"
    config.write_text(f"{CONFIG}\n[serve]\nport = {port}\n", encoding="utf-8")
    command = [sys.executable, str(PUBLISHER), "serve", "--config", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    reader = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        wait(reader, b'"items"')
        sleep(2)  # the first run, and the one for files dropped meanwhile, have ended
        yield reader
    finally:
        reader.close()
        process.terminate()
        process.wait(PATIENCE)


def wait(reader: HTTPConnection, found: bytes) -> datetime:
    """Request the feed until it contains `found`; return the moment at which it did."""
    end = monotonic() + PATIENCE
    while found not in _ask(reader):
        if monotonic() > end:
            raise TimeoutError(found)
        sleep(ASKS_EVERY)
    return datetime.now(UTC)


def _ask(reader: HTTPConnection) -> bytes:
    """Return the feed; empty if it is not served yet."""
    try:
        reader.request("GET", "/news.json")
        answer = reader.getresponse()
        data = answer.read()
    except OSError:
        reader.close()
        sleep(0.1)
        return b""
    return data if answer.status == HTTPStatus.OK else b""
