"""Which files under `entries/` are new, changed or gone, and hold still?

Only names, sizes and times are looked at; a file is read when these changed. Files are
never moved, locked or written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from dateline.errors import IntakeError
from dateline.model import Source
from dateline.naming import (
    folder_of,
    is_entry,
    is_plain,
    is_skipped,
    name_key,
    shown_path,
    stray_code,
)

MAX_SIZE = 1_000_000
FOLDER = "folder"  # in place of a problem's code
_STILL = timedelta(seconds=0.3)
_STILL_ON_SHARE = timedelta(seconds=5)  # whose times may be another clock's, and late
_SHARES = frozenset({"9p", "afs", "cifs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"})
_TO_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # Windows alone has texts that are no bytes


class Stamp(NamedTuple):
    """How a file looked: its last change in nanoseconds since 1970, and its size in bytes."""

    changed: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the entries folder; all paths are relative to it.

    `files` has every file that may matter, `entries` those that are to be judged: entries,
    and what staff may take for one. `strays` has the code of the problem of each that is not
    read at all, `skipped` what is left alone without a word.
    """

    files: Mapping[str, Stamp]
    entries: tuple[str, ...] = ()
    strays: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """Give the folders that cannot be read: what was in them is not gone."""
        return tuple(path for path, code in self.strays.items() if code == "folder-unreadable")

    def is_out_of_sight(self, path: str) -> bool:
        """Say whether `path` is in a folder that cannot be read."""
        return bool(self.closed) and path.startswith(tuple(f"{folder}/" for folder in self.closed))

    def stamps(self, paths: Mapping[str, Stamp | None]) -> dict[str, Stamp | None]:
        """Say how the files of `paths` look now; None for one that is not there."""
        return {path: self.files.get(path) for path in paths}

    def find(self, path: str) -> str | None:
        """Give the file that `path` names.

        Names that differ in case, in composition, or in the kind of their spaces are one:
        macOS puts spaces that do not break into the names of its screenshots.
        """
        return path if path in self.files else self._alike.get(_loose(path))

    def beside(self, path: str) -> list[str]:
        """Give the names of the files in the folder of `path` that are no entries."""
        return self._by_folder.get(folder_of(path), [])

    @cached_property
    def _alike(self) -> dict[str, str]:
        return {_loose(path): path for path in sorted(self.files, reverse=True)}

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = {}
        for path in sorted(self.files):
            if not is_entry(path):
                cut = path.rfind("/") + 1
                folders.setdefault(path[:cut], []).append(path[cut:])
        return folders


def look(folder: Path) -> Look:
    """Look at every file below `folder`; a symbolic link that leads outside is told, not read.

    A folder below it that cannot be read is told. Raises `IntakeError` where `folder` itself
    cannot: its entries are not gone.
    """
    files: dict[str, Stamp] = {}
    strays: dict[str, str] = {}
    skipped: list[str] = []
    try:
        for path, stamp, code in _walk(folder):
            if stamp is None:
                skipped.append(path)
                continue
            files[path] = stamp
            if code:
                strays[path] = code
    except OSError as error:
        raise IntakeError(
            f"{error.filename}: {error.strerror}. Nothing was published. Make the folder, or let "
            "the publisher read it."
        ) from error
    return Look(
        files=files,
        entries=in_order((path for path in files if path in strays or is_entry(path)), strays),
        strays=strays,
        skipped=tuple(sorted(skipped)),
    )


def in_order(paths: Iterable[str], strays: dict[str, str]) -> tuple[str, ...]:
    """Sort entries by what their names look like; two that look alike are `strays`."""
    entries = sorted((name_key(path), path) for path in paths)
    for (key, path), (other_key, other) in pairwise(entries):
        if key == other_key:  # one file where names have no case, two here: which is meant?
            strays |= {path: "name-twice", other: "name-twice"}
    return tuple(path for _, path in entries)


def read(folder: Path, path: str, stamp: Stamp, *, clock: int) -> Source:
    """Read one entry file whole; its age is counted at `clock`, nanoseconds since 1970.

    A file above `MAX_SIZE` bytes is read only that far and one byte more.
    """
    file = os.open(f"{folder}/{path}", _TO_READ)  # a third faster than a file object
    try:
        data = os.read(file, min(stamp.size, MAX_SIZE) + 1)
        if len(data) > stamp.size:  # it grew since that look
            data += os.read(file, MAX_SIZE + 1 - len(data))
    finally:
        os.close(file)
    return Source(path=path, data=data, age=(clock - stamp.changed) / 1e9)


def _loose(path: str) -> str:
    return " ".join(name_key(path).split())


def _walk(folder: Path) -> Iterator[tuple[str, Stamp | None, str]]:
    """Give path, stamp and code of each file; without a stamp it is skipped."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        try:
            found = list(within(folder, prefix))
        except OSError as error:
            if not prefix:
                raise
            if not isinstance(error, FileNotFoundError):
                yield prefix.rstrip("/"), Stamp(0, 0), "folder-unreadable"
            continue
        prefixes += (path for path, _, code in found if code == FOLDER)
        yield from (one for one in found if one[2] != FOLDER)


def within(folder: Path, prefix: str) -> Iterator[tuple[str, Stamp | None, str]]:
    """Give path, stamp and code of each file in the one folder whose files' paths begin so.

    What is skipped has no stamp; a folder in it has neither, and the code `FOLDER`. Raises
    `OSError` where the folder cannot be read.
    """
    for item in os.scandir(f"{folder}/{prefix}"):
        path = prefix + item.name
        if is_skipped(item.name):
            yield shown_path(path), None, ""
        elif item.is_dir(follow_symlinks=False) and is_plain(item.name):
            yield f"{path}/", None, FOLDER
        elif seen := _seen(folder, path, item):
            yield seen


def _seen(folder: Path, path: str, item: os.DirEntry[str]) -> tuple[str, Stamp, str] | None:
    """Give path, stamp and code of what is no folder; None for what does not matter, or went."""
    try:
        return as_found(folder, path, item.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def as_found(folder: Path, path: str, seen: os.stat_result) -> tuple[str, Stamp, str] | None:
    """Give path, stamp and code of a file that looks as `seen`; None for what does not matter."""
    name = path[path.rfind("/") + 1 :]
    stamp = Stamp(_changed(seen), seen.st_size)
    if not is_plain(name):
        return shown_path(path), stamp, "name-not-plain"
    if stat.S_ISREG(seen.st_mode):
        return path, stamp, "" if is_entry(path) else stray_code(name)
    if stat.S_ISLNK(seen.st_mode):
        return _linked(folder, path, stamp)
    # A pipe or a device: opening it might never end.
    return (path, stamp, "file-unreadable") if is_entry(path) else None


def _changed(seen: os.stat_result) -> int:
    """Say when a file last changed: a copy keeps the time of its content, which may be ahead."""
    return seen.st_mtime_ns if os.name == "nt" else seen.st_ctime_ns


def _linked(folder: Path, path: str, stamp: Stamp) -> tuple[str, Stamp, str]:
    """Follow a link to a file inside the folder; tell every other."""
    target = os.path.realpath(folder / path)
    inside = target.startswith(os.path.realpath(folder) + os.sep)
    if not inside or not os.path.isfile(target):  # noqa: PTH113
        return path, stamp, "link-outside"
    seen = os.stat(target)  # noqa: PTH116
    changed = max(_changed(seen), stamp.changed)
    return path, Stamp(changed, seen.st_size), "" if is_entry(path) else stray_code(path)


def holds_still_after(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> timedelta:
    """Say for how long a file must have been left alone before it is read."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return _STILL
    kinds = {Path(at.replace("\\040", " ")): kind for _, at, kind, *_ in map(str.split, lines)}
    around = max((at for at in kinds if folder.is_relative_to(at)), key=lambda at: len(at.parts))
    return _STILL_ON_SHARE if kinds[around] in _SHARES else _STILL


def owner(folder: Path, path: str) -> str:
    """Give the name of who owns a file, or an empty text where the system does not say."""
    try:
        return (folder / path).owner()
    except (KeyError, NotImplementedError, OSError):
        return ""
