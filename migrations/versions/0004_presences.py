"""Presences that were derived from the days' records.

Revision 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of spans."""
    op.create_table(
        "presences",
        sa.Column("user_id", BIG, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("presence_id", BIG),
        sa.Column("answered", sa.String(length=11), nullable=False),
        sa.Column("updated_at", sa.DateTime()),
        sa.Column("run_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", "starts", name="pk_presences"),
        sa.UniqueConstraint("presence_id", name="uq_presences_presence_id"),
    )
    op.create_index("ix_presences_run_id", "presences", ["run_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("presences")
