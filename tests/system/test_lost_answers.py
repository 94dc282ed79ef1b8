"""Answers that are lost, late or useless: each record is in MOCO exactly once all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.sandbox.faults import (
    AnswerInstead,
    CutBody,
    Drop,
    Effect,
    Hang,
    LateCommit,
    LoseAnswer,
    TruncatedJson,
)
from migrator.sandbox.moco_switches import BulkAnswer, Markers
from tests.system.export import some_records
from tests.system.harness import BULK, World

MANY = 24

PLACES = {"first": 1, "middle": 4, "last": 6}
"""24 records of two people in bulks of five: one alone, and five more at least."""

APPLIED: dict[str, Effect] = {
    "502 after it was applied": LoseAnswer(502),
    "dropped after it was applied": Drop(applied=True),
    "half of the JSON": TruncatedJson(),
    "504, and applied later": LateCommit(0.5, 504),
    "no answer at all": Hang(applied=True),
}

NOT_APPLIED: dict[str, Effect] = {
    "503 instead of applying": AnswerInstead(503),
    "dropped before it was applied": Drop(applied=False),
    "no answer, nothing applied": Hang(applied=False),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("loss", APPLIED)
def test_a_bulk_whose_answer_is_lost_is_not_sent_twice(tmp_path: Path, loss: str, place: str) -> None:
    with World(tmp_path, some_records(MANY), moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        world.moco.fault(APPLIED[loss], method="POST", path=BULK, nth=PLACES[place])
        finished = world.run_to_the_end("sync")
        assert world.stored() == world.wanted()
        sent = [row["remote_id"] for rows in world.bulks() for row in rows]
        assert len(sent) == len(set(sent)) == MANY
        assert (finished.code, finished.counts) == (0, {"read": MANY, "created": MANY})


@pytest.mark.parametrize(("loss", "place"), list(zip(NOT_APPLIED, PLACES, strict=True)))
def test_a_bulk_that_was_never_applied_is_sent_again(tmp_path: Path, loss: str, place: str) -> None:
    with World(tmp_path, some_records(MANY), moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        world.moco.fault(NOT_APPLIED[loss], method="POST", path=BULK, nth=PLACES[place])
        finished = world.run_to_the_end("sync")
        assert world.stored() == world.wanted()
        assert (finished.code, finished.counts) == (0, {"read": MANY, "created": MANY})


@pytest.mark.parametrize("loss", ["502 after it was applied", "half of the JSON"])
@pytest.mark.parametrize("path", ["/projects/[0-9]+/tasks", "/projects/[0-9]+/contracts"])
def test_a_task_or_assignment_whose_answer_is_lost_is_not_created_twice(tmp_path: Path, path: str, loss: str) -> None:
    with World(tmp_path, some_records(8), complete=False, moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        world.moco.fault(APPLIED[loss], method="POST", path=path)
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()
        assert (len(world.moco.state.tasks), len(world.moco.state.contracts)) == (2, 4)
        assert len([each for each in world.writes() if not each.path.endswith(BULK)]) == 6


def test_when_every_second_answer_is_lost_the_work_is_done_in_the_end(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY), moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        for nth in range(1, 30, 2):
            world.moco.fault(LoseAnswer(502), method="POST", path=BULK, nth=nth)
        world.moco.fault(CutBody(), method="POST", path=BULK, nth=2)
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()


def test_an_older_moco_without_the_filter_for_markers_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.moco.switches.remote_id_filter = False
        for nth in (1, 3):
            world.moco.fault(LoseAnswer(502), method="POST", path=BULK, nth=nth)
        world.moco.fault(AnswerInstead(503), method="POST", path=BULK, nth=4)
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()


@pytest.mark.parametrize("shape", ["shuffled", "ids_only", "empty", "wrapped", "no_content"])
def test_an_answer_of_another_shape_doubles_nothing(tmp_path: Path, shape: str) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.moco.switches.bulk_answer = BulkAnswer(shape)
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()
        assert finished.counts == {"read": MANY, "created": MANY}


def test_rows_that_an_answer_leaves_out_are_looked_for_and_not_sent_again(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.moco.switches.bulk_rows_missing = 1
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()
        assert sum(len(rows) for rows in world.bulks()) == MANY


def test_markers_that_an_answer_does_not_repeat_are_looked_for(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.moco.switches.markers = Markers.NOT_ECHOED
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()


def test_lists_that_show_new_activities_late_double_nothing(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.moco.switches.list_staleness_seconds = 1
        world.moco.fault(LoseAnswer(502), method="POST", path=BULK, nth=3)
        finished = world.run_to_the_end("sync")
        assert finished.code == 0
        assert world.stored() == world.wanted()
