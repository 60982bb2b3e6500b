"""The record of what staff did, and what waits for approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "act",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("path_digest", sa.String(64), nullable=False, index=True),
        sa.Column("entry", sa.Text, nullable=False, index=True),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "unapproved",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False, index=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("uses", sa.Text, nullable=False),
    )
