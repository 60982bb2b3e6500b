"""Lists lead with the newest entry, and show pictures, kinds, topics and months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup

from dateline.model import Entry, Feed, FeedTexts, Headline, Media
from dateline.render import render
from dateline.render.pages import Pages
from dateline.rules.taxonomy import derived
from support.samples import (
    UPDATED,
    sample_edition,
    sample_entry,
    sample_feed,
    sample_picture,
    sample_publication,
)

MAIN = sample_feed(language="en")
PORTS = sample_feed(name="ports", title="Ports", categories=("ports",), language="en")
FRENCH = sample_feed(name="news-fr", title="Tout", language="fr")
AGENDA = sample_feed(name="events", title="Events", kinds=("event",), language="en")
FEEDS = [MAIN, PORTS, FRENCH]
DAY = sample_entry().story.date


def news(number: int, **changes: Any) -> Entry:
    """Return the entry of a number: the higher, the older, three in each month."""
    moment = datetime(2009, 12 - number // 3, 20 - number % 3, 12, tzinfo=UTC)
    fields = {"id": f"{number}", "slug": f"n{number}", "title": f"N{number}", "published": moment}
    return sample_entry(
        **{**fields, "corrections": (), "event": None, "attachments": (), **changes}
    )


def page(feed: Feed, *known: Entry, **changes: Any) -> Any:
    """Return the page of a feed that shows these entries, parsed."""
    edition = sample_edition(*known, feed=feed, **changes)
    feeds = [*FEEDS, feed] if feed == AGENDA else FEEDS
    made, *_ = Pages(sample_publication(), feeds).of_feed(edition)
    return BeautifulSoup(made.data, "lxml")


def forms(of: Any) -> list[tuple[str, str]]:
    """Return the form and the title of each entry of a list."""
    return [(one["class"][1], one.a.text) for one in of.select(".h-feed li")]


def test_the_newest_entry_leads_and_cards_follow_on_the_front_page() -> None:
    """Everything older is listed by month; each entry is shown once."""
    shown = page(MAIN, *map(news, range(12)))

    assert [form for form, _ in forms(shown)] == ["lead", *["card"] * 6, *["row"] * 5]
    assert [title for _, title in forms(shown)] == [f"N{number}" for number in range(12)]
    assert [one.text for one in shown.select(".month h2")] == ["October 2009", "September 2009"]
    assert [len(one.select("li")) for one in shown.select(".month")] == [2, 3]


def test_the_page_of_a_topic_lists_by_month_after_its_lead() -> None:
    """An archive, which is closed, has no lead."""
    some = [*map(news, range(5))]
    topic, archive = page(PORTS, *some), page(PORTS, *some, archive=1)

    assert [form for form, _ in forms(topic)] == ["lead", *["row"] * 4]
    assert [form for form, _ in forms(archive)] == ["row"] * 5
    assert [one.text for one in archive.select(".month h2")] == ["December 2009", "November 2009"]


def test_entries_after_the_twentieth_have_their_title_and_day_alone() -> None:
    """Pages stay small."""
    shown = page(PORTS, *(replace(news(0), id=str(one)) for one in range(30)))

    assert [form for form, _ in forms(shown)].count("line") == 10
    assert [len(one.select("p, img, .kicker")) for one in shown.select("li.line")] == [0] * 10
    assert len(shown.select("li.line time.dt-published")) == 10


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({}, True),
        ({"image": None}, False),
        ({"image": sample_picture(path=None)}, False),
        ({"retracted": UPDATED}, False),
    ],
    ids=["own", "none", "on another site", "retracted"],
)
def test_a_list_shows_own_pictures(changes: dict[str, object], *, is_shown: bool) -> None:
    """Of the lead at once, of others when they come into view; each with its size."""
    shown = page(PORTS, news(0, **changes), news(1, **changes))

    found = shown.select(".h-feed img")
    assert len(found) == (2 if is_shown else 0)
    assert [one.get("fetchpriority") for one in found] == ["high", None][: len(found)]
    assert [one.get("loading") for one in found] == [None, "lazy"][: len(found)]
    assert all(one["width"] and one["height"] for one in found)


RECORDING = Media(url="https://a.org/a.mp3", path=None, media_type="audio/mpeg", length=0)
PAPER = replace(RECORDING, media_type="application/pdf")


@pytest.mark.parametrize(
    ("feed", "changes", "expected"),
    [
        (MAIN, {"categories": ("ports",)}, "Ports"),
        (PORTS, {"categories": ("ports", "Piers")}, "Piers"),
        (PORTS, {"categories": ("ports",)}, None),
        (PORTS, {"categories": (), "attachments": (PAPER,)}, "Document"),
        (PORTS, {"categories": (), "attachments": (RECORDING,)}, "Recording"),
        (MAIN, {"categories": ("ports",), "attachments": (PAPER,)}, "Document · Ports"),
        (MAIN, {"event": sample_entry().story.date}, "Event · 20 October 2008"),
    ],
)
def test_an_entry_is_labelled_by_kind_and_topic(
    feed: Feed, changes: dict[str, object], expected: str | None
) -> None:
    """News has no kind, and a page of a topic does not name it again."""
    shown = page(feed, news(0, **changes))

    label = shown.select_one(".h-feed .kicker")
    assert (label and label.text) == expected


@pytest.mark.parametrize(
    ("feed", "changes", "expected"),
    [
        (MAIN, {"categories": ("ports",)}, ["./ports.html"]),
        (MAIN, {"categories": ("Piers", "Quays")}, ["./topics/piers.html"]),
        (derived("topics/piers"), {"categories": ("Piers", "Quays")}, ["../topics/quays.html"]),
        (derived("topics/piers"), {"categories": ("Piers",)}, []),
        (FRENCH, {"categories": ("Jetée",), "language": "fr"}, ["./topics/fr/jetee.html"]),
        (AGENDA, {"event": DAY, "place": "Pier 3"}, ["./places/pier-3.html"]),
        (AGENDA, {"event": DAY, "place": "Pier 3", "categories": ("ports",)}, ["./ports.html"]),
        (AGENDA, {"event": DAY, "place": "https://meet.example.org/"}, []),
        (MAIN, {"categories": ()}, []),
    ],
)
def test_a_row_leads_to_its_topic_or_place(
    feed: Feed, changes: dict[str, Any], expected: list[str]
) -> None:
    """It has one link beside its title, outside that link, and none to its own page."""
    shown = page(feed, news(0, **{"categories": (), **changes}))

    row = shown.select_one(".h-feed li")
    assert [one["href"] for one in row.select("a")[1:]] == expected
    assert row.select("a a") == []


def test_lists_without_pages_of_topics_have_no_links_to_them() -> None:
    """The topic is named."""
    edition = sample_edition(news(0, categories=("Piers",)), feed=MAIN)
    made, *_ = Pages(sample_publication(has_terms=False), FEEDS).of_feed(edition)
    row = BeautifulSoup(made.data, "lxml").select_one(".h-feed li")

    assert row
    assert row.select_one(".kicker")
    assert len(row.select("a")) == 1


def test_a_retracted_title_is_struck_out_after_its_label() -> None:
    """On the page of the entry, too."""
    entry = news(0, retracted=UPDATED)
    own: Any = BeautifulSoup(Pages(sample_publication(), FEEDS).entry(entry).data, "lxml")

    for shown in (page(MAIN, entry).select_one(".h-feed a.p-name:not([hidden])"), own.h1):
        assert shown.strong.text == "Retracted:"
        assert shown.s.text == "N0"


def test_the_head_marks_the_topic_and_the_language_of_the_page() -> None:
    """The language of a page is no link, and the title leads to the front of that language."""
    topic, french = page(PORTS, news(0)).header, page(FRENCH, news(0)).header

    assert [one.text for one in topic.select("[aria-current=page]")] == ["Ports"]
    assert [one.text for one in topic.select("[aria-current=true]")] == ["English"]
    assert [one["href"] for one in topic.select(".languages a")] == ["./news-fr.html"]
    assert french.select_one(".publication a")["href"] == "./news-fr.html"


def test_a_feed_of_all_languages_is_named_in_that_of_the_page() -> None:
    """In the head, on the page on how to subscribe, and above entries; the feed keeps its title."""
    french = FeedTexts(language="fr", title="Quais", description="Au port")
    quays = replace(PORTS, name="quays", title="Quays", language=None, translations=(french,))
    edition = sample_edition(news(0, categories=("ports",)), feed=FRENCH)
    made = [*Pages(sample_publication(), [MAIN, FRENCH, quays]).of_feed(edition)]
    shown, subscribe = (BeautifulSoup(one.data, "lxml") for one in made)
    russian = Pages(sample_publication(), [MAIN, FRENCH, quays]).entry(sample_entry(language="ru"))

    topic, label = shown.select_one(".topics a"), shown.select_one(".h-feed .kicker a")
    assert topic
    assert label
    assert (topic.text, topic.get("lang")) == ("Quais", None)
    assert label.text == "Quais"
    assert "Au port" in subscribe.text
    assert "Quays" not in subscribe.text
    assert 'lang="en" dir="ltr" href="../quays.html">Quays</a>' in russian.data.decode()
    feeds = render(sample_publication(), replace(edition, feed=quays), page="quays.html")
    assert all(b"Quais" not in one.data for one in feeds)


def test_the_head_of_an_entry_leads_to_its_translations() -> None:
    """Where there is none, to the front page of the language."""
    entry = news(0, slug="2009/12/a")
    french = replace(entry, slug="2009/12/b", story=replace(entry.story, language="fr"))
    made = Pages(sample_publication(), FEEDS)
    with_translation = made.entry(entry, [_headline(french)]).data
    alone = made.entry(entry).data

    paths = [
        [one["href"] for one in BeautifulSoup(data, "lxml").select(".languages a")]
        for data in (with_translation, alone)
    ]
    assert paths == [["../../2009/12/b.html"], ["../../news-fr.html"]]


def _headline(entry: Entry) -> Headline:
    return Headline(
        slug=entry.slug,
        title="B",
        language=entry.story.language,
        published=entry.published,
        updated=entry.updated,
    )
