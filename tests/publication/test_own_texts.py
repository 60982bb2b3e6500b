"""The publication's own texts and links are in the language of each page and feed."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from support.publication import PUBLICATION, Newsroom, entry_file

ENGLISH = ("Example news", "What happens at Example", "Example Office", "All rights at Example")
FRENCH = ("Actualités", "La vie du port", "Bureau du port", "Droits du port")
TABLES = """
[publication.links]
about = "https://example.org/about"
contact = "mailto:news@example.org"
privacy = "/privacy.html"

[publication.translations.fr]
title = "Actualités"
description = "La vie du port"
author = "Bureau du port"
rights = "Droits du port"

[publication.translations.fr.links]
about = "https://example.org/fr/a-propos"

[[feed]]
name = "nouvelles"
language = "fr"

[[feed]]
name = "everything"
title = "All languages"
language = "*"
"""
CONFIG = (
    PUBLICATION.replace('author = "Example"', 'author = "Example Office"').replace(
        "time_zone =", 'rights = "All rights at Example"\ntime_zone ='
    )
    + TABLES
)


@pytest.fixture
def port(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom in two languages with an entry in each."""
    (newsroom.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    newsroom.drop("a.toml", entry_file("Harbour", event="2026-12-01"))
    newsroom.drop("b.toml", entry_file("Quai", language='"fr"', event="2026-12-02"))
    newsroom.build()
    return newsroom


def text(room: Newsroom, path: str) -> str:
    """Return a published document, with calendars unfolded."""
    return room.feeds()[path][0].decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    "path",
    [
        "2026/11/quai.html", "nouvelles.html", "subscribe-fr.html", "nouvelles.rss",
        "nouvelles.atom", "nouvelles.json", "nouvelles.ics",
    ],
)  # fmt: skip
def test_a_french_document_has_the_french_texts_alone(path: str, port: Newsroom) -> None:
    """Title, description, author and rights of another language are on no page and in no feed."""
    found = text(port, path)

    assert FRENCH[0] in found
    assert [one for one in ENGLISH if one in found] == []
    assert [one for one in FRENCH if one in text(port, "2026/11/harbour.html")] == []


def test_search_engines_find_the_publisher_in_the_language_of_an_entry(port: Newsroom) -> None:
    """JSON-LD and the sitemap for news name the publication as the page does."""
    linked = re.search(r'"application/ld\+json">(.*?)</script>', text(port, "2026/11/quai.html"))
    names = re.findall(
        "<news:name>(.*?)</news:name><news:language>(..)", text(port, "sitemap-news.xml")
    )

    assert linked
    assert json.loads(linked[1])["publisher"]["name"] == "Bureau du port"
    assert {*names} == {("Example news", "en"), ("Actualités", "fr")}


def test_a_feed_of_all_languages_names_each_author_in_the_language_of_the_entry(
    port: Newsroom,
) -> None:
    """The feed itself has the texts of the publication's own language."""
    feed = json.loads(text(port, "everything.json"))

    authors = {item["title"]: item["authors"][0]["name"] for item in feed["items"]}
    assert authors == {"Harbour": "Example Office", "Quai": "Bureau du port"}
    assert feed["title"] == "All languages – Example news"


def test_the_list_of_feeds_has_each_title_in_its_language(port: Newsroom) -> None:
    """OPML names the publication in its own language, and each feed in the feed's."""
    assert re.findall(r'<outline text="([^"]*)"', text(port, "feeds.opml")) == [
        "Example news", "Actualités", "All languages – Example news",
    ]  # fmt: skip


@pytest.mark.long
def test_a_page_marks_texts_that_are_not_translated(port: Newsroom) -> None:
    """The title on a page in a language without a translation has its language beside it."""
    port.drop("c.toml", entry_file("Порт", language='"ru"'))
    port.build()

    page = next(data.decode() for name, (data, _) in port.feeds().items() if "port." in name)
    assert '<bdi lang="en" dir="ltr">Example news</bdi>' in page
    assert "<bdi>Actualités</bdi>" in text(port, "2026/11/quai.html")


def test_each_page_leads_to_the_pages_about_the_publication(port: Newsroom) -> None:
    """A translation's own links come first; the words are in the page's language."""
    found = {
        path: re.findall(
            r'<li><a href="([^"]*)">(.*?)</a></li>', text(port, path).partition("<footer>")[2]
        )
        for path in ("index.html", "2026/11/quai.html")
    }

    assert found == {
        "index.html": [
            ("https://example.org/about", "About us"),
            ("mailto:news@example.org", "Contact"),
            ("./privacy.html", "Privacy"),
            ("./subscribe.html", "Feeds"),
        ],
        "2026/11/quai.html": [
            ("https://example.org/fr/a-propos", "À propos"),
            ("mailto:news@example.org", "Contact"),
            ("../../privacy.html", "Confidentialité"),
            ("../../subscribe-fr.html", "Flux"),
        ],
    }


@pytest.mark.long
def test_a_changed_translation_changes_no_id_and_no_moment(port: Newsroom) -> None:
    """Readers see the new texts, and nothing counts as new."""
    stamped = re.compile(r"<(id|guid|updated|published|pubDate|lastBuildDate|link)\b[^>]*>[^<]*")
    before = {form: stamped.findall(text(port, f"nouvelles.{form}")) for form in ("atom", "rss")}
    items = port.items("nouvelles")
    path = port.folder / "config.toml"
    path.write_text(CONFIG.replace('"Bureau du port"', '"Port de plaisance"'), encoding="utf-8")

    report = port.build(after=timedelta(days=1))

    after = {form: stamped.findall(text(port, f"nouvelles.{form}")) for form in ("atom", "rss")}
    author = {"name": "Port de plaisance"}
    assert after == before
    assert port.items("nouvelles") == [
        {**one, "authors": [author], "author": author} for one in items
    ]
    assert report.published == report.changed == ()
    assert "nouvelles.json" in report.documents
    assert "news.json" not in report.documents


@pytest.mark.long
def test_changed_links_change_no_feed(port: Newsroom) -> None:
    """Only pages have them."""
    path = port.folder / "config.toml"
    path.write_text(CONFIG.replace("/about", "/about-us"), encoding="utf-8")

    report = port.build()

    assert "index.html" in report.documents
    assert {one.rpartition(".")[2] for one in report.documents} == {"html"}
