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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from dateline.codings import ENDINGS, is_coded
from dateline.errors import StoreError
from dateline.model import Document, Role

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

    def former_files(self) -> Iterator[str]:
        """Give the names of the coded forms that such a document may have, and has not."""
        if is_coded(self.document):
            for coding in ENDINGS.keys() - self.forms.keys():
                yield f"{self.document.path}{ENDINGS[coding]}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The files of a document, written and not yet in place.

    `files` have temporary names and their own, the plain one first; `gone` are the names of
    forms that the document had, and has no more.
    """

    role: Role
    files: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]


class Store:
    """The documents in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new = folder / _NEW
        self._number = count()

    def begin(self) -> None:
        """Clear away what a run that was killed had written, and not put in place.

        Raises `StoreError`.
        """
        with self._told():
            if self._new.exists():
                shutil.rmtree(self._new)

    def write(self, placed: Placed) -> Sheet:
        """Bring a document to disk where nobody sees it; raises `StoreError`."""
        with self._told():
            self._new.mkdir(parents=True, exist_ok=True)
            return Sheet(
                role=placed.document.role,
                files=tuple(
                    (self._write(data, placed.changed), name) for name, data in placed.files()
                ),
                gone=tuple(placed.former_files()),
            )

    def show(self, sheets: Sequence[Sheet]) -> None:
        """Put documents in place, in order of their roles, once all of them are safely on disk.

        Raises `StoreError`; what was there stays.
        """
        if not sheets:
            return
        with self._told():
            sync(self._folder)
            for sheet in sorted(sheets, key=lambda one: one.role):
                plain, *forms = sheet.files
                self._move(*plain)
                for name in sheet.gone:
                    (self._folder / name).unlink(missing_ok=True)
                for form in forms:
                    self._move(*form)
            with suppress(OSError):  # more was written, and is shown later
                self._new.rmdir()

    def _move(self, temporary: str, name: str) -> None:
        made, target = self._new / temporary, self._folder / name
        try:
            made.replace(target)
        except FileNotFoundError:  # the first of its month, or archive
            target.parent.mkdir(parents=True, exist_ok=True)
            made.replace(target)

    def _write(self, data: bytes, changed: int) -> str:
        # Several processes write at a time (`dateline.crew`).
        path = self._new / f"{os.getpid()}-{next(self._number)}"
        path.write_bytes(data)
        os.utime(path, (changed, changed))
        return path.name

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
