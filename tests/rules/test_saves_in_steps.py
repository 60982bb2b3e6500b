"""Other news that is written into a published file in several saves is asked about like in one."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from dateline.rules.guards import Approval
from dateline.rules.identity.overwritten import SERIES
from rules.test_combinations import ids, reported
from rules.test_undone import DAY, FIRST, LONG, OTHER, SECOND, TITLE, issue
from support.publication import Newsroom

MINUTE = timedelta(minutes=1)
OLD = {"title": "Accra arrests", "date": "2026-11-24", "body": LONG}
NEW = {"title": "Essays on sport", "date": "2026-11-26", "body": OTHER}
BREAKING = {
    "Boiler bursts in Graz": "In Graz a boiler burst in a school. Firefighters are there.",
    "Two hurt as boiler bursts in Graz school": (
        "In Graz a boiler burst in a school on Tuesday morning. Two pupils were hurt, firefighters "
        "say; the school in Liebenau was cleared."
    ),
    "Boilers in schools to be inspected": (
        "The minister of education has ordered all boilers in schools of Styria to be inspected "
        "after one burst in Liebenau, in Graz, on Tuesday morning. Twelve pupils were hurt."
    ),
}


def published(newsroom: Newsroom, before: dict[str, str] = OLD) -> dict[str, str]:
    """Publish a file, wait for a day, and return the ids of entries by title."""
    newsroom.drop("a.toml", issue(**before))
    newsroom.drop("other.toml", issue("2026-11-20", '"Farmers got seeds."', "Seeds"))
    newsroom.build()
    newsroom.build(after=2 * DAY)
    return ids(newsroom)


def saved(newsroom: Newsroom, *changes: dict[str, str], before: dict[str, str] = OLD) -> None:
    """Save a file several times, a minute apart."""
    now = before
    for change in changes:
        now = now | change
        newsroom.drop("a.toml", issue(**now))
        newsroom.build(after=MINUTE)


def in_steps(order: tuple[str, ...], after: dict[str, str] = NEW) -> list[dict[str, str]]:
    """Return the changes of one field at a time."""
    return [{field: after[field]} for field in order]


def code(newsroom: Newsroom) -> str:
    """Return the code of the question, or an empty text."""
    return next((str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news"), "")


@pytest.mark.long
@pytest.mark.parametrize("order", [*permutations(OLD)], ids="-".join)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OLD, NEW),
        (
            {"title": "Figures of week 48", "date": "2026-11-24", "body": FIRST},
            {"title": "Figures of week 49", "date": "2026-12-01", "body": SECOND},
        ),
        (
            {"title": "Figures of 24 November", "date": "2026-11-24", "body": FIRST},
            {"title": "Figures of 25 November", "date": "2026-11-25", "body": SECOND},
        ),
    ],
    ids=["other news", "a week later", "a day later"],
)
def test_other_news_in_several_saves_is_held(
    newsroom: Newsroom, order: tuple[str, ...], before: dict[str, str], after: dict[str, str]
) -> None:
    """Whatever is saved first; `allow` makes it a new entry."""
    known = published(newsroom, before)
    newsroom.build(after=5 * DAY)

    saved(newsroom, *in_steps(order, after), before=before)

    assert "other-news" in newsroom.codes()
    newsroom.build(approval=Approval(code=code(newsroom)))
    newsroom.build(after=DAY)
    assert reported(newsroom) == []
    assert len(newsroom.items()) == 3
    assert {*known.values()} < {one["id"] for one in newsroom.items()}


@pytest.mark.long
def test_the_question_names_the_news_of_before(newsroom: Newsroom) -> None:
    """It stays however late the file is saved again, also with a mistake in between."""
    published(newsroom)
    saved(newsroom, *in_steps(("title", "date", "body")))

    for mistake in ("", "x", ""):
        newsroom.drop("a.toml", issue(**NEW) + mistake)
        newsroom.build(after=2 * SERIES)
        assert "other-news" in newsroom.codes()

    assert [p.found for p in newsroom.log[-1].problems if p.code == "other-news"] == [OLD["title"]]


@pytest.mark.long
def test_the_next_issue_in_several_saves_is_noticed(newsroom: Newsroom) -> None:
    """Its title stays, its date is saved first."""
    before = {"title": TITLE, "date": "2026-11-24", "body": FIRST}
    published(newsroom, before)

    saved(newsroom, {"date": "2026-12-01"}, before=before)
    newsroom.now += 5 * DAY
    saved(newsroom, {"date": "2026-12-01"}, {"body": SECOND}, before=before)

    assert reported(newsroom) == [("a.toml", "news-replaced")]


@pytest.mark.long
@pytest.mark.parametrize("answer", ["keep", "correction", "retraction"])
def test_nothing_is_asked_again_once_it_is_answered(newsroom: Newsroom, answer: str) -> None:
    """By `keep`, or by what the file says; later saves are of the same series."""
    fields = {
        "keep": {},
        "correction": {"correction": '"It was about other news."'},
        "retraction": {"status": '"retracted"', "retraction": '"It was about other news."'},
    }[answer]
    known = published(newsroom)
    saved(newsroom, *in_steps(("title", "body", "date")))
    newsroom.drop("a.toml", issue(**NEW, **fields))
    approval = Approval(code=code(newsroom), keep=True) if answer == "keep" else Approval()

    newsroom.build(after=MINUTE, approval=approval)
    saved(newsroom, NEW | fields, {"body": OTHER.replace("March", "April")})

    assert reported(newsroom) == []
    assert {*known.values()} == {*ids(newsroom).values()}


@pytest.mark.long
def test_one_story_that_is_rewritten_several_times_is_published(newsroom: Newsroom) -> None:
    """Each save is like the one before, and like the first of the hour."""
    published(newsroom)

    for title, text in BREAKING.items():
        newsroom.drop("b.toml", issue("2026-11-26", f'"{title}. {text}"', title))
        newsroom.build(after=15 * MINUTE)
        assert reported(newsroom) == []


@pytest.mark.long
def test_corrected_title_date_and_text_of_a_new_entry_are_published(newsroom: Newsroom) -> None:
    """One after the other, in the hour in which it was published."""
    published(newsroom)
    first = OLD | {"title": "Accra arests", "date": "2026-11-25"}
    newsroom.drop("b.toml", issue(**first))
    newsroom.build()

    for change in ({"title": "Arrests in Accra"}, {"date": "2026-11-26"}, {"body": LONG + "\n"}):
        first |= change
        newsroom.drop("b.toml", issue(**first).replace("forty", "40"))
        newsroom.build(after=MINUTE)
        assert reported(newsroom) == []


@pytest.mark.long
@pytest.mark.parametrize("is_new", [True, False])
def test_a_story_of_one_day_may_say_something_else_in_each_save(
    newsroom: Newsroom, *, is_new: bool
) -> None:
    """A first flash has few words, and the last text may have none of them."""
    flash = {"title": "Earthquake in Friuli", "date": "2026-11-24", "body": '"It was felt."'}
    published(newsroom, flash)
    if is_new:
        newsroom.drop("a.toml", issue(**(flash | {"body": '"A strong earthquake was felt."'})))
        newsroom.build()

    saved(
        newsroom,
        {"title": "Earthquake of 5.1 in Friuli"},
        {"title": "Two dead in Gemona"},
        before=flash,
    )
    newsroom.drop(
        "a.toml", issue("2026-11-24", '"Two persons died in Gemona."', "Two dead in Gemona")
    )
    newsroom.build(after=MINUTE)

    assert reported(newsroom) == []


@pytest.mark.long
def test_what_was_published_long_before_is_no_series(newsroom: Newsroom) -> None:
    """Then each save is compared with the version before alone."""
    published(newsroom)

    title, body = in_steps(("title", "body"))
    saved(newsroom, title)
    newsroom.now += SERIES
    saved(newsroom, title | body)

    assert reported(newsroom) == []
