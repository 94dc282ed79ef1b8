"""Files with control totals: both languages, both dialects, and all that is wrong with one at once."""

from __future__ import annotations

import pytest

from migrator.app.control.names import Names
from migrator.app.control.table import Table, Total, read_totals
from migrator.core.mapping import SourceMasters
from migrator.core.model import Billing, Company, Project, SourceId, User
from migrator.store.parts import Worker

COMPANIES = (
    Company(SourceId(1), "Müller AG"),
    Company(SourceId(2), "Nord"),
    Company(SourceId(3), "Nord", archived=True),
)
PROJECTS = (
    Project(SourceId(10), "Website", company_id=SourceId(1)),
    Project(SourceId(11), "Website", company_id=SourceId(2), archived=True),
    Project(SourceId(12), "Shop", identifier="SHP", company_id=SourceId(1)),
)
USERS = (User(SourceId(5), "Ada Beispiel", "ada@example.com"), User(SourceId(6), "Ada  beispiel"))
MASTERS = SourceMasters(
    {each.id: each for each in USERS}, {each.id: each for each in COMPANIES}, {each.id: each for each in PROJECTS}
)


def table_of(text: str, encoding: str = "utf-8") -> Table:
    return read_totals(text.encode(encoding), "c.csv")


def totals_of(text: str, encoding: str = "utf-8") -> list[Total]:
    table = table_of(text, encoding)
    assert table.problems == ()
    return list(table.totals)


def names() -> Names:
    gone = Worker(None, "Old Hand", "")
    return Names(MASTERS, [gone, Worker(SourceId(7), "Only In Records", "")], {SourceId(10), SourceId(99)})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Jahr;Kunde;Mitarbeiter;Status;Stunden\r\n2024;Müller AG;Ada Beispiel;abrechenbar;1.234,50\r\n", "utf-8-sig"),
        ("Jahr;Kunde;Mitarbeiter;Status;Stunden\n2024;Müller AG;Ada Beispiel;1;1.234,50\n", "cp1252"),
        ('year,client,user,billable status,time\n2024,Müller AG,Ada Beispiel,billable,"1,234.50"\n', "utf-8"),
        ("Hours\tPerson\tCustomer\tYear\tStatus\n1234:30\tAda Beispiel\tMüller AG\t2024\tBillable\n", "utf-8"),
    ],
)
def test_one_total_in_both_languages_and_dialects(text: str, encoding: str) -> None:
    (total,) = totals_of(text, encoding)
    assert (total.label, total.amount.seconds) == ("2024 · Müller AG · Ada Beispiel · billable", 4_444_200)
    assert total.status is Billing.BILLABLE


@pytest.mark.parametrize("row", [";;12", "Gesamt;;12", ";total;12"])
def test_a_total_of_everything_has_no_name_or_says_so(row: str) -> None:
    (total,) = totals_of(f"Jahr;Projekt;Stunden\n{row}")
    assert (total.label, total.project, total.period) == ("everything", "", None)


def test_everything_that_is_wrong_is_said_at_once_with_its_line() -> None:
    text = "month;project;hours;status\n13;A;x;9\n2024-01;A;1\n;A;0,5;\n;a;2,5;\n"
    told = [str(problem) for problem in table_of(text).problems]
    assert [line.split(" ")[0] for line in told] == ["c.csv:3:", "c.csv:2:", "c.csv:2:", "c.csv:2:", "c.csv:5:"]
    assert [line.split(" ")[1] for line in told] == ["text", "month", "hours", "status", "text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a first line with the columns"),
        ("project;hours\n", "a first line with the columns"),
        ("project;rate;hours\nA;1;2\n", "one of year, month"),
        ("project;projekt;hours\nA;B;2\n", "one column project"),
        ("project;year\nA;2024\n", "a column hours"),
        ("project,hours\nA,3,75\n", "2 cells as in the first line, not 3"),
        ("project;hours\nA;2,75\nB;2.75\n", "one decimal sign"),
        ('project;hours\n"A;2\n', "well-formed CSV"),
    ],
)
def test_a_file_that_cannot_be_understood_says_what_was_expected(text: str, expected: str) -> None:
    assert expected in str(table_of(text).problems[0])


def test_names_are_found_as_people_write_them() -> None:
    some, text = names(), "customer;project;person;hours\n muller ag;;;1\n;SHP;;1\nNORD;;ada@example.com;2\n"
    found = [some.part_of(total) for total in totals_of(text.replace("NORD", "#2"))]
    assert some.problems == []
    assert [set(part.projects or ()) for part in found if part] == [{10, 12}, {12}, {11}]
    assert found[2] is not None
    assert found[2].worker == Worker(SourceId(5), "Ada Beispiel", "")


def test_a_name_that_was_made_harmless_in_a_csv_file_of_ours_is_read_as_it_is() -> None:
    (total,) = totals_of("project;hours\n'=Betreuung;1\n")
    assert total.project == "=Betreuung"


def test_who_has_no_account_is_found_by_name_and_a_project_without_one_by_number() -> None:
    some = names()
    text = "person;project;hours\nold hand;;1\nOnly in Records;;1\n;#99;2\n"
    found = [part for total in totals_of(text) if (part := some.part_of(total))]
    assert some.problems == []
    assert [part.worker for part in found[:2]] == [
        Worker(None, "Old Hand", ""),
        Worker(SourceId(7), "Only In Records", ""),
    ]
    assert found[2].projects == {99}


def test_a_name_that_exists_twice_is_an_error_that_names_the_candidates() -> None:
    some = names()
    rows = "customer;project;person;hours\nNord;;;1\n;Website;;1\n;;Ada Beispiel;1\nMüller AG;Website;;1\n;Webside;;1\n"
    found = [some.part_of(total) for total in totals_of(rows)]
    assert [part is None for part in found] == [True, True, True, False, True]
    told = [str(problem) for problem in some.problems]
    assert "#2 (Nord), #3 (Nord, archived)" in told[0]
    assert "#10 (Website, Müller AG), #11 (Website, Nord, archived)" in told[1]
    assert "or add the column customer" in told[1]
    assert "#5 (Ada Beispiel), #6 (Ada  beispiel)" in told[2]
    assert "a project of ActiveCollab that was read, perhaps Website" in told[3]
