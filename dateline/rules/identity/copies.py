"""New files that resemble published entries: copies, and files that were renamed and edited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules.guards import code_of
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.text.similarity import is_nearly_same, is_other_text, is_rewritten

_COMPARED = 20  # others with which the text of a new file is compared, at most


def has_other_text(story: Story, known: PublishedEntry) -> bool:
    """Return whether a story has next to nothing in common with the text of an entry."""
    before = known.story
    return before is not None and story.id != known.id and is_other_text(before, story)


def nearly_copied(story: Story, others: Iterable[Story]) -> Problem | None:
    """Hold a new file that has the headline of another file, and nearly its text.

    Not if it is a draft, has an id, or differs in what tells entries of one title apart.
    """
    if story.id is None and not story.draft:
        for other in islice(others, _COMPARED):
            if _distinction(other) == _distinction(story) and is_nearly_same(
                other.html or other.summary, story.html or story.summary
            ):
                return Problem(code="name-copy", file=story.path, found=other.path)
    return None


def _distinction(story: Story) -> tuple[object, ...]:
    files = [one.url for one in story.attachments]
    return story.language, story.kind, story.link, story.event, story.place, files


def without_files(
    memory: LedgerSnapshot,
    matches: Mapping[str, PublishedEntry],
    over: Sequence[PublishedEntry],
) -> list[PublishedEntry]:
    """Return the live entries whose files are gone, or have another's news (those `over`)."""
    gone_on = {known.id for known in matches.values()}
    return [*(known for known in memory.vanished if known.id not in gone_on), *over]


def resembled(story: Story, lost: Sequence[PublishedEntry]) -> list[PublishedEntry]:
    """Return the entries without a file whose title, or much of whose text, a new file has."""
    found = []
    compared = 0
    for known in lost:
        before = known.story
        if before is None or known.path == story.path:
            continue
        is_called_alike = story.title == before.title and not known.is_kept
        is_like = is_called_alike or (story.html and story.html == before.html)
        if not is_like and compared < _COMPARED and story.date.first_day == before.date.first_day:
            compared += 1
            is_like = is_rewritten(before, story)
        if is_like:
            found.append(known)
    return found


def renamed_and_edited(
    story: Story, likely: Sequence[PublishedEntry], there: Collection[str], answer: str
) -> Problem | None:
    """Hold a new file that may be an entry without one, until staff declare that it is none.

    The first is named by its file, or by its id if its file is unknown or has other news.
    """
    code = code_of("renamed", [*(known.id for known in likely), story.path])
    if not likely or code == answer:
        return None
    known = likely[0]
    if known.path and known.path not in there:
        return Problem(code="renamed-edited", file=story.path, found=known.path, wanted=code)
    return Problem(code="renamed-unnamed", file=story.path, found=known.id, wanted=code)
