"""The JSON of the simulated MOCO: activities, presences, web hooks, and references to other records."""

from __future__ import annotations

from datetime import UTC, date, datetime

from migrator.sandbox.moco_records import Activity, Presence, Project, WebHook
from migrator.sandbox.moco_state import MocoState

Json = dict[str, object]


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
        "customer": company_reference(state, project.company_id),
        "user": person_reference(state, activity.user_id),
        "timer_started_at": stamp(activity.timer_started_at) if activity.timer_started_at else None,
        "created_at": stamp(activity.created_at),
        "updated_at": stamp(activity.updated_at),
    }
    if rates:
        shown["hourly_rate"] = hourly_rate_of(state, activity)
    if state.switches.newer_fields:
        shown |= {"worked_seconds": activity.worked_seconds, "invoice_id": None}
        shown["deal"] = deal_reference(state, project)
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
        "user": person_reference(state, presence.user_id),
        "created_at": stamp(presence.created_at),
        "updated_at": stamp(presence.updated_at),
    }


def person_reference(state: MocoState, user_id: int | None) -> Json | None:
    """A person inside another record."""
    if user_id is None:
        return None
    user = state.users[user_id]
    return {"id": user.id, "firstname": user.firstname, "lastname": user.lastname}


def company_reference(state: MocoState, company_id: int) -> Json:
    """A company inside another record."""
    company = state.companies[company_id]
    return {"id": company.id, "name": company.name}


def day_or_null(day: date | None) -> str | None:
    """`2022-04-17`, or null."""
    return None if day is None else day.isoformat()


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def deal_reference(state: MocoState, project: Project) -> Json | None:
    """The deal that a project came of."""
    deal = state.deals.get(project.deal_id or 0)
    return None if deal is None else {"id": deal.id, "name": deal.name}


def hourly_rate_of(state: MocoState, activity: Activity) -> float:
    """What an hour of it costs the customer: the project's rate, or that of task or person by billing variant (DOC)."""
    project = state.projects[activity.project_id]
    if project.billing_variant == "task":
        return state.tasks[activity.task_id].hourly_rate
    if project.billing_variant == "user":
        contract = state.contract_of(project.id, activity.user_id)
        return 0.0 if contract is None else contract.hourly_rate
    return project.hourly_rate
