"""What readers get: feeds, calendars, pages, OPML and sitemaps, rendered from values.

`render` returns the documents of one edition in each of its formats, `full_text` the text of an
entry as feeds and pages show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dateline.errors import DatelineError, rendering
from dateline.model import Document, Edition, Publication, Role
from dateline.model.formats import MEDIA_TYPES, Format
from dateline.render.entry_html import full_text
from dateline.render.feeds import renderer
from dateline.render.feeds.common import FeedView
from dateline.rules.taxonomy import head

__all__ = ["full_text", "render", "render_term"]


def render(publication: Publication, edition: Edition, *, page: str = "") -> Iterator[Document]:
    """Return a document for each format of an edition: of a feed, or of one of its archives.

    `page` is the path of the feed's HTML page; the empty path is the front page. The same
    arguments give the same bytes on every machine. Raises `RenderFault` where one of the entries
    cannot be rendered.
    """
    try:
        yield from _rendered(publication, edition, page)
    except (DatelineError, OSError, MemoryError):
        raise
    except Exception:
        for entry in edition.entries:
            with rendering(entry.story.path):
                [*_rendered(publication, replace(edition, entries=(entry,)), page)]
        raise


def _rendered(publication: Publication, edition: Edition, page: str) -> Iterator[Document]:
    view = FeedView.of(publication, edition, page=page)
    return (
        Document(
            path=view.path(form),
            role=Role.ARCHIVE if edition.archive else Role.SUBSCRIPTION,
            media_type=f"{MEDIA_TYPES[form]}; charset=utf-8",
            data=renderer(form)(view),
            links=_links(view, form),
            expires=edition.expires,
        )
        for form in edition.formats
    )


def render_term(publication: Publication, edition: Edition) -> Iterator[Document]:
    """Return the documents of a term (`dateline.rules.taxonomy`), which no hub announces.

    There may be thousands of them, so that web workers do not hold them in memory.
    """
    page = head(edition.feed.name)
    for document in render(replace(publication, hubs=()), edition, page=page):
        yield replace(document, role=Role.ARCHIVE)


def _links(view: FeedView, form: Format) -> str:
    """Return the `Link` header field (RFC 8288; WebSub, section 4)."""
    # SimplePie takes the whole header for the feed's link if `rel` precedes `type`.
    links = [f'<{view.address(form)}>; rel="self"']
    if not view.edition.archive:
        links += [f'<{hub}>; rel="hub"' for hub in view.publication.hubs]
    links += [f'<{address}>; rel="{rel}"' for rel, address in view.history(form).items()]
    links += [
        f'<{view.address(other)}>; type="{MEDIA_TYPES[other]}"; rel="alternate"'
        for other in view.edition.formats
        if other != form
    ]
    return ", ".join(links)
