"""Pages stay small and complete, however many feeds there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from importlib import resources
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dateline.model import Document, Feed, Headline
from dateline.render.entry_html import scrollable
from dateline.render.pages import Pages
from dateline.render.pages.json_ld import news_article
from dateline.render.pages.lists import _items
from dateline.render.pages.search import SearchResults
from dateline.rules.corrections import part_of
from support.samples import (
    UPDATED,
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_feed,
    sample_publication,
)

LIGHT = 80_000  # bytes
STATIC = sum(
    len(resources.files("dateline.render.pages").joinpath("static", name).read_bytes())
    for name in ("style.css", "copy.js")
)


def feeds(count: int) -> list[Feed]:
    """Return a main feed, and topics in two languages."""
    main = sample_feed(language="en")
    others = [
        Feed(
            name=f"topic-{number}",
            title=f"The topic of the harbour with the number {number}",
            description="What happens there, told as soon as it is known, with all its papers",
            language="fr" if number % 5 == 0 else "en",
            categories=(f"Topic {number}",),
        )
        for number in range(1, count)
    ]
    return [main, *others]


def pages(count: int) -> Iterator[Document]:
    """Make a page of every kind."""
    all_feeds = feeds(count)
    made = Pages(sample_publication(), all_feeds)
    entries = [
        replace(sample_entry(), slug=f"2008/10/harbour-{number}", sequence=number)
        for number in range(150)
    ]
    yield made.entry(entries[0])
    for feed in (all_feeds[0], all_feeds[-1]):
        edition = sample_edition(*entries, feed=feed)
        yield from made.of_feed(edition, entries[:5])
        yield from made.of_feed(replace(edition, entries=(*entries[:50],), archive=1, following=2))
    yield from (document for document in made.fixed() if document.path.endswith(".html"))


@pytest.mark.parametrize("count", [1, 2, 15, 16, 20, 30, 31, 200])
def test_every_page_is_small(count: int) -> None:
    """With style sheet and script, uncompressed and without pictures."""
    weights = {page.path: len(page.data) + STATIC for page in pages(count)}

    assert {path: size for path, size in weights.items() if size >= LIGHT} == {}
    assert {"index.html", "subscribe.html", "archive/news/1.html", "404.html"} <= {*weights}


@pytest.mark.parametrize("count", [1, 2, 15, 16, 31, 200])
def test_every_feed_is_on_the_front_page_and_on_that_for_subscribing(count: int) -> None:
    """The front page links to its page, the other to the feed itself."""
    made = {page.path: page.data.decode() for page in pages(count)}
    known = feeds(count)
    there = set(re.findall(r'href="\./([\w-]+)\.html"', made["index.html"]))

    explained = [
        one.name
        for one in known
        if one.language == "en"
        and f'<section class="feed" id="{one.name}">' in made["subscribe.html"]
        and f">https://news.example.org/{one.name}.rss</code>" in made["subscribe.html"]
    ]

    assert {one.name for one in known[1:] if one.language == "en"} <= there
    assert explained == [one.name for one in known if one.language == "en"]
    assert ("subscribe-fr.html" in made["subscribe.html"]) == any(
        one.language == "fr" for one in known
    )


def test_a_description_that_repeats_the_title_is_not_shown() -> None:
    """The title is enough, on the pages of the feed and where feeds are listed."""
    own = sample_feed(language="en", title="Harbour", description="Harbour")
    topics = [replace(one, title="Pier", description="Pier") for one in feeds(2)[1:]]
    made = Pages(sample_publication(), [own, *topics])
    shown = [*made.of_feed(sample_edition(sample_entry(), feed=own), ()), *made.fixed()]
    text = {page.path: page.data.decode() for page in shown if page.path.endswith(".html")}

    assert "<p>Harbour</p>" not in text["index.html"] + text["subscribe.html"]
    assert ">Pier</a></li>" in text["index.html"]
    assert '<p lang="en">Pier</p>' not in text["subscribe.html"]


def test_each_feed_is_named_once_and_the_main_feed_first() -> None:
    """On an entry's page those that it is in (`rel=alternate`)."""
    known = [*feeds(4), sample_feed(name="lebanon", categories=("lebanon",), language="en")]
    page = Pages(sample_publication(), known).entry(sample_entry()).data.decode()

    named = re.findall(r'rel="alternate" type="[^"]+" title="[^"]+" href="([^"]+)"', page)

    assert [address.rpartition("/")[2] for address in named] == [
        "news.rss",
        "news.atom",
        "news.json",
        "lebanon.rss",
    ]


def test_translations_are_named_once_for_each_language() -> None:
    """The newest of each (`hreflang`) and the page itself, but no other in its language."""
    moment = datetime(2008, 10, 20, tzinfo=UTC)
    others = [
        Headline(slug=slug, title=slug, language=language, published=at, updated=at)
        for slug, language, at in (
            ("old-fr", "fr", moment),
            ("new-fr", "fr", UPDATED),
            ("ar", "ar", moment),
            ("also-en", "en", UPDATED),
        )
    ]
    page = Pages(sample_publication(), feeds(1)).entry(sample_entry(), others).data.decode()

    found = re.findall(r'rel="alternate" hreflang="(\w+)" href="[^"]+/([\w-]+)\.html"', page)

    assert found == [("en", "harbour-opens"), ("ar", "ar"), ("fr", "new-fr")]


def test_a_correction_is_listed_with_its_own_date() -> None:
    """The news is of the twentieth, the correction of the twenty-first."""
    feed = sample_feed(name="corrections", kinds=("correction",))
    said = part_of(sample_entry(), 1)
    assert said is not None
    made = Pages(sample_publication(), [sample_feed(), feed])

    (page,) = made.of_feed(sample_edition(said, feed=feed))

    assert re.findall(r'<time class="when"[^>]*>([^<]+)</time>', page.data.decode()) == [
        "21 October 2008"
    ]


def test_pages_of_older_news_link_to_each_other() -> None:
    """From the front page to the oldest, and back."""
    made = Pages(sample_publication(), feeds(2))
    edition = sample_edition(feed=feeds(2)[0])
    front, _ = made.of_feed(replace(edition, previous=3))
    chain = [front.data.decode()]
    for number in (3, 2, 1):
        shown = replace(edition, archive=number, previous=number - 1, following=(number + 1) % 4)
        (page,) = made.of_feed(shown)
        chain.append(page.data.decode())

    for number, (newer, older) in zip((3, 2, 1), pairwise(chain), strict=True):
        older_path = rf'<a rel="prev" href="(\./|\.\./\.\./)archive/news/{number}\.html">'
        assert re.search(older_path, newer)
        back = f"archive/news/{number + 1}.html" if number < 3 else ""
        assert f'<a rel="next" href="../../{back}">' in older
    assert '<a rel="prev"' not in chain[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<pre>a  b</pre>", '<pre tabindex="0">a  b</pre>'),
        (
            "<table><tr><td>1</td></tr></table>",
            '<div class="wide" tabindex="0"><table><tr><td>1</td></tr></table></div>',
        ),
        ('<img alt="a <table> b" src="x">', '<img alt="a <table> b" src="x">'),
        ('<img alt="<pre>">', '<img alt="<pre>">'),
    ],
)
def test_wide_content_can_be_scrolled_by_keyboard(text: str, expected: str) -> None:
    """Only tags are matched, since an attribute may contain anything."""
    assert scrollable(text) == expected


def test_words_in_another_language_than_the_page_are_marked() -> None:
    """An entry in Swahili has the publication's words, each with its `lang`."""
    swahili = sample_entry(language="sw", title="Bandari yafunguliwa")
    page = Pages(sample_publication(language="fr"), feeds(2)).entry(swahili).data.decode()

    assert '<html lang="sw" dir="ltr">' in page
    assert '<span lang="fr" dir="ltr">Thèmes' in page or '<dt lang="fr" dir="ltr">' in page


def test_words_and_dates_are_in_the_pages_language() -> None:
    """An Arabic entry has an Arabic page, from right to left."""
    page = Pages(sample_publication(), feeds(2)).entry(sample_entry_in_arabic()).data.decode()

    assert '<html lang="ar" dir="rtl">' in page
    assert "20 أكتوبر 2008" in page
    assert ">When<" not in page


# ---- More than one language


@pytest.mark.parametrize("path", ["404.html", "410.html"])
def test_the_404_page_has_every_language_of_the_feeds(path: str) -> None:
    """The publication's first; each links to its news. Swahili has no words of its own."""
    known = [
        sample_feed(name=f"news-{tag.lower()}", language=tag)
        for tag in ("en", "fr", "fr-CA", "ar", "sw")
    ]
    made = Pages(sample_publication(language="fr"), known).fixed()
    page = next(one.data.decode() for one in made if one.path == path)

    parts = re.findall(r"<section([^>]*)>(.*?)</section>", page, re.DOTALL)
    links = [re.findall(r'href="([^"]*)"', text) for _, text in parts]

    assert '<html lang="fr" dir="ltr">' in page
    assert [attributes for attributes, _ in parts] == [
        ' class="heading"',
        ' class="heading" lang="en" dir="ltr"',
        ' class="heading" lang="ar" dir="rtl"',
    ]
    assert links == [["/news-fr.html"], ["/"], ["/news-ar.html"]]
    assert [re.findall(r"<h(\d)>", text) for _, text in parts] == [["1"], ["2"], ["2"]]


def test_pages_of_all_news_are_translations_of_each_other() -> None:
    """They name each other and themselves (`hreflang`); pages of part of the news do not."""
    french = sample_feed(name="news-fr", language="fr")
    known = [*feeds(3), french]
    made = Pages(sample_publication(), known)
    shown = [sample_edition(feed=one) for one in (known[0], french, known[1])]
    shown.append(replace(shown[0], archive=1))

    named = [
        re.findall(r'rel="alternate" hreflang="(\w+)" href="([^"]+)"', page.data.decode())
        for page, *_ in map(made.of_feed, shown)
    ]

    both = [("en", "https://news.example.org/"), ("fr", "https://news.example.org/news-fr.html")]
    assert named == [both, both, [], []]


def test_people_find_all_feeds_on_the_page_of_their_language() -> None:
    """First those in their language, then the others, each with description and addresses."""
    french = sample_feed(name="news-fr", title="Tout", description="Du port", language="fr")
    known = [*feeds(3), french]
    made = Pages(sample_publication(), known)

    page = next(
        one.data.decode()
        for one in made.of_feed(sample_edition(feed=french))
        if one.path == "subscribe-fr.html"
    )

    own, _, others = page.partition('<details class="way" id="languages">')
    assert ">Tout</h3>" in own
    assert '<a lang="en" dir="ltr" hreflang="en" href="./subscribe.html">English</a>' in others
    for feed in known[:3]:
        for words in (feed.title, feed.description):
            assert f'lang="en" dir="ltr">{escape(words)}</' in others
        assert f">https://news.example.org/{feed.name}.rss</code>" in others
        for ending in ("rss", "atom", "json", "ics"):
            assert f' href="./{feed.name}.{ending}">' in others


def test_names_are_isolated_from_surrounding_text() -> None:
    """The publication's title and authors' names are in `bdi`."""
    page = Pages(sample_publication(), feeds(2)).entry(sample_entry_in_arabic()).data.decode()

    title = '<span><bdi lang="en" dir="ltr">Harbour News &amp; Notes</bdi></span></a>'
    assert f'<a href="../../">{title}' in page
    assert re.findall(r'<bdi class="p-author h-card">(?:<a[^>]*>)?([^<]*)<', page) == [
        "Ann Author",
        "Bo Writer &amp; Co",
    ]


@pytest.mark.parametrize("path", ["news.html", "archive/news/1.html"])
@pytest.mark.parametrize(
    ("of_publication", "of_feed", "of_entry"),
    [
        ({}, {}, {}),
        ({"zone": ZoneInfo("Pacific/Apia")}, {}, {}),
        ({"language": "fr"}, {}, {}),
        ({}, {"language": "ru"}, {}),
        ({}, {"kinds": ("event",)}, {}),
        ({}, {"kinds": ("correction",)}, {}),
        ({}, {}, {"title": "Another"}),
        ({}, {}, {"slug": "2008/another"}),
        ({}, {}, {"published": UPDATED}),
        ({}, {}, {"corrections": ()}),
        ({}, {}, {"retracted": UPDATED}),
    ],
)
def test_a_cached_item_equals_a_new_one(
    path: str, of_publication: Any, of_feed: Any, of_entry: Any
) -> None:
    """Whatever was rendered before."""
    main = replace(sample_feed(name="other", title="Other"), language="en")
    day = sample_entry().story.date

    def listed(of_publication: Any, of_feed: Any, of_entry: Any) -> str:
        feed = sample_feed(**{"language": "en"} | of_feed)
        edition = sample_edition(sample_entry(event=day, **of_entry), feed=feed)
        made = Pages(sample_publication(**of_publication), [main, feed])
        found = made.of_feed(replace(edition, archive=int("archive" in path)))
        return next(page.data.decode() for page in found if page.path == path)

    shown = (of_publication, of_feed, of_entry)
    _items.cache_clear()
    fresh = listed(*shown)
    others: list[Any] = [{"kinds": ("event",)}, {"kinds": ("correction",)}, {"language": "fr"}, {}]
    for other in others:
        _items.cache_clear()
        listed({}, other, {})

        assert listed(*shown) == fresh


@pytest.mark.parametrize(
    ("place", "mode", "where"),
    [
        ("Pier 3, Harbour", "Offline", ["Place"]),
        ("online", "Online", ["VirtualLocation"]),
        ("https://meet.example.org/a.", "Online", ["VirtualLocation"]),
        ("City Hall and online", "Mixed", ["Place", "VirtualLocation"]),
        ("Salle 2 et en ligne", "Mixed", ["Place", "VirtualLocation"]),
        ("Onlineville", "Offline", ["Place"]),
        ("线上", "Online", ["VirtualLocation"]),
        ("線上會議", "Online", ["VirtualLocation"]),
        ("视频会议", "Online", ["VirtualLocation"]),
        ("En visioconférence", "Online", ["VirtualLocation"]),
        ("Webinaire", "Online", ["VirtualLocation"]),
        ("Videoconferencia", "Online", ["VirtualLocation"]),
        ("по видеосвязи", "Online", ["VirtualLocation"]),
        ("Paris, par visioconférence", "Mixed", ["Place", "VirtualLocation"]),
        ("Visionville", "Offline", ["Place"]),
        ("", "", []),
        ("-", "", []),
        ("?", "", []),
        ("…", "", []),
    ],
)
def test_an_event_has_its_attendance_mode(place: str, mode: str, where: list[str]) -> None:
    """From the text of the place; without a place there is none."""
    said: Any = news_article(sample_entry(place=place), sample_publication(), summary="")

    (event,) = said["about"]
    found = event.get("location", [])
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event.get("eventAttendanceMode", "").removeprefix("https://schema.org/") == (
        mode and f"{mode}EventAttendanceMode"
    )
    assert [one["@type"] for one in (found if isinstance(found, list) else [found])] == where


def test_a_search_offers_no_topic_that_has_no_entries() -> None:
    """A feed of corrections alone lists no entry itself, and a search finds entries."""
    corrections = sample_feed(name="corrections", title="Corrections", kinds=("correction",))
    events = sample_feed(name="events", title="Events", kinds=("event", "correction"))
    pages = Pages(sample_publication(), [sample_feed(), corrections, events])
    page = pages.search(SearchResults(words=""), "en").data.decode()

    assert '<option value="events"' in page
    assert '<option value="corrections"' not in page


@pytest.mark.parametrize(("archive", "label"), [(0, "Latest news"), (1, "Older news")])
def test_a_list_is_named_by_what_it_has(archive: int, label: str) -> None:
    """Screen readers name the list of an archive, which never has the latest news."""
    edition = sample_edition(sample_entry(), archive=archive)
    page = next(Pages(sample_publication(), [sample_feed()]).of_feed(edition)).data.decode()

    assert re.findall(r'<section class="h-feed"[^>]* aria-label="(.*?)"', page) == [label]
