"""Copies of files that wait for their moment, where both are touched between two runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.publication import Newsroom, entry_file

SAID = "\n\n".join(
    f"Sentence {number} is about traffickers in Lebanon, prosecutors, shelters and victims who "
    f"were freed by officers last winter near harbour {number}."
    for number in range(4)
)


def text(title: str, *, days: int, said: str = SAID) -> str:
    """Return an entry of so many days after the day of the tests."""
    return entry_file(title, f"2026-11-{25 + days}", body=f'"""\n{said}\n"""')


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with a file that waits."""
    newsroom.drop("old.toml", entry_file("Old", "2026-11-24"))
    newsroom.drop("plan/a.toml", text("Mary Smith freed", days=2))
    newsroom.build()
    return newsroom


def copied(room: Newsroom, name: str) -> None:
    """Copy the file that waits; the copy is held."""
    room.drop(name, text("Mary Smith freed", days=2))
    room.build()
    assert {"copy", "name-copy"} & {*room.codes()}


@pytest.mark.parametrize("copy", ["plan/b.toml", "plan/a (1).toml"])
@pytest.mark.parametrize("moved_to", ["", "backup/b.toml"])
@pytest.mark.parametrize("is_moved", [False, True])
@pytest.mark.parametrize("changed", ["postponed", "retitled", "both"])
def test_a_copy_that_is_moved_while_its_original_changes_stays_held(
    room: Newsroom, copy: str, changed: str, moved_to: str, *, is_moved: bool
) -> None:
    """It would come out at the former moment. The original may be moved as well."""
    copied(room, copy)
    entries = room.folder / "entries"
    days = 2 if changed == "retitled" else 4
    title = "Mary Smith freed" if changed == "postponed" else "Mary Smith is free"
    (entries / copy).unlink()
    if is_moved:
        (entries / "plan/a.toml").unlink()
    room.drop("later/a.toml" if is_moved else "plan/a.toml", text(title, days=days))
    room.drop(moved_to or copy, text("Mary Smith freed", days=2))
    room.build()

    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert sorted(early) == sorted(["Old", *([title] if changed == "retitled" else [])])
    assert sorted(one["title"] for one in room.items()) == sorted(["Old", title])


@pytest.mark.parametrize("copy", ["plan/a (1).toml", "b.toml", "plan/a_v2.toml", "backup/a.toml"])
@pytest.mark.parametrize("name", ["plan/final.toml", "a.toml", "0.toml"])
def test_a_file_that_is_renamed_before_it_is_postponed_is_no_copy_of_its_copy(
    room: Newsroom, copy: str, name: str
) -> None:
    """The copy would wait in its place, and come out at the former moment."""
    copied(room, copy)
    entries = room.folder / "entries"
    (entries / "plan/a.toml").rename(entries / name)
    room.build()
    room.drop(name, text("Mary Smith freed", days=4))
    room.build()

    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert early == ["Old"]
    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]


def test_a_copy_that_is_left_alone_comes_out(room: Newsroom) -> None:
    """Its original was deleted in the same run as it was moved."""
    copied(room, "plan/b.toml")
    entries = room.folder / "entries"
    (entries / "plan/a.toml").unlink()
    (entries / "plan/b.toml").rename(entries / "plan/c.toml")
    room.build()

    room.build(after=timedelta(days=3))

    assert "Mary Smith freed" in {one["title"] for one in room.items()}


def test_a_file_that_takes_back_what_it_said_comes_out(room: Newsroom) -> None:
    """Its news was postponed, and is out at the first moment after all."""
    copied(room, "plan/b.toml")
    entries = room.folder / "entries"
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    (entries / "plan/b.toml").unlink()
    room.drop("plan/a.toml", text("Mary Smith freed", days=2))
    room.build()

    room.build(after=timedelta(days=3))

    assert [one["title"] for one in room.items()].count("Mary Smith freed") == 1
    assert room.codes() == []


@pytest.mark.parametrize("also_moved", [False, True])
def test_news_that_waits_and_was_a_template_may_be_moved(
    room: Newsroom, *, also_moved: bool
) -> None:
    """What was made of its copy is news of its own, with much of the same text."""
    copied(room, "plan/b.toml")
    room.drop("plan/b.toml", text("Mary Smith speaks in Warsaw", days=2))
    room.build()
    (room.folder / "entries/calls").mkdir()
    for name in ("a.toml", "b.toml") if also_moved else ("a.toml",):
        (room.folder / "entries/plan" / name).rename(room.folder / "entries/calls" / name)
    room.build()

    assert room.codes() == ["scheduled", "scheduled"]
    room.build(after=timedelta(days=3))

    found = sorted(one["title"] for one in room.items())
    assert found == ["Mary Smith freed", "Mary Smith speaks in Warsaw", "Old"]


def test_news_that_waits_is_moved_while_other_news_takes_its_name(room: Newsroom) -> None:
    """It had a copy once, which was deleted."""
    copied(room, "plan/b.toml")
    (room.folder / "entries/plan/b.toml").unlink()
    room.build()
    (room.folder / "entries/plan/a.toml").rename(room.folder / "entries/morning.toml")
    room.drop("plan/a.toml", entry_file("Fisheries", body='"Quotas of cod fall in Ghana."'))
    room.build()
    room.build(after=timedelta(days=3))

    assert sorted(one["title"] for one in room.items()) == ["Fisheries", "Mary Smith freed", "Old"]


@pytest.mark.parametrize("name", ["plan/a (1).toml", "plan/a-PRESS-PC07.toml"])
def test_a_copy_does_not_come_before_news_that_was_cancelled(newsroom: Newsroom, name: str) -> None:
    """Its original was postponed, and is deleted."""
    newsroom.drop("old.toml", entry_file("Old", "2026-11-24"))
    newsroom.drop("plan/a.toml", text("Mary Smith freed", days=5))
    newsroom.drop(name, text("Mary Smith freed", days=0))
    newsroom.build()
    (newsroom.folder / "entries/plan/a.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(days=8))

    assert [one["title"] for one in newsroom.items()] == ["Old"]
    assert newsroom.codes() == ["copy-kept"]

    (newsroom.folder / "entries" / name).rename(newsroom.folder / "entries/plan/a.toml")
    newsroom.build()

    assert len(newsroom.items()) == 2


@pytest.mark.parametrize("days", [2, 3])
def test_a_copy_comes_in_the_place_of_news_that_waited(room: Newsroom, days: int) -> None:
    """Staff deleted the other file, as they may."""
    copied(room, "plan/b.toml")
    room.drop("plan/b.toml", text("Mary Smith freed", days=days))
    room.build()
    (room.folder / "entries/plan/a.toml").unlink()
    room.build()
    room.build(after=timedelta(days=4))

    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]
