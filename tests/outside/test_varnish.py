"""Varnish with the vmod xkey, configured as `docs/cdn.md` has it, drops what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from dateline import publish
from dateline.ledger import Ledger
from outside.documented import varnish
from support.commands import publisher
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import free_port, serve, until

pytestmark = pytest.mark.outside

PAGE = "/2026/11/report-on-lebanon.html"


@dataclass(frozen=True, kw_only=True)
class Front:
    """A publication that is served, with Varnish in front."""

    room: Newsroom
    client: httpx.Client

    def is_kept(self, path: str) -> bool:
        """Return whether Varnish answers from its memory: two requests are named then."""
        return " " in self.client.get(path).headers["X-Varnish"]


def is_purged(room: Newsroom) -> bool:
    """Return whether the first edition was purged twice."""
    with Ledger(publish.ledger_url(room.config)) as ledger:
        return ledger.purges.waiting([room.config.cdns[0].name]) == []


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Return a publication with one entry behind Varnish."""
    folder = tmp_path_factory.mktemp("varnish")
    room = Newsroom(folder)
    behind, port = free_port(), free_port()
    table = f'\n[[cdn]]\nkind = "varnish"\nurl = "http://127.0.0.1:{port}/"\n'
    (folder / "config.toml").write_text(CONFIG + table, encoding="utf-8")
    room.drop("old.toml", entry_file("Old"))
    with (
        varnish(folder, port=port, behind=behind),
        serve(folder, port=behind),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert until(lambda: is_up(client) and is_purged(room))
        yield Front(room=room, client=client)


def is_up(client: httpx.Client) -> bool:
    """Return whether the publication is answered through Varnish."""
    try:
        return client.get("/2026/11/old.html").status_code == 200
    except httpx.TransportError:
        return False


def test_news_is_at_readers_at_once(front: Front) -> None:
    """Copies that stay fresh for minutes are dropped with the change, and no others."""
    paths = ("/", "/news.rss", "/news.json", "/2026/11/old.html", "/style.css")
    for path in paths:
        front.client.get(path)
    kept = [front.is_kept(path) for path in paths]
    front.room.drop("a.toml", entry_file())
    is_there = until(lambda: "Report on Lebanon" in front.client.get("/news.rss").text)
    is_on_page = until(lambda: "Report on Lebanon" in front.client.get("/").text)

    assert kept == [True] * len(paths)
    assert (is_there, is_on_page) == (True, True)
    assert front.is_kept("/style.css")
    assert front.client.get(PAGE).status_code == 200
    assert not {"Surrogate-Key", "Cache-Tag", "xkey"} & {*front.client.get(PAGE).headers}


def test_a_document_that_comes_back_replaces_its_redirect(front: Front) -> None:
    """The calendar of an event that is none for a while; a redirect is kept for a day."""
    path = "/2026/11/hearing.ics"

    def answered(status: int) -> bool:
        return front.client.get(path).status_code == status

    for event, status in (('"2027-03-01"', 200), ("", 301), ('"2027-03-01"', 200)):
        front.room.drop("c.toml", entry_file("Hearing", **({"event": event} if event else {})))
        assert until(lambda: answered(status), 20), status  # noqa: B023 - called at once
        assert until(lambda: front.is_kept(path))


def test_a_takedown_says_that_the_copies_are_dropped(front: Front) -> None:
    """When the command ends, no reader gets the entry."""
    front.room.drop("b.toml", entry_file("Wrong"))
    path = "/2026/11/wrong.html"
    assert until(lambda: front.client.get(path).status_code == 200)
    assert until(lambda: front.is_kept(path))  # it may have been dropped for the second time

    done = publisher("takedown", "--yes", "b.toml", cwd=front.room.folder)

    assert "has dropped its copies." in done.stdout + done.stderr
    assert front.client.get(path).status_code == 410
    assert "Wrong" not in front.client.get("/news.rss").text
