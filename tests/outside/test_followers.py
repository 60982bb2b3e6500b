"""Machines that follow a bucket on a real server that speaks S3, killed at any point."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep

import obstore
import pytest
from obstore.store import S3Store

from dateline.documents.objects.signing import Credentials
from outside.buckets import READER, REGION, WRITER, server
from support.process_tree import children
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import Served, fetch, serve, until

pytestmark = pytest.mark.outside

FOLLOWS = ("--only", "follow", "--only", "web")
KILLS = 8  # of each machine
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Machines:
    """A machine that publishes, and two that follow, with the variables of each."""

    room: Newsroom
    leader: Served
    followers: tuple[Served, ...]

    def drop(self, title: str) -> None:
        """Drop an entry."""
        self.room.drop(f"{title}.toml", entry_file(title))

    def has_all(self, title: str) -> bool:
        """Return whether all machines have an entry of this title."""
        every = (self.leader, *self.followers)
        return all(title in one.get("news.rss").text for one in every)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Yield the machines at work; those that follow may only read."""
    folder = tmp_path_factory.mktemp("machines")
    with ExitStack() as running:
        (folder / "store").mkdir()
        endpoint = running.enter_context(server(folder / "store"))
        _create_bucket(endpoint)
        text = f'{CONFIG}\n[store]\nurl = "s3://editions/news"\nendpoint = "{endpoint}"\n'
        for name in ("a", "b", "c"):
            (folder / name).mkdir()
            (folder / name / "config.toml").write_text(text, encoding="utf-8")
        room = Newsroom(folder / "a")
        room.drop("first.toml", entry_file("First"))
        leader = running.enter_context(_serve(folder / "a", WRITER))
        followers = [
            running.enter_context(_serve(folder / name, READER, *FOLLOWS)) for name in ("b", "c")
        ]
        found = Machines(room, leader, tuple(followers))
        assert until(lambda: found.has_all("First"), PATIENCE), _printed(found)
        yield found


def _serve(folder: Path, own: Credentials, *words: str) -> AbstractContextManager[Served]:
    return serve(folder, *words, AWS_ACCESS_KEY_ID=own.key, AWS_SECRET_ACCESS_KEY=own.secret)


def _create_bucket(endpoint: str) -> None:
    """Write an object, with which the server creates its bucket."""
    store = S3Store(
        "editions",
        config={
            "aws_endpoint_url_s3": endpoint,
            "region": REGION,
            "access_key_id": WRITER.key,
            "secret_access_key": WRITER.secret,
        },
        client_options={"allow_http": True},
    )
    obstore.put(store, "ready", b"1")


def _printed(machines: Machines) -> str:
    return "\n".join(one.printed() for one in (machines.leader, *machines.followers))


def _files(served: Served) -> Mapping[str, tuple[bytes, int]]:
    folder = served.output.parent / "feeds"
    return {
        str(path.relative_to(folder)): (path.read_bytes(), int(path.stat().st_mtime))
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def _are_same(one: Served, other: Served) -> bool:
    return _files(one) == _files(other)


def _kill(served: Served, word: bytes) -> None:
    for one in children(served.process.pid):
        with suppress(OSError):
            if word in Path(f"/proc/{one}/cmdline").read_bytes():
                os.kill(one, signal.SIGKILL)


def test_all_machines_have_the_same_documents(machines: Machines) -> None:
    """In all forms, with the same validators: a 304 of one holds on the others."""
    machines.drop("Second")

    assert until(lambda: machines.has_all("Second"), PATIENCE), _printed(machines)
    for one in machines.followers:
        assert until(partial(_are_same, one, machines.leader), PATIENCE), one.printed()
        for path in ("news.rss", "news.json", "index.html"):
            tag = machines.leader.get(path).headers["ETag"]
            assert fetch(f"{one.url}{path}", {"If-None-Match": tag}).status_code == 304


def test_killed_publishers_and_replicas_lose_nothing(machines: Machines) -> None:
    """At random points; readers of all machines have every entry in the end, and no error."""
    chance = random.Random(2109)  # noqa: S311 - no secret
    for number in range(KILLS):
        machines.drop(f"Killed {number}")
        sleep(chance.uniform(0, 1.5))
        _kill(machines.leader, b"\0follow\0")
        for one in machines.followers:
            _kill(one, b"\0replica\0")
            assert one.get("news.rss").status_code == 200

    assert until(lambda: machines.has_all(f"Killed {KILLS - 1}"), PATIENCE), _printed(machines)
    for number in range(KILLS):
        assert machines.has_all(f"Killed {number}")
    for one in machines.followers:
        assert until(partial(_are_same, one, machines.leader), PATIENCE), one.printed()


def test_no_secret_is_printed(machines: Machines) -> None:
    """Neither in logs nor in what is published."""
    text = _printed(machines)

    assert WRITER.secret not in text
    assert READER.secret not in text
    assert not any(WRITER.secret.encode() in data for data, _ in _files(machines.leader).values())
