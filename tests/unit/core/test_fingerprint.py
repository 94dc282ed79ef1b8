"""Digests cover exactly the fields of their version, and canonical text reads back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.fingerprint import (
    FIELDS,
    VERSION,
    canonical,
    content_hash,
    differing,
    fingerprint,
    from_canonical,
    stored_view,
)
from migrator.core.model import Billing, Booking, MocoId, ParentKind, Seconds, SourceId
from tests.unit.core.builders import SENT, a_booking, a_time_entry

IDS = st.integers(0, 10**12).map(MocoId)
BOOKINGS = st.builds(
    Booking,
    day=st.dates(),
    seconds=st.integers(0, 10**7).map(Seconds),
    user_id=IDS,
    project_id=IDS,
    task_id=IDS,
    description=st.text(),
    billable=st.booleans(),
    marker=st.text(max_size=30),
    url=st.text(max_size=30),
    tag=st.text(max_size=30),
)


def test_the_current_version_covers_every_field_of_a_booking() -> None:
    assert set(FIELDS[VERSION]) == {field.name for field in fields(Booking)}


@given(BOOKINGS)
def test_canonical_text_reads_back(booking: Booking) -> None:
    assert from_canonical(canonical(booking)) == booking


@given(BOOKINGS, BOOKINGS)
def test_fingerprints_are_equal_exactly_when_nothing_differs(one: Booking, other: Booking) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (not differing(one, other)) == (one == other)


def test_a_fingerprint_stays_what_it_was() -> None:
    assert canonical(a_booking(seconds=612, tag="ä")) == (
        '{"billable":true,"day":"2024-05-02","description":"Relaunch: header","marker":"ac:main:482",'
        '"project_id":20,"seconds":612,"tag":"ä","task_id":30,"url":"https://ac.example.com/projects/1/tasks/2",'
        '"user_id":7}'
    )
    assert fingerprint(SENT) == "ef391f0cd6db2004eefb02b40748acfa"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"day": 5}', '{"day": "2024-05-02"}'])
def test_other_text_is_no_booking(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a stored booking"):
        from_canonical(text)


def test_differing_names_the_fields_in_their_order() -> None:
    assert differing(SENT, replace(SENT, tag="x", seconds=Seconds(1))) == ("seconds", "tag")


def test_a_tag_we_did_not_send_is_no_affair_of_ours() -> None:
    tagged = a_booking(tag="Q2")
    assert stored_view(SENT, tagged) == SENT
    assert stored_view(a_booking(tag="Design"), tagged) == tagged


BASE = a_time_entry()
SPELLINGS: dict[str, Any] = {
    "hours_raw": "1:00",
    "billing_raw": "1",
    "state_raw": "3",
    "created_on": datetime(2024, 5, 2, tzinfo=UTC),
    "updated_on": datetime(2024, 5, 2, tzinfo=UTC),
    "version": 4,
    "milestone_id": SourceId(3),
    "worker_name": "Jo Doe",
    "worker_email": "jo@example.com",
}
# Field names and types are checked by the test that no field is forgotten.
MEANINGS: dict[str, Any] = {
    "id": SourceId(1),
    "user_id": None,
    "project_id": SourceId(9),
    "day": date(2024, 5, 3),
    "seconds": Seconds(1),
    "billing": Billing.PAID,
    "text": "x",
    "parent_kind": ParentKind.UNKNOWN,
    "parent_id": SourceId(8),
    "job_type_id": SourceId(2),
    "permalink": "https://ac.example.com/x",
    "private": True,
    "trashed": True,
}


def test_every_field_of_a_time_record_is_either_spelling_or_meaning() -> None:
    assert {field.name for field in fields(BASE)} == set(SPELLINGS) | set(MEANINGS)


@pytest.mark.parametrize("name", MEANINGS)
def test_a_change_of_meaning_changes_the_content_hash(name: str) -> None:
    assert content_hash(replace(BASE, **{name: MEANINGS[name]})) != content_hash(BASE)


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_change_of_spelling_does_not(name: str) -> None:
    assert content_hash(replace(BASE, **{name: SPELLINGS[name]})) == content_hash(BASE)


def test_the_name_of_a_worker_without_account_counts() -> None:
    one = a_time_entry(user=None, worker_name="Jo Doe")
    assert content_hash(one) != content_hash(replace(one, worker_name="Ann Poe"))
