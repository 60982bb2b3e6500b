"""Ledgers in SQLite as tests read and change them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dateline.documents.compression import packed, unpacked, unpacked_bytes
from dateline.ledger import engine


@contextmanager
def kept_open(url: str) -> Iterator[None]:
    """Keep a connection to a ledger between sessions, as the process that publishes does."""
    before = engine._pool, engine._pool_of_files  # noqa: SLF001 - no process ever goes back
    engine.keep_connections(also_to_file=True)
    try:
        yield
    finally:
        engine.engine_at(url).dispose()
        engine._pool, engine._pool_of_files = before  # noqa: SLF001
        engine.engine_at.cache_clear()


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger, in which `packed` and `unpacked` are functions; commit at the end."""
    with closing(sqlite3.connect(path)) as ledger, ledger:
        ledger.create_function("packed", 1, packed)
        ledger.create_function("unpacked", 1, unpacked)
        yield ledger


def as_before_packing(path: Path) -> None:
    """Store the files and stories of a ledger as they were before revision 0007."""
    with opened(path) as ledger:
        rows = ledger.execute("SELECT rowid, data, story FROM version").fetchall()
        plain = [(unpacked_bytes(data), unpacked(story), row) for row, data, story in rows]
        ledger.executemany("UPDATE version SET data = ?, story = ? WHERE rowid = ?", plain)
