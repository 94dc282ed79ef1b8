"""Takes back what a run of `presences` wrote: each presence is read again, and deleted where nobody changed it.

Its day stays held until a person releases the run, so that no later run writes it again.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from migrator.app.bulk_answers import login_refused
from migrator.app.presences.looking import UNDO, Wanted, list_presences
from migrator.app.presences.proof import fetch_presence, keep_undone
from migrator.app.present import READ_AGAIN_AFTER
from migrator.app.sending import Sender
from migrator.app.wiring import Workplace
from migrator.core.model import MocoId
from migrator.core.undo import Fate
from migrator.core.working_days import Presence, differs
from migrator.errors import MigratorError
from migrator.moco.calls import presences as calls
from migrator.moco.client import MocoReader
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.reading import Forbidden
from migrator.store import intents, presences
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, Outcome
from migrator.store.presences import SavedPresence

AT_ONCE = 50
"""Presences read again together, before they are deleted one by one."""

TRIES = 4
"""Requests for one presence in a run that may turn out to have had no effect."""

LISTED = 10_000
"""As many of what stays are listed one by one; all of it is counted."""


@dataclass(frozen=True, slots=True)
class LeftPresence:
    """A presence of the run that stays in MOCO, and why."""

    saved: SavedPresence
    reason: str

    def as_json(self) -> dict[str, object]:
        """As the answer lists it."""
        return {
            "user_id": self.saved.person,
            "date": self.saved.day.isoformat(),
            "presence_id": self.saved.ours.presence_id,
            "span": str(self.saved.ours.answered),
            "message": self.reason,
        }


@dataclass(slots=True)
class SpanFindings:
    """What became of the presences that a run wrote, counted, and what stays, listed up to a limit."""

    fates: Counter[Fate] = field(default_factory=Counter)
    left: list[LeftPresence] = field(default_factory=list)

    def stays(self, saved: SavedPresence, reason: str) -> None:
        """A presence stays."""
        self.fates[Fate.STAYS] += 1
        if len(self.left) < LISTED:
            self.left.append(LeftPresence(saved, reason))


@dataclass(frozen=True, slots=True)
class SpanRemoval:
    """One presence to be deleted; `due` is when the fate of its deletion can be proved."""

    saved: SavedPresence
    intent_id: int = 0
    due: datetime | None = None

    @property
    def presence_id(self) -> MocoId:
        """Which one; only what MOCO showed us is ever deleted."""
        assert self.saved.ours.presence_id is not None
        return self.saved.ours.presence_id


def pages_of_run(place: Workplace, run_id: int) -> Iterator[tuple[SavedPresence, ...]]:
    """What a run wrote and still stands in MOCO as far as we know, a few of one person at a time."""
    with reading(place.engine) as session:
        people = presences.people_with_presences(session, run_id)
    for person in people:
        with reading(place.engine) as session:
            found = presences.linked_of(session, person, run_id=run_id)
        for start in range(0, len(found), AT_ONCE):
            yield found[start : start + AT_ONCE]


def look_at(
    reader: MocoReader, page: Sequence[SavedPresence], findings: SpanFindings
) -> Iterator[tuple[SavedPresence, Presence | None]]:
    """Read presences of one person again and enter what stays; gives the others, with None for what is gone."""
    person = page[0].person
    try:
        listed = list_presences(reader, person, page[0].day, page[-1].day)
        shown = {each.id: each for each in listed}
        for saved in page:
            presence_id = saved.ours.presence_id
            assert presence_id is not None
            # Absence from a list proves nothing; only its own address does. It may stand on another day now.
            present = shown.get(presence_id) or fetch_presence(reader, presence_id, person)
            if present is not None and changed_since(saved, present):
                findings.stays(saved, f"it was changed in MOCO: {present.day} {present.span or 'open'}")
            else:
                yield saved, present
    except Forbidden as refused:
        for saved in page:
            findings.stays(saved, refused.message)


def changed_since(saved: SavedPresence, present: Presence) -> bool:
    """Whether anybody changed a presence since MOCO answered us, its place of work too, which only its moment tells."""
    return differs(present, saved.day, saved.ours) or present.updated_at != saved.updated_at


@dataclass(slots=True)
class SpanUndoer(Sender[SpanRemoval]):
    """The deletions of one undo; `undone_run` is the run that is taken back."""

    undone_run: int = 0
    findings: SpanFindings = field(default_factory=SpanFindings)
    pages: Iterator[tuple[SavedPresence, ...]] = field(default_factory=lambda: iter(()))
    ready: deque[SpanRemoval] = field(default_factory=deque)
    again: list[SavedPresence] = field(default_factory=list)
    forbidden: set[MocoId] = field(default_factory=set)
    tries: Counter[MocoId] = field(default_factory=Counter)
    read_at: float = 0.0

    def run(self, total: int) -> None:
        """Take back what can be; `total` is for the progress bar."""
        self.pages = pages_of_run(self.carrier.place, self.undone_run)
        with self.carrier.place.progress.phase("taking back", total) as bar:
            try:
                self.work_off(bar.advance)
            finally:
                self.findings.fates[Fate.UNCLEAR] += len(self.settling)

    def next_job(self) -> SpanRemoval | None:
        """The next presence to which nobody did anything."""
        while True:
            if self.ready and self._is_old():
                self.again += [each.saved for each in self.ready]
                self.ready.clear()
            if self.ready:
                job = self.ready.popleft()
                if job.saved.person not in self.forbidden:
                    return job
                self.findings.stays(job.saved, "MOCO refuses to act for its person")
                continue
            if self.again:
                person = self.again[0].person
                page = tuple(each for each in self.again if each.person == person)
                self.again = [each for each in self.again if each.person != person]
            else:
                page = next(self.pages, ())
                if not page:
                    return None
            self.read_at = self.carrier.place.clock.steady()
            for saved, present in look_at(self.carrier.writer, sorted(page, key=lambda each: each.day), self.findings):
                self._take(saved, present)

    def _take(self, saved: SavedPresence, present: Presence | None) -> None:
        job = SpanRemoval(saved)
        if present is not None:
            self.ready.append(job)
            return
        # A person took it away: that is no undoing of ours, so its day is not released with the others.
        self.findings.fates[Fate.GONE] += 1

    def _is_old(self) -> bool:
        return self.carrier.place.clock.steady() - self.read_at > READ_AGAIN_AFTER

    def intend(self, job: SpanRemoval) -> tuple[SpanRemoval, float] | None:
        """Commit the intent, unless the wait for the request window made the comparison old."""
        if self._is_old():
            self.again.append(job.saved)
            return None
        carrier, saved = self.carrier, job.saved
        row = NewIntent(
            run_id=carrier.run_id,
            batch=carrier.new_batch(),
            write=UNDO,
            natural_key=str(self.undone_run),
            activity_id=job.presence_id,
            user_id=saved.person,
            payload=Wanted(saved.person, saved.day, saved.ours.span).payload(),
        )
        intended = carrier.intend([row])
        self.tries[job.presence_id] += 1
        due = carrier.settle_time(carrier.place.clock.now())
        return replace(job, intent_id=intended.ids[0], due=due), intended.committed_at

    def request(self, job: SpanRemoval, permit: Permit, committed_at: float) -> WriteOutcome:
        """The deletion travels as the person whose day it is."""
        call = calls.delete(job.presence_id)
        return self.carrier.writer.send(call, permit, committed_at, as_user=job.saved.person)

    def receive(self, job: SpanRemoval, outcome: WriteOutcome) -> None:
        """Write down the outcome of one deletion."""
        match outcome:
            case Answered():
                self._undone(job, Outcome.ANSWERED)
            case NotSent(reason=reason):
                self.carrier.close_intents([job.intent_id], Outcome.UNSENT, reason)
                self.again.append(job.saved)
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

    def settle(self, job: SpanRemoval) -> None:
        """A GET decides: "not found" is done."""
        try:
            present = fetch_presence(self.carrier.writer, job.presence_id, job.saved.person)
        except MigratorError:
            self.findings.fates[Fate.UNCLEAR] += 1
            raise
        if present is None:
            self._undone(job, Outcome.FOUND)
        elif self.carrier.close_intents([job.intent_id], Outcome.ABSENT, "it is still there"):
            self._try_again(job)

    def _undone(self, job: SpanRemoval, outcome: Outcome) -> None:
        if keep_undone(self.carrier, job.intent_id, job.presence_id, outcome):
            self.findings.fates[Fate.UNDONE] += 1
        self.trouble.went_well(1)

    def _try_again(self, job: SpanRemoval) -> None:
        if self.tries[job.presence_id] < TRIES:
            self.again.append(job.saved)
        else:
            self.findings.fates[Fate.PENDING] += 1

    def _refused(self, job: SpanRemoval, outcome: Refused) -> None:
        refusal = outcome.refusal
        words = refusal.text or f"status {outcome.status}"
        if not self.carrier.close_intents([job.intent_id], Outcome.REFUSED, words, outcome.status):
            return
        match outcome.status:
            case 401:
                raise login_refused(refusal)
            case 429:
                self._try_again(job)
            case 404 if fetch_presence(self.carrier.writer, job.presence_id, job.saved.person) is None:
                self._take(job.saved, None)
            case 403 | 404:
                self.findings.stays(job.saved, f"MOCO refuses to act for its person: {words}")
                self.forbidden.add(job.saved.person)
            case _:
                self.findings.stays(job.saved, f"MOCO refuses to delete it: {words}")
