"""What is looked at in parts becomes what it becomes all at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Newsroom, entry_file, picture
from test_determinism import CASES, dropped, promised

from dateline import parts
from dateline.errors import Problem


@contextmanager
def at_a_time(files: int) -> Iterator[None]:
    """Let so many files be a part, or those of one day where these are more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_AT_A_TIME", files)
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


@pytest.mark.parametrize("files", [1, 3, 7])
def test_what_is_alike_gets_the_same_names_in_parts(
    files: int, newsroom: Newsroom, tmp_path: Path
) -> None:
    """Of a title that many have, addresses and moments are dealt as if all came at once."""
    other = Newsroom(tmp_path / "other")
    other.folder.mkdir()
    (other.folder / "config.toml").write_bytes((newsroom.folder / "config.toml").read_bytes())
    various(newsroom)
    various(other)

    newsroom.build()
    with at_a_time(files):
        other.build()

    assert other.feeds() == newsroom.feeds()
    assert promised(other.folder) == promised(newsroom.folder)
    assert said(other) == said(newsroom)


def test_all_that_is_made_again_in_parts_stays_as_it_is(newsroom: Newsroom) -> None:
    """Changed configuration, and nothing of it seen: every file is looked at, none is another."""
    various(newsroom)
    newsroom.build()
    before = newsroom.feeds()
    config = newsroom.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[intake]\ngrace = 20\n", encoding="utf-8")

    with at_a_time(2):
        report = newsroom.build()

    assert newsroom.feeds() == before
    assert (report.published, report.changed, report.withdrawn) == ((), (), ())


def test_what_changed_and_is_gone_is_seen_once_in_parts(newsroom: Newsroom) -> None:
    """A renamed file goes on, a deleted one is missing, a changed one is told."""
    various(newsroom)
    newsroom.build()
    entries = newsroom.folder / "entries"
    (entries / "04.toml").rename(entries / "99.toml")
    (entries / "05.toml").unlink()
    newsroom.drop("06.toml", entry_file("Number 6", "2026-11-15", body='"another"'))
    newsroom.drop("new.toml", entry_file("New", "2026-11-24", body='"new"'))
    newsroom.drop("newer.toml", entry_file("Newer", "2026-11-25", body='"newer"'))

    with at_a_time(1):
        report = newsroom.build()

    assert report.published == ("new.toml", "newer.toml")
    assert report.changed == ("06.toml",)
    assert report.missing == ("05.toml",)
