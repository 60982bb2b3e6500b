"""Runs the revisions on the connection that `dateline.ledger.migrations` passes."""

from alembic import context

from dateline.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
