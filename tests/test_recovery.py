"""What was published is known from whatever is whole: nothing gets a new identity in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Newsroom, entry_file
from flips import flipped, some_bits
from releases import RELEASES, Written, unpack

from dateline import manifest
from dateline.manifest import HEAD, TABLE

BROKEN = [b"", b"[]", b"{}", b'{"format": 6}', b"\xff", b"null"]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Give a publication with archives, corrections, a retraction, a withdrawal, a takedown."""
    found = unpack(RELEASES[-1], tmp_path)
    found.room.build()
    return found


def is_whole(room: Newsroom) -> bool:
    """Say whether nothing is wrong with any part of the manifest."""
    feeds = room.folder / "feeds"
    return manifest.standing(feeds).is_whole and not manifest.damage(feeds)


def break_head(room: Newsroom, data: bytes) -> None:
    """Put other bytes in the place of the manifest's head."""
    (room.folder / "feeds" / HEAD).write_bytes(data)


@pytest.mark.parametrize("data", BROKEN)
def test_a_damaged_head_is_written_again_where_nothing_changed(
    written: Written, data: bytes
) -> None:
    """By the next run, whatever it is about; readers and documents notice nothing."""
    room = written.room
    before, head = room.feeds(), manifest.read_head(room.folder / "feeds")
    break_head(room, data)
    report = room.build()

    assert report.documents == ()
    assert [HEAD in remark for remark in report.remarks] == [True]
    assert manifest.read_head(room.folder / "feeds") == head
    assert (room.feeds(), is_whole(room)) == (before, True)
    assert room.build().remarks == ()


@pytest.mark.parametrize("data", [None, b"", b"SQLite format 3\0", b"something else" * 1000])
def test_a_lost_table_is_written_again_in_whole(written: Written, data: bytes | None) -> None:
    """It is never left with the few rows of the next change."""
    room = written.room
    rows = [*manifest.documents(room.folder / "feeds")]
    table = room.folder / "feeds" / TABLE
    table.unlink() if data is None else table.write_bytes(data)
    report = room.build()

    assert report.documents == ()
    assert [TABLE in remark for remark in report.remarks] == [True]
    assert [*manifest.documents(room.folder / "feeds")] == rows
    assert is_whole(room)
    table.unlink()
    room.drop("next.toml", entry_file("Next"))
    assert room.build().published == ("next.toml",)
    assert {one.path for one in rows} < {one.path for one in manifest.documents(table.parent)}
    assert is_whole(room)


def test_a_table_that_is_damaged_deep_inside_stops_no_news(written: Written) -> None:
    """It is seen when rows are written, and all of it is written again."""
    room = written.room
    table = room.folder / "feeds" / TABLE
    with closing(sqlite3.connect(table)) as tables:
        pages = [page for (page,) in tables.execute("SELECT rootpage FROM sqlite_schema")]
    data = bytearray(table.read_bytes())
    for page in pages:  # the first page is as it was, and the size
        data[4096 * page - 2000 : 4096 * page] = bytes(2000)
    table.write_bytes(data)
    room.drop("next.toml", entry_file("Next"))

    assert room.build().published == ("next.toml",)
    assert is_whole(room)


@pytest.mark.parametrize("name", [HEAD, TABLE])
def test_a_flipped_bit_of_the_manifest_is_gone_after_a_run(written: Written, name: str) -> None:
    """No document changes, and nothing is announced."""
    room = written.room
    before = room.feeds()
    path = room.folder / "feeds" / name
    for bit in some_bits(path.read_bytes())[:20]:
        data = path.read_bytes()
        path.write_bytes(flipped(data, bit % (8 * len(data))))
        report = room.build(after=timedelta())

        assert (report.published, report.changed, report.documents) == ((), (), ()), bit
        assert manifest.standing(path.parent).is_whole
    assert room.feeds() == before
