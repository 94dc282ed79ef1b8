"""Our own web hooks: registered once, and what MOCO tells by them is looked at before the next decision."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from migrator.sandbox.faults import LateCommit, LoseAnswer
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World
from tests.system.hearing import URL, listening

OTHERS = "https://zap.example/in/s3cr3t-too"
WANTED = sorted((target, event) for target in ("Activity", "Project") for event in ("create", "update", "delete"))


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A migration that was carried out and looked at once more, so that no look at MOCO's days is due."""
    with World(tmp_path_factory.mktemp("ours"), some_records(12), moco__timeout_seconds=0.7) as world:
        world.prepare()
        assert world.run("apply", "last").code == 0
        assert world.run("sync").code == 0
        yield Kept.now(world)


@pytest.fixture
def world(applied: Kept) -> World:
    world = applied.again()
    world.moco.add_web_hook(OTHERS)
    return world


def hooks_at(world: World, url: str) -> list[tuple[str, str]]:
    """Target and event of each active web hook with this address."""
    every = world.moco.state.web_hooks.values()
    return sorted((each.target, each.event) for each in every if each.hook == url and each.disabled_at is None)


def told(*ended: Finished) -> str:
    """Everything that a person or a log file sees."""
    return "".join(f"{each.document}{each.stderr}" for each in ended)


def test_they_are_installed_once_and_only_they_are_removed(world: World) -> None:
    first = world.run("hooks", "install", URL)
    assert (first.code, len(first.document["installed"]), hooks_at(world, URL)) == (0, 6, WANTED)
    # Without the key each delivery would be turned away, and nobody would be told.
    assert "Until web.webhook_key is set" in first.document["verdict"]
    world.moco.add_web_hook("https://migrator.example/hooks/moco/of-somebody")
    off = next(each for each in world.moco.state.web_hooks.values() if each.hook == URL)
    world.run("hooks", "pause")
    assert hooks_at(world, URL) == WANTED
    assert hooks_at(world, OTHERS) == []
    world.run("hooks", "resume")
    world.moco.state.web_hooks[off.id] = replace(off, disabled_at=off.created_at)
    doctor = next(each for each in world.run("doctor").document["checks"] if each["name"] == "web_hooks")
    assert (doctor["status"], doctor["detail"].startswith("1 web hooks of ours are off")) == ("warn", True)
    again = world.run("hooks", "install", URL + "/")
    assert (again.code, again.document["installed"], again.document["enabled"]) == (0, [], [off.id])
    assert hooks_at(world, URL) == WANTED
    listed = world.run("hooks", "list", "-vv")
    assert sum(each["ours"] for each in listed.document["hooks"]) == 6
    elsewhere = world.run("hooks", "install", "https://new.example/hooks/moco")
    assert (elsewhere.code, "hooks remove" in elsewhere.stderr) == (2, True)
    removed = world.run("hooks", "remove", "-vv")
    assert (removed.code, len(removed.document["removed"])) == (0, 6)
    assert len(world.moco.state.web_hooks) == 2
    nothing = world.run("hooks", "remove")
    assert (nothing.code, nothing.document["verdict"]) == (0, "No web hook of ours is there.")
    assert "s3cr3t" not in told(first, again, listed, elsewhere, removed, nothing)
    stored = b"".join(each.read_bytes() for each in world.folder.glob("*.db*"))
    assert b"s3cr3t" not in stored


def test_one_whose_answer_is_lost_is_adopted_and_not_registered_twice(world: World) -> None:
    for effect, nth in ((LoseAnswer(), 2), (LateCommit(0.3), 4)):
        world.moco.fault(effect, method="POST", path="/account/web_hooks", nth=nth)
    assert world.run("hooks", "install", URL).code == 0
    assert hooks_at(world, URL) == WANTED
    world.moco.fault(LoseAnswer(), method="DELETE", path="/account/web_hooks/.*", nth=3)
    removed = world.run("hooks", "remove")
    assert (removed.code, len(removed.document["removed"]), hooks_at(world, URL)) == (0, 6, [])


@pytest.mark.parametrize(("number", "moment"), [(2, Moment.ARRIVING), (3, Moment.APPLIED)])
def test_a_killed_installation_is_finished_by_the_same_command(world: World, number: int, moment: Moment) -> None:
    killed = world.run_and_strike(At(number, moment), "hooks", "install", URL)
    assert killed.code == -signal.SIGKILL
    assert world.run("hooks", "install", URL).code == 0
    assert hooks_at(world, URL) == WANTED


@pytest.mark.parametrize(
    "url", ["http://migrator.example/hooks/moco", "https://migrator.example/s3cr3t", "https://u:s3cr3t@x/hooks/moco"]
)
def test_an_address_that_moco_cannot_call_is_refused_before_anything_is_sent(world: World, url: str) -> None:
    refused = world.run("hooks", "install", url)
    assert (refused.code, "https://" in refused.message, "s3cr3t" in told(refused)) == (2, True, False)
    assert world.writes() == []


@pytest.fixture
def heard(world: World) -> World:
    """The same with our web hooks installed, in a MOCO that delivers twice and in another order."""
    assert world.run("hooks", "install", URL).code == 0
    world.moco.switches.hooks_twice = world.moco.switches.hooks_shuffled = True
    return world


def test_a_deletion_that_moco_told_of_is_a_conflict_in_the_next_sync(heard: World) -> None:
    gone, alive = heard.activity(103), heard.activity(104)
    heard.moco.remove(gone)
    with listening(heard) as ear:
        # Nobody would notice: no look at these days is due.
        assert heard.run("sync").counts.get("conflicts", 0) == 0
        assert ear.told() == 2
        # Signed, and not true: what a delivery says is asked for, never believed.
        assert ear.call({"id": alive.id}) == 204
        ear.await_waiting(2)
    heard.forget_requests()
    synced = heard.run("sync")
    assert (synced.code, synced.counts["conflicts"], synced.document["followed"]) == (3, 1, {"asked": 2, "gone": 1})
    assert [each["source_id"] for each in heard.run("inbox", "list").document["items"]] == [103]
    asked = [each.path for each in heard.moco.requests if each.path.endswith((f"/{gone.id}", f"/{alive.id}"))]
    assert len(asked) == 2
    assert heard.writes() == []
    assert heard.run("status").document["web_hooks"]["waiting"] == 0


def test_a_run_that_gets_no_answer_leaves_the_mark(heard: World) -> None:
    gone = heard.activity(103)
    heard.moco.remove(gone)
    with listening(heard) as ear:
        ear.told()
        ear.await_waiting(1)
        heard.moco.fault(LoseAnswer(), path=f"/activities/{gone.id}", times=3)
        assert heard.run("sync").code == 5
        ear.await_waiting(1)
    assert heard.run("sync").counts["conflicts"] == 1


def test_our_own_writes_leave_no_marks_and_a_persons_edit_does(heard: World) -> None:
    heard.change(103, text="Changed in ActiveCollab")
    heard.records[201] = replace(heard.records[104], id=201)
    heard.write_export()
    with listening(heard) as ear, ear.being_told():
        synced = heard.run("sync")
        assert (synced.counts["updated"], synced.counts["created"]) == (1, 1)
        # Each is delivered twice, and may be sorted out in between.
        assert ear.await_waiting(0, received=4)["known"] in {2, 3, 4}
        heard.moco.edit(replace(heard.activity(104), description="Changed in MOCO"))
        ear.await_waiting(1, received=6)
    synced = heard.run("sync")
    assert (synced.code, heard.run("status").document["web_hooks"]["waiting"]) == (0, 0)
    # The list of what was updated showed it, so nothing had to be asked for.
    assert synced.document["followed"] == {"asked": 0, "gone": 0}


def test_what_we_took_back_leaves_no_marks(heard: World) -> None:
    with listening(heard) as ear, ear.being_told():
        apply = next(each for each in heard.run("runs", "list").document["runs"] if each["kind"] == "apply")
        assert heard.run("undo", str(apply["run"]), "--yes").code == 0
        assert heard.stored() == []
        # Twelve deletions, each told twice.
        assert ear.await_waiting(0, received=24)["received"] == 24


def test_whoever_is_not_moco_is_turned_away(world: World) -> None:
    assert world.run("hooks", "listen").code == 2
    with listening(world) as ear:
        assert ear.call({"id": 7}, signature="0" * 64) == 403
        assert ear.call(b"x" * 256 * 1024) == 204
        assert ear.call(b"x" * (256 * 1024 + 1)) == 413
        assert world.run("hooks", "listen", "--port", ear.url.split(":")[2].split("/")[0]).code == 2
    assert world.run("status").document["web_hooks"]["events"] == {"received": 1, "unreadable": 1}


def test_a_deleted_project_has_everything_in_it_asked_for(world: World) -> None:
    project = world.activity(103).project_id
    inside = [each for each in world.moco.activities if each.project_id == project]
    for each in inside:
        world.moco.remove(each)
    with listening(world) as ear:
        assert ear.call({"id": project, "name": "Website"}, "Project", "update") == 204
        assert ear.call({"id": project}, "Project", "delete") == 204
        ear.await_waiting(len(inside))
    assert world.run("sync").counts["conflicts"] == len(inside)
