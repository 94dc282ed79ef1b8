"""The ActiveCollab client against the simulated ActiveCollab of each generation, over real sockets.

The part that only reads runs against a real account, too, when MIGRATOR_CONTRACT_ACTIVECOLLAB holds its address and
MIGRATOR_CONTRACT_ACTIVECOLLAB_TOKEN a token.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from migrator.activecollab import connect
from migrator.activecollab.client import (
    ActiveCollabRefused,
    Client,
    Generation,
    Gone,
    Invisible,
    Present,
    Trashed,
    Unknown,
)
from migrator.core.model import (
    Billing,
    Company,
    ExpenseIgnored,
    FoundEntry,
    JobType,
    ParentKind,
    Project,
    SourceId,
    Task,
    User,
)
from migrator.errors import LoginRefused, UsageError
from migrator.sandbox.activecollab_effects import RevokeTokens, Rewrite, Spoil
from migrator.sandbox.activecollab_switches import (
    Access,
    DateForm,
    Detail,
    EmptyList,
    Order,
    Paging,
    References,
    Related,
    UserForm,
)
from migrator.sandbox.faults import AnswerInstead
from tests.contract.activecollab import TODAY, Place, a_place, entries, masters

GENERATIONS = [Generation.TWO, Generation.THREE, Generation.FIVE]
REAL = os.environ.get("MIGRATOR_CONTRACT_ACTIVECOLLAB")


@pytest.fixture(params=GENERATIONS, ids=lambda it: f"generation {it}")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with a_place(request.param) as place:
        yield place


# -- what only reads, against a real account as well -----------------------------------------------------------------


@contextmanager
def _simulated(generation: Generation) -> Iterator[Client]:
    with a_place(generation) as place:
        place.book(task_id=place.task_id)
        place.book(project_id=place.archived.id)
        yield place.connect(generation=None)


@contextmanager
def _real() -> Iterator[Client]:
    token = os.environ["MIGRATOR_CONTRACT_ACTIVECOLLAB_TOKEN"]
    yield connect(REAL or "", token, timezone=UTC, today=datetime.now(UTC).date())


SERVERS: list[Any] = [pytest.param(lambda it=it: _simulated(it), id=f"generation {it}") for it in GENERATIONS]
if REAL:
    SERVERS.append(pytest.param(_real, id="real"))


@pytest.fixture(params=SERVERS)
def reading(request: pytest.FixtureRequest) -> Iterator[Client]:
    with request.param() as client:
        yield client


def test_a_server_says_what_it_is(reading: Client) -> None:
    info = reading.fetch_info()
    assert info.generation is reading.generation
    assert info.system_version
    assert info.user_id is not None


def test_every_list_of_an_account_is_read_and_proved_whole(reading: Client) -> None:
    projects = reading.list_projects()
    found = masters(projects, Project)
    assert projects.problem == ""
    assert found
    for listing in (reading.list_people(), reading.list_job_types()):
        list(listing)
        assert listing.problem == ""
    for project in found.values():
        time = reading.list_time(project)
        names = {each.origin.document for each in time}
        assert names <= {time.name}
        assert time.problem == "" or time.forbidden
        list(reading.list_tasks(project))


def test_a_record_that_is_listed_is_found_by_itself(reading: Client) -> None:
    for project in masters(reading.list_projects(), Project).values():
        tasks = masters(reading.list_tasks(project), Task)
        for entry in entries(reading.list_time(project)).values():
            task = tasks.get(entry.parent_id or 0)
            where = reading.find_time(project, entry.id, task.number if task else None)
            assert isinstance(where, Present)
            assert where.found.entry.seconds == entry.seconds
            break


# -- recognition -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["api", "site", "public", "index", "other"])
def test_a_server_is_recognised_from_any_of_its_addresses(place: Place, shape: str) -> None:
    other = "/public/api.php" if place.generation is Generation.FIVE else "/api/v1"
    paths = {"api": place.sandbox.path, "site": "", "public": "/public/", "index": "/public/index.php", "other": other}
    client = place.connect(place.site + paths[shape], generation=None)
    assert client.generation is place.generation
    assert client.fetch_info().generation is place.generation


@pytest.mark.parametrize("version", ["1.1.4", "2.3.9", "3.0.0", "4.2.17", "5.8.7", "7.4.766"])
def test_the_version_decides_what_is_spoken(version: str) -> None:
    generation = {"1": Generation.TWO, "2": Generation.TWO, "3": Generation.THREE, "4": Generation.THREE}.get(
        version[0], Generation.FIVE
    )
    with a_place(generation, system_version=version) as place:
        assert place.connect(generation=None).generation is generation


def test_a_wrong_token_is_refused_whatever_is_spoken(place: Place) -> None:
    for generation in (place.generation, None):
        with pytest.raises(LoginRefused):
            list(place.connect(generation=generation, token="7-" + "x" * 40).list_projects())


def test_a_host_without_activecollab_is_named() -> None:
    with (
        a_place(Generation.TWO) as place,
        pytest.raises(UsageError, match=r"no ActiveCollab was found at 127\.0\.0\.1"),
    ):
        place.connect(place.site + "/somewhere/else/api.php", generation=None)


# -- lists -----------------------------------------------------------------------------------------------------------


def test_projects_people_tasks_and_job_types_come_with_their_archives(place: Place) -> None:
    company = place.sandbox.add_company("Kunde AG", archived=True)
    gone = place.sandbox.add_person("Egon", "Ehemals", archived=True)
    elsewhere = place.sandbox.add_person("Karl", "Kunde", company_id=company)
    done = place.sandbox.add_task(place.project.id, "Erledigt", archived=True)
    client = place.connect()
    projects = masters(client.list_projects(), Project)
    assert projects.keys() == {place.project.id, place.archived.id}
    if place.generation is not Generation.TWO:
        assert {it.id for it in projects.values() if it.archived} == {place.archived.id}
    people = client.list_people()
    found = list(people)
    users = {it.value.id for it in found if hasattr(it, "value") and isinstance(it.value, User)}
    companies = {it.value.id for it in found if hasattr(it, "value") and isinstance(it.value, Company)}
    assert users >= {place.person, gone, elsewhere, place.sandbox.owner_id}
    assert companies == {1, company}
    assert people.problem == ""
    tasks = client.list_tasks(place.project)
    assert masters(tasks, Task).keys() == {place.task_id, done}
    assert tasks.problem == ""
    job_types = client.list_job_types()
    assert masters(job_types, JobType).keys() == (set() if place.generation is Generation.TWO else {1})
    assert job_types.problem == ""


def test_time_of_project_and_tasks_is_listed_with_all_its_fields(place: Place) -> None:
    at_project = place.book("1.5", text="Ünïcode", billable_status=1)
    at_task = place.book("0.17", task_id=place.task_id, billable_status=2, day=date(2024, 3, 20))
    listing = place.connect().list_time(place.project)
    found = entries(listing)
    assert listing.problem == ""
    assert listing.name == f"api:{place.time_command}"
    assert found.keys() == {at_project, at_task}
    assert (found[at_project].seconds, found[at_project].billing) == (5400, Billing.BILLABLE)
    assert (found[at_project].text, found[at_project].day) == ("Ünïcode", TODAY)
    assert found[at_project].user_id == place.person
    assert (found[at_task].seconds, found[at_task].billing) == (612, Billing.PENDING_PAYMENT)
    assert (found[at_task].parent_kind, found[at_task].parent_id) == (ParentKind.TASK, place.task_id)
    assert {entry.project_id for entry in found.values()} == {place.project.id}


def test_an_archived_project_lists_its_time_too(place: Place) -> None:
    record = place.book(project_id=place.archived.id)
    assert entries(place.connect().list_time(place.archived)).keys() == {record}


def test_expenses_are_told_apart() -> None:
    with a_place(Generation.THREE) as place:
        record = place.book(ident=900)
        place.sandbox.add_expense(place.project.id, place.person, ident=900)
        listing = place.connect().list_time(place.project)
        readings = list(listing)
    assert [each.entry.id for each in readings if isinstance(each, FoundEntry)] == [record]
    assert sum(isinstance(each, ExpenseIgnored) for each in readings) == 1
    assert listing.problem == ""


FORMS: dict[Generation, list[dict[str, Any]]] = {
    Generation.TWO: [
        {"user_form": UserForm.NESTED},
        {"user_form": UserForm.BOTH},
        {"user_form": UserForm.NESTED_IN_DETAIL},
        {"declaration": False},
        {"old_billing": True},
        {"long_floats": True},
        {"null_updated_on": True},
        {"encoded_links": True},
        {"gzip": True},
        {"order": Order.OLDEST_FIRST},
    ],
    Generation.THREE: [
        {"date_form": DateForm.CHILDREN},
        {"references": References.FLAT},
        {"task_time_at_project": True},
        {"company_users": True},
        {"order": Order.RANDOM, "order_seed": 5},
        {"gzip": True},
    ],
    Generation.FIVE: [
        *({"paging": it} for it in Paging),
        *({"related": it} for it in Related),
        {"order": Order.RANDOM},
        {"gzip": True, "paging": Paging.PAGE},
        {"page_size": 7},
        {"page_size": 7, "paging": Paging.NONE},
    ],
}


@pytest.mark.parametrize(
    ("generation", "switches"),
    [(generation, switches) for generation, forms in FORMS.items() for switches in forms],
    ids=str,
)
def test_every_form_of_answers_gives_the_same_records(generation: Generation, switches: dict[str, Any]) -> None:
    with a_place(generation, **switches) as place:
        booked = [place.book("1.5", text=f"number {number}", task_id=None) for number in range(25)]
        booked.append(place.book("1.5", task_id=place.task_id))
        client = place.connect(generation=None)
        listing = client.list_time(place.project)
        found = entries(listing)
        assert listing.problem == ""
        assert sorted(found) == sorted(booked)
        assert {entry.user_id for entry in found.values()} == {place.person}
        assert {entry.day for entry in found.values()} == {TODAY}
        assert {entry.seconds for entry in found.values()} == {5400}
        number = masters(client.list_tasks(place.project), Task)[place.task_id].number
        for record_id, task_number in ((booked[0], None), (booked[-1], number)):
            where = client.find_time(place.project, SourceId(record_id), task_number)
            assert isinstance(where, Present)
            assert where.found.entry.user_id == place.person


@pytest.mark.parametrize("form", [EmptyList.ROOT, EmptyList.SELF_CLOSED, EmptyList.BLANK_ROOT])
@pytest.mark.parametrize("generation", [Generation.TWO, Generation.THREE])
def test_an_empty_list_is_empty_in_every_form_of_xml(generation: Generation, form: EmptyList) -> None:
    with a_place(generation, empty_list=form) as place:
        listing = place.connect().list_time(place.project)
        assert list(listing) == []
        assert listing.problem == ""


@pytest.mark.parametrize("generation", [Generation.TWO, Generation.THREE])
def test_an_empty_body_proves_nothing(generation: Generation) -> None:
    with a_place(generation, empty_list=EmptyList.EMPTY_BODY) as place:
        listing = place.connect().list_time(place.project)
        assert list(listing) == []
        assert "empty" in listing.problem


@pytest.mark.parametrize("paging", list(Paging))
def test_a_project_without_time_is_whole_in_generation_5(paging: Paging) -> None:
    with a_place(Generation.FIVE, paging=paging) as place:
        listing = place.connect().list_time(place.project)
        assert list(listing) == []
        assert listing.problem == ""


def test_a_listing_that_was_not_read_to_its_end_is_not_whole(place: Place) -> None:
    place.book_many(3)
    listing = place.connect().list_time(place.project)
    next(listing)
    assert "not read to its end" in listing.problem


def test_listing_costs_what_it_said(place: Place) -> None:
    for count in (0, 99, 1, 50, 50):
        place.book_many(count)
        client = place.connect()
        list(client.list_time(place.project))
        assert client.requests == {"GET": client.listing_cost(len(place.sandbox.records))}


# -- the cap of 300 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "honoured", "whole"), [(299, True, True), (300, True, False), (301, True, True), (301, False, False)]
)
def test_exactly_300_are_whole_only_where_more_were_seen(count: int, honoured: bool, whole: bool) -> None:
    with a_place(Generation.THREE, honours_dont_limit_result=honoured) as place:
        place.book_many(count)
        listing = place.connect().list_time(place.project)
        found = entries(listing)
        assert (listing.problem == "") is whole
        assert listing.capped is not whole
        assert len(found) == (count if honoured else 300)


def test_a_server_that_showed_more_once_is_believed() -> None:
    with a_place(Generation.THREE) as place:
        place.book_many(300)
        for _ in range(301):
            place.book(project_id=place.archived.id)
        client = place.connect()
        assert len(entries(client.list_time(place.archived))) == 301
        listing = client.list_time(place.project)
        assert len(entries(listing)) == 300
        assert listing.problem == ""


# -- who may see what ------------------------------------------------------------------------------------------------


def test_a_single_project_may_be_forbidden(place: Place) -> None:
    place.book()
    place.sandbox.hide_time(place.project.id)
    client = place.connect()
    listing = client.list_time(place.project)
    assert list(listing) == []
    assert listing.forbidden
    assert listing.problem
    assert entries(client.list_time(place.archived)) == {}


def test_a_project_that_vanished_is_no_empty_list(place: Place) -> None:
    record = place.book()
    place.sandbox.delete_project(place.project.id)
    client = place.connect()
    listing = client.list_time(place.project)
    assert list(listing) == []
    assert "404" in listing.problem
    assert not listing.forbidden
    assert client.find_time(place.project, SourceId(record)) == Gone(404)


def test_a_token_that_is_reset_half_way_ends_everything(place: Place) -> None:
    more = [Project(SourceId(place.sandbox.add_project(f"P{number}"))) for number in range(3)]
    place.sandbox.fault(RevokeTokens(), path=f"projects/{more[1].id}/.*")
    client = place.connect()
    list(client.list_time(more[0]))
    with pytest.raises(LoginRefused, match="refused the token"):
        list(client.list_time(more[1]))


def test_only_some_may_see_everybody() -> None:

    with a_place(Generation.FIVE) as place:
        place.sandbox.fault(AnswerInstead(403), path="users/all", times=None)
        listing = place.connect().list_people()
        assert place.person in masters(listing, User)
        assert listing.problem == ""


# -- one record ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    ("detail", "expected"),
    [(Detail.SHOWN, Trashed), (Detail.NOT_FOUND, Gone), (Detail.FORBIDDEN, Invisible)],
)
def test_a_trashed_record_is_classed_as_the_server_shows_it(
    generation: Generation, detail: Detail, expected: type[object]
) -> None:
    with a_place(generation, trashed_detail=detail) as place:
        record = place.book()
        place.sandbox.trash_record(record)
        client = place.connect()
        where = client.find_time(place.project, SourceId(record))
        assert isinstance(where, expected)
        listing = client.list_time(place.project)
        assert entries(listing) == {}
        trash = client.list_trash()
        assert trash == ({record} if generation is Generation.FIVE else None)


def test_an_empty_trash_is_empty() -> None:
    with a_place(Generation.FIVE) as place:
        assert place.connect().list_trash() == frozenset()


def test_a_trash_that_holds_what_is_no_number_is_not_known() -> None:
    told = deque(json.dumps({"TimeRecord": {number: "work"}}).encode() for number in ("\u00b2", "x", "", "9" * 5000))
    with a_place(Generation.FIVE) as place:
        client = place.connect()
        place.sandbox.fault(Rewrite(lambda _: told.popleft()), path="trash", times=None)
        while told:
            assert client.list_trash() is None


def test_a_deleted_record_is_gone_and_a_moved_one_is_shown_where_it_is(place: Place) -> None:
    deleted, moved = place.book(), place.book()
    place.sandbox.delete_record(deleted)
    place.sandbox.move_record(moved, place.archived.id)
    client = place.connect()
    assert client.find_time(place.project, SourceId(deleted)) == Gone(404)
    assert client.find_time(place.project, SourceId(moved)) == Gone(404)
    assert isinstance(client.find_time(place.archived, SourceId(moved)), Present)
    place.sandbox.switches.moved_detail = Detail.SHOWN
    shown = client.find_time(place.project, SourceId(moved))
    assert isinstance(shown, Present)
    assert shown.found.entry.project_id == place.archived.id


def test_a_record_that_may_not_be_seen_is_not_gone(place: Place) -> None:
    record = place.book()
    place.sandbox.hide_project(place.project.id)
    assert place.connect().find_time(place.project, SourceId(record)) == Invisible()


def test_a_record_of_a_task_is_found_at_the_task() -> None:
    with a_place(Generation.THREE) as place:
        record = place.book(task_id=place.task_id)
        client = place.connect()
        assert isinstance(client.find_time(place.project, SourceId(record), 1), Present)
        assert client.find_time(place.project, SourceId(record), 2) == Gone(404)
        listing = client.list_task_time(place.project, 1)
        assert entries(listing).keys() == {record}
        assert listing.problem == ""


def test_generation_2_says_that_it_lists_no_time_of_a_ticket() -> None:
    with a_place(Generation.TWO) as place:
        listing = place.connect().list_task_time(place.project, 1)
        assert list(listing) == []
        assert "no list of a ticket's time" in listing.problem


def test_the_time_of_a_task_is_listed_in_generation_5() -> None:
    with a_place(Generation.FIVE) as place:
        place.book()
        record = place.book(task_id=place.task_id)
        client = place.connect()
        listing = client.list_task_time(place.project, 1)
        assert entries(listing).keys() == {record}
        assert listing.problem == ""
        none = client.list_task_time(place.project, 99)
        assert list(none) == []
        assert "no task number 99" in none.problem


# -- the time commands -----------------------------------------------------------------------------------------------


def test_time_is_added_shown_edited_and_trashed(place: Place) -> None:
    client = place.connect()
    job_type = None if place.generation is Generation.TWO else SourceId(1)
    added = client.add_time(
        place.project,
        user_id=SourceId(place.person),
        hours="5:30",
        day=date(2024, 3, 20),
        billable_status=1,
        text="Ünïcode & mehr",
        job_type_id=job_type,
    )
    record = place.sandbox.records[added.entry.id]
    assert (record.user_id, record.day, record.billable_status) == (place.person, date(2024, 3, 20), 1)
    assert added.entry.seconds == 19800
    assert added.entry.text == "Ünïcode & mehr"
    shown = client.find_time(place.project, added.entry.id)
    assert isinstance(shown, Present)
    assert shown.found.entry == added.entry
    edited = client.edit_time(place.project, added.entry.id, hours="0.25", text="kürzer")
    assert (edited.entry.seconds, edited.entry.text) == (900, "kürzer")
    assert (edited.entry.day, edited.entry.user_id) == (date(2024, 3, 20), place.person)
    client.trash_time(place.project, added.entry.id)
    assert isinstance(client.find_time(place.project, added.entry.id), Trashed)
    assert entries(client.list_time(place.project)) == {}


def test_time_on_a_task_is_added_edited_and_trashed(place: Place) -> None:
    client = place.connect()
    job_type = None if place.generation is Generation.TWO else SourceId(1)
    added = client.add_time(
        place.project,
        user_id=SourceId(place.person),
        hours="1.25",
        day=TODAY,
        task_id=SourceId(place.task_id),
        job_type_id=job_type,
    )
    assert place.sandbox.records[added.entry.id].task_id == place.task_id
    edited = client.edit_time(place.project, added.entry.id, billable_status=0, day=date(2024, 3, 1))
    assert edited.entry.day == date(2024, 3, 1)
    client.trash_time(place.project, added.entry.id)
    assert entries(client.list_time(place.project)) == {}


def _add(**changed: Any) -> Callable[[Client, Place], object]:
    def act(client: Client, place: Place) -> object:
        given: dict[str, Any] = {"user_id": SourceId(place.person), "hours": "1.5", "day": TODAY}
        return client.add_time(place.project, **(given | changed))

    return act


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (_add(user_id=0), "user_id"),
        (_add(user_id=None), "the person who worked"),
        (_add(hours=""), "hours such as 5:30"),
        (_add(hours="one and a half"), "hours such as 5:30"),
        (_add(hours="0"), "more than nothing"),
        (_add(hours="-1"), "no negative duration"),
        (_add(day=None), "day"),
        (_add(day="2024-03-21"), "a date"),
        (_add(billable_status=4), "0, 1, 2 or 3"),
        (lambda client, place: client.edit_time(place.project, SourceId(5)), "at least one field"),
        (lambda client, place: client.edit_time(place.project, SourceId(5), hours="x"), "hours such as 5:30"),
        (lambda client, place: client.trash_time(place.project, SourceId(0)), "number of a time record"),
    ],
)
def test_what_no_server_could_take_is_refused_before_anything_is_sent(
    act: Callable[[Client, Place], object], expected: str
) -> None:
    with a_place(Generation.TWO) as place:
        client = place.connect()
        with pytest.raises(UsageError, match=expected):
            act(client, place)
        assert client.requests == {}


def test_a_refused_record_says_what_the_server_objects_to(place: Place) -> None:
    for status in (500, 400):
        place.sandbox.switches.validation_status = status
        with pytest.raises(ActiveCollabRefused) as refused:
            _add(user_id=SourceId(999_999), job_type_id=SourceId(1))(place.connect(), place)
        assert refused.value.status == status
        assert any("user" in field for field, _ in refused.value.field_errors), refused.value.message
        assert "<" not in refused.value.message
    assert place.sandbox.records == {}


def test_a_token_that_only_reads_cannot_write(place: Place) -> None:
    place.sandbox.switches.access = Access.READ_ONLY
    client = place.connect()
    assert client.fetch_info().read_only in {True, None}
    with pytest.raises(ActiveCollabRefused) as refused:
        _add(job_type_id=SourceId(1))(client, place)
    assert refused.value.status == 403


def test_editing_what_does_not_exist_says_so(place: Place) -> None:
    with pytest.raises(ActiveCollabRefused) as refused:
        place.connect().edit_time(place.project, SourceId(4711), hours="1")
    assert refused.value.status == 404


def test_a_task_that_is_not_listed_is_named() -> None:
    with a_place(Generation.THREE) as place, pytest.raises(UsageError, match="lists no task 4711"):
        _add(task_id=SourceId(4711))(place.connect(), place)


def test_an_unknown_answer_tells_nothing_of_a_record(place: Place) -> None:

    record = place.book()
    for spoil in (Spoil.HTML_PAGE, Spoil.EMPTY_BODY, Spoil.PLAIN_TEXT):
        place.sandbox.fault(spoil, path=f"{place.time_command}.*{record}")
        assert isinstance(place.connect().find_time(place.project, SourceId(record)), Unknown)
