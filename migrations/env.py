"""Runs the revisions on the connection that `migrator.store.schema` opened."""

from __future__ import annotations

from alembic import context

from migrator.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    # SQLite cannot alter most things in place; batch mode copies the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
