"""A feed format is a row of one table and a module."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import feedparser
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.documents.compression import ENDINGS
from dateline.model.formats import FORMATS, MEDIA_TYPES, RESERVED
from dateline.render.feeds import renderer
from dateline.render.feeds.common import FeedView
from support import worked_example
from support.paths import ROOT
from support.publication import CONFIG, Newsroom
from support.samples import documents, sample_edition, sample_entry, sample_feed, sample_publication
from support.serving import free_port, running, until

TYPE = "application/rdf+xml"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_row_names_a_function_that_renders(name: str) -> None:
    """It turns a feed into bytes."""
    view = FeedView.of(sample_publication(), sample_edition(), page="")

    assert isinstance(renderer(name)(view), bytes)


def test_extensions_of_formats_are_unique() -> None:
    """No format has the extension of a page, a calendar, a list or a coded form."""
    assert set(FORMATS) & RESERVED == set()
    assert {ending[1:] for ending in ENDINGS.values()} <= RESERVED


def test_the_doctor_recognises_each_format_by_its_root() -> None:
    """No two XML formats have the same root element."""
    roots = [row.root for row in FORMATS.values() if row.root]

    assert len(roots) == len(set(roots))


def test_a_format_without_archives_has_only_its_subscription_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Archives are in the other formats, and this one does not link to them."""
    row = dataclasses.replace(FORMATS["json"], name="short", has_archives=False)
    monkeypatch.setitem(FORMATS, "short", row)
    monkeypatch.setitem(MEDIA_TYPES, "short", row.media_type)
    feed = sample_feed(formats=("rss", "short"))

    archive = sample_edition(feed=feed, archive=1, following=2)
    subscription = documents(edition=sample_edition(feed=feed, previous=2))

    assert archive.paths == (f"archive/{feed.name}/1.rss",)
    assert set(documents(edition=archive)) == {"rss"}
    assert "prev-archive" in subscription["rss"].links
    assert "prev-archive" not in subscription["short"].links


@pytest.mark.long
def test_the_worked_example_adds_a_format(newsroom: Newsroom) -> None:
    """A publication publishes it, serves it with its type, and names it on its page and in OPML."""
    tree = newsroom.folder / "tree"
    _copy_program(tree)
    publisher = str(tree / "publisher.py")
    (newsroom.folder / "config.toml").write_text(
        CONFIG.replace('"Everything"', '"Everything"\nformats = ["rdf", "rss", "json"]')
    )
    newsroom.drop("a.toml")
    port = free_port()
    command = [sys.executable, publisher, "serve", "--port", f"{port}", "--config", "config.toml"]
    variables = {**os.environ, "PYTHONPATH": str(tree)}

    with running(command, port, newsroom.folder, variables) as served:
        # Until the manifest is there, the file is answered as it lies in the folder.
        assert until(lambda: "link" in served.get("news.rdf").headers), served.printed()
        feed, page, opml = (served.get(path) for path in ("news.rdf", "", "feeds.opml"))
        guessed = served.get("index.rdf")
        doctor = subprocess.run(
            [sys.executable, publisher, "doctor", f"{served.url}news.rdf"],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    read = feedparser.parse(feed.content)
    assert feed.headers["content-type"] == f"{TYPE}; charset=utf-8"
    assert '<http://127.0.0.1:8000/news.rss>; type="application/rss+xml"' in feed.headers["link"]
    assert (read.version, read.bozo) == ("rss10", False)
    assert [entry.title for entry in read.entries] == ["Report on Lebanon"]
    assert f'<link rel="alternate" type="{TYPE}"' in page.text
    assert f'<a type="{TYPE}" href="./news.rdf">RSS 1.0</a>' in page.text
    outline = etree.fromstring(opml.content).find("body/outline")
    assert outline.get("xmlUrl").endswith("/news.rdf")
    assert outline.get("version") == "RSS1"
    assert guessed.headers["location"] == "news.rdf"
    assert f"It is {TYPE}; charset=utf-8." in doctor


def _copy_program(tree: Path) -> None:
    """Copy the program, with the change of the worked example applied."""
    hidden = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dateline", tree / "dateline", ignore=hidden)
    shutil.copy(ROOT / "publisher.py", tree)
    worked_example.apply("Add a format", tree)


def test_an_entry_is_one_item_in_all_feeds_of_a_language() -> None:
    """Its texts are chosen once, and found again by the item."""
    publication, entry = sample_publication(), sample_entry()
    feeds = (sample_edition(entry), sample_edition(entry, feed=sample_feed(name="other")))

    (one,), (other,) = (FeedView.of(publication, feed, page="").items for feed in feeds)

    assert one is other
