"""Files that are held and cannot be read, and the entries whose news they may have.

They are compared by their lines and words: a file that was renamed by a program that synchronises,
or has a mistake since, cannot be recognised otherwise before staff mend it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dateline.entries.filenames import folder_of
from dateline.entries.scan import MAX_SIZE
from dateline.errors import HELD, Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.model import Source, Story
from dateline.publish.assess.batches import Batch
from dateline.publish.run import Run
from dateline.rules import story_json
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.rules.withdrawals import Missing, gone_code
from dateline.system import safe_files

if TYPE_CHECKING:  # it imports all that compares
    from dateline.text.similarity import Vocabulary

_COPIES = frozenset({"copy", "copy-kept", "name-conflict", "name-copy", "name-version"})
_MERE_COPIES = _COPIES | {"copy-alone", "id-taken"}
_STAY_HELD = frozenset({"copy-kept", "copy-alone"})
_TAKEN_DOWN = "taken-down"
_MOST_KEPT = 500  # texts of copies
_log = logging.getLogger(__name__)


def not_in_held_files(
    missing: Sequence[Missing], run: Run, records: Mapping[str, FileRecord]
) -> Iterator[Missing]:
    """Yield the `missing` entries that no held file may be.

    Such a file has the title, the id or much of the text; the text of a copy is that of the file
    that it copies, if that is there or was taken down. One that a fault of Dateline keeps from
    being compared may be any entry. `records` are those of all files with problems. An entry that
    staff withdraw now is always yielded.
    """
    held = [path for path, record in records.items() if missing and record.state in HELD]
    if not held:
        yield from missing
        return
    files = [_held_file(path, records[path], run) for path in held]
    known = run.ledger.entries.find([one.id for one in missing])
    for one in missing:
        entry = known.get(one.id)
        is_meant = gone_code(one.id) == run.approval.code
        if is_meant or entry is None or not _may_be(one.id, entry.story, files):
            yield one


def _held_file(path: str, record: FileRecord, run: Run) -> _HeldFile | None:
    """Return a held file; None if a fault of Dateline keeps it from being compared."""
    try:
        return replace(_HeldFile.of(_source(run, path)), is_copy=_is_copy(path, record, run))
    except Exception:  # noqa: BLE001 - one file must not keep the others from being published
        _log.exception("%s cannot be compared, for a reason that Dateline does not know.", path)
        return None


def _may_be(id_: str, story: Story, files: Sequence[_HeldFile | None]) -> bool:
    return any(file is None or file.may_be(id_, story) for file in files)


def remembered(batch: Batch, run: Run) -> LedgerSnapshot:
    """Return what the ledger knows about the stories of a batch, and about its files."""
    entries, unread = run.ledger.entries, sorted({*batch.live}.intersection(batch.unread))
    return replace(
        entries.snapshot(batch.stories),
        unreadable=_written_over(batch, entries.live_at(unread)) if unread else (),
        taken=run.taken,
        said_of_copies=_said_of_copies(batch, run),
        copies=_known_copies(batch, run)
        | {
            path: _kept(known) or _original(path, known, run) or _published(path, known, run)
            for path, known in batch.unchanged()
            if not _MERE_COPIES.isdisjoint(problem.code for problem in known.problems)
        },
        scheduled=frozenset(p for p, one in batch.records.items() if one.state == "scheduled"),
        still_scheduled=frozenset(
            path for path, one in batch.unchanged() if one.state == "scheduled"
        ),
    )


def forget_copies(ledger: Ledger, paths: Collection[str]) -> None:
    """Forget the kept copies of these files, which are not published again either."""
    before = _kept_copies(ledger)
    found = {text for text, path in before.items() if path in paths}
    if found:
        ledger.state.note_taken_down(found)
        ledger.state.copies = json.dumps({text: before[text] for text in before.keys() - found})


def _kept_copies(ledger: Ledger) -> dict[str, str]:
    """Return what kept copies said, as digests; nothing if a disk has damaged that."""
    try:
        found = json.loads(ledger.state.copies or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _known_copies(batch: Batch, run: Run) -> dict[str, str]:
    """Return the files that say what a kept copy said, with what that copied.

    They have other names, as backups that are tidied away, or were saved again as they were.
    """
    kept = _kept_copies(run.ledger)
    said = {one.path: story_json.content_digest(one) for one in batch.stories} if kept else {}
    found = {}
    for path, content in said.items():
        known, original = batch.records.get(path), kept.get(content)
        if not original or original == path or (known and known.state not in HELD):
            continue
        stays_held = known and any(one.code in _STAY_HELD for one in known.problems)
        if stays_held or (run.config.entries / original).is_file():
            found[path] = original
    return found


def _said_of_copies(batch: Batch, run: Run) -> dict[str, Problem]:
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


def forbid(batch: Batch, problems: Sequence[Problem], run: Run) -> None:
    """Record what held files say for later runs: of what is taken down now, and of kept copies."""
    held = {one.file for one in problems if run.taken and one.code == _TAKEN_DOWN}
    said = [story_json.headline_digest(one) for one in batch.stories if one.path in held]
    run.ledger.state.note_taken_down(said)
    kept = {one.file: str(one.found) for one in problems if one.code in _STAY_HELD}
    if kept:
        before = _kept_copies(run.ledger)
        stories = [one for one in batch.stories if one.path in kept]
        after = {story_json.content_digest(one): kept[one.path] for one in stories}
        others = {text: path for text, path in before.items() if text not in after}
        recent = [*others.items(), *after.items()][-_MOST_KEPT:]
        run.ledger.state.copies = json.dumps(dict(recent))


def _written_over(batch: Batch, unread: Collection[PublishedEntry]) -> list[PublishedEntry]:
    """Return those of the live entries at `unread` files of which these have nothing now.

    Other news with a mistake was moved or written there. Where another file says what the entry
    says, words that both files happen to have do not count.
    """
    files = {one.path: Source(path=one.path, data=one.data, age=0.0) for one in batch.files}
    compared = [(files.get(known.path), known.story, known) for known in unread]
    said = {story_json.content_digest(story) for story in batch.stories}
    return [
        known
        for source, story, known in compared
        if source
        and source.data
        and story
        and _HeldFile.of(source).is_other(known.id, story, is_elsewhere=known.content in said)
    ]


def _is_copy(path: str, record: FileRecord, run: Run) -> bool:
    """Return whether a held file is a copy, in any folder: of one that is there, or taken down."""
    if any(one.code == _TAKEN_DOWN for one in record.problems):
        return True
    return bool(_original(path, record, run))


def _kept(record: FileRecord) -> str:
    """Return the file of which a held one was a copy, which has changed or gone since."""
    return next((str(one.found) for one in record.problems if one.code == "copy-kept"), "")


def _original(path: str, record: FileRecord, run: Run) -> str:
    """Return the file that a held one copies; an empty text if it is not there."""
    places = _places(path, record)
    return next((place for place in places if (run.config.entries / place).is_file()), "")


def _published(path: str, record: FileRecord, run: Run) -> str:
    """Return the file that a held one copied, of whose entry readers have the news."""
    live = run.ledger.entries.live_paths(_places(path, record))
    return min(live, default="")


def _places(path: str, record: FileRecord) -> list[str]:
    """Return where the file may be that a held one copies: messages name some without a folder."""
    names = [str(one.found) for one in record.problems if one.code in _COPIES]
    places = [place for name in names for place in (f"{folder_of(path)}{name}", name)]
    return [place for place in places if place != path]


@dataclass(frozen=True, slots=True)
class _HeldFile:
    """What the lines of a held file give to some field, and its words.

    Title and words of one that `is_copy` tell nothing about other entries, as those of a series.
    """

    values: frozenset[str]
    vocabulary: Vocabulary
    is_copy: bool = False

    @classmethod
    def of(cls, source: Source) -> _HeldFile:
        """Return a file as far as it can be read."""
        from dateline.entries.duplicates import values  # noqa: PLC0415 - it imports what reads
        from dateline.text.similarity import Vocabulary  # noqa: PLC0415

        return cls(values(source), Vocabulary.of(source.data.decode(errors="replace")))

    def may_be(self, id_: str, story: Story) -> bool:
        """Return whether the file has the title, the id or much of the text of an entry."""
        from dateline.entries.duplicates import plain  # noqa: PLC0415 - it imports what reads

        if plain(id_) in self.values:
            return True
        is_named = plain(story.title) in self.values
        return not self.is_copy and (is_named or self.vocabulary.has_much_of(story))

    def is_other(self, id_: str, story: Story, *, is_elsewhere: bool) -> bool:
        """Return whether the file has neither title nor id nor any of the text of an entry.

        If the entry certainly `is_elsewhere`, it may have some of the text.
        """
        return not self.may_be(id_, story) and (
            is_elsewhere or self.vocabulary.has_nothing_of(story)
        )


def _source(run: Run, path: str) -> Source:
    """Return a file as far as it can be read."""
    data = b""
    with suppress(OSError):
        data, _ = safe_files.read(str(run.config.entries), path, MAX_SIZE)
    return Source(path=path, data=data, age=0.0)
