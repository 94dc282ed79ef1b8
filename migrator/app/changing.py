"""Changes what is already in MOCO: adoptions, updates, withdrawals, and the first half of a changed worker.

Before each write the activity is read again and compared three ways (what the decision was made upon, what it is
now, what is wanted): unchanged is written, equal to the wanted is only linked, anything else is a conflict.
The gap between that reading and the write remains, because MOCO offers no conditional write.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, Sent, wait_until_settled
from migrator.app.limits import Limits
from migrator.app.obstacles import remember
from migrator.app.reopening import Reopening
from migrator.app.trouble import Trouble
from migrator.core.actions import ConflictReason, HoldReason, Word
from migrator.core.fingerprint import canonical, stored_view
from migrator.core.model import TargetEntry
from migrator.errors import TryAgainLater
from migrator.moco.answers import AnswerError, read_activity
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Priority
from migrator.moco.refusals import Refusal
from migrator.moco.scan import scan_ids
from migrator.store import intents, links, target, work
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, Outcome
from migrator.store.work import Position, WorkItem

PAGE = 100
TRIES = 3


@dataclass(slots=True)
class Changer:
    """The updates and withdrawals of one run, one after the other."""

    carrier: Carrier
    limits: Limits
    trouble: Trouble
    reopening: Reopening
    unclear: deque[tuple[WorkItem, Sent]] = field(default_factory=deque)

    def run(self) -> None:
        """Carry out every adoption, withdrawal, changed worker and update that is pending in this run."""
        self._adopt()
        for write in ("withdraw", "rebook", "adopt_update", "update"):
            for page in self._pages(write):
                self._change_page(page)
        while self.unclear:
            self._settle(*self.unclear.popleft())

    def _pages(self, write: str) -> Iterator[Sequence[WorkItem]]:
        after: Position | None = None
        while True:
            with reading(self.carrier.place.engine) as session:
                page = work.next_work(session, self.carrier.run_id, write, after=after, limit=PAGE)
            if page:
                yield page
                after = page[-1].position
            if len(page) < PAGE:
                return

    def _adopt(self) -> None:
        """Link the activities that already carry our marker and say what we would have written."""
        now = self.carrier.place.clock.now()
        for page in self._pages("adopt"):
            with writing(self.carrier.place.engine) as session:
                for item in page:
                    if item.activity_id is None:
                        continue
                    entry = target.entries_by_id(session, [item.activity_id])[item.activity_id]
                    links.put_link(
                        session,
                        item.source_id,
                        sent=item.booking,
                        entry=entry,
                        run_id=self.carrier.run_id,
                        now=now,
                    )
                    work.finish_work(session, self.carrier.run_id, [item.source_id], Word.ADOPTED)

    # -- one page ---------------------------------------------------------------------------------------------

    def _change_page(self, page: Sequence[WorkItem]) -> None:
        ids = [item.activity_id for item in page if item.activity_id is not None]
        listing = scan_ids(self.carrier.writer, ids, priority=Priority.PROOF)
        present = {entry.id: entry for found in listing for entry in found}
        for item in page:
            if item.activity_id is None or not self.limits.take_record():
                continue
            now = present.get(item.activity_id)
            if now is None:
                # Absence from a list proves nothing; only the activity's own address does.
                now = self.carrier.writer.fetch_activity(item.activity_id, priority=Priority.PROOF)
            self._compare(item, now)

    def _compare(self, item: WorkItem, now: TargetEntry | None) -> None:
        """Three ways: what was decided upon, what is there now, what is wanted."""
        if now is None:
            self._is_gone(item)
            return
        with writing(self.carrier.place.engine) as session:
            target.store_entries(session, [now], self.carrier.place.config.activecollab.instance)
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
            self._write_where_open(item, now)
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

    def _write_where_open(self, item: WorkItem, now: TargetEntry) -> None:
        tried = len(self.reopening.known)
        if not self._admitted(item, now):
            return
        if len(self.reopening.known) > tried:
            # Opening took its time, in which somebody may have edited the activity: look again.
            self._compare(item, self.carrier.writer.fetch_activity(now.id, priority=Priority.PROOF))
        else:
            self._write(item, now)

    def _admitted(self, item: WorkItem, now: TargetEntry) -> bool:
        """Whether MOCO takes writes where the activity is and where it is to go; what it does not is held."""
        bookings = [now.booking] if item.write in {"withdraw", "rebook"} else [now.booking, item.booking]
        for booking in bookings:
            in_the_way = self.reopening.open(booking.project_id, booking.user_id)
            if in_the_way is not None:
                in_the_way.hold(self.carrier, [item.source_id])
                return False
        return True

    # -- one write --------------------------------------------------------------------------------------------

    def _write(self, item: WorkItem, now: TargetEntry) -> None:
        """Send one change; what was certainly not applied is tried again a few times."""
        for _ in range(TRIES):
            sent, outcome = self._send(item, now)
            if not self._receive(item, now, sent, outcome):
                return
        raise TryAgainLater(
            f"MOCO does not take the change of activity {now.id} at the moment",
            hint="run the same command again later; it resumes",
        )

    def _send(self, item: WorkItem, now: TargetEntry) -> tuple[Sent, WriteOutcome]:
        """Each change travels as the person whom the activity belongs to."""
        carrier, writer, person = self.carrier, self.carrier.writer, now.booking.user_id
        permit = carrier.permission()
        try:
            intended = carrier.intend([_intent(carrier, item, now)])
        except BaseException:
            carrier.window.free(permit)
            raise
        sent = Sent(intended.ids[0], carrier.run_id, item.source_id, item.booking, Word.UPDATED)
        if item.write in {"withdraw", "rebook"}:
            outcome = writer.delete_activity(now.id, as_user=person, permit=permit, committed_at=intended.committed_at)
        else:
            outcome = writer.update_activity(
                now.id, item.booking, as_user=person, permit=permit, committed_at=intended.committed_at
            )
        return sent, outcome

    def _receive(self, item: WorkItem, now: TargetEntry, sent: Sent, outcome: WriteOutcome) -> bool:
        """Write down the outcome; True when nothing was applied and the same write may be sent again."""
        match outcome:
            case Answered(body=body):
                self._answered(item, sent, body)
            case NotSent(reason=reason):
                self.carrier.close_intents([sent.intent_id], Outcome.UNSENT, reason)
                self.trouble.was_unsent(self.carrier, reason)
                return True
            case Refused(status=429):
                self.carrier.close_intents([sent.intent_id], Outcome.REFUSED, outcome.refusal.text, 429)
                self.carrier.too_many_requests(outcome)
                return True
            case Refused(refusal=refusal):
                self._refused(item, now, sent, refusal)
            case Unclear():
                self.trouble.was_unclear(self.carrier, outcome.reason)
                with writing(self.carrier.place.engine) as session:
                    intents.note(session, [sent.intent_id], status=outcome.status, detail=outcome.reason)
                self.unclear.append((item, sent))
        return False

    def _answered(self, item: WorkItem, sent: Sent, body: object) -> None:
        if item.write in {"withdraw", "rebook"}:
            self._withdrawn(item, sent)
            return
        try:
            entry = read_activity(body)
        except AnswerError:
            entry = None
        if entry is None or entry.id != item.activity_id:
            self.unclear.append((item, sent))
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

    def _refused(self, item: WorkItem, now: TargetEntry, sent: Sent, refusal: Refusal) -> None:
        if refusal.status == 404:
            self.carrier.close_intents([sent.intent_id], Outcome.REFUSED, refusal.text, 404)
            self._is_gone(item)
            return
        if refusal.status in {401, 403}:
            self.carrier.close_intents([sent.intent_id], Outcome.REFUSED, refusal.text, refusal.status)
            if refusal.status == 401:
                raise login_refused(refusal)
            person = now.booking.user_id
            detail = f"MOCO refuses to change activities of person {person}: {refusal.text or refusal.status}"
            with writing(self.carrier.place.engine) as session:
                remember(session, self.carrier.fact_of_refused(person), detail, self.carrier.place.clock)
                work.finish_work(
                    session,
                    self.carrier.run_id,
                    [item.source_id],
                    Word.HELD,
                    reason=HoldReason.FORBIDDEN.value,
                    detail=detail,
                )
            return
        write = "withdraw" if item.write in {"withdraw", "rebook"} else "update"
        with writing(self.carrier.place.engine) as session:
            self.carrier.refuse(session, sent, write, refusal, before=now.booking)
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

    def _settle(self, item: WorkItem, sent: Sent) -> None:
        """Wait until the request can no longer take effect, then let a GET decide."""
        wait_until_settled(self.carrier, sent.intent_id)
        if item.activity_id is None:
            return
        now = self.carrier.writer.fetch_activity(item.activity_id, priority=Priority.PROOF)
        gone_is_done = item.write in {"withdraw", "rebook"}
        if now is None and gone_is_done:
            self._withdrawn(item, sent)
        elif now is not None and not gone_is_done and stored_view(item.booking, now.booking) == item.booking:
            with writing(self.carrier.place.engine) as session:
                self.carrier.link(session, sent, now, outcome=Outcome.FOUND)
        else:
            self.carrier.close_intents([sent.intent_id], Outcome.ABSENT, "the change is not there")
            self._compare(item, now)


def _intent(carrier: Carrier, item: WorkItem, now: TargetEntry) -> NewIntent:
    """The intent of one change; its payload is what the activity shall be, or was before its withdrawal."""
    removal = item.write in {"withdraw", "rebook"}
    return NewIntent(
        run_id=carrier.run_id,
        batch=carrier.new_batch(),
        write="withdraw" if removal else "update",
        source_id=item.source_id,
        natural_key=item.booking.marker,
        activity_id=now.id,
        user_id=now.booking.user_id,
        payload=canonical(now.booking if removal else item.booking),
    )
