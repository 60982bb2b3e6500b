"""Any text that staff or publishers type reaches readers without breaking a feed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import feedparser
import feedparser_rs
import html5lib
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline import config as configuration
from dateline.entries.media.nearby import NearbyFiles
from dateline.entries.normalise import normalise
from dateline.entries.scan import Scan
from dateline.errors import ConfigError, EntryError
from dateline.model import Draft, Edition, Entry, Publication
from dateline.render import full_text, render
from dateline.rules.decide import decide
from dateline.rules.identity.published import LedgerSnapshot
from dateline.text.characters import clean_text
from support.publication import Newsroom, entry_file
from support.reading import ATOM_SCHEMA
from support.reading import texts as found
from support.samples import sample_edition, sample_entry_plain, sample_publication

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
PUBLICATION = {
    "title": "Example",
    "description": "What happens",
    "url": "https://news.example.org/",
    "home": "https://example.org/",
    "language": "en",
    "tag": "example.org,2008",
    "author": "Example office",
    "time_zone": "UTC",
    "rights": "© Example",
    "email": "news@example.org",
}
FEED = {"name": "news", "title": "All news", "description": "Everything"}
# Texts that break feeds: control characters, surrogates, noncharacters, Dateline's own marks,
# combining characters, ends of CDATA, references, unclosed markup.
HARMFUL = [
    "\0", "\1", "\x0b", "\r", "\t", "\n\n", "\x7f", "\x85", "\u2028", "\ud800", "\udfff", "\ufdd0",
    "\ufdd1", "\ufdd2", "\ufffe", "\uffff", "\U0001fffe", "\u0338", "\u202e", "\ufeff", "&", "<",
    ">", '"', "'", "]]>", "&amp;", "&lt;", "&#1;", "&#xFDD0;", "&#xFFFE;", "&#13;", "&nbsp;",
    "%", "%zz", "#", "?utm_source=a&b=c", "[a](b)", "![a](b)", "|a|b|\n|-|-|\n", "<p>", "</p>",
    "<button>", "<table><p>", "<li>", "<h1><section><h2>", "<script>", "<!--", "<![CDATA[",
]  # fmt: skip
SIGNS = ["-", "?", "…", "/", "&", "%", "0", "½", "é", "中", "א", "😀", "\u0301"]
words = st.sampled_from(HARMFUL) | st.text(st.characters(), max_size=5)
texts = st.lists(words, max_size=8).map("".join)
# Fields other than the body are held if they contain markup.
plain = texts.map(lambda text: re.sub(r"[<&](?=[A-Za-z/!#])", r"\g<0> ", text))
titles = st.text(st.characters(), max_size=30).map(lambda text: f"A{text}")
addresses = texts.map(lambda text: f"https://www.example.org/{text}")
drafts = st.fixed_dictionaries(
    {"title": titles, "body": texts},
    optional={
        "summary": plain,
        "categories": st.lists(plain.map(lambda text: text.replace("|", "")), max_size=3),
        "authors": st.lists(plain, max_size=3),
        "editor": texts,
        "language": st.sampled_from(["en", "ar", "zh-Hant", "he"]),
        "translation_of": texts,
        "link": addresses,
        "image": addresses,
        "image_alt": plain,
        "image_caption": plain,
        "image_credit": plain,
        "attachments": st.lists(
            addresses | st.fixed_dictionaries({"file": addresses, "title": plain}), max_size=2
        ),
        "place": plain,
        "correction": plain,
        "id": texts,
    },
)


def published(fields: dict[str, Any]) -> Entry:
    """Return the entry that a file with these fields becomes; discard an example that is held."""
    publication = sample_publication()
    draft = Draft(path="a.toml", fields={"date": date(2026, 11, 24), **fields}, lines={})
    look = Scan(files={})
    files = NearbyFiles(folder=Path(), entry="a.toml", scan=look, url=publication.url, settled=0)
    try:
        story, _ = normalise(draft, publication=publication, files=files, now=NOW)
    except EntryError:
        reject()
    memory = LedgerSnapshot(by_path={}, ids={})
    (entry,) = decide([story], memory, publication=publication, now=NOW).arrived
    return entry


def documents(publication: Publication, edition: Edition) -> tuple[bytes, bytes, dict[str, Any]]:
    """Render a feed as RSS, Atom and parsed JSON; each is well-formed."""
    rss, atom, feed = (document.data for document in render(publication, edition))
    etree.fromstring(rss)
    ATOM_SCHEMA.assertValid(etree.fromstring(atom))
    return rss, atom, json.loads(feed)


def some(text: str) -> list[str]:
    """Return the text in a list if it is not empty."""
    return [text] if text else []


@pytest.mark.long
@given(fields=drafts)
@example(fields={"title": "A", "body": "A bell &#1; a noncharacter &#xFFFE; a mark &#xFDD0;"})
@example(fields={"title": "A", "body": "<p><marquee><p>Markup that went"})
@example(fields={"title": "A", "body": "Text", "id": "5 at https://example.org"})
def test_any_text_in_an_entry_is_in_every_format(fields: dict[str, Any]) -> None:
    """Every format is well-formed and valid, and contains exactly what staff typed."""
    entry = published(fields)
    story, text = entry.story, full_text(entry)
    author = ", ".join(story.authors) or "Harbour Office & Partners"

    rss, atom, _ = documents(sample_publication(), sample_edition(entry))

    html5lib.HTMLParser(strict=True).parseFragment(text)
    assert b"&#13;" not in rss + atom
    assert [story.title] == found(rss, "//item/title") == found(atom, "//atom:entry/atom:title")
    assert [author] == found(rss, "//dc:creator") == found(atom, "//atom:entry//atom:name")
    assert list(story.categories) == found(rss, "//category")
    assert list(story.categories) == found(atom, "//atom:category/@term")
    assert some(story.place) == found(rss, "//ev:location") == found(atom, "//ev:location")
    assert found(rss, "//media:title") == found(atom, "//media:title")
    assert some(story.summary) == found(atom, "//atom:summary")
    assert [text] == found(atom, "//atom:content")
    assert text in found(rss, "//item/description | //content:encoded")


@pytest.mark.long
@given(fields=drafts)
def test_any_text_in_an_entry_is_unchanged_in_json(fields: dict[str, Any]) -> None:
    """JSON contains exactly what staff typed."""
    entry = published(fields)

    _, _, feed = documents(sample_publication(), sample_edition(entry))

    (item,) = feed["items"]
    assert item["id"] == entry.id
    assert item["title"] == entry.story.title
    assert item["content_html"] == full_text(entry)
    assert item.get("summary", "") == entry.story.summary
    assert tuple(item.get("tags", ())) == entry.story.categories


@pytest.mark.long
@given(fields=drafts)
def test_parsers_agree_on_the_id_and_the_title_of_any_entry(fields: dict[str, Any]) -> None:
    """Two independent parsers find the same id and title in RSS and Atom."""
    entry = published(fields)

    rss, atom, _ = documents(sample_publication(), sample_edition(entry))

    for data, path in ((rss, "//guid"), (atom, "//atom:entry/atom:id")):
        wanted = (*found(data, path), entry.story.title)
        assert tuple(map(as_feedparser_reads, wanted)) == read(feedparser.parse, data)
        assert wanted == read(feedparser_rs.parse, data)


@pytest.mark.parametrize("field", ["title", "place", "categories", "authors", "summary"])
def test_no_sign_alone_in_a_field_stops_publishing(newsroom: Newsroom, field: str) -> None:
    """Staff type a `-` or a `?` where they know nothing yet."""
    for number, sign in enumerate(SIGNS):
        text = f'["{sign}"]' if field in {"categories", "authors"} else f'"{sign}"'
        own = {"event": "2026-12-01", field: text, "body": f'"Text {number} of these."'}
        title = sign if own.pop("title", "") else f"News {number}"
        newsroom.drop(f"{number}.toml", entry_file(title, **own))

    report = newsroom.build()

    assert {*report.published, *(one.file for one in report.problems)} == {
        f"{number}.toml" for number in range(len(SIGNS))
    }


def read(parse: Callable[..., Any], data: bytes) -> tuple[str, str]:
    """Return what a parser takes for the id and the title of the only entry."""
    (entry,) = parse(data, sanitize_html=False, resolve_relative_uris=False).entries
    return entry.id, entry.title


def as_feedparser_reads(text: str) -> str:
    """Return a text as feedparser shows it, which decodes apparent mojibake."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def configured(table: str, key: str, text: str) -> configuration.Config:
    """Parse a configuration with `text` at one key, escaped for TOML."""
    tables = {"publication": PUBLICATION, "feed": FEED}
    tables[table] = {**tables[table], key: text}
    lines = [
        line
        for head, values in (("[publication]", "publication"), ("[[feed]]", "feed"))
        for line in (head, *(f"{name} = {quoted(text)}" for name, text in tables[values].items()))
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_text("\n".join(lines), encoding="utf-8")
        return configuration.load(path)


def quoted(text: str) -> str:
    """Write a text in TOML with an escape for each character."""
    return '"' + "".join(f"\\U{ord(sign):08X}" for sign in text) + '"'


@given(
    key=st.sampled_from(
        [
            ("publication", "title"),
            ("publication", "author"),
            ("publication", "rights"),
            ("feed", "description"),
        ]
    ),
    text=titles | texts,
)
@example(key=("publication", "author"), text="\ufdd0")
@example(key=("publication", "title"), text="A\1")
def test_any_text_of_a_publication_is_published_or_refused(key: tuple[str, str], text: str) -> None:
    """The head of a feed has what `config.toml` says; only what no feed can contain is refused."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    can_be_held = line != "" and line == clean_text(line)

    try:
        config = configured(*key, text)
    except ConfigError:
        assert not can_be_held
        return

    assert can_be_held
    publication, feed = config.publication, config.feeds[0]
    edition = Edition(feed=feed, entries=(sample_entry_plain(),), updated=NOW)
    rss, atom, head = documents(publication, edition)
    assert line in (publication.title, publication.author, publication.rights, *head.values())
    title = [publication.title]
    assert title == found(rss, "//channel/title") == found(atom, "/atom:feed/atom:title")
    assert [feed.description] == found(rss, "//channel/description")
    assert [publication.rights] == found(rss, "//copyright") == found(atom, "//atom:rights")
    assert found(atom, "/atom:feed/atom:author/atom:name") == [publication.author]
    assert (head["title"], head["description"]) == (publication.title, feed.description)


@pytest.mark.long
@given(email=st.emails())
@example(email="o'neil&co@example.org")
def test_any_email_address_is_published(email: str) -> None:
    """The feeds have the address exactly as in `config.toml`."""
    publication = configured("publication", "email", email).publication

    rss, atom, _ = documents(publication, sample_edition(sample_entry_plain()))

    assert found(rss, "//managingEditor") == [f"{email} (Example office)"]
    assert found(atom, "//atom:email") == [email]


@pytest.mark.parametrize("email", ["a\1@example.org", "a\ufdd0@example.org", "a b@example.org"])
def test_an_invalid_email_address_is_refused(email: str) -> None:
    """No address can break a feed."""
    with pytest.raises(ConfigError, match=r"publication\.email"):
        configured("publication", "email", email)
