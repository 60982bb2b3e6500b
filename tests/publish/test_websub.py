"""Hubs are notified of each change once, when it can be read, also after failures."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from time import monotonic, sleep, time

import pytest

from dateline import publish
from dateline.config import ClusterSettings
from dateline.errors import FetchError, StoreError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.cluster.membership import ClusterMember
from dateline.ledger.queries.notices.outbox import LATEST, HubNotice
from dateline.publish.notify import websub
from dateline.serve import cache
from support.commands import publisher
from support.faults import no_threads
from support.hubs import Hub, hub
from support.process_tree import child_with
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.receiving import webhook
from support.serving import PUBLISHER, free_port, serve, until

NEWS = ["news.atom", "news.json", "news.rss"]
ARABIC = ["news-ar.atom", "news-ar.json", "news-ar.rss"]
ALL = sorted([*NEWS, *ARABIC, "lebanon.atom"])
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def listening(newsroom: Newsroom) -> Iterator[Hub]:
    """Return a hub that the newsroom uses."""
    with hub(newsroom.folder / "hub", newsroom.folder / "feeds") as found:
        configure(newsroom, found.url)
        yield found


@pytest.fixture
def current(newsroom: Newsroom, listening: Hub) -> Hub:
    """Return a hub that was notified of all feeds, and of nothing since."""
    newsroom.drop("old.toml", entry_file("Old"))
    run(newsroom)
    assert until(lambda: listening.paths == ALL)
    forget(listening)
    return listening


def configure(newsroom: Newsroom, *hubs: str, more: str = "") -> None:
    """Configure these hubs for the newsroom."""
    names = ", ".join(f'"{one}"' for one in hubs)
    text = CONFIG.replace("[publication]", f"[publication]\nhubs = [{names}]")
    (newsroom.folder / "config.toml").write_text(f"{text}\n{more}", encoding="utf-8")


def forget(told: Hub) -> None:
    """Delete the notifications that a hub received."""
    (told.folder / "told").write_bytes(b"")


def run(newsroom: Newsroom, after: timedelta = MINUTE, limit: float = 20) -> datetime | None:
    """Build and notify, as a new process; return the moment of the next run."""
    report = newsroom.build(after=after)
    tell(newsroom, limit)
    return report.next


def tell(newsroom: Newsroom, limit: float = 20) -> websub.HubNotifier:
    """Send the pending notices, and wait for the result."""
    herald = websub.HubNotifier(publish.ledger_url(newsroom.config), lambda: newsroom.now)
    herald.tell(newsroom.config)
    herald.wait(limit)
    return herald


def waiting(newsroom: Newsroom) -> list[HubNotice]:
    """Return the pending notices."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        return ledger.outbox.waiting(newsroom.config.publication.hubs)


def outbox(newsroom: Newsroom) -> list[str]:
    """Return the paths in the ledger's outbox, including documents that are not live yet."""
    with closing(sqlite3.connect(newsroom.config.state / "ledger.sqlite")) as tables:
        return [path for (path,) in tables.execute("SELECT path FROM outbox ORDER BY path")]


# ---- Notifications


@pytest.mark.long
def test_a_hub_is_notified_when_other_machines_have_the_news(
    newsroom: Newsroom, current: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may ask any of them, or a cache: it would find nothing new, and would not come again."""
    monkeypatch.setattr(websub, "_FOLLOWING", 0.5)
    share = (newsroom.folder / "share").as_uri()
    configure(newsroom, current.url, more=f'[store]\nurl = "{share}"')
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    live = time()

    tell(newsroom)

    assert current.paths
    assert all(told.moment >= live + 0.5 for told in current.told)


@pytest.mark.long
def test_a_hub_is_notified_when_all_nodes_of_a_cluster_have_the_news(
    newsroom: Newsroom, current: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has just left the lead takes longer to follow than others."""
    monkeypatch.setattr(websub, "_FOLLOWING", 0.0)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    url = publish.ledger_url(newsroom.config)
    served = [newest_of(url) - 1]
    node = ClusterMember(url, ClusterSettings(name="web2", lead=False, lease=3), lambda: served[0])
    node.turn()
    early = list[str]()

    def follow(_: float) -> None:
        early.extend(current.paths)
        served[0] += 1
        node.turn()

    monkeypatch.setattr("dateline.ledger.cluster.status.sleep", follow)
    herald = websub.HubNotifier(url, lambda: newsroom.now)
    herald.tell(replace(newsroom.config, cluster=ClusterSettings(name="web1", lead=True, lease=3)))
    herald.wait(20)

    assert (early, served[0]) == ([], newest_of(url))
    assert current.paths


def newest_of(url: str) -> int:
    """Return the generation that was committed last."""
    with Ledger(url) as ledger:
        return ledger.state.generation


@pytest.mark.long
def test_a_hub_is_notified_when_web_workers_have_the_news(newsroom: Newsroom, current: Hub) -> None:
    """They check for it every 50 ms: a hub that asks at once would get what it knows."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    live = time()

    tell(newsroom)

    assert current.paths
    assert all(told.moment >= live + 2 * cache._CHECKS_EVERY for told in current.told)  # noqa: SLF001


@pytest.mark.long
def test_a_hub_is_notified_of_a_document_that_changes_all_the_time(
    newsroom: Newsroom, current: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It need not wait for an end of the changes, and is notified of the last one."""
    changes = [1, 2, 3]

    def change(seconds: float = 0.0) -> None:
        if changes:
            with Ledger(publish.ledger_url(newsroom.config)) as ledger:
                ledger.outbox.add([current.url], {"news.rss": changes.pop(0)})
                ledger.commit()
        sleep(seconds)

    monkeypatch.setattr(websub, "_FOLLOWING", 0.1)
    share = (newsroom.folder / "share").as_uri()
    configure(newsroom, current.url, more=f'[store]\nurl = "{share}"')
    change()
    monkeypatch.setattr(websub, "sleep", change)

    tell(newsroom)

    assert current.paths == ["news.rss"] * 3
    assert outbox(newsroom) == []


@pytest.mark.long
def test_a_hub_is_notified_after_a_thread_could_not_start(newsroom: Newsroom, current: Hub) -> None:
    """The machine had no memory for a moment."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    herald = websub.HubNotifier(publish.ledger_url(newsroom.config), lambda: newsroom.now)
    with no_threads():
        herald.tell(newsroom.config)

    herald.tell(newsroom.config)
    herald.wait(20)

    assert current.paths


@pytest.mark.long
def test_each_changed_address_is_sent_once(newsroom: Newsroom, listening: Hub) -> None:
    """Each POST has one address, under both parameter names; nothing is sent again."""
    newsroom.drop("a.toml", entry_file())
    run(newsroom)
    first = listening.told
    run(newsroom)
    forget(listening)
    newsroom.drop("b.toml", entry_file("Of Austria"))
    run(newsroom)
    run(newsroom)

    assert sorted(told.path for told in first) == ALL
    assert [told.fields for told in first if told.path == "news.rss"] == [
        {
            "hub.mode": "publish",
            "hub.url": "http://127.0.0.1:8000/news.rss",
            "hub.topic": "http://127.0.0.1:8000/news.rss",
            "hub.path": "/hub?a=1&b=2",
        }
    ]
    assert listening.paths == NEWS
    assert waiting(newsroom) == []


@pytest.mark.long
def test_a_hub_can_read_the_document_when_it_is_notified(newsroom: Newsroom, current: Hub) -> None:
    """The new bytes are live by then."""
    newsroom.drop("a.toml", entry_file(categories='["Lebanon"]'))
    run(newsroom)

    feeds = newsroom.folder / "feeds"
    assert current.paths == sorted([*NEWS, "lebanon.atom"])
    for told in current.told:
        assert told.digest == sha256((feeds / told.path).read_bytes()).hexdigest()


@pytest.mark.long
def test_no_hub_is_notified_of_an_unpublished_entry(newsroom: Newsroom, current: Hub) -> None:
    """Drafts, held files and embargoes cause no notification at all."""
    newsroom.drop("draft.toml", entry_file("EMBARGOED draft", draft="true"))
    newsroom.drop("held.toml", entry_file("EMBARGOED held", body='""'))
    newsroom.drop("later.toml", entry_file("Embargo", "2026-11-25T10:30:00Z"))
    wanted = run(newsroom)
    run(newsroom)
    early = current.told
    assert wanted == NOW + HOUR / 2
    run(newsroom, after=wanted - newsroom.now)

    assert early == []
    assert current.paths == NEWS


@pytest.mark.long
def test_archives_are_not_announced(newsroom: Newsroom, listening: Hub) -> None:
    """An archive is closed; only the subscription document that links to it has changed."""
    path = newsroom.folder / "config.toml"
    path.write_text(
        path.read_text("utf-8").replace('"Everything"', '"Everything"\nentries = 2\ndays = 0')
    )
    for number in range(7):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}", f"2026-11-1{number}"))
        run(newsroom)

    assert (newsroom.folder / "feeds/archive/news/1.atom").exists()
    assert set(listening.paths) == set(ALL)


@pytest.mark.long
def test_a_withdrawal_is_announced(newsroom: Newsroom, current: Hub) -> None:
    """Subscribers learn of it like of news."""
    (newsroom.folder / "entries/old.toml").unlink()
    newsroom.drop("other.toml", entry_file("Other", body='"Other."'))
    run(newsroom)
    forget(current)
    run(newsroom, after=HOUR)

    assert current.paths == NEWS


@pytest.mark.long
def test_a_rewritten_folder_is_not_announced(newsroom: Newsroom, current: Hub) -> None:
    """Its bytes are the same."""
    shutil.rmtree(newsroom.folder / "feeds")
    run(newsroom)

    assert (newsroom.folder / "feeds/news.rss").exists()
    assert current.told == []


@pytest.mark.long
def test_a_moved_site_announces_its_new_addresses(newsroom: Newsroom, current: Hub) -> None:
    """Notices pending for old addresses are sent for the new ones."""
    current.answers("500")
    newsroom.drop("a.toml", entry_file("New"))
    run(newsroom)
    current.answers("202")
    forget(current)
    path = newsroom.folder / "config.toml"
    path.write_text(
        path.read_text("utf-8").replace("http://127.0.0.1:8000/", "https://example.net/")
    )
    run(newsroom, after=HOUR)

    assert {told.fields["hub.topic"] for told in current.told} == {
        f"https://example.net/{path}" for path in ALL
    }


# ---- Failures


@pytest.mark.long
def test_a_failed_notice_is_retried_at_growing_intervals(
    newsroom: Newsroom,
    current: Hub,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Retries follow after one, two and eight minutes; a new change is sent at once, and once."""
    monkeypatch.setattr(websub, "_JITTER", 1)
    current.answers("500")
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    tried = []
    for minute in range(8):
        if minute == 4:
            newsroom.drop("a.toml", entry_file("First, corrected"))
        newsroom.build()
        tell(newsroom)
        tried.append(current.paths.count("news.rss"))
    current.answers("202")
    for _ in range(8):
        run(newsroom)

    assert tried == [2, 2, 3, 3, 4, 4, 4, 4]
    assert current.paths == sorted(NEWS * 5)
    assert waiting(newsroom) == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.long
def test_the_next_retry_is_a_moment_of_the_schedule(newsroom: Newsroom, current: Hub) -> None:
    """While notices are being sent, the next run is soon."""
    current.answers("500")
    newsroom.drop("a.toml", entry_file("First"))
    soon = run(newsroom)
    told = newsroom.now
    later = newsroom.build(after=timedelta(seconds=1)).next

    assert soon == told + timedelta(seconds=31)
    assert later
    assert MINUTE <= later - told <= MINUTE * 1.25


@pytest.mark.long
def test_a_retry_after_is_respected(newsroom: Newsroom, current: Hub) -> None:
    """Until then nothing is sent, including later changes."""
    current.answers("429 600")
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    tried = len(current.told)
    current.answers("202")
    newsroom.drop("b.toml", entry_file("تقرير", language='"ar"'))
    for _ in range(9):
        run(newsroom)
    early = len(current.told)
    run(newsroom)

    assert (tried, early) == (3, 3)
    assert current.paths == sorted([*NEWS, *NEWS, *ARABIC])


@pytest.mark.parametrize(
    "status", ["404", *(pytest.param(one, marks=pytest.mark.long) for one in ("301", "410"))]
)
def test_a_refusal_is_reported_and_not_retried(
    newsroom: Newsroom, current: Hub, status: str
) -> None:
    """The report lasts until a notice is accepted; the next change is sent once, too."""
    current.answers(status)
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    for _ in range(3):
        run(newsroom, after=DAY)
    tried = current.paths
    problems = [(problem.file, problem.message) for problem in newsroom.log[-1].problems]
    newsroom.drop("a.toml", entry_file("First again"))
    run(newsroom)
    again = current.paths
    still = newsroom.build().problems
    current.answers("202")
    newsroom.drop("a.toml", entry_file("First at last"))
    run(newsroom)
    newsroom.build()

    assert (tried, again) == (NEWS, sorted(NEWS * 2))
    assert [file for file, _ in problems] == ["entries/"]
    assert problems[0][1] == (
        f"The hub {current.url} refuses to be told of changes (it answers {status}), so its "
        "subscribers get news late. Correct hubs in config.toml, or ask the operator of the hub."
    )
    assert [problem.code for problem in still] == ["hub-refuses"]
    assert newsroom.codes() == []


@pytest.mark.long
def test_a_refusal_that_becomes_a_failure_is_no_silence_of_days(
    newsroom: Newsroom, current: Hub
) -> None:
    """A hub that comes back up may answer anything for a minute; then it is as if it were new."""
    for number, status in enumerate(("500", "410", "503")):
        current.answers(status)
        newsroom.drop("a.toml", entry_file(f"Version {number}"))
        run(newsroom)
        newsroom.build()
    assert newsroom.codes() == []
    assert [notice.answer for notice in waiting(newsroom)] == [503, 503, 503]

    current.answers("404")
    newsroom.drop("a.toml", entry_file("Version 3"))
    run(newsroom)
    newsroom.build()
    assert newsroom.codes() == ["hub-refuses"]


@pytest.mark.long
@pytest.mark.parametrize("status", ["408", "500", "503"])
def test_a_temporary_error_is_retried(newsroom: Newsroom, current: Hub, status: str) -> None:
    """Its status is not about the request itself."""
    current.answers(status)
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    run(newsroom, after=2 * MINUTE)

    assert current.paths == sorted(NEWS * 2)


@pytest.mark.long
def test_a_hub_without_answers_for_days_is_given_up(newsroom: Newsroom) -> None:
    """Each hub is reported once; the next change starts again, for all hubs."""
    port = free_port()
    configure(newsroom, f"http://127.0.0.1:{port}/")
    newsroom.drop("a.toml", entry_file())
    waits: list[list[str]] = []
    wanted = run(newsroom)
    started = newsroom.now
    while wanted and len(waits) < 100:
        wanted = newsroom.build(after=wanted - newsroom.now).next
        waits.append(newsroom.codes())
        tell(newsroom)
    problems = newsroom.build().problems
    newsroom.drop("b.toml", entry_file("Other"))
    newsroom.build()

    assert timedelta(days=3) <= newsroom.now - started < timedelta(days=3.5)
    assert [problem.code for problem in problems] == ["hub-silent"]
    assert newsroom.log[-2].since[problems[0].file, "hub-silent"] > started
    assert [notice.path for notice in waiting(newsroom)] == NEWS


@pytest.mark.long
def test_a_hub_that_does_not_answer_delays_nothing(newsroom: Newsroom, current: Hub) -> None:
    """Runs and other hubs continue; the hub gets nothing meanwhile, and then the latest state."""
    with (
        closing(socket.socket()) as deaf,
        hub(newsroom.folder / "slow", newsroom.folder / "feeds") as slow,
    ):
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        with closing(socket.create_connection(deaf.getsockname())):
            slow.answers("hang")
            configure(newsroom, current.url, slow.url, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
            newsroom.build()
            began = monotonic()
            herald = tell(newsroom, limit=0)
            assert until(lambda: current.paths == ALL and len(slow.told) == 4)
            being_told = slow.paths
            newsroom.drop("a.toml", entry_file("تقرير", language='"ar"'))
            published = newsroom.build().published
            herald.tell(newsroom.config)
            assert until(lambda: current.paths == sorted([*ALL, *ARABIC]))
            took = monotonic() - began
            held = len(slow.told)
            slow.answers("202")
            assert until(lambda: not [one for one in waiting(newsroom) if one.hub == slow.url])

    assert published == ("a.toml",)
    assert took < 29  # a hub has 30 seconds to answer
    assert held == 4
    assert set(ARABIC) < set(being_told)  # this document changes while its notice is being sent
    assert slow.paths == sorted([*ALL, *ARABIC])
    newest = {told.path: told.digest for told in slow.told}
    assert newest == {
        path: sha256((newsroom.folder / "feeds" / path).read_bytes()).hexdigest() for path in ALL
    }


@pytest.mark.long
def test_an_address_that_always_fails_delays_no_other(newsroom: Newsroom, current: Hub) -> None:
    """New notices are sent at once, and each leads to one retry of the failed one."""
    current.answers("202", "news-ar.", "500")
    newsroom.drop("a.toml", entry_file("تقرير", language='"ar"'))
    run(newsroom)
    newsroom.drop("b.toml", entry_file("New"))
    run(newsroom, after=timedelta(seconds=5))
    order = [told.path for told in current.told]
    left = [(notice.path, notice.tries) for notice in waiting(newsroom)]
    run(newsroom, after=timedelta(seconds=5))

    # Four are sent at a time, and arrive in any order.
    assert sorted(order[:3]) == ARABIC
    assert set(NEWS) < set(order[3:7])
    assert sorted(order[3:]) == sorted([*NEWS, *ARABIC])
    assert sorted(left) == [(path, 2) for path in ARABIC]
    assert len(current.told) == len(order)


@pytest.mark.long
def test_a_success_makes_a_recent_failure_not_due(newsroom: Newsroom, current: Hub) -> None:
    """If later addresses of a round succeed, the first ones are not repeated at once."""
    current.answers("202", "news-ar.", "500")
    newsroom.drop("a.toml", entry_file("تقرير", language='"ar"'))
    newsroom.drop("b.toml", entry_file("New"))
    run(newsroom)

    assert current.paths == sorted([*ARABIC, *NEWS])
    assert sorted((one.path, one.tries) for one in waiting(newsroom)) == [(p, 1) for p in ARABIC]


# ---- Recovery of a hub


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ar"])
def test_news_makes_all_pending_notices_due(
    newsroom: Newsroom, current: Hub, language: str
) -> None:
    """After an outage of hours, no notice waits for the long pause that resulted from it.

    This holds for changed and unchanged addresses, whether the news affects them or others.
    """
    current.answers("500")
    newsroom.drop("a.toml", entry_file("تقرير", language='"ar"'))
    wanted = run(newsroom)
    while wanted and max(notice.tries for notice in waiting(newsroom)) < 8:
        wanted = run(newsroom, after=wanted - newsroom.now)
    current.answers("202")
    forget(current)
    newsroom.drop("b.toml", entry_file("New", language=f'"{language}"'))
    run(newsroom, after=timedelta(seconds=5))

    assert current.paths == sorted([*ARABIC, *NEWS] if language == "en" else ARABIC)
    assert waiting(newsroom) == []


@pytest.mark.long
def test_a_success_makes_all_pending_notices_due(newsroom: Newsroom, current: Hub) -> None:
    """Notices that had to wait for hours are sent right after it."""
    current.answers("500")
    newsroom.drop("a.toml", entry_file("تقرير", language='"ar"'))
    run(newsroom)
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        first, *others = ledger.outbox.waiting([current.url])
        now = int(newsroom.now.timestamp())
        ledger.outbox.set([replace(one, tries=9, due=now + 20_000) for one in others])
        ledger.outbox.set([replace(first, due=now)])
        ledger.commit()
    current.answers("202")
    forget(current)
    tell(newsroom)

    assert current.paths == ARABIC
    assert waiting(newsroom) == []


@pytest.mark.long
def test_news_does_not_shorten_a_retry_after(newsroom: Newsroom, current: Hub) -> None:
    """It is respected for the pending notices as well."""
    current.answers("503 7200")
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    forget(current)
    newsroom.drop("b.toml", entry_file("تقرير", language='"ar"'))
    run(newsroom)
    early = current.told
    current.answers("202")
    run(newsroom, after=2 * HOUR)

    assert early == []
    assert current.paths == sorted([*NEWS, *ARABIC])


@pytest.mark.long
def test_a_change_during_its_notice_is_sent_again(newsroom: Newsroom, current: Hub) -> None:
    """The hub may have read the old bytes; its answer does not cover the new change."""
    current.answers("hang")
    newsroom.drop("a.toml", entry_file("First"))
    newsroom.build()
    herald = tell(newsroom, limit=0)
    assert until(lambda: current.paths == NEWS)
    newsroom.drop("b.toml", entry_file("Second"))
    newsroom.build()
    current.answers("202")
    herald.wait(20)
    run(newsroom, after=timedelta(seconds=1))

    assert current.paths == sorted(NEWS * 2)
    assert waiting(newsroom) == []
    for told in current.told[3:]:
        assert told.digest == digest(newsroom, told.path)


@pytest.mark.long
def test_an_unreachable_hub_postpones_all_notices(newsroom: Newsroom) -> None:
    """A few addresses are tried, and all are postponed."""
    with webhook() as received:
        received.status = 503
        configure(newsroom, f"http://127.0.0.1:{received.port}/")
        newsroom.drop("a.toml", entry_file())
        run(newsroom)
        run(newsroom, after=timedelta(seconds=1))
        asked = len(received.data)
    left = waiting(newsroom)

    assert asked == 4
    assert [notice.path for notice in left] == ALL
    assert {notice.tries for notice in left} == {1}
    assert all(notice.due and notice.due > newsroom.now.timestamp() + 50 for notice in left)


@pytest.mark.long
def test_only_one_publisher_at_a_time_notifies_a_hub(newsroom: Newsroom, current: Hub) -> None:
    """A second one waits, and finds nothing left to send."""
    current.answers("hang")
    newsroom.drop("a.toml", entry_file("New"))
    newsroom.build()
    heralds = [tell(newsroom, limit=0)]
    assert until(lambda: current.paths == NEWS)
    heralds.append(tell(newsroom, limit=0.7))
    current.answers("202")
    for herald in heralds:
        herald.wait(20)

    assert current.paths == NEWS
    assert waiting(newsroom) == []


@pytest.mark.long
def test_an_accepted_notice_is_recorded_when_no_run_is_active(
    newsroom: Newsroom, current: Hub
) -> None:
    """The sending thread waits for the ledger's lock, like a run."""
    newsroom.drop("a.toml", entry_file("New"))
    newsroom.build()
    with exclusive(newsroom.config.state):
        herald = tell(newsroom, limit=0)
        assert until(lambda: current.paths == NEWS)
        herald.wait(0.7)
        meanwhile = [notice.path for notice in waiting(newsroom)]
    herald.wait(20)

    assert meanwhile == NEWS
    assert waiting(newsroom) == []


def digest(newsroom: Newsroom, path: str) -> str:
    """Return the digest of a document as it is now."""
    return sha256((newsroom.folder / "feeds" / path).read_bytes()).hexdigest()


@pytest.mark.long
def test_a_hub_removed_from_the_configuration_is_forgotten(
    newsroom: Newsroom, current: Hub
) -> None:
    """Its pending notices and its reported problems are deleted."""
    current.answers("404")
    newsroom.drop("a.toml", entry_file("First"))
    run(newsroom)
    configure(newsroom)
    newsroom.build()
    configure(newsroom, current.url)
    newsroom.build()

    assert newsroom.codes() == []
    assert {notice.tries for notice in waiting(newsroom)} == {0}


# ---- Killed processes


@pytest.mark.long
def test_a_document_is_announced_once_it_is_live(newsroom: Newsroom, current: Hub) -> None:
    """A run that stops after its commit sends nothing; the next run does."""
    document = newsroom.folder / "feeds/news.rss"
    document.unlink()
    (document / "in the way").mkdir(parents=True)
    newsroom.drop("a.toml", entry_file("First"))
    with pytest.raises(StoreError):
        newsroom.build()
    rows = outbox(newsroom)
    shown_as_waiting = waiting(newsroom)
    tell(newsroom)
    early = current.told
    shutil.rmtree(document)
    run(newsroom)

    assert rows == NEWS  # committed, to be sent later
    assert (early, shown_as_waiting) == ([], [])
    assert current.paths == NEWS


@pytest.mark.long
def test_notices_of_a_killed_publisher_are_sent(newsroom: Newsroom, current: Hub) -> None:
    """It was killed after its run, before it sent anything."""
    newsroom.drop("a.toml", entry_file("First"))
    program = (
        "import os, sys; from datetime import *; from pathlib import Path\n"
        "from dateline import config, publish\n"
        "clock, now = map(datetime.fromisoformat, sys.argv[2:])\n"
        "request = publish.RunRequest(now=now, clock=clock)\n"
        "publish.build(config.load(Path(sys.argv[1])), request); os.kill(os.getpid(), 9)"
    )
    newsroom.now += MINUTE
    words = [newsroom.folder / "config.toml", datetime.now(UTC) + MINUTE, newsroom.now]
    killed = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(PUBLISHER.parent)},
        check=False,
    )
    early = current.told
    run(newsroom)

    assert killed.returncode == -signal.SIGKILL
    assert newsroom.log[-1].documents == ()
    assert (early, current.paths) == ([], NEWS)


@pytest.mark.long
def test_a_publisher_killed_while_sending_sends_again(newsroom: Newsroom, listening: Hub) -> None:
    """Its successor does so as soon as it runs, and news is published at once."""
    listening.answers("hang")
    newsroom.drop("a.toml", entry_file("First"))
    with serve(newsroom.folder) as served:
        assert until(lambda: len(listening.told) == 4), served.printed()
        os.kill(child_with(served.process.pid, b"follow"), signal.SIGKILL)
        assert until(lambda: len(listening.told) == 8), served.printed()
        listening.answers("202")
        assert until(lambda: set(listening.paths) == set(ALL) and not waiting(newsroom))
        before = len(listening.told)
        newsroom.drop("b.toml", entry_file("Second", f"{datetime.now(UTC):%F}"))
        assert until(lambda: len(listening.told) >= before + len(NEWS)), served.printed()

    assert sorted({told.path for told in listening.told[before:]}) == NEWS


@pytest.mark.long
def test_an_embargoed_entry_is_announced_exactly_at_its_moment(
    newsroom: Newsroom, listening: Hub
) -> None:
    """A serving publisher does so, although its next scheduled run is an hour later."""
    configure(newsroom, listening.url, more="[schedule]\ninterval = 3600\n")
    newsroom.drop("old.toml", entry_file("Old"))
    with serve(newsroom.folder) as served:
        assert until(lambda: listening.paths == ALL), served.printed()
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
        newsroom.drop("later.toml", entry_file("Embargo", f"{due:%FT%TZ}"))
        assert until(lambda: len(listening.told) >= len(ALL) + 3), served.printed()

    late = listening.told[len(ALL) :]
    assert sorted(told.path for told in late) == NEWS
    assert all(told.moment >= due.timestamp() for told in late)
    for told in late:
        data = (newsroom.folder / "feeds" / told.path).read_bytes()
        assert told.digest == sha256(data).hexdigest()
        assert b"Embargo" in data


# ---- Commands


@pytest.mark.long
@pytest.mark.parametrize("word", ["build", "takedown"])
def test_a_command_announces_its_changes(newsroom: Newsroom, current: Hub, word: str) -> None:
    """It does so in its own run, before it ends."""
    newsroom.drop("new.toml", entry_file("New", f"{datetime.now(UTC):%F}"))
    words = {"build": [], "takedown": ["old.toml", "--yes"]}[word]
    done = command(newsroom, word, *words)

    assert done.returncode == 0, done.stderr
    assert set(current.paths) >= set(NEWS)


@pytest.mark.long
def test_a_command_does_not_wait_long_for_a_hub(newsroom: Newsroom, current: Hub) -> None:
    """It reports what is left, and the next command sends it."""
    current.answers("hang")
    newsroom.drop("new.toml", entry_file("New", f"{datetime.now(UTC):%F}"))
    began = monotonic()
    done = command(newsroom, "build", "--json")
    took = monotonic() - began
    current.answers("202")
    forget(current)
    command(newsroom, "build")

    assert took < 29  # a hub has 30 seconds to answer
    (remark,) = json.loads(done.stdout)["remarks"]
    assert remark == (
        f"{current.url} has still to be notified of 3 addresses: the next run does it, or serve."
    )
    assert current.paths == NEWS
    assert waiting(newsroom) == []


def command(newsroom: Newsroom, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command, a little after the entries were dropped."""
    assert until(lambda: time() - (newsroom.folder / "entries").stat().st_ctime > 0.5)
    config = newsroom.folder / "config.toml"
    return publisher(*words, "--config", config, cwd=newsroom.folder)


# ---- Delays


@pytest.mark.parametrize(
    ("field", "pause"),
    [
        ("", 75),
        ("30", 75),
        ("3600", 3600),
        ("9" * 400, LATEST),
        (format_datetime(NOW + HOUR, usegmt=True), 3600),
        ("Wed, 25 Nov 2026 11:00:00 -0000", 3600),
        (format_datetime(NOW - HOUR, usegmt=True), 75),
        ("soon", 75),
        ("Wed, 21 Oct 99999999999 07:28:00 GMT", 75),
        ("Wed, 25 Nov 2026 11:00:00 +99999999999999999999", 75),
        ("-5", 75),
        ("٣", 75),
    ],
)
def test_a_retry_after_is_read_in_both_forms(field: str, pause: int) -> None:
    """It has seconds or a date (RFC 9110, section 10.2.3); anything else is ignored."""
    notice = HubNotice(hub="https://hub.example.org/", path="news.rss", changed=1)

    after = websub.after_failure(notice, FetchError("", status=503, retry_after=field), NOW, 1.25)

    assert after.due == NOW.timestamp() + pause


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 2), (5, 32), (20, 360), (9999, 360)])
def test_pauses_grow_to_hours(tries: int, minutes: int) -> None:
    """Each is multiplied by the factor of this publisher."""
    notice = HubNotice(hub="https://hub.example.org/", path="news.rss", changed=1, tries=tries)

    pauses = [websub.after_failure(notice, FetchError(""), NOW, pace).due for pace in (1, 1.25)]

    assert pauses == [NOW.timestamp() + minutes * 60, NOW.timestamp() + minutes * 75]


SILENT, REFUSED = NOW - DAY, NOW - HOUR


@pytest.mark.parametrize(
    ("before", "lost", "status", "after"),
    [
        (0, None, 503, None),
        (503, SILENT, 503, SILENT),
        (0, SILENT, 408, SILENT),
        (410, REFUSED, 503, None),
        (410, REFUSED, 404, REFUSED),
        (503, SILENT, 410, NOW),
        (0, None, 410, NOW),
    ],
)
def test_a_hub_is_given_up_since_the_first_failure_of_its_kind(
    before: int, lost: datetime | None, status: int, after: datetime | None
) -> None:
    """A refusal is no silence, and a silence no refusal."""
    notice = HubNotice(
        hub="https://hub.example.org/",
        path="news.rss",
        changed=1,
        answer=before,
        lost=int(lost.timestamp()) if lost else None,
    )

    found = websub.after_failure(notice, FetchError("", status=status), NOW, 1)

    assert found.lost == (int(after.timestamp()) if after else None)


def test_a_clock_set_back_postpones_nothing() -> None:
    """A notice that was due in decades is sent now."""
    notice = HubNotice(hub="https://hub.example.org/", path="news.rss", changed=1, due=10**9)

    assert [notice.is_due(now) for now in (10**9, 10**9 - 1, 10**9 - LATEST - 1)] == [
        True,
        False,
        True,
    ]
