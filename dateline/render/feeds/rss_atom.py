"""RSS 2.0 and Atom 1.0, by feedgen.

feedgen writes what both formats have in common; two extensions, which it calls for the feed and
for each entry, correct what feedgen 1.0 leaves out or gets wrong. A feed and its entries are
rendered separately: nearly all entries are the same as in the run before. An entry without files
and events follows a pattern that was made of another (`patterns`).
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from itertools import accumulate
from typing import Any
from urllib.parse import unquote

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline import __version__
from dateline.model import Media, Story
from dateline.model.formats import MEDIA_TYPES, Format
from dateline.render.feeds import aggregators
from dateline.render.feeds.aggregators import Extra
from dateline.render.feeds.common import FeedItem, FeedView, stamp
from dateline.render.feeds.patterns import Shape, filled, pattern_of, shape_of, stand_in
from dateline.render.patterns import Pattern
from dateline.system.memo import MANY, memoised
from dateline.text.expressions import regex

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_EVENT = "{http://purl.org/rss/1.0/modules/event/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_MEDIUMS = {"image", "audio", "video"}
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_PREFIXES = {
    "dc": _DC.strip("{}"),
    "ev": _EVENT.strip("{}"),
    "fh": _HISTORY.strip("{}"),
    "media": _MEDIA.strip("{}"),
}
_IN_RSS = {"atom": _ATOM.strip("{}"), "content": "http://purl.org/rss/1.0/modules/content/"}
_FILE_NAME = regex(r"\.\w{2,4}$")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# The RSS profile wants `&`, `<` and `>` in plain text as hexadecimal references, which lxml
# never writes. Until the document is serialised, noncharacters replace the three: they are valid
# XML, and texts hold none (`dateline.text.characters.clean_text`).
_MARKS = {"&": "\ufdd0", "<": "\ufdd1", ">": "\ufdd2"}
_PLAIN = str.maketrans(_MARKS)
_MARKED = regex("|".join(_MARKS.values()).encode())
_REFERENCES: Mapping[Format, Mapping[bytes, bytes]] = {
    "rss": {mark.encode(): f"&#x{ord(one):X};".encode() for one, mark in _MARKS.items()},
    "atom": {mark.encode(): html.escape(one).encode() for one, mark in _MARKS.items()},
}
_PLACE = "entries"  # a comment in place of the entries: texts cannot hold one
_ENTRIES = f"<!--{_PLACE}-->".encode()


def rss(view: FeedView) -> bytes:
    """Return the feed as RSS 2.0, by the RSS Advisory Board's profile."""
    return _whole(view, "rss", _frame(view, "rss").rss_str(pretty=True))


def atom(view: FeedView) -> bytes:
    """Return the feed as Atom 1.0 (RFC 4287)."""
    return _whole(view, "atom", _frame(view, "atom").atom_str(pretty=True))


def _whole(view: FeedView, form: Format, frame: bytes) -> bytes:
    """Return a feed with its entries; nearly all are known from other documents, or runs."""
    before, _, after = _unmarked(frame, form).partition(_ENTRIES)
    indent = b"\n    " if form == "rss" else b"\n  "
    return before + indent.join(_rendered(item)[form] for item in view.items) + after


@memoised(lambda item: len(item.html), most=MANY)
def _rendered(item: FeedItem) -> Mapping[Format, bytes]:
    """Return the bytes of an `item` and of an `entry`, as they stand within a feed."""
    shape = shape_of(item)
    return filled(item, patterns(shape)) if shape else written(item)


@lru_cache(maxsize=256)
def patterns(shape: Shape) -> Mapping[Format, Pattern]:
    """Return the pattern of this shape in each format."""
    return {form: pattern_of(data) for form, data in written(stand_in(shape)).items()}


def written(item: FeedItem) -> Mapping[Format, bytes]:
    """Return the same as `_rendered`, written by feedgen and lxml."""
    made = _entry(item)
    prefixes = _PREFIXES | aggregators.prefixes_of_items(item.extras)
    rss = etree.Element("rss", nsmap=prefixes | _IN_RSS)
    etree.SubElement(rss, "channel").append(made.rss_entry())
    feed = etree.Element("feed", nsmap=prefixes)
    feed.append(made.atom_entry())
    return {"rss": _within(rss, b"item", "rss"), "atom": _within(feed, b"entry", "atom")}


def _within(feed: Any, name: bytes, form: Format) -> bytes:
    """Return the bytes of the element of this name alone, without the feed around it."""
    data: bytes = etree.tostring(feed, pretty_print=True, encoding="UTF-8")
    start, end = data.index(b"<" + name), data.rindex(b"</" + name)
    return _unmarked(data[start:end] + b"</" + name + b">", form)


def _unmarked(data: bytes, form: Format) -> bytes:
    references = _REFERENCES[form]
    return _MARKED.sub(lambda mark: references[mark[0]], data)


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


def _frame(view: FeedView, form: Format) -> FeedGenerator:
    """Return the feed without its entries."""
    publication, feed = view.publication, view.edition.feed
    generator = FeedGenerator()
    generator.id(view.id)
    generator.title(_plain(view.title))
    generator.description(_plain(feed.description or view.title))
    generator.link(href=view.page, rel="alternate", type="text/html")
    generator.language(view.language)
    generator.updated(view.edition.updated)
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
    generator.register_extension("channel", partial(_Channel, view, form))
    return generator


def _comment(name: str) -> str:
    """Return a name that is valid in parentheses (RFC 5322, section 3.2.2)."""
    depths = list(accumulate({"(": 1, ")": -1}.get(one, 0) for one in name))
    is_balanced = min(depths) >= 0 and depths[-1] == 0
    return name if is_balanced else name.replace("(", "").replace(")", "").strip()


def _entry(item: FeedItem) -> FeedEntry:
    """Return the entry of both formats: most of the time goes into what they share."""
    entry, story = item.entry, item.entry.story
    made = FeedEntry()
    made.guid(entry.id, permalink=entry.id == item.link)
    made.title(_plain(item.title))
    made.link(href=item.link)
    made.author({"name": _plain(item.author)})
    made.updated(entry.updated)
    # Before the content, else feedgen makes one element of both.
    made.description(html.escape(item.summary, quote=False))
    made.content(item.html, type="html")
    if story.summary:  # after the description, else it would be that of RSS, too
        made.summary(story.summary)
    made.category([{"term": _plain(category)} for category in story.categories])
    made.register_extension("item", partial(_Item, item))
    return made


def _child(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """Add an element; those of Atom have no namespace, as with feedgen."""
    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child


def _add(parent: Any, extra: Extra) -> None:
    made = _child(parent, extra.name, extra.text, **extra.attributes)
    if extra.child:
        _add(made, extra.child)


def _rfc822(moment: datetime) -> str:
    # feedgen writes "+0000" for "GMT" and switches the locale of the whole process.
    return format_datetime(moment, usegmt=True)


class _Channel:
    """Corrects and completes the feed element that feedgen makes."""

    def __init__(self, view: FeedView, form: Format) -> None:
        self._view = view
        self._form = form

    def extend_ns(self) -> dict[str, str]:
        """Declare every prefix: feedgen ignores those that the extension of an entry declares."""
        found = dict(_PREFIXES)
        # Validators do not know these: they are declared where they are used alone.
        if self._form == "atom" and self._view.tombstones:
            found["at"] = _TOMBSTONES.strip("{}")
        return found | aggregators.prefixes(self._view)

    def extend_rss(self, rss: Any) -> None:
        """Complete `channel`."""
        channel = rss.find("channel")
        for link in self._links("rss"):
            _child(channel, f"{_ATOM}link", **link)
        channel.find("lastBuildDate").text = _rfc822(self._view.edition.updated)
        for entry in self._view.edition.entries[:1]:
            _child(channel, "pubDate", _rfc822(entry.published))
        self._mark_archive(channel)
        self._show(channel)
        self._mark_place(channel)

    def extend_atom(self, feed: Any) -> None:
        """Complete `feed`."""
        for link in self._links("atom"):
            _child(feed, "link", **link)
        feed.find("updated").text = stamp(self._view.edition.updated)
        self._mark_archive(feed)
        self._show(feed)
        for one in self._view.tombstones:  # RFC 6721, section 3
            _child(feed, f"{_TOMBSTONES}deleted-entry", ref=one.id, when=stamp(one.moment))
        self._mark_place(feed)

    def _mark_archive(self, parent: Any) -> None:
        if self._view.edition.archive:
            _child(parent, f"{_HISTORY}archive")

    def _show(self, parent: Any) -> None:
        for extra in aggregators.of_feed(self._view):
            _add(parent, extra)

    def _mark_place(self, parent: Any) -> None:
        """Mark the place of the entries, after everything of the feed itself."""
        if self._view.items:
            parent.append(etree.Comment(_PLACE))

    def _links(self, form: Format) -> Iterator[dict[str, str]]:
        yield {"rel": "self", "type": MEDIA_TYPES[form], "href": self._view.address(form)}
        if not self._view.edition.archive:
            for hub in self._view.publication.hubs:
                yield {"rel": "hub", "href": hub}
        for rel, address in self._view.history(form).items():
            yield {"rel": rel, "type": MEDIA_TYPES[form], "href": address}


class _Item:
    """Corrects and completes the element of an entry that feedgen makes."""

    def __init__(self, item: FeedItem) -> None:
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
        self._extras(element, item.enclosure, "rss")

    def extend_atom(self, element: Any) -> None:
        """Complete `entry`."""
        item = self._item
        element.find("id").text = item.entry.id
        element.find("updated").text = stamp(item.entry.updated)
        _child(element, "published", stamp(item.entry.published))
        alternate = element.find("link")
        alternate.set("rel", "alternate")
        alternate.set("type", "text/html")
        if item.language:
            alternate.set("hreflang", item.language)
            element.set(_LANGUAGE, item.language)
        # newsboat keeps the last file of an entry, and counts a picture as one.
        self._extras(element, item.linked, "atom")
        if item.linked:
            more = _file(item.linked) | _described(item.linked)
            _child(element, "link", rel="enclosure", href=item.linked.url, **more)

    def _extras(self, element: Any, enclosure: Media | None, form: Format) -> None:
        """Add what both formats have: the picture, unless it is the enclosure, and the event."""
        story, has_all = self._item.entry.story, self._item.extras.has_all_media
        if story.image:
            is_known = story.image == enclosure and not has_all
            shown = element if is_known else _picture(element, story.image)
            if story.image.credit:
                _child(shown, f"{_MEDIA}credit", _plain(story.image.credit))
            _child(element, f"{_MEDIA}thumbnail", url=story.image.url, **_size(story.image))
        for media in _others(story) if has_all else ():
            _attachment(element, media)
        if story.event:
            _child(element, f"{_EVENT}startdate", stamp(story.event.start))
            _child(element, f"{_EVENT}enddate", stamp(story.event.end))
        if story.place:
            _child(element, f"{_EVENT}location", _plain(story.place))
        for extra in aggregators.of_item(self._item, form):
            _add(element, extra)


def _picture(element: Any, image: Media) -> Any:
    attributes = {"url": image.url, "type": image.media_type, "medium": "image", **_size(image)}
    content = _child(element, f"{_MEDIA}content", **attributes)
    if image.alt:
        # feedparser takes `media:description` for the text of the entry.
        _child(content, f"{_MEDIA}title", _plain(image.alt), type="plain")
    return content


def _others(story: Story) -> tuple[Media, ...]:
    """Return the files of an entry apart from its picture, each once: attachments, then others."""
    by_url = {media.url: media for media in (*reversed(story.inline), *story.attachments)}
    ordered = dict.fromkeys(media.url for media in (*story.attachments, *story.inline))
    return tuple(by_url[url] for url in ordered if not story.image or url != story.image.url)


def _attachment(element: Any, media: Media) -> None:
    """Add a file of any kind (Media RSS 1.5.1); the title that staff wrote stands in it."""
    medium = media.media_type.partition("/")[0]
    attributes = {
        "url": media.url,
        "fileSize": str(media.length) if media.length else "",
        "type": media.media_type,
        "medium": medium if medium in _MEDIUMS else "document",
        "lang": media.language,
        **_size(media),
    }
    given = {name: value for name, value in attributes.items() if value}
    content = _child(element, f"{_MEDIA}content", **given)
    if title := _described(media).get("title"):
        _child(content, f"{_MEDIA}title", _plain(title), type="plain")


def _file(media: Media) -> dict[str, str]:
    length = {"length": str(media.length)} if media.length else {}
    return {**length, "type": media.media_type}


def _described(media: Media) -> dict[str, str]:
    """Return title and language of a file that staff wrote (RFC 4287, section 4.2.7)."""
    is_name = _FILE_NAME.search(media.title) or unquote(media.url).endswith(media.title)
    found = {"title": "" if is_name else media.title, "hreflang": media.language}
    return {name: text for name, text in found.items() if text}


def _size(image: Media) -> dict[str, str]:
    sides = {"width": image.width, "height": image.height}
    return {side: str(pixels) for side, pixels in sides.items() if pixels}
