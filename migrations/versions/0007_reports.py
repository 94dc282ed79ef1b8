"""What a report tells of: who ran what with which version, unusable fragments, sums of expenses, reports made before.

Revision 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
ADDED = (
    ("runs", "made_by", ""),
    ("runs", "program", ""),
    ("mapping_versions", "made_by", ""),
    ("source_rejects", "fragment", ""),
    ("source_documents", "amounts", "{}"),
    ("source_listings", "amounts", "{}"),
)


def upgrade() -> None:
    """Add the columns, empty for what happened before, and the table."""
    for table_name, column, default in ADDED:
        with op.batch_alter_table(table_name) as table:
            table.add_column(sa.Column(column, TEXT, nullable=False, server_default=default))
        with op.batch_alter_table(table_name) as table:
            table.alter_column(column, server_default=None)
    op.create_table(
        "reports",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("directory", TEXT, nullable=False),
        sa.Column("totals", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Forget all of it."""
    op.drop_table("reports")
    for table_name, column, _ in reversed(ADDED):
        with op.batch_alter_table(table_name) as table:
            table.drop_column(column)
