"""Files with other news than was published from them, and what staff decided on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.guards import Approval, code_of
from dateline.rules.identity.copies import COMPARED
from dateline.rules.identity.published import EarlierVersion, LedgerSnapshot, PublishedEntry
from dateline.rules.identity.texts import Texts
from dateline.rules.wrong_year import announced
from dateline.text.similarity import (
    is_nearly_same,
    is_other_news,
    is_other_text,
    is_reworded,
)

# Versions that were published so lately are one series of saves: title, then date, then text.
SERIES = timedelta(hours=1)
_ANOTHER_ISSUE = timedelta(days=2)  # a day alone may be a date that was corrected
WRITTEN_OVER = "written-over"  # how codes begin by which staff say what a file is
_RENEWED = "renewed"


def is_overwritten(story: Story, known: PublishedEntry, memory: LedgerSnapshot) -> bool:
    """Return whether a story is other news than what was published from its file.

    It has neither its title nor its date, or nothing in common with it at all. A correction that no
    entry has says that it is the same; so does the id of the entry, whatever the file says.
    """
    before = known.story
    if before is None or story.id == known.id:
        return False
    added = {*story.correction} - {*before.correction}
    if added and added <= memory.corrections:
        story, added = replace(story, correction=before.correction), set()
    if before.title != story.title and before.date.start != story.date.start:
        return not added or is_other_text(before, story)
    return is_other_news(before, story)


def is_next_issue(story: Story, before: Story) -> bool:
    """Return whether a story may be the next issue of news with its title.

    Not if it says that it is the same news: by a new correction, `updated` or a retraction.
    """
    is_later = story.date.first_day - before.date.first_day >= _ANOTHER_ISSUE
    is_other_text = (before.html, before.summary) != (story.html, story.summary)
    is_declared = (
        story.retraction
        or story.updated != before.updated
        or {*story.correction} - {*before.correction}
    )
    return before.title == story.title and is_later and is_other_text and not is_declared


def other_news(
    story: Story, own: PublishedEntry | None, memory: LedgerSnapshot, approval: Approval
) -> Problem | None:
    """Hold a file whose text is about something else than what was published from it.

    Not one that says again what its entry once said, word for word, as after `restore`.
    """
    if own is None or own.story is None or is_former_version(story, own, memory):
        return None
    earlier = memory.earlier.get(own.id)
    if earlier and _is_overwritten_in_steps(story, own, earlier, memory):
        return _asked(story, own, earlier.story, approval)
    if is_overwritten(story, own, memory) or _is_copied_over(story, own, memory):
        return _asked(story, own, own.story, approval)
    return None


def _is_overwritten_in_steps(
    story: Story, own: PublishedEntry, earlier: EarlierVersion, memory: LedgerSnapshot
) -> bool:
    """Return whether a series of saves made other news of what an entry said long before.

    Not if what it says now was that already: staff have answered, or declared it.
    """
    if own.story is None or earlier.is_first or story.retraction:
        return False
    said_by_others = memory.corrections - {*own.story.correction}
    if {*story.correction} - {*earlier.story.correction} - said_by_others:
        return False
    before = replace(own, story=earlier.story)
    was_already, is_now = (
        one.date.first_day > earlier.story.date.first_day and is_overwritten(one, before, memory)
        for one in (own.story, story)
    )
    return is_now and not was_already


def is_former_version(story: Story, own: PublishedEntry, memory: LedgerSnapshot) -> bool:
    """Return whether a file says what its entry said in an earlier version."""
    said = {one.content for one in memory.former if one.id == own.id}
    return bool(said) and story_json.content_digest(story) in said


def _is_copied_over(story: Story, own: PublishedEntry, memory: LedgerSnapshot) -> bool:
    """Return whether a file got the title, the date and nearly the text of another live entry."""
    headline = story_json.headline_digest(story)
    if story.id == own.id or headline == own.headline:
        return False
    others = [one for one in memory.alike if one.headline == headline and one.id != own.id]
    return any(
        is_nearly_same(one.story.html or one.story.summary, story.html or story.summary)
        for one in others[:COMPARED]
        if one.story and not one.is_withdrawn
    )


def renewed(story: Story, known: PublishedEntry, approval: Approval) -> Problem | None:
    """Hold a file that has the id of an entry, and says something else in title, date and text."""
    before = known.story
    if before is None or story.id != known.id or before.title == story.title:
        return None
    if before.date.first_day == story.date.first_day or not is_other_news(before, story):
        return None
    code = _code(_RENEWED, known.id, story_json.content_digest(replace(story, id=None)))
    if code == approval.code:
        return None
    return Problem(code="other-news-id", file=story.path, found=before.title, wanted=code)


def with_backups(
    stories: Sequence[Story],
    memory: LedgerSnapshot,
    texts: Texts,
    approval: Approval,
) -> Iterator[tuple[str, Problem | None]]:
    """Yield each retitled or redated file of whose entry a new file is a copy, and the question.

    Either that file is a backup, or the entry has moved there, to make room for similar news; it
    may have another date, and the place of other news.
    There is no question (None) if staff said that it is the same entry, or put back what it said.
    A question about the next issue stays until it is answered, also if the copy is deleted.
    """
    new = {content for path, content in texts.contents.items() if path not in memory.by_path}
    new |= {texts.headlines[one.path] for one in stories if one.path not in memory.by_path}
    titled: defaultdict[str, list[Story]] = defaultdict(list)
    for story in stories:
        titled[story.title].append(story)
    held_contents = {texts.contents[path] for path in texts.contents.keys() & memory.still_held}
    published = {known.headline for known in (*memory.by_path.values(), *memory.missing)}
    missing = {known.id for known in memory.missing}
    for story in stories:
        known = memory.by_path.get(story.path)
        if known is None or known.story is None or known.is_withdrawn or story.id in missing:
            continue
        before = known.story
        redated = [
            one
            for one in titled[before.title][:COMPARED]
            if before.title != story.title and texts.headlines[one.path] != known.headline
        ]
        is_there = not new.isdisjoint({known.content, known.headline}) or any(
            is_nearly_same(before.html, one.html) for one in redated
        )
        is_other = _is_of_another_day(before, story) or is_overwritten(story, known, memory)
        is_asked = is_other and story.path in memory.asked  # its copy may be gone
        is_of_day = is_another_of_day(story, known, texts, memory, new)
        is_renumbered = texts.headlines[story.path] in published and not is_of_day
        if not (is_there or is_asked or is_of_day) or is_renumbered:
            continue
        if is_former_version(story, known, memory):
            yield story.path, None
            continue
        is_held = is_asked or known.content in held_contents
        if is_other and not (is_held and _may_be_next_issue(story, before)):
            continue
        if _written_over(story, known) == approval.code and not approval.keep:
            continue
        is_declared = {*story.correction} - {*before.correction} or story.retraction
        is_same = story.id == known.id or is_declared
        yield story.path, None if is_same else _asked(story, known, before, approval)


def is_another_of_day(
    story: Story,
    known: PublishedEntry,
    texts: Texts,
    memory: LedgerSnapshot,
    new: Collection[str],
) -> bool:
    """Return whether a file has other news with the title and date of its entry, kept elsewhere.

    One of the `new` texts is what the entry says; or staff were asked, and that is gone since.
    """
    before, said = known.story, texts.contents[story.path]
    if before is None or known.is_withdrawn or story.id or said == known.content:
        return False
    if before.language != story.language:  # a translation
        return False
    if known.headline != texts.headlines[story.path]:
        return False
    if not (known.content in new or story.path in memory.asked):
        return False
    is_moved = any(one.content == said for one in (*memory.by_path.values(), *memory.missing))
    return not is_moved and _may_be_next_issue(story, before) and is_other_text(before, story)


def _may_be_next_issue(story: Story, before: Story) -> bool:
    """Return whether a story has the title and the `updated` of an entry, and another text."""
    is_titled_alike = (before.title, before.updated) == (story.title, story.updated)
    return is_titled_alike and not story.draft and not is_reworded(before.html, story.html)


def _is_of_another_day(before: Story, after: Story) -> bool:
    """Return whether a report of another day took the place; with its title, one of a later day."""
    old, new = before.date.first_day, after.date.first_day
    is_corrected = before.title == after.title and new < old
    return old != new and before.html != after.html and not is_corrected


def _asked(
    story: Story, known: PublishedEntry, before: Story, approval: Approval
) -> Problem | None:
    if is_approved_as_same(story, known, approval):
        return None
    code = _written_over(story, known)
    return Problem(code="other-news", file=story.path, found=before.title, wanted=code)


def _written_over(story: Story, own: PublishedEntry) -> str:
    """Return the code by which staff decide whether a file is other news, or the same."""
    return _code(WRITTEN_OVER, own.id, story_json.content_digest(story))


def _code(guard: str, id_: str, content: str) -> str:
    return code_of(guard, [id_, content])


def contents(stories: Sequence[Story]) -> set[str]:
    """Return the digests of stories, with their ids and without them, for `is_asked_about`."""
    with_ids = [replace(one, id=None) for one in stories if one.id]
    return {story_json.content_digest(one) for one in (*stories, *with_ids)}


def is_asked_about(said: Collection[str], id_: str, code: str) -> bool:
    """Return whether staff were asked by `code` about one of these in the file of an entry."""
    guards = (WRITTEN_OVER, _RENEWED)
    return any(code == _code(guard, id_, one) for one in said for guard in guards)


def is_approved_as_same(story: Story, own: PublishedEntry, approval: Approval) -> bool:
    """Return whether staff declared a file to be the news that was published from it."""
    return approval.keep and _written_over(story, own) == approval.code


def is_approved_as_other(story: Story, own: PublishedEntry, approval: Approval) -> bool:
    """Return whether staff declared a file to be other news than was published from it."""
    if approval.keep or not approval.code.startswith(WRITTEN_OVER):
        return False
    is_published = own.content == story_json.content_digest(story)
    return _written_over(story, own) == approval.code and not is_published


def displaced(stories: Sequence[Story], memory: LedgerSnapshot, approval: Approval) -> list[str]:
    """Return the ids of entries that stay as they are: staff declared their files other news."""
    own = ((story, memory.by_path.get(story.path)) for story in stories)
    return [
        known.id for story, known in own if known and is_approved_as_other(story, known, approval)
    ]


def superseded(
    stories: Sequence[Story], memory: LedgerSnapshot, approval: Approval
) -> dict[str, str]:
    """Return the ids of the entries that staff announce again, with the paths of their files."""
    if approval.keep or not approval.code.startswith("announce"):
        return {}
    own = [(story, known) for story in stories if (known := memory.by_path.get(story.path))]
    return {one.id: story.path for story, one in own if announced(one.id, story) == approval.code}
