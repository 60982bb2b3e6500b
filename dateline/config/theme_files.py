"""Which files does a template folder hold, and when did any of them change?"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from dateline.system import safe_files

LARGEST = 1_000_000  # bytes
STYLE = "style.css"
_TEMPLATE = ".html"
_MANY = 1_000  # files, beyond which it is hardly the folder that was meant

Stamp = tuple[str, int, int, int]
"""A path, and the number, the moment of change and the size of what is there."""


def stamps(paths: Iterable[Path]) -> tuple[Stamp, ...]:
    """Say how the files at these paths are now, and those in folders that are among them.

    By a look at each, not into it. What is not there has no stamp.
    """
    found: list[Stamp] = []
    for path in paths:
        try:
            within = sorted(_within(path)) if path.is_dir() else [path]
        except (OSError, ValueError):
            continue
        found += (stamp for one in within if (stamp := _stamp(one)))
    return tuple(found)


def texts(folder: Path, called: str) -> tuple[dict[str, str], list[str]]:
    """Read the templates and the style in a folder that is `called` so, by their names in it.

    What begins with a dot or ends in `~` is an editor's, other files are somebody's. Give also
    one sentence for each file that cannot be read, or is not in the folder itself.
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    inside = folder.resolve()
    for path in sorted(_within(folder)):
        name = path.relative_to(folder).as_posix()
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise ValueError("leads out of the folder: put the file itself there")  # noqa: TRY301
            found[name] = _text(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            faults.append(f"{called}/{name}: {reason}.")
    return found, faults


def read(path: Path) -> bytes:
    """Read a file of at most `LARGEST` bytes; raises `OSError`, and `ValueError` for another."""
    file = os.open(path, safe_files.TO_READ)
    try:
        seen = os.fstat(file)
        if stat.S_ISDIR(seen.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(seen.st_mode):
            raise ValueError("is no plain file")
        data = safe_files.contents(file, seen.st_size, LARGEST + 1)
    finally:
        os.close(file)
    if len(data) > LARGEST:
        raise ValueError("is larger than 1 MB")
    return data


def _text(path: Path) -> str:
    try:
        return read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("is not saved as UTF-8: save it as UTF-8") from error


def _within(folder: Path) -> Iterator[Path]:
    """Give the templates and the style in a folder; raises `ValueError` for one of many files."""
    seen = 0
    for above, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        seen += len(folders) + len(files)
        if seen > _MANY:
            raise ValueError(f"has more than {_MANY:,} files: is it the right folder")
        for name in files:
            path = Path(above, name)
            is_style = path == folder / STYLE
            if not name.startswith(".") and (name.endswith(_TEMPLATE) or is_style):
                yield path


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return str(path), found.st_ino, found.st_ctime_ns, found.st_size
