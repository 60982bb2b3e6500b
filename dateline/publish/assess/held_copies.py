"""Held copies of other files: of what they are, and what they said once.

A copy stays held while its original changes or goes: else an older text would come out again. So
is one that comes later of what a file said while it waited for its moment.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any

from dateline.entries.filenames import folder_of
from dateline.errors import HELD, Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord, seconds
from dateline.model import Story
from dateline.publish.assess.batches import Batch
from dateline.publish.run import Run
from dateline.rules import story_json
from dateline.rules.decide import Decision
from dateline.rules.identity.published import PublishedEntry
from dateline.text.moments import moment_of

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_COPIES = frozenset({"copy", "copy-kept", "name-conflict", "name-copy", "name-version"})
_MERE_COPIES = _COPIES | {"copy-alone", "id-taken"}
OF_WAITING = frozenset({"copy", "name-copy"})
_STAY_HELD = frozenset({"copy-kept", "copy-alone"})
_MOST_KEPT = 500  # texts of copies


def copied_by(
    batch: Batch,
    run: Run,
    missing: Collection[PublishedEntry],
    gone: Mapping[str, FileRecord],
) -> dict[str, str]:
    """Return the files of a batch that are held as copies, each with the file that it copies.

    That is empty where it is neither there nor published. What says the same as one of the entries
    `missing` may be its file. A copy of what is `gone` before it was out may come in its place, but
    not earlier.
    """
    stories = {one.path: one.story for one in batch.files if one.story}
    return _known_texts(batch, run, {known.content for known in missing}, gone) | {
        path: _kept(known)
        or original(path, known, run)
        or _published(path, known, run)
        or _cancelled(_places(path, known), stories.get(path), gone, run)
        for path, known in still_copies(batch).items()
    }


def still_copies(batch: Batch) -> dict[str, FileRecord]:
    """Return the records of the files of a batch that are held as copies and have not changed."""
    return {
        path: known
        for path, known in batch.unchanged()
        if not _MERE_COPIES.isdisjoint(problem.code for problem in known.problems)
    }


def said_of_copies(batch: Batch, run: Run, gone: Mapping[str, FileRecord]) -> dict[str, Problem]:
    """Return what is said about copies of files that wait and are not looked at, nor `gone`.

    These may be so many that a run does not read them all, or cannot be read now: what each said
    is known.
    """
    said = {
        path: problem
        for path, known in batch.unchanged()
        for problem in known.problems
        if problem.code in OF_WAITING and problem.found not in batch.records
    }
    waiting = _waiting({str(one.found) for one in said.values()}, run.ledger)
    said = {path: problem for path, problem in said.items() if problem.found in waiting}
    there = _read(run.ledger.state.waiting).items() if batch.files else ()
    read = {one.path for one in batch.files if one.story}
    if waits := {text: path for path, text in there if path not in read and path not in gone}:
        said |= {
            one.path: Problem(code=_copy_code(found, batch), file=one.path, found=found)
            for one in batch.files
            if one.story and (found := waits.get(_said(one))) and _is_new(one.path, batch)
        }
    return said


def _copy_code(found: str, batch: Batch) -> str:
    """Return the code of a copy; what it copies may say something else if it cannot be read."""
    return "copy-kept" if found in batch.records else "copy"


def _is_new(path: str, batch: Batch) -> bool:
    """Return whether a file has changed, and was neither published before nor waits itself."""
    known = batch.records.get(path)
    is_set = known is not None and known.state in {"live", "scheduled"}
    return not is_set and path not in still_copies(batch)


def _waiting(paths: Collection[str], ledger: Ledger) -> set[str]:
    found = ledger.files.find(sorted(paths)) if paths else {}
    return {path for path, one in found.items() if one.state == "scheduled"}


def remember(
    batch: Batch, decision: Decision, gone: Mapping[str, FileRecord], ledger: Ledger
) -> None:
    """Record what copies say that stay held, or whose originals wait, for later runs.

    Whoever copied what a file said while it waited may bring that later; those that are `gone` may
    have been moved.
    """
    kept = {one.file: str(one.found) for one in decision.problems if one.code in _STAY_HELD}
    copies = {one.file: str(one.found) for one in decision.problems if one.code in OF_WAITING}
    copies |= _copied_by_name(batch)
    if ledger.state.copies_gone:
        _forget_gone(ledger, _back_in_place(batch, ledger))
    waiting = _waiting({*copies.values()} - decision.scheduled.keys(), ledger)
    waiting |= decision.scheduled.keys()
    kept |= {path: copied for path, copied in copies.items() if copied in waiting}
    after = {_said(one): kept[one.path] for one in batch.files if one.path in kept}
    after |= _note_waiting(batch, decision, gone, ledger)
    if after:
        before = [one for one in _kept_copies(ledger).items() if one[0] not in after]
        recent = [*before, *after.items()][-_MOST_KEPT:]
        ledger.state.copies = json.dumps(dict(recent))
        _forget_gone(ledger, kept.values())


def _said_while_waiting(batch: Batch, ledger: Ledger) -> dict[str, str]:
    """Return what files of a batch said while they waited, and say no more, with these files."""
    waited = _read(ledger.state.waiting)
    return {
        waited[one.path]: one.path
        for one in batch.files
        if one.path in waited and one.story and waited[one.path] != _said(one)
    }


def _note_waiting(
    batch: Batch, decision: Decision, gone: Mapping[str, FileRecord], ledger: Ledger
) -> dict[str, str]:
    """Record what the files say that wait now; return what none of them says any more.

    One that cannot be read says what it did.
    """
    waited, former = _read(ledger.state.waiting), _said_while_waiting(batch, ledger)
    waiting = {one.path: _said(one) for one in batch.files if one.path in decision.scheduled}
    if waited or waiting:
        known = {one.path for one in batch.files if one.story} | gone.keys()
        before = [one for one in waited.items() if one[0] not in known]
        recent = [*before, *waiting.items()][-_MOST_KEPT:]
        ledger.state.waiting = json.dumps(dict(recent)) if recent else ""
    return {text: former[text] for text in former.keys() - {*waiting.values()}}


def _back_in_place(batch: Batch, ledger: Ledger) -> set[str]:
    """Return the files that changed, and say again what was copied from them."""
    kept, unchanged = _kept_copies(ledger), dict(batch.unchanged())
    changed = [one for one in batch.files if one.path not in unchanged]
    return {one.path for one in changed if _copied_text(one, kept) == one.path}


def _copied_by_name(batch: Batch) -> dict[str, str]:
    """Return the files that are held for their names, each with the file that it copies."""
    return {
        one.path: f"{folder_of(one.path)}{problem.found}"
        for one in batch.files
        for problem in one.problems
        if one.story is None and problem.code in _COPIES
    }


def _said(file: ReadResult) -> str:
    """Return a digest of what a file says; of one that was not read, it is that of its bytes."""
    return story_json.content_digest(file.story) if file.story else _digest(file)


def _digest(file: ReadResult) -> str:
    return hashlib.sha256(file.data).hexdigest()


def _copied_text(file: ReadResult, kept: Mapping[str, str]) -> str:
    """Return the file whose kept text a file says; an empty text if it says none."""
    return kept.get(_said(file)) or kept.get(_digest(file)) or ""


def forget(ledger: Ledger, paths: Collection[str]) -> None:
    """Forget the kept copies of these files, which are not published again either."""
    before = _kept_copies(ledger)
    found = {text for text, path in before.items() if path in paths}
    if found:
        ledger.state.note_taken_down(found)
        ledger.state.copies = json.dumps({text: before[text] for text in before.keys() - found})
    _forget_gone(ledger, paths)


def _forget_gone(ledger: Ledger, paths: Collection[str]) -> None:
    """Forget that copies of these files went: they are back under any name, or taken down."""
    if ledger.state.copies_gone:
        gone = _read(ledger.state.copies_gone)
        ledger.state.copies_gone = json.dumps({p: gone[p] for p in gone.keys() - {*paths}})


def note_gone(gone: Mapping[str, FileRecord], run: Run) -> None:
    """Record which kept copies are `gone`, and forget what was copied of files that were moved.

    These waited, are `gone` now, and have no copy that is held, or was until lately: the text that
    they have elsewhere is none of a copy. A program that moves a copy may delete it first.
    """
    ledger, before = run.ledger, _kept_copies(run.ledger)
    copied = {path for one in gone.values() if before and (path := _kept(one))}
    if copied:
        lately = _gone_lately(run) | dict.fromkeys(copied, seconds(run.now))
        ledger.state.copies_gone = json.dumps(lately)
    moved = {path for path, one in gone.items() if one.state == "scheduled"} & {*before.values()}
    if moved:
        moved -= _copied(ledger.files.noted()) | _gone_lately(run).keys()
        kept = {text: path for text, path in before.items() if path not in moved}
        ledger.state.copies = json.dumps(kept)


def _gone_lately(run: Run) -> dict[str, int]:
    """Return the files whose kept copies went within the time of grace, with the moments."""
    begun = seconds(run.now - run.config.grace)
    found = _read(run.ledger.state.copies_gone).items()
    return {path: at for path, at in found if isinstance(at, int) and at >= begun}


def _copied(records: Mapping[str, FileRecord]) -> set[str]:
    """Return the files that held ones of these copy."""
    held = [(path, record) for path, record in records.items() if record.state in HELD]
    return {place for path, record in held for place in _places(path, record)}


def original(path: str, record: FileRecord, run: Run) -> str:
    """Return the file that a held one copies; an empty text if it is not there."""
    places = _places(path, record)
    return next((place for place in places if _is_there(place, run)), "")


def _is_there(place: str, run: Run) -> bool:
    return os.path.isfile(run.config.entries / place)  # noqa: PTH113 - false for what is too long


def _known_texts(
    batch: Batch, run: Run, missing: Collection[str], gone: Mapping[str, FileRecord]
) -> dict[str, str]:
    """Return the files that say what a kept copy said, with what that copied.

    They have other names, as backups that are tidied away, or were saved again as they were. Where
    the file that was copied may itself have another name, that is empty.
    """
    kept, found = _kept_copies(run.ledger) | _said_while_waiting(batch, run.ledger), {}
    copies: _HeldCopies | None = None
    for file in batch.files if kept else ():
        path, known, said = file.path, batch.records.get(file.path), _said(file)
        copied = _copied_text(file, kept)
        if not copied or copied == path or (known and known.state not in HELD):
            continue
        copies = copies or _HeldCopies.of(batch, run, gone)
        stays_held = known and any(one.code in _STAY_HELD for one in known.problems)
        if stays_held or (_is_there(copied, run) and copies.is_none_other(path, copied)):
            found[path] = copied
        elif said not in missing:
            found[path] = copied if copied in copies.kept else ""
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldCopies:
    """What is copied by held files: by those that `went` in this run, or by any, till `lately`.

    The `kept` ones are copied by files that stay held, as what they copied says something else.
    `unchanged` are the files of a batch that are as they were, `texts` what its files say.
    """

    went: Collection[str]
    lately: Collection[str]
    kept: Collection[str]
    unchanged: Collection[str]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, batch: Batch, run: Run, gone: Mapping[str, FileRecord]) -> _HeldCopies:
        """Return what is copied beside a batch, with what was until files were `gone`."""
        records, lately = run.ledger.files.noted() | dict(gone), {*_gone_lately(run)}
        return cls(
            went=_copied(gone),
            lately=_copied(records) | lately,
            kept={_kept(one) for one in records.values()} | lately,
            unchanged={path for path, _ in batch.unchanged()},
            texts={one.path: one.story.html for one in batch.files if one.story},
        )

    def is_none_other(self, path: str, copied: str) -> bool:
        """Return whether a file is a copy, and not what was `copied`, which is moved.

        In whose place is other news then: of this run, or since a run in which nothing copied it.
        """
        from dateline.text.similarity import is_nearly_same  # noqa: PLC0415 - only for moved copies

        if path not in self.texts or copied not in self.texts:
            return True
        if is_nearly_same(self.texts[copied], self.texts[path]):
            return True
        return copied in (self.lately if copied in self.unchanged else self.went)


def _kept_copies(ledger: Ledger) -> dict[str, str]:
    """Return what kept copies said, as digests, each with the file that was copied."""
    return _read(ledger.state.copies)


def _read(kept: str) -> dict[str, Any]:
    """Return what the ledger keeps of copies; nothing if a disk has damaged that."""
    try:
        found = json.loads(kept or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _kept(record: FileRecord) -> str:
    """Return the file of which a held one was a copy, which has changed or gone since."""
    return next((str(one.found) for one in record.problems if one.code == "copy-kept"), "")


def _published(path: str, record: FileRecord, run: Run) -> str:
    """Return the file that a held one copied, of whose entry readers have the news."""
    live = run.ledger.entries.live_paths(_places(path, record))
    return min(live, default="")


def _cancelled(
    places: Collection[str], story: Story | None, gone: Mapping[str, FileRecord], run: Run
) -> str:
    """Return which of some files is `gone` before it was out, if the copy would be out earlier."""
    if story is None:
        return ""
    moment = moment_of(story.date.start, time.min, run.config.publication.zone)
    for place in places:
        was = gone.get(place)
        if was and was.state == "scheduled" and was.due and moment < was.due:
            return place
    return ""


def _places(path: str, record: FileRecord) -> list[str]:
    """Return where the file may be that a held one copies: messages name some without a folder."""
    names = [str(one.found) for one in record.problems if one.code in _COPIES]
    places = [place for name in names for place in (f"{folder_of(path)}{name}", name)]
    return [place for place in places if place != path]
