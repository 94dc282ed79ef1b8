"""What only a listing of whole days shows: a sync lists recent days and older months again when it is time.

The product runs in the test's process here, under a clock of the test's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from migrator.app.answer import Answer
from migrator.app.config import load
from migrator.app.progress import LoggedProgress
from migrator.app.sync import SyncWords, sync
from migrator.app.verify import VerifyWords, verify
from migrator.app.wiring import Clock, Workplace, open_workplace
from migrator.store import inbox
from migrator.store.engine import reading, writing
from tests.system.export import HOURS, Record
from tests.system.harness import World
from tests.system.live.scene import Time

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
RECENT, OLD = 110, 101
_QUIET = 4
"""Requests of a sync with nothing to do: session, people, companies and projects; the drift scan comes on top."""


def records() -> tuple[Record, ...]:
    """Nine records in the months from January to September 2025, and one of last week."""
    hours, seconds = HOURS[0]
    old = [Record(id=100 + month, day=date(2025, month, 3), hours=hours, seconds=seconds) for month in range(1, 10)]
    return (*old, Record(id=RECENT, day=date(2026, 5, 28), hours=hours, seconds=seconds))


@dataclass(slots=True)
class Scene:
    """A migrated world whose changes in MOCO are older than any drift scan looks back."""

    world: World
    place: Workplace
    time: Time
    asked: list[dict[str, str]] = field(default_factory=list)

    def sync(self, **later: float) -> dict[str, Any]:
        """One sync, so much later (hours, days); gives its document."""
        self.time.pass_(**later)
        self.world.forget_requests()
        answer: Answer = sync(self.place, SyncWords())
        self.asked = [
            {name: texts[0] for name, texts in parse_qs(each.query).items()}
            for each in self.world.moco.requests
            if each.path.endswith("/activities")
        ]
        return json.loads(json.dumps(answer.document))  # type: ignore[no-any-return]

    def waiting(self) -> set[tuple[int, str]]:
        """What the inbox shows, as record and reason."""
        with reading(self.place.engine) as session:
            return {(item.new.source_id or 0, item.new.reason) for item in inbox.list_items(session)}


@contextmanager
def scene(folder: Path, **settings: Any) -> Iterator[Scene]:
    with World(folder, records(), **settings) as world:
        time = Time(START)
        place = open_workplace(load(folder / "migrator.toml", environ={}), LoggedProgress(), Clock(time.seconds))
        built = Scene(world, place, time)
        world.moco.state.now = lambda: time.now  # type: ignore[method-assign] # the sandbox's clock, as its `now` sets it
        assert built.sync()["counts"]["created"] == len(world.records)
        yield built
        place.engine.dispose()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as built:
        yield built


def forget(live: Scene, *tables: str) -> None:
    """Take the old record out of some tables of the product's database."""
    with writing(live.place.engine) as session:
        for table in tables:
            session.execute(text(f"delete from {table} where source_id = {OLD}"))


def test_a_sync_with_nothing_to_do_and_nothing_due_costs_a_handful_of_requests(live: Scene) -> None:
    document = live.sync(minutes=15)
    assert document["requests"] == {"GET": _QUIET + 1}
    assert document["rechecked"] == {"from": None, "months": []}
    assert [set(asked) for asked in live.asked] == [{"updated_after", "page", "per_page"}]


def test_what_a_person_deleted_lately_is_found_when_the_window_is_due(live: Scene) -> None:
    live.world.moco.remove(live.world.activity(RECENT))
    assert live.sync(hours=5)["counts"]["conflicts"] == 0
    document = live.sync(hours=1)
    assert document["rechecked"] == {"from": "2026-04-17", "months": []}
    assert (document["counts"]["conflicts"], document["exit_code"]) == (1, 3)
    assert live.waiting() == {(RECENT, "DELETED_IN_TARGET")}
    assert live.world.writes() == []
    assert live.sync(minutes=15)["rechecked"] == {"from": None, "months": []}
    assert live.waiting() == {(RECENT, "DELETED_IN_TARGET")}
    assert live.world.moco.with_marker(f"ac:main:{RECENT}") == []


def test_a_window_that_is_never_old_enough_is_listed_in_every_sync(tmp_path: Path) -> None:
    with scene(tmp_path, sync__window_every="0s", sync__window_days=7) as live:
        assert live.sync(minutes=1)["rechecked"] == {"from": "2026-05-25", "months": []}
        assert live.sync(minutes=1)["requests"] == {"GET": _QUIET + 2}


def test_every_older_month_is_proved_again_within_the_period_one_after_the_other(tmp_path: Path) -> None:
    with scene(tmp_path, sync__audit_days=9) as live:
        done = [live.sync(days=1)["rechecked"]["months"] for _ in range(9)]
        assert done == [[f"2025-0{month}"] for month in range(1, 10)]
        assert live.sync(hours=12)["rechecked"]["months"] == []


def test_what_a_person_deleted_long_ago_is_found_by_the_audit(live: Scene) -> None:
    live.world.moco.remove(live.world.activity(OLD))
    assert live.sync(days=3)["counts"]["conflicts"] == 0
    document = live.sync(hours=8)  # a ninth of thirty days
    assert document["rechecked"]["months"] == ["2025-01"]
    assert (document["counts"]["conflicts"], live.waiting()) == (1, {(OLD, "DELETED_IN_TARGET")})
    assert live.world.writes() == []


def test_an_edit_and_a_copy_that_no_drift_scan_shows_enter_the_decisions_of_the_same_sync(live: Scene) -> None:
    # As if an import had put them there: with a moment of change that lies before everything.
    long_ago = START - timedelta(days=400)
    live.world.moco.state.activities.put(replace(live.world.activity(OLD), seconds=60, updated_at=long_ago))
    second = live.world.activity(OLD + 1)
    copied = replace(second, id=live.world.moco.state.new_activity_id(), updated_at=long_ago, created_at=long_ago)
    live.world.moco.state.activities.put(copied)
    live.world.change(OLD, text="Changed in ActiveCollab, too")
    live.sync(days=6, hours=17)
    assert live.waiting() == {(OLD, "BOTH_EDITED"), (OLD + 1, "DUPLICATE")}
    assert live.world.writes() == []


def test_a_copy_in_place_of_a_lost_link_is_adopted(live: Scene) -> None:
    """An activity with our marker that is linked nowhere: the database is older than the account."""
    forget(live, "links", "target_activities")
    document = live.sync(days=3, hours=8)
    assert document["counts"]["adopted"] == 1
    assert live.world.writes() == []


def test_a_day_moved_in_moco_is_no_deletion(live: Scene) -> None:
    long_ago = START - timedelta(days=400)
    moved = replace(live.world.activity(OLD), date=date(2025, 3, 9), updated_at=long_ago)
    live.world.moco.state.activities.put(moved)
    document = live.sync(days=3, hours=8)
    assert document["rechecked"]["months"] == ["2025-01"]
    assert (document["counts"]["edited_in_target"], document["exit_code"]) == (1, 0)


def test_the_audit_stops_at_its_budget_and_goes_on_in_the_next_sync(
    live: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrator.app.rechecking.AUDIT_PAGES", 3)
    # After a long pause all months are due at once, and one that only now left the window.
    lengths = [len(live.sync(days=40)["rechecked"]["months"])]
    lengths += [len(live.sync(minutes=15)["rechecked"]["months"]) for _ in range(4)]
    assert lengths == [3, 3, 3, 1, 0]


def test_what_a_run_that_was_cut_off_left_unproved_is_asked_for_by_the_next(live: Scene) -> None:
    live.world.moco.remove(live.world.activity(OLD))
    forget(live, "target_activities")  # the listing was stored, and the process died before it asked
    assert live.sync(minutes=15)["counts"]["conflicts"] == 1
    assert live.waiting() == {(OLD, "DELETED_IN_TARGET")}


def test_a_plan_looks_again_too_and_writes_nothing(live: Scene) -> None:
    live.world.moco.remove(live.world.activity(RECENT))
    live.world.forget_requests()
    live.time.pass_(hours=6)
    counts = sync(live.place, SyncWords(dry_run=True)).document["counts"]
    assert isinstance(counts, dict)
    assert (counts["conflicts"], live.world.writes()) == (1, [])


def test_a_verification_of_some_days_hides_no_change_of_others(live: Scene) -> None:
    """Its listing is newer than the last look at all days, and must not be taken for one."""
    live.time.pass_(hours=1)
    live.world.moco.edit(replace(live.world.activity(OLD), description="by hand"))
    live.time.pass_(hours=1)
    live.world.moco.edit(replace(live.world.activity(OLD + 8), description="by hand"))
    live.time.pass_(hours=1)
    verify(live.place, VerifyWords(date(2025, 9, 1), date(2025, 9, 30)))
    assert live.sync(minutes=1)["counts"]["edited_in_target"] == 2


def test_a_full_verification_finds_copies_on_days_without_records(tmp_path: Path) -> None:
    with World(tmp_path, records()) as world:
        assert world.run("sync").code == 0
        copy = replace(
            world.activity(OLD), id=world.moco.state.new_activity_id(), date=date(2019, 1, 1), updated_at=START
        )
        world.moco.state.activities.put(copy)
        world.moco.remove(world.activity(OLD + 1))
        full = world.run("verify", "--full")
        assert (full.code, full.document["unexplained"]) == (4, {"deleted": 1, "duplicate": 1})
        assert world.writes() == [each for each in world.writes() if each.path.endswith("/bulk")]
        again = world.run("sync")
        assert again.counts["conflicts"] == 2
