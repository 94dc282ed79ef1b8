"""The words that keys of the configuration choose from."""

from __future__ import annotations

from enum import StrEnum


class Generation(StrEnum):
    """Which of ActiveCollab's interfaces a source speaks."""

    AUTO = "auto"
    TWO = "2"
    THREE = "3"
    FIVE = "5"


class TaskStrategy(StrEnum):
    """How a time record finds its MOCO task."""

    SINGLE = "single"
    PER_TASK = "per_task"
    PER_JOB_TYPE = "per_job_type"


class Creatable(StrEnum):
    """What may be created in MOCO."""

    COMPANIES = "companies"
    PROJECTS = "projects"
    TASKS = "tasks"
    CONTRACTS = "contracts"


class ContractsAfter(StrEnum):
    """What becomes of contracts this tool made on archived projects."""

    KEEP = "keep"
    DEACTIVATE = "deactivate"


class Rounding(StrEnum):
    """0.17 h is 612 s exactly, or 600 s in whole minutes."""

    EXACT = "exact"
    MINUTE = "minute"


class DescriptionForm(StrEnum):
    """Whether the name of the task leads the description."""

    PARENT_AND_BODY = "parent_and_body"
    BODY = "body"


class ZeroDuration(StrEnum):
    """What becomes of records without any time."""

    SKIP = "skip"
    KEEP = "keep"


class PendingPayment(StrEnum):
    """What ActiveCollab's status 2 means here."""

    UNDECIDED = "undecided"
    BILLABLE = "billable"
    BILLED = "billed"


class Billed(StrEnum):
    """What becomes of ActiveCollab's status 3."""

    DISREGARD = "disregard"
    BILLABLE = "billable"


class SourceDeleted(StrEnum):
    """What a proven deletion in ActiveCollab does in MOCO."""

    REPORT = "report"
    DELETE = "delete"


class InactivePeople(StrEnum):
    """What happens when MOCO refuses a deactivated person."""

    HOLD = "hold"
    REACTIVATE = "reactivate"


class ArchivedProjects(StrEnum):
    """What happens when MOCO refuses an archived project."""

    HOLD = "hold"
    REOPEN = "reopen"


class RoundingInMoco(StrEnum):
    """Whether rounding by MOCO is a difference or an explained one."""

    REPORT = "report"
    ACCEPT = "accept"
