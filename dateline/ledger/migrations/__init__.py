"""The revisions of the ledger's tables (Alembic), and the upgrade to the newest of them."""

from __future__ import annotations

import sqlalchemy as sa

from dateline.errors import LedgerError
from dateline.messages import program

FIRST = "0005"
HEAD = "0006"
# Later revisions only add tables to these, so the text of such a ledger fits this one.
IMPORTABLE = (FIRST, HEAD)


def upgrade(connection: sa.Connection) -> None:
    """Create the ledger's tables, or upgrade them to this release's.

    Raises `LedgerError` for a ledger that a newer release wrote, or a development version from
    before the first one.
    """
    revision = _revision(connection)
    if revision == HEAD:
        return
    if revision > HEAD:
        raise LedgerError(
            f"The ledger was written by a newer release of Dateline ({revision}). Install that "
            "one. If there never was one, the ledger is damaged: type "
            f"{program.name()} ledger recover."
        )
    if "" < revision < FIRST:
        raise LedgerError(
            f"The ledger was written by a version of Dateline from before its first release "
            f"({revision}). To keep it under another name and fill a new one from feeds/, type "
            f"{program.name()} ledger recover."
        )
    # Importing Alembic takes as long as a whole run, so only where it is needed.
    import alembic.command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "dateline.ledger:migrations")
    config.attributes["connection"] = connection
    if connection.dialect.name == "sqlite":
        # Python would commit each table by itself, and half of them could not be repaired.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    alembic.command.upgrade(config, "head")
    connection.commit()


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""
