"""Writes the spans of people's days, one request each: a day's second only after its first was answered or proved."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from sqlalchemy.orm import Session

from migrator.app.bulk_answers import login_refused
from migrator.app.presences.looking import WRITE, Looker, ToWrite, Wanted, shown_of
from migrator.app.presences.proof import Seen, keep, look_for
from migrator.app.present import READ_AGAIN_AFTER
from migrator.app.sending import Sender
from migrator.core.actions import Word
from migrator.core.model import MocoId
from migrator.core.working_days import DayReason, Leave, Presence, Span, WorkedDay
from migrator.errors import LoginRefused, MigratorError
from migrator.moco.calls import presences as calls
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Permit
from migrator.moco.reading import Forbidden
from migrator.store import intents, presences
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome

AT_ONCE = 25
"""Days looked at again together: about as many as MOCO's smaller plan lets us write before the look is old."""

TRIES = 4
"""Requests for one span in a run that may turn out to have had no effect."""


@dataclass(frozen=True, slots=True)
class SpanJob:
    """The first of the spans of a day that are still to be written; `sent_at` is when it was first tried."""

    worked: WorkedDay
    spans: tuple[Span, ...]
    intent_id: int = 0
    due: datetime | None = None
    sent_at: datetime | None = None

    @property
    def wanted(self) -> Wanted:
        """What this job writes."""
        return Wanted(self.worked.person, self.worked.day, self.spans[0])


@dataclass(slots=True)
class DayWriter(Sender[SpanJob]):
    """The presences of one run; the looker says what is to be written, and its book what became of each day."""

    looker: Looker = field(kw_only=True)
    people: Iterator[MocoId] = field(default_factory=lambda: iter(()))
    ready: deque[SpanJob] = field(default_factory=deque)
    again: list[WorkedDay] = field(default_factory=list)
    looked_at: float = 0.0
    tries: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Write every day on which something is to be written."""
        self.people = iter(sorted(self.looker.people))
        book = self.looker.book
        with self.carrier.place.progress.phase("presences", book.whole.days) as bar:
            told = 0

            def advance(_: int) -> None:
                nonlocal told
                before, told = told, book.days.total()
                bar.advance(told - before)

            try:
                self.work_off(advance)
            finally:
                for _, _, job in self.settling:
                    self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED)

    def one_by_one(self) -> bool:
        """Also until one was answered for the right person: a MOCO that ignores for whom we ask shall do it once."""
        return self.trouble.cautious or not self.looker.book.spans

    # -- what is to be written --------------------------------------------------------------------------------

    def next_job(self) -> SpanJob | None:
        """The next span of a day that MOCO showed free a moment ago."""
        while True:
            if self.ready and self._is_old():
                self._look_again()
            if self.ready:
                job = self.ready.popleft()
                if job.worked.person not in self.looker.forbidden:
                    return job
                self._leave(job, Word.HELD, DayReason.FORBIDDEN)
            elif self.again:
                person = self.again[0].person
                page = [each for each in self.again if each.person == person][:AT_ONCE]
                self.again = [each for each in self.again if each not in page]
                self._take(self.looker.look(person, sorted(page, key=lambda each: each.day)))
            else:
                person_or_none = next(self.people, None)
                if person_or_none is None:
                    return None
                self._take(self.looker.look(person_or_none, self.looker.days_of(person_or_none)))

    def _take(self, found: list[ToWrite]) -> None:
        self.looked_at = self.carrier.place.clock.steady()
        self.ready.extend(SpanJob(each.worked, each.spans) for each in found)

    def _is_old(self) -> bool:
        return self.carrier.place.clock.steady() - self.looked_at > READ_AGAIN_AFTER

    def _look_again(self) -> None:
        """Somebody may have entered a presence since the days were looked at."""
        self.again += [job.worked for job in self.ready]
        self.ready.clear()

    # -- one span ---------------------------------------------------------------------------------------------

    def intend(self, job: SpanJob) -> tuple[SpanJob, float] | None:
        """Commit the intent and what is wanted of the day, unless the wait for the window made the look old."""
        if self._is_old():
            self.again.append(job.worked)
            return None
        carrier, wanted = self.carrier, job.wanted
        row = NewIntent(
            run_id=carrier.run_id,
            batch=carrier.new_batch(),
            write=WRITE,
            natural_key=wanted.natural_key,
            user_id=wanted.person,
            payload=wanted.payload(),
        )

        def remember_day(session: Session) -> None:
            presences.want(session, wanted.person, wanted.day, job.spans, carrier.run_id)

        intended = carrier.intend([row], also=remember_day)
        now = carrier.place.clock.now()
        self.tries[wanted.natural_key] += 1
        due = carrier.settle_time(now)
        return replace(job, intent_id=intended.ids[0], due=due, sent_at=job.sent_at or now), intended.committed_at

    def request(self, job: SpanJob, permit: Permit, committed_at: float) -> WriteOutcome:
        """It travels as the person whose day it is; nothing is said about working from home."""
        wanted = job.wanted
        call = calls.create(day=wanted.day, start=wanted.span.start, end=wanted.span.end)
        return self.carrier.writer.send(call, permit, committed_at, as_user=wanted.person)

    def receive(self, job: SpanJob, outcome: WriteOutcome) -> None:
        """Write down how it ended."""
        match outcome:
            case Answered(body=body):
                self._answered(job, body)
            case NotSent(reason=reason):
                self.carrier.close_intents([job.intent_id], Outcome.UNSENT, reason)
                self.again.append(job.worked)
                self.trouble.was_unsent(self.carrier, reason)
            case Refused():
                self._refused(job, outcome)
            case Unclear(reason=reason, status=status):
                self._settle_later(job, job.due, reason, status)
                self.trouble.was_unclear(self.carrier, reason)
            case _:
                assert_never(outcome)

    def settle(self, job: SpanJob) -> None:
        """The day itself tells: our presence, somebody else's, or none."""
        try:
            seen = self._look(job)
        except Forbidden as refused:
            self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED, refused.message)
            self.looker.forbid(job.worked.person)
            return
        except MigratorError:
            self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED)
            raise
        if seen.own is not None:
            self._written(job, seen.own, Outcome.FOUND)
            return
        if not self.carrier.close_intents([job.intent_id], Outcome.ABSENT, "proved absent"):
            self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED)
        elif seen.others:
            self._leave_to_others(job)
        elif self._may_try_again(job):
            self.ready.appendleft(job)

    # -- how it ended -----------------------------------------------------------------------------------------

    def _answered(self, job: SpanJob, body: object) -> None:
        try:
            shown = shown_of(calls.read_presence(body), job.worked.person)
        except AnswerError as odd:
            self._settle_later(job, self.carrier.settle_time(None, answered=True), odd.message, 200)
            return
        if shown.person != job.worked.person:
            self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED)
            raise LoginRefused(
                f"MOCO booked presence {shown.id} for person {shown.person} instead of {job.worked.person}: "
                "it ignores for whom a request is made",
                hint="delete that presence in MOCO, and give the key's user the Staff permission",
            )
        if shown.day != job.worked.day or shown.span is None:
            self._settle_later(job, self.carrier.settle_time(None, answered=True), "another day or no end", 200)
            return
        self._written(job, shown, Outcome.ANSWERED)

    def _may_try_again(self, job: SpanJob) -> bool:
        """Whether a span without effect is sent once more; else its day is left for the next run."""
        if self.tries[job.wanted.natural_key] < TRIES:
            return True
        self._leave(job, Word.PENDING, DayReason.NOT_REACHED)
        return False

    def _settle_later(self, job: SpanJob, due: datetime | None, reason: str, status: int | None) -> None:
        with writing(self.carrier.place.engine) as session:
            intents.note(session, [job.intent_id], status=status, detail=reason)
        assert due is not None
        self.settle_later(due, job)

    def _written(self, job: SpanJob, shown: Presence, outcome: Outcome) -> None:
        if not keep(self.carrier, job.intent_id, job.wanted, shown, outcome, self.carrier.run_id):
            self._leave(job, Word.UNCLEAR, DayReason.UNSETTLED)
            return
        self.looker.book.spans += 1
        self.trouble.went_well(1)
        if len(job.spans) > 1:
            self.ready.appendleft(SpanJob(job.worked, job.spans[1:]))
        else:
            self.looker.book.count(job.worked, Word.CREATED)

    def _refused(self, job: SpanJob, outcome: Refused) -> None:
        refusal = outcome.refusal
        words = refusal.text or f"status {outcome.status}"
        if outcome.status == 422:
            self._refused_day(job, words)
            return
        self.carrier.close_intents([job.intent_id], Outcome.REFUSED, words, outcome.status)
        match outcome.status:
            case 401:
                raise login_refused(refusal)
            case 429:
                if self._may_try_again(job):
                    self.again.append(job.worked)
            case 403:
                self._leave(job, Word.HELD, DayReason.FORBIDDEN, words)
                self.looker.forbid(job.worked.person)
            case _:
                self._leave(job, Word.HELD, DayReason.REFUSED, words)
                self.trouble.was_refused(words)

    def _refused_day(self, job: SpanJob, words: str) -> None:
        """Perhaps "range overlaps": with a request of ours that took effect late, or with what a person made."""
        seen = self._look(job)
        if seen.own is not None:
            self._written(job, seen.own, Outcome.FOUND)
            return
        self.carrier.close_intents([job.intent_id], Outcome.REFUSED, words, 422)
        if seen.others:
            self._leave_to_others(job, words)
        else:
            self._leave(job, Word.HELD, DayReason.REFUSED, words)
            self.trouble.was_refused(words)

    def _look(self, job: SpanJob) -> Seen:
        assert job.sent_at is not None
        return look_for(self.carrier, job.wanted, job.sent_at)

    def _leave_to_others(self, job: SpanJob, words: str = "") -> None:
        """Somebody entered the day meanwhile: it is that person's now, as far as nothing of ours stands there."""
        self._leave(job, Word.HELD, DayReason.MADE_MEANWHILE, words)

    def _leave(self, job: SpanJob, word: Word, reason: DayReason, detail: str = "") -> None:
        self.looker.book.leave(job.worked, Leave(word, reason, detail))
