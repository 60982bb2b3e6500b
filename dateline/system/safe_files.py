"""Reading files beneath a folder, and nothing outside it, even if files are swapped.

A file that was checked under a name may be another one when the name is opened. So each folder
of the path is opened from its parent, no symbolic link is followed, and only regular files are
read: a pipe or a device would block a run. (Windows has no such calls; there the path is resolved
and opened at once.)
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_TO_PASS = _NO_LINK | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY)
TO_READ = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
"""Flags to open a file: O_BINARY, which only Windows has, and O_NONBLOCK, without which opening a
pipe would wait for a writer."""
_WALKS = bool(_NO_LINK) and os.open in os.supports_dir_fd
_IS_LINK = frozenset({errno.ELOOP, errno.EMLINK, errno.ENOTDIR})  # errors for O_NOFOLLOW, by system
_CHUNK = 1 << 20
LONGEST_NAME = 255  # bytes, of Linux, macOS and most file systems
LONGEST_PATH = 1300  # bytes: two of these fit into a row of an index


def read(folder: str, path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return at most `limit` bytes of the file `path` beneath `folder`, and its stat.

    A symbolic link is followed where it leads to a file beneath `folder`. Raises `OSError` for
    any other link, for a file that is not regular, and for what the system refuses.
    """
    file = _opened(folder, path)
    try:
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "is no plain file", path)
        return contents(file, seen.st_size, limit), seen
    finally:
        os.close(file)


def open_regular(path: Path | str) -> BinaryIO:
    """Open a regular file to read it, also at the end of links: a pipe is not waited for.

    Raises `OSError`, for anything else, too.
    """
    file = os.open(path, TO_READ)
    try:
        is_regular = stat.S_ISREG(os.fstat(file).st_mode)
    except OSError:
        os.close(file)
        raise
    if not is_regular:
        os.close(file)
        raise OSError(errno.EINVAL, "is no plain file", str(path))
    return os.fdopen(file, "rb", buffering=0)


def is_certainly_gone(path: Path) -> bool:
    """Return whether there is nothing at a path; not so where a failing disk does not say."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def regular_bytes(path: Path | str) -> bytes:
    """Return the bytes of a file that `open_regular` opens. Raises `OSError`."""
    with open_regular(path) as file:
        return file.read()


def could_exist(path: str) -> bool:
    """Return whether file systems have names like those of a path.

    >>> could_exist("a/b.html"), could_exist("a" * 256)
    (True, False)
    """
    try:
        data = path.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    is_short = len(data) <= LONGEST_PATH and max(map(len, data.split(b"/"))) <= LONGEST_NAME
    return is_short and b"\0" not in data


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a regular file; empty for a link, a pipe, or whatever is none.

    Raises `OSError` where there is nothing, or it cannot be read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        return ""
    file, found = _opened(str(path.parent), path.name), hashlib.sha256()
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return ""
        while data := os.read(file, _CHUNK):
            found.update(data)
    finally:
        os.close(file)
    return found.hexdigest()


def contents(file: int, size: int, limit: int) -> bytes:
    """Return the contents of an open file of about `size` bytes, up to the limit.

    A network share may return less in one call than was asked for.
    """
    data = os.read(file, min(size + 1, limit))  # one byte more, to see the end
    while len(data) != size and len(data) < limit:
        more = os.read(file, min(limit - len(data), _CHUNK))
        if not more:
            break
        data += more
    return data


def _opened(folder: str, path: str) -> int:
    """Open a file; links are resolved once, and the resolved path may not contain any."""
    if not _WALKS:
        return os.open(_inside(folder, path), TO_READ)
    try:
        return _walked(folder, path)
    except OSError as error:
        if error.errno not in _IS_LINK:
            raise
    root = os.path.realpath(folder)
    return _walked(root, os.path.relpath(_inside(root, path), root).replace(os.sep, "/"))


def _inside(folder: str, path: str) -> str:
    """Return a path with its links resolved. Raises `OSError` if it is outside `folder`."""
    target = os.path.realpath(f"{folder}/{path}")
    if not target.startswith(os.path.realpath(folder) + os.sep):
        raise OSError(errno.EACCES, "leads outside the folder", path)
    return target


def _walked(folder: str, path: str) -> int:
    """Open a file by opening each folder of its path from its parent."""
    *above, name = path.split("/")
    if ".." in above or name == "..":
        raise OSError(errno.EACCES, "leads outside the folder", path)
    if not above:
        return os.open(f"{folder}/{name}", TO_READ | _NO_LINK)
    at = os.open(f"{folder}/{above[0]}", _TO_PASS)
    try:
        for part in above[1:]:
            below = os.open(part, _TO_PASS, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, TO_READ | _NO_LINK, dir_fd=at)
    finally:
        os.close(at)
