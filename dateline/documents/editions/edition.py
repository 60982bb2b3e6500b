"""An edition as it is stored: JSON in gzip, named by its generation and its digest.

Nothing that a store returns is believed: bytes are compared with the digest that leads to them,
and values with their types, before anything is made of them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any, TypeVar

from dateline.documents.compression import ENDINGS, gzipped
from dateline.documents.editions.packs import pack_key, pages_of
from dateline.documents.manifest import (
    DocumentListing,
    EntryListing,
    FormerListing,
    Head,
    MemberListing,
)
from dateline.documents.manifest.head import content_of, head_of_content, typed
from dateline.documents.objects import ObjectStore
from dateline.documents.static_copy import is_inside
from dateline.errors import EditionError, StoreError
from dateline.model import Role
from dateline.system import heartbeat
from dateline.system.decompression import decoded
from dateline.system.safe_files import LONGEST_NAME, could_exist
from dateline.text.expressions import regex

FORMAT = 1
OBJECTS, EDITIONS = "objects/", "editions/"
KINDS: Mapping[str, type[Any]] = {
    "document": DocumentListing,
    "entry": EntryListing,
    "member": MemberListing,
    "former": FormerListing,
}
_DIGEST = regex(r"[0-9a-f]{64}", re.ASCII)
_PLAIN_PATH = regex(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
_MOST = 1 << 30  # bytes of an edition, or of a part of one, once unpacked
_GZIP = 31  # zlib's number for gzip alone
_NUMBERS = range(-62_135_596_800, 253_402_300_800)  # moments of the years 1 to 9999, and all else
_WRONG = (
    AttributeError,
    KeyError,
    OSError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)
_log = logging.getLogger(__name__)
_Row = TypeVar("_Row", DocumentListing, EntryListing, MemberListing, FormerListing)

Forms = Mapping[str, Mapping[str, str]]
"""The SHA-256 of each coded form, by the path of its document and by its content coding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionMark:
    """The generation of an edition, and the SHA-256 of its bytes: no two editions have both."""

    generation: int
    digest: str

    @property
    def key(self) -> str:
        """The key of the edition in the store."""
        return f"{EDITIONS}{self.generation}-{self.digest}.json.gz"

    def as_json(self) -> list[int | str]:
        """Return the mark as it is stored."""
        return [self.generation, self.digest]


def mark_of(found: Any) -> EditionMark:
    """Return the mark that `as_json` wrote, or raise `ValueError` or `TypeError`."""
    generation, digest = found
    if number_of(generation) < 1 or not _DIGEST.fullmatch(digest):
        raise ValueError(found)
    return EditionMark(generation=generation, digest=digest)


def number_of(found: Any) -> int:
    """Return a whole number that may be a moment, or raise `ValueError`."""
    if type(found) is not int or found not in _NUMBERS:
        raise ValueError(found)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRows:
    """Rows of the manifest, and the digests of the coded forms of the documents among them.

    `pack` is the name of the pack of their pages, empty where there is none.
    """

    documents: Sequence[DocumentListing] = ()
    entries: Sequence[EntryListing] = ()
    members: Sequence[MemberListing] = ()
    former: Sequence[FormerListing] = ()
    forms: Forms = field(default_factory=dict)
    pack: str = ""

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(map(len, (self.documents, self.entries, self.members, self.former)))

    def only(self, paths: Collection[str]) -> EditionRows:
        """Return the documents at these paths alone."""
        return EditionRows(
            documents=[one for one in self.documents if one.path in paths], forms=self.forms
        )

    def and_then(self, other: EditionRows) -> EditionRows:
        """Return these rows, and those of another part."""
        return EditionRows(
            documents=[*self.documents, *other.documents],
            entries=[*self.entries, *other.entries],
            members=[*self.members, *other.members],
            former=[*self.former, *other.former],
            forms={**self.forms, **other.forms},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """What one run made live, at a `moment` in seconds since 1970.

    `head` is the manifest's, without documents. `rows` are those that changed, `gone` the paths
    of documents that are no longer published. A whole edition has all rows: those of documents
    that are needed first in `rows`, the others in `parts`, digests of objects by kind of row.
    Another one has parts if many rows changed, with none of documents.
    `before` are the editions that came before it, the latest first, as far back as it knows.
    """

    epoch: int
    moment: int
    head: Head
    rows: EditionRows
    gone: Sequence[str] = ()
    is_whole: bool = False
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before: Sequence[EditionMark] = ()

    @property
    def generation(self) -> int:
        """The generation of the manifest that it leads to."""
        return self.head.generation

    def packed(self) -> tuple[EditionMark, bytes]:
        """Return the edition as it is stored, with its mark."""
        record = {
            "format": FORMAT,
            "epoch": self.epoch,
            "moment": self.moment,
            "head": json.loads(content_of(self.head)),
            "rows": _rows_record(self.rows),
            "gone": [*self.gone],
            "whole": self.is_whole,
            "parts": {kind: [*some] for kind, some in self.parts.items()},
            "before": [one.as_json() for one in self.before],
        }
        data = _packed(record)
        return EditionMark(generation=self.generation, digest=digest_of(data)), data


class EditionReader:
    """Reads editions from a store. Raises `StoreError`, `EditionError` if one is damaged."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def edition(self, mark: EditionMark) -> StoredEdition:
        """Return the edition of a mark."""
        record = self._record(mark.key, mark.digest)
        try:
            _require_format(record)
            found = _edition(record)
        except _WRONG as error:
            raise self._damaged(mark.key) from error
        if found.generation != mark.generation:
            raise self._damaged(mark.key)
        return found

    def completed(self, edition: StoredEdition) -> StoredEdition:
        """Return an edition with the rows of its parts among its own."""
        rows = edition.rows
        for digest in chain.from_iterable(edition.parts.values()):
            rows = rows.and_then(self.part(digest))
        return replace(edition, rows=rows, parts={})

    def part(self, digest: str) -> EditionRows:
        """Return the rows in a part of an edition."""
        key = object_key(digest)
        record = self._record(key, digest)
        try:
            return _rows(record)
        except _WRONG as error:
            raise self._damaged(key) from error

    def rows(self, edition: StoredEdition, kind: str) -> Iterator[EditionRows]:
        """Yield all rows of one kind that an edition has, a part at a time."""
        yield edition.rows
        for digest in edition.parts.get(kind, ()):
            yield self.part(digest)
        heartbeat.beat(heartbeat.LONG)  # after the last row, all are brought to disk

    def pack(self, name: str) -> Mapping[str, bytes]:
        """Return the pages in a pack by their digests, none where it cannot be had."""
        heartbeat.beat()
        try:
            found = self._store.read(pack_key(name))
            return pages_of(found[0]) if found else {}
        except (StoreError, ValueError, RecursionError) as error:
            _log.warning("%s: %s cannot be used: %s", self._store.name, pack_key(name), error)
            return {}

    def data(self, digest: str) -> bytes | None:
        """Return the bytes with a digest, None where they are not in the store."""
        found = self._store.read(object_key(digest))
        if found is not None and digest_of(found[0]) != digest:
            raise self._damaged(object_key(digest))
        return found[0] if found else None

    def _record(self, key: str, digest: str) -> dict[str, Any]:
        heartbeat.beat()  # a change may have many editions, and one of them a thousand parts
        found = self._store.read(key)
        if found is None:
            raise EditionError(f"{self._store.name}: {key} is missing.")
        if digest_of(found[0]) != digest:
            raise self._damaged(key)
        try:
            record = json.loads(_unpacked(found[0]))
            if not isinstance(record, dict):
                raise TypeError(key)
        except _WRONG as error:
            raise self._damaged(key) from error
        return record

    def _damaged(self, key: str) -> EditionError:
        return EditionError(f"{self._store.name}: {key} is not what a publisher wrote.")


def part_of(rows: EditionRows) -> bytes:
    """Return rows as a part of an edition."""
    return _packed(_rows_record(rows))


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def plain_of(data: bytes, coding: str, digest: str) -> bytes | None:
    """Return a form of a document without its coding; None if it is not of that document."""
    try:
        plain = decoded(coding, data)
    except ValueError:
        return None
    return plain if digest_of(plain) == digest else None


def object_key(digest: str) -> str:
    """Return the key of the object with these bytes."""
    return f"{OBJECTS}{digest}"


def _packed(record: Mapping[str, object]) -> bytes:
    return gzipped(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())


def _unpacked(data: bytes) -> bytes:
    packer = zlib.decompressobj(_GZIP)
    found = packer.decompress(data, _MOST)
    if not packer.eof:
        raise ValueError("too large, or cut off")
    return found


# ---- Rows


def _rows_record(rows: EditionRows) -> dict[str, object]:
    """Return rows as JSON has them: the names of the columns once, then the values."""
    of_kinds: dict[str, Iterable[Any]] = {
        "document": rows.documents,
        "entry": rows.entries,
        "member": rows.members,
        "former": rows.former,
    }
    record: dict[str, object] = {}
    for kind, some in of_kinds.items():
        names = [one.name for one in fields(KINDS[kind])]
        values = [[getattr(row, name) for name in names] for row in some]
        if values:
            record[kind] = {"columns": names, "rows": values}
    record |= {"forms": rows.forms} if rows.forms else {}
    return record | ({"pack": rows.pack} if rows.pack else {})


def _rows(record: Mapping[str, Any]) -> EditionRows:
    return EditionRows(
        documents=tuple(_verified(one) for one in _of_kind(record, "document", DocumentListing)),
        entries=tuple(map(_with_moments, _of_kind(record, "entry", EntryListing))),
        members=tuple(_of_kind(record, "member", MemberListing)),
        former=tuple(_of_kind(record, "former", FormerListing)),
        forms={path: _digests(own) for path, own in record.get("forms", {}).items()},
        pack=_name_of_pack(record.get("pack", "")),
    )


def _name_of_pack(found: Any) -> str:
    if found == "" or _DIGEST.fullmatch(found):
        return str(found)
    raise ValueError(found)


def _of_kind(record: Mapping[str, Any], kind: str, make: type[_Row]) -> Iterator[_Row]:
    table = record.get(kind)
    if table is None:
        return
    for values in table["rows"]:
        if not all(one in _NUMBERS for one in values if type(one) is int):
            raise ValueError(values)
        yield typed(make(**dict(zip(table["columns"], values, strict=True))))


def _verified(listing: DocumentListing) -> DocumentListing:
    """Return a document that may be written into a folder of documents."""
    if not is_publishable(listing.path) or not _DIGEST.fullmatch(listing.digest):
        raise ValueError(listing.path)
    if listing.sizes.keys() - ENDINGS.keys() or listing.role not in [*Role]:
        raise ValueError(listing)
    return listing


def _with_moments(listing: EntryListing) -> EntryListing:
    """Return an entry whose corrections have moments."""
    if listing.corrections:
        _ = listing.dated_corrections
    return listing


def is_publishable(path: object) -> bool:
    """Return whether a path leads to a place for a document: inside, and not hidden."""
    if isinstance(path, str) and len(path) <= LONGEST_NAME and _PLAIN_PATH.fullmatch(path):
        return True  # as nearly all are: the check of any path takes ten times as long
    is_hidden = any(one.startswith(".") for one in str(path).split("/"))
    return is_inside(path) and not is_hidden and could_exist(str(path))


def _digests(own: Mapping[str, Any]) -> dict[str, str]:
    if own.keys() - ENDINGS.keys() or not all(map(_DIGEST.fullmatch, own.values())):
        raise ValueError(own)
    return {**own}


def _require_format(record: Mapping[str, Any]) -> None:
    if record["format"] != FORMAT:
        raise EditionError(
            "The editions in the store are of another release of Dateline: install the same "
            "release on all machines."
        )


def _edition(record: Mapping[str, Any]) -> StoredEdition:
    head = head_of_content(json.dumps(record["head"]))
    if not isinstance(head, Head) or not all(map(is_publishable, record["gone"])):
        raise TypeError(record["head"])
    for one in (head.generation, head.founded, head.embargo or 0):
        number_of(one)
    parts = record["parts"]
    if parts.keys() - KINDS.keys():
        raise ValueError(parts)
    if not all(_DIGEST.fullmatch(one) for some in parts.values() for one in some):
        raise ValueError(parts)
    return StoredEdition(
        epoch=number_of(record["epoch"]),
        moment=number_of(record["moment"]),
        head=head,
        rows=_rows(record["rows"]),
        gone=tuple(record["gone"]),
        is_whole=bool(record["whole"]),
        parts={kind: tuple(some) for kind, some in parts.items()},
        before=tuple(map(mark_of, record["before"])),
    )
