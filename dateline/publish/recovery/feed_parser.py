"""Parse published feeds for the entries in them.

These are Dateline's own documents (`dateline.render`), so each value is read from its usual place;
damaged documents are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # it carries no types

from dateline.text.expressions import regex

_SLUG = regex(r"(?:^|/)(\d{4}/\d{2}/[a-z0-9-]+)\.html$")
_PART = regex(r"(.+?)/(retraction|correction/(\d{1,6}))", re.DOTALL)
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """An item of a feed: an entry (`part` 0), or a part of it (`dateline.ledger.tables`).

    `slug` is empty if the link leads to the organisation's own page.
    """

    id: str
    part: int
    slug: str
    title: str
    html: str
    published: datetime
    updated: datetime
    language: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """The items of a feed's document, and the withdrawn ids with their moments."""

    items: tuple[ShownItem, ...]
    gone: Mapping[str, datetime] = field(default_factory=dict)


def shown(form: str, data: bytes) -> ShownDocument | None:
    """Return the items of a feed's document in this format, or None if it is damaged."""
    try:
        return _SHOWN[form](data)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, etree.XMLSyntaxError):
        return None


def _of_json(data: bytes) -> ShownDocument:
    record = json.loads(data)
    return ShownDocument(items=tuple(_json_item(one, record) for one in record["items"]))


def _json_item(one: Mapping[str, Any], feed: Mapping[str, Any]) -> ShownItem:
    published = moment_in(one["date_published"])
    return _item(
        text_in(one["id"]),
        link=text_in(one["url"]),
        title=text_in(one["title"]),
        html=text_in(one["content_html"]),
        published=published,
        updated=moment_in(one.get("date_modified") or one["date_published"]),
        language=text_in(one.get("language") or feed.get("language") or ""),
        categories=tuple(text_in(tag) for tag in one.get("tags", [])),
    )


def _of_atom(data: bytes) -> ShownDocument:
    root = _tree(data)
    if root.tag != f"{_ATOM}feed":
        raise ValueError(root.tag)
    gone = {one.get("ref"): moment_in(one.get("when")) for one in root.iter(_DELETED)}
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    items = tuple(_atom_item(one, language) for one in root.iter(f"{_ATOM}entry"))
    return ShownDocument(items=items, gone=gone)


def _atom_item(one: Any, language: str) -> ShownItem:
    links = [link for link in one.iter(f"{_ATOM}link") if link.get("rel") == "alternate"]
    published = one.findtext(f"{_ATOM}published") or one.findtext(f"{_ATOM}updated")
    return _item(
        text_in(one.findtext(f"{_ATOM}id")),
        link=links[0].get("href") if links else "",
        title=one.findtext(f"{_ATOM}title") or "",
        html=one.findtext(f"{_ATOM}content") or "",
        published=moment_in(published),
        updated=moment_in(one.findtext(f"{_ATOM}updated")),
        language=language,
        categories=tuple(tag.get("term") for tag in one.iter(f"{_ATOM}category")),
    )


def _of_rss(data: bytes) -> ShownDocument:
    channel = _tree(data).find("channel")
    items = tuple(
        _rss_item(one, channel.findtext("language") or "") for one in channel.iter("item")
    )
    return ShownDocument(items=items)


def _rss_item(one: Any, language: str) -> ShownItem:
    published = parsedate_to_datetime(text_in(one.findtext("pubDate")))
    updated = one.findtext(f"{_ATOM}updated")
    return _item(
        text_in(one.findtext("guid")),
        link=one.findtext("link") or "",
        title=one.findtext("title") or "",
        html=one.findtext(_CONTENT) or one.findtext("description") or "",
        published=published.astimezone(UTC),
        updated=moment_in(updated) if updated else published.astimezone(UTC),
        language=language,
        categories=tuple(tag.text or "" for tag in one.iter("category")),
    )


def _item(id_: str, *, link: str, **values: Any) -> ShownItem:
    part = _PART.fullmatch(id_)
    number = 0 if part is None else int(part[3]) if part[3] else -1
    return ShownItem(id=part[1] if part else id_, part=number, slug=slug_of(link), **values)


def _tree(data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(data, parser)


_SHOWN = {"json": _of_json, "atom": _of_atom, "rss": _of_rss}
READABLE = tuple(_SHOWN)
"""The formats from which entries can be recovered, the most complete first."""


# ---- Values, of pages too


def slug_of(address: str) -> str:
    """Return the slug of an entry whose page has this address, or an empty text."""
    found = _SLUG.search(urlsplit(address).path)
    return found[1] if found else ""


def text_in(value: Any) -> str:
    """Return a value that is a text. Raises `TypeError` for any other."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def moment_in(value: Any) -> datetime:
    """Return a moment in UTC. Raises `ValueError` for one without a zone."""
    moment = datetime.fromisoformat(text_in(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)
