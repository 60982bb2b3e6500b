"""Parse the pictures of a published page, as `dateline.render.pages.pictures` writes them."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Iterator
from dataclasses import replace

from dateline.model import MEDIA_FOLDER, Media, Publication, Rendition
from dateline.text.expressions import regex

_WHOLE = regex(r'(?:<picture><source([^>]*)>)?<img((?:"[^"]*"|[^">])*)>(?:</picture>)?')
_ADDED = regex(r' (?:srcset|sizes|loading|fetchpriority)="[^"]*"')
_SOURCES = regex(r' srcset="([^"]*)"')
_SOURCE = regex(r' src="([^"]*)"')
_CAPTIONED = regex(
    r'<figure>(<img src="[^"]*"(?: alt="[^"]*")?)((?: [a-z]+="[^"]*")*>)'
    r"<figcaption>([^<]*)</figcaption></figure>"
)
_CARD = regex(
    r'<meta property="og:image" content="([^"]*)">\n'
    r'<meta property="og:image:width" content="(\d{1,5})">\n'
    r'<meta property="og:image:height" content="(\d{1,5})">'
)


def plain(body: str) -> str:
    """Return the text of a page with its pictures as staff wrote them, without renditions.

    >>> plain('<picture><source srcset="a.webp 480w"><img src="a.jpg" loading="lazy"></picture>')
    '<img src="a.jpg">'
    """
    return _WHOLE.sub(lambda found: f"<img{_ADDED.sub('', found[2])}>", body)


def without_captions(body: str) -> str:
    """Return a text with the captions of its pictures as titles, as staff wrote them.

    >>> without_captions('<figure><img src="a" width="8"><figcaption>B</figcaption></figure>')
    '<p><img src="a" title="B" width="8"></p>'
    """
    return _CAPTIONED.sub(r'<p>\1 title="\3"\2</p>', body)


def with_renditions(media: Media, page: str, publication: Publication) -> Media:
    """Return a picture with the renditions that a page has of it, and with its card."""
    if media.path is None or not media.media_type.startswith("image/"):
        return media
    return replace(
        media,
        renditions=tuple(_renditions(media, media.path, page)),
        card=_card(media, page, publication),
    )


def _renditions(media: Media, path: str, page: str) -> Iterator[Rendition]:
    for found in _WHOLE.finditer(page):
        source = _SOURCE.search(found[2])
        if not source or _path(source[1]) != path:
            continue
        own, others = (_SOURCES.search(part or "") for part in (found[2], found[1]))
        for sources in filter(None, (own, others)):
            for one in html.unescape(sources[1]).split(", "):
                address, _, width = one.partition(" ")
                if (shown := _path(address)) != path:
                    yield _rendition(media, shown, int(width.removesuffix("w")))
        return


def _rendition(media: Media, path: str, width: int) -> Rendition:
    return Rendition(
        path=path,
        media_type=_type_of(path),
        width=width,
        height=max(1, round(media.height * width / media.width)) if media.width else 0,
    )


def _card(media: Media, page: str, publication: Publication) -> Rendition | None:
    found = _CARD.search(page)
    path = html.unescape(found[1]).removeprefix(publication.url) if found else ""
    if found is None or not path.startswith(MEDIA_FOLDER) or path == media.path:
        return None
    return Rendition(
        path=path, media_type=_type_of(path), width=int(found[2]), height=int(found[3])
    )


def _path(address: str) -> str:
    return html.unescape(address).lstrip("./")


def _type_of(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "image/webp"
