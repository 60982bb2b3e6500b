"""The hub takes requests, asks their subscribers, and remembers what they agree to."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from dateline.errors import DatelineError
from dateline.hub import hub, register, sending, verify
from dateline.hub.client import WITHIN, HubClient, socket_path, wake
from dateline.hub.hub import Hub, OwnHub, figures
from dateline.hub.request import FORM, judge
from dateline.ledger import Ledger, exclusive
from dateline.ledger.queries.notices.requests import SubscriptionRequest, subscription_digest
from dateline.model import HubSettings
from dateline.publish import ledger_url
from dateline.serve.app import create_app
from support.callbacks import Answer, Received, Subscriber, agree, form, subscriber
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import until

SITE = "http://127.0.0.1:8000/"
TOPIC = f"{SITE}news.rss"
START = datetime(2026, 11, 25, 12, tzinfo=UTC)
OLD, NEW = "old", "new"


class Desk:
    """A publication with a hub that runs, at a time that tests set."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.now = START
        self.hub = Hub(room.config, self.url, lambda: self.now)

    @property
    def url(self) -> str:
        """The URL of the ledger."""
        return ledger_url(self.room.config)

    def post(self, *words: str, **more: str) -> TestResponse:
        """Send a web worker the form of a request."""
        client = create_app(self.room.config).test_client()
        return client.post("/hub", data=form(*words, **more))

    def rows(self, table: str = "subscription") -> list[dict[str, Any]]:
        """Return the rows of a table."""
        path = self.room.config.state / "ledger.sqlite"
        with closing(sqlite3.connect(path)) as ledger:
            ledger.row_factory = sqlite3.Row
            return [dict(row) for row in ledger.execute(f"SELECT * FROM {table}")]  # noqa: S608 - ours

    def is_settled(self) -> bool:
        """Return whether every subscriber has answered, or was given up."""
        return not self.rows("subscription_request")


def with_hub(room: Newsroom, more: str = "") -> None:
    """Switch the hub on, and publish something."""
    hub = f'[hub]\nenabled = true\nallow = ["127.0.0.0/8"]\n{more}\n'
    text = CONFIG.replace("[[feed]]", f"{hub}[[feed]]", 1)
    (room.folder / "config.toml").write_text(text, encoding="utf-8")
    room.drop("first.toml", entry_file())
    room.build()


@contextmanager
def running(desk: Desk) -> Iterator[Desk]:
    """Run the hub of a publication."""
    desk.hub.start()
    try:
        yield desk
    finally:
        desk.hub.stop()


@pytest.fixture
def desk(newsroom: Newsroom) -> Iterator[Desk]:
    """Return a publication whose hub runs."""
    with_hub(newsroom)
    with running(Desk(newsroom)) as open_:
        yield open_


@pytest.fixture
def reader() -> Iterator[Subscriber]:
    """Return a subscriber that agrees to everything."""
    with subscriber() as own:
        yield own


def subscribe(desk: Desk, reader: Subscriber, path: str = "callback", **more: str) -> None:
    """Subscribe to the feed, and wait until that is done."""
    assert desk.post(TOPIC, reader.url(path), **more).status_code == 202
    digest = subscription_digest(reader.url(path), "news.rss")
    assert until(lambda: digest in {row["digest"] for row in desk.rows()} and desk.is_settled())


# ---- Subscribing


def test_a_subscriber_is_asked_whether_it_wants_the_feed(desk: Desk, reader: Subscriber) -> None:
    """It is accepted first, and subscribed once it has repeated the challenge (section 5.3)."""
    answer = desk.post(TOPIC, reader.url("a?id=7&hub.mode=x"), secret=OLD, lease_seconds="7200")

    assert (answer.status_code, answer.text) == (202, "The subscriber is asked next.\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert until(lambda: bool(desk.rows()) and desk.is_settled())
    (question,) = reader.questions()
    challenge = question.fields["hub.challenge"]
    assert question.query.startswith("id=7&hub.mode=x&hub.mode=subscribe&hub.topic=http%3A%2F%2F")
    assert question.fields == {
        "id": "7",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": challenge,
        "hub.lease_seconds": "7200",
    }
    assert len(challenge) > 40
    (row,) = desk.rows()
    moment = int(START.timestamp())
    with Ledger(desk.url) as ledger:
        edition = ledger.documents.find(["news.rss"])["news.rss"].changed
    assert row == {
        "digest": subscription_digest(reader.url("a?id=7&hub.mode=x"), "news.rss"),
        "path": "news.rss",
        "callback": reader.url("a?id=7&hub.mode=x"),
        "host": "127.0.0.1",
        "secret": OLD,
        "confirmed": moment,
        "expires": moment + 7200,
        "edition": edition,
        "due": 0,
        "tries": 0,
        "since": None,
        "answer": 0,
    }


@pytest.mark.long
@pytest.mark.parametrize(
    "answer",
    [
        (404, b""),
        (200, b"something else"),
        (302, b"challenge"),
        (500, b"challenge"),
        (200, b"x" * 100_000),
    ],
    ids=["not found", "other body", "redirect", "error", "large"],
)
def test_who_does_not_agree_is_not_subscribed(
    desk: Desk, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a success that repeats the challenge is consent; what was before stays as it was."""
    monkeypatch.setattr(verify, "_PAUSES", ())
    agrees = True

    def answered(one: Received) -> Answer:
        status, body = answer
        challenge = one.fields["hub.challenge"].encode()
        return agree(one) if agrees else (status, body.replace(b"challenge", challenge))

    with subscriber(answered) as own:
        subscribe(desk, own, "known", secret=OLD)
        before = desk.rows()
        agrees = False
        desk.now += timedelta(hours=1)
        assert desk.post(TOPIC, own.url("known"), secret=NEW).status_code == 202
        assert desk.post(TOPIC, own.url("known"), "unsubscribe").status_code == 202
        assert desk.post(TOPIC, own.url("new")).status_code == 202
        assert until(lambda: bool(own.questions(path="new")) and desk.is_settled())

        assert desk.rows() == before


@pytest.mark.parametrize(("topic", "mode"), [(TOPIC, "subscribe"), (f"{SITE}none.rss", "denied")])
def test_who_answers_at_length_is_asked_once(
    desk: Desk, topic: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an answer, if not consent: only who is silent is asked again."""
    monkeypatch.setattr(verify, "_PAUSES", (0, 0))
    with subscriber(lambda _: (200, b"x" * 100_000)) as own:
        assert desk.post(topic, own.url("a")).status_code == 202
        assert until(lambda: bool(own.questions(mode)) and desk.is_settled())

        assert len(own.questions(mode)) == 1
    assert desk.rows() == []


@pytest.mark.long
def test_a_subscription_is_renewed(desk: Desk, reader: Subscriber) -> None:
    """The newest secret and lease count; there is still one subscription."""
    subscribe(desk, reader, secret=OLD)
    (before,) = desk.rows()
    desk.now += timedelta(days=1)

    subscribe(desk, reader, secret=NEW, lease_seconds="3600")
    assert until(lambda: desk.rows()[0]["secret"] == NEW)

    (row,) = desk.rows()
    assert row["expires"] == int(desk.now.timestamp()) + 3600
    assert row["edition"] == before["edition"]
    subscribe(desk, reader)
    assert until(lambda: desk.rows()[0]["secret"] == "")


@pytest.mark.long
def test_a_subscriber_unsubscribes(desk: Desk, reader: Subscriber) -> None:
    """It is asked, and its other subscriptions stay; who was none can do so, too."""
    subscribe(desk, reader, "one")
    subscribe(desk, reader, "two")

    assert desk.post(TOPIC, reader.url("one"), "unsubscribe").status_code == 202
    assert desk.post(TOPIC, reader.url("none"), "unsubscribe").status_code == 202

    assert until(lambda: len(reader.questions("unsubscribe")) == 2 and desk.is_settled())
    assert [row["callback"] for row in desk.rows()] == [reader.url("two")]
    assert "hub.lease_seconds" not in reader.questions("unsubscribe")[0].fields


def test_a_feed_that_is_not_there_is_denied(desk: Desk, reader: Subscriber) -> None:
    """The answer is the same; the subscriber learns it by a request of its own (section 5.2)."""
    topic = f"{SITE}nothing.rss"

    assert desk.post(topic, reader.url("a?b=c")).status_code == 202

    assert until(lambda: bool(reader.questions("denied")) and desk.is_settled())
    (denied,) = reader.questions("denied")
    reason = "There is no feed at this address."
    fields = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
    assert denied.fields == {"b": "c", **fields}
    assert desk.rows() == []
    assert reader.questions() == []


def test_a_page_is_no_feed(desk: Desk, reader: Subscriber) -> None:
    """Pages change without news."""
    desk.post(f"{SITE}index.html", reader.url())

    assert until(lambda: bool(reader.questions("denied")))


@pytest.mark.long
def test_subscribers_of_a_feed_that_is_no_more_are_denied(desk: Desk, reader: Subscriber) -> None:
    """They are told after the run that removes it."""
    subscribe(desk, reader)
    path = desk.room.folder / "config.toml"
    moved = '[moved]\n"news.rss" = "news.atom"\n"news.json" = "news.atom"\n'
    moved += '[[feed]]\nformats = ["atom"]\n'
    path.write_text(path.read_text("utf-8").replace("[[feed]]\n", moved, 1), encoding="utf-8")
    desk.room.build()

    wake(desk.room.config.state)

    assert until(lambda: bool(reader.questions("denied")) and not desk.rows())
    assert reader.questions("denied")[0].fields["hub.topic"] == TOPIC


@pytest.mark.long
def test_leases_end(desk: Desk, reader: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscription is removed an hour after its lease is over, if nobody renewed it."""
    monkeypatch.setattr(register, "_SURE", 0.0)
    subscribe(desk, reader, "short", lease_seconds="3600")
    subscribe(desk, reader, "long", lease_seconds="7200")
    desk.now += timedelta(hours=1)

    wake(desk.room.config.state)

    assert until(lambda: [row["callback"] for row in desk.rows()] == [reader.url("long")])


@pytest.mark.long
def test_a_clock_that_is_ahead_for_a_moment_ends_nothing(desk: Desk, reader: Subscriber) -> None:
    """As after a start with an empty battery: subscribers know of no reason to renew."""
    subscribe(desk, reader, "early")
    desk.now += timedelta(days=400)

    wake(desk.room.config.state)
    subscribe(desk, reader, "late")

    assert {row["callback"] for row in desk.rows()} == {reader.url("early"), reader.url("late")}


# ---- Subscribers that do not answer


@pytest.mark.long
def test_who_is_silent_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its server is there; what was asked stays in the ledger meanwhile."""
    monkeypatch.setattr(verify, "_PAUSES", (1,) * 100)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert desk.post(TOPIC, f"http://127.0.0.1:{port}/a").status_code == 202
        assert until(lambda: any(row["tries"] for row in desk.rows("subscription_request")))

    with subscriber(port=port) as own:
        desk.now += timedelta(seconds=1)
        assert until(lambda: bool(desk.rows()))
        assert own.questions()[0].fields["hub.topic"] == TOPIC


def test_who_stays_silent_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last attempt."""
    monkeypatch.setattr(verify, "_PAUSES", (0, 0))
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/a"
        assert desk.post(TOPIC, address).status_code == 202
        assert until(desk.is_settled)

    assert desk.rows() == []


def test_a_name_that_leads_to_a_private_address_is_not_asked(newsroom: Newsroom) -> None:
    """The address counts to which a connection would be made, whatever the name was."""
    with_hub(newsroom)
    path = newsroom.folder / "config.toml"
    path.write_text(path.read_text("utf-8").replace("127.0.0.0/8", "192.0.2.0/24"), "utf-8")
    name = socket.gethostname()
    address = socket.gethostbyname(name)
    with running(Desk(newsroom)) as desk, subscriber(address="0.0.0.0") as own:  # noqa: S104
        if not address.startswith(("127.", "10.", "172.", "192.168.")):
            pytest.skip("The name of this machine leads to a public address.")
        assert desk.post(TOPIC, f"http://{name}:{own.port}/").status_code == 202
        assert until(desk.is_settled)

        assert own.received == []
        assert desk.rows() == []


@pytest.mark.long
def test_silent_subscribers_hold_up_nobody(desk: Desk, reader: Subscriber) -> None:
    """A host that accepts connections and never answers takes few places of its own."""
    with closing(socket.create_server(("127.0.0.9", 0), backlog=500)) as silent:
        port = silent.getsockname()[1]
        for number in range(40):
            answer = desk.post(TOPIC, f"http://127.0.0.9:{port}/{number}")
            assert answer.status_code == 202
        subscribe_only(desk, reader)

        assert len(desk.rows("subscription_request")) == 40


@pytest.mark.long
def test_names_of_one_domain_hold_up_nobody(
    desk: Desk, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them share a few questions at a time, and a bound, whoever of them is silent."""
    really = socket.getaddrinfo
    with closing(socket.create_server(("127.0.0.9", 0), backlog=500)) as silent:

        def find(host: str, *words: Any, **more: Any) -> Any:
            return really("127.0.0.9" if str(host).endswith(".example") else host, *words, **more)

        monkeypatch.setattr(socket, "getaddrinfo", find)
        port = silent.getsockname()[1]
        for number in range(120):
            answer = desk.post(TOPIC, f"http://{number}.attacker.example:{port}/")
            assert answer.status_code == 202
        began = monotonic()
        subscribe_only(desk, reader)
        took = monotonic() - began

        monkeypatch.setattr("dateline.hub.hub._MOST_OF_SITE", 100)
        last = desk.post(TOPIC, f"http://last.attacker.example:{port}/")

    assert took < 3
    assert last.status_code == 503


def subscribe_only(desk: Desk, reader: Subscriber) -> None:
    """Subscribe, whoever else waits."""
    assert desk.post(TOPIC, reader.url()).status_code == 202
    assert until(lambda: len(desk.rows()) == 1)


@pytest.mark.long
def test_few_requests_wait_for_one_host(
    desk: Desk, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So strangers cannot have the hub ask one machine without end; others are served."""
    monkeypatch.setattr("dateline.hub.hub._MOST_OF_HOST", 5)
    with closing(socket.create_server(("127.0.0.9", 0), backlog=500)) as silent:
        port = silent.getsockname()[1]
        answers = [desk.post(TOPIC, f"http://127.0.0.9:{port}/{number}") for number in range(6)]

        assert [one.status_code for one in answers] == [202] * 5 + [503]
        assert answers[-1].headers["Retry-After"] == "30"
        subscribe_only(desk, reader)


@pytest.mark.long
def test_who_is_subscribed_may_renew_and_leave_while_others_have_to_wait(
    desk: Desk, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers keep a host busy with a request a second: they end no subscription with that."""
    subscribe(desk, reader, "own")
    monkeypatch.setattr("dateline.hub.hub._MOST", 0)
    assert desk.post(TOPIC, reader.url("other")).status_code == 503
    subscribe(desk, reader, "own")
    assert desk.post(TOPIC, reader.url("own"), mode="unsubscribe").status_code == 202
    assert until(lambda: not desk.rows())


@pytest.mark.long
def test_a_request_that_is_repeated_waits_once(desk: Desk, reader: Subscriber) -> None:
    """The newest counts; otherwise those of others would come after all that were repeated."""
    reader.answer = lambda _: (404, b"")
    for path in ("same",) * 60 + ("other",):
        assert desk.post(TOPIC, reader.url(path)).status_code == 202
    assert until(lambda: bool(reader.questions(path="other")))
    assert until(desk.is_settled)

    assert len(reader.questions(path="same")) < 30


@pytest.mark.long
@pytest.mark.parametrize("bound", ["most", "most_per_host"])
def test_a_full_hub_takes_renewals_alone(
    newsroom: Newsroom, reader: Subscriber, bound: str
) -> None:
    """The bounds are those of the configuration, of all and of one host; who leaves makes room."""
    with_hub(newsroom, f"{bound} = 1")
    with running(Desk(newsroom)) as desk:
        subscribe(desk, reader, "one")

        answer = desk.post(TOPIC, reader.url("two"))

        assert answer.status_code == 503
        assert answer.text == "The hub has no room for another subscription.\n"
        subscribe(desk, reader, "one", secret=NEW)
        assert desk.post(TOPIC, reader.url("one"), "unsubscribe").status_code == 202
        assert until(lambda: not desk.rows())
        subscribe(desk, reader, "two")


@pytest.mark.long
def test_renewals_fill_no_hub(newsroom: Newsroom, reader: Subscriber) -> None:
    """A subscription that is renewed is still one."""
    with_hub(newsroom, "most = 2")
    with running(Desk(newsroom)) as desk:
        for secret in (OLD, NEW, OLD):
            subscribe(desk, reader, "one", secret=secret)
            assert until(partial(has_secret, desk, secret))

        subscribe(desk, reader, "two")


def has_secret(desk: Desk, secret: str) -> bool:
    """Return whether the only subscription has this secret."""
    return [row["secret"] for row in desk.rows()] == [secret]


# ---- At the port


def test_other_methods_are_refused(desk: Desk) -> None:
    """A person who opens the address is told what it is."""
    client = create_app(desk.room.config).test_client()

    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = client.open("/hub", method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert client.get("/hub").text.startswith("This is a WebSub hub")
    assert client.options("/hub").status_code == 204
    assert client.options("/hub").headers["Allow"] == "OPTIONS, POST"


def test_a_request_has_a_length_and_a_bound(desk: Desk) -> None:
    """The rest is not even read."""
    client = create_app(desk.room.config).test_client()

    assert client.post("/hub", data=b"a" * 8193).status_code == 413
    for length, status in (("9" * 30, 413), ("x", 411), ("-1", 411), ("", 411)):
        environ = {"CONTENT_LENGTH": length}
        assert client.post("/hub", environ_overrides=environ).status_code == status
    assert client.post("/hub", data="{}", content_type="application/json").status_code == 415
    assert client.post("/hub", data=form("", "")).status_code == 400


def test_without_a_hub_nothing_is_there(newsroom: Newsroom) -> None:
    """The address is one of those where there is nothing."""
    newsroom.drop("first.toml", entry_file())
    newsroom.build()

    assert create_app(newsroom.config).test_client().post("/hub").status_code == 404


def test_without_the_publisher_requests_come_later(newsroom: Newsroom) -> None:
    """The answer says when to try again; readers notice nothing."""
    with_hub(newsroom)
    client = create_app(newsroom.config).test_client()

    answer = client.post("/hub", data=form(TOPIC, "https://reader.example.net/"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.text == "The hub takes no requests at present.\n"
    assert client.get("/news.rss").status_code == 200


def test_feeds_name_the_hub(desk: Desk) -> None:
    """In the Link field, and in each format."""
    client = create_app(desk.room.config).test_client()

    for path in ("news.rss", "news.atom", "news.json"):
        answer = client.get(f"/{path}")
        assert f'<{SITE}hub>; rel="hub"' in answer.headers["Link"]
        assert f"{SITE}hub" in answer.text


# ---- Starting, waiting, ending


def test_a_request_waits_for_a_run(desk: Desk, reader: Subscriber) -> None:
    """While a run holds the ledger, it waits; it is accepted once it is in there."""
    answers: list[TestResponse] = []
    with exclusive(desk.room.config.state):
        worker = threaded(lambda: answers.append(desk.post(TOPIC, reader.url())))
        assert not until(lambda: bool(answers), 0.5)
        assert desk.rows("subscription_request") == []
    worker.join()

    assert [one.status_code for one in answers] == [202]
    assert until(lambda: len(desk.rows()) == 1)


def test_a_run_of_minutes_does_not_keep_web_workers(
    desk: Desk, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is refused in time, and another one is accepted later."""
    monkeypatch.setattr("dateline.hub.register._PATIENCE", 0.1)
    monkeypatch.setattr("dateline.hub.register._ANSWERED_WITHIN", 0.2)
    with exclusive(desk.room.config.state):
        assert desk.post(TOPIC, reader.url()).status_code == 503

    subscribe(desk, reader)


@pytest.mark.long
def test_what_waits_is_asked_after_a_start(newsroom: Newsroom) -> None:
    """A request is in the ledger before it is accepted."""
    with_hub(newsroom)
    is_up = False

    def answered(one: Received) -> Answer:
        if not is_up:
            raise ConnectionAbortedError
        return agree(one)

    with subscriber(answered) as own:
        with running(Desk(newsroom)) as desk:
            assert desk.post(TOPIC, own.url()).status_code == 202
            assert until(lambda: any(one["tries"] for one in desk.rows("subscription_request")))
        is_up = True
        with running(Desk(newsroom)) as desk:
            desk.now += timedelta(hours=1)
            assert until(lambda: len(desk.rows()) == 1)


def test_there_is_one_hub(desk: Desk) -> None:
    """A second process refuses to be one."""
    with pytest.raises(DatelineError, match="runs in another process"):
        Hub(desk.room.config, desk.url, lambda: START).start()


def test_the_publisher_runs_the_hub_where_it_is_asked_to(newsroom: Newsroom) -> None:
    """It starts and stops with the configuration."""
    with_hub(newsroom)
    config, path = newsroom.config, newsroom.folder / "config.toml"
    text = path.read_text("utf-8")
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        assert not is_there(config.state)
        own.keep(config)
        assert is_there(config.state)
        path.write_text(text.replace("enabled = true", "enabled = true\nseparate = true"), "utf-8")
        own.keep(newsroom.config)
        assert not is_there(config.state)
        own.keep(config)
        assert is_there(config.state)
    assert not is_there(config.state)


def test_a_hub_that_cannot_run_is_a_condition(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation may lack its libraries. It is over once it runs, or is not wanted."""
    with_hub(newsroom)
    config = newsroom.config
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        with monkeypatch.context() as lacking:
            lacking.setattr(hub, "find_spec", lambda _: None)
            own.keep(config)
            (found,) = own.conditions
            own.keep(replace(config, hub=None))
            assert not own.conditions
            own.keep(config)
            assert own.conditions == (found,)
        own.keep(config)
        assert not own.conditions

    assert found.code == "hub-stopped"
    assert "(The hub needs more libraries. Type: pip install 'dateline[hub]')" in found.message()


def test_a_hub_runs_in_a_folder_with_a_long_path(tmp_path: Path) -> None:
    """Its socket stays when it ends: that may be the one of another hub by then."""
    folder = tmp_path / ("x" * 120)
    (folder / "entries").mkdir(parents=True)
    room = Newsroom(folder)
    with_hub(room)
    for _ in range(2):
        with running(Desk(room)):
            assert is_there(room.config.state)
        assert not is_there(room.config.state)
        assert socket_path(room.config.state).exists()


def test_a_hub_that_cannot_open_its_socket_does_later(newsroom: Newsroom) -> None:
    """Each run tries again, and until then it is a condition."""
    with_hub(newsroom)
    config = newsroom.config
    obstacle = socket_path(config.state)
    obstacle.mkdir(parents=True)
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        own.keep(config)
        found = own.conditions
        obstacle.rmdir()
        own.keep(config)
        assert is_there(config.state)
        assert not own.conditions

    assert [one.code for one in found] == ["hub-stopped"]


@pytest.mark.long
def test_a_hub_that_cannot_open_its_connections_does_later(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where too many files are open: what delivers ends, and the next run starts it again."""
    with_hub(newsroom)
    config = newsroom.config
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        with monkeypatch.context() as full:
            full.setattr(sending, "trusted", too_many)
            own.keep(config)
            assert until(lambda: bool(own.conditions))
            (found,) = own.conditions
        own.keep(config)
        with subscriber() as reader:
            subscribe(Desk(newsroom), reader)
            newsroom.drop("second.toml", entry_file("Second"))
            newsroom.build()
            wake(config.state)
            assert until(lambda: bool(reader.deliveries()))
        assert not own.conditions

    assert found.code == "hub-stopped"
    assert "Too many open files" in found.message()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_hub_that_gets_no_thread_begins_later(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """No run fails for lack of memory, and none is published late."""
    with_hub(newsroom)
    config = newsroom.config
    changed = replace(config, hub=replace(config.hub or HubSettings(), signature="sha512"))
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        for one, refused in ((config, number), (changed, 1)):
            with monkeypatch.context() as full:
                full.setattr(threading.Thread, "start", without(refused))
                own.keep(one)
                assert [found.code for found in own.conditions] == ["hub-stopped"]
            own.keep(one)
            assert is_there(config.state)
            assert not own.conditions


def test_a_hub_of_its_own_that_nobody_has_started_is_a_condition(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it runs, feeds name a hub at which nobody can subscribe. Runs follow each change."""
    monkeypatch.setattr("dateline.hub.hub._LOOK_EVERY", 0.0)
    with_hub(newsroom, "separate = true")
    config = newsroom.config
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        own.keep(config)
        (found,) = own.conditions
        assert not own.has_news
        with running(Desk(newsroom)):
            assert own.has_news
            own.keep(config)
            assert not own.conditions
            assert not own.has_news
        assert own.has_news
        own.keep(config)
        assert own.conditions == (found,)
        own.keep(replace(config, hub=None))
        assert not own.conditions

    assert "(dateline hub is not running on this machine)" in found.message()


@pytest.mark.parametrize("folder", ["state", "state/hub"])
def test_a_hub_whose_socket_is_deleted_starts_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """No request reached it, and nothing said so. Where it cannot start, it is a condition."""
    monkeypatch.setattr("dateline.hub.hub._LOOK_EVERY", 0.0)
    with_hub(newsroom)
    config = newsroom.config
    with closing(OwnHub(ledger_url(config), lambda: START)) as own:
        own.keep(config)
        assert not own.has_news
        for is_obstructed in (False, True):
            gone = newsroom.folder / f"gone-{is_obstructed}"  # the hub writes while it is deleted
            shutil.rmtree((newsroom.folder / folder).rename(gone))
            assert own.has_news
            if is_obstructed:
                socket_path(config.state).mkdir(parents=True)
                own.keep(config)
                assert [one.code for one in own.conditions] == ["hub-stopped"]
                socket_path(config.state).rmdir()
            own.keep(config)
            assert is_there(config.state)
            assert not own.has_news
            assert not own.conditions


@pytest.mark.long
def test_a_hub_is_there_for_whoever_has_too_many_files_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows, and it is not started again for that."""
    with monkeypatch.context() as full:
        full.setattr(socket, "socket", lambda *_: too_many())
        desk.hub.look_for_socket()

    assert not desk.hub.fault
    assert is_there(desk.room.config.state)


def too_many() -> None:
    """Fail as where too many files are open."""
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def without(number: int) -> Callable[[threading.Thread], None]:
    """Return what starts threads, but not the one with this number that this thread starts."""
    really, numbers = threading.Thread.start, count(1)
    own = threading.current_thread()

    def start(thread: threading.Thread) -> None:
        if threading.current_thread() is own and next(numbers) == number:
            raise RuntimeError("can't start new thread")
        really(thread)

    return start


@pytest.mark.long
def test_a_hub_of_its_own_ends_where_a_part_of_it_does(newsroom: Newsroom) -> None:
    """So that the service manager starts another one."""
    with_hub(newsroom, "separate = true")
    code = (
        "import errno, runpy\nfrom dateline.hub import sending\n"
        "def too_many(): raise OSError(errno.EMFILE, 'Too many open files')\n"
        "sending.trusted = too_many\nrunpy.run_module('dateline', run_name='__main__')"
    )
    command = [sys.executable, "-c", code, "hub", "--config", str(newsroom.config.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert "The hub has stopped: [Errno 24] Too many open files." in done.stderr


def is_there(state: Path) -> bool:
    """Return whether a hub answers."""
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "0", "wsgi.input": Nothing()}
    return HubClient(state).answer(environ)[0] != "503 Service Unavailable"


class Nothing:
    """The body of an empty request."""

    def read(self, _: int) -> bytes:
        """Return no bytes."""
        return b""


def threaded(act: Callable[[], object]) -> threading.Thread:
    """Call a function in a thread, which is returned."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def test_a_web_worker_waits_longer_than_the_hub_takes() -> None:
    """What the hub refuses in time is never accepted after the worker has given up."""
    assert WITHIN > register._ANSWERED_WITHIN  # noqa: SLF001 - its own bound


@pytest.mark.long
def test_figures_are_numbers(desk: Desk, reader: Subscriber) -> None:
    """They are metrics of the publisher; without a hub, or a ledger, there are none."""
    subscribe(desk, reader, "one")
    subscribe(desk, reader, "two")
    config = desk.room.config

    assert figures(config, desk.url, desk.now) == {
        "hub_subscriptions": 2,
        "hub_behind": 0,
        "hub_failing": 0,
        "hub_lag_seconds": 0,
    }
    assert figures(config, "sqlite:////nowhere/ledger.sqlite", desk.now) == {}
    assert figures(replace(config, hub=None), desk.url, desk.now) == {}


def test_a_request_that_nobody_waits_for_disturbs_no_other(desk: Desk, reader: Subscriber) -> None:
    """A web worker may have gone; what was asked is done all the same."""
    config = desk.room.config
    assert config.hub
    accepted: list[SubscriptionRequest] = []
    own = register.Register(desk.url, config.state, lambda: 1, accepted.extend, lambda: None)
    for name in ("gone", "there"):
        body = urlencode(form(TOPIC, reader.url(name))).encode()
        found = judge(body, FORM, config, config.hub, now=1, challenge=name)
        assert isinstance(found, SubscriptionRequest)
        answer = own.ask(found, config.hub)
        if name == "gone":
            answer.cancel()
    own.stop()

    own.run()

    assert answer.result(0) == register.ACCEPTED
    assert [one.challenge for one in accepted] == ["gone", "there"]
