"""Are the ledger's tables this release's? The revisions that make them so (Alembic)."""

from __future__ import annotations

import sqlalchemy as sa

from dateline.errors import LedgerError

HEAD = "0005"


def upgrade(connection: sa.Connection) -> None:
    """Bring the ledger to this release's tables.

    Raises `LedgerError` for a ledger that a newer release wrote.
    """
    revision = _revision(connection)
    if revision == HEAD:
        return
    if revision > HEAD:
        raise LedgerError(
            f"The ledger was written by a newer release of Dateline ({revision}). Install that "
            "one. If there never was one, the ledger is damaged: type "
            "python publisher.py ledger recover."
        )
    # Alembic takes as long to import as a whole run takes: only where it is needed.
    import alembic.command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "dateline.ledger:migrations")
    config.attributes["connection"] = connection
    if connection.dialect.name == "sqlite":
        # Else Python would commit each table by itself, and half of them could not be mended.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    alembic.command.upgrade(config, "head")
    connection.commit()


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""
