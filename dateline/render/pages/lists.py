"""The pages that list entries: front page, pages of feeds and archives, how to subscribe."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache, partial
from itertools import groupby
from typing import Literal

from dateline.model import Document, Edition, Entry, Feed, Media, Publication, Span
from dateline.render.pages.entry_patterns import Item, ItemPatterns
from dateline.render.pages.layout import Layout
from dateline.render.pages.navigation import BEGINNERS
from dateline.render.pages.pictures import SIZES
from dateline.rules.taxonomy import derived, folder_of
from dateline.system.memo import get_or_create
from dateline.text.characters import comparable

EventState = Literal["coming", "under way", "past"]

_LISTED = 100  # entries in a list
_EXPLAINED = 15  # feeds on a page; of more, it has the titles and addresses alone


def pages_of_feed(
    layout: Layout,
    edition: Edition,
    coming: Sequence[Entry] = (),
    until: datetime | None = None,
    *,
    years: Mapping[int, int] | None = None,
    counterparts: Sequence[str] = (),
) -> Iterator[Document]:
    """Yield the page of an archive, or of a feed and then the `explanations` that go with it.

    `coming` are the next events; at the moment `until` they change. `years` of a term are those in
    which full pages begin, with the newest of these; `counterparts` are the same
    month in other languages.
    """
    site = layout.site
    path, *_ = documents(layout, edition)
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
        yield _list(
            layout,
            path,
            "list.html",
            edition,
            coming,
            until=until,
            counterparts=counterparts,
            years=years or {},
        )
    yield from explanations(layout, edition)


def explanations(layout: Layout, edition: Edition) -> Iterator[Document]:
    """Yield the pages on how to subscribe to the feeds of a language, with the first of these."""
    _, *paths = documents(layout, edition)
    return (_explanation(layout, path, edition) for path in paths)


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
    counterparts: Sequence[str] = (),
    **values: object,
) -> Document:
    """Return a list of entries; in a feed of events, those to come stand first."""
    site, feed, entries = layout.site, edition.feed, edition.entries
    others = _counterparts(layout, edition, counterparts)
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
        **_of_items(layout, path, edition),
        current=site.page(feed),
        translated=site.by_language({tag: site.page(one) for tag, one in others.items()}),
        entries=entries[:_LISTED],
        coming=coming,
        counterparts=others,
        newest_year=_newest_year(layout, feed, entries),
        explained=site.explained | {feed.name: site.explained_at(feed)},
        **values,
    )


def _counterparts(layout: Layout, edition: Edition, months: Sequence[str]) -> dict[str, Feed]:
    """Return what a page lists in each language, if it is of all news or of a month.

    `months` are the counterparts of a month.
    """
    site, feed = layout.site, edition.feed
    if months:
        return {site.language(one): one for one in map(derived, sorted((feed.name, *months)))}
    return {} if edition.archive else site.counterparts(feed)


def _newest_year(layout: Layout, feed: Feed, entries: Sequence[Entry]) -> str:
    """Return the folder of the year that a page of all news leads to, or an empty text.

    It is that of its newest entry in its language, if it has any.
    """
    site, taxonomy = layout.site, layout.taxonomy
    has_all = feed == site.main or feed in site.languages().values()
    if not (has_all and entries and layout.publication.has_terms):
        return ""
    own = taxonomy.year("", site.language(feed))
    years = (folder_of(taxonomy.month(entry)) for entry in entries)
    return next((one for one in years if one[4:] == own), folder_of(taxonomy.month(entries[0])))


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
        current=path,
        translated={tag: other for other, tag in site.explanations_but(path).items()},
        feed=edition.feed,
        **_of_items(layout, path, edition),
        entries=edition.entries,
        own_feeds=own,
        beginners=BEGINNERS,
        is_explained=len(own) <= _EXPLAINED,
        elsewhere=site.explanations_but(path),
        explained_on=site.explained_on,
        are_all_explained=len(site.feeds) <= _EXPLAINED,
    )


# ---- Items


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic that an item names: its title, the language of that, and the path of its page.

    The path of the front page is empty; without a page it is None.
    """

    title: str
    language: str
    path: str | None


def _of_items(layout: Layout, path: str, edition: Edition) -> dict[str, object]:
    """Return the values with which `parts.html` renders items."""
    zone = layout.publication.zone
    return {
        "again": _remembering(layout, path, edition),
        "months": lambda some: [[*month] for _, month in groupby(some, partial(_month, zone=zone))],
        "topic_of": partial(_topic, layout, edition.feed),
        "thumbnail": _thumbnail,
        "picture_sizes": SIZES,
    }


def _month(entry: Entry, zone: tzinfo) -> tuple[int, int]:
    moment = entry.published.astimezone(zone)
    return moment.year, moment.month


def _topic(layout: Layout, feed: Feed, entry: Entry) -> Topic | None:
    """Return an entry's topic, that of the page aside: of a feed, else of the entry itself."""
    site, story = layout.site, entry.story
    for one in site.topics_of(entry):
        if one.categories and one != feed:
            texts = site.texts(one, site.language(feed))
            return Topic(texts.title, texts.language, site.page(one))
    known = {comparable(name) for name in feed.categories}
    for name in story.categories:
        listed = layout.taxonomy.reached("category", name, story.language)
        if comparable(name) not in known and not (listed and listed.name == feed.name):
            return Topic(name, story.language, site.page(listed) if listed else None)
    return None


def _thumbnail(entry: Entry) -> Media | None:
    """Return the picture of an entry for a list; that of another site or of a claim is none."""
    image = entry.story.image
    return image if image and image.path and not entry.retracted else None


def _remembering(layout: Layout, path: str, edition: Edition) -> Callable[[Item, Entry, str], str]:
    """Return a function that renders an item, or remembers it from another list or run.

    A theme's own template may put anything in an item: those are neither remembered nor made by
    patterns. An archive is rendered once: its items are not remembered.
    """
    feed, publication = edition.feed, layout.publication
    if publication.theme.templates:
        return lambda make, entry, form: make(entry, form)
    language = layout.site.language(feed)
    shared = (language, layout.root(path), feed.is_agenda, feed.kinds)
    patterns, known = _patterns(publication, language, shared), _items(publication, shared)

    def item(make: Item, entry: Entry, form: str) -> str:
        # Such a feed has the day on which an entry was published.
        if "correction" in feed.kinds:
            return make(entry, form)
        return patterns.item(make, entry, form, _topic(layout, feed, entry))

    if edition.archive:
        return item
    return lambda make, entry, form: get_or_create(
        known, (entry, form, _topic(layout, feed, entry)), partial(item, make, entry, form)
    )


@lru_cache(maxsize=16)
def _items(publication: Publication, shared: Hashable) -> OrderedDict[Hashable, str]:  # noqa: ARG001 - the key of the cache
    """Return the items rendered so far for the lists of a publication that have this in common."""
    return OrderedDict()


@lru_cache(maxsize=16)
def _patterns(publication: Publication, language: str, shared: Hashable) -> ItemPatterns:  # noqa: ARG001 - the key of the cache
    """Return the patterns of the items of the lists of a publication that have this in common."""
    return ItemPatterns(language)


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


def state_of(event: Span, now: datetime, zone: tzinfo) -> tuple[EventState, datetime | None]:
    """Return the state of an event at `now`, and when it changes, or None if it is past.

    A whole day begins and ends in the zone; an event without an end lasts until its day is over.
    """
    begins, ends = _moments(event, zone)
    if now < begins:
        return "coming", begins
    return ("under way", ends) if now < ends else ("past", None)


def _moments(event: Span, zone: tzinfo) -> tuple[datetime, datetime]:
    start, end = event.start, event.end
    begins = start if isinstance(start, datetime) else _midnight(start, zone)
    if isinstance(end, datetime) and end != start:
        return begins, end
    day = end.astimezone(zone).date() if isinstance(end, datetime) else end
    return begins, _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)
