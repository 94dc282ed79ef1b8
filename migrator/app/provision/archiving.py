"""Archives in MOCO what is archived in ActiveCollab, once everything of it has arrived and was verified.

Only projects that were created, or adopted, because the mapping says `create`. Contracts that this tool made on them
can be deactivated first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from migrator.app.carrying import Carrier
from migrator.app.configuration.choices import ContractsAfter
from migrator.app.deciding import Decider
from migrator.app.provision.needed import Needed, create
from migrator.app.trouble import Trouble
from migrator.core.actions import Keep, Skip
from migrator.core.mapping import MapKind
from migrator.core.model import MocoId, SourceId
from migrator.moco.answers import read_contract, read_project
from migrator.moco.calls import contracts
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import WriteOutcome
from migrator.moco.pacing import Permit
from migrator.store import account, intents, links, made, target
from migrator.store.engine import reading
from migrator.store.intents import OpenIntent
from migrator.store.merge import Selection, pages
from migrator.store.target import TargetKind

BOOKS_AGREED = "books_agreed_at"
"""The fact that a whole verification which began at this time found nothing unexplained."""


@dataclass(frozen=True, slots=True)
class Archived(Needed):
    """A project that shall be archived."""

    project_id: MocoId
    write = "archive"

    @property
    def natural_key(self) -> str:
        return str(self.project_id)

    def payload(self) -> str:
        return json.dumps({"project_id": self.project_id})

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        return carrier.writer.set_project_active(
            self.project_id, active=False, permit=permit, committed_at=committed_at
        )

    def keep(self, session: Session, run_id: int, body: object) -> None:
        shown = read_project(body, "PUT /projects").project
        if shown.active:
            raise AnswerError("PUT /projects", "an archived project")
        target.add_masters(session, TargetKind.PROJECT, [shown])

    def find(self, carrier: Carrier, run_id: int) -> bool:
        now = carrier.writer.fetch_openness(f"/projects/{self.project_id}")
        return now is not None and not now.active

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        carrier.place.progress.tell(f"MOCO refuses to archive project {self.project_id}: {words}")


@dataclass(frozen=True, slots=True)
class Inactive(Needed):
    """A contract that shall take no more bookings."""

    project_id: MocoId
    contract_id: MocoId
    write = "end_contract"

    @property
    def natural_key(self) -> str:
        return f"{self.project_id}/{self.contract_id}"

    def payload(self) -> str:
        return json.dumps({"project_id": self.project_id, "contract_id": self.contract_id})

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        call = contracts.update(self.project_id, self.contract_id, active=False)
        return carrier.writer.send(call, permit, committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        target.add_masters(session, TargetKind.CONTRACT, [read_contract(body, self.project_id)])

    def find(self, carrier: Carrier, run_id: int) -> bool:
        shown = carrier.writer.fetch(contracts.get(self.project_id, self.contract_id))
        return shown is not None and shown.active is False

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        carrier.place.progress.tell(f"MOCO refuses to deactivate contract {self.contract_id}: {words}")


def archive_finished(carrier: Carrier, decider: Decider) -> None:
    """Archive every project that is finished on both sides, where the configuration says so; none is ever reopened."""
    provision = carrier.place.config.provision
    if not provision.archive_after:
        return
    ours = _contracts_made(carrier) if provision.contracts_after is ContractsAfter.DEACTIVATE else frozenset[str]()
    trouble = Trouble()
    for project_id in _finished(carrier, decider):
        for contract in decider.there.contracts:
            if contract.project_id == project_id and contract.active and f"{project_id}/{contract.user_id}" in ours:
                create(carrier, trouble, Inactive(project_id, contract.id))
        if create(carrier, trouble, Archived(project_id)):
            carrier.archived.append(project_id)


def end_behind(intent: OpenIntent) -> Needed:
    """The project or contract that an open intent of an earlier life wanted to end."""
    wanted = json.loads(intent.payload)
    if intent.write == Archived.write:
        return Archived(MocoId(wanted["project_id"]))
    return Inactive(MocoId(wanted["project_id"]), MocoId(wanted["contract_id"]))


def _finished(carrier: Carrier, decider: Decider) -> Iterator[MocoId]:
    """Projects that are archived in ActiveCollab only, and of which nothing waits, is open or came after the proof."""
    with reading(carrier.place.engine) as session:
        agreed = account.fact(session, BOOKS_AGREED)
        things = [each for each in made.list_made(session) if each.kind is MapKind.PROJECT]
    if agreed is None:
        return
    for thing in things:
        there, known = decider.there.projects.get(thing.target_id), decider.known.projects.get(thing.source_id)
        if there is None or not there.active or known is None or not known.archived:
            continue
        with reading(carrier.place.engine) as session:
            newest = links.newest_in_project(session, thing.source_id)
        verified = newest is not None and newest < datetime.fromisoformat(agreed)
        if verified and _arrived(carrier, decider, thing.source_id):
            yield thing.target_id


def _arrived(carrier: Carrier, decider: Decider, source_id: SourceId) -> bool:
    """Whether each record of a project is in MOCO as it should be, or left out by a rule."""
    selection = Selection(project_ids=frozenset({source_id}))
    return all(
        isinstance(decider.decide(merged, None).action, Keep | Skip)
        for page in pages(carrier.place.engine, carrier.run_id, selection=selection)
        for merged in page
    )


def _contracts_made(carrier: Carrier) -> frozenset[str]:
    """The contracts that this tool made, as project/person."""
    with reading(carrier.place.engine) as session:
        return intents.keys_done(session, "contract")
