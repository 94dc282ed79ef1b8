"""Creates activities by bulk requests: one person per request, several requests in flight.

A batch ends in one of five ways: answered (links), refused (halved, or quarantined when it is one record), not sent
(queued again), unclear (settled later by a proof), or forbidden (that person's rest is held).
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.app.batch import Batch, Ending
from migrator.app.bulk_answers import check_wrong_person_is_gone, receive, settle
from migrator.app.carrying import Sent, create_intent, word_of_create
from migrator.app.pending import count_pending, pending
from migrator.app.provision.prerequisites import admit
from migrator.app.provision.reopening import Reopening
from migrator.app.sending import Sender
from migrator.core.batching import batches, halves
from migrator.core.model import SourceId
from migrator.moco.outcomes import WriteOutcome
from migrator.moco.pacing import Permit
from migrator.store import account
from migrator.store.engine import reading
from migrator.store.work import WorkItem


@dataclass(slots=True)
class BulkCreator(Sender[Batch]):
    """The creates of one run."""

    reopening: Reopening = field(kw_only=True)
    again: deque[Batch] = field(default_factory=deque)
    fresh: Iterator[Batch] = field(default_factory=lambda: iter(()))

    def run(self) -> None:
        """Create everything pending in this run; what cannot be settled stays pending or unclear."""
        place = self.carrier.place
        with reading(place.engine) as session:
            self.carrier.bulk_proved = account.fact(session, "bulk_proved") is not None
            if account.fact(session, "lists_fresh") == "no":
                # Known to lag: not worth a look. That they do not is only believed when this run saw it.
                self.carrier.lists_fresh = False
        total = count_pending(self.carrier, "create")
        if not total:
            return
        check_wrong_person_is_gone(self.carrier)
        self.fresh = self._fresh_batches()
        self.written = self.trouble.written
        with place.progress.phase("creating", total) as bar:
            self.work_off(bar.advance)

    # -- the queue --------------------------------------------------------------------------------------------

    def one_by_one(self) -> bool:
        """One record at a time until bulk impersonation was proved on this account, and after a row of failures."""
        return not self.carrier.bulk_proved or self.trouble.cautious

    def next_job(self) -> Batch | None:
        """The next batch; what waits for a forbidden person is held on the way."""
        while True:
            batch = self.again.popleft() if self.again else next(self.fresh, None)
            if batch is None:
                return None
            if batch.person in self.trouble.forbidden:
                self.trouble.hold_forbidden(self.carrier, batch.person, _records(batch))
            elif self.one_by_one() and len(batch.rows) > 1:
                self.again.appendleft(batch.cut(1, None))
                return batch.cut(0, 1)
            else:
                return batch

    def _fresh_batches(self) -> Iterator[Batch]:
        """Pending creates in (person, day) order, read in pages, cut into batches of one person each."""
        allowed = itertools.takewhile(lambda _: self.limits.take_record(), pending(self.carrier, "create"))
        for rows in batches(filter(self._admitted, allowed), self.carrier.place.config.moco.bulk_size):
            yield Batch(rows[0].booking.user_id, rows)

    def _admitted(self, row: WorkItem) -> bool:
        """Whether MOCO takes records of this person in this project; where it does not, they are held already."""
        return admit(self.carrier, self.trouble, self.reopening, row.booking.project_id, row.booking.user_id)

    # -- one batch --------------------------------------------------------------------------------------------

    def intend(self, job: Batch) -> tuple[Batch, float]:
        """Commit the intents of a batch."""
        carrier, name = self.carrier, self.carrier.new_batch()
        rows = [create_intent(carrier.run_id, name, row.source_id, row.booking) for row in job.rows]
        intended = carrier.intend(rows)
        sent = tuple(
            Sent(intent_id, carrier.run_id, row.source_id, row.booking, word_of_create(row))
            for intent_id, row in zip(intended.ids, job.rows, strict=True)
        )
        return job.as_sent(sent, carrier.place.clock.now()), intended.committed_at

    def request(self, job: Batch, permit: Permit, committed_at: float) -> WriteOutcome:
        """One bulk request in the person's name."""
        bookings = [each.booking for each in job.sent]
        return self.carrier.writer.create_activities(
            bookings, as_user=job.person, permit=permit, committed_at=committed_at
        )

    def receive(self, job: Batch, outcome: WriteOutcome) -> None:
        """Read the answer row by row."""
        self._end(receive(self.carrier, self.trouble, job, outcome))

    def settle(self, job: Batch) -> None:
        """Ask MOCO for the markers."""
        self._end(settle(self.carrier, self.trouble, job))

    def _end(self, ending: Ending) -> None:
        """Queue what an answer left over."""
        self.again.extend(ending.again)
        for due, batch in ending.unclear:
            self.settle_later(due, batch)
        for batch in ending.refused:
            # Halves of a refused batch go first: k bad records among n cost at most 1 + 2k*ceil(log2 n) requests.
            # What a proof left of a batch may be a single record: it has no second half.
            parts = [Batch(batch.person, half) for half in halves(batch.rows) if half]
            self.again.extendleft(reversed(parts))


def _records(batch: Batch) -> list[SourceId]:
    return [row.source_id for row in batch.rows]
