"""Independent readers find the content of the entries in every feed.

Each driver in `readers/` prints what one reader parsed: of each feed file one JSON list,
in which every item has the keys that this reader exposes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import html5lib
import pytest

from dateline.model import AggregatorSettings, Entry
from dateline.render import full_text, render
from outside.programs import BROUGHT, output
from outside.shipped import ENTRIES as SHIPPED_ENTRIES
from outside.shipped import FEEDS, publish
from support.samples import (
    PUBLISHED,
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_feed,
    sample_publication,
)

pytestmark = pytest.mark.outside

DRIVERS = Path(__file__).parent / "readers"
JARS = ":".join(
    f"/usr/share/java/{name}.jar"
    for name in ("rome", "rome-utils", "jdom2", "slf4j-api", "slf4j-nop")
)
COMMANDS = {
    "elfeed": ("emacs", "--batch", "--script", "elfeed.el"),
    "feedme": ("node", "feedme.mjs"),
    "feedparser": ("node", "feedparser.mjs"),
    "feedsmith": ("node", "feedsmith.mjs"),
    "gnome-feeds": ("/usr/bin/python3", "gnome-feeds.py"),
    "gofeed": ("go", "run", "gofeed.go"),
    "gpodder": ("/usr/bin/python3", "gpodder.py"),
    "miniflux": (sys.executable, "miniflux.py"),
    "newsboat": (sys.executable, "newsboat.py"),
    "rome": ("java", "-cp", JARS, "Rome.java"),
    "rss-parser": ("node", "rss-parser.mjs"),
    "ruby": ("ruby", "ruby.rb"),
    "sfeed": (sys.executable, "sfeed.py"),
    # PHP's own function fails on the arguments of Debian's SimplePie.
    "simplepie": ("php", "-d", "disable_functions=idn_to_utf8", "simplepie.php"),
}
READ_JSON = ("feedme", "feedsmith", "gofeed", "miniflux")
CASES = [
    (reader, form)
    for reader in COMMANDS
    for form in ("rss", "atom", "json")
    if form != "json" or reader in READ_JSON
]
ENVIRONMENT = os.environ | {
    "GO111MODULE": "off",
    "GOCACHE": str(BROUGHT / "go"),
    "GOPATH": "/usr/share/gocode",
    "LANG": "C.UTF-8",
}
CARRIED_OVER = "https://www.example.org/old?a=1&b=2"
ENTRIES = (
    sample_entry_in_arabic(),
    sample_entry_plain(),
    sample_entry(),
    sample_entry(
        id=CARRIED_OVER,
        link=CARRIED_OVER,
        sequence=4,
        slug="2008/carried-over",
        published=PUBLISHED - timedelta(days=1),
        title="Crème brûlée 🚢 & ‘quotes’",
        attachments=(),
        corrections=(),
    ),
)

Item = dict[str, Any]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one feed that uses every field, in each format."""
    folder = tmp_path_factory.mktemp("sample")
    for document in render(sample_publication(), sample_edition(*ENTRIES)):
        (folder / document.path).write_bytes(document.data)
    return folder


@pytest.fixture(scope="session")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the same feed, which has all that aggregators alone read."""
    folder = tmp_path_factory.mktemp("addressed")
    settings = AggregatorSettings(
        feedly_logo="https://news.example.org/logo.svg",
        feedly_related=True,
        feedly_analytics="UA-1-1",
        smartnews_logo="https://news.example.org/smart.png",
        smartnews_dark_logo="https://news.example.org/dark.png",
        smartnews_analytics="<p>Counted &amp; read</p>",
    )
    feed = sample_feed(aggregators=("feedly", "msn", "smartnews"))
    publication = sample_publication(aggregators=settings)
    for document in render(publication, sample_edition(*ENTRIES, feed=feed)):
        (folder / document.path).write_bytes(document.data)
    return folder


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of documents that `config.toml` and `entries/` of this repository give."""
    return publish(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="session")
def found_by(
    sample: Path, addressed: Path, shipped: Path
) -> Callable[[str], Mapping[Path, list[Item]]]:
    """Return a function that returns a reader's items of each feed; each reader runs once."""

    @cache
    def found(reader: str) -> Mapping[Path, list[Item]]:
        forms = [form for name, form in CASES if name == reader]
        feeds = [folder / f"news.{form}" for folder in (sample, addressed) for form in forms]
        feeds += [shipped / f"{name}.{form}" for form in forms for name in FEEDS]
        return dict(zip(feeds, read(reader, feeds), strict=True))

    return found


@pytest.mark.parametrize(("reader", "form"), CASES)
def test_a_reader_finds_the_values_of_the_entries(
    reader: str, form: str, sample: Path, found_by: Callable[[str], Mapping[Path, list[Item]]]
) -> None:
    """In every key that the reader exposes, in the feed's order."""
    found = found_by(reader)[sample / f"news.{form}"]

    faults = differences([expected_item(entry, reader, form) for entry in ENTRIES], found)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("reader", "form"), [case for case in CASES if case[1] != "json"])
def test_what_aggregators_alone_read_harms_no_reader(
    reader: str,
    form: str,
    sample: Path,
    addressed: Path,
    found_by: Callable[[str], Mapping[Path, list[Item]]],
) -> None:
    """It finds the same in a feed that names them all."""
    found = found_by(reader)

    assert found[addressed / f"news.{form}"] == found[sample / f"news.{form}"]


@pytest.mark.parametrize(("reader", "form"), CASES)
def test_a_reader_agrees_on_every_shipped_feed(
    reader: str, form: str, shipped: Path, found_by: Callable[[str], Mapping[Path, list[Item]]]
) -> None:
    """In all formats all readers find what Python finds in the JSON."""
    feeds = [shipped / f"{name}.{form}" for name in FEEDS]

    found = [found_by(reader)[feed] for feed in feeds]

    meant = [items_in_json(feed.with_suffix(".json")) for feed in feeds]
    faults = [*chain.from_iterable(map(differences, meant, found))]
    assert not faults, "\n".join(faults)


def test_every_shipped_entry_is_in_a_feed_with_the_values_of_its_file(shipped: Path) -> None:
    """Title and link are equal, and the day is that in Vienna."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in SHIPPED_ENTRIES.glob("*.toml")]

    items = [item for name in FEEDS for item in items_in_json(shipped / f"{name}.json")]

    assert {(file["title"], file["link"], file["date"].isoformat()) for file in files} == {
        (item["title"], item["link"], day_in_vienna(item["published"])) for item in items
    }
    assert len(files) == len({item["id"] for item in items})


def read(reader: str, feeds: list[Path]) -> list[list[Item]]:
    """Return a reader's items of each of these feeds."""
    lines = output([*COMMANDS[reader], *feeds], folder=DRIVERS, environment=ENVIRONMENT)
    found = [json.loads(line) for line in lines.splitlines()]
    assert len(feeds) == len(found)
    return found


def expected_item(entry: Entry, reader: str, form: str) -> Item:
    """Return the expected item of an entry."""
    story, publication = entry.story, sample_publication()
    # In JSON a picture is the item's `image`, never an attachment.
    pictures = (story.image,) if story.image and form != "json" else ()
    files = (*story.attachments[:1], *pictures)
    # newsboat keeps the last file only, and `media:content` is one to it. In RSS that stands
    # after the enclosure, since node-feedparser and gPodder take the first.
    takes_last = reader == "newsboat" and form == "rss"
    file = files[-1 if takes_last else 0] if files else None
    return {
        "id": entry.id,
        "title": story.title,
        "link": story.link or f"{publication.url}{entry.slug}.html",
        "published": stamp(entry.published),
        "updated": stamp(entry.updated),
        "author": ", ".join(story.authors or (publication.author,)),
        "categories": list(story.categories),
        "enclosure": file
        and {"url": file.url, "length": str(file.length), "type": file.media_type},
        "text": full_text(entry),
    }


def items_in_json(feed: Path) -> list[Item]:
    """Return the items of a JSON feed by Python's own parser, without files."""
    return [
        {
            "id": item["id"],
            "title": item["title"],
            "link": item["url"],
            "published": item["date_published"],
            "updated": item["date_modified"],
            "author": item["author"]["name"],
            "categories": item.get("tags", []),
            "enclosure": None,
            "text": item["content_html"],
        }
        for item in json.loads(feed.read_bytes())["items"]
    ]


def differences(meant: list[Item], found: list[Item]) -> list[str]:
    """Return the differences from the expected items, in the keys that a reader exposes."""
    assert [item["title"] for item in meant] == [item["title"] for item in found]
    return [
        f"{ours['title']}: {key} is {comparable(theirs)[key]!r}, not {shown[key]!r}"
        for ours, theirs in zip(meant, found, strict=True)
        for shown in [shown_by(theirs, ours)]
        for key in theirs
        if comparable(theirs)[key] != shown[key]
    ]


def shown_by(item: Item, meant: Item) -> Item:
    """Keep of one expected item, and of its file, the keys that a reader exposes."""
    digest = hashlib.sha256(meant["id"].encode()).hexdigest()
    ours = comparable(meant | {"digest": digest, "words": meant["text"]})
    kept: Item = {key: ours[key] for key in item}
    if item.get("enclosure") and kept["enclosure"]:
        kept["enclosure"] = {key: kept["enclosure"][key] for key in item["enclosure"]}
    return kept


def comparable(item: Item) -> Item:
    """Normalise an item so that equal content compares equal."""
    forms: dict[str, Callable[[Any], Any]] = {
        "text": canonical,
        "words": words,
        "categories": sorted,
    }
    return {key: forms[key](value) if key in forms else value for key, value in item.items()}


def canonical(text: str) -> str:
    """Return an HTML fragment in one form, since readers rewrite it."""
    tree = html5lib.parseFragment(text)
    written = html5lib.serialize(
        tree, alphabetical_attributes=True, omit_optional_tags=False, quote_attr_values="always"
    )
    return spaced(written)


def words(text: str) -> str:
    """Return the visible text of an HTML fragment."""
    return spaced("".join(html5lib.parseFragment(text).itertext()))


def spaced(text: str) -> str:
    """Return a text with one space for any white space."""
    return re.sub(r"\s+", " ", text).strip()


def day_in_vienna(moment: str) -> str:
    """Return the day in the site's zone of a moment in UTC."""
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo('Europe/Vienna')):%Y-%m-%d}"


def stamp(moment: datetime) -> str:
    """Return a moment in RFC 3339, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
