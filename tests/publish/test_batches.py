"""What is looked at in parts becomes what it becomes all at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.errors import Problem
from dateline.model import Report
from dateline.publish import assess
from publication.test_determinism import CASES, dropped, promised
from support.publication import Newsroom, entry_file, picture


@contextmanager
def at_a_time(files: int) -> Iterator[None]:
    """Let so many files be a part, or those of one day where these are more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assess, "_BATCH", files)
        yield


def said(newsroom: Newsroom) -> list[tuple[str, str, str]]:
    """Give what staff are told."""
    return sorted((one.file, one.code, _line(one)) for one in newsroom.log[-1].problems)


def _line(problem: Problem) -> str:
    return f"{problem.line} {problem.found} {problem.wanted}"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_an_import_in_parts_gives_the_same(case: Path, tmp_path: Path) -> None:
    """Ids, addresses, moments, places in feeds and archives, and what staff are told."""
    whole = Newsroom(dropped(case, tmp_path / "whole"))
    cut = Newsroom(dropped(case, tmp_path / "cut"))

    whole.build()
    with at_a_time(1):
        cut.build()

    assert cut.feeds() == whole.feeds()
    assert promised(cut.folder) == promised(whole.folder)
    assert said(cut) == said(whole)
    assert cut.log[-1].states == whole.log[-1].states
    assert cut.log[-1].published == whole.log[-1].published


def various(newsroom: Newsroom) -> None:
    """Drop news whose names have another order than their days, and much of which is alike."""
    today = newsroom.now.date()
    for number in range(12):
        day = today - timedelta(days=number // 2 * 3)
        title = "The same title" if number % 4 < 2 else f"Number {number}"
        newsroom.drop(f"{number:02}.toml", entry_file(title, f"{day}", body=f'"{number}"'))
    # Of two days where they were written, and the later of these is the earlier moment.
    newsroom.drop("west.toml", entry_file("West", "2026-11-20T23:00:00-10:00"))
    newsroom.drop("east.toml", entry_file("East", "2026-11-21T01:00:00+10:00"))
    newsroom.drop("copy.toml", entry_file("Number 2", f"{today - timedelta(3)}", body='"2"'))
    newsroom.drop("later.toml", entry_file("Later", f"{today + timedelta(30)}"))
    newsroom.drop("draft.toml", entry_file("Draft", f"{today}", draft="true"))
    newsroom.drop("bad.toml", "title = ")
    shown = {"image": '"navy.png"', "image_alt": '"Blue"'}
    newsroom.drop("navy.png", picture())
    newsroom.drop("zz/navy.png", picture())
    newsroom.drop("seen.toml", entry_file("Seen", f"{today - timedelta(40)}", **shown))
    newsroom.drop("zz/seen.toml", entry_file("Seen again", f"{today - timedelta(1)}", **shown))


def twin(newsroom: Newsroom, folder: Path) -> Newsroom:
    """Give a copy of a newsroom, with all that it remembers, if it does."""
    other = Newsroom(folder, now=newsroom.now)
    shutil.copytree(newsroom.folder, folder, ignore=lambda *_: ["twin"], dirs_exist_ok=True)
    return other


@pytest.mark.parametrize("files", [1, 3, 7])
def test_what_is_alike_gets_the_same_names_in_parts(
    files: int, newsroom: Newsroom, tmp_path: Path
) -> None:
    """Of a title that many have, addresses and moments are dealt as if all came at once."""
    various(newsroom)
    other = twin(newsroom, tmp_path / "twin")

    newsroom.build()
    with at_a_time(files):
        other.build()

    assert other.feeds() == newsroom.feeds()
    assert promised(other.folder) == promised(newsroom.folder)
    assert said(other) == said(newsroom)


def all_again(newsroom: Newsroom) -> Report:
    """Make everything again, a minute later."""
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    )
    newsroom.log.append(report)
    return report


def test_all_that_is_made_again_in_parts_stays_as_it_is(newsroom: Newsroom) -> None:
    """Every file is looked at, none is another."""
    various(newsroom)
    newsroom.build()
    before, told = newsroom.feeds(), said(newsroom)

    with at_a_time(2):
        report = all_again(newsroom)

    assert newsroom.feeds() == before
    assert said(newsroom) == told
    assert (report.published, report.changed, report.withdrawn) == ((), (), ())
    assert report.states == newsroom.log[0].states


def rotated(newsroom: Newsroom) -> None:
    """Let the newest report have the name that the last one had, which gets another."""
    entries = newsroom.folder / "entries"
    (entries / "latest.toml").rename(entries / "week1.toml")
    newsroom.drop("latest.toml", entry_file("Weekly report", "2026-11-17", body='"second"'))
    (entries / "04.toml").rename(entries / "99.toml")
    newsroom.drop("04.toml", entry_file("Number 6", "2026-11-02", body='"new"'))
    (entries / "05.toml").unlink()


def updated(newsroom: Newsroom) -> None:
    """Let more entries than can be true say that they were updated."""
    for number in range(12):
        path = newsroom.folder / f"entries/{number:02}.toml"
        path.write_text(f"updated = 2026-11-25\n{path.read_text('utf-8')}", encoding="utf-8")


@pytest.mark.parametrize("change", [rotated, updated])
def test_what_changed_is_seen_together_while_all_is_made_again(
    change: Callable[[Newsroom], None], newsroom: Newsroom, tmp_path: Path
) -> None:
    """Who is renamed, exchanged, missing or held is found out as in one part."""
    various(newsroom)
    newsroom.drop("latest.toml", entry_file("Weekly report", "2026-11-10", body='"first"'))
    newsroom.build()
    change(newsroom)
    other = twin(newsroom, tmp_path / "twin")

    all_again(newsroom)
    with at_a_time(3):
        all_again(other)

    assert other.feeds() == newsroom.feeds()
    assert promised(other.folder) == promised(newsroom.folder)
    assert said(other) == said(newsroom)
    assert other.log[-1].published == newsroom.log[-1].published
    assert other.log[-1].missing == newsroom.log[-1].missing


def test_what_an_entry_names_is_not_told_whichever_part_it_is_in(newsroom: Newsroom) -> None:
    """A document that is no entry, and belongs to one that is looked at later."""
    newsroom.drop("report.docx", b"PK\x03\x04 a document")
    for number in range(4):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", f"2026-11-1{number}"))
    newsroom.drop("b.toml", entry_file("With a report", attachments='["report.docx"]'))

    with at_a_time(1):
        report = newsroom.build()

    assert not [problem for problem in report.problems if problem.file == "report.docx"]
    assert not (newsroom.folder / "entries/report.docx.problem.txt").exists()
