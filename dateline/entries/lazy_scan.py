"""A scan of a few files that are known to have changed, and of no other.

A file that one of them names (a picture, the file of which it is a copy) is scanned when it is
needed, so that the cost is that of the change, not of the folder.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from dateline.entries.filenames import (
    folder_of,
    is_entry,
    is_plain,
    is_skipped,
    is_too_deep,
    shown_path,
)
from dateline.entries.scan import FileStamp, Scan, found_at, in_order, scan_all, unseen
from dateline.system import heartbeat

_MANY = 10_000  # files
_SPARE = 4  # times as many of the latest files as are wanted: editors' own may be among them


class LazyScan(Mapping[str, FileStamp]):
    """The files below a folder, each scanned when it is needed; problems are in `strays`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, FileStamp | None] = {}
        self.strays: dict[str, str] = {}

    def __getitem__(self, path: str) -> FileStamp:
        if path not in self._seen:
            self._seen[path] = self._scanned(path)
        stamp = self._seen[path]
        if stamp is None:
            raise KeyError(path)
        return stamp

    def __iter__(self) -> Iterator[str]:
        return iter(scan_all(self._folder).files)

    def __len__(self) -> int:
        return len(scan_all(self._folder).files)

    def _scanned(self, path: str) -> FileStamp | None:
        if any(map(is_skipped, path.split("/"))) or not is_reached(self._folder, path):
            return None
        try:
            found = found_at(self._folder, path, partial(os.lstat, self._folder / path))
        except ValueError:  # no file has such a name
            return None
        except OSError:
            found = unseen(path)
        if found is None:
            return None
        if found[2]:
            self.strays[path] = found[2]
        return found[1]


def scan_some(folder: Path, paths: Iterable[str]) -> Scan | None:
    """Return a scan of the files called `paths` alone, and of those that they name.

    None where that is not enough: a folder came or went, or a name is not certain.
    """
    near, entries, skipped = LazyScan(folder), [], []
    for path in sorted(paths):
        parts = path.split("/")
        if any(map(is_skipped, parts)):
            skipped.append(shown_path(path))
        elif (
            is_too_deep(folder_of(path))
            or not all(map(is_plain, parts))
            or not _is_in_place(folder, path)
        ):
            return None
        elif path in near and (path in near.strays or is_entry(path)):
            entries.append(path)
    return Scan(
        files=near,
        entries=in_order(entries, near.strays),
        strays=near.strays,
        skipped=tuple(skipped),
    )


def newest(folder: Path, number: int) -> frozenset[str]:
    """Return the files below a folder that changed last, of `_MANY` or more; of fewer, none.

    To ask the system alone takes a fraction of the time of a scan that compares them.
    """
    try:
        found = [*_changes(folder)]
    except OSError:
        return frozenset()  # the scan reports it
    if len(found) < _MANY:
        return frozenset()
    latest = (path for _, path in heapq.nlargest(_SPARE * number, found))
    return frozenset(islice(filter(may_be_read, latest), number))


def may_be_read(path: str) -> bool:
    """Return whether a scan reads a file or folder of this name."""
    name = path.rpartition("/")[2]
    return is_plain(name) and not is_skipped(name)


def _changes(folder: Path) -> Iterator[tuple[int, str]]:
    """Yield when each file below a folder changed, and its path."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        with os.scandir(f"{folder}/{prefix}") as items:
            for item in heartbeat.beating(items):
                if not item.is_dir(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # an editor's own, which has just gone
                        yield item.stat(follow_symlinks=False).st_ctime_ns, prefix + item.name
                elif may_be_read(item.name):
                    prefixes.append(f"{prefix}{item.name}/")


def _is_in_place(folder: Path, path: str) -> bool:
    """Return whether `path` is no folder, and in one that is there and not behind a link."""
    whole = f"{folder}/{path}"
    is_folder = os.path.isdir(whole) and not os.path.islink(whole)  # noqa: PTH112, PTH114
    return is_reached(folder, path) and os.path.isdir(os.path.dirname(whole)) and not is_folder  # noqa: PTH112, PTH120


def is_reached(folder: Path, path: str) -> bool:
    """Return whether `path` is in a folder that is not behind a link."""
    above = folder_of(path).rstrip("/")
    if not above:
        return True
    try:
        return os.path.realpath(folder / above) == os.path.join(  # noqa: PTH118
            os.path.realpath(folder), *above.split("/")
        )
    except ValueError:  # no file has such a name
        return False
