"""The agency's MOCO account before the migration, and what a person would decide about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from migrator.sandbox import agency_words as words
from migrator.sandbox.agency_cast import InMoco, Person, Project
from migrator.sandbox.agency_history import Agency

DEFAULT_TASK = "ActiveCollab"
_DEFAULT_TASK_EVERY = 6
_NAME_FOR_THE_NAMELESS = "Robles"


@dataclass(frozen=True, slots=True)
class MocoPerson:
    """A user of the MOCO account; `source_id` is the person's id in ActiveCollab."""

    source_id: int
    firstname: str
    lastname: str
    email: str
    active: bool
    administrator: bool


@dataclass(frozen=True, slots=True)
class MocoProject:
    """A project of the MOCO account, with its tasks by name and the people assigned by e-mail.

    `source_id` is the project's id in ActiveCollab; `company` and `leader` are a name and an e-mail.
    """

    source_id: int
    name: str
    company: str
    leader: str
    active: bool
    billable: bool
    tasks: tuple[str, ...]
    assigned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MocoSide:
    """All that a MOCO account is furnished with; the first company is the account's own."""

    people: tuple[MocoPerson, ...]
    companies: tuple[str, ...]
    projects: tuple[MocoProject, ...]


@dataclass(frozen=True, slots=True)
class MappingChoice:
    """One line of the mapping as a person would fill it in; targets are empty for a hold."""

    kind: str
    source_id: int
    source_name: str
    action: str
    target_name: str = ""
    target_email: str = ""
    note: str = ""


def target_of(agency: Agency) -> MocoSide:
    """What MOCO knows of `agency`: nearly everything, and not always by the same name."""
    cast = agency.cast
    names = {client.id: client.name for client in cast.clients}
    people = tuple(_moco_person(each) for each in cast.people if each.in_moco is not InMoco.MISSING)
    chance = Random(f"{agency.seed}/moco")
    projects = tuple(
        _moco_project(
            chance,
            each,
            company=names[each.client_id],
            leader=cast.person(each.leader_id).email.lower(),
            mails=[person.email for person in people],
            has_default_task=at % _DEFAULT_TASK_EVERY == 1,
        )
        for at, each in enumerate(cast.projects)
    )
    return MocoSide(people, tuple(names.values()), projects)


def mapping_choices(agency: Agency) -> tuple[MappingChoice, ...]:
    """What no exact match settles: the project of another name is mapped, the missing person held."""
    projects = [
        MappingChoice("project", each.id, each.name, "map", each.name_in_moco, note="same project, renamed")
        for each in agency.cast.projects
        if each.name != each.name_in_moco
    ]
    people = [
        MappingChoice("user", each.id, each.name, "hold", note="left, no account in MOCO")
        for each in agency.cast.people
        if each.in_moco is InMoco.MISSING
    ]
    return (*people, *projects)


def _moco_person(person: Person) -> MocoPerson:
    return MocoPerson(
        source_id=person.id,
        firstname=person.first_name,
        lastname=person.last_name or _NAME_FOR_THE_NAMELESS,
        email=person.email.lower(),
        active=person.in_moco is InMoco.ACTIVE,
        administrator=person.administrator,
    )


def _moco_project(
    chance: Random, project: Project, *, company: str, leader: str, mails: list[str], has_default_task: bool
) -> MocoProject:
    tasks = chance.sample(words.SERVICE_NAMES, chance.randint(1, 3))
    assigned = chance.sample(mails, len(mails) // 2)
    return MocoProject(
        source_id=project.id,
        name=project.name_in_moco,
        company=company,
        leader=leader,
        active=not project.archived_in_moco,
        billable=not project.internal,
        tasks=(*tasks, DEFAULT_TASK) if has_default_task else tuple(tasks),
        assigned=tuple(sorted(assigned)),
    )
