"""New ledgers that are copies of one which the migrations created.

Creating the tables takes a third of a small first run, and hundreds of tests begin a ledger.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from dateline.ledger import migrations


class Original(sqlite3.Connection):
    """A connection to the ledger that is copied."""


def share() -> None:
    """Fill each empty ledger that this process opens from now on."""

    @sa.event.listens_for(sa.Pool, "connect")
    def fill(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection) and _is_empty(connection):
            with closing(sqlite3.connect(":memory:")) as original:
                original.deserialize(_created())
                original.backup(connection)


def _is_empty(connection: sqlite3.Connection) -> bool:
    if isinstance(connection, Original):
        return False
    ((_, _, file),) = connection.execute("PRAGMA database_list")
    return not file or not Path(file).stat().st_size


@cache
def _created() -> bytes:
    """Return the bytes of a ledger without rows, as the migrations create it."""
    with closing(sqlite3.connect(":memory:", factory=Original)) as original:
        engine = sa.create_engine("sqlite://", creator=lambda: original)
        with engine.connect() as connection:
            migrations.upgrade(connection)
        return original.serialize()
