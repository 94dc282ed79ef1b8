"""What MOCO answers, read into typed values whatever the age of the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from migrator.moco.call import Call
from migrator.moco.calls import (
    activities,
    companies,
    contracts,
    presences,
    project_groups,
    projects,
    session,
    tasks,
    units,
    users,
    web_hooks,
)
from migrator.moco.calls.presences import read_touched
from migrator.moco.errors import AnswerError
from migrator.moco.json_values import parse_json
from migrator.moco.outcomes import WriteKind
from tests.unit.moco.moco_rows import ACTIVITY, COMPANY, OLD_ACTIVITY, PRESENCE, Json

DAY = date(2026, 5, 4)
MOMENT = datetime(2026, 5, 4, 12, 0, 0, 500, tzinfo=UTC)


def test_an_activity_is_read_with_every_field() -> None:
    read = activities.read_activity(ACTIVITY)
    assert (read.seconds, read.worked_seconds) == (5400, 5700)
    assert (read.hours, read.hourly_rate) == (Decimal("1.5"), Decimal(120))
    assert (read.project.identifier, read.task.name, read.customer and read.customer.id) == ("P1", "Entwicklung", 3)
    assert (read.invoice_id, read.deal and read.deal.id, read.user and read.user.firstname) == (99, 5, "Anna")
    assert (read.remote_service, read.remote_id, read.tag, read.billed) == ("jira", "J-1", "Ring", False)
    assert read.updated_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_an_older_server_is_read_as_well() -> None:
    read = activities.read_activity(OLD_ACTIVITY)
    assert (read.seconds, read.worked_seconds, read.hourly_rate, read.invoice_id, read.deal) == (5400, *[None] * 4)
    assert (read.remote_id, read.remote_url, read.tag, read.description) == ("", "", "", "")
    assert read.timer_started_at == datetime(2020, 1, 12, 15, 38, 35, tzinfo=UTC)


READERS: list[tuple[Callable[[object], object], Json]] = [
    (projects.read_project, {"id": 1, "name": "x"}),
    (companies.read_company, {"id": 1, "name": "x"}),
    (users.read_user, {"id": 1}),
    (presences.read_presence, {"id": 1, "date": "2026-05-04"}),
    (web_hooks.read_web_hook, {"id": 1, "disabled_at": "2026-05-04T12:00:00Z"}),
    (lambda value: tasks.read_task(value, 1), {"id": 1}),
    (lambda value: contracts.read_contract(value, 1), {"id": 1, "user_id": 2}),
    (session.read_profile, {"id": 1}),
    (projects.report(1).read, {}),
    (projects.share(1).read, {"id": 1, "active": False}),
    (units.get(1).read, {"id": 1}),
    (project_groups.get(1).read, {"id": 1}),
]


@pytest.mark.parametrize(("read", "least"), READERS)
def test_the_least_that_identifies_a_thing_is_enough_and_nulls_are_nothing(
    read: Callable[[object], Any], least: Json
) -> None:
    bare = read(least)
    names = [name for name in type(bare).__dataclass_fields__ if name not in least]
    assert read({**dict.fromkeys(names), **least}) == bare
    with pytest.raises(AnswerError):
        read([least])


def test_an_empty_touch_and_a_discarded_presence_are_nothing() -> None:
    assert read_touched(None) is None
    assert read_touched({}) is None
    touched = read_touched(PRESENCE)
    assert touched is not None
    assert (touched.start, touched.end) == (time(8, 30), None)


def test_a_deletion_answers_nothing_in_both_styles() -> None:
    deletions: list[Call[None]] = [activities.delete(1), tasks.destroy_all(1), web_hooks.delete(1), presences.delete(1)]
    for call in deletions:
        assert call.method == "DELETE"
        assert call.kind is WriteKind.REMOVAL


def test_the_recorded_report_of_an_empty_project_is_read() -> None:
    recorded = parse_json(
        b'{"budget_total":null,"budget_progress_in_percentage":null,"budget_remaining":null,"invoiced_total":0.0,'
        b'"currency":"EUR","hours_total":null,"hours_billable":0.0,"hours_remaining":null,"costs_expenses":0.0,'
        b'"costs_activities":0.0,"costs_by_task":[]}',
        "GET",
    )
    report = projects.report(1).read(recorded)
    assert (report.hours_total, report.hours_billable, report.currency) == (None, Decimal("0.0"), "EUR")


def test_secrets_do_not_show_in_repr() -> None:
    texts: Mapping[str, object] = {
        "key": session.read_issued({"api_key": "geheim", "user_id": 1}),
        "password": session.log_in("a@example.com", "geheim"),
        "hook": web_hooks.read_web_hook({"id": 1, "hook": "https://x.example/geheim"}),
        "url": projects.share(1).read({"id": 1, "active": True, "url": "https://x.example/geheim"}),
        "iban": companies.read_company(COMPANY | {"iban": "geheim"}),
        "body": companies.update(1, iban="geheim"),
    }
    assert [name for name, value in texts.items() if "geheim" in repr(value)] == []
