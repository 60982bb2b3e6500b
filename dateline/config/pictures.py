"""The logo and the icon that `[look]` names: cleaned, measured and named by content."""

from __future__ import annotations

from pathlib import Path

from dateline.config import svg
from dateline.entries import media
from dateline.entries.media import Cleaned
from dateline.errors import MediaError
from dateline.model import Document, Media
from dateline.text.expressions import regex
from dateline.text.urls import slugify

_TYPES = ("image/png", "image/jpeg", "image/webp")
_MARKUP = regex(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff")
_SMALLEST = 32  # pixels of an icon


def published(data: bytes, name: str, url: str, *, is_square: bool) -> tuple[Media, Document]:
    """Return a picture as pages name it, and its document at the site with this `url`.

    `name` is the path of its file. Raises `ValueError` with a sentence.
    """
    cleaned = _cleaned(data, name)
    if is_square:
        _check_icon(cleaned, name)
    return media.published(cleaned, url)


def _cleaned(data: bytes, name: str) -> Cleaned:
    if _MARKUP.match(data):
        return _drawing(data, name)
    try:
        cleaned = media.clean(data, name)
    except MediaError as error:
        raise ValueError(f"{name} is no SVG, PNG, JPEG or WebP picture, or is broken.") from error
    if cleaned.media_type not in _TYPES:
        raise ValueError(f"{name} must be an SVG, PNG, JPEG or WebP picture.")
    return cleaned


def _drawing(data: bytes, name: str) -> Cleaned:
    try:
        drawn, width, height = svg.drawing(data)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error
    return Cleaned(
        data=drawn,
        media_type=svg.MEDIA_TYPE,
        name=f"{slugify(Path(name).stem)}.svg",
        width=width,
        height=height,
    )


def _check_icon(cleaned: Cleaned, name: str) -> None:
    width, height = cleaned.width, cleaned.height
    is_drawn = cleaned.media_type == svg.MEDIA_TYPE
    if width != height or (width < _SMALLEST and not is_drawn):
        raise ValueError(
            f"{name} has {width} x {height} pixels; an icon must be square, of {_SMALLEST} x "
            f"{_SMALLEST} pixels at least."
        )
