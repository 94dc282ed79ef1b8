"""The JSON of the simulated MOCO: keys in the order of the recordings of 2022, newer ones by switch."""

from __future__ import annotations

from datetime import UTC, date, datetime

from migrator.sandbox.moco_records import Activity, Company, Contract, Presence, Project, Task, User, WebHook
from migrator.sandbox.moco_state import MocoState

Json = dict[str, object]
_UNIT: Json = {"id": 909_147_861, "name": "Agentur"}


def stamp(moment: datetime) -> str:
    """`2022-04-17T06:46:21Z`: UTC, whole seconds (RECORDED)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def activity_json(state: MocoState, activity: Activity, rates: bool) -> Json:
    """An activity; `hourly_rate` is absent, not null, without the right (RECORDED)."""
    project = state.projects[activity.project_id]
    task = state.tasks[activity.task_id]
    shown: Json = {
        "id": activity.id,
        "date": activity.date.isoformat(),
        "hours": round(activity.seconds / 3600, 2),
        "seconds": activity.seconds,
        "description": activity.description,
        "billed": activity.billed,
        "billable": activity.billable,
        "tag": activity.tag,
        "remote_service": activity.remote_service,
        "remote_id": activity.remote_id,
        "remote_url": activity.remote_url,
        "project": {"id": project.id, "name": project.name, "billable": project.billable},
        "task": {"id": task.id, "name": task.name, "billable": task.billable},
        "customer": _company_reference(state, project.company_id),
        "user": _person(state, activity.user_id),
        "timer_started_at": stamp(activity.timer_started_at) if activity.timer_started_at else None,
        "created_at": stamp(activity.created_at),
        "updated_at": stamp(activity.updated_at),
    }
    if rates:
        shown["hourly_rate"] = task.hourly_rate
    if state.switches.newer_fields:
        shown |= {"worked_seconds": activity.worked_seconds, "invoice_id": None}
    return shown


def task_json(state: MocoState, task: Task) -> Json:
    """A task in its own list."""
    shown = _nested_task(state, task)
    return shown | {"created_at": stamp(task.created_at), "updated_at": stamp(task.updated_at)}


def contract_json(state: MocoState, contract: Contract) -> Json:
    """A contract in its own list."""
    shown = _nested_contract(state, contract)
    if state.switches.newer_fields:
        project = state.projects[contract.project_id]
        shown["project"] = {"id": project.id, "name": project.name}
    return shown | {"created_at": stamp(contract.created_at), "updated_at": stamp(contract.updated_at)}


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
        "finish_date": _day(project.finish_date),
        "currency": project.currency,
        "billing_variant": project.billing_variant,
        "billing_address": "",
        "billing_email_to": None,
        "billing_email_cc": None,
        "billing_notes": None,
        "setting_include_time_report": False,
        "budget": project.budget,
        "budget_expenses": 0.0,
        "hourly_rate": project.hourly_rate,
        "info": project.info,
        "color": "#ff26a8",
        "tags": list(project.tags),
        "labels": list(project.tags),
        "custom_properties": {},
        "leader": _person(state, project.leader_id),
        "co_leader": None,
        "customer": company_json(state, customer) if whole_company else _company_reference(state, customer.id),
        "tasks": [_nested_task(state, task) for task in state.tasks_of(project.id)],
        "contracts": [_nested_contract(state, contract) for contract in state.contracts_of(project.id)],
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.updated_at),
    }
    if state.switches.newer_fields:
        shown |= {"retainer": project.retainer, "start_date": _day(project.start_date)}
        shown |= {"budget_monthly": None, "customer_report_url": None}
        shown["archived_on"] = None if project.active else stamp(project.updated_at)
    return shown


def assigned_json(state: MocoState, project: Project, contract: Contract) -> Json:
    """A project as its bookable form; `contract` since June 2022."""
    tasks = state.tasks_of(project.id)
    return {
        "id": project.id,
        "identifier": project.identifier,
        "name": project.name,
        "active": project.active,
        "billable": project.billable,
        "customer": _company_reference(state, project.company_id),
        "tasks": [{"id": t.id, "name": t.name, "active": t.active, "billable": t.billable} for t in tasks],
        "contract": {"user_id": contract.user_id, "active": contract.active},
    }


def company_json(state: MocoState, company: Company) -> Json:
    """A company; the set of keys depends on its type (RECORDED)."""
    shown: Json = {
        "id": company.id,
        "type": company.kind,
        "name": company.name,
        "website": "",
        "email": "",
        "phone": "",
        "fax": "",
        "address": "",
        "tags": [],
        "user": _person(state, company.user_id),
        "info": "",
        "custom_properties": {},
        "active": company.active,
        "created_at": stamp(company.created_at),
        "updated_at": stamp(company.updated_at),
    }
    if company.kind == "customer":
        shown |= {
            "identifier": company.identifier,
            "intern": company.intern,
            "currency": company.currency,
            "default_invoice_due_days": 30,
            "projects": [
                {
                    "id": p.id,
                    "identifier": p.identifier,
                    "name": p.name,
                    "active": p.active,
                    "billable": p.billable,
                }
                for p in state.projects.values()
                if p.company_id == company.id
            ],
        }
    if company.kind == "supplier":
        shown["iban"] = ""
    return shown


def user_json(state: MocoState, user: User) -> Json:
    """A user, as read: `extern` and `birthday`, not the names they are written by (RECORDED)."""
    shown: Json = {
        "id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "active": user.active,
        "extern": user.external,
        "email": user.email,
        "mobile_phone": "",
        "work_phone": "",
        "home_address": "",
        "info": "",
        "birthday": None,
        "avatar_url": None,
        "tags": [],
        "custom_properties": {},
        "unit": _UNIT,
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.updated_at),
    }
    if state.switches.newer_fields:
        shown |= {"iban": None, "role": None}
    return shown


def web_hook_json(hook: WebHook) -> Json:
    """A web hook of the account (DOC)."""
    return {
        "id": hook.id,
        "target": hook.target,
        "event": hook.event,
        "hook": hook.hook,
        "disabled": hook.disabled_at is not None,
        "disabled_at": stamp(hook.disabled_at) if hook.disabled_at else None,
        "created_at": stamp(hook.created_at),
        "updated_at": stamp(hook.updated_at),
    }


def presence_json(state: MocoState, presence: Presence) -> Json:
    """A presence; `from` and `to` are `HH:MM` in the account's own time (RECORDED)."""
    return {
        "id": presence.id,
        "date": presence.date.isoformat(),
        "from": _clock(presence.start),
        "to": None if presence.end is None else _clock(presence.end),
        "is_home_office": presence.is_home_office,
        "user": _person(state, presence.user_id),
        "created_at": stamp(presence.created_at),
        "updated_at": stamp(presence.updated_at),
    }


def profile_json(user: User) -> Json:
    """The profile of the effective user (DOC)."""
    return {
        "id": user.id,
        "email": user.email,
        "full_name": f"{user.firstname} {user.lastname}",
        "first_name": user.firstname,
        "last_name": user.lastname,
        "active": user.active,
        "external": user.external,
        "avatar_url": None,
        "unit": _UNIT,
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.updated_at),
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


def _person(state: MocoState, user_id: int | None) -> Json | None:
    if user_id is None:
        return None
    user = state.users[user_id]
    return {"id": user.id, "firstname": user.firstname, "lastname": user.lastname}


def _company_reference(state: MocoState, company_id: int) -> Json:
    company = state.companies[company_id]
    return {"id": company.id, "name": company.name}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
