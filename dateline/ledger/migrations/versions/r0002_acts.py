"""What was withdrawn, what was taken down, which number an entry has, and what hubs are told."""

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
    op.add_column("file", sa.Column("noted", sa.Boolean, nullable=False, server_default=no))
    op.add_column("file", sa.Column("name_key", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_file_noted", "file", ["noted"])
    op.create_index("ix_file_name_key", "file", ["name_key"])
    op.create_index("ix_document_role", "document", ["role"])
    op.create_index("ix_entry_updated", "entry", ["updated"])
    op.add_column("entry", sa.Column("month", sa.String(8), nullable=False, server_default=""))
    op.execute("UPDATE entry SET month = substr(slug, 1, 8)")
    op.create_index("ix_entry_month", "entry", ["month"])
    is_known = sa.text("withdrawn IS NOT NULL")
    op.create_index(
        "entry_withdrawn", "entry", ["withdrawn"], sqlite_where=is_known, postgresql_where=is_known
    )
    op.create_index(
        "entry_purged",
        "entry",
        ["id"],
        sqlite_where=sa.text("purged = 1"),
        postgresql_where=sa.text("purged"),
    )
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
        "use",
        sa.Column("used", sa.Text, primary_key=True),
        sa.Column("file", sa.Text, primary_key=True, index=True),
    )
    op.create_table(
        "former",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("hub", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("quiet", sa.BigInteger),
        sa.Column("answer", sa.Integer, nullable=False),
        sa.Column("lost", sa.BigInteger),
    )
