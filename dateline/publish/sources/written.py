"""The note of every file that was written into the folder of a source.

It is compared with one listing of the folder, and a file is only read where its stamp differs:
one that was lost or changed there, by a disk or by hand, is written again from the source.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Container, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dateline.entries.filenames import is_skipped
from dateline.system import heartbeat

_NOTE = "written.sqlite"
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS file (path PRIMARY KEY, is_link, size, modified, changed, digest)
    WITHOUT ROWID
    """,
    "CREATE TABLE IF NOT EXISTS noted (version)",
)


Stamp = tuple[int, int, int, int]
"""What changes with a file: 1 for a link, its size, times of its bytes and its status, in ns."""


class WrittenFile(NamedTuple):
    """A file as it was written: its stamp, and the SHA-256 of its bytes or of where it leads."""

    stamp: Stamp
    digest: bytes


Note = Mapping[str, WrittenFile]
Files = Mapping[str, WrittenFile | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A folder beside the note: the note of files that are `right`, and the paths of others.

    Files that are `right` have their stamps of now. `listed` has the stamp of all that is there.
    """

    listed: Mapping[str, Stamp]
    right: Note
    wrong: frozenset[str]
    extra: frozenset[str]


def compare(folder: Path, note: Note) -> Comparison:
    """Compare a folder with its note. Raises `OSError` where a folder cannot be listed."""
    listed = dict(_listed(folder, note))
    right: dict[str, WrittenFile] = {}
    for path, one in heartbeat.beating(note.items()):
        found = listed.get(path)
        if found == one.stamp:
            right[path] = one
        elif found and found[:2] == one.stamp[:2] and _has_digest(folder / path, one.digest):
            right[path] = WrittenFile(found, one.digest)
    return Comparison(
        listed=listed,
        right=right,
        wrong=frozenset(note.keys() - right.keys()),
        extra=frozenset(listed.keys() - note.keys()),
    )


def written_file(path: Path, data: bytes) -> WrittenFile:
    """Return the note of a file that has just been written. Raises `OSError`."""
    return WrittenFile(_stamp(path.lstat()), hashlib.sha256(data).digest())


def has_bytes(path: Path, data: bytes, *, is_link: bool) -> bool:
    """Return whether a file, or a link, is already as it would be written."""
    try:
        return path.is_symlink() == is_link and _bytes(path) == data
    except OSError:
        return False


def load(place: Path, version: str) -> dict[str, WrittenFile] | None:
    """Return the note of a version of the source, None if it is lost, damaged or of another."""
    try:
        with _opened(place / _NOTE) as note:
            if note.execute("SELECT version FROM noted").fetchall() != [(version,)]:
                return None
            rows = note.execute("SELECT * FROM file").fetchall()
            return {os.fsdecode(row[0]): WrittenFile(row[1:5], row[5]) for row in rows}
    except (sqlite3.Error, TypeError):  # whatever a damaged one has in a column
        return None


def save(place: Path, version: str, files: Note) -> None:
    """Write the note of all files. Raises `OSError`."""
    forget(place)
    _write(place, version, files)


def update(place: Path, versions: tuple[str, str], files: Files) -> None:
    """Note files that were written, or removed (None), with the version before and the new one.

    Nothing is noted where there is no note of the version before. Raises `OSError`.
    """
    before, version = versions
    try:
        with _opened(place / _NOTE) as note:
            found = note.execute("SELECT version FROM noted").fetchall()
    except sqlite3.Error:
        found = []
    if found == [(before,)]:
        _write(place, version, files)
    else:
        forget(place)


def forget(place: Path) -> None:
    """Delete the note: the next comparison makes it again. Raises `OSError`."""
    for name in (_NOTE, f"{_NOTE}-journal"):
        (place / name).unlink(missing_ok=True)


def _write(place: Path, version: str, files: Files) -> None:
    rows = ((os.fsencode(path), *one.stamp, one.digest) for path, one in files.items() if one)
    gone = ((os.fsencode(path),) for path, one in files.items() if not one)
    try:
        with _opened(place / _NOTE, may_create=True) as note, note:
            for line in _TABLES:
                note.execute(line)
            note.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)", rows)
            note.executemany("DELETE FROM file WHERE path = ?", gone)
            note.execute("DELETE FROM noted")
            note.execute("INSERT INTO noted VALUES (?)", (version,))
    except sqlite3.DatabaseError as error:
        forget(place)
        if isinstance(error, sqlite3.OperationalError):  # as on a full disk
            raise OSError(None, str(error), str(place / _NOTE)) from error


def _opened(path: Path, *, may_create: bool = False) -> closing[sqlite3.Connection]:
    mode = "rwc" if may_create else "rw"
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True))


def _listed(folder: Path, known: Container[str]) -> Iterator[tuple[str, Stamp]]:
    """Yield the stamp of each file that a scan of entries would see."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        with os.scandir(f"{folder}/{prefix}") as items:
            for item in heartbeat.beating(items):
                path = prefix + item.name
                if path not in known and is_skipped(item.name):
                    continue
                if item.is_dir(follow_symlinks=False):
                    prefixes.append(f"{path}/")
                else:
                    yield path, _stamp(item.stat(follow_symlinks=False))


def _stamp(found: os.stat_result) -> Stamp:
    is_link = stat.S_ISLNK(found.st_mode)
    size = found.st_size if is_link or stat.S_ISREG(found.st_mode) else -1
    return int(is_link), size, found.st_mtime_ns, found.st_ctime_ns


def _has_digest(path: Path, digest: bytes) -> bool:
    try:
        return hashlib.sha256(_bytes(path)).digest() == digest
    except OSError:
        return False


def _bytes(path: Path) -> bytes:
    """Return the bytes of a regular file, or the path that a link leads to. Raises `OSError`."""
    if path.is_symlink():
        return os.fsencode(path.readlink())
    if not path.is_file():  # a pipe would be waited for
        raise FileNotFoundError(path)
    return path.read_bytes()
