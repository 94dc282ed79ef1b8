"""Every table, typed; seen only inside `store`.

Times are UTC. Ids given by ActiveCollab or MOCO are 64-bit. Names of constraints follow one convention: an
unnamed constraint cannot be changed on SQLite.
"""

from __future__ import annotations

from migrator.store.tables.accounts import Account, Fact, Lease, RequestSlot, Run
from migrator.store.tables.base import NAMING, Base, Utc, utc
from migrator.store.tables.hearing import HookCount, HookMark
from migrator.store.tables.made import MadeRow
from migrator.store.tables.memory import InboxItem, Intent, LinkRow, Plan, PlanAction, RefusalRow, UndoneRow, WorkRow
from migrator.store.tables.presences import PresenceRow
from migrator.store.tables.reports import ReportRow
from migrator.store.tables.service import OutcomeRow
from migrator.store.tables.source import (
    MappingRow,
    MappingVersion,
    SourceDocument,
    SourceListing,
    SourceMaster,
    SourceRecord,
    SourceReject,
)
from migrator.store.tables.target import Scan, TargetActivity, TargetMaster

__all__ = [
    "NAMING",
    "Account",
    "Base",
    "Fact",
    "HookCount",
    "HookMark",
    "InboxItem",
    "Intent",
    "Lease",
    "LinkRow",
    "MadeRow",
    "MappingRow",
    "MappingVersion",
    "OutcomeRow",
    "Plan",
    "PlanAction",
    "PresenceRow",
    "RefusalRow",
    "ReportRow",
    "RequestSlot",
    "Run",
    "Scan",
    "SourceDocument",
    "SourceListing",
    "SourceMaster",
    "SourceRecord",
    "SourceReject",
    "TargetActivity",
    "TargetMaster",
    "UndoneRow",
    "Utc",
    "WorkRow",
    "utc",
]
