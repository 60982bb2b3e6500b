"""Are the documents safely on disk, whole, and in an order that nothing points ahead?

Temporary files, one sync, then renames. A document's modification time is the moment of its
change, so any server derives the same validators from the file.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dateline.codings import ENDINGS, is_coded
from dateline.errors import StoreError
from dateline.model import Document

_NEW = ".new"


@dataclass(frozen=True, slots=True)
class Placed:
    """A document with its coded forms, and the moment of its change in seconds since 1970."""

    document: Document
    changed: int
    forms: Mapping[str, bytes] = field(default_factory=dict)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give the names of the files that it is in, with their bytes; the plain one first."""
        yield self.document.path, self.document.data
        for coding, data in self.forms.items():
            yield f"{self.document.path}{ENDINGS[coding]}", data


class Store:
    """The documents in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, placed: Sequence[Placed]) -> None:
        """Bring documents to disk: all of them are written before the first can be seen.

        They appear in order of their roles. Raises `StoreError`; what was there stays.
        """
        if not placed:
            return
        new = self._folder / _NEW
        with self._told():
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            written = [
                (_write(new / f"{n}-{m}", data, item.changed), name, item)
                for n, item in enumerate(placed)
                for m, (name, data) in enumerate(item.files())
            ]
            sync(self._folder)
            for temporary, name, item in sorted(written, key=lambda one: one[2].document.role):
                target = self._folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary.replace(target)
                self._drop_forms(item, name)
            new.rmdir()

    def has(self, path: str, changed: int) -> bool:
        """Say whether a document that changed at this moment is in place."""
        try:
            return int((self._folder / path).stat().st_mtime) == changed
        except OSError:
            return False

    def remove(self, paths: Sequence[str]) -> None:
        """Remove documents that nothing promises any more, in every form, for good.

        Raises `StoreError`; what is left is still to be removed.
        """
        if not paths:
            return
        with self._told():
            for path in paths:
                for ending in ("", *ENDINGS.values()):
                    (self._folder / f"{path}{ending}").unlink(missing_ok=True)
            sync(self._folder)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let what the machine refuses be a `StoreError`."""
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self._folder}: {error.strerror or error}") from error

    def _drop_forms(self, item: Placed, name: str) -> None:
        """Remove coded forms that a document had, and has no more now that it is in place."""
        if name == item.document.path and is_coded(item.document):
            for coding in ENDINGS.keys() - item.forms.keys():
                (self._folder / f"{name}{ENDINGS[coding]}").unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Wait until everything written to this folder's file system is on disk (syncfs(2))."""
    if not sys.platform.startswith("linux"):
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes, changed: int) -> Path:
    path.write_bytes(data)
    os.utime(path, (changed, changed))
    return path
