"""Ledgers in SQLite as tests read and change them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dateline.documents.compression import packed, unpacked, unpacked_bytes


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
