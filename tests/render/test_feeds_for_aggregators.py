"""A feed that names aggregators has what these alone read, and other feeds stay as they are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.model import AggregatorSettings, Entry, Feed, Publication
from dateline.render.feeds import rss_atom
from dateline.render.feeds.common import FeedView
from dateline.render.feeds.patterns import filled, shape_of
from support.reading import ATOM_SCHEMA
from support.samples import (
    documents,
    sample_edition,
    sample_entry,
    sample_entry_plain,
    sample_feed,
    sample_picture,
    sample_publication,
)

WEBFEEDS = "{http://webfeeds.org/rss/1.0}"
SMARTNEWS = "{http://www.smartnews.be/snf}"
DCTERMS = "{http://purl.org/dc/terms/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
COUNTER = '<img src="https://stats.example.org/?a=1&b=2" alt="">'
SETTINGS = AggregatorSettings(
    feedly_logo="https://news.example.org/logo.svg",
    feedly_related=True,
    feedly_analytics="UA-1-1",
    smartnews_logo="https://news.example.org/smart.png",
    smartnews_dark_logo="https://news.example.org/dark.png",
    smartnews_analytics=COUNTER,
)
ALL: Feed = sample_feed(aggregators=("feedly", "msn", "smartnews"), media="all")
FORMS = ("rss", "atom")


def told() -> Publication:
    """Return a publication that has all settings of aggregators."""
    return sample_publication(aggregators=SETTINGS)


def made(form: str, feed: Feed, *entries: Entry, archive: int = 0) -> bytes:
    """Return a document of a feed of the publication that has all settings."""
    edition = sample_edition(*entries, feed=feed, archive=archive)
    return documents(publication=told(), edition=edition)[form].data


def elements(data: bytes, name: str) -> list[tuple[str | None, dict[str, str]]]:
    """Return text and attributes of each element of this name."""
    return [(one.text, dict(one.attrib)) for one in etree.fromstring(data).iter(name)]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_that_names_no_aggregator_is_as_it_was(form: str) -> None:
    """Whatever the publication has for them."""
    assert made(form, sample_feed()) == documents()[form].data


@pytest.mark.parametrize("form", FORMS)
def test_feedly_reads_a_logo_and_what_it_should_do(form: str) -> None:
    """The wide logo, cards of related stories, and an account for figures."""
    data = made(form, sample_feed(aggregators=("feedly",)))

    assert elements(data, f"{WEBFEEDS}logo") == [(SETTINGS.feedly_logo, {})]
    assert elements(data, f"{WEBFEEDS}related") == [(None, {"layout": "card", "target": "browser"})]
    assert elements(data, f"{WEBFEEDS}analytics") == [
        (None, {"id": "UA-1-1", "engine": "GoogleAnalytics"})
    ]
    assert b"smartnews" not in data


@pytest.mark.parametrize("form", FORMS)
def test_smartnews_reads_logos_and_a_counter(form: str) -> None:
    """`snf:logo/url` of the feed, and `snf:analytics` of each item."""
    data = made(form, sample_feed(aggregators=("smartnews",)))
    root = etree.fromstring(data)
    logos = {
        one.tag.removeprefix(SMARTNEWS): [child.text for child in one]
        for name in ("logo", "darkModeLogo")
        for one in root.iter(f"{SMARTNEWS}{name}")
    }

    assert logos == {
        "logo": [SETTINGS.smartnews_logo],
        "darkModeLogo": [SETTINGS.smartnews_dark_logo],
    }
    assert elements(data, f"{SMARTNEWS}analytics") == [(COUNTER, {})] * 3


def test_msn_reads_the_date_of_a_change_in_rss() -> None:
    """In Atom it is `updated`."""
    feed = sample_feed(aggregators=("msn",))
    entry = sample_entry()

    assert elements(made("rss", feed, entry), f"{DCTERMS}modified") == [
        ("2008-10-21T14:00:00Z", {})
    ]
    assert elements(made("atom", feed, entry), f"{DCTERMS}modified") == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("entry", [sample_entry(), sample_entry_plain()], ids=["full", "plain"])
def test_msn_reads_when_an_entry_ends(form: str, entry: Entry) -> None:
    """Otherwise it would show the entry for a year."""
    ends = datetime(2008, 12, 24, 12, 0, tzinfo=UTC)
    passing = replace(entry, story=replace(entry.story, expires=ends))
    feed = sample_feed(aggregators=("msn",))
    (found,) = elements(made(form, feed, passing), f"{DCTERMS}valid")

    assert found[0] is not None
    assert found[0].endswith("Z; end=2008-12-24T12:00:00Z; scheme=W3C-DTF")
    assert elements(made(form, feed, replace(entry, story=replace(entry.story, expires=None))),
                    f"{DCTERMS}valid") == []  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_media_rss_has_every_file_if_asked_for(form: str) -> None:
    """The picture although it is the enclosure, and each attachment with what is known of it."""
    story = sample_entry().story
    here, elsewhere = story.attachments
    titled = replace(here, title="Annex & map", language="ar")
    shown = sample_picture(url="https://news.example.org/media/in-text.png", media_type="image/png")
    entry = sample_entry(attachments=(titled, elsewhere), inline=(here, shown, sample_picture()))
    alone = sample_entry(attachments=())
    data = made(form, sample_feed(media="all"), entry)
    contents = [*etree.fromstring(data).iter(f"{MEDIA}content")]
    usual = made(form, sample_feed(), alone)

    assert [one.get("url") for one in contents] == [
        sample_picture().url, here.url, elsewhere.url, shown.url
    ]  # fmt: skip
    assert contents[1].get("fileSize") == str(here.length)
    assert contents[1].get("medium") == "document"
    assert contents[1].get("lang") == "ar"
    assert [child.text for child in contents[1]] == ["Annex & map"]
    assert "fileSize" not in contents[2].attrib
    assert contents[3].get("medium") == "image"
    assert contents[3].get("width") == str(shown.width)
    assert elements(usual, f"{MEDIA}content") == []
    assert len(elements(made(form, sample_feed(media="all"), alone), f"{MEDIA}content")) == 1


@pytest.mark.parametrize("form", FORMS)
def test_prefixes_are_declared_once(form: str) -> None:
    """At the root: some readers know elements by their prefix."""
    data = made(form, ALL, sample_entry(), sample_entry_plain())

    for prefix in ("snf", "webfeeds", "media", "dcterms"):
        assert len(re.findall(rb"xmlns:" + prefix.encode(), data)) == 1
    assert b"ns0" not in data
    if form == "atom":
        ATOM_SCHEMA.assertValid(etree.fromstring(data))


@pytest.mark.parametrize("form", FORMS)
def test_archives_have_nothing_for_aggregators(form: str) -> None:
    """Only subscription documents are read by them; all files stay in Media RSS."""
    plain = sample_feed(media="all")

    assert made(form, ALL, archive=1) == made(form, plain, archive=1)


def test_an_item_for_aggregators_by_a_pattern_is_as_feedgen_writes_it() -> None:
    """Its bytes are the same, and differ from those of another feed."""
    edition = sample_edition(sample_entry_plain(), feed=ALL)
    (item,) = FeedView.of(told(), edition, page="").items
    (usual,) = FeedView.of(told(), sample_edition(sample_entry_plain()), page="").items
    shape = shape_of(item)

    assert shape is not None
    assert filled(item, rss_atom.patterns(shape)) == rss_atom.written(item)
    assert rss_atom.written(item) != rss_atom.written(usual)
