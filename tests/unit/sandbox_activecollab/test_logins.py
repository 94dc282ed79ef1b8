"""Getting a token by program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox_activecollab.installation import Installation

WHO = {"client_name": "migrator", "client_vendor": "us"}
GOOD = {"username": "ada@agentur.example", "password": "geheim", **WHO}


@pytest.mark.parametrize("way", ["json", "form"])
def test_a_good_login_gets_a_token_that_works(fifth: Installation, way: str) -> None:
    sent: dict[str, Any] = {way: GOOD}
    response = fifth.call("issue-token", method="POST", token=None, **sent)
    issued = response.get_json()
    assert issued["is_ok"] is True
    assert issued["token"].startswith("7-")
    assert len(issued["token"]) == 42
    assert fifth.call("info", token=issued["token"]).status_code == 200
    assert fifth.call("info").status_code == 200


@pytest.mark.parametrize("changed", [{"password": "x"}, {"username": "x"}, {"client_name": ""}])
def test_a_bad_login_is_500_as_recorded(fifth: Installation, changed: dict[str, str]) -> None:
    response = fifth.call("issue-token", method="POST", json=GOOD | changed, token=None)
    assert response.status_code == 500
    assert response.get_json()["type"] == "ApiSubscriptionError"
    assert "trace" not in response.get_json()
    fifth.switches.leaks_trace = True
    leaked = fifth.call("issue-token", method="POST", json=GOOD | changed, token=None).get_json()
    assert {"file", "line", "trace"} <= leaked.keys()


def test_the_cloud_gives_an_intent_and_for_it_one_token(fifth: Installation) -> None:
    sent = {"email": "ada@agentur.example", "password": "geheim"}
    logged_in = fifth.raw("/api/v1/external/login", "POST", json=sent).get_json()
    [account] = logged_in["accounts"]
    assert account["url"] == "http://localhost/123456"
    wanted = {"intent": logged_in["user"]["intent"], **WHO}
    place = "/123456/api/v1/issue-token-intent"
    token = fifth.raw(place, "POST", json=wanted).get_json()["token"]
    assert fifth.call("info", token=token).status_code == 200
    assert fifth.raw(place, "POST", json=wanted).status_code == 500
    assert fifth.raw("/api/v1/external/login", "POST", json={**sent, "password": "x"}).status_code == 401


def test_generation_3_answers_a_subscription_as_plain_text(third: Installation) -> None:
    sent = {"email": "ada@agentur.example", "password": "geheim", **WHO}
    form = {f"api_subscription[{name}]": text for name, text in sent.items()}
    response = third.raw("/public/api.php", "POST", data=form)
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    name, _, token = response.get_data(as_text=True).partition(": ")
    assert name == "API key"
    assert third.call("info", token=token).status_code == 200
    assert third.raw("/api.php", "POST", data=form | {"api_subscription[password]": "x"}).status_code == 500
