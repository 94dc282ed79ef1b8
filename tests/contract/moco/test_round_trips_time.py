"""Activities, presences and web hooks: what is written is shown, changed in part, and gone when it is removed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from migrator.moco import InvalidRequest, Locked, NotFound
from migrator.moco.calls.activities import NewActivity
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.properties import shows
from tests.contract.moco.world import World


def test_an_activity_shows_what_it_was_booked_with(world: World) -> None:
    given: dict[str, Any] = {
        "day": world.day,
        "seconds": 5400,
        "description": "Ünïcode \N{SNOWMAN}",
        "billable": False,
        "tag": "Entwurf",
        "remote_service": "jira",
        "remote_id": f"{world.prefix}:1",
        "remote_url": "https://ac.example.com/1",
    }
    made = world.new_activity(**given)
    assert shows(made, **given, hours=Decimal("1.5"), billed=False, invoice_id=None, timer_started_at=None)
    assert (made.project.id, made.task.id) == (world.project.id, world.task.id)
    assert made.customer is not None
    assert made.user is not None
    assert (made.customer.id, made.user.id) == (world.company.id, world.me)
    assert world.moco.activities.get(made.id) == made
    changed = world.moco.activities.update(made.id, seconds=1800, tag="", day=world.another_day())
    assert shows(changed, **given | {"seconds": 1800, "tag": "", "day": world.day + timedelta(days=1)})
    world.moco.activities.delete(made.id)
    with pytest.raises(NotFound):
        world.moco.activities.get(made.id)


def test_a_bulk_is_answered_row_by_row(world: World) -> None:
    rows: list[NewActivity] = [
        {
            "day": world.day,
            "project_id": world.project.id,
            "task_id": world.task.id,
            "seconds": 600 * each,
            "remote_id": str(each),
        }
        for each in (1, 2, 3)
    ]
    made = world.moco.activities.bulk(rows)
    for each in made:
        world.later(partial(world.moco.activities.delete, each.id))
    assert [(each.seconds, each.remote_id) for each in made] == [(600, "1"), (1200, "2"), (1800, "3")]


def test_what_is_billed_changes_without_what_was_worked(world: World) -> None:
    made = world.new_activity(seconds=3600)
    changed = world.moco.activities.billable_seconds(made.id, 1800)
    assert (changed.seconds, changed.worked_seconds) == (1800, 3600)


def test_a_timer_runs_today_only_and_once(sandboxed: MocoSandbox, world: World) -> None:
    today = datetime.now(ZoneInfo(sandboxed.switches.timezone)).date()
    made = world.new_activity(day=today, seconds=60)
    started = world.moco.activities.start_timer(made.id)
    assert started.timer_started_at is not None
    with pytest.raises(InvalidRequest):
        world.moco.activities.start_timer(made.id)
    assert world.moco.activities.stop_timer(made.id).timer_started_at is None
    with pytest.raises(InvalidRequest) as refused:
        world.moco.activities.start_timer(world.new_activity(seconds=60).id)
    assert refused.value.fields == {"base"}


def test_what_is_disregarded_can_no_longer_be_removed(sandboxed: MocoSandbox, world: World) -> None:
    made = world.new_activity()
    answered = world.moco.activities.disregard(
        [made.id], company_id=world.company.id, project_id=world.project.id, reason="berechnet"
    )
    assert answered == (made.id,)
    assert world.moco.activities.get(made.id).billed
    with pytest.raises(InvalidRequest):
        world.moco.activities.delete(made.id)


def test_a_presence_is_made_changed_and_removed(world: World) -> None:
    made = world.new_presence(day=world.day, start=time(8, 30), end=time(12))
    assert shows(made, day=world.day, start=time(8, 30), end=time(12), is_home_office=False)
    assert made.user is not None
    assert made.user.id == world.me
    assert world.moco.presences.get(made.id) == made
    assert world.moco.presences.update(made.id, end=time(13, 5), is_home_office=True).is_home_office is True
    with pytest.raises(InvalidRequest) as refused:
        world.moco.presences.create(day=world.day, start=time(13), end=time(14))
    assert refused.value.fields == {"from"}
    world.moco.presences.delete(made.id)
    with pytest.raises(NotFound):
        world.moco.presences.get(made.id)


@pytest.mark.parametrize("silent", [False, True])
def test_a_touch_opens_and_is_refused_in_the_same_minute_or_answers_nothing(
    sandboxed: MocoSandbox, world: World, silent: bool
) -> None:
    sandboxed.switches.touch_answers_nothing = silent
    touched = world.moco.presences.touch()
    (open_one,) = world.moco.presences.list()
    assert open_one.end is None
    assert touched == (None if silent else open_one)


def test_a_busy_clock_says_locked(sandboxed: MocoSandbox, world: World) -> None:
    now = datetime.now(ZoneInfo(sandboxed.switches.timezone))
    world.new_presence(day=now.date(), start=time(0), end=time(23, 59))
    with pytest.raises(Locked) as refused:
        world.moco.presences.touch(is_home_office=False)
    assert refused.value.status == 423


def test_a_web_hook_is_made_switched_changed_and_removed(world: World) -> None:
    made = world.new_hook(target="Project", event="update")
    assert shows(made, target="Project", event="update", disabled=False, disabled_at=None)
    assert world.moco.web_hooks.disable(made.id).disabled is True
    assert world.moco.web_hooks.enable(made.id).disabled is False
    changed = world.moco.web_hooks.update(made.id, hook=f"https://example.com/{world.prefix}/2")
    assert changed.hook.endswith("/2")
    assert made.id in {each.id for each in world.moco.web_hooks.list()}
    world.moco.web_hooks.delete(made.id)
    with pytest.raises(NotFound):
        world.moco.web_hooks.get(made.id)
