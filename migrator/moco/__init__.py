"""The target: MOCO's HTTP API.

::

    from datetime import date

    from migrator.moco import MocoClient, OutcomeUnknown

    with MocoClient("https://example.mocoapp.com", "3f1c…") as moco:
        for project in moco.projects.list(include_archived=True):
            report = moco.projects.report(project.id)
            print(project.identifier, project.name, report.hours_total, report.hours_billable)
        for person in moco.users.list(email="anna.adler@example.com"):
            anna = moco.acting_as(person.id)
            for assigned in anna.projects.assigned(active=True):
                try:
                    booked = anna.activities.create(
                        day=date(2026, 5, 4), project_id=assigned.id, task_id=assigned.tasks[0].id, seconds=5400
                    )
                except OutcomeUnknown:
                    print("look whether MOCO has it before booking it again")
                else:
                    print(booked.day, booked.hours, booked.project.name, booked.task.name)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from migrator.moco.errors import (
    AnswerError,
    Forbidden,
    InvalidRequest,
    KeyRefused,
    Locked,
    MocoError,
    NoAnswer,
    NotFound,
    NothingWasSent,
    OutcomeUnknown,
    PerhapsInPart,
    PermissionMissing,
    RefusedLocally,
    TooManyRequests,
    WrongAddress,
)

if TYPE_CHECKING:
    from migrator.moco.calls.activities import Activity, NewActivity, RemoteService
    from migrator.moco.calls.companies import Company, CompanyType, InvoiceFormat, PaymentMeans
    from migrator.moco.calls.contracts import Contract
    from migrator.moco.calls.parts import merged_properties
    from migrator.moco.calls.presences import Presence
    from migrator.moco.calls.project_fields import BillingVariant
    from migrator.moco.calls.project_groups import ProjectGroup
    from migrator.moco.calls.project_values import AssignedProject, Project, ProjectReport, Sharing
    from migrator.moco.calls.session import IssuedKey, Profile
    from migrator.moco.calls.tasks import Task
    from migrator.moco.calls.units import Unit
    from migrator.moco.calls.users import Language, User
    from migrator.moco.calls.web_hooks import HookEvent, HookTarget, WebHook
    from migrator.moco.library import MocoClient, issue_key
    from migrator.moco.transport import Network

__all__ = [
    "Activity",
    "AnswerError",
    "AssignedProject",
    "BillingVariant",
    "Company",
    "CompanyType",
    "Contract",
    "Forbidden",
    "HookEvent",
    "HookTarget",
    "InvalidRequest",
    "InvoiceFormat",
    "IssuedKey",
    "KeyRefused",
    "Language",
    "Locked",
    "MocoClient",
    "MocoError",
    "Network",
    "NewActivity",
    "NoAnswer",
    "NotFound",
    "NothingWasSent",
    "OutcomeUnknown",
    "PaymentMeans",
    "PerhapsInPart",
    "PermissionMissing",
    "Presence",
    "Profile",
    "Project",
    "ProjectGroup",
    "ProjectReport",
    "RefusedLocally",
    "RemoteService",
    "Sharing",
    "Task",
    "TooManyRequests",
    "Unit",
    "User",
    "WebHook",
    "WrongAddress",
    "issue_key",
    "merged_properties",
]

# Imported by whoever uses them, not by every command: requests takes long.
_LATER = {
    "Activity": "calls.activities",
    "AssignedProject": "calls.project_values",
    "BillingVariant": "calls.project_fields",
    "Company": "calls.companies",
    "CompanyType": "calls.companies",
    "Contract": "calls.contracts",
    "HookEvent": "calls.web_hooks",
    "HookTarget": "calls.web_hooks",
    "InvoiceFormat": "calls.companies",
    "IssuedKey": "calls.session",
    "Language": "calls.users",
    "MocoClient": "library",
    "Network": "transport",
    "NewActivity": "calls.activities",
    "PaymentMeans": "calls.companies",
    "Presence": "calls.presences",
    "Profile": "calls.session",
    "Project": "calls.project_values",
    "ProjectGroup": "calls.project_groups",
    "ProjectReport": "calls.project_values",
    "RemoteService": "calls.activities",
    "Sharing": "calls.project_values",
    "Task": "calls.tasks",
    "Unit": "calls.units",
    "User": "calls.users",
    "WebHook": "calls.web_hooks",
    "issue_key": "library",
    "merged_properties": "calls.parts",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
