"""Folders and files that the publisher keeps from other users of the machine."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_OTHERS = 0o007


def make_folder(path: Path) -> None:
    """Make a folder that no other user may enter.

    One that is there and open to everybody, as an earlier release made it, is closed; one that is
    open to a group stays so. Raises `OSError` where it cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & _OTHERS:
        with suppress(OSError):  # it is somebody else's
            path.chmod(0o700)


def create(path: Path) -> BinaryIO:
    """Create a file that no other user may read. Raises `FileExistsError` for one that is there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")
