"""Updates and withdrawals with several requests in flight: one that goes wrong holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from migrator.sandbox.faults import AnswerInstead, Hang, LoseAnswer
from tests.system.export import some_records
from tests.system.harness import Kept, World

MANY = 12


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Records in MOCO, all of which were edited in ActiveCollab since."""
    folder = tmp_path_factory.mktemp("concurrent")
    with World(folder, some_records(MANY), gates__max_change="100%", moco__settle_seconds=0.2) as world:
        world.configure(moco__timeout_seconds=1.5)
        assert world.run("sync").code == 0
        for record_id in list(world.records):
            world.change(record_id, text="Changed")
        yield Kept.now(world)


def test_an_unclear_change_holds_up_no_other_and_is_not_sent_twice(edited: Kept) -> None:
    world = edited.again()
    world.moco.fault(Hang(applied=True), method="PUT", nth=2)
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY, "updated": MANY})
    assert world.stored() == world.wanted()
    sent = Counter(each.path for each in world.writes())
    assert (len(sent), set(sent.values())) == (MANY, {1})


def test_after_a_row_of_unclear_changes_nothing_is_sent_beside_another(edited: Kept) -> None:
    world = edited.again()
    world.moco.fault(LoseAnswer(502), method="PUT", times=6)
    finished = world.run_to_the_end("sync")
    assert (finished.code, world.stored()) == (0, world.wanted())
    assert max(Counter(each.path for each in world.writes()).values()) == 1


def test_a_person_whom_moco_forbids_waits_and_the_changes_of_others_go_on(edited: Kept) -> None:
    world = edited.again(moco__concurrency=1)
    world.door.forbidden.add(world.user_id(2))
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (3, {"read": MANY, "updated": MANY // 2, "held": MANY // 2})
    assert world.door.turned_away == [world.user_id(2)]


def test_a_refused_login_stops_all_changes_and_the_same_command_goes_on(edited: Kept) -> None:
    world = edited.again()
    world.moco.fault(AnswerInstead(401), method="PUT", nth=3)
    stopped = world.run("sync")
    assert stopped.code == 12
    # What was in flight beside it arrived and was written down; nothing more was sent.
    assert stopped.counts["updated"] == len(world.writes()) - 1 <= 3 + 4
    assert world.run("sync").code == 0
    assert world.stored() == world.wanted()


def test_a_record_is_created_for_its_new_worker_only_after_the_old_activity_is_seen_to_be_gone(edited: Kept) -> None:
    world = edited.again()
    number = min(world.records)
    old = world.activity(number)
    world.change(number, person=2)
    assert world.run("sync").code == 0
    assert world.stored() == world.wanted()
    asked = [(each.method, each.status) for each in world.moco.requests if each.path.endswith(f"/{old.id}")]
    assert asked == [("DELETE", 204), ("GET", 404)]
