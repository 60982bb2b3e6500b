"""Reads a file beneath a folder, and nothing outside it, whatever is swapped meanwhile.

What was checked under a name may be something else when the name is opened. So each folder on
the way is opened from the one above it, no symbolic link is passed, and only a regular file is
read: a pipe or a device would keep a run waiting. (Windows has no such calls; there the path is
resolved and opened at once.)
"""

from __future__ import annotations

import errno
import os
import stat

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_TO_PASS = _NO_LINK | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY)
TO_READ = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
"""With which a file is opened: Windows alone has texts that are no bytes, and without O_NONBLOCK
opening a pipe waits for somebody to write into it."""
_WALKS = bool(_NO_LINK) and os.open in os.supports_dir_fd
_IS_LINK = frozenset({errno.ELOOP, errno.EMLINK, errno.ENOTDIR})  # what systems say to O_NOFOLLOW
_CHUNK = 1 << 20


def read(folder: str, path: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Return at most `limit` bytes of the file `path` beneath `folder`, and its stat.

    A symbolic link is followed where it leads to a file beneath `folder`. Raises `OSError` for
    any other, for what is no regular file, and for what the system refuses.
    """
    file = _opened(folder, path)
    try:
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "is no plain file", path)
        return contents(file, seen.st_size, limit), seen
    finally:
        os.close(file)


def contents(file: int, size: int, limit: int) -> bytes:
    """Return what an open file of about `size` bytes holds, up to the limit.

    A share may give less at a time than was asked for.
    """
    data = os.read(file, min(size + 1, limit))  # one byte more shows that nothing follows
    while len(data) != size and len(data) < limit:
        more = os.read(file, min(limit - len(data), _CHUNK))
        if not more:
            break
        data += more
    return data


def _opened(folder: str, path: str) -> int:
    """Open a file; a link is resolved once, and then none may be on the way."""
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
    """Return where a path really leads. Raises `OSError` where that is outside `folder`."""
    target = os.path.realpath(f"{folder}/{path}")
    if not target.startswith(os.path.realpath(folder) + os.sep):
        raise OSError(errno.EACCES, "leads outside the folder", path)
    return target


def _walked(folder: str, path: str) -> int:
    """Open a file by opening each folder on the way from the one above it."""
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
