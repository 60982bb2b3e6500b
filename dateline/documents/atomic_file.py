"""A small file that is replaced whole: readers find the old bytes or the new ones."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def replace_file(
    path: Path, data: bytes, *, mode: int | None = None, is_synced: bool = False
) -> None:
    """Write a file beside `path`, and rename it there; `mode` is its permissions.

    With `is_synced` its bytes are on disk before it is renamed. Raises `OSError`; then the file is
    as it was.
    """
    temporary = path.with_name(f".{path.name.lstrip('.')}.{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
