"""Smaller files of a picture, so that nobody loads more of it than a screen shows.

A JPEG or PNG becomes as many files as `WIDTHS` are narrower than it, each also as WebP where that
is smaller and the widest is not too tall for it, and the part of it that social networks show. One
that is wider than the last of `WIDTHS` is not published itself: its widest file takes its place.
All are upright, in sRGB and without metadata. The same bytes become the same files, as long as
Pillow stays the same.

A GIF, an animated picture, one with 16 bits a channel and one that is narrower than the first of
`WIDTHS` stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from dateline.entries.media import Rendered
from dateline.entries.media.metadata import check_parts, without_trailer
from dateline.entries.media.pictures import (
    MAX_PIXELS,
    TURNS,
    check_scans,
    is_animated,
    orientation_of,
)
from dateline.errors import MediaError
from dateline.model.media import CARD_SIZE

WIDTHS = (480, 960, 1600)
_CARD_FROM = (800, 420)  # a smaller picture would be blurred
_CARD_CENTRE = (0.5, 0.4)  # faces are above the middle
_SIDEWAYS = {5, 6, 7, 8}
_WEBP_SIDE = 16_383  # pixels at most (RFC 9649, section 2.5)
_FORMATS = ("JPEG", "PNG", "WEBP")
_EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp"}
_MODES = {"1": "L", "LA": "RGBA", "CMYK": "CMYK", "L": "L", "RGB": "RGB", "RGBA": "RGBA"}
_DEEP = ("I", "F")  # modes that begin so have more than 8 bits a channel
_FILTER = Image.Resampling.LANCZOS
_COLOURS = 256  # of a drawing


def pixels(data: bytes) -> int:
    """Return the pixels of a picture of which renditions can be made, without decoding it; or 0."""
    try:
        check_parts(data)
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            return image.width * image.height if _can_be_scaled(image) else 0
    except Exception:  # noqa: BLE001 - on damaged bytes a decoder raises anything at all
        return 0


def size_of(data: bytes) -> tuple[int, int]:
    """Return the width and height of a rendition. Raises `OSError` for a damaged one."""
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        return image.size


def renditions(data: bytes, name: str) -> tuple[Rendered, ...]:
    """Return the files that are made of the picture that staff called `name`, widest first.

    It is one that has `pixels`. Raises `MediaError` for a damaged one.
    """
    data = without_trailer(data)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            check_scans(data, name)
            extension, is_drawing = _EXTENSIONS[image.format or ""], image.mode in {"1", "P"}
            full = _upright_size(image)
            widest = _widest(image, full)
        return tuple(_all(widest, full, extension, size=len(data), is_drawing=is_drawing))
    except MediaError:
        raise
    except Exception as error:  # on damaged bytes a decoder raises anything at all
        raise MediaError("media-broken", found=name) from error


def restored(found: Sequence[Rendered], data: bytes) -> tuple[Rendered, ...]:
    """Return published files as `renditions` does, or nothing if one of them is missing.

    `data` are the bytes of their picture.
    """
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        extension, full = _EXTENSIONS[image.format or ""], _upright_size(image)[0]
    parts = sorted(found, key=lambda one: (one.extension != extension, -one.width))
    own = [one.width for one in parts if one.extension == extension and one.part != "card"]
    if own != [width for width in reversed(WIDTHS) if width < full]:
        return ()
    if full > WIDTHS[-1]:
        parts[0] = replace(parts[0], part="whole")
    return (*(one for one in parts if one.part != "card"), *(o for o in parts if o.part == "card"))


# ---- The picture as it is


def _can_be_scaled(image: Image.Image) -> bool:
    return (
        not is_animated(image)
        and not image.mode.startswith(_DEEP)
        and image.width * image.height <= MAX_PIXELS
        and _upright_size(image)[0] > WIDTHS[0]
    )


def _upright_size(image: Image.Image) -> tuple[int, int]:
    is_sideways = orientation_of(image) in _SIDEWAYS
    return (image.height, image.width) if is_sideways else (image.width, image.height)


def _widest(image: Image.Image, full: tuple[int, int]) -> Image.Image:
    """Return the picture upright and in sRGB, no wider than the last of `WIDTHS`."""
    orientation, profile = orientation_of(image), image.info.get("icc_profile")
    size = _scaled(full, min(full[0], WIDTHS[-1]))
    stored = size[::-1] if orientation in _SIDEWAYS else size
    # A JPEG is decoded at half its size or less, where that is enough.
    image.draft(image.mode, stored)
    plain = _plain(image)
    if plain.size != stored:
        plain = plain.resize(stored, _FILTER, reducing_gap=3.0)
    plain = _in_srgb(plain, profile)
    turn = TURNS.get(orientation)
    upright = plain if turn is None else plain.transpose(turn)
    upright.info = {}  # what Pillow would write again: comments, the profile, the place
    return upright


def _plain(image: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be scaled."""
    if "transparency" in image.info:
        return image.convert("RGBA")
    mode = _MODES.get(image.mode, "RGB")
    return image.convert(mode) if image.mode != mode else image.copy()


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture in the colours that all screens know; a broken profile is left out."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    if profile and image.mode != "L":
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            colours = ImageCms.profileToProfile(colours, source, srgb, outputMode="RGB") or colours
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    colours = colours.convert("RGB") if colours.mode == "CMYK" else colours
    if alpha:
        colours.putalpha(alpha)
    return colours


def _scaled(full: tuple[int, int], width: int) -> tuple[int, int]:
    return width, max(1, round(full[1] * width / full[0]))


# ---- Its files


def _all(
    widest: Image.Image, full: tuple[int, int], extension: str, *, size: int, is_drawing: bool
) -> Iterator[Rendered]:
    """Yield the files of a picture of `size` bytes, which is `full` before it is scaled."""
    narrower = [width for width in reversed(WIDTHS) if width < full[0]]
    images = {width: _resized(widest, full, width) for width in (widest.width, *narrower)}
    is_replaced = widest.width < full[0]
    own = [images[width] for width in narrower]
    made = _series(own, extension, 0 if is_replaced else size, is_drawing=is_drawing)
    if is_replaced:
        yield replace(made[0], part="whole")
    yield from made[is_replaced:]
    if extension != "webp" and widest.height <= _WEBP_SIDE:
        yield from _series([*images.values()], "webp", len(made[0].data) if is_replaced else size)
    if widest.width >= _CARD_FROM[0] and widest.height >= _CARD_FROM[1]:
        fitted = ImageOps.fit(_opaque(widest), CARD_SIZE, _FILTER, centering=_CARD_CENTRE)
        yield replace(_rendered(fitted, "jpg"), part="card")


def _series(
    images: Sequence[Image.Image], extension: str, limit: int, *, is_drawing: bool = False
) -> list[Rendered]:
    """Return pictures in one format, as far as each is smaller than the one before and `limit`.

    No `limit` is 0.
    """
    made: list[Rendered] = []
    for image in images:
        one = _rendered(image, extension, is_drawing=is_drawing)
        if limit and len(one.data) >= limit:
            break
        made.append(one)
        limit = len(one.data)
    return made


def _resized(widest: Image.Image, full: tuple[int, int], width: int) -> Image.Image:
    size = _scaled(full, width)
    return widest if size == widest.size else widest.resize(size, _FILTER, reducing_gap=3.0)


def _rendered(image: Image.Image, extension: str, *, is_drawing: bool = False) -> Rendered:
    out = BytesIO()
    if extension == "jpg":
        image.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    elif extension == "webp":
        image.save(out, "WEBP", quality=75, method=4)
    else:
        image = image.quantize(_COLOURS, Image.Quantize.FASTOCTREE) if is_drawing else image
        image.save(out, "PNG", optimize=is_drawing)
    return Rendered(
        part="rendition",
        extension=extension,
        width=image.width,
        height=image.height,
        data=out.getvalue(),
    )


def _opaque(image: Image.Image) -> Image.Image:
    """Return a picture on white, where it is transparent."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
