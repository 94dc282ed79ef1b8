"""How the simulated ActiveCollab is reached: addresses, tokens, formats, and what lies outside the API."""

from __future__ import annotations

import pytest

from migrator.sandbox.activecollab_switches import Access
from tests.unit.sandbox_activecollab.installation import Installation


def token_glued(installation: Installation) -> str:
    name = "token" if installation.sandbox.generation == 2 else "auth_api_token"
    return f"{name}={installation.sandbox.token}"


@pytest.mark.parametrize("place", ["/api.php", "/public/api.php", "/activecollab/public/api.php"])
@pytest.mark.parametrize("command", ["projects/1", "/projects/1", "projects%2F1", "%2Fprojects%2F1", "projects/1/"])
def test_a_command_is_understood_however_it_is_written(legacy: Installation, place: str, command: str) -> None:
    response = legacy.raw(f"{place}?path_info={command}&{token_glued(legacy)}")
    assert response.status_code == 200
    assert b"<project>" in response.get_data()
    assert legacy.sandbox.requests[0].command == "projects/1"


def test_parameters_may_be_glued_to_the_command_but_not_hidden_in_it(third: Installation) -> None:
    for _ in range(301):
        third.book()
    command = "projects/1/tracking&dont_limit_result=1"
    whole = third.raw(f"/public/api.php?path_info={command}&{token_glued(third)}")
    assert whole.get_data().count(b"<tracking_object>") == 301
    assert third.call(command).status_code == 404


def test_the_token_counts_only_where_the_generation_looks_for_it(every: Installation) -> None:
    token = every.sandbox.token
    refused = 401 if every.sandbox.generation == 5 else 403
    assert every.call("info").status_code == 200
    assert every.call("info", token=None).status_code == refused
    assert every.call("info", token=f"{token}x").status_code == refused
    elsewhere = {2: f"auth_api_token={token}", 3: f"token={token}", 5: f"auth_api_token={token}"}
    assert every.call("info", token=None, query=elsewhere[every.sandbox.generation]).status_code == refused
    if every.sandbox.generation != 5:
        assert every.call("info", token=None, headers={"X-Angie-AuthApiToken": token}).status_code == refused


def test_the_log_never_holds_a_token_or_a_password(every: Installation) -> None:
    token = every.sandbox.token
    every.call("info", query=f"token={token}&auth_api_token={token}")
    sent = {"username": "ada@agentur.example", "password": "geheim", "client_name": "a", "client_vendor": "b"}
    every.call("issue-token", method="POST", form=sent)
    subscription = {f"api_subscription[{name}]": text for name, text in sent.items()}
    every.raw("/api.php", "POST", data=subscription)
    assert len(every.sandbox.requests) == 3
    assert token not in repr(every.sandbox.requests)
    assert "geheim" not in repr(every.sandbox.requests)


def test_a_reset_token_is_refused_from_then_on(every: Installation) -> None:
    every.sandbox.revoke_token()
    assert every.call(every.time).status_code in {401, 403}


def test_json_is_given_to_who_asks_for_it(legacy: Installation) -> None:
    assert legacy.json("projects/1", "format=json")["name"] == "Website"
    asking = {"Accept": "application/json"}
    assert legacy.json("projects/1", headers=asking)["name"] == "Website"
    assert legacy.call("projects/1", query="format=xml", headers=asking).get_data().startswith(b"<?xml")


def test_liveness_needs_no_token_and_is_xml_even_for_who_wants_json(legacy: Installation) -> None:
    response = legacy.raw("/public/api.php?check_if_alive=1", headers={"Accept": "application/json"})
    assert response.get_data() == b"<api_is_alive>yes</api_is_alive>"


@pytest.mark.parametrize("address", ["/", "/projects/1", "/public/index.php", "/projects/public/api.php"])
def test_outside_the_api_the_application_shows_a_page_with_200(every: Installation, address: str) -> None:
    response = every.raw(address)
    assert (response.status_code, response.content_type) == (200, "text/html;charset=UTF-8")


def test_the_api_of_generation_5_is_a_page_for_older_ones(legacy: Installation) -> None:
    assert legacy.raw("/api/v1/info").content_type == "text/html;charset=UTF-8"


def test_generation_5_is_also_reached_by_api_php_but_only_with_its_header(fifth: Installation) -> None:
    address = "/api.php?path_info=info&api_version=1"
    assert fifth.raw(f"{address}&auth_api_token={fifth.sandbox.token}").status_code == 401
    headers = {"X-Angie-AuthApiToken": fifth.sandbox.token}
    assert fifth.raw(address, headers=headers).get_json()["application"] == "ActiveCollab"
    assert fifth.raw("/123456/api/v1/info", headers=headers).status_code == 200


def test_an_unknown_command_is_not_found_in_the_words_of_the_api(every: Installation) -> None:
    response = every.call("nonsense")
    assert response.status_code == 404
    assert b"Not Found" in response.get_data()
    every.switches.error_root = "problem"
    if every.sandbox.generation != 5:
        assert b"<problem>" in every.call("nonsense").get_data()


def test_the_system_tells_generation_owner_and_rights(every: Installation) -> None:
    every.switches.access = Access.READ_ONLY
    every.switches.system_version = "9.9"
    if every.sandbox.generation == 5:
        assert every.json("info") == {"application": "ActiveCollab", "version": "9.9"}
        assert every.call("info").headers["X-Angie-ApplicationVersion"] == "9.9"
        return
    shown = every.json("info", "format=json")
    assert (shown["system_version"], shown["read_only"]) == ("9.9", 1)
    if every.sandbox.generation == 2:
        assert shown["logged_user"].endswith("/people/1/users/7")
        every.switches.encoded_links = True
        assert every.json("info", "format=json")["logged_user"].endswith("/people%2F1%2Fusers%2F7")
    else:
        assert shown["logged_user"]["id"] == 7


def test_a_server_without_api_forbids_everything(every: Installation) -> None:
    every.switches.access = Access.OFF
    assert every.call("info").status_code == 403
