"""Pictures without metadata, upright, and within limits."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from dateline.entries.media.metadata import (
    STRIP,
    TooManyPartsError,
    check_parts,
    without_trailer,
)
from dateline.errors import MediaError

MAX_PIXELS = 60_000_000
_MAX_SCANS = 100
# Pillow warns on one limit and raises on another; here one limit is counted, before a
# pixel is decoded.
Image.MAX_IMAGE_PIXELS = None

_ORIENTATION = 0x0112  # EXIF 2.32, section 4.6.4
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def strip(data: bytes, name: str, extension: str) -> tuple[bytes, int, int]:
    """Return the bytes of the picture, and its width and height in pixels."""
    try:
        check_parts(data)
        data = without_trailer(data)
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            _check_pixels(image, name)
            check_scans(data, name)
            image.load()
            data, size = _upright(data, image)
        return STRIP[extension](data), *size
    except MediaError:
        raise
    except TooManyPartsError as error:
        raise MediaError("media-too-hard", found=name) from error
    except Exception as error:  # on damaged bytes a decoder raises anything at all
        raise MediaError("media-broken", found=name) from error


def orientation_of(image: Image.Image) -> int:
    """Return how a picture is to be turned (EXIF 2.32, section 4.6.4); 1 is upright.

    Some programs write words where the number must stand, or what is no EXIF at all.
    """
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (ArithmeticError, SyntaxError, TypeError, ValueError, struct.error):
        return 1


def is_animated(image: Image.Image) -> bool:
    """Return whether a picture moves."""
    # MPO is what Pillow calls a JPEG with more pictures behind it; it counts them as frames.
    return image.format != "MPO" and getattr(image, "is_animated", False)


def check_scans(data: bytes, name: str) -> None:
    """Raise `MediaError` for a picture that would take long for its pixels.

    Each scan of a progressive JPEG goes over all of them; cameras and programs write ten.
    The picture is one `without_trailer`: in a video the same two bytes stand by chance.
    """
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _MAX_SCANS:
        raise MediaError("media-broken", found=name)


def _check_pixels(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise MediaError("media-too-many-pixels", found=name)


def _upright(data: bytes, image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """Return the picture upright, as most are already, and its size.

    Viewers never turn a GIF nor an animated picture, so these stay.
    """
    turn = TURNS.get(orientation_of(image))
    if turn is None or is_animated(image) or image.format == "GIF":
        return data, image.size
    turned = image.transpose(turn)
    out = BytesIO()
    turned.save(out, **_coding(data, image), icc_profile=image.info.get("icc_profile"))
    return out.getvalue(), turned.size


def _coding(data: bytes, image: Image.Image) -> dict[str, Any]:
    """Return how a turned picture is coded so that it loses as little as possible."""
    if image.format == "PNG":
        return {"format": "PNG"}
    if image.format == "WEBP":
        return {"format": "WEBP", "quality": 95, "lossless": b"VP8L" in data}
    # A JPEG or an MPO: coded with the camera's own tables.
    tables = getattr(image, "quantization", None)
    return {"format": "JPEG", "qtables": tables, "subsampling": get_sampling(image)}
