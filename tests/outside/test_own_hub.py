"""The publication's own hub with programs of others: a subscriber, proxies, a database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from outside.fronting import proxy
from outside.postgresql import server
from outside.programs import missing
from outside.test_hub import Party, party
from support.callbacks import form, subscriber
from support.publication import Newsroom, entry_file
from support.serving import PATIENCE, Served, until
from support.serving_hub import ask, gets, served_hub, subscribe

pytestmark = pytest.mark.outside


@pytest.fixture(autouse=True)
def _programs() -> None:
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Party]:
    """Run Flask-WebSub's subscriber."""
    with party("subscriber", tmp_path / "reader") as own:
        yield own


def post(reader: Party, what: str, **fields: str) -> str:
    """Have the subscriber do something; return its answer."""
    answer = httpx.post(reader.url(what), params=fields, timeout=PATIENCE)
    assert answer.is_success, answer.text
    return answer.text


def publish(room: Newsroom, served: Served, reader: Party, title: str, known: int) -> str:
    """Publish an entry, and return the text of the delivery after those that are `known`."""
    room.drop(f"{title}.toml", entry_file(title, f"{datetime.now(UTC):%F}"))
    assert until(lambda: len(reader.sent()) > known), served.printed()
    delivery = reader.sent()[known]
    assert delivery["topic"] == f"{served.url}news.rss"
    return str(delivery["text"])


def test_an_independent_subscriber_subscribes_renews_and_leaves(
    newsroom: Newsroom, reader: Party
) -> None:
    """It finds the hub by itself, and accepts only what is signed with its secret."""
    with served_hub(newsroom) as served, subscriber() as witness:
        subscribe(served, witness, "w")
        own = post(reader, "subscribe", url=f"{served.url}news.rss")
        assert until(lambda: stored(newsroom, served) == 2)
        assert "One" in publish(newsroom, served, reader, "One", 0)

        post(reader, "renew", id=own)
        assert "Two" in publish(newsroom, served, reader, "Two", 1)
        assert stored(newsroom, served) == 2

        post(reader, "unsubscribe", id=own)
        assert until(lambda: stored(newsroom, served) == 1)
        gets(newsroom, witness, "Three", "w")
        assert len(reader.sent()) == 2


def stored(room: Newsroom, _: Served) -> int:
    """Return the number of subscriptions in the ledger."""
    from dateline import publish  # noqa: PLC0415 - the name is taken
    from dateline.ledger import Ledger  # noqa: PLC0415

    with Ledger(publish.ledger_url(room.config)) as ledger:
        return ledger.subscriptions.figures(int(datetime.now(UTC).timestamp())).subscriptions


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_a_proxy_passes_requests_on(newsroom: Newsroom, program: str) -> None:
    """And never keeps an answer."""
    with (
        served_hub(newsroom) as served,
        proxy(program, newsroom.folder / "config.toml", newsroom.folder / "front.log") as front,
        subscriber() as own,
    ):
        assert until(lambda: ask(served, own, "direct") == 202)
        fields = form(f"{served.url}news.rss", own.url("fronted"))
        answer = httpx.post(f"{front.url}hub", data=fields, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (202, "no-store")
        assert until(lambda: bool(own.questions(path="fronted")))
        gets(newsroom, own, "Harbour", "fronted")

        large = httpx.post(f"{front.url}hub", data={"a": "b" * 9000}, timeout=PATIENCE)
        # A proxy that still sends the body may lose the answer, which has come already.
        assert large.status_code in {413, 502}
        assert httpx.get(f"{front.url}hub", timeout=PATIENCE).status_code == 405


def test_subscriptions_are_kept_in_postgresql(newsroom: Newsroom) -> None:
    """The same on that engine: verified, delivered, renewed, and ended."""
    with server() as url:
        table = f"[ledger]\nurl = '{url}'"
        with served_hub(newsroom, table) as served, subscriber() as own:
            subscribe(served, own, secret="a")  # noqa: S106 - a trial
            subscribe(served, own, "b")
            gets(newsroom, own, "Harbour")
            gets(newsroom, own, "Lighthouse", "b")
            subscribe(served, own)
            # What is on its way when a subscription is renewed may still be signed.
            titles = (f"Pier {number}" for number in range(1, 20))
            assert until(lambda: "x-hub-signature" not in gets(newsroom, own, next(titles)).headers)
            assert ask(served, own, mode="unsubscribe") == 202
            assert until(lambda: stored(newsroom, served) == 1)
