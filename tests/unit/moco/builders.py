"""Bookings and answers that name only what a test is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from migrator.core.model import Booking, MocoId, Seconds
from migrator.moco.pacing import LocalWindow

KEY = "canary-key-0123456789"


def a_window() -> LocalWindow:
    """A window that never makes a test wait."""
    return LocalWindow(1000, 0.001)


def a_booking(number: int = 1, **changed: Any) -> Booking:
    fields: dict[str, Any] = {
        "day": date(2024, 3, 21),
        "seconds": Seconds(5400),
        "user_id": MocoId(21),
        "project_id": MocoId(31),
        "task_id": MocoId(41),
        "description": "Ünïcode \N{SNOWMAN}",
        "billable": True,
        "marker": f"ac:main:{number}",
    }
    return Booking(**(fields | changed))


def activity_json(number: int = 1, **changed: Any) -> dict[str, Any]:
    """An activity as recorded in 2022, with the fields documented since."""
    fields: dict[str, Any] = {
        "id": 1_000_000 + number,
        "date": "2024-03-21",
        "hours": 1.5,
        "seconds": 5400,
        "worked_seconds": 5400,
        "description": "Ünïcode \N{SNOWMAN}",
        "billed": False,
        "billable": True,
        "tag": "",
        "remote_service": "",
        "remote_id": f"ac:main:{number}",
        "remote_url": None,
        "project": {"id": 31, "name": "Website", "billable": True},
        "task": {"id": 41, "name": "Entwicklung", "billable": True},
        "customer": {"id": 51, "name": "Kunde AG"},
        "user": {"id": 21, "firstname": "Paul", "lastname": "Plain"},
        "timer_started_at": None,
        "created_at": "2024-04-17T06:46:21Z",
        "updated_at": "2024-04-17T06:46:21Z",
        "hourly_rate": 0.0,
    }
    return fields | changed
