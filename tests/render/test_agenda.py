"""Places and times of events on pages: coming ones in order, then past ones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dateline import publish
from dateline.documents import manifest
from dateline.ledger import Ledger
from dateline.model import Entry, Feed, Span
from dateline.render.pages import Pages
from dateline.render.pages.navigation import Navigation
from support.publication import CONFIG, Newsroom, entry_file
from support.samples import UPDATED, sample_edition, sample_entry, sample_feed, sample_publication

MAIN = sample_feed(language="en")
EVENTS = sample_feed(name="events", kinds=("event",), language="en")
FRENCH = sample_feed(name="news-fr", title="Tout", language="fr")
TOPIC = sample_feed(name="ports", categories=("Ports & piers",), language="en")
FEEDS = [MAIN, EVENTS, FRENCH, TOPIC]
ROOM = f"""{CONFIG}
[[feed]]
name = "events"
title = "Events"
description = "What takes place"
kinds = ["event"]
"""


def event(name: str, start: date, end: date | None = None, **changes: object) -> Entry:
    """Return an entry of an event on these days or at these moments."""
    precision = "minute" if isinstance(start, datetime) else "day"
    span = Span(start=start, end=end or start, precision=precision)  # type: ignore[arg-type]  # one of both
    fields = {"title": name, "id": name, "slug": f"2008/{name}", "corrections": (), **changes}
    return sample_entry(event=span, **fields)


def page_of(feed: Feed, *known: Entry, coming: tuple[Entry, ...] = (), **changes: object) -> str:
    """Return the page of a feed that shows these entries."""
    edition = sample_edition(*known, feed=feed, **changes)
    page, *_ = Pages(sample_publication(), FEEDS).of_feed(edition, coming)
    return page.data.decode()


def shown_events(page: str) -> list[tuple[str, str]]:
    """Return the heading above each event, and the title of the event."""
    found, heading = list[tuple[str, str]](), ""
    for title, name in re.findall(
        r'<h2[^>]*>([^<]*)</h2>|<li class="h-event\b[^>]*>\s*<a[^>]*>(?:<strong.*> <s>)?([^<]*)<',
        page,
    ):
        heading = title or heading
        if name:
            found.append((heading, name))
    return found


def test_coming_events_are_first_in_order_and_past_ones_in_reverse() -> None:
    """By the time of the event in the publication's zone, not of publication."""
    kiritimati = timezone(timedelta(hours=14))
    may = event("may", date(2009, 5, 1))
    third = event("third", date(2009, 3, 3), published=UPDATED)
    dawn = event("dawn", datetime(2009, 3, 3, 13, 30, tzinfo=kiritimati))  # half past midnight
    january = event("january", date(2008, 1, 2), published=UPDATED)
    june = event("june", date(2008, 6, 2))

    page = page_of(EVENTS, january, june, third, may, coming=(may, dawn, third))

    assert shown_events(page) == [
        ("Coming events", "third"),
        ("Coming events", "dawn"),
        ("Coming events", "may"),
        ("Past events", "june"),
        ("Past events", "january"),
    ]


def test_an_event_has_its_own_days_or_times_and_its_place() -> None:
    """In the language of the page; a range is shown as one."""
    days = event("days", date(2009, 3, 3), date(2009, 3, 5))
    vienna = sample_publication().zone
    start, end = (datetime(2009, 4, 3, hour, tzinfo=vienna) for hour in (9, 11))
    hours = event("hours", start, end, place="")
    page = page_of(EVENTS, hours, coming=(days,))
    aside = page_of(FRENCH, sample_entry(), coming=(days,))

    assert re.findall(r'dt-start" datetime="([^"]*)">([^<]*)<', page) == [
        ("2009-03-03", "3–5 March 2009"),
        ("2009-04-03T09:00+02:00", "3 April 2009, 09:00–11:00 GMT+2"),
    ]
    assert re.findall(r'p-location">([^<]*)<', page) == ["Pier 3 &amp; 4, &lt;North&gt;"]
    assert "October 2008" not in page.partition("<main")[2]
    assert "3–5 mars 2009" in aside
    assert re.search(r'p-location"><a href="[^"]*">Pier 3', aside)


def test_an_archive_of_events_keeps_its_order_and_shows_their_dates() -> None:
    """It is closed when full, and does not change as time passes."""
    some = event("may", date(2009, 5, 1)), event("june", date(2009, 6, 2))

    page = page_of(EVENTS, *some, archive=1)

    assert [name for _, name in shown_events(page)] == ["may", "june"]
    assert "1 May 2009" in page
    assert "Coming events" not in page


def test_the_page_of_all_news_in_each_language_has_its_own_events() -> None:
    """Pages of part of the news have none, except that of events alone."""
    site = Navigation(sample_publication(), FEEDS)
    coming = (event("hearing", date(2009, 5, 1)),)

    assert [feed.name for feed in FEEDS if site.has_coming(feed)] == ["news", "events", "news-fr"]
    assert shown_events(page_of(MAIN, sample_entry(), coming=coming)) == [
        ("Coming events", "hearing")
    ]
    assert shown_events(page_of(FRENCH, sample_entry(), coming=coming)) == [
        ("Événements à venir", "hearing")
    ]
    assert shown_events(page_of(TOPIC, sample_entry())) == []


def test_a_front_page_of_events_alone_shows_each_once() -> None:
    """If the main feed has only events, they have no list of their own beside it."""
    coming = event("hearing", date(2009, 5, 1))
    made = Pages(sample_publication(), [EVENTS, FRENCH])

    page, *_ = made.of_feed(sample_edition(coming, feed=EVENTS), (coming,))

    assert shown_events(page.data.decode()) == [("Coming events", "hearing")]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_lists_label_the_state_of_an_entry(feed: Feed) -> None:
    """With a word on every list; a plain entry has no label."""
    plain = sample_entry(event=None, corrections=())
    known = [
        replace(plain, id="plain"),
        sample_entry(event=None, id="corrected"),
        replace(plain, id="retracted", retracted=UPDATED),
        replace(event("off", date(2009, 3, 3)), retracted=UPDATED),
    ]
    language = feed.language or "en"
    words = {
        "en": ["Corrected", "Retracted", "Cancelled"],
        "fr": ["Corrigé", "Rétracté", "Annulé"],
    }

    page = page_of(feed, *known)
    marks = re.findall(r'<strong class="mark"[^>]*>([^<]*)</strong>', page)
    titles = re.findall(r'<strong class="off"[^>]*>([^<]*)</strong> <s>[^<]+</s></a>', page)

    assert marks == words[language][:1]
    assert sorted(titles) == ["Cancelled:", "Retracted:"]  # in the entry's language


# ---- Published pages


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with a feed of events and one in Arabic, with events in both languages."""
    (newsroom.folder / "config.toml").write_text(ROOM, encoding="utf-8")
    for name, day, fields in (
        ("hearing", "2026-12-01", {}),
        ("training", '"27 November 2026"', {}),
        ("cancelled", "2026-11-30", {"status": '"retracted"', "retraction": '"No room."'}),
        ("opened", '"3 - 5 November 2026"', {}),
        ("nadwa", "2026-12-03", {"language": '"ar"'}),
    ):
        newsroom.drop(f"{name}.toml", entry_file(name, event=day, place='"Pier 3"', **fields))
    newsroom.build()
    return newsroom


def shown(room: Newsroom, path: str) -> list[str]:
    """Return the titles of the events on a page."""
    return [name for _, name in shown_events((room.folder / "feeds" / path).read_text("utf-8"))]


@pytest.mark.long
def test_cancelled_events_are_shown_on_pages_of_events(room: Newsroom) -> None:
    """The front page has room for few, and shows those that take place."""
    with Ledger(publish.ledger_url(room.config)) as ledger:
        found = {
            feed.name: [one.story.title for one in ledger.directory.coming(feed, room.now)[0]]
            for feed in room.config.feeds
            if feed.name in {"news", "events", "news-ar"}
        }

    assert {name: sorted(titles) for name, titles in found.items()} == {
        "news": ["hearing", "training"],
        "events": ["cancelled", "hearing", "training"],
        "news-ar": ["nadwa"],
    }


@pytest.mark.long
def test_an_event_becomes_a_past_one_after_its_last_day(room: Newsroom) -> None:
    """Its page and the front page of its language change by themselves; no feed does."""
    assert shown(room, "events.html") == ["training", "cancelled", "hearing", "opened"]
    assert shown(room, "index.html") == ["training", "hearing"]
    assert shown(room, "news-ar.html") == ["nadwa"]
    feeds = {path: data for path, data in room.feeds().items() if path.endswith((".rss", ".atom"))}

    room.now = datetime(2026, 11, 28, tzinfo=UTC)
    report = room.build(after=timedelta())

    assert shown(room, "events.html") == ["cancelled", "hearing", "training", "opened"]
    assert shown(room, "index.html") == ["hearing"]
    assert {*report.documents} - {"sitemap-news.xml"} == {
        "events.html",
        "index.html",
        "2026/11/training.html",
    }
    assert feeds.items() <= room.feeds().items()


@pytest.mark.long
@pytest.mark.parametrize("is_later", [False, True])
def test_an_event_that_expires_leaves_the_front_page_at_that_moment(
    newsroom: Newsroom, *, is_later: bool
) -> None:
    """Also where its feed has it in an archive, and if staff say so `is_later`, once it is live."""
    config = ROOM.replace('name = "news"\n', 'name = "news"\nentries = 1\ndays = 0\n', 1)
    (newsroom.folder / "config.toml").write_text(config, encoding="utf-8")
    moment = datetime(2026, 11, 27, 12, tzinfo=UTC)
    expiring = {"expires": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    event_fields = {"event": "2026-12-01"}
    fair = entry_file("fair", "2026-09-01", **event_fields | ({} if is_later else expiring))
    newsroom.drop("fair.toml", fair)
    newsroom.drop("hearing.toml", entry_file("hearing", "2026-09-02", event="2026-12-02"))
    for day in (3, 4, 5):
        newsroom.drop(f"other-{day}.toml", entry_file(f"Other {day}", f"2026-09-0{day}"))
    newsroom.build()
    if is_later:
        newsroom.drop("fair.toml", entry_file("fair", "2026-09-01", **event_fields | expiring))
        newsroom.build()
    assert "fair" not in (newsroom.folder / "feeds/news.rss").read_text("utf-8")
    assert shown(newsroom, "index.html") == ["fair", "hearing"]

    listing = manifest.ManifestReader(newsroom.folder / "feeds").find("index.html")
    newsroom.now = moment
    newsroom.build(after=timedelta())

    assert listing
    assert listing.expires == moment.timestamp()
    assert shown(newsroom, "index.html") == ["hearing"]
