"""Several editions as one change: a machine that was away follows in one step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from dateline.documents.editions.edition import EditionReader, EditionRows, Forms, StoredEdition
from dateline.documents.manifest import (
    DocumentListing,
    EntryListing,
    FormerListing,
    Head,
    ManifestChange,
    MemberListing,
)
from dateline.text.urls import fingerprint

_K = TypeVar("_K")
_Row = TypeVar("_Row")


@dataclass(slots=True)
class DocumentPlaces:
    """Where a store has the documents of an edition, beside the objects of their plain bytes.

    These are the digests of their coded forms by path, and the names of packs by the first path
    of their parts: the rest of a part has later paths, up to those of the next one.
    """

    forms: dict[str, Mapping[str, str]] = field(default_factory=dict)
    packs: dict[str, str] = field(default_factory=dict)

    def add(self, rows: EditionRows) -> None:
        """Add the places of documents."""
        self.forms |= rows.forms
        if rows.documents and rows.pack:
            self.packs[rows.documents[0].path] = rows.pack

    def located(self, documents: Iterable[DocumentListing]) -> Iterator[EditionRows]:
        """Yield documents that are in the order of paths, those of each pack together."""
        firsts = sorted(self.packs)

        def pack(one: DocumentListing) -> str:
            place = bisect_right(firsts, one.path)
            return self.packs[firsts[place - 1]] if place else ""

        for name, some in groupby(documents, pack):
            yield EditionRows(documents=[*some], forms=self.forms, pack=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionChange:
    """What `editions` change together, the oldest first; a whole one before them has all rows.

    `head` is the manifest's after them, without documents.
    """

    head: Head
    moment: int
    whole: StoredEdition | None = None
    documents: Mapping[str, DocumentListing] = field(default_factory=dict)
    entries: Mapping[str, EntryListing] = field(default_factory=dict)
    members: Mapping[tuple[str, int], MemberListing] = field(default_factory=dict)
    former: Mapping[str, FormerListing] = field(default_factory=dict)
    forms: Forms = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    def all_documents(self, reader: EditionReader) -> Iterator[EditionRows]:
        """Yield all documents with the digests of their coded forms, a part at a time."""
        if self.whole:
            gone = {*self.gone}
            for rows in reader.rows(self.whole, "document"):
                left = [
                    one
                    for one in rows.documents
                    if one.path not in self.documents and one.path not in gone
                ]
                yield EditionRows(documents=left, forms=rows.forms, pack=rows.pack)
        yield EditionRows(documents=[*self.documents.values()], forms=self.forms)

    def manifest_change(self, reader: EditionReader, places: DocumentPlaces) -> ManifestChange:
        """Return the rows to write, of which those of a whole edition are read as they are.

        Once all documents are read, `places` has where they are in the store.
        """
        return ManifestChange(
            documents=self._documents(reader, places),
            gone=() if self.whole else self.gone,
            entries=self._rows(reader, "entry", lambda one: one.entries, self.entries, _id),
            members=self._rows(reader, "member", lambda one: one.members, self.members, _place),
            former=self._rows(reader, "former", lambda one: one.former, self.former, _digest),
        )

    def _documents(
        self, reader: EditionReader, places: DocumentPlaces
    ) -> Iterator[DocumentListing]:
        for rows in self.all_documents(reader):
            places.add(rows)
            yield from rows.documents

    def _rows(
        self,
        reader: EditionReader,
        kind: str,
        of: Callable[[EditionRows], Iterable[_Row]],
        newer: Mapping[_K, _Row],
        key: Callable[[_Row], _K],
    ) -> Iterator[_Row]:
        if self.whole:
            back = {fingerprint(path) for path in self.documents} if kind == "former" else set()
            for rows in reader.rows(self.whole, kind):
                for one in of(rows):
                    if key(one) not in newer and key(one) not in back:
                        yield one
        yield from newer.values()


def merged(editions: Iterable[StoredEdition], whole: StoredEdition | None) -> EditionChange:
    """Return what editions change together: the oldest first, after a whole one, if there is.

    All but the whole one are completed: they have no parts.
    """
    documents: dict[str, DocumentListing] = {}
    entries: dict[str, EntryListing] = {}
    members: dict[tuple[str, int], MemberListing] = {}
    former: dict[str, FormerListing] = {}
    forms: dict[str, Mapping[str, str]] = {}
    gone: dict[str, None] = {}
    last = whole
    for one in editions:
        last = one
        for row in one.rows.documents:
            documents[row.path] = row
            forms.pop(row.path, None)
            gone.pop(row.path, None)
            former.pop(fingerprint(row.path), None)
        forms |= one.rows.forms
        for path in one.gone:
            documents.pop(path, None)
            gone[path] = None
        entries |= {row.id: row for row in one.rows.entries}
        members |= {_place(row): row for row in one.rows.members}
        former |= {row.digest: row for row in one.rows.former}
    if last is None:
        raise ValueError("no edition")
    return EditionChange(
        head=last.head,
        moment=last.moment,
        whole=whole,
        documents=documents,
        entries=entries,
        members=members,
        former=former,
        forms=forms,
        gone=tuple(gone),
    )


def _id(row: EntryListing) -> str:
    return row.id


def _place(row: MemberListing) -> tuple[str, int]:
    return row.feed, row.number


def _digest(row: FormerListing) -> str:
    return row.digest
