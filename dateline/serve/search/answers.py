"""Responses to searches: the page of results, and the same as an Atom feed.

The index finds ids; the manifest has what is shown. So nothing is shown that is not published at
this moment, whatever the index has.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil

from dateline.config import Config
from dateline.documents.manifest import EntryListing, ManifestReader, is_refusal
from dateline.documents.search import SearchReader, report_damage
from dateline.documents.search.reader import Facets
from dateline.entries.normalise.markdown import to_text
from dateline.errors import TemplateError
from dateline.model import Entry, Feed
from dateline.render.pages import Pages
from dateline.render.pages.search import SearchHit, SearchResults, feed_of_results
from dateline.rules import story_json
from dateline.rules.selection import wanted
from dateline.serve.cache import EVERY_ANSWER, DocumentResponse, Fields, policy_of
from dateline.serve.cache.conditional import has
from dateline.serve.responses import refusal
from dateline.serve.search.requests import SearchRequest, parsed, preferred
from dateline.text.excerpts import excerpt
from dateline.text.search_terms import SearchTerms, of_query
from dateline.text.urls import SEARCH

_ON_A_PAGE = 20
# Characters of HTML that are searched for excerpts: of all results on a page, and of each.
_SEARCHED = 100_000
_SEARCHED_AT_MOST = 25_000
_SEARCHED_AT_LEAST = 3000
_WORD = 100  # characters: no word is longer, and some scripts have no spaces
# A cache between may not keep what one reader searched for.
_LIFETIME = ("Cache-Control", "private, max-age=60")
_log = logging.getLogger(__name__)
_LATER = refusal("503 Service Unavailable", ("Retry-After", "5"))
_HTML, _ATOM = "text/html; charset=utf-8", "application/atom+xml; charset=utf-8"


class SearchAnswers:
    """Answers searches in one publication."""

    def __init__(self, config: Config) -> None:
        self._publication = config.publication
        self._feeds: Mapping[str, Feed] = {feed.name: feed for feed in config.feeds}
        self._folder = config.feeds_folder
        self._pages = Pages(config.publication, config.feeds)
        self._languages = {
            config.publication.language: None,
            **dict.fromkeys(self._pages.site.languages()),
        }
        self._policy = policy_of(config.publication)
        self._index = SearchReader(config.feeds_folder)
        self._manifest = ManifestReader(config.feeds_folder)

    def answer(self, path: str, query: str, accepted: str, known: str) -> DocumentResponse:
        """Return the response for a query string.

        `accepted` are the languages that the reader prefers, `known` the validators of what the
        client has.
        """
        request = parsed(query)
        language = preferred(
            request.language or accepted, self._languages, self._publication.language
        )
        try:
            results = self._results(request)
            if path == SEARCH:
                return self._page(results, language, known)
            return self._feed(results, language, known)
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.DatabaseError) and not is_refusal(error):
                report_damage(self._folder)
            return _LATER
        except TemplateError as error:  # with what was found: the trial of the theme has other news
            _log.warning("%s", error)
            return _LATER

    def warm_up(self) -> None:
        """Import and compile what the first search would have to wait for."""
        nothing = SearchResults(words="", query="")
        for language in self._languages:
            self._pages.search(nothing, language)
        feed_of_results(self._publication, nothing, self._publication.language, datetime.now(UTC))

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def _page(self, results: SearchResults, language: str, known: str) -> DocumentResponse:
        data = self._pages.search(results, language).data
        own = (("Vary", "Accept-Language"), ("Content-Language", language), self._policy)
        if results.is_too_long:
            fields = (*EVERY_ANSWER, _LIFETIME, *own, *_content(_HTML, data))
            return DocumentResponse("400 Bad Request", fields, data)
        return _validated(data, (*own, ("X-Robots-Tag", "noindex")), _HTML, known)

    def _feed(self, results: SearchResults, language: str, known: str) -> DocumentResponse:
        if results.is_too_long:
            return refusal("400 Bad Request")
        founded = datetime.fromtimestamp(self._manifest.head_note().founded, UTC)
        data = feed_of_results(self._publication, results, language, founded)
        changed = max((hit.entry.updated for hit in results.hits), default=founded)
        own = (
            ("Last-Modified", format_datetime(changed, usegmt=True)),
            ("Vary", "Accept-Language"),
        )
        return _validated(data, own, _ATOM, known)

    def _results(self, request: SearchRequest) -> SearchResults:
        terms = of_query(request.words)
        asked = SearchResults(
            words=request.words,
            language=request.language,
            topic=request.topic,
            year=request.year,
            query=request.query(),
            is_too_long=request.is_too_long,
        )
        if request.is_too_long or terms.is_empty:
            return asked
        offset = (request.page - 1) * _ON_A_PAGE
        found = self._index.find(terms, self._facets(request), limit=_ON_A_PAGE, offset=offset)
        if offset >= found.count > 0:
            return self._results(replace(request, page=ceil(found.count / _ON_A_PAGE)))
        is_last = offset + _ON_A_PAGE >= found.count
        return replace(
            asked,
            hits=tuple(self._hits(found.ids, terms)),
            count=found.count,
            are_more=found.has_more,
            previous=request.query(request.page - 1) if request.page > 1 else "",
            following="" if is_last else request.query(request.page + 1),
        )

    def _facets(self, request: SearchRequest) -> Facets:
        """Return what narrows a search; a topic is the name of a feed, or a category."""
        feed = self._feeds.get(request.topic)
        topic = {"category": frozenset([request.topic])} if request.topic else {}
        given = {"language": request.language, "year": request.year}
        return {
            **(wanted(feed) if feed else topic),
            **{facet: [value] for facet, value in given.items() if value},
        }

    def _hits(self, ids: tuple[str, ...], terms: SearchTerms) -> Iterator[SearchHit]:
        now, left = datetime.now(UTC), _SEARCHED
        for listing in self._manifest.entries(ids):
            if listing.is_shown(now):
                entry = _entry(listing)
                most = max(min(left, _SEARCHED_AT_MOST), _SEARCHED_AT_LEAST)
                text = "" if entry.retracted else _text(entry, most)
                left -= min(len(entry.story.html), most) if text else 0
                yield SearchHit(entry=entry, excerpt=excerpt(text, terms) if text else ())


def _text(entry: Entry, most: int) -> str:
    """Return the summary that staff wrote, and the text of `most` characters of HTML."""
    story, html = entry.story, entry.story.html
    if len(html) > most:
        space = html.rfind(" ", most - _WORD, most)
        html = html[: space if space > 0 else most]
    return " ".join(filter(None, [story.summary, to_text(html)]))


def _entry(listing: EntryListing) -> Entry:
    retracted = listing.retracted
    return Entry(
        story=story_json.load(listing.story),
        id=listing.id,
        sequence=listing.sequence,
        slug=listing.slug,
        published=datetime.fromtimestamp(listing.published, UTC),
        updated=datetime.fromtimestamp(listing.updated, UTC),
        corrections=listing.dated_corrections,
        retracted=datetime.fromtimestamp(retracted, UTC) if retracted else None,
    )


def _validated(data: bytes, own: Fields, media_type: str, known: str) -> DocumentResponse:
    """Return a 200, or a 304 to a client that has these bytes (RFC 9110, section 15.4.5)."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    fields = (*EVERY_ANSWER, _LIFETIME, ("ETag", tag), *own)
    if known and has(known, tag):
        return DocumentResponse("304 Not Modified", fields)
    return DocumentResponse("200 OK", (*fields, *_content(media_type, data)), data)


def _content(media_type: str, data: bytes) -> Fields:
    return ("Content-Type", media_type), ("Content-Length", str(len(data)))
