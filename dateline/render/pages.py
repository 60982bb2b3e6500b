"""Which page does a person see: for an entry, a feed or an archive, and to subscribe?

Pages need no JavaScript and ask no other site for anything. What belongs to a page is named
from where the page is, so that it holds at any address; what machines take away is named whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import resources

from markupsafe import Markup

from dateline.address import explanations
from dateline.facets import concerned
from dateline.language import direction, matches
from dateline.look.colours import styled
from dateline.look.templates import rendered
from dateline.markup import summary_of
from dateline.model import Document, Edition, Entry, Feed, Headline, Publication, Role
from dateline.render.issue import MEDIA_TYPES, stamp
from dateline.render.linked import news_article
from dateline.render.subscribing import by_program, in_calendars, in_readers
from dateline.render.text import full_text, scrollable
from dateline.wording import endonym, machine, moment, spoken, translations, written

_HTML = "text/html; charset=utf-8"
_WHOLE = 20  # entries that a list tells of in sentences; of the others it has the title
_LISTED = 100  # entries in a list
_TOPICS = 12  # that stand at the head of every page; where there are more, the front page has them
_NAMED = 30  # feeds that are all named at the head of the front page
_EXPLAINED = 15  # feeds on a page, beyond which it only gives their names and addresses
STATIC = {"style.css": "text/css; charset=utf-8", "copy.js": "text/javascript; charset=utf-8"}


class Pages:
    """The pages of a publication with these feeds, the main feed first.

    `root` is from where all is named, where that is not where the page is.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed], root: str = "") -> None:
        self._publication = publication
        self._feeds = tuple(feeds)
        self._root = root
        # Of more, the front page tells, and the list that readers take (`dateline.render.opml`).
        self._named = self._feeds
        if len(self._feeds) > _NAMED:
            self._named = self._main_first([feed for feed in feeds if not _is_topic(feed)])
        self._explained = explanations(feeds, publication.language)
        # Many pages have these alike, and they grow with the feeds: each is made once.
        self._alternates = cache(self._alternates_of)
        self._navigation = cache(self._navigation_of)
        self._relevant: dict[object, tuple[Feed, ...]] = {}

    # ---- Where they are

    def feed_path(self, feed: Feed) -> str:
        """Give the path of a feed's page; the main feed's is the front page, the empty path."""
        return "" if feed == self._feeds[0] else f"{feed.name}.html"

    def feed_documents(self, feed: Feed) -> tuple[str, ...]:
        """Give the paths of the documents that change with what a feed shows."""
        page = self.feed_path(feed) or "index.html"
        explanation = self._explained[feed.name]
        return (page, explanation) if self._first(explanation) == feed else (page,)

    def archive_document(self, edition: Edition) -> str:
        """Give the path of the page of an archive."""
        return f"{edition.stem}.html"

    # ---- What they are

    def entry(self, entry: Entry, others: Sequence[Headline] = ()) -> Document:
        """Give the page of an entry; `others` are its translations."""
        story = entry.story
        summary = story.summary or summary_of(story.html)
        linked = news_article(entry, self._publication, summary=summary, translations=others)
        feeds = self._feeds_of(entry)
        return self._page(
            f"{entry.slug}.html",
            "entry.html",
            story.language,
            self._main_first(feeds),
            entry=entry,
            linked=linked,
            summary=summary,
            topics=[feed for feed in feeds if _is_topic(feed) and "correction" not in feed.kinds],
            others=_one_for_each_language(entry, others),
        )

    def of_feed(self, edition: Edition, coming: Sequence[Entry] = ()) -> Iterator[Document]:
        """Give the pages that change with what a feed shows; `coming` are the next events."""
        feed = edition.feed
        page, *explanations = self.feed_documents(feed)
        is_front = feed == self._feeds[0]
        topics = self._topics(self._language(feed))
        alternates = self._named if is_front else self._main_first((feed,))
        yield self._page(
            page,
            "front.html" if is_front else "list.html",
            self._language(feed),
            alternates,
            [edition.expires, *map(_over, coming)],
            coming=coming,
            topics=topics,
            is_explained=len(topics) <= _EXPLAINED,
            languages=self._languages(),
            edition=edition,
            feed=feed,
            entries=edition.entries[:_LISTED],
        )
        yield from (self._explanation(path, edition) for path in explanations)

    def archive(self, edition: Edition) -> Document:
        """Give the page of one of a feed's archives (RFC 5005): closed when it was full."""
        feed = edition.feed
        return self._page(
            self.archive_document(edition),
            "list.html",
            self._language(feed),
            self._main_first((feed,)),
            [edition.expires],
            edition=edition,
            feed=feed,
            entries=edition.entries,
            coming=(),
        )

    def fixed(self) -> list[Document]:
        """Give what does not depend on any entry: what says that nothing is there, and files."""
        own, look = self._publication.language, self._publication.look
        static = resources.files("dateline").joinpath("static")
        return [
            self._page("404.html", "absent.html", own, self._named, is_gone=False),
            self._page("410.html", "absent.html", own, self._named, is_gone=True),
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

    def _explanation(self, path: str, edition: Edition) -> Document:
        """Give the page on how to subscribe to the feeds of one language."""
        own = [feed for feed in self._feeds if self._explained[feed.name] == path]
        language = self._language(own[0])
        others = [page for page in dict.fromkeys(self._explained.values()) if page != path]
        return self._page(
            path,
            "subscribe.html",
            language,
            self._named,
            [edition.expires],
            edition=edition,
            here=f"{self._publication.url}{path}",
            entries=edition.entries,
            own_feeds=own,
            is_explained=len(own) <= _EXPLAINED,
            elsewhere={page: self._language(self._first(page)) for page in others},
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
        root = self._root or (publication.url if is_anywhere else "../" * path.count("/") or "./")
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
        return {
            "publication": self._publication,
            "language": language,
            "speech": speech,
            "root": root,
            "page": self.feed_path,
            "explained": self._explained,
            "language_of": self._language,
            "direction": direction,
            "endonym": endonym,
            "media_types": MEDIA_TYPES,
            "summary_of": summary_of,
            "full_text": lambda entry: scrollable(full_text(entry)),
            "machine": machine,
            "stamp": stamp,
            "whole": _WHOLE,
            "_": translations(speech).gettext,
            "foreign": lambda tag, here=language: _foreign(tag, here),
            "own": lambda: "" if matches(language, speech) else _foreign(speech),
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
        topics = self._topics(language)
        explanations = {self._language(one): self._explained[one.name] for one in self._feeds}
        return self._part(
            "navigation.html",
            **self._everywhere(language, speech, root),
            languages=self._languages(),
            subscribe=explanations.get(language, "subscribe.html"),
            topics=topics,
            has_room=len(topics) <= _TOPICS,
        )

    def _part(self, template: str, **values: object) -> str:
        known = {"publication": self._publication, "media_types": MEDIA_TYPES}
        return rendered(self._publication.look, template, {**known, **values})

    # ---- Which feeds

    def _language(self, feed: Feed) -> str:
        return feed.language or self._publication.language

    def _first(self, explanation: str) -> Feed:
        return next(feed for feed in self._feeds if self._explained[feed.name] == explanation)

    def _topics(self, language: str) -> list[Feed]:
        """Give the feeds on part of the news, for who reads this language."""
        known = {self._language(feed) for feed in self._feeds if feed.language}
        read = language if language in known else self._language(self._feeds[0])
        return [
            feed for feed in self._feeds[1:] if _is_topic(feed) and feed.language in {None, read}
        ]

    def _languages(self) -> dict[str, Feed]:
        """Give the feed of all news in each language, where there are several."""
        found: dict[str, Feed] = {}
        for feed in self._feeds:
            if not _is_topic(feed):
                found.setdefault(self._language(feed), feed)
        return found if len(found) > 1 else {}

    def _main_first(self, feeds: Sequence[Feed]) -> tuple[Feed, ...]:
        return tuple(dict.fromkeys((self._feeds[0], *feeds)))

    def _feeds_of(self, entry: Entry) -> tuple[Feed, ...]:
        """Give the feeds in which an entry is, or its corrections are."""
        story = entry.story
        is_corrected = bool(entry.corrections or entry.retracted)
        kind = (story.language, story.kind, story.categories, story.authors, is_corrected)
        if kind not in self._relevant:
            self._relevant[kind] = tuple(
                feed
                for feed in concerned(self._feeds, [story])
                if is_corrected or feed.kinds != ("correction",)
            )
        return self._relevant[kind]


@cache
def _foreign(tag: str, here: str = "") -> Markup:
    """Give the attributes of what is in another language than what is around it (`here`)."""
    attributes = Markup(' lang="{}" dir="{}"')
    return Markup() if tag == here else attributes.format(tag, direction(tag))


def _time(machine_readable: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine_readable, text)


def _is_topic(feed: Feed) -> bool:
    """Say whether a feed has less than all news in its language."""
    return bool(feed.categories or feed.authors or feed.kinds)


def _over(event: Entry) -> datetime | None:
    """Give the moment from which an event is not to come any more (`Directory.coming`)."""
    if event.story.event is None:
        return None
    last = event.story.event.end
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)


def _one_for_each_language(entry: Entry, others: Sequence[Headline]) -> list[Headline]:
    """Give the newest translation into each other language: `hreflang` is unique."""
    newest = sorted(others, key=lambda one: (one.language, one.published))
    found = {one.language: one for one in newest if one.language != entry.story.language}
    return [*found.values()]
