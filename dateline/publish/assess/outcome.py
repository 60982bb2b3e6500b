"""Values of one assessment of the entries folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from dateline.errors import Problem
from dateline.ledger.rows import FileRecord
from dateline.model import Entry, Publication, Story
from dateline.rules.decide import Decision
from dateline.rules.story_json import as_dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """The outcome for one file with a `story`.

    `entry` is live, `before` is how it was until now; an unpublished one has its `moment`.
    """

    story: Story
    entry: Entry | None
    before: Entry | None
    moment: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The state of the entries folder, and what changed in it.

    `states` has every file that was `read` in this run, every other whose problems follow from
    these, and all others with problems; `files` has the records of those with problems, and of
    those asked about, since others would fill the memory. `newest` is the latest change of all, in
    nanoseconds since 1970; `gone` are the files read before. `ids` and `slugs` are of
    the entries that are new or changed in the ledger, `known` the ids of all known ones that were
    read, `published` and `changed` the paths of those that readers will see as new and as changed,
    `renamed` the former and new paths of renamed files. `skipped` are no entries, `closed` folders
    that cannot be read. `resume` is when a file that is still being written can be read.
    `outcomes` are of the files that were asked about, by path; `released` are the ids of entries
    that lost their files, `undecided` those of entries that held files are or may be; `guarded`
    is what a guard holds.
    """

    files: Mapping[str, FileRecord] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    newest: int = 0
    ids: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    resume: datetime | None = None
    outcomes: Mapping[str, FileOutcome] = field(default_factory=dict)
    released: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    guarded: tuple[Problem, ...] = ()

    @classmethod
    def together(cls, parts: Sequence[Assessment]) -> Assessment:
        """Return the assessments of batches of one scan as one, the last of which is the latest."""

        def joined(name: str) -> Any:
            return chain.from_iterable(getattr(one, name) for one in parts)

        def merged(name: str) -> Any:
            return {key: value for one in parts for key, value in getattr(one, name).items()}

        files: dict[str, FileRecord] = {}
        for one in parts:
            files = {path: record for path, record in files.items() if path not in one.states}
            files |= one.files
        published = frozenset[str](joined("published"))
        return replace(
            parts[-1],
            files=files,
            states=merged("states"),
            newest=max(one.newest for one in parts),
            published=tuple(sorted(published)),
            changed=tuple(sorted(path for path in joined("changed") if path not in published)),
            renamed=tuple(sorted(joined("renamed"))),
            resume=max((one.resume for one in parts if one.resume), default=None),
            outcomes=merged("outcomes"),
            **{name: tuple(joined(name)) for name in _JOINED},
        )


_JOINED = ("ids", "slugs", "known", "read", "released", "undecided", "guarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBatch:
    """The decision on a batch of files.

    `before` has the former entries by id, `entries` those that are new or changed, `guarded` the
    problem of a guard that holds some.
    """

    decision: Decision
    before: Mapping[str, Entry]
    entries: tuple[Entry, ...]
    guarded: tuple[Problem, ...]

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Return the former and new paths of renamed files."""
        known = [(self.before[e.id], e) for e in self.entries if e.id in self.before]
        paths = ((before.story.path, entry.story.path) for before, entry in known)
        return tuple(sorted((old, new) for old, new in paths if old and old != new))

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the files of the entries in which readers see a change."""
        new = {entry.id for entry in self.decision.arrived}
        known = [entry for entry in self.entries if entry.id not in new]
        return tuple(sorted(entry.story.path for entry in known if self._differs(entry)))

    def seen_otherwise(self, publication: Publication) -> list[str]:
        """Return the ids of the entries that are new, or that other pages show otherwise.

        The templates of a theme may show anything of an entry.
        """
        shown = _public if publication.theme.templates else _as_neighbour
        pairs = [(self.before.get(entry.id), entry) for entry in self.entries]
        return [e.id for old, e in pairs if old is None or shown(old) != shown(e)]

    def outcomes(self, stories: Sequence[Story], files: Collection[str]) -> dict[str, FileOutcome]:
        """Return the outcomes for these files."""
        entries = {entry.story.path: entry for entry in self.decision.entries}
        return {
            story.path: FileOutcome(
                story=story,
                entry=(entry := entries.get(story.path)),
                before=self.before.get(entry.id) if entry else None,
                moment=self.decision.scheduled.get(story.path),
            )
            for story in stories
            if story.path in files
        }

    def _differs(self, entry: Entry) -> bool:
        before = self.before.get(entry.id)
        return before is None or _public(before) != _public(entry)


def _public(entry: Entry) -> Entry:
    """Return what readers see of an entry: all its corrections, no editor, no file name."""
    story = replace(as_dropped(entry.story), path="", editor="", correction=())
    return replace(entry, story=story)


def _as_neighbour(entry: Entry) -> tuple[object, ...]:
    """Return what pages that lead to an entry show of it, and what they choose it by."""
    story = entry.story
    return (
        story.title,
        story.language,
        story.date,
        story.event,
        [file.media_type for file in story.attachments],
        story.categories,
        story.place,
        story.expires,
        entry.retracted is None,
    )
