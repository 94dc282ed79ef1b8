"""The made-up agency in a simulated ActiveCollab: the same people, projects and records as in its exported files."""

from __future__ import annotations

from datetime import UTC, datetime

from migrator.sandbox import activecollab_records as stored
from migrator.sandbox import agency_words as words
from migrator.sandbox.activecollab_records import State
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.agency_cast import OWN_COMPANY_ID, Client, Person, Project
from migrator.sandbox.agency_history import Agency
from migrator.sandbox.agency_records import Expense, Oddity, TimeRecord, expense_beside

_ODD_FIELDS = {
    Oddity.HOURS: ("value", "1h30"),
    Oddity.DAY: ("record_date", "0000-00-00"),
    Oddity.STATUS: ("billable_status", 7),
}


def fill(state: ActiveCollabState, agency: Agency) -> None:
    """Put everything of `agency` into `state`, over what is there."""
    with state.lock:
        fill_masters(state, agency)
        for record in agency.records():
            state.put_record(stored_record(record))
            expense = expense_beside(record)
            if expense is not None:
                state.put(stored_expense(expense))


def fill_masters(state: ActiveCollabState, agency: Agency) -> None:
    """Everything but time records and expenses."""
    cast = agency.cast
    for client in cast.clients:
        state.put(_company(client))
    for person in cast.people:
        state.put(_person(person))
    for number, name in enumerate(words.JOB_TYPE_NAMES, 1):
        state.put(stored.JobType(number, name))
    for project in cast.projects:
        state.put(_project(project, agency.generation))
        for ticket in project.tickets:
            state.put_task(stored.Task(ticket.id, ticket.number, project.id, ticket.name))


def stored_record(record: TimeRecord) -> stored.TimeRecord:
    """A time record of the agency as the simulation stores it."""
    odd = _ODD_FIELDS.get(record.oddity) if record.oddity else None
    return stored.TimeRecord(
        id=record.id,
        project_id=record.project.id,
        user_id=record.person.id,
        hours="1.5" if record.oddity is Oddity.HOURS else record.hours,
        day=record.day,
        created_on=record.created_on.replace(tzinfo=UTC),
        created_by_id=record.creator.id,
        updated_on=_zoned(record.updated_on),
        updated_by_id=record.creator.id if record.updated_on else None,
        task_id=record.ticket.id if record.ticket else None,
        job_type_id=record.job_type_id,
        billable_status=record.status,
        text=record.text,
        state=State.TRASHED if record.trashed else State.VISIBLE,
        private=record.private,
        version=record.version,
        trashed_on=_zoned(record.updated_on or record.created_on) if record.trashed else None,
        as_is=dict([odd]) if odd else {},
    )


def stored_expense(expense: Expense) -> stored.Expense:
    """An expense of the agency as the simulation stores it."""
    return stored.Expense(
        id=expense.id,
        project_id=expense.project.id,
        user_id=expense.person.id,
        amount=f"{expense.cents // 100}.{expense.cents % 100:02d}",
        day=expense.day,
        created_on=expense.created_on.replace(tzinfo=UTC),
        category=words.EXPENSE_CATEGORY_NAMES[expense.category_id - 1],
        text=expense.text,
    )


def _zoned(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _company(client: Client) -> stored.Company:
    return stored.Company(client.id, client.name, State.ARCHIVED if client.archived else State.VISIBLE)


def _person(person: Person) -> stored.Person:
    left = person.last_day is not None
    return stored.Person(
        id=person.id,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        company_id=OWN_COMPANY_ID,
        administrator=person.administrator,
        state=State.ARCHIVED if left else State.VISIBLE,
        password="geheim" if person.administrator else None,
    )


def _project(project: Project, generation: int) -> stored.Project:
    """Generation 2 shows the agency's own projects with company 0."""
    return stored.Project(
        id=project.id,
        name=project.name,
        slug=project.slug,
        company_id=0 if generation == 2 and project.internal else project.client_id,
        leader_id=project.leader_id,
        status=project.status,
        state=State.ARCHIVED if project.archived else State.VISIBLE,
    )
