"""Every shape of an error answer becomes one value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.moco.refusals import parse_refusal

JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "messages", "text"),
    [
        ({"task_id": ["ist nicht gültig"]}, (("task_id", "ist nicht gültig"),), "task_id: ist nicht gültig"),
        (
            {"date": ["muss ausgefüllt werden", "ist nicht gültig"]},
            (("date", "muss ausgefüllt werden"), ("date", "ist nicht gültig")),
            "date: muss ausgefüllt werden; date: ist nicht gültig",
        ),
        ({"base": ["Timer"]}, (("base", "Timer"),), "base: Timer"),
        ({"errors": ["Name can't be blank"]}, (("", "Name can't be blank"),), "Name can't be blank"),
        ({"errors": {"name": ["missing"]}}, (("name", "missing"),), "name: missing"),
        ({"message": "Invalid API key."}, (("", "Invalid API key."),), "Invalid API key."),
        ({"activities": [{}, {"date": ["x"]}]}, (("activities.1.date", "x"),), "activities.1.date: x"),
        ([{"index": 3, "errors": ["x"]}], (("0.index", "3"), ("0.errors", "x")), "0.index: 3; 0.errors: x"),
        ({"base": None}, (), ""),
    ],
)
def test_json_shapes(body: object, messages: tuple[tuple[str, str], ...], text: str) -> None:
    refusal = parse_refusal(422, json.dumps(body).encode(), JSON)
    assert (refusal.status, refusal.messages, refusal.text) == (422, messages, text)


@pytest.mark.parametrize("status", [403, 404])
def test_an_empty_body(status: int) -> None:
    refusal = parse_refusal(status, b" \n", "")
    assert (refusal.status, refusal.messages, refusal.text) == (status, (), "")


def test_plain_text_is_kept_in_one_short_line() -> None:
    body = b"500 Internal Server Error\nIf you are the administrator\n" + b"x" * 5000
    refusal = parse_refusal(500, body, "text/plain")
    assert refusal.text.startswith("500 Internal Server Error If you are")
    assert len(refusal.text) == 300


def test_an_html_page_is_only_named() -> None:
    assert parse_refusal(502, b"<html>secret</html>", "text/html").text == "an HTML page"


def test_fields_leave_out_what_names_none() -> None:
    refusal = parse_refusal(422, b'{"message": "Invalid", "date": ["x"]}', JSON)
    assert refusal.fields == {"date"}


@given(body=st.binary(max_size=200), content_type=st.sampled_from(["", JSON, "text/html", "text/plain"]))
def test_no_bytes_whatsoever_bring_it_down(body: bytes, content_type: str) -> None:
    refusal = parse_refusal(422, body, content_type)
    assert len(refusal.text) <= 300
    refusal.text.encode("utf-8")


def test_a_flood_of_messages_is_cut() -> None:
    assert len(parse_refusal(422, json.dumps({"base": ["x"] * 1000}).encode(), JSON).messages) == 200
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    assert parse_refusal(422, deep, JSON).text
