"""One run publishes every dropped file, and a broken file harms no other."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from unittest.mock import patch

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from dateline import publish
from dateline.documents import manifest
from dateline.publish.check import check
from dateline.publish.produce import fingerprints
from support.ledgers import kept_open, opened
from support.packed import with_texts
from support.publication import CONFIG, NOW, PUBLICATION, Newsroom, entry_file, picture
from support.users import NOBODY, as_other_user

SOON = timedelta(seconds=10)
OTHER = entry_file("Other news", "2026-11-20", body='"Nothing of that."')


def test_a_dropped_file_is_in_every_format_and_on_a_page(newsroom: Newsroom) -> None:
    """An entry appears in its feeds, in the list, and on a page of its own."""
    newsroom.drop("a.toml", entry_file(categories='["Lebanon"]'))

    report = newsroom.build()

    assert report.published == ("a.toml",)
    assert sorted(newsroom.feeds()) == [
        "2026/11/index.html",
        "2026/11/report-on-lebanon.html",
        "2026/index.html",
        "404-ar.html",
        "404-en.html",
        "404.html",
        "410-ar.html",
        "410-en.html",
        "410.html",
        "card.png",
        "copy.js",
        "favicon.ico",
        "feeds.opml",
        "icon.png",
        "icon.svg",
        "index.html",
        "lebanon.atom",
        "lebanon.html",
        "lebanon.ics",
        "manifest.webmanifest",
        "news-ar.atom",
        "news-ar.html",
        "news-ar.ics",
        "news-ar.json",
        "news-ar.rss",
        "news.atom",
        "news.ics",
        "news.json",
        "news.rss",
        "robots.txt",
        "sitemap-1.xml",
        "sitemap-news.xml",
        "sitemap-pages.xml",
        "sitemap.xml",
        "style.css",
        "subscribe-ar.html",
        "subscribe.html",
    ]
    assert [item["title"] for item in newsroom.items()] == ["Report on Lebanon"]
    assert newsroom.items("news-ar") == []


def test_a_second_run_changes_nothing(newsroom: Newsroom) -> None:
    """Without changes, bytes and times stay, and the report is empty."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()

    report = newsroom.build()

    assert (report.published, report.changed, report.documents) == ((), (), ())
    assert newsroom.feeds() == before


def test_a_broken_file_affects_no_other(newsroom: Newsroom) -> None:
    """The other files are published, and the broken one is reported."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("bad.toml", "title = UNODC\n" + entry_file())

    report = newsroom.build()

    assert newsroom.feeds() == before
    assert [(p.file, p.line, p.state) for p in report.problems] == [("bad.toml", 1, "hold")]


def test_a_broken_new_version_keeps_the_last_good_one_live(newsroom: Newsroom) -> None:
    """The problem is reported; readers see the same entry, also after other changes."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", entry_file(date="30 February 2026"))
    newsroom.build()
    assert newsroom.feeds() == before
    newsroom.drop("b.toml", entry_file(title="Another"))
    newsroom.build()

    assert [item["title"] for item in newsroom.items()] == ["Another", "Report on Lebanon"]


def test_a_corrected_file_is_published(newsroom: Newsroom) -> None:
    """The problem disappears as soon as the file is correct."""
    newsroom.drop("a.toml", entry_file(date="30 February 2026"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file())

    report = newsroom.build()

    assert (report.published, report.problems) == (("a.toml",), ())


@pytest.mark.parametrize("edit", [{}, {"title": "Another title"}])
def test_identity_survives_a_new_name_and_a_new_title(
    newsroom: Newsroom, edit: dict[str, str]
) -> None:
    """Id, address and moment stay; readers see no new entry."""
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    (before,) = newsroom.items()
    if edit:
        newsroom.drop("a.toml", entry_file(**edit))
    else:
        path.rename(path.with_name("b.toml"))

    newsroom.build()

    (after,) = newsroom.items()
    kept = ("id", "url", "date_published", "date_modified")
    assert [before.get(k) for k in kept] == [after.get(k) for k in kept]


@pytest.mark.long
def test_corrections_of_runs_in_a_row_have_moments_of_their_own(newsroom: Newsroom) -> None:
    """Seconds that the corrections of the run before took are not taken again."""
    names = [f"{letter}.toml" for letter in "abcdef"]
    for name in names:
        newsroom.drop(name, entry_file(f"News {name[0]}"))
    newsroom.build()
    newsroom.now += timedelta(minutes=9)

    for some in (names[:3], names[3:]):
        for name in some:
            newsroom.drop(name, entry_file(f"News {name[0]}", correction='"60, not 600."'))
        newsroom.build(after=timedelta(seconds=1))

    assert len({item["date_modified"] for item in newsroom.items()}) == len(names)


@pytest.mark.long
def test_a_lost_ledger_changes_no_byte(newsroom: Newsroom) -> None:
    """After `state/` is deleted, the next run changes no document and no validator."""
    newsroom.drop("a.toml", entry_file(correction='"60, not 600."'))
    newsroom.build()
    newsroom.drop("b.toml", entry_file(title="Second", date="2026-11-25"))
    newsroom.build()
    before = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")

    report = newsroom.build(after=timedelta(days=1))

    assert newsroom.feeds() == before
    assert (report.published, report.changed) == ((), ())


def test_a_lost_ledger_recognises_a_file_that_was_renamed_meanwhile(newsroom: Newsroom) -> None:
    """The manifest has the content of each entry."""
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.items()
    shutil.rmtree(newsroom.folder / "state")
    path.rename(path.with_name("renamed.toml"))

    newsroom.build()

    assert newsroom.items() == before


@pytest.mark.long
def test_lost_documents_are_rendered_again(newsroom: Newsroom) -> None:
    """After `feeds/` is deleted, the next run restores every document with its bytes and time."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop("a.toml", entry_file(image='"photo.jpg"', image_alt='"Blue"'))
    newsroom.build()
    before = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "feeds")

    newsroom.build()

    assert newsroom.feeds() == before


def test_an_embargoed_entry_leaks_nothing_and_appears_at_its_moment(newsroom: Newsroom) -> None:
    """Before its moment it is in no public file; afterwards it is in all of them."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    text = entry_file("Secret EMBARGOED", "2026-11-25T12:00:00", image='"photo.jpg"')
    newsroom.drop("a.toml", text)

    report = newsroom.build()

    due = newsroom.config.publication.zone
    assert report.next is not None
    assert report.next.astimezone(due).strftime("%H:%M") == "12:00"
    assert not (newsroom.folder / "feeds/media").exists()
    assert b"EMBARGOED" not in with_texts(newsroom.folder / "feeds/.manifest.sqlite")

    newsroom.now = report.next
    newsroom.build(after=timedelta())
    assert [item["title"] for item in newsroom.items()] == ["Secret EMBARGOED"]
    newsroom.drop("a.toml", text.replace("EMBARGOED", "no more"))
    newsroom.build()


def test_no_cached_feed_outlives_an_embargo(newsroom: Newsroom) -> None:
    """Every feed is fresh until then at most; no byte and no validator reveals the embargo."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("b.toml", entry_file("EMBARGOED", "2026-11-25T13:00:00"))

    newsroom.build()

    head = manifest.read_head(newsroom.folder / "feeds")
    assert head is not None
    assert head.embargo == 1795608000
    assert newsroom.feeds() == before

    (newsroom.folder / "entries/b.toml").unlink()
    newsroom.build()

    head = manifest.read_head(newsroom.folder / "feeds")
    assert head is not None
    assert head.embargo is None
    assert newsroom.feeds() == before


def test_an_expired_entry_leaves_the_feeds(newsroom: Newsroom) -> None:
    """The report names the moment, and no file has to change."""
    newsroom.drop("a.toml", entry_file(expires="2026-11-26T12:00:00"))
    report = newsroom.build()
    assert report.next is not None

    newsroom.now = report.next
    newsroom.build(after=timedelta())

    assert newsroom.items() == []


def test_a_deleted_file_stays_live_and_is_reported(newsroom: Newsroom) -> None:
    """Until staff decide, a deletion counts as tidying up."""
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    path.unlink()

    report = newsroom.build()

    assert (newsroom.feeds(), report.missing) == (before, ("a.toml",))
    newsroom.drop("a.toml", entry_file())
    assert newsroom.build().problems == ()


def test_a_picture_is_published_clean_under_an_address_of_its_content(newsroom: Newsroom) -> None:
    """A changed picture gets another address."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop("a.toml", entry_file(image='"Photo.JPG"', image_alt='"Blue"'))
    newsroom.build()
    first = newsroom.items()[0]["image"]

    newsroom.drop("photo.jpg", picture(kind="JPEG") + b"\n")
    newsroom.build()
    same = newsroom.items()[0]["image"]
    newsroom.drop("photo.jpg", picture("red"))
    newsroom.build()
    second = newsroom.items()[0]["image"]

    assert first.startswith("http://127.0.0.1:8000/media/")
    assert first.endswith("-photo.jpg")
    assert (same, second.endswith("-photo.png")) == (first, True)


def test_a_late_picture_is_shown_when_it_arrives(newsroom: Newsroom) -> None:
    """Until then the entry is published without it, and the problem is reported."""
    newsroom.drop("a.toml", entry_file(image='"photo.jpg"', image_alt='"Blue"'))
    newsroom.build()
    assert newsroom.codes() == ["image-not-there"]

    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.build()

    assert (newsroom.codes(), "image" in newsroom.items()[0]) == ([], True)


def test_a_file_that_is_still_being_written_waits(newsroom: Newsroom) -> None:
    """A file younger than 0.3 seconds is read by a later run, when it has settled."""
    path = newsroom.drop("a.toml", entry_file())
    changed = path.stat().st_mtime
    clock = newsroom.now.fromtimestamp(changed, newsroom.now.tzinfo) + timedelta(seconds=0.1)

    report = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert [problem.code for problem in report.problems] == ["file-changing"]
    assert report.next is not None
    assert report.next - newsroom.now <= timedelta(seconds=0.3)


def built_behind(newsroom: Newsroom, behind: datetime, seconds: float) -> list[str]:
    """Build this many seconds later by a slow clock; return the codes."""
    newsroom.now += timedelta(seconds=seconds)
    clock = behind + (newsroom.now - NOW)
    newsroom.log.append(
        publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))
    )
    return newsroom.codes()


def hour_before(path: Path) -> datetime:
    """Return the moment an hour before a file was changed."""
    return datetime.fromtimestamp(path.stat().st_ctime - 3600, UTC)


def test_a_file_with_a_future_time_is_read_once_it_stops_changing(
    newsroom: Newsroom,
) -> None:
    """The clock was set back, or a share's is ahead; a further change restarts the wait."""
    path = newsroom.drop("a.toml", entry_file())
    behind = hour_before(path)

    waits = [built_behind(newsroom, behind, seconds) for seconds in (0, 1.2)]
    newsroom.drop("a.toml", entry_file("Written on"))
    waits += [built_behind(newsroom, behind, seconds) for seconds in (0.3, 0.7)]
    read = built_behind(newsroom, behind, 0.8)

    assert waits == [["file-changing"]] * 4
    assert (read, [item["title"] for item in newsroom.items()]) == ([], ["Written on"])
    assert newsroom.log[-1].next is None or newsroom.log[-1].next > newsroom.now + SOON


@pytest.mark.parametrize(("seconds", "codes"), [(0.1, ["file-changing"]), (0.5, [])])
def test_a_machine_whose_clock_is_behind_goes_by_that_of_its_cluster(
    seconds: float, codes: list[str], newsroom: Newsroom
) -> None:
    """Files on a share are stamped by a machine that is on time."""
    changed = datetime.fromtimestamp(newsroom.drop("a.toml", entry_file()).stat().st_ctime, UTC)
    now, behind = changed + timedelta(seconds=seconds), changed - timedelta(seconds=30)

    report = publish.build(newsroom.config, publish.RunRequest(now=now, clock=behind))

    assert [problem.code for problem in report.problems] == codes
    assert len(newsroom.items()) == (not codes)


@pytest.mark.long
def test_a_picture_with_a_future_time_is_read_once_it_stops_changing(
    newsroom: Newsroom,
) -> None:
    """This also holds for several pictures that were missing at first."""
    files = {"image": '"a.png"', "image_alt": '"Blue"', "attachments": '["b.png"]'}
    path = newsroom.drop("a.toml", entry_file(**files))
    newsroom.drop("a.png", picture())
    behind = hour_before(path)

    for _ in range(6):
        built_behind(newsroom, behind, 0.5)
    newsroom.drop("b.png", picture("red"))
    waits = built_behind(newsroom, behind, 0.1)
    for _ in range(12):
        built_behind(newsroom, behind, 0.3)

    assert waits == ["file-changing"]
    assert newsroom.codes() == []
    assert len(newsroom.items()[0]["attachments"]) == 1


def test_problems_of_a_file_with_a_future_time_stay_reported(
    newsroom: Newsroom,
) -> None:
    """Later runs do not take it for a file that is still being written."""
    path = newsroom.drop("a.toml", entry_file(date='"30 February 2026"'))
    behind = hour_before(path)
    built_behind(newsroom, behind, 0)

    said = [built_behind(newsroom, behind, seconds) for seconds in (2, 0.01, 0.3, 60)]

    assert said == [["date-no-such-day"]] * 4


@pytest.mark.long
def test_files_with_a_future_time_do_not_delay_a_withdrawal(
    newsroom: Newsroom,
) -> None:
    """A deleted file is gone by any clock."""
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    behind = hour_before(newsroom.drop("b.toml", OTHER))
    for seconds in (0, 2, 1):
        built_behind(newsroom, behind, seconds)

    built_behind(newsroom, behind, 600)

    assert newsroom.log[-1].withdrawn == ("a.toml",)


def test_a_second_change_within_one_second_waits_for_the_next(newsroom: Newsroom) -> None:
    """Times of change rise strictly, as the same second and size would give a false 304."""
    newsroom.drop("a.toml", entry_file(title="One"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(title="Two"))

    report = newsroom.build(after=timedelta())

    assert report.next == newsroom.now + timedelta(seconds=1)
    assert [item["title"] for item in newsroom.items()] == ["One"]
    newsroom.build(after=timedelta(seconds=1))
    assert [item["title"] for item in newsroom.items()] == ["Two"]


def test_a_clock_set_back_delays_nothing(newsroom: Newsroom) -> None:
    """A change is published at once, and every validator is new."""
    newsroom.drop("a.toml", entry_file("Before"))
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", entry_file("Behind"))

    report = newsroom.build(after=timedelta(hours=-3))

    assert [item["title"] for item in newsroom.items()] == ["Behind"]
    assert report.next
    assert report.next > newsroom.now + timedelta(hours=24)
    after = newsroom.feeds()
    assert all(after[name][1] > before[name][1] for name in report.documents)


@pytest.mark.long
def test_a_clock_set_back_shows_no_more_news_than_the_feed_has_room_for(
    newsroom: Newsroom,
) -> None:
    """By that clock all of it is new, of which `days = 0` asks for none."""
    settings = newsroom.folder / "config.toml"
    text = settings.read_text().replace('"Everything"', '"Everything"\nentries = 1\ndays = 0', 1)
    settings.write_text(text)
    for number in range(4):
        text = entry_file(f"News {number}", date=f"{newsroom.now:%Y-%m-%d}")
        newsroom.drop(f"{number}.toml", text)
        newsroom.build(after=timedelta(minutes=1))
    before = newsroom.items()

    newsroom.build(after=timedelta(hours=-3), rebuild=True)

    assert newsroom.items() == before


@pytest.mark.long
@pytest.mark.parametrize("is_lost", [False, True], ids=["known", "ledger lost"])
def test_a_page_that_comes_back_after_a_clock_was_set_back_is_newer(
    newsroom: Newsroom, *, is_lost: bool
) -> None:
    """A reader who kept the page from before would else have it for unchanged."""
    newsroom.drop("a.toml", entry_file("One", categories='["Ports"]'))
    newsroom.drop("b.toml", entry_file("Two"))
    newsroom.build()
    page = "topics/ports.html"
    _, before = newsroom.feeds()[page]
    newsroom.drop("a.toml", entry_file("One"))
    newsroom.build()
    assert page not in newsroom.feeds()
    newsroom.drop("a.toml", entry_file("One", categories='["Ports"]'))
    if is_lost:
        shutil.rmtree(newsroom.config.state)

    newsroom.build(after=timedelta(hours=-3))

    _, after = newsroom.feeds()[page]
    assert after > before


def without_lebanon(newsroom: Newsroom, more: str = "") -> None:
    """Remove a feed from the configuration, and append `more`."""
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    cut = text.index('[[feed]]\nname = "lebanon"')
    config.write_text(f"{text[:cut]}{more}", encoding="utf-8")


@pytest.mark.long
def test_a_removed_feed_stays_until_it_is_declared_gone(
    newsroom: Newsroom,
) -> None:
    """A mistake costs no readers; [gone] removes the feed from folder and manifest."""
    newsroom.drop("a.toml", entry_file(categories='["Lebanon"]'))
    newsroom.build()
    before = newsroom.feeds()
    without_lebanon(newsroom)

    newsroom.build()

    assert newsroom.codes() == ["feed-removed"]
    assert newsroom.feeds()["lebanon.atom"] == before["lebanon.atom"]

    config = newsroom.folder / "config.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write('[gone]\naddresses = ["lebanon"]\n')
    newsroom.build()

    assert newsroom.codes() == []
    assert not any(name.startswith("lebanon.") for name in newsroom.feeds())
    with closing(sqlite3.connect(newsroom.folder / "feeds/.manifest.sqlite")) as tables, tables:
        (left,) = tables.execute("SELECT count(*) FROM document WHERE path LIKE 'lebanon%'")
    assert left == (0,)


def test_check_writes_nothing(newsroom: Newsroom) -> None:
    """A check only reads."""
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", "")
    clock = datetime.now(UTC) + timedelta(days=1)

    report = check(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert report.published == ("a.toml",)
    assert sorted(path.name for path in newsroom.folder.iterdir()) == ["config.toml", "entries"]


def test_every_published_version_is_kept(newsroom: Newsroom) -> None:
    """The bytes of every version of every entry are rows in the ledger."""
    texts = [entry_file(title=title) for title in ("One", "Two")]
    for text in texts:
        newsroom.drop("a.toml", text)
        newsroom.build()

    with opened(newsroom.folder / "state/ledger.sqlite") as ledger:
        query = "SELECT number, unpacked(data) FROM version ORDER BY number"
        rows = ledger.execute(query).fetchall()
    assert rows == [(1, texts[0]), (2, texts[1])]


def test_all_formats_have_the_same_entries(newsroom: Newsroom) -> None:
    """JSON has every field that an entry can use."""
    newsroom.drop("photo.jpg", picture(kind="JPEG"))
    newsroom.drop(
        "a.toml",
        entry_file(
            summary='"In short"',
            link='"https://example.org/report"',
            categories='["Lebanon", "publications"]',
            authors='["Press Office", "Legal Office"]',
            image='"photo.jpg"',
            image_alt='"Blue"',
            event='"30 November - 3 December 2026"',
            place='"Vienna"',
        ),
    )
    newsroom.build()

    (item,) = newsroom.items()
    assert item["url"] == "https://example.org/report"
    assert item["summary"] == "In short"
    assert item["tags"] == ["Lebanon", "publications"]
    assert json.dumps(item["authors"]).count("Office") == 2


# ---- Findings of a review


def just_after(path: Path) -> datetime:
    """Return a moment at which a file has not settled yet."""
    return datetime.fromtimestamp(path.stat().st_ctime + 0.05, UTC)


def test_renumbered_files_keep_their_entries(newsroom: Newsroom) -> None:
    """Each entry keeps its text and id under its new file name."""
    for number in (1, 2, 3):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    before = {item["title"]: item["id"] for item in newsroom.items()}
    folder = newsroom.folder / "entries"
    for number in (3, 2):
        (folder / f"{number}.toml").rename(folder / f"{number + 1}.toml")
    newsroom.drop("2.toml", entry_file("Inserted"))

    report = newsroom.build()

    after = {item["title"]: item["id"] for item in newsroom.items()}
    assert {title: after[title] for title in before} == before
    assert len(set(after.values())) == 4
    assert (report.published, report.problems) == (("2.toml",), ())


def test_files_whose_numbers_all_rise_by_one_keep_their_entries(newsroom: Newsroom) -> None:
    """Nothing is announced twice if 1, 2 and 3 become 2, 3 and 4."""
    for number in (1, 2, 3):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    before = newsroom.items()
    folder = newsroom.folder / "entries"
    for number in (3, 2, 1):
        (folder / f"{number}.toml").rename(folder / f"{number + 1}.toml")

    report = newsroom.build()

    assert (report.published, report.problems) == ((), ())
    assert newsroom.items() == before


def test_another_story_under_an_old_name_needs_an_approval(newsroom: Newsroom) -> None:
    """A reused `press-release.toml` does not silently replace the old entry."""
    newsroom.drop("press-release.toml", entry_file("First", "2026-11-20"))
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("press-release.toml", entry_file("Second", "2026-11-25"))

    newsroom.build()

    assert newsroom.codes() == ["other-news", "change-not-out"]
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_file_that_a_setting_holds_has_no_change_that_is_not_out(newsroom: Newsroom) -> None:
    """Nobody has changed it, and readers have what it says, until somebody does."""
    config = newsroom.folder / "config.toml"
    before = config.read_text("utf-8")
    config.write_text(before.replace("[publication]", '[publication]\ndate_order = "DMY"'), "utf-8")
    path = newsroom.drop("a.toml", entry_file(date='"03/11/2026"'))
    newsroom.build()
    config.write_text(before, "utf-8")

    for _ in range(2):
        newsroom.build()
        assert newsroom.codes() == ["date-ambiguous-day-month", "still-live"]

    path.write_text(entry_file("Other", date='"03/11/2026"'), encoding="utf-8")
    newsroom.build()

    assert newsroom.codes() == ["date-ambiguous-day-month", "change-not-out"]


@pytest.mark.long
def test_a_lost_ledger_waits_for_fresh_files(newsroom: Newsroom) -> None:
    """A cloned or restored folder has only fresh files; meanwhile no feed is emptied."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    clock = just_after(newsroom.drop("a.toml", entry_file()))

    report = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert report.next is not None
    assert newsroom.feeds() == before
    assert newsroom.build().published == ()
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_restored_ledger_reuses_no_id(newsroom: Newsroom) -> None:
    """An older backup of `state/` learns later entries from the manifest."""
    newsroom.drop("a.toml", entry_file("First"))
    newsroom.build()
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "backup")
    newsroom.drop("b.toml", entry_file("Second", "2026-11-25"))
    newsroom.drop("a.toml", entry_file("First", correction='"60, not 600."'))
    newsroom.build()
    before = newsroom.items()
    shutil.rmtree(newsroom.folder / "state")
    (newsroom.folder / "backup").rename(newsroom.folder / "state")

    newsroom.build(after=timedelta(hours=1))

    kept = [(item["id"], item["date_published"], item["url"]) for item in newsroom.items()]
    assert kept == [(item["id"], item["date_published"], item["url"]) for item in before]


def test_a_rename_that_changes_only_case_loses_nothing(newsroom: Newsroom) -> None:
    """A broken file that is renamed in this way still belongs to the live entry."""
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.write_text(entry_file(date='"30 February 2026"'), encoding="utf-8")
    path.rename(path.with_name("A.toml"))

    report = newsroom.build()

    assert newsroom.codes() == ["date-no-such-day", "change-not-out"]
    assert report.missing == ()


@pytest.mark.long
def test_moved_files_raise_no_alarm(newsroom: Newsroom) -> None:
    """While they arrive elsewhere, they may be the missing files."""
    for number in range(8):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    folder = newsroom.folder / "entries"
    (folder / "old").mkdir()
    for path in folder.glob("*.toml"):
        path.rename(folder / "old" / path.name)
    clock = just_after(folder / "old/7.toml")

    report = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert "many-gone" not in {problem.code for problem in report.problems}
    assert newsroom.build().problems == ()


def test_a_picture_that_is_being_copied_causes_no_immediate_run(newsroom: Newsroom) -> None:
    """The next run is when it can have settled."""
    newsroom.drop("a.toml", entry_file(image='"photo.jpg"', image_alt='"Blue"'))
    newsroom.build()
    sleep(0.3)  # the entry's own file has settled by then
    clock = just_after(newsroom.drop("photo.jpg", picture(kind="JPEG")))

    report = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert report.next is not None
    assert timedelta(seconds=0.1) < report.next - newsroom.now <= timedelta(seconds=0.3)


def test_files_dropped_together_are_published_together(newsroom: Newsroom) -> None:
    """While the last file is being written, the first ones wait as well."""
    last = just_after(drop_row(newsroom, 6, pause=0.1))

    meanwhile = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=last))
    later = last + timedelta(seconds=0.3)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now + timedelta(seconds=1), clock=later)
    )

    assert meanwhile.next is not None
    assert (meanwhile.published, len(report.published)) == ((), 6)


def test_an_endless_series_of_files_delays_nothing(newsroom: Newsroom) -> None:
    """The files that have settled are published while others are still being written."""
    clock = just_after(drop_row(newsroom, 24, pause=0.1))

    report = publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock))

    assert set(report.published) >= {f"{number:02}.toml" for number in range(9)}
    assert "23.toml" not in report.published


def drop_row(newsroom: Newsroom, count: int, pause: float) -> Path:
    """Write files one after the other, and return the last.

    Start again if a busy machine lets one settle before the next is written.
    """
    for _ in range(20):
        paths = []
        for number in range(count):
            sleep(pause)
            text = entry_file(f"Number {number}", body=f'"Text {number}."')
            paths.append(newsroom.drop(f"{number:02}.toml", text))
        changed = [path.stat().st_ctime for path in paths]
        if all(after - before < 0.28 for before, after in pairwise(changed)):
            return paths[-1]
    raise AssertionError("this machine is too busy to write files in a row")


@contextmanager
def closed_folder(path: Path) -> Iterator[None]:
    """Make a folder unreadable; root becomes another user meanwhile, as it can read everything."""
    path.chmod(0)
    try:
        with as_other_user():
            yield
    finally:
        path.chmod(0o755)


@pytest.mark.long
def test_an_unreadable_folder_keeps_its_entries() -> None:
    """Its entries stay, other runs continue, and nothing is withdrawn until it is readable."""
    with TemporaryDirectory() as name:
        newsroom = Newsroom(Path(name))
        (newsroom.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        newsroom.drop("field/inside.toml", entry_file("Inside"))
        newsroom.drop("beside.toml", entry_file("Beside"))
        newsroom.drop("outside.toml", entry_file("Outside"))
        newsroom.build()
        if os.geteuid() == 0:
            for path in (newsroom.folder, *newsroom.folder.rglob("*")):
                os.chown(path, NOBODY, -1)
        (newsroom.folder / "entries/beside.toml").unlink()
        newsroom.drop("new.toml", entry_file("New", body='"New."'))

        with closed_folder(newsroom.folder / "entries/field"):
            for _ in range(3):
                newsroom.build(after=timedelta(minutes=11))
                assert newsroom.codes().count("folder-unreadable") == 1
                titles = {item["title"] for item in newsroom.items()}
                assert titles == {"Inside", "Beside", "Outside", "New"}
        newsroom.build()
        newsroom.build(after=timedelta(minutes=11))

        assert newsroom.codes() == []
        assert {item["title"] for item in newsroom.items()} == {"Inside", "Outside", "New"}


@pytest.mark.long
def test_a_folder_that_becomes_a_link_to_outside_keeps_its_entries(newsroom: Newsroom) -> None:
    """As one file does: it was moved to another disk, or its share is not there now."""
    for number in range(4):
        newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    newsroom.drop("desk/inside.toml", entry_file("Inside"))
    newsroom.build()
    desk, away = newsroom.folder / "entries/desk", newsroom.folder / "away"
    desk.rename(away)
    desk.symlink_to(away, target_is_directory=True)

    for _ in range(3):
        newsroom.build(after=timedelta(minutes=11))
        assert (newsroom.codes(), len(newsroom.items())) == (["link-outside"], 5)
    desk.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))

    assert "Inside" not in {item["title"] for item in newsroom.items()}


def test_a_folder_that_is_moved_and_linked_keeps_its_entries(newsroom: Newsroom) -> None:
    """Its files are found where they are now."""
    newsroom.drop("desk/inside.toml", entry_file("Inside"))
    newsroom.build()
    before = newsroom.items()
    desk = newsroom.folder / "entries/desk"
    desk.rename(desk.with_name("moved"))
    desk.symlink_to("moved", target_is_directory=True)

    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))

    assert (newsroom.codes(), newsroom.items()) == (["link-folder"], before)


@pytest.mark.long
def test_one_entry_costs_a_bounded_number_of_statements_and_renames(newsroom: Newsroom) -> None:
    """Each is a part of the time from the drop of a file until readers of `serve` have it."""
    (newsroom.folder / "config.toml").write_text(PUBLICATION, "utf-8")
    for number in range(5):
        newsroom.drop(f"{number}.toml", entry_file(f"N {number}"))
    statements = []

    def count(*arguments: object) -> None:
        statements.append(arguments[2])

    with kept_open(publish.ledger_url(newsroom.config)):
        newsroom.build()
        newsroom.drop("new.toml", entry_file("New"))
        newsroom.now += timedelta(minutes=1)
        clock = datetime.now(UTC) + timedelta(seconds=2)
        request = publish.RunRequest(now=newsroom.now, clock=clock, changed_files=["new.toml"])
        event.listen(Engine, "before_cursor_execute", count)
        try:
            with patch("os.replace", side_effect=os.replace) as renamed:
                report = publish.build(newsroom.config, request)
        finally:
            event.remove(Engine, "before_cursor_execute", count)

    assert report.published == ("new.toml",)
    assert len(report.documents) > 9
    assert len(statements) <= 60
    assert 0 < renamed.call_count <= 30


def test_a_moment_that_is_written_in_another_zone_is_a_change(newsroom: Newsroom) -> None:
    """It is the same moment, but people read another time."""
    newsroom.drop("a.toml", entry_file(date="2026-11-24T10:00:00+02:00"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date="2026-11-24T08:00:00Z"))

    newsroom.build()

    (page,) = (newsroom.config.feeds_folder / "2026/11").glob("report-on-lebanon*.html")
    text = page.read_text("utf-8")
    assert 'datetime="2026-11-24T08:00:00+00:00">24 November 2026, 08:00 GMT<' in text
    assert "+02:00" not in text


def test_feeds_show_what_changed_while_all_files_are_read_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files came to mean something else in this version, and one was edited meanwhile."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    monkeypatch.setattr(fingerprints, "_MEANING", 99)
    newsroom.drop("a.toml", entry_file(body='"Seventy cases, as is known today."'))

    newsroom.build()

    assert "Seventy cases" in newsroom.items()[0]["content_html"]
