"""People who are created in MOCO because somebody asked for it: deactivated, without a welcome e-mail, exactly once."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from migrator.app.carrying import Carrier
from migrator.app.provision.needed import Needed
from migrator.core.mapping import MapKind
from migrator.core.model import MocoId, SourceId, TargetUser
from migrator.core.newcomers import Newcomer
from migrator.errors import UsageError
from migrator.moco.answers import read_user
from migrator.moco.calls import units, users
from migrator.moco.outcomes import WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.reading import MocoReader
from migrator.store import made, target
from migrator.store.engine import writing
from migrator.store.intents import OpenIntent
from migrator.store.made import MadeThing
from migrator.store.target import TargetKind


@dataclass(frozen=True, slots=True)
class NeededPerson(Needed):
    """A person who left before MOCO came, as a person of MOCO that nobody can log in as."""

    person: Newcomer
    unit_id: MocoId
    write = "person"

    @property
    def natural_key(self) -> str:
        return self.person.email

    def payload(self) -> str:
        return json.dumps({"source_id": self.person.source_id, "email": self.person.email})

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        call = users.create(
            firstname=self.person.firstname,
            lastname=self.person.lastname,
            email=self.person.email,
            unit_id=self.unit_id,
            welcome_email=False,
            active=False,
        )
        return carrier.writer.send(call, permit, committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        self._keep(session, run_id, read_user(body, "POST /users"))

    def find(self, carrier: Carrier, run_id: int) -> bool:
        for user in carrier.writer.list_users():
            if user.email == self.person.email:
                with writing(carrier.place.engine) as session:
                    self._keep(session, run_id, user)
                return True
        return False

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        carrier.place.progress.tell(f"MOCO refuses to create person {self.person.source_id} of ActiveCollab: {words}")

    def _keep(self, session: Session, run_id: int, user: TargetUser) -> None:
        target.add_masters(session, TargetKind.USER, [user])
        thing = MadeThing(MapKind.USER, self.person.source_id, user.id, adopted=False, run_id=run_id)
        made.keep_made(session, thing)


@dataclass(frozen=True, slots=True)
class StillActive(Needed):
    """A person whom MOCO created active although it was asked not to: to be deactivated."""

    user_id: MocoId
    write = "deactivate"

    @property
    def natural_key(self) -> str:
        return str(self.user_id)

    def payload(self) -> str:
        return json.dumps({"user_id": self.user_id})

    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        return carrier.writer.set_user_active(self.user_id, active=False, permit=permit, committed_at=committed_at)

    def keep(self, session: Session, run_id: int, body: object) -> None:
        target.add_masters(session, TargetKind.USER, [read_user(body, "PUT /users")])

    def find(self, carrier: Carrier, run_id: int) -> bool:
        now = carrier.writer.fetch_openness(f"/users/{self.user_id}")
        return now is not None and not now.active

    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        carrier.place.progress.tell(f"MOCO person {self.user_id} stays active: MOCO refuses to deactivate: {words}")


def person_behind(intent: OpenIntent) -> Needed:
    """The person that an open intent of an earlier life wanted to create or deactivate."""
    wanted = json.loads(intent.payload)
    if intent.write == StillActive.write:
        return StillActive(MocoId(wanted["user_id"]))
    return NeededPerson(Newcomer(SourceId(wanted["source_id"]), "", "", wanted["email"]), MocoId(0))


def unit_called(reader: MocoReader, name: str) -> MocoId:
    """The unit of MOCO that new people belong to: the one called so, or the only one there is.

    Raises `UsageError` when that is not one.
    """
    found = tuple(reader.fetch_all(units.listed()))
    named = [unit for unit in found if not name or unit.name.casefold() == name.casefold()]
    if len(named) == 1:
        return named[0].id
    names = ", ".join(sorted(unit.name for unit in found)) or "none"
    raise UsageError(
        f"the unit of new people is not decided: MOCO has {names}" if not name else f"MOCO has no unit called {name!r}",
        hint=f"name one with --unit: {names}",
    )
