"""Opens archived projects and deactivated people for the writes of a run, each when its first write needs it.

At most once in a run. An intent is committed before, and stays open until `shut` has shut it again.
What a person opened meanwhile needs no opening, and is left open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.obstacles import remember, reopening_refused
from migrator.app.provision.shut import OPEN, SEEN, TRIES, InTheWay, Shut, ShutPerson, ShutProject
from migrator.app.trouble import Trouble
from migrator.core.model import MocoId
from migrator.core.reopening import Reopenable
from migrator.errors import LoginRefused, TryAgainLater
from migrator.moco.answers import read_openness
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.refusals import Refusal
from migrator.store import intents
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome


@dataclass(slots=True)
class Reopening:
    """What one run may open, has opened, and was refused."""

    carrier: Carrier
    trouble: Trouble
    allowed: Reopenable
    known: dict[Shut, InTheWay | None] = field(default_factory=dict)
    """What was tried: None where it is open now."""
    assignments: dict[MocoId, set[MocoId] | None] = field(default_factory=dict)
    """The projects of people who were reactivated; None for one of whom MOCO does not tell."""

    in_vain: set[tuple[MocoId, MocoId]] = field(default_factory=set)
    """Projects and people whose assignment cannot be created: what needs it is held already."""

    def open(self, project_id: MocoId, person: MocoId | None = None) -> InTheWay | None:
        """Make sure that a project and a person take bookings; gives what stands in the way, which is held then.

        Raises `TryAgainLater`, `LoginRefused`.
        """
        shut: list[Shut] = [ShutProject(project_id)] if project_id in self.allowed.projects else []
        if person is not None and person in self.allowed.people:
            shut.append(ShutPerson(person))
        for each in shut:
            if each not in self.known:
                self.known[each] = self._open(each)
            if (in_the_way := self.known[each]) is not None:
                return in_the_way
        return None

    def lacks_assignment(self, project_id: MocoId, person: MocoId) -> bool:
        """Whether somebody who was just reactivated is known not to be assigned to a project.

        Of the others the decision knew it; one that is there and deactivated is left to MOCO, as theirs are.
        """
        if person not in self.carrier.reactivated:
            return False
        if person not in self.assignments:
            self.assignments[person] = self._assignments_of(person)
        known = self.assignments[person]
        return known is not None and project_id not in known

    def note_assigned(self, project_id: MocoId, person: MocoId) -> None:
        """The assignment was created."""
        known = self.assignments.get(person)
        if known is not None:
            known.add(project_id)

    def _assignments_of(self, person: MocoId) -> set[MocoId] | None:
        try:
            return set(self.carrier.writer.fetch_assigned(person))
        except (LoginRefused, AnswerError):
            return None  # then a record is just tried, and MOCO's refusal tells

    def _open(self, shut: Shut) -> InTheWay | None:
        """Send once; what was certainly not applied is tried again, what is unclear is looked up after it settled."""
        now = shut.look(self.carrier.writer)
        if now is None:
            return self._refused(shut, Refusal(404, (), "it is not there any more"))
        if now.active:
            return None  # a person opened it meanwhile: it is theirs, and stays as it is
        for _ in range(TRIES):
            intent_id, outcome = self._send(shut)
            match outcome:
                case Answered(body=body):
                    if self._shown_open(shut, intent_id, body):
                        return None
                case NotSent(reason=reason):
                    self.carrier.close_intents([intent_id], Outcome.UNSENT, reason)
                    self.trouble.was_unsent(self.carrier, reason)
                case Refused(status=429):
                    self.carrier.close_intents([intent_id], Outcome.REFUSED, "too many requests", 429)
                    self.carrier.too_many_requests(outcome)
                case Refused(status=401, refusal=refusal):
                    self.carrier.close_intents([intent_id], Outcome.REFUSED, refusal.text, 401)
                    raise login_refused(refusal)
                case Refused(refusal=refusal):
                    self.carrier.close_intents([intent_id], Outcome.REFUSED, refusal.text, refusal.status)
                    return self._refused(shut, refusal)
                case Unclear(reason=reason):
                    self.trouble.was_unclear(self.carrier, reason)
                    if self._found_open(shut, intent_id):
                        return None
        raise TryAgainLater(
            f"MOCO does not open {shut} at the moment", hint="run the same command again later; it resumes"
        )

    def _send(self, shut: Shut) -> tuple[int, WriteOutcome]:
        permit = self.carrier.permission()
        intent = NewIntent(
            run_id=self.carrier.run_id,
            batch=self.carrier.new_batch(),
            write=shut.write,
            natural_key=str(shut),
            payload=json.dumps({"id": shut.id}),
        )
        try:
            intended = self.carrier.intend([intent])
        except BaseException:
            self.carrier.window.free(permit)
            raise
        return intended.ids[0], shut.send(self.carrier, permit, intended.committed_at, active=True)

    def _shown_open(self, shut: Shut, intent_id: int, body: object) -> bool:
        try:
            shown = read_openness(body)
        except AnswerError:
            return self._found_open(shut, intent_id)
        if not shown.active:
            return self._found_open(shut, intent_id)
        self._is_open(shut, intent_id)
        return True

    def _found_open(self, shut: Shut, intent_id: int) -> bool:
        """Wait until the request can no longer take effect, then look."""
        wait_until_settled(self.carrier, intent_id)
        now = shut.look(self.carrier.writer)
        if now is None or not now.active:
            self.carrier.close_intents([intent_id], Outcome.ABSENT, "it is not open")
            return False
        self._is_open(shut, intent_id)
        return True

    def _is_open(self, shut: Shut, intent_id: int) -> None:
        self.trouble.went_well(0)
        with writing(self.carrier.place.engine) as session:
            intents.note(session, [intent_id], status=SEEN, detail=OPEN)
        self.carrier.reopened.add(str(shut))
        if isinstance(shut, ShutPerson):
            self.carrier.reactivated.add(shut.id)

    def _refused(self, shut: Shut, refusal: Refusal) -> InTheWay:
        """Hold what needs it, in MOCO's words, and do not ask again until a person says so."""
        words = refusal.text or f"status {refusal.status}"
        with writing(self.carrier.place.engine) as session:
            in_the_way = shut.hold(session, self.carrier.run_id, words)
            remember(session, reopening_refused(shut.write, shut.id), in_the_way.detail, self.carrier.place.clock)
        return in_the_way
