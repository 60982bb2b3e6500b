"""The tests of websub.rocks for hubs, restated: its numbers 100 to 106 against `serve`.

Its tests for publishers are restated in `tests/outside/test_hub.py`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from support.callbacks import Received, Subscriber, form, subscriber
from support.publication import Newsroom, entry_file
from support.serving import PATIENCE, Served, until
from support.serving_hub import served_hub

SIGNING = "twenty random letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rocks:
    """A publication that is a hub, and a subscriber."""

    room: Newsroom
    served: Served
    own: Subscriber

    def discover(self, path: str) -> tuple[str, str]:
        """Return the hub and the topic that a feed names in its Link field."""
        links = httpx.get(f"{self.served.url}{path}", timeout=PATIENCE).links
        return links["hub"]["url"], links["self"]["url"]

    def ask(
        self, name: str, mode: str = "subscribe", path: str = "news.rss", **more: str
    ) -> Received:
        """Send the hub a request for the callback `name`, and return the question that follows."""
        hub, topic = self.discover(path)
        known = len(self.own.questions(mode, name))
        fields = form(topic, self.own.url(name), mode) | more
        assert until(lambda: httpx.post(hub, data=fields, timeout=PATIENCE).status_code == 202)
        assert until(lambda: len(self.own.questions(mode, name)) > known)
        question = self.own.questions(mode, name)[-1]
        assert question.fields["hub.topic"] == topic
        assert question.fields["hub.challenge"]
        assert mode != "subscribe" or int(question.fields["hub.lease_seconds"]) > 0
        return question

    def publish(self, title: str) -> None:
        """Publish an entry."""
        self.room.drop(f"{title}.toml", entry_file(title))

    def delivered(self, name: str, title: str, path: str = "news.rss") -> Received:
        """Return the delivery of an entry, which is what websub.rocks requires."""
        assert until(lambda: bool(self._with(name, title)))
        first = self._with(name, title)[0]
        hub, topic = self.discover(path)
        served = httpx.get(topic, timeout=PATIENCE)
        assert first.headers["content-type"] == served.headers["Content-Type"]
        assert f'<{hub}>; rel="hub"' in first.headers["link"]
        assert f'<{topic}>; rel="self"' in first.headers["link"]
        return first

    def _with(self, name: str, title: str) -> list[Received]:
        return [one for one in self.own.deliveries(name) if title.encode() in one.data]


@pytest.fixture(scope="module")
def rocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rocks]:
    """Serve a publication, and run a subscriber."""
    room = Newsroom(tmp_path_factory.mktemp("rocks"))
    with served_hub(room) as served, subscriber() as own:
        yield Rocks(room=room, served=served, own=own)


@pytest.mark.long
def test_100_typical_request(rocks: Rocks) -> None:
    """Mode, topic and callback alone; deliveries have no signature."""
    rocks.ask("100")
    rocks.publish("Typical")

    assert "x-hub-signature" not in rocks.delivered("100", "Typical").headers


def test_101_subscription_with_a_secret(rocks: Rocks) -> None:
    """Deliveries are signed with it."""
    rocks.ask("101", **{"hub.secret": SIGNING})
    rocks.publish("Signed")

    delivery = rocks.delivered("101", "Signed")
    method, _, signature = delivery.headers["x-hub-signature"].partition("=")
    assert method == "sha256"
    assert signature == hmac.new(SIGNING.encode(), delivery.data, hashlib.sha256).hexdigest()


def test_102_additional_parameters(rocks: Rocks) -> None:
    """They are ignored."""
    rocks.ask("102", **{"foo": "bar", "hub.foo": "hub.bar"})
    rocks.publish("Additional")

    rocks.delivered("102", "Additional")


def test_103_subscribing_again_before_the_end(rocks: Rocks) -> None:
    """The subscription is updated: each change comes once."""
    first = rocks.ask("103")
    second = rocks.ask("103")
    assert first.fields["hub.challenge"] != second.fields["hub.challenge"]
    rocks.publish("Again")
    rocks.delivered("103", "Again")
    rocks.publish("Afterwards")

    rocks.delivered("103", "Afterwards")
    deliveries = [one.data for one in rocks.own.deliveries("103")]
    assert len(deliveries) == len(set(deliveries))


def test_104_unsubscription(rocks: Rocks) -> None:
    """It is confirmed, and no delivery comes any more."""
    rocks.ask("104")
    rocks.publish("Before")
    rocks.delivered("104", "Before")
    rocks.ask("104", "unsubscribe")
    rocks.ask("witness")
    rocks.publish("After")
    rocks.delivered("witness", "After")

    assert not any(b"After<" in one.data for one in rocks.own.deliveries("104"))


@pytest.mark.long
@pytest.mark.parametrize("path", ["news.atom", "news.json"])
def test_106_other_content(rocks: Rocks, path: str) -> None:
    """Each format is delivered as it is: Atom, and JSON; 105, plain text, is none of ours."""
    rocks.ask(f"106-{path}", path=path)
    rocks.publish(f"Format {path}")

    rocks.delivered(f"106-{path}", f"Format {path}", path)
