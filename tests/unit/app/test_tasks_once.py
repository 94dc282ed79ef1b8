"""Tasks whose names differ only as people would not notice."""

from __future__ import annotations

from migrator.app.provision.prerequisites import NeededTask, tasks_once
from migrator.core.model import MocoId
from migrator.store.work import Needed


def test_names_that_people_take_for_one_become_one_task_of_their_project() -> None:
    names = ((MocoId(1), "Layout"), (MocoId(1), "layout"), (MocoId(1), "Entwurf"), (MocoId(2), "LAYOUT"))
    assert list(tasks_once(Needed(tasks=names, contracts=()))) == [
        NeededTask(MocoId(1), "Layout", ("layout",)),
        NeededTask(MocoId(1), "Entwurf"),
        NeededTask(MocoId(2), "LAYOUT"),
    ]
