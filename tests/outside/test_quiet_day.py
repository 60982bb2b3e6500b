"""A day behind an honest front raises no alarm, whatever newsroom and machines go through.

At the usual interval of ten minutes, a day has 144 rounds: here one follows the other, and there
are as many with `DATELINE_ROUNDS=144`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from time import sleep

import pytest

from outside.fronting import nginx
from outside.test_lying_fronts import TEXT, configured, varnish
from support.commands import publisher
from support.process_tree import children
from support.publication import Newsroom, entry_file
from support.receiving import Received, webhook
from support.serving import Served, free_port, serve, until

pytestmark = [pytest.mark.outside, pytest.mark.long]

ROUNDS = int(os.environ.get("DATELINE_ROUNDS", "12"))
LIVES = 3  # of `serve`, at least
AT_MOST = 900.0  # seconds
OWN = "[intake]\ngrace = 0\n"
Act = Callable[[], object]


class Day:
    """The newsroom of a day, and what happens to its machines; chance decides what is next."""

    def __init__(self, room: Newsroom, hook: Received, front: Served | None) -> None:
        self.room = room
        self.hook = hook
        self._front = front
        self._numbers = count()
        self._chance = Random(20261128)  # noqa: S311 - repeatable
        self._names: list[str] = []

    def acts(self, served: Served) -> dict[str, Act]:
        """Return what may happen while Dateline is served."""
        return {
            "publish": self.publish,
            "burst": self._burst,
            "correct": lambda: self._again(correction=f'"Number {next(self._numbers)}."'),
            "edit": lambda: self._again(body=f'"{TEXT} {next(self._numbers)}"'),
            "withdraw": self._withdraw,
            "take down": self._take_down,
            "kill": lambda: self._kill(served),
            "reload": lambda: self._signal_front(signal.SIGHUP),
            "wait": lambda: sleep(4),  # copies expire
        }

    def publish(self) -> None:
        """Drop a new entry."""
        name = f"{next(self._numbers)}.toml"
        self._names.append(name)
        self.room.drop(name, entry_file(f"News {name}", body=f'"{TEXT} {name}"'))

    def _burst(self) -> None:
        for _ in range(5):
            self.publish()

    def go_on(self, served: Served) -> None:
        """Let something happen."""
        acts = self.acts(served)
        acts[self._chance.choice([*acts])]()
        sleep(self._chance.uniform(0.2, 2))

    def _again(self, **fields: str) -> None:
        name = self._chance.choice(self._names)
        title = f"News {name}"
        self.room.drop(name, entry_file(title, **{"body": f'"{TEXT} {name}"', **fields}))

    def _withdraw(self) -> None:
        if len(self._names) > 3:
            name = self._names.pop(self._chance.randrange(len(self._names)))
            (self.room.folder / "entries" / name).unlink()

    def _take_down(self) -> None:
        if len(self._names) > 3:
            name = self._names.pop(0)
            publisher("takedown", "--yes", name, cwd=self.room.folder)
            (self.room.folder / "entries" / name).unlink(missing_ok=True)

    def _kill(self, served: Served) -> None:
        """Kill the publisher at once."""
        for child in children(served.process.pid):
            if b"\0follow\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(child, signal.SIGKILL)

    def _signal_front(self, number: int) -> None:
        if self._front:
            os.kill(self._front.process.pid, number)


def rounds_of(log: Path) -> int:
    """Return how often everything was asked for: with the main feed in Brotli, once a round."""
    return log.read_text("utf-8").count("Dateline-Delivery br /news.rss") if log.exists() else 0


Begin = Callable[[Path], AbstractContextManager[tuple[Day, Path, int]]]
FRONT = """
log_format asked '$http_user_agent $http_accept_encoding $uri';
proxy_cache_path {folder}/copies keys_zone=copies:1m;
server {{
    listen 127.0.0.1:{port};
    access_log {log} asked;
    location / {{
        proxy_pass http://127.0.0.1:{behind};
        proxy_set_header Host $http_host;
        proxy_cache copies;
        proxy_cache_revalidate on;
        proxy_cache_use_stale updating error timeout;
        proxy_cache_background_update on;
    }}
}}
"""


@contextmanager
def caching(folder: Path) -> Iterator[tuple[Day, Path, int]]:
    """Yield a day behind an nginx that keeps copies as it may, and is not told of changes."""
    own, port, log = free_port(), free_port(), folder / "asked.log"
    text = FRONT.format(folder=folder, port=port, log=log, behind=own)
    with webhook() as hook, nginx(text, folder / "front", port) as front:
        room = configured(folder, f"http://127.0.0.1:{port}/", own, hook, OWN)
        yield Day(room, hook, front), log, own


@contextmanager
def purged(folder: Path) -> Iterator[tuple[Day, Path, int]]:
    """Yield a day behind Varnish, which is purged, and an nginx that only counts."""
    own, middle, port, log = free_port(), free_port(), free_port(), folder / "asked.log"
    text = FRONT.format(folder=folder, port=port, log=log, behind=middle)
    text = text.replace("proxy_cache copies;", "")
    table = f'{OWN}[[cdn]]\nkind = "varnish"\nurl = "http://127.0.0.1:{middle}/"\n'
    with (
        webhook() as hook,
        varnish(folder, middle, own),
        nginx(text, folder / "front", port) as front,
    ):
        room = configured(folder, f"http://127.0.0.1:{port}/", own, hook, table)
        settings = folder / "config.toml"
        settings.write_text(settings.read_text("utf-8").replace("max_age = 1", "max_age = 300"))
        yield Day(room, hook, front), log, own


@pytest.mark.parametrize("front", [caching, purged])
def test_a_day_raises_no_alarm(tmp_path: Path, front: Begin) -> None:
    """With restarts, kills, news in bursts, corrections, withdrawals, purges and expiry."""
    with front(tmp_path) as (day, log, own):
        settings = tmp_path / "config.toml"
        settings.write_text(settings.read_text("utf-8").replace("interval = 4", "interval = 1"))
        for _ in range(5):
            day.publish()
        lives = 0

        def is_over() -> bool:
            nonlocal lives
            lives += 1
            with serve(tmp_path, port=own, says_port=False) as served:
                end = rounds_of(log) + ROUNDS // 6
                while rounds_of(log) < end:
                    day.go_on(served)
                    assert day.hook.data == [], served.printed()
            return lives >= LIVES and rounds_of(log) >= ROUNDS

        assert until(is_over, AT_MOST)

    assert day.hook.data == []
