"""The decision on each story: a new entry, a changed one, or none yet.

Pure: stories, what the ledger remembers, and now give entries. The rules stand in
`docs/design/moments.md`; which entry a story is, `dateline.rules.identity` says.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, count, islice
from types import MappingProxyType

from dateline.errors import Problem
from dateline.messages import shown
from dateline.model import Entry, Publication, Story
from dateline.rules import wrong_year
from dateline.rules.corrections import merged, still_published
from dateline.rules.guards import NOTHING, Approval
from dateline.rules.identity.identify import identify
from dateline.rules.identity.overwritten import displaced, superseded
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.rules.undone import replaced_news, undone_retraction
from dateline.rules.withdrawals import AHEAD
from dateline.rules.wrong_year import WrongYears
from dateline.text.moments import moment_of
from dateline.text.urls import fingerprint, page_stem

NO_WRONG_YEARS = WrongYears()
_SECOND = timedelta(seconds=1)
LATE = timedelta(days=7)  # several aggregators skip what is older than that


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision on some stories.

    `arrived` are new entries, `changed` the known ones, even if nothing changed in them.
    `scheduled` has the moment of each unpublished story by its path; `cooling` are the paths of
    those whose stated moment has come, `drafts` those of drafts. `postponed` has the future
    moments stated in files of live entries, which stay live. `displaced` are the ids of entries
    that stay live without their files, which hold other news now; `superseded` has the paths of
    those that are withdrawn because staff announce their news again. `moved` are the ids of
    entries whose files have other paths than the ledger has for them. `undecided` are the ids of
    entries that stories with a problem are or may be: they stay live, too.
    """

    arrived: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    scheduled: Mapping[str, datetime]
    postponed: Mapping[str, datetime]
    displaced: tuple[str, ...] = ()
    superseded: Mapping[str, str] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    cooling: frozenset[str] = frozenset()
    drafts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return every live entry among these stories."""
        return (*self.changed, *self.arrived)


def decide(
    stories: Sequence[Story],
    memory: LedgerSnapshot,
    *,
    publication: Publication,
    now: datetime,
    cooling: Mapping[str, datetime] = MappingProxyType({}),
    wrong_years: WrongYears = NO_WRONG_YEARS,
    approval: Approval = NOTHING,
    unchanged: Collection[str] = (),
) -> Decision:
    """Decide on `stories`, in the order of their paths, at `now`.

    A new entry is not published before the moment that `cooling` has for its path; `approval` is
    the answer of staff on a story that looks like another entry. `unchanged` are the paths of
    files that are as they were when they were published: their dates may be other moments, in
    another time zone, but staff have said nothing new.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    identified, problems, undecided = identify(stories, memory, approval)
    changed: list[tuple[Entry, PublishedEntry]] = []
    new: list[Story] = []
    noon = moment_of(now.astimezone(publication.zone).date(), time(12), publication.zone)
    identified = [
        (story, None if known and _waits_again(story, known, publication, now) else known)
        for story, known in identified
    ]
    for story, known in identified:
        is_same = story.path in unchanged
        if known is None and _is_early(story, memory, publication, now):
            problems.append(Problem(code="retraction-early", file=story.path, field="status"))
        elif known is None:
            new.append(story)
        elif problem := _not_any_more(story, known, publication, now, is_same=is_same):
            problems.append(problem)
            undecided.add(known.id)
        else:
            changed.append((entry := _changed(story, known, now, noon, is_same=is_same), known))
            problems += _removed_corrections(entry, known)
            problems += undone_retraction(story, known, publication.zone)
            if story.path not in wrong_years.warned:
                earlier = memory.earlier.get(known.id)
                problems += replaced_news(story, known, earlier, approval)
    drafts = tuple(story.path for story in new if story.draft)
    stated = {story.path: _stated(story, publication, now) for story in new if not story.draft}
    zone, is_first, code = publication.zone, memory.newest is None, approval.code
    wrong = [
        *wrong_year.of_stories(
            identified, wrong_years, zone=zone, now=now, is_first=is_first, allowed=code
        )
    ]
    problems += wrong
    for one in wrong:
        if one.code == "date-slip-held":
            stated.pop(one.file)
    waiting = {one.file for one in wrong if one.code == "date-slip"} & wrong_years.until.keys()
    moments = {**cooling, **{path: wrong_years.until[path] for path in waiting}}
    answered = {story.path for story in new if wrong_year.is_allowed(story, code)}
    waits = {
        path: moments[path] for path in stated.keys() - answered if now < moments.get(path, now)
    }
    embargoed = {path: moment for path, moment in stated.items() if moment > now}
    scheduled = {
        path: max(moment, waits.get(path, moment)) for path, moment in (waits | embargoed).items()
    }
    ready = [story for story in new if story.path in stated and story.path not in scheduled]
    arrived = tuple(_arrived(ready, stated, memory, publication, now))
    return Decision(
        arrived=arrived,
        changed=tuple(_apart(changed, memory.updates.union(e.updated for e in arrived), now)),
        scheduled=scheduled,
        cooling=frozenset(waits.keys() - embargoed.keys()),
        drafts=drafts,
        postponed=_postponed(identified, publication, now),
        displaced=tuple(displaced(stories, memory, approval)),
        superseded=superseded(stories, memory, approval),
        moved=frozenset(known.id for entry, known in changed if known.path != entry.story.path),
        undecided=frozenset(undecided),
        problems=tuple(problems),
    )


def _stated(story: Story, publication: Publication, now: datetime) -> datetime:
    """Return the stated moment; a bare day means now, noon, or its first minute."""
    day = story.date.start
    if isinstance(day, datetime):
        return moment_of(day, time.min, publication.zone)
    today = now.astimezone(publication.zone).date()
    if day == today:
        return now
    return moment_of(day, time(12) if day < today else time.min, publication.zone)


# ---- New entries


def _is_early(
    story: Story, memory: LedgerSnapshot, publication: Publication, now: datetime
) -> bool:
    """Return whether a retraction is of news that was still to come, whose title it would tell.

    Other news that is new here may have been published elsewhere, as what has an id was.
    """
    if not story.retraction or story.id:
        return False
    is_to_come = story.draft or _stated(story, publication, now) > now
    return is_to_come or story.path in memory.awaited


def _arrived(
    ready: Sequence[Story],
    stated: Mapping[str, datetime],
    memory: LedgerSnapshot,
    publication: Publication,
    now: datetime,
) -> Iterator[Entry]:
    slugs = set(memory.slugs)
    dealt = _moments(ready, stated, memory, publication, now)
    for sequence, (story, published) in enumerate(dealt, start=memory.sequence + 1):
        slug = _slug(story, slugs)
        slugs.add(slug)
        updated = max(published, min(story.updated or published, now))
        yield Entry(
            story=story,
            id=story.id or _new_id(story, sequence, publication.tag),
            sequence=sequence,
            slug=slug,
            published=published,
            updated=updated,
            corrections=merged((), story.correction, updated),
            retracted=updated if story.retraction else None,
        )


def _moments(
    ready: Sequence[Story],
    stated: Mapping[str, datetime],
    memory: LedgerSnapshot,
    publication: Publication,
    now: datetime,
) -> list[tuple[Story, datetime]]:
    """Return each new story with its moment of publication, all distinct, oldest first.

    `stated` has the moments that staff stated, by path.
    """
    today = now.astimezone(publication.zone).date()
    first_import = memory.newest is None
    order = sorted(ready, key=lambda story: (stated[story.path], story.path))
    taken = set(memory.moments)
    newest = memory.newest
    bare_today = sum(story.date.start == today for story in order)
    late = {
        story.path
        for story in order
        if (moment := stated[story.path]) < now - LATE
        or story.id  # its readers know the moment
        or (first_import and moment.astimezone(publication.zone).date() < today)
    }
    late |= _without_room([s.path for s in order if s.path not in late], newest, now)
    dealt = []
    for story in order:
        moment = stated[story.path]
        if story.date.start == today:
            bare_today -= 1
            moment -= bare_today * _SECOND
        if story.path in late:
            moment = next(m for n in count() if (m := moment + n * _SECOND) not in taken)
        elif newest is not None:
            moment = max(moment, newest + _SECOND)
        newest = max(newest or moment, moment)
        taken.add(moment)
        dealt.append((story, moment))
    return sorted(dealt, key=lambda pair: pair[1])


def _without_room(fresh: Sequence[str], newest: datetime | None, now: datetime) -> set[str]:
    """Return the oldest of a burst that would be dated too far ahead: they keep the stated time.

    Aggregators take a date that is ten minutes ahead for a mistake.
    """
    if newest is None:
        return set()
    room = int((now + AHEAD - newest).total_seconds())
    return {*fresh[: max(0, len(fresh) - room)]}


def _slug(story: Story, taken: set[str]) -> str:
    """Return an address that was never used; of one taken down only a digest is known."""
    stem = page_stem(story.date.start, story.title)
    slugs = chain((stem,), (f"{stem}-{number}" for number in count(2)))
    return next(
        slug for slug in slugs if slug not in taken and fingerprint(f"{slug}.html") not in taken
    )


def _new_id(story: Story, sequence: int, tag: str) -> str:
    """Return an opaque `tag:` URI (RFC 4151), unique by its sequence number."""
    seed = f"{tag}\n{sequence}\n{story.path}\n{story.title}\n{story.date.start}"
    digest = base64.b32encode(hashlib.sha256(seed.encode()).digest()[:10]).decode()
    return f"tag:{tag}:{digest.lower()}"


# ---- Entries that are known


def _waits_again(
    story: Story, known: PublishedEntry, publication: Publication, now: datetime
) -> bool:
    """Return whether a withdrawn entry is back as a draft, or for a moment that is to come.

    Not with a retraction, of which nobody writes a draft.
    """
    if not known.is_withdrawn or story.retraction:
        return False
    return story.draft or _stated(story, publication, now) > now


def _not_any_more(
    story: Story, known: PublishedEntry, publication: Publication, now: datetime, *, is_same: bool
) -> Problem | None:
    """Hold a live entry that staff seem to want unpublished, and ask.

    If it was published in the future, the clock is behind, and staff want nothing; nor do they if
    the date, or the file, is the old one, which another time zone begins later.
    """
    if story.draft:
        return Problem(code="draft-live", file=story.path, field="draft")
    stated = _stated(story, publication, now)
    if stated > now and known.published > now + AHEAD:
        here = f"{now.astimezone(publication.zone):%Y-%m-%d %H:%M}"
        return Problem(code="clock-behind-live", file=story.path, field="date", found=here)
    is_moved = known.story is None or known.story.date != story.date
    if stated > now and is_moved and not is_same:
        return Problem(
            code="date-ahead-live", file=story.path, field="date", found=f"{story.date.start}"
        )
    return None


def _postponed(
    identified: Sequence[tuple[Story, PublishedEntry | None]],
    publication: Publication,
    now: datetime,
) -> dict[str, datetime]:
    """Return the moments at which live entries are no longer held for their dates."""
    live = [story for story, known in identified if known and not story.draft]
    stated = {story.path: _stated(story, publication, now) for story in live}
    return {path: moment for path, moment in stated.items() if moment > now}


def _changed(
    story: Story, known: PublishedEntry, now: datetime, noon: datetime, *, is_same: bool
) -> Entry:
    """Return a live entry with its new story; `updated` moves only if readers should notice.

    A bare day is its noon: news of this afternoon that changed today, which is `noon`, did now.
    In a file that is the same, it is no other `updated` if another time zone begins its day later.
    """
    entry = Entry(
        story=story,
        id=known.id,
        sequence=known.sequence,
        slug=known.slug,
        published=known.published,
        updated=known.updated,
        corrections=merged(known.corrections, story.correction, now),
        retracted=(known.retracted or now) if story.retraction else None,
    )
    before = known.story
    updated = known.updated
    is_otherwise = before is None or (story.updated != before.updated and not is_same)
    if story.updated is not None and is_otherwise:
        updated = max(updated, min(story.updated, now))
        if before is not None and story.updated == noon and updated == known.updated < now:
            updated = now
    is_retracted_otherwise = story.retraction != (before.retraction if before else "")
    if entry.corrections != known.corrections or is_retracted_otherwise:
        # If the clock was set back it still rises: readers ignore what is not newer.
        updated = updated + _SECOND if updated > now else now
    return replace(entry, updated=updated)


def _removed_corrections(entry: Entry, known: PublishedEntry) -> Iterator[Problem]:
    """Yield the corrections that left the file, and stay published."""
    story, before = entry.story, known.story
    if before is None or before.correction == story.correction:
        return
    for text in still_published(before.correction, story.correction, entry.corrections):
        yield Problem(
            code="correction-stays", file=story.path, field="correction", found=shown(text)
        )


def _apart(
    changed: Sequence[tuple[Entry, PublishedEntry]], used: Collection[datetime], now: datetime
) -> Iterator[Entry]:
    """Yield entries with distinct seconds of `updated`, backwards from now if there is room.

    Readers that sort by `updated` then keep an order (validator: DuplicateUpdated). So has each of
    several corrections and a retraction, which are entries of their own in a feed of corrections.
    Seconds that are `used` by other entries are left out.
    """
    taken = {*used}
    for entry, known in changed:
        if entry.updated != now or entry.updated == known.updated:
            yield entry
            continue
        told, added = entry.corrections, entry.corrections[len(known.corrections) :]
        is_taken_back = entry.retracted is not None and known.retracted is None
        needed = max(1, len(added) + is_taken_back)
        earlier = (now - n * _SECOND for n in range(len(taken) + needed))
        free = (moment for moment in earlier if moment not in taken and moment > known.updated)
        found = list(islice(free, needed))
        moments = [*reversed(found), *[now] * (needed - len(found))]
        taken.update(moments)
        yield replace(
            entry,
            updated=moments[-1],
            retracted=moments[-1] if is_taken_back else entry.retracted,
            corrections=(
                *told[: len(told) - len(added)],
                *(replace(one, moment=moments[at]) for at, one in enumerate(added)),
            ),
        )
