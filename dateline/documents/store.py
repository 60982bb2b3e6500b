"""The store of documents: a folder in which each is old or new, and always whole.

All documents of a run are written as temporary files, synced once, then renamed in an order in
which nothing names a document that is not there. The modification time of a file is the moment of
its change, so that every server derives the same validators from it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from dateline.documents import as_store_error
from dateline.documents.compression import (
    COMMONEST,
    ENDINGS,
    OTHERWISE,
    is_coded,
    is_worthwhile,
    makers,
)
from dateline.documents.manifest.records import DocumentListing
from dateline.documents.scratch import NEW, Scratch
from dateline.model import Document, Role
from dateline.system import heartbeat
from dateline.system.decompression import decoded
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import sync_file_system

_P = ParamSpec("_P")
_T = TypeVar("_T")
_numbers = count()  # of files that this process writes
_BY_DESCRIPTOR = os.utime in os.supports_fd
_under_way: set[Future[Any]] = set()


@dataclass(frozen=True, slots=True)
class StagedFile:
    """The files of a document, written but not yet in place.

    `files` are pairs of a temporary and a final name, the plain form first; `sizes` are the bytes
    of the coded forms, by content coding; `gone` are the names of forms that an earlier version
    may have had and this one has not.
    """

    role: Role
    files: tuple[tuple[str, str], ...]
    sizes: Mapping[str, int]
    gone: tuple[str, ...]


def is_intact(folder: Path, path: str, digest: str, codings: Iterable[str]) -> bool:
    """Return whether a document has its bytes, in each of its `codings`, too."""
    try:
        plain = regular_bytes(folder / path)
        forms = (
            decoded(coding, regular_bytes(folder / f"{path}{ENDINGS[coding]}"))
            for coding in codings
        )
        return all(hashlib.sha256(data).hexdigest() == digest for data in (plain, *forms))
    except (OSError, ValueError):
        return False


class Store:
    """The documents in a folder, with coded forms in some `codings`.

    They are written in threads unless it `has_helpers`, other processes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        codings: Collection[str] = COMMONEST,
        has_helpers: bool = False,
        scratch: str = "",
    ) -> None:
        self._folder = folder
        self._new = folder / NEW
        self._scratch = Scratch(self._new, scratch)
        self._codings = codings
        self._has_helpers = has_helpers
        self._syncs: list[Future[None]] = []  # of some documents
        self._last_sync: Future[None] | None = None  # of all that `show` puts in place

    def begin(self) -> None:
        """Remove the temporary files that killed runs have left.

        Raises `StoreError`.
        """
        wait([*_under_way])  # writes of a run that failed
        with as_store_error(self._folder):
            self._scratch.clear()

    def share(self) -> str:
        """Return the name of the folder that helpers write in, too. Raises `StoreError`."""
        with as_store_error(self._folder):
            self._scratch.claim()
        return self._scratch.name

    def write(self, document: Document, changed: int) -> Callable[[], StagedFile]:
        """Begin to write the temporary files of a document; return a function that waits for them.

        `changed` is the moment of its change, in seconds since 1970. Coded forms are kept if they
        save enough, and no two of the same size: their validators would be the same (RFC 9110,
        section 8.8.3). Both raise `StoreError`.
        """
        with as_store_error(self._folder):
            self._scratch.claim()
            make = makers(document, self._codings)
            # Of a document without coded forms, another thread would take longer.
            begun = self._begin(self._write_forms, document, changed, make) if make else None

        def end() -> StagedFile:
            with as_store_error(self._folder):
                return begun.result() if begun else self._write_forms(document, changed, make)

        return end

    def _write_forms(
        self, document: Document, changed: int, make: Mapping[str, Callable[[bytes], bytes]]
    ) -> StagedFile:
        """Write a document, and the coded forms that are worthwhile."""
        path, data = document.path, document.data
        whole = self._write(data, changed)
        made = _chosen({coding: code(data) for coding, code in make.items()}, data)
        written = [
            (self._write(form, changed), f"{path}{ENDINGS[coding]}")
            for coding, form in made.items()
        ]
        others = ENDINGS.keys() - made.keys() if is_coded(document) else ()
        return StagedFile(
            role=document.role,
            files=((whole, path), *written),
            sizes={coding: len(form) for coding, form in made.items()},
            gone=tuple(f"{path}{ENDINGS[coding]}" for coding in sorted(others)),
        )

    def stage(self, listing: DocumentListing, forms: Mapping[str, bytes]) -> StagedFile:
        """Write the temporary files of a document that was published elsewhere, in its `forms`.

        The plain one has an empty name. Raises `StoreError`.
        """
        with as_store_error(self._folder):
            self._scratch.claim()
            files = [
                (self._write(data, listing.changed), f"{listing.path}{ENDINGS.get(coding, '')}")
                for coding, data in sorted(forms.items())
            ]
        others = sorted(ENDINGS.keys() - forms.keys())
        return StagedFile(
            role=Role(listing.role),
            files=tuple(files),
            sizes={coding: len(data) for coding, data in forms.items() if coding},
            gone=tuple(f"{listing.path}{ENDINGS[coding]}" for coding in others),
        )

    def begin_sync(self, *, is_last: bool = False) -> None:
        """Begin to sync what is written so far; `show` waits for it.

        After one that `is_last` nothing more is written before `show`, which needs no other.
        """
        if is_last:
            self._last_sync = self._sync_in_thread()
        elif all(one.done() for one in self._syncs):
            self._syncs.append(self._sync_in_thread())

    def begin_names(self) -> Callable[[], None]:
        """Begin to sync the names of what is shown; return a function that waits for it."""
        return partial(_wait_for, self._sync_in_thread())

    def show(self, staged: Sequence[StagedFile]) -> None:
        """Sync all these documents to disk, then rename them in the order of their roles.

        Raises `StoreError`; a document that was not renamed keeps its earlier version.
        """
        if not staged:
            return
        with as_store_error(self._folder):
            last, self._last_sync = self._last_sync, None
            # The system reports an error of the disk to the first sync that meets it.
            while self._syncs:
                _wait_for(self._syncs.pop())
            _wait_for(last or self._sync_in_thread())
            for file in heartbeat.beating(sorted(staged, key=lambda one: one.role)):
                plain, *forms = file.files
                for name in file.gone:
                    self._unlink(name)
                # Caddy sends a coded form with the moment of the plain one, which must never be
                # the later: the old form would be confirmed as unchanged (304) from then on.
                for form in (*forms, plain):
                    self._move(*form)
            self._scratch.leave()

    def _sync_in_thread(self) -> Future[None]:
        return threads().submit(sync_file_system, self._folder)

    def _move(self, temporary: str, name: str) -> None:
        made, target = f"{self._new}/{temporary}", f"{self._folder}/{name}"
        try:
            os.replace(made, target)  # noqa: PTH105 - as in `_write`
        except FileNotFoundError:  # the first document in its folder
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(made, target)  # noqa: PTH105

    def _unlink(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(f"{self._folder}/{name}")  # noqa: PTH108 - as in `_write`

    def _write(self, data: bytes, changed: int) -> str:
        number, place = next(_numbers), self._scratch.place
        path = f"{place}/{number}"  # a `Path` would take longer than the system's calls
        with open(path, "wb", buffering=0) as file:  # noqa: PTH123
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
            os.utime(file.fileno() if _BY_DESCRIPTOR else path, (changed, changed))
        return f"{self._scratch.name}/{place.name}/{number}"

    def _begin(self, write: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run a function in another thread; at once, where each core has a process."""
        if self._has_helpers:
            done = Future[_T]()
            done.set_result(write(*args, **kwargs))
            return done
        begun = threads().submit(write, *args, **kwargs)
        _under_way.add(begun)
        begun.add_done_callback(_under_way.discard)
        return begun

    def has(self, path: str, changed: int) -> bool:
        """Return whether the version of a document that changed at this moment is in place."""
        try:
            return int((self._folder / path).stat().st_mtime) == changed
        except OSError:
            return False

    def remove(self, paths: Sequence[str]) -> None:
        """Remove documents that are no longer published, in every form.

        Raises `StoreError`; the documents that are left must be removed again.
        """
        if not paths:
            return
        with as_store_error(self._folder):
            for path in heartbeat.beating(paths):
                for ending in ("", *ENDINGS.values()):
                    self._unlink(f"{path}{ending}")
            sync_file_system(self._folder)


def staged_path(folder: Path, temporary: str) -> Path:
    """Return the place of a temporary file of `folder`, by its name in a `StagedFile`."""
    return folder / NEW / temporary


def _chosen(forms: Mapping[str, bytes], data: bytes) -> dict[str, bytes]:
    """Return the coded forms to keep: of those of one size, the one that most clients accept.

    The other is kept if it can be made with another size.
    """
    gzip = len(forms["gzip"]) if "gzip" in forms else None
    made: dict[str, bytes] = {}
    sizes: set[int] = set()
    for coding in (one for one in COMMONEST if one in forms):
        form, make = forms[coding], OTHERWISE.get(coding)
        if len(form) in sizes and make:
            form = make(data)
        if len(form) not in sizes and is_worthwhile(coding, len(form), len(data), gzip):
            made[coding] = form
            sizes.add(len(form))
    return {coding: made[coding] for coding in forms if coding in made}


def _wait_for(sync: Future[None]) -> None:
    heartbeat.waiting(heartbeat.LONG)  # the thread that syncs sends no heartbeats
    sync.result()
    heartbeat.waiting()


@cache
def threads() -> Executor:
    """Return the threads that compress and write while the next document is rendered."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="store")


if hasattr(os, "register_at_fork"):  # a process that was forked has none of these threads
    os.register_at_fork(after_in_child=threads.cache_clear)
    os.register_at_fork(after_in_child=_under_way.clear)
