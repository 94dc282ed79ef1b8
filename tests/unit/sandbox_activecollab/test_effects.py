"""What can go wrong with an answer of the simulated ActiveCollab, on the request it is meant for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from lxml import etree

from migrator.sandbox.activecollab_effects import (
    ActiveCollabEffect,
    Redirect,
    RevokeTokens,
    Rewrite,
    Spoil,
    Then,
    activecollab_fault,
)
from migrator.sandbox.faults import (
    AnswerInstead,
    ConnectionDropped,
    CutBody,
    Delay,
    Drop,
    Fault,
    Hang,
    LoseAnswer,
    NoAnswer,
    SlowBytes,
    TruncatedJson,
)
from migrator.sandbox.serve import serve
from tests.unit.sandbox_activecollab.installation import Installation


def test_a_fault_waits_for_its_command(every: Installation) -> None:
    every.sandbox.fault(AnswerInstead(503), path="projects/[0-9]+/(time|tracking|time-records)", nth=2)
    assert every.call(every.time).status_code == 200
    assert every.call("projects").status_code == 200
    assert every.call(every.time).status_code == 503
    assert every.call(every.time).status_code == 200


@pytest.mark.parametrize("retry_after", [None, 7])
def test_too_many_requests_may_say_when_to_come_back(every: Installation, retry_after: int | None) -> None:
    every.sandbox.fault(AnswerInstead(429, retry_after))
    response = every.call("info")
    assert (response.status_code, response.mimetype) == (429, "text/html")
    assert response.headers.get("Retry-After") == (None if retry_after is None else "7")


@pytest.mark.parametrize(
    ("status", "generation_5", "older"),
    [
        (400, "text/html", "text/html"),
        (403, "application/json", "application/xml"),
        (404, "application/json", "application/xml"),
        (500, "application/json", "application/xml"),
        (502, "text/html", "text/html"),
    ],
)
def test_an_error_comes_from_the_application_or_from_what_stands_before_it(
    every: Installation, status: int, generation_5: str, older: str
) -> None:
    every.sandbox.fault(AnswerInstead(status))
    response = every.call("info")
    expected = generation_5 if every.sandbox.generation == 5 else older
    assert (response.status_code, response.mimetype) == (status, expected)


def test_an_error_in_json_for_who_asked_for_json(legacy: Installation) -> None:
    legacy.sandbox.fault(AnswerInstead(500))
    assert legacy.call("info", query="format=json").get_json()["message"] == "Operation failed"


SPOILT: list[tuple[Spoil, Callable[[bytes, bytes], bool]]] = [
    (Spoil.HTML_PAGE, lambda spoilt, _: spoilt.startswith(b"<!DOCTYPE html")),
    (Spoil.EMPTY_BODY, lambda spoilt, _: spoilt == b""),
    (Spoil.PLAIN_TEXT, lambda spoilt, _: spoilt.startswith(b"The system")),
    (Spoil.BOM, lambda spoilt, good: spoilt == b"\xef\xbb\xbf" + good),
    (Spoil.PHP_NOTICE, lambda spoilt, good: spoilt.endswith(good) and b"<b>Notice</b>" in spoilt),
    (Spoil.CONTROL_CHARACTER, lambda spoilt, good: spoilt.replace(b"\x0b", b"") == good != spoilt),
]


@pytest.mark.parametrize(("kind", "fits"), SPOILT)
def test_a_good_answer_is_spoilt_with_200(
    every: Installation, kind: Spoil, fits: Callable[[bytes, bytes], bool]
) -> None:
    every.book(text="Grüße")
    good = every.call(every.time).get_data()
    every.sandbox.fault(kind)
    response = every.call(every.time)
    assert response.status_code == 200
    assert fits(response.get_data(), good)
    assert response.headers["Content-Length"] == str(len(response.get_data()))
    assert (response.mimetype == "text/html") is (kind is Spoil.HTML_PAGE)
    assert every.call(every.time).get_data() == good


def test_latin_1_stands_under_a_declaration_of_utf_8(legacy: Installation) -> None:
    legacy.book()
    legacy.sandbox.fault(Spoil.LATIN_1)
    body = legacy.call(legacy.time).get_data()
    assert b'encoding="UTF-8"' in body
    assert b"\xc4" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_a_document_type_brings_an_entity_along(legacy: Installation) -> None:
    legacy.book()
    legacy.sandbox.fault(Spoil.DOCTYPE)
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    root = etree.fromstring(legacy.call(legacy.time).get_data(), parser)
    assert root.getroottree().docinfo.internalDTD is not None
    assert root.findall(".//name")[0].text != "1.5 hours"


def test_a_document_is_cut_off_with_a_fitting_length(every: Installation) -> None:
    every.book()
    good = every.call(every.time).get_data()
    every.sandbox.fault(TruncatedJson())
    response = every.call(every.time)
    assert response.get_data() == good[: len(good) // 2]
    assert response.headers["Content-Length"] == str(len(good) // 2)


def test_any_rewriting_is_possible(every: Installation) -> None:
    every.sandbox.fault(Rewrite(bytes.upper))
    assert every.call("info").get_data().isupper()


def test_tokens_die_half_way_and_stay_dead(every: Installation) -> None:
    every.sandbox.fault(RevokeTokens(), nth=3)
    statuses = [every.call("info").status_code for _ in range(4)]
    dead = 401 if every.sandbox.generation == 5 else 403
    assert statuses == [200, 200, dead, dead]


def test_a_redirect_leads_anywhere_with_or_without_the_query(every: Installation) -> None:
    every.sandbox.fault(Redirect("https://other.example/login", 301))
    response = every.call("info")
    assert (response.status_code, response.headers["Location"]) == (301, "https://other.example/login")
    every.sandbox.fault(Redirect("/public/api.php", keep_query=True))
    location = every.call("info", query="a=1").headers["Location"]
    assert location.startswith("/public/api.php?")
    assert location.endswith("a=1")


def test_people_work_between_two_requests(every: Installation) -> None:
    first = every.book()
    other = every.sandbox.add_project("Anderes")
    every.sandbox.fault(Then(lambda: every.sandbox.move_record(first, other)), path=every.time)
    assert every.listed() == [first], "the answer is given before it happens"
    assert every.listed() == []


def test_a_record_moves_between_two_pages(fifth: Installation) -> None:
    ids = [fifth.book(days_later=day) for day in range(150)]
    fifth.sandbox.fault(Then(lambda: fifth.sandbox.delete_record(ids[149])), path=".*/time-records")
    pages = [fifth.json(fifth.time, f"page={number}")["time_records"] for number in (1, 2)]
    seen = {each["id"] for page in pages for each in page}
    assert ids[149] in seen
    assert ids[49] not in seen, "what moved up to page 1 meanwhile is on neither page"


@pytest.mark.parametrize("applied", [True, False])
def test_connections_break_and_hang_before_or_after_the_request_is_applied(second: Installation, applied: bool) -> None:
    form = {"submitted": "submitted", "time[value]": "1", "time[user_id]": "7", "time[record_date]": "2024-01-01"}
    second.sandbox.fault(Drop(applied=applied))
    with pytest.raises(ConnectionDropped):
        second.call("projects/1/time/add", method="POST", form=form)
    assert len(second.sandbox.records) == int(applied)
    second.sandbox.fault(Hang(applied=applied))
    with pytest.raises(NoAnswer):
        second.call("projects/1/time/add", method="POST", form=form)
    assert len(second.sandbox.records) == 2 * int(applied)
    assert [each.status for each in second.sandbox.requests] == [None, None]


def test_an_answer_may_be_late_slow_lost_or_cut(every: Installation) -> None:
    every.sandbox.fault(Delay(3))
    every.sandbox.fault(Delay(4, applied=True))
    every.call("info")
    every.sandbox.fault(SlowBytes(0.5, piece=50))
    whole = every.call("info").get_data()
    assert every.clock.slept == [3, 4] + [0.5] * -(-len(whole) // 50)
    every.sandbox.fault(LoseAnswer())
    assert every.call("info").status_code == 502
    every.sandbox.fault(CutBody())
    with pytest.raises(ConnectionDropped):
        every.call("info").get_data()


def test_a_served_activecollab_really_breaks_the_connection(every: Installation) -> None:
    with serve(every.sandbox) as served:
        assert requests.get(f"{served.url}{every.sandbox.path}", timeout=5).status_code in {401, 403, 404}
        every.sandbox.fault(Drop(applied=False))
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{served.url}{every.sandbox.path}", timeout=5)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"effect": "bom", "path": "projects"}, Fault(Spoil.BOM, path="projects")),
        ({"effect": "answer", "status": 503, "times": None}, Fault(AnswerInstead(503), times=None)),
        ({"effect": "truncated"}, Fault(TruncatedJson())),
        ({"effect": "revoke_tokens", "nth": 3}, Fault(RevokeTokens(), nth=3)),
        ({"effect": "redirect", "location": "/x", "keep_query": True}, Fault(Redirect("/x", keep_query=True))),
    ],
)
def test_a_fault_is_read_from_json(given: dict[str, object], fault: Fault[ActiveCollabEffect]) -> None:
    assert activecollab_fault(given) == fault


@pytest.mark.parametrize("given", [{"effect": "refuse_rows"}, {"effect": "bom", "status": 1}, {"effect": "redirect"}])
def test_an_unknown_fault_is_explained(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"effect must be|argument|cannot be"):
        activecollab_fault(given)
