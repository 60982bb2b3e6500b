"""Withdrawn entries leave the feeds, taken down entries leave all files, and none comes back."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest
from click.testing import CliRunner
from lxml.etree import fromstring  # type: ignore[import-untyped]  # lxml carries no types

from dateline import publish
from dateline.cli import main
from dateline.documents import manifest
from dateline.documents.manifest import HEAD, PREVIOUS, TABLE
from dateline.errors import ConfigError, StoreError
from dateline.ledger.queries import editions
from dateline.publish import settle
from dateline.rules.guards import Approval
from dateline.serve.cache import DocumentCache
from dateline.system import heartbeat, safe_files
from dateline.text.urls import fingerprint
from support.packed import with_texts
from support.publication import Newsroom, entry_file, lost_media, photo, picture

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
GRACE = timedelta(minutes=10)
PAGE = "2026/11/report-on-lebanon.html"


def tombstones(newsroom: Newsroom, name: str = "news") -> list[str]:
    """Return the ids of the tombstones in the Atom feed."""
    root = fromstring((newsroom.folder / f"feeds/{name}.atom").read_bytes())
    return [element.attrib["ref"] for element in root.iter(TOMBSTONE)]


def former(newsroom: Newsroom, path: str) -> str | None:
    """Return the server's answer for an address without a document."""
    shelf = DocumentCache(newsroom.folder / "feeds")
    return shelf.former(path) if shelf.get(path) is None else None


def publish_others(newsroom: Newsroom, count: int = 3) -> None:
    """Publish other entries as well, so that no guard applies."""
    for number in range(count):
        newsroom.drop(f"other-{number}.toml", entry_file(f"Other news {number}"))


def everything(folder: Path) -> bytes:
    """Return the bytes and names of all files below a folder, and the texts in them."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(str(path).encode() + with_texts(path) for path in found)


# ---- Deleted files


@pytest.mark.long
def test_a_deleted_file_withdraws_its_entry_after_the_grace_time(newsroom: Newsroom) -> None:
    """Until then it stays; then it is a tombstone in Atom, 410, and in no other format."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    (gone,) = [item["id"] for item in newsroom.items() if item["title"] == "Report on Lebanon"]
    before = newsroom.feeds()
    path.unlink()

    waiting = newsroom.build()

    assert newsroom.codes() == ["file-gone"]
    assert newsroom.feeds() == before
    assert waiting.next == newsroom.now + GRACE

    report = newsroom.build(after=GRACE)

    assert report.withdrawn == ("a.toml",)
    assert newsroom.codes() == []
    assert gone not in [item["id"] for item in newsroom.items()]
    assert tombstones(newsroom) == [gone]
    assert b"Report on Lebanon" not in (newsroom.folder / "feeds/news.rss").read_bytes()
    assert PAGE not in newsroom.feeds()
    assert former(newsroom, PAGE) == ""


@pytest.mark.long
def test_a_file_that_comes_back_within_the_grace_time_changes_nothing(newsroom: Newsroom) -> None:
    """Neither a byte nor a validator changes."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    path.unlink()
    newsroom.build()
    newsroom.drop("a.toml", entry_file())

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert newsroom.feeds() == before
    assert newsroom.codes() == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["a.toml", "renamed.toml"])
def test_a_file_that_comes_back_later_is_the_same_entry(newsroom: Newsroom, name: str) -> None:
    """Id, address and moments are as before, and the tombstone is gone."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.items()
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop(name, entry_file())

    report = newsroom.build(after=timedelta(hours=1))

    assert report.changed == (name,)
    assert newsroom.items() == before
    assert tombstones(newsroom) == []
    assert PAGE in newsroom.feeds()
    assert former(newsroom, PAGE) is None


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "state"),
    [(entry_file(draft="true"), "draft"), (entry_file(date="2026-12-10"), "scheduled")],
    ids=["a draft", "a later date"],
)
def test_a_file_that_comes_back_for_later_waits(newsroom: Newsroom, text: str, state: str) -> None:
    """It is no live entry, and nothing is held; at its time it is the same entry again."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    known = {item["id"] for item in newsroom.items()}
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    left = newsroom.items()
    newsroom.drop("a.toml", text)

    for _ in range(2):
        report = newsroom.build(after=timedelta(days=1), rebuild=True)
        assert (report.states["a.toml"], newsroom.codes()) == (state, [state])
        assert newsroom.items() == left

    newsroom.drop("a.toml", text.replace("draft = true\n", ""))
    newsroom.build(after=timedelta(days=20))
    assert newsroom.codes() == []
    assert {item["id"] for item in newsroom.items()} == known


@pytest.mark.long
def test_other_news_can_reuse_the_name_of_a_withdrawn_entry(newsroom: Newsroom) -> None:
    """It is an entry of its own, and the withdrawn one stays withdrawn."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    (gone,) = tombstones(newsroom)

    newsroom.drop("a.toml", entry_file("Quite another thing", "2026-11-20"))
    report = newsroom.build()

    assert report.published == ("a.toml",)
    assert tombstones(newsroom) == [gone]
    assert gone not in [item["id"] for item in newsroom.items()]
    newsroom.build(after=2 * GRACE)
    assert newsroom.codes() == []


@pytest.mark.long
def test_a_tombstone_is_listed_for_thirty_days(newsroom: Newsroom) -> None:
    """Then it leaves the subscription document."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build()
    report = newsroom.build(after=GRACE)
    withdrawn = newsroom.now

    assert len(tombstones(newsroom)) == 1

    newsroom.now = withdrawn + timedelta(days=30)
    newsroom.build(after=timedelta())

    assert tombstones(newsroom) == []
    assert report.withdrawn == ("a.toml",)


@pytest.mark.long
def test_an_old_entry_stays_live_until_staff_decide(newsroom: Newsroom) -> None:
    """Staff may just tidy up: only an approval withdraws it, and keep ends the question."""
    publish_others(newsroom)
    paths = [newsroom.drop(f"old-{n}.toml", entry_file(f"Old {n}", "2026-10-01")) for n in (1, 2)]
    newsroom.build()
    for path in paths:
        path.unlink()
    newsroom.build()

    report = newsroom.build(after=GRACE)

    assert [problem.code for problem in report.problems] == ["old-gone", "old-gone"]
    assert len(newsroom.items()) == 5

    first, second = (str(problem.wanted) for problem in report.problems)
    answered(newsroom, Approval(code=first))
    answered(newsroom, Approval(code=second, keep=True))
    newsroom.build(after=2 * GRACE)

    assert newsroom.codes() == []
    titles = [item["title"] for item in newsroom.items()]
    assert "Old 1" not in titles
    assert "Old 2" in titles


def answered(newsroom: Newsroom, answer: Approval) -> None:
    """Run with an approval."""
    newsroom.now += timedelta(minutes=1)
    clock = newsroom.now + timedelta(days=9999)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, approval=answer)
    )
    newsroom.log.append(report)


@pytest.mark.long
def test_a_withdrawn_entry_takes_its_picture_along(newsroom: Newsroom) -> None:
    """The picture stays if another entry shows it, and comes back with the file."""
    publish_others(newsroom)
    newsroom.drop("own.png", picture("navy"))
    newsroom.drop("shared.png", picture("red"))
    text = entry_file(image='"own.png"', image_alt='"Blue"', attachments='["shared.png"]')
    path = newsroom.drop("a.toml", text)
    newsroom.drop("b.toml", entry_file("Second", image='"shared.png"', image_alt='"Red"'))
    newsroom.build()
    before = {name for name in newsroom.feeds() if name.startswith("media/")}
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)

    after = {name for name in newsroom.feeds() if name.startswith("media/")}
    (lost,) = before - after

    assert len(after) == len(before) - 1
    assert former(newsroom, lost) == ""

    newsroom.drop("a.toml", text)
    newsroom.build()

    assert lost in newsroom.feeds()
    assert former(newsroom, lost) is None


@pytest.mark.long
def test_a_retraction_removes_the_picture(newsroom: Newsroom) -> None:
    """The entry stays, with the day and the reason; a reversed retraction restores everything."""
    newsroom.drop("own.png", picture())
    fields = {"image": '"own.png"', "image_alt": '"Blue"'}
    newsroom.drop("a.toml", entry_file(**fields))
    newsroom.build()
    (shown,) = [name for name in newsroom.feeds() if name.startswith("media/")]

    newsroom.drop(
        "a.toml", entry_file(**fields, status='"retracted"', retraction='"It was wrong."')
    )
    newsroom.build()

    (item,) = newsroom.items()
    assert "It was wrong." in item["content_html"]
    assert "Retraction" in item["content_html"]
    assert '"creativeWorkStatus": "Retracted"' in newsroom.feeds()[PAGE][0].decode()
    assert shown not in newsroom.feeds()

    newsroom.drop("a.toml", entry_file(**fields))
    newsroom.build()

    assert shown in newsroom.feeds()
    assert "Retraction" not in newsroom.items()[0]["content_html"]


@pytest.mark.long
def test_a_lost_ledger_recovers_withdrawn_entries(newsroom: Newsroom) -> None:
    """The id stays reserved and the address gone, and the file brings the same entry back."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.items()
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    feeds = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")

    newsroom.build()

    assert newsroom.feeds() == feeds
    assert former(newsroom, PAGE) == ""

    newsroom.drop("a.toml", entry_file())
    newsroom.build()

    assert newsroom.items() == before


@pytest.mark.long
@pytest.mark.parametrize("number", [1, 2, 3])
def test_documents_deleted_during_a_run_leave_the_manifest_whole(
    number: int, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any of its syncs: the address of a withdrawn entry stays gone, others stay listed."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop("b.toml", entry_file("Second"))
    feeds, opened, real = newsroom.folder / "feeds", list[Path](), os.open

    def late(file: Path, *how: int, **where: int) -> int:
        descriptor = real(file, *how, **where)
        opened.extend([file] if file == feeds else [])
        if len(opened) == number and file == feeds:
            for one in feeds.iterdir():
                shutil.rmtree(one) if one.is_dir() else one.unlink()
        return descriptor

    with monkeypatch.context() as patch, suppress(StoreError):
        patch.setattr(os, "open", late)
        newsroom.build()
    newsroom.build(after=timedelta(minutes=1))

    assert former(newsroom, PAGE) == ""
    assert len([*manifest.entries(feeds)]) == 5


@pytest.mark.long
def test_a_restored_backup_learns_later_withdrawals(newsroom: Newsroom) -> None:
    """It brings back no withdrawn or taken down entry, and announces nothing."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file("Second"))
    newsroom.build()
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "backup")
    ids = {item["title"]: item["id"] for item in newsroom.items()}
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop("other-1.toml", entry_file("Other news 1", correction='"One, not two."'))
    newsroom.build()
    (newsroom.folder / "entries/b.toml").unlink()
    taken_down(newsroom, ids["Second"])
    feeds = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    shutil.move(newsroom.folder / "backup", newsroom.folder / "state")

    newsroom.build(after=timedelta(days=1))

    assert newsroom.feeds() == feeds
    assert (former(newsroom, PAGE), former(newsroom, "2026/11/second.html")) == ("", "")


def test_a_heartbeat_comes_before_each_held_file_that_is_compared(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may have a megabyte, and a run that sends none for a minute is ended."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    for number in range(9):
        newsroom.drop(f"held-{number}.toml", entry_file().replace("2026", "1026"))
    newsroom.build()
    steps: list[str] = []
    read = safe_files.read

    def noted(folder: str, path: str, limit: int) -> tuple[bytes, os.stat_result]:
        steps.append("read")
        return read(folder, path, limit)

    (newsroom.folder / "entries/a.toml").unlink()
    monkeypatch.setattr(heartbeat, "beat", lambda *_: steps.append("beat"))
    monkeypatch.setattr(safe_files, "read", noted)
    newsroom.build()

    assert "".join(one[0] for one in steps).count("brbrbrbrbrbrbrbrbr") == 1


@pytest.mark.long
def test_a_lost_ledger_keeps_entries_whose_file_is_broken_or_missing(newsroom: Newsroom) -> None:
    """Their text is in the manifest, and no byte changes."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(correction='"60, not 600."'))
    path = newsroom.drop("old.toml", entry_file("Old", "2026-10-01"))
    newsroom.build()
    feeds = newsroom.feeds()
    path.unlink()
    newsroom.drop("a.toml", entry_file().replace('"Report on Lebanon"', "broken"))
    shutil.rmtree(newsroom.folder / "state")

    newsroom.build()

    assert newsroom.feeds() == feeds
    assert sorted(newsroom.codes()) == ["change-not-out", "old-gone", "quotes-missing"]


# ---- Guards


@pytest.mark.long
@pytest.mark.parametrize("held", [timedelta(minutes=20), timedelta(days=31)])
def test_files_that_come_back_one_by_one_lose_none(newsroom: Newsroom, held: timedelta) -> None:
    """The last of them are few, and were gone for long: their time to come back begins again."""
    texts = {f"{n}.toml": entry_file(f"Number {n}") for n in range(12)}
    paths = [newsroom.drop(name, text) for name, text in texts.items()]
    newsroom.build()
    before = newsroom.items()
    for path in paths:
        path.unlink()
    newsroom.build()
    newsroom.build(after=held)

    for name, text in texts.items():
        assert newsroom.build(after=timedelta(seconds=20)).withdrawn == ()
        newsroom.drop(name, text)

    assert newsroom.build().withdrawn == ()
    assert (newsroom.codes(), newsroom.items()) == ([], before)


@pytest.mark.parametrize("is_edited", [False, True])
def test_news_is_withdrawn_although_its_text_was_attached_to_it(
    newsroom: Newsroom, *, is_edited: bool
) -> None:
    """The attachment, which is held alone, is not its file under another name."""
    newsroom.drop("old.toml", entry_file("Old"))
    entry = newsroom.drop("a.toml", entry_file("Report", attachments='["a.txt"]'))
    newsroom.drop("a.txt", entry.read_text("utf-8"))
    newsroom.build()
    entry.unlink()
    if is_edited:
        newsroom.drop("a.txt", entry_file("Report", summary='"Another one."'))

    newsroom.build()
    newsroom.build(after=timedelta(minutes=15))

    assert newsroom.codes() == ["name-not-toml"]
    assert ("Report" in {one["title"] for one in newsroom.items()}) == is_edited


@pytest.mark.long
def test_a_held_file_with_a_very_long_number_stops_nothing(newsroom: Newsroom) -> None:
    """Its text is compared with that of each entry whose file is gone."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(8)]
    newsroom.build()
    newsroom.drop("held.toml", f'title = "Held\ndate = 2026-11-25\nbody = "{"9" * 5000}"\n')
    paths[0].unlink()

    newsroom.build()
    newsroom.drop("urgent.toml", entry_file("Urgent", body='"Ports are closed."'))
    newsroom.build()

    assert "Urgent" in [item["title"] for item in newsroom.items()]


@pytest.mark.long
def test_files_that_do_not_come_back_are_withdrawn(newsroom: Newsroom) -> None:
    """Their grace begins with the first run that finds the others there again."""
    texts = {f"{n}.toml": entry_file(f"Number {n}") for n in range(12)}
    paths = [newsroom.drop(name, text) for name, text in texts.items()]
    newsroom.build()
    for path in paths:
        path.unlink()
    newsroom.build()
    newsroom.build(after=2 * GRACE)
    for name in [*texts][2:]:
        newsroom.drop(name, texts[name])

    reports = [newsroom.build(after=GRACE / 2) for _ in range(3)]

    assert [one.withdrawn for one in reports] == [(), (), ("0.toml", "1.toml")]


@pytest.mark.long
def test_many_files_deleted_one_by_one_are_too_many(newsroom: Newsroom) -> None:
    """The guard counts all files that disappeared within the grace time."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(12)]
    newsroom.build()
    before = newsroom.feeds()
    for path in paths[:7]:
        path.unlink()
        newsroom.build()

    newsroom.build(after=2 * GRACE)

    assert newsroom.codes() == ["many-gone"]
    assert newsroom.feeds() == before

    code = str(newsroom.log[-1].problems[0].wanted)
    answered(newsroom, Approval(code="many-gone-000000"))
    assert newsroom.feeds() == before
    answered(newsroom, Approval(code=code))

    assert newsroom.codes() == []
    assert len(newsroom.items()) == 5
    assert len(tombstones(newsroom)) == 7


@pytest.mark.long
def test_a_feed_has_the_tombstones_of_the_last_withdrawals_alone(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands at once would make it larger than readers take; those of archives stay there."""
    monkeypatch.setattr(editions, "_MOST_GONE", 3)
    for number in range(60):
        day = f"2026-11-{number // 24 + 1:02}T{number % 24:02}:00:00Z"
        newsroom.drop(f"news-{number:02}.toml", entry_file(f"News {number}", day))
    newsroom.build()
    ids = {item["title"]: item["id"] for item in newsroom.items()}

    for number in (1, 2, *range(50, 54)):
        (newsroom.folder / f"entries/news-{number:02}.toml").unlink()
    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert tombstones(newsroom) == [ids[f"News {number}"] for number in (53, 52, 51)]
    assert len(tombstones(newsroom, "archive/news/1")) == 2


@pytest.mark.long
def test_entries_of_tidied_files_stay_live_after_keep(newsroom: Newsroom) -> None:
    """Nothing changes for readers, and nobody is asked again."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(12)]
    newsroom.build()
    before = newsroom.feeds()
    for path in paths:
        path.unlink()
    code = str(newsroom.build().problems[0].wanted)
    answered(newsroom, Approval(code=code, keep=True))

    newsroom.build(after=2 * GRACE)

    assert newsroom.codes() == []
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_kept_entry_whose_file_is_back_counts_as_one_with_a_file(newsroom: Newsroom) -> None:
    """Another file that goes at the same time is then one of two, and not all there are."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(2)]
    newsroom.build()
    text = paths[0].read_text("utf-8")
    for path in paths:
        path.unlink()
    code = str(newsroom.build().problems[0].wanted)
    answered(newsroom, Approval(code=code, keep=True))
    other = newsroom.drop("other.toml", entry_file("Other news", body='"Essays are due."'))
    newsroom.build()

    other.unlink()
    newsroom.drop("0.toml", text)
    newsroom.build()

    assert newsroom.codes() == ["file-gone"]


@pytest.mark.long
def test_many_simultaneous_updates_are_held(newsroom: Newsroom) -> None:
    """Readers would get each entry again; one message says so, and allow lets it pass once."""
    for number in range(12):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    before = newsroom.feeds()
    for number in range(7):
        text = entry_file(f"Number {number}", updated="2026-11-25T10:01:30Z")
        newsroom.drop(f"{number}.toml", text)

    report = newsroom.build()

    assert newsroom.feeds() == before
    (told,) = [problem for problem in report.problems if problem.code == "many-updated"]
    assert newsroom.codes().count("updated-held") == 7

    answered(newsroom, Approval(code=str(told.wanted)))

    assert newsroom.codes() == []
    moved = [item for item in newsroom.items() if item["date_modified"].startswith("2026-11-25")]
    assert len(moved) == 7
    newsroom.build()
    assert newsroom.codes() == []


@pytest.mark.long
def test_many_updates_of_the_day_have_one_code(newsroom: Newsroom) -> None:
    """It holds in the next run, too, although `updated = today` becomes the moment of a run."""
    for number in range(8):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build(after=timedelta(hours=4))
    for number in range(8):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", updated="2026-11-25"))

    reports = [newsroom.build(after=timedelta(hours=1)) for _ in range(2)]

    codes = [p.wanted for one in reports for p in one.problems if p.code == "many-updated"]
    assert len(codes) == 2
    answered(newsroom, Approval(code=str(codes[0])))
    assert newsroom.codes() == []


@pytest.mark.long
def test_a_feed_is_not_emptied_by_mistake(newsroom: Newsroom) -> None:
    """Its readers keep its entries until an approval confirms the change."""
    newsroom.drop("a.toml", entry_file(categories='["Lebanon"]'))
    newsroom.build()
    before = newsroom.feeds()["lebanon.atom"]
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('categories = ["Lebanon"]', 'categories = ["Lebannon"]'))

    report = newsroom.build()

    assert newsroom.codes() == ["feed-emptied"]
    assert newsroom.feeds()["lebanon.atom"] == before
    assert newsroom.build().problems == report.problems

    answered(newsroom, Approval(code=str(report.problems[0].wanted)))

    assert newsroom.codes() == []
    assert b"<entry>" not in newsroom.feeds()["lebanon.atom"][0]


# ---- Takedowns


@pytest.mark.long
def test_a_taken_down_entry_is_in_no_file(newsroom: Newsroom) -> None:
    """No version of its text is left in feeds/ or state/, and its address answers 410."""
    publish_others(newsroom)
    newsroom.drop("zzqx.png", picture())
    fields = {"image": '"zzqx.png"', "image_alt": '"Qwxyz"'}
    newsroom.drop("a.toml", entry_file("Zzqxtitle of a victim", **fields))
    newsroom.build()
    newsroom.drop(
        "a.toml", entry_file("Another Zzqxtitle", correction='"Zzqxcorrection"', **fields)
    )
    newsroom.build()
    (media,) = [name for name in newsroom.feeds() if name.startswith("media/")]
    page = "2026/11/zzqxtitle-of-a-victim.html"
    assert page in newsroom.feeds()
    (newsroom.folder / "entries/a.toml").unlink()
    (newsroom.folder / "entries/zzqx.png").unlink()
    id_ = next(item["id"] for item in newsroom.items() if "Zzqx" in item["title"])

    taken_down(newsroom, id_)

    for folder in ("feeds", "state"):
        left = everything(newsroom.folder / folder).lower()
        assert [word for word in (b"zzqx", b"qwxyz", media.encode()) if word in left] == []
    assert (former(newsroom, page), former(newsroom, media)) == ("", "")
    assert tombstones(newsroom) == [id_]


@pytest.mark.long
def test_a_takedown_names_the_entries_that_keep_its_address(newsroom: Newsroom) -> None:
    """Of one without a file, of a held one, and as somebody wrote it; other links are undone."""
    newsroom.drop("a.toml", entry_file("Zzqx of a victim"))
    newsroom.drop("b.toml", entry_file("Read", body='"See [it](a.toml)."'))
    newsroom.build()
    address = newsroom.items()[-1]["url"]
    newsroom.drop("c.toml", entry_file("Written", body=f'"See [the news]({address})."'))
    newsroom.drop("d.toml", entry_file("Held", body='"As said: [it](a.toml)."'))
    newsroom.drop("e.toml", entry_file("Tidied away", body='"Also [there](a.toml)."'))
    newsroom.build()
    newsroom.drop("d.toml", entry_file("Held", date="soon", body='"As said: [it](a.toml)."'))
    (newsroom.folder / "entries/e.toml").unlink()

    id_ = newsroom.items()[-1]["id"]
    request = publish.RunRequest(now=newsroom.now, clock=newsroom.now)
    seen = hashlib.sha256((newsroom.folder / "entries/a.toml").read_bytes()).hexdigest()
    report = settle.take_down(newsroom.config, id_, request, files={"a.toml": seen})

    assert not (newsroom.folder / "entries/a.toml").exists()
    (remark,) = report.remarks
    assert "is still in the text of c.toml, d.toml, e.toml: take the link out there" in remark
    pages = {name: data for name, (data, _) in newsroom.feeds().items() if name.endswith(".html")}
    assert {name for name, data in pages.items() if b"zzqx-of" in data} == {
        f"2026/11/{name}.html" for name in ("written", "held", "tidied-away")
    }


@pytest.mark.long
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_a_taken_down_entry_does_not_return_with_another_time_zone(
    newsroom: Newsroom, zone: str
) -> None:
    """Its file has another name by then, and its time is another moment."""
    text = entry_file("Zzqx of a victim", "2026-11-25 10:30:00")
    path = newsroom.drop("a.toml", text)
    newsroom.drop("b.toml", entry_file("Other"))
    newsroom.build()
    id_ = next(item["id"] for item in newsroom.items() if "Zzqx" in item["title"])
    taken_down(newsroom, id_)
    path.rename(path.with_name("renamed.toml"))
    newsroom.build()
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("Europe/Vienna", zone), "utf-8")

    newsroom.build()
    newsroom.build(after=timedelta(days=1))
    newsroom.drop("new name.toml", text)
    newsroom.build()

    assert newsroom.codes().count("taken-down") == 2
    assert b"zzqx" not in everything(newsroom.folder / "feeds").lower()


@pytest.mark.long
@pytest.mark.parametrize("rebuilt", [False, True])
@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_takedown_forgets_the_terms_that_only_its_entry_had(
    newsroom: Newsroom, *, withdrawn: bool, rebuilt: bool
) -> None:
    """A place or an author may be all that tells who somebody is."""
    publish_others(newsroom)
    terms = {"categories": '["Zzqxtopic", "Water"]', "place": '"12 Zzqx Lane"'}
    newsroom.drop("a.toml", entry_file("Report", authors='["Zzqxauthor"]', **terms))
    newsroom.drop("b.toml", entry_file("Other", categories='["Water"]'))
    newsroom.build()
    assert newsroom.log[-1].problems == ()
    id_ = next(item["id"] for item in newsroom.items() if item["title"] == "Report")
    assert b"zzqx" in everything(newsroom.folder / "state").lower()
    (newsroom.folder / "entries/a.toml").unlink()
    if withdrawn:
        newsroom.build()
        newsroom.build(after=timedelta(minutes=10))

    if rebuilt:  # by the same run, after a change of the configuration
        with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as settings:
            settings.write("entries = 40\n")

    taken_down(newsroom, id_)

    for folder in ("feeds", "state"):
        assert b"zzqx" not in everything(newsroom.folder / folder).lower()
    pages = [name for name in newsroom.feeds() if name.startswith(("topics/", "places/", "auth"))]
    assert "topics/water.html" in pages
    assert not any("zzqx" in name for name in pages)
    newsroom.drop("c.toml", entry_file("New", **terms))
    newsroom.build()
    assert "topics/zzqxtopic.html" in newsroom.feeds()
    before = newsroom.feeds()
    newsroom.build(rebuild=True)
    assert newsroom.feeds() == before


def media(newsroom: Newsroom) -> set[str]:
    """Return the pictures and files of entries."""
    return {name for name in newsroom.feeds() if name.startswith("media/")}


@pytest.mark.long
@pytest.mark.parametrize("is_restored", [False, True])
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_takedown_leaves_no_picture_of_before_a_loss(
    newsroom: Newsroom, *, is_restored: bool, is_withdrawn: bool
) -> None:
    """Pictures that were replaced are known to no version then; those of others stay."""
    state, backup = newsroom.folder / "state", newsroom.folder / "backup"
    publish_others(newsroom, 8)
    newsroom.drop("other.jpg", photo(colour="green"))
    newsroom.drop("other-0.toml", entry_file(image='"other.jpg"', image_alt='"Another."'))
    newsroom.build()
    others = media(newsroom)
    newsroom.drop("face.jpg", photo(colour="red"))
    path = newsroom.drop("a.toml", entry_file("Named", image='"face.jpg"', image_alt='"A face."'))
    newsroom.build()
    shutil.copytree(state, backup)
    for colour in ("blue", "navy"):
        newsroom.drop("face.jpg", photo(colour=colour))
        newsroom.build()
    shown = media(newsroom)
    shutil.rmtree(state)
    if is_restored:
        backup.rename(state)
    newsroom.build()
    taken = {item["title"]: item["id"] for item in newsroom.items()}["Named"]
    if is_withdrawn:
        path.unlink()
        newsroom.build()
        newsroom.build(after=GRACE)
        withdrawn = media(newsroom)

    newsroom.build(takedown=taken)

    assert len(shown) > len(others)
    if is_withdrawn:  # earlier pictures stay, as without a loss other media are not looked at
        assert others < withdrawn < shown
    assert media(newsroom) == others
    assert lost_media(newsroom) == set()


@pytest.mark.long
@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_takedown_after_a_recovery_from_documents_loses_no_picture_of_others(
    newsroom: Newsroom, *, is_at_once: bool
) -> None:
    """Their files or pages may be lost as well: what is shown of them is known even so."""
    publish_others(newsroom, 8)
    for name in ("page", "feed", "file", "taken"):
        newsroom.drop(f"{name}.jpg", photo(colour="green" if name == "taken" else "navy"))
        newsroom.drop(f"{name}-text.png", picture("blue" if name == "taken" else "red"))
        text = entry_file(
            f"Known by its {name}",
            image=f'"{name}.jpg"',
            image_alt='"Whole."',
            body=f'"""Text.\n\n![In the text]({name}-text.png)"""',
        )
        newsroom.drop(f"{name}.toml", text)
    newsroom.build()
    before, feeds = media(newsroom), newsroom.folder / "feeds"
    taken = {item["title"]: item["id"] for item in newsroom.items()}["Known by its taken"]
    for path in [*feeds.glob(".manifest*"), *feeds.glob("2026/11/known-by-its-f*.html")]:
        path.unlink()
    for name in ("page", "feed", "taken"):
        (newsroom.folder / f"entries/{name}.toml").unlink()
    shutil.rmtree(newsroom.folder / "state")

    if not is_at_once:
        newsroom.build()
    newsroom.build(takedown=taken)
    newsroom.build(rebuild=True)
    after = media(newsroom)

    assert lost_media(newsroom) == set()
    assert {name for name in before if "-page" in name or "-file" in name} <= after
    assert any("-feed-text" in name for name in after)
    assert not any("-taken" in name for name in after)


FROZEN = """
[[feed]]
name = "old"
title = "Old"
description = "Removed later"
categories = ["Old"]
entries = 1
"""


@pytest.mark.long
@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_takedown_removes_the_text_from_documents_that_no_run_writes(
    newsroom: Newsroom, *, withdrawn: bool
) -> None:
    """The feed of these documents, or a format of it, has left the configuration."""
    settings = newsroom.folder / "config.toml"
    text = settings.read_text("utf-8")
    both = text.replace('formats = ["atom"]', 'formats = ["atom", "json"]')
    settings.write_text(f"{both}{FROZEN}", "utf-8")
    publish_others(newsroom)
    newsroom.drop("kept.toml", entry_file("Kept", categories='["Lebanon"]'))
    fields = {"categories": '["Old", "Lebanon"]', "event": '"1 December 2026, 10:00 - 11:30"'}
    newsroom.drop("a.toml", entry_file("Zzqxtitle", **fields))
    newsroom.drop("b.toml", entry_file("Newer", "2026-11-25", categories='["Old"]'))
    newsroom.build()
    settings.write_text(text, "utf-8")
    newsroom.build()
    left = [name for name in newsroom.feeds() if name.startswith(("old", "lebanon", "archive/old"))]
    id_ = next(item["id"] for item in newsroom.items() if "Zzqx" in item["title"])
    (newsroom.folder / "entries/a.toml").unlink()
    if withdrawn:
        newsroom.build()
        newsroom.build(after=timedelta(minutes=10))

    taken_down(newsroom, id_)

    assert {"old.rss", "old.html", "old.ics", "lebanon.json", "archive/old/1.rss"} <= {*left}
    assert b"zzqx" not in everything(newsroom.folder / "feeds").lower()
    assert {"lebanon.atom", "news.json"} <= newsroom.feeds().keys()
    assert former(newsroom, "old.rss") == former(newsroom, "lebanon.json") == ""
    deleted = [one.found for one in newsroom.log[-1].problems if one.code == "feed-taken-down"]
    assert {"old.rss", "lebanon.json"} <= {*deleted} <= {*left}
    moved = '\n[moved]\n"old.rss" = "news.rss"\n"lebanon.json" = "news.json"\n'
    settings.write_text(f"{text}{moved}", "utf-8")
    newsroom.build()
    assert newsroom.codes() == []
    assert former(newsroom, "old.rss") == "news.rss"
    assert former(newsroom, "lebanon.json") == "news.json"


@pytest.mark.long
def test_a_taken_down_entry_is_erased_while_others_read_the_ledger(newsroom: Newsroom) -> None:
    """SQLite's log lasts as long as a reader has the ledger open; no word stays in either."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file("Zzqxtitle", id='"https://example.org/1"'))
    newsroom.build()
    with being_read(newsroom.folder / "state/ledger.sqlite"):
        newsroom.drop("a.toml", entry_file("Other Zzqxtitle", id='"https://example.org/1"'))
        newsroom.build()
        before = everything(newsroom.folder / "state")
        (newsroom.folder / "entries/a.toml").unlink()

        taken_down(newsroom, "https://example.org/1")
        left = everything(newsroom.folder / "state").lower()

    assert b"Other Zzqxtitle" in before
    assert b"zzqx" not in left


@contextmanager
def being_read(ledger: Path) -> Iterator[None]:
    """Read a ledger all the time, with a short pause after each transaction."""
    over = Event()

    def read() -> None:
        with closing(sqlite3.connect(ledger, isolation_level=None)) as reader:
            while not over.is_set():
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM entry").fetchall()
                sleep(0.06)
                reader.execute("COMMIT")
                sleep(0.02)

    thread = Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def taken_down(newsroom: Newsroom, id_: str) -> None:
    """Take an entry down in one run."""
    newsroom.now += timedelta(minutes=1)
    clock = newsroom.now + timedelta(days=9999)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, takedown=id_)
    )
    newsroom.log.append(report)


@pytest.mark.long
@pytest.mark.parametrize("copied", ["whole", "without its manifest", "over the newer one"])
def test_an_older_copy_of_the_documents_shows_nothing_that_was_withdrawn_since(
    newsroom: Newsroom, copied: str
) -> None:
    """A web server would serve the files, which the manifest no longer lists; others stay."""
    publish_others(newsroom)
    newsroom.drop("sea.png", picture())
    path = newsroom.drop("a.toml", entry_file("Old", "2026-09-01", image='"sea.png"'))
    newsroom.drop("b.toml", entry_file("Gone", id='"https://example.org/1"'))
    newsroom.build()
    feeds = newsroom.folder / "feeds"
    (feeds / "robots.txt").write_text("own", encoding="utf-8")
    shutil.copytree(feeds, newsroom.folder / "older")
    path.unlink()
    newsroom.build()
    code = next(str(p.wanted) for p in newsroom.log[-1].problems if p.code == "old-gone")
    answered(newsroom, Approval(code=code))
    taken_down(newsroom, "https://example.org/1")
    files = newsroom.feeds().keys()
    if copied != "whole":
        for name in (HEAD, PREVIOUS, TABLE):
            (newsroom.folder / "older" / name).unlink(missing_ok=True)
    if copied != "over the newer one":
        shutil.rmtree(feeds)
    shutil.copytree(newsroom.folder / "older", feeds, dirs_exist_ok=True)

    newsroom.build()

    assert newsroom.feeds().keys() == files
    assert "robots.txt" in files


@pytest.mark.long
def test_a_taken_down_entry_never_comes_back(newsroom: Newsroom) -> None:
    """Its file is held under every name, and neither its id nor its address is reused."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(id='"https://example.org/1"'))
    newsroom.build()

    taken_down(newsroom, "https://example.org/1")

    assert newsroom.codes() == ["taken-down"]
    assert len(newsroom.items()) == 3

    shutil.move(newsroom.folder / "entries/a.toml", newsroom.folder / "entries/b.toml")
    newsroom.drop("c.toml", entry_file("New", id='"https://example.org/1"'))
    newsroom.drop("d.toml", entry_file("Report on Lebanon", "2026-11-10"))
    newsroom.build()

    assert sorted((p.file, p.code) for p in newsroom.log[-1].problems) == [
        ("b.toml", "taken-down"),
        ("c.toml", "taken-down"),
    ]
    assert "2026/11/report-on-lebanon-2.html" in newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert "taken-down" in newsroom.codes()
    assert former(newsroom, PAGE) == ""


@pytest.mark.long
@pytest.mark.parametrize("is_busy", [True, False])
def test_commands_report_their_result(newsroom: Newsroom, *, is_busy: bool) -> None:
    """An unknown code and an unknown entry are reported, and feeds that a takedown deletes.

    Also where the command waits for a file that is being written, and so does another run.
    """
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    settings = newsroom.folder / "config.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f"{text}{FROZEN}", "utf-8")
    newsroom.build()
    settings.write_text(text, "utf-8")
    newsroom.build()
    runner = CliRunner()
    option = ["--config", str(newsroom.folder / "config.toml")]

    wrong = runner.invoke(main, ["allow", *option, "gone-123456"])
    unknown = runner.invoke(main, ["takedown", *option, "nothing.toml", "--yes"])
    if is_busy:
        (newsroom.folder / "entries/late.toml").write_text(entry_file("Late"), "utf-8")
    done = runner.invoke(main, ["takedown", *option, "a.toml", "--yes"])

    assert "Nothing is held under gone-123456 now." in str(wrong.exception)
    assert "No entry called nothing.toml was published" in str(unknown.exception)
    assert done.exit_code == 0, done.output
    assert "a.toml is taken down, and its page answers 410." in done.output
    assert "HOLD      a.toml: " in done.output  # it is still there
    assert "Other files" not in done.output
    assert "old.rss, of a feed that config.toml no longer has, was deleted" in " ".join(
        done.output.split()
    )


# ---- Archives


def walk(newsroom: Newsroom, name: str, form: str) -> list[dict[str, object]]:
    """Walk from the subscription document to the oldest archive; merge by id, newest first."""
    path = f"{name}.{form}"
    merged: dict[str, dict[str, object]] = {}
    stones: set[str] = set()
    url = newsroom.config.publication.url
    seen = []
    while path:
        assert path not in seen
        seen.append(path)
        data = (newsroom.folder / "feeds" / path).read_bytes()
        if form == "json":
            feed = json.loads(data)
            for item in feed["items"]:
                merged.setdefault(item["id"], item)
            after = feed.get("next_url", "")
        else:
            root = fromstring(data)
            stones |= {element.attrib["ref"] for element in root.iter(TOMBSTONE)}
            scope = root if form == "atom" else root.find("channel")
            assert scope is not None
            for entry in root.iter(f"{ATOM}entry" if form == "atom" else "item"):
                id_ = entry.findtext(f"{ATOM}id") or entry.findtext("guid") or ""
                merged.setdefault(id_, {"id": id_})
            links = {
                link.attrib["rel"]: link.attrib["href"] for link in scope.findall(f"{ATOM}link")
            }
            after = links.get("prev-archive", "")
        path = after.removeprefix(url)
    return [item for id_, item in merged.items() if id_ not in stones]


SMALL = '\nentries = 5\ndays = 0\nname = "news"'


def small(newsroom: Newsroom) -> None:
    """Give the main feed a window of five, and archives of five."""
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('\nname = "news"', SMALL, 1), encoding="utf-8")


@pytest.mark.long
def test_full_archives_are_closed_and_never_change_members(newsroom: Newsroom) -> None:
    """Twelve entries are two archives and a subscription document; a late entry moves nothing."""
    small(newsroom)
    for number in range(12):
        newsroom.drop(
            f"{number:02}.toml", entry_file(f"Number {number}", f"2026-10-{number + 1:02}")
        )
    newsroom.build()
    first = newsroom.feeds()

    assert sorted(name for name in first if name.startswith("archive/news/")) == [
        f"archive/news/{number}.{form}"
        for number in (1, 2)
        for form in ("atom", "html", "json", "rss")
    ]
    archived = json.loads(first["archive/news/1.json"][0])["items"]
    assert [item["title"] for item in archived] == [f"Number {n}" for n in (4, 3, 2, 1, 0)]

    newsroom.drop("late.toml", entry_file("Late", "2026-09-01"))
    newsroom.build()

    after = newsroom.feeds()
    assert after["archive/news/1.atom"] == first["archive/news/1.atom"]
    assert "Late" in [item["title"] for item in newsroom.items()]
    for form in ("atom", "json", "rss"):
        assert len(walk(newsroom, "news", form)) == 13


@pytest.mark.long
def test_a_walk_finds_every_live_entry_once_after_any_changes(newsroom: Newsroom) -> None:
    """This covers late entries, corrections, retractions, withdrawals and takedowns."""
    small(newsroom)
    for number in range(23):
        newsroom.drop(
            f"{number:02}.toml", entry_file(f"Number {number}", f"2026-11-{number + 1:02}")
        )
    newsroom.build()
    newsroom.drop("03.toml", entry_file("Number 3", "2026-11-04", correction='"Three."'))
    retracted = {"status": '"retracted"', "retraction": '"Wrong."'}
    newsroom.drop("05.toml", entry_file("Number 5", "2026-11-06", **retracted))
    newsroom.drop("late.toml", entry_file("Late", "2026-10-01", body='"Late."'))
    for number in (1, 8, 22):
        (newsroom.folder / f"entries/{number:02}.toml").unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    (newsroom.folder / "entries/10.toml").unlink()
    taken = next(i for i in walk(newsroom, "news", "json") if i["title"] == "Number 10")
    taken_down(newsroom, str(taken["id"]))

    expected = {f"Number {n}" for n in range(23)} - {f"Number {n}" for n in (1, 5, 8, 22, 10)}
    expected |= {"Late", "Retracted: Number 5"}
    found = walk(newsroom, "news", "json")

    assert sorted(str(item["title"]) for item in found) == sorted(expected)
    for form in ("atom", "rss"):
        assert {i["id"] for i in walk(newsroom, "news", form)} == {i["id"] for i in found}
    titles = [item["title"] for item in newsroom.items()]
    assert {"Number 3", "Retracted: Number 5", "Late"} <= {*titles}

    feeds = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert newsroom.feeds() == feeds


@pytest.mark.long
def test_a_feed_stays_below_the_size_limit_of_readers(newsroom: Newsroom) -> None:
    """It has less than two megabytes in each format; archives have the older entries."""
    small(newsroom)
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("days = 0", "days = 365", 1), encoding="utf-8")
    lines = [f'- *one* & "two" {number} {"and more " * 9}' for number in range(1000)]
    long = "\n".join(["'''", *lines, "'''"])
    for number in range(13):
        newsroom.drop(
            f"{number:02}.toml", entry_file(f"Number {number}", f"2026-10-{number + 1:02}")
        )
    newsroom.build()
    assert len(newsroom.items()) == 13
    for number in range(13):
        newsroom.drop(
            f"{number:02}.toml",
            entry_file(f"Number {number}", f"2026-10-{number + 1:02}", body=long),
        )
    newsroom.build(after=timedelta(minutes=1))

    for form in ("atom", "json", "rss"):
        size = (newsroom.folder / f"feeds/news.{form}").stat().st_size
        assert 1_000_000 < size < 2_000_000
        assert len(walk(newsroom, "news", form)) == 13
    shown = [item["title"] for item in newsroom.items()]
    assert shown == [f"Number {12 - n}" for n in range(len(shown))]
    assert 3 <= len(shown) < 13


@pytest.mark.long
def test_a_full_feed_has_corrections_of_old_entries(newsroom: Newsroom) -> None:
    """Of what does not fit, the entries that have not changed for longest stay out."""
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('name = "news"', 'name = "news"\nentries = 99', 1), "utf-8")
    long = f'"""{"Few words. " * 6_000}"""'
    old = entry_file("Number 3", "2026-01-03", body=long)
    newsroom.drop("03.toml", old)
    for number in range(70):
        newsroom.drop(
            f"more-{number}.toml",
            entry_file(
                f"More {number}", f"2026-0{2 + number // 25}-{1 + number % 25:02}", body=long
            ),
        )
    newsroom.build()
    before = {item["title"] for item in newsroom.items()}
    newsroom.drop("03.toml", old.replace("body", 'correction = "It was four."\nbody', 1))
    newsroom.build()

    assert "Number 3" not in before
    assert "Number 3" in {item["title"] for item in newsroom.items()}


def test_archives_have_the_links_of_rfc_5005(newsroom: Newsroom) -> None:
    """These are archive, prev-archive, next-archive and current, with one id throughout."""
    small(newsroom)
    for number in range(15):
        newsroom.drop(
            f"{number:02}.toml", entry_file(f"Number {number}", f"2026-10-{number + 1:02}")
        )
    newsroom.build()
    url = newsroom.config.publication.url
    second = fromstring(newsroom.feeds()["archive/news/2.atom"][0])
    links = {link.attrib["rel"]: link.attrib["href"] for link in second.findall(f"{ATOM}link")}

    assert links == {
        "alternate": url,
        "self": f"{url}archive/news/2.atom",
        "prev-archive": f"{url}archive/news/1.atom",
        "next-archive": f"{url}archive/news/3.atom",
        "current": f"{url}news.atom",
    }
    assert second.find("{http://purl.org/syndication/history/1.0}archive") is not None
    subscription = fromstring(newsroom.feeds()["news.atom"][0])
    assert subscription.findtext(f"{ATOM}id") == second.findtext(f"{ATOM}id")
    copy = DocumentCache(newsroom.folder / "feeds").get("archive/news/2.atom")
    assert copy is not None
    assert f'<{url}archive/news/1.atom>; rel="prev-archive"' in copy.listing.links


# ---- Corrections


def test_a_retracted_event_is_cancelled_everywhere(newsroom: Newsroom) -> None:
    """This covers its feeds, a feed of corrections, and its page."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[feed]]\nname = "errata"\ntitle = "E"\ndescription = "E"\nkinds = ["correction"]'
        )
    newsroom.drop("a.toml", entry_file("Hearing", event="2026-12-01"))
    newsroom.build()
    text = {"status": '"retracted"', "retraction": '"It was put off."', "event": "2026-12-01"}
    newsroom.drop("a.toml", entry_file("Hearing", **text))

    newsroom.build()

    shown = {name: data.decode(errors="ignore") for name, (data, _) in newsroom.feeds().items()}
    names = ("news.rss", "news.atom", "news.json")
    assert ["Cancellation (" in shown[name] for name in names] == [True] * 3
    assert [item["title"] for item in newsroom.items("errata")] == ["Cancellation: Hearing"]
    assert "Cancelled" in shown["2026/11/hearing.html"]
    assert [name for name in names if "Retraction" in shown[name]] == []


@pytest.mark.long
def test_a_corrections_feed_lists_each_correction(newsroom: Newsroom) -> None:
    """Each correction and each retraction is an item, which links to the page it corrects."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[feed]]\nname = "errata"\ntitle = "E"\ndescription = "E"\nkinds = ["correction"]'
        )
    newsroom.drop("a.toml", entry_file(correction='"60, not 600."'))
    newsroom.drop("b.toml", entry_file("Second"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(correction='"61, not 60."'))
    newsroom.build(after=timedelta(days=2))
    newsroom.drop("b.toml", entry_file("Second", status='"retracted"', retraction='"Wrong."'))
    newsroom.build()

    found = newsroom.items("errata")

    assert [(item["title"], item["content_html"]) for item in found] == [
        ("Retraction: Second", "<p>Wrong.</p>"),
        ("Correction: Report on Lebanon", "<p>61, not 60.</p>"),
        ("Correction: Report on Lebanon", "<p>60, not 600.</p>"),
    ]
    ids = {item["id"] for item in newsroom.items()}
    assert {item["id"].partition("/")[0] for item in found} == ids
    assert len({item["id"] for item in found}) == 3
    assert '"@type": "CorrectionComment"' in newsroom.feeds()[PAGE][0].decode()


# ---- Moved feeds and sites


@pytest.mark.long
def test_former_addresses_redirect(newsroom: Newsroom) -> None:
    """A feed's name covers all its formats and archives; addresses that are gone stay gone."""
    small(newsroom)
    for number in range(6):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", categories='["Lebanon"]'))
    newsroom.build()
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    text = text.replace('name = "news-ar"', 'name = "arabic"').replace('"lebanon"', '"liban"')
    config.write_text(
        text + '[moved]\nlebanon = "liban"\n"2008/old.html" = "https://example.org/old"\n'
        '"http://old.example.net/" = "http://127.0.0.1:8000/"\n'
        '[gone]\naddresses = ["news-ar", "2008/gone.html"]\n',
        encoding="utf-8",
    )

    newsroom.build()

    assert newsroom.codes() == []
    assert former(newsroom, "lebanon.atom") == "liban.atom"
    assert former(newsroom, "lebanon.html") == "liban.html"
    assert former(newsroom, "news-ar.rss") == ""
    assert former(newsroom, "2008/old.html") == "https://example.org/old"
    assert former(newsroom, "2008/gone.html") == ""
    assert former(newsroom, "2008/never.html") is None
    shelf = DocumentCache(newsroom.folder / "feeds")
    assert shelf.get("news.rss") is not None
    assert shelf.former_hosts == {"old.example.net": "http://127.0.0.1:8000/"}
    assert fingerprint("a") != fingerprint("b")


@pytest.mark.long
def test_a_move_is_described_before_it_is_made(newsroom: Newsroom) -> None:
    """It lists redirects, constants and durations; then `config.toml` has both addresses."""
    publish_others(newsroom)
    newsroom.drop("own.png", picture())
    newsroom.drop("a.toml", entry_file(image='"own.png"', image_alt='"Blue"'))
    newsroom.build()
    ids = [item["id"] for item in newsroom.items()]
    before = (newsroom.folder / "config.toml").read_bytes()
    runner = CliRunner()
    option = ["--config", str(newsroom.folder / "config.toml"), "--to", "https://new.example.org"]

    shown = runner.invoke(main, ["move", *option])

    assert (newsroom.folder / "config.toml").read_bytes() == before
    assert (
        "http://127.0.0.1:8000/lebanon.atom -> https://new.example.org/lebanon.atom" in shown.output
    )
    assert "4 ids of entries" in shown.output
    assert "Nothing is changed yet" in shown.output

    done = runner.invoke(main, ["move", *option, "--yes"])
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()

    assert done.exit_code == 0, done.output
    assert [item["id"] for item in newsroom.items()] == ids
    assert newsroom.config.publication.url == "https://new.example.org/"
    feeds = newsroom.feeds()
    old = [name for name, (data, _) in feeds.items() if b"http://127.0.0.1:8000/" in data]
    assert old == []
    shelf = DocumentCache(newsroom.folder / "feeds")
    assert shelf.get("news.rss") is not None
    assert shelf.former_hosts == {"127.0.0.1:8000": "https://new.example.org/"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "HTTP://127.0.0.1:8000/"])
def test_a_site_does_not_move_to_its_own_address(newsroom: Newsroom, address: str) -> None:
    """The message says so, however the address is written."""
    options = ["--config", str(newsroom.folder / "config.toml"), "--to", address, "--yes"]

    done = CliRunner().invoke(main, ["move", *options])

    assert "http://127.0.0.1:8000/ is the address of the site already" in str(done.exception)


@pytest.mark.parametrize("address", ["http://a.example/", "https://A.example:443/news/"])
def test_the_port_of_https_is_no_other_machine(newsroom: Newsroom, address: str) -> None:
    """Each request for the new address would be redirected to it, again and again."""
    path = newsroom.folder / "config.toml"
    text = path.read_text("utf-8").replace("http://127.0.0.1:8000/", "http://a.example:80/")
    path.write_text(text, encoding="utf-8")

    done = CliRunner().invoke(main, ["move", "--config", str(path), "--to", address, "--yes"])

    assert "is on the same machine as http://a.example:80/" in str(done.exception)
    assert path.read_text("utf-8") == text


@pytest.mark.long
def test_a_site_moves_back_to_a_former_address(newsroom: Newsroom) -> None:
    """The way there is taken out of `config.toml`, and the way back is written into it."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path = newsroom.folder / "config.toml"
    ids = [item["id"] for item in newsroom.items()]
    for address in ("https://new.example.org/", "http://127.0.0.1:8000/", "https://c.example.org/"):
        options = ["--config", str(path), "--to", address, "--yes"]
        done = CliRunner().invoke(main, ["move", *options])
        assert done.exit_code == 0, (done.output, done.exception)
        newsroom.build()

    assert newsroom.config.publication.url == "https://c.example.org/"
    assert [item["id"] for item in newsroom.items()] == ids
    shelf = DocumentCache(newsroom.folder / "feeds")
    assert shelf.get("news.rss") is not None
    assert shelf.former_hosts == {
        "127.0.0.1:8000": "https://c.example.org/",
        "new.example.org": "http://127.0.0.1:8000/",
    }


@pytest.mark.parametrize("path", ["", "press/"])
def test_a_move_to_another_path_needs_a_reload(newsroom: Newsroom, path: str) -> None:
    """The web workers know the path from their start, and answer 404 below another one."""
    newsroom.build()
    options = ["--config", str(newsroom.folder / "config.toml"), "--yes"]

    done = CliRunner().invoke(main, ["move", *options, "--to", f"https://new.example.org/{path}"])

    assert ("systemctl reload dateline" in done.output) is bool(path)


def test_a_move_that_would_break_the_configuration_changes_nothing(newsroom: Newsroom) -> None:
    """A refused configuration leaves config.toml as it is, and no file beside it."""
    newsroom.build()
    config = newsroom.folder / "config.toml"
    config.write_text("moved = {}\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    before, names = config.read_bytes(), sorted(newsroom.folder.iterdir())

    done = CliRunner().invoke(
        main, ["move", "--config", str(config), "--to", "https://new.example.org", "--yes"]
    )

    assert isinstance(done.exception, ConfigError)
    assert config.read_bytes() == before
    assert sorted(newsroom.folder.iterdir()) == names


@pytest.mark.long
def test_a_takedown_after_the_loss_of_the_ledger_says_what_to_do_first(newsroom: Newsroom) -> None:
    """No run has recovered it yet: that nothing of this name was published would be wrong."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    command = ["takedown", "--config", str(newsroom.folder / "config.toml"), "a.toml", "--yes"]

    before = CliRunner().invoke(main, command)
    newsroom.build()
    after = CliRunner().invoke(main, command)

    assert "it was lost. Type dateline build, which recovers it" in str(before.exception)
    assert after.exit_code == 0, after.output


@pytest.mark.parametrize("command", ["takedown", "history", "restore"])
def test_an_empty_publication_has_lost_no_ledger(newsroom: Newsroom, command: str) -> None:
    """Its feeds are there as soon as it is built."""
    newsroom.build()
    arguments = ["--config", str(newsroom.folder / "config.toml"), "a.toml"]
    arguments += {"takedown": ["--yes"], "restore": ["1"]}.get(command, [])

    done = CliRunner().invoke(main, [command, *arguments])

    assert done.exit_code != 0
    assert "a.toml" in str(done.exception)
    assert "lost" not in str(done.exception)


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_move_leaves_the_rights_of_the_configuration(newsroom: Newsroom, umask: int) -> None:
    """It has secrets, and the user of `serve` reads it."""
    newsroom.build()
    config = newsroom.folder / "config.toml"
    group = 65534 if os.geteuid() == 0 else os.getegid()
    os.chown(config, -1, group)
    config.chmod(0o640)
    before = os.umask(umask)
    try:
        options = ["--config", str(config), "--to", "https://new.example.org", "--yes"]
        done = CliRunner().invoke(main, ["move", *options])
    finally:
        os.umask(before)

    assert done.exit_code == 0, done.output
    seen = config.stat()
    assert (stat.S_IMODE(seen.st_mode), seen.st_gid) == (0o640, group)


@pytest.mark.parametrize("header", ["[moved]  # old addresses", "[ moved ]", "  [moved]"])
def test_a_move_finds_its_table_however_that_is_written(newsroom: Newsroom, header: str) -> None:
    """A second one would be a fault."""
    newsroom.build()
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n{header}\n"old.html" = "news.rss"\n', "utf-8")

    options = ["--config", str(config), "--to", "https://new.example.org", "--yes"]
    done = CliRunner().invoke(main, ["move", *options])

    assert done.exit_code == 0, done.output
    assert newsroom.config.former["old.html"] == "news.rss"
    assert newsroom.config.former_hosts == {"127.0.0.1:8000": "https://new.example.org/"}


@pytest.mark.long
def test_a_changed_tag_needs_an_approval(newsroom: Newsroom) -> None:
    """Otherwise every feed would look new to its readers."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = newsroom.feeds()
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("example.org,2008", "example.org,2020"), encoding="utf-8")

    newsroom.build()

    assert newsroom.codes() == ["tag-changed"]
    assert newsroom.feeds() == before
    newsroom.build()
    assert newsroom.codes() == ["tag-changed"]

    approval = Approval(code=str(newsroom.log[-1].problems[0].wanted))
    answered(newsroom, approval)

    assert newsroom.codes() == []
    assert b"tag:example.org,2020:feed/news" in newsroom.feeds()["news.atom"][0]
    config.write_text(text, encoding="utf-8")
    answered(newsroom, approval)
    assert newsroom.codes() == ["tag-changed"]


@pytest.mark.long
def test_a_file_that_disappeared_under_a_fast_clock_is_withdrawn(newsroom: Newsroom) -> None:
    """The grace time starts when the clock is corrected, and the entry is not old news."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build(after=timedelta(days=365))
    ahead = newsroom.codes()

    newsroom.build(after=timedelta(days=-365))
    waiting = newsroom.codes()
    report = newsroom.build(after=GRACE)

    assert (ahead, waiting) == (["old-gone"], ["file-gone"])
    assert (report.withdrawn, newsroom.codes()) == (("a.toml",), [])


def tidy_away_under_a_slow_clock(
    newsroom: Newsroom, path: Path, days: int, *, is_gone: bool
) -> None:
    """Delete a file while the clock is so many days behind, or before, and set the clock right."""
    if is_gone:
        path.unlink()
        newsroom.build()
        assert newsroom.codes() == ["old-gone"]
    newsroom.build(after=timedelta(days=-days))
    path.unlink(missing_ok=True)
    newsroom.build()
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=timedelta(days=days))
    newsroom.build(after=2 * GRACE)


@pytest.mark.long
@pytest.mark.parametrize(
    ("days", "is_gone"), [(100, True), (400, True), (400, False), (20000, True), (20000, False)]
)
def test_a_slow_clock_withdraws_no_old_news(
    newsroom: Newsroom, days: int, *, is_gone: bool
) -> None:
    """Its file was tidied away, before or while the clock was wrong by years, or by weeks."""
    publish_others(newsroom)
    path = newsroom.drop("old.toml", entry_file("Old news", "2026-09-01"))
    newsroom.build(after=timedelta(days=31))
    tidy_away_under_a_slow_clock(newsroom, path, days, is_gone=is_gone)

    assert [one.withdrawn for one in newsroom.log] == [()] * len(newsroom.log)
    assert newsroom.codes() == ["old-gone"]
    assert "Old news" in {item["title"] for item in newsroom.items()}


@pytest.mark.long
@pytest.mark.parametrize("days", [15, 50])
@pytest.mark.parametrize("is_gone", [True, False])
def test_a_clock_behind_the_last_run_withdraws_no_old_news(
    newsroom: Newsroom, days: int, *, is_gone: bool
) -> None:
    """It is later than the newest entry, so that only the runs show that it was set back."""
    publish_others(newsroom)
    path = newsroom.drop("old.toml", entry_file("Old news"))
    newsroom.build()
    for _ in range(3):
        newsroom.build(after=timedelta(days=20))
    tidy_away_under_a_slow_clock(newsroom, path, days, is_gone=is_gone)

    assert [one.withdrawn for one in newsroom.log] == [()] * len(newsroom.log)
    assert newsroom.codes() == ["old-gone"]


@pytest.mark.long
def test_a_clock_behind_the_last_run_withdraws_recent_news_after_the_grace_time(
    newsroom: Newsroom,
) -> None:
    """Staff who delete a file need not wait until the clock is right again."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    newsroom.build(after=timedelta(days=20))
    path.unlink()
    newsroom.build()

    newsroom.build(after=timedelta(days=-10))
    report = newsroom.build(after=GRACE)

    assert report.withdrawn == ("a.toml",)


@pytest.mark.long
def test_a_file_missed_by_a_clock_behind_its_entry_has_its_grace_time(newsroom: Newsroom) -> None:
    """It begins once the clock is right again; staff are told until then what is wrong."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build(after=timedelta(days=-2))
    (behind,) = newsroom.log[-1].problems

    newsroom.build(after=timedelta(days=2))
    waiting = newsroom.codes()
    report = newsroom.build(after=GRACE)

    assert (waiting, report.withdrawn) == (["file-gone"], ("a.toml",))
    assert (behind.code, behind.file) == ("clock-behind-gone", "a.toml")
    assert behind.found == "2026-11-23 11:01"


@pytest.fixture
def behind(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Set the machine's clock an hour back, for commands."""
    hour_ago = datetime.fromtimestamp(newsroom.folder.stat().st_ctime - 3600, UTC)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Behind:
            return cls.fromtimestamp(hour_ago.timestamp(), tz)

    monkeypatch.setattr(settle, "datetime", Behind)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", f"{newsroom.now.timestamp():.0f}")
    return hour_ago


@pytest.mark.long
@pytest.mark.usefixtures("behind")
def test_a_build_publishes_files_with_a_future_time(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits a moment for the file to settle, and not until the clock reaches that time."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) < 100

    monkeypatch.setattr(settle, "sleep", sleep)
    newsroom.drop("a.toml", entry_file())

    report = settle.until_settled(newsroom.config, settle.request_now())

    assert (report.published, report.problems) == (("a.toml",), ())
    assert 1 < sum(slept) < 3


@pytest.mark.long
@pytest.mark.usefixtures("behind")
def test_a_build_ends_although_a_file_never_settles(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is reported, and left to the next build."""
    written = 0

    def write(_: float) -> None:
        nonlocal written
        written += 1
        assert written < 100
        newsroom.drop("a.toml", entry_file(f"Line {written}"))

    monkeypatch.setattr(settle, "sleep", write)
    monkeypatch.setattr(settle, "_RUNS", 9, raising=False)
    write(0)

    report = settle.until_settled(newsroom.config, settle.request_now())

    assert [problem.code for problem in report.problems] == ["file-changing"]


@pytest.mark.long
def test_a_build_in_two_runs_reports_the_files_of_both(newsroom: Newsroom) -> None:
    """The second run is for a file that was dropped a moment ago."""
    newsroom.drop("a.toml", entry_file())
    sleep(0.5)
    newsroom.drop("b.toml", entry_file("Just now"))

    report = settle.until_settled(newsroom.config, settle.request_now())

    assert report.published == ("a.toml", "b.toml")
    assert report.states == {"a.toml": "live", "b.toml": "live"}


def test_unpublished_entries_are_in_no_file(newsroom: Newsroom) -> None:
    """Drafts and embargoed entries are in no document, name or table until publication."""
    publish_others(newsroom)
    newsroom.drop("zzqx.png", picture())
    fields = {"image": '"zzqx.png"', "image_alt": '"Qwxyz"', "categories": '["Lebanon"]'}
    newsroom.drop("draft.toml", entry_file("Zzqxdraft", draft="true", **fields))
    newsroom.drop("soon.toml", entry_file("Zzqxsoon", "2026-11-25T10:30:00Z", **fields))
    newsroom.drop("held.toml", entry_file("Zzqxheld", place="12", **fields))

    report = newsroom.build()

    left = everything(newsroom.folder / "feeds").lower()
    assert [word for word in (b"zzqx", b"qwxyz", b"media/") if word in left] == []
    due = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
    assert report.next == due

    newsroom.now = due
    newsroom.build(after=timedelta())

    assert newsroom.items()[0]["title"] == "Zzqxsoon"
    left = everything(newsroom.folder / "feeds")
    assert (b"Zzqxdraft" in left, b"Zzqxheld" in left) == (False, False)


# ---- Exact limits


@pytest.mark.long
def test_the_next_run_is_at_the_earlier_of_two_withdrawals(newsroom: Newsroom) -> None:
    """It is at the moment of the first, and withdraws only that entry."""
    publish_others(newsroom, 6)
    first, second = newsroom.drop("a.toml"), newsroom.drop("b.toml", entry_file("Second"))
    newsroom.build()
    first.unlink()
    newsroom.build()
    since = newsroom.now
    second.unlink()
    report = newsroom.build(after=timedelta(minutes=2))
    early = newsroom.build(after=since + GRACE - newsroom.now - timedelta(seconds=1))
    due = newsroom.build(after=timedelta(seconds=1))

    assert report.next == early.next == since + GRACE
    assert (early.withdrawn, due.withdrawn) == ((), ("a.toml",))
    assert due.next == since + timedelta(minutes=2) + GRACE


@pytest.mark.parametrize(("window", "size"), [(2, 2), pytest.param(60, 50, marks=pytest.mark.long)])
def test_an_archive_has_exactly_its_size(newsroom: Newsroom, window: int, size: int) -> None:
    """It is the size of the window, but at most fifty; no entry is in two archives."""
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('"Everything"', f'"Everything"\nentries = {window}\ndays = 0', 1), "utf-8"
    )
    for number in range(2 * size + window + 1):
        newsroom.drop(f"{number:03}.toml", entry_file(f"Number {number}", "2026-10-01"))
    newsroom.build()
    feeds = newsroom.feeds()
    count = len([name for name in feeds if re.fullmatch(r"archive/news/\d+\.json", name)])
    archives = [
        [item["title"] for item in json.loads(feeds[f"archive/news/{number}.json"][0])["items"]]
        for number in range(1, count + 1)
    ]

    assert count >= 2
    assert {len(titles) for titles in archives} == {size}
    assert [title for titles in reversed(archives) for title in titles] == [
        f"Number {n}" for n in reversed(range(count * size))
    ]


@pytest.mark.long
def test_a_shared_picture_stays_with_the_other_entry(newsroom: Newsroom) -> None:
    """A takedown removes only pictures that no other entry shows."""
    publish_others(newsroom)
    newsroom.drop("shared.png", picture("red"))
    shown = {"image": '"shared.png"', "image_alt": '"Red"'}
    newsroom.drop("a.toml", entry_file("One", id='"https://example.org/1"', **shown))
    newsroom.drop("b.toml", entry_file("Two", **shown))
    newsroom.build()
    before = {name for name in newsroom.feeds() if name.startswith("media/")}
    (newsroom.folder / "entries/a.toml").unlink()
    config, now = newsroom.config, newsroom.now + timedelta(minutes=1)
    publish.build(config, publish.RunRequest(now=now, clock=now, takedown="https://example.org/1"))

    assert len(before) == 1
    assert {name for name in newsroom.feeds() if name.startswith("media/")} == before
