"""A link to another entry's file leads to its page, when that is out and while it is."""

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
def test_both_may_come_at_once(newsroom: Newsroom, here: str, name: str) -> None:
    """In one run, in whichever order they are read: what links is published with its link."""
    place = "other.toml" if here == "a.toml" else "2026/other.toml"
    newsroom.drop(here, linking(name))
    newsroom.drop(place, entry_file("Other news"))

    report = newsroom.build()

    fragment = "#figures" if "#" in name else ""
    assert shown(newsroom) == LINKED.replace(".html", f".html{fragment}")
    assert report.changed == ()
    assert not {"body-entry-early", "body-entry-missing"} & {*newsroom.codes()}


def test_the_other_may_come_later(newsroom: Newsroom) -> None:
    """Until then readers get the words; staff are told what is missing, and need do nothing."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.build()
    before = shown(newsroom), newsroom.codes()
    newsroom.drop("other.toml", entry_file("Other news"))

    newsroom.build()

    assert before == (WORDS, ["body-entry-missing"])
    assert (shown(newsroom), newsroom.codes()) == (LINKED, [])


def test_an_embargoed_entry_is_not_given_away(newsroom: Newsroom) -> None:
    """Neither its address nor that it is there, before its moment; then the link leads."""
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


def test_a_file_that_is_renamed_is_still_meant(newsroom: Newsroom) -> None:
    """The address never changes, and its old name is remembered."""
    newsroom.drop("a.toml", linking("other.toml"))
    path = newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    path.rename(path.with_name("renamed.toml"))

    newsroom.build()
    newsroom.build()

    assert shown(newsroom) == LINKED


def test_what_was_taken_down_is_linked_by_nobody(newsroom: Newsroom) -> None:
    """Its address has words of its title: it goes with the text, in the same run."""
    newsroom.drop("a.toml", linking("other.toml"))
    newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    (item,) = [item for item in newsroom.items() if item["title"] == "Other news"]
    newsroom.now += timedelta(minutes=1)

    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, takedown=item["id"])
    )

    assert "other-news" not in shown(newsroom)


def test_what_was_withdrawn_says_so_at_its_address(newsroom: Newsroom) -> None:
    """The link stays: the page there says that it was withdrawn, with 410."""
    newsroom.drop("a.toml", linking("other.toml"))
    path = newsroom.drop("other.toml", entry_file("Other news"))
    newsroom.build()
    path.unlink()
    newsroom.build()

    newsroom.build(after=timedelta(minutes=11))

    assert shown(newsroom) == LINKED
    assert [item["title"] for item in newsroom.items()] == ["Linking"]


def test_a_name_that_leads_outside_is_none(newsroom: Newsroom) -> None:
    """It holds nothing: readers get the words."""
    newsroom.drop("a.toml", linking("../../other.toml"))

    newsroom.build()

    assert (shown(newsroom), newsroom.codes()) == (WORDS, ["body-entry-missing"])
