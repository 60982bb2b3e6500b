"""Do readers that nobody here wrote find in every feed what the entries say?

Each driver in `readers/` prints what one reader understood, one JSON object an entry, with
the keys that this reader exposes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import html5lib
import pytest
from samples import (
    PUBLISHED,
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_publication,
)

from dateline.model import Entry
from dateline.render import full_text, render

pytestmark = pytest.mark.outside

DRIVERS = Path(__file__).parent / "readers"
CACHE = Path(__file__).parents[2] / ".cache/outside"
JARS = ":".join(
    f"/usr/share/java/{name}.jar"
    for name in ("rome", "rome-utils", "jdom2", "slf4j-api", "slf4j-nop")
)
COMMANDS = {
    "feedsmith": ("node", "feedsmith.mjs"),
    "gofeed": ("go", "run", "gofeed.go"),
    "newsboat": (sys.executable, "newsboat.py"),
    "rome": ("java", "-cp", JARS, "Rome.java"),
    "rss-parser": ("node", "rss-parser.mjs"),
    "sfeed": (sys.executable, "sfeed.py"),
    # PHP's own function dies of what Debian's SimplePie hands it.
    "simplepie": ("php", "-d", "disable_functions=idn_to_utf8", "simplepie.php"),
}
READ_JSON = ("feedsmith", "gofeed")
CASES = [
    (reader, form)
    for reader in COMMANDS
    for form in ("rss", "atom", "json")
    if form != "json" or reader in READ_JSON
]
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


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one feed in each format."""
    folder = tmp_path_factory.mktemp("feeds")
    for document in render(sample_publication(), sample_edition(*ENTRIES)):
        (folder / document.path).write_bytes(document.data)
    return folder


@pytest.mark.parametrize(("reader", "form"), CASES)
def test_a_reader_understands_what_was_meant(reader: str, form: str, feeds: Path) -> None:
    """Every key that the reader exposes has the entry's own value, in the feed's order."""
    found = read(reader, feeds / f"news.{form}")

    assert len(ENTRIES) == len(found)
    for entry, item in zip(ENTRIES, found, strict=True):
        expected = shown_by(item, expected_item(entry, form))
        assert expected == {**item, "text": canonical(str(item["text"]))}


def read(reader: str, feed: Path) -> list[dict[str, object]]:
    """Give what a reader finds in a feed; where it is missing, say how to bring it."""
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOCACHE": str(CACHE / "go"),
        "GOPATH": "/usr/share/gocode",
    }
    try:
        done = subprocess.run(
            [*COMMANDS[reader], feed],
            cwd=DRIVERS,
            env=environment,
            stdout=subprocess.PIPE,
            timeout=120,
            check=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.fail(f"{reader} could not read; tests/outside/install brings it: {error}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected_item(entry: Entry, form: str) -> dict[str, object]:
    """Give what any reader should find of an entry."""
    story, publication = entry.story, sample_publication()
    # In JSON a picture is the item's `image`, never an attachment.
    pictures = (story.image,) if story.image and form != "json" else ()
    file = next(iter((*story.attachments, *pictures)), None)
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
        "text": canonical(full_text(entry)),
    }


def shown_by(item: dict[str, object], expected: dict[str, object]) -> dict[str, object]:
    """Keep of `expected` the keys that a reader exposes, those of the enclosure, too."""
    kept = {key: expected[key] for key in item}
    theirs, ours = item.get("enclosure"), expected["enclosure"]
    if isinstance(theirs, dict) and isinstance(ours, dict):
        kept["enclosure"] = {key: ours[key] for key in theirs}
    return kept


def canonical(text: str) -> str:
    """Give an HTML fragment so that two that say the same are equal: readers write it anew."""
    tree = html5lib.parseFragment(text)
    written = html5lib.serialize(
        tree, alphabetical_attributes=True, omit_optional_tags=False, quote_attr_values="always"
    )
    return re.sub(r"\s+", " ", written).strip()


def stamp(moment: datetime) -> str:
    """Give a moment as RFC 3339 has it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
