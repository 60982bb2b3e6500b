"""A run for given files has the result of a full scan for them, and reads no others."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dateline.model import Report
from support.publication import Newsroom, entry_file, picture


def run_for(newsroom: Newsroom, *paths: str) -> Report:
    """Run for these files only."""
    return newsroom.build(changed_files=paths)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with several entries, one of them without its picture."""
    for number in range(4):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.drop("field/shown.toml", entry_file("Shown", image='"p.png"', image_alt='"Blue"'))
    newsroom.build()
    return newsroom


def rename(entries: Path) -> list[str]:
    """Rename an entry."""
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
    """Add the picture that an entry waits for; the entry itself is not given."""
    (entries / "field/p.png").write_bytes(picture())
    return ["field/p.png"]


def twin(entries: Path) -> list[str]:
    """Write a file whose name differs from another only in its case."""
    (entries / "1.TOML").write_text(entry_file("Twin"), "utf-8")
    return ["1.TOML"]


def move_folder(entries: Path) -> list[str]:
    """Rename a folder."""
    (entries / "field").rename(entries / "area")
    return ["field", "area"]


@pytest.mark.parametrize("change", [rename, delete, edit, bring_picture, twin, move_folder])
def test_given_files_are_found_as_by_a_full_scan(
    room: Newsroom, change: Callable[[Path], list[str]]
) -> None:
    """A full scan afterwards finds nothing more."""
    paths = change(room.folder / "entries")

    first = run_for(room, *paths)
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


@pytest.mark.long
@pytest.mark.parametrize("later", ["CAFÉ.toml", unicodedata.normalize("NFD", "café.toml")])
def test_names_that_look_alike_stop_no_other_file(room: Newsroom, later: str) -> None:
    """A former spelling of a name, which comes back beside the later one, holds these two alone."""
    text = entry_file("Coffee", body='"Coffee."')
    former = room.drop("café.toml", text)
    room.build()
    former.rename(former.with_name(later))
    room.build()
    room.drop(former.name, text)
    room.drop("urgent.toml", entry_file("Urgent", body='"Urgent."'))

    assert room.build().published == ("urgent.toml",)
    assert room.codes().count("name-twice") == 2

    former.unlink()
    former.with_name(later).unlink()
    room.build()

    assert [code for code in room.codes() if code.startswith(("name", "file"))] == ["file-gone"]


def test_other_files_are_not_read(room: Newsroom) -> None:
    """They are found by the next full scan."""
    room.drop("untold.toml", entry_file("Untold"))
    room.drop("told.toml", entry_file("Told"))

    assert run_for(room, "told.toml").published == ("told.toml",)
    assert run_for(room).published == ()
    assert room.build().published == ("untold.toml",)


def test_waiting_files_are_always_read(room: Newsroom) -> None:
    """A held file stays reported, and an embargo ends, although neither file is given."""
    room.drop("held.toml", "title = \n")
    due = room.now + timedelta(hours=2)
    room.drop("later.toml", entry_file("Later", f'"{due:%Y-%m-%dT%H:%M:%S}Z"'))
    run_for(room, "held.toml", "later.toml")
    room.now = due

    report = run_for(room)

    assert report.published == ("later.toml",)
    assert "held.toml" in {problem.file for problem in report.problems}
