"""Reading a running ActiveCollab: every record once, right, and each project proved whole or named."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from migrator.app.reading.command import read_source
from migrator.app.reading.live import Reach
from migrator.core.model import ParentKind
from migrator.errors import ExitCode, LoginRefused, MigratorError, TryAgainLater
from migrator.sandbox.activecollab_effects import Redirect, RevokeTokens, Spoil, Then
from migrator.sandbox.activecollab_records import LeftOut
from migrator.sandbox.faults import AnswerInstead, CutBody, Drop
from tests.system.live.scene import Agency, Generation, Scene, furnish, scene


def test_every_record_is_read_once_and_right(live: Scene, agency: Agency) -> None:
    text = "<p>Entwurf &amp; Abstimmung</p><ul><li>Logo</li></ul>"
    one = live.server.add_record(
        agency.website, agency.person, "0.17", date(2026, 5, 9), task_id=agency.ticket, text=text, billable_status=2
    )
    found = live.read()
    known = live.known()
    assert set(known) == {*agency.records, one}
    entry = known[one].entry
    assert (entry.seconds, entry.day, entry.user_id, entry.project_id) == (
        612,
        date(2026, 5, 9),
        agency.person,
        agency.website,
    )
    assert (entry.text, entry.billing, entry.parent_id) == ("Entwurf & Abstimmung\n- Logo", 2, agency.ticket)
    assert known[agency.in_shop[0]].entry.parent_kind is ParentKind.PROJECT
    assert found["counts"]["new"] == found["counts"]["read"] == 11
    assert found["complete"] is True
    assert found["exit_code"] == 0


def test_each_project_is_told_with_its_hours_and_that_it_is_whole(live: Scene, agency: Agency) -> None:
    found = live.read()
    told = {each["id"]: each for each in found["projects"]}
    assert {id_: (each["records"], each["seconds"]) for id_, each in told.items()} == {
        agency.website: (5, 5 * 5400),
        agency.shop: (3, 3 * 900),
        agency.archive: (2, 2 * 28800),
    }
    assert all(each["complete"] and not each["problem"] for each in told.values())
    assert "All 3 projects were read completely." in found["verdict"]
    assert found["requests"] == {"GET": len(live.server.requests)}
    assert found["requests_needed"] <= found["requests"]["GET"]


def test_people_tasks_and_archived_projects_are_known_by_name(live: Scene, agency: Agency) -> None:
    live.read()
    with_names = live.place.engine.connect().exec_driver_sql(
        "select kind, id, name, email, archived from source_masters"
    )
    masters = {(kind, id_): (name, email, bool(archived)) for kind, id_, name, email, archived in with_names}
    assert masters["user", agency.person][:2] == ("Bo Beispiel", "bo@agentur.example")
    assert masters["task", agency.ticket][0] == "Design"
    archived = live.server.generation != 2  # which shows all in one list
    assert masters["project", agency.archive] == ("Archive", "", archived)


def test_a_second_reading_finds_nothing_new(live: Scene, agency: Agency) -> None:
    live.read()
    counts = live.read()["counts"]
    assert (counts["unchanged"], counts["new"], counts["changed"], counts["superseded"]) == (10, 0, 0, 0)


def test_add_edit_move_trash_and_delete_give_exactly_these_changes(live: Scene, agency: Agency) -> None:
    live.read()
    server, (first, second, third, fourth, fifth) = live.server, agency.in_website
    live.time.pass_(hours=1)
    added = server.add_record(agency.shop, agency.person, "4", date(2026, 6, 1))
    server.edit_record(first, hours="2.25")
    server.move_record(second, agency.archive)
    server.trash_record(third)
    server.delete_record(fourth)
    found = live.read()
    counts, now = found["counts"], found["vanished_now"]
    assert {name: counts[name] for name in ("new", "changed", "moved", "unchanged")} == {
        "new": 1,
        "changed": 2,
        "moved": 1,
        "unchanged": 6,
    }
    assert {name: count for name, count in now.items() if count} == {"trashed": 1, "deleted": 1}
    known = live.known()
    assert known[added].entry.seconds == 4 * 3600
    assert known[first].entry.seconds == 8100
    assert known[second].entry.project_id == agency.archive
    assert known[fifth].entry.project_id == agency.website
    assert set(live.fates()) == {third, fourth}
    again = live.read()
    assert again["counts"]["unchanged"] == 9
    assert not any(again["vanished_now"].values())


def test_a_record_that_is_restored_is_listed_as_before(live: Scene, agency: Agency) -> None:
    live.read()
    live.server.trash_record(agency.in_shop[0])
    live.read()
    live.server.restore_record(agency.in_shop[0])
    live.read()
    assert live.fates() == {}


@pytest.mark.parametrize(
    "trouble",
    [
        *(Spoil.HTML_PAGE, Spoil.EMPTY_BODY, Spoil.PLAIN_TEXT, Spoil.DOCTYPE),
        AnswerInstead(403),
        AnswerInstead(404),
        AnswerInstead(503),
        Redirect("https://login.example/"),
        CutBody(),
    ],
    ids=str,
)
def test_a_project_that_cannot_be_read_is_named_and_blocks_deletions_but_not_the_rest(
    live: Scene, agency: Agency, trouble: object
) -> None:
    live.read()
    gone = agency.in_website[0]
    live.server.delete_record(gone)
    added = live.server.add_record(agency.website, agency.person)
    live.server.fault(trouble, path=f"projects/{agency.shop}/(time|tracking|time-records)", times=None)  # type: ignore[arg-type]
    found = live.read()
    told = {each["id"]: each for each in found["projects"]}
    assert told[agency.shop]["problem"]
    assert not told[agency.shop]["complete"]
    assert told[agency.website]["complete"]
    assert found["complete"] is False
    assert found["exit_code"] == (5 if trouble in {AnswerInstead(503), CutBody()} else 3)
    assert f"Shop ({agency.shop})" in found["verdict"]
    assert added in live.known()
    assert live.fates() == {gone: "unseen"}
    live.server.faults.clear()
    assert live.read()["exit_code"] == 0
    assert live.fates() == {gone: "deleted"}


def test_without_a_list_of_projects_nothing_is_read_and_nothing_forgotten(live: Scene, agency: Agency) -> None:
    live.read()
    for trouble, words, code in (
        (Spoil.HTML_PAGE, "list of projects cannot be read", ExitCode.ERROR),
        (AnswerInstead(503), "does not show its list of projects", ExitCode.TRY_AGAIN),
    ):
        live.server.faults.clear()
        live.server.fault(trouble, path="projects.*", times=None)
        with pytest.raises(MigratorError, match=words) as caught:
            live.read()
        assert caught.value.exit_code is code
    assert len(live.known()) == 10
    assert live.fates() == {}


def test_a_dead_token_ends_the_reading_at_once(live: Scene, agency: Agency) -> None:
    live.read()
    live.server.fault(RevokeTokens(), path=f"projects/{agency.website}/.*")
    with pytest.raises(LoginRefused) as caught:
        live.read()
    assert live.server.token not in str(caught.value) + caught.value.hint
    assert live.fates() == {}


def test_a_server_that_resets_every_connection_is_tried_again_later(live: Scene, agency: Agency) -> None:
    live.read()
    live.server.fault(Drop(applied=False), times=None)
    with pytest.raises(TryAgainLater):
        live.read()
    assert live.fates() == {}


def test_a_record_that_moves_while_lists_are_read_is_neither_lost_nor_doubled(live: Scene, agency: Agency) -> None:
    """It leaves the list that comes next for the one that was just read, and the other way round."""
    live.read()
    one, other = agency.in_shop[0], agency.in_website[0]

    def swap() -> None:
        live.server.move_record(one, agency.website)
        live.server.move_record(other, agency.shop)

    live.server.fault(Then(swap), path=f"projects/{agency.website}/(time|tracking|time-records)")
    found = live.read()
    known = live.known()
    assert known[other].entry.project_id == agency.shop
    assert len(known) == 10
    assert live.fates() == {}
    assert found["counts"]["read"] == 10
    live.read()
    assert live.known()[one].entry.project_id == agency.website


def test_a_project_that_is_not_shown_any_more_takes_no_record_with_it(tmp_path: Path, generation: Generation) -> None:
    with scene(tmp_path, generation, gates__max_source_loss="100%") as live:
        agency = furnish(live.server)
        live.read()
        live.server.hide_project(agency.shop)
        found = live.read()
        assert set(live.fates().values()) == {"invisible"}
        assert set(live.fates()) == set(agency.in_shop)
        assert found["unlisted_projects"] == [{"id": agency.shop, "records": 3}]
        assert found["exit_code"] == 3
        live.server.show_project(agency.shop)
        assert live.read()["exit_code"] == 0
        assert live.fates() == {}


def test_what_may_have_moved_into_a_project_that_is_not_shown_any_more_is_not_deleted(
    live: Scene, agency: Agency
) -> None:
    live.read()
    moved, deleted = agency.in_website[0], agency.in_website[1]
    live.server.hide_project(agency.shop)
    live.server.move_record(moved, agency.shop)
    live.server.delete_record(deleted)
    for _ in range(2):
        live.read()
        assert (live.fates()[moved], live.fates()[deleted]) == ("unseen", "unseen")
    assert live.read(Reach.DUE_AFTER_LOSS)["exit_code"] == 0
    assert live.fates()[deleted] == "deleted"
    assert live.read()["unlisted_projects"] == []


def test_a_record_of_which_asking_told_nothing_needs_a_person(live: Scene, agency: Agency) -> None:
    live.read()
    gone = agency.in_shop[0]
    live.server.delete_record(gone)
    live.server.fault(AnswerInstead(500), path=f"projects/{agency.shop}/.*/{gone}", times=None)
    found = live.read()
    assert live.fates() == {gone: "unknown"}
    assert found["exit_code"] == 3
    assert "missing without proof of a deletion" in found["verdict"]


def test_a_source_that_suddenly_shrinks_is_told_and_nothing_is_asked_one_by_one(live: Scene, agency: Agency) -> None:
    many = [live.server.add_record(agency.shop, agency.person) for _ in range(20)]
    live.read()
    for each in many[:12]:
        live.server.delete_record(each)
    found = live.read()
    assert "12 of 30" in found["source_loss"]
    assert set(live.fates()) == set(many[:12])
    assert set(live.fates().values()) == {"lost"}
    assert "12 of 30" in live.read()["source_loss"], "it stays closed until a person opens it"
    assert not any("/time/" in command or "/time-records/" in command for command in live.commands())


def test_expenses_are_told_apart_and_counted(tmp_path: Path) -> None:
    with scene(tmp_path, 3) as live:
        agency = furnish(live.server)
        live.server.add_expense(agency.shop, agency.person, ident=agency.in_shop[0])
        found = live.read()
        assert found["counts"]["expenses_ignored"] == 1
        assert found["counts"]["read"] == 10
        assert live.known()[agency.in_shop[0]].entry.seconds == 900


def test_more_records_than_a_list_of_generation_3_shows_by_itself_are_all_read(tmp_path: Path) -> None:
    with scene(tmp_path, 3) as live:
        agency = furnish(live.server)
        for _ in range(320):
            live.server.add_record(agency.shop, agency.person)
        found = live.read()
        assert found["complete"] is True
        assert found["counts"]["read"] == 330


def test_a_server_that_cuts_its_lists_is_read_task_by_task_and_named(tmp_path: Path) -> None:
    with scene(tmp_path, 3) as live:
        live.server.switches.honours_dont_limit_result = False
        agency = furnish(live.server)
        tickets = [live.server.add_task(agency.shop, f"Part {number}") for number in range(2)]
        for number in range(350):
            live.server.add_record(agency.shop, agency.person, task_id=tickets[number % 2])
        found = live.read()
        assert found["counts"]["read"] >= 350
        shop = next(each for each in found["projects"] if each["id"] == agency.shop)
        assert "300" in shop["problem"]
        assert found["exit_code"] == 3


def test_pages_that_shift_while_they_are_read_lose_nothing(tmp_path: Path) -> None:
    with scene(tmp_path, 5) as live:
        agency = furnish(live.server)
        ids = [live.server.add_record(agency.shop, agency.person) for _ in range(230)]
        path = f"projects/{agency.shop}/time-records"
        live.server.fault(Then(lambda: live.server.delete_record(ids[-1])), path=path)
        live.server.fault(Then(lambda: live.server.add_record(agency.shop, agency.person)), path=path, nth=2)
        found = live.read()
        shown = {id_ for id_, each in live.server.records.items() if each.project_id == agency.shop}
        staged = {id_ for id_, each in live.known().items() if each.entry.project_id == agency.shop}
        assert shown <= staged
        assert found["complete"] is True


def test_on_postgresql_it_is_the_same(tmp_path: Path, generation: Generation, postgres_url: str) -> None:
    with scene(tmp_path, generation, database__url=postgres_url) as live:
        agency = furnish(live.server)
        assert live.read()["counts"]["new"] == 10
        live.server.move_record(agency.in_website[0], agency.shop)
        live.server.delete_record(agency.in_website[1])
        live.server.edit_record(agency.in_shop[0], hours="2")
        found = live.read()
        assert (found["counts"]["changed"], found["counts"]["moved"]) == (2, 1)
        assert live.fates() == {agency.in_website[1]: "deleted"}
        live.server.hide_project(agency.archive)
        live.read()
        assert set(live.fates()) == {agency.in_website[1], *agency.in_archive}


def test_a_record_on_a_task_that_is_not_listed_any_more_is_not_taken_for_deleted(tmp_path: Path) -> None:
    """In generation 3 its only address is below the task: a 404 elsewhere says nothing."""
    with scene(tmp_path, 3) as live:
        agency = furnish(live.server)
        on_task = agency.in_website[0]
        live.server.trash_task(agency.ticket)
        live.read()
        assert on_task in live.known()
        live.server.delete_record(on_task)
        live.read()
        assert live.fates()[on_task] == "unknown"


def test_a_record_that_names_no_project_is_in_the_one_whose_list_it_stands_in(live: Scene, agency: Agency) -> None:
    nameless = {"project_id": LeftOut.FIELD, "project": LeftOut.FIELD, "url_path": LeftOut.FIELD}
    one = live.server.add_record(agency.shop, agency.person, "2", task_id=None, as_is=nameless)
    found = live.read()
    assert found["counts"]["rejected"] == 0
    assert live.known()[one].entry.project_id == agency.shop


def test_runs_that_follow_each_other_keep_the_pace_together(tmp_path: Path, generation: Generation) -> None:
    with scene(tmp_path, generation, activecollab__requests_per_minute=20) as live:
        furnish(live.server)
        began = live.time.now
        sent = []
        for _ in range(3):
            live.server.forget_requests()
            read_source(live.place, ())
            sent += [request.received_at for request in live.server.requests]
        assert live.time.now > began
        assert all(sum(moment <= other < moment + timedelta(seconds=60) for other in sent) <= 20 for moment in sent)
