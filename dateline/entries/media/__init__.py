"""Pictures and attachments, cleaned and measured for publication.

The kind of a file follows from its content, never from its name. Pictures lose EXIF, GPS, XMP and
comments and stand upright; PDFs lose their metadata, and so do the pictures inside them.
Other attachments are published as they are, if their kind is on the list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from dateline.entries.media import metadata
from dateline.errors import MediaError
from dateline.model import MEDIA_FOLDER, Document, Media, Role
from dateline.text.urls import slugify

MAX_SIZE = 50_000_000
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
_PICTURES: dict[str, Callable[[bytes], bytes]] = {
    "jpg": metadata.jpeg,
    "png": metadata.png,
    "gif": metadata.gif,
    "webp": metadata.webp,
}
_ZIP = rb"PK(\x03\x04|\x05\x06)"
_ISO = rb".{4}ftyp"
_TEXT = rb"[^\0]+\Z"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# Extension: media type, and how such a file starts. Nothing here runs in a browser.
_KINDS = {
    "jpg": ("image/jpeg", rb"\xff\xd8\xff"),
    "png": ("image/png", rb"\x89PNG\r\n\x1a\n"),
    "gif": ("image/gif", rb"GIF8[79]a"),
    "webp": ("image/webp", rb"RIFF.{4}WEBP"),
    "pdf": ("application/pdf", rb"%PDF-"),
    "csv": ("text/csv", _TEXT),
    "docx": (_OFFICE + "wordprocessingml.document", _ZIP),
    "epub": ("application/epub+zip", _ZIP),
    "ics": ("text/calendar", _TEXT),
    "m4a": ("audio/mp4", _ISO),
    "mp3": ("audio/mpeg", rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
    "mp4": ("video/mp4", _ISO),
    "odp": (_OPEN_DOCUMENT + "presentation", _ZIP),
    "ods": (_OPEN_DOCUMENT + "spreadsheet", _ZIP),
    "odt": (_OPEN_DOCUMENT + "text", _ZIP),
    "ogg": ("audio/ogg", rb"OggS"),
    "pptx": (_OFFICE + "presentationml.presentation", _ZIP),
    "txt": ("text/plain", _TEXT),
    "vtt": ("text/vtt", _TEXT),
    "wav": ("audio/wav", rb"RIFF.{4}WAVE"),
    "webm": ("video/webm", rb"\x1a\x45\xdf\xa3"),
    "xlsx": (_OFFICE + "spreadsheetml.sheet", _ZIP),
    "zip": ("application/zip", _ZIP),
}
_TOLD_BY_CONTENT = (*_PICTURES, "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A file that may be shown to anyone.

    `name` is lower-case ASCII with the extension that fits the content; `width` and
    `height` are in pixels, 0 where it is no picture. A PDF has `pages`, and a title and a
    language where it says so.
    """

    data: bytes
    media_type: str
    name: str
    width: int = 0
    height: int = 0
    pages: int = 0
    title: str = ""
    language: str = ""


def clean(data: bytes, name: str) -> Cleaned:
    """Clean the file that staff named `name`.

    The same bytes give the same bytes. Raises `MediaError` for what is not published: an
    unknown kind, a broken file, more than `MAX_SIZE` or `MAX_PIXELS`, a PDF with a password.
    """
    if len(data) > MAX_SIZE:
        raise MediaError("media-too-large", found=name)
    extension = _extension(data, name)
    published_name = f"{stem_of(name)}.{extension}"
    cleaned = Cleaned(data=data, media_type=_KINDS[extension][0], name=published_name)
    if extension in _PICTURES:
        data, width, height = _picture(data, name, extension)
        return replace(cleaned, data=data, width=width, height=height)
    if extension == "pdf":
        from dateline.entries.media import pdf  # noqa: PLC0415 - pikepdf takes 40 ms, and few files are PDF

        data, own = pdf.strip(data, name)
        return replace(cleaned, data=data, pages=own.pages, title=own.title, language=own.language)
    return cleaned


def published_path(cleaned: Cleaned) -> str:
    """Return the path of a cleaned file below `feeds/`: other content, other path."""
    return f"{MEDIA_FOLDER}{hashlib.sha256(cleaned.data).hexdigest()[:16]}-{cleaned.name}"


def published(cleaned: Cleaned, url: str, title: str = "") -> tuple[Media, Document]:
    """Return a cleaned file as readers get it from the site at `url`, and its document."""
    path = published_path(cleaned)
    media = Media(
        url=url + path,
        path=path,
        media_type=cleaned.media_type,
        length=len(cleaned.data),
        title=title,
        width=cleaned.width,
        height=cleaned.height,
        pages=cleaned.pages,
        own_title=cleaned.title,
        own_language=cleaned.language,
    )
    return media, Document(
        path=path, role=Role.MEDIA, media_type=cleaned.media_type, data=cleaned.data
    )


def stem_of(name: str) -> str:
    """Return the beginning of the published name of the file that staff called `name`."""
    return slugify(_path(name).stem)


def orientation_of(image: Image.Image) -> int:
    """Return how a picture is to be turned (EXIF 2.32, section 4.6.4); 1 is upright."""
    return int(image.getexif().get(_ORIENTATION, 1))


def is_animated(image: Image.Image) -> bool:
    """Return whether a picture moves."""
    # MPO is what Pillow calls a JPEG with more pictures behind it; it counts them as frames.
    return image.format != "MPO" and getattr(image, "is_animated", False)


def media_types() -> dict[str, str]:
    """Return the media type of each kind that is published, by its extension."""
    return {extension: media_type for extension, (media_type, _) in _KINDS.items()}


def media_type_of(name: str) -> str:
    """Return the media type of a file at a web address by its name: it is not fetched."""
    return _KINDS.get(_named(name), ("application/octet-stream", ""))[0]


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(name.replace("\\", "/"))


def _named(name: str) -> str:
    return _path(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")


def _extension(data: bytes, name: str) -> str:
    """Return the kind of a file; its name only chooses among kinds with alike contents."""
    named = _named(name)
    if not data:
        raise MediaError("media-broken", found=name)
    for extension in (*_TOLD_BY_CONTENT, named):
        if extension in _KINDS and re.match(_KINDS[extension][1], data, re.DOTALL):
            return extension
    code = "media-not-what-its-name-says" if named in _KINDS else "media-unknown-type"
    raise MediaError(code, found=name)


def check_scans(data: bytes, name: str) -> None:
    """Raise `MediaError` for a picture that would take long for its pixels.

    Each scan of a progressive JPEG goes over all of them; cameras and programs write ten.
    """
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _MAX_SCANS:
        raise MediaError("media-broken", found=name)


def _picture(data: bytes, name: str, extension: str) -> tuple[bytes, int, int]:
    """Return the bytes of the picture, and its width and height in pixels."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            _check_pixels(image, name)
            check_scans(data, name)
            image.load()
            data, size = _upright(data, image)
        return _PICTURES[extension](data), *size
    except MediaError:
        raise
    except Exception as error:  # on damaged bytes a decoder raises anything at all
        raise MediaError("media-broken", found=name) from error


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
