"""Files of documents, fetched from a store and put in place together."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from dateline.documents.compression import ENDINGS
from dateline.documents.editions.edition import EditionReader, EditionRows, Forms, plain_of
from dateline.documents.editions.packs import packed_together
from dateline.documents.manifest import DocumentListing
from dateline.documents.store import StagedFile, Store, is_intact
from dateline.errors import EditionError, StoreError
from dateline.model import is_media
from dateline.system import heartbeat

_AT_ONCE = 8  # requests
_AHEAD = 64  # documents that are fetched at once, so that no more of them are held in memory
# That of a name with an ending, too, which can be too long where the name is not.
_NOTHING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
_log = logging.getLogger(__name__)


class FilePlacer:
    """Fetches the documents in `folder` that are not in place. Raises `StoreError`."""

    def __init__(self, reader: EditionReader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self._files = Store(folder)
        self._pack: tuple[str, Mapping[str, bytes]] = ("", {})  # the last one, and its name

    def begin(self) -> None:
        """Remove the temporary files of a process that was killed."""
        self._files.begin()

    def place(
        self, parts: Iterable[EditionRows], *, may_lack: bool = False, is_stale: bool = False
    ) -> None:
        """Fetch what is not in place, then show all of it in the order of roles.

        All of it is fetched if it `is_stale`. A picture that the store has lost, or has damaged,
        is passed over, and with `may_lack` any document. With it, what was fetched before the store
        failed is shown, too: the manifest names it already.
        """
        staged: list[StagedFile] = []
        try:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="replica") as pool:
                for rows in parts:
                    stale = [one for one in rows.documents if is_stale or not self.has(one)]
                    pages = self._pages(rows.pack, stale)
                    fetch = partial(self._fetch, forms=rows.forms, pages=pages, may_lack=may_lack)
                    # Threads gain nothing where nothing is fetched.
                    packed = [one for one in stale if one.digest in pages]
                    staged += filter(None, map(fetch, heartbeat.beating(packed)))
                    others = [one for one in stale if one.digest not in pages]
                    staged += _fetched(fetch, others, pool)
        except StoreError:
            if may_lack:
                self._files.show(staged)
            raise
        self._files.show(staged)

    def remove(self, paths: Sequence[str]) -> None:
        """Remove documents in every form."""
        self._files.remove(paths)

    def _pages(self, pack: str, stale: Sequence[DocumentListing]) -> Mapping[str, bytes]:
        """Return the pages of a pack by their digests; none where few documents need them."""
        if self._pack[0] != pack:
            if not pack or not packed_together(stale):
                return {}
            self.forget_pack()  # before another takes its place: each may have many bytes
            self._pack = (pack, self._reader.pack(pack))
        return self._pack[1]

    def forget_pack(self) -> None:
        """Free the memory of the pack that was read last."""
        self._pack = ("", {})

    def _fetch(
        self,
        listing: DocumentListing,
        *,
        forms: Forms,
        pages: Mapping[str, bytes],
        may_lack: bool,
    ) -> StagedFile | None:
        """Fetch a document in its forms; None where the store lacks one that may be lacking."""
        try:
            page = pages.get(listing.digest)
            own = {"": page} if page is not None else self._forms_of(listing, forms)
            return self._files.stage(listing, own)
        except EditionError as error:
            if not (may_lack or is_media(listing.path)):
                raise
            _log.warning("%s cannot be served: %s", listing.path, error)
            return None

    def _forms_of(self, listing: DocumentListing, forms: Forms) -> Mapping[str, bytes]:
        """Return the plain form of a document and the coded ones that the store has.

        The plain one is made of a coded one, which is shorter; one of something else is left out.
        """
        own = forms.get(listing.path, {})
        read = {coding: self._reader.data(own[coding]) for coding in listing.sizes if coding in own}
        plain, found = None, dict[str, bytes]()
        for coding, data in read.items():
            if data is not None and plain is None:
                plain = plain_of(data, coding, listing.digest)
            if data is not None and plain is not None:
                found[coding] = data
        if plain is None:
            plain = self._reader.data(listing.digest)
        if plain is None:
            raise EditionError(f"{listing.path} is not in the store.")
        return {"": plain} | found

    def has(self, listing: DocumentListing) -> bool:
        """Return whether every file of a document is in place, and no other form of it."""
        wanted = {"": listing.size} | listing.sizes
        return all(self._is_as(listing, wanted, coding) for coding in ("", *ENDINGS))

    def has_bytes(self, listing: DocumentListing) -> bool:
        """Return whether every file of a document has its bytes."""
        return is_intact(self._folder, listing.path, listing.digest, listing.sizes)

    def _is_as(self, listing: DocumentListing, wanted: Mapping[str, int], coding: str) -> bool:
        try:
            found = (self._folder / f"{listing.path}{ENDINGS.get(coding, '')}").stat()
        except OSError as error:
            if error.errno not in _NOTHING:
                raise
            return coding not in wanted
        return (found.st_size, int(found.st_mtime)) == (wanted.get(coding), listing.changed)


def _fetched(
    fetch: Callable[[DocumentListing], StagedFile | None],
    listings: Sequence[DocumentListing],
    pool: ThreadPoolExecutor,
) -> Iterator[StagedFile]:
    for start in range(0, len(listings), _AHEAD):
        heartbeat.beat()
        yield from filter(None, pool.map(fetch, listings[start : start + _AHEAD]))
