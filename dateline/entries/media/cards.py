"""The card that social networks show for a page without a picture of its own.

It has the accent colour, the logo and the title of the publication. Pillow's own font has the
letters of English alone: a title with others is replaced by the name of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from dateline.model.media import CARD_SIZE

_MARGIN = 80
_SIZES = (96, 80, 64, 48)  # of the letters, the first at which the title fits
_LINES = 4
_LOGO = (480, 140)
_PAD = 24  # white around the logo, which may have the accent colour
_MISSING = "\uffff"  # what the font has no letter for looks like this


@lru_cache(maxsize=4)
def card(title: str, site: str, colour: str, logo: bytes) -> bytes:
    """Return the card of a publication as PNG; `logo` is a picture, or empty."""
    image = Image.new("RGB", CARD_SIZE, colour)
    draw = ImageDraw.Draw(image)
    text, font = _fitting(draw, title if _is_drawable(title) else site)
    draw.multiline_text(
        (_MARGIN, CARD_SIZE[1] - _MARGIN), text, fill="white", font=font, anchor="ld", spacing=12
    )
    if logo:
        _paste(image, logo)
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _is_drawable(text: str) -> bool:
    font = ImageFont.load_default(_SIZES[-1])
    missing = bytes(font.getmask(_MISSING))
    return all(bytes(font.getmask(one)) != missing for one in {*text} if not one.isspace())


def _fitting(
    draw: ImageDraw.ImageDraw, text: str
) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    """Return the text in lines, and the largest letters in which it fits; a long one is cut."""
    for size in _SIZES:
        font = ImageFont.load_default(size)
        lines = [*_lines(draw, text, font)]
        if len(lines) <= _LINES:
            break
    return "\n".join(lines[:_LINES]), font


def _lines(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and draw.textlength(longer, font=font) > CARD_SIZE[0] - 2 * _MARGIN:
            yield line
            line = word
        else:
            line = longer
    yield line


def _paste(image: Image.Image, logo: bytes) -> None:
    with Image.open(BytesIO(logo)) as opened:
        shown = opened.convert("RGBA")
    shown.thumbnail(_LOGO)
    corner = (_MARGIN, _MARGIN)
    paper = (shown.width + 2 * _PAD, shown.height + 2 * _PAD)
    image.paste("white", (*corner, corner[0] + paper[0], corner[1] + paper[1]))
    image.paste(shown, (corner[0] + _PAD, corner[1] + _PAD), mask=shown)
