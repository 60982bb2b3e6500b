"""Changes of a live entry that staff may not have meant: they are published, with a warning."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateline.errors import Problem
from dateline.messages.values import at
from dateline.model import Entry, Story
from dateline.rules.guards import Approval
from dateline.rules.identity.overwritten import is_approved_as_same, is_next_issue
from dateline.rules.identity.published import EarlierVersion, LedgerSnapshot, PublishedEntry
from dateline.rules.withdrawals import RECENT, minutes

CODES = frozenset({"news-displaced", "news-replaced", "retraction-undone"})


def replaced_news(
    story: Story, known: PublishedEntry, earlier: EarlierVersion | None, approval: Approval
) -> Iterator[Problem]:
    """Yield a warning if a file may have the next issue of its news, with the same title.

    Compared is also what the entry said `earlier`, before a series of saves. There is no warning if
    the file says that it is the same news: by the id, a new correction, `updated` or a retraction.
    """
    before = known.story
    if before is None or known.is_withdrawn or known.retracted or story.id == known.id:
        return
    compared = [before]
    if earlier and not is_next_issue(before, earlier.story):
        compared.append(earlier.story)
    replaced = next((one for one in compared if is_next_issue(story, one)), None)
    if replaced and not is_approved_as_same(story, known, approval):
        day = replaced.date.first_day.isoformat()
        yield Problem(code="news-replaced", file=story.path, field="date", found=day)


def undone_retraction(story: Story, known: PublishedEntry, zone: ZoneInfo) -> Iterator[Problem]:
    """Yield a warning if what was retracted is news again, as after an old copy came back."""
    if known.retracted and not story.retraction:
        moment = at(known.retracted.astimezone(zone))
        yield Problem(code="retraction-undone", file=story.path, wanted=moment)


def displaced_news(
    changed: Sequence[Entry],
    undecided: Collection[str],
    memory: LedgerSnapshot,
    *,
    grace: timedelta,
    now: datetime,
) -> Iterator[Problem]:
    """Yield a warning for each file that was renamed over that of live news, which has none now.

    Not if that news is too old to be withdrawn for this, or if a held file may be it (`undecided`).
    """
    goes_on = {*undecided, *(one.id for one in changed)}
    for one in changed:
        left = memory.by_path.get(one.story.path)
        if left is None or left.story is None or left.id in goes_on:
            continue
        if not (left.is_withdrawn or left.is_kept or now - left.published > RECENT):
            page, after = f"{left.slug}.html", minutes(grace)
            yield Problem(code="news-displaced", file=one.story.path, found=page, wanted=after)
