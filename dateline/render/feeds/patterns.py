"""Items of RSS and Atom by pattern: feedgen writes one of each shape.

The texts of the others are put into it, escaped as lxml does.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from dateline.model import Entry, Story
from dateline.model.formats import Format
from dateline.render.feeds.common import FeedItem, ItemExtras, stamp
from dateline.render.patterns import DAYS, PUBLISHED, UPDATED, Pattern, mark

# As lxml writes them, and in the plain texts of RSS, as its profile wants them.
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_IN_PLAIN = {"&amp;": "&#x26;", "&lt;": "&#x3C;", "&gt;": "&#x3E;"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of an item that decide which elements it has."""

    is_permalink: bool
    has_summary: bool
    categories: int
    language: str
    extras: ItemExtras


def pattern_of(data: bytes) -> Pattern:
    """Return the pattern of the bytes of a stand-in."""
    return Pattern.of(data.decode(), _moments(PUBLISHED, UPDATED), is_xml=True)


def shape_of(item: FeedItem) -> Shape | None:
    """Return the shape of an item.

    None if it has a file, a place, an event, an empty text, or an end that readers see.
    """
    entry, story = item.entry, item.entry.story
    if item.enclosure or item.linked or story.image or story.event or story.place:
        return None
    if not all((item.html, item.title, item.author, *story.categories)):
        return None
    if item.extras.has_validity and story.expires:
        return None
    return Shape(
        entry.id == item.link,
        bool(story.summary),
        len(story.categories),
        item.language,
        item.extras,
    )


def stand_in(shape: Shape) -> FeedItem:
    """Return an item of this shape whose texts are marks."""
    address = mark("link")
    story = Story(
        path="",
        date=DAYS[0],
        title=mark("title"),
        html=f"<p>{mark('lead')}</p>",
        summary=mark("lead") if shape.has_summary else "",
        language="",
        categories=tuple(mark(f"category {number}") for number in range(shape.categories)),
    )
    entry = Entry(
        story=story,
        id=address if shape.is_permalink else mark("id"),
        sequence=0,
        slug="",
        published=PUBLISHED,
        updated=UPDATED,
    )
    return FeedItem(
        entry=entry,
        title=mark("title"),
        link=address,
        authors=(mark("author"),),
        language=shape.language,
        enclosure=None,
        linked=None,
        html=mark("html"),
        extras=shape.extras,
    )


def filled(item: FeedItem, patterns: Mapping[Format, Pattern]) -> dict[Format, bytes]:
    """Return the bytes of an item, by the patterns of its shape."""
    entry = item.entry
    terms = {f"category {number}": one for number, one in enumerate(entry.story.categories)}
    plain = {"title": item.title, "author": item.author, **terms}
    atom = {name: _replaced(text, _IN_TEXT) for name, text in plain.items()}
    rss = {name: _replaced(text, _IN_PLAIN) for name, text in atom.items()}
    quoted = {"link": item.link, **terms}
    common = {
        "id": _replaced(entry.id, _IN_TEXT),
        "link": _replaced(item.link, _IN_TEXT),
        "html": _replaced(item.html, _IN_TEXT),
        **_moments(entry.published, entry.updated),
        **{f"={n}": _replaced(_replaced(t, _IN_TEXT), _IN_ATTRIBUTE) for n, t in quoted.items()},
    }
    summary = item.summary
    description = _replaced(html.escape(summary, quote=False), _IN_TEXT)
    texts = {
        "rss": {**common, **rss, "lead": description},
        "atom": {**common, **atom, "lead": _replaced(summary, _IN_TEXT)},
    }
    return {form: pattern.filled(texts[form]).encode() for form, pattern in patterns.items()}


def _moments(published: datetime, updated: datetime) -> dict[str, str]:
    return {
        "published": stamp(published),
        "published in rss": format_datetime(published, usegmt=True),
        "updated": stamp(updated),
    }


def _replaced(text: str, by: Mapping[str, str]) -> str:
    for character, reference in by.items():
        text = text.replace(character, reference)
    return text
