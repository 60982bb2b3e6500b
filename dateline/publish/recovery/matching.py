"""The match of files with entries of which only documents are left.

A file is identified by its id, or by title and date, and if several have these, by its text. If
two answers are possible nothing is guessed: the entry stays, and the file is held.
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
from dateline.publish import sources
from dateline.publish.recovery.page_parser import words
from dateline.rules import story_json
from dateline.text.urls import page_stem

_KEYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedEntries:
    """Entries with the names of their files if known, and the unmatched ones of both."""

    entries: tuple[EntryListing, ...]
    without_file: int
    unrecognised: tuple[ReadResult, ...]


def matched(
    config: Config, entries: Sequence[EntryListing], now: datetime, *, is_approved: bool
) -> MatchedEntries:
    """Read all files under `entries/`, and match each with one of these entries.

    Nothing but their names is taken from the files unless what they say `is_approved`.
    """
    files = [one for one in _read(config, now) if one.story]
    pairs = _pairs(entries, files)
    known = {one.path for one in pairs.values()}
    return MatchedEntries(
        entries=tuple(
            _named(one, pairs[one.id].story, is_approved=is_approved) if one.id in pairs else one
            for one in entries
        ),
        without_file=sum(one.withdrawn is None and one.id not in pairs for one in entries),
        unrecognised=tuple(one for one in files if one.path not in known),
    )


def _read(config: Config, now: datetime) -> Iterator[ReadResult]:
    sources.require_fetched(config)
    seen = scan.scan_all(config.entries)
    reader = EntryReader(
        folder=config.entries,
        scan=seen,
        publication=config.publication,
        now=now,
        clock=maxsize,
        settled=maxsize,
    )
    yield from map(reader.read, seen.entries)


def _pairs(entries: Sequence[EntryListing], files: Sequence[ReadResult]) -> dict[str, ReadResult]:
    """Pair entries with files, each with one alone, by the surest key first."""
    of_entries = {
        one.id: _keys(story_json.load(one.story), one.id, one.slug) for one in entries if one.story
    }
    of_files = [(one, _keys(one.story, one.story.id, "")) for one in files if one.story]
    pairs: dict[str, ReadResult] = {}
    for number in range(_KEYS):
        ids: dict[object, list[str]] = defaultdict(list)
        paths: dict[object, list[ReadResult]] = defaultdict(list)
        taken = {one.path for one in pairs.values()}
        for id_, keys in of_entries.items():
            if id_ not in pairs:
                ids[keys[number]].append(id_)
        for one, keys in of_files:
            if one.path not in taken:
                paths[keys[number]].append(one)
        for key, found in paths.items():
            if key is not None and len(found) == 1 and len(ids.get(key, ())) == 1:
                pairs[ids[key][0]] = found[0]
    return pairs


def _keys(story: Story, id_: str | None, slug: str) -> tuple[object, ...]:
    """Return the keys that identify an entry or a file, the surest first."""
    day, text = str(story.date.start), words(story.html)
    return (
        id_,
        (story.title, day, text),
        (story.title, day),
        (text, day) if text else None,
        slug or page_stem(story.date.start, story.title),
    )


def _named(listing: EntryListing, story: Story | None, *, is_approved: bool) -> EntryListing:
    """Return an entry with the name of its file, and with its story if that has not changed."""
    if story is None:
        return listing
    path = path_digest(story.path)
    if not is_approved:
        return replace(listing, path=path, kept=False)
    before = story_json.load(listing.story)
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
