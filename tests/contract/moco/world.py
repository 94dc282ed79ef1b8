"""An account to test with: a customer, a project, a task, all made by the client itself and removed at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from migrator.core.model import MocoId
from migrator.moco import InvalidRequest, MocoClient, NotFound
from migrator.moco.calls.activities import Activity
from migrator.moco.calls.companies import Company
from migrator.moco.calls.presences import Presence
from migrator.moco.calls.projects import Project
from migrator.moco.calls.tasks import Task
from migrator.moco.calls.web_hooks import WebHook
from migrator.sandbox.moco import MocoSandbox

KEY = "k3y-" + "a" * 20
OTHERS_KEY = "k3y-" + "b" * 20


class World:
    """What a test works on; `sandbox` is None on a real account, `prefix` begins the name of all that is made."""

    def __init__(self, moco: MocoClient, prefix: str, sandbox: MocoSandbox | None) -> None:
        self.moco = moco
        self.prefix = prefix
        self.sandbox = sandbox
        self._removals: list[Callable[[], object]] = []
        self._days = 0

    def later(self, removal: Callable[[], object]) -> None:
        """Remove something at the end; what was made last goes first."""
        self._removals.append(removal)

    def clean(self) -> None:
        """Remove what was made; what a test removed itself, or cannot be removed, is no fault of it."""
        while self._removals:
            with contextlib.suppress(NotFound, InvalidRequest):
                self._removals.pop()()

    @cached_property
    def me(self) -> MocoId:
        """The person whose key it is."""
        found = self.moco.session.get().user_id
        assert found is not None
        return found

    @cached_property
    def day(self) -> date:
        """A day in the past on which nobody else books."""
        return date(2021, 3, 1)

    @cached_property
    def company(self) -> Company:
        """A customer."""
        return self.new_company()

    @cached_property
    def project(self) -> Project:
        """A project of that customer, led by `me`."""
        return self.new_project()

    @cached_property
    def task(self) -> Task:
        """A task of that project."""
        return self.moco.tasks.create(self.project.id, name=f"{self.prefix} Entwicklung")

    def new_company(self, **fields: Any) -> Company:  # Any: the fields of a company
        """One more customer."""
        given = {"name": f"{self.prefix} Kunde", "type": "customer", "currency": "EUR", **fields}
        made = self.moco.companies.create(**given)
        self.later(lambda: self.moco.companies.delete(made.id))
        return made

    def new_project(self, **fields: Any) -> Project:  # Any: the fields of a project
        """One more project."""
        name, company, leader = f"{self.prefix} Projekt", self.company.id, self.me
        given = {"name": name, "currency": "EUR", "company_id": company, "leader_id": leader, **fields}
        made = self.moco.projects.create(**given)
        self.later(lambda: self.moco.projects.delete(made.id))
        return made

    def new_activity(self, **fields: Any) -> Activity:  # Any: the fields of an activity
        """One more activity of `me`."""
        given = {"day": self.day, "project_id": self.project.id, "task_id": self.task.id, "seconds": 5400, **fields}
        made = self.moco.activities.create(**given)
        self.later(lambda: self.moco.activities.delete(made.id))
        return made

    def new_presence(self, **fields: Any) -> Presence:  # Any: the fields of a presence
        """One more presence of `me`."""
        made = self.moco.presences.create(**fields)
        self.later(lambda: self.moco.presences.delete(made.id))
        return made

    def new_hook(self, **fields: Any) -> WebHook:  # Any: the fields of a web hook
        """One more web hook."""
        address = f"https://example.com/{self.prefix}"
        made = self.moco.web_hooks.create(**{"target": "Activity", "event": "create", "hook": address, **fields})
        self.later(lambda: self.moco.web_hooks.delete(made.id))
        return made

    def another_day(self) -> date:
        """A day on which nothing was made yet."""
        self._days += 1
        return self.day + timedelta(days=self._days)
