"""The entries that go on in the files of some stories, under their names or others.

The same path is the same entry, whatever was edited, unless the text is about something else:
then the file was written over. A missing file and exactly one new file with the same id, content,
title and date (unless the texts have nothing in common), or text and date, are one renamed entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.guards import Approval
from dateline.rules.identity.copies import contested, has_other_text, retitled
from dateline.rules.identity.overwritten import (
    is_another_of_day,
    is_approved_as_other,
    is_former_version,
    is_next_issue,
    is_overwritten,
    with_backups,
)
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.rules.identity.texts import Texts
from dateline.text.similarity import is_reworded

# A story may be an entry that has the same digest: of its content, or else of title and date.
_DIGESTS: tuple[tuple[Callable[[Story], str], Callable[[PublishedEntry], str]], ...] = (
    (story_json.content_digest, attrgetter("content")),
    (story_json.headline_digest, attrgetter("headline")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The entries that some stories are, by path.

    Those in `own` are in the files from which they were published, those in `renamed` under another
    name; `missing` are in no file. Files that say just what the live entry of another file says are
    `copies`. `backed_up` has each retitled or redated file of whose entry a
    copy lies beside it, with the question about it, if there is one.
    """

    own: Mapping[str, PublishedEntry]
    renamed: Mapping[str, PublishedEntry]
    missing: Sequence[PublishedEntry]
    copies: Collection[str]
    backed_up: Mapping[str, Problem | None]

    @property
    def all(self) -> dict[str, PublishedEntry]:
        """The entries that go on, by the paths of their files."""
        return {**self.own, **self.renamed}


def match(texts: Texts, memory: LedgerSnapshot, approval: Approval) -> Matches:
    """Return the entries that stories are; `approval` is the answer of staff on one."""
    gone = {known.content for known in memory.missing}
    new = {said for path, said in texts.contents.items() if path not in memory.by_path}
    elsewhere = [
        story
        for story in texts.stories
        if _is_elsewhere(story, memory.by_path.get(story.path), texts.headlines)
        or _has_come(memory.by_path[story.path], texts.contents[story.path], gone)
        or is_another_of_day(story, memory.by_path[story.path], texts, memory, new)
    ]
    backed_up = dict(with_backups(elsewhere, memory, texts, approval))
    given_up = {story.path for story in elsewhere if story.path not in backed_up}
    exchanged = dict(_exchanged(texts, memory, given_up))
    missing = _without_file(texts, memory, given_up, exchanged, approval)
    said = {known.content for known in missing}
    said -= {texts.contents[one.path] for one in elsewhere if one.path not in memory.copies}
    elsewhere = [
        story
        for story in elsewhere
        if story.path not in memory.copies or texts.contents[story.path] in said
    ]
    named = dict(_named(elsewhere, missing, exchanged, memory))
    ids = {known.id for known in named.values()}
    exchanged = {path: known for path, known in exchanged.items() if known.id not in ids}
    unnamed = [story for story in elsewhere if story.path not in named]
    copies = _saying_what_another_says(texts, memory)
    found_again = dict(_renamed(unnamed, _except(missing, named | exchanged), copies, memory))
    found_again |= _retitled(texts.stories, memory, named | found_again | exchanged)
    rest = [one for one in unnamed if one.path not in found_again | exchanged]
    for path in contested(found_again, rest, memory, approval.code):
        del found_again[path]
    renamed = named | found_again | exchanged
    return Matches(
        own=_own(texts.stories, memory, renamed, approval),
        renamed=renamed,
        missing=_except(missing, renamed),
        copies=copies,
        backed_up=backed_up,
    )


def candidates(story: Story, missing: Sequence[PublishedEntry]) -> list[PublishedEntry]:
    """Return those of the `missing` that a story has the id, the content or the headline of."""
    if not missing:
        return []
    content = story_json.content_digest(story)
    headline = story_json.headline_digest(story)
    same = [known for known in missing if known.id == story.id]
    same = same or [known for known in missing if known.content == content]
    return same or [
        known
        for known in missing
        if known.headline == headline and not has_other_text(story, known)
    ]


def is_former(story: Story, known: PublishedEntry, memory: LedgerSnapshot) -> bool:
    """Return whether a story is what an entry once was, word for word, or was not retracted yet."""
    if known.story and known.story.retraction and not story.retraction:
        return True
    content = story_json.content_digest(story)
    return content != known.content and any(
        one.id == known.id and one.content == content for one in memory.former
    )


def _except(
    entries: Sequence[PublishedEntry], found: Mapping[str, PublishedEntry]
) -> list[PublishedEntry]:
    ids = {known.id for known in found.values()}
    return [known for known in entries if known.id not in ids]


def _is_elsewhere(story: Story, own: PublishedEntry | None, headlines: Mapping[str, str]) -> bool:
    """Return whether a story is not the news that was published from its file."""
    return own is None or own.headline != headlines[story.path]


def _has_come(own: PublishedEntry, content: str, gone: Collection[str]) -> bool:
    """Return whether a file has what was published from one that is gone, of the same title."""
    return content in gone and content != own.content


def _saying_what_was_published(texts: Texts, memory: LedgerSnapshot) -> set[str]:
    """Return the files that say what some entry says."""
    contents = {one.content for one in (*memory.missing, *memory.by_path.values())}
    return {path for path, said in texts.contents.items() if said in contents}


def _saying_what_another_says(texts: Texts, memory: LedgerSnapshot) -> set[str]:
    """Return the files that say just what the live entry of another file says."""
    files: dict[str, set[str]] = {}
    for one in (*memory.alike, *memory.by_path.values()):
        if not one.is_withdrawn:
            files.setdefault(one.content, set()).add(one.path)
    return {path for path, said in texts.contents.items() if files.get(said, set()) - {path}}


def _without_file(
    texts: Texts,
    memory: LedgerSnapshot,
    given_up: Collection[str],
    exchanged: Mapping[str, PublishedEntry],
    approval: Approval,
) -> list[PublishedEntry]:
    """Return the entries that may continue elsewhere: missing ones, or with other news in place.

    Not those that just came back under their own names or have `exchanged` them, nor those that
    were taken down.
    """
    moved = {texts.headlines[path] for path in given_up if path not in memory.still_held}
    of_others = _saying_what_was_published(texts, memory)
    own = [(story, known) for story in texts.stories if (known := memory.by_path.get(story.path))]
    back = {known.id for _, known in own if known.path not in {*given_up, *exchanged}}
    displaced = [
        known
        for story, known in own
        if is_approved_as_other(story, known, approval)
        or (story.path in given_up and _has_left(story, known, moved, of_others, memory))
    ]
    found = {known.id: known for known in (*memory.missing, *memory.unreadable, *displaced)}
    return [known for known in found.values() if not (known.is_purged or known.id in back)]


def _has_left(
    story: Story,
    known: PublishedEntry,
    moved: Collection[str],
    of_others: Collection[str],
    memory: LedgerSnapshot,
) -> bool:
    """Return whether an entry may be elsewhere: among `moved` headlines, or overwritten here.

    Files `of_others` say what some entry says.
    """
    if story.id == known.id:
        return False
    is_replaced = story.path in of_others or is_overwritten(story, known, memory)
    return known.headline in moved or is_replaced


def _named(
    stories: Sequence[Story],
    missing: Sequence[PublishedEntry],
    exchanged: Mapping[str, PublishedEntry],
    memory: LedgerSnapshot,
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield each story that has the id of a missing entry, and has it alone.

    Not in the file of a live entry that goes on there: its id was changed.
    """
    by_id = {known.id: known for known in missing}
    gone_on = {known.id for known in exchanged.values()}
    asked = Counter(story.id for story in stories)
    for story in stories:
        own = memory.by_path.get(story.path)
        is_free = own is None or own.is_withdrawn or own.id in gone_on | by_id.keys()
        if is_free and story.id in by_id and asked[story.id] == 1:
            yield story.path, by_id[story.id]


def _renamed(
    stories: Sequence[Story],
    missing: Sequence[PublishedEntry],
    copies: Collection[str],
    memory: LedgerSnapshot,
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield each story with the one missing entry that it alone can be.

    Those with the same content come first: others may have the same title and date, unless
    they are `copies`. Last come those that are as they were once, which a backup has.
    """
    for digest, known_digest in _DIGESTS:
        by_digest: dict[str, list[PublishedEntry]] = {}
        for known in missing:
            by_digest.setdefault(known_digest(known), []).append(known)
        matches = [
            (one.path, known)
            for one in stories
            for known in by_digest.get(digest(one), ())
            if not (has_other_text(one, known) or is_former(one, known, memory))
        ]
        by_story = Counter(path for path, _ in matches)
        by_entry = Counter(known.id for _, known in matches)
        only = {
            path: known
            for path, known in matches
            if by_story[path] == 1 and by_entry[known.id] == 1
        }
        yield from only.items()
        found = {known.id for known in only.values()}
        stories = [
            story for story in stories if story.path not in only and story.path not in copies
        ]
        missing = [
            known
            for known in missing
            if known.id not in found
            and not (known.is_withdrawn and known.headline in memory.purged)
        ]
    yield from _brought_back(stories, missing, memory)


def _retitled(
    stories: Sequence[Story], memory: LedgerSnapshot, matches: Mapping[str, PublishedEntry]
) -> dict[str, PublishedEntry]:
    """Return the new stories that are vanished entries under other names and titles.

    Neither is among the `matches`. Old entries, which stay live without a file, are asked about.
    """
    gone_on = {known.id for known in matches.values()}
    there = {story.path for story in stories}
    gone = [one for one in memory.vanished if one.path not in {"", *there} and not one.is_kept]
    known_paths = {*matches, *memory.by_path}
    return {
        story.path: known
        for story, known in retitled(stories, gone)
        if story.id is None
        and story.path not in known_paths
        and not (known.id in gone_on or is_former(story, known, memory))
    }


def _brought_back(
    stories: Sequence[Story], missing: Sequence[PublishedEntry], memory: LedgerSnapshot
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield each story that one missing entry once was, word for word and under this name.

    Under another name it is a copy, which may be older than a deletion.
    """
    if not memory.former_files:
        return
    by_id = {known.id: known for known in missing if not known.is_withdrawn}
    found = {
        story.path: memory.former_files.get((story.path, story_json.content_digest(story)))
        for story in stories
    }
    asked = Counter(found.values())
    for path, id_ in found.items():
        if id_ in by_id and asked[id_] == 1:
            yield path, by_id[id_]


def _exchanged(
    texts: Texts, memory: LedgerSnapshot, given_up: Collection[str]
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield stories that were published word for word from another file, which has changed.

    Renumbered files (3 to 4, 2 to 3) keep their entries this way. A new file takes only the entry
    of one that has `given_up` it; otherwise it is a copy that was made before an edit. So is one
    that was held before, and is as it was, unless other news is in the place of that entry.
    """
    contents = texts.contents
    left = {
        known.content: known
        for path, known in memory.by_path.items()
        if contents.get(path, known.content) != known.content and not known.is_purged
    }
    held = {path for path in memory.still_held if contents.get(path) in left}
    of_others = _saying_what_was_published(texts, memory) if held else ()
    edited = {
        known.content
        for story in (texts.stories if held else ())
        if (known := memory.by_path.get(story.path))
        and known.content in left
        and not _has_left(story, known, (), of_others, memory)
    }
    # Of two files that say it, a copy and one that was published before, it is the latter.
    for path, content in sorted(contents.items(), key=lambda one: one[0] not in memory.by_path):
        if path in held and content in edited:
            continue
        if content in left and (path in memory.by_path or left[content].path in given_up):
            yield path, left.pop(content)


def _own(
    stories: Sequence[Story],
    memory: LedgerSnapshot,
    renamed: Mapping[str, PublishedEntry],
    approval: Approval,
) -> dict[str, PublishedEntry]:
    """Return the entries that still are what their files are.

    None of them continues under another name, or was withdrawn before other news got its name, or
    is another one as staff say.
    """
    gone_on = {known.id for known in renamed.values()}
    return {
        story.path: known
        for story in stories
        if (known := memory.by_path.get(story.path))
        and known.id not in gone_on
        and story.path not in renamed
        and not (known.is_withdrawn and _is_succeeded(story, known, memory))
        and not is_approved_as_other(story, known, approval)
    }


def _is_succeeded(story: Story, known: PublishedEntry, memory: LedgerSnapshot) -> bool:
    """Return whether other news, or the next issue, has the file name of a withdrawn entry.

    Not if it says what that entry once said, or now says with a few other words.
    """
    before = known.story
    if before is None or story.id == known.id or is_former_version(story, known, memory):
        return False
    is_issue = is_next_issue(story, before) and not is_reworded(before.html, story.html)
    return is_issue or is_overwritten(story, known, memory)
