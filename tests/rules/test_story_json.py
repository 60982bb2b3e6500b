"""Stories as JSON: what the manifest has of them."""

from __future__ import annotations

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
