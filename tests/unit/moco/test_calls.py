"""Calls as values: what is sent, what MOCO would refuse, and what its filters mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from migrator.moco.call import ListCall
from migrator.moco.calls import (
    activities,
    companies,
    presences,
    project_groups,
    projects,
    session,
    tasks,
    units,
    users,
    web_hooks,
)
from migrator.moco.calls.parts import CustomValue, has_properties, merged_properties
from migrator.moco.errors import RefusedLocally
from tests.unit.moco.moco_rows import ACTIVITY, COMPANY, PRESENCE, PROJECT, USER, Json

DAY = date(2026, 5, 4)
MOMENT = datetime(2026, 5, 4, 12, 0, 0, 500, tzinfo=UTC)

# -- filters: what is asked, and asked again of every row ----


def _kept(call: ListCall[Any], row: Json) -> bool:
    return call.keeps(call.read(row))


BEFORE, AFTER = DAY - timedelta(days=2), DAY + timedelta(days=2)
FILTERS: list[tuple[Callable[..., ListCall[Any]], Json, str, Any, str, Any]] = [
    (activities.listed, ACTIVITY, "day_from", DAY, "from", AFTER),
    (activities.listed, ACTIVITY, "day_to", DAY, "to", BEFORE),
    (activities.listed, ACTIVITY, "user_id", 4, "user_id", 5),
    (activities.listed, ACTIVITY, "project_id", 1, "project_id", 2),
    (activities.listed, ACTIVITY, "task_id", 2, "task_id", 1),
    (activities.listed, ACTIVITY, "company_id", 3, "company_id", 4),
    (activities.listed, ACTIVITY, "deal_ids", (5, 6), "deal_id", (6,)),
    (activities.listed, ACTIVITY, "billable", True, "billable", False),
    (activities.listed, ACTIVITY, "billed", False, "billed", True),
    (activities.listed, ACTIVITY, "tags", ("ring", "x"), "tag", ("x",)),
    (activities.listed, ACTIVITY, "remote_ids", ("J-1",), "remote_id", ("J-2",)),
    (activities.listed, ACTIVITY, "ids", (7, 8), "ids", (8,)),
    (activities.listed, ACTIVITY, "updated_after", MOMENT, "updated_after", MOMENT + timedelta(seconds=1)),
    (projects.listed, PROJECT, "leader_ids", (4,), "leader_id", (5,)),
    (projects.listed, PROJECT, "company_ids", (3,), "company_id", (4,)),
    (projects.listed, PROJECT, "created_from", DAY, "created_from", AFTER),
    (projects.listed, PROJECT, "created_to", DAY, "created_to", BEFORE),
    (projects.listed, PROJECT, "updated_from", DAY, "updated_from", AFTER),
    (projects.listed, PROJECT, "updated_to", DAY, "updated_to", BEFORE),
    (projects.listed, PROJECT, "tags", ("web",), "tags", ("Radio",)),
    (projects.listed, PROJECT, "identifiers", ("P1", "P2"), "identifier", ("P2",)),
    (projects.listed, PROJECT, "retainer", False, "retainer", True),
    (projects.listed, PROJECT, "project_group_ids", (6,), "project_group_id", (7,)),
    (projects.listed, PROJECT, "deal_ids", (5,), "deal_id", (6,)),
    (projects.listed, PROJECT, "ids", (1,), "ids", (2,)),
    (projects.listed, PROJECT, "updated_after", MOMENT, "updated_after", MOMENT + timedelta(seconds=1)),
    (projects.listed, PROJECT, "custom_properties", {"Quelle": "17"}, "custom_properties[Quelle]", {"Quelle": "18"}),
    (projects.listed, PROJECT, "custom_properties", {"Frei": True}, "custom_properties[Frei]", {"Frei": False}),
    (projects.listed, PROJECT, "custom_properties", {"Arten": ["B"]}, "custom_properties[Arten][]", {"Arten": ["C"]}),
    (projects.assigned, PROJECT, "active", True, "active", False),
    (project_groups.listed, PROJECT | {"company": {"id": 3}}, "company_id", 3, "company_id", 4),
    (project_groups.listed, PROJECT | {"user": {"id": 3}}, "user_id", 3, "user_id", 4),
    (companies.listed, COMPANY, "type", "customer", "type", "supplier"),
    (companies.listed, COMPANY, "identifier", "K1", "identifier", "K2"),
    (companies.listed, COMPANY, "tags", ("wichtig",), "tags", ("Radio",)),
    (users.listed, USER, "email", "Anna@Example.com", "email", "paul@example.com"),
    (users.listed, USER, "tags", ("Berlin",), "tags", ("Bern",)),
    (users.listed, USER, "ids", (4,), "ids", (5,)),
    (units.listed, USER | {"name": "Team"}, "ids", (4,), "ids", (5,)),
    (presences.listed, PRESENCE, "user_id", 4, "user_id", 5),
    (presences.listed, PRESENCE, "is_home_office", False, "is_home_office", True),
    (presences.listed, PRESENCE, "ids", (10,), "ids", (11,)),
    (web_hooks.listed, {"id": 11}, "ids", (11,), "ids", (12,)),
]


@pytest.mark.parametrize(("listed", "row", "name", "fitting", "asked", "other"), FILTERS)
def test_a_filter_is_asked_of_moco_and_again_of_every_row(
    listed: Callable[..., ListCall[Any]], row: Json, name: str, fitting: Any, asked: str, other: Any
) -> None:
    assert set(listed(**{name: fitting}).params) == {asked}
    assert _kept(listed(**{name: fitting}), row)
    assert not _kept(listed(**{name: other}), row)
    assert not listed().params


def test_a_query_is_written_as_moco_reads_it() -> None:
    zoned = datetime(2026, 5, 4, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    asked = activities.listed(
        day_from=DAY,
        billable=False,
        ids=(1, 2),
        remote_ids=("a", "b"),
        updated_after=zoned,
        sort_by="date desc",
        term="x",
    )
    assert asked.params == {
        "from": "2026-05-04",
        "billable": "false",
        "ids": "1,2",
        "remote_id": "a,b",
        "updated_after": "2026-05-04T12:00:00Z",
        "sort_by": "date desc",
        "term": "x",
    }
    several = projects.listed(custom_properties={"Arten": ["A", "B"], "Frei": True, "Seit": DAY}, include_archived=True)
    assert several.params == {
        "custom_properties[Arten][]": ("A", "B"),
        "custom_properties[Frei]": "true",
        "custom_properties[Seit]": "2026-05-04",
        "include_archived": "true",
    }
    assert users.listed(email=" Anna@Example.COM").params == {"email": "anna@example.com"}


def test_what_is_archived_is_kept_only_when_it_was_asked_for() -> None:
    for listed, row in ((projects.listed, PROJECT), (companies.listed, COMPANY), (users.listed, USER)):
        assert not _kept(listed(), row | {"active": False})
        assert _kept(listed(include_archived=True), row | {"active": False})


def test_a_property_that_nobody_touched_counts_as_no() -> None:
    assert has_properties({}, {"Frei": False})
    assert not has_properties({}, {"Frei": True})
    assert has_properties({"Art": ("A", "B")}, {"Art": "B"})


# -- what is written ----


def test_every_kind_of_value_is_written_as_moco_has_it() -> None:
    properties: Mapping[str, CustomValue] = {
        "Text": "x",
        "Tag": DAY,
        "Ja": True,
        "Nein": False,
        "Zahl": 17,
        "Arten": ("A", "B"),
    }
    made = projects.create(
        name="Website",
        currency="EUR",
        company_id=3,
        leader_id=4,
        start_date=DAY,
        budget=Decimal("1000.50"),
        billing_variant="task",
        tags=("a", "b"),
        info=None,
        custom_properties=properties,
    )
    assert made.body == {
        "name": "Website",
        "currency": "EUR",
        "company_id": 3,
        "customer_id": 3,
        "leader_id": 4,
        "start_date": "2026-05-04",
        "budget": 1000.5,
        "billing_variant": "task",
        "tags": ["a", "b"],
        "info": None,
        "custom_properties": {
            "Text": "x",
            "Tag": "2026-05-04",
            "Ja": "1",
            "Nein": "0",
            "Zahl": "17",
            "Arten": ["A", "B"],
        },
    }


def test_names_that_moco_reads_and_writes_differently_have_one_name_here() -> None:
    user = users.read_user(USER)
    assert (user.external, user.birthday, user.unit_id, user.role_id) == (True, date(1990, 2, 3), 8, 9)
    written = users.update(4, external=True, birthday=date(1990, 2, 3), unit_id=8, role_id=9)
    assert written.body == {"external": True, "bday": "1990-02-03", "unit_id": 8, "role_id": 9}
    assert presences.update(10, day=DAY, start=time(8), end=time(9, 5)).body == {
        "date": "2026-05-04",
        "from": "08:00",
        "to": "09:05",
    }
    assert projects.read_project(PROJECT).company_id == 3


def test_nobody_is_sent_a_welcome_mail_unasked() -> None:
    person: Any = {"firstname": "Anna", "lastname": "Adler", "email": "a@example.com", "unit_id": 8}
    assert users.create(**person).body == {**person, "welcome_email": False}
    assert users.create(**person, welcome_email=True).body == {**person, "welcome_email": True}


def test_an_update_of_custom_properties_can_be_made_whole() -> None:
    shown = projects.read_project(PROJECT).custom_properties
    whole = merged_properties(shown, {"Quelle": "18"})
    body = projects.update(1, custom_properties=whole).body
    assert body == {"custom_properties": {"Quelle": "18", "Frei": "1", "Arten": ["A", "B"]}}


RETAINER: Any = {
    "name": "R",
    "currency": "EUR",
    "company_id": 3,
    "leader_id": 4,
    "retainer": True,
    "start_date": date(2026, 2, 1),
    "finish_date": date(2026, 2, 28),
    "budget_monthly": Decimal(1000),
}
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: activities.create(day=DAY, project_id=1, task_id=2, remote_service="clickup"), "remote_service"),
    (lambda: activities.update(1, remote_service="ActiveCollab"), "remote_service"),
    (lambda: activities.bulk([{"day": DAY, "project_id": 1, "task_id": 2, "remote_service": "x"}]), "remote_service"),
    (lambda: activities.create(day=DAY, project_id=1, task_id=2, seconds=1, hours=Decimal(1)), "seconds"),
    (lambda: activities.bulk([]), "activities"),
    (lambda: activities.bulk([{"day": DAY, "project_id": 1, "task_id": 2}] * 101), "activities"),
    (lambda: activities.update(1, user_id=4), "user_id"),  # type: ignore[call-arg]
    (lambda: activities.disregard([], company_id=1, reason="x"), "activity_ids"),
    (lambda: activities.disregard([1], company_id=1, reason=" "), "reason"),
    (lambda: projects.create(name="x", currency="", company_id=3, leader_id=4), "currency"),
    (lambda: projects.create(name="", currency="EUR", company_id=3, leader_id=4), "name"),
    (lambda: projects.update(1, currency="CHF"), "currency"),  # type: ignore[call-arg]
    (lambda: projects.update(1, billing_variant="person"), "billing_variant"),
    (lambda: projects.create(**RETAINER | {"start_date": date(2026, 2, 2)}), "start_date"),
    (lambda: projects.create(**RETAINER | {"finish_date": date(2026, 2, 27)}), "finish_date"),
    (lambda: projects.create(**RETAINER | {"finish_date": date(2026, 1, 31)}), "finish_date"),
    (lambda: projects.create(**RETAINER | {"finish_date": None}), "finish_date"),
    (lambda: projects.create(**RETAINER | {"budget_monthly": None}), "budget_monthly"),
    (lambda: companies.create(name="x", type="client"), "type"),
    (lambda: companies.listed(type="suppliers"), "type"),
    (lambda: companies.listed(custom_properties={"a": "b"}), "type"),
    (lambda: companies.update(1, invoice_format="pdf"), "invoice_format"),
    (lambda: companies.update(1, default_payment_means="cash"), "default_payment_means"),
    (lambda: users.update(1, language="es"), "language"),
    (lambda: tasks.create(1, name=" "), "name"),
    (lambda: activities.listed(sort_by="date descending"), "sort_by"),
    (lambda: projects.listed(sort_by="name, id"), "sort_by"),
    (lambda: users.listed(sort_by="Lastname"), "sort_by"),
    (lambda: presences.listed(day_from=DAY), "day_to"),
    (lambda: presences.listed(day_to=DAY), "day_from"),
    (lambda: presences.create(day=DAY, start=time(9), end=time(8)), "end"),
    (lambda: web_hooks.create(target="Customer", event="create", hook="https://x.example"), "target"),
    (lambda: web_hooks.create(target="Activity", event="archive", hook="https://x.example"), "event"),
    (lambda: session.log_in("", "x"), "email"),
]


@pytest.mark.parametrize(("made", "field"), REFUSED)
def test_what_moco_would_refuse_or_ignore_is_never_sent(made: Callable[[], object], field: str) -> None:
    with pytest.raises(RefusedLocally) as refused:
        made()
    assert field in refused.value.fields
    assert refused.value.status is None
    assert len(refused.value.message.split()) > 3


def test_a_moment_without_a_zone_is_never_sent() -> None:
    with pytest.raises(RefusedLocally, match="zone"):
        activities.listed(updated_after=datetime(2026, 5, 4))  # noqa: DTZ001 - that is the point


def test_what_is_allowed_is_made() -> None:
    assert projects.create(**RETAINER).body is not None
    for service in ("", None, *activities.RemoteService):
        made = activities.create(day=DAY, project_id=1, task_id=2, remote_service=service)
        assert made.body is not None
        assert made.body["remote_service"] == (
            service.value if isinstance(service, activities.RemoteService) else service
        )
