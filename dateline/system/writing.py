"""Files that are replaced whole, and folders that other users of the machine cannot enter."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o007  # the permissions of others
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NAME = 40  # characters of the name, so that the temporary one is never too long


def replace_file(
    path: Path,
    data: bytes | Iterable[bytes],
    *,
    mode: int | None = None,
    is_synced: bool = False,
    has_one_writer: bool = False,
) -> None:
    """Write a file whole: readers find the old bytes or the new ones, and never a part.

    A new file beside `path`, never one that a link leads to, is written and renamed. `mode` is
    its permissions, whatever the umask. With `is_synced` its bytes are on disk before it is
    renamed. If the file `has_one_writer`, the next one replaces what a killed one left; else each
    process has a temporary file of its own. Raises `OSError`, or what `data` raises; then the
    file at `path` is as it was.
    """
    temporary = temporary_name(path, "" if has_one_writer else f".{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)  # what a killed process left
        created = os.open(temporary, _FLAGS, 0o666 if mode is None else mode)
        with os.fdopen(created, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def temporary_name(path: Path, writer: str = "") -> Path:
    """Return the path of the file that `replace_file` writes first."""
    return path.with_name(f".{path.name.lstrip('.')[:_NAME]}{writer}.new")


def make_private_folder(path: Path) -> None:
    """Create a folder that no other user may enter.

    An existing folder that is open to everybody, as earlier releases created it, is closed; one
    that is open to a group stays so. Raises `OSError` where it cannot be created.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & _OTHERS:
        with suppress(OSError):  # it belongs to another user
            path.chmod(0o700)
