"""What was created in MOCO for companies, projects and people, and the terms of projects in the mapping.

Revision 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Add the table; two columns of the mapping, which nothing could fill yet, become one."""
    op.create_table(
        "made",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("target_id", BIG, nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "source_id", name="pk_made"),
    )
    with op.batch_alter_table("mapping_rows") as table:
        table.drop_column("currency")
        table.drop_column("leader")
        table.add_column(sa.Column("terms", TEXT, nullable=False, server_default=""))
    with op.batch_alter_table("mapping_rows") as table:
        table.alter_column("terms", server_default=None)
    with op.batch_alter_table("target_masters") as table:
        table.add_column(sa.Column("billing_variant", TEXT, nullable=False, server_default=""))
        table.add_column(sa.Column("type", TEXT, nullable=False, server_default=""))
    with op.batch_alter_table("target_masters") as table:
        table.alter_column("billing_variant", server_default=None)
        table.alter_column("type", server_default=None)


def downgrade() -> None:
    """Forget all of it; what was created stays in MOCO."""
    with op.batch_alter_table("target_masters") as table:
        table.drop_column("type")
        table.drop_column("billing_variant")
    with op.batch_alter_table("mapping_rows") as table:
        table.drop_column("terms")
        table.add_column(sa.Column("currency", TEXT, nullable=False, server_default=""))
        table.add_column(sa.Column("leader", TEXT, nullable=False, server_default=""))
    with op.batch_alter_table("mapping_rows") as table:
        table.alter_column("currency", server_default=None)
        table.alter_column("leader", server_default=None)
    op.drop_table("made")
