"""When the versions of entries were seen by readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "delivery",
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("noted", sa.BigInteger, nullable=False, index=True),
        sa.Column("served", sa.BigInteger),
        sa.Column("reached", sa.BigInteger),
        sa.Column("topics", sa.Text, nullable=False),
        sa.Column("pushed", sa.Integer, nullable=False),
        sa.Column("subscribers", sa.Integer, nullable=False),
    )
