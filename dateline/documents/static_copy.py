"""A copy of the published documents in another folder, for static hosts and `rsync`.

A record in the folder lists the files that were written, so that nothing else in it is ever
replaced or deleted. A file is copied if its size or its moment of change differs. One process at
a time writes to the folder, which it keeps locked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

try:
    import fcntl
except ImportError:  # Windows has no such lock: staff run one command at a time there
    fcntl = None  # type: ignore[assignment]

from dateline.documents import Progress, as_store_error, silent
from dateline.documents.manifest import DocumentListing
from dateline.errors import DatelineError
from dateline.messages import program
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import replace_file, sync_file_system, temporary_name

RECORD = ".dateline-deploy.json"
_ASIDE = ".dateline-deploy.new"
_AT_ONCE = 500  # documents that are written before they are synced together
AFTER_DOCUMENTS = 99  # order of further files: after all roles of documents
_OTHERS = frozenset({".git"})  # of a clone that a host publishes from


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyResult:
    """The paths that were copied, deleted, or not copied because they are damaged.

    A document is damaged if its file is missing, or has other bytes than were published; an
    earlier copy of it stays. `unchanged` is the number of files that were left alone.
    """

    copied: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int
    damaged: tuple[str, ...]


class StaticCopy:
    """The copy in `folder` of the documents in `source`."""

    def __init__(self, folder: Path, source: Path) -> None:
        self._folder = folder
        self._source = source
        self._safe: set[Path] = set()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the folder locked, after any copy that another process has begun.

        Creates the folder, and removes it if it stays empty. Nothing is locked where it is none,
        which `update` reports. Raises `StoreError`.
        """
        with ExitStack() as afterwards:
            with as_store_error(self._folder):
                if not os.path.lexists(self._folder):
                    self._folder.mkdir(parents=True, exist_ok=True)
                    afterwards.callback(self._remove_if_empty)
                if fcntl is not None:
                    with suppress(NotADirectoryError, FileNotFoundError):
                        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
                        afterwards.callback(os.close, folder)
                        fcntl.flock(folder, fcntl.LOCK_EX)
            yield

    def _remove_if_empty(self) -> None:
        with suppress(OSError):
            self._folder.rmdir()

    def update(
        self,
        documents: Iterable[DocumentListing],
        own: Mapping[str, bytes],
        progress: Progress = silent,
        *,
        is_trial: bool = False,
    ) -> CopyResult:
        """Copy what has changed, in the order of roles, then the files `own`; delete what is gone.

        So no copied document leads to one that is not there. A trial writes nothing. Raises
        `DatelineError` if the folder holds anything else, and `StoreError` if it cannot be
        written.
        """
        listings = sorted(documents, key=lambda one: (one.role, one.path))
        wanted = {*(one.path for one in listings), *own}
        with as_store_error(self._folder):
            known = self._recorded()
            self._verify(wanted - known)
            stale = [one for one in listings if not _is_same(self._folder / one.path, one)]
            if is_trial:
                return self._outlook(stale, own, wanted, known)
            self._record(known | wanted, known)
            damaged = [*self._copy_all(stale, progress)]
            written = [path for path, data in own.items() if self._write(path, data)]
            deleted = [path for path in sorted(known - wanted) if self._delete(path)]
            if stale or deleted:
                sync_file_system(self._folder)
            self._record(wanted, known | wanted)
        copied = [one.path for one in stale if one.path not in damaged] + written
        return CopyResult(
            copied=tuple(copied),
            deleted=tuple(deleted),
            unchanged=len(wanted) - len(copied) - len(damaged),
            damaged=tuple(damaged),
        )

    def _outlook(
        self,
        stale: Iterable[DocumentListing],
        own: Mapping[str, bytes],
        wanted: set[str],
        known: set[str],
    ) -> CopyResult:
        """Return what a copy would do."""
        copied = [one.path for one in stale]
        copied += [path for path, data in own.items() if not self._has(path, data)]
        gone = [one for one in sorted(known - wanted) if os.path.lexists(self._folder / one)]
        return CopyResult(
            copied=tuple(copied),
            deleted=tuple(gone),
            unchanged=len(wanted) - len(copied),
            damaged=(),
        )

    def _recorded(self) -> set[str]:
        """Return the files that this copy consists of. Raises `DatelineError` for other folders."""
        try:
            record = json.loads(_read_file(self._folder / RECORD) or b"")
            files = record["files"]
            is_sound = isinstance(files, list) and all(map(is_inside, files))
        except (FileNotFoundError, NotADirectoryError):
            self._verify_is_empty()
            return set()
        except (ValueError, TypeError, KeyError, RecursionError):
            is_sound = False
        if not is_sound:
            raise DatelineError(
                f"{self._folder / RECORD} is damaged, so deploy cannot know which files are its "
                f"own: {self._instead()}"
            )
        return set(files)

    def _verify_is_empty(self) -> None:
        if not os.path.lexists(self._folder):
            return
        if not self._folder.is_dir():
            raise DatelineError(f"{self._folder} is no folder: {self._instead()}")
        other = next((one.name for one in self._folder.iterdir() if one.name not in _OTHERS), "")
        if other:
            raise DatelineError(
                f"{self._folder} holds files that deploy did not write ({other}): {self._instead()}"
            )

    def _verify(self, added: Iterable[str]) -> None:
        """Raise `DatelineError` if something that deploy did not write is in the way."""
        for path in sorted(added):
            self._make_safe((self._folder / path).parent)
            if os.path.lexists(self._folder / path):
                raise self._in_the_way(self._folder / path)

    def _in_the_way(self, path: Path) -> DatelineError:
        return DatelineError(
            f"{path} was not written by deploy: move it away, or {self._instead()}"
        )

    def _instead(self) -> str:
        other = shlex.quote(f"{self._folder}-2")
        return f"name an empty folder, as in: {program.name()} deploy {other}"

    def _make_safe(self, folder: Path) -> None:
        """Make sure that a folder below the copy's is one, and leads nowhere else."""
        if folder == self._folder or folder in self._safe:
            return
        self._make_safe(folder.parent)
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise self._in_the_way(folder)
        self._safe.add(folder)

    def _record(self, files: set[str], before: set[str]) -> None:
        if files == before and (self._folder / RECORD).exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"written by": "dateline deploy", "files": sorted(files)}, indent=0)
        record = f"{data}\n".encode()
        replace_file(self._folder / RECORD, record, is_synced=True, has_one_writer=True)

    def _copy_all(self, listings: list[DocumentListing], progress: Progress) -> Iterator[str]:
        """Copy documents, and yield the paths of those that are damaged.

        They are written aside, synced to disk, and renamed in the order of roles: a file that has
        the size and the moment of a document has its bytes, too.
        """
        aside = self._folder / _ASIDE
        try:
            for start in range(0, len(listings), _AT_ONCE):
                self._clear(aside)
                some = listings[start : start + _AT_ONCE]
                made = [self._stage(one, aside / f"{at}") for at, one in enumerate(some)]
                sync_file_system(self._folder)
                for one, path in zip(some, made, strict=True):
                    if path is None:
                        yield one.path
                    else:
                        self._place(path, self._folder / one.path)
                progress(start + len(some), len(listings))
        finally:
            with suppress(OSError):
                shutil.rmtree(aside)

    def _clear(self, aside: Path) -> None:
        """Make an empty folder of ours, which a killed process may have left."""
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside)
        aside.mkdir()

    def _stage(self, listing: DocumentListing, path: Path) -> Path | None:
        """Write a document to `path`, with its moment of change; return None if it is damaged."""
        data = whole_bytes(self._source, listing)
        if data is None:
            return None
        path.write_bytes(data)
        os.utime(path, (listing.changed, listing.changed))
        return path

    def _place(self, made: Path, target: Path) -> None:
        self._make_safe(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)

    def _write(self, path: str, data: bytes) -> bool:
        """Write a file that no document is, unless it has these bytes; return whether it was."""
        if self._has(path, data):
            return False
        self._replace(self._folder / path, data)
        return True

    def _has(self, path: str, data: bytes) -> bool:
        try:
            return _read_file(self._folder / path) == data
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _replace(self, target: Path, data: bytes) -> None:
        self._make_safe(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, data, is_synced=True, has_one_writer=True)

    def _delete(self, path: str) -> bool:
        """Delete a file of the copy, and the folders that are then empty."""
        target = self._folder / path
        self._make_safe(target.parent)
        with suppress(FileNotFoundError, NotADirectoryError):
            temporary_name(target).unlink()  # a killed process may have left it
        if not os.path.lexists(target):
            return False
        target.unlink()
        for folder in target.parents:
            if folder == self._folder or any(folder.iterdir()):
                break
            folder.rmdir()
        return True


def whole_bytes(source: Path, listing: DocumentListing) -> bytes | None:
    """Return the bytes of a document, None where they are missing or not those published.

    Raises `OSError` where they cannot be read.
    """
    try:
        data = regular_bytes(source / listing.path)
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == listing.digest else None


def _is_same(target: Path, listing: DocumentListing) -> bool:
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    is_file = stat.S_ISREG(found.st_mode)
    return is_file and (int(found.st_mtime), found.st_size) == (listing.changed, listing.size)


def _read_file(path: Path) -> bytes | None:
    """Return the bytes of a file, None for a link or a pipe, which would lead away or wait."""
    kind = stat.S_IFMT(path.lstat().st_mode)
    return path.read_bytes() if kind in (stat.S_IFREG, stat.S_IFDIR) else None


def is_inside(path: object) -> bool:
    """Return whether a path of a record is that of a file below the folder."""
    parts = PurePath(path).parts if isinstance(path, str) else ()
    is_apart = ".." in parts or not _OTHERS.isdisjoint(parts[:1])
    return bool(parts) and not PurePath(*parts).anchor and not is_apart
