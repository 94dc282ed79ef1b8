"""What a sync lists when, and what it costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from migrator.app.reading.live import Reach
from migrator.core.listing import Fate
from migrator.sandbox.activecollab_switches import Detail
from tests.system.live.scene import Agency, Generation, Scene, furnish, scene

_TIME = {2: "projects/{}/time", 3: "projects/{}/tracking", 5: "projects/{}/time-records"}


def listed(live: Scene, *projects: int) -> list[bool]:
    """Whether each of `projects` was listed in the latest reading."""
    commands = set(live.commands())
    return [_TIME[live.server.generation].format(project) in commands for project in projects]


def test_active_projects_are_listed_in_every_sync_and_others_in_their_rhythm(live: Scene, agency: Agency) -> None:
    live.read(Reach.DUE)
    everything = (agency.website, agency.shop, agency.archive)
    assert listed(live, *everything) == [True, True, True]
    live.read(Reach.DUE)
    # In generation 2 one list holds archived projects, too: nothing tells them apart but that they are idle.
    assert listed(live, *everything) == [True, True, live.server.generation == 2]
    live.time.pass_(days=14)
    live.read(Reach.DUE)
    live.read(Reach.DUE)
    assert listed(live, *everything) == [False, False, False]
    live.time.pass_(hours=6)
    live.read(Reach.DUE)
    assert listed(live, agency.website, agency.shop) == [True, True]
    live.time.pass_(days=7)
    live.read(Reach.DUE)
    assert listed(live, *everything) == [True, True, True]


def test_an_idle_project_wakes_when_something_changes_in_it(live: Scene, agency: Agency) -> None:
    live.read(Reach.DUE)
    live.time.pass_(days=15)
    live.read(Reach.DUE)
    live.server.edit_record(agency.in_shop[0], hours="3")
    live.time.pass_(hours=6)
    live.read(Reach.DUE)
    live.read(Reach.DUE)
    assert listed(live, agency.website, agency.shop) == [False, True]


def test_a_project_that_failed_is_tried_again_in_the_next_sync(live: Scene, agency: Agency) -> None:
    live.server.hide_time(agency.archive)
    live.read(Reach.DUE)
    live.server.show_project(agency.archive)
    assert live.read(Reach.DUE)["complete"] is True
    assert set(agency.in_archive) <= set(live.known())


def test_everything_is_listed_every_time_where_the_rhythm_says_so(tmp_path: Path, generation: Generation) -> None:
    with scene(tmp_path, generation, sync__idle_every="0s", sync__archived_every="0s") as live:
        agency = furnish(live.server)
        live.read(Reach.DUE)
        live.time.pass_(days=100)
        live.read(Reach.DUE)
        live.read(Reach.DUE)
        assert listed(live, agency.website, agency.shop, agency.archive) == [True, True, True]


def test_a_quiet_sync_asks_for_nothing_but_projects_and_active_lists(live: Scene, agency: Agency) -> None:
    live.read(Reach.DUE)
    live.read(Reach.DUE)
    quiet = {"info", "projects", "projects/archive"} | {
        _TIME[live.server.generation].format(each) for each in (agency.website, agency.shop, agency.archive)
    }
    assert set(live.commands()) <= quiet


def test_new_people_and_tasks_are_looked_up_when_time_of_theirs_appears(live: Scene, agency: Agency) -> None:
    live.read(Reach.DUE)
    person = live.server.add_person("Cy", "Neu", email="cy@agentur.example")
    ticket = live.server.add_task(agency.shop, "Checkout")
    live.server.add_record(agency.shop, person, task_id=ticket)
    live.read(Reach.DUE)
    with live.place.engine.connect() as connection:
        found = connection.exec_driver_sql("select name, email from source_masters where kind in ('user', 'task')")
        told = {tuple(row) for row in found}
    assert ("Cy Neu", "cy@agentur.example") in told
    assert ("Checkout", "") in told


@pytest.mark.parametrize("detail", Detail)
def test_a_record_thrown_away_in_an_active_project_is_proved_in_the_next_sync(
    live: Scene, agency: Agency, detail: Detail
) -> None:
    live.server.switches.trashed_detail = detail
    live.read(Reach.DUE)
    live.server.trash_record(agency.in_shop[0])
    live.read(Reach.DUE)
    fate = live.fates()[agency.in_shop[0]]
    if live.server.generation == 5 or detail is Detail.SHOWN:
        assert fate is Fate.TRASHED  # its trash, or the record itself, says so
    elif detail is Detail.FORBIDDEN:
        assert fate is Fate.INVISIBLE
    else:
        assert fate is Fate.DELETED


def test_a_move_into_a_project_that_is_not_due_is_found_at_once(live: Scene, agency: Agency) -> None:
    live.read(Reach.DUE)
    live.time.pass_(days=15)
    live.server.edit_record(agency.in_shop[1], hours="5")
    live.time.pass_(hours=6)
    live.read(Reach.DUE)
    live.server.move_record(agency.in_shop[0], agency.website)
    live.read(Reach.DUE)
    assert live.known()[agency.in_shop[0]].entry.project_id == agency.website
    assert live.fates() == {}


def test_where_proof_would_take_too_many_requests_it_waits_for_the_rhythm(tmp_path: Path) -> None:
    with scene(tmp_path, 3, activecollab__requests_per_minute=60) as live:
        agency = furnish(live.server)
        for number in range(301):
            live.server.add_project(f"Old {number}", archived=True)
        live.read(Reach.DUE)
        live.server.delete_record(agency.in_shop[0])
        live.read(Reach.DUE)
        assert live.fates() == {agency.in_shop[0]: Fate.UNSEEN}
        live.time.pass_(days=7)
        live.read(Reach.DUE)
        assert live.fates() == {agency.in_shop[0]: Fate.DELETED}


def test_of_a_large_project_only_recent_days_are_listed_between_whole_lists(tmp_path: Path) -> None:
    with scene(tmp_path, 5) as live:
        agency = furnish(live.server)
        old = [live.server.add_record(agency.shop, agency.person, day=date(2020, 1, 1)) for _ in range(500)]
        live.read(Reach.DUE)
        live.server.edit_record(old[0], hours="7")
        recent = live.server.add_record(agency.shop, agency.person, "2", date(2026, 5, 30))
        live.read(Reach.DUE)
        assert f"projects/{agency.shop}/time-records/filtered-by-date" in live.commands()
        assert f"projects/{agency.shop}/time-records" not in live.commands()
        assert live.known()[recent].entry.seconds == 7200
        assert live.fates() == {}
        live.time.pass_(hours=6)
        live.read(Reach.DUE)
        assert live.known()[old[0]].entry.seconds == 7 * 3600
