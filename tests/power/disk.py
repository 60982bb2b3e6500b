"""A disk: inodes, folders, and operations that it may have lost when the power goes.

The model is that of POSIX, which promises less than any file system keeps (Pillai et al., "All
File Systems Are Not Created Equal", OSDI 2014). Until its file is synced, a write may be lost,
torn, or leave zeros where it made the file longer. Until its folder is synced, a name may be
missing, or still there; fsync(2) of a file does not keep its name. Operations that are not synced
reach the disk in any order. A rename is in one step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

ROOT_FOLDER = 0  # the inode of the folder that is recorded
SECTOR = 512  # bytes, which a disk writes in one step
_FOREVER = 1 << 60


class Kind(StrEnum):
    """What an operation does."""

    CREATE = "create"
    FOLDER = "mkdir"
    LINK = "link"
    RENAME = "rename to"
    EXCHANGE = "exchange with"
    REMOVE = "remove"
    WRITE = "write"
    TRUNCATE = "truncate"
    TIME = "set time of"
    SYNC = "sync"
    SYNC_ALL = "sync all of"


CONTENT = {Kind.WRITE, Kind.TRUNCATE, Kind.TIME}
SYNCS = {Kind.SYNC, Kind.SYNC_ALL}


class Loss(StrEnum):
    """What becomes of an operation that was not synced."""

    WHOLE = "lost"
    SECOND_HALF = "second half lost"
    FIRST_HALF = "first half lost"
    ZEROS = "zeros"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A change of an inode or of a folder, or a sync.

    `path` is the name at that moment, for people. `parent` is the folder of a name, `source` the
    folder and the name that a rename takes away, `other` the inode that an exchange puts there.
    """

    kind: Kind
    path: str
    inode: int = -1
    parent: int = -1
    source: tuple[int, str] = (-1, "")
    other: int | None = None
    start: int = 0
    data: bytes = b""
    size: int = 0
    time: int = 0

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        """Return the operation in words."""
        what = f"{self.kind} {self.path or '.'}"
        return f"{what} ({len(self.data)} bytes at {self.start})" if self.data else what

    def is_kept_by(self, sync: Operation) -> bool:
        """Return whether a later sync brings this operation to disk."""
        if sync.kind is Kind.SYNC_ALL:
            return True
        if self.kind in CONTENT:
            return sync.inode == self.inode
        return sync.inode in {self.parent, self.source[0]}


@dataclass(slots=True)
class Disk:
    """Files by inode with their times, and folders by inode with the names in them."""

    files: dict[int, bytes | bytearray] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT_FOLDER: {}})
    last: int = 0

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """Read a folder."""
        disk = cls()
        found = {folder: ROOT_FOLDER}
        for place, folders, files in os.walk(folder):
            for name in (*folders, *files):
                path, inode = Path(place, name), disk.new_inode()
                disk.folders[found[Path(place)]][name] = inode
                if name in folders:
                    found[path] = inode
                    disk.folders[inode] = {}
                else:
                    disk.times[inode] = path.stat().st_mtime_ns
                    disk.files[inode] = path.read_bytes()
        return disk

    def copy(self) -> Disk:
        """Return a disk that can change; the contents of files are shared until they do."""
        folders = {inode: {**names} for inode, names in self.folders.items()}
        return Disk({**self.files}, {**self.times}, folders, self.last)

    def new_inode(self) -> int:
        """Return a number that no file has."""
        self.last += 1
        return self.last

    def find(self, path: str) -> int | None:
        """Return the inode at a path, or None if there is none."""
        inode: int | None = ROOT_FOLDER
        for part in path.split("/") if path else ():
            inode = None if inode is None else self.folders.get(inode, {}).get(part)
        return inode

    def size(self, inode: int) -> int:
        """Return the size of a file."""
        return len(self.files.get(inode, b""))

    def apply(self, operation: Operation, loss: Loss | None = None) -> None:
        """Do an operation, or what is left of it."""
        if operation.kind in CONTENT:
            self._change(operation, loss)
        elif operation.kind not in SYNCS and loss is None:
            self._rename(operation)

    def _change(self, one: Operation, loss: Loss | None) -> None:
        if loss is Loss.WHOLE:
            return
        if one.kind is Kind.TIME:
            self.times[one.inode] = one.time
            return
        data = self.files.get(one.inode, b"")
        if not isinstance(data, bytearray):
            self.files[one.inode] = data = bytearray(data)
        end = one.size if one.kind is Kind.TRUNCATE else one.start + len(one.data)
        data.extend(bytes(max(0, end - len(data))))
        if one.kind is Kind.TRUNCATE:
            del data[end:]
            return
        for start, stop in _kept(len(one.data), loss):
            data[one.start + start : one.start + stop] = one.data[start:stop]

    def _rename(self, one: Operation) -> None:
        names = self.folders.setdefault(one.parent, {})
        if one.kind is Kind.REMOVE:
            names.pop(one.name, None)
            return
        if one.kind is Kind.FOLDER:
            self.folders.setdefault(one.inode, {})
        if one.kind in {Kind.RENAME, Kind.EXCHANGE}:
            there = self.folders.setdefault(one.source[0], {})
            if there.get(one.source[1]) == one.inode:
                del there[one.source[1]]
            if one.other is not None:
                there[one.source[1]] = one.other
        names[one.name] = one.inode
        self.last = max(self.last, one.inode)

    def paths(self) -> Iterator[tuple[str, int]]:
        """Yield path and inode of each file and folder that can be reached, folders first."""
        waiting = [("", ROOT_FOLDER)]
        while waiting:
            place, inode = waiting.pop()
            for name, inner in sorted(self.folders[inode].items()):
                path = f"{place}/{name}" if place else name
                yield path, inner
                if inner in self.folders:
                    waiting.append((path, inner))

    def write(self, folder: Path) -> None:
        """Write what can be reached into an empty folder."""
        for path, inode in self.paths():
            target = folder / path
            if inode in self.folders:
                target.mkdir()
                continue
            target.write_bytes(self.files.get(inode, b""))
            if inode in self.times:
                os.utime(target, ns=(self.times[inode], self.times[inode]))

    def contents(self) -> dict[str, bytes]:
        """Return the bytes of each file that can be reached."""
        found = ((path, inode) for path, inode in self.paths() if inode not in self.folders)
        return {path: bytes(self.files.get(inode, b"")) for path, inode in found}

    def fingerprint(self, ignored: Sequence[str] = ()) -> bytes:
        """Return a hash of all that can be reached, except below the `ignored` paths."""
        digest = sha256()
        for path, inode in sorted(self.paths()):
            if not path.startswith(tuple(ignored)):
                digest.update(f"{path}\0{self.times.get(inode)}\0".encode())
                digest.update(self.files.get(inode, b""))
        return digest.digest()


def _kept(length: int, loss: Loss | None) -> Iterator[tuple[int, int]]:
    """Yield the parts of a write that are on disk; it is torn between sectors."""
    half = length // 2 // SECTOR * SECTOR or length // 2
    if loss in {None, Loss.SECOND_HALF}:
        yield 0, half
    if loss in {None, Loss.FIRST_HALF}:
        yield half, length


def kept_from(operations: Sequence[Operation]) -> list[int]:
    """Return for each operation the number of operations after which no loss can reach it."""
    found = [_FOREVER] * len(operations)
    waiting: set[int] = set()
    for number, one in enumerate(operations):
        if one.kind in SYNCS:
            kept = {earlier for earlier in waiting if operations[earlier].is_kept_by(one)}
            found = [number + 1 if at in kept else until for at, until in enumerate(found)]
            waiting -= kept
        else:
            waiting.add(number)
    return found


def after(
    before: Disk, operations: Sequence[Operation], point: int, losses: Mapping[int, Loss]
) -> Disk:
    """Return the disk when the power went after `point` operations, with these losses."""
    disk = before.copy()
    for number, one in enumerate(operations[:point]):
        disk.apply(one, losses.get(number))
    return disk
