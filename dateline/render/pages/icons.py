"""The icons of a site and its web manifest, for browsers and feed readers.

Without an icon of its own, a publication has one of the first letter of its title, in its accent
colour. `favicon.ico` is there in any case, for programs that ask for nothing else.
See https://www.w3.org/TR/appmanifest/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from dateline.config import svg
from dateline.config.colours import PAPER, accent_on_light
from dateline.model import Document, Publication, Role
from dateline.text.language import direction
from dateline.text.urls import ICONS

DRAWN, PAINTED = ICONS
MANIFEST, FAVICON = "manifest.webmanifest", "favicon.ico"
TYPES: Mapping[str, str] = {
    DRAWN: svg.MEDIA_TYPE,
    PAINTED: "image/png",
    FAVICON: "image/x-icon",
    MANIFEST: "application/manifest+json",
}
_LARGE, _SMALL = 512, 48  # pixels


def documents(publication: Publication) -> Iterator[Document]:
    """Yield the icons that are made, and the manifest."""
    from dateline.entries.media import tile  # noqa: PLC0415 - Pillow: only where icons are made

    letter, colour = _letter(publication.title), accent_on_light(publication.theme)
    own = publication.theme.icon
    if own is None:
        yield _document(DRAWN, tile.drawn(letter, colour))
        yield _document(PAINTED, tile.painted(letter, colour, _LARGE))
    yield _document(FAVICON, tile.favicon(letter, colour, _SMALL, _bitmap(publication)))
    yield _document(MANIFEST, _manifest(publication, colour))


def _letter(title: str) -> str:
    """Return the first letter or digit of a title, as a capital.

    >>> _letter("« écho du port »")
    'É'
    """
    return next((one for one in title if one.isalnum()), " ").upper()[:1]


def _bitmap(publication: Publication) -> bytes:
    """Return the publication's own icon, or nothing where it is a drawing or there is none."""
    own = publication.theme.icon
    if own is None or own.media_type == svg.MEDIA_TYPE:
        return b""
    return next(one.data for one in publication.theme.documents if one.path == own.path)


def _manifest(publication: Publication, colour: str) -> bytes:
    values = {
        "name": publication.title,
        "description": publication.description,
        "lang": publication.language,
        "dir": direction(publication.language),
        "start_url": "./",
        "display": "browser",
        "theme_color": colour,
        "background_color": PAPER,
        "icons": [*_icons(publication)],
    }
    return f"{json.dumps(values, ensure_ascii=False, indent=1)}\n".encode()


def _icons(publication: Publication) -> Iterator[dict[str, str]]:
    own = publication.theme.icon
    if own is None:
        yield {"src": DRAWN, "sizes": "any", "type": TYPES[DRAWN]}
        yield {"src": PAINTED, "sizes": f"{_LARGE}x{_LARGE}", "type": TYPES[PAINTED]}
        return
    is_drawn = own.media_type == svg.MEDIA_TYPE
    sizes = "any" if is_drawn else f"{own.width}x{own.height}"
    yield {"src": own.path or own.url, "sizes": sizes, "type": own.media_type}


def _document(path: str, data: bytes) -> Document:
    return Document(path=path, role=Role.MEDIA, media_type=TYPES[path], data=data)
