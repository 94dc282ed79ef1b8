"""The ActiveCollab client and everything that goes wrong: no fault is an empty list, and no token is ever shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from migrator.activecollab.client import Client, Generation, Unknown
from migrator.activecollab.tokens import issue_token
from migrator.core.model import FoundEntry, Project, Rejected, SourceId
from migrator.errors import LoginRefused, MigratorError, TryAgainLater, UsageError
from migrator.sandbox.activecollab_effects import (
    ActiveCollabEffect,
    Redirect,
    RevokeTokens,
    Rewrite,
    Spoil,
    Then,
)
from migrator.sandbox.activecollab_records import State, TimeRecord
from migrator.sandbox.activecollab_switches import Paging
from migrator.sandbox.faults import AnswerInstead, CutBody, Delay, Drop, Hang, LoseAnswer, SlowBytes, TruncatedJson
from tests.contract.activecollab import TOKEN, Place, a_place, entries, masters

GENERATIONS = [Generation.TWO, Generation.THREE, Generation.FIVE]
LEGACY = GENERATIONS[:2]


@pytest.fixture(params=GENERATIONS, ids=lambda it: f"generation {it}")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with a_place(request.param) as place:
        place.book_many(5)
        yield place


# -- what passes by itself -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "effect",
    [
        AnswerInstead(503),
        AnswerInstead(502),
        AnswerInstead(504),
        AnswerInstead(500),
        AnswerInstead(429),
        AnswerInstead(429, retry_after=7),
        Drop(applied=False),
        CutBody(),
        Redirect("{path}", keep_query=True),
        SlowBytes(0.001, 64),
    ],
    ids=str,
)
def test_what_passes_by_itself_costs_no_record(place: Place, effect: ActiveCollabEffect) -> None:
    if isinstance(effect, Redirect):
        path = place.sandbox.path
        five = place.generation is Generation.FIVE
        effect = Redirect(f"{path}/{place.time_command}" if five else path, keep_query=True)
    place.sandbox.fault(effect, path=place.time_command)
    listing = place.connect().list_time(place.project)
    assert entries(listing).keys() == place.sandbox.records.keys()
    assert listing.problem == ""
    if effect == AnswerInstead(429, retry_after=7):
        assert place.time.slept == [7.0]


def test_silence_is_repeated(place: Place) -> None:
    place.sandbox.fault(Hang(applied=False), path=place.time_command)
    listing = place.connect(timeout_seconds=0.1).list_time(place.project)
    assert entries(listing).keys() == place.sandbox.records.keys()
    assert listing.problem == ""


@pytest.mark.parametrize("spoil", [Spoil.BOM, Spoil.PHP_NOTICE], ids=str)
def test_what_stands_before_a_document_is_overlooked(place: Place, spoil: Spoil) -> None:
    place.sandbox.fault(spoil, path=place.time_command)
    listing = place.connect().list_time(place.project)
    assert entries(listing).keys() == place.sandbox.records.keys()
    assert listing.problem == ""


# -- what does not ---------------------------------------------------------------------------------------------------

LASTING: dict[str, ActiveCollabEffect] = {
    "503": AnswerInstead(503),
    "500": AnswerInstead(500),
    "400": AnswerInstead(400),
    "404": AnswerInstead(404),
    "dropped": Drop(applied=False),
    "cut body": CutBody(),
    "half of it": TruncatedJson(),
    "web page": Spoil.HTML_PAGE,
    "empty body": Spoil.EMPTY_BODY,
    "plain text": Spoil.PLAIN_TEXT,
    "document type": Spoil.DOCTYPE,
    "another host": Redirect("https://other.example.com/", keep_query=True),
    "login page": Redirect("/public/index.php?path_info=login"),
    "script": Redirect("javascript:alert(1)"),
    "info": Rewrite(lambda _: b"<info><api_version>2.0</api_version><system_version>2.0</system_version></info>"),
    "info as JSON": Rewrite(lambda _: b'{"application": "ActiveCollab", "version": "5.0.0"}'),
    "alive": Rewrite(lambda _: b"<api_is_alive>yes</api_is_alive>"),
    "another list": Rewrite(lambda _: b"<projects></projects>"),
    "another list as JSON": Rewrite(lambda _: b'{"projects": []}'),
    "any JSON": Rewrite(lambda _: b'{"is_ok": true}'),
    "error document": Rewrite(lambda _: b"<error><message>Operation failed</message></error>"),
    "error as JSON": Rewrite(lambda _: b'{"type": "Error", "message": "Operation failed"}'),
    "API key": Rewrite(lambda _: b"API key: 12-" + b"q" * 40),
    "two thirds of it": Rewrite(lambda body: body[: len(body) * 2 // 3]),
}


@pytest.mark.parametrize("effect", LASTING.values(), ids=LASTING)
def test_no_fault_is_an_empty_list(place: Place, effect: ActiveCollabEffect) -> None:
    if effect is Spoil.DOCTYPE and place.generation is Generation.FIVE:
        effect = Spoil.HTML_PAGE
    place.sandbox.fault(effect, path=place.time_command, times=None)
    listing = place.connect().list_time(place.project)
    found = entries(listing)
    assert listing.problem != ""
    assert not listing.forbidden
    assert found.keys() <= place.sandbox.records.keys()
    assert "q" * 40 not in listing.problem
    assert "other.example.com/?" not in listing.problem


@pytest.mark.parametrize("name", ["info as JSON", "another list as JSON", "any JSON", "error as JSON", "web page"])
def test_without_a_total_another_document_is_no_empty_list_either(name: str) -> None:
    with a_place(Generation.FIVE, paging=Paging.NONE) as place:
        place.sandbox.fault(LASTING[name], path=place.time_command, times=None)
        listing = place.connect().list_time(place.project)
        assert list(listing) == []
        assert listing.problem != ""


@pytest.mark.parametrize("spoil", [Spoil.LATIN_1, Spoil.CONTROL_CHARACTER], ids=str)
def test_odd_bytes_lose_nothing_silently(place: Place, spoil: Spoil) -> None:
    place.sandbox.fault(spoil, path=place.time_command)
    listing = place.connect().list_time(place.project)
    readings = list(listing)
    found = {each.entry.id for each in readings if isinstance(each, FoundEntry)}
    named = {each.source_id for each in readings if isinstance(each, Rejected)}
    assert listing.problem or found | named == place.sandbox.records.keys()
    assert len(found) >= len(place.sandbox.records) - 1


def test_a_page_instead_of_a_list_of_projects_is_no_account_without_projects(place: Place) -> None:
    for command in ("projects", "projects/archive"):
        if place.generation is Generation.TWO and command != "projects":
            continue
        place.sandbox.fault(Spoil.HTML_PAGE, path=command)
        listing = place.connect().list_projects()
        list(listing)
        assert "web page" in listing.problem


def test_without_their_archive_projects_are_not_whole() -> None:
    for generation in (Generation.THREE, Generation.FIVE):
        for status in (404, 500):
            with a_place(generation) as place:
                place.sandbox.fault(AnswerInstead(status), path="projects/archive", times=None)
                listing = place.connect().list_projects()
                assert masters(listing, Project).keys() == {place.project.id}
                assert f"status {status}" in listing.problem


@pytest.mark.parametrize("status", [404, 500])
def test_an_older_server_without_archives_of_names_is_no_problem(status: int) -> None:
    with a_place(Generation.THREE) as place:
        for command in ("people/archive", ".*/users/archive", ".*/tasks/archive"):
            place.sandbox.fault(AnswerInstead(status), path=command, times=None)
        client = place.connect()
        for listing in (client.list_people(), client.list_tasks(place.project)):
            assert list(listing)
            assert listing.problem == ""


def test_three_lists_in_a_row_without_an_answer_end_the_reading(place: Place) -> None:
    client = place.connect()
    place.sandbox.fault(AnswerInstead(503), times=None)
    for _ in range(2):
        listing = client.list_time(place.project)
        assert list(listing) == []
        assert "503" in listing.problem
    with pytest.raises(TryAgainLater, match="3 times in a row"):
        list(client.list_time(place.project))


def test_one_answer_between_them_starts_the_count_anew(place: Place) -> None:
    client = place.connect()
    for _ in range(3):
        place.sandbox.fault(AnswerInstead(503), path=place.time_command, times=4)
        listing = client.list_time(place.project)
        list(listing)
        assert listing.problem
        assert entries(client.list_time(place.project))


def test_nobody_there_is_to_be_tried_again(place: Place) -> None:
    client = place.connect()
    place.sandbox.fault(AnswerInstead(503), times=None)
    with pytest.raises(TryAgainLater):
        client.fetch_info()
    with pytest.raises(TryAgainLater):
        place.connect(generation=None)
    for status in (500, 521):
        place.sandbox.faults.clear()
        place.sandbox.fault(AnswerInstead(status), times=None)
        with pytest.raises(TryAgainLater, match=f"out of order \\(status {status}\\)"):
            place.connect(generation=None)


def test_a_login_page_for_everything_means_that_the_token_is_dead(place: Place) -> None:
    client = place.connect()
    place.sandbox.fault(Redirect("/login"), times=None)
    with pytest.raises(LoginRefused):
        list(client.list_time(place.project))


def test_401_means_that_the_token_is_dead_whatever_else_it_may_still_do(place: Place) -> None:
    place.sandbox.fault(AnswerInstead(401), path=f"{place.time_command}.*", times=None)
    client = place.connect()
    with pytest.raises(LoginRefused):
        list(client.list_time(place.project))
    with pytest.raises(LoginRefused):
        client.find_time(place.project, SourceId(min(place.sandbox.records)))


def test_a_write_whose_answer_is_lost_is_not_repeated(place: Place) -> None:
    for effect in (LoseAnswer(502), Drop(applied=True)):
        before = len(place.sandbox.records)
        place.sandbox.fault(effect, method="POST")
        with pytest.raises(TryAgainLater) as told:
            _add(place.connect(), place)
        assert "look in ActiveCollab before you repeat it" in told.value.hint
        assert len(place.sandbox.records) == before + 1


def test_a_write_that_is_accepted_without_showing_the_record_says_so(place: Place) -> None:
    place.sandbox.fault(Spoil.EMPTY_BODY, method="POST")
    with pytest.raises(MigratorError, match="does not show the record"):
        _add(place.connect(), place)


def test_an_edit_may_be_answered_with_nothing(place: Place) -> None:
    record = SourceId(next(iter(place.sandbox.records)))
    method = "PUT" if place.generation is Generation.FIVE else "POST"
    place.sandbox.fault(Spoil.EMPTY_BODY, method=method)
    assert place.connect().edit_time(place.project, record, hours="3").entry.seconds == 10_800


def _add(client: Client, place: Place) -> FoundEntry:
    job_type = None if place.generation is Generation.TWO else SourceId(1)
    day = place.sandbox.records[min(place.sandbox.records)].day
    return client.add_time(
        place.project, user_id=SourceId(place.person), hours="1", day=day, job_type_id=job_type, text="neu"
    )


# -- records that move while pages are read --------------------------------------------------------------------------


def _races(place: Place, booked: list[int]) -> dict[str, Callable[[], object]]:
    newest, oldest = booked[-1], booked[0]
    sandbox = place.sandbox
    return {
        "added": lambda: place.book("9"),
        "trashed on a page that was read": lambda: sandbox.trash_record(newest),
        "trashed on a page to come": lambda: sandbox.trash_record(oldest),
        "moved away": lambda: sandbox.move_record(newest, place.archived.id),
        "dated back": lambda: sandbox.edit_record(newest, day=sandbox.records[oldest].day.replace(year=2001)),
        "dated forward": lambda: sandbox.edit_record(oldest, day=sandbox.records[newest].day.replace(year=2024)),
        "many added": lambda: [place.book("9") for _ in range(150)],
    }


@pytest.mark.parametrize("paging", [Paging.CURRENT_PAGE, Paging.PAGE, Paging.NONE], ids=str)
@pytest.mark.parametrize(
    "race",
    [
        "added",
        "trashed on a page that was read",
        "trashed on a page to come",
        "moved away",
        "dated back",
        "dated forward",
        "many added",
    ],
)
def test_whatever_happens_between_two_pages_no_record_is_missed(race: str, paging: Paging) -> None:
    with a_place(Generation.FIVE, paging=paging, page_size=100) as place:
        booked = [place.book("0.25", day=_day(number)) for number in range(250)]
        place.sandbox.fault(Then(_races(place, booked)[race]), path=place.time_command)
        listing = place.connect().list_time(place.project)
        found = entries(listing)
        there = {it.id for it in place.sandbox.records.values() if _is_listed(place, it)}
        assert listing.problem == ""
        assert found.keys() >= there
        assert found.keys() - there <= set(booked)


def _day(number: int) -> date:
    return date(2023, 1, 1) + timedelta(days=number)


def _is_listed(place: Place, record: TimeRecord) -> bool:
    return record.project_id == place.project.id and record.state is State.VISIBLE


def test_a_list_that_never_stands_still_is_named() -> None:
    with a_place(Generation.FIVE) as place:
        booked = [place.book("0.25", day=_day(number)) for number in range(150)]
        place.sandbox.fault(Then(lambda: place.book("9")), path=place.time_command, times=None)
        listing = place.connect().list_time(place.project)
        assert entries(listing).keys() >= set(booked)
        assert "read 3 times" in listing.problem


@pytest.mark.parametrize("filters", [True, False], ids=["filtered", "filter ignored"])
@pytest.mark.parametrize("pages", [True, False], ids=["in pages", "whole"])
@pytest.mark.parametrize("paging", [Paging.CURRENT_PAGE, Paging.NONE], ids=str)
def test_days_limit_a_list_without_losing_any(filters: bool, pages: bool, paging: Paging) -> None:
    with a_place(Generation.FIVE, filters_by_date=filters, filtered_in_pages=pages, paging=paging) as place:
        booked = [place.book("0.25", day=_day(number)) for number in range(250)]
        listing = place.connect().list_time(place.project, (_day(20), _day(219)))
        found = entries(listing)
        assert listing.problem == ""
        assert set(booked[20:220]) <= found.keys()
        assert (len(found) == 200) is filters


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_tokens_are_issued_by_user_name_and_password() -> None:
    for generation in (Generation.THREE, Generation.FIVE):
        with a_place(generation) as place:
            token = issue_token(place.url, "ada@agentur.example", "geheim")
            assert token.startswith("7-")
            assert place.connect(token=token).fetch_info().generation is generation
            wrong = "-".join(("falsch", "und", "geheim"))  # not to stand in the source that a traceback quotes
            with pytest.raises(LoginRefused) as refused:
                issue_token(place.url, "ada@agentur.example", wrong)
            assert wrong not in _everything_shown(refused.value)


def test_the_cloud_issues_tokens_in_two_steps() -> None:
    with a_place(Generation.FIVE) as place:
        account = f"{place.site}/123456/api/v1"
        token = issue_token(account, "ada@agentur.example", "geheim", cloud_login=place.url)
        assert place.connect(token=token).fetch_info()
        with pytest.raises(LoginRefused):
            issue_token(account, "ada@agentur.example", "falsch", cloud_login=place.url)
        with pytest.raises(UsageError, match="no account 99") as told:
            issue_token(f"{place.site}/99/api/v1", "ada@agentur.example", "geheim", cloud_login=place.url)
        assert told.value.hint == "its accounts are: 123456"


def test_where_no_tokens_are_issued_that_is_said() -> None:
    with a_place(Generation.TWO) as place, pytest.raises((UsageError, LoginRefused)):
        issue_token(f"{place.site}/api/v1", "ada@agentur.example", "geheim")


def _everything_shown(error: BaseException) -> str:
    """All that a log, a report or a debugger could show of an error."""
    shown = "".join(traceback.format_exception(error))
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None:
            shown += f"{one!r} {one} {one.args} {vars(one)}"
            waiting += [one.__cause__, one.__context__]
    return shown


FAULTS: dict[str, ActiveCollabEffect] = LASTING | {
    "401": AnswerInstead(401),
    "403": AnswerInstead(403),
    "429": AnswerInstead(429, retry_after=4000),
    "hang": Hang(applied=False),
    "late": Delay(0.3),
    "revoked": RevokeTokens(),
    "elsewhere": Redirect("/elsewhere", keep_query=True),
    "ftp": Redirect("ftp://127.0.0.1/", keep_query=True),
    "repeated in XML": Rewrite(lambda _: f"<error><message>No route for ?token={TOKEN}</message></error>".encode()),
    "repeated in JSON": Rewrite(lambda _: f'{{"type": "Error", "message": "{TOKEN} is not known"}}'.encode()),
    "repeated in a page": Rewrite(lambda _: f"<html><body>{TOKEN}</body></html>".encode()),
    "repeated as root": Rewrite(lambda _: f"<{TOKEN[2:]}>".encode()),
}


@pytest.mark.parametrize("effect", FAULTS.values(), ids=FAULTS)
def test_the_token_is_shown_nowhere(place: Place, effect: ActiveCollabEffect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    record = SourceId(min(place.sandbox.records))
    shown = []
    for act in (
        lambda client: list(client.list_time(place.project)),
        lambda client: list(client.list_projects()),
        lambda client: client.find_time(place.project, record),
        lambda client: client.fetch_info(),
        lambda client: client.edit_time(place.project, record, hours="2"),
        lambda client: _add(client, place),
        lambda client: client.list_trash(),
    ):
        client = place.connect(timeout_seconds=0.02 if isinstance(effect, Hang | Delay) else 0.5)
        place.sandbox.fault(effect, times=None)
        listing = client.list_time(place.project)
        try:
            shown.append(repr(act(client)))
            shown.append(f"{list(listing)} {listing.problem} {listing!r}")
        except MigratorError as error:
            shown.append(_everything_shown(error) + error.message + error.hint)
        shown.append(f"{client!r} {vars(client)!r} {client._talk.transport!r} {vars(client._talk.transport)!r}")  # type: ignore[attr-defined]  # of every client
        place.sandbox.faults.clear()
    assert caplog.records
    shown += [f"{each.getMessage()} {each.__dict__}" for each in caplog.records]
    assert not [text for text in shown if TOKEN in text or TOKEN[2:] in text]


def test_the_token_is_masked_in_what_a_server_says_of_a_record(place: Place) -> None:
    record = SourceId(min(place.sandbox.records))
    place.sandbox.fault(Rewrite(lambda _: f"<error><message>{TOKEN}</message></error>".encode()), times=None)
    where = place.connect().find_time(place.project, record)
    assert isinstance(where, Unknown)
    assert TOKEN not in where.why


def test_the_keys_of_other_people_in_an_answer_are_never_read(place: Place) -> None:
    key = "12-" + "otherKey" * 5
    xml, told = f"<email><![CDATA[x]]></email><token>{key}</token>", f'"token": "{key}", "email"'

    def change(body: bytes) -> bytes:
        return body.replace(b"<email>", xml.encode() + b"<email>").replace(b'"email"', told.encode())

    place.sandbox.fault(Rewrite(change), times=None)
    client = place.connect()
    for listing in (client.list_people(), client.list_time(place.project), client.list_projects()):
        assert key not in repr(list(listing)) + listing.problem
    assert key not in repr(client.find_time(place.project, SourceId(min(place.sandbox.records))))


def test_the_pace_is_kept_over_every_kind_of_request(place: Place) -> None:
    client = place.connect(requests_per_minute=3)
    for _ in range(7):
        list(client.list_time(place.project))
    client.fetch_info()
    sent = sum(client.requests.values())
    assert sent == 8
    assert place.time.now == pytest.approx(120, abs=1)
