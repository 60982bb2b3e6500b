"""What does the entries folder hold now, and what becomes of each file?

From names to entries: look, judge, decide. The ledger is told, and nothing is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from dateline.config import Config
from dateline.entries import scan
from dateline.entries.filenames import is_entry
from dateline.entries.reader import EntryReader, ReadResult
from dateline.entries.scan import Scan
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.rows import FileRecord, media_of
from dateline.model import Document, Entry, Original, Story
from dateline.publish.assess.batches import parts
from dateline.publish.assess.outcome import Assessment, FileOutcome
from dateline.publish.assess.pending import PendingFiles, survey
from dateline.publish.assess.settling import (
    changed_at,
    known_still,
    nanoseconds,
    resume,
    settled,
    waited,
)
from dateline.publish.assess.status import record_of
from dateline.publish.assess.stopped import without_stopped
from dateline.publish.assess.translation_checks import doubted_before, with_doubts
from dateline.rules import slips
from dateline.rules.decide import Decision, decide
from dateline.rules.guards import Approval, code_of, updated_at_once
from dateline.rules.selection import misspelt
from dateline.rules.slips import Slips
from dateline.system import heartbeat

# For how long staff are warned of what nothing that they do takes away.
_LAST = {**dict.fromkeys(slips.CODES, slips.SOON), "correction-stays": timedelta(days=1)}

Place = Callable[[Sequence[Document]], None]
"""Takes the pictures and attachments of what is live now."""


def nowhere(documents: Sequence[Document]) -> None:
    """Take them, and keep none: nothing is to be published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Examines one look at the folder, a part at a time."""

    config: Config
    ledger: Ledger
    found: PendingFiles
    now: datetime
    clock: datetime
    anew: bool
    asked: Collection[str]
    answer: Approval
    whole: str
    place: Place
    serving: bool

    def examine(self) -> Assessment:
        """Decide what becomes of everything that is due; the ledger is told what is gone."""
        ledger, found = self.ledger, self.found
        left = self._left_by_other_news()
        ledger.files.forget([*found.gone])
        ledger.entries.mark_gone(found.there, None if self.anew else found.gone, self.now)
        ledger.entries.keep(left)
        still = scan.holds_still_after(self.config.entries)
        judge = self._judge(still)
        day = judge.day if ledger.entries.is_empty else None
        cut = parts(found.due, found.changed, day)
        examined = reduce(Assessment.and_then, (self._part(paths, judge, still) for paths in cut))
        if linking := self._linking(examined.published):
            later = self._part(linking, judge, still)
            changed = tuple(path for path in later.changed if path not in examined.published)
            examined = examined.and_then(replace(later, changed=changed))
        return replace(
            examined,
            files=_without_named(examined.files, ledger, found.look),
            released=(*left, *examined.released),
        )

    def _linking(self, published: Sequence[str]) -> list[str]:
        """Give the files whose texts name the file of an entry that has come out just now."""
        users = self.ledger.files.users(published) if published else []
        return sorted({path for path in users if is_entry(path) and path in self.found.look.files})

    def _left_by_other_news(self) -> list[str]:
        """Give the ids of the entries whose files were written over, and are now gone.

        Staff were asked to give what was written another name; the entries stay as they are.
        """
        records = self.ledger.files.find(self.found.gone)
        return self.ledger.entries.ids_of(
            [
                path
                for path, record in records.items()
                if any(problem.code == "other-news" for problem in record.problems)
            ]
        )

    def _slips(self, judged: Sequence[ReadResult], before: Mapping[str, FileRecord]) -> Slips:
        """Give since when staff are warned of slips, and until when one waits."""
        told = {
            path: min(moments)
            for path, record in before.items()
            if (moments := [record.since[code] for code in slips.CODES & record.since.keys()])
        }
        wait = max(slips.WAIT, self.config.cooling)
        until = {one.path: changed_at(one) + wait for one in judged} if self.serving else {}
        return Slips(told=told, until=until)

    def _judge(self, still: timedelta) -> EntryReader:
        look = self.found.look
        return EntryReader(
            folder=self.config.entries,
            look=look,
            publication=self.config.publication,
            now=self.now,
            clock=nanoseconds(self.clock),
            settled=settled(
                (look.files[path].changed for path in self.found.due), self.clock, still
            ),
            # A first run is of what was there before, and its order is that of the dates.
            waits=self.serving and not self.ledger.entries.is_empty,
            page_of=self.ledger.translations.namings.page_of(self.config.publication.url),
        )

    def _part(self, paths: Sequence[str], judge: EntryReader, still: timedelta) -> Assessment:
        config, ledger, look, now = self.config, self.ledger, self.found.look, self.now
        before_of = ledger.files.find(paths)
        judge = replace(
            judge,
            known=known_still(before_of, self.clock, still, now),
            waited=waited(before_of, now),
        )
        judged = _spelt([judge.judge(path) for path in heartbeat.beating(paths)], config, ledger)
        live = ledger.entries.live_paths(paths)
        were_live = [path for path, one in before_of.items() if one.state == "live"]
        ledger.entries.verify_not_live([path for path in were_live if path not in live])
        judged = without_stopped(judged, ledger, live)
        stories = [one.story for one in judged if one.story]
        decision = decide(
            stories,
            ledger.entries.snapshot(stories),
            publication=config.publication,
            now=now,
            cool=_cool(judged, config),
            known_slips=self._slips(judged, before_of),
            answer=self.answer,
        )
        before = ledger.entries.find([entry.id for entry in decision.entries])
        decision, guarded = _guarded(decision, before, ledger, self.answer, self.whole)
        entries = tuple(entry for entry in decision.entries if before.get(entry.id) != entry)
        ledger.entries.displace(decision.displaced, now)
        released = ledger.entries.accept(entries, _originals(entries, judged, config), now)
        arrived = {entry.story.path: entry.slug for entry in decision.arrived}
        superseded = {id_: arrived.get(path, "") for id_, path in decision.superseded.items()}
        ledger.entries.supersede(superseded, now)
        if self.anew:
            ledger.translations.settle()
        now_live = {entry.story.path: entry.id for entry in decision.entries}
        judged = with_doubts(judged, now_live, ledger)
        records = {
            one.path: record_of(one, decision, config, is_live=one.path in live) for one in judged
        }
        unread = {one.path for one in judged if one.story is None}
        records = {
            path: _warned(one, before_of.get(path), now, is_unread=path in unread)
            for path, one in records.items()
        }
        noted = ledger.files.noted()
        former = [entry.story.path for entry in before.values()]
        others = doubted_before(noted, judged, ledger, live=now_live, former=former, now=now)
        ledger.files.set(records | others)
        shown = {path for entry in decision.entries for path in media_of(entry.story)}
        self.place([d for one in judged for d in one.documents if d.path in shown])
        new = {entry.id for entry in decision.arrived}
        return Assessment(
            files=noted | records | others,
            ids=tuple(entry.id for entry in entries),
            slugs=tuple(entry.slug for entry in entries),
            known=tuple(entry.id for entry in decision.changed),
            published=tuple(sorted(entry.story.path for entry in decision.arrived)),
            changed=tuple(
                sorted(e.story.path for e in entries if e.id not in new and _differs(e, before))
            ),
            renamed=_renamed(entries, before),
            skipped=look.skipped,
            closed=look.closed,
            judged=(*paths, *others),
            gone=self.found.gone,
            resume=resume(judged, still, self.clock, now),
            outcomes=_outcomes(self.asked, stories, decision, before),
            released=(*decision.displaced, *superseded, *released),
            guarded=guarded,
        )


def _renamed(entries: Sequence[Entry], before: Mapping[str, Entry]) -> tuple[tuple[str, str], ...]:
    """Return the paths that the files of entries had and have, where these differ."""
    paths = ((before[e.id].story.path, e.story.path) for e in entries if e.id in before)
    return tuple(sorted((old, new) for old, new in paths if old and old != new))


def examine(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    clock: datetime,
    anew: bool = False,
    asked: Collection[str] = (),
    answer: Approval = Approval(),  # noqa: B008 - a value that never changes
    whole: str = "entries/",
    told: Collection[str] | None = None,
    place: Place = nowhere,
    serving: bool = False,
) -> Assessment:
    """Read what changed, what is `asked` for, or `anew` all; decide what becomes of it.

    Where files are `told` to have changed, no other is looked at but what waits.
    `answer` is what staff said to a guard; `whole` is what the folder is called. While `serving`
    what may be a slip waits.
    """
    asked = {*asked, *(answered := _answered(ledger, answer))}
    told = None if told is None else {*told, *answered}
    return Examiner(
        config=config,
        ledger=ledger,
        found=survey(config, ledger, now=now, anew=anew, asked=asked, told=told),
        now=now,
        clock=clock,
        anew=anew,
        asked=asked,
        answer=answer,
        whole=whole,
        place=place,
        serving=serving,
    ).examine()


def _warned(
    record: FileRecord, before: FileRecord | None, now: datetime, *, is_unread: bool
) -> FileRecord:
    """Give a record with what goes on since before; some warnings go in the end.

    That of a slip stays while the file cannot be read.
    """
    if before and is_unread:
        warnings = [problem for problem in before.problems if problem.code in slips.CODES]
        record = replace(record, problems=(*record.problems, *warnings))
    record = record.after(before, now)
    ends = [record.since[code] + lasts for code, lasts in _LAST.items() if code in record.since]
    return replace(record, due=min(ends)) if ends and record.state == "live" else record


def _answered(ledger: Ledger, answer: Approval) -> list[str]:
    """Give the files of which was asked what staff answer: some are published as they are."""
    if not answer.code:
        return []
    noted = ledger.files.noted().items()
    return [path for path, one in noted if answer.code in {said.wanted for said in one.problems}]


def _outcomes(
    asked: Collection[str],
    stories: Sequence[Story],
    decision: Decision,
    before: Mapping[str, Entry],
) -> dict[str, FileOutcome]:
    entries = {entry.story.path: entry for entry in decision.entries}
    return {
        story.path: FileOutcome(
            story=story,
            entry=(entry := entries.get(story.path)),
            before=before.get(entry.id) if entry else None,
            moment=decision.scheduled.get(story.path),
        )
        for story in stories
        if story.path in asked
    }


def _differs(entry: Entry, before: Mapping[str, Entry]) -> bool:
    """Say whether readers see a difference: an editor and a file's name are not for them.

    Of a correction they see what was ever told.
    """
    old = before.get(entry.id)
    return old is None or _public(old) != _public(entry)


def _public(entry: Entry) -> Entry:
    return replace(entry, story=replace(entry.story, path="", editor="", correction=()))


def _guarded(
    decision: Decision,
    before: Mapping[str, Entry],
    ledger: Ledger,
    answer: Approval,
    whole: str,
) -> tuple[Decision, tuple[Problem, ...]]:
    """Hold what says that it was updated, where that is too much at once to be true."""
    moved = updated_at_once(decision.changed, before, ledger.entries.count)
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


def _spelt(judged: Sequence[ReadResult], config: Config, ledger: Ledger) -> list[ReadResult]:
    """Add which categories nearly are others that feeds select or entries have."""
    used = {category for one in judged if one.story for category in one.story.categories}
    if not used:
        return list(judged)
    selected = {c.casefold(): c for feed in config.feeds for c in feed.categories}
    meant = misspelt(used, ledger.entries.spellings(used) | selected)
    return [replace(one, problems=(*one.problems, *_near(one, meant))) for one in judged]


def _near(judged: ReadResult, meant: Mapping[str, str]) -> Iterator[Problem]:
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
    entries: Sequence[Entry], judged: Sequence[ReadResult], config: Config
) -> dict[str, Original]:
    accepted = {entry.story.path for entry in entries}
    return {
        one.path: Original(data=one.data, owner=scan.owner(config.entries, one.path))
        for one in judged
        if one.path in accepted
    }


def _without_named(
    files: Mapping[str, FileRecord], ledger: Ledger, look: Scan
) -> dict[str, FileRecord]:
    """Sort the records, without the documents that are no entries but belong to one."""
    strays = [path for path in files if path in look.strays and not is_entry(path)]
    named = ledger.files.used(strays)
    return {path: files[path] for path in sorted(files) if path not in named}


def _cool(judged: Sequence[ReadResult], config: Config) -> dict[str, datetime]:
    """Give the moment until which each file may still be stopped, had it not been published."""
    return {one.path: changed_at(one) + config.cooling for one in judged if config.cooling}
