"""Requests under way: threads send, the main thread alone decides, touches the database and settles what is unclear.

Whatever ends the work early, the answers to what is in flight are awaited and written down; nothing new is sent.
"""

from __future__ import annotations

import heapq
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from migrator.app import log
from migrator.app.carrying import Carrier
from migrator.app.limits import Limits
from migrator.app.trouble import Trouble
from migrator.errors import MigratorError
from migrator.moco.outcomes import Refused, WriteOutcome
from migrator.moco.pacing import Permit

Job = TypeVar("Job")


@dataclass(slots=True)
class Sender(ABC, Generic[Job]):
    """What one run sends of one kind: at most `concurrency` jobs in flight, and those whose outcome is unclear.

    A job never has two requests in flight: it is given out again only after its answer, or its proof.
    """

    carrier: Carrier
    limits: Limits
    trouble: Trouble
    in_flight: dict[Future[WriteOutcome], Job] = field(default_factory=dict)
    settling: list[tuple[datetime, int, Job]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)
    written: int = 0
    """Records told to the progress bar so far."""

    # -- what a kind of job adds ------------------------------------------------------------------------------

    @abstractmethod
    def next_job(self) -> Job | None:
        """The next one to send; None when there is none, unless an answer or a proof brings one back."""

    @abstractmethod
    def intend(self, job: Job) -> tuple[Job, float] | None:
        """Commit the intent: the job as sent and the moment of the commit; None when it must not be sent now."""

    @abstractmethod
    def request(self, job: Job, permit: Permit, committed_at: float) -> WriteOutcome:
        """Send it, in a thread of its own; must not touch the database."""

    @abstractmethod
    def receive(self, job: Job, outcome: WriteOutcome) -> None:
        """Write down how it ended, or leave it for `settle` with `settle_later`."""

    @abstractmethod
    def settle(self, job: Job) -> None:
        """Prove the outcome of one that was unclear."""

    def one_by_one(self) -> bool:
        """Whether nothing more may be sent while the fate of another is open: it may be wrong like that one."""
        return self.trouble.cautious

    # -- the work ---------------------------------------------------------------------------------------------

    def work_off(self, advance: Callable[[int], object]) -> None:
        """Send every job and settle what is unclear; `advance` is told how many records were written."""
        pool = ThreadPoolExecutor(self.carrier.place.config.moco.concurrency, thread_name_prefix="moco")
        try:
            self._fill(pool)
            while self.in_flight or self.settling:
                if self.in_flight:
                    self._take_answers(self._seconds_until_due())
                else:
                    self._wait_until_due()
                if self.settling and self._seconds_until_due() == 0:
                    self.carrier.check_lease()
                    self.settle(heapq.heappop(self.settling)[2])
                advance(self._newly_written())
                self._fill(pool)
        finally:
            self._drain()
            pool.shutdown(wait=True)

    def settle_later(self, due: datetime, job: Job) -> None:
        """Prove the outcome of a job from `due` on; others go on meanwhile."""
        heapq.heappush(self.settling, (due, next(self.order), job))

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        """Send as much as may be in flight."""
        while True:
            # An answer that is in already may say that nothing more must be sent.
            self._take_answers(0)
            if not self._may_send():
                return
            job = self.next_job()
            if job is None:
                return
            self._send(pool, job)

    def _may_send(self) -> bool:
        if self.one_by_one():
            return not self.in_flight and not self.settling
        return len(self.in_flight) < self.carrier.place.config.moco.concurrency

    def _send(self, pool: ThreadPoolExecutor, job: Job) -> None:
        permit = self.carrier.permission()
        try:
            intended = self.intend(job)
        except BaseException:
            self.carrier.window.free(permit)
            raise
        if intended is None:
            self.carrier.window.free(permit)
            return
        sent, committed_at = intended
        self.in_flight[pool.submit(log.carried(self._request), sent, permit, committed_at)] = sent

    def _request(self, job: Job, permit: Permit, committed_at: float) -> WriteOutcome:
        outcome = self.request(job, permit, committed_at)
        if isinstance(outcome, Refused) and outcome.status == 429:
            # Here, because the main thread may be waiting for the next slot and would take it.
            self.carrier.too_many_requests(outcome)
        return outcome

    def _take_answers(self, seconds: float | None) -> None:
        """Write down what was answered, after waiting so long for the first (None: for as long as it takes)."""
        if not self.in_flight:
            return
        done, _ = wait(self.in_flight, timeout=seconds, return_when=FIRST_COMPLETED)
        if done:
            self.carrier.check_lease()
        for future in done:
            self.receive(self.in_flight.pop(future), future.result())

    def _drain(self) -> None:
        while self.in_flight:
            done, _ = wait(self.in_flight, return_when=FIRST_COMPLETED)
            for future in done:
                # Whatever else is wrong, the answers that came are written down.
                with suppress(MigratorError):
                    self.receive(self.in_flight.pop(future), future.result())

    def _seconds_until_due(self) -> float | None:
        if not self.settling:
            return None
        return max(0.0, (self.settling[0][0] - self.carrier.place.clock.now()).total_seconds())

    def _wait_until_due(self) -> None:
        seconds = self._seconds_until_due() or 0.0
        if seconds > 1:
            self.carrier.place.progress.note(f"waiting {seconds:.0f} s until unclear writes can be proved")
        self.carrier.place.clock.sleep(seconds)

    def _newly_written(self) -> int:
        before, self.written = self.written, self.trouble.written
        return self.written - before
