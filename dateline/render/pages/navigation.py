"""The feeds that belong on each page, and the links by which people subscribe to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from urllib.parse import quote

from dateline.model import Entry, Feed, FeedTexts, Publication, nearest
from dateline.rules.selection import concerned
from dateline.rules.taxonomy import address, head
from dateline.system.memo import get_or_create
from dateline.text.urls import explanations

_NAMED = 30  # feeds that are all named at the head of the front page
# Services that take the address of a feed or calendar in a link. None of them is contacted.
_READERS: Mapping[str, str] = {
    "Feedbin": "https://feedbin.com/?subscribe=",
    "Feedly": "https://feedly.com/i/subscription/feed/",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}
# Readers to begin with, which cost nothing and need no other program.
BEGINNERS: Mapping[str, Mapping[str, str]] = {
    "phone": {
        "Feeder (Android)": "https://f-droid.org/packages/com.nononsenseapps.feeder/",
        "NetNewsWire (iPhone, iPad)": "https://netnewswire.com/",
    },
    "computer": {
        "Thunderbird (Windows, macOS, Linux)": "https://www.thunderbird.net/",
        "NetNewsWire (macOS)": "https://netnewswire.com/",
    },
    "browser": {
        "Feedly": "https://feedly.com/",
        "Inoreader": "https://www.inoreader.com/",
    },
}
_CALENDARS: Mapping[str, str] = {
    "Google": "https://calendar.google.com/calendar/render?cid=",
    "Outlook": "https://outlook.live.com/calendar/0/addfromweb?url=",
}


class Navigation:
    """The feeds of a publication as its pages show them, the main feed first.

    `named` are the feeds that the front page names for feed readers: if there are many, those on
    all news alone, and the others are in the list of `dateline.render.opml`. `explained` has the
    path of the page on how to subscribe to each feed, by its name.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed]) -> None:
        self._language = publication.language
        self.feeds = tuple(feeds)
        self.main = self.feeds[0]
        self.named = self.feeds
        if len(self.feeds) > _NAMED:
            self.named = self.main_first([feed for feed in feeds if not _is_topic(feed)])
        self.explained = explanations(feeds, publication.language)
        self._tags = {_primary(tag): tag for tag in reversed(self.languages())}
        self._relevant = OrderedDict[Hashable, tuple[Feed, ...]]()

    # ---- Paths

    def page(self, feed: Feed) -> str:
        """Return the path of a feed's page; the main feed's is the front page, the empty path."""
        if feed.is_term:
            return address(head(feed.name))
        return "" if feed == self.main else f"{feed.name}.html"

    def documents(self, feed: Feed) -> tuple[str, ...]:
        """Return the paths of the pages that change with what a feed shows."""
        if feed.is_term:
            return (head(feed.name),)
        page = self.page(feed) or "index.html"
        explanation = self.explained[feed.name]
        return (page, explanation) if self.explained_on(explanation)[0] == feed else (page,)

    # ---- Feeds

    def language(self, feed: Feed) -> str:
        """Return the language of a feed's pages; that of a term is as the site has it."""
        if feed.is_term and feed.language:
            return self.tag(feed.language)
        return feed.language or self._language

    def tag(self, language: str) -> str:
        """Return the tag under which the site has a language, which names no region.

        It is the language itself if the site does not have it, and the publication's if it is
        empty.
        """
        return self._tags.get(language, language) or self._language

    def texts(self, feed: Feed, language: str) -> FeedTexts:
        """Return the title and the description of a feed for pages of a language."""
        known = {one.language: one for one in feed.translations}
        own = FeedTexts(
            language=self.language(feed), title=feed.title, description=feed.description
        )
        return known.get(nearest(language, (own.language, *known)), own) if known else own

    def explained_on(self, path: str) -> list[Feed]:
        """Return the feeds that a page explains, all of one language."""
        return [feed for feed in self.feeds if self.explained[feed.name] == path]

    def explained_at(self, feed: Feed) -> str:
        """Return the path of the page on how to subscribe to a feed, or to others like it."""
        return self.explained.get(feed.name) or self.explanation(self.language(feed))

    def explanation(self, language: str) -> str:
        """Return the path of the page on how to subscribe for readers of a language."""
        found = {self.language(feed): self.explained[feed.name] for feed in self.feeds}
        return found.get(language, "subscribe.html")

    def explanations_but(self, path: str) -> dict[str, str]:
        """Return the language of each other page on how to subscribe, by its path."""
        return {
            page: self.language(self.explained_on(page)[0])
            for page in dict.fromkeys(self.explained.values())
            if page != path
        }

    def languages(self) -> dict[str, Feed]:
        """Return the feed of all news in each language, if there are several languages."""
        found: dict[str, Feed] = {}
        for feed in self.feeds:
            if not _is_topic(feed):
                found.setdefault(self.language(feed), feed)
        return found if len(found) > 1 else {}

    def by_language(self, paths: Mapping[str, str]) -> dict[str, str]:
        """Return the paths of a page in other languages for those of the site, regions aside."""
        known = {_primary(tag): path for tag, path in paths.items()} | dict(paths)
        found = {tag: tag if tag in known else _primary(tag) for tag in self.languages()}
        return {tag: known[one] for tag, one in found.items() if one in known}

    def counterparts(self, feed: Feed) -> dict[str, Feed]:
        """Return the feed of all news in each language, if this feed is one of them."""
        found = self.languages()
        return found if feed in found.values() else {}

    def has_coming(self, feed: Feed) -> bool:
        """Return whether the page of a feed has the next events."""
        return feed == self.main or feed.is_agenda or bool(self.counterparts(feed))

    def topics(self, language: str) -> list[Feed]:
        """Return the feeds on part of the news, for readers of a language."""
        known = {feed.language for feed in self.feeds if feed.language}
        read = language if language in known else self.language(self.main)
        return [
            feed for feed in self.feeds[1:] if _is_topic(feed) and feed.language in {None, read}
        ]

    def topics_of(self, entry: Entry) -> list[Feed]:
        """Return the feeds on part of the news that show an entry itself."""
        return [
            feed
            for feed in self.feeds_of(entry)
            if _is_topic(feed) and "correction" not in feed.kinds
        ]

    def feeds_of(self, entry: Entry) -> tuple[Feed, ...]:
        """Return the feeds that show an entry, or its corrections."""
        story = entry.story
        is_corrected = bool(entry.corrections or entry.retracted)
        kind = (story.language, story.kind, story.categories, story.authors, is_corrected)
        return get_or_create(
            self._relevant,
            kind,
            lambda: tuple(
                feed
                for feed in concerned(self.feeds, [story])
                if is_corrected or feed.kinds != ("correction",)
            ),
        )

    def main_first(self, feeds: Sequence[Feed]) -> tuple[Feed, ...]:
        """Return the main feed and these, each once."""
        return tuple(dict.fromkeys((self.main, *feeds)))


def _primary(tag: str) -> str:
    return tag.partition("-")[0]


def _is_topic(feed: Feed) -> bool:
    """Return whether a feed has less than all news in its language."""
    return bool(feed.categories or feed.authors or feed.kinds)


# ---- Links to subscribe


def in_readers(address: str) -> dict[str, str]:
    """Return the links that subscribe to the feed at `address`, by the name of the service."""
    return {name: f"{start}{quote(address, safe='')}" for name, start in _READERS.items()}


def in_calendars(address: str) -> dict[str, str]:
    """Return the links that subscribe to the calendar at `address`, by the name of the service."""
    taken = quote(by_program(address, "webcal"), safe="")
    return {name: f"{start}{taken}" for name, start in _CALENDARS.items()}


def by_program(address: str, scheme: str) -> str:
    """Return an address that a browser passes to a program: `feed:` or `webcal:`.

    >>> by_program("https://example.org/news.ics", "webcal")
    'webcal://example.org/news.ics'
    """
    return f"{scheme}:{address.partition(':')[2]}"
