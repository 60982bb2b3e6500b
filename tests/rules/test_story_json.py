"""Stories as JSON: what the manifest has of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from dateline.rules import story_json
from support.samples import sample_entry, sample_entry_plain

EVIL = 'x", "path": "y\\" \\\\ "editor": "z\\'


@pytest.mark.parametrize("text", ["a.toml", EVIL, "é\n\u2028", "\\", ""])
@pytest.mark.parametrize("has_files", [False, True])
def test_the_newsrooms_own_data_are_left_out(text: str, *, has_files: bool) -> None:
    """The file name and the editor are empty, whatever they and the texts contain."""
    story = (sample_entry() if has_files else sample_entry_plain()).story
    full = replace(story, path=text, editor=text, title=EVIL, html=f"{EVIL}<p>{text}</p>")
    bare = replace(full, path="", editor="")

    assert story_json.public(story_json.dump(full)) == story_json.dump(bare)
    assert json.loads(story_json.dump(full))["path"] == text


@pytest.mark.parametrize("text", ["a.toml", EVIL, "é\n\u2028", "\\", ""])
@pytest.mark.parametrize("has_files", [False, True])
def test_the_digest_of_a_story_leaves_its_path_out(text: str, *, has_files: bool) -> None:
    """It is that of the JSON of the same story without a path, however it is found."""
    story = (sample_entry() if has_files else sample_entry_plain()).story
    full = replace(story, path=text, title=EVIL, html=f"{EVIL}<p>{text}</p>", place=EVIL)
    bare = story_json.dump(replace(story_json.as_dropped(full), path=""))
    digest = hashlib.sha256(bare.encode()).hexdigest()

    assert story_json.content_digest(full) == digest
    assert story_json.StoryRecord.of(full) == story_json.StoryRecord(
        text=story_json.dump(full), content=digest
    )
