"""Entry files: no bytes stop publishing, delay it, or break a feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from time import time_ns

import html5lib
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types
from PIL import Image

from dateline.entries import scan
from dateline.entries.fields import NAMES
from dateline.entries.reader import EntryReader, ReadResult
from dateline.errors import Problem, State
from dateline.model import Entry, Story
from dateline.render import full_text, render
from dateline.rules import story_json
from dateline.rules.decide import decide
from dateline.rules.identity.published import LedgerSnapshot
from entries.test_bad_entries import BAD, edited, rows, saved
from fuzz.folders import temporary
from fuzz.inputs import pieces
from support.paths import ROOT
from support.reading import ATOM_SCHEMA
from support.samples import sample_edition, sample_publication

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
MINUTE = 60 * 10**9  # nanoseconds
PUBLICATION = sample_publication()
NEIGHBOUR = b'title = "Ports"\ndate = 2026-11-24\nbody = "Text."\n'
# By its name, this file is a copy of the fuzzed one, so that both are read.
NAME, BESIDE = "report.toml", "report-2.toml"
WORDS = pieces("entries", *(f"\n{name} = " for name in sorted(NAMES)))


def seeds() -> Iterator[bytes]:
    """Yield valid files, and faulty ones."""
    for path in (*sorted(ROOT.glob("entries/*.toml")), *sorted(BAD.glob("*.toml*"))):
        yield path.read_bytes()
    for row in rows("more_entries.tsv"):
        yield saved(edited(row), row["saved"])


def tried(data: bytes) -> None:
    """Judge a file of these bytes, and publish it if it is accepted."""
    one, other = _judged(data)
    check(one, data)
    copied = {"name-copy", "name-version", "name-conflict"}
    assert other.story or copied & {p.code for p in other.problems}
    if one.story:
        publish(one.story)


def fed(data: bytes) -> None:
    """Judge a file of these bytes, and render it if it is accepted."""
    one, _ = _judged(data)
    if one.story:
        rendered(one.story)


def _judged(data: bytes) -> tuple[ReadResult, ReadResult]:
    """Return what becomes of a file of these bytes, and of the one that looks like its copy."""
    folder = temporary("entries")
    if not (folder / BESIDE).exists():
        (folder / BESIDE).write_bytes(NEIGHBOUR)
        Image.new("RGB", (4, 3)).save(folder / "photo.jpg")
    (folder / NAME).write_bytes(data)
    look = scan.scan_all(folder)
    clock = time_ns() + (MINUTE, 1_000 * MINUTE)[len(data) % 2]
    judge = EntryReader(
        folder=folder, scan=look, publication=PUBLICATION, now=NOW, clock=clock, settled=clock
    )
    return judge.read(NAME), judge.read(BESIDE)


def check(one: ReadResult, data: bytes) -> None:
    """Check a judgement against its promises."""
    states = {problem.state for problem in one.problems}
    assert bool(one.story) is not bool(states & {State.HOLD, State.WAIT}), one.problems
    most = 1 + sum(map(data.count, (b"\n", b"\r")))  # in any encoding
    for problem in one.problems:
        assert problem.code != "file-fault"
        check_message(problem, most)


def check_message(problem: Problem, most: int) -> None:
    """Check that a message is one line, about a line of the file."""
    encoded = json.dumps(problem.as_json())
    assert encoded
    assert len(problem.message.splitlines()) <= 1, problem.message
    assert 0 < (problem.line or 1) <= most, problem


def publish(story: Story) -> None:
    """Publish a story; independent parsers read the feeds."""
    assert story_json.load(story_json.dump(story)) == story
    for entry, (rss, atom, feed) in rendered(story):
        html5lib.HTMLParser(strict=True).parseFragment(full_text(entry))
        titles = etree.fromstring(rss).findall(".//item/title")
        assert [title.text for title in titles] == [story.title]
        ATOM_SCHEMA.assertValid(etree.fromstring(atom))
        assert json.loads(feed)["items"][0]["title"] == story.title


def rendered(story: Story) -> list[tuple[Entry, list[bytes]]]:
    """Return each entry that a story makes, with its feeds."""
    memory = LedgerSnapshot(by_path={}, ids={})
    return [
        (entry, [one.data for one in render(PUBLICATION, sample_edition(entry))])
        for entry in decide([story], memory, publication=PUBLICATION, now=NOW).arrived
    ]
