"""What an answer says about a write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from migrator.moco.outcomes import (
    Answered,
    NotSent,
    Refused,
    Reply,
    Unclear,
    WriteKind,
    classify_write,
    retry_after_seconds,
    server_time,
)

ONE, SEVERAL, REMOVAL = WriteKind.ONE_RECORD, WriteKind.SEVERAL_RECORDS, WriteKind.REMOVAL


def a_reply(status: int, body: bytes = b'{"base": ["x"]}', **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


@pytest.mark.parametrize("kind", list(WriteKind))
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 429])
def test_what_was_certainly_not_applied(status: int, kind: WriteKind) -> None:
    outcome = classify_write(a_reply(status), kind)
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.refusal.text) == (status, "base: x")


@pytest.mark.parametrize("kind", list(WriteKind))
@pytest.mark.parametrize("status", [100, 402, 408, 409, 410, 423, 451, 499, 500, 502, 503, 504, 599])
def test_what_may_have_been_applied(status: int, kind: WriteKind) -> None:
    outcome = classify_write(a_reply(status), kind)
    assert isinstance(outcome, Unclear)
    assert outcome.status == status


def test_a_422_is_clear_for_one_record_only() -> None:
    assert isinstance(classify_write(a_reply(422), ONE), Refused)
    assert isinstance(classify_write(a_reply(422), REMOVAL), Refused)
    bulk = classify_write(a_reply(422), SEVERAL)
    assert isinstance(bulk, Unclear)
    assert bulk.refusal is not None
    assert bulk.refusal.messages == (("base", "x"),)


@pytest.mark.parametrize(
    ("kind", "body", "answered"),
    [
        (ONE, b'{"id": 1}', True),
        (SEVERAL, b"[]", True),
        (ONE, b"", False),
        (SEVERAL, b"  ", False),
        (ONE, b"<html>", False),
        (SEVERAL, b'[{"id": 1', False),
        (REMOVAL, b"", True),
        (REMOVAL, b'{"id": 1}', True),
        (REMOVAL, b"<html>", True),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_2xx_counts_when_it_says_what_it_must(kind: WriteKind, body: bytes, answered: bool, status: int) -> None:
    assert isinstance(classify_write(a_reply(status, body), kind), Answered if answered else Unclear)


def test_what_never_got_an_answer_stays_what_it_is() -> None:
    for transfer in (NotSent("x"), Unclear("y")):
        assert classify_write(transfer, ONE) is transfer


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 12 ", 12.0),
        ("99999999999999", 3600.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    reply = a_reply(429, retry_after=header)
    assert retry_after_seconds(reply) == seconds
    outcome = classify_write(reply, ONE)
    assert isinstance(outcome, Refused)
    assert outcome.retry_after == seconds


def test_retry_after_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=100)
    told = retry_after_seconds(a_reply(429, retry_after=format_datetime(soon, usegmt=True)))
    assert told == pytest.approx(100, abs=5)
    past = format_datetime(soon - timedelta(days=1), usegmt=True)
    assert retry_after_seconds(a_reply(429, retry_after=past)) == 0


@pytest.mark.parametrize(
    "told", ["", "today", "Fri, 31 Dec 9999 23:59:59 -1200", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"]
)
def test_a_moment_that_no_clock_shows_is_none(told: str) -> None:
    assert server_time(a_reply(200, date=told)) is None


def test_personal_text_stays_out_of_repr() -> None:
    reply = Reply(200, {"x-user": "secret"}, b"secret")
    assert "secret" not in repr((reply, classify_write(Reply(200, {}, b'["secret"]'), ONE)))
