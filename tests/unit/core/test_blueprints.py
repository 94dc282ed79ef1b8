"""What is to be created in MOCO for companies and projects, or why that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.blueprints import Blueprints, Defaults, Drawer
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow, SourceMasters, TargetMasters
from migrator.core.model import Company, MocoId, Project, SourceId, TargetCompany, TargetProject, TargetUser, User
from migrator.core.newcomers import find_newcomers
from migrator.core.terms import NO_TERMS, BillingVariant, Terms

ADA, OLD = MocoId(100), MocoId(101)
KNOWN = SourceMasters(
    users={SourceId(1): User(SourceId(1), "Jo Doe", "jo@example.com")},
    companies={SourceId(3): Company(SourceId(3), "Neu GmbH")},
    projects={
        SourceId(5): Project(
            SourceId(5), "Relaunch", "relaunch", SourceId(3), SourceId(1), "https://ac.example/projects/5"
        )
    },
)
THERE = TargetMasters(
    users={
        ADA: TargetUser(ADA, "Ada", "Admin", "ada@example.com", active=True),
        OLD: TargetUser(OLD, "Otto", "Alt", "otto@example.com", active=False),
    },
    companies={MocoId(30): TargetCompany(MocoId(30), "Neu GmbH")},
)
DEFAULTS = Defaults(currency="EUR", leader="ada@example.com", create_companies=True)
DAYS = {SourceId(5): (date(2024, 1, 9), date(2024, 3, 7))}
TO_COMPANY = MapRow(MapKind.COMPANY, SourceId(3), MapAction.MAP, MocoId(30))
NEW_COMPANY = MapRow(MapKind.COMPANY, SourceId(3), MapAction.CREATE)


def draw(
    *rows: MapRow,
    terms: Terms = NO_TERMS,
    known: SourceMasters = KNOWN,
    there: TargetMasters = THERE,
    defaults: Defaults = DEFAULTS,
    refused: dict[tuple[MapKind, SourceId], str] | None = None,
) -> Blueprints:
    """Blueprints for project 5, whose company is mapped unless `rows` say otherwise."""
    project = MapRow(MapKind.PROJECT, SourceId(5), MapAction.CREATE, terms=terms)
    mapping = Mapping.of(1, (*(rows or (TO_COMPANY,)), project))
    return Drawer(mapping, known, there, defaults, DAYS).draw(refused or {})


def test_everything_a_project_needs_comes_from_activecollab_the_mapping_and_the_configuration() -> None:
    drawn = draw()
    project = drawn.projects[SourceId(5)]
    assert (project.name, project.company_id, project.leader_id, project.currency) == ("Relaunch", 30, ADA, "EUR")
    assert (project.start_date, project.finish_date) == (date(2024, 1, 9), None)
    assert (project.identifier, project.spare_identifier) == ("", "relaunch")
    assert project.info == "ActiveCollab project 5: https://ac.example/projects/5"
    assert (project.there, dict(drawn.companies), dict(drawn.impossible)) == (None, {}, {})


def test_the_columns_of_the_mapping_win_over_the_configuration() -> None:
    terms = Terms(
        currency="CHF",
        leader="ADA@example.com".lower(),
        identifier="R-7",
        billing_variant=BillingVariant.TASK,
        fixed_price=True,
        start_date=date(2024, 1, 1),
        finish_date=date(2024, 12, 31),
        tags=("alt",),
        project_group="",
    )
    project = draw(terms=terms, defaults=Defaults("EUR", "otto@example.com", create_companies=True)).projects[
        SourceId(5)
    ]
    assert (project.currency, project.identifier, project.spare_identifier) == ("CHF", "R-7", "")
    assert (project.billing_variant, project.fixed_price, project.tags) == (BillingVariant.TASK, True, ("alt",))
    assert (project.start_date, project.finish_date) == (date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize("named", ["30", " neu  gmbh"])
def test_the_customer_that_a_person_named_counts(named: str) -> None:
    homeless = replace(KNOWN, projects={SourceId(5): Project(SourceId(5), "Relaunch")})
    project = draw(MapRow(MapKind.COMPANY, SourceId(3), MapAction.HOLD), terms=Terms(customer=named), known=homeless)
    assert (project.projects[SourceId(5)].company, project.projects[SourceId(5)].company_id) == (None, 30)


def test_a_project_that_is_archived_in_activecollab_ends_on_its_last_day_with_time() -> None:
    archived = {SourceId(5): replace(KNOWN.projects[SourceId(5)], archived=True)}
    assert draw(known=replace(KNOWN, projects=archived)).projects[SourceId(5)].finish_date == date(2024, 3, 7)


def test_activecollab_s_own_leader_leads_where_nobody_said_otherwise() -> None:
    to_ada = MapRow(MapKind.USER, SourceId(1), MapAction.MAP, ADA)
    defaults = replace(DEFAULTS, leader="")
    assert draw(TO_COMPANY, to_ada, defaults=defaults).projects[SourceId(5)].leader_id == ADA


def test_a_customer_that_is_new_is_drawn_once_and_one_of_its_name_is_adopted() -> None:
    new = draw(NEW_COMPANY, there=replace(THERE, companies={}))
    assert (new.projects[SourceId(5)].company_id, new.companies[SourceId(3)].there) == (None, None)
    known = draw(NEW_COMPANY)
    assert known.companies[SourceId(3)].there == 30


def test_a_supplier_of_the_same_name_is_no_customer() -> None:
    supplier = TargetCompany(MocoId(30), "Neu GmbH", type="supplier")
    drawn = draw(NEW_COMPANY, there=replace(THERE, companies={MocoId(30): supplier}))
    assert drawn.companies[SourceId(3)].there is None


def test_a_project_of_a_customer_that_is_adopted_is_looked_for_there() -> None:
    drawn = draw(NEW_COMPANY, there=with_projects(a_project(50)))
    assert (drawn.companies[SourceId(3)].there, drawn.projects[SourceId(5)].there) == (30, 50)


def test_the_customer_that_a_person_named_may_be_created_in_the_same_run() -> None:
    homeless = replace(KNOWN, projects={SourceId(5): Project(SourceId(5), "Relaunch")})
    drawn = draw(NEW_COMPANY, terms=Terms(customer="neu gmbh"), known=homeless, there=replace(THERE, companies={}))
    assert (drawn.projects[SourceId(5)].company, list(drawn.companies)) == (3, [3])


def with_projects(*projects: TargetProject) -> TargetMasters:
    return replace(THERE, projects={each.id: each for each in projects})


def a_project(number: int, name: str = "Relaunch", company: int = 30, identifier: str = "") -> TargetProject:
    return TargetProject(MocoId(number), name, identifier, MocoId(company), active=True, billable=True)


def test_what_has_the_same_natural_key_is_adopted_unless_it_stands_for_something_else() -> None:
    assert draw(there=with_projects(a_project(50, " RELAUNCH "))).projects[SourceId(5)].there == 50
    assert draw(there=with_projects(a_project(50, company=31))).projects[SourceId(5)].there is None
    other = MapRow(MapKind.PROJECT, SourceId(6), MapAction.MAP, MocoId(50))
    assert draw(TO_COMPANY, other, there=with_projects(a_project(50))).projects[SourceId(5)].there is None
    by_number = draw(terms=Terms(identifier="R-7"), there=with_projects(a_project(51, "Anders", identifier="R-7")))
    assert by_number.projects[SourceId(5)].there == 51


RETAINER = Terms(retainer=True, start_date=date(2024, 1, 1), finish_date=date(2024, 3, 31), budget_monthly=Decimal(900))
TWINS = {**KNOWN.projects, SourceId(6): Project(SourceId(6), "Relaunch", company_id=SourceId(3))}
NOT_MAPPED = "its company 3 (Neu GmbH) is not mapped"
IMPOSSIBLE = {
    "currency": (draw(defaults=replace(DEFAULTS, currency="")), "its currency is not decided"),
    "no leader": (draw(defaults=replace(DEFAULTS, leader="")), "its leader is not decided"),
    "leader left": (draw(terms=Terms(leader="otto@example.com")), "its leader otto@example.com is no active person"),
    "no company row": (
        draw(MapRow(MapKind.USER, SourceId(1), MapAction.HOLD)),
        "its company 3 (Neu GmbH) is not mapped",
    ),
    "company held": (
        draw(MapRow(MapKind.COMPANY, SourceId(3), MapAction.HOLD)),
        "its company 3 (Neu GmbH) is not mapped",
    ),
    "company gone": (draw(there=replace(THERE, companies={})), "mapped to MOCO company 30, which is not there"),
    "companies not allowed": (
        draw(NEW_COMPANY, defaults=replace(DEFAULTS, create_companies=False)),
        'add "companies" to mapping.create',
    ),
    "two companies": (
        draw(
            NEW_COMPANY,
            there=replace(THERE, companies={**THERE.companies, MocoId(31): TargetCompany(MocoId(31), "neu gmbh")}),
        ),
        "MOCO has 2 companies called 'Neu GmbH'",
    ),
    "no name": (draw(known=replace(KNOWN, projects={})), "did not tell its name"),
    "without company": (
        draw(known=replace(KNOWN, projects={SourceId(5): Project(SourceId(5), "Relaunch")})),
        "it has no company in ActiveCollab",
    ),
    "customer": (draw(terms=Terms(customer="Nirgends")), "its customer 'Nirgends' is none of MOCO"),
    "group": (draw(terms=Terms(project_group="Nirgends")), "MOCO has no project group 'Nirgends'"),
    "retainer begins": (draw(terms=replace(RETAINER, start_date=date(2024, 1, 2))), "first day of a month"),
    "retainer ends": (draw(terms=replace(RETAINER, finish_date=date(2024, 3, 30))), "last day of a month"),
    "retainer backwards": (
        draw(terms=replace(RETAINER, finish_date=date(2023, 12, 31))),
        "not be before its start_date",
    ),
    "retainer budget": (draw(terms=replace(RETAINER, budget_monthly=None)), "needs budget_monthly"),
    "dates": (draw(terms=Terms(finish_date=date(2024, 1, 8))), "finish_date 2024-01-08 is before its start_date"),
    "number taken": (
        draw(terms=Terms(identifier="R-7"), there=with_projects(a_project(51, company=31, identifier="R-7"))),
        "MOCO project 51 has the identifier 'R-7' already",
    ),
    "two there": (draw(there=with_projects(a_project(50), a_project(51))), "several projects of this name"),
    "two here": (
        draw(
            TO_COMPANY,
            MapRow(MapKind.PROJECT, SourceId(6), MapAction.CREATE),
            known=replace(KNOWN, projects=TWINS),
            there=with_projects(a_project(50)),
        ),
        "ActiveCollab has several projects of this name",
    ),
    "refused": (draw(refused={(MapKind.PROJECT, SourceId(5)): "MOCO says: nein"}), "MOCO says: nein"),
    "company refused": (draw(NEW_COMPANY, refused={(MapKind.COMPANY, SourceId(3)): "nein"}), "nein"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_created_says_why(case: str) -> None:
    drawn, reason = IMPOSSIBLE[case]
    assert reason in drawn.impossible[SourceId(5)]
    assert SourceId(5) not in drawn.projects


@pytest.mark.parametrize("ends", [date(2024, 2, 29), date(2024, 3, 31), date.max])
def test_a_retainer_with_whole_months_and_a_budget_is_drawn(ends: date) -> None:
    project = draw(terms=replace(RETAINER, finish_date=ends)).projects[SourceId(5)]
    assert (project.retainer, project.budget_monthly) == (True, Decimal(900))


def test_what_was_created_is_drawn_no_more_and_without_new_ones_everything_waits() -> None:
    row = MapRow(MapKind.PROJECT, SourceId(5), MapAction.CREATE)
    made = Mapping.of(1, (TO_COMPANY, row)).with_made({(MapKind.PROJECT, SourceId(5)): MocoId(50)})
    assert made.get(MapKind.PROJECT, SourceId(5)) == replace(row, target_id=MocoId(50))
    assert Drawer(made, KNOWN, THERE, DEFAULTS, DAYS).draw({}) == Blueprints()
    assert draw().without_new().impossible == {SourceId(5): "it was not created in this run"}


names = st.sampled_from(["Relaunch", "relaunch ", "App", ""])


@given(
    here=st.lists(st.tuples(names, st.sampled_from([3, 4, None])), max_size=6),
    there=st.lists(st.tuples(names, st.sampled_from([30, 31])), max_size=4),
    companies=st.sampled_from([MapAction.MAP, MapAction.CREATE, MapAction.SKIP]),
)
def test_each_project_is_drawn_or_impossible_and_no_two_adopt_the_same(
    here: list[tuple[str, int | None]], there: list[tuple[str, int]], companies: MapAction
) -> None:
    known = SourceMasters(
        companies={SourceId(3): Company(SourceId(3), "Neu GmbH"), SourceId(4): Company(SourceId(4), "Alt AG")},
        projects={
            SourceId(number): Project(SourceId(number), name, company_id=None if firm is None else SourceId(firm))
            for number, (name, firm) in enumerate(here, 1)
        },
    )
    masters = with_projects(*(a_project(500 + number, name, firm) for number, (name, firm) in enumerate(there)))
    rows = [
        MapRow(MapKind.COMPANY, SourceId(3), companies, MocoId(30) if companies is MapAction.MAP else None),
        *(MapRow(MapKind.PROJECT, each, MapAction.CREATE) for each in known.projects),
    ]
    drawn = Drawer(Mapping.of(1, rows), known, masters, DEFAULTS, {}).draw({})
    assert set(drawn.projects) | set(drawn.impossible) == set(known.projects)
    assert not set(drawn.projects) & set(drawn.impossible)
    adopted = [each.there for each in drawn.projects.values() if each.there is not None]
    assert len(adopted) == len(set(adopted))
    assert all(each.company_id is not None or each.company in drawn.companies for each in drawn.projects.values())


# -- people -------------------------------------------------------------------------------------------------------


def test_people_need_an_e_mail_and_two_names_and_are_found_by_their_e_mail() -> None:
    users = {
        SourceId(1): User(SourceId(1), "Jo van Doe", "Jo@Example.com"),
        SourceId(2): User(SourceId(2), "Otto Alt", "otto@example.com"),
        SourceId(3): User(SourceId(3), "Cher", "cher@example.com"),
        SourceId(4): User(SourceId(4), "Ben Muster", ""),
        SourceId(5): User(SourceId(5), "Held Back", "held@example.com"),
    }
    rows = [MapRow(MapKind.USER, each, MapAction.CREATE) for each in users if each != 5]
    found = find_newcomers(Mapping.of(1, rows), SourceMasters(users=users), THERE)
    assert [(each.firstname, each.lastname, each.email, each.there) for each in found.people] == [
        ("Jo van", "Doe", "jo@example.com", None),
        ("Otto", "Alt", "otto@example.com", OLD),
    ]
    assert set(found.impossible) == {3, 4}
