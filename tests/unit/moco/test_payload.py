"""What is sent for one booking."""

from __future__ import annotations

import pytest

from migrator.core.model import MocoId
from migrator.moco.payload import activity_body
from tests.unit.moco.builders import a_booking


def test_a_bare_booking_sends_no_empty_fields() -> None:
    assert activity_body(a_booking(billable=False)) == {
        "date": "2024-03-21",
        "seconds": 5400,
        "project_id": 31,
        "task_id": 41,
        "description": "Ünïcode \N{SNOWMAN}",
        "billable": False,
        "remote_id": "ac:main:1",
    }


def test_url_and_tag_are_sent_when_there_are_any() -> None:
    body = activity_body(a_booking(url="https://ac.example.com/t/1", tag="Design"))
    assert (body["remote_url"], body["tag"]) == ("https://ac.example.com/t/1", "Design")


def test_a_booking_whose_task_is_still_to_be_created_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="ac:main:1"):
        activity_body(a_booking(task_id=MocoId(0)))
