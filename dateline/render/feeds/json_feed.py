"""JSON Feed 1.1 (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from typing import TypeAlias

from dateline.model import Media
from dateline.render.feeds.common import FeedItem, FeedView, stamp
from dateline.system.memo import MANY, memoised

_Json: TypeAlias = "str | int | list[_Json] | dict[str, _Json]"


def json_feed(view: FeedView) -> bytes:
    """Return the feed as JSON in UTF-8 without a BOM; absent values have no key."""
    publication, feed = view.publication, view.edition.feed
    hubs: list[_Json] = [{"type": "WebSub", "url": hub} for hub in publication.hubs]
    document: dict[str, _Json] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": view.title,
        "home_page_url": view.page,
        "feed_url": view.address("json"),
        **_present(
            description=feed.description,
            icon=publication.icon,
            favicon=publication.icon,
            language=view.language,
            next_url=view.history("json").get("prev-archive", ""),
            hubs=[] if view.edition.archive else hubs,
        ),
        "items": [],
    }
    # One item a line. `indent` would use the encoder in Python, which takes ten times as long.
    start = _dumped(document).removesuffix("]}")
    items = ",\n".join(map(_item, view.items))
    return f"{start}\n{items}\n]}}\n".encode()


def _dumped(value: _Json) -> str:
    return json.dumps(value, ensure_ascii=False)


@memoised(lambda item: len(item.html), most=MANY)
def _item(item: FeedItem) -> str:
    entry, story = item.entry, item.entry.story
    document: dict[str, _Json] = {
        "id": entry.id,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        **_present(summary=story.summary, image=story.image.url if story.image else ""),
        "date_published": stamp(entry.published),
        "date_modified": stamp(entry.updated),
        # miniflux joins the names of both keys: one name for all, as in RSS and Atom.
        "authors": [{"name": item.author}],
        "author": {"name": item.author},
        **_present(
            tags=list(story.categories),
            language=item.language,
            attachments=[_attachment(media) for media in story.attachments],
        ),
    }
    return _dumped(document)


def _attachment(media: Media) -> dict[str, _Json]:
    return {
        "url": media.url,
        "mime_type": media.media_type,
        **_present(title=media.title, size_in_bytes=media.length),
    }


def _present(**values: _Json) -> dict[str, _Json]:
    return {name: value for name, value in values.items() if value}
