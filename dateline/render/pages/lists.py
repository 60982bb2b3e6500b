"""The pages that list entries: front page, pages of feeds and archives, how to subscribe."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime, time, tzinfo
from functools import lru_cache, partial

from dateline.model import Document, Edition, Entry, Publication
from dateline.render.pages.layout import Layout
from dateline.system.memo import get_or_create

Row = Callable[[Entry, bool], str]
"""Renders the row of an entry in a list, with its summary or without (`parts.html`)."""

_LISTED = 100  # entries in a list
_EXPLAINED = 15  # feeds on a page; of more, it has the titles and addresses alone


def pages_of_feed(
    layout: Layout,
    edition: Edition,
    coming: Sequence[Entry] = (),
    until: datetime | None = None,
) -> Iterator[Document]:
    """Yield the pages that show an edition: of an archive, or all that change with its feed.

    `coming` are the next events; at the moment `until` they change.
    """
    site = layout.site
    path, *explanations = documents(layout, edition)
    coming = in_order(coming, layout.publication.zone)
    if path == "index.html":
        topics = site.topics(site.language(edition.feed))
        yield _list(
            layout,
            path,
            "front.html",
            edition,
            coming,
            until=until,
            topics=topics,
            is_explained=len(topics) <= _EXPLAINED,
            languages=site.languages(),
        )
    else:
        yield _list(layout, path, "list.html", edition, coming, until=until)
    yield from (_explanation(layout, path, edition) for path in explanations)


def documents(layout: Layout, edition: Edition) -> tuple[str, ...]:
    """Return the paths of the pages that show an edition."""
    return (f"{edition.stem}.html",) if edition.archive else layout.site.documents(edition.feed)


def _list(
    layout: Layout,
    path: str,
    template: str,
    edition: Edition,
    coming: Sequence[Entry],
    *,
    until: datetime | None,
    **values: object,
) -> Document:
    """Return a list of entries; in a feed of events, those to come stand first."""
    site, feed, entries = layout.site, edition.feed, edition.entries
    if feed.is_agenda and not edition.archive:
        entries = (*coming_first(coming, entries, layout.publication.zone),)
    return layout.page(
        path,
        template,
        site.language(feed),
        site.named if path == "index.html" else site.main_first((feed,) if feed.formats else ()),
        [edition.expires, until],
        edition=edition,
        feed=feed,
        again=_remembering(layout, path, edition),
        entries=entries[:_LISTED],
        coming=coming,
        counterparts={} if edition.archive else site.counterparts(feed),
        explained=site.explained | {feed.name: site.explained_at(feed)},
        **values,
    )


def _explanation(layout: Layout, path: str, edition: Edition) -> Document:
    """Return the page on how to subscribe to the feeds of one language."""
    site = layout.site
    own = site.explained_on(path)
    return layout.page(
        path,
        "subscribe.html",
        site.language(edition.feed),
        site.named,
        [edition.expires],
        here=f"{layout.publication.url}{path}",
        feed=edition.feed,
        again=_remembering(layout, path, edition),
        entries=edition.entries,
        own_feeds=own,
        is_explained=len(own) <= _EXPLAINED,
        elsewhere=site.explanations_but(path),
        explained_on=site.explained_on,
        are_all_explained=len(site.feeds) <= _EXPLAINED,
    )


# ---- Rows


def _remembering(layout: Layout, path: str, edition: Edition) -> Callable[[Row, Entry, bool], str]:
    """Return a function that renders an entry's row, or remembers it from another list or run.

    A theme's own template may put anything in a row, and an archive is rendered once: their rows
    are not remembered.
    """
    feed, publication = edition.feed, layout.publication
    if edition.archive or publication.theme.templates:
        return lambda make, entry, is_whole: make(entry, is_whole)
    shared = (layout.site.language(feed), layout.root(path), feed.is_agenda, feed.kinds)
    known = _rows(publication, shared)
    return lambda make, entry, is_whole: get_or_create(
        known, (entry, is_whole), partial(make, entry, is_whole)
    )


@lru_cache(maxsize=16)
def _rows(publication: Publication, shared: Hashable) -> OrderedDict[tuple[Entry, bool], str]:  # noqa: ARG001 - the key of the cache
    """Return the rows rendered so far for the lists of a publication that have this in common."""
    return OrderedDict()


# ---- Events


def in_order(events: Sequence[Entry], zone: tzinfo) -> list[Entry]:
    """Return events by their beginning; a whole day begins at midnight in the zone."""
    return sorted(events, key=lambda one: (_begins(one, zone), one.sequence))


def coming_first(coming: Sequence[Entry], known: Sequence[Entry], zone: tzinfo) -> list[Entry]:
    """Return the events to come in order, then the others that are `known`, the latest first."""
    ids = {one.id for one in coming}
    past = [one for one in known if one.id not in ids]
    return [*in_order(coming, zone), *reversed(in_order(past, zone))]


def _begins(entry: Entry, zone: tzinfo) -> datetime:
    start = entry.story.event.start if entry.story.event else entry.published
    return start if isinstance(start, datetime) else datetime.combine(start, time.min, zone)
