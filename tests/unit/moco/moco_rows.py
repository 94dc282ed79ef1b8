"""Rows as MOCO shows them, of 2026 and of 2020."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Json = dict[str, Any]

ACTIVITY: Json = {
    "id": 7,
    "date": "2026-05-04",
    "hours": Decimal("1.5"),
    "seconds": 5400,
    "worked_seconds": 5700,
    "description": "Entwurf",
    "billed": False,
    "billable": True,
    "invoice_id": 99,
    "tag": "Ring",
    "remote_service": "jira",
    "remote_id": "J-1",
    "remote_url": "https://jira.example.com/J-1",
    "project": {"id": 1, "name": "Website", "billable": True, "identifier": "P1"},
    "task": {"id": 2, "name": "Entwicklung", "billable": True},
    "customer": {"id": 3, "name": "Kunde AG"},
    "user": {"id": 4, "firstname": "Anna", "lastname": "Adler"},
    "deal": {"id": 5, "name": "Anfrage"},
    "hourly_rate": Decimal("120.0"),
    "timer_started_at": None,
    "created_at": "2026-05-04T10:00:00Z",
    "updated_at": "2026-05-04T12:00:00Z",
}
# What servers of 2020 answered to an impersonated person (recorded), and the moment of a timer that year.
OLD_ACTIVITY = {
    name: value
    for name, value in ACTIVITY.items()
    if name not in {"seconds", "worked_seconds", "hourly_rate", "invoice_id", "deal"}
} | {
    "timer_started_at": "2020-01-12 15:38:35 UTC",
    "remote_id": None,
    "remote_url": None,
    "tag": "",
    "description": None,
}
PROJECT: Json = {
    "id": 1,
    "identifier": "P1",
    "name": "Website",
    "active": True,
    "billable": True,
    "retainer": False,
    "tags": ["Print", "Web"],
    "custom_properties": {"Quelle": "17", "Frei": "1", "Arten": ["A", "B"], "Leer": None},
    "leader": {"id": 4, "firstname": "Anna", "lastname": "Adler"},
    "customer": {"id": 3, "name": "Kunde AG"},
    "project_group": {"id": 6, "name": "Gruppe"},
    "deal": {"id": 5, "name": "Anfrage"},
    "created_at": "2026-05-04T10:00:00Z",
    "updated_at": "2026-05-04T12:00:00Z",
}
COMPANY: Json = {
    "id": 3,
    "type": "customer",
    "name": "Kunde AG",
    "identifier": "K1",
    "active": True,
    "labels": ["Wichtig"],
    "custom_properties": {"Quelle": "17"},
    "debit_number": "10000",
    "updated_at": "2026-05-04T12:00:00Z",
}
USER: Json = {
    "id": 4,
    "firstname": "Anna",
    "lastname": "Adler",
    "active": True,
    "extern": True,
    "email": "anna@example.com",
    "birthday": "1990-02-03",
    "unit": {"id": 8, "name": "Team"},
    "role": {"id": 9, "name": "Admin"},
    "tags": ["Berlin"],
    "custom_properties": {},
    "updated_at": "2026-05-04T12:00:00Z",
}
PRESENCE: Json = {
    "id": 10,
    "date": "2026-05-04",
    "from": "08:30",
    "to": None,
    "is_home_office": False,
    "user": {"id": 4, "firstname": "Anna", "lastname": "Adler"},
    "updated_at": "2026-05-04T12:00:00Z",
}
