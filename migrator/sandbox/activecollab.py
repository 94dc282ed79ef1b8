"""A simulated ActiveCollab of generation 2, 3 or 5: its API as a WSGI application, and the means to disturb it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

from migrator.sandbox.activecollab_agency import fill
from migrator.sandbox.activecollab_app import ActiveCollabApp
from migrator.sandbox.activecollab_control import ActiveCollabControl
from migrator.sandbox.activecollab_effects import ActiveCollabEffect
from migrator.sandbox.activecollab_hand import Hand
from migrator.sandbox.activecollab_logins import Logins
from migrator.sandbox.activecollab_records import (
    Company,
    Expense,
    JobType,
    Person,
    Project,
    Seen,
    State,
    Stranger,
    Subtask,
    Task,
    TimeRecord,
)
from migrator.sandbox.activecollab_routes2 import Routes2
from migrator.sandbox.activecollab_routes3 import Routes3
from migrator.sandbox.activecollab_routes5 import Routes5
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import ActiveCollabSwitches
from migrator.sandbox.agency_history import Agency
from migrator.sandbox.faults import Fault, FaultQueue
from migrator.sandbox.moco_log import RequestLog, RequestRecord

Generation = Literal[2, 3, 5]
OWNER_TOKEN = "7-q2Wm8ZtR4yVx1KpLs6Nd3JhGb9CfTe5AuXoMiHk0"  # noqa: S105 - a made-up key, as long as real ones


class ActiveCollabSandbox:
    """A simulated installation with one company, its administrator who owns `token`, and one job type.

    `now` is the server's clock (with a zone), `sleep` what a delayed answer waits with. `wsgi` answers the API at
    `path` and the remote control below `/_sandbox`. The other methods are what a person does in the browser.
    """

    def __init__(
        self,
        generation: Generation = 2,
        *,
        switches: ActiveCollabSwitches | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        token: str = OWNER_TOKEN,
    ) -> None:
        self.generation = generation
        self.token = token
        self.path = "/api/v1" if generation == 5 else "/public/api.php"
        self.state = ActiveCollabState(generation, now, switches or ActiveCollabSwitches())
        self.faults = FaultQueue[ActiveCollabEffect]()
        self._hand = Hand(self.state)
        self._log = RequestLog()
        self.wsgi = ActiveCollabApp(self.state, self.faults, self._log, sleep)
        _register(self.wsgi, self.state, self._hand)
        Logins(self.state).register(self.wsgi)
        ActiveCollabControl(self).register(self.wsgi)
        self.owner_id = int(token.partition("-")[0])
        self.state.put(Company(1, "Agentur"))
        self.state.put(Person(self.owner_id, "Ada", "Admin", "ada@agentur.example", 1, True, password="geheim"))  # noqa: S106
        self.state.put(JobType(1, "General"))
        self.state.tokens[token] = self.owner_id

    @classmethod
    def of(
        cls,
        agency: Agency,
        *,
        switches: ActiveCollabSwitches | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> ActiveCollabSandbox:
        """The installation of a made-up agency, ids as in its exported files; its administrator owns the token."""
        owner = next(person for person in agency.cast.people if person.administrator)
        token = f"{owner.id}-{OWNER_TOKEN.partition('-')[2]}"
        sandbox = cls(agency.generation, switches=switches, now=now, sleep=sleep, token=token)
        fill(sandbox.state, agency)
        return sandbox

    @property
    def switches(self) -> ActiveCollabSwitches:
        """The unknowns and settings of the server; assign to their fields."""
        return self.state.switches

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request so far, oldest first, without tokens and passwords."""
        return self._log.all()

    def forget_requests(self) -> None:
        """Empty the log."""
        self._log.clear()

    @property
    def records(self) -> dict[int, TimeRecord]:
        """Every time record that exists, those in the trash among them."""
        with self.state.lock:
            return dict(self.state.records)

    def fault(
        self,
        effect: ActiveCollabEffect,
        *,
        method: str | None = None,
        path: str = ".*",
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Queue `effect` for the nth request whose command (`projects/7/time`) fits `path`, and more up to `times`."""
        self.faults.add(Fault(effect, method, path, nth, times))

    def revoke_token(self) -> None:
        """Refuse every token from now on, as after a change of password."""
        with self.state.lock:
            self.state.tokens.clear()

    def add_company(self, name: str, *, ident: int | None = None, archived: bool = False) -> int:
        """Add a company."""
        with self.state.lock:
            company = Company(ident or self.state.new_id(Company), name, _kept(archived=archived))
            self.state.put(company)
        return company.id

    def add_person(
        self,
        first_name: str,
        last_name: str = "",
        *,
        email: str | None = None,
        company_id: int = 1,
        ident: int | None = None,
        administrator: bool = False,
        archived: bool = False,
        password: str | None = None,
    ) -> int:
        """Add a person with an account."""
        address = email or f"{first_name}.{last_name or 'x'}@agentur.example".lower().replace(" ", "-")
        with self.state.lock:
            found = ident or self.state.new_id(Person)
            state = _kept(archived=archived)
            self.state.put(Person(found, first_name, last_name, address, company_id, administrator, state, password))
        return found

    def add_project(
        self,
        name: str,
        *,
        company_id: int = 1,
        leader_id: int | None = None,
        ident: int | None = None,
        slug: str | None = None,
        status: str = "active",
        archived: bool = False,
        member: bool = True,
    ) -> int:
        """Add a project; an archived one is completed."""
        with self.state.lock:
            found = ident or self.state.new_id(Project)
            place = slug or f"{'-'.join(name.lower().split())}-{found}"
            stands = "completed" if archived else status
            leader = leader_id or self.owner_id
            self.state.put(Project(found, name, place, company_id, leader, stands, _kept(archived=archived), member))
        return found

    def add_task(
        self, project_id: int, name: str, *, ident: int | None = None, archived: bool = False, subtasks: int = 0
    ) -> int:
        """Add a ticket or task with the next number of its project, and so many subtasks."""
        with self.state.lock:
            state = self.state
            found = ident or state.new_id(Task)
            numbers = (task.number for task in state.tasks.values() if task.project_id == project_id)
            below = tuple(Subtask(state.new_id(Subtask), f"{name}: part {at + 1}") for at in range(subtasks))
            task = Task(found, max(numbers, default=0) + 1, project_id, name, _kept(archived=archived), below)
            state.put_task(task)
        return found

    def add_job_type(self, name: str, *, ident: int | None = None) -> int:
        """Add a job type."""
        with self.state.lock:
            found = ident or self.state.new_id(JobType)
            self.state.put(JobType(found, name))
        return found

    def add_record(
        self,
        project_id: int,
        user_id: int | None,
        hours: str = "1.5",
        day: date = date(2024, 3, 21),
        *,
        task_id: int | None = None,
        text: str = "",
        billable_status: int = 0,
        job_type_id: int = 1,
        created_by_id: int | None = None,
        private: bool = False,
        stranger: Stranger | None = None,
        as_is: Mapping[str, object] | None = None,
        ident: int | None = None,
    ) -> int:
        """Book time; `as_is` replaces fields of the answers (`LeftOut.FIELD` takes one away). Returns the id."""
        given = {
            "user_id": user_id,
            "hours": hours,
            "day": day,
            "task_id": task_id,
            "text": text,
            "billable_status": billable_status,
            "job_type_id": job_type_id,
            "private": private,
            "stranger": stranger,
            "as_is": dict(as_is or {}),
        }
        return self._hand.add(project_id, given, by=created_by_id or user_id or self.owner_id, record_id=ident).id

    def add_expense(
        self,
        project_id: int,
        user_id: int,
        amount: str = "12.90",
        day: date = date(2024, 3, 21),
        *,
        text: str = "",
        ident: int | None = None,
    ) -> int:
        """Book an expense; its ids are those of time records, too, but in generation 2."""
        with self.state.lock:
            found = ident or self.state.new_id(Expense)
            self.state.put(Expense(found, project_id, user_id, amount, day, self.state.now(), text=text))
        return found

    def edit_record(self, record_id: int, **changes: object) -> TimeRecord:
        """Change fields of a record by the names of `TimeRecord`; `updated_on` and `version` move on."""
        with self.state.lock:
            return self._hand.change(self.state.records[record_id], changes, by=self.owner_id)

    def move_record(self, record_id: int, project_id: int, task_id: int | None = None) -> TimeRecord:
        """Move a record to another project, where it hangs on the project unless a task is named."""
        return self.edit_record(record_id, project_id=project_id, task_id=task_id)

    def trash_record(self, record_id: int) -> TimeRecord:
        """Move a record to the trash."""
        return self.edit_record(record_id, state=State.TRASHED)

    def restore_record(self, record_id: int) -> TimeRecord:
        """Take a record out of the trash."""
        return self.edit_record(record_id, state=State.VISIBLE)

    def delete_record(self, record_id: int) -> None:
        """Delete a record for good."""
        with self.state.lock:
            self.state.remove_record(record_id)

    def trash_task(self, task_id: int) -> None:
        """Move a task to the trash; its time stays where it is."""
        with self.state.lock:
            self.state.put_task(replace(self.state.tasks[task_id], state=State.TRASHED))

    def archive_project(self, project_id: int) -> None:
        """Complete and archive a project."""
        self._put_project(project_id, status="completed", state=State.ARCHIVED)

    def hide_project(self, project_id: int) -> None:
        """Take the project away from the token's owner: not listed, 403 below it."""
        self._put_project(project_id, seen=Seen.NOTHING)

    def hide_time(self, project_id: int) -> None:
        """Take the permission for its time away: the project is listed, its time is 403."""
        self._put_project(project_id, seen=Seen.WITHOUT_TIME)

    def show_project(self, project_id: int) -> None:
        """Let the token's owner see all of a project again."""
        self._put_project(project_id, seen=Seen.WHOLE)

    def delete_project(self, project_id: int) -> None:
        """Delete a project and its time for good."""
        with self.state.lock:
            for record_id in [each.id for each in self.state.records.values() if each.project_id == project_id]:
                self.state.remove_record(record_id)
            del self.state.projects[project_id]

    def _put_project(self, project_id: int, **changes: object) -> None:
        with self.state.lock:
            self.state.put(replace(self.state.projects[project_id], **changes))  # type: ignore[arg-type]  # by name


def _register(app: ActiveCollabApp, state: ActiveCollabState, hand: Hand) -> None:
    match state.generation:
        case 2:
            Routes2(state, hand).register(app)
        case 3:
            Routes3(state, hand).register(app)
        case _:
            Routes5(state, hand).register(app)


def _kept(*, archived: bool) -> State:
    return State.ARCHIVED if archived else State.VISIBLE
