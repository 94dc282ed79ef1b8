"""Creates activities by bulk requests: one person per request, several requests in flight.

The main thread alone touches the database: it commits intents, hands the request to a thread, and writes down how
it ended. A batch ends in one of five ways: answered (links), refused (halved, or quarantined when it is one
record), not sent (queued again), unclear (settled later by a proof), or forbidden (that person's rest is held).
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from migrator.app.batch import Batch, Ending
from migrator.app.bulk_answers import check_wrong_person_is_gone, receive, settle
from migrator.app.carrying import Carrier, Sent, create_intent, word_of_create
from migrator.app.limits import Limits
from migrator.app.prerequisites import admit
from migrator.app.reopening import Reopening
from migrator.app.trouble import Trouble
from migrator.core.batching import batches, halves
from migrator.errors import MigratorError
from migrator.moco.outcomes import WriteOutcome
from migrator.store import account, work
from migrator.store.engine import reading
from migrator.store.work import Position, WorkItem

PAGE = 1000


@dataclass(slots=True)
class BulkCreator:
    """The queue of one run's creates and everything in flight."""

    carrier: Carrier
    limits: Limits
    trouble: Trouble
    reopening: Reopening
    again: deque[Batch] = field(default_factory=deque)
    in_flight: dict[Future[WriteOutcome], Batch] = field(default_factory=dict)
    settling: list[tuple[datetime, int, Batch]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)
    written: int = 0
    """Records told to the progress bar so far."""

    def run(self) -> None:
        """Create everything pending in this run; what cannot be settled stays pending or unclear."""
        place = self.carrier.place
        with reading(place.engine) as session:
            self.carrier.bulk_proved = account.fact(session, "bulk_proved") is not None
            if account.fact(session, "lists_fresh") == "no":
                # Known to lag: not worth a look. That they do not is only believed when this run saw it.
                self.carrier.lists_fresh = False
            total = work.count_pending(session, self.carrier.run_id, "create")
        if not total:
            return
        check_wrong_person_is_gone(self.carrier)
        fresh = self._fresh_batches()
        with place.progress.phase("creating", total) as bar:
            pool = ThreadPoolExecutor(place.config.moco.concurrency, thread_name_prefix="moco")
            try:
                while self._step(pool, fresh):
                    bar.advance(self._newly_written())
            finally:
                # Also after Ctrl-C or a stop: what is in flight is awaited and written down, nothing new is sent.
                self._drain()
                pool.shutdown(wait=True)

    def _newly_written(self) -> int:
        before, self.written = self.written, self.trouble.accepted + sum(self.trouble.refusals.values())
        return self.written - before

    # -- the queue --------------------------------------------------------------------------------------------

    def _step(self, pool: ThreadPoolExecutor, fresh: Iterator[Batch]) -> bool:
        """Send what may be sent, then take answers or settle one batch; False when nothing is left."""
        while self._may_send():
            batch = self._next(fresh)
            if batch is None:
                break
            self._send(pool, batch)
        if self.in_flight:
            done, _ = wait(self.in_flight, timeout=self._seconds_until_due(), return_when=FIRST_COMPLETED)
            for future in done:
                self._end(receive(self.carrier, self.trouble, self.in_flight.pop(future), future.result()))
        elif self.settling:
            self._wait_until_due()
        if self.settling and self._seconds_until_due() == 0:
            self._end(settle(self.carrier, self.trouble, heapq.heappop(self.settling)[2]))
        return bool(self.in_flight or self.settling or self.again or self._more(fresh))

    def _may_send(self) -> bool:
        """One by one, nothing more is sent while the fate of another is open: it may be wrong like that one."""
        if self._one_by_one():
            return not self.in_flight and not self.settling
        return len(self.in_flight) < self.carrier.place.config.moco.concurrency

    def _one_by_one(self) -> bool:
        """One record at a time until bulk impersonation was proved on this account, and after a row of failures."""
        return not self.carrier.bulk_proved or self.trouble.cautious

    def _more(self, fresh: Iterator[Batch]) -> bool:
        batch = self._next(fresh)
        if batch is not None:
            self.again.appendleft(batch)
        return batch is not None

    def _next(self, fresh: Iterator[Batch]) -> Batch | None:
        while True:
            batch = self.again.popleft() if self.again else next(fresh, None)
            if batch is None:
                return None
            if batch.person in self.trouble.forbidden:
                self.trouble.hold_forbidden(self.carrier, batch)
            elif self._one_by_one() and len(batch.rows) > 1:
                self.again.appendleft(batch.cut(1, None))
                return batch.cut(0, 1)
            else:
                return batch

    def _fresh_batches(self) -> Iterator[Batch]:
        """Pending creates in (person, day) order, read in pages, cut into batches of one person each."""
        allowed = itertools.takewhile(lambda _: self.limits.take_record(), self._pending())
        for rows in batches(filter(self._admitted, allowed), self.carrier.place.config.moco.bulk_size):
            yield Batch(rows[0].booking.user_id, rows)

    def _admitted(self, row: WorkItem) -> bool:
        """Whether MOCO takes records of this person in this project; where it does not, they are held already."""
        return admit(self.carrier, self.trouble, self.reopening, row.booking.project_id, row.booking.user_id)

    def _pending(self) -> Iterator[WorkItem]:
        after: Position | None = None
        while True:
            with reading(self.carrier.place.engine) as session:
                page = work.next_work(session, self.carrier.run_id, "create", after=after, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].position

    # -- one batch --------------------------------------------------------------------------------------------

    def _send(self, pool: ThreadPoolExecutor, batch: Batch) -> None:
        permit = self.carrier.permission()
        try:
            sent, committed_at = intend_batch(self.carrier, batch)
        except BaseException:
            self.carrier.window.free(permit)
            raise
        bookings = [each.booking for each in sent.sent]
        future = pool.submit(
            self.carrier.writer.create_activities,
            bookings,
            as_user=batch.person,
            permit=permit,
            committed_at=committed_at,
        )
        self.in_flight[future] = sent

    def _end(self, ending: Ending) -> None:
        """Queue what an answer left over."""
        self.again.extend(ending.again)
        for due, batch in ending.unclear:
            heapq.heappush(self.settling, (due, next(self.order), batch))
        for batch in ending.refused:
            # Halves of a refused batch go first: k bad records among n cost at most 1 + 2k*ceil(log2 n) requests.
            # What a proof left of a batch may be a single record: it has no second half.
            parts = [Batch(batch.person, half) for half in halves(batch.rows) if half]
            self.again.extendleft(reversed(parts))

    def _drain(self) -> None:
        """Wait for the requests in flight and remember their answers; nothing is sent any more."""
        while self.in_flight:
            done, _ = wait(self.in_flight, return_when=FIRST_COMPLETED)
            for future in done:
                # Whatever else is wrong, the answers that came are written down.
                with suppress(MigratorError):
                    receive(self.carrier, self.trouble, self.in_flight.pop(future), future.result())

    def _seconds_until_due(self) -> float | None:
        if not self.settling:
            return None
        return max(0.0, (self.settling[0][0] - self.carrier.place.clock.now()).total_seconds())

    def _wait_until_due(self) -> None:
        seconds = self._seconds_until_due() or 0.0
        if seconds > 1:
            self.carrier.place.progress.note(f"waiting {seconds:.0f} s until unclear writes can be proved")
        self.carrier.place.clock.sleep(seconds)


def intend_batch(carrier: Carrier, batch: Batch) -> tuple[Batch, float]:
    """Commit the intents of a batch; gives the batch as sent, and the moment of the commit."""
    name = carrier.new_batch()
    rows = [create_intent(carrier.run_id, name, row.source_id, row.booking) for row in batch.rows]
    intended = carrier.intend(rows)
    sent = tuple(
        Sent(intent_id, carrier.run_id, row.source_id, row.booking, word_of_create(row))
        for intent_id, row in zip(intended.ids, batch.rows, strict=True)
    )
    return batch.as_sent(sent, carrier.place.clock.now()), intended.committed_at
