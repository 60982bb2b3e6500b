"""Approval: what a writer saved through the newsroom waits until an editor has approved it.

The ledger has the digests of the contents that wait, of entries, pictures and documents. A file
that has such a content, or uses such a file, is held under any name, until exactly this content is
approved in this entry. A content that was saved in one place, and has no other use, is then free.
The digest is in the ledger before the file has its name, and is asked for after the file
was read, so no run can read a content that it does not know to be waiting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dateline.entries import scan
from dateline.entries.filenames import is_entry
from dateline.entries.scan import ChangedError, FileStamp
from dateline.errors import Problem
from dateline.ledger.rows import FileRecord
from dateline.ledger.unapproved import is_free, use_of
from dateline.model.acts import Submission
from dateline.publish.run import Run
from dateline.rules.guards import code_of
from dateline.rules.story_json import content_digest

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_DIGITS = 40  # a writer who finds two contents with one code has the second published unseen


def submission(path: str, data: bytes, *, person: str, now: datetime) -> Submission:
    """Return what a person saves at a path below the entries folder."""
    digest = hashlib.sha256(data).hexdigest()
    return Submission(digest=digest, size=len(data), path=path, person=person, moment=now)


def without_unapproved(
    read: Sequence[ReadResult], run: Run, records: Mapping[str, FileRecord]
) -> list[ReadResult]:
    """Hold the files whose content, or a file that they use, waits for an editor.

    A draft is not published, and what readers already have does not wait. What is not saved yet is
    taken as approved, for `check.foresee`, which asks `uses_unapproved`.
    """
    changed = _changed(read, run)
    if run.ledger.state.has_lost_approvals:
        _presume([one for one in changed if _is_unknown(one, records.get(one.path))], run)
    if not changed or run.ledger.unapproved.is_empty:
        return [*read]
    held = {one.path: one for one in _held(changed, run)}
    return [held.get(one.path, one) for one in read]


def _changed(read: Sequence[ReadResult], run: Run) -> list[ReadResult]:
    """Return the files that would change what readers have."""
    if run.ledger.unapproved.is_empty and not run.ledger.state.has_lost_approvals:
        return []
    live = run.ledger.entries.live_contents([one.path for one in read])
    return [
        one
        for one in read
        if one.story
        and not one.story.draft
        and live.get(one.path) != content_digest(one.story)
        and one.path not in run.request.unsaved
    ]


@dataclass(frozen=True, slots=True)
class _Digests:
    """The digests of a file and of those that it uses, as far as they may wait, by path."""

    read: ReadResult
    found: Mapping[str, str]

    def asked(self, waiting: Mapping[str, Submission]) -> dict[str, Submission]:
        """Return what waits here, by path."""
        return _asked(self.read.path, self.found, waiting)


def uses_unapproved(
    entry: str, data: bytes, beside: Mapping[str, FileStamp | None], run: Run
) -> bool:
    """Return whether an entry of these bytes, or a file that it uses, waits for an editor.

    `beside` has all that it uses. Of one that changes meanwhile the next run finds out.
    """
    found = {entry: hashlib.sha256(data).hexdigest()}
    with suppress(ChangedError):
        found |= _beside(beside, run)
    return bool(_asked(entry, found, run.ledger.unapproved.among({*found.values()})))


def _asked(
    entry: str, digests: Mapping[str, str], waiting: Mapping[str, Submission]
) -> dict[str, Submission]:
    """Return what waits of the files with these digests in an entry, by path."""
    return {
        path: waiting[digest]
        for path, digest in digests.items()
        if digest in waiting and not is_free(waiting[digest], entry, path)
    }


def _held(changed: Sequence[ReadResult], run: Run) -> Iterator[ReadResult]:
    digests: list[_Digests] = []
    for one in changed:
        try:
            own = hashlib.sha256(one.data).hexdigest()
            digests.append(_Digests(one, {one.path: own, **dict(_beside(one.beside, run))}))
        except ChangedError:
            yield _with(one, Problem(code="file-changing", file=one.path))
    among = {digest for one in digests for digest in one.found.values()}
    waiting = run.ledger.unapproved.among(among)
    for found in digests:
        asked = found.asked(waiting)
        if asked and not _is_approved(found.read.path, asked, run):
            yield _with(found.read, _problem(found.read, asked))


def _is_approved(entry: str, asked: Mapping[str, Submission], run: Run) -> bool:
    """Return whether an editor approves exactly this now, and record it."""
    if run.approval.code != _code(entry, asked):
        return False
    for found in {one.digest: one for one in asked.values()}.values():
        places = {path for path, one in asked.items() if one.digest == found.digest}
        uses = found.approved | {use_of(entry, path) for path in places}
        if places == {found.path} and _has_no_other_use(found.path, uses, run):
            run.ledger.unapproved.free(found.digest)
        else:
            run.ledger.unapproved.approve(found.digest, uses)
    return True


def _has_no_other_use(path: str, uses: Collection[str], run: Run) -> bool:
    """Return whether no entry uses a file but those in which it is approved."""
    return all(use_of(entry, path) in uses for entry in run.ledger.files.users([path]))


def _beside(beside: Mapping[str, FileStamp | None], run: Run) -> Iterator[tuple[str, str]]:
    """Yield paths and digests of the used files that have the size of something that waits."""
    used = {path: stamp for path, stamp in beside.items() if stamp and not is_entry(path)}
    sizes = run.ledger.unapproved.sizes({stamp.size for stamp in used.values()})
    for path, stamp in used.items():
        if stamp.size in sizes:
            with suppress(OSError):  # then it is not published either
                data = scan.contents(run.config.entries, path, stamp, stamp.size + 1)
                yield path, hashlib.sha256(data).hexdigest()


def _problem(one: ReadResult, asked: Mapping[str, Submission]) -> Problem:
    code = _code(one.path, asked)
    own = asked[one.path].person if one.path in asked else ""
    if names := sorted({_saver(path, asked[path].person, own) for path in asked} - {""}):
        return Problem(code="unapproved", file=one.path, found=", ".join(names), wanted=code)
    return Problem(code="unapproved-unknown", file=one.path, wanted=code)


def _saver(path: str, person: str, own: str) -> str:
    """Return who saved a file, with its name if it is beside an entry that this person did not."""
    return person if person in {own, ""} else f"{person} ({PurePosixPath(path).name})"


def _code(entry: str, asked: Mapping[str, Submission]) -> str:
    parts = (f"{one.digest} {path}" for path, one in asked.items())
    return code_of("unapproved", [entry, *parts], digits=_DIGITS)


def _with(one: ReadResult, problem: Problem) -> ReadResult:
    return replace(one, story=None, problems=(*one.problems, problem))


# ---- A ledger that was lost


def _is_unknown(one: ReadResult, record: FileRecord | None) -> bool:
    """Return whether a file was not read before, as it is."""
    return record is None or (record.stamp, record.beside) != (one.stamp, one.beside)


def _presume(changed: Collection[ReadResult], run: Run) -> None:
    """Record that these contents wait, as nobody knows any more whether they did."""
    known = run.ledger.unapproved
    for one in changed:
        found = submission(one.path, one.data, person="", now=run.now)
        if not known.among([found.digest]):
            known.add(found)
