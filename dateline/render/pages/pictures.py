"""Pictures on pages: a browser loads the rendition that fits its screen and its formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from dateline.model import Media, Rendition
from dateline.render.entry_html import escaped

# How wide pictures are shown (`style.css`). A telephone has up to four pixels for one of CSS, and
# no eye tells them from two: there, a picture is asked for at two thirds, which loads 960 pixels.
_UP_TO_TWO = "(min-width: 30rem) {0}, (min-resolution: 2.5dppx) 66vw, {0}"
IN_TEXT = f"(min-width: 47rem) 44rem, {_UP_TO_TWO.format('calc(100vw - 2.5rem)')}"
WHOLE = f"(min-width: 60rem) 60rem, {_UP_TO_TWO.format('100vw')}"
SIZES: Mapping[str, str] = {
    "lead": f"(min-width: 60rem) 44rem, {_UP_TO_TWO.format('100vw')}",
    "card": "(min-width: 60rem) 23rem, (min-width: 40rem) 50vw, 6rem",
    "row": "(min-width: 40rem) 11rem, 6rem",
}
"""How wide the picture of an item of a list is shown, by its form."""


def picture(image: Media, root: str, sizes: str = "100vw", *, is_first: bool = False) -> Markup:
    """Return the element of a picture of the site, or nothing for one at an address elsewhere.

    `sizes` is how wide it is shown, as in HTML. The picture that `is_first` on a page is loaded
    before other files, any other when it is about to be seen.
    """
    if image.path is None:
        return Markup()
    attributes = {"src": f"{root}{image.path}", "alt": image.alt}
    if image.width and image.height:
        attributes |= {"width": f"{image.width}", "height": f"{image.height}"}
    return Markup(element(image, attributes, root, sizes, is_first=is_first))  # noqa: S704 - escaped


def element(
    image: Media, attributes: dict[str, str], root: str, sizes: str, *, is_first: bool
) -> str:
    """Return the element of a picture with these attributes, such as `src` and `alt`."""
    own = [one for one in image.renditions if one.media_type == image.media_type]
    others = [one for one in image.renditions if one.media_type != image.media_type]
    if own and image.path:
        whole = Rendition(
            path=image.path, media_type=image.media_type, width=image.width, height=image.height
        )
        attributes = attributes | {"srcset": _sources([*own, whole], root), "sizes": sizes}
    when = {"fetchpriority": "high"} if is_first else {"loading": "lazy"}
    shown = f"<img{_written(attributes | when)}>"
    if not others:
        return shown
    source = {"type": others[0].media_type, "srcset": _sources(others, root), "sizes": sizes}
    return f"<picture><source{_written(source)}>{shown}</picture>"


def _sources(renditions: Sequence[Rendition], root: str) -> str:
    return ", ".join(f"{root}{one.path} {one.width}w" for one in renditions)


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items())
