"""Creates the MOCO tasks and contracts that pending records need: exactly once, found again by natural key.

A task's natural key is its project and normalised name, a contract's its project and person. What MOCO refuses here
holds the records that need it, in MOCO's own words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from migrator.app.carrying import Carrier
from migrator.app.configuration.choices import Creatable
from migrator.app.obstacles import contract_refused, remember, task_refused
from migrator.app.provision.needed import Needed, create
from migrator.app.provision.reopening import Reopening
from migrator.app.trouble import Trouble
from migrator.core.actions import HoldReason
from migrator.core.model import MocoId, TargetContract, TargetTask
from migrator.core.names import normalise, task_key
from migrator.errors import LoginRefused
from migrator.moco.answers import read_contract, read_task
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import WriteOutcome
from migrator.moco.pacing import Permit
from migrator.store import target, work
from migrator.store.engine import reading, writing
from migrator.store.intents import OpenIntent
from migrator.store.target import TargetKind
from migrator.store.work import Needed as NeededPairs


@dataclass(frozen=True, slots=True)
class NeededTask(Needed):
    """A task that records of a project need; `spellings` are other ways in which they write its name."""

    project_id: MocoId
    name: str
    spellings: tuple[str, ...] = ()
    write = "task"

    @property
    def natural_key(self) -> str:
        return f"{self.project_id}/{normalise(self.name)}"

    def payload(self) -> str:
        return json.dumps({"project_id": self.project_id, "name": self.name}, ensure_ascii=False)

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        return carrier.writer.create_task(self.project_id, self.name, permit=permit, committed_at=committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        self._keep(session, run_id, read_task(body, self.project_id))

    def find(self, carrier: Carrier, run_id: int) -> bool:
        wanted = normalise(self.name)
        for task in carrier.writer.list_tasks(self.project_id):
            if normalise(task.name) == wanted:
                with writing(carrier.place.engine) as session:
                    self._keep(session, run_id, task)
                return True
        return False

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        detail = f"MOCO refuses to create the task {self.name!r} in project {self.project_id}: {words}"
        remember(session, task_refused(self.project_id, self.name), detail, carrier.place.clock)
        reason = HoldReason.TASK_MISSING.value
        for name in (self.name, *self.spellings):
            work.hold_needing_task(session, carrier.run_id, self.project_id, name, reason=reason, detail=detail)

    def _keep(self, session: Session, run_id: int, task: TargetTask) -> None:
        target.add_masters(session, TargetKind.TASK, [task])
        for name in (self.name, *self.spellings):
            work.set_task(session, run_id, self.project_id, name, task.id)


@dataclass(frozen=True, slots=True)
class NeededContract(Needed):
    """The assignment of a person to a project that records need."""

    project_id: MocoId
    user_id: MocoId
    write = "contract"

    @property
    def natural_key(self) -> str:
        return f"{self.project_id}/{self.user_id}"

    def payload(self) -> str:
        return json.dumps({"project_id": self.project_id, "user_id": self.user_id})

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        return carrier.writer.create_contract(self.project_id, self.user_id, permit=permit, committed_at=committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        self._keep(session, run_id, read_contract(body, self.project_id))

    def find(self, carrier: Carrier, run_id: int) -> bool:
        for contract in carrier.writer.list_contracts(self.project_id):
            if contract.user_id == self.user_id:
                with writing(carrier.place.engine) as session:
                    self._keep(session, run_id, contract)
                return True
        return self._is_listed_for_the_person(carrier, run_id)

    def perhaps(self, session: Session, run_id: int) -> bool:
        """MOCO lists the contracts of active people only: of the others its silence proves nothing."""
        if not target.is_deactivated(session, self.user_id):
            return False
        work.set_contract(session, run_id, self.project_id, self.user_id)
        return True

    def _is_listed_for_the_person(self, carrier: Carrier, run_id: int) -> bool:
        """A deactivated person's own list of projects, where MOCO shows it."""
        with reading(carrier.place.engine) as session:
            if not target.is_deactivated(session, self.user_id):
                return False
        try:
            assigned = self.project_id in carrier.writer.fetch_assigned(self.user_id)
        except (LoginRefused, AnswerError):
            return False
        if assigned:
            with writing(carrier.place.engine) as session:
                work.set_contract(session, run_id, self.project_id, self.user_id)
        return assigned

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        detail = f"MOCO refuses to assign person {self.user_id} to project {self.project_id}: {words}"
        active = self.user_id not in carrier.deactivated
        fact = contract_refused(self.project_id, self.user_id, active=active)
        remember(session, fact, detail, carrier.place.clock)
        self.hold_in_words(session, carrier, detail)

    def hold_in_words(self, session: Session, carrier: Carrier, detail: str) -> None:
        """Hold the records of the run that need it."""
        work.hold_needing_contract(
            session,
            carrier.run_id,
            self.project_id,
            self.user_id,
            reason=HoldReason.CONTRACT_MISSING.value,
            detail=detail,
        )

    def _keep(self, session: Session, run_id: int, contract: TargetContract) -> None:
        target.add_masters(session, TargetKind.CONTRACT, [contract])
        work.set_contract(session, run_id, self.project_id, self.user_id)


def needed_behind(intent: OpenIntent) -> Needed:
    """What an open intent of an earlier life wanted to create."""
    wanted = json.loads(intent.payload)
    if intent.write == "task":
        return NeededTask(MocoId(wanted["project_id"]), wanted["name"])
    return NeededContract(MocoId(wanted["project_id"]), MocoId(wanted["user_id"]))


def create_needed(carrier: Carrier, trouble: Trouble, reopening: Reopening) -> None:
    """Create every task and contract that this run's pending records need."""
    with reading(carrier.place.engine) as session:
        needed = work.needed(session, carrier.run_id)
    create_all(carrier, trouble, reopening, needed)


def create_all(carrier: Carrier, trouble: Trouble, reopening: Reopening, needed: NeededPairs) -> Counter[str]:
    """Create tasks, then contracts; gives how many are there now, by "task" and "contract"."""
    wanted: list[NeededTask | NeededContract] = list(tasks_once(needed))
    wanted += [NeededContract(project_id, user_id) for project_id, user_id in needed.contracts]
    done = Counter[str]()
    if not wanted:
        return done
    with carrier.place.progress.phase("tasks and contracts", len(wanted)) as bar:
        for each in wanted:
            if reopening.open(each.project_id) is None:
                done[each.write] += create(carrier, trouble, each)
            bar.advance(1)
    return done


def tasks_once(needed: NeededPairs) -> Iterator[NeededTask]:
    """Each task once, however records spell its name: MOCO would have two of a name that people take for one."""
    spelled: dict[tuple[MocoId, str], list[str]] = {}
    for project_id, name in needed.tasks:
        spelled.setdefault(task_key(project_id, name), []).append(name)
    return (NeededTask(project_id, name, tuple(more)) for (project_id, _), (name, *more) in spelled.items())


def admit(carrier: Carrier, trouble: Trouble, reopening: Reopening, project_id: MocoId, person: MocoId) -> bool:
    """Whether MOCO takes records of a person in a project, now that both are open; else they are held.

    MOCO lists the assignments of active people only, so those of somebody who was just reactivated are looked up here.
    """
    if reopening.open(project_id, person) is not None:
        return False
    if not reopening.lacks_assignment(project_id, person):
        return True
    if (project_id, person) in reopening.in_vain:
        return False
    if _assign(carrier, trouble, NeededContract(project_id, person)):
        reopening.note_assigned(project_id, person)
        return True
    reopening.in_vain.add((project_id, person))
    return False


def _assign(carrier: Carrier, trouble: Trouble, needed: NeededContract) -> bool:
    """Assign somebody to a project, where that is allowed; else hold what is to be booked there."""
    if Creatable.CONTRACTS in carrier.place.config.mapping.create:
        return create(carrier, trouble, needed)
    detail = f"MOCO person {needed.user_id}, reactivated, is not assigned to project {needed.project_id}"
    with writing(carrier.place.engine) as session:
        needed.hold_in_words(session, carrier, detail)
    return False
