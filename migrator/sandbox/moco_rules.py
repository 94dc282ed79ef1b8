"""Which activities the simulated MOCO accepts, and what it makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite

from migrator.sandbox.moco_presences import open_presence
from migrator.sandbox.moco_problems import Invalid, Problems, Words
from migrator.sandbox.moco_records import Activity, Project, Task, User
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Markers

REMOTE_SERVICES = frozenset(
    [
        "trello",
        "jira",
        "asana",
        "basecamp",
        "wunderlist",
        "basecamp2",
        "basecamp3",
        "toggl",
        "mite",
        "github",
        "youtrack",
    ]
)
_SHORTEST_DESCRIPTION = 3

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity that passed every rule and is not stored yet."""

    owner: User
    date: date
    project: Project
    task: Task
    seconds: int
    description: str
    billable: bool
    tag: str
    remote_service: str
    remote_id: str | None
    remote_url: str | None


def draft_activity(state: MocoState, owner: User, sent: Fields, before: Activity | None = None) -> Draft:
    """The activity that `sent` describes, over the values of `before` for an update.

    Raises Invalid with every problem at once. Fields nobody documents, `user_id` among them, are ignored.
    """
    problems: Problems = {}
    day = _day(state, sent, before, problems)
    place = _place(state, owner, sent, before, problems)
    seconds = _seconds(state, sent, before, problems)
    description = _text(sent, "description", before.description if before else "", problems) or ""
    if state.switches.description_mandatory and len(description.strip()) < _SHORTEST_DESCRIPTION:
        problems["description"] = [Words.TOO_SHORT]
    service = _text(sent, "remote_service", before.remote_service if before else "", problems) or ""
    if service and service not in REMOTE_SERVICES:
        problems["remote_service"] = [Words.NOT_A_CHOICE]
    tag = _text(sent, "tag", before.tag if before else "", problems) or ""
    remote_id = _text(sent, "remote_id", before.remote_id if before else None, problems)
    remote_url = _text(sent, "remote_url", before.remote_url if before else None, problems)
    billable = _billable(place, sent, before, problems)
    if not owner.active:
        problems["user_id"] = [Words.INVALID]
    if problems or day is None or place is None:
        raise Invalid(problems)
    return Draft(
        owner,
        day,
        *place,
        seconds,
        description,
        billable,
        tag,
        service,
        remote_id or None,
        remote_url or None,
    )


def refuse_change(state: MocoState, activity: Activity) -> None:
    """Raise Invalid for a billed activity or one in a locked period (DOC; the body is GUESS)."""
    if activity.billed:
        raise Invalid({"base": [Words.BILLED]})
    if state.is_locked(activity.date):
        raise Invalid({"base": [Words.LOCKED]})


def store_draft(state: MocoState, draft: Draft) -> Activity:
    """Create the activity; without seconds and dated today its timer starts and with it a presence (LIVE)."""
    now = state.now()
    running = draft.seconds == 0 and draft.date == state.today()
    if running:
        stop_running_timer(state, draft.owner.id)
    activity = Activity(
        id=state.new_activity_id(),
        date=draft.date,
        user_id=draft.owner.id,
        project_id=draft.project.id,
        task_id=draft.task.id,
        seconds=draft.seconds,
        worked_seconds=draft.seconds,
        description=draft.description,
        billable=draft.billable,
        billed=False,
        tag=draft.tag,
        remote_service=draft.remote_service,
        remote_id=None if state.switches.markers is Markers.NOT_STORED else draft.remote_id,
        remote_url=draft.remote_url,
        timer_started_at=now if running else None,
        created_at=now,
        updated_at=now,
    )
    state.activities.put(activity)
    if running:
        open_presence(state, draft.owner.id)
    return activity


def update_activity(state: MocoState, activity: Activity, sent: Fields) -> Activity:
    """Apply a partial update; Invalid also for seconds while a timer runs (`stop_timer` allows it)."""
    refuse_change(state, activity)
    if sent.get("stop_timer") is True and activity.timer_started_at is not None:
        activity = with_stopped_timer(state, activity)
    timed = "seconds" in sent or "hours" in sent
    if timed and activity.timer_started_at is not None:
        raise Invalid({"base": [Words.TIMER_RUNNING]})
    draft = draft_activity(state, state.users[activity.user_id], sent, activity)
    changed = replace(
        activity,
        date=draft.date,
        project_id=draft.project.id,
        task_id=draft.task.id,
        seconds=draft.seconds,
        worked_seconds=draft.seconds if timed else activity.worked_seconds,
        description=draft.description,
        billable=draft.billable,
        tag=draft.tag,
        remote_service=draft.remote_service,
        remote_id=draft.remote_id,
        remote_url=draft.remote_url,
        updated_at=state.now(),
    )
    state.activities.put(changed)
    return changed


def with_stopped_timer(state: MocoState, activity: Activity) -> Activity:
    """`activity` with its timer off and the whole minutes it ran added (LIVE)."""
    assert activity.timer_started_at is not None
    ran = int((state.now() - activity.timer_started_at).total_seconds()) // 60 * 60
    return replace(
        activity,
        seconds=activity.seconds + ran,
        worked_seconds=activity.worked_seconds + ran,
        timer_started_at=None,
        updated_at=state.now(),
    )


def stop_running_timer(state: MocoState, user_id: int) -> None:
    """One timer per person (DOC): starting one stops the other (GUESS)."""
    today = [found for found in state.activities if found.timer_started_at is not None and found.user_id == user_id]
    for activity in today:
        state.activities.put(with_stopped_timer(state, activity))


def _day(state: MocoState, sent: Fields, before: Activity | None, problems: Problems) -> date | None:
    """The day; missing is blank and invalid at once (issue report of 2019), a locked one a base problem."""
    if "date" not in sent and before is not None:
        return before.date
    given = sent.get("date")
    if given in (None, ""):
        problems["date"] = [Words.BLANK, Words.INVALID]
        return None
    try:
        if not isinstance(given, str) or len(given) != len("2024-03-21"):
            raise ValueError
        day = date.fromisoformat(given)
    except ValueError:
        problems["date"] = [Words.INVALID]
        return None
    if state.is_locked(day):
        problems["base"] = [Words.LOCKED]
    return day


def _place(
    state: MocoState, owner: User, sent: Fields, before: Activity | None, problems: Problems
) -> tuple[Project, Task] | None:
    """Open, belonging together, the person assigned; all GUESS but the missing task (LIVE)."""
    project_id = sent.get("project_id", before.project_id if before else None)
    task_id = sent.get("task_id", before.task_id if before else None)
    project = state.projects.get(project_id) if type(project_id) is int else None
    task = state.tasks.get(task_id) if type(task_id) is int else None
    if project is None:
        problems["project_id"] = [Words.BLANK if project_id is None else Words.INVALID]
    bookable = (
        project is not None
        and task is not None
        and task.project_id == project.id
        and task.active
        and project.active
        and _is_assigned(state, project, owner)
    )
    if not bookable:
        problems["task_id"] = [Words.INVALID]
    company_id = sent.get("company_id")
    if project is not None and company_id is not None and company_id != project.company_id:
        problems["company_id"] = [Words.INVALID]
    return (project, task) if project is not None and task is not None else None


def _is_assigned(state: MocoState, project: Project, owner: User) -> bool:
    if not state.switches.contract_required:
        return True
    contract = state.contract_of(project.id, owner.id)
    return contract is not None and contract.active


def _seconds(state: MocoState, sent: Fields, before: Activity | None, problems: Problems) -> int:
    """Rounded whole seconds; `hours` is the deprecated other spelling, `seconds` wins (GUESS)."""
    if "seconds" in sent:
        given = sent["seconds"]
        if type(given) is int and given >= 0:
            return state.switches.rounding.of(given)
        problems["seconds"] = [Words.NOT_A_NUMBER if type(given) is not int else Words.INVALID]
        return 0
    if "hours" in sent:
        hours = sent["hours"]
        if isinstance(hours, (int, float)) and type(hours) is not bool and isfinite(hours) and hours >= 0:
            return state.switches.rounding.of(round(hours * 3600))
        problems["hours"] = [Words.NOT_A_NUMBER]
        return 0
    return before.seconds if before else 0


def _text(sent: Fields, name: str, otherwise: str | None, problems: Problems) -> str | None:
    """A text or null; a number is refused, where MOCO may be kinder."""
    given = sent.get(name, otherwise)
    if given is None or isinstance(given, str):
        return given
    problems[name] = [Words.INVALID]
    return None


def _billable(place: tuple[Project, Task] | None, sent: Fields, before: Activity | None, problems: Problems) -> bool:
    """As sent, else as project and task say (RECORDED); always false on an internal project (LIVE)."""
    given = sent.get("billable")
    if given is not None and type(given) is not bool:
        problems["billable"] = [Words.NOT_A_CHOICE]
        return False
    if place is None or not place[0].billable:
        return False
    if isinstance(given, bool):
        return given
    return before.billable if before else place[1].billable
