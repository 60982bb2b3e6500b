"""A hub that is killed at any moment loses no request that it has accepted."""

from __future__ import annotations

import io
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dateline.hub.client import HubClient, socket_path
from dateline.hub.request import FORM
from support.callbacks import Subscriber, form, subscriber
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, PUBLISHER, until

pytestmark = pytest.mark.long

TOPIC = "http://127.0.0.1:8000/news.rss"
KILLS = pytest.mark.parametrize(
    ("seed", "kills"), [(7, 1), pytest.param(23, 6, marks=pytest.mark.long)]
)


@contextmanager
def process(room: Newsroom) -> Iterator[subprocess.Popen[bytes]]:
    """Run `dateline hub`, until it takes requests; it is killed at the end."""
    socket_path(room.config.state).unlink(missing_ok=True)
    command = [sys.executable, str(PUBLISHER), "hub", "--config", str(room.config.path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as hub:
        try:
            assert until(socket_path(room.config.state).exists)
            yield hub
        finally:
            hub.kill()


def post(client: HubClient, fields: dict[str, str]) -> int:
    """Send the hub a form, and return the status."""
    body = urlencode(fields).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    return int(client.answer(environ)[0][:3])


class Asker:
    """Subscribes and unsubscribes callbacks until it is stopped, and notes what was accepted."""

    def __init__(self, state: Path, own: Subscriber, seed: int) -> None:
        self._client, self._own = HubClient(state), own
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._stop = threading.Event()
        self.wanted: dict[str, bool] = {}
        self.accepted = 0

    def run(self) -> None:
        """Ask for one callback after the other; a request that is not accepted is repeated."""
        while not self._stop.is_set():
            number = self._random.randrange(200)
            address, joins = self._own.url(f"{number}"), self._random.random() < 0.7
            mode = "subscribe" if joins else "unsubscribe"
            while post(self._client, form(TOPIC, address, mode)) != 202:
                if self._stop.wait(0.02):
                    self.wanted.pop(address, None)  # nobody knows whether it was stored
                    return
            self.wanted[address] = joins
            self.accepted += 1

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()


def rows(room: Newsroom, table: str) -> set[str]:
    """Return the callbacks in a table of the ledger."""
    with closing(sqlite3.connect(room.config.state / "ledger.sqlite")) as ledger:
        return {name for (name,) in ledger.execute(f"SELECT callback FROM {table}")}  # noqa: S608


@KILLS
def test_a_killed_hub_loses_no_request(newsroom: Newsroom, seed: int, kills: int) -> None:
    """All that was answered with 202 is done in the end, the newest request of each callback."""
    hub = '[hub]\nenabled = true\nseparate = true\nallow = ["127.0.0.0/8"]\n'
    text = CONFIG.replace("[[feed]]", f"{hub}[[feed]]", 1)
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    newsroom.drop("first.toml", entry_file())
    newsroom.build()
    moments = random.Random(seed)  # noqa: S311 - no secret
    with subscriber() as own:
        asker = Asker(newsroom.config.state, own, seed)
        asking = threading.Thread(target=asker.run, daemon=True)
        asking.start()
        for _ in range(kills):
            before = asker.accepted
            with process(newsroom) as running:
                more = moments.randrange(1, 30)
                assert until(lambda: asker.accepted >= before + more)  # noqa: B023 - at once
                running.kill()
        with process(newsroom):
            assert until(lambda: asker.accepted > before)
            asker.stop()
            asking.join(PATIENCE)
            assert until(lambda: not rows(newsroom, "subscription_request"), 3 * PATIENCE)

        subscribed = rows(newsroom, "subscription")
        assert {name: name in subscribed for name in asker.wanted} == asker.wanted
        assert len(asker.wanted) > kills
