"""The published entries, as far as the identity of some stories depends on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dateline.errors import Problem
from dateline.model import Correction, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEntry:
    """A published entry in the ledger.

    `content` and `headline` are digests (`dateline.rules.story_json`). If it `is_missing`, its file
    is gone. One that `is_withdrawn` comes back with its file; one that `is_purged` was taken down,
    never comes back and has no `story`. One that `is_kept` stays live without a file.
    """

    id: str
    sequence: int
    slug: str
    published: datetime
    updated: datetime
    path: str
    content: str
    headline: str
    story: Story | None
    corrections: tuple[Correction, ...] = ()
    retracted: datetime | None = None
    is_missing: bool = False
    is_withdrawn: bool = False
    is_purged: bool = False
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class FormerVersion:
    """What an entry said in one of its versions, with its digest, and the path of its file now."""

    id: str
    content: str
    story: Story


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """What an entry said before a series of saves, or at first, if it was published in it."""

    story: Story
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSnapshot:
    """The part of the ledger that matters to some stories.

    `by_path` has the entries whose files these stories are; `missing` those that one of them may
    be, whose files are or were gone, withdrawn or not; `vanished` live ones whose files went
    lately; `unreadable` live ones whose files have other words now and cannot be read; `alike`
    those with a file and with the title and date of a story; `former` all versions of those with
    what a story says or is called; `earlier` what the entries of changed files said before the
    series of saves that goes on, by id, if one does; `former_files` the id of each missing live one
    by path and content of its versions; `ids` the file or page of the entry with each id that a
    story asks for, or an empty text if that was taken down. `purged` are the headlines, also former
    ones, of entries that were taken down, if a story may have one; `taken` are the versions of one
    that is taken down in this run. `slugs` and `moments` are in use, and lately `updates`, the
    moments of changes; `newest` and `sequence` were given last. `contents` has the content digests
    of the stories by path, if they are known. `copies` are the files that were held as copies
    before, and have not changed since, each with the file that it copies, if that is there,
    published, or was changed first; `said_of_copies` has the problem of each copy of a file that
    waits and is not among the stories. `still_copies` are those that are held as copies and have
    not changed since: a new file that says the same comes before them. `scheduled` are those that
    waited for their moments, `still_scheduled` those of them that have not changed since,
    `still_held` all held ones that have not. `asked` are those about which staff were asked whether
    they are other news. `awaited` are those that waited, were drafts, or were held for what is not
    for readers, and were not published.
    """

    by_path: Mapping[str, PublishedEntry]
    missing: Sequence[PublishedEntry] = ()
    vanished: Sequence[PublishedEntry] = ()
    unreadable: Sequence[PublishedEntry] = ()
    alike: Sequence[PublishedEntry] = ()
    former: Sequence[FormerVersion] = ()
    earlier: Mapping[str, EarlierVersion] = field(default_factory=dict)
    former_files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ids: Mapping[str, str]
    purged: frozenset[str] = frozenset()
    taken: Sequence[Story] = ()
    slugs: frozenset[str] = frozenset()
    moments: frozenset[datetime] = frozenset()
    updates: frozenset[datetime] = frozenset()
    newest: datetime | None = None
    sequence: int = 0
    contents: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    said_of_copies: Mapping[str, Problem] = field(default_factory=dict)
    scheduled: frozenset[str] = frozenset()
    still_scheduled: frozenset[str] = frozenset()
    still_copies: frozenset[str] = frozenset()
    still_held: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()

    @property
    def corrections(self) -> frozenset[str]:
        """The corrections of the entries that stories are, may be, or are called like."""
        known = (*self.by_path.values(), *self.missing, *self.vanished, *self.alike)
        return frozenset(text for one in known if one.story for text in one.story.correction)
