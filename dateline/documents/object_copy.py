"""A copy of the published documents in an object store, such as a bucket.

A record among the objects lists those that were written, each with what it was made of and the
version that it then had. So nothing else in the store is ever replaced or deleted, and an object
is written only if its document, its fields or the object itself has changed. Every object is
written on the condition that it is what the list of the store had: of two processes that write
at the same time, the later one stops.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from dateline.documents import Progress, as_store_error, silent
from dateline.documents.compression import gzipped, is_page_of_entries
from dateline.documents.manifest import DocumentListing
from dateline.documents.objects import OWN, REDIRECT, ObjectStore, ObjectVersion, StoredObject
from dateline.documents.objects.check import verify
from dateline.documents.static_copy import AFTER_DOCUMENTS, CopyResult, whole_bytes
from dateline.errors import DatelineError, OvertakenError
from dateline.messages import program

OBJECT_RECORD = f"{OWN}deploy.json.gz"
_FIELDS = {"Content-Type": "application/gzip"}
_AT_ONCE = 8  # requests
_UNREADABLE = (OSError, EOFError, zlib.error, ValueError, TypeError, LookupError, AttributeError)
_UNKNOWN = ""  # mark of an object that a run was about to write

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """An object that is to be there: a document, or a page that leads to `target`."""

    path: str
    fields: Fields
    listing: DocumentListing | None = None
    target: str = ""

    @property
    def rank(self) -> int:
        return self.listing.role if self.listing else AFTER_DOCUMENTS

    @property
    def mark(self) -> str:
        """Hash of all that the object is made of."""
        made_of = [
            self.listing.digest if self.listing else self.target,
            sorted(self.fields.items()),
        ]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """An object in the record."""

    mark: str
    version: ObjectVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The objects to write, in groups that follow one another, and those to delete."""

    groups: Sequence[Sequence[_Wanted]]
    gone: Sequence[str]

    @property
    def stale(self) -> list[_Wanted]:
        return [one for group in self.groups for one in group]


class ObjectCopy:
    """The copy in `store` of the documents in `source`.

    `fields` returns the header fields of a document. With `is_packed`, texts are
    stored in gzip: a store cannot choose a form for each reader.
    """

    def __init__(
        self,
        store: ObjectStore,
        source: Path,
        fields: Callable[[DocumentListing], Fields],
        *,
        is_packed: bool = False,
    ) -> None:
        self._store = store
        self._source = source
        self._fields = fields
        self._is_packed = is_packed
        self._there: Mapping[str, StoredObject] = {}
        self._checked = ""

    def update(
        self,
        documents: Iterable[DocumentListing],
        redirects: Mapping[str, str],
        progress: Progress = silent,
        *,
        is_trial: bool = False,
    ) -> CopyResult:
        """Write what has changed, then delete what is gone; a trial writes nothing.

        `redirects` maps each former path to an address. New documents are written before any
        other is replaced, both in the order of roles: none leads to one that is not there.
        Raises `DatelineError` if the store holds other objects, `OvertakenError` if somebody else
        writes there, and `StoreError`.
        """
        wanted = {one.path: one for one in self._wanted(documents, redirects)}
        known, seen = self._recorded()
        self._there = {one.key: one for one in self._store.objects() if not one.key.startswith(OWN)}
        self._verify(wanted, known, is_first=seen is None)
        plan = self._plan(wanted, known)
        damaged: list[str] = []
        if (plan.groups or plan.gone) and not is_trial:
            if self._checked != self._store.name:
                verify(self._store)
            damaged = self._carry_out(plan, known, seen, progress)
        copied = tuple(one.path for one in plan.stale if one.path not in damaged)
        return CopyResult(
            copied=copied,
            deleted=tuple(path for path in plan.gone if path in self._there),
            unchanged=len(wanted) - len(plan.stale),
            damaged=tuple(damaged),
        )

    def _wanted(
        self, documents: Iterable[DocumentListing], redirects: Mapping[str, str]
    ) -> Iterator[_Wanted]:
        for path, target in redirects.items():
            fields = {"Content-Type": "text/html; charset=utf-8", REDIRECT: target}
            yield _Wanted(path=path, fields=fields, target=target)
        for listing in documents:
            fields = dict(self._fields(listing))
            if self._is_packed and (listing.codings or is_page_of_entries(listing)):
                fields["Content-Encoding"] = "gzip"
            yield _Wanted(path=listing.path, fields=fields, listing=listing)

    def _verify(
        self, wanted: Iterable[str], known: Mapping[str, _Written], *, is_first: bool
    ) -> None:
        """Raise `DatelineError` if something that deploy did not write is in the way."""
        other = sorted(self._there.keys() - known.keys())
        if is_first and other:
            raise DatelineError(
                f"{self._store.name} holds objects that deploy did not write ({other[0]}): "
                f"{_instead()}"
            )
        if taken := sorted({*wanted} & {*other}):
            raise DatelineError(
                f"{taken[0]} in {self._store.name} was not written by deploy: move it away, or "
                f"{_instead()}"
            )

    def _plan(self, wanted: Mapping[str, _Wanted], known: Mapping[str, _Written]) -> _Plan:
        def place(one: _Wanted) -> tuple[bool, int]:
            return one.path in self._there, one.rank

        stale = [one for one in wanted.values() if not self._is_same(one, known.get(one.path))]
        stale.sort(key=lambda one: (*place(one), one.path))
        groups = [[*group] for _, group in groupby(stale, place)]
        return _Plan(groups=groups, gone=sorted(known.keys() - wanted.keys()))

    def _is_same(self, wanted: _Wanted, known: _Written | None) -> bool:
        there = self._there.get(wanted.path)
        if known is None or there is None or known.mark != wanted.mark:
            return False
        return known.version.etag == there.version.etag

    # ---- Writing

    def _carry_out(
        self,
        plan: _Plan,
        known: Mapping[str, _Written],
        seen: ObjectVersion | None,
        progress: Progress,
    ) -> list[str]:
        """Write and delete, with the record before, between and after; return what is damaged."""
        begun = {
            one.path: _Written(mark=_UNKNOWN, version=ObjectVersion(etag="")) for one in plan.stale
        }
        seen = self._record({**known, **begun}, seen)
        written = dict(known)
        damaged = []
        for wanted, version in self._write_all(plan, progress):
            if version is None:
                damaged.append(wanted.path)
            else:
                written[wanted.path] = _Written(mark=wanted.mark, version=version)
        if plan.gone:  # nobody else has begun meanwhile, whose documents these may be
            seen = self._record(written, seen)
            self._store.delete([path for path in plan.gone if path in self._there])
        self._record({path: one for path, one in written.items() if path not in plan.gone}, seen)
        return damaged

    def _write_all(
        self, plan: _Plan, progress: Progress
    ) -> Iterator[tuple[_Wanted, ObjectVersion | None]]:
        """Write group after group; yield each object with its version, None if it is damaged."""
        total, done = len(plan.stale), 0
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for group in plan.groups:
                for wanted, version in zip(group, pool.map(self._write, group), strict=True):
                    done += 1
                    progress(done, total)
                    yield wanted, version

    def _write(self, wanted: _Wanted) -> ObjectVersion | None:
        data = self._bytes(wanted)
        if data is None:
            return None
        there = self._there.get(wanted.path)
        return self._put(wanted.path, data, wanted.fields, there.version if there else None)

    def _put(
        self, key: str, data: bytes, fields: Fields, seen: ObjectVersion | None
    ) -> ObjectVersion:
        """Write an object in place of the version `seen`. Raises `OvertakenError`."""
        if seen is None:
            version = self._store.create(key, data, fields)
        else:
            version = self._store.replace(key, data, seen, fields)
        if version is None:
            # A request that was sent again, since its answer was lost, finds its own object.
            found = self._store.read(key)
            version = found[1] if found and found[0] == data else None
        if version is None:
            raise OvertakenError(
                f"{self._store.name}: another deploy has written there meanwhile ({key}). "
                "Deploy again."
            )
        return version

    def _bytes(self, wanted: _Wanted) -> bytes | None:
        """Return the bytes of an object, None if the document is damaged."""
        if wanted.listing is None:
            return redirect_page(wanted.target)
        with as_store_error(self._source / wanted.path):
            data = whole_bytes(self._source, wanted.listing)
        if data is None:
            return None
        is_packed = "Content-Encoding" in wanted.fields
        return gzipped(data) if is_packed else data

    # ---- The record

    def _recorded(self) -> tuple[dict[str, _Written], ObjectVersion | None]:
        """Return the objects that this copy consists of, and the version of the record."""
        found = self._store.read(OBJECT_RECORD)
        if found is None:
            return {}, None
        data, version = found
        try:
            read = json.loads(gzip.decompress(data))
            self._checked = str(read["store"])
            return {
                str(path): _Written(mark=mark, version=ObjectVersion(etag=etag, number=number))
                for path, (mark, etag, number) in read["objects"].items()
            }, version
        except _UNREADABLE as error:
            raise DatelineError(
                f"{OBJECT_RECORD} in {self._store.name} is damaged, so deploy cannot know which "
                f"objects are its own: {_instead()}"
            ) from error

    def _record(self, objects: Mapping[str, _Written], seen: ObjectVersion | None) -> ObjectVersion:
        """Write the record in place of the version `seen`. Raises `OvertakenError`."""
        rows = {
            path: [one.mark, one.version.etag, one.version.number]
            for path, one in sorted(objects.items())
        }
        content = {"written by": "dateline deploy", "store": self._store.name, "objects": rows}
        data = gzipped(json.dumps(content, separators=(",", ":")).encode())
        return self._put(OBJECT_RECORD, data, _FIELDS, seen)


def redirect_page(target: str) -> bytes:
    """Return a page that leads a browser to an address, where no server can redirect."""
    link = escape(target)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{link}</title>'
        f'<link rel="canonical" href="{link}"><meta http-equiv="refresh" content="0; url={link}">'
        f'</head><body><a href="{link}">{link}</a></body></html>\n'
    ).encode()


def _instead() -> str:
    return f"name an empty bucket or prefix, as in: {program.name()} deploy s3://bucket/news"
