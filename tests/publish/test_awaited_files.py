"""An entry waits a few seconds for the files that it names, and no other entry waits with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import sleep
from zipfile import ZipFile

import pytest

from dateline import publish
from dateline.model import Report
from dateline.publish.check import check
from support.publication import Newsroom, entry_file, picture
from support.serving import serve, until

FIELDS = {
    "field": {"image": '"photo.png"', "image_alt": '"Blue"'},
    "attachment": {"attachments": '[{file = "photo.png", title = "Blue"}]'},
    "text": {"body": '"![Blue](photo.png)\\n\\nText."'},
}
AFTER = timedelta(seconds=0.5)  # when the files of an entry that was just dropped are read


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom that has published before."""
    newsroom.drop("old.toml", entry_file("Old", body='"Old."'))
    newsroom.build()
    return newsroom


def run(
    room: Newsroom,
    entry: Path,
    age: float,
    told: Sequence[str] | None = None,
    *,
    serving: bool = True,
) -> Report:
    """Run when `entry` has not changed for `age` seconds, as `serve` or as a command."""
    clock = datetime.fromtimestamp(entry.stat().st_ctime + age, UTC)
    now = room.now + timedelta(hours=1, seconds=age)
    report = publish.build(
        room.config, publish.RunRequest(now=now, clock=clock, changed_files=told, serving=serving)
    )
    room.log.append(report)
    return report


def titles(room: Newsroom) -> set[str]:
    """Return the published titles."""
    return {item["title"] for item in room.items()}


@pytest.mark.parametrize("name", FIELDS)
def test_an_entry_waits_for_a_file_that_is_being_copied(name: str, room: Newsroom) -> None:
    """It is published once, with the file; other entries are published meanwhile."""
    entry = room.drop("a.toml", entry_file("One", **FIELDS[name]))
    waits = run(room, entry, 0.5, told=["a.toml"])
    room.drop("b.toml", entry_file("Two", body='"Two."'))
    run(room, entry, 2, told=["b.toml"])
    meanwhile = titles(room)
    room.drop("photo.png", picture())

    report = run(room, entry, 3, told=["photo.png"])

    assert ([one.code for one in waits.problems], meanwhile) == (["file-awaited"], {"Old", "Two"})
    assert "photo.png" in waits.problems[0].message
    assert waits.next
    assert (
        timedelta(seconds=9.5)
        <= waits.next - room.now - timedelta(hours=1)
        <= timedelta(seconds=11)
    )
    assert (report.problems, report.published) == ((), ("a.toml",))
    assert titles(room) == {"Old", "One", "Two"}


@pytest.mark.parametrize("start", [0, 20, 60])
@pytest.mark.parametrize("name", FIELDS)
def test_an_entry_waits_for_the_rest_of_a_file(name: str, start: int, room: Newsroom) -> None:
    """The beginning of a picture is no damaged picture while more of it may come."""
    whole = picture()
    copied = whole[:start] if start else bytes(len(whole))  # Explorer makes room first
    entry = room.drop("a.toml", entry_file("One", **FIELDS[name]))
    room.drop("photo.png", copied)
    begun = run(room, entry, 0.5, told=["a.toml", "photo.png"])
    meanwhile = titles(room)
    room.drop("photo.png", whole)

    report = run(room, entry, 3, told=["photo.png"])

    assert ([one.code for one in begun.problems], meanwhile) == (["file-awaited"], {"Old"})
    assert (report.problems, report.published) == ((), ("a.toml",))


def test_an_entry_waits_for_the_rest_of_a_document(room: Newsroom) -> None:
    """Word cannot open the first half of its files."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as document:
        document.writestr("word/document.xml", "<w:document/>")
    entry = room.drop("a.toml", entry_file("One", attachments='["form.docx"]'))
    room.drop("form.docx", buffer.getvalue()[:-30])
    begun = run(room, entry, 0.5)
    meanwhile = titles(room)
    room.drop("form.docx", buffer.getvalue())

    report = run(room, entry, 3)

    assert ([one.code for one in begun.problems], meanwhile) == (["file-awaited"], {"Old"})
    assert (report.problems, report.published) == ((), ("a.toml",))


@pytest.mark.long
def test_readers_keep_a_picture_while_another_is_copied_in_its_place(room: Newsroom) -> None:
    """Ten seconds later it is damaged, and left out."""
    entry = room.drop("old.toml", entry_file("Old", **FIELDS["field"]))
    photo = room.drop("photo.png", picture())
    run(room, entry, 0.5)
    before = room.items()
    room.drop("photo.png", picture("red")[:60])
    codes, nexts = [], []
    for age in (0.5, 5, 11):
        nexts.append(run(room, photo, age, told=["photo.png"]).next)
        codes.append(room.codes())
        if age < 10:
            assert room.items() == before

    assert codes[0] == codes[1] == ["file-awaited"]
    assert codes[2] == ["media-broken"]
    assert nexts[0]
    assert nexts[0] - room.now - timedelta(hours=1) <= timedelta(seconds=11)
    assert "media/" not in str(room.items())


@pytest.mark.long
@pytest.mark.parametrize("told", [None, ["photo.png"]])
@pytest.mark.parametrize("name", FIELDS)
def test_readers_keep_a_picture_that_is_deleted_and_copied_again(
    name: str, told: Sequence[str] | None, room: Newsroom
) -> None:
    """Ten seconds later it is left out, with a warning."""
    entry = room.drop("old.toml", entry_file("Old", **FIELDS[name]))
    photo = room.drop("photo.png", picture())
    run(room, entry, 0.5)
    before, hour = room.items(), 3600
    photo.unlink()
    gone = [run(room, entry, hour + age, told=told) for age in (0, 5)]
    meanwhile = room.items()
    room.drop("photo.png", picture())
    again = run(room, entry, hour + 7, told=told)
    photo.unlink()
    run(room, entry, hour + 8, told=told)
    left_out = run(room, entry, hour + 19, told=told)

    assert [one.code for report in gone for one in report.problems] == ["file-awaited"] * 2
    assert gone[0].next
    assert meanwhile == before
    assert (again.problems, again.changed) == ((), ())
    assert [one.code for one in left_out.problems] == ["image-not-there"]
    assert "media/" not in str(room.items())


@pytest.mark.long
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("told", [None, ()])
def test_an_entry_waits_a_few_seconds_at_most(
    name: str, told: Sequence[str] | None, room: Newsroom
) -> None:
    """It is published with a warning; when the file arrives, the entry is updated."""
    entry = room.drop("a.toml", entry_file("One", **FIELDS[name]))
    codes: list[list[str]] = []
    for age in (0.5, 9.4, 10.5):
        run(room, entry, age, told=told if codes else ["a.toml"])
        codes.append(room.codes())
    without = next(item for item in room.items() if item["title"] == "One")
    room.drop("photo.png", picture())

    report = run(room, entry, 12, told=["photo.png"])

    assert codes == [["file-awaited"], ["file-awaited"], ["image-not-there"]]
    assert "media/" not in str(without)
    assert (report.problems, report.changed) == ((), ("a.toml",))
    assert "media/" in str(next(item for item in room.items() if item["title"] == "One"))


def test_an_entry_with_a_future_file_time_waits_no_longer(room: Newsroom) -> None:
    """The clock of a file share may be an hour ahead."""
    entry = room.drop("a.toml", entry_file("One", **FIELDS["field"]))
    codes = []
    for age in (-3600, -3598.5, -3594, -3586):
        run(room, entry, age)
        codes += room.codes()

    assert codes == ["file-changing", "file-awaited", "file-awaited", "image-not-there"]


@pytest.mark.parametrize("way", ["build", "check", "first run"])
def test_commands_and_first_runs_do_not_wait(way: str, newsroom: Newsroom) -> None:
    """A command reports missing files at once; a first run publishes what existed before."""
    if way != "first run":
        newsroom.drop("old.toml", entry_file("Old", body='"Old."'))
        newsroom.build()
    entry = newsroom.drop("a.toml", entry_file("One", **FIELDS["field"]))
    clock = datetime.fromtimestamp(entry.stat().st_ctime, UTC) + AFTER

    if way == "check":
        report = check(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))
    else:
        report = run(newsroom, entry, 0.5, serving=way == "first run")

    assert [problem.code for problem in report.problems] == ["image-not-there"]


def test_a_retraction_does_not_wait(room: Newsroom) -> None:
    """It shows no files."""
    fields = {"status": '"retracted"', "retraction": '"It was wrong."'}
    entry = room.drop("old.toml", entry_file("Old", **FIELDS["field"], **fields))

    report = run(room, entry, 0.5)

    assert (report.problems, report.changed) == ((), ("old.toml",))


def test_only_some_of_many_missing_files_are_reported(room: Newsroom) -> None:
    """The entry waits for all; a note of a thousand lines would help nobody."""
    text = "\\n\\n".join(f"[x](file{number}.pdf)" for number in range(500))
    entry = room.drop("a.toml", entry_file("One", body=f'"{text}"'))

    report = run(room, entry, 0.5)

    assert 1 < len(report.problems) < 50
    assert {problem.code for problem in report.problems} == {"file-awaited"}


@pytest.mark.long
def test_serve_publishes_an_entry_once_its_files_have_arrived(room: Newsroom) -> None:
    """Other news is published meanwhile, and the first version has the picture."""
    room.now = datetime.now(UTC)
    with serve(room.folder) as served:
        assert until(lambda: served.answers("news.json"))
        sleep(1)
        room.drop("a.toml", entry_file("One", str(room.now.date()), **FIELDS["field"]))
        sleep(1)
        room.drop("b.toml", entry_file("Two", str(room.now.date()), body='"Two."'))
        assert until(lambda: "Two" in titles(room))
        meanwhile = titles(room)
        room.drop("photo.png", picture())
        assert until(lambda: "One" in titles(room))

    assert "One" not in meanwhile
    assert all("image" in item for item in room.items() if item["title"] == "One")
    assert "image-not-there" not in served.printed()
