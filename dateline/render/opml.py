"""The list of all feeds, for programs that subscribe to them (OPML 2.0)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree  # type: ignore[import-untyped]  # it carries no types

from dateline.model import Document, Feed, Publication, Role
from dateline.model.formats import FORMATS
from dateline.render.feeds.common import feed_title

PATH = "feeds.opml"
MEDIA_TYPE = "text/x-opml; charset=utf-8"  # no type is registered; readers of OPML know this one


def opml(publication: Publication, feeds: Sequence[Feed], page: Callable[[Feed], str]) -> Document:
    """Return the list of `feeds`, each in its first format; `page` returns the path of its page.

    An outline's `type` is "rss" whatever the feed's format ("Subscription lists").
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    for name, text in _head(publication).items():
        etree.SubElement(head, name).text = text
    body = etree.SubElement(root, "body")
    for feed in feeds:
        title = feed_title(publication, feed, is_main=feed == feeds[0])
        outline = {
            "text": title,
            "type": "rss",
            "xmlUrl": f"{publication.url}{feed.paths[0]}",
            "title": title,
            "description": feed.description,
            "htmlUrl": f"{publication.url}{page(feed)}",
            "language": (feed.language or publication.language).lower(),
        }
        if version := FORMATS[feed.formats[0]].opml_version:
            outline["version"] = version
        etree.SubElement(body, "outline", outline)
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Document(path=PATH, role=Role.DIRECTORY, media_type=MEDIA_TYPE, data=data)


def _head(publication: Publication) -> dict[str, str]:
    texts = {
        "title": publication.title,
        "ownerName": publication.author,
        "ownerEmail": publication.email,
        "ownerId": publication.home,
        "docs": "https://opml.org/spec2.opml",
    }
    return {name: text for name, text in texts.items() if text}
