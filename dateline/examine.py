"""What does the entries folder hold now, and what becomes of each file?

From names to entries: look, judge, decide. The ledger is told, and nothing is committed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dateline import intake
from dateline.config import Config
from dateline.decide import Decision, decide
from dateline.decode import CUT_AFTER
from dateline.errors import Problem, State
from dateline.facets import misspelt, takes
from dateline.guard import Answer, code_of, updated_at_once
from dateline.intake import Look
from dateline.judge import Judge, Judged
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord, media_of
from dateline.model import Document, Entry, Original, Story
from dateline.originals import doubted_before, with_doubts
from dateline.stopped import without_stopped
from dateline.survey import survey

MOMENT = "%Y-%m-%d at %H:%M"
_BURST = timedelta(seconds=2)  # for which files may wait for others that are dropped with them


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the entries folder holds now.

    `files` has every file that was `judged` now (or is, by what others are now) and every other
    of which something is said, `gone` are those that were judged before. `entries` are those
    that the ledger did not have like this, `published` and `changed` the paths of those that
    readers will see as new and as changed, `media` their pictures and attachments. `skipped`
    are no entries, `closed` folders that cannot be read. `resume` is when a file that is still
    being written can be read. `decision` is all that was decided of `stories`, `before` what
    was live of it, by id; `released` are the ids of others whose files' names these entries
    have now; `guarded` is what a guard holds of it.
    """

    files: Mapping[str, FileRecord]
    entries: tuple[Entry, ...]
    published: tuple[str, ...]
    changed: tuple[str, ...]
    media: tuple[Document, ...]
    skipped: tuple[str, ...]
    closed: tuple[str, ...]
    judged: tuple[str, ...]
    gone: tuple[str, ...]
    resume: datetime | None
    stories: tuple[Story, ...]
    decision: Decision
    before: Mapping[str, Entry]
    released: tuple[str, ...]
    guarded: tuple[Problem, ...] = ()

    @property
    def asked_about(self) -> frozenset[str]:
        """Give the paths of files that are gone, but may go on under another name."""
        problems = (problem for record in self.files.values() for problem in record.problems)
        return frozenset(p.found for p in problems if p.found and p.code == "renamed-edited")


def examine(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    clock: datetime,
    anew: bool = False,
    asked: Collection[str] = (),
    answer: Answer = Answer(),  # noqa: B008 - a value that never changes
    whole: str = "entries/",
    told: Collection[str] | None = None,
) -> Examined:
    """Read what changed, what is `asked` for, or `anew` all; decide what becomes of it.

    Where files are `told` to have changed, no other is looked at but what waits.
    `answer` is what staff said to a guard; `whole` is what the folder is called.
    """
    found = survey(config, ledger, now=now, anew=anew, asked=asked, told=told)
    look, still = found.look, intake.holds_still_after(config.entries)
    before_of = ledger.files.find([*found.due])
    judged = _judged(found.due, look, config, still, now=now, clock=clock)
    judged = _spelt(judged, config, ledger)
    ledger.files.forget([*found.gone])
    ledger.mark_gone(found.there, None if anew else found.gone, now)
    live = ledger.live_names(found.due)
    judged = without_stopped(judged, ledger, live)
    stories = [one.story for one in judged if one.story]
    decision = decide(
        stories,
        ledger.memory(stories),
        publication=config.publication,
        now=now,
        cool=_cool(judged, config),
        answer=answer.code,
    )
    before = ledger.entries([entry.id for entry in decision.entries])
    decision, guarded = _guarded(decision, before, ledger, answer, whole)
    entries = tuple(entry for entry in decision.entries if before.get(entry.id) != entry)
    released = ledger.accept(entries, _originals(entries, judged, config), now)
    if anew:
        ledger.translations.settle()
    now_live = {entry.story.path: entry.id for entry in decision.entries}
    judged = with_doubts(judged, now_live, ledger)
    records = {one.path: _record(one, decision, config, is_live=one.path in live) for one in judged}
    records = {path: record.after(before_of.get(path), now) for path, record in records.items()}
    noted = ledger.files.noted()
    former = [entry.story.path for entry in before.values()]
    others = doubted_before(noted, judged, ledger, live=now_live, former=former, now=now)
    ledger.files.set(records | others)
    shown = {path for entry in decision.entries for path in media_of(entry.story)}
    new = {entry.id for entry in decision.arrived}
    return Examined(
        files=_without_named(noted | records | others, ledger, look),
        entries=entries,
        published=tuple(sorted(entry.story.path for entry in decision.arrived)),
        changed=tuple(
            sorted(e.story.path for e in entries if e.id not in new and _differs(e, before))
        ),
        media=tuple(d for one in judged for d in one.documents if d.path in shown),
        skipped=look.skipped,
        closed=look.closed,
        judged=(*found.due, *others),
        gone=found.gone,
        resume=_resume(judged, still, clock, now),
        stories=tuple(stories),
        decision=decision,
        before=before,
        released=released,
        guarded=guarded,
    )


def _differs(entry: Entry, before: Mapping[str, Entry]) -> bool:
    """Say whether readers see a difference: an editor and a file's name are not for them."""
    old = before.get(entry.id)
    return old is None or _public(old) != _public(entry)


def _public(entry: Entry) -> Entry:
    return replace(entry, story=replace(entry.story, path="", editor=""))


def _guarded(
    decision: Decision,
    before: Mapping[str, Entry],
    ledger: Ledger,
    answer: Answer,
    whole: str,
) -> tuple[Decision, tuple[Problem, ...]]:
    """Hold what says that it was updated, where that is too much at once to be true."""
    moved = updated_at_once(decision.changed, before, ledger.count_live)
    code = code_of("many-updated", (f"{entry.id} {entry.updated}" for entry in moved))
    if not moved or answer.code == code:
        return decision, ()
    held = {entry.id for entry in moved}
    told = [Problem(code="updated-held", file=e.story.path, field="updated") for e in moved]
    return replace(
        decision,
        changed=tuple(entry for entry in decision.changed if entry.id not in held),
        problems=(*decision.problems, *told),
    ), (Problem(code="many-updated", file=whole, found=f"{len(moved)}", wanted=code),)


def _judged(
    paths: Sequence[str],
    look: Look,
    config: Config,
    still: timedelta,
    *,
    now: datetime,
    clock: datetime,
) -> list[Judged]:
    judge = Judge(
        folder=config.entries,
        look=look,
        publication=config.publication,
        now=now,
        clock=_nanoseconds(clock),
        settled=_settled((look.files[path].changed for path in paths), clock, still),
    )
    return [judge.judge(path) for path in paths]


def _settled(changed: Iterable[int], clock: datetime, still: timedelta) -> int:
    """Give the moment, in nanoseconds, since which no file may have changed that is read.

    What is dropped at once, one file after the other without a pause, is published at once:
    while the last of them is being written the first wait as well, but not for long.
    """
    earliest, pause = _nanoseconds(clock - _BURST), _nanoseconds(still)
    begun = _nanoseconds(clock)
    for moment in sorted((one for one in changed if one > earliest - pause), reverse=True):
        if moment <= begun - pause:
            break
        begun = min(begun, moment)
    is_over = begun == _nanoseconds(clock) or begun < earliest
    return _nanoseconds(clock - still) if is_over else begun - 1


def _spelt(judged: Sequence[Judged], config: Config, ledger: Ledger) -> list[Judged]:
    """Add which categories nearly are others that feeds select or entries have."""
    used = {category for one in judged if one.story for category in one.story.categories}
    if not used:
        return list(judged)
    selected = {c.casefold(): c for feed in config.feeds for c in feed.categories}
    meant = misspelt(used, ledger.spellings(used) | selected)
    return [replace(one, problems=(*one.problems, *_near(one, meant))) for one in judged]


def _near(judged: Judged, meant: Mapping[str, str]) -> Iterator[Problem]:
    for category in judged.story.categories if judged.story else ():
        if category in meant:
            yield Problem(
                code="category-near",
                file=judged.path,
                line=judged.lines.get("categories"),
                field="categories",
                found=category,
                wanted=meant[category],
            )


def _originals(
    entries: Sequence[Entry], judged: Sequence[Judged], config: Config
) -> dict[str, Original]:
    accepted = {entry.story.path for entry in entries}
    return {
        one.path: Original(data=one.data, owner=intake.owner(config.entries, one.path))
        for one in judged
        if one.path in accepted
    }


def _without_named(
    files: Mapping[str, FileRecord], ledger: Ledger, look: Look
) -> dict[str, FileRecord]:
    """Sort the records, without the documents that are no entries but belong to one."""
    named = ledger.files.used([path for path in files if path in look.strays])
    return {path: files[path] for path in sorted(files) if path not in named}


def _cool(judged: Sequence[Judged], config: Config) -> dict[str, datetime]:
    """Give the moment until which each file may still be stopped, had it not been published."""
    return {one.path: _changed_at(one) + config.cooling for one in judged if config.cooling}


def _changed_at(judged: Judged) -> datetime:
    """Give the whole second by which a file had changed: the ledger keeps no parts of one."""
    return datetime.fromtimestamp(math.ceil(judged.stamp.changed / 1e9), UTC)


def _record(judged: Judged, decision: Decision, config: Config, *, is_live: bool) -> FileRecord:
    """Say how a file was judged, with the lines of the fields that are at fault."""
    problems = [*judged.problems, *_decided(judged, decision, config)]
    states = {problem.state for problem in problems}
    if State.HOLD in states and is_live:
        changed = _changed_at(judged).astimezone(config.publication.zone)
        found = f"{changed:%Y-%m-%d %H:%M}"
        problems.append(Problem(code="change-not-out", file=judged.path, found=found))
    path = judged.path
    moment = decision.scheduled.get(path) or decision.postponed.get(path)
    if State.HOLD in states:
        state = State.HOLD.value
    elif State.WAIT in states:
        state = State.WAIT.value
        moment = _changed_at(judged) + timedelta(seconds=CUT_AFTER)
    elif moment:
        state = "scheduled"
    else:
        state = "draft" if judged.path in decision.drafts else "live"
    return FileRecord(
        stamp=judged.stamp,
        state=state,
        due=moment,
        beside=judged.beside,
        problems=tuple(
            replace(problem, line=problem.line or judged.lines.get(problem.field or ""))
            for problem in problems
        ),
    )


def _decided(judged: Judged, decision: Decision, config: Config) -> Iterator[Problem]:
    yield from (problem for problem in decision.problems if problem.file == judged.path)
    if judged.story is None:
        return
    if judged.path in decision.drafts:
        yield Problem(code="draft", file=judged.path, field="draft")
    elif moment := decision.scheduled.get(judged.path):
        local = moment.astimezone(config.publication.zone)
        code = "cooling" if judged.path in decision.cooling else "scheduled"
        yield Problem(code=code, file=judged.path, field="date", wanted=f"{local:{MOMENT}}")
    elif not any(takes(feed, judged.story) for feed in config.feeds):
        language = judged.story.language
        yield Problem(code="feed-none", file=judged.path, field="language", found=language)


def _resume(
    judged: Sequence[Judged], still: timedelta, clock: datetime, now: datetime
) -> datetime | None:
    """Give the moment at which all files that are still being written can be read."""
    changing = [
        stamp.changed
        for one in judged
        if any(problem.code == "file-changing" for problem in one.problems)
        for stamp in (one.stamp, *one.beside.values())
        if stamp
    ]
    if not changing:
        return None
    left = max(changing) / 1e9 + still.total_seconds() - clock.timestamp()
    return now + timedelta(seconds=min(max(left, 0.05), still.total_seconds()))


def _nanoseconds(moment: datetime | timedelta) -> int:
    seconds = moment.total_seconds() if isinstance(moment, timedelta) else moment.timestamp()
    return int(seconds * 1e9)
