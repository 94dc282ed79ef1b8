"""The MOCO client against the simulated MOCO, over real sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from migrator.core.model import Booking, MocoId, Seconds
from migrator.errors import LoginRefused
from migrator.moco.answers import read_activities, read_activity, read_contract, read_task
from migrator.moco.client import Forbidden, MocoReader, MocoWriter
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import LocalWindow, Priority
from migrator.moco.scan import scan_ids, scan_markers, scan_range, scan_updated_after
from migrator.sandbox.faults import (
    AnswerInstead,
    CutBody,
    Drop,
    Effect,
    Hang,
    LateCommit,
    LoseAnswer,
    SlowBytes,
    TruncatedJson,
)
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Permission, User
from migrator.sandbox.moco_switches import Bulk, BulkAnswer, Envelope, RateLimit, Rounding
from migrator.sandbox.serve import serve
from tests.support.wsgi import WsgiAdapter

DAY = date(2024, 3, 21)
ADMIN, PLAIN = "a" * 24, "b" * 24


@dataclass
class Account:
    """A served sandbox with one project that both people may book on, and an administrator's client."""

    sandbox: MocoSandbox
    url: str
    admin: User
    plain: User
    client: MocoWriter
    project_id: MocoId
    task_id: MocoId

    def booking(self, number: int = 1, **changed: Any) -> Booking:
        fields: dict[str, Any] = {
            "day": DAY,
            "seconds": Seconds(5400),
            "user_id": MocoId(self.plain.id),
            "project_id": self.project_id,
            "task_id": self.task_id,
            "description": "Ünïcode \N{SNOWMAN}",
            "billable": True,
            "marker": f"ac:main:{number}",
            "url": f"https://ac.example.com/{number}",
        }
        return Booking(**(fields | changed))

    def create(self, *bookings: Booking) -> WriteOutcome:
        permit = self.client.window.take(Priority.WRITE)
        return self.client.create_activities(bookings, MocoId(self.plain.id), permit, time.time())

    def markers(self) -> list[str | None]:
        return [activity.remote_id for activity in self.sandbox.activities]


@pytest.fixture
def account() -> Iterator[Account]:
    sandbox = MocoSandbox()
    sandbox.switches.rate_limits = ()
    admin = sandbox.add_user("Anna", "Adler", permissions=EVERY_PERMISSION)
    plain = sandbox.add_user("Paul", "Plain")
    project = sandbox.add_project(sandbox.add_company("Kunde AG"), "Website", leader=admin)
    task = sandbox.add_task(project, "Entwicklung")
    sandbox.add_contract(project, admin)
    sandbox.add_contract(project, plain)
    sandbox.add_key(ADMIN, admin)
    sandbox.add_key(PLAIN, plain)
    with serve(sandbox) as served:
        window = LocalWindow(1000, 0.001)
        with MocoWriter(served.url, ADMIN, window, timeout_seconds=0.3, sleep=lambda _: None) as client:
            yield Account(sandbox, served.url, admin, plain, client, MocoId(project.id), MocoId(task.id))


# -- who ----


def test_who_the_key_is_and_who_it_may_be(account: Account) -> None:
    assert account.client.fetch_session().user_id == account.admin.id
    assert account.client.fetch_session().uuid
    assert account.client.fetch_profile().email == "anna.adler@example.com"
    assert account.client.fetch_profile(as_user=MocoId(account.plain.id)).name == "Paul Plain"


def test_a_wrong_key_is_refused_in_moco_s_words(account: Account) -> None:
    with (
        MocoReader(account.url, "c" * 24, LocalWindow(10, 0.001)) as reader,
        pytest.raises(LoginRefused, match="Invalid API key"),
    ):
        reader.fetch_session()


def test_an_ordinary_key_may_not_list_people_nor_be_another(account: Account) -> None:
    with MocoReader(account.url, PLAIN, LocalWindow(10, 0.001)) as reader:
        with pytest.raises(LoginRefused, match="people"):
            reader.list_users()
        with pytest.raises(Forbidden):
            reader.fetch_profile(as_user=MocoId(account.admin.id))


# -- master data ----


def test_master_data_is_read_whole(account: Account) -> None:
    sandbox = account.sandbox
    sandbox.add_user("Ida", "Inactive", active=False, email="IDA@example.com")
    company = sandbox.add_company("Alt GmbH", active=False)
    old = sandbox.add_project(company, "Alt", identifier="P99", active=False)
    closed = sandbox.add_task(old, "Zu", active=False, billable=False)
    client = account.client
    assert {(one.email, one.active) for one in client.list_users()} >= {("ida@example.com", False)}
    assert {(one.name, one.active) for one in client.list_companies()} == {("Kunde AG", True), ("Alt GmbH", False)}
    projects = {one.project.name: one for one in client.list_projects()}
    assert projects["Alt"].project.identifier == "P99"
    assert projects["Alt"].project.company_id == company.id
    assert not projects["Alt"].project.active
    assert [(task.id, task.active) for task in projects["Alt"].tasks or ()] == [(closed.id, False)]
    assert [one.user_id for one in projects["Website"].contracts or ()] == [account.admin.id, account.plain.id]
    assert {task.id for task in client.list_tasks(account.project_id)} == {account.task_id}
    assert len(client.list_contracts(account.project_id)) == 2


def test_more_than_a_page_of_people_is_read(account: Account) -> None:
    for number in range(230):
        account.sandbox.add_user("Person", f"No{number:03}")
    assert len({user.id for user in account.client.list_users()}) == 232


def test_tasks_and_contracts_are_created(account: Account) -> None:
    client, sandbox = account.client, account.sandbox
    newcomer = sandbox.add_user("Nora", "Neu")
    task = client.create_task(
        account.project_id, "ActiveCollab", permit=client.window.take(Priority.WRITE), committed_at=time.time()
    )
    contract = client.create_contract(
        account.project_id, MocoId(newcomer.id), client.window.take(Priority.WRITE), time.time()
    )
    assert isinstance(task, Answered)
    assert isinstance(contract, Answered)
    assert read_task(task.body, account.project_id) in client.list_tasks(account.project_id)
    assert read_contract(contract.body, account.project_id) in client.list_contracts(account.project_id)


# -- writing ----


@pytest.mark.parametrize("shape", [BulkAnswer.ARRAY, BulkAnswer.SHUFFLED, BulkAnswer.WRAPPED])
def test_a_bulk_is_stored_under_the_person_and_answered(account: Account, shape: BulkAnswer) -> None:
    account.sandbox.switches.bulk_answer = shape
    wanted = [account.booking(number, tag="Design") for number in range(1, 101)]
    outcome = account.create(*wanted)
    assert isinstance(outcome, Answered)
    stored = {entry.booking.marker: entry.booking for entry in read_activities(outcome.body)}
    assert stored == {one.marker: one for one in wanted}
    assert account.client.requests == {"POST": 1}


@pytest.mark.parametrize("shape", [BulkAnswer.IDS_ONLY, BulkAnswer.EMPTY, BulkAnswer.NO_CONTENT])
def test_an_answer_that_shows_nothing_is_never_taken_for_stored(account: Account, shape: BulkAnswer) -> None:
    account.sandbox.switches.bulk_answer = shape
    outcome = account.create(account.booking(1), account.booking(2))
    shown = read_activities(outcome.body) if isinstance(outcome, Answered) else ()
    assert shown == ()
    assert len(account.sandbox.activities) == 2


@pytest.mark.parametrize("envelope", list(Envelope))
def test_a_refused_record_comes_with_moco_s_words(account: Account, envelope: Envelope) -> None:
    account.sandbox.switches.envelope = envelope
    outcome = account.create(account.booking(task_id=MocoId(1)))
    assert isinstance(outcome, Refused)
    assert outcome.status == 422
    assert "ist nicht gültig" in outcome.refusal.text


@pytest.mark.parametrize("bulk", [Bulk.ATOMIC, Bulk.PARTIAL, Bulk.PREFIX])
def test_a_refused_bulk_is_unclear_whether_or_not_parts_were_stored(account: Account, bulk: Bulk) -> None:
    account.sandbox.switches.bulk = bulk
    outcome = account.create(account.booking(1), account.booking(2, task_id=MocoId(1)))
    assert isinstance(outcome, Unclear)
    assert outcome.status == 422
    assert outcome.refusal is not None
    assert outcome.refusal.text


APPLIED: list[Effect] = [
    LoseAnswer(),
    Drop(applied=True),
    Hang(applied=True),
    CutBody(),
    TruncatedJson(),
    SlowBytes(0.02),
]
NOT_APPLIED: list[Effect] = [AnswerInstead(503), Drop(applied=False), Hang(applied=False), LateCommit(60)]


@pytest.mark.parametrize("effect", [*APPLIED, *NOT_APPLIED], ids=str)
def test_a_lost_answer_is_unclear_sent_once_and_settled_by_its_marker(account: Account, effect: Effect) -> None:
    account.sandbox.fault(effect, method="POST")
    outcome = account.create(account.booking(1), account.booking(2))
    assert isinstance(outcome, Unclear)
    assert account.client.requests["POST"] == 1
    found = [entry for page in scan_markers(account.client, ["ac:main:1", "ac:main:2"]) for entry in page]
    assert len(found) == (2 if effect in APPLIED else 0)


def test_a_dropped_answer_in_process_is_unclear_too(account: Account) -> None:
    account.sandbox.fault(Drop(applied=True), method="POST")
    window = LocalWindow(10, 0.001)
    client = MocoWriter("https://x.mocoapp.com", ADMIN, window, adapter=WsgiAdapter(account.sandbox.wsgi))
    permit = window.take(Priority.WRITE)
    outcome = client.create_activities([account.booking()], MocoId(account.plain.id), permit, time.time())
    assert isinstance(outcome, Unclear)
    assert account.markers() == ["ac:main:1"]


def test_an_update_sets_what_it_sends_and_rounding_shows_in_the_answer(account: Account) -> None:
    created = account.create(account.booking(1))
    assert isinstance(created, Answered)
    (entry,) = read_activities(created.body)
    account.sandbox.switches.rounding = Rounding.UP_15
    wanted = account.booking(1, seconds=Seconds(60), description="anders", day=date(2024, 3, 22), billable=False)
    permit = account.client.window.take(Priority.WRITE)
    outcome = account.client.update_activity(entry.id, wanted, MocoId(account.plain.id), permit, time.time())
    assert isinstance(outcome, Answered)
    assert read_activity(outcome.body).booking == replace(wanted, seconds=Seconds(900))
    assert account.client.fetch_activity(entry.id) == read_activity(outcome.body)


@pytest.mark.parametrize("returns_object", [False, True])
def test_a_deletion_is_done_and_a_second_one_is_told_that_it_was(account: Account, returns_object: bool) -> None:
    account.sandbox.switches.delete_returns_object = returns_object
    created = account.create(account.booking(1))
    assert isinstance(created, Answered)
    (entry,) = read_activities(created.body)

    def delete() -> WriteOutcome:
        permit = account.client.window.take(Priority.WRITE)
        return account.client.delete_activity(entry.id, MocoId(account.plain.id), permit, time.time())

    assert isinstance(delete(), Answered)
    assert account.client.fetch_activity(entry.id) is None
    second = delete()
    assert isinstance(second, Refused)
    assert second.status == 404


def test_a_key_without_the_staff_permission_cannot_write_for_another(account: Account) -> None:
    window = LocalWindow(10, 0.001)
    with MocoWriter(account.url, PLAIN, window, timeout_seconds=2) as client:
        permit = window.take(Priority.WRITE)
        bookings = [account.booking(user_id=MocoId(account.admin.id))]
        outcome = client.create_activities(bookings, MocoId(account.admin.id), permit, time.time())
    assert isinstance(outcome, Refused)
    assert outcome.status == 403
    assert account.markers() == []


# -- scanning ----


def furnish(account: Account, count: int) -> None:
    task = account.sandbox.state.tasks[account.task_id]
    for number in range(1, count + 1):
        person = account.plain if number % 2 else account.admin
        day = DAY + timedelta(days=number % 10)
        account.sandbox.add_activity(person, task, day, 60 * number, remote_id=f"ac:main:{number}")


def test_a_range_of_one_person_is_listed_completely(account: Account) -> None:
    furnish(account, 450)
    listing = scan_range(account.client, DAY, DAY + timedelta(days=8), user_id=MocoId(account.plain.id))
    found = {entry.booking.marker for page in listing for entry in page}
    assert found == {f"ac:main:{number}" for number in range(1, 451) if number % 2 and number % 10 <= 8}
    assert (listing.complete, listing.ignored_filter, listing.total_rows) == (True, False, len(found))


def test_markers_and_ids_are_found(account: Account) -> None:
    furnish(account, 150)
    markers = scan_markers(account.client, [f"ac:main:{number}" for number in range(101, 211)])
    entries = [entry for page in markers for entry in page]
    assert len(entries) == 50
    assert markers.complete
    again = scan_ids(account.client, [entry.id for entry in entries])
    assert [entry for page in again for entry in page] == entries
    assert again.complete


def test_an_older_server_that_ignores_the_marker_is_not_believed(account: Account) -> None:
    account.sandbox.switches.remote_id_filter = False
    furnish(account, 350)
    listing = scan_markers(account.client, ["ac:main:340"])
    assert list(listing) == []
    assert (listing.complete, listing.ignored_filter) == (False, True)
    assert account.client.requests == {"GET": 1}


def test_an_older_server_without_the_newer_fields_is_read(account: Account) -> None:
    account.sandbox.switches.newer_fields = False
    furnish(account, 3)
    assert len([entry for page in scan_range(account.client, None, None) for entry in page]) == 3


def test_what_changed_since_is_found(account: Account) -> None:
    furnish(account, 2)
    since = datetime.now(UTC) - timedelta(minutes=5)
    task = account.sandbox.state.tasks[account.task_id]
    account.sandbox.add_activity(account.plain, task, DAY, 60, remote_id="old", created_at=since - timedelta(days=1))
    listing = scan_updated_after(account.client, since)
    assert {entry.booking.marker for page in listing for entry in page} == {"ac:main:1", "ac:main:2"}
    assert listing.complete


# -- faults while reading ----


@pytest.mark.parametrize("effect", [AnswerInstead(500), Drop(applied=False), Hang(applied=False), CutBody()], ids=str)
def test_a_read_survives_one_fault(account: Account, effect: Effect) -> None:
    furnish(account, 5)
    account.sandbox.fault(effect, method="GET")
    assert len([entry for page in scan_range(account.client, None, None) for entry in page]) == 5
    assert account.client.requests == {"GET": 2}


def test_half_an_answer_is_not_taken_for_a_whole_one(account: Account) -> None:
    furnish(account, 5)
    account.sandbox.fault(TruncatedJson(), method="GET")
    with pytest.raises(AnswerError, match="GET /activities"):
        list(scan_range(account.client, None, None))


class ServerTime:
    """One clock for the server and for the window; only waiting moves it."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize(("ours", "violations"), [(15, 0), (16, 1)])
def test_the_window_is_kept_exactly(ours: int, violations: int) -> None:
    server_time = ServerTime()
    sandbox = MocoSandbox(now=server_time.now)
    sandbox.switches.rate_limits = (RateLimit(15, 15),)
    sandbox.add_key(ADMIN, sandbox.add_user("Anna", "Adler"))
    window = LocalWindow(ours, 15, clock=server_time.clock, sleep=server_time.sleep)
    reader = MocoReader("https://x.mocoapp.com", ADMIN, window, adapter=WsgiAdapter(sandbox.wsgi))
    for _ in range(50):
        reader.fetch_session()
    assert min(sandbox.rate_violations, 1) == violations


def test_people_without_permissions_see_no_rates_and_are_read_all_the_same(account: Account) -> None:
    account.create(account.booking())
    sandbox_user = account.sandbox.add_user("Staff", "Only", permissions=[Permission.STAFF])
    key = account.sandbox.add_key("d" * 24, sandbox_user)
    with MocoReader(account.url, key, LocalWindow(10, 0.001)) as reader:
        assert len([entry for page in scan_range(reader, DAY, DAY) for entry in page]) == 1


def test_an_account_key_that_has_no_session_is_nobodys(account: Account) -> None:
    account.sandbox.add_key("c" * 24, None)
    with MocoReader(account.url, "c" * 24, LocalWindow(100, 1)) as reader:
        assert reader.fetch_session().user_id is None
    with MocoReader(account.url, "d" * 24, LocalWindow(100, 1)) as reader, pytest.raises(LoginRefused):
        reader.fetch_session()
