"""Colours of the pages, and whether their contrast is sufficient (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from math import floor

from dateline.model import Theme

# As in `static/style.css`.
PAPER, DARK_PAPER = "#ffffff", "#161616"
ACCENT = "#0b5394"  # on light paper
ENOUGH = 4.5  # for text of any size (WCAG 2.2, 1.4.3, level AA)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours like `#0b5394`, from 1 to 21 (WCAG 2.2).

    >>> round(contrast("#767676", "#ffffff"), 2)
    4.54
    """
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def shown(ratio: float) -> str:
    """Return a contrast ratio as text, rounded down.

    >>> shown(4.499)
    '4.49:1'
    """
    return f"{floor(ratio * 100) / 100:g}:1"


def nearest(colour: str, paper: str) -> str:
    """Return the shade nearest to `colour` that can be read on `paper`.

    Its hue stays: it is mixed with as little black as possible, on dark paper with white.

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


def colours(theme: Theme) -> bytes:
    """Return the CSS of a theme's colours, which follows Dateline's own."""
    if not (theme.accent or theme.accent_dark):
        return b""
    light = accent_on_light(theme)
    dark = theme.accent_dark or nearest(theme.accent, DARK_PAPER)
    # On screens only: print is black.
    return (
        f"@media screen {{ :root {{ --accent: {light}; }} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
    ).encode()


def accent_on_light(theme: Theme) -> str:
    """Return the colour of links and buttons on light paper."""
    if theme.accent or not theme.accent_dark:
        return theme.accent or ACCENT
    return nearest(theme.accent_dark, PAPER)


def styled(theme: Theme, style: bytes) -> bytes:
    """Return Dateline's `style`, followed by the colours and the rules of a theme."""
    return b"".join((style, colours(theme), theme.style))


def _luminance(colour: str) -> float:
    """Return the relative luminance, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _colour(text: str, paper: str) -> str:
    found = re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", text.lower())
    if not found:
        raise ValueError('must be a colour like "#0b5394"')
    colour = found[0] if len(found[0]) > 4 else "#" + "".join(2 * one for one in found[0][1:])  # noqa: PLR2004
    ratio = contrast(colour, paper)
    if ratio < ENOUGH:
        raise ValueError(
            f"has a contrast of {shown(ratio)} on paper of {paper}, and cannot be read below "
            f'{ENOUGH}:1 (WCAG 2.2, 1.4.3). "{nearest(colour, paper)}" would do'
        )
    return colour


def colour_on_light(text: str) -> str:
    """Return a colour, as `#rrggbb`, that can be read on light paper."""
    return _colour(text, PAPER)


def colour_on_dark(text: str) -> str:
    """Return a colour, as `#rrggbb`, that can be read on dark paper."""
    return _colour(text, DARK_PAPER)
