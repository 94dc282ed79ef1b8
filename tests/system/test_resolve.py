"""`inbox resolve`: a person decides for one side of one item, and it counts only for what that person saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from migrator.sandbox.faults import AnswerInstead
from migrator.sandbox.moco_records import Activity
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World
from tests.system.inside import run_inside

ID = 105
MANY = 12
MARKER = f"ac:main:{ID}"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A finished migration; withdrawals are only reported, and every sync lists all days."""
    settings = {"sync.window_every": "0s", "sync.window_days": 3660}
    with World(tmp_path_factory.mktemp("migrated"), some_records(MANY)) as world:
        world.settings |= settings
        world.configure()
        assert run_inside(world, "sync").code == 0
        yield Kept.now(world)


def sync(world: World) -> Finished:
    """One sync, and only its own requests in the log."""
    world.forget_requests()
    return run_inside(world, "sync")


def waiting(world: World) -> dict[str, str]:
    """The items of the record, by name with their reason."""
    listed = run_inside(world, "inbox", "list").document["items"]
    return {item["id"]: item["reason"] for item in listed if item["source_id"] == ID}


def sent(world: World) -> list[str]:
    """The writes since the last sync began, as method and last part of the path."""
    return [f"{each.method} {each.path.rsplit('/', 1)[-1]}" for each in world.writes()]


def by_hand(world: World, **fields: object) -> Activity:
    """Somebody edits the activity in MOCO."""
    return world.moco.edit(replace(world.activity(ID), **fields))  # type: ignore[arg-type] # checked by replace


# -- how a conflict comes to be, what ActiveCollab's side asks for, and what it leaves in MOCO -------------------------


def _both_edited(world: World) -> None:
    by_hand(world, description="by hand")
    world.change(ID, text="Changed")


def _deleted_in_target(world: World) -> None:
    world.moco.remove(world.activity(ID))


def _deleted_in_source(world: World) -> None:
    by_hand(world, description="by hand")
    world.change(ID, trashed=True)


def _worker_changed(world: World) -> None:
    by_hand(world, description="by hand")
    world.change(ID, person=2)


def _no_longer_wanted(world: World) -> None:
    world.change(ID, hours="0", seconds=0)


def _adopted_differs(world: World) -> None:
    before = world.activity(ID)
    # MOCO tells moments in seconds: an edit in the second of the creation looks like none.
    edited = replace(before, description="by hand", updated_at=before.created_at + timedelta(hours=1))
    world.moco.state.activities.put(edited)
    (world.folder / "another.db").unlink(missing_ok=True)
    world.configure(database__url="sqlite:///another.db")


@dataclass(frozen=True, slots=True)
class Case:
    """One reason: how it arises, and the writes that ActiveCollab's side leads to."""

    reason: str
    arise: Callable[[World], None]
    writes: tuple[str, ...]
    gone: bool = False


CASES = [
    Case("BOTH_EDITED", _both_edited, ("PUT {id}",)),
    Case("DELETED_IN_TARGET", _deleted_in_target, ("POST bulk",)),
    Case("DELETED_IN_SOURCE", _deleted_in_source, ("DELETE {id}",), gone=True),
    Case("WORKER_CHANGED", _worker_changed, ("DELETE {id}", "POST bulk")),
    Case("NO_LONGER_WANTED", _no_longer_wanted, ("DELETE {id}",), gone=True),
    Case("ADOPTED_DIFFERS", _adopted_differs, ("PUT {id}",)),
]
BY_REASON = {case.reason: case for case in CASES}


def conflicted(migrated: Kept, reason: str) -> tuple[World, str]:
    """A world in which one record is in conflict, and the name of its item."""
    world = migrated.again()
    BY_REASON[reason].arise(world)
    assert sync(world).code == 3
    assert world.writes() == []
    ((name, found),) = waiting(world).items()
    assert found == reason
    return world, name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason)
def test_the_source_is_written_once_when_a_person_says_so(migrated: Kept, case: Case) -> None:
    world = migrated.again()
    activity_id = world.activity(ID).id
    case.arise(world)
    assert sync(world).code == 3
    ((name, reason),) = waiting(world).items()
    assert reason == case.reason
    resolved = run_inside(world, "inbox", "resolve", name, "--keep", "source", "--note", "agreed")
    assert (resolved.code, waiting(world)) == (0, {})
    assert sync(world).code == 0
    assert sent(world) == [write.format(id=activity_id) for write in case.writes]
    assert world.stored() == world.wanted(without=[ID] if case.gone else [])
    assert sync(world).code == 0
    assert sent(world) == []


@pytest.mark.parametrize("reason", ["BOTH_EDITED", "DELETED_IN_TARGET", "ADOPTED_DIFFERS"])
def test_the_target_stays_when_a_person_says_so_until_the_source_changes(migrated: Kept, reason: str) -> None:
    world, name = conflicted(migrated, reason)
    before = world.stored()
    assert run_inside(world, "inbox", "resolve", name, "--keep", "target").code == 0
    assert sync(world).code == 0
    assert (sent(world), world.stored(), waiting(world)) == ([], before, {})
    world.change(ID, status=0 if world.records[ID].status else 1)
    assert sync(world).code == 3
    assert (sent(world), list(waiting(world))) == ([], [name])


@pytest.mark.parametrize("reason", ["BOTH_EDITED", "DELETED_IN_SOURCE"])
def test_an_activity_that_changes_after_the_decision_is_not_touched_and_the_item_comes_back(
    migrated: Kept, reason: str
) -> None:
    world, name = conflicted(migrated, reason)
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0
    edited = by_hand(world, seconds=60, worked_seconds=60)
    assert sync(world).code == 3
    assert (sent(world), waiting(world), world.activity(ID)) == ([], {name: reason}, edited)
    shown = run_inside(world, "inbox", "show", name).document
    assert "changed since a person decided" in shown["message"]


def test_an_activity_billed_after_the_decision_is_not_touched(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0
    billed = by_hand(world, billed=True)
    assert sync(world).code == 3
    assert (sent(world), world.activity(ID)) == ([], billed)
    refused = run_inside(world, "inbox", "resolve", name, "--keep", "source")
    assert (refused.code, "billed" in refused.message) == (7, True)


def test_a_source_that_changes_after_the_decision_brings_the_item_back(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0
    world.change(ID, text="Changed again")
    assert sync(world).code == 3
    assert (sent(world), waiting(world)) == ([], {name: "BOTH_EDITED"})


def test_a_decision_about_what_is_no_longer_as_it_was_shown_is_refused(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    assert run_inside(world, "inbox", "show", name).code == 0
    by_hand(world, description="by hand, again")
    assert sync(world).code == 3
    refused = run_inside(world, "inbox", "resolve", name, "--keep", "source")
    assert (refused.code, "no longer as it was shown" in refused.message) == (7, True)
    assert run_inside(world, "inbox", "show", name).code == 0
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0


def test_a_decision_after_the_source_was_read_anew_asks_for_a_sync_first(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    world.change(ID, text="Changed again")
    assert run_inside(world, "read").code == 0
    refused = run_inside(world, "inbox", "resolve", name, "--keep", "source")
    assert (refused.code, "changed since the last run" in refused.message) == (7, True)
    assert waiting(world) == {name: "BOTH_EDITED"}


def test_a_plan_made_before_the_decision_does_not_carry_it_out(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    assert run_inside(world, "plan").code == 0
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0
    world.forget_requests()
    assert run_inside(world, "apply", "last").code == 3
    assert sent(world) == []
    assert run_inside(world, "plan").document["actions"]["update"]["records"] == 1
    assert run_inside(world, "apply", "last").code == 0
    assert world.stored() == world.wanted()


def test_what_moco_refused_is_asked_for_once_more(migrated: Kept) -> None:
    world = migrated.again()
    world.change(ID, text="Changed")
    world.moco.fault(AnswerInstead(422), method="PUT")
    assert sync(world).code == 3
    ((name, reason),) = waiting(world).items()
    assert (reason, sync(world).code, sent(world)) == ("REFUSED", 3, [])
    assert run_inside(world, "inbox", "resolve", name, "--keep", "source").code == 0
    assert sync(world).code == 0
    assert (sent(world), world.stored()) == ([f"PUT {world.activity(ID).id}"], world.wanted())


def test_a_refusal_that_was_accepted_is_not_listed_again(migrated: Kept) -> None:
    world = migrated.again()
    world.change(ID, text="Changed")
    world.moco.fault(AnswerInstead(422), method="PUT")
    assert sync(world).code == 3
    (name,) = waiting(world)
    assert run_inside(world, "inbox", "accept", name, "--note", "fine").code == 0
    assert sync(world).code == 0
    assert (sent(world), waiting(world)) == ([], {})


# -- where a word has no meaning -----------------------------------------------------------------------------------


def _billed(world: World) -> None:
    by_hand(world, billed=True)
    world.change(ID, text="Changed")


def _copied(world: World) -> None:
    world.moco.state.activities.put(replace(world.activity(ID), id=world.moco.state.new_activity_id()))


def _held(world: World) -> None:
    world.change(ID, status=7)


@pytest.mark.parametrize(
    ("arise", "says"),
    [(_billed, "never overwritten"), (_copied, "delete the others"), (_held, "read again")],
    ids=["billed", "copied", "rejected"],
)
def test_a_word_without_meaning_is_refused_with_a_sentence(
    migrated: Kept, arise: Callable[[World], None], says: str
) -> None:
    world = migrated.again()
    arise(world)
    assert sync(world).code == 3
    before = world.stored()
    (name,) = waiting(world)
    refused = run_inside(world, "inbox", "resolve", name, "--keep", "source")
    assert (refused.code, says in refused.message) == (2, True)
    assert run_inside(world, "inbox", "resolve", name, "--keep", "target").code == 0
    assert sync(world).code in {0, 3}
    assert (sent(world), world.stored(), waiting(world)) == ([], before, {})
    again = run_inside(world, "inbox", "resolve", name, "--keep", "source")
    assert (again.code, "does not wait any more" in again.message) == (2, True)


def test_both_sides_are_shown_next_to_each_other(migrated: Kept) -> None:
    world, name = conflicted(migrated, "BOTH_EDITED")
    document = run_inside(world, "inbox", "show", name).document
    fields = {field["name"]: field for field in document["fields"]}
    before = next(each for each in migrated.activities if each.remote_id == MARKER).description
    assert fields["description"] == {
        "name": "description",
        "source": "Changed",
        "target": "by hand",
        "sent": before,
        "differs": True,
    }
    assert [each["name"] for each in document["fields"] if each["differs"]] == ["description"]
    assert "writes ActiveCollab's values" in document["meaning"]["source"]
    assert "stays as it is" in document["meaning"]["target"]
