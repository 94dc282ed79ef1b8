"""What an object of ActiveCollab's JSON is: told by its class, else by the key it stands under, else by its fields."""

from __future__ import annotations

from enum import Enum, auto

from migrator.activecollab.json_stream import Json


class Kind(Enum):
    """How an object is read."""

    RECORD = auto()
    COMPANY = auto()
    USER = auto()
    PROJECT_USER = auto()
    PROJECT = auto()
    TASK = auto()
    TASKS_INSIDE = auto()
    JOB_TYPE = auto()
    NOTHING = auto()
    """It holds nothing to move."""


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# Classes as 2.x calls them in `type`, 3.x and later in `class` (fact sheet §2.4, §3.2, §5.3).
_CLASSES = {
    **dict.fromkeys(_words("TimeRecord Expense"), Kind.RECORD),
    **dict.fromkeys(_words("User Owner Member Client Administrator Manager Subcontractor"), Kind.USER),
    **dict.fromkeys(_words("Ticket Task RecurringTask"), Kind.TASK),
    **dict.fromkeys(_words("Page Checklist"), Kind.TASKS_INSIDE),
    "Company": Kind.COMPANY,
    "Project": Kind.PROJECT,
    "JobType": Kind.JOB_TYPE,
    **dict.fromkeys(
        _words(
            "Assignment AssignmentLabel Attachment Budget Category Comment Currency DayOff Discussion Estimate "
            "ExpenseCategory File Invoice InvoiceItem Label Language Milestone Note Notebook NotebookPage "
            "ProjectCategory ProjectGroup ProjectLabel ProjectTemplate Reminder Role StatusUpdate Stopwatch Subtask "
            "TaskCategory TaskLabel TaskList Team TextDocument Webhook"
        ),
        Kind.NOTHING,
    ),
}

_KEYS = {
    **dict.fromkeys(_words("time_records time_record tracking_objects tracking_object expenses expense"), Kind.RECORD),
    **dict.fromkeys(_words("companies company"), Kind.COMPANY),
    **dict.fromkeys(_words("users user leader"), Kind.USER),
    **dict.fromkeys(_words("project_users project_user"), Kind.PROJECT_USER),
    **dict.fromkeys(_words("projects project"), Kind.PROJECT),
    **dict.fromkeys(_words("tasks task tickets ticket"), Kind.TASK),
    **dict.fromkeys(_words("pages page checklists checklist"), Kind.TASKS_INSIDE),
    **dict.fromkeys(_words("job_types job_type"), Kind.JOB_TYPE),
    **_CLASSES,
}

# The first of these that an object without a known class holds says what it is.
_FIELDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (Kind.RECORD, frozenset({"record_date", "billable_status"})),
    (Kind.JOB_TYPE, frozenset({"default_hourly_rate"})),
    (Kind.USER, frozenset({"first_name", "last_name", "display_name", "short_display_name"})),
    (Kind.TASK, frozenset({"task_number", "task_list_id", "ticket_id", "task_id"})),
    (Kind.PROJECT_USER, frozenset({"user", "user_id"})),
    (Kind.PROJECT, frozenset({"leader_id", "leader", "overview", "slug", "members", "is_tracking_enabled"})),
    (Kind.COMPANY, frozenset({"users", "users_url", "homepage_url", "is_owner", "logo_url", "office_address"})),
)

_RECORD_NAMES = {
    **dict.fromkeys(_words("time_records time_record TimeRecord"), "time_record"),
    **dict.fromkeys(_words("expenses expense Expense"), "expense"),
}


def class_of(one: dict[str, Json]) -> str:
    """The class that an object names itself; empty when it names none."""
    told = one.get("class") or one.get("type")
    return told if isinstance(told, str) else ""


def kind_of(one: dict[str, Json], key: str) -> Kind | None:
    """What the object `one` under `key` is; None when nothing tells."""
    under = _KEYS.get(key)
    if under is Kind.RECORD:
        return under  # whatever it says of itself: a strange record must be refused by name, never passed over
    named = _CLASSES.get(class_of(one))
    if named is not None or under is not None:
        return under if named is None else named
    return next((kind for kind, names in _FIELDS if not names.isdisjoint(one)), None)


def kind_under(key: str) -> Kind | None:
    """What stands under `key` in a document."""
    return _KEYS.get(key)


def record_name(one: dict[str, Json], key: str) -> str:
    """`time_record`, `expense`, or `tracking_object` for what its own class tells apart."""
    name = _RECORD_NAMES.get(key)
    if name is None and not class_of(one) and key not in {"tracking_objects", "tracking_object"}:
        # Only an expense has a category, and only with it can money be mistaken for hours.
        name = "time_record" if {"category", "category_id"}.isdisjoint(one) else "expense"
    return name or "tracking_object"
