"""Writing editions: objects and edition before the ledger commits, the head after it.

A run that is killed in between leaves objects that nothing names (`sweep` deletes them), and
nothing that anybody follows.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dateline.documents import in_parts
from dateline.documents.compression import ENDINGS
from dateline.documents.editions.edition import (
    OBJECTS,
    EditionMark,
    EditionRows,
    Forms,
    StoredEdition,
    digest_of,
    object_key,
    part_of,
    plain_of,
)
from dateline.documents.editions.packs import pack_key, pack_name, pack_of, packed_together
from dateline.documents.editions.store_head import overtaken
from dateline.documents.manifest import DocumentListing, Head, ManifestChange
from dateline.documents.objects import ObjectStore
from dateline.errors import StoreError
from dateline.model import Role
from dateline.system import heartbeat
from dateline.system.safe_files import regular_bytes

_AT_ONCE = 8  # requests
_MANY = 500  # documents, from which on the list of all objects is read first
_INLINE = 2000  # rows of an edition without parts
_PART = 2000  # rows of a part; of documents about as many
_ATTEMPTS = 5  # to write an object that another publisher writes, too
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A file of a document: its content coding, and the digest and size that it has without it."""

    path: str
    coding: str
    digest: str
    size: int

    @property
    def name(self) -> str:
        return f"{self.path}{ENDINGS[self.coding]}" if self.coding else self.path


class EditionWriter:
    """Writes the editions of the documents in `folder` to a store. Raises `StoreError`.

    `staged` has the present places of files that are not yet in theirs, by their names.
    """

    def __init__(self, store: ObjectStore, folder: Path, staged: Mapping[str, Path]) -> None:
        self._store = store
        self._folder = folder
        self._staged = staged
        self._known: Mapping[str, int] | None = None  # sizes

    def write(
        self,
        head: Head,
        change: ManifestChange,
        *,
        epoch: int,
        moment: int,
        is_whole: bool,
        before: Sequence[EditionMark],
    ) -> tuple[EditionMark, int]:
        """Upload the documents of a change, and the edition; return its mark and number of rows.

        `head` is the manifest's, whose documents every edition leaves to its rows.
        """
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="editions") as pool:
            rows = _SplitRows(self._add_part, self._add_pack, is_whole=is_whole)
            for some in _steady_parts(change.documents):
                rows.add_documents(some, self._upload(some, pool))
            for entries in in_parts(change.entries, _PART):
                rows.add("entry", EditionRows(entries=entries))
            for members in in_parts(change.members, _PART):
                rows.add("member", EditionRows(members=members))
            for former in in_parts(change.former, _PART):
                rows.add("former", EditionRows(former=former))
        edition = StoredEdition(
            epoch=epoch,
            moment=moment,
            head=replace(head, documents={}),
            rows=rows.first,
            gone=() if is_whole else tuple(change.gone),
            is_whole=is_whole,
            parts=rows.parts,
            before=before,
        )
        mark, data = edition.packed()
        self._create(mark.key, data)
        return mark, rows.count

    def _add_part(self, rows: EditionRows) -> str:
        """Upload a part of an edition; return its digest."""
        data = part_of(rows)
        digest = digest_of(data)
        self._create(object_key(digest), data)
        return digest

    def _add_pack(self, listings: Sequence[DocumentListing]) -> str:
        """Upload a pack of pages unless the store has it; return its name, empty if there is none.

        A page that is lost or damaged is left out. If the store does not take something so large
        in time, the edition has no pack.
        """
        together = packed_together(listings)
        name = pack_name(together) if together else ""
        if name and pack_key(name) not in (self._known or {}):
            try:
                self._store.create(pack_key(name), pack_of([*self._pages(together)]))
            except StoreError as error:
                _log.warning("The edition has no pack of %s pages: %s", len(together), error)
                return ""
        return name

    def _pages(self, listings: Sequence[DocumentListing]) -> Iterator[bytes]:
        """Yield the bytes of those documents that have the ones that they should have."""
        for one in heartbeat.beating(listings):
            with suppress(OSError):
                data = regular_bytes(self._staged.get(one.path, self._folder / one.path))
                if digest_of(data) == one.digest:
                    yield data

    def _upload(
        self, listings: Sequence[DocumentListing], pool: ThreadPoolExecutor
    ) -> dict[str, dict[str, str]]:
        """Upload the files of documents; return the digests of their coded forms."""
        if self._known is None and len(listings) >= _MANY:
            self._known = {one.key: one.size for one in self._store.objects(OBJECTS)}
        wanted = [
            _Form(path=one.path, coding=coding, digest=one.digest, size=one.size)
            for one in listings
            for coding in ("", *one.sizes)
        ]
        forms: dict[str, dict[str, str]] = {}
        for form, digest in zip(
            wanted, heartbeat.beating(pool.map(self._upload_one, wanted)), strict=True
        ):
            if form.coding and digest:
                forms.setdefault(form.path, {})[form.coding] = digest
        return forms

    def _upload_one(self, form: _Form) -> str:
        """Upload one file, unless the store has it; return its digest.

        One that is lost or damaged, as a run repairs it later, keeps no other news from readers.
        """
        if not form.coding and self._is_known(form.digest, form.size):
            return form.digest  # as in a whole edition of what is live: no page need be read
        path = self._staged.get(form.name, self._folder / form.name)
        try:
            data = regular_bytes(path)
        except OSError as error:
            if form.name in self._staged or not isinstance(error, FileNotFoundError):
                raise StoreError(f"{path}: {error.strerror or error}.") from error
            return ""
        if not _is_sound(data, form, has_just_been_written=form.name in self._staged):
            return ""
        digest = digest_of(data)
        if not self._is_known(digest, len(data)):
            self._create(object_key(digest), data)
        return digest

    def _is_known(self, digest: str, size: int) -> bool:
        """Return whether an object is in the list of all, if that was read."""
        return (self._known or {}).get(object_key(digest)) == size

    def _create(self, key: str, data: bytes) -> None:
        """Write an object; one that is there is replaced if its bytes differ.

        A publisher that was killed may have left it cut off.
        """
        for _ in range(_ATTEMPTS):
            if self._store.create(key, data):
                return
            found = self._store.read(key)
            if found and (found[0] == data or self._store.replace(key, data, found[1])):
                return
        raise overtaken(self._store)


def _steady_parts(documents: Iterable[DocumentListing]) -> Iterator[list[DocumentListing]]:
    """Yield documents in parts, of which nearly all are the same if one of them comes or goes.

    A part ends at a path whose checksum is a multiple of a number, or is twice as long.
    """
    part: list[DocumentListing] = []
    least = _PART // 2
    for one in documents:
        part.append(one)
        is_end = len(part) >= least and zlib.crc32(one.path.encode()) % max(least, 1) == 0
        if is_end or len(part) >= 2 * _PART:
            yield part
            part = []
    if part:
        yield part


def _is_sound(data: bytes, form: _Form, *, has_just_been_written: bool) -> bool:
    """Return whether a file has the bytes of its document; a coded form is as it was written."""
    if form.coding and has_just_been_written:
        return True
    return plain_of(data, form.coding, form.digest) is not None


class _SplitRows:
    """The rows of an edition: `first` those in itself, then those in `parts`.

    In a whole one these are all that are not needed first, in another one those beyond the first
    few thousand.
    """

    def __init__(
        self,
        add_part: Callable[[EditionRows], str],
        add_pack: Callable[[Sequence[DocumentListing]], str],
        *,
        is_whole: bool,
    ) -> None:
        self._add_part = add_part
        self._add_pack = add_pack
        self._is_whole = is_whole
        self.first = EditionRows()
        self.parts: dict[str, list[str]] = {}
        self.count = 0

    def add_documents(self, some: Sequence[DocumentListing], forms: Forms) -> None:
        """Add documents, of which a folder that is empty gets some first."""
        first = [one for one in some if not self._is_whole or _comes_first(one)]
        later = [one for one in some if self._is_whole and not _comes_first(one)]
        self.count += len(some)
        self.first = self.first.and_then(_with_forms(first, forms))
        if later:
            self._split("document", replace(_with_forms(later, forms), pack=self._add_pack(later)))

    def add(self, kind: str, rows: EditionRows) -> None:
        """Add rows of another kind."""
        self.count += rows.count
        if self._is_whole or self.count > _INLINE:
            self._split(kind, rows)
        else:
            self.first = self.first.and_then(rows)

    def _split(self, kind: str, rows: EditionRows) -> None:
        self.parts.setdefault(kind, []).append(self._add_part(rows))


def _with_forms(documents: Sequence[DocumentListing], forms: Forms) -> EditionRows:
    own = {one.path: forms[one.path] for one in documents if one.path in forms}
    return EditionRows(documents=documents, forms=own)


def _comes_first(listing: DocumentListing) -> bool:
    """Return whether a document is among those that an empty folder gets first."""
    return listing.role == Role.SUBSCRIPTION or "/" not in listing.path
