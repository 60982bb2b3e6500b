"""What was withdrawn, what was taken down, and which number an entry has in a feed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; feeds number their members in the next run."""
    no = sa.false()
    op.add_column("entry", sa.Column("retracted", sa.BigInteger))
    op.add_column("entry", sa.Column("kept", sa.Boolean, nullable=False, server_default=no))
    op.add_column("entry", sa.Column("withdrawn", sa.BigInteger))
    op.add_column("entry", sa.Column("purged", sa.Boolean, nullable=False, server_default=no))
    op.add_column("document", sa.Column("codings", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_entry_updated", "entry", ["updated"])
    op.create_index("ix_entry_withdrawn", "entry", ["withdrawn"])
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
