"""A copy of the published documents on another machine, brought there by the program rsync.

A record there lists the files that were written, so that nothing else is ever replaced or
deleted. rsync itself finds the files whose size or moment of change differs.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from dateline.documents import Progress, silent
from dateline.documents.manifest import DocumentListing
from dateline.documents.static_copy import (
    AFTER_DOCUMENTS,
    RECORD,
    CopyResult,
    is_inside,
    whole_bytes,
)
from dateline.errors import DatelineError, StoreError
from dateline.messages import program
from dateline.system.writing import temporary_folder
from dateline.text.expressions import regex

_PLACE = regex(
    r"rsync://([^/@:]+@)?[^/@:]+(:\d+)?/[^/].*|([^-/:@][^/:@]*@)?[^-/:@][^/:@]+:(?!//)[^:].*"
)
_MACHINE = regex(r"[^-./:@][^/:@]*@[^/:@]+(/.*)?|([^-./:@][^/:@]*@)?[^-./:@][^/:@]+:")
_OPTIONS = (
    "--times",
    "--omit-dir-times",
    "--perms",
    "--chmod=D755,F644",
    "--delay-updates",
    "--timeout=60",
    "--from0",
    "--out-format=%i %n",
)
_PARTIAL = 23  # exit code for a missing file, among other faults
_ABSENT = "(2)"  # ENOENT, in any language
_BESIDE = ".~tmp~"  # the folder of files that wait to be renamed (--delay-updates)
_VANISHED = "partial basis"  # rsync's words for such a file that has just gone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stale:
    """A file that rsync would send; `is_there` if it replaces another."""

    path: str
    rank: int
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _SendingPlan:
    """The files to send, in groups that follow one another, and those that are to be there.

    `before` has the files that an earlier copy wrote; it is None where there is no folder yet.
    """

    stale: Sequence[_Stale]
    before: set[str] | None
    wanted: frozenset[str]
    damaged: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self.before or ())

    @property
    def gone(self) -> list[str]:
        return sorted(self.known - self.wanted)

    @property
    def after(self) -> frozenset[str]:
        """The files that are there at the end: earlier copies of damaged ones stay."""
        return self.wanted - (self.damaged - self.known)


class RsyncCopy:
    """The copy of the documents in `source` at a target such as `www@host:/srv/www`.

    Raises `DatelineError` for an address that names no folder on a machine.
    """

    def __init__(self, target: str, source: Path) -> None:
        _verify_place(target)
        self._target = f"{target.rstrip('/')}/"
        self._source = source

    def update(
        self,
        documents: Iterable[DocumentListing],
        own: Mapping[str, bytes],
        progress: Progress = silent,
        *,
        is_trial: bool = False,
    ) -> CopyResult:
        """Send what has changed, new files first; then delete what is gone.

        `own` are further files; a trial writes nothing. Raises `DatelineError` if other files
        are there, and `StoreError` if rsync fails.
        """
        listings = {one.path: one for one in documents}
        with temporary_folder() as scratch:
            here = _Scratch(folder=Path(scratch))
            here.keep(own)
            known = self._recorded(here)
            stale = self._stale(here, listings, own, is_new=known is None)
            self._verify(stale, known or set())
            damaged = [one.path for one in stale if not self._is_whole(listings.get(one.path))]
            plan = _SendingPlan(
                stale=tuple(one for one in stale if one.path not in damaged),
                before=known,
                wanted=frozenset([*listings, *own]),
                damaged=frozenset(damaged),
            )
            if not is_trial:
                self._send(here, plan, progress)
        return CopyResult(
            copied=tuple(one.path for one in plan.stale),
            deleted=tuple(plan.gone),
            unchanged=len(plan.wanted) - len(plan.stale) - len(damaged),
            damaged=tuple(damaged),
        )

    # ---- What is there

    def _recorded(self, here: _Scratch) -> set[str] | None:
        """Return the files that this copy consists of, None where there is no folder yet."""
        done = self._run([f"{self._target}{RECORD}", str(here.folder / RECORD)], may_lack=True)
        if done is None:
            return self._empty()
        try:
            files = json.loads((here.folder / RECORD).read_bytes())["files"]
            is_sound = isinstance(files, list) and all(map(is_inside, files))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            is_sound = False
        if not is_sound:
            raise DatelineError(
                f"{RECORD} in {self._target} is damaged, so deploy cannot know which files are "
                f"its own: {_instead()}"
            )
        return set(files)

    def _empty(self) -> set[str] | None:
        """Return no files where the folder is empty. Raises `DatelineError` if it is not."""
        listed = self._run(["--list-only", self._target], may_lack=True)
        if listed is None:
            return None
        names = [line.split(None, 4)[-1] for line in listed.splitlines() if line]
        if RECORD in names:  # it was not there a moment ago
            raise self._at_once()
        other = next((name for name in names if name not in {".", ".git", _BESIDE}), "")
        if other:
            raise DatelineError(
                f"{self._target} holds files that deploy did not write ({other}): {_instead()}"
            )
        return set()

    def _stale(
        self,
        here: _Scratch,
        listings: Mapping[str, DocumentListing],
        own: Iterable[str],
        *,
        is_new: bool,
    ) -> list[_Stale]:
        """Return the files that rsync would send, in the order in which to send them."""
        found: dict[str, bool] = dict.fromkeys([*listings, *own], False) if is_new else {}
        if not is_new:
            found = self._sent(here, self._source, [*listings], "--dry-run")
            found |= self._sent(here, here.own, [*own], "--dry-run", "--checksum")
        ranks = {path: int(one.role) for path, one in listings.items()}
        stale = [
            _Stale(path=path, rank=ranks.get(path, AFTER_DOCUMENTS), is_there=is_there)
            for path, is_there in found.items()
        ]
        return sorted(stale, key=lambda one: (one.is_there, one.rank, one.path))

    def _verify(self, stale: Sequence[_Stale], known: set[str]) -> None:
        """Raise `DatelineError` if something that deploy did not write is in the way."""
        for one in stale:
            if one.is_there and one.path not in known:
                raise DatelineError(
                    f"{self._target}{one.path} was not written by deploy: move it away, or "
                    f"{_instead()}"
                )

    def _is_whole(self, listing: DocumentListing | None) -> bool:
        """Return whether a document is what was published."""
        if listing is None:
            return True
        try:
            return whole_bytes(self._source, listing) is not None
        except OSError:
            return False

    # ---- Sending

    def _send(self, here: _Scratch, plan: _SendingPlan, progress: Progress) -> None:
        both = plan.known | plan.after
        if plan.before is None or both != plan.known:
            self._record(here, both, is_new=plan.before is None)
        done = 0
        for (_, rank), group in groupby(plan.stale, lambda one: (one.is_there, one.rank)):
            paths = [one.path for one in group]
            if rank == AFTER_DOCUMENTS:
                self._sent(here, here.own, paths, "--checksum")
            else:
                self._sent(here, self._source, paths)
            done += len(paths)
            progress(done, len(plan.stale))
        for path in plan.gone:  # rsync deletes files that it misses in folders that it finds
            (here.empty / path).parent.mkdir(parents=True, exist_ok=True)
        self._sent(here, here.empty, plan.gone, "--delete-missing-args")
        if both != plan.after:
            self._record(here, plan.after, is_new=False)

    def _record(self, here: _Scratch, files: Iterable[str], *, is_new: bool) -> None:
        text = json.dumps({"written by": "dateline deploy", "files": sorted(files)}, indent=0)
        (here.folder / RECORD).write_text(f"{text}\n", "utf-8")
        options = ["--ignore-times", *(["--mkpath"] if is_new else [])]
        self._run([*options, str(here.folder / RECORD), self._target])

    def _sent(
        self, here: _Scratch, source: Path, paths: Sequence[str], *options: str
    ) -> dict[str, bool]:
        """Send files; return those that rsync had to send, and whether each was there before."""
        if not paths:
            return {}
        here.list.write_bytes(b"".join(f"{path}\0".encode() for path in paths))
        words = [*options, f"--files-from={here.list}", f"{source}/", self._target]
        rows = [line.partition(" ") for line in (self._run(words) or "").splitlines()]
        return {path: "+" not in marks for marks, _, path in rows if marks[:2] in {"<f", ">f"}}

    def _run(self, words: Sequence[str], *, may_lack: bool = False) -> str | None:
        """Run rsync and return its output; None for a missing file or folder, if that may be."""
        waits = ["--contimeout=15"] if self._target.startswith("rsync://") else []
        try:
            done = subprocess.run(  # noqa: S603 - the target is of the form of one
                ["rsync", *_OPTIONS, *waits, *words],  # noqa: S607 - as people install it
                env={**os.environ, "LC_ALL": "C"},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            raise DatelineError("The program rsync is not installed here.") from None
        if done.returncode == 0:
            return done.stdout
        if may_lack and done.returncode == _PARTIAL and _ABSENT in done.stderr:
            return None
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        if any((f"{_BESIDE}/" in line and _ABSENT in line) or _VANISHED in line for line in lines):
            raise self._at_once()
        first = lines[0] if lines else "no reason given"
        raise StoreError(f"{self._target}: rsync ended with {done.returncode}: {first}")

    def _at_once(self) -> StoreError:
        """Return the error of files that vanish or appear while they are being written."""
        return StoreError(
            f"{self._target} was written to by something else at the same time, as by another "
            "deploy. Type this again when that has ended."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scratch:
    """A folder for the files that are no documents, and for lists."""

    folder: Path

    @property
    def own(self) -> Path:
        return self.folder / "own"

    @property
    def empty(self) -> Path:
        return self.folder / "empty"

    @property
    def list(self) -> Path:
        return self.folder / "list"

    def keep(self, own: Mapping[str, bytes]) -> None:
        """Write the files that are no documents."""
        self.empty.mkdir()
        self.own.mkdir()
        for path, data in own.items():
            (self.own / path).parent.mkdir(parents=True, exist_ok=True)
            (self.own / path).write_bytes(data)


def is_rsync(target: str) -> bool:
    """Return whether a target is one of rsync: `rsync://HOST/MODULE` or `USER@HOST:PATH`."""
    if "://" in target:
        return target.startswith("rsync://")
    return bool(_PLACE.fullmatch(target)) and not Path(target).exists()


def verify_is_folder(target: str) -> None:
    """Raise `DatelineError` for a machine without a folder, which would be a folder on this one."""
    if _MACHINE.fullmatch(target) and not Path(target).exists():
        raise DatelineError(
            f"{target} names a machine, and no folder on it: write a colon and its path, as in "
            f"www@news.example.org:/srv/www/news. For a folder here, write ./{target}"
        )


def _verify_place(target: str) -> None:
    """Raise `DatelineError` for an address that names no folder on a machine."""
    if not _PLACE.fullmatch(target):
        raise DatelineError(
            "The address of a server of rsync names a machine and a module, as in "
            "rsync://news.example.org/news. A password comes from RSYNC_PASSWORD."
        )


def _instead() -> str:
    return (
        f"name an empty folder, as in: {program.name()} deploy www@news.example.org:/srv/www/news"
    )
