"""The source: reads what ActiveCollab exports, and speaks to a running one of any generation.

::

    from datetime import date
    from zoneinfo import ZoneInfo

    from migrator.activecollab import FoundEntry, FoundMaster, Project, connect

    ac = connect(
        "https://ac.example.com/public/api.php",
        "7-AbC…",
        timezone=ZoneInfo("Europe/Berlin"),
        today=date.today(),
    )
    for found in ac.list_projects():
        if isinstance(found, FoundMaster) and isinstance(found.value, Project):
            time = ac.list_time(found.value)
            for each in time:
                if isinstance(each, FoundEntry):
                    print(each.entry.day, each.entry.hours_raw, each.entry.text)
            print(found.value.name, time.problem or "is complete")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.activecollab.client import (
    ActiveCollabRefused,
    Generation,
    Gone,
    Info,
    Invisible,
    Listing,
    Present,
    Trashed,
    Unknown,
    Whereabouts,
)
from migrator.activecollab.client import Client as ActiveCollabClient
from migrator.core.model import (
    Company,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    JobType,
    Project,
    Reading,
    Rejected,
    SourceId,
    Task,
    TimeEntry,
    User,
)

if TYPE_CHECKING:
    from migrator.activecollab.connecting import connect
    from migrator.activecollab.tokens import issue_token

__all__ = [
    "ActiveCollabClient",
    "ActiveCollabRefused",
    "Company",
    "ExpenseIgnored",
    "FoundEntry",
    "FoundMaster",
    "Generation",
    "Gone",
    "Info",
    "Invisible",
    "JobType",
    "Listing",
    "Present",
    "Project",
    "Reading",
    "Rejected",
    "SourceId",
    "Task",
    "TimeEntry",
    "Trashed",
    "Unknown",
    "User",
    "Whereabouts",
    "connect",
    "issue_token",
]


def __getattr__(name: str) -> object:
    # requests and lxml are imported by whoever connects, not by every command.
    if name == "connect":
        from migrator.activecollab.connecting import connect  # noqa: PLC0415 - see above

        return connect
    if name == "issue_token":
        from migrator.activecollab.tokens import issue_token  # noqa: PLC0415 - see above

        return issue_token
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
