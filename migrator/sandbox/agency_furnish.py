"""Putting the agency's people, companies and projects into a simulated MOCO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migrator.sandbox.agency_history import Agency
from migrator.sandbox.agency_target import MocoSide, target_of
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Company, Project, User


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was put there, and a key whose owner may act for others; ids by the ids of ActiveCollab."""

    api_key: str
    users: int
    companies: int
    projects: int
    tasks: int
    contracts: int
    user_ids: Mapping[int, int]
    project_ids: Mapping[int, int]


def furnish(agency: Agency, sandbox: MocoSandbox) -> Furnished:
    """Put all of `target_of(agency)` into `sandbox`, which is best empty before."""
    side = target_of(agency)
    users = _people(side, sandbox)
    companies = {
        name: sandbox.add_company(name, intern=at == 0, kind="organization" if at == 0 else "customer")
        for at, name in enumerate(side.companies)
    }
    project_ids = _projects(side, sandbox, users, companies)
    owner = next(each for each in side.people if each.administrator)
    return Furnished(
        api_key=sandbox.add_key(f"sandbox-key-of-agency-{agency.seed}", users[owner.email]),
        users=len(users),
        companies=len(companies),
        projects=len(project_ids),
        tasks=sum(len(each.tasks) for each in side.projects),
        contracts=sum(len(each.assigned) for each in side.projects),
        user_ids={each.source_id: users[each.email].id for each in side.people},
        project_ids=project_ids,
    )


def _people(side: MocoSide, sandbox: MocoSandbox) -> dict[str, User]:
    return {
        each.email: sandbox.add_user(
            each.firstname,
            each.lastname,
            email=each.email,
            active=each.active,
            permissions=EVERY_PERMISSION if each.administrator else (),
        )
        for each in side.people
    }


def _projects(
    side: MocoSide, sandbox: MocoSandbox, users: Mapping[str, User], companies: Mapping[str, Company]
) -> dict[int, int]:
    ids: dict[int, int] = {}
    for each in side.projects:
        project: Project = sandbox.add_project(
            companies[each.company],
            each.name,
            leader=users[each.leader],
            active=each.active,
            billable=each.billable,
        )
        ids[each.source_id] = project.id
        for name in each.tasks:
            sandbox.add_task(project, name, billable=each.billable)
        for email in each.assigned:
            sandbox.add_contract(project, users[email])
    return ids
