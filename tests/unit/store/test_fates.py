from __future__ import annotations

from sqlalchemy import Engine

from migrator.core.listing import Fate
from migrator.core.model import FoundEntry, Origin, SourceId
from migrator.store import fates
from migrator.store.engine import reading, writing
from migrator.store.merge import pages
from migrator.store.source import source_version, stage
from tests.unit.store.builders import a_time_entry, found

P1, P2 = SourceId(1), SourceId(2)


def live(id_: int, project: int = 1, seconds: int = 3600) -> FoundEntry:
    """A record as the list of its project shows it."""
    entry = a_time_entry(id_, project=project, seconds=seconds)
    return FoundEntry(entry, Origin(f"api:projects/{project}/time", id_))


def staged(engine: Engine, run_id: int, *copies: FoundEntry) -> None:
    with writing(engine) as session:
        stage(session, run_id, copies)


def vanished_ids(engine: Engine, run_id: int, *projects: SourceId) -> list[int]:
    with reading(engine) as session:
        return [each.id for each in fates.load_vanished(session, run_id, projects, most=100)]


def settle(engine: Engine, run_id: int, id_: int, fate: Fate, told: str = "404") -> None:
    with writing(engine) as session:
        fates.settle(session, run_id, [SourceId(id_)], fate, told)


def fate_of(engine: Engine, id_: int) -> Fate:
    return next(each.fate for page in pages(engine, 0) for each in page if each.entry.id == id_)


def version(engine: Engine) -> str:
    with reading(engine) as session:
        return source_version(session)


def test_what_a_list_does_not_show_again_has_vanished_from_it(engine: Engine) -> None:
    staged(engine, 1, live(1), live(2), live(3, project=2))
    staged(engine, 2, live(1))
    assert vanished_ids(engine, 2, P1) == [2]
    assert vanished_ids(engine, 2, P1, P2) == [2, 3]
    with reading(engine) as session:
        assert fates.count_vanished(session, 2) == {P1: (1, 1), P2: (1, 1)}


def test_a_record_that_moved_to_another_list_has_not_vanished(engine: Engine) -> None:
    staged(engine, 1, live(1))
    staged(engine, 2, live(1, project=2))
    assert vanished_ids(engine, 2, P1, P2) == []


def test_a_saved_copy_that_no_list_shows_has_vanished_also_in_the_run_that_read_it(engine: Engine) -> None:
    staged(engine, 2, found(a_time_entry(1)))
    assert vanished_ids(engine, 2, P1) == [1]


def test_the_run_that_first_missed_a_record_is_remembered_until_it_is_listed_again(engine: Engine) -> None:
    staged(engine, 1, live(1))
    for run_id, fate in ((2, Fate.UNSEEN), (3, Fate.UNKNOWN), (4, Fate.UNSEEN)):
        with reading(engine) as session:
            (each,) = fates.load_vanished(session, run_id, [P1], most=100)
        assert each.missed_run == 2
        settle(engine, run_id, 1, fate, f"answer {run_id}")
    staged(engine, 5, live(1))
    with writing(engine) as session:
        fates.forget_fates(session, 5)
    with reading(engine) as session:
        (again,) = fates.load_vanished(session, 6, [P1], most=100)
    assert again.missed_run == 6


def test_what_is_proved_gone_is_not_looked_for_again(engine: Engine) -> None:
    staged(engine, 1, live(1), live(2), live(3))
    settle(engine, 2, 1, Fate.DELETED)
    settle(engine, 2, 2, Fate.TRASHED)
    settle(engine, 2, 3, Fate.INVISIBLE)
    assert vanished_ids(engine, 3, P1) == [3]
    with reading(engine) as session:
        assert fates.count_vanished(session, 3) == {P1: (1, 0)}
        assert fates.count_fates(session) == {Fate.DELETED: 1, Fate.TRASHED: 1, Fate.INVISIBLE: 1}


def test_those_of_which_nothing_is_known_come_first(engine: Engine) -> None:
    staged(engine, 1, live(1), live(2), live(3))
    settle(engine, 2, 1, Fate.UNSEEN)
    with reading(engine) as session:
        assert [each.id for each in fates.load_vanished(session, 2, [P1], most=2)] == [2, 3]


def test_a_record_that_is_listed_again_is_as_if_nothing_had_been(engine: Engine) -> None:
    staged(engine, 1, live(1))
    settle(engine, 2, 1, Fate.DELETED)
    assert fate_of(engine, 1) is Fate.DELETED
    before = version(engine)
    staged(engine, 3, live(1))
    with writing(engine) as session:
        assert fates.forget_fates(session, 3) == 1
    assert fate_of(engine, 1) is Fate.LISTED
    assert version(engine) != before


def test_a_saved_file_does_not_bring_back_what_was_proved_deleted(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(1)))
    settle(engine, 2, 1, Fate.DELETED)
    staged(engine, 3, found(a_time_entry(1)))
    with writing(engine) as session:
        assert fates.forget_fates(session, 3) == 0
    assert fate_of(engine, 1) is Fate.DELETED


def test_a_new_fate_makes_a_plan_stale_and_the_same_again_does_not(engine: Engine) -> None:
    staged(engine, 1, live(1))
    before = version(engine)
    settle(engine, 2, 1, Fate.UNSEEN)
    after = version(engine)
    assert after != before
    settle(engine, 3, 1, Fate.UNSEEN)
    assert version(engine) == after


def test_the_rest_of_a_project_is_settled_at_once_and_what_is_known_stays(engine: Engine) -> None:
    staged(engine, 1, live(1), live(2), live(3), live(4, project=2))
    settle(engine, 2, 1, Fate.INVISIBLE)
    staged(engine, 2, live(3))
    with writing(engine) as session:
        fates.settle_rest(session, 2, [P1], Fate.UNSEEN, "too many")
    found_fates = {each.entry.id: each.fate for page in pages(engine, 0) for each in page}
    assert found_fates == {1: Fate.INVISIBLE, 2: Fate.UNSEEN, 3: Fate.LISTED, 4: Fate.LISTED}


def test_of_some_records_those_are_told_that_no_list_showed_since(engine: Engine) -> None:
    staged(engine, 1, live(1), live(2))
    staged(engine, 2, live(2, project=2))
    with reading(engine) as session:
        assert fates.still_vanished(session, 2, {SourceId(1), SourceId(2)}) == {1}
