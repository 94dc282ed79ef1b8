"""Both sides of the mapping: what ActiveCollab calls its things, and what MOCO has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrator.app.config import moco_problems
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace, connect_reader
from migrator.core.mapping import Made, MapKind, SourceMasters, TargetMasters
from migrator.core.model import MocoId, SourceId, TargetCompany, TargetProject, TargetTask, TargetUser
from migrator.store.engine import reading
from migrator.store.made import made_targets
from migrator.store.source_masters import load_masters
from migrator.store.target_masters import load_target_masters

Thing = tuple[MapKind, SourceId]
"""What a mapping row is about."""

Target = TargetUser | TargetCompany | TargetProject | TargetTask

_NO_RUN = 0
"""Master data belong to no run."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The master records of both sides; names are empty where nothing is known."""

    known: SourceMasters
    there: TargetMasters
    made: Made = field(default_factory=dict)
    """What was created in MOCO for rows that say `create`."""

    def source_name(self, kind: MapKind, source_id: SourceId) -> str:
        """What ActiveCollab calls a thing."""
        match kind:
            case MapKind.USER:
                found = self.known.users.get(source_id)
                return found.name if found else ""
            case MapKind.COMPANY:
                company = self.known.companies.get(source_id)
                return company.name if company else ""
            case MapKind.PROJECT:
                project = self.known.projects.get(source_id)
                return project.name if project else ""
            case MapKind.TASK:
                task = self.known.tasks.get(source_id)
                return task.name if task else ""
            case MapKind.JOB_TYPE:
                job_type = self.known.job_types.get(source_id)
                return job_type.name if job_type else ""

    def source_email(self, kind: MapKind, source_id: SourceId) -> str:
        """A person's e-mail."""
        user = self.known.users.get(source_id) if kind is MapKind.USER else None
        return user.email if user else ""

    def source_parent(self, kind: MapKind, source_id: SourceId) -> str:
        """What a thing belongs to: the company of a person or project, the project of a ticket."""
        match kind:
            case MapKind.USER:
                user = self.known.users.get(source_id)
                return self._company(user.company_id if user else None)
            case MapKind.PROJECT:
                project = self.known.projects.get(source_id)
                return self._company(project.company_id if project else None)
            case MapKind.TASK:
                task = self.known.tasks.get(source_id)
                place = task.project_id if task else None
                return self.source_name(MapKind.PROJECT, place) if place is not None else ""
            case MapKind.COMPANY | MapKind.JOB_TYPE:
                return ""

    def is_known(self, kind: MapKind, source_id: SourceId) -> bool:
        """Whether a thing was read from ActiveCollab."""
        sources: Mapping[MapKind, Mapping[SourceId, object]] = {
            MapKind.USER: self.known.users,
            MapKind.COMPANY: self.known.companies,
            MapKind.PROJECT: self.known.projects,
            MapKind.TASK: self.known.tasks,
            MapKind.JOB_TYPE: self.known.job_types,
        }
        return source_id in sources[kind]

    def targets(self, kind: MapKind) -> Mapping[MocoId, Target]:
        """What things of a kind can become in MOCO."""
        match kind:
            case MapKind.USER:
                return self.there.users
            case MapKind.COMPANY:
                return self.there.companies
            case MapKind.PROJECT:
                return self.there.projects
            case MapKind.TASK | MapKind.JOB_TYPE:
                return self.there.tasks

    def target_name(self, kind: MapKind, target_id: MocoId | None) -> str:
        """What MOCO calls a target."""
        found = self.targets(kind).get(target_id) if target_id is not None else None
        return found.name if found else ""

    def _company(self, company_id: SourceId | None) -> str:
        return self.source_name(MapKind.COMPANY, company_id) if company_id is not None else ""


def names_of(target: Target) -> tuple[str, ...]:
    """Everything a person may call a target: name, and e-mail or identifier."""
    match target:
        case TargetUser():
            return target.name, target.email
        case TargetCompany() | TargetProject():
            return target.name, target.identifier
        case TargetTask():
            return (target.name,)


def load_sides(place: Workplace, *, refresh: bool) -> Sides:
    """Both sides: MOCO's is read anew with `refresh` or when nothing of it is stored, if it is configured."""
    with reading(place.engine) as session:
        known = load_masters(session)
        there = load_target_masters(session)
        made = made_targets(session)
    if (refresh or not there.users) and not moco_problems(place.config):
        there = Survey(place, connect_reader(place), _NO_RUN).refresh_masters()
    return Sides(known, there, made)
