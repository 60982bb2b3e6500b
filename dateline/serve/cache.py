"""Which bytes and which header fields answer a path, now?

A `DocumentCache` follows the manifest: subscription documents are held in memory and swapped as
one, everything else is looked up on demand. It never writes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

from dateline.documents.compression import ENDINGS, PACKED_FROM, gzipped, is_page_of_entries
from dateline.documents.manifest import (
    HEAD,
    PREVIOUS,
    TABLE,
    Damaged,
    DocumentListing,
    Head,
    ManifestFault,
    ManifestReader,
    etag,
    listed,
    open_head,
)
from dateline.serve.conditional import SHORT, coding_of

Fields = tuple[tuple[str, str], ...]

_LOOKS_EVERY = 0.05  # seconds
_WALKS_EVERY = 5.0  # seconds, while there is no manifest
REMEMBERS = 1  # second for which an answer may be given again, when nothing changed
IMMUTABLE = 365 * 24 * 3600
_SECOND = 1_000_000_000
_CHOICES = 256  # different Accept-Encoding fields
_MACHINE = re.compile(r"(\[.*\]|[^:]*?)\.?(?::(\d*))?")
_PORTS = frozenset({"", "80", "443"})
# All that a page shows is the site's own.
POLICY = (
    "Content-Security-Policy",
    (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
)
EVERY_ANSWER: Fields = (
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class DocumentResponse:
    """What is sent back; of a HEAD, all but `data`. A 304 has the `coding` of the 200.

    One that `lasts` is what the same question gets for `REMEMBERS`, if nothing is published.
    """

    status: str
    fields: Fields
    data: bytes = b""
    coding: str = ""
    lasts: bool = False


# What a plain question names, and its answer with the count of those that got it.
Question = tuple[str | None, ...]
Recent = dict[Question | None, tuple[DocumentResponse, Iterator[int]]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A document in one content coding, with its answers as they are sent.

    `whole` is the 200, `unchanged` the 304, which repeats most of its fields (RFC 9110, section
    15.4.5); both begin with `Cache-Control`. Of one that `has_ranges` parts can be asked for.
    """

    etag: str
    whole: DocumentResponse
    unchanged: DocumentResponse
    has_ranges: bool

    @property
    def data(self) -> bytes:
        """Give the bytes in this coding."""
        return self.whole.data


@dataclass(frozen=True, slots=True)
class CachedDocument:
    """A document as it can be sent: what the manifest says, and its bytes in each coding.

    One that `is_packed` has no coded form on disk: it is packed by gzip when that is asked for.
    """

    listing: DocumentListing
    forms: Mapping[str, Variant]
    is_packed: bool = False
    chosen: dict[str | None, Variant] = field(default_factory=dict, compare=False)

    @property
    def data(self) -> bytes:
        """Give the plain bytes."""
        return self.forms[""].data

    @property
    def last_modified(self) -> str:
        """Give the moment of change as an HTTP date (RFC 9110, section 5.6.7)."""
        return formatdate(self.listing.changed, usegmt=True)

    def form(self, accept: str | None) -> Variant:
        """Give the form that a client who sent this `Accept-Encoding` gets."""
        found = self.chosen.get(accept)
        if found is None:
            sizes = {coding: len(form.data) for coding, form in self.forms.items() if coding}
            if self.is_packed:
                sizes = {"gzip": 0}
            coding = coding_of(accept, sizes)
            found = self.forms.get(coding) or self._packed()
            if len(self.chosen) < _CHOICES and len(accept or "") < SHORT:
                self.chosen[accept] = found
        return found

    def _packed(self) -> Variant:
        """Return the form in gzip; its validator is weak, and nginx's for what it packs itself."""
        data = gzipped(self.data)
        tag = f"W/{self.forms[''].etag}"
        return _form("gzip", data, self.listing, tag=tag, lasts=False, varies=True)


class DocumentCache:
    """The documents under `folder` that publishing promised.

    `embargo` is when the next entry appears that is not out yet, in seconds since 1970;
    `former_hosts` has each machine that the site was at, and the address that it has now;
    `explained` the page that explains each feed, by the feed's name. All are known once a
    document was asked for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader = ManifestReader(folder)
        self._held: Mapping[str, CachedDocument] = {}
        self.former_hosts: Mapping[str, str] = {}
        self.explained: Mapping[str, str] = {}
        self.embargo: int | None = None
        self._is_open = False
        self._is_lost = False
        self._files: Mapping[str, DocumentListing] = {}
        self._next_walk = 0.0
        self._seen: tuple[int, int] | None = None
        self._recent: Recent = {}
        self._next_look = self._forgets = 0.0
        self._looking = Lock()

    def recent(self) -> Recent:
        """Give what was answered since the documents changed, a moment ago at most.

        Who asks adds to what was given here before the answer was made: then nothing of an older
        document is ever found beside a newer one.
        """
        if monotonic() >= self._next_look:
            self._follow()
        return self._recent

    def get(self, path: str) -> CachedDocument | None:
        """Give the document called `path`; None where publishing promised none.

        Raises `OSError` or `sqlite3.Error` where it was promised and cannot be read.
        """
        self.recent()
        held = self._held.get(path)
        if held is not None:
            return held
        if self._is_lost and path in self._files:
            return self._copy(self._files[path])
        if self._is_lost and not self._files:
            raise Damaged(f"{HEAD} is damaged, and nothing replaces it")
        if not self._is_open or not path.isascii():  # addresses are ASCII (`dateline.text.urls`)
            return None
        listing = self._reader.find(path)
        return self._copy(listing) if listing else None

    def former(self, path: str) -> str | None:
        """Say where what was called `path` went: an empty text is gone, None was never there."""
        return self._reader.former(path) if self._is_open and path.isascii() else None

    def former_site(self, host: str) -> str | None:
        """Give the address that the site at this machine has now, if it was another one.

        A final dot, and the port of http or https, name the same (RFC 3986, section 6.2.3).
        """
        found = _MACHINE.fullmatch(host.lower())
        if found is None:
            return None
        name, port = found[1], found[2] or ""
        known = self.former_hosts
        return known.get(f"{name}:{port}") or (known.get(name) if port in _PORTS else None)

    def _follow(self) -> None:
        """Look for a new manifest; one thread looks, the others go on."""
        if not self._looking.acquire(blocking=not self._is_open):
            return
        try:
            if monotonic() >= self._forgets:
                self._recent, self._forgets = {}, monotonic() + REMEMBERS
            self._look()
            self._next_look = monotonic() + _LOOKS_EVERY
        finally:
            self._looking.release()

    def _look(self) -> None:
        """Take a new manifest, when there is one, in one swap; else keep what there is."""
        try:
            stat = (self._folder / HEAD).stat()
        except OSError:
            seen = None
        else:
            seen = (stat.st_mtime_ns, stat.st_ino)
            if seen == self._seen:
                return
        head = open_head(self._folder)
        if isinstance(head, ManifestFault) and self._is_open:  # the last good one stays
            self._seen = seen
            return
        if isinstance(head, ManifestFault):
            head = self._head_before(head)
        if isinstance(head, ManifestFault):
            self._do_without(head)
            return
        held = self._copies(head)
        self._held = held
        self.former_hosts = head.former_hosts
        self.explained = head.explained
        self.embargo = head.embargo
        self._is_open, self._is_lost, self._files = True, False, {}
        self._recent = {}
        self._seen = seen if _is_whole(head, held) else None

    def _head_before(self, fault: ManifestFault) -> Head | ManifestFault:
        """Return a head that replaces a damaged one: that of the run before, or the table's.

        Without any, the first `ManifestFault` that is not only that nothing is there.
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
        """Answer by what lies in the folder, all of which is public: no manifest is left."""
        if monotonic() >= self._next_walk:
            self._files = {one.path: one for one in listed(self._folder)}
            self._next_walk = monotonic() + _WALKS_EVERY
        self._is_lost = fault is not ManifestFault.MISSING or bool(self._files)

    def _copies(self, head: Head) -> dict[str, CachedDocument]:
        """Read what changed; what did not, or cannot be read, is kept."""
        held = {}
        for path, listing in head.documents.items():
            before = self._held.get(path)
            if before and before.listing == listing:
                held[path] = before
                continue
            try:
                held[path] = self._copy(listing, is_held=True)
            except OSError:
                if before:
                    held[path] = before
        return held

    def _copy(self, listing: DocumentListing, *, is_held: bool = False) -> CachedDocument:
        """Read a document; its validators are the file's own, should a newer one be there.

        Raises `OSError` where the file is not what was published, nor what is being published.
        """
        file = self._read(listing.path)
        if not (_is_as_listed(file.data, listing) or file.is_newer_than(listing)):
            raise OSError(errno.EIO, "it was cut off or changed", listing.path)
        changed = file.changed
        own = replace(listing, changed=changed, size=len(file.data))
        forms = {"": file.data}
        for coding, size in listing.sizes.items() if changed == listing.changed else ():
            form = self._read(f"{listing.path}{ENDINGS[coding]}")
            if form.changed == changed and len(form.data) == size:
                forms[coding] = form.data
        data = file.data
        is_packed = is_page_of_entries(own) and len(data) >= PACKED_FROM
        varies = bool(listing.codings) or is_packed
        return CachedDocument(
            own,
            {
                name: _form(
                    name, body, own, tag=etag(changed, len(body)), lasts=is_held, varies=varies
                )
                for name, body in forms.items()
            },
            is_packed=is_packed,
        )

    def _read(self, path: str) -> _File:
        with (self._folder / path).open("rb") as file:
            return _File(file.read(), os.fstat(file.fileno()).st_mtime_ns)


class _File(NamedTuple):
    """The bytes of a file, and when it changed, in nanoseconds since 1970."""

    data: bytes
    moment: int

    @property
    def changed(self) -> int:
        return self.moment // _SECOND

    def is_newer_than(self, listing: DocumentListing) -> bool:
        """Return whether publishing wrote it, for the manifest that comes in a moment.

        It dates each file to a whole second; whatever else changes one does not.
        """
        return self.moment % _SECOND == 0 and self.changed > listing.changed


def _is_as_listed(data: bytes, listing: DocumentListing) -> bool:
    """Return whether these bytes are the document's.

    Of what may be large, or is listed by no manifest, only their number is compared.
    """
    is_known = listing.digest and not listing.path.startswith("media/")
    if len(data) != listing.size or not is_known:
        return len(data) == listing.size
    return hashlib.sha256(data).hexdigest() == listing.digest


def _form(
    coding: str, data: bytes, listing: DocumentListing, *, tag: str, lasts: bool, varies: bool
) -> Variant:
    """Prepare all that is said of a document in one coding, whose validator is `tag`."""
    has_ranges = listing.path.startswith("media/")
    unchanged = (
        ("Cache-Control", lifetime(listing.max_age)),
        ("ETag", tag),
        ("Last-Modified", formatdate(listing.changed, usegmt=True)),
        *((("Vary", "Accept-Encoding"),) if varies else ()),
        *((("Link", listing.links),) if listing.links else ()),
        ("Access-Control-Expose-Headers", "ETag, Link"),
        *EVERY_ANSWER,
        *((POLICY,) if listing.media_type.startswith("text/html") else ()),
    )
    content = (
        ("Content-Type", listing.media_type),
        ("Content-Length", str(len(data))),
        *((("Content-Encoding", coding),) if coding else ()),
        *((("Accept-Ranges", "bytes"),) if has_ranges else ()),
    )
    return Variant(
        etag=tag,
        whole=DocumentResponse("200 OK", (*unchanged, *content), data, coding, lasts),
        unchanged=DocumentResponse("304 Not Modified", unchanged, b"", coding, lasts),
        has_ranges=has_ranges,
    )


def lifetime(age: int) -> str:
    """Say that a copy is good for `age` seconds, and how long it may be used beyond (RFC 5861)."""
    if age >= IMMUTABLE:
        return f"max-age={age}, immutable"
    return f"max-age={age}, stale-while-revalidate={age}, stale-if-error=86400"


def _is_whole(head: Head, held: Mapping[str, CachedDocument]) -> bool:
    """Say whether everything promised is there; a folder being copied may lag behind its head."""
    return all(
        path in held and held[path].listing.changed >= listing.changed
        for path, listing in head.documents.items()
    )
