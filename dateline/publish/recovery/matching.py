"""Which file is which entry, where only its documents are left of an entry?

A file is known by its id, or by title and date, and where several have these, by its text.
Where two answers are possible nothing is guessed: the entry stays, and the file is held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from sys import maxsize

from dateline.config import Config
from dateline.documents.manifest import EntryListing
from dateline.entries import scan
from dateline.entries.reader import EntryReader, ReadResult
from dateline.ledger.rows import path_digest, seconds
from dateline.model import Story
from dateline.publish.recovery.document_parser import words
from dateline.rules import story_json
from dateline.text.urls import page_stem

_SIGNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Entries with the names of their files, where these are known, and what is left of both."""

    entries: tuple[EntryListing, ...]
    without_file: int
    unrecognised: tuple[ReadResult, ...]


def matched(config: Config, entries: Sequence[EntryListing], now: datetime) -> Matched:
    """Read all files under `entries/`, and find which of these entries each is."""
    files = [one for one in _judged(config, now) if one.story]
    pairs = _pairs(entries, files)
    known = {one.path for one in pairs.values()}
    return Matched(
        entries=tuple(
            _named(one, pairs[one.id].story) if one.id in pairs else one for one in entries
        ),
        without_file=sum(one.withdrawn is None and one.id not in pairs for one in entries),
        unrecognised=tuple(one for one in files if one.path not in known),
    )


def _judged(config: Config, now: datetime) -> Iterator[ReadResult]:
    look = scan.scan_all(config.entries)
    judge = EntryReader(
        folder=config.entries,
        look=look,
        publication=config.publication,
        now=now,
        clock=maxsize,
        settled=maxsize,
    )
    yield from map(judge.read, look.entries)


def _pairs(entries: Sequence[EntryListing], files: Sequence[ReadResult]) -> dict[str, ReadResult]:
    """Pair entries with files, each with one alone, by the surest sign first."""
    of_entries = {
        one.id: _signs(story_json.load(one.story), one.id, one.slug) for one in entries if one.story
    }
    of_files = [(one, _signs(one.story, one.story.id, "")) for one in files if one.story]
    pairs: dict[str, ReadResult] = {}
    for number in range(_SIGNS):
        ids: dict[object, list[str]] = defaultdict(list)
        paths: dict[object, list[ReadResult]] = defaultdict(list)
        taken = {one.path for one in pairs.values()}
        for id_, signs in of_entries.items():
            if id_ not in pairs:
                ids[signs[number]].append(id_)
        for one, signs in of_files:
            if one.path not in taken:
                paths[signs[number]].append(one)
        for sign, found in paths.items():
            if sign is not None and len(found) == 1 and len(ids.get(sign, ())) == 1:
                pairs[ids[sign][0]] = found[0]
    return pairs


def _signs(story: Story, id_: str | None, slug: str) -> tuple[object, ...]:
    """Return by what an entry or a file is known, the surest first."""
    day, text = str(story.date.start), words(story.html)
    return (
        id_,
        (story.title, day, text),
        (story.title, day),
        (text, day) if text else None,
        slug or page_stem(story.date.start, story.title),
    )


def _named(listing: EntryListing, story: Story | None) -> EntryListing:
    """Return an entry with the name of its file, and its story where the file says the same."""
    if story is None:
        return listing
    before = story_json.load(listing.story)
    path = path_digest(story.path)
    if listing.retracted and story.retraction:
        before = replace(before, retraction=story.retraction, html=story.html)
    is_same = before.title == story.title and words(before.html) == words(story.html)
    if not is_same:
        other = replace(before, updated=story.updated, expires=story.expires, id=story.id)
        return replace(listing, path=path, kept=False, story=story_json.dump(other))
    return replace(
        listing,
        path=path,
        kept=False,
        content=story_json.content_digest(story),
        headline=story_json.headline_digest(story),
        expires=seconds(story.expires) if story.expires else None,
        story=story_json.public(story_json.dump(story)),
    )
