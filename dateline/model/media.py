"""Values of published pictures and attachments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

MEDIA_FOLDER = "media/"  # below `feeds/`, with pictures and attachments
CARD_SIZE = (1200, 630)  # pixels of the picture that social networks show


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A picture in another size or format; `path` is relative to `feeds/`.

    `width` and `height` are in pixels.
    """

    path: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A published picture or attachment: cleaned, measured, named by content.

    `title` is that of staff, or the name of the file; `language` that of staff, or empty. What a
    document says of itself: its number of `pages`, `own_title` and `own_language`.
    `path` is relative to `feeds/`, and None for a file at a web address elsewhere; `url` is the
    address that readers fetch it from; `length` is in bytes (0 if unknown), `width` and `height`
    in pixels (0 if it is no picture). `caption` and `credit` stand below a picture. `renditions`
    are the same picture smaller or in another format, narrowest first; `card` is cut for links in
    social networks.
    """

    url: str
    path: str | None
    media_type: str
    length: int
    title: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""
    credit: str = ""
    caption: str = ""
    language: str = ""
    pages: int = 0
    own_title: str = ""
    own_language: str = ""
    renditions: tuple[Rendition, ...] = ()
    card: Rendition | None = None

    @property
    def paths(self) -> Iterator[str]:
        """The paths of all its files under `feeds/`."""
        if self.path:
            yield self.path
        yield from (one.path for one in self.renditions)
        if self.card:
            yield self.card.path


def undescribed(media: Media) -> Media:
    """Return a file without what is derived from its bytes, and not from what staff write.

    >>> paper = Media(url="u", path="p", media_type="application/pdf", length=9, pages=12)
    >>> undescribed(paper).pages
    0
    """
    return replace(media, renditions=(), card=None, pages=0, own_title="", own_language="")


def is_media(path: str) -> bool:
    """Return whether a path below `feeds/` is that of a picture or an attachment."""
    return path.startswith(MEDIA_FOLDER)
