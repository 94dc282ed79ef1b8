"""What expenses cost, as far as ActiveCollab says it: summed beside the time, never in the way of it."""

from __future__ import annotations

import io
import json
from datetime import UTC, date
from decimal import Decimal

import pytest

from migrator.activecollab.json_reader import read_json_document
from migrator.activecollab.xml_reader import read_document
from migrator.core.model import ExpenseIgnored, FoundEntry, Reading

TODAY = date(2026, 1, 1)


def element(number: int, kind: str, value: str, more: str = "") -> str:
    return (
        f"<tracking_object><id>{number}</id><class>{kind}</class><project_id>2</project_id><user_id>3</user_id>"
        f"<record_date>2024-05-01</record_date><value>{value}</value><billable_status>1</billable_status>"
        f"<summary>Taxi &amp; Bahn</summary>{more}</tracking_object>\n"
    )


def read_xml(inside: str) -> list[Reading]:
    document = f"<tracking_objects>\n{inside}</tracking_objects>"
    return list(read_document(io.BytesIO(document.encode()), "time.xml", timezone=UTC, today=TODAY))


def expenses(readings: list[Reading]) -> list[tuple[Decimal | None, str]]:
    return [(each.amount, each.currency) for each in readings if isinstance(each, ExpenseIgnored)]


def test_expenses_between_hundreds_of_time_records_are_read_and_so_are_those() -> None:
    elements = [
        element(number, "Expense", f"{number}.50") if number % 3 == 0 else element(number, "TimeRecord", "1.25")
        for number in range(1, 301)
    ]
    readings = read_xml("".join(elements))
    assert expenses(readings) == [(Decimal(f"{number}.50"), "") for number in range(3, 301, 3)]
    found = [each for each in readings if isinstance(each, FoundEntry)]
    assert [(each.entry.id, each.entry.seconds) for each in found] == [
        (number, 4500) for number in range(1, 301) if number % 3
    ]
    assert [each.origin.line for each in readings if isinstance(each, ExpenseIgnored)] == list(range(4, 302, 3))


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        ("12.50", "<currency>eur</currency>", (Decimal("12.50"), "EUR")),
        ("12,5", "<currency><id>1</id><code>CHF</code></currency>", (Decimal("12.5"), "CHF")),
        ("-3", "<project><id>2</id><currency_code>USD</currency_code></project>", (Decimal(-3), "USD")),
        ("viel", "<currency>EUR</currency>", (None, "EUR")),
        ("", "", (None, "")),
        ("1e999999", "<currency><rate>7</rate></currency>", (None, "")),
    ],
)
def test_what_cannot_be_read_is_counted_all_the_same(
    value: str, more: str, expected: tuple[Decimal | None, str]
) -> None:
    assert expenses(read_xml(element(1, "Expense", value, more))) == [expected]


def test_expenses_in_json_say_what_they_cost() -> None:
    rows = [
        {"id": 1, "class": "Expense", "value": 12.5, "record_date": 1714521600, "project_id": 2, "user_id": 3},
        {"id": 2, "class": "Expense", "value": "7.25", "currency": "EUR", "project_id": 2, "user_id": 3},
        {"id": 3, "class": "Expense", "value": None, "project_id": 2, "user_id": 3},
    ]
    readings = list(
        read_json_document(io.BytesIO(json.dumps(rows).encode()), "expenses.json", timezone=UTC, today=TODAY)
    )
    assert expenses(readings) == [(Decimal("12.5"), ""), (Decimal("7.25"), "EUR"), (None, "")]
