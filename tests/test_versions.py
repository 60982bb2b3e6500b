"""Every version that was published can be seen, and come back."""

from __future__ import annotations

import getpass

import pytest
from conftest import Newsroom, entry_file

from dateline.errors import LedgerError
from dateline.versions import history, restore


@pytest.fixture
def edited(newsroom: Newsroom) -> Newsroom:
    """Give a newsroom whose entry had a typo, and then got a summary and another name."""
    newsroom.drop("a.toml", entry_file("Reprot"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file("Report", summary='"Short."', editor='"The desk"'))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")
    newsroom.build()
    return newsroom


@pytest.mark.parametrize("name", ["b.toml", "entries/b.toml", "B.TOML", "2026/11/reprot.html"])
def test_an_entry_has_a_history(name: str, edited: Newsroom) -> None:
    """When, whose file, which editor, and which fields changed."""
    changes = history(edited.config, name)

    assert [(change.number, change.editor, change.what) for change in changes] == [
        (1, "", ("published",)),
        (2, "The desk", ("title", "summary", "editor")),
        (3, "The desk", ("file name",)),
    ]
    assert {change.owner for change in changes} == {getpass.getuser()}
    assert f"{changes[0].accepted:%H:%M}" == "11:01"


def test_an_old_version_comes_back_and_is_published(edited: Newsroom) -> None:
    """It is the same entry with the old text, and one more version."""
    (before,) = edited.items()

    restore(edited.config, "b.toml", 1)
    edited.build()

    (after,) = edited.items()
    assert (after["title"], after["id"]) == ("Reprot", before["id"])
    assert [change.number for change in history(edited.config, "b.toml")] == [1, 2, 3, 4]


def test_a_deleted_file_comes_back(edited: Newsroom) -> None:
    """The newest version has the newest name."""
    (edited.folder / "entries/b.toml").unlink()

    path = restore(edited.config, "b.toml", 3)

    assert path == edited.folder / "entries/b.toml"
    assert 'title = "Report"' in path.read_text(encoding="utf-8")
    assert edited.build().changed == ()


def test_what_was_never_published_is_not_written_over(edited: Newsroom) -> None:
    """The file stays as it is, and the message says what to do."""
    path = edited.drop("b.toml", "title = half a chan")

    with pytest.raises(LedgerError, match="changes that were never published"):
        restore(edited.config, "b.toml", 1)
    assert path.read_text(encoding="utf-8") == "title = half a chan"


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("b.toml", 9, "There is no version 9 of b.toml, only 1, 2, 3."),
        ("c.toml", 1, "No entry called c.toml was published."),
    ],
)
def test_what_is_not_there_is_told(name: str, number: int, said: str, edited: Newsroom) -> None:
    """One sentence says what there is."""
    with pytest.raises(LedgerError, match=said):
        restore(edited.config, name, number)
