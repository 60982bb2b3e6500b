"""The documents of `feeds/` as web workers hold them, following the manifest.

Subscription documents are held in memory and swapped all at once, everything else is looked up
on demand. Nothing is written but a report of damage.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic

from dateline.documents.manifest import (
    HEAD,
    PREVIOUS,
    TABLE,
    Damaged,
    DocumentListing,
    Head,
    ManifestFault,
    ManifestReader,
    documents_on_disk,
    is_refusal,
    open_head,
    report_damage,
)
from dateline.serve.cache.documents import (
    EVERY_ANSWER,
    IMMUTABLE,
    STRICT,
    CachedDocument,
    DocumentResponse,
    Field,
    Fields,
    Variant,
    lifetime,
    policy_of,
    read_document,
    tags,
)
from dateline.serve.cache.former_sites import moved_to
from dateline.text.urls import cache_tag

__all__ = [
    "EVERY_ANSWER",
    "IMMUTABLE",
    "REMEMBERS",
    "STRICT",
    "CachedDocument",
    "DocumentCache",
    "DocumentResponse",
    "Field",
    "Fields",
    "Recent",
    "RequestKey",
    "Variant",
    "lifetime",
    "policy_of",
    "tags",
]

_CHECKS_EVERY = 0.05  # seconds
_WALKS_EVERY = 5.0  # seconds, while there is no manifest
_IDLE = 1.0  # second without a request
REMEMBERS = 1  # second for which a response may be repeated, when nothing changed
_AWAY = frozenset({ManifestFault.MISSING, ManifestFault.UNREADABLE})  # as a folder is, too

# The parts of a plain request, and its response with the counter of those that got it.
RequestKey = tuple[str | None, ...]
Recent = dict[RequestKey | None, tuple[DocumentResponse, Iterator[int]]]


class DocumentCache:
    """The published documents under `folder`.

    `embargo` is when the next entry appears that is not out yet, in seconds since 1970;
    `former_hosts` maps each machine and path that the site was at to the address that it has now;
    `explained` maps the name of each feed to the page that explains it. All are known once a
    document was asked for. `policy` is the `Content-Security-Policy` of pages; with `packs` gzip
    compresses the pages of entries on request. If they are `is_tagged`, documents have the tags by
    which caches in front purge them. While there is no manifest, nothing is known to be missing; a
    folder that `may_be_late` gets its documents from elsewhere, and lacks some for a while.
    """

    def __init__(
        self,
        folder: Path,
        policy: Field = STRICT,
        *,
        packs: bool = True,
        is_tagged: bool = False,
        may_be_late: bool = False,
    ) -> None:
        self._folder = folder
        self.policy = policy
        self._packs = packs
        self._may_be_late = may_be_late
        self._is_tagged = is_tagged
        self._reader = ManifestReader(folder)
        self._held: Mapping[str, CachedDocument] = {}
        self.former_hosts: Mapping[str, str] = {}
        self.explained: Mapping[str, str] = {}
        self.embargo: int | None = None
        self._generation = 0  # of the manifest whose documents are all held
        self._is_open = False
        self._is_lost = False
        self._files: Mapping[str, DocumentListing] = {}
        self._next_walk = 0.0
        self._seen: tuple[int, int] | None = None
        self._recent: Recent = {}
        self._next_check = self._forgets = 0.0
        self._checking = Lock()
        self._checks_since = 0.0

    def recent(self) -> Recent:
        """Return the responses since the documents changed, a moment ago at most.

        The caller adds to the mapping that it got before it made a response: then no response
        of an older document is ever found beside a newer one.
        """
        if monotonic() >= self._next_check:
            self._follow()
            if monotonic() >= self._forgets:  # another thread's check hangs
                return {}
        return self._recent

    def get(self, path: str) -> CachedDocument | None:
        """Return the document called `path`, or None where none was published.

        Raises `OSError` or `sqlite3.Error` where it was published and cannot be read.
        """
        self.recent()
        held = self._held.get(path)
        if held is not None:
            return held
        if self._is_lost and path in self._files:
            return self._read(self._files[path])
        if self._is_lost and not self._files:
            raise Damaged(f"{HEAD} is damaged, and nothing replaces it")
        if not self._is_open:
            raise FileNotFoundError(errno.ENOENT, "it has not arrived yet", path)
        if not path.isascii():  # addresses are ASCII (`dateline.text.urls`)
            return None
        listing = self._reader.find(path)
        found = self._read(listing) if listing else None
        if found and listing and found.listing.changed > listing.changed:
            self._recent = {}  # it may have responses of the version before
        return found

    def former(self, path: str) -> str | None:
        """Return where a former address leads, "" where it is gone, None where it never was."""
        return self._reader.former(path) if self._is_open and path.isascii() else None

    def tags(self, path: str) -> Fields:
        """Return the fields by which caches in front purge what they have for a path."""
        return tags(cache_tag(path)) if self._is_tagged else ()

    def withdrawn(self, path: str) -> int | None:
        """Return when the entry at a former address was withdrawn, if it may be said.

        Raises `OSError` or `sqlite3.Error` where that cannot be read.
        """
        return self._reader.withdrawn(path) if self._is_open and path.isascii() else None

    def is_late(self, error: Exception) -> bool:
        """Return whether a document has only not arrived yet in this folder."""
        may_be = self._may_be_late or not self._is_open
        if not (may_be and (isinstance(error, FileNotFoundError) or _lacks_table(error))):
            return False
        from dateline.documents.editions.replica import kept_mark  # noqa: PLC0415 - the store's

        return not self._is_open or kept_mark(self._folder)[1]

    def report(self, path: str, error: Exception) -> None:
        """Report to the publisher what could not be answered because the manifest is damaged."""
        if isinstance(error, sqlite3.Error) and not is_refusal(error):
            report_damage(self._folder, path)

    def former_site(self, host: str, path: str, above: str = "") -> tuple[str, str] | None:
        """Return the address that another site at this machine has now, and the path below it."""
        return moved_to(self.former_hosts, host, path, above) if self.former_hosts else None

    # ---- Following the manifest

    def _follow(self) -> None:
        """Check for a new manifest; one thread checks, the others go on meanwhile."""
        if not self._checking.acquire(timeout=self._wait()):
            return
        try:
            if monotonic() < self._next_check:  # another thread has just checked
                return
            self._checks_since = monotonic()
            if monotonic() >= self._forgets:
                self._recent, self._forgets = {}, monotonic() + REMEMBERS
            self._check()
            self._next_check = monotonic() + _CHECKS_EVERY
        finally:
            self._checking.release()

    def _wait(self) -> float:
        """Return how long to wait for another thread's check, in seconds; -1 is until it ends.

        Checks come with requests, so what an idle worker holds may be of any age. A check on a
        disk that hangs keeps nobody waiting for long.
        """
        if not self._is_open:
            return -1
        now = monotonic()
        is_idle = now > self._next_check + _IDLE
        return max(0.0, min(_IDLE, self._checks_since + _IDLE - now)) if is_idle else 0

    def _check(self) -> None:
        """Take a new manifest, if there is one, in one swap; otherwise keep what is held."""
        try:
            stat = (self._folder / HEAD).stat()
        except OSError:
            seen = None
        else:
            seen = (stat.st_mtime_ns, stat.st_ino)
            if seen == self._seen:
                return
        head = open_head(self._folder)
        if isinstance(head, ManifestFault) and self._is_open:
            self._seen = None if head is ManifestFault.UNREADABLE else seen
            self._go_on(head)
            return
        if isinstance(head, ManifestFault):
            head = self._head_before(head)
        if isinstance(head, ManifestFault):
            self._do_without(head)
            return
        self._seen = seen if self._take(head) else None

    def _take(self, head: Head) -> bool:
        """Hold the documents of a head; return whether all that it names are there."""
        held = self._copies(head)
        is_whole = _is_whole(head, held)
        self._swap(head, held, head.generation if is_whole else 0)
        return is_whole

    def _swap(self, head: Head, held: Mapping[str, CachedDocument], generation: int) -> None:
        """Answer by these documents from now on."""
        self._held = held
        self.former_hosts = head.former_hosts
        self.explained = head.explained
        self.embargo = head.embargo
        self._generation = generation
        self._is_open, self._is_lost, self._files = True, False, {}
        self._recent = {}

    def _copies(self, head: Head) -> dict[str, CachedDocument]:
        """Read what changed; what did not change, or cannot be read, is kept."""
        held = {}
        for path, listing in head.documents.items():
            before = self._held.get(path)
            if before and before.listing == listing:
                held[path] = before
                continue
            try:
                held[path] = self._read(listing, is_held=True)
            except OSError:
                if before:
                    held[path] = before
        return held

    def _read(self, listing: DocumentListing, *, is_held: bool = False) -> CachedDocument:
        return read_document(
            self._folder,
            listing,
            self.policy,
            packs=self._packs,
            is_held=is_held,
            is_tagged=self._is_tagged,
        )

    # ---- While the head is damaged

    def _go_on(self, fault: ManifestFault) -> None:
        """Answer by nothing older than the folder has, while its head cannot be read.

        A worker that nobody asked for a while may hold an old edition. The table notes its
        generation and has every listing. Where that is damaged as well, documents are read as
        they lie in the folder, and the others are refused.
        """
        try:
            if self._reader.head_note().generation > self._generation:
                self._take(self._reader.head())
        except sqlite3.Error:
            self._go_on_without_table(fault)

    def _go_on_without_table(self, fault: ManifestFault) -> None:
        before = open_head(self._folder, PREVIOUS)
        if isinstance(before, Head) and before.generation > self._generation:
            self._swap(before, self._read_again(before.documents), before.generation)
        elif isinstance(before, Head) or fault not in _AWAY:
            self._held = self._read_again({path: one.listing for path, one in self._held.items()})
            self._recent = {}

    def _read_again(self, listings: Mapping[str, DocumentListing]) -> dict[str, CachedDocument]:
        """Read these documents as they lie in the folder, without those that cannot be read."""
        held = {}
        for path, listing in listings.items():
            with suppress(OSError):
                held[path] = self._read(listing, is_held=True)
        return held

    def _head_before(self, fault: ManifestFault) -> Head | ManifestFault:
        """Return a head that replaces a damaged one: that of the run before, or the table's.

        Without any, return the first fault other than that nothing is there.
        """
        before = open_head(self._folder, PREVIOUS)
        if isinstance(before, Head):
            return before
        try:
            return self._reader.head()
        except sqlite3.Error:
            is_there = (self._folder / TABLE).exists()
        faults = (fault, before, ManifestFault.DAMAGED if is_there else ManifestFault.MISSING)
        return next(
            (one for one in faults if one is not ManifestFault.MISSING), ManifestFault.MISSING
        )

    def _do_without(self, fault: ManifestFault) -> None:
        """Answer by the files in the folder, all of which are public: no manifest is left."""
        if monotonic() >= self._next_walk:
            self._files = {one.path: one for one in documents_on_disk(self._folder)}
            self._next_walk = monotonic() + _WALKS_EVERY
        self._is_lost = fault is not ManifestFault.MISSING or bool(self._files)


def _lacks_table(error: Exception) -> bool:
    """Return whether the table of the manifest could not be opened: the head arrives before it."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CANTOPEN


def _is_whole(head: Head, held: Mapping[str, CachedDocument]) -> bool:
    """Return whether every document is there; a folder being copied may lag behind its head."""
    return all(
        path in held and held[path].listing.changed >= listing.changed
        for path, listing in head.documents.items()
    )
