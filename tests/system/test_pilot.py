"""A pilot: a few records that stand for all, moved and verified before the rest may follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from migrator.sandbox.moco_switches import Rounding
from tests.system.export import some_records
from tests.system.harness import World

N = 60
GATE = 20


def pilot_of(world: World) -> list[int]:
    """The records that MOCO has got so far, by their ids in ActiveCollab."""
    return sorted(int((each.marker or "").rpartition(":")[2]) for each in world.stored())


def test_a_large_run_goes_only_after_a_verified_pilot(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N, people=4), gates__pilot_above=GATE) as world:
        assert world.run("read").code == 0
        whole = world.run("plan").document
        assert any("pilot_above = 20" in warning for warning in whole["warnings"])
        for words in (("apply", str(whole["plan"])), ("sync",)):
            refused = world.run(*words)
            assert (refused.code, world.stored()) == (7, [])
            assert f"create {N} records" in refused.message
            for typed in ("plan --pilot", "verify --plan last", "--allow-gate pilot_above"):
                assert typed in refused.stderr

        pilot = world.run("plan", "--pilot").document
        assert pilot["warnings"] == []
        number = str(pilot["plan"])
        assert world.run("apply", number).code == 0
        few = pilot_of(world)
        assert len(few) == pilot["counts"]["read"] <= 2 * (4 + 4 + 1)
        stands_for = [world.records[each] for each in few]
        everything = world.records.values()
        assert {each.person for each in stands_for} == {each.person for each in everything}
        assert {each.status for each in stands_for} == {each.status for each in everything}
        days = [each.day for each in everything]
        assert {min(days), max(days)} <= {each.day for each in stands_for}
        # Carried out is not verified.
        assert world.run("apply", str(whole["plan"])).code == 7

        verified = world.run("verify", "--plan", number)
        assert (verified.code, verified.document["verified_pilot"]) == (0, pilot["plan"])
        assert verified.document["counts"]["read"] == len(few)
        assert world.run("apply", str(whole["plan"])).code == 0
        assert world.stored() == world.wanted()
        assert world.run("status").document["verified_pilot"]["plan"] == pilot["plan"]


def test_a_pilot_that_differs_is_not_verified(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N), gates__pilot_above=GATE) as world:
        world.moco.switches.rounding = Rounding.UP_15
        assert world.run("read").code == 0
        assert world.run("plan", "--pilot").code == 0
        assert world.run("apply", "last").code == 0
        different = world.run("verify", "--plan", "last")
        assert different.code == 4
        assert "verified_pilot" not in different.document
        world.configure(policy__rounding_in_moco="accept")
        assert world.run("verify", "--plan", "last").document["verified_pilot"]
        assert world.run("sync").code == 0


def test_a_pilot_of_which_nothing_arrived_is_not_verified(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N), gates__pilot_above=GATE) as world:
        for project in list(world.moco.state.projects.values()):
            world.moco.edit(replace(project, active=False))
        assert world.run("read").code == 0
        assert world.run("plan", "--pilot").code == 0
        assert world.run("apply", "last").code == 3
        nothing = world.run("verify", "--plan", "last")
        assert (nothing.code, "verified_pilot" in nothing.document) == (3, False)


def test_whoever_knows_better_passes_the_gate_by_name(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N), gates__pilot_above=GATE) as world:
        world.prepare()
        limited = world.run("apply", "last", "--allow-gate", "pilot_above", "--limit", "5")
        assert (limited.code, len(world.stored())) == (8, 5)
        # What was begun has passed.
        assert world.run("apply", "last", "--limit", "5").code == 8
        assert world.run("sync", "--allow-gate", "pilot_above").code == 0
        assert world.stored() == world.wanted()
