"""The page of search results, and the same as a feed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dateline.model import Document, Edition, Entry, Feed, Publication
from dateline.render.feeds import renderer
from dateline.render.feeds.common import FeedView
from dateline.render.pages.layout import Layout
from dateline.text.excerpts import Pieces
from dateline.text.localise import spoken, words_of
from dateline.text.search_terms import MOST_CHARACTERS, MOST_WORDS
from dateline.text.urls import SEARCH


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """An entry that was found, with the part of its text that has the words."""

    entry: Entry
    excerpt: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page of results.

    `language`, `topic` and `year` narrow the search, or are empty. `count` is the number of all
    results, or one that the number exceeds if there `are_more`. `query`, `previous` and
    `following` are the query strings of the search as such, and of the pages before and after, or
    empty. A query that `is_too_long` was not answered.
    """

    words: str
    language: str = ""
    topic: str = ""
    year: str = ""
    hits: tuple[SearchHit, ...] = ()
    count: int = 0
    are_more: bool = False
    is_too_long: bool = False
    query: str = ""
    previous: str = ""
    following: str = ""


def page_of_results(layout: Layout, results: SearchResults, language: str) -> Document:
    """Return the page of results for a reader of a language."""
    site = layout.site
    return layout.page(
        SEARCH,
        "search.html",
        language,
        (site.main,),
        current=SEARCH,
        results=results,
        choices=[*site.languages()],
        subjects=[feed for feed in site.topics(language) if feed.kinds != ("correction",)],
        most={"characters": MOST_CHARACTERS, "words": MOST_WORDS},
    )


def feed_of_results(
    publication: Publication, results: SearchResults, language: str, founded: datetime
) -> bytes:
    """Return the results as an Atom feed, whose address has the query.

    Its language is that of its title, which may be another than the one that is searched for. One
    without results has not changed since the publication was `founded`.
    """
    speech = spoken(language, otherwise=publication.language)
    query = f"?{results.query}" if results.query else ""
    feed = Feed(
        name=SEARCH,
        title=": ".join(filter(None, [words_of(speech)("Search"), results.words])),
        description="",
        language=language if language.partition("-")[0] == speech else speech,
        formats=("atom",),
    )
    entries = tuple(hit.entry for hit in results.hits)
    updated = max((entry.updated for entry in entries), default=founded)
    edition = Edition(feed=feed, entries=entries, updated=updated)
    # Hubs are not notified of what a search finds.
    view = FeedView.of(replace(publication, hubs=()), edition, page=f"{SEARCH}{query}")
    return renderer("atom")(replace(view, id=f"{view.id}{query}", query=query))
