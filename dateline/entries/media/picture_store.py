"""Renditions that were made once, and are kept until their picture leaves the publication.

They are in `state/renditions/`, in one file for each picture, named by the digest of its bytes as
staff dropped them. One that is missing there, after the loss of the state, is put together from
`feeds/media/`: the names of renditions end in the beginning of that digest. So a later version of
Pillow, which writes other bytes, changes nothing that is published.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from dateline.entries import media
from dateline.entries.media import Cleaned, Rendered
from dateline.model import Document, Media, Rendition, is_media
from dateline.system import heartbeat
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import make_private_folder, replace_file
from dateline.text.expressions import regex

_SOURCE = 10  # characters of the digest in the names of renditions
_NAMED = regex(
    rf"(?P<digest>[0-9a-f]{{16}})-.*-(?P<size>\d+|card)-(?P<source>[0-9a-f]{{{_SOURCE}}})"
    r"\.(?P<extension>jpg|png|webp)"
)
_LARGE = 4_000_000  # pixels that take more than a quarter of a second
_ENDING = ".pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file as it is published, with its renditions and its card if it is a picture."""

    whole: Cleaned
    renditions: tuple[Cleaned, ...] = ()
    card: Cleaned | None = None


PictureOf = Callable[[bytes, str], Picture]
"""Returns the picture that a file with these bytes and this name becomes."""

SizeOf = Callable[[bytes], tuple[int, int]]
"""Returns the width and height of a rendition (`renditions.size_of`)."""


class Workshop(Protocol):
    """Makes renditions while entries are published (`workshop.PictureWorkshop`)."""

    def begin(self, source: str, data: bytes, name: str, path: Path) -> None:
        """Begin to write the pack of a picture at a path; always raises `MediaError`."""


def as_it_is(data: bytes, name: str) -> Picture:
    """Return a file cleaned, without renditions."""
    return Picture(whole=media.clean(data, name))


def published(picture: Picture, url: str, title: str) -> tuple[Media, list[Document]]:
    """Return a picture as readers get it from the site at `url`, and its documents."""
    whole, document = media.published(picture.whole, url, title)
    documents = [document]

    def shown(cleaned: Cleaned) -> Rendition:
        one, document = media.published(cleaned, url)
        documents.append(document)
        return Rendition(
            path=document.path, media_type=one.media_type, width=one.width, height=one.height
        )

    smaller = tuple(map(shown, picture.renditions))
    card = shown(picture.card) if picture.card else None
    return replace(whole, renditions=smaller, card=card), documents


@dataclass(frozen=True, kw_only=True)
class PictureStore:
    """The renditions of a publication's pictures, which are made where they are not known.

    `folder` is that in the state, `live` that of the published ones. Large pictures are left to
    the `workshop`, if there is one. A store that `is_read_only` writes nothing.
    """

    folder: Path
    live: Path
    workshop: Workshop | None = None
    is_read_only: bool = False

    def picture(self, data: bytes, name: str) -> Picture:
        """Return the file that staff called `name`, as it is published.

        Raises `MediaError` as `media.clean` does, and while the workshop is at it.
        """
        from dateline.entries.media import renditions as scaling  # noqa: PLC0415 - Pillow

        if not (pixels := scaling.pixels(data)):
            return as_it_is(data, name)
        source = hashlib.sha256(data).hexdigest()
        if kept := self._kept(source):
            return _named(kept, source, data, name)
        made = scaling.restored(self._published(source, scaling.size_of), data)
        if not made:
            if self.workshop and pixels > _LARGE:
                self.workshop.begin(source, data, name, self._path(source))
            made = scaling.renditions(data, name)
            heartbeat.beat()  # a second each
        self._keep(self._path(source), made)
        return _named(made, source, data, name)

    def _keep(self, path: Path, made: Sequence[Rendered]) -> None:
        """Write a pack; where that is not possible, renditions are made again."""
        if not self.is_read_only:
            with suppress(OSError):
                make_private_folder(self.folder)
                replace_file(path, packed(made))

    def prune(self, before: datetime) -> None:
        """Delete what was kept before a moment of pictures that are not published."""
        for pack in self.folder.glob(f"*{_ENDING}"):
            is_old = pack.stat().st_mtime < before.timestamp()
            if is_old and pack.name[:_SOURCE] not in self._names:
                pack.unlink(missing_ok=True)

    def _path(self, source: str) -> Path:
        return self.folder / f"{source}{_ENDING}"

    def _kept(self, source: str) -> tuple[Rendered, ...]:
        try:
            return unpacked(regular_bytes(self._path(source)))
        except (OSError, ValueError, TypeError):
            return ()

    # ---- From the published files

    def _published(self, source: str, size_of: SizeOf) -> list[Rendered]:
        """Return the renditions of a picture that are published, as far as they are whole."""
        names = self._names.get(source[:_SOURCE], ())
        return [one for name in names if (one := self._read(name, size_of))]

    @cached_property
    def _names(self) -> Mapping[str, Sequence[str]]:
        """The names of all published renditions, by the beginnings of their pictures' digests."""
        found = defaultdict(list)
        with suppress(OSError):
            for path in sorted(self.live.iterdir()):
                if named := _NAMED.fullmatch(path.name):
                    found[named["source"]].append(path.name)
        return found

    def _read(self, name: str, size_of: SizeOf) -> Rendered | None:
        named = _NAMED.fullmatch(name)
        try:
            data = regular_bytes(self.live / name)
            width, height = size_of(data)
        except OSError:
            return None
        if named is None or not hashlib.sha256(data).hexdigest().startswith(named["digest"]):
            return None
        return Rendered(
            part="card" if named["size"] == "card" else "rendition",
            extension=named["extension"],
            width=width,
            height=height,
            data=data,
        )


def forget(folder: Path, paths: Iterable[str]) -> None:
    """Delete what is kept of the pictures whose renditions at these paths are gone."""
    for path in paths:
        if is_media(path) and (named := _NAMED.fullmatch(PurePosixPath(path).name)):
            for pack in folder.glob(f"{named['source']}*{_ENDING}"):
                pack.unlink(missing_ok=True)


# ---- Names


def _named(made: Sequence[Rendered], source: str, data: bytes, name: str) -> Picture:
    """Return rendered files with their names, narrowest first."""
    parts = {one.part: one for one in made}
    whole = _cleaned(parts["whole"], source, name) if "whole" in parts else None
    smaller = sorted(
        (one for one in made if one.part == "rendition"), key=lambda one: (one.extension, one.width)
    )
    return Picture(
        whole=whole or media.clean(data, name),
        renditions=tuple(_cleaned(one, source, name) for one in smaller),
        card=_cleaned(parts["card"], source, name) if "card" in parts else None,
    )


def _cleaned(one: Rendered, source: str, name: str) -> Cleaned:
    size = "card" if one.part == "card" else one.width
    return Cleaned(
        data=one.data,
        media_type=media.media_type_of(f"a.{one.extension}"),
        name=f"{media.stem_of(name)}-{size}-{source[:_SOURCE]}.{one.extension}",
        width=one.width,
        height=one.height,
    )


# ---- Packs


def packed(made: Sequence[Rendered]) -> bytes:
    """Return rendered files as one: a line that describes them, and their bytes."""
    body = b"".join(one.data for one in made)
    rows = [(one.part, one.extension, one.width, one.height, len(one.data)) for one in made]
    return json.dumps([hashlib.sha256(body).hexdigest(), rows]).encode() + b"\n" + body


def unpacked(pack: bytes) -> tuple[Rendered, ...]:
    """Return the files in a pack. Raises `ValueError` or `TypeError` for a damaged one."""
    head, _, body = pack.partition(b"\n")
    digest, rows = json.loads(head)
    if hashlib.sha256(body).hexdigest() != digest:
        raise ValueError("the pack is damaged")
    made, start = [], 0
    for part, extension, width, height, size in rows:
        made.append(
            Rendered(
                part=part,
                extension=extension,
                width=width,
                height=height,
                data=body[start : start + size],
            )
        )
        start += size
    return tuple(made)
