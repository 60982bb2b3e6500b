"""Changes of a live entry that staff may not have meant: they are published, with a warning."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from dateline.errors import Problem
from dateline.messages.values import at
from dateline.model import Story
from dateline.rules.guards import Approval
from dateline.rules.identity.overwritten import is_approved_as_same, is_next_issue
from dateline.rules.identity.published import EarlierVersion, PublishedEntry

CODES = frozenset({"news-replaced", "retraction-undone"})


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
