"""Everything the simulated ActiveCollab remembers, behind one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from random import Random
from typing import TypeVar

from migrator.sandbox.activecollab_records import (
    Company,
    Expense,
    JobType,
    Person,
    Project,
    Seen,
    State,
    Subtask,
    Task,
    TimeRecord,
)
from migrator.sandbox.activecollab_switches import ActiveCollabSwitches, Order

Tracked = TypeVar("Tracked", bound=TimeRecord | Expense)
_IDS_BEFORE_TASKS = 100
"""A task's number within its project is never its id: who mistakes one for the other shall notice."""
_VERSIONS = {2: "2.3.5", 3: "3.1.8", 5: "7.1.382"}


class ActiveCollabState:
    """The installation: companies, people, projects, tasks, time, tokens.

    Records are frozen; a change stores a new record under the same id. Hold `lock` around every use.
    """

    def __init__(self, generation: int, clock: Callable[[], datetime], switches: ActiveCollabSwitches) -> None:
        self.lock = threading.RLock()
        self.generation = generation
        self.switches = switches
        self.companies: dict[int, Company] = {}
        self.people: dict[int, Person] = {}
        self.projects: dict[int, Project] = {}
        self.tasks: dict[int, Task] = {}
        self.job_types: dict[int, JobType] = {}
        self.records: dict[int, TimeRecord] = {}
        self.expenses: dict[int, Expense] = {}
        self.tokens: dict[str, int] = {}
        """Token to person."""
        self.intents: dict[str, int] = {}
        """Intent of a cloud login to person."""
        self._clock = clock
        self._tasks_by_number: dict[tuple[int, int], int] = {}
        self._subtasks: dict[int, int] = {}
        self._records_of: dict[int, set[int]] = {}
        self._listed: dict[int, list[TimeRecord]] = {}
        self._last_ids = {self._shelf(Task): _IDS_BEFORE_TASKS}

    @property
    def system_version(self) -> str:
        """The version of the application."""
        return self.switches.system_version or _VERSIONS[self.generation]

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds as ActiveCollab keeps it."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def new_id(self, kind: type[object]) -> int:
        """The next id of a kind; deleted ones are not given again.

        Generation 2 keeps everything inside projects in one table, so that those ids never meet.
        """
        shelf = self._shelf(kind)
        self._last_ids[shelf] = self._last_ids.get(shelf, 0) + 1
        return self._last_ids[shelf]

    def _took_id(self, kind: type[object], ident: int) -> None:
        shelf = self._shelf(kind)
        self._last_ids[shelf] = max(ident, self._last_ids.get(shelf, 0))

    def _shelf(self, kind: type[object]) -> str:
        inside = kind in {Task, Subtask, TimeRecord, Expense}
        return "ProjectObject" if self.generation == 2 and inside else kind.__name__

    def put(self, stored: Company | Person | Project | JobType | Expense) -> None:
        """Store anything but a task or a time record."""
        self._took_id(type(stored), stored.id)
        match stored:
            case Company():
                self.companies[stored.id] = stored
            case Person():
                self.people[stored.id] = stored
            case Project():
                self.projects[stored.id] = stored
            case JobType():
                self.job_types[stored.id] = stored
            case Expense():
                self.expenses[stored.id] = stored

    def issue_token(self, person_id: int, client: str) -> str:
        """A token of its own for each client of a person: the id, a dash, 40 letters and digits."""
        token = f"{person_id}-{sha256(f'{person_id}/{client}/{len(self.tokens)}'.encode()).hexdigest()[:40]}"
        self.tokens[token] = person_id
        return token

    def put_task(self, task: Task) -> None:
        """Store a task."""
        self._took_id(Task, task.id)
        for subtask in task.subtasks:
            self._took_id(Subtask, subtask.id)
        self.tasks[task.id] = task
        self._tasks_by_number[task.project_id, task.number] = task.id
        self._subtasks |= {subtask.id: task.id for subtask in task.subtasks}

    def task_numbered(self, project_id: int, number: int) -> Task | None:
        """The task of that number in a project."""
        return self.tasks.get(self._tasks_by_number.get((project_id, number), 0))

    def task_of(self, record: TimeRecord) -> Task | None:
        """The task a record hangs on, also by a subtask."""
        if record.task_id is None:
            return None
        return self.tasks.get(self._subtasks.get(record.task_id, record.task_id))

    def holds_task(self, task_id: int) -> int | None:
        """The project of a task or subtask."""
        task = self.tasks.get(self._subtasks.get(task_id, task_id))
        return task.project_id if task else None

    def tasks_of(self, project_id: int) -> list[Task]:
        """The tasks of a project that are not in the trash, by number."""
        found = (task for task in self.tasks.values() if task.project_id == project_id)
        return sorted((task for task in found if task.state is not State.TRASHED), key=lambda task: task.number)

    def put_record(self, record: TimeRecord) -> TimeRecord:
        """Store a time record, in its project and out of the one it was in."""
        self._took_id(TimeRecord, record.id)
        self.remove_record(record.id)
        self.records[record.id] = record
        self._records_of.setdefault(record.project_id, set()).add(record.id)
        self._listed.pop(record.project_id, None)
        return record

    def remove_record(self, record_id: int) -> None:
        """Delete a time record for good, if there is one."""
        known = self.records.pop(record_id, None)
        if known is not None:
            self._records_of[known.project_id].discard(record_id)
            self._listed.pop(known.project_id, None)

    def time_of(self, project_id: int) -> list[TimeRecord]:
        """The time of a project that is not in the trash, newest first."""
        if project_id not in self._listed:
            records = (self.records[found] for found in self._records_of.get(project_id, ()))
            self._listed[project_id] = newest_first(each for each in records if each.state is State.VISIBLE)
        return self._listed[project_id]

    def time_seen(self) -> list[TimeRecord]:
        """The time of every project that the token's owner may see, newest first."""
        projects = (each.id for each in self.projects.values() if each.seen is Seen.WHOLE)
        return newest_first(record for project_id in projects for record in self.time_of(project_id))

    def expenses_of(self, project_id: int) -> list[Expense]:
        """The expenses of a project."""
        return [expense for expense in self.expenses.values() if expense.project_id == project_id]

    def in_order(self, newest: list[Tracked]) -> list[Tracked]:
        """A list that is newest first in the order that the switch demands."""
        match self.switches.order:
            case Order.NEWEST_FIRST:
                return newest
            case Order.OLDEST_FIRST:
                return newest[::-1]
            case Order.RANDOM:
                seed = self.switches.order_seed
                return sorted(newest, key=lambda each: Random(f"{seed}/{type(each).__name__}/{each.id}").random())

    def projects_in(self, *states: State) -> list[Project]:
        """The projects in these states that the token's owner may see, by id."""
        found = (each for each in self.projects.values() if each.state in states and each.seen is not Seen.NOTHING)
        return sorted(found, key=lambda project: project.id)

    def people_in(self, *states: State) -> Iterator[Person]:
        """The people in these states."""
        return (person for person in self.people.values() if person.state in states)

    def companies_in(self, *states: State) -> Iterator[Company]:
        """The companies in these states."""
        return (company for company in self.companies.values() if company.state in states)


def newest_first(records: Iterator[Tracked]) -> list[Tracked]:
    """By day and id, descending: how a module of ActiveCollab 2 sorts, and how later versions answer."""
    return sorted(records, key=_age, reverse=True)


def _age(record: TimeRecord | Expense) -> tuple[date, int]:
    return record.day, record.id
