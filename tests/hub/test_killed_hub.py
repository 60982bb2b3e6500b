"""A hub that is killed at any moment loses no delivery, and signs none wrongly."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import sleep

import pytest

from support.delivering import figures, subscribe
from support.publication import Newsroom, entry_file
from support.serving import PUBLISHER, until
from support.subscribers import Subscribers

pytestmark = pytest.mark.long

HUB = '\n[hub]\nenabled = true\nseparate = true\nallow = ["127.0.0.0/8"]\n'
SUBSCRIBERS = 400
KILLS = 6


@contextmanager
def hub(room: Newsroom) -> Iterator[subprocess.Popen[bytes]]:
    """Run the hub as a process, which is killed in the end."""
    command = [sys.executable, str(PUBLISHER), "hub", "--config"]
    with subprocess.Popen([*command, str(room.folder / "config.toml")]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_hub_that_is_killed_again_and_again_delivers_to_all(
    room: Newsroom, there: Subscribers
) -> None:
    """Each subscriber gets the newest edition, at least once, with its own signature."""
    chance = random.Random(3)  # noqa: S311 - repeatable
    config = room.folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("[[feed]]", f"{HUB}[[feed]]"), "utf-8")
    room.build()
    there.pause = 0.02
    paths = [f"/{number}" for number in range(SUBSCRIBERS)]
    urls = [there.url(path, f"127.0.0.{n % 4 + 1}") for n, path in enumerate(paths)]
    subscribe(room.config, urls)
    for number in range(KILLS):
        room.drop(f"{number}.toml", entry_file(f"Report {number}"))
        room.build()
        before = len(there.delivered)
        with hub(room):
            assert until(partial(lambda count: len(there.delivered) > count, before))
            sleep(chance.uniform(0, 0.4))
    newest = (room.config.feeds_folder / "news.rss").read_bytes()
    with hub(room):
        assert until(lambda: figures(room.config).behind == 0, 60)

    assert all(one.is_signed for one in there.delivered)
    last = {one.path: one.body for one in there.delivered}
    assert sorted(last) == sorted(paths)
    title = f"Report {KILLS - 1}".encode()
    assert all(title in body for body in last.values())
    assert newest in last.values()
    most = max(Counter(one.path for one in there.delivered).values())
    assert most <= 2 * KILLS
