"""Exact matches are made only where there is no doubt on either side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow, SourceMasters, TargetMasters
from migrator.core.matching import ExactMatcher, effective, exact_matches, normalise, task_key
from migrator.core.model import (
    Company,
    MocoId,
    Project,
    SourceId,
    TargetCompany,
    TargetContract,
    TargetProject,
    TargetTask,
    TargetUser,
    User,
)


def source(
    users: dict[int, str] | None = None,
    companies: dict[int, str] | None = None,
    projects: list[tuple[int, str, str, int | None]] | None = None,
) -> SourceMasters:
    return SourceMasters(
        users={
            SourceId(number): User(SourceId(number), f"Person {number}", mail) for number, mail in (users or {}).items()
        },
        companies={SourceId(number): Company(SourceId(number), name) for number, name in (companies or {}).items()},
        projects={
            SourceId(number): Project(SourceId(number), name, identifier, None if firm is None else SourceId(firm))
            for number, name, identifier, firm in projects or []
        },
    )


def target(
    users: dict[int, str] | None = None,
    companies: list[tuple[int, str, str]] | None = None,
    projects: list[tuple[int, str, str, int | None]] | None = None,
) -> TargetMasters:
    return TargetMasters(
        users={
            MocoId(number): TargetUser(MocoId(number), "P", str(number), mail, active=False)
            for number, mail in (users or {}).items()
        },
        companies={
            MocoId(number): TargetCompany(MocoId(number), name, identifier)
            for number, name, identifier in companies or []
        },
        projects={
            MocoId(number): TargetProject(
                MocoId(number),
                name,
                identifier,
                None if firm is None else MocoId(firm),
                active=False,
                billable=True,
            )
            for number, name, identifier, firm in projects or []
        },
    )


def pairs(rows: tuple[MapRow, ...]) -> set[tuple[str, int, int | None]]:
    assert all(row.exact and row.action is MapAction.MAP for row in rows)
    return {(row.kind.value, row.source_id, row.target_id) for row in rows}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller  GmbH", "muller gmbh"),
        ("STRASSE", "Straße"),
        (" Relaunch\t2024 ", "relaunch 2024"),
        ("Café", "Cafe\u0301"),
        ("ﬁrst", "First"),
    ],
)
def test_names_are_compared_as_people_do(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@given(st.text())
def test_normalising_twice_changes_nothing(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


def test_a_task_is_known_by_project_and_name() -> None:
    assert task_key(MocoId(1), "Design ") == task_key(MocoId(1), "DESIGN") != task_key(MocoId(2), "Design")


def test_people_match_by_e_mail_whether_active_or_not() -> None:
    rows = exact_matches(source({17: "Jo@Example.com", 18: ""}), target({7: "jo@example.com", 8: ""}))
    assert pairs(rows) == {("user", 17, 7)}


def test_an_e_mail_that_is_shared_on_either_side_matches_nobody() -> None:
    assert exact_matches(source({1: "a@x.de", 2: "a@x.de"}), target({7: "a@x.de"})) == ()
    assert exact_matches(source({1: "a@x.de"}), target({7: "a@x.de", 8: "A@x.de"})) == ()


def test_companies_match_by_name_or_identifier() -> None:
    rows = exact_matches(
        source(companies={1: "Müller GmbH", 2: "ACME", 3: "Twice"}),
        target(companies=[(5, "Mueller", "muller gmbh"), (6, "Acme", ""), (7, "Twice", ""), (8, "X", "twice")]),
    )
    assert pairs(rows) == {("company", 1, 5), ("company", 2, 6)}


def test_projects_match_by_identifier_or_name() -> None:
    rows = exact_matches(
        source(projects=[(1, "Relaunch", "rel", None), (2, "Intranet", "", None)]),
        target(projects=[(5, "Something", "REL", None), (6, "Intranet", "P2", None)]),
    )
    assert pairs(rows) == {("project", 1, 5), ("project", 2, 6)}


def test_a_project_whose_name_and_identifier_disagree_matches_none() -> None:
    matcher = ExactMatcher(
        source(projects=[(1, "Relaunch", "rel", None)]),
        target(projects=[(5, "Other", "rel", None), (6, "Relaunch", "x", None)]),
    )
    assert matcher.rows() == ()
    assert matcher.candidates(MapKind.PROJECT, SourceId(1)) == (MocoId(5), MocoId(6))


def test_the_customer_tells_projects_of_one_name_apart() -> None:
    rows = exact_matches(
        source(companies={1: "Acme", 2: "Beta"}, projects=[(3, "Support", "", 1), (4, "Support", "", 2)]),
        target(
            companies=[(11, "Acme", ""), (12, "Beta", "")],
            projects=[(21, "Support", "P1", 11), (22, "Support", "P2", 12)],
        ),
    )
    assert pairs(rows) >= {("project", 3, 21), ("project", 4, 22)}


def test_a_customer_that_a_person_decided_tells_them_apart_too() -> None:
    decided = MapRow(MapKind.COMPANY, SourceId(1), MapAction.MAP, MocoId(11))
    rows = exact_matches(
        source(companies={1: "Acme"}, projects=[(3, "Support", "", 1)]),
        target(companies=[(11, "Acme Holding", "")], projects=[(21, "Support", "", 11), (22, "Support", "", 12)]),
        [decided],
    )
    assert pairs(rows) == {("project", 3, 21)}


def test_the_same_name_at_another_customer_is_no_match() -> None:
    rows = exact_matches(
        source(companies={1: "Acme"}, projects=[(3, "Support", "", 1)]),
        target(companies=[(11, "Acme", "")], projects=[(22, "Support", "", 12)]),
    )
    assert pairs(rows) == {("company", 1, 11)}


def test_two_projects_that_mean_one_match_neither() -> None:
    rows = exact_matches(
        source(projects=[(3, "Support", "", None), (4, "support", "", None)]),
        target(projects=[(22, "Support", "", None)]),
    )
    assert rows == ()


@pytest.mark.parametrize("kind", MapKind)
def test_unknown_things_have_no_candidates(kind: MapKind) -> None:
    assert ExactMatcher(source(), target()).candidates(kind, SourceId(1)) == ()


def test_a_person_decides_before_an_exact_match() -> None:
    found = MapRow(MapKind.USER, SourceId(1), MapAction.MAP, MocoId(7), exact=True)
    other = MapRow(MapKind.USER, SourceId(2), MapAction.MAP, MocoId(8), exact=True)
    decided = MapRow(MapKind.USER, SourceId(1), MapAction.HOLD)
    explicit = Mapping.of(3, [decided])
    joined = effective(explicit, [found, other], accept_exact=True)
    assert joined.version == 3
    assert (joined.get(MapKind.USER, SourceId(1)), joined.get(MapKind.USER, SourceId(2))) == (decided, other)
    assert effective(explicit, [found, other], accept_exact=False) == explicit


def test_an_active_task_or_contract_stands_before_an_inactive_namesake() -> None:
    project, user = MocoId(1), MocoId(2)
    tasks = [
        TargetTask(MocoId(number), project, name, active, billable=True)
        for number, name, active in ((3, "Design", False), (4, "design", True), (5, "DESIGN", True))
    ]
    contracts = tuple(
        TargetContract(MocoId(number), project, user, active) for number, active in ((7, False), (8, True), (9, True))
    )
    for order in (tasks, tasks[::-1]):
        masters = TargetMasters(tasks={task.id: task for task in order}, contracts=contracts[::-1])
        assert masters.task_by_name[task_key(project, "Design")].id == 4
        assert masters.contract_of[project, user].id == 8
