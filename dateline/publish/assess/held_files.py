"""Files that are held and cannot be read, and the entries whose news they may have.

They are compared by their lines and words: a file that was renamed by a program that synchronises,
or has a mistake since, cannot be recognised otherwise before staff mend it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from dateline.entries.media import path_beginning
from dateline.entries.scan import MAX_SIZE
from dateline.errors import HELD, Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.model import Source, Story
from dateline.publish.assess import held_copies
from dateline.publish.assess.batches import Batch
from dateline.publish.run import Run
from dateline.rules import story_json
from dateline.rules.identity.overwritten import SERIES, contents, is_asked_about
from dateline.rules.identity.published import FormerVersion, LedgerSnapshot, PublishedEntry
from dateline.rules.withdrawals import Missing, gone_code
from dateline.system import heartbeat, safe_files

if TYPE_CHECKING:  # it imports all that compares
    from dateline.text.similarity import Vocabulary

_TAKEN_DOWN = "taken-down"
_OTHER_NEWS = frozenset({"other-news", "other-news-id"})
# Files with these were kept from readers; a retraction that came too early stays one.
_NOT_OUT = frozenset(
    {"name-not-public", "not-public", "not-public-date", "not-public-title", "retraction-early"}
)
_log = logging.getLogger(__name__)


def not_in_held_files(
    missing: Sequence[Missing], run: Run, records: Mapping[str, FileRecord]
) -> Iterator[Missing]:
    """Yield the `missing` entries that no held file may be.

    Such a file has the title, the id or much of the text; the text of a copy is that of the file
    that it copies, if that is there or was taken down, and the text of a live entry's own file that
    has its title is the entry's. One that a fault of Dateline keeps from
    being compared may be any entry. `records` are those of all files with problems. An entry that
    staff withdraw now is always yielded.
    """
    held = [path for path, record in records.items() if missing and record.state in HELD]
    if not held:
        yield from missing
        return
    own = {one.path: one for one in run.ledger.entries.live_at(sorted(held))}
    files = [_held_file(path, records[path], run, own.get(path)) for path in held]
    known = run.ledger.entries.find([one.id for one in missing])
    for one in missing:
        heartbeat.beat()
        entry = known.get(one.id)
        is_meant = gone_code(one.id) == run.approval.code
        if is_meant or entry is None or not _may_be(one.id, entry.story, files):
            yield one


def _held_file(
    path: str, record: FileRecord, run: Run, own: PublishedEntry | None
) -> _HeldFile | None:
    """Return a held file, perhaps of a live entry; None if a fault of ours keeps it from that."""
    heartbeat.beat()  # the words of a large one take a second
    try:
        file = _HeldFile.of(_source(run, path))
        is_own = own is not None and own.story is not None and file.is_named(own.story)
        return replace(file, is_copy=_is_copy(path, record, run), is_own=is_own)
    except Exception:  # noqa: BLE001 - one file must not keep the others from being published
        _log.exception("%s cannot be compared, for a reason that Dateline does not know.", path)
        return None


def _may_be(id_: str, story: Story, files: Sequence[_HeldFile | None]) -> bool:
    return any(file is None or file.may_be(id_, story) for file in files)


def remembered(batch: Batch, run: Run, gone: Mapping[str, FileRecord]) -> LedgerSnapshot:
    """Return what the ledger knows about the stories of a batch, its files and those now `gone`."""
    entries, unread = run.ledger.entries, sorted({*batch.live}.intersection(batch.unread))
    snapshot = entries.snapshot(batch.stories, _series(batch, run.now))
    return replace(
        snapshot,
        former=_without_left_out(snapshot, gone),
        unreadable=_written_over(batch, entries.live_at(unread)) if unread else (),
        taken=run.taken,
        said_of_copies=held_copies.said_of_copies(batch, run, gone),
        copies=held_copies.copied_by(batch, run, snapshot.missing, gone),
        scheduled=frozenset(
            path for path, one in batch.records.items() if one.state == "scheduled"
        ),
        still_scheduled=frozenset(
            path for path, one in batch.unchanged() if one.state == "scheduled"
        ),
        still_copies=frozenset(held_copies.still_copies(batch)),
        still_held=frozenset(path for path, one in batch.unchanged() if one.state in HELD),
        asked=frozenset(path for path, one in batch.records.items() if _is_asked_about(one)),
        awaited=frozenset(path for path, one in batch.records.items() if _is_awaited(one)),
    )


def _without_left_out(
    snapshot: LedgerSnapshot, gone: Mapping[str, FileRecord]
) -> list[FormerVersion]:
    """Return the former versions, without those from before pictures or documents were gone.

    These were moved before the file that names them, which is `gone` now: it says the same in its
    new place.
    """
    now = {
        one.id: one for one in snapshot.missing if one.path in gone and _lacks_files(gone[one.path])
    }
    return [one for one in snapshot.former if not _has_more_files(one, now.get(one.id))]


def _has_more_files(version: FormerVersion, known: PublishedEntry | None) -> bool:
    """Return whether a former version says what an entry does, with other files."""
    if known is None or known.story is None or version.content == known.content:
        return False
    from dateline.text.similarity import has_same_words  # noqa: PLC0415 - only for moved files

    one, other = version.story, known.story
    is_one_text = has_same_words(one.html, other.html)
    return is_one_text and _without_media(one) == _without_media(other)


def _lacks_files(record: FileRecord) -> bool:
    return any(one.code == "image-not-there" for one in record.problems)


def _without_media(story: Story) -> Story:
    return replace(story, path="", html="", image=None, attachments=(), inline=())


def _series(batch: Batch, now: datetime) -> dict[str, datetime]:
    """Return the moment by path from which on live files were saved in one series with now.

    Of a file that is held the series ended when it began to be.
    """
    ended = {path: one.since.get("change-not-out", now) for path, one in batch.records.items()}
    return {path: ended.get(path, now) - SERIES for path in batch.live}


def _is_asked_about(record: FileRecord) -> bool:
    return any(one.code == "other-news" for one in record.problems)


def _is_awaited(record: FileRecord) -> bool:
    is_kept = not _NOT_OUT.isdisjoint(one.code for one in record.problems)
    return is_kept or record.state in {"scheduled", "draft"}


def forbid(batch: Batch, problems: Sequence[Problem], run: Run) -> None:
    """Record for later runs what held files say of the entry that is taken down in this one."""
    held = {one.file for one in problems if run.taken and one.code == _TAKEN_DOWN}
    said = [story_json.headline_digest(one) for one in batch.stories if one.path in held]
    run.ledger.state.note_taken_down(said)


def left_by_other_news(run: Run, records: Mapping[str, FileRecord]) -> list[str]:
    """Return the ids of the entries whose files were written over, and are now gone.

    Staff were asked to rename the new text; the entries stay as they are. Where no new entry has
    that text, staff are asked about them.
    """
    ledger = run.ledger
    asked = {
        path: problem
        for path, record in records.items()
        for problem in record.problems
        if problem.code in _OTHER_NEWS
    }
    if not asked:
        return []
    since = min(records[path].since.get(one.code, run.now) for path, one in asked.items())
    # By their files' names, since an entry that was recovered knows no more of its file.
    codes = {
        id_: str(one.wanted) for path, one in asked.items() for id_ in ledger.entries.ids_of([path])
    }
    set_overwritten(ledger, overwritten(ledger) | codes)
    _settle(ledger, ledger.entries.arrived(since))
    return [*codes]


def settle_overwritten(batch: Batch, ledger: Ledger) -> None:
    """Ask no more about entries whose files had other news, where new files have that now."""
    if ledger.state.overwritten:
        new = [one for one in batch.stories if one.path not in batch.live]
        _settle(ledger, contents(new))


def _settle(ledger: Ledger, said: Collection[str]) -> None:
    codes = overwritten(ledger)
    left = {id_: code for id_, code in codes.items() if not is_asked_about(said, id_, code)}
    set_overwritten(ledger, left)


def overwritten(ledger: Ledger) -> dict[str, str]:
    """Return the entries whose files had other news when they went, with the codes of that.

    A release before did not keep these: then they are empty.
    """
    rows = (row.partition("\t") for row in ledger.state.overwritten)
    return {id_: code for id_, _, code in rows}


def set_overwritten(ledger: Ledger, codes: Mapping[str, str]) -> None:
    """Record about which entries staff are asked, as `overwritten` returns them."""
    ledger.state.overwritten = [f"{id_}\t{code}" for id_, code in codes.items()]


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
    return bool(held_copies.original(path, record, run))


@dataclass(frozen=True, slots=True)
class _HeldFile:
    """What the lines of a held file give to some field, and its words.

    Title and words of one that `is_copy` tell nothing about other entries, as those of a series;
    nor do the words of one that `is_own`, which has the title of its own live entry.
    If it was attached to news, the path of that attachment begins with `attached`.
    """

    values: frozenset[str]
    vocabulary: Vocabulary
    attached: str
    is_copy: bool = False
    is_own: bool = False

    @classmethod
    def of(cls, source: Source) -> _HeldFile:
        """Return a file as far as it can be read."""
        from dateline.entries.duplicates import values  # noqa: PLC0415 - it imports what reads
        from dateline.text.similarity import Vocabulary  # noqa: PLC0415

        return cls(
            values=values(source),
            vocabulary=Vocabulary.of(source.data.decode(errors="replace")),
            attached=path_beginning(source.data),
        )

    def may_be(self, id_: str, story: Story) -> bool:
        """Return whether the file has the title, the id or much of the text of an entry.

        Title and text do not count if the file was attached to the entry.
        """
        from dateline.entries.duplicates import plain  # noqa: PLC0415 - it imports what reads

        if plain(id_) in self.values:
            return True
        if any((one.path or "").startswith(self.attached) for one in story.attachments):
            return False
        if self.is_copy or self.is_named(story):
            return not self.is_copy
        return not self.is_own and self.vocabulary.has_much_of(story)

    def is_named(self, story: Story) -> bool:
        """Return whether the file has the title of a story."""
        from dateline.entries.duplicates import plain  # noqa: PLC0415 - it imports what reads

        return plain(story.title) in self.values

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
