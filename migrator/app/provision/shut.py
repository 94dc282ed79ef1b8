"""Projects and people of MOCO that take no bookings, and how those that were opened for a while are shut again.

What was opened has an open intent, from before it was opened until a GET shows it shut: a run that is killed in
between leaves that intent, and the next run that writes begins with shutting what it names.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.obstacles import REACTIVATE, REOPEN
from migrator.app.trouble import Trouble
from migrator.core.actions import HoldReason, Word
from migrator.core.model import MocoId, SourceId
from migrator.errors import LoginRefused, MigratorError
from migrator.moco.answers import Openness
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.reading import MocoReader
from migrator.store import intents, work
from migrator.store.engine import reading, writing
from migrator.store.intents import OpenIntent, Outcome

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


# -- shutting again -----------------------------------------------------------------------------------------------


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
            except (AnswerError, LoginRefused) as error:
                # MOCO answered, so it may well shut the others.
                carrier.place.progress.note(f"{shut_behind(each)} is still open: {error.message}")
            except MigratorError as error:
                carrier.place.progress.note(f"{shut_behind(each)} and what comes after it are open: {error.message}")
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
        carrier.place.progress.note(f"{shut} is still open, although MOCO was asked {TRIES} times to shut it")


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
