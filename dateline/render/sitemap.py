"""Which addresses are there, for whoever looks at all of them? (Sitemaps 0.9, RFC 9309.)

All lie at the top, and `robots.txt` names their index: so they may list what lies anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from lxml import etree  # type: ignore[import-untyped]  # it carries no types

from dateline.model import Document, Headline, Publication, Role
from dateline.render.issue import stamp

INDEX, NEWS, PAGES, ROBOTS = "sitemap.xml", "sitemap-news.xml", "sitemap-pages.xml", "robots.txt"
MEDIA_TYPE = "application/xml; charset=utf-8"
ROBOTS_TYPE = "text/plain; charset=utf-8"
_PART = re.compile(r"sitemap-(\d+)\.xml")
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_CHINESE = {"zh": "zh-cn", "zh-hans": "zh-cn", "zh-hant": "zh-tw"}  # as Google calls it


def part_path(number: int) -> str:
    """Give the path of the sitemap with this number."""
    return f"sitemap-{number}.xml"


def part_number(path: str) -> int:
    """Give the number of the sitemap at a path, or 0 where there is none."""
    found = _PART.fullmatch(path)
    return int(found[1]) if found else 0


def robots(publication: Publication) -> Document:
    """Let everybody look at everything (RFC 9309, section 2.2), and say where all of it is."""
    text = f"User-agent: *\nAllow: /\n\nSitemap: {publication.url}{INDEX}\n"
    return Document(
        path=ROBOTS,
        role=Role.DIRECTORY,
        media_type=ROBOTS_TYPE,
        data=text.encode(),
    )


def index(publication: Publication, changed: Mapping[int, int]) -> Document:
    """Give the list of all sitemaps; `changed` has the numbers of those with entries.

    Each with its moment of change, in seconds since 1970.
    """
    root = etree.Element(f"{{{_SITEMAP}}}sitemapindex", nsmap={None: _SITEMAP})
    _add(root, "sitemap", f"{publication.url}{PAGES}")
    for number, moment in sorted(changed.items()):
        address = f"{publication.url}{part_path(number)}"
        _add(root, "sitemap", address, datetime.fromtimestamp(moment, UTC))
    _add(root, "sitemap", f"{publication.url}{NEWS}")
    return _document(INDEX, root)


def sitemap(
    publication: Publication, number: int, addresses: Iterable[tuple[str, datetime]]
) -> Document:
    """Give the sitemap of some entries, as slugs with the moments of `updated`."""
    root = _urlset()
    for slug, updated in addresses:
        _add(root, "url", f"{publication.url}{slug}.html", updated)
    return _document(part_path(number), root, publication)


def pages(publication: Publication, paths: Iterable[str]) -> Document:
    """Give the sitemap of what is about no entry."""
    root = _urlset()
    for path in paths:
        _add(root, "url", f"{publication.url}{path}")
    return _document(PAGES, root, publication)


def news(
    publication: Publication, headlines: Iterable[Headline], expires: datetime | None = None
) -> Document:
    """Give the sitemap of what is new, as Google News has it; `expires` as in `Edition`."""
    root = _urlset({"news": _NEWS})
    for one in headlines:
        url = _add(root, "url", f"{publication.url}{one.slug}.html", one.updated)
        item = etree.SubElement(url, f"{{{_NEWS}}}news")
        speaker = etree.SubElement(item, f"{{{_NEWS}}}publication")
        etree.SubElement(speaker, f"{{{_NEWS}}}name").text = publication.title
        etree.SubElement(speaker, f"{{{_NEWS}}}language").text = _language(one.language)
        etree.SubElement(item, f"{{{_NEWS}}}publication_date").text = stamp(one.published)
        etree.SubElement(item, f"{{{_NEWS}}}title").text = one.title
    return _document(NEWS, root, publication, expires)


def _language(tag: str) -> str:
    tag = tag.lower()
    return _CHINESE.get(tag) or _CHINESE.get(tag[:7]) or tag.partition("-")[0]


def _urlset(prefixes: Mapping[str | None, str] = MappingProxyType({})) -> etree._Element:
    return etree.Element(f"{{{_SITEMAP}}}urlset", nsmap={None: _SITEMAP, **prefixes})


def _add(
    parent: etree._Element, name: str, address: str, changed: datetime | None = None
) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_SITEMAP}}}{name}")
    etree.SubElement(child, f"{{{_SITEMAP}}}loc").text = address
    if changed:
        etree.SubElement(child, f"{{{_SITEMAP}}}lastmod").text = stamp(changed)
    return child


def _document(
    path: str,
    root: etree._Element,
    publication: Publication | None = None,
    expires: datetime | None = None,
) -> Document:
    """Give what is listed; the front page, where nothing is: the schema wants one address."""
    if publication and not len(root):
        _add(root, "url", publication.url)
    return Document(
        path=path,
        role=Role.DIRECTORY,
        media_type=MEDIA_TYPE,
        data=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
        expires=expires,
    )
