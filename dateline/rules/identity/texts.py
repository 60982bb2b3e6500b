"""The stories of some files, with what they are recognised by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateline.model import Story
from dateline.rules import story_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Stories, with the digests of their contents and of their headlines by path."""

    stories: Sequence[Story]
    contents: Mapping[str, str]
    headlines: Mapping[str, str]

    @classmethod
    def of(cls, stories: Sequence[Story], contents: Mapping[str, str]) -> Texts:
        """Return stories with their digests; `contents` has those that are known, or none."""
        found = contents or {story.path: story_json.content_digest(story) for story in stories}
        headlines = {story.path: story_json.headline_digest(story) for story in stories}
        return cls(stories=stories, contents=found, headlines=headlines)
