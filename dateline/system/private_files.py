"""Folders and files that other users of the machine cannot read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_OTHERS = 0o007  # the permissions of others


def make_folder(path: Path) -> None:
    """Create a folder that no other user may enter.

    An existing folder that is open to everybody, as earlier releases created it, is closed; one
    that is open to a group stays so. Raises `OSError` where it cannot be created.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & _OTHERS:
        with suppress(OSError):  # it belongs to another user
            path.chmod(0o700)


def create(path: Path) -> BinaryIO:
    """Create a file that no other user may read. Raises `FileExistsError` if it exists."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")
