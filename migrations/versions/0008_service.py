"""What the service did at its scheduled times.

Revision 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "outcomes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("exit_code", BIG, nullable=True),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("gates", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outcomes_kind", "outcomes", ["kind"])


def downgrade() -> None:
    """Forget it."""
    op.drop_table("outcomes")
