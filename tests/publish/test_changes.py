"""A full scan finds the files that changed, and remembers the state of each folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from dateline.entries import scan
from dateline.errors import PostponedError
from dateline.ledger import Ledger
from dateline.publish import ledger_url
from dateline.publish.assess import changes
from dateline.publish.assess.changes import ChangedFiles
from support.publication import Newsroom, entry_file, picture


def compared(newsroom: Newsroom) -> ChangedFiles | None:
    """Compare the folder with the state that the last run stored."""
    with Ledger(ledger_url(newsroom.config)) as ledger:
        return changes.compare(newsroom.folder / "entries", ledger.files)


def paths(newsroom: Newsroom) -> list[str]:
    """Return the paths of changed files."""
    found = compared(newsroom)
    assert found
    return sorted(found.paths)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return an idle newsroom with entries, pictures, a link, and a file that is no entry."""
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
    """Add an entry in a new folder."""
    (entries / "new").mkdir()
    (entries / "new/fourth.toml").write_text(entry_file("Fourth"), "utf-8")
    return ["new/fourth.toml"]


def delete(entries: Path) -> list[str]:
    """Delete an entry."""
    (entries / "field/second.toml").unlink()
    return ["field/second.toml"]


def delete_folder(entries: Path) -> list[str]:
    """Delete a folder with everything in it."""
    (entries / "field/deep/third.toml").unlink()
    (entries / "field/deep").rmdir()
    return ["field/deep/third.toml"]


def rename_to_same_length(entries: Path) -> list[str]:
    """Rename an entry, so that the number of files stays the same."""
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
    """Add a picture that an entry names."""
    (entries / "field/q.png").write_bytes(picture())
    return ["field/q.png"]


def change_stray(entries: Path) -> list[str]:
    """Change a file that is reported not to be an entry."""
    (entries / "field/report.docx").write_bytes(b"PK and more")
    return ["field/report.docx"]


def change_irrelevant(entries: Path) -> list[str]:
    """Change files and folders that are ignored."""
    (entries / "field/.first.toml.swp").write_bytes(b"")
    (entries / ".git").mkdir()
    (entries / ".git/x.toml").write_bytes(b"")
    (entries / "field/unused.png").write_bytes(picture())
    return []


@pytest.mark.long
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
        change_stray,
        change_irrelevant,
    ],
)
def test_a_changed_file_is_found(room: Newsroom, change: Callable[[Path], list[str]]) -> None:
    """Only that file is found, until a run has processed it."""
    assert paths(room) == []

    expected = change(room.folder / "entries")

    assert paths(room) == expected
    room.build()
    assert paths(room) == []


def test_a_folder_that_is_gone_after_the_first_run_is_found(newsroom: Newsroom) -> None:
    """A run that reads every file compares no folders, and notes none."""
    newsroom.drop("a.toml")
    newsroom.drop("2026/b.toml", entry_file("Other"))
    newsroom.build()
    (newsroom.folder / "entries/2026/b.toml").unlink()
    (newsroom.folder / "entries/2026").rmdir()

    assert {*newsroom.build().missing} == {"2026/b.toml"}


def test_files_in_an_unchanged_folder_are_not_read(room: Newsroom) -> None:
    """Only the changed folder is compared file by file."""
    edit(room.folder / "entries")

    with patch.object(changes, "within", wraps=scan.within) as within:
        compared(room)

    assert {call.args[1] for call in within.call_args_list} == {"", "field/"}


@pytest.mark.long
def test_a_new_folder_costs_no_scan_of_all(room: Newsroom) -> None:
    """The folders are compared, as on schedule, and none of the other files is looked at."""
    add(room.folder / "entries")

    with patch.object(changes, "scan_all") as scan_all:
        report = room.build(changed_files=["new"])

    assert report.published == ("new/fourth.toml",)
    assert scan_all.call_count == 0
    assert paths(room) == []


def test_a_link_has_the_state_of_its_target(room: Newsroom, tmp_path: Path) -> None:
    """A broken link is compared by itself each time."""
    (tmp_path / "entries").mkdir(exist_ok=True)
    (room.folder / "entries/nowhere.toml").symlink_to(tmp_path / "not-there.toml")
    room.build()

    assert paths(room) == []


def test_a_missing_folder_is_not_reported_as_changed(room: Newsroom) -> None:
    """Its files do not count as deleted, since a network share may be unavailable."""
    (room.folder / "entries").rename(room.folder / "away")

    assert compared(room) is None


@pytest.mark.long
def test_many_changes_lead_to_a_full_assessment(room: Newsroom) -> None:
    """If most files are new, assessing them one by one would take longer."""
    add(room.folder / "entries")

    with patch.object(changes, "_FEW", 0):
        found = compared(room)
        assert found
        assert found.few is None
        room.build()

    assert "new/fourth.toml" in room.log[-1].published
    assert paths(room) == []


def test_a_check_of_all_that_gives_way_records_nothing(newsroom: Newsroom) -> None:
    """The next one finds the same."""
    newsroom.drop("before.toml", entry_file("Before"))
    newsroom.build()
    newsroom.drop("first.toml", entry_file("First"))
    before = newsroom.feeds()

    def give_way() -> None:
        raise PostponedError

    with pytest.raises(PostponedError):
        newsroom.build(give_way=give_way)

    assert newsroom.feeds() == before
    assert newsroom.build().published == ("first.toml",)


def test_a_check_of_all_asks_within_a_thousand_files(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News waits for no more than these, in the pass over names and in the comparison."""
    monkeypatch.setattr(changes, "_AT_A_TIME", 2)
    newsroom.build()
    for number in range(9):
        newsroom.drop(f"{number}.toml", entry_file(f"Entry {number}"))
    asked = list[None]()

    with Ledger(ledger_url(newsroom.config)) as ledger:
        changes.compare(newsroom.folder / "entries", ledger.files, lambda: asked.append(None))

    assert len(asked) == 2 * 5


@pytest.mark.long
def test_a_folder_that_comes_back_keeps_its_entries(room: Newsroom) -> None:
    """A rename of a folder changes nothing in it, nor the names in the folder above."""
    entries, away = room.folder / "entries", room.folder / "away"
    before = {item["title"] for item in room.items()}
    (entries / "field").rename(away)
    room.build(changed_files=["field"])
    away.rename(entries / "field")
    room.build(changed_files=["field"])
    room.build(after=timedelta(hours=1))

    assert {item["title"] for item in room.items()} == before
    assert room.build(after=timedelta(hours=1)).withdrawn == ()


def delete_one(room: Newsroom) -> None:
    """Delete a file of the folder, whose removal the run of that file sees."""
    (room.folder / "entries/field/second.toml").unlink()
    room.build(changed_files=["field/second.toml"])


def out_and_back(room: Newsroom) -> None:
    """Move the folder out and back."""
    for old, new in (("entries/field", "away"), ("away", "entries/field")):
        (room.folder / old).rename(room.folder / new)
        room.build(changed_files=["field"])


@pytest.mark.long
@pytest.mark.parametrize("act", [delete_one, out_and_back])
def test_a_folder_that_changed_and_is_gone_is_found(
    room: Newsroom, act: Callable[[Newsroom], None]
) -> None:
    """Since the last full run it has no digest, as a folder has that came since."""
    act(room)
    (room.folder / "entries/field").rename(room.folder / "away")

    assert "field/shown.toml" in room.build().missing


@pytest.mark.long
def test_a_new_folder_that_is_gone_before_a_full_run_is_found(room: Newsroom) -> None:
    """No full run has seen it."""
    add(room.folder / "entries")
    room.build(changed_files=["new"])
    (room.folder / "entries/new").rename(room.folder / "away")

    assert {*room.build().missing} == {"new/fourth.toml"}


@pytest.mark.long
def test_a_file_whose_name_cannot_be_shown_is_reported_until_it_is_renamed(room: Newsroom) -> None:
    """As from an archive in another encoding; no run of other files forgets it."""
    path = room.folder / "entries/field" / os.fsdecode(b"M\xfcller.toml")
    path.write_text(entry_file("Miller"), "utf-8")

    room.build()
    room.drop("other.toml", entry_file("Other"))
    room.build(changed_files=["other.toml"])

    assert {*room.codes()} >= {"name-not-plain"}
    path.rename(path.with_name("miller.toml"))
    assert "field/miller.toml" in room.build().published
    assert "name-not-plain" not in room.codes()


@pytest.mark.long
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_another_time_zone_is_no_news(newsroom: Newsroom, zone: str) -> None:
    """The words of a file stay what they are: nothing is held, or shown as updated again."""
    for number in range(8):
        report = entry_file(f"Number {number}", "2026-11-02", updated="2026-11-24")
        newsroom.drop(f"{number}.toml", report)
    newsroom.drop("now.toml", entry_file("At half past ten", "2026-11-25 10:30:00"))
    newsroom.build()
    before = [(item["id"], item["date_modified"]) for item in newsroom.items()]
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8")
    for other in (zone, "Pacific/Honolulu", zone):
        config.write_text(text.replace("Europe/Vienna", other), encoding="utf-8")
        newsroom.build()

        assert newsroom.codes() == []
        assert [(item["id"], item["date_modified"]) for item in newsroom.items()] == before
    newsroom.drop("0.toml", entry_file("Number 0", "2026-11-02", updated="2026-11-25"))
    newsroom.build()
    assert newsroom.codes() == []
    assert sum(item["date_modified"] > "2026-11-25" for item in newsroom.items()) == 2


@pytest.mark.long
def test_a_file_with_the_sign_for_a_lost_letter_in_its_name_appears_at_its_moment(
    room: Newsroom,
) -> None:
    """As a program for archives names it; also in a run that looks at other files."""
    room.drop("M\ufffdller.toml", entry_file("Miller", date="2026-11-25 15:00:00"))
    room.build()
    room.drop("other.toml", entry_file("Other"))

    report = room.build(after=timedelta(hours=5), changed_files=["other.toml"])

    assert {*report.published} == {"M\ufffdller.toml", "other.toml"}
