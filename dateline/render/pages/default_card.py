"""The card of a publication, which social networks show for pages without a picture."""

from __future__ import annotations

from urllib.parse import urlsplit

from dateline.config.colours import accent_on_light
from dateline.model import Document, Publication, Rendition, Role
from dateline.model.media import CARD_SIZE

CARD = Rendition(path="card.png", media_type="image/png", width=CARD_SIZE[0], height=CARD_SIZE[1])
_DRAWN = ("image/png", "image/jpeg", "image/webp")  # logos; an SVG is left out


def document(publication: Publication) -> Document:
    """Return the card, with the accent colour, the logo and the title of a publication."""
    from dateline.entries.media.cards import card  # noqa: PLC0415 - Pillow, for one document

    theme = publication.theme
    shown = theme.logo.path if theme.logo and theme.logo.media_type in _DRAWN else None
    logo = next((one.data for one in theme.documents if one.path == shown), b"")
    site = urlsplit(publication.url).netloc
    return Document(
        path=CARD.path,
        role=Role.MEDIA,
        media_type=CARD.media_type,
        data=card(publication.title, site, accent_on_light(theme), logo),
    )
