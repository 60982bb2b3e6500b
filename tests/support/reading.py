"""Feeds read by strict parsers."""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from support.paths import DATA

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ev": "http://purl.org/rss/1.0/modules/event/",
    "media": "http://search.yahoo.com/mrss/",
}
ATOM_SCHEMA = etree.RelaxNG(etree.parse(DATA / "atom.rng"))


def texts(data: bytes, path: str) -> list[str]:
    """Return what an XPath finds: the texts of elements, the values of attributes."""
    found = etree.fromstring(data).xpath(path, namespaces=NAMESPACES)
    return [node if isinstance(node, str) else node.text for node in found]
