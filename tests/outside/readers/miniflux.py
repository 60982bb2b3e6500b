"""Print what miniflux (Go) reads in feed files: `miniflux.py FILE…`.

miniflux fetches the feeds as its users' do, into a PostgreSQL of its own. Of an identifier
it shows the digest, of a text the words (it rewrites the HTML), categories in no order,
and no time of change.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

MINIFLUX = Path(__file__).parents[3] / ".cache/outside/miniflux/usr/bin/miniflux"
USER, PASSWORD = "reader", "only on this machine"
PATIENCE = 60.0


class Files(SimpleHTTPRequestHandler):
    """Serves a folder and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing: standard error is for faults."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def database(home: Path) -> Iterator[str]:
    """Run a new PostgreSQL that only a socket in `home` reaches, and yield its address."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    # PostgreSQL refuses to run as root.
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(home, **owner)

    def control(*words: str) -> None:
        command = [f"{programs}/pg_ctl", "--silent", "--wait", f"--pgdata={home}/data", *words]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, **owner)

    control("initdb", "--options=--no-sync --auth=trust --username=postgres")
    control("start", f"--log={home}/log", f"--options=-F -h '' -k {home}")
    try:
        yield f"host={home} user=postgres dbname=postgres sslmode=disable"
    finally:
        control("stop", "--mode=immediate")


@contextmanager
def miniflux(home: Path, data: str) -> Iterator[httpx.Client]:
    """Run miniflux on an empty database, and yield a function that calls its API."""
    address = home / "miniflux"
    environment = os.environ | {
        "ADMIN_PASSWORD": PASSWORD,
        "ADMIN_USERNAME": USER,
        "CREATE_ADMIN": "1",
        "DATABASE_URL": data,
        # Nothing answers there, so that no icon is fetched from the network.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "LISTEN_ADDR": str(address),
        "LOG_LEVEL": "error",
        "RUN_MIGRATIONS": "1",
    }
    process = subprocess.Popen([MINIFLUX], env=environment, stdout=sys.stderr)
    try:
        until = time.monotonic() + PATIENCE
        while not address.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("miniflux does not start")
            time.sleep(0.05)
        wire = httpx.HTTPTransport(uds=str(address))
        with httpx.Client(
            auth=(USER, PASSWORD), base_url="http://miniflux/v1", timeout=PATIENCE, transport=wire
        ) as client:
            yield client
    finally:
        process.terminate()
        process.wait(PATIENCE)


def items(client: httpx.Client, feed: str) -> list[dict[str, object]]:
    """Subscribe to a feed, and return miniflux's items."""
    answer = client.post("feeds", json={"feed_url": feed, "category_id": 1})
    number = answer.raise_for_status().json()["feed_id"]
    # miniflux stores a feed's last entry first.
    answer = client.get(f"feeds/{number}/entries?order=id&direction=desc&limit=1000")
    return [item(entry) for entry in answer.raise_for_status().json()["entries"]]


def item(entry: dict[str, Any]) -> dict[str, object]:
    """Read one entry of miniflux."""
    return {
        "digest": entry["hash"],
        "title": entry["title"],
        "link": entry["url"],
        "published": entry["published_at"],
        "author": entry["author"],
        "categories": entry["tags"] or [],
        "enclosure": enclosure(entry["enclosures"] or []),
        "words": entry["content"],
    }


def enclosure(files: list[dict[str, Any]]) -> dict[str, str] | None:
    """Return the one file; of a picture that is also a Media RSS thumbnail only the address."""
    if not files:
        return None
    file = max(files, key=lambda file: file["size"])
    known = {"length": str(file["size"]), "type": file["mime_type"]} if file["size"] else {}
    return {"url": file["url"], **known}


def main() -> None:
    """Print each feed's items on one line."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = stack.enter_context(database(home))
        client = stack.enter_context(miniflux(home, data))
        for path in map(Path, sys.argv[1:]):
            address = stack.enter_context(served(path.parent))
            print(json.dumps(items(client, f"{address}/{path.name}")))


if __name__ == "__main__":
    main()
