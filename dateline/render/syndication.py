"""What are the bytes of RSS 2.0 and of Atom 1.0? The one door to feedgen and lxml.

feedgen writes what both formats have in common; two extensions, which it calls for the
feed and for each entry, put right what feedgen 1.0 leaves out or gets wrong.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from itertools import accumulate
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline import __version__
from dateline.model import Format, Media
from dateline.remembered import remembered
from dateline.render.issue import MEDIA_TYPES, Issue, Item, stamp

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_EVENT = "{http://purl.org/rss/1.0/modules/event/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# The RSS profile wants `&`, `<` and `>` in plain text as hexadecimal references, which lxml
# never writes. Until the bytes are there, noncharacters stand for the three: they are valid
# XML, and texts hold none (`dateline.letters.tidy`).
_MARKS = {"&": "\ufdd0", "<": "\ufdd1", ">": "\ufdd2"}
_PLAIN = str.maketrans(_MARKS)
_MARKED = re.compile("|".join(_MARKS.values()).encode())
_IN_RSS = {mark.encode(): f"&#x{ord(sign):X};".encode() for sign, mark in _MARKS.items()}
_IN_ATOM = {mark.encode(): html.escape(sign).encode() for sign, mark in _MARKS.items()}


def rss(issue: Issue) -> bytes:
    """Give the feed as RSS 2.0, by the RSS Advisory Board's profile."""
    data: bytes = _generator(issue, "rss").rss_str(pretty=True)
    return _MARKED.sub(lambda mark: _IN_RSS[mark[0]], data)


def atom(issue: Issue) -> bytes:
    """Give the feed as Atom 1.0 (RFC 4287)."""
    data: bytes = _generator(issue, "atom").atom_str(pretty=True)
    return _MARKED.sub(lambda mark: _IN_ATOM[mark[0]], data)


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


def _generator(issue: Issue, form: Format) -> FeedGenerator:
    publication, feed = issue.publication, issue.edition.feed
    generator = FeedGenerator()
    generator.id(issue.id)
    generator.title(_plain(issue.title))
    generator.description(_plain(feed.description or issue.title))
    generator.link(href=issue.page, rel="alternate", type="text/html")
    generator.language(issue.language)
    generator.updated(issue.edition.updated)
    generator.generator("Dateline", version=__version__, uri=publication.url)
    generator.ttl(max(1, publication.max_age // 60))
    generator.author({"name": _plain(publication.author), "email": publication.email})
    if publication.email:
        contact = f"{publication.email} ({_comment(publication.author)})"
        generator.managingEditor(_plain(contact))
        generator.webMaster(_plain(contact))
    if publication.rights:
        generator.rights(_plain(publication.rights))
    if publication.icon:
        generator.icon(publication.icon)
    if publication.logo:
        generator.logo(publication.logo)
    generator.register_extension("channel", partial(_Channel, issue, form))
    make = _entry if issue.edition.archive else _Ready  # an archive is made once
    for item in issue.items:
        generator.add_entry(make(item), order="append")
    return generator


def _comment(name: str) -> str:
    """Give a name that may stand in parentheses (RFC 5322, section 3.2.2)."""
    depths = list(accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in name))
    is_balanced = min(depths) >= 0 and depths[-1] == 0
    return name if is_balanced else name.replace("(", "").replace(")", "").strip()


class _Ready(FeedEntry):  # type: ignore[misc]  # feedgen carries no types
    """An entry of which a feed takes a copy of what was made of it before.

    Taken itself, an element would keep the whole feed in memory in which it was last.
    """

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item

    def rss_entry(self, extensions: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - feedgen's
        """Give the `item`."""
        return deepcopy(_rss_item(self._item))

    def atom_entry(self, extensions: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - feedgen's
        """Give the `entry`."""
        return deepcopy(_atom_entry(self._item))


@remembered(lambda item: len(item.html))
def _rss_item(item: Item) -> Any:
    return _entry(item).rss_entry()


@remembered(lambda item: len(item.html))
def _atom_entry(item: Item) -> Any:
    return _entry(item).atom_entry()


def _entry(item: Item) -> FeedEntry:
    entry, story = item.entry, item.entry.story
    made = FeedEntry()
    made.guid(entry.id, permalink=entry.id == item.link)
    made.title(_plain(story.title))
    made.link(href=item.link)
    made.author({"name": _plain(item.author)})
    made.updated(entry.updated)
    if story.summary:
        # HTML for RSS; feedgen takes the plain summary of Atom only after the content.
        made.description(html.escape(story.summary, quote=False))
    made.content(item.html, type="html")
    if story.summary:
        made.summary(story.summary)
    made.category([{"term": _plain(category)} for category in story.categories])
    made.register_extension("item", partial(_Item, item))
    return made


def _child(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """Add an element; Atom's own are made without a namespace, as feedgen makes them."""
    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child


def _rfc822(moment: datetime) -> str:
    # feedgen's own form has "+0000" for "GMT" and switches the locale of the whole process.
    return format_datetime(moment, usegmt=True)


class _Channel:
    """Puts right what feedgen makes of the feed itself."""

    def __init__(self, issue: Issue, form: Format) -> None:
        self._issue = issue
        self._form = form

    def extend_ns(self) -> dict[str, str]:
        """Declare every prefix: what an entry's extension declares is ignored."""
        names = {"dc": _DC, "ev": _EVENT, "fh": _HISTORY, "media": _MEDIA}
        if self._form == "atom" and self._issue.tombstones:  # validators do not know it
            names["at"] = _TOMBSTONES
        return {prefix: name.strip("{}") for prefix, name in names.items()}

    def extend_rss(self, rss: Any) -> None:
        """Complete `channel`."""
        channel = rss.find("channel")
        for link in self._links("rss"):
            _child(channel, f"{_ATOM}link", **link)
        channel.find("lastBuildDate").text = _rfc822(self._issue.edition.updated)
        for entry in self._issue.edition.entries[:1]:
            _child(channel, "pubDate", _rfc822(entry.published))
        self._mark_archive(channel)

    def extend_atom(self, feed: Any) -> None:
        """Complete `feed`."""
        for link in self._links("atom"):
            _child(feed, "link", **link)
        feed.find("updated").text = stamp(self._issue.edition.updated)
        self._mark_archive(feed)
        for one in self._issue.tombstones:  # RFC 6721, section 3
            _child(feed, f"{_TOMBSTONES}deleted-entry", ref=one.id, when=stamp(one.moment))

    def _mark_archive(self, parent: Any) -> None:
        if self._issue.edition.archive:
            _child(parent, f"{_HISTORY}archive")

    def _links(self, form: Format) -> Iterator[dict[str, str]]:
        yield {"rel": "self", "type": MEDIA_TYPES[form], "href": self._issue.address(form)}
        if not self._issue.edition.archive:
            for hub in self._issue.publication.hubs:
                yield {"rel": "hub", "href": hub}
        for rel, address in self._issue.history(form).items():
            yield {"rel": rel, "type": MEDIA_TYPES[form], "href": address}


class _Item:
    """Puts right what feedgen makes of one entry."""

    def __init__(self, item: Item) -> None:
        self._item = item

    def extend_rss(self, element: Any) -> None:
        """Complete `item`."""
        item = self._item
        _child(element, f"{_DC}creator", _plain(item.author))
        _child(element, "pubDate", _rfc822(item.entry.published))
        _child(element, f"{_ATOM}updated", stamp(item.entry.updated))
        if item.language:
            _child(element, f"{_DC}language", item.language)
        if item.enclosure:
            _child(element, "enclosure", url=item.enclosure.url, **_file(item.enclosure))
        self._extras(element)

    def extend_atom(self, element: Any) -> None:
        """Complete `entry`."""
        item = self._item
        element.find("id").text = item.uri
        element.find("updated").text = stamp(item.entry.updated)
        _child(element, "published", stamp(item.entry.published))
        alternate = element.find("link")
        alternate.set("rel", "alternate")
        alternate.set("type", "text/html")
        if item.language:
            alternate.set("hreflang", item.language)
            element.set(_LANGUAGE, item.language)
        # newsboat keeps the last of an entry's files, and a picture is one to it.
        self._extras(element)
        if item.enclosure:
            _child(
                element, "link", rel="enclosure", href=item.enclosure.url, **_file(item.enclosure)
            )

    def _extras(self, element: Any) -> None:
        """Add what stands in both formats: the picture, the event."""
        story = self._item.entry.story
        if story.image:
            if story.image != self._item.enclosure:
                _picture(element, story.image)
            _child(element, f"{_MEDIA}thumbnail", url=story.image.url, **_size(story.image))
        if story.event:
            _child(element, f"{_EVENT}startdate", stamp(story.event.start))
            _child(element, f"{_EVENT}enddate", stamp(story.event.end))
        if story.place:
            _child(element, f"{_EVENT}location", _plain(story.place))


def _picture(element: Any, image: Media) -> None:
    attributes = {"url": image.url, "type": image.media_type, "medium": "image", **_size(image)}
    content = _child(element, f"{_MEDIA}content", **attributes)
    if image.alt:
        # feedparser takes `media:description` for the entry's text.
        _child(content, f"{_MEDIA}title", _plain(image.alt), type="plain")


def _file(media: Media) -> dict[str, str]:
    return {"length": str(media.length), "type": media.media_type}


def _size(image: Media) -> dict[str, str]:
    sides = {"width": image.width, "height": image.height}
    return {side: str(pixels) for side, pixels in sides.items() if pixels}
