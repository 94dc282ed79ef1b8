"""Who may call the simulated MOCO, for whom, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.sandbox.moco_switches import STRICT15, RateLimit
from tests.unit.sandbox.account import ACCOUNT_KEY, ADMIN_KEY, PLAIN_KEY, Account, listed, shown


@pytest.mark.parametrize("given", [f"Token token={ADMIN_KEY}", f'Token token="{ADMIN_KEY}"', f"Bearer {ADMIN_KEY}"])
def test_both_spellings_of_the_key_are_accepted(account: Account, given: str) -> None:
    session = shown(account.call("GET", "/session", key=None, headers={"Authorization": given}))
    assert session == {"id": account.admin.id, "uuid": account.sandbox.state.user_uuid(account.admin)}


@pytest.mark.parametrize("given", ["", ADMIN_KEY, "Token token=wrong", f"Basic {ADMIN_KEY}"])
def test_a_wrong_key_is_refused_with_moco_s_words(account: Account, given: str) -> None:
    response = account.call("GET", "/activities", key=None, headers={"Authorization": given})
    assert response.status_code == 401
    assert response.get_data() == b'{"message":"Invalid API key."}'
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_key_of_a_deactivated_person_is_refused(account: Account) -> None:
    account.sandbox.edit(replace(account.admin, active=False))
    assert account.call("GET", "/session").status_code == 401


def test_impersonation_changes_profile_and_rights_but_not_the_session(account: Account) -> None:
    profile = shown(account.call("GET", "/profile", acting_as=account.plain))
    assert (profile["id"], profile["full_name"]) == (account.plain.id, "Paul Plain")
    assert shown(account.call("GET", "/session", acting_as=account.plain))["id"] == account.admin.id
    assert account.call("GET", "/users", acting_as=account.plain).status_code == 403


@pytest.mark.parametrize("wanted", ["1", "x", ""])
def test_impersonating_nobody_is_not_found(account: Account, wanted: str) -> None:
    response = account.call("GET", "/profile", headers={"X-IMPERSONATE-USER-ID": wanted})
    assert (response.status_code, response.get_data()) == (404, b"")


def test_impersonation_without_the_staff_permission_is_forbidden(account: Account) -> None:
    response = account.call("GET", "/profile", key=PLAIN_KEY, acting_as=account.admin)
    assert (response.status_code, response.get_data()) == (403, b"")


def test_a_deactivated_person_cannot_be_impersonated(account: Account) -> None:
    account.sandbox.edit(replace(account.plain, active=False))
    response = account.call("POST", "/activities", account.row(), acting_as=account.plain)
    assert (response.status_code, response.get_data()) == (403, b"")


def test_an_account_key_acts_only_for_somebody(account: Account) -> None:
    assert account.call("POST", "/activities", account.row(), key=ACCOUNT_KEY).status_code == 403
    created = account.call("POST", "/activities", account.row(), key=ACCOUNT_KEY, acting_as=account.plain)
    assert shown(created)["user"]["id"] == account.plain.id


def test_a_read_only_key_reads_only(account: Account) -> None:
    key = account.sandbox.add_key("d" * 24, None, read_only=True)
    assert account.call("GET", "/activities", key=key).status_code == 200
    response = account.call("POST", "/activities", account.row(), key=key, acting_as=account.plain)
    assert response.status_code == 403


@pytest.mark.parametrize("path", ["/users", "/users/{user}", "/projects", "/projects/{project}/tasks"])
def test_an_ordinary_person_is_forbidden_master_data(account: Account, path: str) -> None:
    filled = path.format(user=account.admin.id, project=account.project.id)
    response = account.call("GET", filled, key=PLAIN_KEY)
    assert (response.status_code, response.get_data()) == (403, b"")
    assert account.call("GET", filled).status_code == 200


def test_an_ordinary_person_finds_what_may_be_booked_in_assigned(account: Account) -> None:
    [found] = listed(account.call("GET", "/projects/assigned", key=PLAIN_KEY))
    assert found["tasks"] == [{"id": account.task.id, "name": "Entwicklung", "active": True, "billable": True}]
    assert found["contract"] == {"user_id": account.plain.id, "active": True}


@pytest.mark.parametrize("form", [True, False])
def test_logging_in_answers_a_key_for_json_and_form(account: Account, form: bool) -> None:
    given = {"email": "Anna.Adler@example.com", "password": "geheim"}
    client = account.sandbox.wsgi.test_client()
    response = client.post("/api/v1/session", **({"data": given} if form else {"json": given}))
    assert shown(response) == {"api_key": ADMIN_KEY, "user_id": account.admin.id}
    assert account.sandbox.requests[-1].body == b""


@pytest.mark.parametrize("password", ["falsch", None, 7])
def test_logging_in_with_a_wrong_password_is_refused(account: Account, password: object) -> None:
    given = {"email": "anna.adler@example.com", "password": password}
    assert account.call("POST", "/session", given, key=None).status_code == 401
    nobody = {"email": "paul.plain@example.com", "password": None}
    assert account.call("POST", "/session", nobody, key=None).status_code == 401


def test_the_json_suffix_is_accepted(account: Account) -> None:
    assert shown(account.call("GET", "/session.json"))["id"] == account.admin.id
    activity = account.book()
    assert shown(account.call("GET", f"/activities/{activity['id']}.json")) == activity


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("GET", "/activities/bulk"), ("GET", "/activities/1")]
)
def test_what_is_not_there_is_an_empty_404(account: Account, method: str, path: str) -> None:
    response = account.call(method, path)
    assert (response.status_code, response.get_data()) == (404, b"")


def test_the_request_window_slides(account: Account) -> None:
    account.switches.rate_limits = (STRICT15,)
    for _ in range(15):
        assert account.call("GET", "/session").status_code == 200
        account.clock.sleep(0.5)
    refused = account.call("GET", "/session")
    assert (refused.status_code, refused.get_json()) == (429, {"message": "Too many requests"})
    assert "Retry-After" not in refused.headers
    assert account.sandbox.rate_violations == 1
    account.clock.sleep(7.4)
    assert account.call("GET", "/session").status_code == 429
    account.clock.sleep(0.1)
    assert account.call("GET", "/session").status_code == 200
    assert account.call("GET", "/session").status_code == 429


def test_windows_are_counted_per_key_however_it_is_written(account: Account) -> None:
    account.switches.rate_limits = (RateLimit(1, 10),)
    account.switches.retry_after = True
    assert account.call("GET", "/session").status_code == 200
    refused = account.call("GET", "/session", key=None, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert account.call("GET", "/session", key=PLAIN_KEY).status_code == 200


def test_the_documented_limit_is_the_default() -> None:
    fresh = Account()
    assert type(fresh.switches)().rate_limits == (RateLimit(120, 120),)


def test_the_log_keeps_the_bytes_but_never_the_key(account: Account) -> None:
    account.bulk(account.row(description="Müller"), acting_as=account.plain)
    record = account.sandbox.requests[-1]
    assert (record.method, record.path, record.status) == ("POST", "/api/v1/activities/bulk", 200)
    assert b"description" in record.body
    assert record.impersonated == str(account.plain.id)
    assert record.content_type == "application/json"
    assert record.authorization_scheme == "Token"
    assert record.received_at == account.clock.now()
    assert ADMIN_KEY not in repr(account.sandbox.requests)
    account.sandbox.forget_requests()
    assert account.sandbox.requests == []
