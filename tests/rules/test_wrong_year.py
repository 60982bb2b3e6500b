"""A new file dated last year by mistake is noticed and can be corrected; old news is accepted."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from dateline import publish
from dateline.documents.manifest import ManifestReader
from dateline.ledger import Ledger
from dateline.model import Report
from dateline.rules.guards import Approval
from dateline.serve.cache import DocumentCache
from rules.test_combinations import ids, publish_others, reported, run
from support.publication import CONFIG, NOW, Newsroom, entry_file, picture

TODAY = NOW.date()
LAST_YEAR = "2025-11-25"
TITLE = "Report on Lebanon"


def days_ago(days: int) -> str:
    """Return the date this many days ago."""
    return (TODAY - timedelta(days=days)).isoformat()


def slips(newsroom: Newsroom) -> list[str]:
    """Return the reported codes that are about a slip."""
    return [code for code in newsroom.codes() if code.startswith(("date-slip", "date-far"))]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom that published other entries."""
    room = Newsroom(tmp_path_factory.mktemp("others"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    publish_others(room)
    room.build()
    return room


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (365, ["date-slip"]),
        (364, ["date-slip-held"]),
        (335, ["date-slip-held"]),
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
def test_only_a_date_about_a_year_ago_is_a_slip(
    others: Newsroom, newsroom: Newsroom, days: int, codes: list[str]
) -> None:
    """Older dates are old news on purpose, and later ones are news."""
    newsroom.begin_as(others)
    newsroom.drop("a.toml", entry_file(date=days_ago(days)))

    report = newsroom.build()

    assert slips(newsroom) == codes
    is_out = days > 0 and codes != ["date-slip-held"]
    assert report.published == (("a.toml",) if is_out else ())


@pytest.mark.parametrize("written", ["2025-12-20", "2025-11-25 12:30:00"])
def test_news_whose_moment_is_to_come_in_this_year_waits_for_an_answer(
    newsroom: Newsroom, written: str
) -> None:
    """It would be out too early; what is old on purpose is allowed once."""
    newsroom.drop("a.toml", entry_file(date=written))
    newsroom.build()
    assert newsroom.items() == []

    code = next(str(p.wanted) for p in newsroom.log[-1].problems if p.code == "date-slip-held")
    newsroom.build(approval=Approval(code=code), serving=True)
    newsroom.build()

    assert [item["title"] for item in newsroom.items()] == [TITLE]
    assert slips(newsroom) == ["date-slip"]


def test_a_date_of_last_year_that_is_held_is_published_at_the_moment_that_was_meant(
    newsroom: Newsroom,
) -> None:
    """Once its year is corrected, without a word about the old one."""
    newsroom.drop("a.toml", entry_file(date="2025-12-20 09:00:00"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date="2026-12-20 09:00:00"))
    newsroom.build()
    assert newsroom.items() == []

    newsroom.now = datetime(2026, 12, 20, 8, 1, tzinfo=UTC)
    newsroom.build()

    assert [item["date_published"] for item in newsroom.items()] == ["2026-12-20T08:00:00Z"]
    assert slips(newsroom) == []


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (LAST_YEAR, "2026-11-25"),
        ("2025-12-20", "2026-12-20"),
        ("2025-11-25T12:30:00", "2026-11-25"),
        ("2025-11-25T09:30:00", "2026-11-25"),
        ('"25 November 2025"', "2026-11-25"),
        ("2027-11-25", "2026-11-25"),
    ],
)
def test_the_note_gives_the_date_to_type(newsroom: Newsroom, written: str, wanted: str) -> None:
    """The note is beside the file, and names the line."""
    newsroom.drop("a.toml", entry_file(date=written))

    newsroom.build()

    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    assert note.startswith("Dateline: ")
    assert f"write date = {wanted}" in note
    assert f"    2 | date = {written}" in note


def test_a_leap_day_is_corrected_to_an_existing_date(newsroom: Newsroom) -> None:
    """The suggested date always exists."""
    newsroom.now = datetime(2029, 3, 20, 10, tzinfo=UTC)
    newsroom.drop("a.toml", entry_file(date="2028-02-29"))

    newsroom.build()

    assert [problem.wanted for problem in newsroom.log[-1].problems] == ["2029-02-28"]


def test_an_id_marks_old_news(newsroom: Newsroom) -> None:
    """Readers know the entry since its own date."""
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR, id='"urn:x:1"'))

    newsroom.build()

    assert newsroom.codes() == []


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (6, 0)])
def test_a_first_run_of_more_than_five_files_is_an_import(
    newsroom: Newsroom, count: int, expected: int
) -> None:
    """Mistyped dates do not come in such numbers."""
    for number in range(count):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", LAST_YEAR))

    newsroom.build()

    assert slips(newsroom) == ["date-slip"] * expected


@pytest.mark.long
def test_an_import_into_an_existing_publication_has_no_slips(newsroom: Newsroom) -> None:
    """More than five old files are an import; a single one among today's news is a slip."""
    publish_others(newsroom, 7)
    newsroom.build()
    for number in range(6):
        newsroom.drop(
            f"old-{number}.toml", entry_file(f"Old {number}", days_ago(300 + 15 * number))
        )
    newsroom.build()
    assert slips(newsroom) == []
    for number in range(6):
        newsroom.drop(f"new-{number}.toml", entry_file(f"Fresh {number}", days_ago(0)))
    newsroom.drop("slip.toml", entry_file("Slip", LAST_YEAR))

    newsroom.build()

    assert slips(newsroom) == ["date-slip"]


@pytest.mark.long
def test_the_warning_ends_after_a_week(newsroom: Newsroom) -> None:
    """It stays after an edit, and after one that cannot be read."""
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
    assert reported(newsroom) == []
    assert not (newsroom.folder / "entries/a.toml.problem.txt").exists()


# ---- While `serve` runs


def serve(newsroom: Newsroom, *, after: float = 0.5) -> Report:
    """Run as `serve` does, this many seconds after the last file changed."""
    files = [path.stat().st_mtime for path in (newsroom.folder / "entries").glob("*.toml")]
    newsroom.now = datetime.fromtimestamp(max(files) + after, UTC)
    newsroom.log.append(
        publish.build(
            newsroom.config, publish.RunRequest(now=newsroom.now, clock=newsroom.now, serving=True)
        )
    )
    return newsroom.log[-1]


def year_ago() -> str:
    """Return the date a year before the machine's today."""
    return (datetime.now(UTC).date() - timedelta(days=365)).isoformat()


@pytest.mark.parametrize(("cooling", "seconds"), [(0, 60), (30, 60), (600, 600)])
def test_a_slip_waits_a_minute_while_serve_runs(
    newsroom: Newsroom, cooling: int, seconds: int
) -> None:
    """It waits longer if cooling is longer; other news does not wait."""
    if cooling:
        with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[intake]\ncooling = {cooling}\n")
    newsroom.drop("b.toml", entry_file("Today", datetime.now(UTC).date().isoformat()))
    newsroom.drop("a.toml", entry_file(date=year_ago()))

    report = serve(newsroom)

    assert report.published == (() if cooling else ("b.toml",))
    assert slips(newsroom) == ["date-slip"]
    assert report.next is not None
    assert serve(newsroom, after=seconds - 2).published == (("b.toml",) if cooling == 30 else ())
    assert "a.toml" in serve(newsroom, after=seconds + 1).published
    assert slips(newsroom) == ["date-slip"]


def test_a_date_corrected_in_time_is_published_as_today_s_news(newsroom: Newsroom) -> None:
    """Readers never see the wrong date."""
    newsroom.drop("a.toml", entry_file(date=year_ago()))
    serve(newsroom)
    today = datetime.now(UTC).date()
    newsroom.drop("a.toml", entry_file(date=today.isoformat()))

    report = serve(newsroom)

    assert (report.published, newsroom.codes()) == (("a.toml",), [])
    assert f"{today:%Y/%m}/report-on-lebanon.html" in newsroom.feeds()


def test_build_publishes_at_once_with_the_warning(newsroom: Newsroom) -> None:
    """A single run cannot wait."""
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))

    report = newsroom.build()

    assert (report.published, slips(newsroom)) == (("a.toml",), ["date-slip"])


# ---- Corrected after publication


def corrected(newsroom: Newsroom, day: str = days_ago(0)) -> str:
    """Publish a slip among others, correct it a minute later, and return the approval code."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=day))
    newsroom.build()
    return next(
        (str(p.wanted) for p in newsroom.log[-1].problems if p.code == "date-slip-corrected"), ""
    )


def test_a_date_corrected_late_can_be_announced(newsroom: Newsroom) -> None:
    """Until then it is the same entry: feeds keep its moment, its page has the new date."""
    code = corrected(newsroom)

    (item,) = (item for item in newsroom.items() if item["title"] == TITLE)
    assert item["date_published"].startswith("2025-11-25")
    assert b"25 November 2026" in newsroom.feeds()["2025/11/report-on-lebanon.html"][0]
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    assert f"allow {code}" in note


@pytest.mark.long
def test_an_announced_entry_is_new(newsroom: Newsroom) -> None:
    """It has a new id, today's moment and a new address; the old address redirects there."""
    code = corrected(newsroom)
    before = ids(newsroom)

    run(newsroom, answer=Approval(code=code))

    assert reported(newsroom) == []
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


@pytest.mark.long
@pytest.mark.parametrize(
    "other", [{"body": '"Otherwise."'}, {"title": "A report"}, {"language": '"fr"'}, {}]
)
def test_an_announced_entry_stays_the_one_in_the_file(
    newsroom: Newsroom, other: dict[str, str]
) -> None:
    """A change that is taken back, or another name, does not bring the former entry back."""
    code = corrected(newsroom)
    run(newsroom, answer=Approval(code=code))
    before = ids(newsroom)
    today = days_ago(0)
    newsroom.drop("a.toml", entry_file(**{"date": today, **other}))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=today))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")
    newsroom.build()

    assert (ids(newsroom), reported(newsroom)) == (before, [])
    assert newsroom.log[-1].missing == ()


@pytest.mark.long
def test_a_file_from_before_an_announcement_is_a_copy(newsroom: Newsroom) -> None:
    """No message advises to bring the former entry back; the announced one goes on in it."""
    code = corrected(newsroom)
    run(newsroom, answer=Approval(code=code))
    before = ids(newsroom)
    newsroom.drop("backup.toml", entry_file(date=LAST_YEAR))
    newsroom.build()

    (copied,) = newsroom.log[-1].problems
    assert (copied.code, copied.found) == ("copy", "2025/11/report-on-lebanon.html")

    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build(after=timedelta(minutes=20))

    (asked,) = newsroom.log[-1].problems
    assert (asked.code, asked.found) == ("renamed-edited", "a.toml")
    assert ids(newsroom) == before


@pytest.mark.long
def test_an_announced_entry_is_taken_down_with_the_former_one(newsroom: Newsroom) -> None:
    """Nothing of the text is left in the ledger, and both addresses are gone."""
    code = corrected(newsroom)
    former = ids(newsroom)[TITLE]
    run(newsroom, answer=Approval(code=code))
    newsroom.build(takedown=ids(newsroom)[TITLE])

    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        assert ledger.entries.versions(former) == []
    for page in ("2025/11/report-on-lebanon.html", "2026/11/report-on-lebanon.html"):
        assert ManifestReader(newsroom.folder / "feeds").former(page) == ""
    assert TITLE not in ids(newsroom)


@pytest.mark.long
def test_an_announced_entry_keeps_its_pictures(newsroom: Newsroom) -> None:
    """The new entry shows them; the former calendar of its event leads to the new page."""
    newsroom.drop("photo.png", picture())
    fields = {"image": '"photo.png"', "image_alt": '"A table"', "event": "2026-12-01"}
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(date=LAST_YEAR, **fields))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date=days_ago(0), **fields))
    code = str(newsroom.build().problems[0].wanted)

    run(newsroom, answer=Approval(code=code))
    newsroom.build()

    assert any(path.startswith("media/") for path in newsroom.feeds())
    former = ManifestReader(newsroom.folder / "feeds").former("2025/11/report-on-lebanon.ics")
    assert former == "2026/11/report-on-lebanon.html"


@pytest.mark.long
def test_an_announcement_can_have_a_future_date(newsroom: Newsroom) -> None:
    """The old entry is withdrawn at once, and the new one appears at its moment."""
    code = corrected(newsroom, "2026-12-20")
    assert "date-ahead-live" in newsroom.codes()

    run(newsroom, answer=Approval(code=code))

    assert reported(newsroom) == [("a.toml", "scheduled")]
    assert TITLE not in ids(newsroom)
    newsroom.now = datetime(2026, 12, 19, 22, 59, tzinfo=UTC)
    newsroom.build()
    assert newsroom.items()[0]["date_published"].startswith("2026-12-19T23:00")


def test_an_announcement_is_offered_for_a_week(newsroom: Newsroom) -> None:
    """Later it would no longer be news."""
    corrected(newsroom)

    newsroom.build(after=timedelta(days=8))

    assert reported(newsroom) == []


def test_correcting_one_old_date_to_another_offers_no_announcement(newsroom: Newsroom) -> None:
    """The entry is old news either way."""
    assert corrected(newsroom, date(2024, 5, 3).isoformat()) == ""
    assert reported(newsroom) == []
