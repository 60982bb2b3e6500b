"""A feed is taken apart into its entries, and put together with those that are new."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.documents import manifest
from dateline.documents.manifest.head import write_head
from dateline.documents.static_copy import whole_bytes
from dateline.hub import content
from dateline.hub.content import LiveFeeds, parts_of
from support.paths import ROOT
from support.publication import Newsroom, entry_file
from support.serving import until

FEEDS = sorted(
    path
    for ending in ("rss", "atom", "json")
    for path in ROOT.glob(f"tests/data/cases/*/feeds/*.{ending}")
)


def ids_of(body: bytes) -> list[str]:
    """Return the ids of the entries in a feed."""
    if body.startswith(b"{"):
        return [one["id"] for one in json.loads(body)["items"]]
    return [one.id for one in feedparser.parse(body).entries]


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: str(path.relative_to(ROOT))[17:])
def test_each_feed_is_taken_apart_and_put_together(path: Path) -> None:
    """Every entry alone gives a document with the same head, that parses."""
    body = path.read_bytes()
    parts = parts_of(body, path.suffix[1:])
    ids = ids_of(body)
    if not ids:
        assert parts is None
        return
    assert parts
    assert parts.joined(parts.entries) == body
    alone = [parts.joined((entry,)) for entry in parts.entries]
    assert [ids_of(one) for one in alone] == [[one] for one in ids]
    if path.suffix == ".json":
        whole = json.loads(body) | {"items": None}
        assert all(json.loads(one) | {"items": None} == whole for one in alone)
    else:
        assert all(len(etree.fromstring(one)) for one in alone)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("rss", b"<rss><channel/></rss>"),
        ("rss", b"<rss><channel><item></channel></rss>"),
        ("rss", b"<rss><channel><item/>\n<title/> <item/></channel></rss>"),
        ("rdf", b"<rdf><channel/><item/></rdf>"),
        ("json", b'{"items": []}'),
        ("json", b'{"items": [\n\n]}\n'),
        ("json", b""),
        ("atom", b"\xff\xfe"),
    ],
)
def test_what_cannot_be_taken_apart_is_sent_whole(form: str, body: bytes) -> None:
    """Also a format of which nothing is known, and a feed in another order than Dateline's."""
    assert parts_of(body, form) is None


def test_an_entry_that_quotes_markup_is_one_entry() -> None:
    """Only elements at their own depth count."""
    body = (
        b"<rss><channel><title>x</title>\n<item><title><![CDATA[</item><item>]]></title>"
        b"<x><item>inner</item></x></item>\n<item><title>b</title></item></channel></rss>"
    )
    parts = parts_of(body, "rss")

    assert parts
    assert [entry.count(b"<title>") for entry in parts.entries] == [1, 1]
    assert parts.entries[1] == b"<item><title>b</title></item>"


# ---- What is live


@pytest.fixture
def live(room: Newsroom) -> LiveFeeds:
    """Return the live feeds of a publication."""
    feeds = LiveFeeds(room.config.feeds_folder)
    assert feeds.has_changed()
    return feeds


def test_the_live_edition_is_the_one_in_the_manifest(room: Newsroom, live: LiveFeeds) -> None:
    """It is read once, and again when it changes."""
    feed = room.config.feeds_folder / "news.rss"
    first = live.live("news.rss")
    assert first
    assert first.body == feed.read_bytes()
    assert first.changed == live.changed("news.rss") == int(feed.stat().st_mtime)
    assert live.live("news.rss") is first
    assert not live.has_changed()

    room.drop("b.toml", entry_file("B"))
    room.build()

    assert live.live("news.rss") is None  # the bytes are there, and the manifest was not read yet
    assert live.has_changed()
    second = live.live("news.rss")
    assert second
    assert second.changed > first.changed
    assert second.body == feed.read_bytes()


def test_what_is_not_in_the_manifest_is_not_live(room: Newsroom, live: LiveFeeds) -> None:
    """Nor a page, nor a file that somebody has changed or deleted."""
    assert live.live("index.html") is None
    assert live.live("other.rss") is None
    feed = room.config.feeds_folder / "news.rss"
    body = feed.read_bytes()
    feed.write_bytes(body.replace(b"Lebanon", b"Nowhere"))
    assert live.live("news.rss") is None
    feed.unlink()
    assert live.payload("news.rss", None) is None
    feed.write_bytes(body)
    assert until(lambda: live.live("news.rss") is not None)
    found = live.live("news.rss")
    assert found
    assert found.body == body


def test_what_is_not_in_the_manifest_is_read_once_a_second(
    room: Newsroom, live: LiveFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many subscribers wait for it; a file that replaces it is read at once."""
    feed = room.config.feeds_folder / "news.rss"
    body, reads = feed.read_bytes(), []

    def read(*words: Any) -> bytes | None:
        reads.append(words)
        return whole_bytes(*words)

    monkeypatch.setattr(content, "whole_bytes", read)
    feed.write_bytes(body[:-1] + b" ")
    assert [live.payload("news.rss", accepted) for accepted in range(100)] == [None] * 100
    assert len(reads) == 1

    new = feed.with_suffix(".new")
    new.write_bytes(body)
    new.replace(feed)
    assert live.payload("news.rss", None)
    assert len(reads) == 2


def test_a_damaged_manifest_changes_nothing(room: Newsroom, live: LiveFeeds) -> None:
    """The publisher writes it again."""
    head = room.config.feeds_folder / manifest.HEAD
    kept = head.read_bytes()
    head.write_bytes(kept[:-9])

    assert not live.has_changed()
    assert live.live("news.rss")


def test_a_feed_that_is_no_more_is_forgotten(room: Newsroom, live: LiveFeeds) -> None:
    """With what was known of its entries."""
    assert live.payload("news.atom", 1)
    head = manifest.read_head(room.config.feeds_folder)
    assert head
    others = {path: one for path, one in head.documents.items() if path != "news.atom"}
    write_head(room.config.feeds_folder, replace(head, documents=others))
    assert live.has_changed()

    assert live.changed("news.atom") is None
    assert live.payload("news.atom", 1) is None


@pytest.mark.long
def test_a_payload_has_what_is_new_since_an_edition(room: Newsroom, live: LiveFeeds) -> None:
    """As long as that edition is remembered, and where it is smaller."""
    editions = []
    for number in range(12):
        room.drop(f"{number}.toml", entry_file(f"Title {number}"))
        room.build()
        assert live.has_changed()
        found = live.live("news.rss")
        assert found
        editions.append(found)
    newest = editions[-1]

    def sent(accepted: int | None) -> bytes:
        payload = live.payload("news.rss", accepted)
        assert payload
        assert payload.edition == newest.changed
        assert live.payload("news.rss", accepted) is payload
        return payload.body

    assert len(ids_of(sent(editions[-2].changed))) == 1
    assert len(ids_of(sent(editions[-5].changed))) == 4
    assert sent(editions[0].changed) == sent(None) == sent(5) == newest.body
    assert sent(newest.changed) == newest.body  # nothing is new: a feed without entries would do
