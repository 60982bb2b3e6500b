"""What are the bytes of a feed, in each of its formats?

`render` gives the subscription documents of one edition, `full_text` the text of an entry as
feeds and pages show it. `syndication` alone knows feedgen and lxml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dateline.model import Document, Edition, Format, Publication, Role
from dateline.render.entry_html import full_text
from dateline.render.feeds.common import MEDIA_TYPES, FeedView
from dateline.render.feeds.json_feed import json_feed
from dateline.render.feeds.rss_atom import atom, rss

__all__ = ["full_text", "render"]

_WRITERS: Mapping[Format, Callable[[FeedView], bytes]] = {
    "rss": rss,
    "atom": atom,
    "json": json_feed,
}


def render(publication: Publication, edition: Edition, *, page: str = "") -> Iterator[Document]:
    """Give a document for each format of the edition's feed, or of one of its archives.

    `page` is the path of the feed's HTML page; the empty path is the front page. The same
    arguments give the same bytes on every machine.
    """
    issue = FeedView.of(publication, edition, page=page)
    return (
        Document(
            path=issue.path(form),
            role=Role.ARCHIVE if edition.archive else Role.SUBSCRIPTION,
            media_type=f"{MEDIA_TYPES[form]}; charset=utf-8",
            data=_WRITERS[form](issue),
            links=_links(issue, form),
            expires=edition.expires,
        )
        for form in edition.feed.formats
    )


def _links(issue: FeedView, form: Format) -> str:
    """Give the `Link` header field (RFC 8288; WebSub, section 4)."""
    # SimplePie takes the whole header for the feed's link where `rel` stands before `type`.
    links = [f'<{issue.address(form)}>; rel="self"']
    if not issue.edition.archive:
        links += [f'<{hub}>; rel="hub"' for hub in issue.publication.hubs]
    links += [f'<{address}>; rel="{rel}"' for rel, address in issue.history(form).items()]
    links += [
        f'<{issue.address(other)}>; type="{MEDIA_TYPES[other]}"; rel="alternate"'
        for other in issue.edition.feed.formats
        if other != form
    ]
    return ", ".join(links)
