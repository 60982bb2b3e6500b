"""Which colours do the pages have, and can they be read? (WCAG 2.2, 1.4.3.)"""

from __future__ import annotations

from math import floor

from dateline.model import Theme

# As in `static/style.css`.
PAPER, DARK_PAPER = "#ffffff", "#161616"
ENOUGH = 4.5  # for text of any size (WCAG 2.2, 1.4.3, level AA)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours like `#0b5394`, from 1 to 21 (WCAG 2.2).

    >>> round(contrast("#767676", "#ffffff"), 2)
    4.54
    """
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def shown(ratio: float) -> str:
    """Write a contrast ratio, never as more than it is.

    >>> shown(4.499)
    '4.49:1'
    """
    return f"{floor(ratio * 100) / 100:g}:1"


def nearest(colour: str, paper: str) -> str:
    """Give the shade of `colour` nearest to it that can be read on `paper`.

    Its hue stays: it is mixed with black, on dark paper with white, as little as will do.

    >>> nearest("#ffd700", PAPER)
    '#8b7500'
    """
    towards = 0 if _luminance(paper) > 0.18 else 255  # noqa: PLR2004 - as far from black as from white
    channels = _channels(colour)
    shades = (
        "#" + "".join(f"{round(one + (towards - one) * part / 255):02x}" for one in channels)
        for part in range(256)
    )
    return next(shade for shade in shades if contrast(shade, paper) >= ENOUGH)


def colours(look: Theme) -> bytes:
    """Give the style that goes after Dateline's own, for the colours that are the newsroom's."""
    if not (look.accent or look.accent_dark):
        return b""
    light = look.accent or nearest(look.accent_dark, PAPER)
    dark = look.accent_dark or nearest(look.accent, DARK_PAPER)
    # On screens: what is printed is black.
    return (
        f"@media screen {{ :root {{ --accent: {light}; }} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
    ).encode()


def styled(look: Theme, style: bytes) -> bytes:
    """Give Dateline's own `style` with the newsroom's colours and rules after it."""
    return b"".join((style, colours(look), look.style))


def _luminance(colour: str) -> float:
    """Give the relative luminance, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
