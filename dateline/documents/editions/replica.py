"""A folder of documents that follows the editions in a store.

All files of an edition are in place before the manifest names them; its head comes last. So a
machine that is killed at any point has one edition or the next, and begins the same step again.
An empty folder gets the documents that readers subscribe to first, then the manifest, then all
others: what is not there yet is refused with 503 meanwhile (`dateline.serve.cache`). The search
index comes last. Later editions are followed all the time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from dateline.documents import as_store_error, manifest
from dateline.documents.editions.edition import (
    EditionMark,
    EditionReader,
    EditionRows,
    StoredEdition,
    mark_of,
    number_of,
)
from dateline.documents.editions.folder_index import FolderIndex
from dateline.documents.editions.merging import DocumentPlaces, EditionChange, merged
from dateline.documents.editions.placing import FilePlacer
from dateline.documents.editions.store_head import StoreHead
from dateline.documents.manifest import (
    Damaged,
    DocumentListing,
    ManifestFault,
    ManifestStatus,
)
from dateline.documents.manifest.head import write_head
from dateline.documents.objects import ObjectStore
from dateline.entries.media import picture_store
from dateline.errors import EditionError
from dateline.model import Role
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import replace_file

_MARK = ".edition.json"
_PART = 500  # documents that an empty folder gets at once
_CHECKED = 2000  # documents whose files' times and sizes are compared at once
_BYTES = 4_000_000  # whose digests are compared at once


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What the folder has: its edition, None if unknown, and whether it lacks documents.

    `latest` is the later generation of those of the manifest's head and table.
    """

    status: ManifestStatus
    latest: int
    mark: EditionMark | None
    is_filling: bool

    @property
    def is_empty(self) -> bool:
        """True if readers have no edition yet, or only the first documents of one."""
        is_bare = self.status.table_fault is ManifestFault.MISSING
        return self.is_filling or self.status.head is None or is_bare


class Replica:
    """The documents in `folder`, which follows a store.

    One process at a time may change the folder: the caller holds the lock of the ledger. Pictures
    that are gone leave the folder of `renditions`, too, which a node has filled while it led.
    """

    def __init__(
        self,
        store: ObjectStore,
        folder: Path,
        *,
        has_search: bool = False,
        renditions: Path | None = None,
    ) -> None:
        self._reader = EditionReader(store)
        self._folder = folder
        self._placer = FilePlacer(self._reader, folder)
        self._index = FolderIndex(folder, is_wanted=has_search)
        self._renditions = renditions
        self._places = DocumentPlaces()  # of the documents of a folder that is being filled
        self._next: str | None = None  # the path after which an empty folder is filled
        self._checked = ""  # the path after which documents are checked
        self._compared = ""  # the path after which their bytes are compared

    @property
    def unindexed(self) -> Collection[str]:
        """The ids of the entries that the search index lacks: their story cannot be read."""
        return self._index.lacking

    @property
    def is_filling(self) -> bool:
        """True while documents that the manifest names are not in the folder yet."""
        return self._next is not None

    @property
    def is_behind(self) -> bool:
        """True while `fill` has something to do."""
        return self.is_filling or self._index.is_due

    def follow(self, head: StoreHead, *, must_renew: bool = False) -> bool:
        """Bring the folder to the latest edition; return whether anything changed.

        It never goes back, but to one that was published later: by a publisher of which a backup
        was restored. A table that is newer than its head counts, too. With `must_renew` the
        manifest is written again as a whole. Raises `StoreError`; the folder then has the edition
        that it had.
        """
        own = self._standing(head)
        latest = head.latest.generation
        is_there = own.mark is not None and own.mark.generation == latest
        is_later = own.latest > latest
        is_ahead = is_later or (is_there and own.mark != head.latest)
        is_restored = is_ahead and head.moment > _kept_moment(self._folder)
        must_renew |= is_restored
        if (is_later and not is_restored) or (is_there and not must_renew):
            return False
        with as_store_error(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        self._placer.begin()
        if own.is_empty:
            keep_mark(self._folder, head.latest, head.moment, is_filling=True)
        try:
            self._apply(self._change(head, None if must_renew else own.mark), own)
        except Damaged:  # deeper than the check at the beginning reached
            self._apply(self._change(head, None), own)
        self._keep(head)
        return True

    def fill(self, head: StoreHead) -> bool:
        """Fetch the next documents of a folder that was empty, then index the next entries.

        Return whether there is more to do. Raises `StoreError`: then it is to be called again.
        """
        if self._next is None:
            return self._index.build_next(head.moment, head.latest.generation)
        self._placer.begin()
        rows = manifest.documents_after(self._folder, self._next, _PART)
        self._placer.place(self._places.located(rows), may_lack=True)
        self._next = rows[-1].path if rows else None
        if self._next is None:
            self._places = DocumentPlaces()
            self._keep(head)
        return self.is_behind

    def restore(self, head: StoreHead) -> None:
        """Fetch those of the next documents that the folder has lost, or that are damaged.

        The times and sizes of many are compared, and the digests of fewer; after the last
        document comes the first again. A search index that could not be built is tried again. The
        folder has the latest edition. Raises `StoreError`.
        """
        self._index.try_again()
        rows = self._documents_after(self._checked)
        self._checked = rows[-1].path if rows else ""
        stale = {one.path for one in rows if not self._placer.has(one)}
        weighed = self._weighed()
        self._compared = weighed[-1].path if weighed else ""
        stale |= {one.path for one in weighed if not self._placer.has_bytes(one)}
        if not stale:
            return
        self._placer.begin()
        parts = self._change(head, None).all_documents(self._reader)
        self._placer.place((some.only(stale) for some in parts), may_lack=True, is_stale=True)

    def _documents_after(self, path: str) -> Sequence[DocumentListing]:
        return manifest.documents_after(self._folder, path, _CHECKED)

    def _weighed(self) -> Sequence[DocumentListing]:
        """Return the next documents whose plain bytes are `_BYTES` together, one at least."""
        found = self._documents_after(self._compared)
        before = accumulate((one.size for one in found), initial=0)
        return [one for one, size in zip(found, before, strict=False) if size < _BYTES]

    # ---- The edition in the folder

    def _standing(self, head: StoreHead) -> _Standing:
        status = manifest.status(self._folder)
        if status.head and status.head.founded != head.founded:
            raise EditionError(f"{self._folder} has the documents of another publication.")
        latest = manifest.latest_generation(self._folder, status)
        mark, is_filling = kept_mark(self._folder)
        if is_filling and not self.is_filling:  # by a process that has ended
            return _Standing(status=status, latest=latest, mark=None, is_filling=True)
        if not status.is_whole or status.generation == 0:
            mark = None
        elif mark is None or mark.generation > status.generation:
            mark = _named(head, status.generation)
        # With an older mark the step is repeated: files that are gone may still be there.
        return _Standing(status=status, latest=latest, mark=mark, is_filling=self.is_filling)

    def _keep(self, head: StoreHead) -> None:
        if not self.is_filling:
            self._placer.forget_pack()
        keep_mark(self._folder, head.latest, head.moment, is_filling=self.is_filling)

    # ---- What has changed

    def _change(self, head: StoreHead, own: EditionMark | None) -> EditionChange:
        """Return what leads from the folder's edition to the latest, or from nothing."""
        found = self._newer(head, own) if own else None
        if found is not None:
            return merged(found, None)
        whole = self._reader.edition(head.whole)
        found = self._newer(head, head.whole)
        if found is None:
            raise EditionError(f"Editions after number {whole.generation} are missing.")
        return merged(found, whole)

    def _newer(self, head: StoreHead, own: EditionMark) -> list[StoredEdition] | None:
        """Return the editions after one, the oldest first; None if they do not lead on from it."""
        found: list[StoredEdition] = []
        marks = [*head.recent]
        while marks:
            mark = marks.pop(0)
            if mark.generation <= own.generation:
                # After a takedown a whole edition replaces the one of the same generation.
                is_same = mark == head.whole and mark.generation == own.generation
                return found[::-1] if is_same or own in {mark, head.whole} else None
            try:
                edition = self._reader.edition(mark)
                if edition.is_whole:
                    return None
                found.append(self._reader.completed(edition))
            except EditionError:
                if own == head.whole:
                    raise
                return None  # it was deleted since: a whole one leads on
            marks = marks or [*edition.before]
        return None

    # ---- Applying a change

    def _apply(self, change: EditionChange, own: _Standing) -> None:
        is_empty = change.whole is not None and own.is_empty
        if is_empty:
            self._place_first(change)
        else:
            self._placer.place(change.all_documents(self._reader))
        self._index.follow(
            change,
            before=own.status.generation,
            is_whole=change.whole is None and own.status.is_whole,
        )
        self._write_manifest(change, own, is_empty=is_empty)
        if change.whole:
            self._next = "" if is_empty else None
        self._index.end()
        self._clean(change)

    def _place_first(self, change: EditionChange) -> None:
        """Put the documents that come first into an empty folder, and a head that names them."""
        first, forms = _first(change)
        self._placer.place([EditionRows(documents=first, forms=forms)])
        with as_store_error(self._folder):
            # An earlier one knows nothing of the documents that are new.
            (self._folder / manifest.TABLE).unlink(missing_ok=True)
            write_head(self._folder, replace(change.head, documents=_held(first), table=""))

    def _write_manifest(self, change: EditionChange, own: _Standing, *, is_empty: bool) -> None:
        first, _ = _first(change)
        places = DocumentPlaces()
        before = own.status.head.documents if own.status.head and not change.whole else {}
        held = {path: one for path, one in before.items() if path not in change.gone}
        manifest.write(
            self._folder,
            replace(change.head, documents=held | _held(first)),
            change.manifest_change(self._reader, places),
            rebuild=change.whole is not None,
        )
        if is_empty:
            self._places = places
        elif self.is_filling:
            self._places.forms |= places.forms

    def _clean(self, change: EditionChange) -> None:
        """Delete the files of documents that are gone."""
        gone = change.gone
        if change.whole:
            there = {one.path for one in manifest.documents_on_disk(self._folder)}
            for rows in change.all_documents(self._reader):
                there.difference_update(one.path for one in rows.documents)
                if not there:  # as in a folder that was empty: it has few documents yet
                    break
            gone = tuple(sorted(there))
        self._placer.remove(gone)
        if self._renditions:
            picture_store.forget(self._renditions, gone)


def _first(change: EditionChange) -> tuple[list[DocumentListing], dict[str, Mapping[str, str]]]:
    """Return the documents that are in no part of an edition, and their coded forms."""
    forms: dict[str, Mapping[str, str]] = {}
    documents: list[DocumentListing] = []
    if change.whole:
        other = {*change.gone, *change.documents}
        documents = [one for one in change.whole.rows.documents if one.path not in other]
        forms |= change.whole.rows.forms
    return [*documents, *change.documents.values()], {**forms, **change.forms}


def _held(documents: Iterable[DocumentListing]) -> dict[str, DocumentListing]:
    """Return the documents that the manifest's head names."""
    return {one.path: one for one in documents if one.role == Role.SUBSCRIPTION}


def _named(head: StoreHead, generation: int) -> EditionMark | None:
    """Return the mark of an edition that a publisher's own folder has."""
    return next((one for one in head.recent if one.generation == generation), None)


def kept_mark(folder: Path) -> tuple[EditionMark | None, bool]:
    """Return the edition that a folder has, if it is known, and whether documents are missing."""
    try:
        record = _kept(folder)
        return mark_of(record["edition"]), bool(record["filling"])
    except (OSError, ValueError, TypeError, KeyError):
        return None, False


def _kept_moment(folder: Path) -> float:
    """Return when the edition of a folder was published; no moment is later than an unknown one."""
    try:
        return number_of(_kept(folder)["moment"])
    except (OSError, ValueError, TypeError, KeyError):
        return math.inf


def _kept(folder: Path) -> Any:
    return json.loads(regular_bytes(folder / _MARK))


def keep_mark(folder: Path, mark: EditionMark, moment: int, *, is_filling: bool = False) -> None:
    """Note the edition that a folder has, and its moment. Raises `StoreError`."""
    record = {"edition": mark.as_json(), "moment": moment, "filling": is_filling}
    with as_store_error(folder):
        data = json.dumps(record).encode()
        replace_file(folder / _MARK, data, has_one_writer=True)
