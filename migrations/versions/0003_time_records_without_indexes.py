"""Time records without indexes of their days: they cost reading more than any question gained by them.

Revision 0003.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop both; records are asked for in the order of their ids, whatever their days."""
    op.drop_index("ix_source_records_user_id_day", "source_records")
    op.drop_index("ix_source_records_day", "source_records")


def downgrade() -> None:
    """Create both."""
    op.create_index("ix_source_records_day", "source_records", ["day"])
    op.create_index("ix_source_records_user_id_day", "source_records", ["user_id", "day"])
