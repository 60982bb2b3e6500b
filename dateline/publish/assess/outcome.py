"""What came of a look at the entries folder?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.errors import Problem
from dateline.ledger.rows import FileRecord
from dateline.model import Entry, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What becomes of one file: of its `story`.

    `entry` is live, `before` as it was until now; what is not out yet has its `moment`.
    """

    story: Story
    entry: Entry | None
    before: Entry | None
    moment: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the entries folder holds now.

    `files` has every file that was `judged` now (or is, by what others are now) and every other
    of which something is said, `gone` are those that were judged before. `ids` and `slugs` are of
    the entries that the ledger did not have like this, `known` the ids of all that it had,
    `published` and `changed` the paths of those that readers will see as new and as changed,
    `renamed` the paths that the files of others had and have.
    `skipped` are no entries, `closed` folders that cannot be read. `resume` is when a file that is
    still being written can be read. `outcomes` are of the files that were asked for, by path;
    `released` are the ids of others whose files' names these entries have now; `guarded` is what
    a guard holds.
    """

    files: Mapping[str, FileRecord]
    ids: tuple[str, ...]
    slugs: tuple[str, ...]
    known: tuple[str, ...]
    published: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...]
    closed: tuple[str, ...]
    judged: tuple[str, ...]
    gone: tuple[str, ...]
    resume: datetime | None
    outcomes: Mapping[str, FileOutcome]
    released: tuple[str, ...]
    guarded: tuple[Problem, ...] = ()

    @property
    def asked_about(self) -> frozenset[str]:
        """Give the paths of files that are gone, but may go on under another name."""
        problems = (problem for record in self.files.values() for problem in record.problems)
        return frozenset(p.found for p in problems if p.found and p.code == "renamed-edited")

    def and_then(self, later: Assessment) -> Assessment:
        """Give this together with another part of the same look, which was examined after it."""
        moments = (one.resume for one in (self, later))
        return replace(
            later,
            files={**self.files, **later.files},
            ids=(*self.ids, *later.ids),
            slugs=(*self.slugs, *later.slugs),
            known=(*self.known, *later.known),
            published=tuple(sorted((*self.published, *later.published))),
            changed=tuple(sorted((*self.changed, *later.changed))),
            renamed=tuple(sorted((*self.renamed, *later.renamed))),
            judged=(*self.judged, *later.judged),
            resume=max((moment for moment in moments if moment), default=None),
            outcomes={**self.outcomes, **later.outcomes},
            released=(*self.released, *later.released),
            guarded=(*self.guarded, *later.guarded),
        )
