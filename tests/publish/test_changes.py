"""A look at all files finds what is another than it was, and remembers how each folder looked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from dateline.entries import scan
from dateline.ledger import Ledger
from dateline.publish import ledger_url
from dateline.publish.assess import changes
from dateline.publish.assess.changes import ChangedFiles
from support.publication import Newsroom, entry_file, picture


def compared(newsroom: Newsroom) -> ChangedFiles | None:
    """Compare the folder with what the last run left."""
    with Ledger(ledger_url(newsroom.config)) as ledger:
        return changes.compare(newsroom.folder / "entries", ledger.files)


def paths(newsroom: Newsroom) -> list[str]:
    """Give the paths of what is another than it was."""
    found = compared(newsroom)
    assert found
    return sorted(found.paths)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Give a newsroom that came to rest: entries, pictures, a link, a file that is no entry."""
    entries = newsroom.folder / "entries"
    for name in ("top", "field/first", "field/second", "field/deep/third"):
        newsroom.drop(f"{name}.toml", entry_file(name))
    newsroom.drop("field/shown.toml", entry_file("Shown", image='"p.png"', image_alt='"Blue"'))
    newsroom.drop("field/unshown.toml", entry_file("Not", image='"q.png"', image_alt='"Blue"'))
    (entries / "field/p.png").write_bytes(picture())
    (entries / "field/report.docx").write_bytes(b"PK")
    (entries / "field/~$first.toml").write_bytes(b"")
    (entries / "linked.toml").symlink_to(entries / "field/first.toml")
    newsroom.build()
    newsroom.build()
    return newsroom


def edit(entries: Path) -> list[str]:
    """Change an entry."""
    (entries / "field/first.toml").write_text(entry_file("Other"), "utf-8")
    return ["field/first.toml", "linked.toml"]


def add(entries: Path) -> list[str]:
    """Add an entry, where there was no folder."""
    (entries / "new").mkdir()
    (entries / "new/fourth.toml").write_text(entry_file("Fourth"), "utf-8")
    return ["new/fourth.toml"]


def delete(entries: Path) -> list[str]:
    """Delete an entry."""
    (entries / "field/second.toml").unlink()
    return ["field/second.toml"]


def delete_folder(entries: Path) -> list[str]:
    """Delete a folder, and all that is in it."""
    (entries / "field/deep/third.toml").unlink()
    (entries / "field/deep").rmdir()
    return ["field/deep/third.toml"]


def rename_to_same_length(entries: Path) -> list[str]:
    """Rename an entry: as many are there as before."""
    (entries / "field/second.toml").rename(entries / "field/minute.toml")
    return ["field/minute.toml", "field/second.toml"]


def other_picture(entries: Path) -> list[str]:
    """Change a picture that an entry shows."""
    (entries / "field/p.png").write_bytes(picture() + b" ")
    return ["field/p.png"]


def delete_picture(entries: Path) -> list[str]:
    """Delete a picture that an entry shows."""
    (entries / "field/p.png").unlink()
    return ["field/p.png"]


def bring_picture(entries: Path) -> list[str]:
    """Bring a picture that an entry names."""
    (entries / "field/q.png").write_bytes(picture())
    return ["field/q.png"]


def touch_stray(entries: Path) -> list[str]:
    """Change a file that is told not to be an entry."""
    (entries / "field/report.docx").write_bytes(b"PK and more")
    return ["field/report.docx"]


def no_matter(entries: Path) -> list[str]:
    """Do what is nobody's matter: files and folders that are left alone."""
    (entries / "field/.first.toml.swp").write_bytes(b"")
    (entries / ".git").mkdir()
    (entries / ".git/x.toml").write_bytes(b"")
    (entries / "field/unused.png").write_bytes(picture())
    return []


@pytest.mark.parametrize(
    "change",
    [
        edit,
        add,
        delete,
        delete_folder,
        rename_to_same_length,
        other_picture,
        delete_picture,
        bring_picture,
        touch_stray,
        no_matter,
    ],
)
def test_what_is_another_is_found(room: Newsroom, change: Callable[[Path], list[str]]) -> None:
    """It is that alone, until a run took it up."""
    assert paths(room) == []

    expected = change(room.folder / "entries")

    assert paths(room) == expected
    room.build()
    assert paths(room) == []


def test_a_folder_in_which_nothing_changed_is_not_asked_about(room: Newsroom) -> None:
    """Nobody looks what its files are: only the folder that changed is compared."""
    edit(room.folder / "entries")

    with patch.object(changes, "within", wraps=scan.within) as within:
        compared(room)

    assert {call.args[1] for call in within.call_args_list} == {"", "field/"}


def test_a_link_looks_as_what_is_behind_it(room: Newsroom, tmp_path: Path) -> None:
    """One that leads nowhere looks as itself, again and again."""
    (tmp_path / "entries").mkdir(exist_ok=True)
    (room.folder / "entries/nowhere.toml").symlink_to(tmp_path / "not-there.toml")
    room.build()

    assert paths(room) == []


def test_of_a_folder_that_is_not_there_nothing_is_said(room: Newsroom) -> None:
    """Its files are not gone: a share may be away."""
    (room.folder / "entries").rename(room.folder / "away")

    assert compared(room) is None


def test_very_much_is_looked_at_as_a_whole(room: Newsroom) -> None:
    """Where most is new, each file by itself would take longer."""
    add(room.folder / "entries")

    with patch.object(changes, "_FEW", 0):
        found = compared(room)
        assert found
        assert found.few is None
        room.build()

    assert "new/fourth.toml" in room.log[-1].published
    assert paths(room) == []
