"""The agency in the XML of ActiveCollab 3 and 4 (field names: the legacy API book and public clients)."""

from __future__ import annotations

from migrator.sandbox import agency_words as words
from migrator.sandbox.agency_cast import OWN_COMPANY_ID, Client, Person, Project, Ticket
from migrator.sandbox.agency_records import Expense, TimeRecord
from migrator.sandbox.agency_xml import branch, leaf, link, moment, named, nested_person, text

_TRASHED, _ARCHIVED, _VISIBLE = 1, 2, 3


def company(client: Client, people: tuple[Person, ...]) -> list[str]:
    """A company with its people."""
    return branch(
        "company",
        leaf("id", client.id),
        text("class", "Company"),
        text("name", client.name),
        text("permalink", link(f"people/{client.id}")),
        *_state(archived=client.archived),
        branch("users", *(user(person) for person in people)) if people else leaf("users"),
    )


def user(person: Person) -> list[str]:
    """A person; whoever left is archived."""
    return branch(
        "user",
        leaf("id", person.id),
        text("class", "Administrator" if person.administrator else "Member"),
        text("name", person.name),
        text("display_name", person.name),
        text("first_name", person.first_name),
        text("last_name", person.last_name),
        text("email", person.email),
        text("permalink", link(f"people/{OWN_COMPANY_ID}/users/{person.id}")),
        leaf("company_id", OWN_COMPANY_ID),
        *_state(archived=person.last_day is not None),
    )


def project(each: Project, client: Client, leader: Person) -> list[str]:
    """A project; its permalink names the slug."""
    return branch(
        "project",
        leaf("id", each.id),
        text("class", "Project"),
        text("name", each.name),
        text("slug", each.slug),
        text("permalink", link(f"projects/{each.slug}")),
        leaf("is_completed", int(each.archived)),
        *_state(archived=each.archived),
        named("company", client.id, client.name),
        nested_person("leader", leader),
        leaf("is_member", 1),
    )


def task(each: Ticket, of: Project) -> list[str]:
    """A task; `task_id` is its number within the project."""
    return branch(
        "task",
        leaf("id", each.id),
        text("class", "Task"),
        leaf("task_id", each.number),
        text("name", each.name),
        text("permalink", link(f"projects/{of.slug}/tasks/{each.number}")),
        named("project", of.id, of.name),
        *_state(),
        leaf("priority", 0),
    )


def tracked_time(record: TimeRecord) -> list[str]:
    """A time record as the mixed list shows it."""
    job_type = words.JOB_TYPE_NAMES[record.job_type_id - 1]
    parent = record.ticket.id if record.ticket else record.project.id
    return branch(
        "tracking_object",
        leaf("id", record.id),
        text("class", "TimeRecord"),
        text("name", f"{record.hours} hours"),
        text("permalink", link(f"projects/{record.project.slug}/tracking/time/{record.id}")),
        text("created_on", moment(record.created_on)),
        nested_person("created_by", record.creator),
        text("updated_on", moment(record.updated_on)),
        *_state(trashed=record.trashed),
        named("project", record.project.id, record.project.name),
        text("parent_class", "Task" if record.ticket else "Project"),
        leaf("parent_id", parent),
        leaf("billable_status", record.billable_status),
        leaf("value", record.hours),
        text("record_date", record.record_date),
        text("summary", record.text),
        nested_person("user", record.person),
        named("job_type", record.job_type_id, job_type),
    )


def tracked_expense(expense: Expense) -> list[str]:
    """An expense as the mixed list shows it: `value` is money."""
    euros = f"{expense.cents // 100}.{expense.cents % 100:02d}"
    return branch(
        "tracking_object",
        leaf("id", expense.id),
        text("class", "Expense"),
        text("name", f"EUR {euros}"),
        text("permalink", link(f"projects/{expense.project.slug}/tracking/expenses/{expense.id}")),
        text("created_on", moment(expense.created_on)),
        nested_person("created_by", expense.person),
        leaf("updated_on"),
        *_state(),
        named("project", expense.project.id, expense.project.name),
        text("parent_class", "Project"),
        leaf("parent_id", expense.project.id),
        leaf("billable_status", 1),
        leaf("value", euros),
        text("record_date", expense.day.isoformat()),
        text("summary", expense.text),
        nested_person("user", expense.person),
        named("category", expense.category_id, words.EXPENSE_CATEGORY_NAMES[expense.category_id - 1]),
    )


def _state(*, archived: bool = False, trashed: bool = False) -> list[list[str]]:
    state = _TRASHED if trashed else _ARCHIVED if archived else _VISIBLE
    return [leaf("state", state), leaf("is_archived", int(archived)), leaf("is_trashed", int(trashed))]
