"""Which page does a person see: for an entry, a feed, and all feeds to choose from?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

import jinja2

from dateline.language import direction
from dateline.markup import summary_of
from dateline.model import Document, Edition, Entry, Feed, Publication, Role, Span
from dateline.render.issue import MEDIA_TYPES, stamp
from dateline.render.text import full_text

_HTML = "text/html; charset=utf-8"


class Pages:
    """The pages of a publication with these feeds, the main feed first."""

    def __init__(self, publication: Publication, feeds: Sequence[Feed]) -> None:
        self._publication = publication
        self._feeds = tuple(feeds)
        self._everywhere = {
            "publication": publication,
            "feeds": self._feeds,
            "page": self.feed_path,
            "direction": direction,
            "media_types": MEDIA_TYPES,
            "summary_of": summary_of,
            "full_text": full_text,
            "written": written,
        }
        # What every page has is made once: it grows with the feeds, and the pages are many.
        for part in ("alternates", "navigation"):
            made = _templates().get_template(f"{part}.html").render(self._everywhere)
            self._everywhere[part] = made

    def feed_path(self, feed: Feed) -> str:
        """Give the path of a feed's page; the main feed's is the front page, the empty path."""
        return "" if feed == self._feeds[0] else f"{feed.name}.html"

    def feed_document(self, feed: Feed) -> str:
        """Give the path of the document that is a feed's page."""
        return self.feed_path(feed) or "index.html"

    def entry(self, entry: Entry) -> Document:
        """Give the page of an entry."""
        language = entry.story.language
        linked = _linked_data(entry, self._publication)
        return self._page(f"{entry.slug}.html", "entry.html", language, entry=entry, linked=linked)

    def feed(self, edition: Edition) -> Document:
        """Give the page that shows what a feed shows."""
        feed = edition.feed
        return self._page(
            self.feed_document(feed),
            "list.html",
            feed.language or self._publication.language,
            edition,
            feed=feed,
            entries=edition.entries,
        )

    def fixed(self) -> list[Document]:
        """Give what does not depend on any entry: how to subscribe, what is absent, the style."""
        style = resources.files("dateline").joinpath("static/style.css").read_bytes()
        return [
            self._page("subscribe.html", "subscribe.html", self._publication.language),
            self._page("404.html", "absent.html", self._publication.language, is_gone=False),
            self._page("410.html", "absent.html", self._publication.language, is_gone=True),
            Document(
                path="style.css", role=Role.MEDIA, media_type="text/css; charset=utf-8", data=style
            ),
        ]

    def _page(
        self,
        path: str,
        template: str,
        language: str,
        edition: Edition | None = None,
        **values: object,
    ) -> Document:
        found = _templates().get_template(template)
        text = found.render(language=language, **self._everywhere, **values)
        return Document(
            path=path,
            role=Role.PAGE,
            media_type=_HTML,
            data=text.encode(),
            expires=edition.expires if edition else None,
        )


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("dateline"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _linked_data(entry: Entry, publication: Publication) -> dict[str, object]:
    """Give what machines read of an entry on its page (schema.org, NewsArticle)."""
    story = entry.story
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": entry.id,
        "headline": story.title,
        "inLanguage": story.language,
        "datePublished": stamp(entry.published),
        "dateModified": stamp(entry.updated),
        "publisher": {"@type": "Organization", "name": publication.author},
    }
    if entry.corrections:
        data["correction"] = [
            {"@type": "CorrectionComment", "text": said.text, "datePublished": stamp(said.moment)}
            for said in entry.corrections
        ]
    if entry.retracted:
        data["creativeWorkStatus"] = "Retracted"
    return data


def written(span: Span) -> str:
    """Give a day, a moment or a span in the form that every language reads: ISO 8601."""
    start, end = span.start, span.end
    if span.precision in {"month", "day"}:
        return f"{start:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} – {end:%Y-%m-%d}"
    return (
        f"{start:%Y-%m-%d %H:%M}"
        if start == end
        else f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"
    )
