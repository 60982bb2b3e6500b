"""How does each folder look as a whole, and what is in it?"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a table, which the next look fills, and find files by the folder that they are in."""
    op.create_table(
        "folder",
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False),
    )
    for name, path in (("file", "path"), ("use", "used")):
        op.add_column(name, sa.Column("folder", sa.Text, nullable=False, server_default=""))
        table = sa.table(name, sa.column(path), sa.column("folder"))
        # All that stands behind the last slash is taken away.
        begin = sa.func.rtrim(table.c[path], sa.func.replace(table.c[path], "/", ""))
        op.execute(sa.update(table).values(folder=begin))
        op.create_index(f"ix_{name}_folder", name, ["folder"])
