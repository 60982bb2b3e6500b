"""Which bytes and which header fields answer a path, now?

A `Shelf` follows the manifest: subscription documents are held in memory and swapped as one,
everything else is looked up on demand. It never writes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path
from threading import Lock
from time import monotonic

from dateline.manifest import HEAD, Head, Listing, Reader, read_head

_LOOKS_EVERY = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Copy:
    """A document as it can be sent: what the manifest says, and the bytes that it says it of."""

    listing: Listing
    data: bytes

    @property
    def last_modified(self) -> str:
        """Give the moment of change as an HTTP date (RFC 9110, section 5.6.7)."""
        return formatdate(self.listing.changed, usegmt=True)


class Shelf:
    """The documents under `folder` that publishing promised."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader = Reader(folder)
        self._held: Mapping[str, Copy] = {}
        self._former_hosts: Mapping[str, str] = {}
        self._is_open = False
        self._seen: tuple[int, int] | None = None
        self._next_look = 0.0
        self._looking = Lock()

    def get(self, path: str) -> Copy | None:
        """Give the document called `path`; None where publishing promised none.

        Raises `OSError` or `sqlite3.Error` where it was promised and cannot be read.
        """
        self._follow()
        if path in self._held:
            return self._held[path]
        if not self._is_open or not path.isascii():  # addresses are ASCII (`dateline.address`)
            return None
        listing = self._reader.find(path)
        return self._copy(listing) if listing else None

    def former(self, path: str) -> str | None:
        """Say where what was called `path` went: an empty text is gone, None was never there."""
        return self._reader.former(path) if self._is_open and path.isascii() else None

    def moved(self, host: str) -> str:
        """Give the address that the site has now, where it was at `host` before."""
        self._follow()
        return self._former_hosts.get(host.lower(), "") if self._former_hosts else ""

    def _follow(self) -> None:
        """Look for a new manifest now and then; one thread looks, the others go on."""
        if monotonic() < self._next_look:
            return
        if not self._looking.acquire(blocking=not self._is_open):
            return
        try:
            self._look()
            self._next_look = monotonic() + _LOOKS_EVERY
        finally:
            self._looking.release()

    def _look(self) -> None:
        """Take a new manifest, when there is one, in one swap; else keep what there is."""
        try:
            stat = (self._folder / HEAD).stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
            head = read_head(self._folder) if seen != self._seen else None
        except (OSError, LookupError, TypeError):  # not there, or another release's
            return
        if head is None:
            return
        held = self._copies(head)
        self._held = held
        self._former_hosts = head.former_hosts
        self._is_open = True
        self._seen = seen if _is_whole(head, held) else None

    def _copies(self, head: Head) -> dict[str, Copy]:
        """Read what changed; what did not, or cannot be read, is kept."""
        held = {}
        for path, listing in head.documents.items():
            before = self._held.get(path)
            if before and before.listing.etag == listing.etag:
                held[path] = Copy(listing, before.data)
                continue
            try:
                held[path] = self._copy(listing)
            except OSError:
                if before:
                    held[path] = before
        return held

    def _copy(self, listing: Listing) -> Copy:
        """Read a document; its validators are the file's own, should a newer one be there."""
        with (self._folder / listing.path).open("rb") as file:
            data = file.read()
            changed = int(os.fstat(file.fileno()).st_mtime)
        return Copy(replace(listing, changed=changed, size=len(data)), data)


def _is_whole(head: Head, held: Mapping[str, Copy]) -> bool:
    """Say whether everything promised is there; a folder being copied may lag behind its head."""
    return all(
        path in held and held[path].listing.changed >= listing.changed
        for path, listing in head.documents.items()
    )
