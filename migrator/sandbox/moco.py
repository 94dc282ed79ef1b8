"""A simulated MOCO: one account, its REST API v1 as a WSGI application, and the means to disturb it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

from migrator.sandbox.faults import Effect, Fault, FaultQueue
from migrator.sandbox.moco_app import MocoApp
from migrator.sandbox.moco_control import ControlRoutes
from migrator.sandbox.moco_log import RequestLog, RequestRecord
from migrator.sandbox.moco_records import (
    Activity,
    ApiKey,
    Company,
    Contract,
    Permission,
    Project,
    Task,
    User,
    WebHook,
)
from migrator.sandbox.moco_routes_activities import ActivityRoutes
from migrator.sandbox.moco_routes_bulk import BulkRoutes
from migrator.sandbox.moco_routes_hooks import HookRoutes
from migrator.sandbox.moco_routes_people import CompanyRoutes, UserRoutes
from migrator.sandbox.moco_routes_projects import ProjectRoutes
from migrator.sandbox.moco_routes_session import SessionRoutes
from migrator.sandbox.moco_routes_tasks import ContractRoutes, TaskRoutes
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Switches

Record = TypeVar("Record", User, Company, Project, Task, Contract, Activity)


class MocoSandbox:
    """A simulated MOCO account; empty until something is added.

    `now` is the server's clock (with a zone; late requests, staleness and rate limits follow it), `sleep`
    what a delayed answer waits with. `wsgi` is the Flask application, its API below `/api/v1`, its remote
    control below `/_sandbox`. The `add_…` methods and `edit` go past every rule, as a person's hand would.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        switches: Switches | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.state = MocoState(now, switches or Switches())
        self.faults = FaultQueue[Effect]()
        self._log = RequestLog()
        self.wsgi = MocoApp(self.state, self.faults, self._log, sleep)
        for routes in (SessionRoutes, ActivityRoutes, BulkRoutes, ProjectRoutes, TaskRoutes, ContractRoutes):
            routes(self.state).register(self.wsgi)
        for others in (CompanyRoutes, UserRoutes, HookRoutes):
            others(self.state).register(self.wsgi)
        ControlRoutes(self).register(self.wsgi)

    @property
    def switches(self) -> Switches:
        """The account's settings; assign to their fields."""
        return self.state.switches

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request to the API so far, oldest first."""
        return self._log.all()

    def forget_requests(self) -> None:
        """Empty the log."""
        self._log.clear()

    @property
    def rate_violations(self) -> int:
        """How many requests came too early and were answered 429."""
        return self.wsgi.windows.violations

    @property
    def activities(self) -> list[Activity]:
        """All activities, late ones that are due included, in the order of creation."""
        self.wsgi.settle()
        with self.state.lock:
            return sorted(self.state.activities, key=lambda activity: activity.id)

    def with_marker(self, marker: str) -> list[Activity]:
        """The activities whose `remote_id` is `marker`, late ones that are due included."""
        self.wsgi.settle()
        with self.state.lock:
            return self.state.activities.with_marker(marker)

    def fault(
        self,
        effect: Effect,
        *,
        method: str | None = None,
        path: str = ".*",
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Queue `effect` for the nth matching request from now on, and the next ones up to `times`."""
        self.faults.add(Fault(effect, method, path, nth, times))

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
    ) -> User:
        """Add a person; without permissions it is an ordinary user."""
        address = (email or f"{firstname}.{lastname}@example.com").lower()
        with self.state.lock:
            now, found = self.state.now(), self.state.new_id()
            rights = frozenset(permissions)
            user = User(found, firstname, lastname, address, active, rights, external, password, now, now)
            self.state.users[user.id] = user
        return user

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
                start_date=None,
                finish_date=None,
                fixed_price=False,
                retainer=False,
                billing_variant="project",
                budget=budget,
                hourly_rate=0.0,
                info="",
                tags=tuple(sorted(tags)),
                created_at=now,
                updated_at=now,
            )
            self.state.projects[project.id] = project
        return project

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
            task = Task(found, project.id, name, billable, active, None, hourly_rate, None, now, now)
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

    def add_web_hook(
        self, hook: str, *, target: str = "Activity", event: str = "create", disabled: bool = False
    ) -> WebHook:
        """Add a web hook of the account, which calls nobody."""
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
        return stored

    def remove(self, activity: Activity) -> None:
        """Delete an activity by hand."""
        with self.state.lock:
            self.state.activities.remove(activity.id)
