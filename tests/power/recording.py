"""Records the calls of a command that change files, by strace, from all of its processes.

Each call becomes an `Operation` on inodes, as a disk sees it: a name that is created and renamed
meanwhile is one file. A recording is complete if replaying all of it gives the folder as the
command left it (`tests/power/test_recording.py`).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from power.disk import ROOT_FOLDER, Disk, Kind, Operation, after

CALLS = (
    "open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,rename,renameat,"
    "renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,"
    "sync,syncfs,sync_file_range,copy_file_range,sendfile,fallocate,utimensat,lseek"
)
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (\S+)(.*)")
_BEGUN = re.compile(r"(\d+) +(.*?) <unfinished \.\.\.>$")
_ENDED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE = re.compile(r"(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?")
_TIME = re.compile(r"tv_sec=(-?\d+), tv_nsec=(\d+)")


@dataclass(frozen=True, slots=True)
class Recording:
    """The operations of commands on the files of a folder, and the disk as it was before.

    `ends` has the number of operations until each command had ended.
    """

    before: Disk
    operations: Sequence[Operation]
    ends: Sequence[int] = ()

    @classmethod
    def of(cls, log: Path, folder: Path, before: Disk) -> Recording:
        """Read what strace wrote of commands in `folder`, on the disk as it was before."""
        reader, ends = _Reader(os.fsencode(folder), before.copy()), []
        for part in sorted(log.iterdir(), key=lambda one: int(one.name)):
            with part.open(encoding="ascii") as lines:
                for name, words, result in _calls(lines):
                    reader.follow(name, words, result)
            ends.append(len(reader.operations))
        return cls(before, reader.operations, ends)


def record(
    folder: Path,
    commands: Sequence[Sequence[str]],
    *,
    log: Path,
    pause: Callable[[], object] = lambda: None,
    **variables: str,
) -> Recording:
    """Run commands that change files in a folder, which end with 0 or 1, and record them.

    `log` is a new folder, with a file for each command.
    """
    before = Disk.of(folder)
    words = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000"]
    log.mkdir()
    for number, command in enumerate(commands):
        pause()
        done = subprocess.run(
            [*words, "-o", str(log / str(number)), "-e", f"trace={CALLS}", *command],
            cwd=folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
    found = Recording.of(log, folder, before)
    _check_complete(found, folder)
    return found


def _check_complete(recording: Recording, folder: Path) -> None:
    """Check that all operations together make the folder what it is."""
    disk = after(recording.before, recording.operations, len(recording.operations), {})
    found, wanted = disk.contents(), Disk.of(folder).contents()
    other = {path for path in {*found, *wanted} if found.get(path) != wanted.get(path)}
    # SQLite's index of the log is mapped into memory, and made again by the first who opens it.
    lost = sorted(path for path in other if not path.endswith("-shm"))
    assert lost == [], f"not recorded: {lost}"


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, arguments and result of each call that succeeded, in the order of their ends."""
    begun: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if found := _BEGUN.match(text):
            begun[found[1]] = found[2]
            continue
        if found := _ENDED.match(text):
            text = f"{found[1]} {begun.pop(found[1])}{found[2]}"
        call = _CALL.match(text)
        if call and call[4] != "-1" and call[4] != "?":
            yield call[2], call[3], f"{call[4]}{call[5]}"


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(slots=True)
class _Reader:
    """Turns calls into operations, and follows them on a disk of its own."""

    folder: bytes
    disk: Disk
    operations: list[Operation] = field(default_factory=list)
    places: dict[tuple[str, int], int] = field(default_factory=dict)  # by descriptor and inode
    KINDS: ClassVar[Mapping[str, str]] = {
        "creat": "openat",
        "open": "openat",
        "pwrite64": "pwrite",
        "pwritev": "pwrite",
        "writev": "write",
        "renameat": "rename",
        "renameat2": "rename",
        "linkat": "link",
        "symlinkat": "symlink",
        "unlinkat": "unlink",
        "rmdir": "unlink",
        "mkdirat": "mkdir",
        "fdatasync": "fsync",
        "syncfs": "sync",
        "truncate": "ftruncate",
        "copy_file_range": "copy",
        "sendfile": "copy",
    }

    def follow(self, name: str, words: str, result: str) -> None:
        """Add the operation of a call, if it is on a file of the folder."""
        getattr(self, f"_{self.KINDS.get(name, name)}")(words, result)

    def _add(self, kind: Kind, path: str, **values: object) -> None:
        made = Operation(kind=kind, path=path, **values)  # type: ignore[arg-type]  # as given
        self.operations.append(made)
        self.disk.apply(made)

    # ---- What a call names

    def _path(self, text: bytes, at: bytes = b"") -> str | None:
        """Return a path below the folder, or None for one that is elsewhere."""
        whole = os.path.normpath(os.path.join(at or self.folder, text))  # noqa: PTH118 - bytes
        if whole == self.folder:
            return ""
        if not whole.startswith(self.folder + b"/"):
            return None
        return os.fsdecode(whole[len(self.folder) + 1 :])

    def _named(self, words: str) -> list[str | None]:
        """Return the paths in arguments, each of which a folder's descriptor may precede."""
        found, at = [], b""
        for one in re.finditer(f"{_FILE.pattern}|{_TEXT.pattern}", words):
            if one[4] is None:
                at = _decoded(one[2])
            else:
                found.append(self._path(_decoded(one[4]), at))
                at = b""
        return found

    def _opened(self, words: str) -> tuple[str, str, int] | None:
        """Return descriptor, path and inode of the open file that is the first argument."""
        found = _FILE.match(words)
        if found is None or found[3]:
            return None
        path = self._path(_decoded(found[2]))
        inode = None if path is None else self.disk.find(path)
        return None if path is None or inode is None else (found[1], path, inode)

    # ---- Names

    def _openat(self, words: str, result: str) -> None:
        (path, *_) = self._named(words) or [None]
        opened = _FILE.match(result)
        if path is None or opened is None or opened[3]:
            return
        path = self._path(_decoded(opened[2]))  # where links lead
        if path is None:
            return
        inode = self.disk.find(path)
        if inode is None and "O_TMPFILE" not in words:
            inode = self.disk.new_inode()
            self._add(Kind.CREATE, path, inode=inode, parent=self._parent(path))
        elif inode is not None and "O_TRUNC" in words and self.disk.size(inode):
            self._add(Kind.TRUNCATE, path, inode=inode, size=0)
        if inode is not None:
            self.places[opened[1], inode] = -1 if "O_APPEND" in words else 0

    def _parent(self, path: str) -> int:
        found = self.disk.find(path.rpartition("/")[0])
        assert found is not None, path
        return found

    def _mkdir(self, words: str, _: str) -> None:
        (path,) = self._named(words)
        if path is not None:
            inode = self.disk.new_inode()
            self._add(Kind.FOLDER, path, inode=inode, parent=self._parent(path))

    def _symlink(self, words: str, _: str) -> None:
        raise NotImplementedError(words)

    def _link(self, words: str, _: str) -> None:
        one, two = self._named(words)
        if one is not None and two is not None:
            inode = self.disk.find(one)
            self._add(Kind.LINK, two, inode=inode, parent=self._parent(two))

    def _rename(self, words: str, _: str) -> None:
        one, two = self._named(words)
        if one is None or two is None or self.disk.find(one) == self.disk.find(two):
            return  # names of one file stay as they are (rename(2))
        is_swap = "RENAME_EXCHANGE" in words
        self._add(
            Kind.EXCHANGE if is_swap else Kind.RENAME,
            two,
            inode=self.disk.find(one),
            parent=self._parent(two),
            source=(self._parent(one), one.rpartition("/")[2]),
            other=self.disk.find(two) if is_swap else None,
        )

    def _unlink(self, words: str, _: str) -> None:
        (path,) = self._named(words)
        if path is not None:
            self._add(Kind.REMOVE, path, parent=self._parent(path))

    # ---- Contents

    def _write(self, words: str, result: str) -> None:
        if opened := self._opened(words):
            number, path, inode = opened
            data = b"".join(map(_decoded, _TEXT.findall(words[_end(words) :])))[: _count(result)]
            place = self.places.get((number, inode), 0)
            at = self.disk.size(inode) if place < 0 else place
            self._add(Kind.WRITE, path, inode=inode, start=at, data=data)
            self.places[number, inode] = -1 if place < 0 else at + len(data)

    def _pwrite(self, words: str, result: str) -> None:
        if opened := self._opened(words):
            _, path, inode = opened
            data = b"".join(map(_decoded, _TEXT.findall(words[_end(words) :])))[: _count(result)]
            start = int(words.rpartition(", ")[2])
            self._add(Kind.WRITE, path, inode=inode, start=start, data=data)

    def _copy(self, words: str, result: str) -> None:
        raise_unless_elsewhere(self._named_files(words), words, result)

    def _named_files(self, words: str) -> list[str | None]:
        return [self._path(_decoded(one[1])) for one in _FILE.findall(words)]

    def _fallocate(self, words: str, _: str) -> None:
        if any(path is not None for path in self._named_files(words)):
            raise NotImplementedError(words[:300])  # it returns 0 where it changed the file

    def _lseek(self, words: str, result: str) -> None:
        if opened := self._opened(words):
            number, _, inode = opened
            if self.places.get((number, inode), 0) >= 0:
                self.places[number, inode] = _count(result)

    def _ftruncate(self, words: str, _: str) -> None:
        opened = self._opened(words)
        path = opened[1] if opened else (self._named(words) or [None])[0]
        inode = None if path is None else self.disk.find(path)
        if path is not None and inode is not None:
            size = int(words.rpartition(", ")[2])
            self._add(Kind.TRUNCATE, path, inode=inode, size=size)

    def _utimensat(self, words: str, _: str) -> None:
        opened = self._opened(words) if "NULL, [" in words else None
        path = opened[1] if opened else (self._named(words) or [None])[0]
        inode = None if path is None else self.disk.find(path)
        times = _TIME.findall(words)
        if path is not None and inode is not None and len(times) == 2:
            self._add(
                Kind.TIME, path, inode=inode, time=int(times[1][0]) * 10**9 + int(times[1][1])
            )

    # ---- Syncs

    def _fsync(self, words: str, _: str) -> None:
        if opened := self._opened(words):
            self._add(Kind.SYNC, opened[1], inode=opened[2])

    def _sync(self, words: str, _: str) -> None:
        opened = self._opened(words)
        if opened or not words:
            self._add(Kind.SYNC_ALL, opened[1] if opened else "", inode=ROOT_FOLDER)

    def _sync_file_range(self, words: str, result: str) -> None:
        """Do nothing: it promises no more than that the data is written soon."""


def raise_unless_elsewhere(paths: Sequence[str | None], words: str, result: str) -> None:
    """Raise if a call that is not followed changed a file of the folder."""
    if any(path is not None for path in paths) and result.split(maxsplit=1)[0] != "0":
        raise NotImplementedError(words[:300])


def _end(words: str) -> int:
    found = _FILE.match(words)
    return found.end() if found else 0


def _count(result: str) -> int:
    return int(result.split(maxsplit=1)[0])
