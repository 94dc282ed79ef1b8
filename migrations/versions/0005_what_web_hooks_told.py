"""What MOCO's web hooks told, until MOCO was asked about it.

Revision 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
TIME = sa.DateTime()


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "hook_marks",
        sa.Column("thing", sa.String(20), nullable=False),
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.String(80), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("updated_at", TIME, nullable=True),
        sa.Column("content", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("thing", "id", name="pk_hook_marks"),
    )
    op.create_table(
        "hook_counts",
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("events", BIG, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_hook_counts"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("hook_counts")
    op.drop_table("hook_marks")
