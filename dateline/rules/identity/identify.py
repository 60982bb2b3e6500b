"""The identity of a story: which published entry it is, if any.

Each story is matched with an entry first (`dateline.rules.identity.matching`). If two answers are
possible, or if only the text, only the title, or only much of the text and its day and language
are the same, the file is held: nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dateline.errors import Problem
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.guards import NOTHING, Approval, code_of
from dateline.rules.identity.copies import (
    COMPARED,
    copied_from_retracted,
    nearly_copied,
    of_series,
    renamed_and_edited,
    resembled,
    says_nearly,
    without_files,
)
from dateline.rules.identity.matching import Matches, candidates, is_former, match
from dateline.rules.identity.overwritten import other_news, renewed
from dateline.rules.identity.published import FormerVersion, LedgerSnapshot, PublishedEntry
from dateline.rules.identity.texts import Texts
from dateline.rules.wrong_year import announced
from dateline.text.similarity import is_nearly_same
from dateline.text.urls import page_stem


def identify(
    stories: Sequence[Story], memory: LedgerSnapshot, approval: Approval = NOTHING
) -> tuple[list[tuple[Story, PublishedEntry | None]], list[Problem], set[str]]:
    """Return each story with the entry that it is (None: a new one), and the problems.

    The third are the ids of the entries that stories with a problem are or may be. `approval` is
    the answer of staff on one: that it is other news, the same, or another entry.
    """
    texts = Texts.of(stories, memory.contents)
    matches = match(texts, memory, approval)
    checks = _Checks.of(texts, memory, matches, approval)
    entries = matches.all
    known: list[tuple[Story, PublishedEntry | None]] = []
    problems: list[Problem] = []
    undecided: set[str] = set()
    # A copy came later, has the longer name, "report (1).toml", or has lost the id.
    later = {
        one.path: (
            one.path in memory.copies,
            one.path in memory.still_copies,
            one.path not in memory.scheduled,
        )
        for one in stories
    }
    for story in sorted(
        stories, key=lambda s: (s.path not in entries, later[s.path], s.id is None, len(s.path))
    ):
        entry = entries.get(story.path)
        is_another = bool(approval.code) and _is_to_be_another(story, entry, approval.code)
        entry = None if is_another else entry
        problem, likely = checks.of_story(story, entry, is_another=is_another)
        if problem:
            problems.append(problem)
            undecided |= {one.id for one in likely or candidates(story, matches.missing)}
        else:
            known.append((story, entry))
            checks.add(story, entry)
    return known, problems, undecided


def _is_to_be_another(story: Story, entry: PublishedEntry | None, code: str) -> bool:
    """Return whether staff declared a story to be a new entry, of an id of its own."""
    return entry is not None and code in {_new_id(story, entry), announced(entry.id, story)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checks:
    """The checks of stories against what is and was published, and against each other.

    `over` has the questions about files with other news. `lost` are the live entries that are in no
    file; `versions` what they and those that were withdrawn said, by headline. `said` has the files
    of all others by the content of their versions, `headed` these versions by headline,
    `addressed` the present ones by the pages' addresses, which have the first titles; `ids` are the
    files of the stories so far by their ids.
    """

    memory: LedgerSnapshot
    texts: Texts
    matches: Matches
    approval: Approval
    over: Mapping[str, Problem]
    lost: Sequence[PublishedEntry]
    versions: Mapping[str, Sequence[tuple[FormerVersion, PublishedEntry]]]
    said: dict[str, str]
    headed: defaultdict[str, list[Story]]
    addressed: dict[str, Story]
    ids: dict[str, str]

    @classmethod
    def of(
        cls, texts: Texts, memory: LedgerSnapshot, matches: Matches, approval: Approval
    ) -> _Checks:
        """Return the checks of stories that go on as the entries in `matches`."""
        over = _files_with_other_news(texts, memory, matches, approval)
        lost = _lost(texts, memory, matches, over)
        goes_on = matches.all.values()
        here = {one.id for one in goes_on}
        gone = {one.id: one for one in (*matches.missing, *lost) if one.id not in here}
        others = [one for one in memory.alike if one.path not in texts.contents]
        versions = defaultdict(list)
        said = {one.content: one.path or f"{one.slug}.html" for one in others}
        headed = defaultdict(list)
        addressed = {}
        for one in (*others, *goes_on):
            if one.story and one.path and not one.is_withdrawn:
                headed[one.headline].append(one.story)
                addressed[one.slug] = one.story
        for version in memory.former:
            headline = story_json.headline_digest(version.story)
            if version.id in gone:
                versions[headline].append((version, gone[version.id]))
            else:
                said[version.content] = version.story.path
                headed[headline].append(version.story)
        return cls(
            memory=memory,
            texts=texts,
            matches=matches,
            approval=approval,
            over=over,
            lost=lost,
            versions=versions,
            said=said,
            headed=headed,
            addressed=addressed,
            ids={},
        )

    def add(self, story: Story, entry: PublishedEntry | None) -> None:
        """Add a story that is to be published, as an entry (None: a new one)."""
        said = {self.texts.contents[story.path], *([entry.content] if entry else [])}
        self.said.update(dict.fromkeys(said, story.path))
        self.ids[story.id or ""] = story.path
        if entry:
            self.addressed[entry.slug] = story
        if not story.draft:
            self.headed[self.texts.headlines[story.path]].append(story)
            self.addressed.setdefault(page_stem(story.date.start, story.title), story)

    def of_story(
        self, story: Story, entry: PublishedEntry | None, *, is_another: bool
    ) -> tuple[Problem | None, list[PublishedEntry]]:
        """Return the problem of a story, and the entries that it may be.

        It goes on as an entry, or is new; staff may have said that it `is_another`.
        """
        problem, formerly = _taken_down(story, entry, self.memory), list[PublishedEntry]()
        if not problem and entry is None and not is_another:
            problem, formerly = self._unclear(story)
        if not problem and (problem := self.over.get(story.path)):
            return problem, [*([entry] if entry else []), *resembled(story, self.lost)]
        if not problem and entry:
            problem = renewed(story, entry, self.approval)
        problem = problem or self._of_id(story, entry)
        if problem or entry or is_another:
            return problem, [entry] if entry else []
        once = self._once(story)
        # One whose news was announced again (`allow announce-…`) has no content, and stays away.
        here = [one for one in once if one.content]
        # What waited beside an entry that is gone now is not its file under another name.
        lost = () if story.path in self.memory.still_scheduled else self.lost
        likely = {one.id: one for one in (*formerly, *here, *resembled(story, lost))}
        asked = self._renamed(story, [*likely.values()])
        if formerly and asked[0]:
            return asked
        if problem := self._copied(story):
            return problem, []
        if once and not likely:
            return Problem(code="copy", file=story.path, found=f"{once[0].slug}.html"), []
        return asked

    def _unclear(self, story: Story) -> tuple[Problem | None, list[PublishedEntry]]:
        """Hold a story that could be a missing entry, if another could be it as well.

        A copy that was held, or a former version, which may be older than a correction or a
        retraction, is none by itself. If it cannot have the entry's file name, there is no problem,
        and that entry: staff are asked about it.
        """
        found = candidates(story, self.matches.missing)
        content = self.texts.contents[story.path]
        if not found or (found[0].content != content and story.path in self.matches.copies):
            return None, []
        known = found[0]
        is_copy = story.path in self.memory.copies and content != known.content
        if not is_copy and is_former(story, known, self.memory):
            if not known.path or known.path in self._there():
                return None, [known]
            is_copy = True
        if is_copy and (not known.path or known.path in self._there()):
            return None, [known]
        code = "copy-alone" if is_copy else "rename-unclear"
        found_at = known.path or f"{known.slug}.html"
        return Problem(code=code, file=story.path, found=found_at), []

    def _there(self) -> set[str]:
        return {*self.texts.contents, *(one.path for one in self.memory.unreadable)}

    def _renamed(
        self, story: Story, likely: list[PublishedEntry]
    ) -> tuple[Problem | None, list[PublishedEntry]]:
        """Hold a new story that may be one of the entries in no file."""
        if not likely:
            return None, []
        return renamed_and_edited(story, likely, self._there(), self.approval.code), likely

    def _copied(self, story: Story) -> Problem | None:
        """Hold a new story that is published from another file, word for word or nearly."""
        if said := self.memory.said_of_copies.get(story.path):
            return said
        if copied := self.said.get(self.texts.contents[story.path]):
            problem = Problem(code="copy", file=story.path, found=copied)
        else:
            others = self._headed_alike(story)
            out = {*self.memory.by_path, *(one.path for one in self.memory.alike)}
            near = nearly_copied(story, others, out) or copied_from_retracted(story, others)
            if near is None and (original := self._copied_first(story)):
                near = Problem(code="copy-kept", file=story.path, found=original)
            if near is None:
                return None
            problem = near
        now_at = {one.path: path for path, one in self.matches.renamed.items()}
        found = str(problem.found)
        return replace(problem, found=now_at.get(found, found))

    def _copied_first(self, story: Story) -> str:
        """Return the file of which a story was a copy, also if that was renamed before it was out.

        Then a file that is not out has nearly its text: a new one, or one that waits. If it may be
        an entry whose file is gone, staff are asked about that.
        """
        original = self.memory.copies.get(story.path)
        if original in {one.path for one in self.lost}:
            return "" if self._once(story) or resembled(story, self.lost) else str(original)
        if original is None or original:
            return original or ""
        known = self.memory.copies.keys() | self.memory.by_path.keys()
        others = [one for one in self.texts.stories if one.path not in known]
        others.sort(key=lambda one: one.path in self.memory.scheduled)
        others = [one for one in others if not of_series(one.title, story.title)]
        alike = (one.path for one in others[:COMPARED] if is_nearly_same(one.html, story.html))
        return next(alike, "")

    def _headed_alike(self, story: Story) -> list[Story]:
        """Return what has the title and the date of a story, or had them first.

        Of an entry whose versions were lost, its address alone knows the first title. With the same
        text, at another time of the day, it is the same news.
        """
        first = self.addressed.get(page_stem(story.date.start, story.title))
        found = self.headed[self.texts.headlines[story.path]]
        if first is None or first in found or first.date.first_day != story.date.first_day:
            return found
        is_there = first.date.start == story.date.start or first.html == story.html
        return [*found, first] if is_there else found

    def _once(self, story: Story) -> list[PublishedEntry]:
        """Return the entries in no file that said the same once, word for word or nearly."""
        return [
            entry
            for version, entry in self.versions.get(self.texts.headlines[story.path], ())
            if version.content == self.texts.contents[story.path]
            or nearly_copied(story, [version.story])
        ]

    def _of_id(self, story: Story, entry: PublishedEntry | None) -> Problem | None:
        """Hold a story with the id of another entry, or with another than its entry has."""
        if story.id is None or (entry and entry.id == story.id):
            return None
        if entry:
            return Problem(
                code="id-changed",
                file=story.path,
                field="id",
                found=entry.id,
                wanted=_new_id(story, entry),
            )
        owner = self.memory.ids.get(story.id, self.ids.get(story.id))
        if owner is None:
            return None
        return Problem(code="id-taken", file=story.path, field="id", found=owner, wanted=story.id)


def _files_with_other_news(
    texts: Texts, memory: LedgerSnapshot, matches: Matches, approval: Approval
) -> dict[str, Problem]:
    """Return the questions about files that say something else than was published from them."""
    own = matches.own
    over = {path: held for path, held in matches.backed_up.items() if held and path in own}
    return over | {
        story.path: held
        for story in texts.stories
        if (held := other_news(story, own.get(story.path), memory, approval))
    }


def _lost(
    texts: Texts, memory: LedgerSnapshot, matches: Matches, over: Mapping[str, Problem]
) -> list[PublishedEntry]:
    """Return the live entries whose files are gone, or have other news: `over`, or as renamed."""
    goes_on = matches.all
    here = {one.id for one in goes_on.values()}
    taken = [one for path, one in memory.by_path.items() if path in matches.renamed]
    left = {
        one.id: one
        for one in (*matches.missing, *taken)
        if one.path in texts.contents and one.id not in here and not one.is_withdrawn
    }
    return without_files(memory, goes_on, [*left.values(), *(matches.own[path] for path in over)])


def _taken_down(
    story: Story, entry: PublishedEntry | None, memory: LedgerSnapshot
) -> Problem | None:
    """Hold a story that was taken down, or a former version, under any name and in any zone."""
    found = [entry] if entry else candidates(story, memory.missing)
    purged = any(known.is_purged for known in found) or memory.ids.get(story.id or "") == ""
    if (memory.purged or memory.taken) and not entry:
        said = {story_json.headline_digest(story), *story_json.headlines_elsewhere(story)}
        said.add(story_json.content_digest(story))
        purged = purged or not memory.purged.isdisjoint(said) or says_nearly(story, memory.taken)
    return Problem(code="taken-down", file=story.path) if purged else None


def _new_id(story: Story, entry: PublishedEntry) -> str:
    """Return the code by which staff approve a new id of an entry; the way back has another."""
    return code_of("id-changed", [f"{entry.id} {story.id}"])
