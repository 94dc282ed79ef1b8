"""The first schema.

Revision 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean()
TEXT = sa.Text()
TIME = sa.DateTime()


def upgrade() -> None:
    """Create every table."""
    _create_accounts_and_runs()
    _create_source()
    _create_mapping_and_target()
    _create_writes()
    _create_plans_and_work()


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "inbox",
        "work",
        "plan_actions",
        "plans",
        "undone",
        "refusals",
        "intents",
        "links",
        "scans",
        "target_activities",
        "target_masters",
        "mapping_rows",
        "mapping_versions",
        "source_masters",
        "source_documents",
        "source_rejects",
        "source_records",
        "request_slots",
        "lease",
        "runs",
        "facts",
        "account",
    ):
        op.drop_table(table)


def _create_accounts_and_runs() -> None:
    op.create_table(
        "account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("instance", TEXT, nullable=False),
        sa.Column("moco_subdomain", TEXT),
        sa.Column("session_uuid", TEXT),
        sa.Column("bound_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("learned_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_table(
        "runs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("plan_id", BIG),
        sa.Column("exit_code", BIG),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("seconds", TEXT, nullable=False),
        sa.Column("requests", TEXT, nullable=False),
        sa.Column("approved_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lease",
        sa.Column("id", BIG, nullable=False),
        sa.Column("host", TEXT),
        sa.Column("pid", BIG),
        sa.Column("process_started", TEXT),
        sa.Column("command", TEXT),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lease"),
    )
    op.create_table(
        "request_slots",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("taken_at", sa.Float(precision=53), nullable=False),
        sa.Column("answered_at", sa.Float(precision=53)),
        sa.PrimaryKeyConstraint("id", name="pk_request_slots"),
        sqlite_autoincrement=True,
    )


def _create_source() -> None:
    op.create_table(
        "source_records",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("user_id", BIG),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("billing", BIG, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("parent_kind", sa.String(length=10), nullable=False),
        sa.Column("parent_id", BIG),
        sa.Column("job_type_id", BIG),
        sa.Column("hours_raw", TEXT, nullable=False),
        sa.Column("billing_raw", TEXT, nullable=False),
        sa.Column("worker_name", TEXT, nullable=False),
        sa.Column("worker_email", TEXT, nullable=False),
        sa.Column("permalink", TEXT, nullable=False),
        sa.Column("private", FLAG, nullable=False),
        sa.Column("trashed", FLAG, nullable=False),
        sa.Column("state_raw", TEXT, nullable=False),
        sa.Column("created_on", TIME),
        sa.Column("updated_on", TIME),
        sa.Column("version", BIG),
        sa.Column("milestone_id", BIG),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("line", BIG, nullable=False),
        sa.Column("fragment_hash", TEXT, nullable=False),
        sa.Column("warnings", TEXT, nullable=False),
        sa.Column("read_run", BIG, nullable=False),
        sa.Column("changed_run", BIG, nullable=False),
        sa.Column("rejected", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_records"),
    )
    op.create_index("ix_source_records_day", "source_records", ["day"])
    op.create_index("ix_source_records_user_id_day", "source_records", ["user_id", "day"])
    op.create_table(
        "source_rejects",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("source_id", BIG),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("line", BIG, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("expected", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("updated_on", TIME),
        sa.Column("version", BIG),
        sa.Column("read_run", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_rejects"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_source_rejects_document", "source_rejects", ["document"])
    op.create_index("ix_source_rejects_source_id", "source_rejects", ["source_id"])
    op.create_table(
        "source_documents",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("read_run", BIG, nullable=False),
        sa.Column("entries", BIG, nullable=False),
        sa.Column("rejects", BIG, nullable=False),
        sa.Column("expenses", BIG, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_source_documents"),
    )
    op.create_table(
        "source_masters",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.Column("company_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("leader_id", BIG),
        sa.Column("number", BIG),
        sa.Column("permalink", TEXT, nullable=False),
        sa.Column("archived", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_source_masters"),
    )


def _create_mapping_and_target() -> None:
    op.create_table(
        "mapping_versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_versions"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mapping_rows",
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("target_id", BIG),
        sa.Column("cutover", sa.Date()),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("leader", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["mapping_versions.id"], name="fk_mapping_rows_version_id_mapping_versions"
        ),
        sa.PrimaryKeyConstraint("version_id", "kind", "source_id", name="pk_mapping_rows"),
    )
    op.create_table(
        "target_masters",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("firstname", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.Column("company_id", BIG),
        sa.Column("project_id", BIG),
        sa.Column("user_id", BIG),
        sa.Column("active", FLAG, nullable=False),
        sa.Column("billable", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_target_masters"),
    )
    op.create_table(
        "target_activities",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("source_id", BIG),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("billable", FLAG, nullable=False),
        sa.Column("marker", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("tag", TEXT, nullable=False),
        sa.Column("billed", FLAG, nullable=False),
        sa.Column("timer_running", FLAG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("seen_scan", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_target_activities"),
    )
    op.create_index("ix_target_activities_day_user_id", "target_activities", ["day", "user_id"])
    op.create_index("ix_target_activities_source_id", "target_activities", ["source_id"])
    op.create_table(
        "scans",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("day_from", sa.Date()),
        sa.Column("day_to", sa.Date()),
        sa.Column("rows", BIG, nullable=False),
        sa.Column("pages", BIG, nullable=False),
        sa.Column("complete", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
        sqlite_autoincrement=True,
    )


def _create_writes() -> None:
    op.create_table(
        "links",
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("activity_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("sent", TEXT),
        sa.Column("answered", TEXT, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("disregarded", FLAG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("gone", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_links"),
        sa.UniqueConstraint("activity_id", name="uq_links_activity_id"),
    )
    op.create_index("ix_links_user_id", "links", ["user_id"])
    op.create_table(
        "intents",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("write", sa.String(length=12), nullable=False),
        sa.Column("source_id", BIG),
        sa.Column("natural_key", TEXT, nullable=False),
        sa.Column("activity_id", BIG),
        sa.Column("user_id", BIG),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("settle_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", BIG),
        sa.Column("detail", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intents_batch", "intents", ["batch"])
    op.create_index("ix_intents_open", "intents", ["closed_at", "id"])
    op.create_index("ix_intents_source_id", "intents", ["source_id"])
    op.create_table(
        "refusals",
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("write", sa.String(length=12), nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("status", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("refused_at", TIME, nullable=False),
        sa.Column("released", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_refusals"),
    )
    op.create_table(
        "undone",
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("undone_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_undone"),
    )


def _create_plans_and_work() -> None:
    op.create_table(
        "plans",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("source_version", TEXT, nullable=False),
        sa.Column("mapping_version", BIG, nullable=False),
        sa.Column("policy_digest", TEXT, nullable=False),
        sa.Column("selection", TEXT, nullable=False),
        sa.Column("totals", TEXT, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("apply_run", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "plan_actions",
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_actions_plan_id_plans"),
        sa.PrimaryKeyConstraint("plan_id", "source_id", name="pk_plan_actions"),
    )
    op.create_table(
        "work",
        sa.Column("run_id", BIG, autoincrement=False, nullable=False),
        sa.Column("source_id", BIG, autoincrement=False, nullable=False),
        sa.Column("write", sa.String(length=12), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("task_name", TEXT, nullable=False),
        sa.Column("needs", sa.String(length=20), nullable=False),
        sa.Column("booking", TEXT, nullable=False),
        sa.Column("activity_id", BIG),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("word", sa.String(length=12), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "source_id", name="pk_work"),
    )
    op.create_index("ix_work_order", "work", ["run_id", "word", "write", "user_id", "day", "source_id"])
    op.create_index("ix_work_place", "work", ["run_id", "project_id", "task_name", "source_id"])
    op.create_table(
        "inbox",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source_id", BIG),
        sa.Column("activity_id", BIG),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("seen_run", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("accepted_note", TEXT, nullable=False),
        sa.Column("accepted_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_source_id", "inbox", ["source_id"])
    op.create_index("ix_inbox_state_kind", "inbox", ["state", "kind"])
