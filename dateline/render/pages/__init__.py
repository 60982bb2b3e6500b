"""The pages for people: of entries, feeds and archives, how to subscribe, and error pages.

Pages need no JavaScript and load nothing from another site. Links within the site are relative, so
that they hold at any address; addresses that programs take away are absolute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING

from dateline.config.colours import styled
from dateline.entries.normalise.markdown import summary_of
from dateline.model import Document, Edition, Entry, Feed, Headline, Neighbours, Publication, Role
from dateline.render.pages import default_card, filed, lists
from dateline.render.pages.entry_patterns import EntryPatterns
from dateline.render.pages.json_ld import news_article
from dateline.render.pages.layout import Layout, document, tongue_of
from dateline.rules.labels import headline
from dateline.text.localise import spoken, words_of
from dateline.text.urls import SEARCH, error_page

if TYPE_CHECKING:
    from dateline.render.pages.search import SearchResults

STATIC = {"style.css": "text/css; charset=utf-8", "copy.js": "text/javascript; charset=utf-8"}
NO_NEIGHBOURS = Neighbours()


class Pages:
    """The pages of a publication with these feeds, the main feed first.

    `root` as in `Layout`.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed], root: str = "") -> None:
        self._publication = publication
        self._layout = Layout(publication, feeds, root)
        self._patterns = EntryPatterns(self._layout, self._page)
        self.site = self._layout.site

    def documents(self, edition: Edition) -> tuple[str, ...]:
        """Return the paths of the pages that show an edition."""
        return lists.documents(self._layout, edition)

    def entry(
        self,
        entry: Entry,
        others: Sequence[Headline] = (),
        now: datetime | None = None,
        neighbours: Neighbours = NO_NEIGHBOURS,
    ) -> Document:
        """Return the page of an entry, which names the newest of `others` in each other language.

        That of an event says whether it is coming, under way or past at `now`, and expires when
        this changes. One that has expired leads to no term, which may have no page any more.
        """
        path, summary = f"{entry.slug}.html", _summary(entry)
        if not _is_listed(entry, now):
            return self._page(path, entry, others, now, neighbours)
        if text := self._patterns.page(entry, others, summary, neighbours):
            return document(path, text)
        return self._page(path, entry, others, now, neighbours)

    def _page(
        self,
        path: str,
        entry: Entry,
        others: Sequence[Headline],
        now: datetime | None = None,
        neighbours: Neighbours = NO_NEIGHBOURS,
    ) -> Document:
        story = entry.story
        summary = _summary(entry)
        event, until = self._state(entry, now)
        newest = _newest_in_each_language(entry, others)
        linked = news_article(entry, self._publication, summary=summary, translations=newest)
        return self._layout.page(
            path,
            "entry.html",
            story.language,
            self.site.main_first(self.site.feeds_of(entry)),
            [until],
            current=None,
            translated={one.language: f"{one.slug}.html" for one in newest},
            entry=entry,
            linked=linked,
            summary=summary,
            topics=self._topics(entry, is_listed=_is_listed(entry, now)),
            is_listed=_is_listed(entry, now),
            others=newest,
            event_state=event,
            neighbours=neighbours,
        )

    def _topics(self, entry: Entry, *, is_listed: bool) -> list[Feed]:
        """Return the feeds and lists of an entry's topics: a feed where both have one title."""
        feeds, story = self.site.topics_of(entry), entry.story
        titles = {self.site.texts(one, story.language).title.casefold() for one in feeds}
        listed = self._layout.taxonomy.categories(story) if is_listed else []
        return [*feeds, *(one for one in listed if one.title.casefold() not in titles)]

    def _state(self, entry: Entry, now: datetime | None) -> tuple[str, datetime | None]:
        if not (entry.story.event and now) or entry.retracted:
            return "", None
        return lists.state_of(entry.story.event, now, self._publication.zone)

    def of_feed(
        self, edition: Edition, coming: Sequence[Entry] = (), until: datetime | None = None
    ) -> Iterator[Document]:
        """Yield the pages that show an edition, as `lists.pages_of_feed` does."""
        return lists.pages_of_feed(self._layout, edition, coming, until)

    def explanations(self, edition: Edition) -> Iterator[Document]:
        """Yield the pages on how to subscribe that `of_feed` ends with.

        Those of a theme may show the entries of the edition.
        """
        return lists.explanations(self._layout, edition)

    def of_term(
        self, edition: Edition, years: Mapping[int, int], counterparts: Sequence[str] = ()
    ) -> Iterator[Document]:
        """Yield the page of a term; `years` has the number of the newest full page of each.

        `counterparts` are the same month in other languages.
        """
        return lists.pages_of_feed(self._layout, edition, years=years, counterparts=counterparts)

    def title(self, term: str, entries: Sequence[Entry]) -> str:
        """Return the title of a page of a term that has these entries."""
        return filed.title(self._layout, term, entries)

    def index(self, folder: str, titles: Mapping[str, str], folders: Sequence[str]) -> Document:
        """Return the page that lists the terms of a folder, with their titles."""
        return filed.index(self._layout, folder, titles, folders)

    def year(
        self,
        folder: str,
        months: Mapping[str, int],
        years: Sequence[str],
        counterparts: Sequence[str] = (),
        expires: datetime | None = None,
    ) -> Document:
        """Return the page of a year in one language, as `filed.year` does."""
        return filed.year(
            self._layout, folder, months, years, counterparts=counterparts, expires=expires
        )

    def search(self, results: SearchResults, language: str) -> Document:
        """Return the page of search results for a reader of a language."""
        from dateline.render.pages.search import page_of_results  # noqa: PLC0415 - few searches

        return page_of_results(self._layout, results, language)

    def fixed(self) -> list[Document]:
        """Return the documents that depend on no entry: error pages, card, style and script."""
        static = resources.files("dateline.render.pages").joinpath("static")
        return [
            *self._absent(404),
            *self._absent(410),
            *self._busy(),
            default_card.document(self._publication),
            *(
                self._static(path, media_type, static.joinpath(path).read_bytes())
                for path, media_type in STATIC.items()
            ),
        ]

    def _static(self, path: str, media_type: str, data: bytes) -> Document:
        is_style = path == "style.css"
        return Document(
            path=path,
            role=Role.MEDIA,
            media_type=media_type,
            data=styled(self._publication.theme, data) if is_style else data,
        )

    def _absent(self, status: int) -> Iterator[Document]:
        """Yield an error page with each language of the feeds, and one in each of several."""
        own, tags = self._publication.language, self._tags()
        distinct: dict[str, str] = {}  # the first tag for each language of the catalogues
        for tag in tags:
            distinct.setdefault(spoken(tag, otherwise=own), tag)
        yield self._error_page(error_page(status), own, [*distinct.values()], status)
        for tag in tags if len(tags) > 1 else ():
            yield self._error_page(error_page(status, tag), tag, [tag], status)

    def _busy(self) -> Iterator[Document]:
        """Yield the page in place of results that take too long, also in each of several languages.

        There is none without a search.
        """
        own, tags = self._publication.language, self._tags()
        named = [("", own), *((tag, tag) for tag in tags if len(tags) > 1)]
        for tag, language in named if self._publication.has_search else ():
            path = error_page(HTTPStatus.SERVICE_UNAVAILABLE, tag)
            yield self._layout.page(path, "busy.html", language, self.site.named)

    def _tags(self) -> list[str]:
        """Return the languages of the publication and of its feeds, its own first."""
        return [
            *dict.fromkeys((self._publication.language, *map(self.site.language, self.site.feeds)))
        ]

    def _error_page(self, path: str, language: str, tags: Sequence[str], status: int) -> Document:
        """Return an error page in a language, with its sentence in the languages of `tags`."""
        own, mains = self._publication.language, self.site.languages()
        speeches = {tag: spoken(tag, otherwise=own) for tag in tags}
        return self._layout.page(
            path,
            "absent.html",
            language,
            self.site.named,
            current=SEARCH,  # as on the page of results, the box is in the page itself
            is_gone=status == HTTPStatus.GONE,
            said=[
                (
                    tongue_of(tag, speech),
                    words_of(speech),
                    self.site.page(mains.get(tag, self.site.main)),
                )
                for tag, speech in speeches.items()
            ],
        )


def _newest_in_each_language(entry: Entry, others: Sequence[Headline]) -> list[Headline]:
    """Return the newest translation into each other language: `hreflang` is unique."""
    newest = sorted(others, key=lambda one: (one.language, one.published))
    found = {one.language: one for one in newest if one.language != entry.story.language}
    return [*found.values()]


def _summary(entry: Entry) -> str:
    """Return the summary of an entry: its own, that of its text, or its title."""
    return entry.story.summary or summary_of(entry.story.html) or headline(entry)


def _is_listed(entry: Entry, now: datetime | None) -> bool:
    """Return whether lists show an entry: not once it has expired."""
    return not (now and entry.story.expires) or entry.story.expires > now
