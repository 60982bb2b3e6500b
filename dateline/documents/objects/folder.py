"""A folder as an object store, also one that several machines share.

A new object is a hard link, which fails where the name is taken. An object is replaced, or
deleted, under a lock, and by a rename.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None  # type: ignore[assignment]

from dateline.documents import as_store_error
from dateline.documents.objects import NO_FIELDS, OWN, ObjectVersion, StoredObject
from dateline.errors import StoreAwayError, StoreError
from dateline.system.writing import create_file, remove_left, replace_file

_LOCK = f"{OWN}lock"
_BEGINNING = "objects"  # the folder that says that an empty one is meant


class FolderStore:
    """The objects in `folder`, each in a file that its key is the path of. It holds no fields."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """The path of the folder."""
        return str(self._folder)

    def require_place(self) -> None:
        """Raise `StoreAwayError` if the folder is gone or blank, as where a share was mounted.

        One that was emptied through this class still has the file of the lock.
        """
        with as_store_error(self._folder), suppress(FileNotFoundError, NotADirectoryError):
            if any(self._folder.iterdir()):
                return
        raise StoreAwayError(
            f"{self._folder} is empty or gone. Mount the share that it is on; if its files were "
            f"deleted on purpose, type mkdir -p {shlex.quote(str(self._folder / _BEGINNING))}, and "
            "the next run fills it."
        )

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return the bytes and the version of an object."""
        with as_store_error(self._folder):
            try:
                with self._path(key).open("rb") as file:
                    return file.read(), _version(os.fstat(file.fileno()))
            except (FileNotFoundError, NotADirectoryError):
                return None

    def create(
        self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Write a new object, and sync it."""
        del fields
        path = self._path(key)
        with as_store_error(self._folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                # Listed for each file, a folder of many objects would take longer than the file.
                create_file(path, data, within=self._folder)
            except FileExistsError:
                return None
            return _version(path.stat())

    def replace(
        self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Replace an object, and sync it."""
        del fields
        path = self._path(key)
        with as_store_error(self._folder), self._locked():
            try:
                found = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
            if _version(found) != seen:
                return None
            replace_file(path, data, is_synced=True)
            return _version(path.stat())

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, and the folders that are then empty."""
        if not keys or not self._folder.is_dir():
            return
        with as_store_error(self._folder), self._locked():
            for key in keys:
                path = self._path(key)
                with suppress(FileNotFoundError, NotADirectoryError):
                    path.unlink()
                self._prune(path.parent)

    def delete_unfinished(self) -> None:
        """Delete the temporary files of writers that were killed."""
        with as_store_error(self._folder):
            remove_left(self._folder)

    def _prune(self, folder: Path) -> None:
        while folder != self._folder:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:  # it holds other files
                return
            folder = folder.parent

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield all objects whose keys begin with a prefix, in the order of their keys."""
        with as_store_error(self._folder):
            for key in self._keys(prefix[: prefix.rfind("/") + 1]):
                if not key.startswith(prefix) or _is_temporary(key.rpartition("/")[2]):
                    continue
                with suppress(FileNotFoundError):  # it has just been deleted
                    found = (self._folder / key).lstat()
                    if stat.S_ISREG(found.st_mode):
                        yield StoredObject(
                            key=key,
                            size=found.st_size,
                            version=_version(found),
                            changed=found.st_mtime,
                        )

    def _keys(self, folder: str) -> Iterator[str]:
        """Yield the keys of all files below a folder; the names in one folder are in memory."""
        try:
            with os.scandir(self._folder / folder) as items:
                names = [
                    f"{one.name}/" if one.is_dir(follow_symlinks=False) else one.name
                    for one in items
                ]
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in sorted(names):
            if name.endswith("/"):
                yield from self._keys(f"{folder}{name}")
            else:
                yield f"{folder}{name}"

    def _path(self, key: str) -> Path:
        """Return the path of an object. Raises `StoreError` for a key that leads out."""
        parts = PurePosixPath(key).parts
        if not parts or ".." in parts or PurePosixPath(key).is_absolute():
            raise StoreError(f"{key!r} is no key of an object.")
        return self._folder.joinpath(*parts)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep others from replacing and deleting, on this machine and on those that share it."""
        if fcntl is None:
            raise StoreError(f"{self._folder}: this system cannot lock files.")
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _version(found: os.stat_result) -> ObjectVersion:
    """Return the version of a file: a file that replaces another is a new one, with a new time."""
    return ObjectVersion(etag=f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}")


def _is_temporary(name: str) -> bool:
    return name == _LOCK or (name.startswith(".") and name.endswith(".new"))
