"""The pictures of a text: with their true sizes, and links where a file is no picture."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from dateline.model import Media

# Whole tags, as `dateline.entries.normalise.markdown` writes them.
_TAG = re.compile(r'<(?P<slash>/?)(?P<name>a|img)\b(?P<attributes>(?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_PICTURE = "image/"


def with_sizes(fragment: str, files: Mapping[str, Media]) -> str:
    """Return HTML in which each of `files`, by address, has its size where it is shown.

    A browser then keeps its place free. What is shown and is no picture becomes a link.

    >>> photo = Media(url="https://a.org/b.png", path="b.png", media_type="image/png", length=9,
    ...     width=4, height=3)
    >>> with_sizes('<img src="https://a.org/b.png" alt="A bridge">', {photo.url: photo})
    '<img src="https://a.org/b.png" alt="A bridge" width="4" height="3">'
    """
    is_link = False

    def sized(tag: re.Match[str]) -> str:
        nonlocal is_link
        if tag["name"] == "a":
            is_link = not tag["slash"]
            return tag[0]
        said = dict(_ATTRIBUTE.findall(tag["attributes"]))
        media = files.get(html.unescape(said.get("src", "")))
        if media is None:
            return tag[0]
        if media.media_type.startswith(_PICTURE):
            if not media.width:
                return tag[0]
            return f'{tag[0][:-1]} width="{media.width}" height="{media.height}">'
        words = said.get("alt") or html.escape(media.title, quote=False)
        return words if is_link else f'<a href="{said["src"]}">{words}</a>'

    return _TAG.sub(sized, fragment)


def without_words(fragment: str, files: Mapping[str, Media]) -> Iterator[Media]:
    """Yield each of `files` that is shown and not described, once."""
    found: dict[str, Media] = {}
    for tag in _TAG.finditer(fragment):
        said = dict(_ATTRIBUTE.findall(tag["attributes"]))
        media = files.get(html.unescape(said.get("src", "")))
        if media and media.media_type.startswith(_PICTURE) and not said.get("alt", "").strip():
            found[media.url] = media
    yield from found.values()
