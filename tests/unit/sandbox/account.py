"""A small simulated account to test against, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Company, Project, Task, User

ADMIN_KEY = "a" * 24
PLAIN_KEY = "b" * 24
ACCOUNT_KEY = "c" * 24
DAY = "2024-03-21"


@dataclass
class Clock:
    """A clock that stands still until it is moved; sleeping moves it."""

    moment: datetime = datetime(2024, 6, 12, 9, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Account:
    """One administrator, one ordinary person, a customer with a project and a task both may book on."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sandbox = MocoSandbox(now=self.clock.now, sleep=self.clock.sleep)
        self.switches = self.sandbox.switches
        self.switches.rate_limits = ()
        self.admin: User = self.sandbox.add_user("Anna", "Adler", permissions=EVERY_PERMISSION, password="geheim")
        self.plain: User = self.sandbox.add_user("Paul", "Plain")
        self.company: Company = self.sandbox.add_company("Kunde AG")
        self.project: Project = self.sandbox.add_project(self.company, "Website", leader=self.admin)
        self.task: Task = self.sandbox.add_task(self.project, "Entwicklung", hourly_rate=120.0)
        self.sandbox.add_contract(self.project, self.admin)
        self.sandbox.add_contract(self.project, self.plain)
        self.sandbox.add_key(ADMIN_KEY, self.admin)
        self.sandbox.add_key(PLAIN_KEY, self.plain)
        self.sandbox.add_key(ACCOUNT_KEY, None)
        self._client = self.sandbox.wsgi.test_client()

    def call(
        self,
        method: str,
        path: str,
        sent: object = None,
        *,
        key: str | None = ADMIN_KEY,
        acting_as: User | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Send one request below `/api/v1`, with the administrator's key unless told otherwise."""
        all_headers = {} if key is None else {"Authorization": f"Token token={key}"}
        if acting_as is not None:
            all_headers["X-IMPERSONATE-USER-ID"] = str(acting_as.id)
        all_headers |= headers or {}
        if sent is None:
            return self._client.open(f"/api/v1{path}", method=method, headers=all_headers)
        return self._client.open(f"/api/v1{path}", method=method, json=sent, headers=all_headers)

    def control(self, method: str, path: str, sent: object = None, address: str = "127.0.0.1") -> TestResponse:
        """Send one request to the remote control."""
        return self._client.open(
            f"/_sandbox{path}", method=method, json=sent, environ_overrides={"REMOTE_ADDR": address}
        )

    def row(self, **changed: object) -> dict[str, object]:
        """The fields of an acceptable activity."""
        fields: dict[str, object] = {
            "date": DAY,
            "project_id": self.project.id,
            "task_id": self.task.id,
            "seconds": 3600,
            "description": "Startseite",
            "remote_id": "ac:main:1",
        }
        return fields | changed

    def book(self, acting_as: User | None = None, **changed: object) -> dict[str, Any]:
        """Create an activity over the API and return it."""
        return shown(self.call("POST", "/activities", self.row(**changed), acting_as=acting_as))

    def bulk(self, *rows: object, acting_as: User | None = None) -> TestResponse:
        """Send a bulk request."""
        return self.call("POST", "/activities/bulk", {"activities": list(rows)}, acting_as=acting_as)

    def days_booked(self, count: int) -> None:
        """Book so many hours by hand, on consecutive days from 2024-01-01."""
        for number in range(count):
            day = date(2024, 1, 1) + timedelta(days=number)
            self.sandbox.add_activity(self.plain, self.task, day, 3600, remote_id=f"m{number}")


def shown(response: TestResponse) -> dict[str, Any]:
    """The object a 200 answers."""
    assert response.status_code == 200, response.get_data(as_text=True)
    found = response.get_json()
    assert isinstance(found, dict)
    return found


def listed(response: TestResponse) -> list[Any]:
    """The array a 200 answers."""
    assert response.status_code == 200, response.get_data(as_text=True)
    found = response.get_json()
    assert isinstance(found, list)
    return found
