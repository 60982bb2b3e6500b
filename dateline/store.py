"""Are the documents safely on disk, whole, and in an order that nothing points ahead?

Temporary files, one sync, then renames. A document's modification time is the moment of its
change, so any server derives the same validators from the file.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dateline.errors import StoreError
from dateline.model import Document

_NEW = ".new"


@dataclass(frozen=True, slots=True)
class Placed:
    """A document, and the moment of its change in seconds since 1970."""

    document: Document
    changed: int


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
        try:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            written = [(_write(new / str(n), item), item) for n, item in enumerate(placed)]
            sync(self._folder)
            for temporary, item in sorted(written, key=lambda pair: pair[1].document.role):
                target = self._folder / item.document.path
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary.replace(target)
            new.rmdir()
        except OSError as error:
            raise StoreError(f"{self._folder}: {error.strerror or error}") from error

    def remove(self, paths: Sequence[str]) -> None:
        """Remove documents that nothing promises any more."""
        for path in paths:
            (self._folder / path).unlink(missing_ok=True)


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


def _write(path: Path, item: Placed) -> Path:
    path.write_bytes(item.document.data)
    os.utime(path, (item.changed, item.changed))
    return path
