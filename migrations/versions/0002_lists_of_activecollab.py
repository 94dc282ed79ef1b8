"""Lists of a running ActiveCollab, and what became of records that they no longer show.

Revision 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
TIME = sa.DateTime()


def upgrade() -> None:
    """Add the table of lists and the fate of each record; every known record counts as listed."""
    op.create_table(
        "source_listings",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("project_id", BIG, autoincrement=False, nullable=False),
        sa.Column("tried_run", BIG, nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.Column("whole_run", BIG, nullable=False),
        sa.Column("whole_at", TIME),
        sa.Column("changed_at", TIME),
        sa.Column("records", BIG, nullable=False),
        sa.Column("expenses", BIG, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "project_id", name="pk_source_listings"),
    )
    with op.batch_alter_table("source_records") as table:
        table.add_column(sa.Column("fate", sa.String(length=10), nullable=False, server_default=""))
        table.add_column(sa.Column("fate_told", TEXT, nullable=False, server_default=""))
        table.add_column(sa.Column("fate_run", BIG, nullable=False, server_default="0"))
    with op.batch_alter_table("source_records") as table:
        # Rows that exist have their value now; new ones get it from the program.
        table.alter_column("fate", server_default=None)
        table.alter_column("fate_told", server_default=None)
        table.alter_column("fate_run", server_default=None)


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("source_records") as table:
        table.drop_column("fate_run")
        table.drop_column("fate_told")
        table.drop_column("fate")
    op.drop_table("source_listings")
