"""Furnishes a sandbox as the real MOCO was last listed: the same ids, names and activities, as far as known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from sqlalchemy import Engine

from migrator.core.mapping import TargetMasters
from migrator.core.model import MocoId, TargetCompany, TargetEntry, TargetProject, TargetTask, TargetUser
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import (
    EVERY_PERMISSION,
    Activity,
    ApiKey,
    Company,
    Contract,
    Project,
    ProjectGroup,
    Task,
    User,
)
from migrator.sandbox.moco_state import DEFAULT_UNIT_ID, STAFF_ROLE_ID, MocoState
from migrator.sandbox.moco_switches import Language, Switches
from migrator.store import target
from migrator.store.engine import reading

KEY = "the-key-of-a-rehearsal"
"""Instead of the real one, which no rehearsal needs."""

_UNKNOWN = "(not listed)"
"""What is called so that a listed activity refers to, though no list showed it."""


def furnish(masters: TargetMasters, engine: Engine, now: Callable[[], datetime]) -> MocoSandbox:
    """A MOCO that holds what the snapshot holds; its key is `KEY`, it counts no requests, its clock is `now`.

    What no list tells, such as rates and budgets, is left at what a new account has.
    """
    sandbox = MocoSandbox(now=now, switches=Switches(rate_limits=(), language=Language.ENGLISH))
    room = _Room(sandbox.state)
    with sandbox.state.lock:
        sandbox.state.keys[KEY] = ApiKey(None)
        _masters(room, masters)
        for entry in _activities(engine):
            room.activity(entry)
        room.number_on()
    return sandbox


def _masters(room: _Room, masters: TargetMasters) -> None:
    for user in masters.users.values():
        room.user(user)
    for company in masters.companies.values():
        room.company(company)
    for name, group_id in masters.groups.items():
        room.group(group_id, name)
    for project in masters.projects.values():
        room.project(project)
    for task in masters.tasks.values():
        room.task(task)
    for contract in masters.contracts:
        if contract.project_id in room.state.projects and contract.user_id in room.state.users:
            room.state.put_contract(
                Contract(
                    contract.id,
                    contract.project_id,
                    contract.user_id,
                    billable=True,
                    active=contract.active,
                    budget=None,
                    hourly_rate=0.0,
                    created_at=room.now,
                    updated_at=room.now,
                )
            )


def _activities(engine: Engine) -> Iterator[TargetEntry]:
    after = MocoId(0)
    while True:
        with reading(engine) as session:
            page = target.entries_above(session, after)
        yield from page
        if not page:
            return
        after = page[-1].id


class _Room:
    """The account that is furnished; whatever a record refers to is there before it."""

    def __init__(self, state: MocoState) -> None:
        self.state = state
        self.now = state.now()

    def user(self, user: TargetUser) -> None:
        """A person as listed; who may do what is not, and the rehearsal's key may do everything."""
        rights = EVERY_PERMISSION if user.active else frozenset()
        self.state.users[user.id] = User(
            user.id,
            user.firstname,
            user.lastname,
            user.email,
            user.active,
            rights,
            external=False,
            password=None,
            created_at=self.now,
            updated_at=self.now,
            unit_id=DEFAULT_UNIT_ID,
            role_id=STAFF_ROLE_ID,
        )

    def company(self, company: TargetCompany) -> None:
        """A company as listed."""
        kind = company.type or "customer"
        identifier, currency = company.identifier or None, self.state.switches.currency
        active, now = company.active, self.now
        self.state.companies[company.id] = Company(
            company.id, kind, company.name, identifier, active, False, currency, None, now, now
        )

    def group(self, group_id: MocoId, name: str) -> None:
        """A group of projects, of whichever company."""
        company, currency = self._any_company(), self.state.switches.currency
        self.state.project_groups[group_id] = ProjectGroup(group_id, name, company, None, currency, self.now, self.now)

    def project(self, project: TargetProject) -> None:
        """A project as listed."""
        company_id = project.company_id
        if company_id is None or company_id not in self.state.companies:
            company_id = MocoId(company_id or self._any_company())
            if company_id not in self.state.companies:
                self.company(TargetCompany(company_id, _UNKNOWN))
        self.state.projects[project.id] = Project(
            id=project.id,
            identifier=project.identifier,
            name=project.name,
            company_id=company_id,
            leader_id=next(iter(self.state.users), None),
            active=project.active,
            billable=project.billable,
            currency=self.state.switches.currency,
            billing_variant=project.billing_variant or "project",
            created_at=self.now,
            updated_at=self.now,
            archived_at=None if project.active else self.now,
        )

    def task(self, task: TargetTask) -> None:
        """A task as listed."""
        place = len(self.state.tasks_of(task.project_id))
        now, billable = self.now, task.billable
        self.state.put_task(
            Task(task.id, task.project_id, task.name, billable, task.active, None, 0.0, None, now, now, place)
        )

    def activity(self, entry: TargetEntry) -> None:
        """An activity as listed; what it refers to and no list showed is made up, closed to new bookings."""
        booking = entry.booking
        if booking.user_id not in self.state.users:
            self.user(TargetUser(booking.user_id, "", _UNKNOWN, "", active=False))
        if booking.project_id not in self.state.projects:
            self.project(TargetProject(booking.project_id, _UNKNOWN, "", None, active=False, billable=True))
        if booking.task_id not in self.state.tasks:
            self.task(TargetTask(booking.task_id, booking.project_id, _UNKNOWN, active=False, billable=True))
        self.state.activities.put(
            Activity(
                id=entry.id,
                date=booking.day,
                user_id=booking.user_id,
                project_id=booking.project_id,
                task_id=booking.task_id,
                seconds=booking.seconds,
                worked_seconds=booking.seconds,
                description=booking.description,
                billable=booking.billable,
                billed=entry.billed,
                tag=booking.tag,
                remote_service="",
                remote_id=booking.marker or None,
                remote_url=booking.url or None,
                timer_started_at=entry.updated_at if entry.timer_running else None,
                created_at=entry.created_at,
                updated_at=entry.updated_at,
            )
        )

    def number_on(self) -> None:
        """Let what is created from now on get ids that nothing has."""
        state = self.state
        taken = (state.users, state.companies, state.projects, state.tasks, state.contracts, state.project_groups)
        highest = max((found for ids in taken for found in ids), default=0)
        state.begin_ids_above(highest, max((each.id for each in state.activities), default=0))

    def _any_company(self) -> int:
        known: Iterable[int] = self.state.companies
        first = next(iter(known), None)
        if first is not None:
            return first
        made = self.state.new_id()
        self.company(TargetCompany(MocoId(made), _UNKNOWN))
        return made
