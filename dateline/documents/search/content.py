"""The terms by which the search index finds an entry: of its text, and of its facets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dateline.documents.manifest import EntryListing
from dateline.model import Correction, Story
from dateline.rules import story_json
from dateline.rules.selection import facets
from dateline.text.characters import comparable
from dateline.text.search_terms import terms

# Begins the terms of facets: a private character, which no word of a text has.
_MARK = "\ue000"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedEntry:
    """An entry as the index has it; `terms` are separated by spaces."""

    sequence: int
    id: str
    terms: str

    @property
    def digest(self) -> int:
        """The digest of the terms, as SQLite stores it."""
        data = hashlib.blake2b(self.terms.encode(), digest_size=8).digest()
        return int.from_bytes(data, "big", signed=True)


def indexed(listing: EntryListing, now: datetime | None = None) -> IndexedEntry | None:
    """Return what the index has of an entry, or None where it has nothing.

    Withdrawn entries are not in it, nor those that have expired `now`. A retracted one is found
    by its title alone.
    """
    if not listing.is_shown(now):
        return None
    story = story_json.load(listing.story)
    texts = [story.title] if listing.retracted else [*_texts(story, listing.dated_corrections)]
    # Each once: the index has no places of words. In order: the same text has the same digest.
    found = dict.fromkeys(term for text in texts for term in terms(text))
    return IndexedEntry(
        sequence=listing.sequence, id=listing.id, terms=" ".join([*found, *_facet_terms(story)])
    )


def facet_term(facet: str, value: str) -> str:
    """Return the term of all entries that have a value of a facet, `year` being one, too."""
    text = f"{facet}={comparable(value)}"
    return _MARK + hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _texts(story: Story, corrections: Sequence[Correction]) -> Iterator[str]:
    from dateline.entries.normalise.markdown import to_text  # noqa: PLC0415 - it takes 20 ms

    yield from (story.title, story.summary, to_text(story.html), story.place)
    yield from (*story.categories, *story.authors)
    yield from (text for one in story.attachments for text in (one.title, one.own_title))
    if story.image:
        yield from (story.image.alt, story.image.caption)
    yield from (one.text for one in corrections)


def _facet_terms(story: Story) -> Iterator[str]:
    yield facet_term("year", str(story.date.start.year))
    for facet, values in facets(story).items():
        yield from dict.fromkeys(facet_term(facet, value) for value in values)
