"""A small simulated ActiveCollab to test against, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from lxml import etree
from werkzeug.test import TestResponse

from migrator.sandbox.activecollab import ActiveCollabSandbox, Generation
from migrator.sandbox.activecollab_address import TOKEN_HEADER, TOKEN_PARAMETERS
from tests.unit.sandbox.account import Clock

DAY = date(2024, 3, 21)
TIME = {2: "projects/1/time", 3: "projects/1/tracking", 5: "projects/1/time-records"}


class Installation:
    """One project with one task, one person beside the administrator; no time yet."""

    def __init__(self, generation: Generation) -> None:
        self.clock = Clock()
        self.sandbox = ActiveCollabSandbox(generation, now=self.clock.now, sleep=self.clock.sleep)
        self.switches = self.sandbox.switches
        self.person = self.sandbox.add_person("Bo", "Berg")
        self.project = self.sandbox.add_project("Website")
        self.task = self.sandbox.add_task(self.project, "Startseite")
        self.time = TIME[generation]
        self._client = self.sandbox.wsgi.test_client()

    def book(self, hours: str = "1.5", days_later: int = 0, **more: Any) -> int:  # Any: the arguments of add_record
        """Book time for the person by hand."""
        place = {"project_id": self.project, "user_id": self.person} | more
        return self.sandbox.add_record(
            place.pop("project_id"), place.pop("user_id"), hours, day_after(days_later), **place
        )

    def call(
        self,
        command: str,
        *,
        method: str = "GET",
        form: Mapping[str, object] | None = None,
        json: object = None,
        query: str = "",
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Send one request, with the owner's token where the generation wants it; None sends none."""
        key = self.sandbox.token if token == "" else token
        wanted = dict(headers or {})
        if self.sandbox.generation == 5:
            wanted |= {TOKEN_HEADER: key} if key else {}
            address = f"/api/v1/{command}?{query}"
        else:
            glued = f"&{TOKEN_PARAMETERS[self.sandbox.generation]}={key}" if key else ""
            address = f"/public/api.php?path_info={quote(command, safe='/')}{glued}&{query}"
        return self._client.open(address, method=method, data=form, json=json, headers=wanted)

    def raw(self, address: str, method: str = "GET", **more: Any) -> TestResponse:  # Any: werkzeug's arguments
        """Send one request to any address of the server, as it stands."""
        return self._client.open(address, method=method, **more)

    def xml(self, command: str, query: str = "") -> etree._Element:
        """The root of the document that a command answers with 200."""
        response = self.call(command, query=query)
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.content_type == "application/xml; charset=utf-8"
        return etree.fromstring(response.get_data())

    def json(self, command: str, query: str = "", **more: Any) -> Any:  # Any: whatever the JSON holds
        """The JSON that a command answers with 200."""
        response = self.call(command, query=query, **more)
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.content_type == "application/json; charset=utf-8"
        return response.get_json()

    def listed(self, query: str = "") -> list[int]:
        """The ids in the project's list of time, in its order; expenses as negative ones."""
        if self.sandbox.generation == 5:
            return [each["id"] for each in self.json(self.time, query)["time_records"] or []]
        return [ident(each) for each in self.xml(self.time, query)]

    def detail(self, record_id: int) -> str:
        """The command that shows a record of the project."""
        return f"{self.time}/{record_id}" if self.sandbox.generation != 3 else f"{self.time}/time/{record_id}"

    def control(self, method: str, path: str, sent: object = None, address: str = "127.0.0.1") -> TestResponse:
        """Send one request to the remote control."""
        return self.raw(f"/_sandbox{path}", method, json=sent, environ_overrides={"REMOTE_ADDR": address})


def day_after(days: int) -> date:
    return DAY + timedelta(days=days)


def told(element: etree._Element, path: str) -> str | None:
    """The text of a descendant without the blanks around it; None when there is no such element."""
    found = element.find(path)
    return None if found is None else "".join(found.itertext()).strip()


def ident(element: etree._Element) -> int:
    """The id of a record; negative for an expense."""
    return int(told(element, "id") or 0) * (-1 if told(element, "class") == "Expense" else 1)


def names(element: etree._Element) -> list[str]:
    """The names of an element's children, in their order."""
    return [str(child.tag) for child in element]
