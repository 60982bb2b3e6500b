"""New editions reach subscribers: all of them, once, and nothing but what is live."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep, time

import feedparser
import pytest

from dateline import publish
from dateline.documents import manifest
from dateline.hub.delivery import Distributor
from dateline.ledger import exclusive, session
from dateline.ledger.cluster.leadership import refuse
from support.delivering import (
    FEED,
    behind,
    delivering,
    figures,
    settings,
    subscribe,
    subscription,
)
from support.publication import Newsroom, entry_file
from support.serving import until
from support.subscribers import Subscribers, answer

LATER = timedelta(hours=8)  # than any pause
DAYS = timedelta(days=4)  # longer than the patience with a subscriber


@pytest.fixture
def room(room: Newsroom, database: str) -> Newsroom:
    """Return a publication with one entry, whose ledger is a file, or in PostgreSQL."""
    if database:
        path = room.folder / "config.toml"
        table = f'[ledger]\nurl = "{database}"\n[[feed]]'
        path.write_text(path.read_text("utf-8").replace("[[feed]]", table, 1), "utf-8")
        shutil.rmtree(room.config.state)
        shutil.rmtree(room.config.feeds_folder)
        room.build()
    return room


def change(room: Newsroom, title: str = "Second", path: str = FEED) -> bytes:
    """Publish another entry, and return the new edition of the feed."""
    room.drop(f"{title}.toml", entry_file(title))
    room.build()
    return (room.config.feeds_folder / path).read_bytes()


def titles(body: bytes, path: str = FEED) -> list[str]:
    """Return the titles of the entries in a feed."""
    if path.endswith(".json"):
        return [one["title"] for one in json.loads(body)["items"]]
    found = feedparser.parse(body)
    assert not found.bozo
    return [one.title for one in found.entries]


def take_down(room: Newsroom, own: str) -> None:
    """Take an entry down, for good."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    room.now += timedelta(minutes=1)
    publish.build(room.config, publish.RunRequest(now=room.now, clock=clock, takedown=own))


def is_done(room: Newsroom) -> bool:
    """Return whether the ledger knows that all have the newest edition."""
    return figures(room.config).behind == 0


@pytest.mark.long
def test_a_new_edition_is_delivered_to_each_subscriber(room: Newsroom, there: Subscribers) -> None:
    """With its media type, its links and its signature (sections 7 and 8), and once."""
    paths = [f"/{number}" for number in range(40)]
    urls = [there.url(path, f"127.0.0.{n % 4 + 1}") for n, path in enumerate(paths)]
    subscribe(room.config, urls)
    body = change(room)
    for _ in range(2):
        with delivering(room.config):
            assert until(lambda: is_done(room))
            sleep(0.3)  # nothing more comes

    assert there.paths == sorted(paths)
    assert {one.body for one in there.delivered} == {body}
    assert all(one.is_signed for one in there.delivered)
    fields = there.delivered[0].fields
    assert fields["content-type"] == "application/rss+xml; charset=utf-8"
    url = room.config.publication.url
    assert fields["link"] == f'<{url}hub>; rel="hub", <{url}{FEED}>; rel="self"'


def test_a_hub_says_that_another_node_leads_and_sends_nothing(
    room: Newsroom, there: Subscribers
) -> None:
    """It is started again: it logged that for a minute, and its node had no hub if it led again."""
    subscribe(room.config, [there.url("/a")])
    change(room)
    url = publish.ledger_url(room.config)
    session.fence(url, refuse)
    try:
        with delivering(room.config) as own:
            assert until(lambda: own.lost is not None)
    finally:
        session.fence(url, None)

    assert there.delivered == []


def test_a_subscriber_without_a_secret_gets_no_signature(
    room: Newsroom, there: Subscribers
) -> None:
    """There is nothing to sign with."""
    subscribe(room.config, [there.url("/a")], is_signed=False)
    change(room)
    with delivering(room.config):
        assert until(lambda: is_done(room))

    assert "x-hub-signature" not in there.delivered[0].fields


@pytest.mark.long
@pytest.mark.parametrize("path", ["news.rss", "news.atom", "news.json"])
def test_a_subscriber_is_sent_what_is_new_to_it(
    room: Newsroom, there: Subscribers, path: str
) -> None:
    """A feed with the same head, of the entries only those that are new or changed (section 7)."""
    subscribe(room.config, [there.url("/a")], path=path)
    wholes = []
    with delivering(room.config):
        for title in ("Second", "Third"):
            wholes.append(change(room, title, path))
            assert until(lambda: is_done(room))
        room.drop("first.toml", entry_file("Changed", correction='"A mistake."'))
        room.build()
        assert until(lambda: is_done(room))

    _, third, changed = (one.body for one in there.delivered)
    assert titles(third, path) == ["Third"]
    assert titles(changed, path) == ["Changed"]
    assert all(one.is_signed for one in there.delivered)
    if not path.endswith(".json"):
        assert feedparser.parse(third).feed == feedparser.parse(wholes[1]).feed


@pytest.mark.long
def test_a_restart_of_the_hub_makes_no_difference_to_what_is_sent(
    room: Newsroom, there: Subscribers
) -> None:
    """Who has the live edition then is sent what is new in the next one."""
    subscribe(room.config, [there.url("/a")])
    with delivering(room.config):
        change(room, "Second")
        assert until(lambda: is_done(room))
    with delivering(room.config):
        sleep(0.5)
        change(room, "Third")
        assert until(lambda: is_done(room))

    first, third = (titles(one.body) for one in there.delivered)
    assert first == ["Second", "Report on Lebanon"]
    assert third == ["Third"]


@pytest.mark.long
def test_the_first_delivery_after_a_subscription_is_whole(
    room: Newsroom, there: Subscribers
) -> None:
    """News between what a subscriber read and its subscription, new or renewed, is there."""
    change(room, "Before")
    subscribe(room.config, [there.url("/a")])
    with delivering(room.config):
        for title in ("Second", "Third"):
            change(room, title)
            assert until(lambda: is_done(room))
        subscribe(room.config, [there.url("/a")])
        change(room, "Fourth")
        assert until(lambda: is_done(room))

    second, third, fourth = (titles(one.body) for one in there.delivered)
    assert second == ["Second", "Before", "Report on Lebanon"]
    assert third == ["Third"]
    assert fourth[:3] == ["Fourth", "Third", "Second"]


@pytest.mark.long
def test_a_subscriber_that_missed_editions_gets_what_it_lacks(
    room: Newsroom, there: Subscribers
) -> None:
    """All of it, in the newest edition: those between are sent to nobody any more."""
    there.answers["/a"] = answer(500)
    subscribe(room.config, [there.url("/a"), there.url("/b")])
    change(room, "Second")
    with delivering(room.config):
        assert until(lambda: len(there.delivered) == 2)
    there.answers.clear()
    newest = change(room, "Third")
    with delivering(room.config, after=LATER):
        assert until(lambda: is_done(room))

    assert [titles(one.body) for one in there.of("/a")] == [
        ["Second", "Report on Lebanon"],
        ["Third", "Second", "Report on Lebanon"],
    ]
    assert there.of("/a")[1].body == newest


@pytest.mark.long
def test_a_change_during_a_delivery_is_delivered_afterwards(
    room: Newsroom, there: Subscribers
) -> None:
    """The subscriber gets the newest edition, and never two at a time."""
    subscribe(room.config, [there.url("/a")])
    change(room, "Second")
    there.held.add("/a")
    with delivering(room.config):
        assert until(lambda: len(there.delivered) == 1)
        change(room, "Third")
        newest = change(room, "Fourth")
        there.held.clear()
        assert until(lambda: is_done(room))

    assert there.most == 1
    assert len(there.delivered) == 2
    assert titles(there.delivered[1].body) == titles(newest)[:2] == ["Fourth", "Third"]


@pytest.mark.long
def test_a_subscription_ends_when_its_callback_is_gone(room: Newsroom, there: Subscribers) -> None:
    """Status 410 says so (section 7)."""
    there.answers["/a"] = answer(410)
    subscribe(room.config, [there.url("/a"), there.url("/b")])
    change(room)
    with delivering(room.config):
        assert until(lambda: figures(room.config).subscriptions == 1)
        assert until(lambda: is_done(room))
        change(room, "Third")
        assert until(lambda: is_done(room))

    assert [len(there.of("/a")), len(there.of("/b"))] == [1, 2]


@pytest.mark.long
@pytest.mark.parametrize("status", [301, 403, 404, 500, 503])
def test_any_other_failure_is_tried_again(room: Newsroom, there: Subscribers, status: int) -> None:
    """After a minute, then ever more seldom; the subscriber may ask for a longer pause."""
    there.answers["/a"] = answer(status, f"Location: {there.url('/b')}")
    there.answers["/c"] = answer(status, "Retry-After: 3600")
    urls = there.url("/a"), there.url("/c")
    subscribe(room.config, urls)
    change(room)
    for tries, (least, most) in enumerate([(60, 75), (120, 150), (240, 300)], 1):
        after = LATER * (tries - 1)
        with delivering(room.config, after=after):
            assert until(partial(have_failed, room, urls, tries))
        moment = time() + after.total_seconds()
        assert least - 60 <= behind(room.config, urls[0]).due - moment <= most
        assert 3540 <= behind(room.config, urls[1]).due - moment <= 3600
    assert figures(room.config).failing == 2
    there.answers.clear()
    with delivering(room.config, after=3 * LATER):
        assert until(lambda: is_done(room))

    assert figures(room.config).failing == 0
    assert [len(there.of("/a")), len(there.of("/b"))] == [4, 0]


@pytest.mark.long
def test_an_answer_that_no_date_can_be_read_from_hinders_nobody(
    room: Newsroom, there: Subscribers
) -> None:
    """It counts as one without a date: the host gets its other deliveries, and later this one."""
    far = "Retry-After: Wed, 21 Oct 99999999999 07:28:00 GMT"
    there.answers["/a"] = answer(503, far)
    urls = [there.url(f"/{name}") for name in "abcd"]
    subscribe(room.config, urls)
    change(room)
    with delivering(room.config):
        assert until(lambda: figures(room.config).behind == 1)
        assert until(partial(have_failed, room, urls[:1], 1))
    assert 0 <= behind(room.config, urls[0]).due - time() <= 75
    there.answers.clear()
    with delivering(room.config, after=LATER):
        assert until(lambda: is_done(room))

    assert sorted(there.paths) == ["/a", "/a", "/b", "/c", "/d"]


def test_a_fault_of_ours_after_an_answer_hinders_nobody(
    room: Newsroom, there: Subscribers, caplog: pytest.LogCaptureFixture
) -> None:
    """The host gets its other deliveries, and the one that was not recorded again."""
    faults = [OverflowError("none should be")]

    def clock() -> datetime:
        if there.delivered and faults:
            raise faults.pop()
        return datetime.now(UTC)

    subscribe(room.config, [there.url("/a"), there.url("/b")])
    change(room)
    hub = Distributor(settings(room.config), clock)
    thread = threading.Thread(target=hub.run)
    thread.start()
    try:
        assert until(lambda: figures(room.config).behind == 1)
        hub.wake()
        assert until(lambda: is_done(room))
    finally:
        hub.stop()
        thread.join()

    assert sorted(Counter(there.paths).values()) == [1, 2]
    assert caplog.text.count("A delivery could not be recorded") == 1


@pytest.mark.long
def test_after_days_of_failures_the_next_edition_is_awaited(
    room: Newsroom, there: Subscribers
) -> None:
    """The subscription stays until its lease ends (section 7)."""
    there.answers["/a"] = answer(500)
    subscribe(room.config, [there.url("/a")])
    change(room)
    for after in (timedelta(), DAYS, DAYS + LATER):
        with delivering(room.config, after=after):
            assert until(lambda: behind(room.config, there.url("/a")).tries > 0)
            sleep(0.3)
    assert len(there.delivered) == 2
    there.answers.clear()
    newest = change(room, "Third")
    with delivering(room.config, after=DAYS + LATER):
        assert until(lambda: is_done(room))

    assert there.delivered[2].body == newest


def test_who_has_no_subscription_any_more_is_sent_nothing(
    room: Newsroom, there: Subscribers
) -> None:
    """When its lease has ended."""
    subscribe(room.config, [there.url("/a")], lease=timedelta(days=1))
    subscribe(room.config, [there.url("/b")])
    change(room)
    with delivering(room.config, after=timedelta(days=2)):
        assert until(lambda: there.paths == ["/b"])
        sleep(0.2)

    assert there.paths == ["/b"]


def have_failed(room: Newsroom, urls: Sequence[str], tries: int) -> bool:
    """Return whether the ledger knows of so many failures of each."""
    return all(behind(room.config, url).tries == tries for url in urls)


# ---- Hosts


@pytest.mark.long
def test_silent_hosts_hold_up_nobody(room: Newsroom, there: Subscribers) -> None:
    """Neither one that says nothing, nor one that sends a byte at a time, nor one that is gone."""
    drip = b"HTTP/1.1 204 No Content\r\nA: " + b"b" * 5000
    there.answers |= {"127.0.0.2": b"", "127.0.0.3": [bytes([one]) for one in drip]}
    slow = [there.url(f"/slow-{n}", f"127.0.0.{n % 2 + 2}") for n in range(60)]
    gone = [f"http://127.0.0.9:1/{n}" for n in range(60)]
    subscribe(room.config, [*slow, *gone, *(there.url(f"/{n}") for n in range(30))])
    change(room)
    with delivering(room.config, limit=60.0):
        assert until(lambda: figures(room.config).behind == 120)
        sent = Counter(one.path.startswith("/slow") for one in there.delivered)

    assert sent == {False: 30, True: 2}
    assert figures(room.config).failing_hosts == 1


@pytest.mark.long
def test_a_host_with_many_subscribers_does_not_hold_up_another(
    room: Newsroom, there: Subscribers
) -> None:
    """However slowly it answers; it gets a few deliveries at a time."""
    there.pause = 0.1
    subscribe(room.config, [there.url(f"/many-{n}", "127.0.0.2") for n in range(300)])
    subscribe(room.config, [there.url("/one", "127.0.0.3")])
    change(room)
    with delivering(room.config):
        assert until(lambda: there.of("/one") != [])
        assert until(lambda: len(there.delivered) > 60)

    assert [one.path for one in there.delivered].index("/one") < 30
    assert there.most <= 9


@pytest.mark.long
def test_a_host_that_is_back_gets_what_it_missed(room: Newsroom, there: Subscribers) -> None:
    """At once, as soon as it has answered one delivery."""
    there.answers["127.0.0.2"] = b""
    urls = [there.url(f"/{n}", "127.0.0.2") for n in range(5)]
    subscribe(room.config, urls)
    change(room)
    with delivering(room.config, limit=1.0):
        assert until(lambda: figures(room.config).failing == 3)
        sleep(0.5)  # the host rests
        assert len(there.delivered) == 3
    there.answers.clear()
    with delivering(room.config):
        assert until(lambda: is_done(room))

    assert sorted(Counter(there.paths).values()) == [1, 1, 2, 2, 2]


# ---- What is live


@pytest.mark.long
def test_nothing_is_sent_that_is_not_live(room: Newsroom, there: Subscribers) -> None:
    """Neither bytes that no manifest lists yet, nor those of before, once they are replaced."""
    subscribe(room.config, [there.url("/a")])
    live = change(room)
    head, feed = room.config.feeds_folder / manifest.HEAD, room.config.feeds_folder / FEED
    kept = head.read_bytes(), feed.read_bytes(), feed.stat()
    room.drop("Third.toml", entry_file("Third"))
    room.build()
    new_head = head.read_bytes()
    head.write_bytes(kept[0])  # a run is between two renames
    with delivering(room.config):
        sleep(0.5)
        assert there.delivered == []
        head.with_suffix(".new").write_bytes(new_head)
        head.with_suffix(".new").replace(head)
        assert until(lambda: is_done(room))

    assert live not in {one.body for one in there.delivered}
    assert titles(there.delivered[0].body)[0] == "Third"


@pytest.mark.long
def test_an_embargoed_entry_is_delivered_at_its_moment(room: Newsroom, there: Subscribers) -> None:
    """Not before: it is in no edition until then."""
    subscribe(room.config, [there.url("/a")])
    room.drop("later.toml", entry_file("Later", "2026-11-25T12:00:00Z"))
    with delivering(room.config):
        change(room, "Second")
        assert until(lambda: is_done(room))
        room.build(after=timedelta(hours=3))
        assert until(lambda: len(there.delivered) == 2)

    assert "Later" not in titles(there.delivered[0].body)
    assert "Later" in titles(there.delivered[1].body)


@pytest.mark.long
def test_what_was_taken_down_is_sent_to_nobody_any_more(room: Newsroom, there: Subscribers) -> None:
    """Not even to those for whom the edition before was waiting."""
    subscribe(room.config, [there.url(f"/{n}") for n in range(9)])
    change(room, "Private")
    there.held |= {f"/{n}" for n in range(9)}
    with delivering(room.config):
        assert until(lambda: len(there.delivered) == 1)
        own = next(one for one in room.items() if one["title"] == "Private")
        take_down(room, own["id"])
        there.held.clear()
        assert until(lambda: is_done(room))

    first, *others = there.delivered
    assert "Private" in titles(first.body)
    assert len(others) == 9
    assert all(b"Private" not in one.body for one in others)


# ---- The ledger


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_run_at_work_delays_no_delivery(room: Newsroom, there: Subscribers) -> None:
    """What was delivered is recorded afterwards, and not sent twice in between."""
    subscribe(room.config, [there.url(f"/{n}") for n in range(20)])
    change(room)
    with delivering(room.config) as delivery:
        with exclusive(room.config.state):
            assert until(lambda: len(there.delivered) == 20)
            delivery.wake()
            sleep(0.5)
            assert figures(room.config).behind == 20
        assert until(lambda: is_done(room))

    assert len(there.delivered) == 20


def test_what_is_on_its_way_when_the_hub_stops_is_recorded(
    room: Newsroom, there: Subscribers
) -> None:
    """If it arrives in time; the rest is sent by the next start."""
    there.pause = 0.5
    subscribe(room.config, [there.url("/a")])
    change(room)
    with delivering(room.config):
        assert until(lambda: len(there.delivered) == 1)

    assert is_done(room)


def test_what_was_subscribed_meanwhile_is_delivered_on_request(
    room: Newsroom, there: Subscribers
) -> None:
    """A subscriber may have agreed after the edition changed."""
    with delivering(room.config) as delivery:
        sleep(0.3)
        with exclusive(room.config.state):
            subscribe(room.config, [there.url("/a")])
            own = subscription(room.config, there.url("/a"))
        assert own
        change(room)
        delivery.wake()
        assert until(lambda: is_done(room))

    assert there.paths == ["/a"]


def test_the_thread_ends_if_it_is_stopped_before_it_begins(room: Newsroom) -> None:
    """Whatever the order."""
    before = threading.active_count()
    with delivering(room.config) as delivery:
        delivery.stop()
    assert until(lambda: threading.active_count() <= before)
