"""Copies of files that wait for their moment, where both are touched between two runs."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.ledger import Ledger
from dateline.publish import ledger_url
from dateline.publish.check import check
from support.often import one_of_each
from support.publication import Newsroom, entry_file

SAID = "\n\n".join(
    f"Sentence {number} is about traffickers in Lebanon, prosecutors, shelters and victims who "
    f"were freed by officers last winter near harbour {number}."
    for number in range(4)
)
FISHERIES = "\n\n".join(
    f"Paragraph {number} is about fisheries, quotas, vessels, inspectors, satellites and coasts "
    f"of Ghana in season {number}."
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


@pytest.mark.long
@pytest.mark.parametrize("copy", ["plan/b.toml", "plan/a (1).toml"])
@pytest.mark.parametrize("moved_to", one_of_each(["backup/b.toml", ""]))
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


@pytest.mark.long
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


@pytest.mark.long
def test_a_copy_that_is_left_alone_comes_out(room: Newsroom) -> None:
    """Its original was deleted in the same run as it was moved."""
    copied(room, "plan/b.toml")
    entries = room.folder / "entries"
    (entries / "plan/a.toml").unlink()
    (entries / "plan/b.toml").rename(entries / "plan/c.toml")
    room.build()

    room.build(after=timedelta(days=3))

    assert "Mary Smith freed" in {one["title"] for one in room.items()}


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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


def rewritten(room: Newsroom, copy: str, *, days: int, title: str = "Mary Smith freed") -> None:
    """Copy the file that waits, and write other news there."""
    copied(room, copy)
    room.drop("plan/a.toml", text(title, days=days, said=FISHERIES))
    room.build()


def moved(room: Newsroom, before: str, after: str) -> None:
    """Move a file in the folder of entries, and do no run."""
    target = room.folder / "entries" / after
    target.parent.mkdir(exist_ok=True)
    (room.folder / "entries" / before).rename(target)


def has_former_text(room: Newsroom) -> bool:
    """Return whether readers have the text that the news had before."""
    return any("traffickers" in one["content_html"] for one in room.items())


@pytest.mark.long
@pytest.mark.parametrize("days", [2, 5])
@pytest.mark.parametrize(
    ("copy", "name"),
    [
        ("plan/b.toml", "backup/b.toml"),
        ("plan/b.toml", "plan/first draft.toml"),
        ("plan/a-PRESS-PC07.toml", "backup/a.toml"),
        ("plan/a (1).toml", "backup/first.toml"),
    ],
)
@pytest.mark.parametrize("title", ["Mary Smith freed", "Court on Lebanon"])
def test_a_copy_of_news_that_was_rewritten_may_be_moved(
    room: Newsroom, title: str, copy: str, name: str, days: int
) -> None:
    """Its text would come out, beside the news or before it."""
    rewritten(room, copy, days=days, title=title)
    moved(room, copy, name)
    room.build()
    room.build(after=timedelta(days=3))
    early = sorted(one["title"] for one in room.items())
    room.build(after=timedelta(days=4))

    assert early == sorted(["Old", *([title] if days == 2 else [])])
    assert sorted(one["title"] for one in room.items()) == sorted(["Old", title])
    assert (room.codes(), has_former_text(room)) == (["copy-kept"], False)


@pytest.mark.long
@pytest.mark.parametrize("is_out", [True, False])
def test_a_copy_may_be_moved_while_its_original_is_edited(room: Newsroom, *, is_out: bool) -> None:
    """That says something else since it was copied."""
    rewritten(room, "plan/b.toml", days=2)
    room.build(after=timedelta(days=3 if is_out else 0))
    edited = f"{FISHERIES} It rains."
    room.drop("plan/a.toml", text("Mary Smith freed", days=2, said=edited))
    moved(room, "plan/b.toml", "backup/b.toml")
    room.build()
    room.build(after=timedelta(days=3))

    assert (len(room.items()), has_former_text(room)) == (2, False)


@pytest.mark.long
@pytest.mark.parametrize("is_out", [True, False])
def test_a_folder_may_be_moved_that_has_a_copy_of_what_was_rewritten(
    room: Newsroom, *, is_out: bool
) -> None:
    """Both files have other names then."""
    rewritten(room, "plan/b.toml", days=2)
    room.build(after=timedelta(days=3 if is_out else 0))
    (room.folder / "entries/plan").rename(room.folder / "entries/archive")
    room.build()
    room.build(after=timedelta(days=3))

    assert (len(room.items()), has_former_text(room)) == (2, False)
    moved(room, "archive/b.toml", "b.toml")
    room.build()
    assert (len(room.items()), has_former_text(room)) == (2, False)


@pytest.mark.long
def test_a_copy_of_a_held_copy_is_held(room: Newsroom) -> None:
    """The first one is still there, and what it copies is unchanged."""
    rewritten(room, "plan/b.toml", days=2)
    room.drop("backup/b.toml", text("Mary Smith freed", days=2))
    room.build()
    room.build(after=timedelta(days=3))

    assert (len(room.items()), has_former_text(room)) == (2, False)
    assert room.codes() == ["copy-kept", "copy-kept"]


@pytest.mark.long
@pytest.mark.parametrize("said", [SAID, FISHERIES])
def test_a_folder_may_be_moved_by_a_program_that_deletes_first(room: Newsroom, said: str) -> None:
    """A run sees each step: what stayed held is held again, if that is soon."""
    copied(room, "plan/b.toml")
    room.drop("plan/a.toml", text("Mary Smith freed", days=4, said=said))
    room.build()
    for name in ("b.toml", "a.toml"):
        (room.folder / "entries/plan" / name).unlink()
        room.build(after=timedelta(seconds=5))
    room.drop("later/a.toml", text("Mary Smith freed", days=4, said=said))
    room.build(after=timedelta(seconds=5))
    room.drop("later/b.toml", text("Mary Smith freed", days=2))
    room.build(after=timedelta(seconds=5))
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert (early, room.codes()) == (["Old"], ["copy-kept"])
    assert len(room.items()) == 2


@pytest.mark.long
def test_a_copy_that_is_deleted_first_is_held_again_beside_what_was_rewritten(
    room: Newsroom,
) -> None:
    """The program moves the copy alone."""
    rewritten(room, "plan/b.toml", days=2)
    (room.folder / "entries/plan/b.toml").unlink()
    room.build(after=timedelta(seconds=5))
    room.drop("backup/b.toml", text("Mary Smith freed", days=2))
    room.build(after=timedelta(seconds=5))
    room.build(after=timedelta(days=3))

    assert (len(room.items()), has_former_text(room)) == (2, False)


@pytest.mark.long
def test_news_that_takes_back_what_it_said_may_be_moved_after_its_copy(room: Newsroom) -> None:
    """Of the two files with one text, that which was postponed last is out."""
    rewritten(room, "plan/b.toml", days=2)
    moved(room, "plan/b.toml", "backup/b.toml")
    room.build()
    room.drop("plan/a.toml", text("Mary Smith freed", days=2))
    room.build()
    moved(room, "plan/a.toml", "final.toml")
    room.build()
    room.drop("final.toml", text("Mary Smith freed", days=4))
    room.build()
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert early == ["Old"]
    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]


@pytest.mark.long
@pytest.mark.parametrize("is_renamed", [True, False])
def test_news_that_is_put_back_from_its_copy_may_be_moved_soon(
    room: Newsroom, *, is_renamed: bool
) -> None:
    """Staff give the copy the name of the file, or delete it and write its text there."""
    copied(room, "plan/b.toml")
    room.drop("plan/a.toml", text("Mary Smith freed", days=5))
    room.build()
    assert "copy-kept" in room.codes()
    if is_renamed:
        moved(room, "plan/b.toml", "plan/a.toml")
    else:
        (room.folder / "entries/plan/b.toml").unlink()
        room.build()
        room.drop("plan/a.toml", text("Mary Smith freed", days=2))
    room.build()
    moved(room, "plan/a.toml", "later/a.toml")
    room.build()
    assert room.codes() == ["scheduled"]
    room.build(after=timedelta(days=3))

    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]


@pytest.mark.long
@pytest.mark.parametrize("has_copy", [True, False])
def test_news_that_is_moved_while_other_news_takes_its_name_leaves_its_copy(
    room: Newsroom, *, has_copy: bool
) -> None:
    """The copy is where it was, so the moved file is none; nor was one there for long."""
    copied(room, "plan/b.toml")
    if not has_copy:
        (room.folder / "entries/plan/b.toml").unlink()
        room.build(after=timedelta(hours=1))
    moved(room, "plan/a.toml", "morning.toml")
    room.drop("plan/a.toml", text("Fisheries", days=2, said=FISHERIES))
    room.build()
    room.build(after=timedelta(days=3))

    assert sorted(one["title"] for one in room.items()) == ["Fisheries", "Mary Smith freed", "Old"]


@pytest.mark.long
def test_a_takedown_leaves_no_name_of_what_was_copied(room: Newsroom) -> None:
    """Its copy stayed held, and went a moment before."""
    copied(room, "plan/b.toml")
    room.drop("plan/a.toml", text("Mary Smith is free", days=2))
    room.build()
    room.build(after=timedelta(days=3))
    (room.folder / "entries/plan/b.toml").unlink()
    room.build()
    (gone,) = [one["id"] for one in room.items() if one["title"] == "Mary Smith is free"]
    with Ledger(ledger_url(room.config)) as ledger:
        assert "plan/a.toml" in ledger.state.copies_gone
    (room.folder / "entries/plan/a.toml").unlink()
    room.build(takedown=gone)

    with Ledger(ledger_url(room.config)) as ledger:
        assert "plan/a.toml" not in ledger.state.copies + ledger.state.copies_gone


@pytest.mark.long
@pytest.mark.parametrize("damaged", ['{"a": "b', "[1]", '{"plan/a.toml": "x"}'])
def test_damage_in_which_copies_went_stops_nothing(room: Newsroom, damaged: str) -> None:
    """Then nothing is known of them."""
    rewritten(room, "plan/b.toml", days=2)
    with Ledger(ledger_url(room.config)) as ledger:
        ledger.state.copies_gone = damaged
        ledger.commit()
    moved(room, "plan/b.toml", "backup/b.toml")
    room.build()

    assert sorted(room.codes()) == ["copy-kept", "scheduled"]


def build_while_written(room: Newsroom, path: Path) -> None:
    """Do one run a tenth of a second after a file was changed: it waits until it is whole."""
    room.now += timedelta(minutes=1)
    clock = datetime.fromtimestamp(path.stat().st_ctime + 0.1, UTC)
    room.log.append(publish.build(room.config, publish.RunRequest(now=room.now, clock=clock)))
    assert "file-changing" in room.codes()


@pytest.mark.long
def test_a_copy_that_was_still_being_written_is_held(room: Newsroom) -> None:
    """The next run reads it, in which no file changed."""
    build_while_written(room, room.drop("plan/b.toml", text("Mary Smith freed", days=2)))

    room.build(after=timedelta(seconds=1))
    assert sorted(room.codes()) == ["copy", "scheduled"]
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    room.build(after=timedelta(days=3))

    assert [one["title"] for one in room.items()] == ["Old"]


@pytest.mark.long
def test_the_check_finds_a_copy_that_was_still_being_written(room: Newsroom) -> None:
    """It says what the next run does."""
    build_while_written(room, room.drop("plan/b.toml", text("Mary Smith freed", days=2)))
    clock = datetime.now(UTC) + timedelta(seconds=2)

    found = check(room.config, publish.RunRequest(now=room.now, clock=clock))

    assert sorted(one.code for one in found.problems) == ["copy", "scheduled"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["backup/a.toml", "plan/b.toml"])
def test_a_backup_of_news_that_is_postponed_in_the_same_run_is_held(
    room: Newsroom, name: str
) -> None:
    """It says what the file said before, which no run has seen beside it."""
    room.drop(name, text("Mary Smith freed", days=2))
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    assert sorted(room.codes()) == ["copy-kept", "scheduled"]
    room.build()
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert (early, room.codes()) == (["Old"], ["copy-kept"])
    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]


@pytest.mark.long
@pytest.mark.parametrize(
    "changed",
    [
        text("Mary Smith freed", days=4, said=f"{SAID} It rains."),
        text("Mary Smith is free", days=4),
        text("Mary Smith is free", days=1),
        f"draft = true\n{text('Mary Smith freed', days=2)}",
    ],
)
def test_a_backup_of_news_that_waits_is_held_whatever_changes_with_its_moment(
    room: Newsroom, changed: str
) -> None:
    """It has the moment for which that file waited, and nearly its text."""
    room.drop("zz.toml", text("Mary Smith freed", days=2))
    room.drop("plan/a.toml", changed)
    room.build()
    room.build(after=timedelta(days=3))

    assert "Mary Smith freed" not in {one["title"] for one in room.items()}
    assert "copy-kept" in room.codes()


@pytest.mark.long
@pytest.mark.parametrize(
    "changed",
    [
        text("Mary Smith freed", days=4),
        text("Mary Smith is free", days=4),
        text("Mary Smith is free", days=0),
        text("Mary Smith freed", days=1, said=f"{SAID} It rains."),
        f"draft = true\n{text('Mary Smith freed', days=2)}",
    ],
)
def test_a_backup_that_comes_after_news_that_waited_was_changed_is_held(
    room: Newsroom, changed: str
) -> None:
    """A program for shared folders brings what the file said before, an hour later."""
    room.drop("plan/a.toml", changed)
    room.build()
    room.build(after=timedelta(hours=1))
    room.drop("zz.toml", text("Mary Smith freed", days=2))
    room.build()
    held = room.codes()
    room.build(after=timedelta(days=6))

    assert "copy-kept" in held
    assert len(room.items()) == (1 if changed.startswith("draft") else 2)


@pytest.mark.long
def test_a_copy_of_news_that_is_retitled_in_the_same_run_is_held(room: Newsroom) -> None:
    """Both would be out at one moment, under two titles."""
    room.drop("backup/a.toml", text("Mary Smith freed", days=2))
    room.drop("plan/a.toml", text("Court frees Mary Smith", days=2))
    room.build()
    room.build(after=timedelta(days=3))

    assert sorted(one["title"] for one in room.items()) == ["Court frees Mary Smith", "Old"]


@pytest.mark.long
def test_a_copy_beside_news_that_is_still_being_postponed_is_held(room: Newsroom) -> None:
    """The run sees the copy alone, as the file is still being written."""
    room.drop("backup/a.toml", text("Mary Smith freed", days=2))
    build_while_written(room, room.drop("plan/a.toml", text("Mary Smith freed", days=4)))
    room.build(after=timedelta(seconds=1))
    room.build(after=timedelta(days=3))

    assert [one["title"] for one in room.items()] == ["Old"]


@pytest.mark.long
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "broken",
    ["date = 2026-11-29\n", "embargo = true\n", 'summary = "open\n', "draft = true\nx = 1\n"],
)
def test_a_backup_is_held_while_the_postponed_file_has_a_mistake(
    room: Newsroom, broken: str, *, at_once: bool
) -> None:
    """It came out at the former moment, and again once the mistake was mended."""
    room.drop("plan/a.toml", broken + text("Mary Smith freed", days=4))
    if not at_once:
        room.build()
    room.drop("backup/a.toml", text("Mary Smith freed", days=2))
    room.build()
    assert "copy-kept" in room.codes()
    room.build()
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert (early, room.codes()) == (["Old"], ["copy-kept"])
    assert sorted(one["title"] for one in room.items()) == ["Mary Smith freed", "Old"]


@pytest.mark.long
@pytest.mark.parametrize("is_known", [True, False])
def test_a_copy_of_a_file_with_a_mistake_stays_held_when_that_is_written_anew(
    room: Newsroom, *, is_known: bool
) -> None:
    """A program deletes it first: the copy does not come in its place, at the former moment."""
    if is_known:
        copied(room, "plan/b.toml")
    room.drop("plan/a.toml", "date = 2026-11-29\n" + text("Mary Smith freed", days=4))
    room.drop("plan/b.toml", text("Mary Smith freed", days=2))
    room.build()
    (room.folder / "entries/plan/a.toml").unlink()
    room.build()
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert early == ["Old"]
    assert len(room.items()) == 2


@pytest.mark.long
@pytest.mark.parametrize("by_copies", [True, False])
def test_a_folder_of_a_series_that_waits_may_be_moved(room: Newsroom, *, by_copies: bool) -> None:
    """Also by a program that copies first, and while other news has a mistake."""
    weeks = {f"plan/w{days}.toml": text("Weekly briefing", days=days) for days in (1, 3, 5)}
    for path, said in weeks.items():
        room.drop(path, said)
    room.build()
    room.drop("mistake.toml", 'title = "x')
    if by_copies:
        for path, said in weeks.items():
            room.drop(path.replace("plan", "weekly"), said)
            room.build()
        shutil.rmtree(room.folder / "entries/plan")
    else:
        moved(room, "plan", "weekly")
    room.build()
    room.build(after=timedelta(days=6))

    assert [one["title"] for one in room.items()].count("Weekly briefing") == 3


@pytest.mark.long
@pytest.mark.parametrize("at_once", [True, False])
def test_news_that_waits_goes_on_elsewhere_after_other_news_was_written_there(
    room: Newsroom, *, at_once: bool
) -> None:
    """Staff wrote over it by mistake, and saved it again under another name."""
    room.drop("plan/a.toml", text("Fisheries", days=3, said=FISHERIES))
    if not at_once:
        room.build()
    room.drop("plan/b.toml", text("Mary Smith freed", days=2))
    room.build()
    moved(room, "plan/b.toml", "plan/c.toml")
    room.build()
    assert room.codes() == ["scheduled", "scheduled"]
    room.build(after=timedelta(days=4))

    assert sorted(one["title"] for one in room.items()) == ["Fisheries", "Mary Smith freed", "Old"]


@pytest.mark.long
def test_news_that_waits_may_be_renamed_where_its_name_is_used_again(room: Newsroom) -> None:
    """Each news is written in one file, which staff rename once it is done."""
    moved(room, "plan/a.toml", "plan/smith.toml")
    room.build()
    room.drop("plan/a.toml", text("Fisheries", days=0, said=FISHERIES))
    room.build()
    moved(room, "plan/smith.toml", "plan/1.toml")
    room.build()

    assert room.codes() == ["scheduled"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["0.toml", "zz.toml"])
def test_a_copy_of_one_of_many_files_that_wait_is_held(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A run does not read them all; the copy waits whatever the news says later."""
    monkeypatch.setattr("dateline.ledger.queries.files._FEW", 1)
    room.drop("plan/b.toml", text("Fisheries", days=5, said=FISHERIES))
    room.build()
    room.drop(name, text("Mary Smith freed", days=2))
    room.build()
    assert sorted(room.codes()) == ["copy", "scheduled", "scheduled"]
    room.build()
    room.drop("plan/a.toml", text("Mary Smith freed", days=4))
    room.build()
    room.build(after=timedelta(days=3))
    early = [one["title"] for one in room.items()]
    room.build(after=timedelta(days=3))

    assert (early, room.codes()) == (["Old"], ["copy-kept"])
    assert sorted(one["title"] for one in room.items()) == ["Fisheries", "Mary Smith freed", "Old"]


@pytest.mark.long
def test_one_of_many_files_that_wait_may_be_renamed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no copy of itself."""
    monkeypatch.setattr("dateline.ledger.queries.files._FEW", 1)
    room.drop("plan/b.toml", text("Fisheries", days=5, said=FISHERIES))
    room.build()
    moved(room, "plan/a.toml", "smith.toml")
    room.build()

    assert room.codes() == ["scheduled", "scheduled"]


@pytest.mark.long
def test_an_earlier_issue_with_the_text_of_one_that_waits_is_published(room: Newsroom) -> None:
    """The later one is brought forward in the same run: no file had the moment of the first."""
    room.drop("w2.toml", text("Weekly reminder", days=4, said=FISHERIES))
    room.build()
    room.drop("w1.toml", text("Weekly reminder", days=1, said=FISHERIES))
    room.drop("w2.toml", text("Weekly reminder", days=3, said=FISHERIES))
    room.build()

    assert "copy-kept" not in room.codes()


@pytest.mark.long
@pytest.mark.parametrize(
    ("news", "codes"),
    [
        (text("Mary Smith freed", days=4, said=FISHERIES), ["scheduled", "scheduled"]),
        (text("Mary Smith freed", days=2), ["copy", "scheduled"]),
    ],
)
def test_news_beside_other_news_of_its_title_that_waits_is_none_of_its_backups(
    room: Newsroom, news: str, codes: list[str]
) -> None:
    """The next report has another text; or the file has not changed."""
    room.drop("archive/a.toml", text("Mary Smith freed", days=2))
    room.drop("plan/a.toml", news)
    room.build()

    assert sorted(room.codes()) == codes


@pytest.mark.long
def test_news_with_the_text_of_news_that_waits_as_it_is_has_a_date_of_its_own(
    room: Newsroom,
) -> None:
    """Reminders of several days have one title and one text."""
    room.drop("plan/b.toml", text("Mary Smith freed", days=1))
    room.build()

    assert room.codes() == ["scheduled", "scheduled"]
