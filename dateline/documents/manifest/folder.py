"""The documents in `feeds/` as the files themselves show them, for use without a manifest."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from dateline.documents.compression import ENDINGS
from dateline.documents.manifest.records import DocumentListing
from dateline.model import Role, is_calendar_of_event, is_media
from dateline.model.formats import FORMATS, MEDIA_TYPES

_MAX_AGE = 300  # seconds, the default of the configuration
_TYPES: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ics": "text/calendar; charset=utf-8; method=PUBLISH",
    "js": "text/javascript; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    **{name: f"{media_type}; charset=utf-8" for name, media_type in MEDIA_TYPES.items()},
}


def documents_on_disk(folder: Path) -> Iterator[DocumentListing]:
    """Yield the documents in a folder; hidden files and compressed forms are none.

    Another process may change the folder meanwhile.
    """
    for path in sorted(_public_files(folder)):
        if path.suffix not in ENDINGS.values() and path.is_file():
            with suppress(FileNotFoundError):
                yield _listing(folder, path.relative_to(folder).as_posix())


def _public_files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder that are not hidden, except in folders that vanish."""
    for place, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith(".")]
        yield from (Path(place, one) for one in names if not one.startswith("."))


def _listing(folder: Path, name: str) -> DocumentListing:
    stat = (folder / name).stat()
    forms = {coding: folder / f"{name}{ending}" for coding, ending in ENDINGS.items()}
    sizes = {coding: form.stat().st_size for coding, form in forms.items() if form.exists()}
    return DocumentListing(
        path=name,
        media_type=_media_type(name),
        role=_role(name),
        changed=int(stat.st_mtime),
        size=stat.st_size,
        digest="",
        links="",
        max_age=_MAX_AGE,
        expires=None,
        codings=" ".join(f"{coding}={size}" for coding, size in sizes.items()),
    )


def _media_type(name: str) -> str:
    known = None if is_media(name) else _TYPES.get(name.rpartition(".")[2])
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _role(name: str) -> Role:
    ending = name.rpartition(".")[2]
    if is_media(name) or ending in {"css", "js", "png"}:
        return Role.MEDIA
    if ending == "html" or is_calendar_of_event(name):
        return Role.PAGE
    if ending in FORMATS:
        return Role.ARCHIVE if name.startswith("archive/") else Role.SUBSCRIPTION
    return Role.DIRECTORY
