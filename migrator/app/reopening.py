"""Opens archived projects and deactivated people for the writes of a run, and shuts them again, whatever happens.

Each is opened when the first write needs it, and at most once in a run. An intent is committed before, and it stays
open until a GET shows the project archived, or the person deactivated, as before: a run that is killed in between
leaves the intent, and the next run that writes begins with shutting what it names. What a person opened is left open.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.obstacles import REACTIVATE, REOPEN, remember, reopening_refused
from migrator.app.trouble import Trouble
from migrator.core.actions import HoldReason, Word
from migrator.core.model import MocoId, SourceId
from migrator.core.reopening import Reopenable
from migrator.errors import LoginRefused, MigratorError, TryAgainLater
from migrator.moco.answers import AnswerError, Openness, read_openness
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.reading import MocoReader
from migrator.moco.refusals import Refusal
from migrator.store import intents, work
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, OpenIntent, Outcome

TRIES = 3
OPEN = "open"
SHUTTING = "shutting"
SEEN = 200
"""The status of an intent once MOCO showed its project or person open; none while the answer is not known."""


class Shut(ABC):
    """A project or person of MOCO that takes no bookings."""

    id: MocoId
    write: str

    @property
    @abstractmethod
    def path(self) -> str:
        """Where MOCO shows it."""

    @abstractmethod
    def send(self, carrier: Carrier, permit: Permit, committed_at: float, *, active: bool) -> WriteOutcome:
        """Ask MOCO to open it, or to shut it again."""

    @abstractmethod
    def hold(self, session: Session, run_id: int, words: str) -> InTheWay:
        """Hold what the run would write there."""

    def look(self, reader: MocoReader) -> Openness | None:
        """How it stands in MOCO now; None when it is gone."""
        return reader.fetch_openness(self.path)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Why nothing can be written somewhere."""

    reason: HoldReason
    detail: str

    def hold(self, carrier: Carrier, source_ids: Sequence[SourceId]) -> None:
        """Hold some records of the run for it."""
        with writing(carrier.place.engine) as session:
            work.finish_work(
                session, carrier.run_id, source_ids, Word.HELD, reason=self.reason.value, detail=self.detail
            )


@dataclass(frozen=True, slots=True)
class ShutProject(Shut):
    """An archived project."""

    id: MocoId
    write = REOPEN

    def __str__(self) -> str:
        return f"project {self.id}"

    @property
    def path(self) -> str:
        return f"/projects/{self.id}"

    def send(self, carrier: Carrier, permit: Permit, committed_at: float, *, active: bool) -> WriteOutcome:
        return carrier.writer.set_project_active(self.id, active=active, permit=permit, committed_at=committed_at)

    def hold(self, session: Session, run_id: int, words: str) -> InTheWay:
        detail = f"MOCO refuses to reopen archived project {self.id}: {words}"
        work.hold_in_project(session, run_id, self.id, HoldReason.PROJECT_ARCHIVED.value, detail)
        return InTheWay(HoldReason.PROJECT_ARCHIVED, detail)


@dataclass(frozen=True, slots=True)
class ShutPerson(Shut):
    """A deactivated person."""

    id: MocoId
    write = REACTIVATE

    def __str__(self) -> str:
        return f"person {self.id}"

    @property
    def path(self) -> str:
        return f"/users/{self.id}"

    def send(self, carrier: Carrier, permit: Permit, committed_at: float, *, active: bool) -> WriteOutcome:
        return carrier.writer.set_user_active(self.id, active=active, permit=permit, committed_at=committed_at)

    def hold(self, session: Session, run_id: int, words: str) -> InTheWay:
        detail = f"MOCO refuses to reactivate person {self.id}: {words}"
        work.hold_of_person(session, run_id, self.id, HoldReason.FORBIDDEN.value, detail)
        return InTheWay(HoldReason.FORBIDDEN, detail)


def shut_behind(intent: OpenIntent) -> Shut:
    """The project or person that an intent opened."""
    moco_id = MocoId(json.loads(intent.payload)["id"])
    return ShutProject(moco_id) if intent.write == REOPEN else ShutPerson(moco_id)


def left_open(session: Session) -> tuple[OpenIntent, ...]:
    """Everything that was opened for writes and is not shut again yet, oldest first."""
    return tuple(each for each in intents.list_open(session) if is_reopening(each))


def is_reopening(intent: OpenIntent) -> bool:
    """Whether an intent is about something opened for a while; such a one is no unsettled write."""
    return intent.write in {REOPEN, REACTIVATE}


# -- opening -------------------------------------------------------------------------------------------------------


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


# -- shutting again ------------------------------------------------------------------------------------------------


@contextmanager
def shutting_again(carrier: Carrier) -> Iterator[None]:
    """Whatever the block opens is shut again at its end, also after an error, a limit or Ctrl-C."""
    try:
        yield
    finally:
        shut_again(carrier)


def shut_again(carrier: Carrier) -> None:
    """Shut everything that this run or an earlier life opened.

    What cannot be shut now keeps its intent, is named by `status`, and is the first thing the next run does. No error
    of this leaves: it must not hide the one that ended the run.
    """
    with reading(carrier.place.engine) as session:
        opened = left_open(session)
    if not opened:
        return
    trouble = Trouble()
    with carrier.place.progress.phase("shutting what was opened", len(opened)) as bar:
        for each in opened:
            try:
                _shut_again(carrier, trouble, each)
            except MigratorError as error:
                carrier.place.progress.note(f"{shut_behind(each)} is still open: {error.message}")
                return
            bar.advance(1)


def _shut_again(carrier: Carrier, trouble: Trouble, intent: OpenIntent) -> None:
    shut = shut_behind(intent)
    if intent.status is None:
        wait_until_settled(carrier, intent.id)
    now = shut.look(carrier.writer)
    if now is not None and now.active and _opened_by_a_person(carrier, intent, now):
        carrier.left_alone.append(str(shut))
        carrier.close_intents([intent.id], Outcome.ABSENT, "a person opened it")
        carrier.place.progress.note(f"{shut} was opened by somebody else meanwhile and is left open")
        return
    for _ in range(TRIES):
        if now is None or not now.active:
            break
        if not _ask_to_shut(carrier, trouble, shut, intent):
            return
        now = shut.look(carrier.writer)
    if now is None or not now.active:
        carrier.close_intents([intent.id], Outcome.FOUND, "it is shut again")
    else:
        raise TryAgainLater("MOCO does not shut it at the moment")


def _opened_by_a_person(carrier: Carrier, intent: OpenIntent, now: Openness) -> bool:
    """Whether no request of ours can explain that it is open.

    Only where the answer to our last request is not known, and the change came after it could still take effect.
    """
    if intent.status is not None or now.changed_at is None:
        return False
    with reading(carrier.place.engine) as session:
        settled = intents.settle_time(session, intent.id)
    return settled is not None and now.changed_at > settled


def _ask_to_shut(carrier: Carrier, trouble: Trouble, shut: Shut, intent: OpenIntent) -> bool:
    """One request; False when MOCO refused it for good. Its effect is looked up by the caller."""
    permit = carrier.permission()
    try:
        committed_at = carrier.renew(intent.id, SHUTTING)
    except BaseException:
        carrier.window.free(permit)
        raise
    outcome = shut.send(carrier, permit, committed_at, active=False)
    match outcome:
        case Answered():
            trouble.went_well(0)
        case NotSent(reason=reason):
            _note(carrier, intent, SEEN, OPEN)
            trouble.was_unsent(carrier, reason)
        case Refused(status=429):
            _note(carrier, intent, SEEN, OPEN)
            carrier.too_many_requests(outcome)
        case Refused(refusal=refusal):
            _note(carrier, intent, refusal.status, refusal.text or f"status {refusal.status}")
            carrier.place.progress.note(f"{shut} is still open, because MOCO refuses to shut it: {refusal.text}")
            return False
        case Unclear(reason=reason):
            trouble.was_unclear(carrier, reason)
            wait_until_settled(carrier, intent.id)
    return True


def _note(carrier: Carrier, intent: OpenIntent, status: int, detail: str) -> None:
    with writing(carrier.place.engine) as session:
        intents.note(session, [intent.id], status=status, detail=detail)
