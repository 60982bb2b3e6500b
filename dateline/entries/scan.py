"""The files under `entries/`, with their sizes and times.

Only names, sizes and times are read, and the beginnings of notes; a file is read when these
changed. Files are never moved, locked or written.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from dateline.entries.fields import REQUIRED
from dateline.entries.filenames import (
    folder_of,
    is_entry,
    is_perhaps_an_entry,
    is_plain,
    is_skipped,
    is_too_deep,
    name_key,
    shown_path,
    stray_code,
)
from dateline.errors import IntakeError
from dateline.model import Source
from dateline.system import heartbeat, safe_files
from dateline.text.expressions import regex

MAX_SIZE = 1_000_000
FOLDER = "folder"  # in place of a problem's code
CUT_AFTER = 600.0  # seconds after its last change: a file that ends early is not being copied
ARRIVING = timedelta(seconds=10)
"""Time after its last change for which an entry waits for missing files that it names."""
_BEGINNING = 65_536  # bytes, in which a file that is an entry names its fields
_FIELD = regex(r"\s*[\"']?(\w+)[\"']?\s*=")
_STILL = timedelta(seconds=0.3)
_STILL_ON_SHARE = timedelta(seconds=5)  # whose times may be another clock's, and late
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_SHARES = frozenset({"9p", "afs", "cifs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"})


class FileStamp(NamedTuple):
    """The last change of a file, in nanoseconds since 1970, and its size in bytes."""

    changed: int
    size: int


UNSEEN = FileStamp(0, 0)  # of what is there, and the system does not let anyone look at


class ChangedError(OSError):
    """A file has changed since the scan: it is being written, was replaced, or is gone."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The entries folder at one moment; all paths are relative to it.

    `files` has every file that may matter, `entries` those to read: entries, and files that staff
    may take for one. `strays` has the code of the problem of each file that is not read at all,
    `skipped` what is ignored without a message.
    """

    files: Mapping[str, FileStamp]
    entries: tuple[str, ...] = ()
    strays: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """Return the folders that cannot be read: the files in them are not gone."""
        return tuple(path for path, code in self.strays.items() if code == "folder-unreadable")

    def is_out_of_sight(self, path: str) -> bool:
        """Return whether `path` is in a folder that cannot be read, or is not for its name."""
        return path.startswith(self._out_of_sight)

    def is_beyond_link(self, path: str) -> bool:
        """Return whether `path` is in what is now a link to a place outside, or to nothing."""
        return path.startswith(self._links)

    def is_other(self, path: str, stamp: FileStamp | None) -> bool:
        """Return whether a file differs from `stamp`, which is None for one that was absent."""
        return self.find(path) is not None if stamp is None else self.files.get(path) != stamp

    def find(self, path: str) -> str | None:
        """Return the file that `path` names, or None.

        Names that differ in case, in composition, or in the kind of their spaces are one:
        macOS puts spaces that do not break into the names of its screenshots.
        """
        return path if path in self.files else self._alike.get(loose(path))

    def beside(self, path: str) -> list[str]:
        """Return the names of the files in the folder of `path` that are no entries."""
        return self._by_folder.get(folder_of(path), [])

    @cached_property
    def _out_of_sight(self) -> tuple[str, ...]:
        codes = {"folder-too-deep", "folder-unreadable"}
        return tuple(f"{path}/" for path, code in self.strays.items() if code in codes)

    @cached_property
    def _links(self) -> tuple[str, ...]:
        return tuple(f"{path}/" for path, code in self.strays.items() if code == "link-outside")

    @cached_property
    def paths(self) -> list[str]:
        """Return all files, sorted; where they are not scanned yet, that is done once."""
        return sorted(iter(self.files))  # a list of a mapping would count it first

    @cached_property
    def _alike(self) -> dict[str, str]:
        return {loose(path): path for path in reversed(self.paths)}

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = {}
        for path in self.paths:
            if not is_entry(path):
                cut = path.rfind("/") + 1
                folders.setdefault(path[:cut], []).append(path[cut:])
        return folders


def scan_all(folder: Path) -> Scan:
    """Scan every file below `folder`.

    Symbolic links that lead outside, and folders below it that cannot be read, are strays. Raises
    `IntakeError` where `folder` itself cannot be read: its entries are not gone.
    """
    files: dict[str, FileStamp] = {}
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
    return Scan(
        files=files,
        entries=in_order((path for path in files if path in strays or is_entry(path)), strays),
        strays=strays,
        skipped=tuple(sorted(skipped)),
    )


def in_order(paths: Iterable[str], strays: dict[str, str]) -> tuple[str, ...]:
    """Sort entries by the form of their names; two names of one form are `strays`."""
    entries = sorted((name_key(path), path) for path in paths)
    for (key, path), (other_key, other) in pairwise(entries):
        if key == other_key:  # one file where names have no case, two here: which is meant?
            strays |= {path: "name-twice", other: "name-twice"}
    return tuple(path for _, path in entries)


def read(folder: Path, path: str, stamp: FileStamp, *, clock: int) -> Source:
    """Read one entry file whole; its age is counted at `clock`, nanoseconds since 1970.

    A file above `MAX_SIZE` bytes is read only that far and one byte more. Raises as `contents`.
    """
    data = contents(folder, path, stamp, MAX_SIZE + 1)
    return Source(path=path, data=data, age=(clock - stamp.changed) / 1e9)


def contents(folder: Path, path: str, stamp: FileStamp, limit: int) -> bytes:
    """Return at most `limit` bytes of the file that had `stamp`.

    Raises `OSError` where it cannot be read, and `ChangedError` where it has changed since, or is
    gone.
    """
    if stamp == UNSEEN:  # it may be being written
        raise OSError(errno.EIO, "cannot be accessed", path)
    try:
        data, seen = safe_files.read(str(folder), path, limit)
    except (FileNotFoundError, NotADirectoryError) as error:
        if stamp_now(folder, path) == stamp:  # a share may list what it does not open
            raise
        raise ChangedError(f"{path} is gone since it was scanned") from error
    # A link's stamp is not its target's, and some shares say otherwise of an open file.
    if FileStamp(_changed(seen), seen.st_size) != stamp and stamp_now(folder, path) != stamp:
        raise ChangedError(f"{path} has changed since it was scanned")
    return data


def stamp_now(folder: Path, path: str) -> FileStamp | None:
    """Return the stamp of a file now; None where it is absent, or does not matter."""
    found = found_at(folder, path, lambda: os.lstat(folder / path))
    return found[1] if found else None


def loose(path: str) -> str:
    """Return the form that all names of one file have in common (see `Scan.find`)."""
    return " ".join(name_key(path).split())


def _walk(folder: Path) -> Iterator[tuple[str, FileStamp | None, str]]:
    """Yield path, stamp and code of each file; one without a stamp is skipped."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        try:
            found = list(within(folder, prefix))
        except OSError as error:
            if not prefix:
                raise
            if not isinstance(error, FileNotFoundError):
                yield prefix.rstrip("/"), UNSEEN, "folder-unreadable"
            continue
        prefixes += (path for path, _, code in found if code == FOLDER)
        yield from (one for one in found if one[2] != FOLDER)


def within(folder: Path, prefix: str) -> Iterator[tuple[str, FileStamp | None, str]]:
    """Yield path, stamp and code of each file in the folder that `prefix` names.

    What is skipped has no stamp; a folder in it has neither, and the code `FOLDER`. Raises
    `OSError` where the folder cannot be read.
    """
    with os.scandir(f"{folder}/{prefix}") as items:
        for item in heartbeat.beating(items):
            path = prefix + item.name
            if is_skipped(item.name):
                yield shown_path(path), None, ""
            elif (is_folder := _is_folder(item)) is None:
                code = "file-unreadable" if is_entry(path) else "folder-unreadable"
                yield shown_path(path), UNSEEN, code
            elif is_folder and is_plain(item.name):
                is_deep = is_too_deep(path)
                yield (path, UNSEEN, "folder-too-deep") if is_deep else (f"{path}/", None, FOLDER)
            elif found := found_at(folder, path, partial(item.stat, follow_symlinks=False)):
                yield found


def _is_folder(item: os.DirEntry[str]) -> bool | None:
    """Return whether it is a folder, and no link; None where the system refuses."""
    try:
        return item.is_dir(follow_symlinks=False)
    except OSError:
        return None


def found_at(
    folder: Path, path: str, stat_of: Callable[[], os.stat_result]
) -> tuple[str, FileStamp, str] | None:
    """Return path, stamp and code of what is no folder; None for what is gone or ignored.

    `stat_of` may raise: a file without a status is there, and held by itself. Raises
    `PermissionError` where no file of its folder has one.
    """
    try:
        return _as_found(folder, path, stat_of())
    except PermissionError:
        os.stat(f"{folder}/{folder_of(path)}.")  # noqa: PTH116 - Path would lose the dot
    except OSError as error:
        if error.errno in _ABSENT:
            return None
    return unseen(path)


def unseen(path: str) -> tuple[str, FileStamp, str]:
    """Return path, stamp and code of what is there and has no status."""
    name = path[path.rfind("/") + 1 :]
    if not is_plain(name):
        return shown_path(path), UNSEEN, "name-not-plain"
    return path, UNSEEN, "file-unreadable" if is_entry(path) else stray_code(name)


def _as_found(folder: Path, path: str, seen: os.stat_result) -> tuple[str, FileStamp, str] | None:
    """Return path, stamp and code of a file with status `seen`; None where it is ignored."""
    name = path[path.rfind("/") + 1 :]
    stamp = FileStamp(_changed(seen), seen.st_size)
    if not is_plain(name):
        return shown_path(path), stamp, "name-not-plain"
    if stat.S_ISREG(seen.st_mode):
        return path, stamp, "" if is_entry(path) else _stray_code(folder, path, name)
    if stat.S_ISLNK(seen.st_mode):
        return _linked(folder, path, stamp)
    if stat.S_ISDIR(seen.st_mode):
        return None
    # A pipe, a socket or a device: an entry that names it is held, since opening may never end.
    return path, stamp, "file-unreadable" if is_entry(path) else ""


def _stray_code(folder: Path, path: str, name: str) -> str:
    """Return the code of what staff may take for an entry, by its name or its contents."""
    if code := stray_code(name):
        return code
    return (
        "name-of-notes" if is_perhaps_an_entry(name) and _is_written_as_entry(folder, path) else ""
    )


def _is_written_as_entry(folder: Path, path: str) -> bool:
    """Return whether a file begins with a field, and has all that an entry needs."""
    try:
        data, _ = safe_files.read(str(folder), path, _BEGINNING)
    except OSError:
        return False
    is_wide = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = data.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    names = [found[1].lower() for line in lines if (found := _FIELD.match(line))]
    return bool(lines and _FIELD.match(lines[0])) and {*names} >= {*REQUIRED}


def _changed(seen: os.stat_result) -> int:
    """Return when a file last changed: a copy keeps the times of its content."""
    return seen.st_mtime_ns if os.name == "nt" else seen.st_ctime_ns


def _linked(folder: Path, path: str, stamp: FileStamp) -> tuple[str, FileStamp, str]:
    """Return the target of a link to a file inside the folder; every other link is a stray."""
    target = os.path.realpath(folder / path)
    inside = f"{target}{os.sep}".startswith(os.path.realpath(folder) + os.sep)
    if inside and os.path.isdir(target):  # noqa: PTH112
        return path, stamp, "link-folder"
    if not inside or not os.path.isfile(target):  # noqa: PTH113
        return path, stamp, "link-outside"
    seen = os.lstat(target)
    changed = max(_changed(seen), stamp.changed)
    return path, FileStamp(changed, seen.st_size), "" if is_entry(path) else stray_code(path)


def holds_still_after(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> timedelta:
    """Return for how long a file must have been unchanged before it is read."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return _STILL
    kinds = {at.replace("\\040", " "): kind for _, at, kind, *_ in map(str.split, lines)}
    around = (kinds[f"{at}"] for at in (folder, *folder.parents) if f"{at}" in kinds)
    return _STILL_ON_SHARE if next(around, "") in _SHARES else _STILL


def owners(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the names of the files' owners; an empty text where the system has none."""
    names: dict[int, str] = {}  # to look one up takes longer than to find whose a file is
    found = {}
    for path in paths:
        try:
            number = os.stat(f"{folder}/{path}").st_uid  # noqa: PTH116
            if number not in names:
                names[number] = (folder / path).owner()
            found[path] = names[number]
        except (KeyError, NotImplementedError, OSError):
            found[path] = ""
    return found
