"""Each month and year has a page, which changes only with the entries on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.model import Report
from dateline.rules import taxonomy
from support.publication import Newsroom, entry_file

FEW = 3  # entries on a full page


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close a page of a term at three entries."""
    monkeypatch.setattr(taxonomy, "_PAGE", FEW)


def drop(newsroom: Newsroom, *numbers: int, month: str = "2026-10", **fields: str) -> None:
    """Drop files, one for each day of a month."""
    for number in numbers:
        text = entry_file(f"Number {number}", f"{month}-{number:02}", **fields)
        newsroom.drop(f"{month}-{number:02}.toml", text)


def titles(newsroom: Newsroom, path: str) -> list[str]:
    """Return the titles of the entries on a page, in their order."""
    page = newsroom.feeds()[path][0].decode()
    return re.findall(r'class="p-name u-url" href="[^"]*html">(.*?)</a>', page)


def touched(report: Report, *starts: str) -> list[str]:
    """Return the documents that changed in a run, and begin like this."""
    return sorted(path for path in report.documents if path.startswith(starts))


def test_a_month_has_a_page_of_its_entries_and_a_year_one_of_its_months(newsroom: Newsroom) -> None:
    """They are at the folders of the entries' addresses, and the front page leads to them."""
    drop(newsroom, 1, 2)
    drop(newsroom, 3, month="2025-02")
    newsroom.build()

    feeds = newsroom.feeds()
    assert titles(newsroom, "2026/10/index.html") == ["Number 2", "Number 1"]
    assert '<a href="../2026/10/">October 2026</a>' in feeds["2026/index.html"][0].decode()
    assert '<a href="../2025/">2025</a>' in feeds["2026/index.html"][0].decode()
    assert '<a href="./2026/">' in feeds["index.html"][0].decode()
    sitemap = feeds["sitemap-pages.xml"][0].decode()
    assert all(f"/{path}/</loc>" in sitemap for path in ("2025", "2025/02", "2026", "2026/10"))


@pytest.mark.usefixtures("small")
def test_a_full_page_never_changes_again(newsroom: Newsroom) -> None:
    """A month is cut into pages from the oldest entry; its newest page keeps its address."""
    drop(newsroom, *range(1, 8))
    newsroom.build()
    drop(newsroom, 8)

    report = newsroom.build()

    assert titles(newsroom, "archive/2026/10/1.html") == ["Number 3", "Number 2", "Number 1"]
    assert titles(newsroom, "2026/10/index.html") == ["Number 8", "Number 7", "Number 6"]
    assert touched(report, "2026", "archive/2026/") == [
        "2026/10/index.html",
        "2026/10/number-8.html",
        "2026/index.html",
    ]


@pytest.mark.usefixtures("small")
def test_a_correction_changes_the_pages_that_its_entry_is_on(newsroom: Newsroom) -> None:
    """No other page of the month changes, and none of another month."""
    drop(newsroom, *range(1, 8))
    drop(newsroom, 1, month="2026-09")
    newsroom.build()
    drop(newsroom, 2, correction='"The number was wrong."')

    report = newsroom.build()

    assert touched(report, "2026", "archive/2026/") == [
        "2026/10/number-2.html",
        "archive/2026/10/1.html",
    ]


@pytest.mark.usefixtures("small")
def test_a_month_without_entries_has_no_page_until_one_returns(newsroom: Newsroom) -> None:
    """Its pages are gone for good (410) while all is withdrawn, those that were full as well."""
    drop(newsroom, *range(1, 5), month="2026-11")
    drop(newsroom, 1)
    newsroom.build()
    before = {path: data for path, (data, _) in newsroom.feeds().items() if "/11/" in path}
    files = {path: path.read_bytes() for path in (newsroom.folder / "entries").glob("2026-11*")}
    for path in files:
        path.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    gone = newsroom.feeds()
    for path, data in files.items():
        path.write_bytes(data)
    newsroom.build()

    assert not [path for path in gone if "/11/" in path]
    assert "/2026/11/" not in gone["sitemap-pages.xml"][0].decode()
    assert "2026/11/" not in gone["2026/index.html"][0].decode()
    assert {path: data for path, (data, _) in newsroom.feeds().items() if "/11/" in path} == before


def test_an_expired_entry_leaves_its_month(newsroom: Newsroom) -> None:
    """The page of a month goes when its last entry expires, and so does that of the year."""
    drop(newsroom, 1, month="2025-10", expires="2026-11-26T00:00:00Z")
    drop(newsroom, 2)
    newsroom.build()
    assert titles(newsroom, "2025/10/index.html") == ["Number 1"]

    newsroom.build(after=timedelta(days=2))

    assert not {"2025/10/index.html", "2025/index.html"} & newsroom.feeds().keys()
    assert "2025" not in newsroom.feeds()["2026/index.html"][0].decode()


@pytest.mark.usefixtures("small")
def test_all_generated_again_is_as_it_was(newsroom: Newsroom) -> None:
    """Step by step or at once, the pages have the same bytes and validators."""
    drop(newsroom, *range(1, 5))
    newsroom.build()
    drop(newsroom, *range(5, 9))
    newsroom.build()
    before = newsroom.feeds()

    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    request = publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    publish.build(newsroom.config, request)

    assert newsroom.feeds() == before


@pytest.mark.usefixtures("small")
def test_pages_survive_a_lost_ledger(newsroom: Newsroom) -> None:
    """Which page an entry is on is recovered from the manifest."""
    drop(newsroom, *range(1, 5), month="2026-11")
    newsroom.build()
    drop(newsroom, 5, month="2026-09")
    (newsroom.folder / "entries/2026-11-02.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    before = newsroom.feeds()
    for path in (newsroom.folder / "state").glob("*.sqlite*"):
        path.unlink()

    newsroom.build()

    assert newsroom.feeds() == before
