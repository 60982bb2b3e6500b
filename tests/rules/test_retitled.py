"""Files that get another name and another title at once, as names follow headlines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.test_combinations import ids
from rules.test_moves import ONE, TWO, settled, text
from rules.test_several_changes import published, remove
from support.publication import Newsroom, picture

SAID = f"{ONE} It is the largest of its kind in the country."
NEW = "Graz gets a harbour"
RETRACTED = {"retraction": '"No harbour opens."', "status": '"retracted"'}
ASKED = [("b.toml", "renamed-edited")]


def retitle(newsroom: Newsroom, **fields: str) -> None:
    """Give the file of an entry another name and another title, and possibly other fields."""
    remove(newsroom, "a.toml")
    said = {"title": NEW, "body": SAID, **fields}
    newsroom.drop("b.toml", text(said.pop("title"), said.pop("body"), **said))


@pytest.mark.long
@pytest.mark.parametrize("is_gone_before", [False, True])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"date": "2026-11-23T09:30:00"},
        {"correction": '"It opens on Monday."'},
        {"image": '"harbour.png"', "image_alt": '"A harbour"'},
        {"event": "2026-12-03", "place": '"Graz"'},
    ],
)
def test_a_renamed_and_retitled_file_with_the_text_and_the_date_of_an_entry_stays_it(
    newsroom: Newsroom, fields: dict[str, str], *, is_gone_before: bool
) -> None:
    """It keeps its id, its address, its moments and what was corrected; readers see the title."""
    newsroom.drop("harbour.png", picture())
    published(newsroom, a=text("Harbour opens", SAID, **fields))
    (item,) = [one for one in newsroom.items() if "Harbour opens" in one["title"]]
    if is_gone_before:
        (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "a.toml")
        newsroom.build()
        (newsroom.folder / "a.toml").rename(newsroom.folder / "entries/a.toml")
    retitle(newsroom, **fields)

    assert settled(newsroom) == []
    (now,) = [one for one in newsroom.items() if NEW in one["title"]]
    same = ("id", "url", "date_published", "date_modified")
    assert [now.get(name) for name in same] == [item.get(name) for name in same]
    assert [one["id"] for one in newsroom.items()].count(item["id"]) == 1


def test_a_new_correction_of_a_renamed_and_retitled_file_is_shown(newsroom: Newsroom) -> None:
    """The ones before it keep their moments."""
    first = '"It opens on Monday."'
    published(newsroom, a=text("Harbour opens", SAID, correction=first))
    (item,) = [one for one in newsroom.items() if one["title"] == "Harbour opens"]
    (told,) = [one for one in item["content_html"].split("<p>") if "opens on Monday." in one]
    retitle(newsroom, correction=f'[{first}, "It is in Graz, not in Linz."]')

    newsroom.build(after=timedelta(days=1))

    (now,) = [one for one in newsroom.items() if one["title"] == NEW]
    assert told in now["content_html"]
    assert "in Graz, not in Linz" in now["content_html"]
    assert (now["id"], now["date_modified"] > item["date_modified"]) == (item["id"], True)


@pytest.mark.parametrize(
    ("first", "fields"),
    [
        ({"body": ONE}, {"body": ONE}),
        ({}, {"body": SAID.replace("Monday", "Sunday")}),
        ({}, {"language": '"en-GB"'}),
        ({}, {"link": '"https://example.org/graz"'}),
        ({}, {"event": "2026-12-03"}),
        ({"attachments": '["https://example.org/34.pdf"]'}, {"attachments": '["https://example.org/35.pdf"]'}),
        (RETRACTED, RETRACTED),
        ({"title": "Report 34"}, {"title": "Report 35"}),
        ({"date": "2026-10-12"}, {"date": "2026-10-12"}),
    ],
    ids=[
        "short", "edited", "language", "link", "event", "attachment", "retracted", "series", "old",
    ],
)  # fmt: skip
def test_a_renamed_and_retitled_file_that_may_be_other_news_is_asked_about(
    newsroom: Newsroom, first: dict[str, str], fields: dict[str, str]
) -> None:
    """Such as the next of a series with one text for all, or what tells news of one text apart."""
    said = {"title": "Harbour opens", "body": SAID, **first}
    before = published(newsroom, a=text(said.pop("title"), said.pop("body"), **said))
    retitle(newsroom, **fields)

    assert settled(newsroom) == ASKED
    assert ids(newsroom) == before


@pytest.mark.long
def test_several_files_are_renamed_and_retitled_in_one_run(newsroom: Newsroom) -> None:
    """Each stays its entry."""
    other = f"{TWO} It is the first of its kind in this harbour in forty years."
    before = published(newsroom, a=text("Harbour opens", SAID), c=text("Crane falls", other))
    remove(newsroom, "c.toml")
    newsroom.drop("d.toml", text("Divers in Linz", other))
    retitle(newsroom)

    assert settled(newsroom) == []
    after = ids(newsroom)
    assert (after[NEW], after["Divers in Linz"]) == (before["Harbour opens"], before["Crane falls"])


@pytest.mark.parametrize("gone", [["a.toml"], ["a.toml", "c.toml"]])
def test_files_of_which_two_may_be_an_entry_are_asked_about(
    newsroom: Newsroom, gone: list[str]
) -> None:
    """Two new files with the text of one entry; one with the text of two that are gone."""
    before = published(newsroom, a=text("Harbour opens", SAID), c=text("Pier opens", SAID))
    remove(newsroom, *gone)
    newsroom.drop("b.toml", text(NEW, SAID))
    asked = ASKED
    if len(gone) == 1:
        newsroom.drop("d.toml", text("A harbour", SAID))
        asked = [*ASKED, ("d.toml", "renamed-edited")]

    assert settled(newsroom) == asked
    assert ids(newsroom) == before


@pytest.mark.long
def test_a_copy_beside_an_original_that_is_edited_is_new(newsroom: Newsroom) -> None:
    """It is the form of other news: the file of the entry is still there."""
    before = published(newsroom, a=text("Harbour opens", SAID))
    newsroom.drop("a.toml", text("Harbour opens", f"{SAID} It rains."))
    newsroom.drop("b.toml", text(NEW, SAID))

    assert settled(newsroom) == []
    assert ids(newsroom).items() >= before.items()
    assert NEW in ids(newsroom)


@pytest.mark.long
def test_the_old_file_of_a_renamed_and_retitled_one_is_held_as_a_copy(newsroom: Newsroom) -> None:
    """As where a program that synchronises brings it back."""
    before = published(newsroom, a=text("Harbour opens", SAID))
    retitle(newsroom)
    newsroom.build()
    newsroom.drop("a.toml", text("Harbour opens", SAID))

    assert settled(newsroom) == [("a.toml", "copy")]
    assert ids(newsroom)[NEW] == before["Harbour opens"]
