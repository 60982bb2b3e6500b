"""The files under `entries/` that a run reads: new, changed, waiting, or asked about.

One digest is kept of each folder, of its files' names and stamps: an unchanged folder costs a
stat of each file, and no memory. In a changed folder each file is compared with the ledger. If
the changed files are known, only these and the waiting ones are checked.
"""

from __future__ import annotations

import os
import stat
from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from dateline.entries.filenames import is_entry, is_plain, is_skipped, is_too_deep
from dateline.entries.lazy_scan import LazyScan, scan_some
from dateline.entries.scan import FOLDER, FileStamp, Scan, in_order, loose, scan_all, within
from dateline.ledger import Ledger
from dateline.ledger.queries.files import Files
from dateline.publish import sources
from dateline.publish.assess.settling import nanoseconds
from dateline.publish.run import GiveWay, Run, RunRequest, go_on
from dateline.rules.guards import Approval
from dateline.system import heartbeat

_AT_A_TIME = 1000  # files
_FEW = 10_000  # files
_NOT_SHOWN = "\ufffd"  # in place of a character that cannot be shown (`shown_path`)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFiles:
    """One scan: the files that are `there`, those `to_read`, and those that are `gone`.

    Of the files to read, `changed` are new, changed or waiting. A folder that cannot be read keeps
    what it had. If folders were compared, `folders` has their digests and `skipped` the ignored
    files in those that changed.
    """

    scan: Scan
    there: tuple[str, ...]
    to_read: tuple[str, ...]
    changed: Collection[str]
    gone: tuple[str, ...]
    folders: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


def scan(run: Run) -> PendingFiles:
    """Return the files that a run reads, by the quickest way to find them."""
    request, ledger = run.request, run.ledger
    answered = _answered(ledger, request.approval)
    asked = {*request.files, *answered}
    may_compare = not (run.reread or run.is_trial)
    changes = None
    if request.is_full and may_compare:
        changes = compare(run.config.entries, ledger.files, request.give_way)
    some = changes.few if changes else request.changed_files
    found = None
    if some is not None and not run.reread:
        found = _scan_some(run, {*some, *answered})
    if found is None and may_compare and not request.is_full:  # as after a new folder
        others = compare(run.config.entries, ledger.files)
        if others and others.few is not None:
            found = _scan_some(run, {*others.few, *answered})
    found = _with_unsaved(found or _scan_all(run, asked), request)
    return replace(found, folders=changes.folders, skipped=changes.skipped) if changes else found


def _with_unsaved(found: PendingFiles, request: RunRequest) -> PendingFiles:
    """Return a scan as if the unsaved files were saved now, each whole."""
    new = request.unsaved
    if not new:
        return found
    now = nanoseconds(request.clock)
    stamps = {path: FileStamp(now, len(data)) for path, data in new.items()}
    seen = found.scan
    files = ChainMap(stamps, seen.files)  # type: ignore[arg-type]  # the maps are only read
    return replace(
        found,
        scan=replace(seen, files=files, entries=in_order({*seen.entries, *new}, {})),
        there=tuple({*found.there, *new}),
        to_read=in_order({*found.to_read, *new}, {}),
        changed={*found.changed, *new},
        gone=tuple(path for path in found.gone if path not in new),
    )


def _answered(ledger: Ledger, approval: Approval) -> list[str]:
    """Return the files with a problem that staff answer: some are published as they are."""
    if not approval.code:
        return []
    noted = ledger.files.noted().items()
    return [
        path for path, one in noted if approval.code in {found.wanted for found in one.problems}
    ]


def _scan_all(run: Run, asked: Collection[str]) -> PendingFiles:
    """Scan all files: those `asked` about are read though they did not change."""
    sources.require_fetched(run.config)
    files, seen = run.ledger.files, scan_all(run.config.entries)
    changed, absent = {*seen.files}, []
    for path, stamp in files.stamps():
        if path not in seen.files:
            absent.append(path)
        elif seen.files[path] == stamp:
            changed.discard(path)
    again = {*asked, *files.waiting(run.now, beside_others=bool(changed))}
    again |= {
        path
        for path, beside in files.beside().items()
        if any(seen.is_other(name, stamp) for name, stamp in beside.items())
    }
    hidden = [path for path in absent if seen.is_out_of_sight(path) or seen.is_beyond_link(path)]
    return PendingFiles(
        scan=seen,
        there=(*seen.entries, *hidden),
        to_read=tuple(
            path for path in seen.entries if run.reread or path in again or path in changed
        ),
        changed=changed | again,
        gone=tuple(sorted({*absent} - {*hidden})),
    )


def _scan_some(run: Run, changed: Collection[str]) -> PendingFiles | None:
    """Scan the changed files, those that wait or use them; None if that is not enough.

    Files whose names cannot be shown are found by their folder alone, and stay as they are; not so
    those that have the sign for such a character in their names, as programs for archives write it.
    """
    if any(_NOT_SHOWN in path for path in changed):
        return None
    files = run.ledger.files
    asked = {*changed, *map(loose, changed)}
    wanted = {*changed, *files.concerned(sorted(asked), run.now)}
    wanted |= {*files.alike([path for path in wanted - asked if is_entry(path)])}
    wanted = {path for path in wanted if _is_so_named(run.config.entries, path)}
    seen = scan_some(run.config.entries, wanted)
    if seen is None:
        return None
    absent = [path for path in sorted(wanted) if path not in seen.files]
    known = files.find(absent)
    files.verify_unknown([path for path in absent if path not in known and is_entry(path)])
    if any(path not in known and files.has_under(path) for path in absent):
        return None
    entries = seen.entries
    return PendingFiles(
        scan=seen, there=entries, to_read=entries, changed=entries, gone=tuple(known)
    )


def _is_so_named(folder: Path, path: str) -> bool:
    return _NOT_SHOWN not in path or os.path.lexists(folder / path)


# ---- Comparing folders


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFiles:
    """The `paths` of changed files, relative to the entries folder.

    `skipped` are the ignored files in the same folders. `folders` has the digest of each existing
    folder, by the prefix of its files' paths.
    """

    paths: frozenset[str]
    skipped: tuple[str, ...]
    folders: Mapping[str, str]

    @property
    def few(self) -> frozenset[str] | None:
        """Return the paths; None if a scan of all files is quicker, or finds more."""
        is_enough = not any(_NOT_SHOWN in path for path in self.paths)
        return self.paths if is_enough and len(self.paths) <= _FEW else None


def compare(folder: Path, files: Files, give_way: GiveWay = go_on) -> ChangedFiles | None:
    """Compare the files below `folder` with the ledger's; None if a folder cannot be read.

    `give_way` is called now and then; what it raises ends the comparison.
    """
    try:
        folders = dict(_digests(folder, give_way))
        before = files.folders()
        others = sorted(prefix for prefix in folders if before.get(prefix) != folders[prefix])
        found = [_Compared.within(folder, prefix, files, give_way) for prefix in others]
    except OSError:
        return None
    # A folder whose files came or went since the last full run has no digest.
    known = files.prefixes().union(before)
    left = [path for prefix in known - {*folders} for path in files.within(prefix)]
    return ChangedFiles(
        paths=frozenset(left).union(*(one.paths for one in found)),
        skipped=tuple(sorted(path for one in found for path in one.skipped)),
        folders=folders,
    )


def _digests(folder: Path, give_way: GiveWay) -> Iterator[tuple[str, str]]:
    """Yield the digest of each folder: of the names in it and the stamps of its files."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        digest = blake2b(digest_size=16)
        try:
            with os.scandir(f"{folder}/{prefix}") as items:
                stamps = _stamps(heartbeat.beating(items), prefix, prefixes)
                while some := "\0".join(islice(stamps, _AT_A_TIME)):
                    give_way()
                    digest.update(some.encode(errors="surrogateescape"))
        except FileNotFoundError:
            if not prefix:
                raise
        else:
            yield prefix, digest.hexdigest()


def _stamps(items: Iterator[os.DirEntry[str]], prefix: str, prefixes: list[str]) -> Iterator[str]:
    """Yield name and stamp of each file, of all kinds: telling them apart takes longer."""
    for item in items:
        if item.is_dir(follow_symlinks=False):
            path = f"{prefix}{item.name}"
            if is_plain(item.name) and not (is_skipped(item.name) or is_too_deep(path)):
                prefixes.append(f"{path}/")
            yield f"{item.name}/"
            continue
        try:
            seen = item.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except PermissionError:  # no file in this folder can be examined
            raise
        except OSError:
            yield f"{item.name}/?"
            continue
        if stat.S_ISLNK(seen.st_mode):
            seen = _target(item, seen)
        yield f"{item.name}/{seen.st_ctime_ns}/{seen.st_mtime_ns}/{seen.st_size}"


def _target(link: os.DirEntry[str], seen: os.stat_result) -> os.stat_result:
    """Return the state of the target of a link, or of the link if it has none."""
    try:
        return link.stat()
    except OSError:
        return seen


@dataclass(frozen=True, slots=True)
class _Compared:
    """The changed and the ignored files of one folder."""

    paths: frozenset[str]
    skipped: tuple[str, ...]

    @classmethod
    def within(cls, folder: Path, prefix: str, files: Files, give_way: GiveWay) -> _Compared:
        known, paths, skipped = 0, set[str](), []
        seen = within(folder, prefix)
        while some := list(islice(seen, _AT_A_TIME)):
            give_way()
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
    """Return the files of this folder that others use and that changed since.

    A missing one may have come under a name that looks alike.
    """
    near, used = LazyScan(folder), list(files.used_within(prefix))
    others = {path for path, stamp in used if stamp and near.get(path) != stamp}
    used += files.used_within(loose(prefix)) if loose(prefix) != prefix else ()
    absent = {path for path, stamp in used if stamp is None}
    if not absent:
        return others
    there = {path for path, stamp, _ in within(folder, prefix) if stamp}
    return others | {path for path in there if path in absent or loose(path) in absent}
