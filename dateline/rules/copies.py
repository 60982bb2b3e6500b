"""Copies: new files that say what an entry says or said whose own file is still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from dateline.errors import Problem
from dateline.model import Story

_COMPARED = 20  # stories of one title and date, with each of which a new one is compared


@dataclass(slots=True, kw_only=True)
class Originals:
    """The stories of which a new file may be a copy.

    `by_content` has their paths by the digests of what they say and said. `stories` are compared
    with those that have the same title and date, since a copy may lack an id, or pictures and files
    that lie beside its original.
    """

    by_content: dict[str, str]
    stories: dict[tuple[str, date | datetime], list[Story]] = field(default_factory=dict)

    def add(self, story: Story, *contents: str) -> None:
        """Note a story that is published, with the digests of what it says and said."""
        self.by_content |= dict.fromkeys(contents, story.path)
        self.stories.setdefault((story.title, story.date.start), []).append(story)

    def problem(self, story: Story, content: str) -> Problem | None:
        """Hold a new story that is a copy."""
        alike = self.stories.get((story.title, story.date.start), ())[:_COMPARED]
        same = (one.path for one in alike if _is_copy(one, story))
        original = self.by_content.get(content) or next(same, None)
        return Problem(code="copy", file=story.path, found=original) if original else None


def originals(by_content: Mapping[str, str], stories: Sequence[Story]) -> Originals:
    """Return these originals; more are added as they are found."""
    found = Originals(by_content=dict(by_content))
    for story in stories:
        found.add(story)
    return found


def _is_copy(original: Story, story: Story) -> bool:
    """Return whether a story says what another says, but for an id and for files beside it.

    A file that states an id of its own is none: an old feed may have had the same news twice.
    """
    if story.id is not None or _bare(original) != _bare(story):
        return False
    files, others = ({one.url for one in of.attachments} for of in (original, story))
    return files <= others or others <= files


def _bare(story: Story) -> Story:
    return replace(story, path="", kind="news", image=None, attachments=(), inline=(), id=None)
