"""The ledger keeps requests to the hub and subscriptions, and knows who is behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from dateline.ledger import Ledger
from dateline.ledger.dump import export, import_
from dateline.ledger.queries.notices import subscriptions
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest, subscription_digest
from dateline.ledger.queries.notices.subscriptions import FailedDelivery, HubFigures
from dateline.ledger.rows import DocumentRecord
from dateline.ledger.session import open_session
from dateline.model import Role

NOW = 1_800_000_000
LEASE = 864_000
FEED, OTHER = "news.rss", "sport.atom"
OLD, NEW = "ключ", "s"
HOSTS = ("a.example.net", "b.example.net")


@pytest.fixture
def ledger(tmp_path: Path, database: str) -> Iterator[Ledger]:
    """Return a ledger with two live feeds."""
    with Ledger(database or f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        publish(opened, FEED, NOW)
        publish(opened, OTHER, NOW)
        yield opened


def publish(ledger: Ledger, path: str, changed: int, *, live: bool = True) -> None:
    """Record that a feed changed."""
    record = DocumentRecord(
        path=path,
        role=Role.SUBSCRIPTION,
        media_type="application/rss+xml",
        size=1,
        digest="",
        changed=changed,
        source="",
        links="",
        expires=None,
        live=live,
        codings="",
    )
    ledger.documents.set([record])


def request(
    name: str = "1", *, path: str = FEED, host: str = HOSTS[0], edition: int = NOW, secret: str = ""
) -> SubscriptionRequest:
    """Return a request to subscribe."""
    return SubscriptionRequest(
        mode=Mode.SUBSCRIBE,
        path=path,
        callback=f"https://{host}/{name}",
        host=host,
        secret=secret,
        lease=LEASE,
        challenge=f"challenge {name}",
        received=NOW,
        edition=edition,
        due=NOW,
    )


def subscribe(ledger: Ledger, *requests: SubscriptionRequest, now: int = NOW) -> None:
    """Store requests, and confirm them."""
    ledger.requests.ask(requests)
    for one in requests:
        assert ledger.requests.confirm(one, now)


def behind(ledger: Ledger, edition: int, now: int = NOW) -> list[str]:
    """Return the callbacks that have not accepted an edition of the feed."""
    found = [one.digest for one in ledger.subscriptions.behind(FEED, edition, now)]
    rows = ledger.subscriptions.some(found, now)
    return sorted(one.callback.rpartition("/")[2] for one in rows)


# ---- Requests


def test_a_request_waits_until_it_is_due(ledger: Ledger) -> None:
    """It is returned as it was stored, the oldest first; a postponed one comes later."""
    first, second = request("1"), replace(request("2"), due=NOW - 5)
    ledger.requests.ask([first, second])

    assert ledger.requests.waiting() == [second, first]

    later = replace(second, due=NOW + 60, tries=1)
    ledger.requests.postpone(later)

    assert ledger.requests.waiting() == [first, later]


def test_a_request_replaces_an_earlier_one(ledger: Ledger) -> None:
    """What becomes of the earlier one, which may be on its way, changes nothing any more."""
    earlier, later = request(), replace(request(secret=NEW), challenge="another")
    ledger.requests.ask([earlier])
    ledger.requests.ask([later])

    ledger.requests.postpone(replace(earlier, due=NOW + 99))
    assert not ledger.requests.drop(earlier)
    assert not ledger.requests.confirm(earlier, NOW)

    assert ledger.requests.waiting() == [later]
    assert ledger.subscriptions.figures(NOW) == HubFigures()


def test_a_confirmed_request_is_a_subscription(ledger: Ledger) -> None:
    """It counts until its lease ends, and is deleted then."""
    subscribe(ledger, request())

    assert ledger.requests.waiting() == []
    assert ledger.requests.subscribed([request().digest, "other"]) == {request().digest}
    assert ledger.subscriptions.figures(NOW) == HubFigures(subscriptions=1, hosts=1)
    assert ledger.subscriptions.figures(NOW + LEASE) == HubFigures()
    assert ledger.subscriptions.count_of(HOSTS[0], NOW + LEASE) == 0
    assert ledger.subscriptions.expire(NOW + LEASE - 1) == 0
    assert ledger.subscriptions.expire(NOW + LEASE) == 1
    assert ledger.requests.subscribed([request().digest]) == set()


def test_a_subscriber_unsubscribes(ledger: Ledger) -> None:
    """Its other subscriptions stay."""
    subscribe(ledger, request(), request(path=OTHER))
    subscribe(ledger, replace(request(), mode=Mode.UNSUBSCRIBE, challenge="bye"))

    assert ledger.requests.subscribed([request().digest]) == set()
    assert ledger.subscriptions.count_of(HOSTS[0], NOW) == 1


def test_a_renewal_goes_on_where_the_subscription_was(ledger: Ledger) -> None:
    """It has the new secret and lease, and is sent what it lacks, now that it is there again."""
    subscribe(ledger, request(secret=OLD))
    publish(ledger, FEED, NOW + 10)
    failure = FailedDelivery(digest=request().digest, moment=NOW, due=NOW + 999, answer=500)
    ledger.subscriptions.failed([failure])
    (waits,) = ledger.subscriptions.behind(FEED, NOW + 10, NOW)
    assert (waits.due, waits.answer) == (NOW + 999, 500)

    subscribe(ledger, replace(request(secret=NEW), edition=NOW + 10), now=NOW + 20)

    (found,) = ledger.subscriptions.some([request().digest], NOW + 20)
    assert (found.secret, found.edition, found.tries) == (NEW, NOW, 0)
    assert ledger.subscriptions.expire(NOW + LEASE) == 0


def test_a_subscription_is_confirmed_no_earlier_than_the_edition_at_its_request(
    ledger: Ledger,
) -> None:
    """Several changes within a second have the seconds that follow, as after a clock set back."""
    subscribe(ledger, request(edition=NOW + 3), now=NOW + 1)

    (found,) = ledger.subscriptions.some([request().digest], NOW + 1)
    assert (found.edition, found.confirmed) == (NOW + 3, NOW + 3)


def test_a_lease_that_has_ended_begins_anew(ledger: Ledger) -> None:
    """What changed in between is not sent: the subscriber reads the feed when it subscribes."""
    subscribe(ledger, request())
    later = NOW + LEASE
    publish(ledger, FEED, later - 1)

    subscribe(ledger, request(edition=later - 1), now=later)

    assert behind(ledger, later - 1, now=later) == []


def test_the_edition_at_a_request_is_the_live_one(ledger: Ledger) -> None:
    """What is committed and not yet in place is still to be sent; a page is no feed."""
    assert ledger.requests.edition(FEED) == NOW
    publish(ledger, FEED, NOW + 5, live=False)
    assert ledger.requests.edition(FEED) == NOW + 4
    assert ledger.requests.edition("other.rss") is None


def test_subscribers_of_a_feed_that_is_no_more_are_denied(ledger: Ledger) -> None:
    """Each gets a request of its own; the subscriptions to other feeds stay."""
    subscribe(ledger, request("1"), request("2"), request("3", path=OTHER))
    ledger.documents.retire([FEED])

    first, second = (ledger.requests.deny_lost("gone", NOW, count) for count in (1, 9))
    denied = [*first, *second]
    assert [len(first), len(second)] == [1, 1]
    assert ledger.requests.deny_lost("gone", NOW, 9) == []

    assert sorted(denied, key=str) == sorted(ledger.requests.waiting(), key=str)
    assert {(one.mode, one.callback) for one in denied} == {
        (Mode.DENIED, request("1").callback),
        (Mode.DENIED, request("2").callback),
    }
    assert ledger.subscriptions.figures(NOW).subscriptions == 1


# ---- Deliveries


def test_a_change_leaves_its_subscribers_behind(ledger: Ledger) -> None:
    """Only when its bytes are in place, and until they accepted it."""
    subscribe(ledger, request("1"), request("2"), request("3", host=HOSTS[1]), request(path=OTHER))
    assert behind(ledger, NOW) == []

    publish(ledger, FEED, NOW + 10, live=False)
    assert ledger.subscriptions.figures(NOW).behind == 0
    publish(ledger, FEED, NOW + 10)

    assert ledger.subscriptions.paths(NOW) == {FEED, OTHER}
    assert behind(ledger, NOW + 10) == ["1", "2", "3"]
    figures = HubFigures(subscriptions=4, hosts=2, behind=3, oldest=NOW + 10)
    assert ledger.subscriptions.figures(NOW) == figures

    ledger.subscriptions.delivered([request("1").digest], NOW + 10)

    assert behind(ledger, NOW + 10) == ["2", "3"]
    assert ledger.subscriptions.accepted(FEED, NOW + 10, NOW) == (1, 3)
    ledger.subscriptions.delivered([request("2").digest], NOW + 10)
    ledger.subscriptions.delivered([request("3", host=HOSTS[1]).digest], NOW + 12)
    assert behind(ledger, NOW + 10) == []
    assert ledger.subscriptions.accepted(FEED, NOW + 10, NOW) == (3, 3)


def test_an_older_edition_never_takes_the_place_of_a_newer_one(ledger: Ledger) -> None:
    """Deliveries may end in another order than they began."""
    subscribe(ledger, request())
    ledger.subscriptions.delivered([request().digest], NOW + 20)
    ledger.subscriptions.delivered([request().digest], NOW + 10)

    assert ledger.subscriptions.accepted(FEED, NOW + 20, NOW) == (1, 1)


def test_those_that_are_behind_are_read_page_by_page(ledger: Ledger) -> None:
    """All come, each once, however many there are."""
    subscribe(ledger, *(request(str(number)) for number in range(25)))
    with patch.object(subscriptions, "_PAGE", 10):
        seen = [one.digest for one in ledger.subscriptions.behind(FEED, NOW + 1, NOW)]
    rows = ledger.subscriptions.some(seen, NOW)

    assert len(seen) == len({one.callback for one in rows}) == 25
    assert all(one.digest == subscription_digest(one.callback, one.path) for one in rows)
    assert ledger.subscriptions.some(seen, NOW + LEASE) == []


def test_a_failed_delivery_waits(ledger: Ledger) -> None:
    """It counts since its first failure, until the subscriber accepts something."""
    subscribe(ledger, request())
    publish(ledger, FEED, NOW + 1)
    digest = request().digest
    for moment, due in ((NOW, NOW + 60), (NOW + 60, NOW + 180)):
        failure = FailedDelivery(digest=digest, moment=moment, due=due, answer=503)
        ledger.subscriptions.failed([failure])

    (waits,) = ledger.subscriptions.behind(FEED, NOW + 1, NOW)
    assert (waits.due, waits.tries, waits.answer) == (NOW + 180, 2, 503)
    (found,) = ledger.subscriptions.some([digest], NOW)
    assert (found.tries, found.since) == (2, NOW)
    figures = ledger.subscriptions.figures(NOW)
    assert (figures.failing, figures.failing_hosts, figures.behind) == (1, 1, 1)

    ledger.subscriptions.delivered([digest], NOW + 1)

    figures = ledger.subscriptions.figures(NOW)
    assert (figures.failing, figures.failing_hosts, figures.behind) == (0, 0, 0)


def test_a_subscription_whose_callback_is_gone_ends(ledger: Ledger) -> None:
    """It is deleted at once."""
    subscribe(ledger, request("1"), request("2"))

    ledger.subscriptions.end([request("1").digest])

    assert behind(ledger, NOW + 1) == ["2"]


def test_subscriptions_survive_an_export(ledger: Ledger, tmp_path: Path) -> None:
    """So do the requests that wait, with their secrets."""
    subscribe(ledger, request("1", secret=OLD))
    ledger.requests.ask([request("2", secret=NEW)])
    ledger.commit()
    with closing(open_session(ledger.url)) as session:
        text = list(export(session))

    copy = f"sqlite:///{tmp_path}/copy.sqlite"
    with closing(open_session(copy)) as session:
        import_(session, text)
        session.commit()

    with Ledger(copy) as other:
        (found,) = other.subscriptions.some([request("1").digest], NOW)
        assert found.secret == OLD
        assert other.requests.waiting() == [request("2", secret=NEW)]


def test_subscriptions_survive_an_upgrade(ledger: Ledger) -> None:
    """Of a ledger as the release that was the first with a hub has it."""
    subscribe(ledger, request("1", secret=OLD))
    ledger.requests.ask([request("2", secret=NEW)])
    ledger.commit()
    with closing(open_session(ledger.url)) as session:
        session.execute(sa.text("DROP TABLE delivery"))
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0008'"))
        session.commit()

    with Ledger(ledger.url) as upgraded:
        (found,) = upgraded.subscriptions.some([request("1").digest], NOW)
        assert (found.secret, found.edition) == (OLD, NOW)
        assert upgraded.requests.waiting() == [request("2", secret=NEW)]
        assert upgraded.deliveries is not None
