"""An independent hub is notified, and its subscribers get new documents.

websub.rocks requires of a publisher: a subscriber finds hub and topic, in the header and in the
document, subscribes there, and is sent the new document when it is published.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from outside.programs import BROUGHT, HERE, missing
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, Served, free_port, serve, until

pytestmark = pytest.mark.outside

FEEDS = ["news.rss", "news.atom", "news.json"]
XML = FEEDS[:2]
DOCUMENTS = 7  # of the three feeds in `CONFIG`
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A running program, and its folder."""

    folder: Path
    port: int

    def url(self, path: str) -> str:
        """Return an address there."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def notified(self) -> list[str]:
        """Return the topics of which a hub has been notified so far."""
        file = self.folder / "told"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def sent(self) -> list[dict[str, Any]]:
        """Return the deliveries to a subscriber so far."""
        files = sorted(self.folder.glob("[0-9]*.json"), key=lambda path: int(path.stem))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A publication that is served, its hub, and a possible subscriber."""

    newsroom: Newsroom
    served: Served
    hub: Party
    subscriber: Party

    @property
    def hub_url(self) -> str:
        """Return the address of the hub in feeds."""
        return self.hub.url("hub")

    def subscribe(self, path: str) -> None:
        """Let the subscriber discover the hub of a feed, and subscribe."""
        address = self.subscriber.url("subscribe")
        answer = httpx.post(address, params={"url": self.served.url + path}, timeout=20)
        assert answer.is_success, answer.text


@contextmanager
def party(role: str, folder: Path) -> Iterator[Party]:
    """Run one."""
    folder.mkdir()
    variables = os.environ | {"PYTHONPATH": str(BROUGHT / "websub")}
    command: list[str | Path] = [sys.executable, HERE / "websub.py", role, folder]
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, env=variables, stdout=output, stderr=output) as process,
    ):
        try:
            port = folder / "port"
            assert until(port.exists), (folder / "output").read_text(encoding="utf-8")
            yield Party(folder=folder, port=int(port.read_text(encoding="ascii")))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """Serve a publication with one entry."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    port, folder = free_port(), tmp_path_factory.mktemp("published")
    newsroom = Newsroom(folder)
    with party("hub", folder / "hub") as hub, party("subscriber", folder / "reader") as reader:
        lines = f'[publication]\nhubs = ["{hub.url("hub")}"]'
        text = CONFIG.replace("[publication]", lines).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        text += "[schedule]\ninterval = 3600\n"
        (folder / "config.toml").write_text(text, encoding="utf-8")
        newsroom.drop("old.toml", entry_file("Old"))
        with serve(folder, port=port) as served:
            assert until(lambda: len(hub.notified()) == DOCUMENTS), served.printed()
            yield Published(newsroom=newsroom, served=served, hub=hub, subscriber=reader)


def links_in(text: str) -> list[tuple[str, str]]:
    """Return the links of the feed itself, by relation, hubs and self only."""
    root = ET.fromstring(text)  # noqa: S314 - our own
    parent = root if root.tag == f"{ATOM}feed" else root[0]
    links = [(link.get("rel", ""), link.get("href", "")) for link in parent.iter(f"{ATOM}link")]
    return sorted(link for link in links if link[0] in {"hub", "self"})


def test_hub_and_topic_are_in_every_response(published: Published) -> None:
    """To GET and HEAD, and in a 304; the topic is the address itself."""
    for path in FEEDS:
        address = published.served.url + path
        whole = httpx.get(address, timeout=PATIENCE)
        known = {"If-None-Match": whole.headers["ETag"]}
        unchanged = httpx.get(address, headers=known, timeout=PATIENCE)
        for answer in (whole, httpx.head(address, timeout=PATIENCE), unchanged):
            assert answer.links["self"]["url"] == address
            assert answer.links["hub"]["url"] == published.hub_url
            assert answer.headers["Link"].count('rel="self"') == 1

        assert unchanged.status_code == 304


def test_hub_and_topic_are_in_the_document(published: Published) -> None:
    """For readers without access to headers; found by the subscriber and by our parser."""
    folder = published.newsroom.folder / "feeds"
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as plain:
        threading.Thread(target=plain.serve_forever, args=(0.05,)).start()
        for path in XML:
            address = published.served.url + path
            elsewhere = f"http://127.0.0.1:{plain.server_port}/{path}"
            discover = published.subscriber.url("discover")
            found = httpx.get(discover, params={"url": elsewhere}, timeout=PATIENCE)

            assert found.json() == {"hub_url": published.hub_url, "topic_url": address}
            assert links_in((folder / path).read_text(encoding="utf-8")) == [
                ("hub", published.hub_url),
                ("self", address),
            ]
        plain.shutdown()
    feed = json.loads((folder / "news.json").read_text(encoding="utf-8"))

    assert feed["hubs"] == [{"type": "WebSub", "url": published.hub_url}]
    assert feed["feed_url"] == f"{published.served.url}news.json"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, without a `Link` header."""

    extensions_map = {  # noqa: RUF012 - as the library has it
        ".rss": "application/rss+xml; charset=utf-8",
        ".atom": "application/atom+xml; charset=utf-8",
    }

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_a_subscriber_gets_published_documents_of_its_topics(published: Published) -> None:
    """Each feed once, in its current version; embargoed entries at their moment, not before."""
    sent = published.subscriber.sent
    published.subscribe(FEEDS[0])
    published.newsroom.drop("one.toml", entry_file("One", f"{datetime.now(UTC):%F}"))
    assert until(lambda: len(sent()) == 1), published.served.printed()
    for path in FEEDS[1:]:
        published.subscribe(path)
    published.newsroom.drop("new.toml", entry_file("New", f"{datetime.now(UTC):%F}"))
    assert until(lambda: len(sent()) == 1 + len(FEEDS)), published.served.printed()
    now = {published.served.url + path: published.served.get(path).text for path in FEEDS}

    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    published.newsroom.drop("later.toml", entry_file("Embargo", f"{due:%FT%TZ}"))
    assert until(lambda: len(sent()) == 1 + 2 * len(FEEDS)), published.served.printed()

    alone, new, late = sent()[:1], sent()[1:][: len(FEEDS)], sent()[1:][len(FEEDS) :]
    assert [one["topic"] for one in alone] == [f"{published.served.url}{FEEDS[0]}"]
    assert {one["topic"]: one["text"] for one in new} == now
    assert all(one["text"].count("New") for one in new)
    assert not any("Embargo" in one["text"] for one in new)
    assert {one["topic"] for one in late} == {published.served.url + path for path in FEEDS}
    assert all("Embargo" in one["text"] for one in late)
    assert all(0 <= one["moment"] - due.timestamp() < 10 for one in late)
