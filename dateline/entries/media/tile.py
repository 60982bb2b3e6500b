"""A square icon that is made from a letter and a colour, or from a picture.

A drawing shows any letter, in a font of the reader's device. A bitmap shows A to Z and the digits,
which Pillow's own font has; in place of others it has three lines of text.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from dateline.text.characters import normalised

_FONT = "system-ui, sans-serif"
_LINES = (0.28, 0.46, 0.64)  # the upper edges of the lines, as parts of the side
_WHITE = "#ffffff"
_ICONS = 16  # that are remembered: to encode one takes milliseconds


def drawn(letter: str, colour: str) -> bytes:
    """Return an icon as an SVG; `colour` is like `#0b5394`."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="10" fill="{colour}"/>'
        f'<text x="32" y="46" fill="{_WHITE}" font-family="{_FONT}" font-size="40" '
        f'font-weight="700" text-anchor="middle">{escape(letter)}</text></svg>\n'
    ).encode()


@lru_cache(_ICONS)
def painted(letter: str, colour: str, side: int) -> bytes:
    """Return an icon as a PNG of `side` pixels."""
    return _saved(_tile(letter, colour, side), "PNG")


def favicon(letter: str, colour: str, side: int, picture: bytes = b"") -> bytes:
    """Return an icon as an ICO of `side` pixels, of a `picture` if there is one."""
    if not picture:
        return _saved(_tile(letter, colour, side), "ICO")
    with Image.open(BytesIO(picture)) as found:
        return _saved(found.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS), "ICO")


def _tile(letter: str, colour: str, side: int) -> Image.Image:
    image = Image.new("RGB", (side, side), colour)
    draw = ImageDraw.Draw(image)
    plain = normalised("NFD", letter)[:1]
    if plain.isascii() and plain.isalnum():
        font = ImageFont.load_default(side * 0.7)
        draw.text((side / 2, side / 2), plain, _WHITE, font, anchor="mm", stroke_width=side // 48)
        return image
    for number, top in enumerate(_LINES):
        right = 0.76 if number < len(_LINES) - 1 else 0.56
        draw.rectangle((side * 0.24, side * top, side * right, side * (top + 0.08)), _WHITE)
    return image


def _saved(image: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, sizes=[image.size])  # `sizes` is for ICO alone
    return buffer.getvalue()
