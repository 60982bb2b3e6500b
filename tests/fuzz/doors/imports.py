"""Sources of `import`: whatever one holds, an entry or a question comes of it.

The first byte chooses: a file as it is (a feed in XML or JSON, an export, a saved page), or a page
of Jekyll's, whose settings stand before a line of percent signs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateline import config as configuration
from dateline.config import Config
from dateline.entries import scan
from dateline.entries.reader import EntryReader
from dateline.errors import FetchError, State
from dateline.importing import sources
from dateline.importing.existing import ExistingEntries
from dateline.importing.fetch import SourceFetcher
from dateline.importing.items import ImportSource
from dateline.importing.media import MediaImporter
from dateline.importing.sources import ImportRequest
from dateline.importing.write import ImportOutcome, import_items
from dateline.system import http
from fuzz.folders import temporary
from fuzz.inputs import pieces
from importing.test_importing import ITEM, RSS
from importing.test_long_texts import PARTS
from support.attacks import attacks, whole
from support.exporting import Post, export, feed
from support.harmless import harms
from support.publication import PUBLICATION

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
MINUTES = 30 * 60 * 10**9  # nanoseconds
APART = b"\n%%%%\n"
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "a", "items": [{"id": "1",
"url": "https://old.example.org/1", "title": "One", "content_html": "<p>Text</p>",
"date_published": "2025-03-06T14:00:07Z", "tags": ["a"], "attachments": [{"url": "a.pdf"}]}]}"""
PAGE = (
    b"<html><ul><li>3 May 2025 <a href='/one'>One</a></li><li>4/5/2025 Two</li></ul><h2>2024</h2>"
)
WORDS = pieces("imports", *PARTS)


def seeds() -> Iterator[bytes]:
    """Yield a source of each kind, and what an enemy makes of it."""
    item = ITEM.format(title="One", id="n1", date="2025-03-04T00:00:00Z", text="<p>Text.</p>")
    yield b"\0" + RSS.format(items=item, links="").encode()
    posts = [Post(number=1, title="One", moment=NOW, text="<p>Text</p>")]
    yield b"\0" + export(posts)
    yield b"\0" + feed(posts)
    yield b"\0" + JSON
    yield b"\0" + PAGE
    for attack in attacks("feeds"):
        yield b"\0" + whole(str(attack["source"])).encode()[:20_000]
    for attack in attacks("sites"):
        files = {name: whole(text).encode()[:9_000] for name, text in attack["files"].items()}
        settings, *pages = files.values()
        yield from (b"\1" + settings + APART + page for page in pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline(SourceFetcher):
    """Reads files alone: an address that a source names is not asked for."""

    def _get(self, address: str, **options: Any) -> http.Reply:
        raise FetchError(f"{address} is not asked for ({len(options)})")


@cache
def publication() -> Config:
    """Return the configuration of an empty publication."""
    folder = temporary("imports")
    (folder / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    return configuration.load(folder / "config.toml")


def tried(data: bytes) -> None:
    """Import it, and read the entries that come of it as a run does."""
    done = fed(data)
    if done is None:
        return
    found, outcome = done
    accounted = outcome.known + outcome.unanswered + outcome.empty + len(outcome.written)
    assert accounted >= min(1, len(found.items))
    for path in outcome.written:
        check_entry(publication(), path, is_held=path in outcome.held)


def fed(data: bytes) -> tuple[ImportSource, ImportOutcome] | None:
    """Import it; return what was found and written, or None if it is no source."""
    config = publication()
    shutil.rmtree(config.entries, ignore_errors=True)
    config.entries.mkdir()
    request = ImportRequest(
        fetcher=Offline(), now=NOW, zone=ZoneInfo("Europe/Vienna"), language="en",
        site="https://old.example.org/",
    )  # fmt: skip
    try:
        found = sources.read(str(laid(data)), request, lambda _: None)
    except FetchError:
        return None
    outcome = import_items(
        found,
        config,
        ExistingEntries(zone=config.publication.zone, files={}),
        MediaImporter(entries=config.entries, fetcher=request.fetcher, is_trial=False),
        folder="",
        now=NOW,
        on_item=lambda: None,
    )
    return found, outcome


def laid(data: bytes) -> Path:
    """Write the source, and return where it is."""
    way, rest = data[0] % 2 if data else 0, data[1:]
    folder = temporary("source")
    if not way:
        (folder / "source.xml").write_bytes(rest)
        return folder / "source.xml"
    settings, _, page = rest.partition(APART)
    (folder / "site/_posts").mkdir(parents=True, exist_ok=True)
    (folder / "site/_config.yml").write_bytes(settings)
    (folder / "site/_posts/2024-05-06-own.md").write_bytes(page or settings)
    return folder / "site"


def check_entry(config: Config, path: str, *, is_held: bool) -> None:
    """Check that an entry is published as it is, or held as the command said, and is harmless."""
    look = scan.scan_all(config.entries)
    clock = look.files[path].changed + MINUTES
    judge = EntryReader(
        folder=config.entries, scan=look, publication=config.publication, now=NOW, clock=clock,
        settled=clock,
    )  # fmt: skip
    one = judge.read(path)
    held = [problem.code for problem in one.problems if problem.state is not State.WARN]
    assert "file-fault" not in held
    assert bool(one.story) or is_held, (path, held)
    if one.story:
        assert harms(one.story.html) == [], one.story.html
