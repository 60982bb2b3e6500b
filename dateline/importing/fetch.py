"""Where do the bytes come from that a source names: the web, or this disk?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from dateline.errors import FetchError
from dateline.system import http
from dateline.text.urls import web_address

_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/zip", "application/pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """What is at an address, or in a file: `place` is where it was found at last."""

    place: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFetcher:
    """Reads what staff name, and what that names in turn.

    Web addresses are asked for (`dateline.system.http.get`); machines in `private` (`HOST` or
    `HOST:PORT`) may have private addresses. What lies below the address `mirrored` is read from
    `folder` instead.
    """

    private: frozenset[str] = frozenset()
    mirrored: str = ""
    folder: Path | None = None

    def page(self, place: str) -> FetchedPage:
        """Read a text: a web address or a file. Raises `FetchError`."""
        local = self._local(place)
        if local is None:
            reply = self._get(place, refused=_NO_TEXT)
            return FetchedPage(place=reply.address, data=reply.data)
        try:
            return FetchedPage(place=place, data=local.read_bytes())
        except OSError as error:
            raise FetchError(f"{place} cannot be read: {error.strerror}") from error

    def file(self, address: str, most: int) -> bytes:
        """Read a picture or an attachment from the web. Raises `FetchError`."""
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


def is_web(place: str) -> bool:
    """Say whether this is a web address, not a file's name."""
    return place.lower().startswith(("http://", "https://"))


def joined(base: str, reference: str) -> str:
    """Give what a reference means at `base`, or the reference where that is nothing."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def pathname(address: str) -> str:
    """Give the path of an address, decoded; of what is no address, itself."""
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return address


def following(place: str, reference: str) -> str:
    """Give what a document at `place` names: on the web any address, on disk a file below it.

    Nothing where it leads elsewhere: what came from a disk may not read all of it.
    """
    if is_web(place) or is_web(reference):
        return web_address(reference, place if is_web(place) else "") or ""
    if ":" in reference or reference.startswith("/"):
        return ""
    folder = Path(place).resolve().parent
    path = (folder / unquote(reference)).resolve()
    return str(path) if path.is_relative_to(folder) and path.is_file() else ""
