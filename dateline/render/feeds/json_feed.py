"""What are the bytes of JSON Feed 1.1 (https://jsonfeed.org/version/1.1)?"""

from __future__ import annotations

import json
from typing import TypeAlias

from dateline.model import Media
from dateline.render.feeds.common import FeedItem, FeedView, stamp
from dateline.system.memo import memoised

_Json: TypeAlias = "str | int | list[_Json] | dict[str, _Json]"


def json_feed(issue: FeedView) -> bytes:
    """Give the feed as JSON in UTF-8 without a BOM; what is absent has no key."""
    publication, feed = issue.publication, issue.edition.feed
    hubs: list[_Json] = [{"type": "WebSub", "url": hub} for hub in publication.hubs]
    document: dict[str, _Json] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.title,
        "home_page_url": issue.page,
        "feed_url": issue.address("json"),
        **_present(
            description=feed.description,
            icon=publication.icon,
            favicon=publication.icon,
            language=issue.language,
            next_url=issue.history("json").get("prev-archive", ""),
            hubs=[] if issue.edition.archive else hubs,
        ),
        "items": [],
    }
    # An item a line. With `indent` Python's own encoder is used, and takes ten times as long.
    start = _dumped(document).removesuffix("]}")
    items = ",\n".join(map(_item, issue.items))
    return f"{start}\n{items}\n]}}\n".encode()


def _dumped(value: _Json) -> str:
    return json.dumps(value, ensure_ascii=False)


@memoised(lambda item: len(item.html))
def _item(item: FeedItem) -> str:
    entry, story = item.entry, item.entry.story
    said: dict[str, _Json] = {
        "id": entry.id,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        **_present(summary=story.summary, image=story.image.url if story.image else ""),
        "date_published": stamp(entry.published),
        "date_modified": stamp(entry.updated),
        # miniflux joins what stands in both: one name for all, as in RSS and Atom.
        "authors": [{"name": item.author}],
        "author": {"name": item.author},
        **_present(
            tags=list(story.categories),
            language=item.language,
            attachments=[_attachment(media) for media in story.attachments],
        ),
    }
    return _dumped(said)


def _attachment(media: Media) -> dict[str, _Json]:
    return {
        "url": media.url,
        "mime_type": media.media_type,
        **_present(title=media.title, size_in_bytes=media.length),
    }


def _present(**values: _Json) -> dict[str, _Json]:
    return {name: value for name, value in values.items() if value}
