"""Held copies of other files: of what they are, and what they said once.

A copy stays held while its original changes or goes: else an older text would come out again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence

from dateline.entries.filenames import folder_of
from dateline.errors import HELD, Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.publish.assess.batches import Batch
from dateline.publish.run import Run
from dateline.rules import story_json

_COPIES = frozenset({"copy", "copy-kept", "name-conflict", "name-copy", "name-version"})
_MERE_COPIES = _COPIES | {"copy-alone", "id-taken"}
_STAY_HELD = frozenset({"copy-kept", "copy-alone"})
_MOST_KEPT = 500  # texts of copies


def copied_by(batch: Batch, run: Run) -> dict[str, str]:
    """Return the files of a batch that are held as copies, each with the file that it copies.

    That is empty where it is neither there nor published.
    """
    return _known_texts(batch, run) | {
        path: _kept(known) or original(path, known, run) or _published(path, known, run)
        for path, known in batch.unchanged()
        if not _MERE_COPIES.isdisjoint(problem.code for problem in known.problems)
    }


def said_of_copies(batch: Batch, run: Run) -> dict[str, Problem]:
    """Return what was said about copies of files that wait and are not looked at in this run."""
    said = {
        path: problem
        for path, known in batch.unchanged()
        for problem in known.problems
        if problem.code in {"copy", "name-copy"} and problem.found not in batch.records
    }
    others = run.ledger.files.find(sorted({str(one.found) for one in said.values()}))
    waiting = {path for path, one in others.items() if one.state == "scheduled"}
    return {path: problem for path, problem in said.items() if problem.found in waiting}


def remember(batch: Batch, problems: Sequence[Problem], ledger: Ledger) -> None:
    """Record what copies say that stay held, for later runs."""
    kept = {one.file: str(one.found) for one in problems if one.code in _STAY_HELD}
    if kept:
        before = _kept_copies(ledger)
        stories = [one for one in batch.stories if one.path in kept]
        after = {story_json.content_digest(one): kept[one.path] for one in stories}
        others = {text: path for text, path in before.items() if text not in after}
        recent = [*others.items(), *after.items()][-_MOST_KEPT:]
        ledger.state.copies = json.dumps(dict(recent))


def forget(ledger: Ledger, paths: Collection[str]) -> None:
    """Forget the kept copies of these files, which are not published again either."""
    before = _kept_copies(ledger)
    found = {text for text, path in before.items() if path in paths}
    if found:
        ledger.state.note_taken_down(found)
        ledger.state.copies = json.dumps({text: before[text] for text in before.keys() - found})


def original(path: str, record: FileRecord, run: Run) -> str:
    """Return the file that a held one copies; an empty text if it is not there."""
    places = _places(path, record)
    return next((place for place in places if _is_there(place, run)), "")


def _is_there(place: str, run: Run) -> bool:
    return os.path.isfile(run.config.entries / place)  # noqa: PTH113 - false for what is too long


def _known_texts(batch: Batch, run: Run) -> dict[str, str]:
    """Return the files that say what a kept copy said, with what that copied.

    They have other names, as backups that are tidied away, or were saved again as they were.
    """
    kept = _kept_copies(run.ledger)
    said = {one.path: story_json.content_digest(one) for one in batch.stories} if kept else {}
    found = {}
    for path, content in said.items():
        known, copied = batch.records.get(path), kept.get(content)
        if not copied or copied == path or (known and known.state not in HELD):
            continue
        stays_held = known and any(one.code in _STAY_HELD for one in known.problems)
        if stays_held or _is_there(copied, run):
            found[path] = copied
    return found


def _kept_copies(ledger: Ledger) -> dict[str, str]:
    """Return what kept copies said, as digests; nothing if a disk has damaged that."""
    try:
        found = json.loads(ledger.state.copies or "{}")
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


def _places(path: str, record: FileRecord) -> list[str]:
    """Return where the file may be that a held one copies: messages name some without a folder."""
    names = [str(one.found) for one in record.problems if one.code in _COPIES]
    places = [place for name in names for place in (f"{folder_of(path)}{name}", name)]
    return [place for place in places if place != path]
