"""Files and stories of all versions, compressed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dateline.documents.compression import packed, packed_bytes

revision = "0007"
down_revision = "0006"

_AT_A_TIME = 500  # versions in memory


def upgrade() -> None:
    """Store the files and stories of all versions compressed.

    They go into a new table: SQLite cannot change the type of a column.
    """
    before = sa.table("version", *map(sa.column, _NAMES))
    after = op.create_table(
        "packed",
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("story", sa.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # what another run has not committed yet counts
        connection.exec_driver_sql("LOCK TABLE version IN ACCESS EXCLUSIVE MODE")
    place = ("", 0)
    while rows := connection.execute(_after(before, *place)).all():
        connection.execute(after.insert(), [_packed(row) for row in rows])
        place = (rows[-1].entry, rows[-1].number)
    op.drop_table("version")
    op.rename_table("packed", "version")


_NAMES = ("entry", "number", "accepted", "owner", "digest", "data", "story")


def _after(table: sa.TableClause, entry: str, number: int) -> sa.Select[tuple[object, ...]]:
    """Return the query for the next versions, in the order of their keys."""
    own = table.c
    later = sa.or_(own.entry > entry, sa.and_(own.entry == entry, own.number > number))
    return sa.select(table).where(later).order_by(own.entry, own.number).limit(_AT_A_TIME)


def _packed(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    values = row._asdict()
    return {**values, "data": packed_bytes(values["data"]), "story": packed(values["story"])}
