"""Links to other entries' files lead to their pages while these are published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from support.publication import Newsroom, entry_file

BASE = "http://127.0.0.1:8000/2026/11/"


def linking(name: str) -> str:
    """Return an entry that links to another's file."""
    return entry_file("Linking", body=f'"""\nSee [the other]({name}).\n"""')


def shown(newsroom: Newsroom) -> str:
    """Return the text of the entry that links."""
    (item,) = [item for item in newsroom.items() if item["title"] == "Linking"]
    return str(item["content_html"])


LINKED = f'<p>See <a href="{BASE}other-news.html">the other</a>.</p>'
WORDS = "<p>See <a>the other</a>.</p>"


@pytest.mark.parametrize(
    ("here", "name"),
    [
        ("a.toml", "other.toml"),
        ("a.toml", "Other.TOML"),
        ("2027/a.toml", "../2026/other.toml"),
        ("2026/a.toml", "other.toml#figures"),
        ("z.toml", "2026/other.toml"),
    ],
)
def test_entries_that_link_to_each_other_may_arrive_together(
    newsroom: Newsroom, here: str, name: str
) -> None:
    """In one run, in any order: the entry is published with its link."""
    place = "other.toml" if here == "a.toml" else "2026/other.toml"
    newsroom.drop(here, linking(name))
    newsroom.drop(place, entry_file("Other news"))

    report = newsroom.build()

    fragment = "#figures" if "#" in name else ""
    assert shown(newsroom) == LINKED.replace(".html", f".html{fragment}")
    assert report.changed == ()
    assert not {"body-entry-early", "body-entry-missing"} & {*newsroom.codes()}


def test_the_linked_entry_may_arrive_later(newsroom: Newsroom) -> None:
    """Until then readers get the text, and the message needs no action of staff."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.build()
    before = shown(newsroom), newsroom.codes()
    newsroom.drop("other.toml", entry_file("Other news"))

    newsroom.build()

    assert before == (WORDS, ["body-entry-missing"])
    assert (shown(newsroom), newsroom.codes()) == (LINKED, [])


@pytest.mark.long
def test_a_link_does_not_reveal_an_embargoed_entry(newsroom: Newsroom) -> None:
    """Neither its address nor its existence is visible; at its moment the link works."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.drop("other.toml", entry_file("EMBARGOED news", "2026-11-25T13:00:00+01:00"))
    newsroom.build()
    before = shown(newsroom), "body-entry-early" in newsroom.codes()
    (newsroom.folder / "entries/other.toml").unlink()
    newsroom.drop("other.toml", entry_file("Other news", "2026-11-25T13:00:00+01:00"))
    newsroom.build()

    newsroom.build(after=timedelta(hours=4))

    assert before == (WORDS, True)
    assert shown(newsroom) == LINKED


def test_a_link_to_a_renamed_file_works(newsroom: Newsroom) -> None:
    """The address never changes, and the old name is remembered."""
    newsroom.drop("a.toml", linking("other.toml"))
    path = newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    path.rename(path.with_name("renamed.toml"))

    newsroom.build()
    newsroom.build()

    assert shown(newsroom) == LINKED


def take_down(newsroom: Newsroom, title: str) -> None:
    """Take the entry with this title down in one run."""
    (item,) = [item for item in newsroom.items() if item["title"] == title]
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, takedown=item["id"])
    )


def test_no_entry_links_to_one_that_was_taken_down(newsroom: Newsroom) -> None:
    """Its address has words of its title, so links go in the same run."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()

    take_down(newsroom, "Other news")

    assert "other-news" not in shown(newsroom)


@pytest.mark.long
def test_a_link_to_an_entry_that_was_taken_down_is_not_promised(newsroom: Newsroom) -> None:
    """Whether its file is still there or not: nothing comes out under that name."""
    newsroom.drop("a.toml", linking("other.toml"))
    path = newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    take_down(newsroom, "Other news")
    while_there = newsroom.build(rebuild=True)
    path.unlink()

    when_gone = newsroom.build(rebuild=True)

    said = [
        [one.code for one in report.problems if one.file == "a.toml"]
        for report in (while_there, when_gone)
    ]
    assert said == [["body-entry-gone"], ["body-entry-gone"]]


@pytest.mark.long
def test_links_to_a_withdrawn_entry_stay(newsroom: Newsroom) -> None:
    """The page there says that it was withdrawn, with 410."""
    newsroom.drop("a.toml", linking("other.toml"))
    path = newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    path.unlink()
    newsroom.build()

    newsroom.build(after=timedelta(minutes=11))
    before = shown(newsroom)
    newsroom.build(rebuild=True)

    assert [before, shown(newsroom)] == [LINKED, LINKED]
    assert [item["title"] for item in newsroom.items()] == ["Linking"]
    assert newsroom.codes() == ["body-entry-withdrawn"]


def test_an_entry_may_link_to_itself(newsroom: Newsroom) -> None:
    """By the name of its file, also by a former one, and after a rebuild."""
    path = newsroom.drop("other.toml", linking("other.toml"))
    itself = LINKED.replace("other-news", "linking")

    newsroom.build()
    first = shown(newsroom), newsroom.codes()
    path.rename(path.with_name("renamed.toml"))
    newsroom.build(rebuild=True)

    assert [first, (shown(newsroom), newsroom.codes())] == [(itself, [])] * 2


def test_a_missing_entry_has_others_beside_it_that_may_be_meant(newsroom: Newsroom) -> None:
    """They are named: there are files here, though none that lies beside an entry."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.drop("others.toml", entry_file("Other news"))

    (problem,) = newsroom.build().problems

    assert str(problem.message).endswith("Files here: others.toml.")


def test_a_link_to_outside_becomes_text(newsroom: Newsroom) -> None:
    """It does not hold the entry."""
    newsroom.drop("a.toml", linking("../../other.toml"))

    newsroom.build()

    assert (shown(newsroom), newsroom.codes()) == (WORDS, ["body-entry-missing"])
