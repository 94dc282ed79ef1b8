"""The words that keys of the configuration choose from, where the core has no such choice of its own."""

from __future__ import annotations

from enum import StrEnum


class Generation(StrEnum):
    """Which of ActiveCollab's interfaces a source speaks."""

    AUTO = "auto"
    TWO = "2"
    THREE = "3"
    FIVE = "5"


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


class PendingPayment(StrEnum):
    """What ActiveCollab's status 2 means here."""

    UNDECIDED = "undecided"
    BILLABLE = "billable"
    BILLED = "billed"


class Billed(StrEnum):
    """What becomes of ActiveCollab's status 3."""

    DISREGARD = "disregard"
    BILLABLE = "billable"


class InactivePeople(StrEnum):
    """What happens when MOCO refuses a deactivated person."""

    HOLD = "hold"
    REACTIVATE = "reactivate"


class RoundingInMoco(StrEnum):
    """Whether rounding by MOCO is a difference or an explained one."""

    REPORT = "report"
    ACCEPT = "accept"
