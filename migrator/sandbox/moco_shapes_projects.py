"""The JSON of projects, their tasks, contracts and groups: keys of the recordings of 2022, newer ones by switch."""

from __future__ import annotations

from statistics import fmean

from migrator.sandbox.moco_properties import shown_properties
from migrator.sandbox.moco_records import Contract, Project, ProjectGroup, Task
from migrator.sandbox.moco_shapes import (
    Json,
    company_reference,
    day_or_null,
    deal_reference,
    hourly_rate_of,
    person_reference,
    stamp,
)
from migrator.sandbox.moco_shapes_people import company_json
from migrator.sandbox.moco_state import MocoState

_SHARED = "https://sandbox.mocoapp.com/projects/{}/customer_report/{}"


def project_json(state: MocoState, project: Project, whole_company: bool = False) -> Json:
    """A project with its tasks and contracts."""
    customer = state.companies[project.company_id]
    shown: Json = {
        "id": project.id,
        "identifier": project.identifier,
        "name": project.name,
        "active": project.active,
        "billable": project.billable,
        "fixed_price": project.fixed_price,
        "finish_date": day_or_null(project.finish_date),
        "currency": project.currency,
        "billing_variant": project.billing_variant,
        "billing_address": project.billing_address,
        "billing_email_to": project.billing_email_to,
        "billing_email_cc": project.billing_email_cc,
        "billing_notes": project.billing_notes,
        "setting_include_time_report": project.setting_include_time_report,
        "budget": project.budget,
        "budget_expenses": project.budget_expenses,
        "hourly_rate": effective_rate(state, project),
        "info": project.info,
        "color": "#ff26a8",
        "tags": list(project.tags),
        "labels": list(project.tags),
        "custom_properties": shown_properties(project.custom_properties),
        "leader": person_reference(state, project.leader_id),
        "co_leader": person_reference(state, project.co_leader_id),
        "customer": company_json(state, customer) if whole_company else company_reference(state, customer.id),
        "tasks": [_nested_task(state, task) for task in state.tasks_of(project.id)],
        "contracts": [_nested_contract(state, contract) for contract in state.contracts_of(project.id)],
        "deal": deal_reference(state, project),
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.updated_at),
    }
    if not state.switches.nested_parts:
        del shown["tasks"], shown["contracts"]
    return shown | _newer(state, project) if state.switches.newer_fields else shown


def assigned_json(state: MocoState, project: Project, contract: Contract) -> Json:
    """A project as its bookable form; `contract` since June 2022."""
    tasks = state.tasks_of(project.id)
    shown: Json = {
        "id": project.id,
        "identifier": project.identifier,
        "name": project.name,
        "active": project.active,
        "billable": project.billable,
        "customer": company_reference(state, project.company_id),
        "tasks": [{"id": t.id, "name": t.name, "active": t.active, "billable": t.billable} for t in tasks],
    }
    if state.switches.newer_fields:
        shown["contract"] = {"user_id": contract.user_id, "active": contract.active}
    return shown


def task_json(state: MocoState, task: Task) -> Json:
    """A task in its own list."""
    shown = _nested_task(state, task)
    if state.switches.newer_fields:
        shown["revenue_category"] = None
    return shown | {"created_at": stamp(task.created_at), "updated_at": stamp(task.updated_at)}


def contract_json(state: MocoState, contract: Contract) -> Json:
    """A contract in its own list."""
    shown = _nested_contract(state, contract)
    if state.switches.newer_fields:
        project = state.projects[contract.project_id]
        shown["project"] = {"id": project.id, "name": project.name}
    return shown | {"created_at": stamp(contract.created_at), "updated_at": stamp(contract.updated_at)}


def group_json(state: MocoState, group: ProjectGroup) -> Json:
    """A group with its projects, its budget the sum of theirs (DOC; the sum is GUESS)."""
    projects = [each for each in state.projects.values() if each.project_group_id == group.id]
    return {
        "id": group.id,
        "name": group.name,
        "user": person_reference(state, group.user_id),
        "company": company_reference(state, group.company_id),
        "budget": sum((each.budget or 0.0 for each in projects), 0.0),
        "currency": group.currency,
        "info": group.info,
        "custom_properties": shown_properties(group.custom_properties),
        "customer_report_url": None,
        "projects": [
            {
                "id": each.id,
                "identifier": each.identifier,
                "name": each.name,
                "active": each.active,
                "budget": each.budget,
            }
            for each in projects
        ],
        "created_at": stamp(group.created_at),
        "updated_at": stamp(group.updated_at),
    }


def report_json(state: MocoState, project: Project) -> Json:
    """The figures of a project: RECORDED for an empty one, DOC for the keys of a used one, its amounts GUESS.

    Hours are those that `seconds` of the activities say; nobody has an internal rate here, so time costs nothing.
    """
    booked = list(state.activities_on(project_id=project.id))
    by_task: dict[int, int] = {}
    for activity in booked:
        by_task[activity.task_id] = by_task.get(activity.task_id, 0) + activity.seconds
    earning = [activity for activity in booked if activity.billable]
    spent = sum(activity.seconds / 3600 * hourly_rate_of(state, activity) for activity in earning)
    budget, rate = project.budget, effective_rate(state, project)
    return {
        "budget_total": budget,
        "budget_progress_in_percentage": round(100 * spent / budget) if budget else None,
        "budget_remaining": round(budget - spent, 2) if budget else None,
        "invoiced_total": 0.0,
        "currency": project.currency,
        "hours_total": _hours(sum(by_task.values())) if booked else None,
        "hours_billable": _hours(sum(activity.seconds for activity in earning)),
        "hours_remaining": round((budget - spent) / rate, 2) if budget and rate else None,
        "costs_expenses": 0.0,
        "costs_activities": 0.0,
        "costs_by_task": [
            {"id": task.id, "name": task.name, "hours_total": _hours(by_task[task.id]), "total_costs": 0.0}
            for task in state.tasks_of(project.id)
            if task.id in by_task
        ],
    }


def share_json(project: Project) -> Json:
    """Whether a project's report is public, and where (DOC)."""
    return {"id": project.id, "active": project.share_token is not None, "url": _report_url(project)}


def effective_rate(state: MocoState, project: Project) -> float:
    """The project's rate, or the mean of its tasks' or people's by billing variant (DOC)."""
    match project.billing_variant:
        case "task":
            rates = [task.hourly_rate for task in state.tasks_of(project.id)]
        case "user":
            rates = [contract.hourly_rate for contract in state.contracts_of(project.id)]
        case _:
            rates = [project.hourly_rate]
    return round(fmean(rates), 2) if rates else 0.0


def _newer(state: MocoState, project: Project) -> Json:
    """What was added after 2022 (DOC)."""
    group = state.project_groups.get(project.project_group_id or 0)
    return {
        "retainer": project.retainer,
        "start_date": day_or_null(project.start_date),
        "budget_monthly": project.budget_monthly,
        "retainer_billing_date": project.retainer_billing_date,
        "retainer_billing_title": project.retainer_billing_title,
        "retainer_billing_description": project.retainer_billing_description,
        "customer_report_url": _report_url(project),
        "project_group": None if group is None else {"id": group.id, "name": group.name},
        "billing_contact": _contact(state, project.billing_contact_id),
        "contact": _contact(state, project.contact_id),
        "secondary_contact": _contact(state, project.secondary_contact_id),
        "archived_on": None if project.active else stamp(project.archived_at or project.updated_at),
    }


def _nested_task(state: MocoState, task: Task) -> Json:
    shown: Json = {
        "id": task.id,
        "name": task.name,
        "billable": task.billable,
        "active": task.active,
        "budget": task.budget,
        "hourly_rate": task.hourly_rate,
    }
    if state.switches.newer_fields:
        shown["description"] = task.description
    return shown


def _nested_contract(state: MocoState, contract: Contract) -> Json:
    user = state.users[contract.user_id]
    return {
        "id": contract.id,
        "user_id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "billable": contract.billable,
        "active": contract.active,
        "budget": contract.budget,
        "hourly_rate": contract.hourly_rate,
    }


def _contact(state: MocoState, contact_id: int | None) -> Json | None:
    found = state.contacts.get(contact_id or 0)
    return None if found is None else {"id": found.id, "firstname": found.firstname, "lastname": found.lastname}


def _report_url(project: Project) -> str | None:
    return None if project.share_token is None else _SHARED.format(project.id, project.share_token)


def _hours(seconds: int) -> float:
    return round(seconds / 3600, 2)
