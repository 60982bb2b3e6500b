"""Old copies, of the ledger, the documents or the entries, give no news a second id."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import ledger as bookkeeping
from dateline.documents.manifest import HEAD, TABLE
from dateline.errors import RecoveryError
from support.publication import Newsroom, entry_file

pytestmark = pytest.mark.long

HIDDEN = "feeds/.*"  # what `cp feeds/*` leaves out
DAY = timedelta(days=1)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a publication that has run a few times, with a copy of its ledger in `old/`."""
    for name in ("kept", "secret", "withdrawn"):
        newsroom.drop(f"{name}.toml", entry_file(name.title(), body=f'"""\n{name}\n"""'))
    for edit in "abc":
        newsroom.drop("kept.toml", entry_file("Kept", body=f'"""\n{edit}\n"""'))
        newsroom.build()
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "old")
    return newsroom


def lose(room: Newsroom, pattern: str) -> None:
    """Delete files and folders."""
    for path in room.folder.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def bring_back(room: Newsroom, part: str, copy: str = "old") -> None:
    """Put a copy in the place of a folder."""
    lose(room, part)
    shutil.copytree(room.folder / copy, room.folder / part)


def identities(room: Newsroom) -> dict[str, str]:
    """Return the ids in the main feed by title."""
    return {item["title"]: item["id"] for item in room.items()}


def go_on(room: Newsroom, *, with_news: bool) -> None:
    """Delete one entry everywhere, withdraw another, and publish a third, which is retitled."""
    room.build(after=DAY, takedown=identities(room)["Secret"])
    (room.folder / "entries/withdrawn.toml").unlink()
    for title in ("First title", "Second title") if with_news else ():
        room.drop("new.toml", entry_file(title, "2026-11-25", body='"""\nNew.\n"""'))
        room.build()
    room.build()
    room.build(after=timedelta(minutes=11))


@pytest.mark.parametrize("lost", [HIDDEN, f"feeds/{TABLE}"])
@pytest.mark.parametrize("with_news", [True, False])
def test_an_old_ledger_without_a_manifest_follows_the_documents(
    room: Newsroom, lost: str, *, with_news: bool
) -> None:
    """No news gets another id, and nothing that was withdrawn or taken down comes back."""
    go_on(room, with_news=with_news)
    before = identities(room)
    bring_back(room, "state")
    lose(room, lost)
    report = room.build()

    assert (identities(room), report.published) == (before, ())
    assert report.remarks[0].startswith("The ledger was older than what is published.")
    assert "2 entries are in no document any more: withdrawn or taken down." in report.remarks
    assert room.codes() == ["unrecognised"]
    assert not any(b"secret" in data for data, _ in room.feeds().values())
    assert room.build().remarks == ()
    assert identities(room) == before


@pytest.mark.parametrize("has_times", [True, False])
def test_old_documents_without_a_manifest_follow_the_ledger(
    room: Newsroom, *, has_times: bool
) -> None:
    """This holds as well if a copy has lost the times of the files, which then are new."""
    shutil.copytree(room.folder / "feeds", room.folder / "old feeds")
    go_on(room, with_news=True)
    before = identities(room)
    bring_back(room, "feeds", "old feeds")
    lose(room, HIDDEN)
    for path in [] if has_times else (room.folder / "feeds").rglob("*.*"):
        os.utime(path)
    report = room.build()

    assert identities(room) == before
    assert not any("older" in remark for remark in report.remarks)


@pytest.mark.parametrize("has_file", [True, False])
@pytest.mark.parametrize("newer", [HEAD, TABLE])
def test_what_one_part_knows_to_be_taken_down_stays_so(
    room: Newsroom, newer: str, *, has_file: bool
) -> None:
    """All else is from before: ledger, documents, and the other part of the manifest."""
    shutil.copytree(room.folder / "feeds", room.folder / "old feeds")
    room.build(after=DAY, takedown=identities(room)["Secret"])
    before, data = identities(room), (room.folder / "feeds" / newer).read_bytes()
    bring_back(room, "state")
    bring_back(room, "feeds", "old feeds")
    (room.folder / "feeds" / newer).write_bytes(data)
    if not has_file:
        (room.folder / "entries/secret.toml").unlink()

    for _ in range(2):
        room.build()
        assert identities(room) == before
        assert not any(b"secret" in data for data, _ in room.feeds().values())
        assert room.codes().count("taken-down") == has_file


def test_documents_are_made_again_that_only_an_old_ledger_knows(room: Newsroom) -> None:
    """The head of the manifest is newer than the ledger, all other documents are older."""
    shutil.copytree(room.folder / "feeds", room.folder / "old feeds")
    for name in ("second", "third"):
        room.drop(f"{name}.toml", entry_file(name.title(), body=f'"{name}"'))
        room.build()
        if name == "second":
            shutil.copytree(room.folder / "state", room.folder / "newer")
    head = (room.folder / "feeds" / HEAD).read_bytes()
    bring_back(room, "state", "newer")
    bring_back(room, "feeds", "old feeds")
    (room.folder / "feeds" / HEAD).write_bytes(head)

    room.build()

    addresses = {one["title"]: one["url"] for one in room.items()}
    page = addresses["Second"].removeprefix(room.config.publication.url)
    assert b"second" in (room.folder / "feeds" / page).read_bytes()


def test_an_entry_is_withdrawn_whose_file_was_missing_before_the_loss(room: Newsroom) -> None:
    """A table is newer than ledger and head, as after a crash and the loss of one commit."""
    (room.folder / "entries/withdrawn.toml").unlink()
    room.build()
    for part, copy in (("state", "before"), ("feeds", "feeds before")):
        shutil.copytree(room.folder / part, room.folder / copy)
    room.drop("new.toml", entry_file("New", body='"Another text."'))
    room.build()
    table = (room.folder / "feeds" / TABLE).read_bytes()
    for part, copy in (("state", "before"), ("feeds", "feeds before")):
        bring_back(room, part, copy)
    (room.folder / "feeds" / TABLE).write_bytes(table)

    room.build()
    assert "file-gone" in room.codes()
    room.build(after=timedelta(minutes=11))
    assert "Withdrawn" not in identities(room)


def test_a_ledger_without_hidden_documents_is_as_it_was(room: Newsroom) -> None:
    """Nothing is restored from documents that the ledger knows."""
    before = room.feeds()
    lose(room, HIDDEN)

    assert (room.build().remarks, room.feeds()) == ((), before)


def test_an_export_of_before_a_loss_is_older_than_what_came_after_it(
    room: Newsroom, tmp_path: Path
) -> None:
    """The ledger that was filled from documents has counted fewer runs."""

    def ledger(word: str) -> None:
        words = [word, "--config", str(room.folder / "config.toml"), str(tmp_path / "export")]
        CliRunner().invoke(bookkeeping.ledger, words, catch_exceptions=False)

    ledger("export")
    lose(room, "state")
    lose(room, HIDDEN)
    room.build()
    room.build(after=DAY, takedown=identities(room)["Secret"])
    before = identities(room)
    lose(room, "state")
    ledger("import")
    report = room.build()

    assert report.remarks[0].startswith("The ledger was older than what is published.")
    assert (identities(room), room.codes()) == (before, ["taken-down"])
    assert (room.folder / "feeds" / HEAD).exists()


@pytest.mark.parametrize("has_other_news", [True, False])
def test_a_ledger_of_another_course_gives_no_news_a_second_id(
    room: Newsroom, *, has_other_news: bool
) -> None:
    """A backup of yesterday was in use, and then the ledger of today is brought back."""
    parts = ("entries", "feeds", "state")
    for part in parts:
        shutil.copytree(room.folder / part, room.folder / "yesterday" / part)
    for number in range(9):
        room.drop("kept.toml", entry_file("Kept", body=f'"""\n{number}\n"""'))
        if has_other_news:
            room.drop("other.toml", entry_file("Other"))
        room.build()
    shutil.copytree(room.folder / "state", room.folder / "today")
    for part in parts:
        bring_back(room, part, f"yesterday/{part}")
    for title in ("First title", "Second title"):
        room.drop("new.toml", entry_file(title, body='"""\nNew.\n"""'))
        room.build()
    before = identities(room)
    bring_back(room, "state", "today")

    if has_other_news:
        with pytest.raises(RecoveryError, match="or of two courses of it"):
            room.build()
    else:
        room.build()
    assert identities(room) == before


@pytest.mark.parametrize("day", ["2026-11-24", "2026-09-01"])
@pytest.mark.parametrize("is_edited", [True, False])
def test_an_older_file_of_a_backup_is_the_entry_that_it_was(
    newsroom: Newsroom, day: str, *, is_edited: bool
) -> None:
    """The file had another name and another title since, and perhaps another text."""
    text = entry_file("Second title", day, body='"""\nNothing is as it was.\n"""')
    first = newsroom.drop("first.toml", entry_file("First title", day))
    newsroom.build()
    before = newsroom.items()[0]["id"]
    second = first.rename(first.with_name("second.toml"))
    newsroom.build()
    for now in [entry_file("Second title", day), text][: 2 if is_edited else 1]:
        newsroom.drop(second.name, now)
        newsroom.build()
    second.unlink()
    newsroom.drop(first.name, entry_file("First title", day))
    report = newsroom.build()

    assert (report.published, report.renamed) == ((), (("second.toml", "first.toml"),))
    assert identities(newsroom) == {"First title": before}
