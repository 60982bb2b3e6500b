"""Reading of sources, and of the files that they name, from the web or from disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dateline.errors import FetchError
from dateline.system import http, safe_files

LARGEST = 200_000_000  # bytes of a source on this disk; of one on the web, see `http.get`
# Tags and brackets of a source, and commas of one in JSON: each takes up to 30 µs, and 120 bytes
# of memory.
MOST_PARTS = 5_000_000
# Media types of replies that cannot be a source.
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/zip", "application/pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """The bytes at an address or in a file; `place` is the address after redirects."""

    place: str
    data: bytes

    @property
    def is_json(self) -> bool:
        """True if the document begins as an object in JSON."""
        return self.data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFetcher:
    """Reader of the sources that staff name, and of what these name in turn.

    Web addresses are requested (`dateline.system.http.get`); the machines in `private` (`HOST` or
    `HOST:PORT`) may have private addresses. Addresses below `mirrored` are read from `folder`
    instead.
    """

    private: frozenset[str] = frozenset()
    mirrored: str = ""
    folder: Path | None = None

    def page(self, place: str) -> FetchedPage:
        """Return a document from a web address or a file. Raises `FetchError`."""
        local = self._local(place)
        if local is None:
            reply = self._get(place, refused=_NO_TEXT)
            return _page_of(reply.address, reply.data)
        try:
            with local.open("rb") as file:
                seen = os.fstat(file.fileno())
                is_plain = stat.S_ISREG(seen.st_mode)  # no pipe, whose size is unknown
                most = min(seen.st_size, LARGEST) if is_plain else LARGEST
                data = file.read(most + 1)
        except OSError as error:
            is_gone = isinstance(error, FileNotFoundError)
            hint = ". If it is an address, begin it with https://" if is_gone else ""
            raise FetchError(f"{place} cannot be read: {error.strerror}{hint}") from error
        return _page_of(place, data)

    def file(self, address: str, most: int) -> bytes:
        """Return a file of at most `most` bytes from the web. Raises `FetchError`."""
        return self._get(address, most=most).data

    def _get(self, address: str, **options: Any) -> http.Reply:
        try:
            return http.get(address, private=self.private, **options)
        except FetchError as error:
            if error.private:
                hint = f"{error}. To import from it, add --private {error.private}"
                raise FetchError(hint) from error
            raise

    def _local(self, place: str) -> Path | None:
        if self.folder and self.mirrored and place.startswith(self.mirrored):
            path = (self.folder / unquote(place.removeprefix(self.mirrored))).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise FetchError(f"{place} leads out of {self.folder}")
            return path
        return None if is_web(place) else Path(place)


Load = Callable[[str], FetchedPage]


def below(place: str, further: str) -> FetchedPage:
    """Return the document in a file to which the one at `place` leads, below its folder.

    Raises `FetchError`, also where the file has been replaced by a link or a pipe meanwhile.
    """
    folder = Path(place).resolve().parent
    try:
        inside = Path(further).relative_to(folder).as_posix()
        data, _ = safe_files.read(str(folder), inside, LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FetchError(f"{further} cannot be read") from error
    return _page_of(further, data)


def _page_of(place: str, data: bytes) -> FetchedPage:
    if len(data) > LARGEST:
        raise FetchError(f"{place} has more than {LARGEST} bytes: split it, and import each part")
    page = FetchedPage(place=place, data=data)
    begins, names = [b"<", b"{", b"["], "tags or brackets"
    if page.is_json:
        begins, names = [*begins, b","], "tags, brackets or commas"
    if sum(map(data.count, begins)) > MOST_PARTS:
        raise FetchError(
            f"{place} has more than {MOST_PARTS} {names}: split it, and import each part"
        )
    return page


def is_web(place: str) -> bool:
    """Return whether a place is a web address; else it is the name of a file."""
    return place.lower().startswith(("http://", "https://"))


def pathname(address: str) -> str:
    """Return the decoded path of an address, or the text itself if it is malformed."""
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return address
