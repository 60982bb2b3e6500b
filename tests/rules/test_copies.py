"""Copies of published files, made by hand: readers do not get the same news twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dateline.rules.guards import Approval
from rules.test_combinations import ids, publish_others, reported, run
from support.publication import Newsroom, entry_file

TEXT = (
    "On Monday the harbour opens with a speech of the minister of transport. "
    "Three hundred guests are invited, and ships of eleven countries arrive until noon."
)
OTHER = (
    "Cranes on the northern quays stand still, as their crews ask for higher wages. "
    "The company offers four percent, and talks go on in a hotel until Sunday."
)


def text(**fields: str) -> str:
    """Return a file of one title and day, with fields as TOML values."""
    return entry_file("Harbour opens", **{"body": f'"{TEXT}"', **fields})


def published(newsroom: Newsroom, **fields: str) -> dict[str, str]:
    """Publish a file among others, and return the ids by the titles."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text(**fields))
    newsroom.build()
    return ids(newsroom)


def build(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Build twice, and return what was reported: an answer lasts beyond its run."""
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    return reported(newsroom)


@pytest.mark.long
def test_a_retitled_file_and_its_copy_are_deleted_while_staff_are_asked(
    newsroom: Newsroom,
) -> None:
    """The entry stays, and they are asked about that."""
    before = published(newsroom)
    newsroom.drop("saved.toml", text())
    newsroom.drop("a.toml", entry_file("Graz gets a harbour", body=f'"{TEXT}"'))
    assert ("a.toml", "other-news") in build(newsroom)
    for name in ("a.toml", "saved.toml"):
        (newsroom.folder / "entries" / name).unlink()

    assert build(newsroom) == [("a.toml", "old-gone")]
    assert ids(newsroom) == before


@pytest.mark.long
def test_a_held_copy_does_not_take_the_news_of_a_file_that_is_corrected_later(
    newsroom: Newsroom,
) -> None:
    """Readers would have it twice, with both dates."""
    before = published(newsroom)
    newsroom.drop("saved.toml", text())
    assert build(newsroom) == [("saved.toml", "copy")]
    newsroom.drop("a.toml", text(date="2026-11-25", body=f'"{TEXT} It rains."'))

    assert build(newsroom) == [("saved.toml", "copy")]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("answer", ["keep", "allow", "delete", "correct"])
@pytest.mark.parametrize("edited", [TEXT, f"{TEXT} It rains."])
@pytest.mark.parametrize("is_older", [True, False])
def test_a_retitled_file_of_which_there_is_a_copy_is_asked_about(
    newsroom: Newsroom, answer: str, edited: str, *, is_older: bool
) -> None:
    """It is its entry once the copy is deleted, or if staff say so; otherwise the copy is it."""
    before = published(newsroom)
    (entry,) = (id_ for title, id_ in before.items() if title == "Harbour opens")
    newsroom.drop("saved.toml", text())
    if is_older:
        assert build(newsroom) == [("saved.toml", "copy")]
    retitled = entry_file("Graz gets a harbour", body=f'"{edited}"')
    newsroom.drop("a.toml", retitled)
    asked = {("a.toml", "other-news"), ("a.toml", "change-not-out"), ("saved.toml", "copy")}
    assert {*build(newsroom)} == asked
    assert ids(newsroom) == before
    code = next(str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news")

    if answer == "delete":
        (newsroom.folder / "entries/saved.toml").unlink()
    elif answer == "correct":
        newsroom.drop("a.toml", f'correction = "It is in Graz."\n{retitled}')
    else:
        run(newsroom, answer=Approval(code=code, keep=answer == "keep"))

    left = [("saved.toml", "copy")] if answer in {"keep", "correct"} else []
    assert build(newsroom) == left
    found = ids(newsroom)
    if answer == "allow":
        assert found == {**before, "Graz gets a harbour": found["Graz gets a harbour"]}
        assert found["Graz gets a harbour"] not in before.values()
    else:
        assert found["Graz gets a harbour"] == entry
        assert {*found.values()} == {*before.values()}


def test_a_file_with_an_id_keeps_its_entry_whatever_it_says_beside_its_copy(
    newsroom: Newsroom,
) -> None:
    """The id says so; the copy is held, and is told to take the id line out."""
    published(newsroom, id='"urn:x:1"')
    newsroom.drop("saved.toml", text(id='"urn:x:1"'))
    other = "Nobody was hurt when a crane fell into the water on Sunday."
    newsroom.drop("a.toml", entry_file("Crane", body=f'"{other}"', id='"urn:x:1"'))

    assert [path for path, _ in build(newsroom)] == ["saved.toml"]
    assert ids(newsroom)["Crane"] == "urn:x:1"


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-25"])
def test_a_file_with_another_date_of_which_there_is_a_copy_is_asked_about(
    newsroom: Newsroom, day: str
) -> None:
    """Its text is the same: it was not copied to write other news."""
    before = published(newsroom)
    newsroom.drop("saved.toml", text())
    newsroom.drop("a.toml", entry_file("Harbour opens", day, body=f'"{TEXT}"'))

    assert ("a.toml", "other-news") in build(newsroom)
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize(
    "copied",
    [
        {},  # without the id
        {"body": f'"{TEXT} It rains."'},
        {"body": f'"{TEXT.replace("Monday", "Tuesday")}"'},
        {"body": f'"{TEXT}\\n\\nIt rains, and there was snow in the night before."'},
        {"categories": '["Ports"]'},
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_copy_with_nearly_the_same_text_is_held(
    newsroom: Newsroom, copied: dict[str, str], *, is_first: bool
) -> None:
    """Until it has its own title, also if both files are new."""
    if is_first:
        publish_others(newsroom)
        newsroom.drop("a.toml", text(id='"urn:x:1"'))
        newsroom.drop("later.toml", text(**copied))
        newsroom.build()
    else:
        published(newsroom, id='"urn:x:1"')
        newsroom.drop("later.toml", text(**copied))

    assert build(newsroom) == [("later.toml", "name-copy")]
    assert ids(newsroom)["Harbour opens"] == "urn:x:1"
    assert len(newsroom.items()) == 4
    newsroom.drop("later.toml", text(**copied).replace("Harbour opens", "Harbour opens late"))
    assert build(newsroom) == []
    assert len(newsroom.items()) == 5


@pytest.mark.long
@pytest.mark.parametrize(
    "other",
    [
        {"id": '"urn:x:2"'},
        {"link": '"https://example.org/2"'},
        {"language": '"en-GB"'},
        {"place": '"Graz"'},
        {"event": '"2026-12-03"'},
        {"attachments": '["2.csv"]'},
        {"body": '"Nobody was hurt when a crane fell into the water on Sunday."'},
    ],
)
def test_other_news_of_one_title_and_day_is_published(
    newsroom: Newsroom, other: dict[str, str]
) -> None:
    """It has its own text, id, link, language, place, date or files."""
    published(newsroom)
    newsroom.drop("2.csv", "port,ships\nGraz,11\n")
    newsroom.drop("later.toml", text(**other))

    assert build(newsroom) == []
    assert len(newsroom.items()) == 5


@pytest.mark.long
def test_a_draft_of_a_published_file_is_held_only_once_it_is_none(newsroom: Newsroom) -> None:
    """Staff may write the next version of an entry beside it."""
    published(newsroom)
    newsroom.drop("later.toml", text(body=f'"{TEXT} It rains."', draft="true"))
    assert build(newsroom) == [("later.toml", "draft")]

    newsroom.drop("later.toml", text(body=f'"{TEXT} It rains."'))

    assert build(newsroom) == [("later.toml", "name-copy")]
    assert len(newsroom.items()) == 4


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    "copied",
    [
        entry_file("Harbour opens", "2026-11-24T10:00:00Z", body=f'"{TEXT}"'),
        entry_file("Harbour opens!", "2026-11-24", body=f'"{TEXT} It rains."'),
    ],
)
def test_a_copy_with_a_time_or_another_sign_in_its_title_is_held(
    newsroom: Newsroom, copied: str, *, is_first: bool
) -> None:
    """The time of a day makes no other news of a text, word for word."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file("Harbour opens", "2026-11-24", body=f'"{TEXT}"'))
    if not is_first:
        newsroom.build()
    newsroom.drop("later.toml", copied)

    assert build(newsroom) == [("later.toml", "name-copy")]
    assert len(newsroom.items()) == 4


@pytest.mark.long
def test_reports_of_other_hours_of_one_day_are_published(newsroom: Newsroom) -> None:
    """They have one title, and nearly one text."""
    publish_others(newsroom)
    for hour in (7, 8, 9):
        said = f'"{TEXT} At {hour} there were {hour}0 ships."'
        newsroom.drop(
            f"{hour}.toml", entry_file("Traffic", f"2026-11-25T0{hour}:00:00Z", body=said)
        )
        assert build(newsroom) == []

    assert len(newsroom.items()) == 6


@pytest.mark.long
@pytest.mark.parametrize("place", ["a - Copy.toml", "other.toml", "before/a.toml"])
@pytest.mark.parametrize(
    "change",
    [
        {"status": '"retracted"', "retraction": '"The figures were wrong."'},
        {"body": f'"{TEXT.replace("eleven", "twelve")}"', "correction": '"It is twelve."'},
    ],
)
def test_an_older_copy_does_not_take_the_place_of_a_file_that_goes_away(
    newsroom: Newsroom, place: str, change: dict[str, str]
) -> None:
    """What was retracted or corrected stays so, also where its file is gone for a while."""
    before = published(newsroom)
    newsroom.drop(place, text())
    newsroom.build()
    newsroom.drop("a.toml", text(**change))
    newsroom.build()
    shown = newsroom.items()
    (newsroom.folder / "entries/a.toml").unlink()

    assert build(newsroom) == [(place, "copy-alone")]
    assert newsroom.items() == shown

    newsroom.drop("a.toml", text(**change))
    newsroom.build()

    assert newsroom.items() == shown
    assert [path for path, _ in reported(newsroom)] == [place]

    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    (newsroom.folder / "entries" / place).rename(newsroom.folder / "entries/a.toml")
    newsroom.build()

    (told,) = reported(newsroom)
    assert told in {("a.toml", "retraction-undone"), ("a.toml", "correction-stays")}
    assert ids(newsroom) == before


@pytest.mark.long
def test_a_copy_of_what_readers_have_goes_on_when_the_file_is_deleted(newsroom: Newsroom) -> None:
    """A file may be moved by a program that copies it first, and deletes it later."""
    before = published(newsroom)
    newsroom.drop("older/a.toml", text())
    assert build(newsroom) == [("older/a.toml", "copy")]
    (newsroom.folder / "entries/a.toml").unlink()

    assert build(newsroom) == []
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("place", ["b.toml", "before/a.toml", "a - Copy.toml"])
@pytest.mark.parametrize("title", ["Harbour opens", "Harbour opens at last"])
def test_a_copy_of_news_that_waits_does_not_come_at_its_former_moment(
    newsroom: Newsroom, place: str, title: str
) -> None:
    """An embargo that staff extend is not ended by a backup of the file."""
    publish_others(newsroom)
    newsroom.build()
    early, late = (f"2026-11-{newsroom.now.day + days}T09:00:00" for days in (1, 2))
    newsroom.drop("a.toml", text().replace("2026-11-24", early))
    newsroom.build()
    newsroom.drop(place, text().replace("2026-11-24", early))
    newsroom.build()
    before = newsroom.items()
    edited = text(body=f'"{TEXT} It rains."').replace("2026-11-24", early)
    newsroom.drop("a.toml", edited)
    newsroom.build()

    assert [path for path, code in reported(newsroom) if code != "scheduled"] == [place]

    moved = text().replace("2026-11-24", late)
    newsroom.drop("a.toml", moved.replace("Harbour opens", title))
    newsroom.build()
    newsroom.build(after=timedelta(days=1))
    held = {code for path, code in reported(newsroom) if path == place}

    assert newsroom.items() == before
    assert held <= {"copy-kept", "name-copy"}

    newsroom.build(rebuild=True)
    newsroom.build(after=timedelta(days=1))

    assert len(newsroom.items()) == len(before) + 1
    assert held == {code for path, code in reported(newsroom) if path == place}

    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/opening.toml")
    newsroom.build()
    newsroom.build()

    assert len(newsroom.items()) == len(before) + 1


@pytest.mark.long
def test_news_that_waits_may_be_moved_by_copying_it_first(newsroom: Newsroom) -> None:
    """Once the first file is gone, the second has its moment."""
    publish_others(newsroom)
    newsroom.build()
    before = len(newsroom.items())
    for name in ("a.toml", "b/a.toml"):
        newsroom.drop(name, text().replace("2026-11-24", "2026-11-26T09:00:00"))
        newsroom.build()
    assert ("b/a.toml", "copy") in reported(newsroom)
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    assert reported(newsroom) == [("b/a.toml", "scheduled")]
    newsroom.build(after=timedelta(days=2))

    assert len(newsroom.items()) == before + 1
    assert reported(newsroom) == []


@pytest.mark.long
@pytest.mark.parametrize("place", ["a (1).toml", "other.toml", "before/a.toml"])
def test_a_file_is_renamed_beside_its_copy(newsroom: Newsroom, place: str) -> None:
    """The copy was one before: nobody is asked which of both files is the entry."""
    before = published(newsroom)
    newsroom.drop(place, text())
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/opening.toml")
    newsroom.build()

    assert [path for path, _ in reported(newsroom)] == [place]
    newsroom.drop("opening.toml", text(correction='"It is on Tuesday."'))
    newsroom.build()

    assert ids(newsroom) == before
    assert any("It is on Tuesday." in item["content_html"] for item in newsroom.items())


@pytest.mark.long
@pytest.mark.parametrize("title", ["Harbour opens", "Harbour opens at last"])
@pytest.mark.parametrize("is_live", [False, True])
def test_a_backup_of_news_that_waited_is_held_wherever_it_is_moved(
    newsroom: Newsroom, title: str, *, is_live: bool
) -> None:
    """Files are tidied away, folders renamed, and written again by programs that synchronise."""
    publish_others(newsroom)
    newsroom.build()
    first, later = (newsroom.now + timedelta(hours=hours) for hours in (3, 30))
    moment = f"{first:%Y-%m-%dT%H:%M:00Z}"
    for name in ("plan/a.toml", "plan/b.toml"):
        newsroom.drop(name, text().replace("2026-11-24", moment))
        newsroom.build()
    edited = text(body=f'"It rains. {TEXT}"').replace("Harbour opens", title)
    date = moment if is_live and title != "Harbour opens" else f"{later:%Y-%m-%dT%H:%M:00Z}"
    newsroom.drop("plan/a.toml", edited.replace("2026-11-24", date))
    newsroom.build()
    if is_live:
        newsroom.build(after=timedelta(hours=31))
    before = newsroom.items()
    assert ("plan/b.toml", "copy-kept") in reported(newsroom)

    entries = newsroom.folder / "entries"
    if is_live:
        deleted = (entries / "plan/a.toml").read_bytes()
        (entries / "plan/a.toml").unlink()
        newsroom.build()
        newsroom.build(after=timedelta(hours=1))
        assert reported(newsroom) == [("plan/b.toml", "renamed-edited")]
        newsroom.drop("plan/a.toml", deleted)
        newsroom.build()
        assert reported(newsroom) == [("plan/b.toml", "copy-kept")]
    newsroom.drop("old/b.toml", (entries / "plan/b.toml").read_bytes())
    (entries / "plan/b.toml").unlink()
    newsroom.build()
    newsroom.drop("old/b.toml", (entries / "old/b.toml").read_bytes())
    (entries / "plan").rename(entries / "2026")
    newsroom.build()
    newsroom.build(after=timedelta(hours=4))

    assert newsroom.items() == before
    assert ("old/b.toml", "copy-kept") in reported(newsroom)

    newsroom.drop("old/b.toml", text().replace("Harbour", "Lighthouse"))
    newsroom.build()

    assert len(newsroom.items()) == len(before) + 1


@pytest.mark.long
@pytest.mark.parametrize("title", ["Harbour opens", "Harbour opens at last"])
def test_news_that_waits_may_be_renamed_and_edited_beside_a_backup(
    newsroom: Newsroom, title: str
) -> None:
    """The backup is one of the new file then, and does not come at the former moment."""
    publish_others(newsroom)
    newsroom.build()
    before = newsroom.items()
    first, later = (newsroom.now + timedelta(hours=hours) for hours in (3, 30))
    for name in ("a.toml", "b.toml"):
        newsroom.drop(name, text().replace("2026-11-24", f"{first:%Y-%m-%dT%H:%M:00Z}"))
        newsroom.build()
    edited = text().replace("Harbour opens", title)
    newsroom.drop("port.toml", edited.replace("2026-11-24", f"{later:%Y-%m-%dT%H:%M:00Z}"))
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=4))

    assert newsroom.items() == before
    assert [one.found for one in newsroom.log[-1].problems if one.code == "copy-kept"] == [
        "port.toml"
    ]


@pytest.mark.long
def test_news_that_waits_is_what_was_edited_and_not_its_new_backup(newsroom: Newsroom) -> None:
    """Both happen between two runs, and the backup has the shorter name."""
    publish_others(newsroom)
    newsroom.build()
    waits = text().replace("2026-11-24", f"{newsroom.now + timedelta(hours=3):%Y-%m-%dT%H:%M:00Z}")
    newsroom.drop("2026-harbour.toml", waits)
    newsroom.build()
    newsroom.drop("old.toml", waits)
    newsroom.drop("2026-harbour.toml", waits.replace("eleven", "twelve"))
    newsroom.build()

    assert ("old.toml", "name-copy") in reported(newsroom)


@pytest.mark.long
@pytest.mark.parametrize(
    ("body", "code"), [(f'"{TEXT}"', "copy"), (f'"{TEXT} It rains."', "name-copy")]
)
def test_a_copy_of_news_that_waits_is_one_when_nothing_happens(
    newsroom: Newsroom, body: str, code: str
) -> None:
    """In such a run the file that it copies is not read; later it may be renamed."""
    publish_others(newsroom)
    newsroom.build()
    moment = f"{newsroom.now + timedelta(hours=3):%Y-%m-%dT%H:%M:00Z}"
    newsroom.drop("a.toml", text().replace("2026-11-24", moment))
    newsroom.build()
    newsroom.drop("b/a.toml", text(body=body).replace("2026-11-24", moment))
    for _ in range(3):
        newsroom.build(changed_files=[])
        newsroom.build()
        assert ("b/a.toml", code) in reported(newsroom)
    newsroom.build(after=timedelta(hours=4))
    before = newsroom.items()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/c.toml")
    newsroom.build()

    assert newsroom.items() == before
    assert reported(newsroom) == [("b/a.toml", code)]


@pytest.mark.long
def test_a_copy_that_is_not_translated_yet_is_held(newsroom: Newsroom) -> None:
    """A translator has copied the file, written the language into it, and saved."""
    body = f'"{TEXT} {TEXT}"'
    newsroom.drop("a.toml", text(body=body))
    newsroom.build()
    before = newsroom.items()
    newsroom.drop("a.fr.toml", text(body=body, language='"fr"'))
    newsroom.build()

    assert ("a.fr.toml", "name-copy") in reported(newsroom)

    newsroom.drop("a.fr.toml", text(body='"Le port ouvre lundi."', language='"fr"'))
    newsroom.build()

    assert "name-copy" not in newsroom.codes()
    assert newsroom.items() == before


@pytest.mark.long
@pytest.mark.parametrize("body", [OTHER, TEXT.replace("eleven", "twelve")])
@pytest.mark.parametrize(
    "own", [{}, {"correction": '"It was Monday."'}, {"updated": "2026-11-26"}, {"draft": "true"}]
)
def test_a_later_file_with_the_title_of_a_file_that_is_gone_is_asked_about(
    newsroom: Newsroom, body: str, own: dict[str, str]
) -> None:
    """Two reports of one event may have no words in common: only staff know which it is."""
    before = published(newsroom)
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.drop("b.toml", text(date="2026-11-25", **{"body": f'"{body}"', **own}))
    newsroom.build(after=timedelta(days=1))
    newsroom.build(after=timedelta(hours=1))

    assert reported(newsroom) == [("b.toml", "renamed-edited")]
    assert ids(newsroom) == before
