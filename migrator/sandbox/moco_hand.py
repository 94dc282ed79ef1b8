"""What a person does in MOCO by hand: additions, edits and removals past every rule of the API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from migrator.sandbox.moco_properties import PropertyField, PropertyKind
from migrator.sandbox.moco_records import (
    EVERY_PERMISSION,
    Activity,
    ApiKey,
    Company,
    Contact,
    Contract,
    Deal,
    Permission,
    Presence,
    Project,
    ProjectGroup,
    Task,
    Unit,
    User,
    WebHook,
)
from migrator.sandbox.moco_state import ADMIN_ROLE_ID, DEFAULT_UNIT_ID, STAFF_ROLE_ID, MocoState

Record = TypeVar("Record", User, Company, Project, Task, Contract, Activity, Presence)


class ByHand:
    """The account as its people furnish it; `state` is all of it."""

    def __init__(self, state: MocoState) -> None:
        self.state = state

    def add_user(
        self,
        firstname: str,
        lastname: str,
        *,
        email: str | None = None,
        active: bool = True,
        permissions: Iterable[Permission] = (),
        external: bool = False,
        password: str | None = None,
        unit: Unit | None = None,
    ) -> User:
        """Add a person, of the account's first team unless told; without permissions it is an ordinary user."""
        address = (email or f"{firstname}.{lastname}@example.com").lower()
        with self.state.lock:
            now, found = self.state.now(), self.state.new_id()
            rights = frozenset(permissions)
            role_id = ADMIN_ROLE_ID if rights == EVERY_PERMISSION else STAFF_ROLE_ID
            team = unit.id if unit else DEFAULT_UNIT_ID
            user = User(
                found, firstname, lastname, address, active, rights, external, password, now, now, team, role_id
            )
            self.state.users[user.id] = user
        return user

    def add_unit(self, name: str) -> Unit:
        """Add a team."""
        with self.state.lock:
            now = self.state.now()
            unit = Unit(self.state.new_id(), name, now, now)
            self.state.units[unit.id] = unit
        return unit

    def add_key(self, key: str, user: User | None, *, read_only: bool = False) -> str:
        """Let `key` log in as `user`; None makes it an account key. Returns the key."""
        with self.state.lock:
            self.state.keys[key] = ApiKey(user.id if user else None, read_only)
        return key

    def add_company(
        self,
        name: str,
        *,
        kind: str = "customer",
        identifier: str | None = None,
        active: bool = True,
        intern: bool = False,
    ) -> Company:
        """Add a company; a customer without an identifier gets the next number."""
        with self.state.lock:
            now = self.state.now()
            if identifier is None and kind == "customer":
                identifier = self.state.next_company_identifier()
            currency, found = self.state.switches.currency, self.state.new_id()
            company = Company(found, kind, name, identifier, active, intern, currency, None, now, now)
            self.state.companies[company.id] = company
        return company

    def add_project(
        self,
        company: Company,
        name: str,
        *,
        identifier: str | None = None,
        leader: User | None = None,
        active: bool = True,
        billable: bool | None = None,
        tags: tuple[str, ...] = (),
        budget: float | None = None,
    ) -> Project:
        """Add a bare project: no tasks, no contracts; billable unless the company is the account's own."""
        with self.state.lock:
            now = self.state.now()
            project = Project(
                id=self.state.new_id(),
                identifier=identifier or self.state.next_project_identifier(),
                name=name,
                company_id=company.id,
                leader_id=leader.id if leader else None,
                active=active,
                billable=not company.intern if billable is None else billable,
                currency=self.state.switches.currency,
                budget=budget,
                tags=tuple(sorted(tags)),
                created_at=now,
                updated_at=now,
            )
            self.state.projects[project.id] = project
        return project

    def add_project_group(
        self, company: Company, name: str, *, user: User | None = None, currency: str | None = None
    ) -> ProjectGroup:
        """Add a group for projects of `company`."""
        with self.state.lock:
            now, money = self.state.now(), currency or self.state.switches.currency
            responsible = user.id if user else None
            group = ProjectGroup(self.state.new_id(), name, company.id, responsible, money, now, now)
            self.state.project_groups[group.id] = group
        return group

    def add_contact(self, firstname: str, lastname: str) -> Contact:
        """Add somebody whom projects can name."""
        with self.state.lock:
            contact = Contact(self.state.new_id(), firstname, lastname)
            self.state.contacts[contact.id] = contact
        return contact

    def add_deal(self, name: str) -> Deal:
        """Add a deal that projects can come of."""
        with self.state.lock:
            deal = Deal(self.state.new_id(), name)
            self.state.deals[deal.id] = deal
        return deal

    def define_property(
        self, target: str, name: str, kind: PropertyKind = PropertyKind.TEXT, choices: Iterable[str] = ()
    ) -> PropertyField:
        """Define a custom property for `Project`, `Company`, `User`, `Unit` or `ProjectGroup`."""
        with self.state.lock:
            field = PropertyField(target, name, kind, tuple(choices))
            self.state.property_fields[target, name] = field
        return field

    def add_task(
        self,
        project: Project,
        name: str,
        *,
        active: bool = True,
        billable: bool = True,
        hourly_rate: float = 0.0,
    ) -> Task:
        """Add a task to `project`."""
        with self.state.lock:
            now, found = self.state.now(), self.state.new_id()
            place = len(self.state.tasks_of(project.id))
            task = Task(found, project.id, name, billable, active, None, hourly_rate, None, now, now, place)
            self.state.put_task(task)
        return task

    def add_contract(self, project: Project, user: User, *, active: bool = True) -> Contract:
        """Assign `user` to `project`; the contract there already is returned as it is."""
        with self.state.lock:
            known = self.state.contract_of(project.id, user.id)
            if known is not None:
                return known
            now, found = self.state.now(), self.state.new_id()
            contract = Contract(found, project.id, user.id, True, active, None, 0.0, now, now)
            self.state.put_contract(contract)
        return contract

    def add_activity(
        self,
        user: User,
        task: Task,
        day: date,
        seconds: int,
        *,
        description: str = "",
        billable: bool = True,
        billed: bool = False,
        tag: str = "",
        remote_service: str = "",
        remote_id: str | None = None,
        remote_url: str | None = None,
        created_at: datetime | None = None,
    ) -> Activity:
        """Book time by hand; `created_at` (now when left out) is `updated_at` too."""
        with self.state.lock:
            moment = created_at or self.state.now()
            activity = Activity(
                id=self.state.new_activity_id(),
                date=day,
                user_id=user.id,
                project_id=task.project_id,
                task_id=task.id,
                seconds=seconds,
                worked_seconds=seconds,
                description=description,
                billable=billable,
                billed=billed,
                tag=tag,
                remote_service=remote_service,
                remote_id=remote_id,
                remote_url=remote_url,
                timer_started_at=None,
                created_at=moment,
                updated_at=moment,
            )
            self.state.activities.put(activity)
        return activity

    def add_presence(
        self, user: User, day: date, start: str, end: str | None = None, *, is_home_office: bool = False
    ) -> Presence:
        """Note when `user` worked, as `HH:MM` in the account's own time; without `end` it is open."""
        with self.state.lock:
            now, found = self.state.now(), self.state.new_id()
            until = None if end is None else _minutes(end)
            presence = Presence(found, user.id, day, _minutes(start), until, is_home_office, now, now)
            self.state.presences[presence.id] = presence
        return presence

    def add_web_hook(
        self, hook: str, *, target: str = "Activity", event: str = "create", disabled: bool = False
    ) -> WebHook:
        """Add a web hook of the account, at whatever address; see `MocoSandbox.deliver_hooks`."""
        with self.state.lock:
            now = self.state.now()
            added = WebHook(self.state.new_id(), target, event, hook, now if disabled else None, now, now)
            self.state.web_hooks[added.id] = added
        return added

    def edit(self, changed: Record) -> Record:
        """Store another version of a record, made with `dataclasses.replace`; `updated_at` becomes now."""
        with self.state.lock:
            stored = replace(changed, updated_at=self.state.now())
            match stored:
                case User():
                    self.state.users[stored.id] = stored
                case Company():
                    self.state.companies[stored.id] = stored
                case Project():
                    self.state.projects[stored.id] = stored
                case Task():
                    self.state.put_task(stored)
                case Contract():
                    self.state.put_contract(stored)
                case Activity():
                    self.state.activities.put(stored)
                case Presence():
                    self.state.presences[stored.id] = stored
        return stored

    def remove(self, record: Activity | Presence) -> None:
        """Delete an activity or a presence."""
        with self.state.lock:
            match record:
                case Activity():
                    self.state.activities.remove(record.id)
                case Presence():
                    del self.state.presences[record.id]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
