"""Creates one thing in MOCO exactly once: intent, sent once, settled, looked up by its natural key, adopted."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sqlalchemy.orm import Session

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.trouble import Trouble
from migrator.errors import TryAgainLater
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.refusals import Refusal
from migrator.store import intents
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome

TRIES = 3


class Needed(ABC):
    """Something that must be there before something else can be sent."""

    write: str

    @property
    @abstractmethod
    def natural_key(self) -> str:
        """What finds it again in MOCO."""

    @abstractmethod
    def payload(self) -> str:
        """What a later run needs to look for it, as JSON."""

    @abstractmethod
    def send(self, carrier: Carrier, permit: Permit, committed_at: float) -> WriteOutcome:
        """Ask MOCO to create it."""

    @abstractmethod
    def keep(self, session: Session, run_id: int, body: object) -> None:
        """Remember what MOCO answered. Raises `AnswerError`."""

    @abstractmethod
    def find(self, carrier: Carrier, run_id: int) -> bool:
        """Look for it in MOCO by its natural key; remember it when it is there."""

    @abstractmethod
    def hold(self, session: Session, carrier: Carrier, words: str) -> None:
        """Hold the records of the run that need it, and remember that it is in vain."""

    def perhaps(self, session: Session, run_id: int) -> bool:
        """Whether it has to be taken for there after an unclear request, because MOCO cannot show that it is not."""
        return False

    def instead(self, refusal: Refusal) -> Needed | None:
        """Another way to ask for the same, where a refusal tells one; None when there is none."""
        return None


def create(carrier: Carrier, trouble: Trouble, needed: Needed) -> bool:
    """Send once; what was certainly not applied is tried again, what is unclear is looked up after it settled.

    False when MOCO refused it for good: what needs it is held then.
    """
    for _ in range(TRIES):
        intent_id, outcome = _send(carrier, needed)
        match outcome:
            case Answered(body=body):
                if _kept(carrier, needed, intent_id, body) or _settled(carrier, needed, intent_id):
                    trouble.went_well(0)
                    return True
            case NotSent(reason=reason):
                carrier.close_intents([intent_id], Outcome.UNSENT, reason)
                trouble.was_unsent(carrier, reason)
            case Refused(status=401, refusal=refusal):
                carrier.close_intents([intent_id], Outcome.REFUSED, refusal.text, 401)
                raise login_refused(refusal)
            case Refused(status=429):
                carrier.close_intents([intent_id], Outcome.REFUSED, "too many requests", 429)
                carrier.too_many_requests(outcome)
            case Refused(refusal=refusal):
                other = needed.instead(refusal)
                if other is None:
                    return _refused(carrier, needed, intent_id, refusal)
                carrier.close_intents([intent_id], Outcome.REFUSED, refusal.text, refusal.status)
                return create(carrier, trouble, other)
            case Unclear(reason=reason):
                trouble.was_unclear(carrier, reason)
                if _settled(carrier, needed, intent_id):
                    return True
    raise TryAgainLater(
        f"MOCO does not create the {needed.write} {needed.natural_key} at the moment",
        hint="run the same command again later; it resumes",
    )


def _send(carrier: Carrier, needed: Needed) -> tuple[int, WriteOutcome]:
    permit = carrier.permission()
    intent = NewIntent(
        run_id=carrier.run_id,
        batch=carrier.new_batch(),
        write=needed.write,
        source_id=None,
        natural_key=needed.natural_key,
        activity_id=None,
        user_id=None,
        payload=needed.payload(),
    )
    try:
        intended = carrier.intend([intent])
    except BaseException:
        carrier.window.free(permit)
        raise
    return intended.ids[0], needed.send(carrier, permit, intended.committed_at)


def _kept(carrier: Carrier, needed: Needed, intent_id: int, body: object) -> bool:
    try:
        with writing(carrier.place.engine) as session:
            needed.keep(session, carrier.run_id, body)
            intents.close_intents(session, [intent_id], Outcome.ANSWERED, carrier.place.clock.now())
    except AnswerError:
        return False
    return True


def _refused(carrier: Carrier, needed: Needed, intent_id: int, refusal: Refusal) -> bool:
    """Perhaps it is refused because it is there already (True); otherwise the records that need it wait."""
    found = needed.find(carrier, carrier.run_id)
    if not found:
        with writing(carrier.place.engine) as session:
            needed.hold(session, carrier, refusal.text or f"status {refusal.status}")
    carrier.close_intents([intent_id], Outcome.REFUSED, refusal.text, refusal.status)
    return found


def _settled(carrier: Carrier, needed: Needed, intent_id: int) -> bool:
    """Wait until the request can no longer take effect, then look: True when it is there."""
    wait_until_settled(carrier, intent_id)
    return look_for(carrier, needed, intent_id, carrier.run_id)


def look_for(carrier: Carrier, needed: Needed, intent_id: int, run_id: int) -> bool:
    """Find out what became of an unclear request that can take no effect any more: True when it is not sent again."""
    found = needed.find(carrier, run_id)
    if not found:
        with writing(carrier.place.engine) as session:
            found = needed.perhaps(session, run_id)
    carrier.close_intents([intent_id], Outcome.FOUND if found else Outcome.ABSENT)
    return found
