"""Which feeds belong on which page, and where is the page of each?"""

from __future__ import annotations

from collections.abc import Sequence

from dateline.model import Entry, Feed, Publication
from dateline.rules.selection import concerned
from dateline.text.urls import explanations

_NAMED = 30  # feeds that are all named at the head of the front page


class Navigation:
    """The feeds of a publication as a site has them, the main feed first.

    `named` are those that the front page names for feed readers: of more than some, the front
    page tells, and the list that readers take (`dateline.render.opml`). `explained` has the path
    of the page on how to subscribe to each feed, by its name.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed]) -> None:
        self._language = publication.language
        self.feeds = tuple(feeds)
        self.main = self.feeds[0]
        self.named = self.feeds
        if len(self.feeds) > _NAMED:
            self.named = self.main_first([feed for feed in feeds if not _is_topic(feed)])
        self.explained = explanations(feeds, publication.language)
        self._relevant: dict[object, tuple[Feed, ...]] = {}

    # ---- Where they are

    def page(self, feed: Feed) -> str:
        """Give the path of a feed's page; the main feed's is the front page, the empty path."""
        return "" if feed == self.main else f"{feed.name}.html"

    def documents(self, feed: Feed) -> tuple[str, ...]:
        """Give the paths of the documents that change with what a feed shows."""
        page = self.page(feed) or "index.html"
        explanation = self.explained[feed.name]
        return (page, explanation) if self.explained_on(explanation)[0] == feed else (page,)

    # ---- Which they are

    def language(self, feed: Feed) -> str:
        """Give the language of a feed's pages."""
        return feed.language or self._language

    def explained_on(self, path: str) -> list[Feed]:
        """Give the feeds that a page explains, all of one language."""
        return [feed for feed in self.feeds if self.explained[feed.name] == path]

    def explanation(self, language: str) -> str:
        """Give the page on how to subscribe for who reads this language."""
        found = {self.language(feed): self.explained[feed.name] for feed in self.feeds}
        return found.get(language, "subscribe.html")

    def explanations_but(self, path: str) -> dict[str, str]:
        """Give the language of each page on how to subscribe, but for one, by its path."""
        return {
            page: self.language(self.explained_on(page)[0])
            for page in dict.fromkeys(self.explained.values())
            if page != path
        }

    def languages(self) -> dict[str, Feed]:
        """Give the feed of all news in each language, where there are several."""
        found: dict[str, Feed] = {}
        for feed in self.feeds:
            if not _is_topic(feed):
                found.setdefault(self.language(feed), feed)
        return found if len(found) > 1 else {}

    def counterparts(self, feed: Feed) -> dict[str, Feed]:
        """Give the feed of all news in each language, where this is one of them."""
        found = self.languages()
        return found if feed in found.values() else {}

    def has_coming(self, feed: Feed) -> bool:
        """Say whether a feed's page has the next events: that of all news, or of events alone."""
        return feed == self.main or feed.is_agenda or bool(self.counterparts(feed))

    def topics(self, language: str) -> list[Feed]:
        """Give the feeds on part of the news, for who reads this language."""
        known = {feed.language for feed in self.feeds if feed.language}
        read = language if language in known else self.language(self.main)
        return [
            feed for feed in self.feeds[1:] if _is_topic(feed) and feed.language in {None, read}
        ]

    def topics_of(self, entry: Entry) -> list[Feed]:
        """Give the feeds on part of the news in which an entry is itself."""
        return [
            feed
            for feed in self.feeds_of(entry)
            if _is_topic(feed) and "correction" not in feed.kinds
        ]

    def feeds_of(self, entry: Entry) -> tuple[Feed, ...]:
        """Give the feeds in which an entry is, or its corrections are."""
        story = entry.story
        is_corrected = bool(entry.corrections or entry.retracted)
        kind = (story.language, story.kind, story.categories, story.authors, is_corrected)
        if kind not in self._relevant:
            self._relevant[kind] = tuple(
                feed
                for feed in concerned(self.feeds, [story])
                if is_corrected or feed.kinds != ("correction",)
            )
        return self._relevant[kind]

    def main_first(self, feeds: Sequence[Feed]) -> tuple[Feed, ...]:
        """Give the main feed and these, each once."""
        return tuple(dict.fromkeys((self.main, *feeds)))


def _is_topic(feed: Feed) -> bool:
    """Say whether a feed has less than all news in its language."""
    return bool(feed.categories or feed.authors or feed.kinds)
