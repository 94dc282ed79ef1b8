"""The companies and projects that records need in MOCO: how each is asked for, found again and remembered.

A company's natural key is its name, a project's its identifier where one is sent, else name and customer. What is
there already is adopted, unless it stands for something else of ActiveCollab.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from migrator.app.carrying import Carrier
from migrator.app.obstacles import creation_refused, remember
from migrator.app.provision.needed import Needed
from migrator.core.blueprints import CompanyBlueprint, ProjectBlueprint
from migrator.core.mapping import MapKind
from migrator.core.model import MocoId, SourceId, TargetCompany
from migrator.core.names import normalise
from migrator.core.terms import BillingVariant
from migrator.moco.answers import ProjectWithParts, read_company, read_project
from migrator.moco.call import Call
from migrator.moco.calls import companies, projects
from migrator.moco.outcomes import WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.refusals import Refusal
from migrator.store import made, target
from migrator.store.engine import reading, writing
from migrator.store.intents import OpenIntent
from migrator.store.made import MadeThing
from migrator.store.target import TargetKind

CUSTOM_PROPERTY = "ActiveCollab ID"
"""A text field of MOCO's projects; where the account defines it, it holds ActiveCollab's id. Others ignore it (DOC)."""


@dataclass(frozen=True, slots=True)
class NeededCompany(Needed):
    """A customer that projects need."""

    blueprint: CompanyBlueprint
    write = "company"

    @property
    def natural_key(self) -> str:
        return normalise(self.blueprint.name)

    def payload(self) -> str:
        return json.dumps({"source_id": self.blueprint.source_id, "name": self.blueprint.name}, ensure_ascii=False)

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        fields: companies.CompanyFields = {"currency": self.blueprint.currency} if self.blueprint.currency else {}
        call = companies.create(name=self.blueprint.name, type=companies.CompanyType.CUSTOMER, **fields)
        return carrier.writer.send(call, permit, committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        _keep_company(session, run_id, self.blueprint.source_id, read_company(body, "POST /companies"))

    def find(self, carrier: Carrier, run_id: int) -> bool:
        same = [
            each
            for each in carrier.writer.list_companies()
            if normalise(each.name) == self.natural_key and each.type in ("", "customer")
        ]
        if not same:
            return False
        with writing(carrier.place.engine) as session:
            _keep_company(session, run_id, self.blueprint.source_id, same[0])
        return True

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        detail = f"MOCO refuses to create its company {self.blueprint.name!r}: {words}"
        remember(
            session, creation_refused(MapKind.COMPANY.value, self.blueprint.source_id), detail, carrier.place.clock
        )


@dataclass(frozen=True, slots=True)
class NeededProject(Needed):
    """A project that records need."""

    blueprint: ProjectBlueprint
    write = "project"

    @property
    def natural_key(self) -> str:
        if self.blueprint.identifier:
            return self.blueprint.identifier
        return f"{self.blueprint.company_id}/{normalise(self.blueprint.name)}"

    def payload(self) -> str:
        kept = {
            "source_id": self.blueprint.source_id,
            "name": self.blueprint.name,
            "company_id": self.blueprint.company_id,
            "identifier": self.blueprint.identifier,
        }
        return json.dumps(kept, ensure_ascii=False)

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        return carrier.writer.send(_project_call(self.blueprint), permit, committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        _keep_project(session, run_id, self.blueprint.source_id, read_project(body, "POST /projects"))

    def find(self, carrier: Carrier, run_id: int) -> bool:
        return find_project(
            carrier,
            run_id,
            self.blueprint.source_id,
            Sought(self.blueprint.name, self.blueprint.company_id, self.blueprint.identifier),
        )

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        detail = f"MOCO says: {words}"
        remember(
            session, creation_refused(MapKind.PROJECT.value, self.blueprint.source_id), detail, carrier.place.clock
        )

    def instead(self, refusal: Refusal) -> Needed | None:
        """Accounts with manual number ranges want an identifier: ActiveCollab's own, where it has one."""
        if "identifier" not in refusal.fields or self.blueprint.identifier or not self.blueprint.spare_identifier:
            return None
        spare = self.blueprint.spare_identifier
        return NeededProject(replace(self.blueprint, identifier=spare, spare_identifier=""))


@dataclass(frozen=True, slots=True)
class Sought:
    """The natural key of a project."""

    name: str
    company_id: MocoId | None
    identifier: str


def find_project(carrier: Carrier, run_id: int, source_id: SourceId, sought: Sought) -> bool:
    """Look for a project by its natural key, and remember it; one that stands for something else is another one."""
    with reading(carrier.place.engine) as session:
        taken = {each.target_id for each in made.list_made(session) if each.kind is MapKind.PROJECT}
    for each in carrier.writer.list_projects():
        if each.project.id not in taken and _is(each, sought):
            with writing(carrier.place.engine) as session:
                _keep_project(session, run_id, source_id, each)
            return True
    return False


def _is(each: ProjectWithParts, sought: Sought) -> bool:
    project = each.project
    if sought.identifier:
        return project.identifier == sought.identifier
    return project.company_id == sought.company_id and normalise(project.name) == normalise(sought.name)


def _project_call(blueprint: ProjectBlueprint) -> Call[projects.Project]:
    assert blueprint.company_id is not None
    fields: projects.ProjectFields = {
        "billing_variant": blueprint.billing_variant.value,
        "fixed_price": blueprint.fixed_price,
        "retainer": blueprint.retainer,
        "info": blueprint.info,
        "custom_properties": {CUSTOM_PROPERTY: str(blueprint.source_id)},
    }
    if blueprint.identifier:
        fields["identifier"] = blueprint.identifier
    if blueprint.start_date is not None:
        fields["start_date"] = blueprint.start_date
    if blueprint.finish_date is not None:
        fields["finish_date"] = blueprint.finish_date
    if blueprint.budget_monthly is not None:
        fields["budget_monthly"] = blueprint.budget_monthly
    if blueprint.group_id is not None:
        fields["project_group_id"] = blueprint.group_id
    if blueprint.tags:
        fields["tags"] = blueprint.tags
    return projects.create(
        name=blueprint.name,
        currency=blueprint.currency,
        company_id=blueprint.company_id,
        leader_id=blueprint.leader_id,
        **fields,
    )


def _fact(kind: MapKind, source_id: SourceId) -> str:
    return creation_refused(kind.value, source_id)


def _keep_company(session: Session, run_id: int, source_id: SourceId, company: TargetCompany) -> None:
    target.add_masters(session, TargetKind.COMPANY, [company])
    made.keep_made(session, MadeThing(MapKind.COMPANY, source_id, company.id, adopted=False, run_id=run_id))


def _keep_project(session: Session, run_id: int, source_id: SourceId, found: ProjectWithParts) -> None:
    """Remember a project with the tasks and the leader's contract that MOCO gave it by itself."""
    target.add_masters(session, TargetKind.PROJECT, [found.project])
    target.add_masters(session, TargetKind.TASK, found.tasks or ())
    target.add_masters(session, TargetKind.CONTRACT, found.contracts or ())
    made.keep_made(session, MadeThing(MapKind.PROJECT, source_id, found.project.id, adopted=False, run_id=run_id))


def place_behind(intent: OpenIntent) -> Needed:
    """The company or project that an open intent of an earlier life wanted to create."""
    wanted = json.loads(intent.payload)
    source_id = SourceId(wanted["source_id"])
    if intent.write == NeededCompany.write:
        return NeededCompany(CompanyBlueprint(source_id, wanted["name"]))
    return NeededProject(
        ProjectBlueprint(
            source_id=source_id,
            name=wanted["name"],
            company=SourceId(0),
            company_id=MocoId(wanted["company_id"]),
            leader_id=MocoId(0),
            currency="",
            billing_variant=BillingVariant.PROJECT,
            info="",
            identifier=wanted["identifier"],
        )
    )
