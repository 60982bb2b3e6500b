"""Pictures and attachments, cleaned and measured for publication.

The kind of a file follows from its content, never from its name. Pictures lose EXIF, GPS, XMP and
comments and stand upright; PDFs lose their metadata, and so do the pictures inside them.
Other attachments are published as they are, if their kind is on the list.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from dateline.errors import MediaError
from dateline.model import MEDIA_FOLDER, Document, Media, Role
from dateline.text.urls import slugify

MAX_SIZE = 50_000_000
_PICTURES = ("jpg", "png", "gif", "webp")
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


Part = Literal["whole", "rendition", "card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A file that was made of a picture; the `whole` one takes its place."""

    part: Part
    extension: str
    width: int
    height: int
    data: bytes


def clean(data: bytes, name: str) -> Cleaned:
    """Clean the file that staff named `name`.

    The same bytes give the same bytes. Raises `MediaError` for what is not published: an
    unknown kind, a broken file, more than `MAX_SIZE` or `pictures.MAX_PIXELS`, a PDF with a
    password or one that needs too much time or memory. Raises `OSError` where no process can be
    started that reads a PDF, or something else ends it.
    """
    if len(data) > MAX_SIZE:
        raise MediaError("media-too-large", found=name)
    extension = _extension(data, name)
    published_name = f"{stem_of(name)}.{extension}"
    cleaned = Cleaned(data=data, media_type=_KINDS[extension][0], name=published_name)
    if extension in _PICTURES:
        from dateline.entries.media import pictures  # noqa: PLC0415 - Pillow, and few entries have one

        data, width, height = pictures.strip(data, name, extension)
        return replace(cleaned, data=data, width=width, height=height)
    if extension == "pdf":
        from dateline.entries.media import pdf_process  # noqa: PLC0415 - few files are PDF

        data, own = pdf_process.reader.strip(data, name)
        return replace(cleaned, data=data, **own)
    return cleaned


def published_path(cleaned: Cleaned) -> str:
    """Return the path of a cleaned file below `feeds/`: other content, other path."""
    return f"{path_beginning(cleaned.data)}{cleaned.name}"


def path_beginning(data: bytes) -> str:
    """Return what the path of a published file with these bytes begins with, before its name."""
    return f"{MEDIA_FOLDER}{hashlib.sha256(data).hexdigest()[:16]}-"


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
