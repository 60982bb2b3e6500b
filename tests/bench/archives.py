"""Checks that a walk of the archives finds every live entry once, and measures what a change costs.

Fills a ledger with entries, publishes them, then adds late entries, withdraws some and takes some
down; walks from the subscription document to the oldest archive in each format like a reader, and
merges by id. Usage: python -m bench.archives [ENTRIES …]
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.newsroom import CONFIG
from dateline import config as configuration
from dateline import publish
from dateline.config import Config
from dateline.ledger import Ledger
from dateline.model import Original, Span, Story
from dateline.rules.decide import decide
from dateline.rules.guards import Approval
from dateline.rules.identity.published import LedgerSnapshot
from dateline.serve.cache import DocumentCache

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TOMBSTONE = re.compile(rb'deleted-entry ref="([^"]+)"')
IDS = {
    "atom": re.compile(rb"<entry>\s*<id>([^<]+)"),
    "rss": re.compile(rb'<guid isPermaLink="false">([^<]+)'),
}
BEFORE = re.compile(rb'rel="prev-archive"[^>]*href="http://127.0.0.1/([^"]+)"')


def story(number: int, count: int) -> Story:
    """Return one of `count` pieces of news, spread over thirty years."""
    day = date(1995, 1, 1) + timedelta(days=number * 11_000 // count)
    text = f"<p>Case {number} was identified.</p>" + "<p>More of it.</p>" * 20
    return Story(
        path=f"{number:07}.toml",
        title=f"Report {number}",
        date=Span(start=day, end=day, precision="day"),
        html=text,
        summary="",
        language="en",
    )


def fill(config: Config, count: int) -> None:
    """Put `count` entries into the ledger, as a first import would, and create their files."""
    config.entries.mkdir()
    stories = [story(number, count) for number in range(count)]
    nothing = LedgerSnapshot(by_path={}, ids={})
    decision = decide(stories, nothing, publication=config.publication, now=NOW)
    config.state.mkdir()
    with Ledger(publish.ledger_url(config)) as ledger:
        ledger.state.founded = NOW
        for start in range(0, count, 5000):
            some = decision.arrived[start : start + 5000]
            ledger.entries.accept(some, {e.story.path: Original(data=b"x") for e in some}, NOW)
        ledger.entries.keep([entry.id for entry in decision.arrived])
        ledger.commit()


def act(config: Config, count: int) -> tuple[set[str], float]:
    """Withdraw and take down some entries, and add late ones; return the live ids, and the time."""
    with Ledger(publish.ledger_url(config)) as ledger:
        entries = list(ledger.entries.live())
        ledger.entries.keep_no_more([entry.id for entry in entries[:: max(29, count // 40)]])
        taken = entries[count // 2 + 1].id
        ledger.commit()
    for number in range(5):
        late = config.entries / f"late-{number}.toml"
        late.write_text(f'title = "Late {number}"\ndate = 2001-0{number + 1}-02\nbody = "x"\n')
    clock = datetime.now(UTC) + timedelta(days=1)
    request = publish.RunRequest(now=NOW + timedelta(hours=1), clock=clock)
    report = publish.build(config, request)
    codes = [str(one.wanted) for one in report.problems if one.code in {"many-gone", "old-gone"}]
    started = perf_counter()
    later, approval = NOW + timedelta(hours=2), Approval(code=codes[0])
    publish.build(config, replace(request, now=later, approval=approval, takedown=taken))
    lasted = perf_counter() - started
    with Ledger(publish.ledger_url(config)) as ledger:
        return {entry.id for entry in ledger.entries.live()}, lasted


def walk(config: Config, form: str) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the ids and the tombstones of each document, from the newest to the oldest."""
    shelf = DocumentCache(config.feeds_folder)
    path = f"news.{form}"
    while path:
        copy = shelf.get(path)
        if copy is None:
            raise SystemExit(f"{path} is named and not there")
        if form == "json":
            feed = json.loads(copy.data)
            yield {item["id"] for item in feed["items"]}, set()
            path = feed.get("next_url", "").removeprefix(config.publication.url)
            continue
        found = {id_.decode() for id_ in IDS[form].findall(copy.data)}
        yield found, {id_.decode() for id_ in TOMBSTONE.findall(copy.data)}
        before = BEFORE.search(copy.data)
        path = before[1].decode() if before else ""


def measure(folder: Path, count: int) -> None:
    """Fill, publish, change, walk; print a line."""
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = configuration.load(folder / "config.toml")
    fill(config, count)
    started = perf_counter()
    publish.build(config, publish.RunRequest(now=NOW, clock=datetime.now(UTC)))
    whole = perf_counter() - started
    live, one = act(config, count)
    for form in ("atom", "rss", "json"):
        pages = list(walk(config, form))
        found = set().union(*(ids for ids, _ in pages)) - set().union(*(gone for _, gone in pages))
        verdict = "complete" if found == live else f"{len(live ^ found)} WRONG"
        print(
            f"{count:>8} entries, {form:4}: {len(live)} live, {len(pages)} documents, {verdict}; "
            f"whole build {whole:.1f} s, a run of acts {one:.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["10", "1000", "10000"]:
        with tempfile.TemporaryDirectory() as name:
            measure(Path(name).resolve(), int(wanted))
