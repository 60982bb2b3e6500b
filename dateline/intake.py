"""Which files under `entries/` are new, changed or gone, and hold still?

Only names, sizes and times are looked at; a file is read when these changed. Files are
never moved, locked or written.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dateline.errors import IntakeError
from dateline.model import Source

_SKIPPED_STARTS = (".", "~$", "~RF")
_SKIPPED_ENDS = ("~", ".tmp", ".part", ".partial", ".crdownload", ".problem.txt", ".swp")
_ENTRY_ENDS = (".toml", ".toml.txt")
MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looked: its last change in nanoseconds since 1970, and its size in bytes."""

    changed: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the entries folder.

    `files` has every file that may matter, `entries` those of them that are entries, both
    by path relative to the folder.
    """

    files: Mapping[str, Stamp]
    entries: tuple[str, ...]

    def stamps(self, paths: Mapping[str, Stamp | None]) -> dict[str, Stamp | None]:
        """Say how the files of `paths` look now; None for one that is not there."""
        return {path: self.files.get(path) for path in paths}


def look(folder: Path) -> Look:
    """Look at every file below `folder`; symbolic links are not followed.

    Raises `IntakeError` where a folder cannot be read: its entries are not gone.
    """
    try:
        files = dict(_walk(folder, ""))
    except OSError as error:
        raise IntakeError(
            f"{error.filename}: {error.strerror}. Nothing was published. Make the folder, or let "
            "the publisher read it."
        ) from error
    entries = sorted((path for path in files if is_entry(path)), key=name_key)
    return Look(files=files, entries=tuple(entries))


def read(folder: Path, path: str, stamp: Stamp, *, clock: int) -> Source:
    """Read one entry file whole; its age is counted at `clock`, nanoseconds since 1970.

    A file above `MAX_SIZE` bytes is read only that far and one byte more.
    """
    with (folder / path).open("rb") as file:
        data = file.read(MAX_SIZE + 1)
    return Source(path=path, data=data, age=(clock - stamp.changed) / 1e9)


def is_entry(path: str) -> bool:
    """Say whether a file of this name is an entry."""
    return path.lower().endswith(_ENTRY_ENDS)


def name_key(path: str) -> str:
    """Give the form in which two names that look alike are the same."""
    return unicodedata.normalize("NFC", path).casefold()


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Stamp]]:
    with os.scandir(folder / prefix) as found:
        for item in found:
            if _is_skipped(item.name):
                continue
            # A file or folder may go while it is looked at: then it is not there.
            with suppress(FileNotFoundError):
                if item.is_dir(follow_symlinks=False):
                    yield from _walk(folder, f"{prefix}{item.name}/")
                elif item.is_file(follow_symlinks=False):
                    stat = item.stat(follow_symlinks=False)
                    changed = max(stat.st_mtime_ns, stat.st_ctime_ns)
                    yield prefix + item.name, Stamp(changed, stat.st_size)


def _is_skipped(name: str) -> bool:
    return (
        name.startswith(_SKIPPED_STARTS)
        or name.lower().endswith(_SKIPPED_ENDS)
        or not name.isprintable()  # surrogates, too: bytes that are no UTF-8
    )
