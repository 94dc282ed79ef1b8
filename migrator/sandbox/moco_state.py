"""Everything the simulated MOCO remembers, behind one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from migrator.sandbox.moco_activities import ActivityTable
from migrator.sandbox.moco_properties import PropertyField
from migrator.sandbox.moco_records import (
    EVERY_PERMISSION,
    Activity,
    ApiKey,
    Company,
    Contact,
    Contract,
    Deal,
    Employment,
    Permission,
    Project,
    ProjectGroup,
    Role,
    Task,
    Unit,
    User,
    WebHook,
)
from migrator.sandbox.moco_switches import Switches
from migrator.sandbox.moco_tables import PresenceTable, Table

DEFAULT_UNIT_ID = 909_147_861
ADMIN_ROLE_ID = 909_200_001
STAFF_ROLE_ID = 909_200_002
_FIRST_MASTER_ID = 933_000_001
_FIRST_ACTIVITY_ID = 1_015_000_001


class MocoState:
    """The account: people, companies, projects, tasks, contracts, presences, activities, keys.

    Records are frozen; a change stores a new record under the same id. Hold `lock` around every use.
    `in_request` says whether the API is at work just now, `caller_id` for whom.
    """

    def __init__(self, clock: Callable[[], datetime], switches: Switches) -> None:
        self.lock = threading.RLock()
        self.switches = switches
        self.users = Table[User](self._changed)
        self.companies = Table[Company](self._changed)
        self.projects = Table[Project](self._changed)
        self.tasks = Table[Task](self._changed)
        self.contracts = Table[Contract](self._changed)
        self.presences = PresenceTable(self._changed)
        self.units: dict[int, Unit] = {}
        self.roles: dict[int, Role] = {}
        self.employments: dict[int, Employment] = {}
        self.project_groups: dict[int, ProjectGroup] = {}
        self.contacts: dict[int, Contact] = {}
        self.deals: dict[int, Deal] = {}
        self.property_fields: dict[tuple[str, str], PropertyField] = {}
        self.welcome_mails: list[str] = []
        self.web_hooks: dict[int, WebHook] = {}
        self.activities = ActivityTable(self._changed)
        self.keys: dict[str, ApiKey] = {}
        self.webhook_key = "5a9d0c1e7b3f4826a1d4e8f06c2b9d57"
        self.in_request = False
        self.caller_id: int | None = None
        self._watchers: list[Callable[[object, object], None]] = []
        self._clock = clock
        self._moment: datetime | None = None
        self._next_master_id = _FIRST_MASTER_ID
        self._next_activity_id = _FIRST_ACTIVITY_ID
        self._tasks_of: dict[int, set[int]] = {}
        self._contracts_of: dict[int, set[int]] = {}
        self._contract_of: dict[tuple[int, int], int] = {}
        self._add_defaults()

    def _add_defaults(self) -> None:
        """What a new account has: one team and two roles."""
        self.founded_at = now = self.now()
        self.units[DEFAULT_UNIT_ID] = Unit(DEFAULT_UNIT_ID, "Agentur", now, now)
        everything, nothing = EVERY_PERMISSION, frozenset[Permission]()
        self.roles[ADMIN_ROLE_ID] = Role(ADMIN_ROLE_ID, "Administrator", False, True, everything, now, now)
        self.roles[STAFF_ROLE_ID] = Role(STAFF_ROLE_ID, "Mitarbeiter", True, False, nothing, now, now)

    def now(self) -> datetime:
        """The present moment in UTC; inside `at` that other moment."""
        return self._moment or self._clock().astimezone(UTC)

    def today(self) -> date:
        """The account's calendar day."""
        return self.now().astimezone(ZoneInfo(self.switches.timezone)).date()

    def minute(self) -> int:
        """Whole minutes since the account's midnight."""
        local = self.now().astimezone(ZoneInfo(self.switches.timezone))
        return local.hour * 60 + local.minute

    def is_locked(self, day: date) -> bool:
        """Whether the account's period lock covers `day`."""
        lock = self.switches.locked_before
        return lock is not None and day < lock

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let what happens inside happen at `moment`."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def new_id(self) -> int:
        """An id for anything but an activity."""
        self._next_master_id += 1
        return self._next_master_id

    def new_activity_id(self) -> int:
        """An id for an activity; ids ascend."""
        self._next_activity_id += 1
        return self._next_activity_id

    def begin_ids_above(self, master_id: int, activity_id: int) -> None:
        """Let new ids be higher than these, which came from elsewhere."""
        self._next_master_id = max(self._next_master_id, master_id)
        self._next_activity_id = max(self._next_activity_id, activity_id)

    def user_uuid(self, user: User) -> str:
        """The stable uuid that `GET /session` names."""
        return str(uuid5(NAMESPACE_URL, f"moco-sandbox/users/{user.id}"))

    def put_task(self, task: Task) -> None:
        """Store a task."""
        self.tasks[task.id] = task
        self._tasks_of.setdefault(task.project_id, set()).add(task.id)

    def remove_task(self, task: Task) -> None:
        """Delete a task."""
        del self.tasks[task.id]
        self._tasks_of[task.project_id].discard(task.id)

    def tasks_of(self, project_id: int) -> list[Task]:
        """A project's tasks, by their place and then by id."""
        found = [self.tasks[each] for each in self._tasks_of.get(project_id, ())]
        return sorted(found, key=lambda task: (task.index, task.id))

    def put_contract(self, contract: Contract) -> None:
        """Store a contract; a person has at most one on a project."""
        self.contracts[contract.id] = contract
        self._contracts_of.setdefault(contract.project_id, set()).add(contract.id)
        self._contract_of[contract.project_id, contract.user_id] = contract.id

    def remove_contract(self, contract: Contract) -> None:
        """Delete a contract."""
        del self.contracts[contract.id]
        self._contracts_of[contract.project_id].discard(contract.id)
        del self._contract_of[contract.project_id, contract.user_id]

    def contract_of(self, project_id: int, user_id: int) -> Contract | None:
        """The person's contract on the project, if there is one."""
        found = self._contract_of.get((project_id, user_id))
        return None if found is None else self.contracts[found]

    def contracts_of(self, project_id: int) -> list[Contract]:
        """A project's contracts, by first name and last name (RECORDED once)."""
        found = [self.contracts[each] for each in self._contracts_of.get(project_id, ())]
        return sorted(found, key=lambda each: (self._full_name(each.user_id), each.id))

    def _full_name(self, user_id: int) -> tuple[str, str]:
        user = self.users[user_id]
        return user.firstname, user.lastname

    def activities_on(
        self, *, project_id: int, task_id: int | None = None, user_id: int | None = None
    ) -> Iterator[Activity]:
        """Activities of a project, of one task or one person when named."""
        return (
            activity
            for activity in self.activities
            if activity.project_id == project_id
            and task_id in (None, activity.task_id)
            and user_id in (None, activity.user_id)
        )

    def watch(self, watcher: Callable[[object, object], None]) -> None:
        """Tell `watcher` of every change of a record: how it was and is, None for what was or is not there."""
        self._watchers.append(watcher)

    def _changed(self, before: object, after: object) -> None:
        for watcher in self._watchers:
            watcher(before, after)

    def next_project_identifier(self) -> str:
        """The next free number of the account's range, as `P22026` (RECORDED shape)."""
        taken = {project.identifier for project in self.projects.values()}
        year = self.today().year % 100
        number = 1
        while f"P{year:02d}{number:03d}" in taken:
            number += 1
        return f"P{year:02d}{number:03d}"

    def next_company_identifier(self) -> str:
        """The next free customer number, as `K0014` (RECORDED shape)."""
        taken = {company.identifier for company in self.companies.values()}
        number = 1
        while f"K{number:04d}" in taken:
            number += 1
        return f"K{number:04d}"
