"""What reading asks for, when it asks again, and what it raises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from migrator.core.model import MocoId
from migrator.errors import LoginRefused, TryAgainLater
from migrator.moco.answers import LoginSession
from migrator.moco.json_values import AnswerError
from migrator.moco.listing import ActivityFilter
from migrator.moco.pacing import Permit, Priority
from migrator.moco.reading import Forbidden, MocoReader
from tests.support.wsgi import WsgiAdapter
from tests.unit.moco.builders import KEY, a_booking, a_window, activity_json
from tests.unit.moco.pages import Asked, Given, Lister, page_of
from tests.unit.moco.servers import answer, closed_port, reset, serving


class Noted:
    """A window that lets everything pass and notes what it was told."""

    def __init__(self) -> None:
        self.inner = a_window()
        self.taken: list[Priority] = []
        self.freed = 0
        self.blocked: list[float] = []

    def take(self, priority: Priority) -> Permit:
        self.taken.append(priority)
        return self.inner.take(priority)

    def free(self, permit: Permit) -> None:
        self.freed += 1
        self.inner.free(permit)

    def block(self, seconds: float) -> None:
        self.blocked.append(seconds)


class Rig:
    """A reader on a lister, with its window and its pauses."""

    def __init__(self, answers: Any) -> None:
        self.lister = Lister(answers)
        self.window = Noted()
        self.slept: list[float] = []
        self.reader = MocoReader(
            "https://x.mocoapp.com",
            KEY,
            self.window,
            window_seconds=7,
            adapter=WsgiAdapter(self.lister),
            sleep=self.slept.append,
        )


def one_after_another(*given: Given) -> Any:
    left = iter(given)
    return lambda path, query: next(left)


def numbered(count: int) -> list[dict[str, int]]:
    return [{"id": number} for number in range(1, count + 1)]


def rows_of(reader: MocoReader, path: str = "/things") -> Iterator[object]:
    for page in reader.pages(path, {"filter": "x"}):
        yield from page.rows


# -- pages ----


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2), (250, 3)])
def test_pages_are_turned_until_there_is_no_next(count: int, pages: int) -> None:
    rig = Rig(lambda path, query: page_of(numbered(count), query))
    assert list(rows_of(rig.reader)) == numbered(count)
    assert rig.lister.pages_asked == [str(number) for number in range(1, pages + 1)]
    assert {(query["per_page"], query["filter"]) for _, query, _ in rig.lister.asked} == {("100", "x")}


def test_a_full_page_without_next_is_not_the_last_while_rows_are_owed() -> None:
    def without_links(path: str, query: Asked) -> Given:
        given = page_of(numbered(150), query)
        return Given(given.body, headers={name: text for name, text in given.headers.items() if name != "Link"})

    rig = Rig(without_links)
    assert len(list(rows_of(rig.reader))) == 150


def test_a_short_page_without_next_is_the_last_whatever_the_total_says() -> None:
    rig = Rig(lambda path, query: page_of(numbered(3), query, total=900))
    assert len(list(rows_of(rig.reader))) == 3


def test_a_list_without_any_paging_is_one_page_however_long() -> None:
    rig = Rig(lambda path, query: Given(numbered(230)))
    assert len(list(rows_of(rig.reader))) == 230


@pytest.mark.parametrize(("count", "pages"), [(99, 1), (100, 2), (250, 3)])
def test_pages_that_say_nothing_of_pages_are_turned_until_one_is_short(count: int, pages: int) -> None:
    rig = Rig(lambda path, query: Given(page_of(numbered(count), query).body))
    assert len(list(rows_of(rig.reader))) == count
    assert len(rig.lister.pages_asked) == pages


def test_a_list_without_pages_that_is_as_long_as_one_by_chance_is_read_once() -> None:
    rig = Rig(lambda path, query: Given(numbered(100)))
    assert len(list(rows_of(rig.reader))) == 100


def test_a_server_that_pages_smaller_is_followed() -> None:
    rig = Rig(lambda path, query: page_of(numbered(120), query, per_page=50))
    assert len(list(rows_of(rig.reader))) == 120


def test_a_server_that_ignores_the_page_does_not_keep_us_for_ever() -> None:
    rig = Rig(lambda path, query: page_of(numbered(300), {"page": "1"}))
    with pytest.raises(AnswerError, match="page 2"):
        list(rows_of(rig.reader))


@pytest.mark.parametrize("body", [{"message": "hello"}, b"<html>maintenance</html>", b"", 7])
def test_a_list_that_is_none_names_the_endpoint(body: object) -> None:
    with pytest.raises(AnswerError, match="GET /things"):
        list(rows_of(Rig(lambda path, query: Given(body)).reader))


# -- trying again ----


def test_server_errors_are_tried_three_times() -> None:
    rig = Rig(one_after_another(Given(b"", 500), Given(b"", 503), Given({"id": 7, "uuid": "u"})))
    assert rig.reader.fetch_session() == LoginSession(MocoId(7), "u")
    assert rig.slept == [0.5, 2.0]
    assert rig.window.freed == len(rig.window.taken) == 3
    assert rig.reader.requests == {"GET": 3}


def test_after_three_tries_it_is_for_later() -> None:
    rig = Rig(lambda path, query: Given(b"", 502))
    with pytest.raises(TryAgainLater, match=r"/session.*502"):
        rig.reader.fetch_session()
    assert len(rig.lister.asked) == 3


def test_network_errors_are_tried_again() -> None:
    with serving(reset, answer(200, {"id": 7, "uuid": "u"})) as server:
        reader = MocoReader(server.url, KEY, a_window(), timeout_seconds=2, sleep=lambda _: None)
        assert reader.fetch_session().uuid == "u"
        reader.close()
    with pytest.raises(TryAgainLater, match="refused"):
        MocoReader(closed_port(), KEY, a_window(), sleep=lambda _: None).fetch_session()


@pytest.mark.parametrize(("headers", "seconds"), [({}, 7.0), ({"Retry-After": "3"}, 3.0)])
def test_too_many_requests_block_the_window_and_then_it_is_tried_again(headers: dict[str, str], seconds: float) -> None:
    rig = Rig(one_after_another(Given(b"", 429, headers), Given({"id": 7, "uuid": "u"})))
    assert rig.reader.fetch_session().uuid == "u"
    assert rig.window.blocked == [seconds]
    assert rig.slept == []


def test_too_many_requests_for_too_long_end_the_command() -> None:
    rig = Rig(lambda path, query: Given(b"", 429, {"Retry-After": "3000"}))
    with pytest.raises(TryAgainLater, match="too many requests"):
        rig.reader.fetch_session()
    assert (rig.window.blocked, len(rig.lister.asked)) == ([3000.0], 1)


def test_the_permit_is_given_back_even_when_a_redirect_ends_it() -> None:
    rig = Rig(lambda path, query: Given(b"", 301))
    with pytest.raises(Exception, match="301"):
        rig.reader.fetch_session()
    assert rig.window.freed == 1


# -- logins and permissions ----


def test_a_wrong_key_and_a_wrong_account_are_told_apart() -> None:
    for words, hint in (("Invalid API key.", "moco.api_key"), ("Subdomain does not exist.", "moco.url")):
        rig = Rig(lambda path, query, words=words: Given({"message": words}, 401))
        with pytest.raises(LoginRefused, match=words) as caught:
            rig.reader.fetch_session()
        assert hint in caught.value.hint
        assert len(rig.lister.asked) == 1


def test_a_missing_permission_is_named() -> None:
    rig = Rig(lambda path, query: Given(b"", 403))
    with pytest.raises(LoginRefused, match="people") as caught:
        rig.reader.list_users()
    assert not isinstance(caught.value, Forbidden)


def test_a_person_that_cannot_be_impersonated_is_its_own_error() -> None:
    rig = Rig(lambda path, query: Given({"errors": ["Access denied"]}, 403))
    with pytest.raises(Forbidden, match=r"person 21.*Access denied") as caught:
        rig.reader.fetch_profile(as_user=MocoId(21))
    assert caught.value.as_user == 21
    assert rig.lister.asked[0][2] == "21"


@pytest.mark.parametrize("status", [400, 404, 418, 422])
def test_any_other_status_is_no_answer(status: int) -> None:
    rig = Rig(lambda path, query: Given({"base": ["words"]}, status))
    with pytest.raises(AnswerError, match=f"{status}.*words"):
        rig.reader.list_tasks(MocoId(31))


# -- endpoints ----


def test_an_activity_that_is_gone_is_none() -> None:
    rig = Rig(one_after_another(Given(activity_json(3)), Given(b"", 404), Given(b"", 410)))
    found = rig.reader.fetch_activity(MocoId(1_000_003))
    assert found is not None
    assert found.booking == a_booking(3)
    assert rig.reader.fetch_activity(MocoId(5)) is None
    assert rig.reader.fetch_activity(MocoId(5)) is None
    assert rig.window.taken == [Priority.PROOF] * 3
    assert rig.lister.asked[0][0] == "/activities/1000003"


def test_a_filter_becomes_a_query() -> None:
    berlin = timezone(timedelta(hours=2))
    filters = ActivityFilter(
        day_from=date(2024, 1, 1),
        day_to=date(2024, 1, 31),
        user_id=MocoId(21),
        project_id=MocoId(31),
        updated_after=datetime(2024, 6, 1, 14, 30, tzinfo=berlin),
        ids=(MocoId(1), MocoId(2)),
        remote_ids=("ac:main:1", "ac:main:2"),
    )
    assert filters.params() == {
        "from": "2024-01-01",
        "to": "2024-01-31",
        "user_id": "21",
        "project_id": "31",
        "updated_after": "2024-06-01T12:30:00Z",
        "ids": "1,2",
        "remote_id": "ac:main:1,ac:main:2",
    }
    assert ActivityFilter().params() == {}


def test_activities_are_listed_as_typed_pages() -> None:
    rows = [activity_json(number) for number in range(1, 103)]
    rig = Rig(lambda path, query: page_of(rows, query))
    pages = list(rig.reader.list_activities(ActivityFilter(user_id=MocoId(21)), MocoId(21), Priority.AUDIT))
    assert [(len(page.rows), page.number, page.total, page.is_last) for page in pages] == [
        (100, 1, 102, False),
        (2, 2, 102, True),
    ]
    assert rig.window.taken == [Priority.AUDIT] * 2
    assert datetime(2024, 4, 17, 6, 46, 21, tzinfo=UTC) == pages[0].rows[0].created_at


def test_archived_and_deactivated_ones_are_asked_for() -> None:
    rig = Rig(lambda path, query: page_of([], query))
    assert (rig.reader.list_users(), rig.reader.list_companies(), rig.reader.list_projects()) == ((), (), ())
    assert {query["include_archived"] for _, query, _ in rig.lister.asked} == {"true"}


def test_what_a_project_does_not_nest_is_asked_for() -> None:
    def answers(path: str, query: Asked) -> Given:
        rows: dict[str, list[Any]] = {
            "/projects": [{"id": 31, "tasks": [{"id": 41}], "contracts": []}, {"id": 32, "contracts": None}],
            "/projects/32/tasks": [{"id": 42, "name": "T"}],
            "/projects/32/contracts": [{"id": 62, "user_id": 21}],
        }
        return page_of(rows[path], query)

    rig = Rig(answers)
    first, second = rig.reader.list_projects()
    assert [task.id for task in first.tasks or ()] == [41]
    assert first.contracts == ()
    assert [(task.id, task.project_id) for task in second.tasks or ()] == [(42, 32)]
    assert [(one.user_id, one.project_id) for one in second.contracts or ()] == [(21, 32)]
    assert len(rig.lister.asked) == 3
