"""The elements of RSS and Atom that single aggregators read, apart from what every feed has.

They are in a feed that names the aggregator (`Feed.aggregators`); `docs/aggregators.md` says what
each is for. Feedly's picture, badge and colour are in every feed, if the publication has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dateline.model.formats import Format
from dateline.render.feeds.common import FeedItem, FeedView, ItemExtras, stamp

_WEBFEEDS = "http://webfeeds.org/rss/1.0"
_SMARTNEWS = "http://www.smartnews.be/snf"
_DCTERMS = "http://purl.org/dc/terms/"


class Extra(NamedTuple):
    """An element that an aggregator reads: its name as lxml has it, text, attributes, child."""

    name: str
    text: str | None = None
    attributes: Mapping[str, str] = {}
    child: Extra | None = None


def prefixes_of_items(extras: ItemExtras) -> dict[str, str]:
    """Return the prefixes that items with these extras use; validators do not know them."""
    known = {"dcterms": (_DCTERMS, extras.has_validity), "snf": (_SMARTNEWS, extras.analytics)}
    return {prefix: uri for prefix, (uri, is_used) in known.items() if is_used}


def prefixes(view: FeedView) -> dict[str, str]:
    """Return the prefixes that a feed uses for its aggregators, and no others."""
    used = {extra.name.partition("}")[0].strip("{") for extra in of_feed(view)}
    known = {"webfeeds": _WEBFEEDS, "snf": _SMARTNEWS}
    in_items = prefixes_of_items(view.extras)
    return in_items | {prefix: uri for prefix, uri in known.items() if uri in used}


def of_feed(view: FeedView) -> Iterator[Extra]:
    """Yield the elements of the feed itself; archives have none."""
    if view.edition.archive:
        return
    yield from _feedly(view)
    own = view.publication.aggregators
    if "smartnews" in view.edition.feed.aggregators:
        logos = {"logo": own.smartnews_logo, "darkModeLogo": own.smartnews_dark_logo}
        for name, address in logos.items():
            if address:
                yield Extra(f"{{{_SMARTNEWS}}}{name}", child=Extra("url", address))


def _feedly(view: FeedView) -> Iterator[Extra]:
    own, accent = view.publication.aggregators, view.publication.theme.accent
    if view.cover:
        yield Extra(f"{{{_WEBFEEDS}}}cover", attributes={"image": view.cover})
    if view.icon:
        yield Extra(f"{{{_WEBFEEDS}}}icon", view.icon)
    if accent:
        yield Extra(f"{{{_WEBFEEDS}}}accentColor", accent.removeprefix("#"))
    if "feedly" not in view.edition.feed.aggregators:
        return
    if own.feedly_logo:
        yield Extra(f"{{{_WEBFEEDS}}}logo", own.feedly_logo)
    if own.feedly_related:
        cards = {"layout": "card", "target": "browser"}
        yield Extra(f"{{{_WEBFEEDS}}}related", attributes=cards)
    if own.feedly_analytics:
        account = {"id": own.feedly_analytics, "engine": "GoogleAnalytics"}
        yield Extra(f"{{{_WEBFEEDS}}}analytics", attributes=account)


def of_item(item: FeedItem, form: Format) -> Iterator[Extra]:
    """Yield the elements of an item; Atom has the date of its last change without them."""
    entry, extras = item.entry, item.extras
    if extras.has_validity and form == "rss":
        yield Extra(f"{{{_DCTERMS}}}modified", stamp(entry.updated))
    if extras.has_validity and entry.story.expires:
        period = f"start={stamp(entry.published)}; end={stamp(entry.story.expires)}"
        yield Extra(f"{{{_DCTERMS}}}valid", f"{period}; scheme=W3C-DTF")
    if extras.analytics:
        yield Extra(f"{{{_SMARTNEWS}}}analytics", extras.analytics)
