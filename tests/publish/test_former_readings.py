"""What was read in one time zone, language or place is known when the publication has another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest

from dateline.ledger import Ledger
from dateline.publish import ledger_url
from support.publication import Newsroom, entry_file

pytestmark = pytest.mark.long

MOMENT = "2026-11-24 10:30:00"
LONG = " ".join(f"The port was closed for {hour} hours in the storm." for hour in range(20))


def move(newsroom: Newsroom, zone: str) -> None:
    """Give the publication another time zone."""
    change(newsroom, "time_zone", zone)


def change(newsroom: Newsroom, key: str, value: str) -> None:
    """Give the publication another value of a key."""
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8")
    before = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
    config.write_text(text.replace(before, f'{key} = "{value}"', 1), "utf-8")


def storm(title: str = "Storm", body: str = LONG, **fields: str) -> str:
    """Return an entry file with a time, and fields whose values have times as well."""
    some = {"event": "2026-12-05 09:00:00", "expires": "2027-12-31 10:00:00", **fields}
    return entry_file(title, MOMENT, body=f'"{body}"', **some)


def withdraw(room: Newsroom) -> str:
    """Delete the file of the storm until its entry is withdrawn; return its text."""
    path = room.folder / "entries/storm.toml"
    text = path.read_text("utf-8")
    before = len(room.items())
    path.unlink()
    room.build()
    room.build(after=timedelta(hours=1))
    assert len(room.items()) == before - 1
    return text


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with an entry that was changed twice, and others."""
    for number in range(5):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    for text in (storm("Storm warning"), storm(), storm(body=f"{LONG} It is over.")):
        newsroom.drop("storm.toml", text)
        newsroom.build()
    return newsroom


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        (storm("Storm warning"), "America/New_York"),
        (storm(), "Asia/Kathmandu"),
        (storm(body=f"{LONG} It is over."), "UTC"),
        (storm(body=f"{LONG} Is it over?"), "Pacific/Auckland"),
    ],
    ids=["first", "second", "present", "nearly"],
)
@pytest.mark.parametrize("is_there_before", [True, False])
def test_a_copy_of_a_version_is_held(
    room: Newsroom, text: str, zone: str, *, is_there_before: bool
) -> None:
    """Whether it lay there when the zone was changed, or comes later, also after a change back."""
    if is_there_before:
        room.drop("gale.toml", text)
        room.build()
        assert len(room.codes()) == 1
    before = [(item["id"], item["date_modified"]) for item in room.items()]

    for other in (zone, "Europe/Vienna", zone):
        move(room, other)
        room.drop("gale.toml", text)
        room.build(after=timedelta(hours=1))

        assert len(room.codes()) == 1
        assert {*room.codes()} <= {"copy", "name-copy"}
        assert [(item["id"], item["date_modified"]) for item in room.items()] == before


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text,
        lambda text: text.replace("the storm", "a storm", 1),
    ],
)
@pytest.mark.parametrize("name", ["storm.toml", "storm again.toml"])
def test_a_withdrawn_file_comes_back_as_the_same_entry(
    room: Newsroom, name: str, edit: Callable[[str], str]
) -> None:
    """In another time zone than that in which it was withdrawn."""
    (before,) = (item["id"] for item in room.items() if "Storm" in item["title"])
    text = withdraw(room)
    assert before not in [item["id"] for item in room.items()]

    move(room, "America/New_York")
    room.build()
    room.drop(name, edit(text))
    room.build()

    found = [item["id"] for item in room.items() if "torm" in item["title"]]
    assert found == [before]


def test_a_withdrawn_file_comes_back_with_another_title(room: Newsroom) -> None:
    """Under its own name, in another time zone."""
    before = {item["id"] for item in room.items()}
    text = withdraw(room)

    move(room, "America/New_York")
    room.build()
    room.drop("storm.toml", text.replace('title = "Storm"', 'title = "The storm"'))
    room.build()

    assert {item["id"] for item in room.items()} == before


def test_a_file_is_renamed_as_the_time_zone_changes(room: Newsroom) -> None:
    """In one run: nothing is new, and nothing is held."""
    path = room.folder / "entries/storm.toml"
    before = [item["id"] for item in room.items()]

    path.rename(path.with_name("weather.toml"))
    move(room, "Asia/Tokyo")
    room.build()

    assert room.codes() == []
    assert [item["id"] for item in room.items()] == before


def test_a_time_zone_that_no_machine_knows_any_more_is_left_out(room: Newsroom) -> None:
    """As after an update of the time zones: the entries go on."""
    with Ledger(ledger_url(room.config)) as ledger:
        assert ledger.state.readings == ("Europe/Vienna en http://127.0.0.1:8000/",)
        ledger.state.note_readings(["Europe/Nowhere en http://127.0.0.1:8000/", "damaged"])
        ledger.commit()
    before = len(room.items())

    room.drop("new.toml", storm("Wind", body="Another text."))
    room.build()

    assert room.codes() == []
    assert len(room.items()) == before + 1


def test_other_news_with_a_time_is_published(room: Newsroom) -> None:
    """The same title at the same time of another place is told apart by its offset."""
    move(room, "America/New_York")
    room.build()
    before = len(room.items())

    text = storm(body="Another port reports wind and rain, and a ship that ran aground at noon.")
    room.drop("other.toml", text.replace(MOMENT, f"{MOMENT}-08:00"))
    room.build()

    assert room.codes() == []
    assert len(room.items()) == before + 1


@pytest.mark.parametrize(
    ("key", "value"), [("language", "fr"), ("url", "https://news.example.org/")]
)
@pytest.mark.parametrize("is_there_before", [True, False])
def test_a_copy_is_held_in_another_language_or_place(
    newsroom: Newsroom, key: str, value: str, *, is_there_before: bool
) -> None:
    """A copy of what a file said under its former title, with an attachment."""
    config = newsroom.folder / "config.toml"
    main = 'description = "Everything"'
    config.write_text(config.read_text("utf-8").replace(main, f'{main}\nlanguage = "*"'), "utf-8")
    (newsroom.folder / "entries/table.csv").write_bytes(b"hour,storm\n")
    first = storm("Storm warning", attachments='["table.csv"]')
    for text in (first, storm(attachments='["table.csv"]')):
        newsroom.drop("storm.toml", text)
        newsroom.build()
    before = [item["id"] for item in newsroom.items()]
    if is_there_before:
        newsroom.drop("gale.toml", first)
        newsroom.build()
        assert newsroom.codes() == ["copy"]

    change(newsroom, key, value)
    newsroom.build()
    newsroom.drop("gale.toml", first)
    newsroom.build()

    assert newsroom.codes() == ["copy"]
    assert [item["id"] for item in newsroom.items()] == before


@pytest.mark.parametrize("is_before", [True, False])
def test_the_former_time_zone_is_known_after_the_loss_of_the_ledger(
    room: Newsroom, *, is_before: bool
) -> None:
    """A withdrawn file is the same entry again; the zone changed before the loss, or with it."""
    before = {item["id"] for item in room.items()}
    text = withdraw(room)

    move(room, "America/New_York")
    if is_before:
        room.build()
    shutil.rmtree(room.folder / "state")
    room.build()
    room.drop("storm again.toml", text)
    room.build()

    assert {item["id"] for item in room.items()} == before


def test_updated_stays_where_only_the_text_changes(newsroom: Newsroom) -> None:
    """A date with an offset of its own is the same in each zone, the moment of `updated` is not."""
    day = "2026-11-25T09:00:00+01:00"
    text = entry_file("Storm", day, updated="2026-11-25 10:30:00", body=f'"{LONG}"')
    newsroom.drop("storm.toml", text)
    newsroom.build()
    (before,) = newsroom.items()

    for zone in ("Pacific/Auckland", "UTC"):
        move(newsroom, zone)
        newsroom.build(after=timedelta(hours=8))
    newsroom.drop("storm.toml", text.replace("the storm", "a storm", 1))
    newsroom.build()

    (after,) = newsroom.items()
    assert newsroom.codes() == []
    assert "in a storm" in after["content_html"]
    assert after["date_modified"] == before["date_modified"]


def test_news_of_today_is_renamed_as_a_zone_in_the_west_comes(room: Newsroom) -> None:
    """Its moment is ahead there: it stays live, and nobody is asked about its date."""
    room.drop("today.toml", entry_file("Today", "2026-11-25 11:00:00", body='"Calm."'))
    room.build()
    before = [item["id"] for item in room.items()]
    (room.folder / "entries/today.toml").rename(room.folder / "entries/calm.toml")

    move(room, "America/New_York")
    room.build()

    assert room.codes() == []
    assert [item["id"] for item in room.items()] == before


def test_files_are_renumbered_as_the_time_zone_changes(newsroom: Newsroom) -> None:
    """Each entry goes on in its file of another name, and nobody is asked."""
    entries = newsroom.folder / "entries"
    for number, words in enumerate(("The port is closed.", "A ship came.", "Graz has a lake.")):
        date = f"2026-11-24 0{number}:30:00"
        newsroom.drop(f"{number}.toml", entry_file(f"News {number}", date, body=f'"{words}"'))
    newsroom.build()
    before = {item["title"]: item["id"] for item in newsroom.items()}

    for number in (2, 1, 0):
        (entries / f"{number}.toml").rename(entries / f"{number + 1}.toml")
    move(newsroom, "America/New_York")
    newsroom.build()

    assert newsroom.codes() == []
    assert {item["title"]: item["id"] for item in newsroom.items()} == before
    newsroom.build(after=timedelta(hours=1))
    assert {item["title"]: item["id"] for item in newsroom.items()} == before
