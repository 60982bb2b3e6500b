"""A run that is told which files changed finds what a look at all finds, and looks at no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.model import Report
from support.publication import Newsroom, entry_file, picture


def told(newsroom: Newsroom, *paths: str) -> Report:
    """Do one run that is told of these files alone."""
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, changed_files=paths)
    )
    newsroom.log.append(report)
    return report


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Give a newsroom with some entries, one of which misses its picture."""
    for number in range(4):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.drop("field/shown.toml", entry_file("Shown", image='"p.png"', image_alt='"Blue"'))
    newsroom.build()
    return newsroom


def rename(entries: Path) -> list[str]:
    """Let an entry have another name."""
    (entries / "1.toml").rename(entries / "one.toml")
    return ["1.toml", "one.toml"]


def delete(entries: Path) -> list[str]:
    """Delete an entry."""
    (entries / "1.toml").unlink()
    return ["1.toml"]


def edit(entries: Path) -> list[str]:
    """Change an entry's text."""
    (entries / "1.toml").write_text(entry_file("Number 1", body='"Other."'), "utf-8")
    return ["1.toml"]


def bring_picture(entries: Path) -> list[str]:
    """Bring the picture that an entry waits for; its entry is not told."""
    (entries / "field/p.png").write_bytes(picture())
    return ["field/p.png"]


def twin(entries: Path) -> list[str]:
    """Write a file whose name another has but for capitals."""
    (entries / "1.TOML").write_text(entry_file("Twin"), "utf-8")
    return ["1.TOML"]


def move_folder(entries: Path) -> list[str]:
    """Let a folder have another name."""
    (entries / "field").rename(entries / "area")
    return ["field", "area"]


@pytest.mark.parametrize("change", [rename, delete, edit, bring_picture, twin, move_folder])
def test_what_is_told_is_found_as_by_a_look_at_all(
    room: Newsroom, change: Callable[[Path], list[str]]
) -> None:
    """A look at all, afterwards, finds nothing more."""
    paths = change(room.folder / "entries")

    first = told(room, *paths)
    feeds = room.feeds()
    second = room.build()

    assert first.published == second.published == second.changed == second.documents == ()
    assert room.feeds() == feeds
    assert [problem.code for problem in first.problems] == room.codes()
    if change is edit:
        assert first.changed == ("1.toml",)
    if change is bring_picture:
        assert any("image" in item for item in room.items())
    if change is twin:
        assert room.codes().count("name-twice") == 2


def test_what_was_not_told_is_not_looked_at(room: Newsroom) -> None:
    """It comes with the next look at all."""
    room.drop("untold.toml", entry_file("Untold"))
    room.drop("told.toml", entry_file("Told"))

    assert told(room, "told.toml").published == ("told.toml",)
    assert told(room).published == ()
    assert room.build().published == ("untold.toml",)


def test_what_waits_is_looked_at_untold(room: Newsroom) -> None:
    """A held file stays told of; an embargo ends, though nobody tells of its file."""
    room.drop("held.toml", "title = \n")
    due = room.now + timedelta(hours=2)
    room.drop("later.toml", entry_file("Later", f'"{due:%Y-%m-%dT%H:%M:%S}Z"'))
    told(room, "held.toml", "later.toml")
    room.now = due

    report = told(room)

    assert report.published == ("later.toml",)
    assert "held.toml" in {problem.file for problem in report.problems}
