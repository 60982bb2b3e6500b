"""Assessing files in batches has the same result as assessing them all at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.model import Report
from dateline.publish.assess import batches
from publication.test_determinism import batch_size, manifest_of, reported
from support.publication import Newsroom, entry_file, picture


def drop_various(newsroom: Newsroom) -> None:
    """Drop similar news in files whose names are not in the order of their dates."""
    today = newsroom.now.date()
    for number in range(12):
        day = today - timedelta(days=number // 2 * 3)
        title = "The same title" if number % 4 < 2 else f"Number {number}"
        newsroom.drop(f"{number:02}.toml", entry_file(title, f"{day}", body=f'"{number}"'))
    # Written on two days; the later of these dates is the earlier moment.
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
    """Return a copy of a newsroom, including its state if it has any."""
    other = Newsroom(folder, now=newsroom.now)
    shutil.copytree(newsroom.folder, folder, ignore=lambda *_: ["twin"], dirs_exist_ok=True)
    return other


@pytest.mark.long
@pytest.mark.parametrize("files", [1, 3, 7])
def test_similar_entries_get_the_same_slugs_in_batches(
    files: int, newsroom: Newsroom, tmp_path: Path
) -> None:
    """For entries with the same title, addresses and moments are those of a single batch."""
    drop_various(newsroom)
    other = twin(newsroom, tmp_path / "twin")

    newsroom.build()
    with batch_size(files):
        other.build()

    assert other.feeds() == newsroom.feeds()
    assert manifest_of(other.folder) == manifest_of(newsroom.folder)
    assert reported(other) == reported(newsroom)


def test_many_files_are_assessed_in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """More files than a part has are cut, those of a first import between days."""
    monkeypatch.setattr(batches, "_PART", 2)
    paths = ["a", "b", "c", "d", "e"]

    def days(paths: Sequence[str]) -> list[date]:
        return [date(2026, 11, 1 + ord("e") - ord(path)) for path in paths]

    assert [*batches.cut(paths[:2], paths, days)] == [paths[:2]]
    assert [*batches.cut(paths, paths, days)] == [["d", "e"], ["b", "c"], ["a"]]
    assert [*batches.cut(paths, ["e"], None)] == [["e"], ["a", "b"], ["c", "d"]]


def rebuild(newsroom: Newsroom) -> Report:
    """Rebuild everything, a minute later."""
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    )
    newsroom.log.append(report)
    return report


@pytest.mark.long
def test_a_rebuild_in_batches_changes_nothing(newsroom: Newsroom) -> None:
    """Every file is assessed, and none has changed."""
    drop_various(newsroom)
    newsroom.build()
    before, told = newsroom.feeds(), reported(newsroom)

    with batch_size(2):
        report = rebuild(newsroom)

    assert newsroom.feeds() == before
    assert reported(newsroom) == told
    assert (report.published, report.changed, report.withdrawn) == ((), (), ())
    assert report.states == newsroom.log[0].states


def rotate(newsroom: Newsroom) -> None:
    """Rename the newest report to the name of the last one, and rename that."""
    entries = newsroom.folder / "entries"
    (entries / "latest.toml").rename(entries / "week1.toml")
    newsroom.drop("latest.toml", entry_file("Weekly report", "2026-11-17", body='"second"'))
    (entries / "04.toml").rename(entries / "99.toml")
    newsroom.drop("04.toml", entry_file("Number 6", "2026-11-02", body='"new"'))
    (entries / "05.toml").unlink()


def update_many(newsroom: Newsroom) -> None:
    """Set `updated` in more entries than a guard accepts."""
    for number in range(12):
        path = newsroom.folder / f"entries/{number:02}.toml"
        path.write_text(f"updated = 2026-11-25\n{path.read_text('utf-8')}", encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("change", [rotate, update_many])
def test_changes_are_assessed_together_during_a_rebuild(
    change: Callable[[Newsroom], None], newsroom: Newsroom, tmp_path: Path
) -> None:
    """Renamed, exchanged, missing and held files are found as in a single batch."""
    drop_various(newsroom)
    newsroom.drop("latest.toml", entry_file("Weekly report", "2026-11-10", body='"first"'))
    newsroom.build()
    change(newsroom)
    other = twin(newsroom, tmp_path / "twin")

    rebuild(newsroom)
    with batch_size(3):
        rebuild(other)

    assert other.feeds() == newsroom.feeds()
    assert manifest_of(other.folder) == manifest_of(newsroom.folder)
    assert reported(other) == reported(newsroom)
    assert other.log[-1].published == newsroom.log[-1].published
    assert other.log[-1].missing == newsroom.log[-1].missing


def test_a_file_that_belongs_to_an_entry_is_not_reported_in_any_batch(newsroom: Newsroom) -> None:
    """The file is a document without an entry, named by an entry in a later batch."""
    newsroom.drop("report.docx", b"PK\x03\x04 a document")
    for number in range(4):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}", f"2026-11-1{number}"))
    newsroom.drop("b.toml", entry_file("With a report", attachments='["report.docx"]'))

    with batch_size(1):
        report = newsroom.build()

    assert not [problem for problem in report.problems if problem.file == "report.docx"]
    assert not (newsroom.folder / "entries/report.docx.problem.txt").exists()
