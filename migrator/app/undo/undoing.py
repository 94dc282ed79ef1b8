"""Takes back what a run created: reads each activity again, and deletes it where nobody did anything to it.

The hold that keeps a record from being created again is committed with the intent of its deletion, and taken back in
the transaction that learns that the deletion was refused, not sent or not applied.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier
from migrator.app.present import READ_AGAIN_AFTER
from migrator.app.sending import Sender
from migrator.app.undo.findings import PAGE, Findings, created_pages, look_again, look_at
from migrator.core.fingerprint import canonical
from migrator.core.model import MocoId, SourceId, TargetEntry
from migrator.core.record import Link
from migrator.core.undo import Fate, StayReason, Stays
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit, Priority
from migrator.store import intents, links, target, undone
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome
from migrator.store.undone import CreatedRecord
from migrator.store.work import WorkItem


@dataclass(frozen=True, slots=True)
class Removal:
    """One activity to be deleted; `due` is when the fate of its deletion can be proved."""

    item: WorkItem
    link: Link
    entry: TargetEntry
    intent_id: int = 0
    due: datetime | None = None


@dataclass(slots=True)
class Undoer(Sender[Removal]):
    """The deletions of one undo; `undone_run` is the run that is taken back."""

    undone_run: int = 0
    findings: Findings = field(default_factory=Findings)
    pages: Iterator[list[CreatedRecord]] = field(default_factory=lambda: iter(()))
    ready: deque[Removal] = field(default_factory=deque)
    again: list[tuple[WorkItem, Link]] = field(default_factory=list)
    read_at: float = 0.0

    def run(self, total: int) -> None:
        """Take back what can be; `total` is for the progress bar."""
        self.pages = created_pages(self.carrier.place, self.undone_run)
        with self.carrier.place.progress.phase("taking back", total) as bar:
            try:
                self.work_off(bar.advance)
            finally:
                for _, _, job in self.settling:
                    self.findings.enter(job.item, Fate.UNCLEAR)

    # -- reading and comparing --------------------------------------------------------------------------------

    def next_job(self) -> Removal | None:
        """The next activity to which nobody did anything."""
        while True:
            if self.ready and self._is_old():
                self.again += [(each.item, each.link) for each in self.ready]
                self.ready.clear()
            if self.ready:
                job = self.ready.popleft()
                if job.entry.booking.user_id not in self.trouble.forbidden:
                    return job
                self.findings.stays(job.item, job.link, Stays(StayReason.FORBIDDEN))
            elif self.again:
                page, self.again = self.again[:PAGE], self.again[PAGE:]
                self._read(look_again(self.carrier.writer, page, self.findings))
            else:
                fresh = next(self.pages, None)
                if fresh is None:
                    return None
                self._read(look_at(self.carrier.writer, self.undone_run, fresh, self.findings))

    def _is_old(self) -> bool:
        return self.carrier.place.clock.steady() - self.read_at > READ_AGAIN_AFTER

    def _read(self, seen: Iterator[tuple[WorkItem, Link, TargetEntry | None]]) -> None:
        self.read_at = self.carrier.place.clock.steady()
        for item, link, entry in seen:
            if entry is None:
                self._is_gone(item)
            else:
                self.ready.append(Removal(item, link, entry))

    def _is_gone(self, item: WorkItem) -> None:
        """Somebody deleted it in MOCO: that is a conflict of its own until a person decides."""
        with writing(self.carrier.place.engine) as session:
            links.mark_gone(session, item.source_id, True)
        self.findings.enter(item, Fate.GONE)

    # -- one deletion -----------------------------------------------------------------------------------------

    def intend(self, job: Removal) -> tuple[Removal, float] | None:
        """Commit intent and hold, unless the wait for the request window made the comparison old."""
        if self._is_old():
            self.again.append((job.item, job.link))
            return None
        carrier, now = self.carrier, self.carrier.place.clock.now()
        row = NewIntent(
            run_id=carrier.run_id,
            batch=carrier.new_batch(),
            write="undo",
            source_id=job.item.source_id,
            natural_key=str(self.undone_run),
            activity_id=job.entry.id,
            user_id=job.entry.booking.user_id,
            payload=canonical(job.entry.booking),
        )
        intended = carrier.intend(
            [row], also=lambda session: undone.put_undone(session, [job.item.source_id], self.undone_run, now)
        )
        return replace(job, intent_id=intended.ids[0], due=carrier.settle_time(now)), intended.committed_at

    def request(self, job: Removal, permit: Permit, committed_at: float) -> WriteOutcome:
        """The deletion travels as the person whom the activity belongs to."""
        person = job.entry.booking.user_id
        return self.carrier.writer.delete_activity(
            job.entry.id, as_user=person, permit=permit, committed_at=committed_at
        )

    def receive(self, job: Removal, outcome: WriteOutcome) -> None:
        """Write down the outcome of one deletion."""
        match outcome:
            case Answered():
                self._undone(job, Outcome.ANSWERED)
            case NotSent(reason=reason):
                if take_hold_back(self.carrier, job.intent_id, job.item.source_id, Outcome.UNSENT, reason):
                    self._try_again(job)
                self.trouble.was_unsent(self.carrier, reason)
            case Refused():
                self._refused(job, outcome)
            case Unclear(reason=reason, status=status):
                with writing(self.carrier.place.engine) as session:
                    intents.note(session, [job.intent_id], status=status, detail=reason)
                assert job.due is not None
                self.settle_later(job.due, job)
                self.trouble.was_unclear(self.carrier, reason)
            case _:
                assert_never(outcome)

    def settle(self, job: Removal) -> None:
        """A GET decides: "not found" is done."""
        if self.carrier.writer.fetch_activity(job.entry.id, priority=Priority.PROOF) is None:
            self._undone(job, Outcome.FOUND)
        elif take_hold_back(self.carrier, job.intent_id, job.item.source_id, Outcome.ABSENT, "it is still there"):
            self._try_again(job)

    def _undone(self, job: Removal, outcome: Outcome) -> None:
        if keep_undone(self.carrier, job.intent_id, job.item.source_id, job.entry.id, outcome):
            self.findings.enter(job.item, Fate.UNDONE)
        self.trouble.went_well(1)

    def _try_again(self, job: Removal) -> None:
        """What was not applied is read and compared anew, a few times; then it is left for the next undo."""
        if self.trouble.may_try_again(job.item.source_id):
            self.again.append((job.item, job.link))
        else:
            self.findings.enter(job.item, Fate.PENDING)

    def _refused(self, job: Removal, outcome: Refused) -> None:
        refusal = outcome.refusal
        source_id, person = job.item.source_id, job.entry.booking.user_id
        if not take_hold_back(
            self.carrier, job.intent_id, source_id, Outcome.REFUSED, refusal.text, status=refusal.status
        ):
            return
        words = refusal.text or f"status {refusal.status}"
        match refusal.status:
            case 401:
                raise login_refused(refusal)
            case 429:
                self._try_again(job)
            case 404 if self.carrier.writer.fetch_activity(job.entry.id, priority=Priority.PROOF) is None:
                self._is_gone(job.item)
            case 403 | 404:
                self.findings.stays(job.item, job.link, Stays(StayReason.FORBIDDEN, words))
                self.trouble.forbid(self.carrier, person)
            case _:
                self.findings.stays(job.item, job.link, Stays(StayReason.REFUSED, words))


# -- how a deletion ends, whoever finds out ------------------------------------------------------------------------


def keep_undone(carrier: Carrier, intent_id: int, source_id: SourceId, activity_id: MocoId, outcome: Outcome) -> bool:
    """The activity is gone and the record stays held; False when somebody else settled the intent."""
    with writing(carrier.place.engine) as session:
        if not intents.close_intents(session, [intent_id], outcome, carrier.place.clock.now()):
            return False
        links.close_link(session, source_id)
        target.forget(session, [activity_id])
        return True


def take_hold_back(
    carrier: Carrier, intent_id: int, source_id: SourceId, outcome: Outcome, detail: str, status: int | None = None
) -> bool:
    """The activity is still there, so its record is not held; False when somebody else settled the intent."""
    with writing(carrier.place.engine) as session:
        now = carrier.place.clock.now()
        if not intents.close_intents(session, [intent_id], outcome, now, status=status, detail=detail):
            return False
        undone.release_undone(session, [source_id])
        return True
