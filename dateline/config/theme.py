"""Which look do the keys of `[look]` and the files that they name come to?

A logo and an icon are cleaned like any picture, and named by their content; templates are read
once, so that all pages of a run are made of the same.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from dateline.config import svg, theme_files
from dateline.config.templates import broken
from dateline.entries import media
from dateline.entries.media import Cleaned
from dateline.errors import MediaError
from dateline.model import Document, Media, Theme
from dateline.text.urls import slugify

Fault = tuple[str, str]
"""A key of `[look]` and what is wrong with it; without a key, a sentence that names the file."""

_KINDS = ("image/png", "image/jpeg", "image/webp")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff")
_SMALLEST = 32  # pixels of an icon


def read(
    folder: Path, url: str, plain: Theme, *, logo: str, icon: str, templates: str
) -> tuple[Theme, list[Fault]]:
    """Give the `plain` look with what is named, seen from `folder`, for the site at `url`.

    Empty names ask for nothing. Give also every fault; with faults, the look is not to be used.
    """
    faults: list[Fault] = []
    shown: dict[str, tuple[Media, Document]] = {}
    for key, name in (("logo", logo), ("icon", icon)):
        try:
            if name:
                shown[key] = _picture(folder, name, url, key)
        except ValueError as error:
            faults.append((key, f"{error}"))
    texts: dict[str, str] = {}
    if templates:
        texts, told = _texts(folder / templates, templates)
        faults += told
    style = texts.pop(theme_files.STYLE, "").encode()
    look = replace(
        plain,
        logo=shown["logo"][0] if "logo" in shown else None,
        icon=shown["icon"][0] if "icon" in shown else None,
        templates=tuple(texts.items()),
        style=style,
        documents=tuple({one.path: one for _, one in shown.values()}.values()),
        digest=hashlib.sha256(repr((texts, style)).encode()).hexdigest() if templates else "",
    )
    faults += (
        ("", f"{templates}/{name}, line {line}: {reason}.") for name, line, reason in broken(look)
    )
    return look, faults


def _texts(folder: Path, name: str) -> tuple[dict[str, str], list[Fault]]:
    try:
        if not folder.is_dir():
            return {}, [("templates", f"there is no folder {name} beside config.toml.")]
        found, faults = theme_files.texts(folder, name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return {}, [("templates", f"{name} {reason}.")]
    return found, [("", sentence) for sentence in faults]


def _picture(folder: Path, name: str, url: str, key: str) -> tuple[Media, Document]:
    """Give a picture and the document that it is; raises `ValueError` with a sentence."""
    try:
        data = theme_files.read(folder / name)
    except OSError as error:
        raise ValueError(
            f"there is no file {name} beside config.toml ({error.strerror})."
        ) from error
    except ValueError as error:
        raise ValueError(f"{name} {error}; it is on every page.") from error
    cleaned = _cleaned(data, Path(name).stem, name)
    if key == "icon":
        _must_be_square(cleaned, name)
    return media.published(cleaned, url)


def _cleaned(data: bytes, stem: str, name: str) -> Cleaned:
    if _MARKUP.match(data):
        try:
            drawn, width, height = svg.drawing(data)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from error
        return Cleaned(
            data=drawn,
            media_type=svg.MEDIA_TYPE,
            name=f"{slugify(stem)}.svg",
            width=width,
            height=height,
        )
    try:
        cleaned = media.clean(data, name)
    except MediaError as error:
        raise ValueError(f"{name} is no SVG, PNG, JPEG or WebP picture, or is broken.") from error
    if cleaned.media_type not in _KINDS:
        raise ValueError(f"{name} must be an SVG, PNG, JPEG or WebP picture.")
    return cleaned


def _must_be_square(cleaned: Cleaned, name: str) -> None:
    width, height = cleaned.width, cleaned.height
    is_drawn = cleaned.media_type == svg.MEDIA_TYPE
    if width != height or (width < _SMALLEST and not is_drawn):
        raise ValueError(
            f"{name} has {width} x {height} pixels; an icon must be square, of {_SMALLEST} x "
            f"{_SMALLEST} pixels at least."
        )
