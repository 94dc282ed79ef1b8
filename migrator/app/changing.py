"""Changes what is already in MOCO: updates, withdrawals, and the first half of a changed worker.

Before each write the activity is read again and compared three ways (what the decision was made upon, what it is
now, what is wanted): unchanged is written, equal to the wanted is only linked, anything else is a conflict.
The gap between that reading and the write remains, because MOCO offers no conditional write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from typing import assert_never

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, Sent
from migrator.app.pending import count_pending, pending
from migrator.app.present import READ_AGAIN_AFTER, read_present
from migrator.app.provision.reopening import Reopening
from migrator.app.sending import Sender
from migrator.core.actions import ConflictReason, Word
from migrator.core.fingerprint import canonical, stored_view
from migrator.core.model import SourceId, TargetEntry
from migrator.errors import TryAgainLater
from migrator.moco.answers import read_activity
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit, Priority
from migrator.moco.refusals import Refusal
from migrator.store import intents, links, target, work
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome
from migrator.store.rows import pages_of
from migrator.store.work import WorkItem

PAGE = 100
TRIES = 3
KINDS = ("withdraw", "rebook", "adopt_update", "update")


@dataclass(frozen=True, slots=True)
class Change:
    """One update or withdrawal; `now` is the activity as it was read before, `due` when its fate can be proved."""

    item: WorkItem
    now: TargetEntry
    sent: Sent | None = None
    due: datetime | None = None

    @property
    def removes(self) -> bool:
        """Whether the activity is deleted; that of a changed worker is, too."""
        return self.item.write in {"withdraw", "rebook"}


@dataclass(slots=True)
class Changer(Sender[Change]):
    """The updates and withdrawals of one run."""

    reopening: Reopening = field(kw_only=True)
    pages: Iterator[Sequence[WorkItem]] = field(default_factory=lambda: iter(()))
    ready: deque[Change] = field(default_factory=deque)
    """Compared, and to be sent unless the comparison grows old."""
    again: list[WorkItem] = field(default_factory=list)
    """To be read and compared once more."""
    read_at: float = 0.0
    tries: dict[SourceId, int] = field(default_factory=dict)

    def run(self) -> None:
        """Carry out every withdrawal, changed worker and update that is pending in this run."""
        total = count_pending(self.carrier, *KINDS)
        if not total:
            return
        allowed = takewhile(lambda _: self.limits.take_record(), pending(self.carrier, *KINDS))
        self.pages = pages_of(allowed, PAGE)
        self.written = self.trouble.written
        with self.carrier.place.progress.phase("changing", total) as bar:
            self.work_off(bar.advance)

    # -- reading and comparing --------------------------------------------------------------------------------

    def next_job(self) -> Change | None:
        """The next change whose activity is as it was decided upon."""
        while True:
            if self.ready and self._is_old():
                self.again += [change.item for change in self.ready]
                self.ready.clear()
            if self.ready:
                change = self.ready.popleft()
                if change.now.booking.user_id in self.trouble.forbidden:
                    self.trouble.hold_forbidden(self.carrier, change.now.booking.user_id, [change.item.source_id])
                elif self._is_admitted(change):
                    return change
            elif self.again:
                page, self.again = self.again[:PAGE], self.again[PAGE:]
                self._read(page)
            else:
                fresh = next(self.pages, None)
                if fresh is None:
                    return None
                self._read(fresh)

    def _is_admitted(self, change: Change) -> bool:
        """Whether MOCO takes writes where the activity is and where it is to go; what it does not is held."""
        tried = len(self.reopening.known)
        bookings = [change.now.booking] if change.removes else [change.now.booking, change.item.booking]
        for booking in bookings:
            in_the_way = self.reopening.open(booking.project_id, booking.user_id)
            if in_the_way is not None:
                in_the_way.hold(self.carrier, [change.item.source_id])
                return False
        if len(self.reopening.known) > tried:
            # Opening took its time, in which somebody may have edited the activity: look again.
            self.again.append(change.item)
            return False
        return True

    def _is_old(self) -> bool:
        return self.carrier.place.clock.steady() - self.read_at > READ_AGAIN_AFTER

    def _read(self, page: Sequence[WorkItem]) -> None:
        """Read the activities of a page and compare each."""
        ids = [item.activity_id for item in page if item.activity_id is not None]
        present = read_present(self.carrier.writer, ids)
        self.read_at = self.carrier.place.clock.steady()
        with writing(self.carrier.place.engine) as session:
            target.store_entries(session, list(present.values()), self.carrier.place.config.activecollab.instance)
        for item in page:
            self._compare(item, present.get(item.activity_id) if item.activity_id is not None else None)

    def _compare(self, item: WorkItem, now: TargetEntry | None) -> None:
        """Three ways: what was decided upon, what is there now, what is wanted."""
        if now is None:
            self._is_gone(item)
            return
        present = stored_view(item.booking, now.booking)
        wanted_gone = item.write in {"withdraw", "rebook"}
        if now.timer_running:
            # Whoever let it run is about to change it; a withdrawal would take that time with it.
            detail = f"a timer of activity {now.id} is running in MOCO"
            self.carrier.conflict(item.source_id, ConflictReason.BOTH_EDITED, detail)
        elif now.billed:
            self.carrier.conflict(item.source_id, ConflictReason.BILLED, f"activity {now.id} was billed meanwhile")
        elif not wanted_gone and present == item.booking:
            self._linked(item, now, Word.UNCHANGED)
        elif item.target is not None and present == stored_view(item.booking, item.target):
            self.ready.append(Change(item, now))
        else:
            self.carrier.conflict(
                item.source_id, ConflictReason.BOTH_EDITED, f"activity {now.id} was edited in MOCO meanwhile"
            )

    def _is_gone(self, item: WorkItem) -> None:
        if item.write == "withdraw":
            self._withdrawn(item, None)
            return
        with writing(self.carrier.place.engine) as session:
            links.mark_gone(session, item.source_id, True)
        self.carrier.conflict(
            item.source_id,
            ConflictReason.DELETED_IN_TARGET,
            f"activity {item.activity_id} was deleted in MOCO; it is not created again by itself",
        )

    def _linked(self, item: WorkItem, entry: TargetEntry, word: Word) -> None:
        now = self.carrier.place.clock.now()
        with writing(self.carrier.place.engine) as session:
            links.put_link(session, item.source_id, sent=item.booking, entry=entry, run_id=self.carrier.run_id, now=now)
            work.finish_work(session, self.carrier.run_id, [item.source_id], word)

    # -- one write --------------------------------------------------------------------------------------------

    def intend(self, job: Change) -> tuple[Change, float] | None:
        """Commit the intent, unless the wait for the request window made the comparison old."""
        if self._is_old():
            self.again.append(job.item)
            return None
        carrier = self.carrier
        intended = carrier.intend([_intent(carrier, job)])
        due = carrier.settle_time(carrier.place.clock.now())
        sent = Sent(intended.ids[0], carrier.run_id, job.item.source_id, job.item.booking, Word.UPDATED)
        return replace(job, sent=sent, due=due), intended.committed_at

    def request(self, job: Change, permit: Permit, committed_at: float) -> WriteOutcome:
        """Each change travels as the person whom the activity belongs to."""
        writer, person = self.carrier.writer, job.now.booking.user_id
        if job.removes:
            return writer.delete_activity(job.now.id, as_user=person, permit=permit, committed_at=committed_at)
        return writer.update_activity(
            job.now.id, job.item.booking, as_user=person, permit=permit, committed_at=committed_at
        )

    def receive(self, job: Change, outcome: WriteOutcome) -> None:
        """Write down the outcome of one change."""
        assert job.sent is not None
        match outcome:
            case Answered(body=body):
                self._answered(job, job.sent, body)
            case NotSent(reason=reason):
                self.carrier.close_intents([job.sent.intent_id], Outcome.UNSENT, reason)
                # Not counted as a try of this change: MOCO never saw it. A row of these ends the run in its own words.
                self.again.append(job.item)
                self.trouble.was_unsent(self.carrier, reason)
            case Refused(status=429, refusal=refusal):
                self.carrier.close_intents([job.sent.intent_id], Outcome.REFUSED, refusal.text, 429)
                self._try_again(job.item)
            case Refused(refusal=refusal):
                self._refused(job, job.sent, refusal)
            case Unclear():
                self._leave_for_later(job, outcome)
                self.trouble.was_unclear(self.carrier, outcome.reason)
            case _:
                assert_never(outcome)

    def _try_again(self, item: WorkItem) -> None:
        """What was certainly not applied is read and compared anew, a few times."""
        self.tries[item.source_id] = self.tries.get(item.source_id, 0) + 1
        if self.tries[item.source_id] >= TRIES:
            raise TryAgainLater(
                f"MOCO does not take the change of activity {item.activity_id} at the moment",
                hint="run the same command again later; it resumes",
            )
        self.again.append(item)

    def _leave_for_later(self, job: Change, outcome: Unclear) -> None:
        assert job.sent is not None
        assert job.due is not None
        with writing(self.carrier.place.engine) as session:
            intents.note(session, [job.sent.intent_id], status=outcome.status, detail=outcome.reason)
        self.settle_later(job.due, job)

    def _answered(self, job: Change, sent: Sent, body: object) -> None:
        if job.item.write == "rebook":
            # The second half must not be sent before the first is known to be done: a GET confirms it.
            self.settle_later(self.carrier.place.clock.now(), job)
            return
        if job.removes:
            self.trouble.went_well(1)
            self._withdrawn(job.item, sent)
            return
        try:
            entry = read_activity(body)
        except AnswerError:
            entry = None
        if entry is None or entry.id != job.item.activity_id:
            self._leave_for_later(job, Unclear("the answer does not show the activity", 200))
            return
        self.trouble.went_well(1)
        with writing(self.carrier.place.engine) as session:
            self.carrier.link(session, sent, entry)

    def _withdrawn(self, item: WorkItem, sent: Sent | None) -> None:
        """The activity is gone: close the link, and let a changed worker's record be created anew."""
        now = self.carrier.place.clock.now()
        with writing(self.carrier.place.engine) as session:
            if sent is not None and not intents.close_intents(session, [sent.intent_id], Outcome.ANSWERED, now):
                return
            links.close_link(session, item.source_id)
            if item.activity_id is not None:
                target.forget(session, [item.activity_id])
            if item.write == "rebook":
                reason = ConflictReason.WORKER_CHANGED.value
                work.turn_into_create(session, self.carrier.run_id, item.source_id, reason)
            else:
                work.finish_work(session, self.carrier.run_id, [item.source_id], Word.SKIPPED, reason="WITHDRAWN")

    def _refused(self, job: Change, sent: Sent, refusal: Refusal) -> None:
        item, person = job.item, job.now.booking.user_id
        if refusal.status in {401, 403, 404}:
            if not self.carrier.close_intents([sent.intent_id], Outcome.REFUSED, refusal.text, refusal.status):
                return
            if refusal.status == 401:
                raise login_refused(refusal)
            # While impersonating, "not found" may also mean the person: only our own GET proves that it is gone.
            if refusal.status == 404 and self._fetch(item) is None:
                self._is_gone(item)
                return
            self.trouble.was_forbidden(self.carrier, person, [item.source_id], refusal)
            return
        with writing(self.carrier.place.engine) as session:
            write = "withdraw" if job.removes else "update"
            if not self.carrier.refuse(session, sent, write, refusal, before=job.now.booking):
                return
            work.finish_work(
                session,
                self.carrier.run_id,
                [item.source_id],
                Word.CONFLICTS,
                reason=ConflictReason.REFUSED.value,
                detail=refusal.text,
            )
        self.trouble.was_refused(refusal.text)

    # -- what got no clear answer -----------------------------------------------------------------------------

    def settle(self, job: Change) -> None:
        """A GET decides: it is as wanted, or it is not, and then it is compared and sent again."""
        assert job.sent is not None
        now = self._fetch(job.item)
        if now is None and job.removes:
            self.trouble.went_well(1)
            self._withdrawn(job.item, job.sent)
            return
        if now is not None and not job.removes and stored_view(job.item.booking, now.booking) == job.item.booking:
            self.trouble.went_well(1)
            with writing(self.carrier.place.engine) as session:
                self.carrier.link(session, job.sent, now, outcome=Outcome.FOUND)
            return
        closed = self.carrier.close_intents([job.sent.intent_id], Outcome.ABSENT, "the change is not there")
        if closed and self.trouble.may_try_again(job.item.source_id):
            self.again.append(job.item)

    def _fetch(self, item: WorkItem) -> TargetEntry | None:
        assert item.activity_id is not None
        return self.carrier.writer.fetch_activity(item.activity_id, priority=Priority.PROOF)


def _intent(carrier: Carrier, job: Change) -> NewIntent:
    """The intent of one change; its payload is what the activity shall be, or was before its withdrawal."""
    item, now = job.item, job.now
    return NewIntent(
        run_id=carrier.run_id,
        batch=carrier.new_batch(),
        write="withdraw" if job.removes else "update",
        source_id=item.source_id,
        natural_key=item.booking.marker,
        activity_id=now.id,
        user_id=now.booking.user_id,
        payload=canonical(now.booking if job.removes else item.booking),
    )
