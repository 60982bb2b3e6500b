"""What was withdrawn, what was taken down, and which number an entry has in a feed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; feeds number their members in the next run."""
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("retracted", sa.BigInteger))
        entry.add_column(sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()))
        entry.add_column(sa.Column("withdrawn", sa.BigInteger))
        entry.add_column(sa.Column("purged", sa.Boolean, nullable=False, server_default=sa.false()))
        entry.create_index("ix_entry_updated", ["updated"])
        entry.create_index("ix_entry_withdrawn", ["withdrawn"])
    op.create_table(
        "member",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), index=True),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("archive", sa.Integer),
        sa.Index("member_published", "feed", "published"),
        sa.Index("member_archive", "feed", "archive"),
    )
    op.create_table(
        "former",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
    )
