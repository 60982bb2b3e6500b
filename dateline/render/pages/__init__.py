"""Which page does a person see: for an entry, a feed or an archive, and to subscribe?

Pages need no JavaScript and ask no other site for anything. What belongs to a page is named
from where the page is, so that it holds at any address; what machines take away is named whole.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from importlib import resources

from markupsafe import Markup

from dateline.config.colours import styled
from dateline.config.templates import rendered
from dateline.entries.normalise.markdown import summary_of
from dateline.model import Document, Edition, Entry, Feed, Headline, Publication, Role
from dateline.model.formats import MEDIA_TYPES, TITLES
from dateline.render.feeds.common import stamp
from dateline.render.pages.agenda import coming_first, in_order
from dateline.render.pages.body import body
from dateline.render.pages.json_ld import news_article
from dateline.render.pages.navigation import Navigation
from dateline.render.pages.subscribe import by_program, in_calendars, in_readers
from dateline.rules.corrections import headline, label
from dateline.system.memo import again
from dateline.text.language import direction, matches
from dateline.text.localise import (
    endonym,
    locale_of,
    machine,
    moment,
    spoken,
    words_of,
    written,
)

Row = Callable[[Entry, bool], str]
"""Makes the row of an entry in a list, whole or not (`parts.html`)."""

_HTML = "text/html; charset=utf-8"
_WHOLE = 20  # entries that a list tells of in sentences; of the others it has the title
_LISTED = 100  # entries in a list
_TOPICS = 12  # that stand at the head of every page; where there are more, the front page has them
_EXPLAINED = 15  # feeds on a page, beyond which it only gives their names and addresses
STATIC = {"style.css": "text/css; charset=utf-8", "copy.js": "text/javascript; charset=utf-8"}


class Pages:
    """The pages of a publication with these feeds, the main feed first.

    `root` is from where all is named, where that is not where the page is. `site` says which feeds
    belong on which page.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed], root: str = "") -> None:
        self._publication = publication
        self.site = Navigation(publication, feeds)
        self._root = root
        # Many pages have these alike, and they grow with the feeds: each is made once.
        self._alternates = cache(self._alternates_of)
        self._navigation = cache(self._navigation_of)

    def documents(self, edition: Edition) -> tuple[str, ...]:
        """Give the paths of the pages that show an edition."""
        return (f"{edition.stem}.html",) if edition.archive else self.site.documents(edition.feed)

    def entry(self, entry: Entry, others: Sequence[Headline] = ()) -> Document:
        """Give the page of an entry; `others` are its translations."""
        story = entry.story
        summary = story.summary or summary_of(story.html)
        linked = news_article(entry, self._publication, summary=summary, translations=others)
        return self._page(
            f"{entry.slug}.html",
            "entry.html",
            story.language,
            self.site.main_first(self.site.feeds_of(entry)),
            entry=entry,
            linked=linked,
            summary=summary,
            topics=self.site.topics_of(entry),
            others=_one_for_each_language(entry, others),
        )

    def of_feed(
        self, edition: Edition, coming: Sequence[Entry] = (), until: datetime | None = None
    ) -> Iterator[Document]:
        """Give the pages that show an edition: an archive's, or those that change with its feed.

        `coming` are the next events, `until` the moment from which they are others.
        """
        path, *explanations = self.documents(edition)
        feed, coming = edition.feed, in_order(coming, self._publication.zone)
        if path == "index.html":
            topics = self.site.topics(self.site.language(feed))
            yield self._list(
                path,
                "front.html",
                edition,
                coming,
                until,
                topics=topics,
                is_explained=len(topics) <= _EXPLAINED,
                languages=self.site.languages(),
            )
        else:
            yield self._list(path, "list.html", edition, coming, until)
        yield from (self._explanation(path, edition) for path in explanations)

    def fixed(self) -> list[Document]:
        """Give what does not depend on any entry: what says that nothing is there, and files."""
        look = self._publication.look
        static = resources.files("dateline.render.pages").joinpath("static")
        return [
            self._absent("404.html", is_gone=False),
            self._absent("410.html", is_gone=True),
            *(
                Document(
                    path=path,
                    role=Role.MEDIA,
                    media_type=media_type,
                    data=styled(look, data) if path == "style.css" else data,
                )
                for path, media_type in STATIC.items()
                for data in [static.joinpath(path).read_bytes()]
            ),
        ]

    def _absent(self, path: str, *, is_gone: bool) -> Document:
        """Give a page that has its sentence in each language of the feeds, its own first."""
        own, mains = self._publication.language, self.site.languages()
        tags: dict[str, str] = {}  # of the first that speaks so
        for tag in (own, *map(self.site.language, self.site.feeds)):
            tags.setdefault(spoken(tag, otherwise=own), tag)
        said = [
            (
                _tongue(tag, speech),
                words_of(speech),
                self.site.page(mains.get(tag, self.site.main)),
            )
            for speech, tag in tags.items()
        ]
        return self._page(path, "absent.html", own, self.site.named, is_gone=is_gone, said=said)

    def _list(
        self,
        path: str,
        template: str,
        edition: Edition,
        coming: Sequence[Entry],
        until: datetime | None,
        **values: object,
    ) -> Document:
        """Give a list of entries, which in a feed of events alone are those to come and others."""
        feed, entries = edition.feed, edition.entries
        if feed.is_agenda and not edition.archive:
            entries = (*coming_first(coming, entries, self._publication.zone),)
        return self._page(
            path,
            template,
            self.site.language(feed),
            self.site.named if path == "index.html" else self.site.main_first((feed,)),
            [edition.expires, until],
            edition=edition,
            feed=feed,
            again=self._again(path, edition),
            entries=entries[:_LISTED],
            coming=coming,
            counterparts={} if edition.archive else self.site.counterparts(feed),
            **values,
        )

    def _explanation(self, path: str, edition: Edition) -> Document:
        """Give the page on how to subscribe to the feeds of one language."""
        own = self.site.explained_on(path)
        return self._page(
            path,
            "subscribe.html",
            self.site.language(edition.feed),
            self.site.named,
            [edition.expires],
            here=f"{self._publication.url}{path}",
            feed=edition.feed,
            again=self._again(path, edition),
            entries=edition.entries,
            own_feeds=own,
            is_explained=len(own) <= _EXPLAINED,
            elsewhere=self.site.explanations_but(path),
            explained_on=self.site.explained_on,
            are_all_explained=len(self.site.feeds) <= _EXPLAINED,
        )

    def _again(self, path: str, edition: Edition) -> Callable[[Row, Entry, bool], str]:
        """Give what makes an entry's row, or knows it from another list or the last run.

        A newsroom's own row may say anything, and an archive's is made once.
        """
        feed, look = edition.feed, self._publication.look
        if edition.archive or look.templates:
            return lambda make, entry, is_whole: make(entry, is_whole)
        about = (self.site.language(feed), self._root or _up(path), feed.is_agenda, feed.kinds)
        known = _rows(self._publication, about)
        return lambda make, entry, is_whole: again(
            known, (entry, is_whole), partial(make, entry, is_whole)
        )

    # ---- What is on many of them

    def _page(
        self,
        path: str,
        template: str,
        language: str,
        alternates: Sequence[Feed],
        ends: Sequence[datetime | None] = (),
        **values: object,
    ) -> Document:
        publication = self._publication
        speech = spoken(language, otherwise=publication.language)
        # What is answered in place of any document is at any depth.
        is_anywhere = template == "absent.html"
        root = self._root or (publication.path if is_anywhere else _up(path))
        text = rendered(
            publication.look,
            template,
            {
                **self._everywhere(language, speech, root),
                "alternates": self._alternates(tuple(alternates)),
                "navigation": self._navigation(language, speech, root),
                **values,
            },
        )
        return Document(
            path=path,
            role=Role.PAGE,
            media_type=_HTML,
            data=text.encode(),
            expires=min((end for end in ends if end), default=None),
        )

    def _everywhere(self, language: str, speech: str, root: str) -> dict[str, object]:
        zone = self._publication.zone
        tongue = _tongue(language, speech)
        return {
            "publication": self._publication,
            "language": language,
            "tongue": tongue,
            "root": root,
            "page": self.site.page,
            "explained": self.site.explained,
            "language_of": self.site.language,
            "direction": direction,
            "endonym": endonym,
            "locale_of": locale_of,
            "media_types": MEDIA_TYPES,
            "format_titles": TITLES,
            "summary_of": summary_of,
            "headline": headline,
            "label": label,
            "spoken": spoken,
            "full_text": lambda entry: body(entry, self._publication.url, root),
            "machine": machine,
            "stamp": stamp,
            "whole": _WHOLE,
            "_": words_of(speech),
            "foreign": lambda tag, here=language: _foreign(tag, here),
            "own": lambda: _foreign(tongue, language),
            "written": partial(written, language=language),
            "span": lambda value: _time(machine(value), written(value, language)),
            "day": lambda value: moment(value, language, zone),
            "time": lambda value: _time(stamp(value), moment(value, language, zone)),
            "in_readers": in_readers,
            "in_calendars": in_calendars,
            "by_program": by_program,
        }

    def _alternates_of(self, feeds: tuple[Feed, ...]) -> str:
        return self._part("alternates.html", feeds=feeds)

    def _navigation_of(self, language: str, speech: str, root: str) -> str:
        topics = self.site.topics(language)
        return self._part(
            "navigation.html",
            **self._everywhere(language, speech, root),
            languages=self.site.languages(),
            subscribe=self.site.explanation(language),
            topics=topics,
            has_room=len(topics) <= _TOPICS,
        )

    def _part(self, template: str, **values: object) -> str:
        known = {"publication": self._publication, "media_types": MEDIA_TYPES}
        return rendered(self._publication.look, template, {**known, **values})


@lru_cache(maxsize=16)
def _rows(publication: Publication, about: Hashable) -> OrderedDict[tuple[Entry, bool], str]:  # noqa: ARG001 - by which they are known
    """Give the rows that were made for the lists of a publication that have this in common."""
    return OrderedDict()


def _up(path: str) -> str:
    return "../" * path.count("/") or "./"


def _tongue(language: str, speech: str) -> str:
    """Give the tag of Dateline's own words where a page in `language` speaks `speech`."""
    return language if matches(language, speech) else speech


@cache
def _foreign(tag: str, here: str = "") -> Markup:
    """Give the attributes of what is in another language than what is around it (`here`)."""
    attributes = Markup(' lang="{}" dir="{}"')
    return Markup() if tag == here else attributes.format(tag, direction(tag))


def _time(machine_readable: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine_readable, text)


def _one_for_each_language(entry: Entry, others: Sequence[Headline]) -> list[Headline]:
    """Give the newest translation into each other language: `hreflang` is unique."""
    newest = sorted(others, key=lambda one: (one.language, one.published))
    found = {one.language: one for one in newest if one.language != entry.story.language}
    return [*found.values()]
