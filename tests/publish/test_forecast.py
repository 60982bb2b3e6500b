"""Staff can see before publication what will happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.publish.check import check, foresee
from support.publication import NOW, Newsroom, entry_file


def outlook(newsroom: Newsroom, *paths: str) -> list[tuple[str, str, str]]:
    """Return the codes and texts that `check` reports about files."""
    clock = datetime.now(UTC) + timedelta(seconds=5)
    report = check(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=paths))
    return [(problem.code, str(problem.found), str(problem.wanted)) for problem in report.problems]


def test_a_new_file_has_a_complete_forecast(newsroom: Newsroom) -> None:
    """It has the moment, the feeds and the address, and all of them come true."""
    newsroom.drop("a.toml", entry_file(date="2026-11-25", categories='["Lebanon"]'))

    foreseen = outlook(newsroom, "a.toml")

    assert foreseen == [
        ("date-reads", "", "Wednesday, 25 November 2026"),
        ("will-appear", "", "2026-11-25 at 11:00"),
        ("in-feeds", "news, lebanon", ""),
        ("at-address", "http://127.0.0.1:8000/2026/11/report-on-lebanon.html", ""),
    ]
    newsroom.build(after=timedelta())
    assert newsroom.items()[0]["date_published"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert "2026/11/report-on-lebanon.html" in newsroom.feeds()


def test_an_embargo_is_forecast_at_its_moment(newsroom: Newsroom) -> None:
    """The address is the final one; nothing is written."""
    newsroom.drop("a.toml", entry_file("Later", date="2026-12-01T09:30:00"))

    foreseen = outlook(newsroom, "a.toml")

    assert foreseen == [
        ("scheduled", "", "2026-12-01 at 09:30"),
        ("date-reads", "", "Tuesday, 1 December 2026, 09:30 GMT+1"),
        ("in-feed", "news", ""),
        ("at-address", "http://127.0.0.1:8000/2026/12/later.html", ""),
    ]
    assert not (newsroom.folder / "feeds").exists()


def test_old_news_is_announced_as_old(newsroom: Newsroom) -> None:
    """Feeds may show another moment than the page, and many readers hide old news."""
    newsroom.drop("a.toml", entry_file("First", date="2026-11-25"))
    newsroom.build()
    newsroom.drop("b.toml", entry_file("Friday", date="2026-11-20"))
    newsroom.drop("c.toml", entry_file("Long ago", date="2008-10-20"))

    friday, long_ago = (outlook(newsroom, path) for path in ("b.toml", "c.toml"))

    assert friday[-1] == ("dated-otherwise", "2026-11-20", "2026-11-25 at 11:01")
    assert long_ago[-1] == ("old-news", "", "")


def test_news_of_an_earlier_day_is_forecast_for_now(newsroom: Newsroom) -> None:
    """A past date is no moment of publication."""
    newsroom.drop("a.toml", entry_file("First", date="2026-11-10"))
    clock = datetime.now(UTC) + timedelta(seconds=5)

    report = check(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=["a.toml"])
    )

    assert [problem.message for problem in report.problems][:3] == [
        "The date is read as Tuesday, 10 November 2026.",
        "This is new: it appears at once, dated 2026-11-10 at 12:00.",
        "It is in the feed news.",
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "is-live"),
        ({"summary": '"Mended."'}, "will-change"),
        ({"correction": '"60, not 600."'}, "will-correct"),
        ({"status": '"retracted"', "retraction": '"It was wrong."'}, "will-retract"),
    ],
)
def test_the_effect_of_an_edit_is_forecast(
    fields: dict[str, str], code: str, newsroom: Newsroom
) -> None:
    """A silent edit, a correction and a retraction have different forecasts."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    newsroom.drop("a.toml", entry_file(**fields))

    assert outlook(newsroom, "a.toml")[1][0] == code


def test_a_removed_correction_is_forecast_to_change_nothing(newsroom: Newsroom) -> None:
    """The forecast says that readers still see it."""
    newsroom.drop("a.toml", entry_file(correction='"60, not 600."'))
    newsroom.build()
    newsroom.drop("a.toml", entry_file())

    codes = [code for code, _, _ in outlook(newsroom, "a.toml")]

    assert "correction-stays" in codes
    assert "is-live" in codes


def test_both_dates_of_an_event_are_shown_as_they_were_read(newsroom: Newsroom) -> None:
    """They have weekday, month name, time and zone, in the newsroom's language."""
    config = newsroom.folder / "config.toml"
    config.write_text(f'[newsroom]\nlanguage = "fr"\n{config.read_text("utf-8")}', "utf-8")
    newsroom.drop("a.toml", entry_file(date='"25/11/2026"', event='"2026年12月3日下午三点一刻"'))
    clock = datetime.now(UTC) + timedelta(seconds=5)

    report = check(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=["a.toml"])
    )

    assert [p.message for p in report.problems if p.code == "date-reads"] == [
        "Le champ date est lu ainsi\u00a0: mercredi 25 novembre 2026.",
        "Le champ event est lu ainsi\u00a0: jeudi 3 décembre 2026, 15:15 UTC+1.",
    ]


def test_only_the_requested_files_are_reported(newsroom: Newsroom) -> None:
    """A held file has its problems and no forecast; other files are not named."""
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file(date='"30 February 2026"'))
    newsroom.drop("c.toml", entry_file(date='"31 November 2026"'))

    assert [code for code, _, _ in outlook(newsroom, "b.toml")] == ["date-no-such-day"]


def test_a_new_file_can_be_stopped_while_it_cools(newsroom: Newsroom) -> None:
    """Before its moment it is in no document; if it is deleted, it leaves no trace."""
    config = newsroom.folder / "config.toml"
    config.write_text(f"[intake]\ncooling = 600\n{config.read_text('utf-8')}", "utf-8")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    newsroom.drop("b.toml", entry_file("Kept", date=day))
    path = newsroom.drop("a.toml", entry_file("EMBARGOED", date=day))
    newsroom.now = datetime.now(UTC)

    report = newsroom.build()

    assert newsroom.codes() == ["cooling", "cooling"]
    assert report.next is not None
    assert timedelta(minutes=8) < report.next - newsroom.now <= timedelta(minutes=9, seconds=1)
    path.unlink()
    newsroom.build(after=timedelta(minutes=10))
    assert [item["title"] for item in newsroom.items()] == ["Kept"]


def test_a_broken_change_shows_how_long_it_has_waited(newsroom: Newsroom) -> None:
    """The previous version stays live, and staff learn that the new one is not."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", entry_file(date='"30 February 2026"'))

    newsroom.build()

    assert newsroom.codes() == ["date-no-such-day", "change-not-out"]
    assert newsroom.feeds() == before


def test_cooling_ends_at_the_announced_second(newsroom: Newsroom) -> None:
    """No fraction of a second delays the entry to the next scan."""
    config = newsroom.folder / "config.toml"
    config.write_text(f"[intake]\ncooling = 60\n{config.read_text('utf-8')}", "utf-8")
    newsroom.now = datetime.now(UTC)
    newsroom.drop("a.toml", entry_file(date=f"{newsroom.now:%Y-%m-%d}"))
    report = newsroom.build(after=timedelta())
    assert report.next is not None

    newsroom.build(after=report.next - newsroom.now)

    assert [item["title"] for item in newsroom.items()] == ["Report on Lebanon"]


BUDGET = """\nThe council voted on the new budget for schools.\n\nThe vote was close.\n"""


@pytest.mark.parametrize(
    ("there", "change", "state"),
    [
        ("", "schools", "live"),
        ("", "all schools", "live"),
        ("budget.toml", "schools", "hold"),
        ("budget.toml", "all schools", "hold"),
        ("renamed.toml", "all schools", "hold"),
        ("Budget.toml", "all schools", "hold"),
    ],
    ids=["same", "changed", "there-same", "there-changed", "renamed", "other-case"],
)
def test_a_file_is_no_copy_of_one_that_is_gone(
    there: str, change: str, state: str, newsroom: Newsroom
) -> None:
    """Also before a run has missed that, unless it has another name now; the run agrees."""
    body = f'"""{BUDGET}"""'
    newsroom.drop("budget.toml", entry_file("Budget vote", body=body))
    newsroom.build()
    (newsroom.folder / "entries/budget.toml").unlink()
    if there:
        newsroom.drop(there, entry_file("Budget vote", body=body))
    new = entry_file("Budget vote", body=body.replace("schools", change))

    foreseen = foresee(newsroom.config, "new.toml", new.encode(), newsroom.now)
    newsroom.drop("new.toml", new)

    assert foreseen.state == state
    assert newsroom.build().states["new.toml"] == state
