"""Last year's date in a new file is noticed, and can be put right; old news stays what it is."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from dateline import publish
from dateline.model import Report
from dateline.rules.guards import Approval
from dateline.serve.cache import DocumentCache
from rules.test_combinations import ask, ids, told, with_others
from support.publication import NOW, Newsroom, entry_file, picture

TODAY = NOW.date()
LAST_YEAR = "2025-11-25"
TITLE = "Report on Lebanon"


def back(days: int) -> str:
    """Give the date that lies so many days back."""
    return (TODAY - timedelta(days=days)).isoformat()


def slips(newsroom: Newsroom) -> list[str]:
    """Give the codes that are about a slip."""
    return [code for code in newsroom.codes() if code.startswith(("date-slip", "date-far"))]


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (365, ["date-slip"]),
        (335, ["date-slip"]),
        (395, ["date-slip"]),
        (334, []),
        (396, []),
        (30, []),
        (730, []),
        (6500, []),
        (-365, ["date-far-ahead"]),
        (-335, ["date-far-ahead"]),
        (-334, []),
        (-1, []),
    ],
)
def test_only_a_date_about_a_year_away_is_a_slip(
    newsroom: Newsroom, days: int, codes: list[str]
) -> None:
    """Older dates are old news on purpose, and nearer ones are news."""
    with_others(newsroom)
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=back(days)))

    report = newsroom.build()

    assert slips(newsroom) == codes
    assert report.published == (("a.toml",) if days > 0 else ())


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (LAST_YEAR, "2026-11-25"),
        ("2025-12-20", "2026-12-20"),
        ("2025-11-25T09:30:00", "2026-11-25"),
        ('"25 November 2025"', "2026-11-25"),
        ("2027-11-25", "2026-11-25"),
    ],
)
def test_the_note_says_what_to_type(newsroom: Newsroom, written: str, wanted: str) -> None:
    """Beside the file, with the line."""
    newsroom.drop("a.toml", entry_file(date=written))

    newsroom.build()

    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    assert note.startswith("Dateline: ")
    assert f"write date = {wanted}" in note
    assert f"    2 | date = {written}" in note


def test_a_leap_day_has_its_neighbour(newsroom: Newsroom) -> None:
    """No date is asked for that is none."""
    newsroom.now = datetime(2029, 2, 20, 10, tzinfo=UTC)
    newsroom.drop("a.toml", entry_file(date="2028-02-29"))

    newsroom.build()

    assert [problem.wanted for problem in newsroom.log[-1].problems] == ["2029-02-28"]


def test_an_id_says_that_it_is_old_news(newsroom: Newsroom) -> None:
    """Its readers know it since then."""
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR, id='"urn:x:1"'))

    newsroom.build()

    assert newsroom.codes() == []


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (6, 0)])
def test_a_first_run_of_more_than_five_files_is_an_import(
    newsroom: Newsroom, count: int, expected: int
) -> None:
    """Nobody types so many at once."""
    for number in range(count):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", LAST_YEAR))

    newsroom.build()

    assert slips(newsroom) == ["date-slip"] * expected


def test_an_import_into_what_is_there_is_none_either(newsroom: Newsroom) -> None:
    """More than five files with old news at once; among today's news one is a slip."""
    with_others(newsroom, 7)
    newsroom.build()
    for number in range(6):
        newsroom.drop(f"old-{number}.toml", entry_file(f"Old {number}", back(300 + 15 * number)))
    newsroom.build()
    assert slips(newsroom) == []
    for number in range(6):
        newsroom.drop(f"new-{number}.toml", entry_file(f"Fresh {number}", back(0)))
    newsroom.drop("slip.toml", entry_file("Slip", LAST_YEAR))

    newsroom.build()

    assert slips(newsroom) == ["date-slip"]


def test_the_warning_goes_in_the_end(newsroom: Newsroom) -> None:
    """Through an edit, and one that cannot be read, until a week is over."""
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR, summary='"Sixty cases."'))
    newsroom.build()
    assert slips(newsroom) == ["date-slip"]
    newsroom.drop("a.toml", "title = ")
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))

    report = newsroom.build()

    assert slips(newsroom) == ["date-slip"]
    assert report.next == NOW + timedelta(days=7, minutes=1)
    newsroom.build(after=timedelta(days=7))
    assert told(newsroom) == []
    assert not (newsroom.folder / "entries/a.toml.problem.txt").exists()


# ---- While `serve` runs


def serve(newsroom: Newsroom, *, after: float = 0.5) -> Report:
    """Do a run as `serve` does, so many seconds after the last file changed."""
    files = [path.stat().st_mtime for path in (newsroom.folder / "entries").glob("*.toml")]
    newsroom.now = datetime.fromtimestamp(max(files) + after, UTC)
    newsroom.log.append(
        publish.build(
            newsroom.config, publish.RunRequest(now=newsroom.now, clock=newsroom.now, serving=True)
        )
    )
    return newsroom.log[-1]


def a_year_ago() -> str:
    """Give the date of a year before the machine's today."""
    return (datetime.now(UTC).date() - timedelta(days=365)).isoformat()


@pytest.mark.parametrize(("cooling", "seconds"), [(0, 60), (30, 60), (600, 600)])
def test_a_slip_waits_a_minute_while_serve_runs(
    newsroom: Newsroom, cooling: int, seconds: int
) -> None:
    """Or for as long as every new entry does; other news waits for nothing."""
    if cooling:
        with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[intake]\ncooling = {cooling}\n")
    newsroom.drop("b.toml", entry_file("Today", datetime.now(UTC).date().isoformat()))
    newsroom.drop("a.toml", entry_file(date=a_year_ago()))

    report = serve(newsroom)

    assert report.published == (() if cooling else ("b.toml",))
    assert slips(newsroom) == ["date-slip"]
    assert report.next is not None
    assert serve(newsroom, after=seconds - 2).published == (("b.toml",) if cooling == 30 else ())
    assert "a.toml" in serve(newsroom, after=seconds + 1).published
    assert slips(newsroom) == ["date-slip"]


def test_what_is_put_right_in_time_is_news_like_any_other(newsroom: Newsroom) -> None:
    """Nobody has seen anything."""
    newsroom.drop("a.toml", entry_file(date=a_year_ago()))
    serve(newsroom)
    today = datetime.now(UTC).date()
    newsroom.drop("a.toml", entry_file(date=today.isoformat()))

    report = serve(newsroom)

    assert (report.published, newsroom.codes()) == (("a.toml",), [])
    assert f"{today:%Y/%m}/report-on-lebanon.html" in newsroom.feeds()


def test_build_publishes_with_the_warning(newsroom: Newsroom) -> None:
    """It has no time to wait."""
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))

    report = newsroom.build()

    assert (report.published, slips(newsroom)) == (("a.toml",), ["date-slip"])


# ---- Corrected when it is out


def corrected(newsroom: Newsroom, day: str = back(0)) -> str:
    """Publish a slip beside others, put it right a minute later; give the code that is offered."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=day))
    newsroom.build()
    return next(
        (str(p.wanted) for p in newsroom.log[-1].problems if p.code == "date-slip-corrected"), ""
    )


def test_a_date_put_right_late_is_offered_to_be_announced(newsroom: Newsroom) -> None:
    """Until then it is the same entry: feeds keep its moment, its page has the new date."""
    code = corrected(newsroom)

    (item,) = (item for item in newsroom.items() if item["title"] == TITLE)
    assert item["date_published"].startswith("2025-11-25")
    assert b"25 November 2026" in newsroom.feeds()["2025/11/report-on-lebanon.html"][0]
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    assert f"allow {code}" in note


def test_what_is_announced_anew_is_new(newsroom: Newsroom) -> None:
    """It has another id, today's moment and an address of this year; the old one leads there."""
    code = corrected(newsroom)
    before = ids(newsroom)

    ask(newsroom, answer=Approval(code=code))

    assert told(newsroom) == []
    after = ids(newsroom)
    assert after.keys() == before.keys()
    assert {title for title in before if before[title] != after[title]} == {TITLE}
    assert newsroom.items()[0]["title"] == TITLE
    assert newsroom.items()[0]["date_published"].startswith("2026-11-25")
    pages = [path for path in newsroom.feeds() if path.endswith("/report-on-lebanon.html")]
    assert pages == ["2026/11/report-on-lebanon.html"]
    shelf = DocumentCache(newsroom.folder / "feeds")
    assert shelf.get("2025/11/report-on-lebanon.html") is None
    assert shelf.former("2025/11/report-on-lebanon.html") == pages[0]
    assert before[TITLE] in (newsroom.folder / "feeds/news.atom").read_text(encoding="utf-8")
    documents = newsroom.feeds()
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert newsroom.feeds() == documents


def test_its_pictures_stay(newsroom: Newsroom) -> None:
    """The new entry shows them."""
    newsroom.drop("photo.png", picture())
    fields = {"image": '"photo.png"', "image_alt": '"A table"'}
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR, **fields))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=back(0), **fields))
    code = str(newsroom.build().problems[0].wanted)

    ask(newsroom, answer=Approval(code=code))
    newsroom.build()

    assert any(path.startswith("media/") for path in newsroom.feeds())


def test_a_date_that_is_still_to_come_can_be_announced_too(newsroom: Newsroom) -> None:
    """The old entry is withdrawn at once, and the new one appears at its moment."""
    code = corrected(newsroom, "2026-12-20")
    assert "date-ahead-live" in newsroom.codes()

    ask(newsroom, answer=Approval(code=code))

    assert told(newsroom) == [("a.toml", "scheduled")]
    assert TITLE not in ids(newsroom)
    newsroom.now = datetime(2026, 12, 19, 22, 59, tzinfo=UTC)
    newsroom.build()
    assert newsroom.items()[0]["date_published"].startswith("2026-12-19T23:00")


def test_a_correction_is_offered_for_a_week(newsroom: Newsroom) -> None:
    """Later nobody would read it as news."""
    corrected(newsroom)

    newsroom.build(after=timedelta(days=8))

    assert told(newsroom) == []


def test_another_old_date_is_no_news(newsroom: Newsroom) -> None:
    """It was old news after all."""
    assert corrected(newsroom, date(2024, 5, 3).isoformat()) == ""
    assert told(newsroom) == []
