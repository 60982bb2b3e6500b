"""New files that resemble published entries: copies, and files that were renamed and edited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules.guards import code_of
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.text.expressions import regex
from dateline.text.similarity import (
    has_words,
    is_nearly_same,
    is_other_text,
    is_rewritten,
    likeness,
    shares_words,
)

COMPARED = 20  # others with which the text of a new file is compared, at most
_OWN_WORDS = 30  # words that no other news of the day has
_NUMBER = regex(r"\d+")


def has_other_text(story: Story, known: PublishedEntry) -> bool:
    """Return whether a story has next to nothing in common with the text of an entry."""
    before = known.story
    return before is not None and story.id != known.id and is_other_text(before, story)


def nearly_copied(
    story: Story, others: Iterable[Story], out: Collection[str] = ()
) -> Problem | None:
    """Hold a new file that has the headline of another file, and nearly its text.

    Not if it is a draft, has an id, or differs in what tells entries of one title apart: only in
    another language, the same text is not translated yet. A retraction has no text to compare, and
    may lack what tells apart the news that it retracts, if that is `out`.
    """
    if story.id is None and not story.draft:
        language, *rest = _distinction(story)
        for other in islice(others, COMPARED):
            is_whole = other.html == story.html and has_words(story.html, _OWN_WORDS)
            known = (other.language if is_whole else language, *rest)
            is_retracted = bool(story.retraction) and not other.retraction
            is_of_it = other.path in out and _lacks(story, other)
            if is_retracted and (is_of_it or _distinction(other) == (language, *rest)):
                return Problem(code="name-copy", file=story.path, found=other.path)
            if _distinction(other) == known and is_nearly_same(
                other.html or other.summary, story.html or story.summary
            ):
                return Problem(code="name-copy", file=story.path, found=other.path)
    return None


def copied_from_retracted(story: Story, others: Collection[Story]) -> Problem | None:
    """Hold a new file with the headline of a retracted entry whose text nobody knows any more.

    The ledger was lost, and the documents have the reason in the place of the text.
    """
    if story.id is None and not (story.draft or story.retraction):
        known = {other.path for other in others if not other.retraction}
        for other in others:
            is_alike = (other.language, other.kind) == (story.language, story.kind)
            if other.retraction and other.path not in known and is_alike:
                return Problem(code="name-copy", file=story.path, found=other.path)
    return None


def _lacks(story: Story, other: Story) -> bool:
    """Return whether a story has nothing that tells it apart from another one of its title."""
    language, _, *rest = _distinction(story)
    known, _, *others = _distinction(other)
    pairs = zip(rest, others, strict=True)
    return language == known and all(mine in (None, "", (), its) for mine, its in pairs)


def _distinction(story: Story) -> tuple[object, ...]:
    files = tuple(one.url for one in story.attachments)
    return story.language, story.kind, story.link, story.event, story.place, files


def without_files(
    memory: LedgerSnapshot,
    matches: Mapping[str, PublishedEntry],
    over: Sequence[PublishedEntry],
) -> list[PublishedEntry]:
    """Return the live entries whose files are gone, or have another's news (those `over`)."""
    gone_on = {known.id for known in matches.values()}
    lost = (*memory.vanished, *memory.unreadable)
    return [*(known for known in lost if known.id not in gone_on), *over]


def retitled(
    stories: Iterable[Story], vanished: Iterable[PublishedEntry]
) -> Iterator[tuple[Story, PublishedEntry]]:
    """Yield each story that alone has text and date of one vanished entry, and another title.

    Not if the text is short, or if the titles differ in numbers alone: all of a series may have it.
    """
    entries = defaultdict(list)
    for known in vanished:
        if known.story:
            entries[_said(known.story)].append((known, known.story.title))
    files = defaultdict(list)
    for story in stories if entries else ():
        if (said := _said(story)) in entries:
            files[said].append(story)
    for said, found in files.items():
        if len(found) == len(entries[said]) == 1:
            (story,), ((known, before),) = found, entries[said]
            is_series = _NUMBER.sub("", story.title) == _NUMBER.sub("", before)
            if not is_series and has_words(story.html, _OWN_WORDS):
                yield story, known


def of_series(one: str, other: str) -> bool:
    """Return whether two titles differ in numbers alone."""
    return one != other and _NUMBER.sub("", one) == _NUMBER.sub("", other)


def _said(story: Story) -> tuple[object, ...]:
    return story.html, story.date.start, _distinction(story)


def contested(
    renamed: Mapping[str, PublishedEntry],
    rest: Sequence[Story],
    memory: LedgerSnapshot,
    answer: str,
) -> list[str]:
    """Return the new files with the words of an entry whose news may go on in another new file.

    That one of the `rest` has another title or an earlier date, and much of its text: it was edited
    beside a copy, or written by the form of the entry. Staff who declare it other news decide both.
    """
    vanished = {known.id for known in memory.vanished}
    likely = {path: known for path, known in renamed.items() if known.id in vanished}
    if not likely:
        return []
    old = memory.by_path.keys() | memory.still_scheduled  # what waited before is no renamed file
    new = [one for one in rest if not (one.draft or one.path in old or one.id)]
    new = [one for one in new if not _is_copy(one, memory)]
    left = without_files(
        memory, {path: one for path, one in renamed.items() if path not in likely}, ()
    )
    found = set()
    for story in new[:COMPARED]:
        alike = resembled(story, left)
        if renamed_and_edited(story, alike, (), answer):
            found |= {one.id for one in alike if one.story and _may_be_changed(one.story, story)}
    return [path for path, known in likely.items() if known.id in found]


def _is_copy(story: Story, memory: LedgerSnapshot) -> bool:
    """Return whether a story is nearly a version of an entry, and held as a copy of it."""
    versions = [one.story for one in memory.former if one.story.title == story.title]
    return any(
        one.date.start == story.date.start and is_nearly_same(one.html, story.html)
        for one in versions
    )


def _may_be_changed(before: Story, after: Story) -> bool:
    """Return whether a story may be an entry with another title, an earlier date or other words."""
    if before.title != after.title:
        return True
    return after.date.first_day <= before.date.first_day and not is_other_text(before, after)


def resembled(story: Story, lost: Sequence[PublishedEntry]) -> list[PublishedEntry]:
    """Return the entries without a file whose title, or much of whose text, a new file has.

    A later report of a series has another title and a later date; that of a kept entry may have its
    title, and has another text. A retraction has no text to compare: it may be of the only entry
    of its day, or of one with a word of its title. The entry that has most of the words is first.
    """
    found = []
    day = story.date.first_day
    befores = [(known, known.story) for known in lost if known.story and known.path != story.path]
    of_day = [known.id for known, before in befores if before.date.first_day == day]
    compared = {*of_day[:COMPARED], *(known.id for known, _ in befores[:COMPARED])}
    for known, before in befores:
        if story.title == before.title:
            is_later = known.is_kept and day > before.date.first_day
            is_series = is_later and story.html != before.html
            is_like = not is_series and not (known.is_kept and is_other_text(before, story))
        elif before.date.first_day == day:
            is_told = bool(story.retraction) and (len(of_day) == 1 or shares_words(before, story))
            is_like = is_told or (known.id in compared and is_rewritten(before, story))
        else:
            is_near = known.id in compared and not known.is_kept and day < before.date.first_day
            is_like = is_near and is_nearly_same(before.html, story.html)
        is_of_day = before.date.first_day == day or not known.is_kept
        if is_like or (is_of_day and story.html and story.html == before.html):
            found.append(known)
    if len(found) > 1:
        found.sort(key=lambda known: -likeness(known.story, story) if known.story else 0)
    return found


def says_nearly(story: Story, others: Iterable[Story]) -> bool:
    """Return whether a new file has nearly the text of one of these, under any title."""
    return any(is_rewritten(one, story) or is_nearly_same(one.html, story.html) for one in others)


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
