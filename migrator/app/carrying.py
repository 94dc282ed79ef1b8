"""What every write of a run shares: permission, committed intent, and the memory of how it ended."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from migrator.app.obstacles import REACTIVATE, person_refused, reopening_refused
from migrator.app.wiring import Workplace
from migrator.core.actions import ConflictReason, Word
from migrator.core.drift import answered_before
from migrator.core.fingerprint import canonical, fingerprint
from migrator.core.model import Booking, MocoId, SourceId, TargetEntry
from migrator.core.record import Refusal as KnownRefusal
from migrator.moco.client import MocoWriter
from migrator.moco.outcomes import Refused
from migrator.moco.pacing import Permit, Priority, Window
from migrator.moco.refusals import Refusal
from migrator.moco.scan import scan_range
from migrator.store import account, intents, lease, links, refusals, target, work
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, Outcome
from migrator.store.links import NewLink
from migrator.store.work import WorkItem

UNREADABLE_WAIT = 30.0
"""Seconds an answered but useless write waits for its proof where lists are not known to be fresh."""


CHECK_LEASE_EVERY = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Intended:
    """Writes whose intents are committed: `ids` in the order of the rows, and a moment right before the commit."""

    ids: tuple[int, ...]
    committed_at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One record of a request, as it was sent: enough to link it, whoever reads the answer."""

    intent_id: int
    run_id: int
    source_id: SourceId
    booking: Booking
    word: Word = Word.CREATED


@dataclass(slots=True)
class Carrier:
    """One run that writes: with which client, under which lease, and what it learned on the way."""

    place: Workplace
    writer: MocoWriter
    window: Window
    run_id: int
    epoch: int
    deactivated: frozenset[MocoId] = frozenset()
    """People known to be deactivated: MOCO refusing them says nothing about the key's permission."""
    reactivated: set[MocoId] = field(default_factory=set)
    """Deactivated people whom this run set active for a while."""
    reopened: set[str] = field(default_factory=set)
    """Everything this run opened for a while, in words."""
    provided: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many companies and projects this run created or adopted, or was refused."""
    archived: list[MocoId] = field(default_factory=list)
    """Projects this run archived, because they are finished on both sides."""
    left_alone: list[str] = field(default_factory=list)
    """What is not shut again because a person opened it meanwhile, in words."""
    bulk_proved: bool = False
    """A bulk request of this account was answered right: the right person, project and marker."""
    checked_at: float = -math.inf
    """When the lease was last looked at, by the steady clock."""
    lists_fresh: bool | None = None
    """Whether this run saw a list show a just-answered record at once; None before it looked."""

    # -- before the request -----------------------------------------------------------------------------------

    def permission(self) -> Permit:
        """Wait for a slot of the request window: before the intent, so that no intent grows old waiting."""
        return self.window.take(Priority.WRITE)

    def intend(self, rows: Sequence[NewIntent], *, also: Callable[[Session], None] | None = None) -> Intended:
        """Commit that these writes are about to be sent, and `also` what belongs to that.

        Raises `LockedByAnotherRun` when the lease was lost.
        """
        with writing(self.place.engine) as session:
            lease.check(session, self.epoch)
            if also is not None:
                also(session)
            # Before the commit, for the process may fall asleep right behind it; and after the wait for the database.
            now, committed_at = self.place.clock.now(), time.time()
            ids = intents.open_intents(session, rows, sent_at=now, settle_at=self.settle_time(now))
        return Intended(ids, committed_at)

    def renew(self, intent_id: int, detail: str) -> float:
        """Commit that a second request of an open intent is about to be sent; gives a moment right before the commit.

        Raises `LockedByAnotherRun` when the lease was lost.
        """
        with writing(self.place.engine) as session:
            lease.check(session, self.epoch)
            now, committed_at = self.place.clock.now(), time.time()
            intents.delay(session, [intent_id], self.settle_time(now), status=None, detail=detail)
        return committed_at

    def check_lease(self) -> None:
        """Raise `LockedByAnotherRun` when another run took over; what it found open it has settled itself.

        Nobody takes over within a second of a check, because a lease is much longer; a process that slept looks again.
        """
        moment = self.place.clock.steady()
        if moment - self.checked_at < CHECK_LEASE_EVERY:
            return
        with writing(self.place.engine) as session:
            lease.check(session, self.epoch)
        self.checked_at = moment

    def new_batch(self) -> str:
        """A name that the intents of one request share."""
        return uuid.uuid4().hex

    def settle_time(self, sent_at: datetime | None, *, answered: bool = False) -> datetime:
        """From when on the fate of a write can be proved; an `answered` one can no longer take effect later."""
        moco = self.place.config.moco
        whole = moco.timeout_seconds + moco.settle_seconds
        now = self.place.clock.now()
        if answered:
            return now if self.lists_fresh else now + timedelta(seconds=min(UNREADABLE_WAIT, whole))
        return (sent_at or now) + timedelta(seconds=whole)

    # -- after the answer -------------------------------------------------------------------------------------

    def link(self, session: Session, sent: Sent, entry: TargetEntry, outcome: Outcome = Outcome.ANSWERED) -> bool:
        """Remember an activity that MOCO showed us, if the intent is still open; tells whether it was."""
        return self.link_all(session, [(sent, entry)], outcome) == 1

    def link_all(
        self, session: Session, shown: Sequence[tuple[Sent, TargetEntry]], outcome: Outcome = Outcome.ANSWERED
    ) -> int:
        """Remember the activities of one request; those whose intent somebody else closed are left alone."""
        now = self.place.clock.now()
        found = outcome is Outcome.FOUND
        closed = intents.close_intents(session, [sent.intent_id for sent, _ in shown], outcome, now)
        still = [(sent, entry) for sent, entry in shown if sent.intent_id in closed]
        for run_id in {sent.run_id for sent, _ in still}:
            of_run = [(sent, entry) for sent, entry in still if sent.run_id == run_id]
            new = [
                # What was found by a proof may have been edited by a person before we looked.
                NewLink(
                    sent.source_id,
                    sent.booking,
                    entry,
                    answered=answered_before(sent.booking, entry) if found else None,
                )
                for sent, entry in of_run
            ]
            links.put_links(session, new, run_id, now)
            for word in {sent.word for sent, _ in of_run}:
                ids = [sent.source_id for sent, _ in of_run if sent.word is word]
                work.finish_work(session, run_id, ids, word)
        entries = [entry for _, entry in still]
        target.store_entries(session, entries, self.place.config.activecollab.instance)
        return len(still)

    def refuse(
        self,
        session: Session,
        sent: Sent,
        write: str,
        refusal: Refusal,
        before: Booking | None,
        *,
        proved: bool = False,
    ) -> bool:
        """Remember that MOCO refused this very payload, in its own words, if the intent is still open.

        `proved`: this run has closed it already, with the proof that nothing was applied.
        """
        now = self.place.clock.now()
        if not proved and not intents.close_intents(
            session, [sent.intent_id], Outcome.REFUSED, now, status=refusal.status, detail=refusal.text
        ):
            return False
        refusals.put_refusal(
            session,
            sent.source_id,
            KnownRefusal(
                write=write,
                payload=fingerprint(sent.booking),
                target=fingerprint(before) if before else "",
                words=refusal.text or f"status {refusal.status}",
            ),
            status=refusal.status,
            run_id=self.run_id,
            now=now,
        )
        return True

    def close_intents(
        self, ids: Sequence[int], outcome: Outcome, detail: str = "", status: int | None = None
    ) -> frozenset[int]:
        """Close intents whose request provably had no effect; gives those that were still open."""
        with writing(self.place.engine) as session:
            return intents.close_intents(session, ids, outcome, self.place.clock.now(), status=status, detail=detail)

    def leave_unclear(self, sent: Sequence[Sent], detail: str) -> None:
        """Nothing can be proved now: the intents stay open for a later run."""
        with writing(self.place.engine) as session:
            ids = [each.source_id for each in sent]
            work.finish_work(session, self.run_id, ids, Word.UNCLEAR, reason="UNSETTLED", detail=detail)

    def conflict(self, source_id: SourceId, reason: ConflictReason, detail: str) -> None:
        """A record of this run turned out to need a person's decision."""
        with writing(self.place.engine) as session:
            work.finish_work(session, self.run_id, [source_id], Word.CONFLICTS, reason=reason.value, detail=detail)

    def too_many_requests(self, outcome: Refused) -> None:
        """429: nobody sends for as long as MOCO says, else for a whole window."""
        wait = outcome.retry_after
        self.window.block(self.place.config.moco.window_seconds if wait is None else wait)

    # -- what is known of the account -------------------------------------------------------------------------

    def fact_of_refused(self, person: MocoId) -> str:
        """The name of the fact that MOCO refuses a person as this run tried it: as it is, or reactivated."""
        if person in self.reactivated:
            return reopening_refused(REACTIVATE, person)
        return person_refused(person, active=person not in self.deactivated)

    def learn(self, name: str, value: str) -> None:
        """Keep a fact about the account for later runs."""
        with writing(self.place.engine) as session:
            account.learn(session, name, value, self.place.clock.now())

    def list_days(self, first: date, last: date, person: MocoId) -> list[TargetEntry]:
        """Everything MOCO shows of a person between two days, the last included."""
        listing = scan_range(self.writer, first, last, user_id=person, priority=Priority.PROOF)
        return [entry for page in listing for entry in page]


def wait_until_settled(carrier: Carrier, intent_id: int) -> None:
    """Sleep until the request of an intent can no longer take effect."""
    with reading(carrier.place.engine) as session:
        due = intents.settle_time(session, intent_id)
    wait = (due - carrier.place.clock.now()).total_seconds() if due else 0.0
    if wait > 0:
        carrier.place.progress.note(f"waiting {wait:.0f} s until an unclear write can be proved")
        carrier.place.clock.sleep(wait)


def word_of_create(row: WorkItem) -> Word:
    """The word a create ends in: the second half of a changed worker is an update of the record."""
    return Word.UPDATED if row.reason == ConflictReason.WORKER_CHANGED.value else Word.CREATED


def create_intent(run_id: int, batch: str, source_id: SourceId, booking: Booking) -> NewIntent:
    """The intent to create one record's activity."""
    return NewIntent(
        run_id=run_id,
        batch=batch,
        write="create",
        source_id=source_id,
        natural_key=booking.marker,
        activity_id=None,
        user_id=booking.user_id,
        payload=canonical(booking),
    )
