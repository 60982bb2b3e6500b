"""Which files under `entries/` are others than at the last look at all of them?

Of a folder in which none came, went or changed one digest is known: it costs a look at each
file, and no memory. In another each file is compared with what the ledger knows.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from dateline.entries.filenames import is_entry, is_plain, is_skipped
from dateline.entries.lazy_scan import LazyScan
from dateline.entries.scan import FOLDER, loose, within
from dateline.ledger.queries.files import Files

_AT_A_TIME = 1000  # files
_FEW = 10_000  # files


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFiles:
    """What is another than it was: the `paths` of files, relative to the entries folder.

    `skipped` is what is left alone in the same folders. `folders` has the digest of each folder
    that is there, by how its files' paths begin.
    """

    paths: frozenset[str]
    skipped: tuple[str, ...]
    folders: Mapping[str, str]

    @property
    def few(self) -> frozenset[str] | None:
        """Give the paths; None where to look at all files is quicker than at each of these."""
        return self.paths if len(self.paths) <= _FEW else None


def compare(folder: Path, files: Files) -> ChangedFiles | None:
    """Compare the files below `folder` with what is known; None where one cannot be read."""
    try:
        folders = dict(_digests(folder))
        before = files.folders()
        others = sorted(prefix for prefix in folders if before.get(prefix) != folders[prefix])
        found = [_Compared.within(folder, prefix, files) for prefix in others]
    except OSError:
        return None
    left = [path for prefix in {*before} - {*folders} for path in files.within(prefix)]
    return ChangedFiles(
        paths=frozenset(left).union(*(one.paths for one in found)),
        skipped=tuple(sorted(path for one in found for path in one.skipped)),
        folders=folders,
    )


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the digest of each folder: of the names in it, and of how its files look."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        digest = blake2b(digest_size=16)
        try:
            with os.scandir(f"{folder}/{prefix}") as items:
                looks = _looks(items, prefix, prefixes)
                while some := "\0".join(islice(looks, _AT_A_TIME)):
                    digest.update(some.encode(errors="surrogateescape"))
        except FileNotFoundError:
            if not prefix:
                raise
        else:
            yield prefix, digest.hexdigest()


def _looks(items: Iterator[os.DirEntry[str]], prefix: str, prefixes: list[str]) -> Iterator[str]:
    """Say how each file looks, of all kinds: to tell them apart takes longer than to look."""
    for item in items:
        if item.is_dir(follow_symlinks=False):
            if is_plain(item.name) and not is_skipped(item.name):
                prefixes.append(f"{prefix}{item.name}/")
            yield f"{item.name}/"
            continue
        try:
            seen = item.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except PermissionError:  # nothing in this folder can be looked at
            raise
        except OSError:
            yield f"{item.name}/?"
            continue
        if stat.S_ISLNK(seen.st_mode):
            seen = _behind(item, seen)
        yield f"{item.name}/{seen.st_ctime_ns}/{seen.st_mtime_ns}/{seen.st_size}"


def _behind(link: os.DirEntry[str], seen: os.stat_result) -> os.stat_result:
    """Look at what is behind a link; at the link alone where nothing is."""
    try:
        return link.stat()
    except OSError:
        return seen


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is another in one folder, and what is left alone there."""

    paths: frozenset[str]
    skipped: tuple[str, ...]

    @classmethod
    def within(cls, folder: Path, prefix: str, files: Files) -> _Compared:
        known, paths, skipped = 0, set[str](), []
        looks = within(folder, prefix)
        while some := list(islice(looks, _AT_A_TIME)):
            skipped += [path for path, stamp, code in some if stamp is None and code != FOLDER]
            now = {path: stamp for path, stamp, code in some if stamp and (code or is_entry(path))}
            before = files.stamps_of(list(now))
            known += len(before)
            paths |= {path for path, stamp in now.items() if before.get(path) != stamp}
        if known != files.count_within(prefix):
            there = {path for path, _, _ in within(folder, prefix)}
            paths |= {path for path in files.within(prefix) if path not in there}
        return cls(frozenset(paths | _used(folder, prefix, files)), tuple(skipped))


def _used(folder: Path, prefix: str, files: Files) -> set[str]:
    """Give what files looked at in this folder, and is another than it was for any of them.

    What was not there may have come under a name that looks alike.
    """
    near, used = LazyScan(folder), list(files.used_within(prefix))
    others = {path for path, stamp in used if stamp and near.get(path) != stamp}
    used += files.used_within(loose(prefix)) if loose(prefix) != prefix else ()
    absent = {path for path, stamp in used if stamp is None}
    if not absent:
        return others
    there = {path for path, stamp, _ in within(folder, prefix) if stamp}
    return others | {path for path in there if path in absent or loose(path) in absent}
