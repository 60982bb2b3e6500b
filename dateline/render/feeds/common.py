"""The content that all formats of a feed have in common.

They have the same entries, ids, order, texts and moments; every choice is made here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial

from dateline.entries.normalise.markdown import summary_of
from dateline.model import (
    Edition,
    Entry,
    Feed,
    Media,
    Publication,
    Story,
    Tombstone,
    archive_stem,
)
from dateline.model.formats import FORMATS, Format
from dateline.render.entry_html import full_text, shortened
from dateline.rules.labels import headline
from dateline.system.memo import MANY, memoised

CALENDAR_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"  # RFC 5545, section 8.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemExtras:
    """What items of RSS and Atom have beyond the usual, because their feed asks for it.

    `has_validity` is for the dates of the last change and of the end (MSN), `analytics` is a piece
    of HTML (SmartNews). With `has_all_media`, every file is in Media RSS.
    """

    has_validity: bool = False
    analytics: str = ""
    has_all_media: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """The content of one entry in every format.

    `link` is the page that readers open. `authors` has at least one name. `language` is empty
    where it is the feed's. `enclosure` is the file that players download: the first whose length
    is known, attachments before the picture. `linked` is the same for Atom, which needs no length:
    there an attachment at a web address precedes the picture, too.
    """

    entry: Entry
    title: str
    link: str
    authors: tuple[str, ...]
    language: str
    enclosure: Media | None
    linked: Media | None
    html: str
    extras: ItemExtras = ItemExtras()

    def __hash__(self) -> int:
        return hash((self.entry, self.link))  # as that of an entry

    @property
    def summary(self) -> str:
        """The summary that staff wrote, or the first sentences, as plain text; never empty."""
        story = self.entry.story
        return story.summary or summary_of(story.html) or self.title

    @property
    def author(self) -> str:
        """All names as one: most readers show only the first of several authors."""
        return ", ".join(self.authors)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """The content of one edition of a feed in every format.

    `title` names the publication, as it stands alone in a reader's list. `page` is the address of
    the feed's HTML page; `id` is permanent, even if the site moves. `query` ends its addresses.
    """

    publication: Publication
    edition: Edition
    title: str
    page: str
    id: str
    language: str
    items: tuple[FeedItem, ...]
    tombstones: tuple[Tombstone, ...]
    query: str = ""
    extras: ItemExtras = ItemExtras()

    @classmethod
    def of(cls, publication: Publication, edition: Edition, *, page: str) -> FeedView:
        """Return the view of an edition; `page` is the path of its HTML page."""
        language = edition.feed.language or publication.language
        extras = _extras(publication, edition)
        item = _items(publication, language, extras)
        return cls(
            publication=publication.in_language(language),
            edition=edition,
            title=feed_title(publication, edition.feed, is_main=not page),
            page=f"{publication.url}{page}",
            id=f"tag:{publication.tag}:feed/{edition.feed.name}",
            language=language,
            items=tuple(
                item(shortened(entry, publication.url) if entry.id in edition.shortened else entry)
                for entry in edition.entries
            ),
            tombstones=edition.tombstones,
            extras=extras,
        )

    @property
    def icon(self) -> str:
        """The address of the square picture that stands for the publication, or empty."""
        own = self.publication.theme.icon
        return self.publication.icon or (own.url if own else "")

    @property
    def cover(self) -> str:
        """The address of its logo, or empty."""
        own = self.publication.theme.logo
        return self.publication.logo or (own.url if own else "")

    def path(self, form: Format) -> str:
        """Return the path of the document in one format."""
        return f"{self.edition.stem}.{form}"

    def address(self, form: Format) -> str:
        """Return the address of the document in one format."""
        return f"{self.publication.url}{self.path(form)}{self.query}"

    def history(self, form: Format) -> dict[str, str]:
        """Return the addresses of the documents before, after and now (RFC 5005, section 4)."""
        edition = self.edition
        if not FORMATS[form].has_archives:
            return {}
        name = edition.feed.name
        stems = {
            "prev-archive": archive_stem(name, edition.previous) if edition.previous else "",
            "next-archive": archive_stem(name, edition.following) if edition.following else "",
            "current": name if edition.archive else "",
        }
        return {rel: f"{self.publication.url}{stem}.{form}" for rel, stem in stems.items() if stem}


def stamp(moment: date | datetime) -> str:
    """Return a day or a moment as in RFC 3339, a moment in UTC and whole seconds."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return _utc(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=4096)  # the moments of an entry recur in each format and run
def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def feed_title(publication: Publication, feed: Feed, *, is_main: bool) -> str:
    """Return the title of a feed where it stands alone, in the language of the feed."""
    own = publication.in_language(feed.language or publication.language).title
    return own if is_main or feed.title == own else f"{feed.title} – {own}"


@lru_cache(maxsize=16)
def _items(
    publication: Publication, language: str, extras: ItemExtras
) -> Callable[[Entry], FeedItem]:
    """Return the function that makes items of the feeds in a language: an entry is in several."""
    make = partial(_item, publication=publication, language=language, extras=extras)
    return memoised(lambda entry: len(entry.story.html), most=MANY)(make)


def _extras(publication: Publication, edition: Edition) -> ItemExtras:
    """Return what the feed of an edition asks for; aggregators read no archives."""
    feed = edition.feed
    named = () if edition.archive else feed.aggregators
    analytics = publication.aggregators.smartnews_analytics
    return ItemExtras(
        has_validity="msn" in named,
        analytics=analytics if "smartnews" in named else "",
        has_all_media=feed.media == "all",
    )


def _item(entry: Entry, publication: Publication, language: str, extras: ItemExtras) -> FeedItem:
    story = entry.story
    return FeedItem(
        entry=entry,
        title=headline(entry),
        link=story.link or f"{publication.url}{entry.slug}.html",
        authors=story.authors or (publication.in_language(story.language).author,),
        language=story.language if story.language.lower() != language.lower() else "",
        enclosure=_enclosure(story),
        linked=_linked(story),
        html=full_text(entry),
        extras=extras,
    )


def _enclosure(story: Story) -> Media | None:
    files = (*story.attachments, *((story.image,) if story.image else ()))
    return next((media for media in files if media.length), None)


def _linked(story: Story) -> Media | None:
    """Return the enclosure in Atom: of several attachments, one whose length is known."""
    known = next((media for media in story.attachments if media.length), None)
    return known or next(iter(story.attachments), None) or _enclosure(story)
