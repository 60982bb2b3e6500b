"""The addresses of all pages, for search engines (Sitemaps 0.9, RFC 9309).

Sitemaps are at the root and `robots.txt` names their index, so that they may list every path.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice

from dateline.model import Document, Headline, Publication, Role
from dateline.render.feeds.common import stamp
from dateline.text.expressions import regex

INDEX, NEWS, PAGES, ROBOTS = "sitemap.xml", "sitemap-news.xml", "sitemap-pages.xml", "robots.txt"
MEDIA_TYPE = "application/xml; charset=utf-8"
ROBOTS_TYPE = "text/plain; charset=utf-8"
_PART = regex(r"sitemap-(\d+)\.xml")
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})  # scripts and regions of Chinese
_MOST = 50_000  # addresses of a sitemap


def part_path(number: int) -> str:
    """Return the path of the sitemap with this number."""
    return f"sitemap-{number}.xml"


def part_number(path: str) -> int:
    """Return the number of the sitemap at a path, or 0 for another path."""
    found = _PART.fullmatch(path)
    return int(found[1]) if found else 0


def robots(publication: Publication) -> Document:
    """Return a `robots.txt` that allows everything (RFC 9309) and names the index of sitemaps."""
    text = f"User-agent: *\nAllow: /\n\nSitemap: {publication.url}{INDEX}\n"
    return Document(
        path=ROBOTS,
        role=Role.DIRECTORY,
        media_type=ROBOTS_TYPE,
        data=text.encode(),
    )


def index(publication: Publication, changed: Mapping[int, int]) -> Document:
    """Return the index of all sitemaps.

    `changed` has the numbers of the sitemaps with entries, and when they changed, in seconds
    since 1970.
    """
    parts = (
        _located("sitemap", f"{publication.url}{part_path(number)}", moment)
        for number, moment in sorted(changed.items())
    )
    first, last = (_located("sitemap", f"{publication.url}{path}") for path in (PAGES, NEWS))
    return _document(INDEX, "sitemapindex", [first, *parts, last])


def sitemap(
    publication: Publication, number: int, addresses: Iterable[tuple[str, int]]
) -> Document:
    """Return the sitemap of some entries: slugs with `updated` in seconds since 1970."""
    urls = (_located("url", f"{publication.url}{slug}.html", at) for slug, at in addresses)
    return _urlset(part_path(number), publication, urls)


def pages(publication: Publication, paths: Iterable[str]) -> Document:
    """Return the sitemap of the pages that are not of entries.

    It has the first of very many: search engines refuse a longer one as a whole.
    """
    urls = (_located("url", f"{publication.url}{path}") for path in islice(paths, _MOST))
    return _urlset(PAGES, publication, urls)


def news(
    publication: Publication, headlines: Iterable[Headline], expires: datetime | None = None
) -> Document:
    """Return the sitemap of recent entries for Google News; `expires` as in `Edition`."""
    urls = (_news(one, publication) for one in headlines)
    made = _urlset(NEWS, publication, urls, f' xmlns:news="{_NEWS}"')
    return replace(made, expires=expires)


def _news(one: Headline, publication: Publication) -> str:
    name = _element("news:name", _text(publication.in_language(one.language).title))
    language = _element("news:language", _language(one.language))
    elements = [
        _element("news:publication", name + language),
        _element("news:publication_date", stamp(one.published)),
        _element("news:title", _text(one.title)),
    ]
    address, more = f"{publication.url}{one.slug}.html", _element("news:news", "".join(elements))
    return _located("url", address, int(one.updated.timestamp()), more)


def _language(tag: str) -> str:
    """Return the tag that Google knows: only Chinese has one for each script."""
    language, *rest = tag.lower().split("-")
    if language != "zh":
        return language
    return "zh-tw" if _TRADITIONAL.intersection(rest) and "hans" not in rest else "zh-cn"


@lru_cache(maxsize=4096)  # of two sitemaps, the index and the news: nearly all stay as they were
def _located(name: str, address: str, changed: int | None = None, more: str = "") -> str:
    moment = "" if changed is None else stamp(datetime.fromtimestamp(changed, UTC))
    lastmod = moment and _element("lastmod", moment)
    return _element(name, _element("loc", _text(address)) + lastmod + more)


def _text(text: str) -> str:
    """Return a text as XML has it; the function of `xml.sax` would import an HTTP client."""
    return html.escape(text, quote=False)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _urlset(
    path: str, publication: Publication, urls: Iterable[str], prefixes: str = ""
) -> Document:
    """Return a sitemap; an empty one lists the front page, for the schema wants an address."""
    listed = [*urls] or [_located("url", publication.url)]
    return _document(path, "urlset", listed, prefixes)


def _document(path: str, root: str, listed: Iterable[str], prefixes: str = "") -> Document:
    """Return a document with a line for each address.

    It is joined as text: there may be a thousand addresses, and lxml takes ten times as long.
    """
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SITEMAP}"{prefixes}>'
    lines = [start, *listed, f"</{root}>", ""]
    return Document(
        path=path, role=Role.DIRECTORY, media_type=MEDIA_TYPE, data="\n".join(lines).encode()
    )
