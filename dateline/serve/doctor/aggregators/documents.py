"""The documents that rules of aggregators are about, and the values at a path in them.

A path is one of ElementTree, with the prefixes of `PREFIXES`. `#img` after it selects the elements
of that name in the HTML that stands there, `@href` at its end an attribute. `http:address`,
`http:content-type` and `http:encoding` are values of the response.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, fromstring

from dateline.errors import FetchError
from dateline.model.formats import FORMATS
from dateline.serve.doctor.arrival import arrive
from dateline.system.decompression import decoded
from dateline.system.http import Ask, Reply
from dateline.text.expressions import regex

PREFIXES: Mapping[str, str] = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "sm": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "snf": "http://www.smartnews.be/snf",
    "webfeeds": "http://webfeeds.org/rss/1.0",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
SITEMAP = "sitemap"
_ITEMS = {"rss": "item", "atom": "atom:entry", SITEMAP: "sm:url[news:news]"}
_TITLES = ("title", "atom:title", "news:news/news:title", "link", "sm:loc")
_PATH = regex(r"(?P<path>.*?)(?:#(?P<tag>\w+))?(?:@(?P<attribute>[\w:]+))?")
_DECLARED = regex(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding=[\"']([\w.-]+)")
_MOST_BYTES = 20_000_000  # twice what any aggregator takes
_MOST_ITEMS = 2000
_MOST_HTML = 200_000  # characters of one item
_MOST_NODES = 2000  # elements of one item
_MOST_SITEMAPS = 20  # that are fetched to find the one of news


@dataclass(frozen=True, slots=True)
class Node:
    """An element of XML or HTML: its attributes, and its text, which is empty in HTML."""

    attributes: Mapping[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDocument:
    """A fetched feed, or a sitemap of news; `kind` is a format, or `SITEMAP`."""

    kind: str
    reply: Reply
    size: int
    encoding: str
    scope: Element
    items: tuple[Element, ...]

    @classmethod
    def of(cls, reply: Reply, kind: str) -> JudgedDocument:
        """Parse a reply. Raises `ValueError` where it is not XML, or larger than anybody takes."""
        data = decoded(reply.fields.get("content-encoding", ""), reply.data, _MOST_BYTES)
        try:
            root = fromstring(data)  # noqa: S314 - expat refuses what makes a text explode
        except (ParseError, LookupError) as error:
            raise ValueError(f"it is not XML ({error})") from error
        head = FORMATS[kind].head if kind in FORMATS else "."
        scope = root.find(head)
        scope = root if scope is None else scope
        declared = _DECLARED.match(data)
        return cls(
            kind=kind,
            reply=reply,
            size=len(data),
            encoding=declared[1].decode() if declared else "utf-8",
            scope=scope,
            items=tuple(scope.findall(_ITEMS[kind], dict(PREFIXES))[:_MOST_ITEMS]),
        )

    def values(self, scope: Element, path: str) -> list[str]:
        """Return the texts at a path below an element, without empty ones."""
        if path.startswith("http:"):
            return [text for text in [self._http(path.removeprefix("http:"))] if text]
        parts = _PATH.fullmatch(path)
        attribute = _qualified((parts and parts["attribute"]) or "")
        found = (
            node.attributes.get(attribute, "") if attribute else node.text
            for node in nodes(scope, path)
        )
        return [text.strip() for text in found if text.strip()]

    def _http(self, name: str) -> str:
        named = {"address": self.reply.address, "encoding": self.encoding}
        return named.get(name) or self.reply.fields.get(name, "")


def nodes(scope: Element, path: str) -> Iterator[Node]:
    """Yield the elements at a path, whatever its attribute, or those in the HTML there."""
    parts = _PATH.fullmatch(path)
    where, tag = (parts["path"], parts["tag"]) if parts else (path, None)
    for element in scope.findall(where, dict(PREFIXES)) if where else [scope]:
        if tag is None:
            yield Node(element.attrib, "".join(element.itertext()))
        elif len(element):  # XHTML in Atom
            for inner in element.iter():
                if inner.tag.rpartition("}")[2] == tag:
                    yield Node(inner.attrib)
        else:
            yield from (node for name, node in _html(element.text or "") if name == tag)


def title_of(item: Element) -> str:
    """Return the name by which people recognise an item."""
    texts = (item.findtext(path, "", dict(PREFIXES)).strip() for path in _TITLES)
    return next(filter(None, texts), "an item without a title")


def size_of(item: Element) -> int:
    """Return about how many characters an item has, without its tags."""
    return sum(
        len(one.text or "") + len(one.tail or "") + sum(map(len, one.attrib.values()))
        for one in item.iter()
    )


def news_sitemap(address: str, ask: Ask) -> JudgedDocument | None:
    """Return the sitemap of news that `robots.txt` of a site leads to (RFC 9309), or None."""
    waiting = re.findall(r"(?im)^sitemap:[ \t]*(\S+)", robots(address, ask) or "")
    for _ in range(_MOST_SITEMAPS):
        waiting.sort(key=lambda named: "news" not in named)  # it often has its name
        if not waiting:
            break
        try:
            reply, _way = arrive(urljoin(address, waiting.pop(0)), ask)
            found = JudgedDocument.of(reply, SITEMAP)
        except (FetchError, ValueError):
            continue
        if found.items:
            return found
        listed = found.scope.findall("sm:sitemap/sm:loc", dict(PREFIXES))
        waiting += [(one.text or "").strip() for one in listed]
    return None


def robots(address: str, ask: Ask) -> str | None:
    """Return the text of `robots.txt` of a site, empty if it has none; None if nobody knows."""
    try:
        reply, _way = arrive(urljoin(address, "/robots.txt"), ask)
        text = decoded(reply.fields.get("content-encoding", ""), reply.data)
    except (FetchError, ValueError):
        return None
    if reply.status >= 500:  # noqa: PLR2004
        return None
    return text.decode("utf-8-sig", "replace") if reply.status == 200 else ""  # noqa: PLR2004


def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{PREFIXES[prefix]}}}{local}" if prefix else local


@lru_cache(maxsize=64)  # those of a usual feed: several rules ask for each
def _html(text: str) -> tuple[tuple[str, Node], ...]:
    parser = _Elements()
    with suppress(AssertionError):  # Python's parser raises it for some marks that are cut off
        parser.feed(text[:_MOST_HTML])
    return tuple(parser.found)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Node]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self.found) < _MOST_NODES:
            self.found.append((tag, Node({name: value or "" for name, value in attrs})))
