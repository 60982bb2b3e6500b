"""The state of each file after a decision, and the files that staff stopped.

Of a file that was stopped before its publication the ledger keeps a digest, so that the same
content is held under any name and at any time. A file with other content is not concerned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from dateline.config import Config
from dateline.entries.scan import CUT_AFTER, UNSEEN
from dateline.errors import Problem, State
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord
from dateline.messages import shown
from dateline.messages.values import at
from dateline.model import Entry
from dateline.publish.assess.batches import stories_of
from dateline.publish.assess.faults import named
from dateline.publish.assess.settling import changed_at, last_changed_at
from dateline.rules import undone, wrong_year
from dateline.rules.decide import Decision
from dateline.rules.selection import misspelt, near_categories, takes
from dateline.text.characters import comparable

if TYPE_CHECKING:  # they import all that parsing needs
    from dateline.entries.reader import ReadResult
    from dateline.publish.run import Run

# How long staff are warned of what a change did, and of a problem that nothing they do removes.
_OF_CHANGES = dict.fromkeys({*undone.CODES, "correction-stays"}, timedelta(days=1))
_LAST_UNREAD = wrong_year.CODES | {"other-news"}
_LASTS = {**dict.fromkeys(wrong_year.CODES, wrong_year.SOON), **_OF_CHANGES}


ON_LIVE = frozenset({"change-not-out", "still-live"})  # what readers have, of a file that is held


def record_of(
    read: ReadResult, decision: Decision, run: Run, before: FileRecord | None, *, is_live: bool
) -> FileRecord:
    """Return the state of a file, with the lines of the fields that have problems."""
    config = run.config
    problems = [*read.problems, *_decided(read, decision, config)]
    states = {problem.state for problem in problems}
    if State.HOLD in states and is_live:
        problems += _unpublished(read, before, config)
    path = read.path
    moment = decision.scheduled.get(path) or decision.postponed.get(path)
    if State.HOLD in states:
        state = State.HOLD.value
    elif State.WAIT in states:
        state = State.WAIT.value
        moment = read.due or changed_at(read) + timedelta(seconds=CUT_AFTER)
    elif moment:
        state = "scheduled"
    else:
        state = "draft" if read.path in decision.drafts else "live"
    record = FileRecord(
        stamp=read.stamp,
        state=state,
        due=moment,
        beside=read.beside,
        problems=tuple(
            replace(problem, line=problem.line or read.lines.get(problem.field or ""))
            for problem in problems
        ),
    )
    return _warned(record, before, run, read, decision)


def _is_out(read: ReadResult, before: FileRecord | None) -> bool:
    """Return whether readers have the current text: a setting has changed, or the release."""
    if before is None or before.stamp != read.stamp:
        return False
    is_same = all(read.beside.get(name, stamp) == stamp for name, stamp in before.beside.items())
    was_out = before.state == "live" or any(one.code == "still-live" for one in before.problems)
    return is_same and was_out


def _unpublished(read: ReadResult, before: FileRecord | None, config: Config) -> Iterator[Problem]:
    """Yield since when readers lack the current text: the last change of any of its files."""
    if _is_out(read, before):
        yield Problem(code="still-live", file=read.path)
    elif read.stamp != UNSEEN:  # otherwise the time is unknown
        changed = last_changed_at(read).astimezone(config.publication.zone)
        yield Problem(code="change-not-out", file=read.path, found=f"{changed:%Y-%m-%d %H:%M}")


def _decided(read: ReadResult, decision: Decision, config: Config) -> Iterator[Problem]:
    yield from (problem for problem in decision.problems if problem.file == read.path)
    if read.story is None:
        return
    if read.path in decision.drafts:
        yield Problem(code="draft", file=read.path, field="draft")
    elif moment := decision.scheduled.get(read.path):
        local = moment.astimezone(config.publication.zone)
        code = "cooling" if read.path in decision.cooling else "scheduled"
        yield Problem(code=code, file=read.path, field="date", wanted=at(local))
    elif not any(takes(feed, read.story) for feed in config.feeds):
        language = read.story.language
        yield Problem(code="feed-none", file=read.path, field="language", found=language)


def _warned(
    record: FileRecord,
    before: FileRecord | None,
    run: Run,
    read: ReadResult,
    decision: Decision,
) -> FileRecord:
    """Return a record with the beginning of each problem; some warnings end after a time.

    The warning of a wrong year and the question about other news stay while the file cannot be
    read; one of what a change did, while
    that is so, however often the file is saved. That news was displaced is told until that is
    withdrawn.
    """
    now, grace = run.now, {"news-displaced": run.config.grace}
    if before:
        changes = (_OF_CHANGES | grace).items()
        ended = {code for code, lasts in changes if _is_over(before, code, lasts, now)}
        since = {code: moment for code, moment in before.since.items() if code not in ended}
        before = replace(before, since=since)
        told = [*_still_told(record, before, read, decision)]
        if read.story is None:
            told += [problem for problem in before.problems if problem.code in _LAST_UNREAD]
        record = replace(record, problems=(*record.problems, *told))
    record = record.after(before, now)
    lasting = (_LASTS | grace).items()
    ends = [record.since[code] + lasts for code, lasts in lasting if code in record.since]
    return replace(record, due=min(ends)) if ends and record.state == "live" else record


def _is_over(before: FileRecord, code: str, lasts: timedelta, now: datetime) -> bool:
    return code in before.since and now - before.since[code] >= lasts


def _still_told(
    record: FileRecord, before: FileRecord, read: ReadResult, decision: Decision
) -> Iterator[Problem]:
    """Yield the warnings of what changes did that hold for what readers have now."""
    notes = [one for one in before.problems if one.code in _OF_CHANGES.keys() & before.since.keys()]
    if not notes or any(entry.story.path == read.path for entry in decision.arrived):
        return
    live = (entry for entry in decision.changed if entry.story.path == read.path)
    entry = next(live, None)
    told = {(one.code, one.found) for one in record.problems}
    for one in notes:
        is_told = (one.code, one.found) in told
        if not is_told and (entry is None or _holds(one, entry, before.since[one.code])):
            yield replace(one, line=read.lines.get(one.field or ""))


def _holds(note: Problem, entry: Entry, since: datetime) -> bool:
    """Return whether a note of a change that was made then holds for what an entry is now.

    That news was replaced does not once its date is put back, or the file says that it is the same;
    that it was displaced does not once it is back.
    """
    story = entry.story
    if note.code == "retraction-undone":
        return not story.retraction
    if note.code == "news-displaced":
        return f"{entry.slug}.html" != note.found
    if note.code == "correction-stays":
        published = {shown(one.text) for one in entry.corrections}
        return note.found in published - {shown(text) for text in story.correction}
    is_declared = bool(story.retraction) or entry.updated > since
    return story.date.first_day.isoformat() > str(note.found) and not is_declared


def with_requests(records: dict[str, FileRecord], run: Run) -> dict[str, FileRecord]:
    """Hold the attention of staff on the files of entries whose withdrawal is asked for.

    Readers get what the files say, as they do without a request.
    """
    asked = {one.entry_id: one for one in run.ledger.state.withdrawal_requests}
    if not asked:
        return records
    for entry in run.ledger.entries.find([*asked]).values():
        path, request = entry.story.path, asked[entry.id]
        if path in records and path not in run.request.unsaved:
            problem = Problem(
                code="withdrawal-asked", file=path, found=request.person, wanted=request.reason
            )
            record = records[path]
            held = replace(record, state=State.HOLD.value, problems=(*record.problems, problem))
            records |= {path: held.after(run.ledger.files.find([path]).get(path), run.now)}
    return records


# ---- Files that staff stopped


def stop(ledger: Ledger, data: bytes) -> None:
    """Record that a file of these bytes is never published, under any name."""
    ledger.state.add_stopped(_digest(data))


def doubt(ledger: Ledger, data: bytes) -> None:
    """Record that a file of these bytes may have been published before the ledger was lost."""
    ledger.state.add_unrecognised([_digest(data)])


def without_stopped(
    read: Sequence[ReadResult], ledger: Ledger, live: Collection[str]
) -> list[ReadResult]:
    """Hold the files that were stopped and have not changed, unless they are `live`."""
    state = ledger.state
    for held, code in (
        (frozenset(state.stopped_digests), "stopped"),
        (frozenset(state.unrecognised_digests), "unrecognised"),
    ):
        read = [
            _held(one, code) if _is_among(held, one) and one.path not in live else one
            for one in (read if held else ())
        ] or read
    return [*read]


def with_misspelt(files: Sequence[ReadResult], config: Config, ledger: Ledger) -> list[ReadResult]:
    """Add which categories are nearly those that feeds select or entries have."""
    used = _categories(files)
    if not used:
        return [*files]
    selected = {comparable(c): c for feed in config.feeds for c in feed.categories}
    known = ledger.entries.spellings(used) | selected
    return named(files, partial(_with_near, known=known, selected=selected.keys()))


def _with_near(
    files: Sequence[ReadResult], *, known: Mapping[str, str], selected: Collection[str]
) -> list[ReadResult]:
    meant = misspelt(_categories(files), known, selected)
    if not meant:
        return [*files]
    return [replace(one, problems=(*one.problems, *near_categories(one, meant))) for one in files]


def _categories(files: Sequence[ReadResult]) -> set[str]:
    return {category for story in stories_of(files) for category in story.categories}


def without_faulty(read: Sequence[ReadResult], faulty: Collection[str]) -> list[ReadResult]:
    """Hold the files whose entries cannot be rendered."""
    return [_held(one, "file-fault") if one.path in faulty else one for one in read]


def _is_among(stopped: Collection[str], read: ReadResult) -> bool:
    return read.story is not None and _digest(read.data) in stopped


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _held(read: ReadResult, code: str) -> ReadResult:
    problem = Problem(code=code, file=read.path)
    return replace(read, story=None, problems=(*read.problems, problem))
