"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"  # earlier numbers were of development versions
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "document",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("role", sa.Integer, nullable=False, index=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("links", sa.Text, nullable=False),
        sa.Column("expires", sa.BigInteger, index=True),
        sa.Column("live", sa.Boolean, nullable=False, index=True),
        sa.Column("codings", sa.Text, nullable=False),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False, unique=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("month", sa.String(8), nullable=False, server_default="", index=True),
        sa.Column("published", sa.BigInteger, nullable=False, index=True),
        sa.Column("updated", sa.BigInteger, nullable=False, index=True),
        sa.Column("retracted", sa.BigInteger),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("path_digest", sa.String(64), nullable=False, index=True),
        sa.Column("gone", sa.BigInteger, index=True),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("withdrawn", sa.BigInteger),
        sa.Column("purged", sa.Boolean, nullable=False),
        sa.Column("content", sa.String(64), nullable=False, index=True),
        sa.Column("headline", sa.String(64), nullable=False, index=True),
        sa.Column("expires", sa.BigInteger, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("name", sa.Text, nullable=False, server_default=""),
        sa.Column("reference", sa.String(64)),
        sa.Column("original", sa.Text),
        sa.Index("entry_name", "name", "reference"),
        _of_few("entry_original", "original", "original IS NOT NULL"),
        _of_few("entry_purged", "id", "purged = 1", "purged"),
        _of_few("entry_waiting", "reference", "reference IS NOT NULL AND original IS NULL"),
        _of_few("entry_withdrawn", "withdrawn", "withdrawn IS NOT NULL"),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "file",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("due", sa.BigInteger, index=True),
        sa.Column("held", sa.BigInteger, index=True),
        sa.Column("told", sa.String(32), nullable=False),
        sa.Column("beside", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.Column("noted", sa.Boolean, nullable=False, index=True),
        sa.Column("name_key", sa.Text, nullable=False, index=True),
        sa.Column("folder", sa.Text, nullable=False, server_default="", index=True),
    )
    op.create_table(
        "folder",
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False),
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
    op.create_table(
        "use",
        sa.Column("used", sa.Text, primary_key=True),
        sa.Column("file", sa.Text, primary_key=True, index=True),
        sa.Column("folder", sa.Text, nullable=False, server_default="", index=True),
    )
    op.create_table(
        "correction",
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), index=True),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("archive", sa.Integer),
        sa.Index("member_archive", "feed", "archive"),
        sa.Index("member_published", "feed", "published"),
    )
    op.create_table(
        "renamed",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True, index=True),
    )
    op.create_table(
        "topic",
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("facet", sa.String(16), primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Index("topic_value", "facet", "value", "entry"),
    )
    op.create_table(
        "version",
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
    )


def _of_few(name: str, column: str, where: str, in_postgresql: str = "") -> sa.Index:
    """Return an index of the few rows for which a condition holds."""
    return sa.Index(
        name,
        column,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(in_postgresql or where),
    )
