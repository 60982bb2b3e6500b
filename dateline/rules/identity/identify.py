"""The identity of a story: which published entry it is, if any.

The same path is the same entry, whatever was edited, unless the text is about something else:
then the file was written over. A missing file and exactly one new file with the same id, content,
or title and date (unless the texts have nothing in common), are one renamed entry. If two answers
are possible, or if only the text, only the title, or only much of the text and its day and language
are the same, the file is held: nothing is guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.guards import NOTHING, Approval, code_of
from dateline.rules.identity.copies import (
    contested,
    has_other_text,
    nearly_copied,
    renamed_and_edited,
    resembled,
    without_files,
)
from dateline.rules.identity.overwritten import (
    is_approved_as_other,
    is_overwritten,
    other_news,
    renewed,
    with_backups,
)
from dateline.rules.identity.published import FormerVersion, LedgerSnapshot, PublishedEntry
from dateline.rules.wrong_year import announced

# A story may be an entry that has the same digest: of its content, or else of title and date.
_DIGESTS: tuple[tuple[Callable[[Story], str], Callable[[PublishedEntry], str]], ...] = (
    (story_json.content_digest, attrgetter("content")),
    (story_json.headline_digest, attrgetter("headline")),
)


def identify(
    stories: Sequence[Story], memory: LedgerSnapshot, approval: Approval = NOTHING
) -> tuple[list[tuple[Story, PublishedEntry | None]], list[Problem], set[str]]:
    """Return each story with the entry that it is (None: a new one), and the problems.

    The third are the ids of the entries that stories with a problem are or may be. `approval` is
    the answer of staff on one: that it is other news, the same, or another entry.
    """
    contents = memory.contents or {
        story.path: story_json.content_digest(story) for story in stories
    }
    headlines = {story.path: story_json.headline_digest(story) for story in stories}
    backed_up, renamed, missing = _found_again(stories, memory, contents, headlines, approval)
    there = {*contents, *(known.path for known in memory.unreadable)}
    now_at = {one.path: path for path, one in renamed.items()}
    own = _own(stories, memory, renamed)
    known: list[tuple[Story, PublishedEntry | None]] = []
    problems: list[Problem] = []
    undecided: set[str] = set()
    seen: dict[str, str] = {}
    matches = own | renamed
    goes_on = {one.id for one in matches.values()}
    elsewhere = {one.id for one in _of_others(memory, contents)}
    former = [one for one in memory.former if one.id in goes_on | elsewhere]
    published = {**memory.copied, **{one.content: one.story.path for one in former}}
    headed = _by_headline([*_of_others(memory, contents), *matches.values()], former)
    over = {path: held for path, held in backed_up.items() if held and path in own}
    over |= {
        story.path: held
        for story in stories
        if (held := other_news(story, own.get(story.path), approval))
    }
    taken = [one for path, one in memory.by_path.items() if path in renamed]
    left = {one.id: one for one in (*missing, *taken) if one.path in contents}
    left = {id_: one for id_, one in left.items() if id_ not in goes_on and not one.is_withdrawn}
    lost = without_files(memory, matches, [*left.values(), *(own[path] for path in over)])
    # A copy has the longer name, "report (1).toml", or has lost the id.
    for story in sorted(stories, key=lambda s: (s.path not in matches, s.id is None, len(s.path))):
        match = matches.get(story.path)
        is_other = match is own.get(story.path) and is_approved_as_other(story, match, approval)
        is_another = match is not None and _is_to_be_another(story, match, approval.code)
        if is_other or is_another:
            match = None
        problem = (
            _taken_down(story, match, memory)
            or (_unclear(story, missing) if match is None and not is_another else None)
            or (over.get(story.path) if not is_other else None)
            or (renewed(story, match, approval) if match else None)
            or _id_problem(story, match, memory, seen)
        )
        likely = [match] if match else []
        if match is None and problem is None and not is_another:
            alike = headed[headlines[story.path]]
            problem = _copied(story, published, contents) or nearly_copied(story, alike)
            if problem:
                found = str(problem.found)
                problem = replace(problem, found=now_at.get(found, found))
            likely = [] if problem else resembled(story, lost)
            problem = problem or renamed_and_edited(story, likely, there, approval.code)
        if problem:
            problems.append(problem)
            likely += resembled(story, lost) if problem is over.get(story.path) else []
            undecided |= {one.id for one in likely or _candidates(story, missing)}
        else:
            known.append((story, match))
            said = {contents[story.path], *([match.content] if match else [])}
            published |= dict.fromkeys(said, story.path)
            seen[story.id or ""] = story.path
            if not story.draft:
                headed[headlines[story.path]].append(story)
    return known, problems, undecided


def _found_again(
    stories: Sequence[Story],
    memory: LedgerSnapshot,
    contents: Mapping[str, str],
    headlines: Mapping[str, str],
    approval: Approval,
) -> tuple[dict[str, Problem | None], dict[str, PublishedEntry], list[PublishedEntry]]:
    """Return the entries that go on under another name, by its path, and those still missing.

    The first are the retitled files beside which a backup lies, with the questions about them.
    """
    gone = {known.content for known in memory.missing}
    elsewhere = [
        story
        for story in stories
        if _is_elsewhere(story, memory.by_path.get(story.path), headlines)
        or _has_come(memory.by_path[story.path], contents[story.path], gone)
    ]
    backed_up = dict(with_backups(elsewhere, memory, contents, headlines, approval))
    given_up = {story.path for story in elsewhere if story.path not in backed_up}
    exchanged = dict(_exchanged(contents, memory, given_up))
    missing = _without_file(stories, memory, given_up, exchanged, headlines)
    named = dict(_named(elsewhere, missing, memory))
    taken = {known.id for known in named.values()}
    others = [known for known in missing if known.id not in taken]
    unnamed = [story for story in elsewhere if story.path not in named]
    found_again = dict(_renamed(unnamed, others, memory))
    rest = [one for one in unnamed if one.path not in found_again | exchanged]
    for path in contested(found_again, rest, memory, approval.code):
        del found_again[path]
    renamed = named | found_again | exchanged
    found = {known.id for known in renamed.values()}
    missing = [known for known in missing if known.id not in found]
    return backed_up, renamed, missing


def _of_others(memory: LedgerSnapshot, read: Collection[str]) -> Iterator[PublishedEntry]:
    """Yield the entries of files that were not `read` now."""
    for known in memory.alike:
        if known.path and known.path not in read and not known.is_withdrawn:
            yield known


def _by_headline(
    entries: Iterable[PublishedEntry], former: Iterable[FormerVersion]
) -> defaultdict[str, list[Story]]:
    """Return what is and was published, by the digests of title and date."""
    found: defaultdict[str, list[Story]] = defaultdict(list)
    for known in entries:
        if known.story:
            found[known.headline].append(known.story)
    for version in former:
        found[story_json.headline_digest(version.story)].append(version.story)
    return found


def _copied(
    story: Story, published: Mapping[str, str], contents: Mapping[str, str]
) -> Problem | None:
    """Hold a story that was published word for word from another file."""
    copied = published.get(contents[story.path])
    return Problem(code="copy", file=story.path, found=copied) if copied else None


def _is_elsewhere(story: Story, own: PublishedEntry | None, headlines: Mapping[str, str]) -> bool:
    """Return whether a story is not the news that was published from its file."""
    return own is None or own.headline != headlines[story.path]


def _has_come(own: PublishedEntry, content: str, gone: Collection[str]) -> bool:
    """Return whether a file has what was published from one that is gone, of the same title."""
    return content in gone and content != own.content


def _without_file(
    stories: Sequence[Story],
    memory: LedgerSnapshot,
    given_up: Collection[str],
    exchanged: Mapping[str, PublishedEntry],
    headlines: Mapping[str, str],
) -> list[PublishedEntry]:
    """Return the entries that may continue elsewhere: missing ones, or with other news in place.

    Not those that just came back under their own names or have `exchanged` them, nor those that
    were taken down.
    """
    moved = {headlines[path] for path in given_up}
    own = [(story, known) for story in stories if (known := memory.by_path.get(story.path))]
    back = {known.id for _, known in own if known.path not in {*given_up, *exchanged}}
    back |= {known.id for known in exchanged.values()}
    displaced = [
        known
        for story, known in own
        if story.path in exchanged or (story.path in given_up and _has_left(story, known, moved))
    ]
    found = {known.id: known for known in (*memory.missing, *memory.unreadable, *displaced)}
    return [known for known in found.values() if not (known.is_purged or known.id in back)]


def _has_left(story: Story, known: PublishedEntry, moved: Collection[str]) -> bool:
    """Return whether an entry may be elsewhere: among `moved` headlines, or overwritten here."""
    return story.id != known.id and (known.headline in moved or is_overwritten(story, known))


def _named(
    stories: Sequence[Story], missing: Sequence[PublishedEntry], memory: LedgerSnapshot
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield each story that has the id of a missing entry, and has it alone.

    Not in the file of a live entry that goes on there: its id was changed.
    """
    by_id = {known.id: known for known in missing}
    asked = Counter(story.id for story in stories)
    for story in stories:
        own = memory.by_path.get(story.path)
        is_free = own is None or own.is_withdrawn or own.id in by_id
        if is_free and story.id in by_id and asked[story.id] == 1:
            yield story.path, by_id[story.id]


def _renamed(
    stories: Sequence[Story], missing: Sequence[PublishedEntry], memory: LedgerSnapshot
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield each story with the one missing entry that it alone can be.

    Those with the same content come first: others may have the same title and date. Last come
    those that are as they were once, which a backup has.
    """
    for digest, known_digest in _DIGESTS:
        by_digest: dict[str, list[PublishedEntry]] = {}
        for known in missing:
            by_digest.setdefault(known_digest(known), []).append(known)
        matches = [
            (one.path, known)
            for one in stories
            for known in by_digest.get(digest(one), ())
            if not has_other_text(one, known)
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
        stories = [story for story in stories if story.path not in only]
        missing = [known for known in missing if known.id not in found]
    yield from _brought_back(stories, missing, memory)


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
    contents: Mapping[str, str], memory: LedgerSnapshot, given_up: Collection[str]
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield stories that were published word for word from another file, which has changed.

    Renumbered files (3 to 4, 2 to 3) keep their entries this way. A new file takes only the entry
    of one that has `given_up` it; otherwise it is a copy that was made before an edit.
    """
    left = {
        known.content: known
        for path, known in memory.by_path.items()
        if contents.get(path, known.content) != known.content and not known.is_purged
    }
    for path, content in contents.items():
        if content in left and (path in memory.by_path or left[content].path in given_up):
            yield path, left.pop(content)


def _own(
    stories: Sequence[Story], memory: LedgerSnapshot, renamed: Mapping[str, PublishedEntry]
) -> dict[str, PublishedEntry]:
    """Return the entries that still are what their files are.

    None of them continues under another name, or was withdrawn before other news got its name.
    """
    gone_on = {known.id for known in renamed.values()}
    return {
        story.path: known
        for story in stories
        if (known := memory.by_path.get(story.path))
        and known.id not in gone_on
        and story.path not in renamed
        and not (known.is_withdrawn and is_overwritten(story, known))
    }


def _taken_down(
    story: Story, match: PublishedEntry | None, memory: LedgerSnapshot
) -> Problem | None:
    """Hold a story that was taken down, under any file name."""
    candidates = [match] if match else _candidates(story, memory.missing)
    purged = any(known.is_purged for known in candidates) or memory.ids.get(story.id or "") == ""
    return Problem(code="taken-down", file=story.path) if purged else None


def _candidates(story: Story, missing: Sequence[PublishedEntry]) -> list[PublishedEntry]:
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


def _unclear(story: Story, missing: Sequence[PublishedEntry]) -> Problem | None:
    """Hold a story that could be a missing entry, if another could be it as well."""
    candidates = _candidates(story, missing)
    if not candidates:
        return None
    return Problem(code="rename-unclear", file=story.path, found=candidates[0].path)


def _is_to_be_another(story: Story, match: PublishedEntry, code: str) -> bool:
    return code in {_new_id(story, match), announced(match.id, story)} if code else False


def _new_id(story: Story, match: PublishedEntry) -> str:
    """Return the code by which staff approve a new id for a live entry."""
    return code_of("id-changed", [match.id, story.id or ""])


def _id_problem(
    story: Story, match: PublishedEntry | None, memory: LedgerSnapshot, seen: Mapping[str, str]
) -> Problem | None:
    if story.id is None or (match and match.id == story.id):
        return None
    if match:
        code = _new_id(story, match)
        return Problem(code="id-changed", file=story.path, field="id", found=match.id, wanted=code)
    owner = memory.ids.get(story.id, seen.get(story.id))
    if owner is None:
        return None
    return Problem(code="id-taken", file=story.path, field="id", found=owner, wanted=story.id)
