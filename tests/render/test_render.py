"""Every document of a feed gives readers the complete content of its entries."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import feedparser_rs
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.model import Edition, Entry, Media, Publication, Role, Span
from dateline.render import render
from support.reading import ATOM_SCHEMA, texts
from support.samples import (
    PUBLISHED,
    documents,
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_feed,
    sample_publication,
)

_HARBOUR = (
    '<figure><img src="https://news.example.org/media/5f2c-harbour.jpg" '
    'alt="The harbour, called &quot;the &lt;old&gt; port&quot; &amp; closed" '
    'width="800" height="533"><figcaption>Photograph: A. Photographer &amp; Sons</figcaption>'
    "</figure>\n"
)
TEXTS = {
    "tag:example.org,2008:entry/1": (
        f"{_HARBOUR}<p>The harbour <em>opens</em> at 9 &amp; closes at 5: "
        '<a href="https://www.example.org/harbour?a=1&amp;b=2#map">the map</a>.</p>\n'
        "<table><thead><tr><th>Pier</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody>"
        "</table>\n<ul>\n"
        '<li><a href="https://news.example.org/media/77aa-report.pdf" type="application/pdf">'
        "Report on the harbour &lt;final&gt; &amp; annexes</a></li>\n"
        '<li><a href="https://files.example.net/speech.mp3?a=1&amp;b=2" type="audio/mpeg">'
        "speech.mp3</a></li>\n</ul>\n"
        '<p><strong>Correction (<time dir="ltr">2008-10-21</time>):</strong> '
        "Not &quot;two&quot; &lt;piers&gt; &amp; a crane, but three.</p>"
    ),
    "tag:example.org,2008:entry/2": "<p>Only a body.</p>",
    "tag:example.org,2008:entry/3": (
        f'<div dir="rtl">\n{_HARBOUR}<p>افتتح الميناء اليوم.</p>\n'
        '<p><strong>تصحيح (<time dir="ltr">2008-10-23</time>):</strong> ثلاثة أرصفة.</p>\n</div>'
    ),
}


def read(parse: Callable[..., Any], data: bytes) -> list[dict[str, Any]]:
    """Return the content of each entry as a reader parses it."""
    parsed = parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo
    return [
        {
            "id": entry.id,
            "title": entry.title,
            # feedparser_rs 0.7 leaves references in Atom's attributes as they are.
            "link": html.unescape(entry.link),
            "published": tuple(entry.published_parsed)[:6],
            "author": entry.author,
            "categories": [html.unescape(tag.term) for tag in entry.get("tags") or ()],
            "enclosures": [
                (html.unescape(file.href), file.type, str(file.length)) for file in entry.enclosures
            ],
            "text": (entry.content[0] if entry.get("content") else entry.summary_detail).value,
        }
        for entry in parsed.entries
    ]


def written(entry: Entry, publication: Publication) -> dict[str, Any]:
    """Return the content of an entry as a reader should understand it."""
    story = entry.story
    files = [media for media in (*story.attachments, story.image) if media and media.length]
    return {
        "id": entry.id,
        "title": story.title,
        "link": story.link or f"{publication.url}{entry.slug}.html",
        "published": tuple(entry.published.timetuple())[:6],
        "author": ", ".join(story.authors) or publication.author,
        "categories": list(story.categories),
        "enclosures": [(media.url, media.media_type, str(media.length)) for media in files[:1]],
        "text": TEXTS[entry.id],
    }


# ---- Documents


def test_each_format_of_a_feed_is_a_document() -> None:
    """It states when it next changes by itself."""
    edition = sample_edition()
    shown = [*render(sample_publication(), edition)]

    assert [(document.path, document.media_type) for document in shown] == [
        ("news.rss", "application/rss+xml; charset=utf-8"),
        ("news.atom", "application/atom+xml; charset=utf-8"),
        ("news.json", "application/feed+json; charset=utf-8"),
    ]
    assert {(Role.SUBSCRIPTION, edition.expires)} == {(doc.role, doc.expires) for doc in shown}


def test_a_feed_has_only_its_configured_formats() -> None:
    """Others are neither rendered nor linked to."""
    edition = sample_edition(feed=sample_feed(formats=("atom",)))
    (document,) = render(sample_publication(hubs=()), edition)

    assert document.path == "news.atom"
    assert document.links == '<https://news.example.org/news.atom>; rel="self"'


def test_the_link_header_names_self_hubs_and_the_other_formats() -> None:
    """There is one self, and `type` precedes `rel="alternate"`."""
    links = documents()["rss"].links

    assert links.split(", ") == [
        '<https://news.example.org/news.rss>; rel="self"',
        '<https://hub.example.net/>; rel="hub"',
        '<https://push.example.com/hub?a=1&b=2>; rel="hub"',
        '<https://news.example.org/news.atom>; type="application/atom+xml"; rel="alternate"',
        '<https://news.example.org/news.json>; type="application/feed+json"; rel="alternate"',
    ]


def test_self_and_hubs_are_in_the_documents() -> None:
    """Readers without access to headers find the hubs and exactly one self."""
    shown = documents()
    hubs = ["https://hub.example.net/", "https://push.example.com/hub?a=1&b=2"]

    for form in ("rss", "atom"):
        links = f"/*/{'channel/' if form == 'rss' else ''}atom:link"
        own = [f"https://news.example.org/news.{form}"]
        assert own == texts(shown[form].data, f"{links}[@rel='self']/@href")
        assert hubs == texts(shown[form].data, f"{links}[@rel='hub']/@href")
    feed = json.loads(shown["json"].data)
    assert feed["feed_url"] == "https://news.example.org/news.json"
    assert [hub["url"] for hub in feed["hubs"]] == hubs


def test_a_feed_links_to_its_page() -> None:
    """Each format links to the HTML page, never to the feed itself."""
    shown = render(sample_publication(), sample_edition(), page="news.html")
    rss, atom, feed = (document.data for document in shown)
    page = "https://news.example.org/news.html"

    assert [page] == texts(rss, "/rss/channel/link")
    assert [page] == texts(rss, "/rss/channel/image/link")
    assert [page] == texts(atom, "/atom:feed/atom:link[@rel='alternate']/@href")
    assert page == json.loads(feed)["home_page_url"]


def test_a_feed_without_entries_is_a_valid_feed() -> None:
    """It has its metadata, and the time of its last change."""
    edition = Edition(feed=sample_feed(), entries=(), updated=PUBLISHED)
    shown = documents(edition=edition)

    ATOM_SCHEMA.assertValid(etree.fromstring(shown["atom"].data))
    assert texts(shown["rss"].data, "//lastBuildDate") == ["Mon, 20 Oct 2008 09:30:00 GMT"]
    assert texts(shown["rss"].data, "//pubDate") == []
    assert json.loads(shown["json"].data)["items"] == []


# ---- Parsed by readers


@pytest.mark.parametrize("parse", [feedparser.parse, feedparser_rs.parse])
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_parsers_agree_with_every_entry(parse: Callable[..., Any], form: str) -> None:
    """Two independent parsers find the content of the entries."""
    edition = sample_edition()
    meant = [written(entry, sample_publication()) for entry in edition.entries]

    assert len(meant) == 3
    assert meant == read(parse, documents(edition=edition)[form].data)


def test_json_agrees_with_every_entry() -> None:
    """JSON Feed has every attachment."""
    edition = sample_edition()
    publication = sample_publication()
    meant = [
        {
            **written(entry, publication),
            "enclosures": [
                (media.url, media.media_type, str(media.length or None))
                for media in entry.story.attachments
            ],
        }
        for entry in edition.entries
    ]

    assert meant == read(feedparser_rs.parse, documents(edition=edition)["json"].data)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_parsers_find_the_time_of_a_change(form: str) -> None:
    """The time of a correction is in both XML formats."""
    (entry,) = feedparser.parse(documents(sample_entry())[form].data).entries

    assert tuple(entry.updated_parsed)[:6] == (2008, 10, 21, 14, 0, 0)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_summary_is_plain_text(form: str) -> None:
    """Text that resembles markup is shown as typed."""
    parsed = feedparser.parse(documents(sample_entry())[form].data, sanitize_html=False)
    detail = parsed.entries[0].summary_detail
    shown = html.unescape(detail.value) if detail.type == "text/html" else detail.value

    assert shown == 'The harbour opens at 9 & closes at 5, "as <always>".'


# ---- JSON Feed


def test_json_has_its_version_first_and_no_nulls() -> None:
    """Missing values have no key; the bytes are UTF-8 without a BOM."""
    data = documents()["json"].data
    feed = json.loads(data)

    assert next(iter(feed.items())) == ("version", "https://jsonfeed.org/version/1.1")
    assert b": null" not in data
    assert "authors" not in feed
    assert data.endswith(b"}\n")
    assert "افتتاح".encode() in data


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("", "Harbour News & Notes"),
        ("news.html", "All news & events <daily> – Harbour News & Notes"),
    ],
)
def test_a_feeds_title_names_the_publication(page: str, title: str) -> None:
    """Readers' lists show it alone; the main feed has the publication's own title."""
    shown = {d.path: d.data for d in render(sample_publication(), sample_edition(), page=page)}

    assert json.loads(shown["news.json"])["title"] == title
    assert texts(shown["news.rss"], "/rss/channel/title") == [title]
    assert texts(shown["news.atom"], "/atom:feed/atom:title") == [title]


def test_json_names_all_authors_and_one() -> None:
    """Older readers use `author`, newer ones `authors`, in every item."""
    (item,) = json.loads(documents(sample_entry())["json"].data)["items"]

    assert item["authors"] == [{"name": "Ann Author, Bo Writer & Co"}]
    assert item["author"] == {"name": "Ann Author, Bo Writer & Co"}


# ---- Languages, files, events


def test_an_entry_in_another_language_is_marked() -> None:
    """Every format states its language, and only there."""
    shown = documents(sample_entry_in_arabic(), sample_entry_plain())
    items = json.loads(shown["json"].data)["items"]

    assert texts(shown["rss"].data, "//item[1]/dc:language | //channel/language") == ["en", "ar"]
    assert texts(shown["atom"].data, "//@xml:lang") == ["en", "ar"]
    assert texts(shown["atom"].data, "//@hreflang") == ["ar"]
    assert [item.get("language") for item in items] == ["ar", None]


def test_a_feed_in_one_language_states_it() -> None:
    """The feed's own language overrides the publication's."""
    edition = sample_edition(sample_entry_in_arabic(), feed=sample_feed(language="ar"))
    shown = documents(edition=edition)

    assert texts(shown["rss"].data, "//language | //dc:language") == ["ar"]
    assert texts(shown["atom"].data, "//@xml:lang") == ["ar"]
    assert json.loads(shown["json"].data)["language"] == "ar"


def test_a_file_of_unknown_length_is_no_enclosure_of_rss() -> None:
    """RSS requires the length, so the file is only linked to."""
    speech = Media(
        url="https://files.example.net/a.mp3", path=None, media_type="audio/mpeg", length=0
    )
    shown = documents(sample_entry(attachments=(speech,), image=None))

    assert texts(shown["rss"].data, "//enclosure") == []
    assert texts(shown["atom"].data, "//atom:entry/atom:link/@rel") == ["alternate", "enclosure"]


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_picture_is_given_in_each_form_that_readers_know(form: str) -> None:
    """Beside an enclosure it is `media:content`; alone it is the enclosure."""
    beside = documents(sample_entry())[form].data
    alone = documents(sample_entry(attachments=()))[form].data
    picture = "https://news.example.org/media/5f2c-harbour.jpg"

    assert texts(beside, "//media:content/@url") == [picture]
    assert texts(beside, "//media:content/media:title") == [
        'The harbour, called "the <old> port" & closed'
    ]
    assert texts(alone, "//media:content/@url") == []
    assert texts(alone, "//enclosure/@url | //atom:link[@rel='enclosure']/@href") == [picture]
    assert texts(alone, "//media:thumbnail/@url") == [picture]


@pytest.mark.parametrize(
    ("event", "start", "end"),
    [
        (
            Span(start=date(2008, 10, 1), end=date(2008, 10, 31), precision="month"),
            "2008-10-01",
            "2008-10-31",
        ),
        (
            Span(
                start=datetime(2008, 11, 30, 10, tzinfo=ZoneInfo("Africa/Cairo")),
                end=datetime(2008, 11, 30, 12, 30, tzinfo=ZoneInfo("Africa/Cairo")),
                precision="minute",
            ),
            "2008-11-30T08:00:00Z",
            "2008-11-30T10:30:00Z",
        ),
    ],
)
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_an_event_has_its_time_and_place(form: str, event: Span, start: str, end: str) -> None:
    """Days stay days, and times are in UTC."""
    data = documents(sample_entry(event=event, place="Cairo & Giza"))[form].data

    assert texts(data, "//ev:startdate | //ev:enddate") == [start, end]
    assert texts(data, "//ev:location") == ["Cairo & Giza"]


def test_times_are_whole_seconds_in_utc() -> None:
    """Some readers misread fractions of a second."""
    entry = sample_entry(published=datetime(2008, 10, 20, 9, 30, 0, 999_999, tzinfo=UTC))
    shown = documents(entry)

    assert texts(shown["atom"].data, "//atom:published") == ["2008-10-20T09:30:00Z"]
    assert texts(shown["rss"].data, "//item/pubDate") == ["Mon, 20 Oct 2008 09:30:00 GMT"]


def test_json_has_the_time_of_a_change() -> None:
    """It has both times, which differ."""
    (item,) = json.loads(documents(sample_entry())["json"].data)["items"]

    assert (item["date_published"], item["date_modified"]) == (
        "2008-10-20T09:30:00Z",
        "2008-10-21T14:00:00Z",
    )


def test_an_archive_names_no_hub() -> None:
    """Hubs are not notified of archives, which change only by corrections."""
    shown = documents(edition=sample_edition(archive=1))

    assert json.loads(shown["json"].data).get("hubs", []) == []
    for form in ("rss", "atom"):
        assert b'rel="hub"' not in shown[form].data
