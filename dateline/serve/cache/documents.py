"""Published documents read from disk, with the responses that each content coding gets."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

from dateline.documents.compression import ENDINGS, PACKED_FROM, gzipped, is_page_of_entries
from dateline.documents.manifest import DocumentListing, etag
from dateline.model import Allowed, Publication, is_media
from dateline.serve.cache.conditional import SHORT, coding_of
from dateline.system.decompression import decoded
from dateline.system.safe_files import open_regular
from dateline.text.urls import EVERYTHING, cache_tag

Field = tuple[str, str]
Fields = tuple[Field, ...]

IMMUTABLE = 365 * 24 * 3600
_SECOND = 1_000_000_000
_SMALL = 16_000  # bytes of a document that is repeated without being held
_CHOICES = 256  # different Accept-Encoding fields
STRICT: Field = ("Content-Security-Policy", Allowed().policy)  # of pages that use no other site
EVERY_ANSWER: Fields = (
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class DocumentResponse:
    """Status, header fields and body of a response; a HEAD gets it without `data`.

    A 304 has the `coding` of the 200. A response that `lasts` may be sent again to the same
    request for `REMEMBERS` seconds, unless something is published.
    """

    status: str
    fields: Fields
    data: bytes = b""
    coding: str = ""
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """A document in one content coding, with its prepared responses.

    `whole` is the 200, `unchanged` the 304, which repeats most of its fields (RFC 9110, section
    15.4.5); both begin with `Cache-Control`. One that `has_ranges` answers range requests. Media
    may be large, and a request may be for a byte of them: what is sent is read from `place`, if
    there is one, and `whole` is without data.
    """

    etag: str
    whole: DocumentResponse
    unchanged: DocumentResponse
    has_ranges: bool
    size: int
    place: Path | None = None

    @property
    def data(self) -> bytes:
        """Return the bytes in this coding. Raises `OSError` where they are read and cannot be."""
        return self.whole.data if self.place is None else self.part(range(self.size))

    def part(self, wanted: range) -> bytes:
        """Return some of the bytes in this coding. Raises `OSError` as `data` does."""
        if self.place is None:
            return self.whole.data[wanted.start : wanted.stop]
        with open_regular(self.place) as file:
            file.seek(wanted.start)
            data = file.read(len(wanted))
        if len(data) != len(wanted):
            raise OSError(errno.EIO, "it was cut off", str(self.place))
        return data


@dataclass(frozen=True, slots=True)
class CachedDocument:
    """A document ready to be sent: its line of the manifest, and its bytes in each coding.

    One that `is_packed` has no coded form on disk: gzip packs it when a client accepts that.
    `common` are the fields, without validators, that the responses in all codings share.
    """

    listing: DocumentListing
    forms: Mapping[str, Variant]
    common: Fields
    is_packed: bool = False
    chosen: dict[str | None, Variant] = field(default_factory=dict, compare=False)
    _checked: dict[str, bool] = field(default_factory=dict, compare=False)  # by coding

    @property
    def data(self) -> bytes:
        """Return the plain bytes, without a content coding. Raises `OSError` as a form's does."""
        return self.forms[""].data

    @property
    def last_modified(self) -> str:
        """Return the moment of change as an HTTP date (RFC 9110, section 5.6.7)."""
        return formatdate(self.listing.changed, usegmt=True)

    def form(self, accept: str | None) -> Variant:
        """Return the variant for a client that sent this `Accept-Encoding`.

        A damaged one gives way to the plain one until the next version; the publisher writes the
        file again.
        """
        found = self.chosen.get(accept)
        if found is None:
            sizes = {coding: form.size for coding, form in self.forms.items() if coding}
            if self.is_packed:
                sizes = {"gzip": 0}
            coding = coding_of(accept, sizes)
            found = self.forms.get(coding) or self._packed()
            if coding and coding in self.forms and not self._is_whole(coding, found):
                found = self.forms[""]
            if len(self.chosen) < _CHOICES and len(accept or "") < SHORT:
                self.chosen[accept] = found
        return found

    def _is_whole(self, coding: str, form: Variant) -> bool:
        """Return whether a coded form has the plain bytes: a failing disk may have changed it.

        Each is compared once: a client may send ever other fields.
        """
        if coding not in self._checked:
            try:
                self._checked[coding] = decoded(coding, form.data) == self.data
            except ValueError:
                self._checked[coding] = False
        return self._checked[coding]

    def _packed(self) -> Variant:
        """Return the variant in gzip, with a weak validator, as nginx has for what it packs."""
        data = gzipped(self.data)
        tag = f"W/{self.forms[''].etag}"
        file, lasts = _File(data, len(data), 0), self.forms[""].whole.lasts
        return _variant("gzip", file, self.listing, self.common, tag=tag, lasts=lasts)


def read_document(
    folder: Path,
    listing: DocumentListing,
    policy: Field = STRICT,
    *,
    packs: bool = True,
    is_held: bool = False,
    is_tagged: bool = False,
) -> CachedDocument:
    """Read a document from disk; one that is newer than its listing has validators of its own.

    `policy` is the `Content-Security-Policy` of pages; with `packs` gzip compresses those of
    entries on request. One that `is_tagged` has the tags by which caches purge it.
    Raises `OSError` where the file is neither what was published nor what is being published.
    """
    is_large = is_media(listing.path) and not is_held
    file = (_measured if is_large else _read)(folder / listing.path)
    if not (_is_as_listed(file, listing) or file.is_newer_than(listing)):
        raise OSError(errno.EIO, "it was cut off or changed", listing.path)
    changed = file.changed
    own = replace(listing, changed=changed, size=file.size)
    files = {"": file}
    for coding, size in listing.sizes.items() if changed == listing.changed else ():
        # A run that changes the codings removes a form before the manifest says so.
        with suppress(FileNotFoundError):
            form = _read(folder / f"{listing.path}{ENDINGS[coding]}")
            if form.changed == changed and form.size == size:
                files[coding] = form
    is_packed = packs and is_page_of_entries(own) and file.size >= PACKED_FROM
    common = _common_fields(
        own, policy, varies=bool(listing.codings) or is_packed, is_tagged=is_tagged
    )
    forms = {
        coding: _variant(coding, form, own, common, lasts=is_held or form.size <= _SMALL)
        for coding, form in files.items()
    }
    return CachedDocument(own, forms, common, is_packed=is_packed)


class _File(NamedTuple):
    """The bytes of a file, their number, and its modification time in nanoseconds since 1970.

    Of one that was only measured, the bytes are still at a `place`.
    """

    data: bytes
    size: int
    moment: int
    place: Path | None = None

    @property
    def changed(self) -> int:
        return self.moment // _SECOND

    def is_newer_than(self, listing: DocumentListing) -> bool:
        """Return whether publishing wrote the file for the manifest that comes next.

        It dates each file to a whole second; whatever else changes one does not.
        """
        return self.moment % _SECOND == 0 and self.changed > listing.changed


def _read(path: Path) -> _File:
    """Read a file. Raises `OSError`."""
    with open_regular(path) as file:
        data = file.read()
        return _File(data, len(data), os.fstat(file.fileno()).st_mtime_ns)


def _measured(path: Path) -> _File:
    """Measure a file whose bytes are read when they are sent. Raises `OSError`."""
    found = path.stat()
    return _File(b"", found.st_size, found.st_mtime_ns, path)


def _is_as_listed(file: _File, listing: DocumentListing) -> bool:
    """Return whether these bytes are the document's.

    Only the number of bytes is compared for media, which may be large, and without a digest.
    """
    is_known = listing.digest and not is_media(listing.path)
    if file.size != listing.size or not is_known:
        return file.size == listing.size
    return hashlib.sha256(file.data).hexdigest() == listing.digest


def _common_fields(
    listing: DocumentListing, policy: Field, *, varies: bool, is_tagged: bool
) -> Fields:
    """Return the fields, without validators, that the responses in all codings share."""
    return (
        *((("Vary", "Accept-Encoding"),) if varies else ()),
        *((("Link", listing.links),) if listing.links else ()),
        ("Access-Control-Expose-Headers", "ETag, Link"),
        *EVERY_ANSWER,
        *(tags(cache_tag(listing.path)) if is_tagged else ()),
        *((policy,) if listing.media_type.startswith("text/html") else ()),
    )


def _variant(
    coding: str,
    file: _File,
    listing: DocumentListing,
    common: Fields,
    *,
    tag: str = "",
    lasts: bool = False,
) -> Variant:
    """Prepare the responses for a document in one coding; a `tag` replaces its validator."""
    tag = tag or etag(listing.changed, file.size)
    has_ranges = is_media(listing.path)
    unchanged = (
        ("Cache-Control", lifetime(listing.max_age)),
        ("ETag", tag),
        ("Last-Modified", formatdate(listing.changed, usegmt=True)),
        *common,
    )
    content = (
        ("Content-Type", listing.media_type),
        ("Content-Length", str(file.size)),
        *((("Content-Encoding", coding),) if coding else ()),
        *((("Accept-Ranges", "bytes"),) if has_ranges else ()),
    )
    return Variant(
        etag=tag,
        whole=DocumentResponse("200 OK", (*unchanged, *content), file.data, coding, lasts),
        unchanged=DocumentResponse("304 Not Modified", unchanged, b"", coding, lasts),
        has_ranges=has_ranges,
        size=file.size,
        place=file.place,
    )


def tags(own: str) -> Fields:
    """Return the fields by which caches purge a document, with its `own` tag.

    Cloudflare and Akamai know one by the first, Fastly by the second, which Varnish is told to
    read.
    """
    return ("Cache-Tag", f"{own},{EVERYTHING}"), ("Surrogate-Key", f"{own} {EVERYTHING}")


def policy_of(publication: Publication) -> Field:
    """Return the header field that says what pages may load."""
    return STRICT[0], publication.allowed.policy


def lifetime(age: int) -> str:
    """Return the `Cache-Control` of a copy that is fresh for `age` seconds (RFC 5861)."""
    if age >= IMMUTABLE:
        return f"max-age={age}, immutable"
    return f"max-age={age}, stale-while-revalidate={age}, stale-if-error=86400"
