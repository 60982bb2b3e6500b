"""Readers that poll one feed again and again.

Each keeps what it read, as its users' programs do, and returns it after each poll: one
tuple of id (or its digest), title, address, time and byline for every item, duplicates
included.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from support.receiving import answering

Seen = tuple[str, str, str, str, str]
Poll = Callable[[], list[Seen]]


@contextmanager
def old_server(port: int, path: str, data: bytes) -> Iterator[None]:
    """Serve one old feed, and nothing else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer a request."""
            is_there = self.path == f"/{path}"
            self.send_response(200 if is_there else 404)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(data) * is_there))
            self.end_headers()
            self.wfile.write(data * is_there)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    with answering(server):
        yield


@contextmanager
def newsboat(home: Path, address: str) -> Iterator[Poll]:
    """Subscribe with newsboat, which identifies items by id."""
    home.mkdir()
    (home / "urls").write_text(address)
    (home / "config").write_text("suppress-first-reload yes\n")
    files = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
    query = "SELECT guid, title, url, pubDate, author FROM rss_item ORDER BY pubDate, guid"

    def poll() -> list[Seen]:
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        subprocess.run(["newsboat", *files, "-x", "reload"], env=environment, check=True)
        with closing(sqlite3.connect(home / "cache.db")) as cache:
            return [(row[0], row[1], row[2], str(row[3]), row[4]) for row in cache.execute(query)]

    yield poll


@contextmanager
def sfeed(home: Path, address: str) -> Iterator[Poll]:
    """Subscribe with sfeed_update, which identifies items by id, address and title together.

    By default it follows no redirect, and says so; its users let curl follow one, as here.
    """
    home.mkdir()
    rc = home / "sfeedrc"
    follow = 'fetch() {\n  curl -L --max-redirs 3 -f -s "$2"\n}\n'
    feeds = f"sfeedpath='{home}/feeds'\nfeeds() {{\n  feed 'old' '{address}'\n}}\n"
    rc.write_text(feeds + follow)

    def poll() -> list[Seen]:
        subprocess.run(["sfeed_update", str(rc)], check=True, capture_output=True)
        lines = (home / "feeds/old").read_text("utf-8").split("\n")
        rows = [line.split("\t") for line in lines if line]
        return sorted((row[5], row[1], row[2], row[0], row[6]) for row in rows)

    yield poll


@contextmanager
def miniflux(_: Path, address: str) -> Iterator[Poll]:
    """Subscribe with miniflux, which identifies items by a digest of the id.

    PostgreSQL, as another user, cannot enter pytest's own folders.
    """
    driver: Any = _driver("miniflux")
    with (
        tempfile.TemporaryDirectory() as folder,
        driver.database(Path(folder)) as data,
        driver.miniflux(Path(folder), data) as client,
    ):
        asked = client.post("feeds", json={"feed_url": address, "category_id": 1})
        number = asked.raise_for_status().json()["feed_id"]

        def poll() -> list[Seen]:
            client.put(f"feeds/{number}/refresh").raise_for_status()
            return _entries(client, number)

        yield poll


def _entries(client: httpx.Client, number: int) -> list[Seen]:
    answer = client.get(f"feeds/{number}/entries?order=id&direction=asc&limit=5000")
    found = answer.raise_for_status().json()["entries"]
    names = ("hash", "title", "url", "published_at", "author")
    return sorted(tuple(str(one[name]) for name in names) for one in found)  # type: ignore[misc]


def _driver(name: str) -> object:
    """Load a reader's driver for `test_readers.py`."""
    path = Path(__file__).parent / f"readers/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


READERS = {"newsboat": newsboat, "sfeed": sfeed, "miniflux": miniflux}
