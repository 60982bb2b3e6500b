"""Two machines with one store: one publishes, the other follows, and both answer readers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import main
from support.process_tree import child_with
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import Served, fetch, serve, until

pytestmark = pytest.mark.long

FOLLOWS = ("--only", "follow", "--only", "web")


@dataclass(frozen=True)
class Pair:
    """The machine that publishes, and the one that follows."""

    room: Newsroom
    leader: Served
    follower: Served

    def has(self, title: str) -> bool:
        """Return whether the machine that follows has an entry of this title."""
        return title in self.follower.get("news.rss").text


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Yield both machines at work."""
    folder = tmp_path_factory.mktemp("machines")
    text = f'{CONFIG}\n[store]\nurl = "{(folder / "share").as_uri()}"\n[serve]\nmetrics = true\n'
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "config.toml").write_text(text, encoding="utf-8")
    room = Newsroom(folder / "a")
    room.drop("first.toml", entry_file("First"))
    with serve(folder / "a") as leader, serve(folder / "b", *FOLLOWS) as follower:
        assert until(lambda: "First" in follower.get("news.rss").text), follower.printed()
        yield Pair(room, leader, follower)


def test_news_of_one_machine_is_on_the_other(pair: Pair) -> None:
    """With the same validators, so that a reader who comes to the other one gets a 304."""
    pair.room.drop("second.toml", entry_file("Second"))

    assert until(lambda: pair.has("Second")), pair.follower.printed()
    # A web worker may repeat for a second what it has just sent.
    assert until(lambda: "Second" in pair.leader.get("news.rss").text)
    found = pair.leader.get("news.rss")
    again = fetch(f"{pair.follower.url}news.rss", {"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304
    assert until(lambda: pair.follower.get("health").status_code == 200)
    assert "cannot be read" not in pair.follower.printed()  # what only had to arrive


def test_a_killed_replica_is_replaced_and_goes_on(pair: Pair) -> None:
    """Readers are answered all the while."""
    killed = child_with(pair.follower.process.pid, b"\0replica\0")
    os.kill(killed, signal.SIGKILL)
    pair.room.drop("third.toml", entry_file("Third"))

    assert pair.has("First")
    assert until(lambda: pair.has("Third")), pair.follower.printed()
    assert child_with(pair.follower.process.pid, b"\0replica\0") not in {0, killed}
    assert child_with(pair.follower.process.pid, b"\0follow\0") == 0


def test_each_machine_has_figures_of_its_own(pair: Pair) -> None:
    """Also the one without a publisher, of what it sent itself."""

    def answers(machine: Served) -> bool:
        return machine.get("metrics").status_code == 200

    for machine in (pair.leader, pair.follower):
        assert until(partial(answers, machine)), machine.printed()
        assert "dateline_sent_bytes_total" in machine.get("metrics").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "publish", "--only", "follow"], "publishes or follows"),
        (["--only", "follow"], "no store to follow"),
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, words: list[str], said: str) -> None:
    """A sentence says so before anything is started."""
    store = '\n[store]\nurl = "file:///srv/none"\n' if "publish" in words else ""
    (tmp_path / "config.toml").write_text(CONFIG + store, encoding="utf-8")

    result = CliRunner().invoke(main, ["serve", "--config", str(tmp_path / "config.toml"), *words])

    assert said in str(result.exception)
