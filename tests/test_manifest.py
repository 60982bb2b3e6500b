"""The manifest tells the wire, and a ledger that was lost, all they need."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest

from dateline import manifest
from dateline.address import fingerprint
from dateline.errors import StoreError
from dateline.manifest import (
    Change,
    EntryListing,
    FormerListing,
    Head,
    Listing,
    MemberListing,
    Reader,
)
from dateline.model import Role

FEED = Listing(
    path="news.rss",
    media_type="application/rss+xml; charset=utf-8",
    role=Role.SUBSCRIPTION,
    changed=0x65A0_0000,
    size=0x2C,
    digest="0" * 64,
    links="<https://news.example.org/news.rss>; rel=self",
    max_age=300,
    expires=None,
)
ENTRY = EntryListing(
    id="tag:example.org,2008:a",
    sequence=1,
    slug="2008/10/a",
    path="1" * 64,
    content="2" * 64,
    headline="3" * 64,
    published=1_224_500_000,
    updated=1_224_500_000,
    retracted=None,
    kept=False,
    withdrawn=None,
    purged=False,
    expires=None,
    corrections="[]",
    story="{}",
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Head, documents and entries come back as they were."""
    head = Head(generation=3, founded=5, documents={"news.rss": FEED})
    member = MemberListing(feed="news", number=1, entry=ENTRY.id, part=0, published=5, archive=None)
    gone = FormerListing(digest=fingerprint("old.rss"), target="news.rss")
    change = Change(documents=[FEED], entries=[ENTRY], members=[member], former=[gone])
    manifest.write(tmp_path, head, change)

    assert manifest.read_head(tmp_path) == head
    assert list(manifest.documents(tmp_path)) == [FEED]
    assert list(manifest.entries(tmp_path)) == [ENTRY]
    assert list(manifest.members(tmp_path)) == [member]
    assert list(manifest.former(tmp_path)) == [gone]
    assert Reader(tmp_path).former("old.rss") == "news.rss"
    assert Reader(tmp_path).former("other.rss") is None
    assert Reader(tmp_path).find("news.rss") == FEED
    assert Reader(tmp_path).find("other.rss") is None


def test_an_etag_is_what_nginx_would_send() -> None:
    """Hexadecimal modification time and length."""
    assert FEED.etag == '"65a00000-2c"'


def test_there_is_no_head_before_the_first_run(tmp_path: Path) -> None:
    """A folder without a manifest has published nothing; a torn head counts as none."""
    assert manifest.read_head(tmp_path) is None
    (tmp_path / manifest.HEAD).write_bytes(b'{"gener')
    assert manifest.read_head(tmp_path) is None


def test_every_file_of_the_manifest_is_hidden(tmp_path: Path) -> None:
    """Web servers do not serve names that begin with a dot."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), Change(documents=[FEED]))

    assert all(path.name.startswith(".") for path in tmp_path.iterdir())


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    """What to do stands in the message."""
    (tmp_path / ".manifest.sqlite").write_bytes(b"something else" * 100)

    with pytest.raises(StoreError, match="Delete it, then build again"):
        list(manifest.entries(tmp_path))


def kill_amid_a_change(folder: Path) -> None:
    """Let another process die while it deletes every document from the table."""
    script = (
        "import os, sqlite3, sys; tables = sqlite3.connect(sys.argv[1]);"
        "tables.execute('PRAGMA cache_size = 1'); tables.execute('DELETE FROM document');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, folder / ".manifest.sqlite"], check=False)
    assert (folder / ".manifest.sqlite-journal").exists()


def test_a_reader_undoes_what_a_killed_publisher_left(tmp_path: Path) -> None:
    """Web workers go on, whether or not a publisher is there."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), Change(documents=[FEED]))
    kill_amid_a_change(tmp_path)

    assert Reader(tmp_path).find("news.rss") == FEED


def test_a_reader_waits_while_a_slow_disk_is_written_to(tmp_path: Path) -> None:
    """Publishing locks the tables until they are safe; a machine that is busy takes seconds."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), Change(documents=[FEED]))
    tables = sqlite3.connect(tmp_path / ".manifest.sqlite", check_same_thread=False)
    with closing(tables):
        tables.execute("BEGIN EXCLUSIVE")
        ending = Timer(2, tables.rollback)
        ending.start()

        found = Reader(tmp_path).find("news.rss")
        ending.join()

    assert found == FEED


def test_what_a_killed_publisher_left_is_not_done_to_new_tables(tmp_path: Path) -> None:
    """Its journal belongs to the old ones."""
    many = [replace(FEED, path=f"{number}.rss") for number in range(1000)]
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, Change(documents=many))
    kill_amid_a_change(tmp_path)

    manifest.write(tmp_path, replace(head, generation=2), Change(documents=[FEED]), anew=True)

    assert list(manifest.documents(tmp_path)) == [FEED]
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables:
        assert tables.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
