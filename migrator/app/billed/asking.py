"""Asks MOCO to mark activities as already billed: one request after the other, and what each of them came to.

An answer counts when it names the ids that were asked, else `billed` of these activities is read after the request
can no longer take effect. What is proved open may be asked for once more, then it is left unclear.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migrator.app.billed.book import BilledBook
from migrator.app.billed.looking import IN_VAIN, Looker, Verified
from migrator.app.billed.proof import WRITE, read_now
from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, Intended, wait_until_settled
from migrator.app.trouble import Trouble
from migrator.core.batching import halves
from migrator.core.billed import REFUSED, Candidate, Marking, Stays, common_project
from migrator.core.model import MocoId
from migrator.errors import LoginRefused, TryAgainLater
from migrator.moco.answers import read_ids
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.refusals import Refusal
from migrator.store import intents, links
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome

TRIES = 5
"""How often in a row a request may certainly not be taken (not sent, 429) before the run gives up."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Records to be asked for together."""

    rows: tuple[Candidate, ...]


@dataclass(slots=True)
class Asker:
    """The requests of one run."""

    carrier: Carrier
    looker: Looker
    book: BilledBook
    trouble: Trouble

    def run(self, requests: Iterable[tuple[Candidate, ...]]) -> None:
        """Mark everything that is verified. Raises what ends the run early; all that was sent is written down."""
        with self.carrier.place.progress.phase("marking as billed", self.book.whole.records) as bar:
            for rows in requests:
                waiting = [Ask(rows)]
                while waiting:
                    waiting += reversed(self._ask(waiting.pop()))
                bar.advance(len(rows))

    def _ask(self, ask: Ask) -> list[Ask]:
        """Look, send once, write down; gives what is to be asked next, in order."""
        if self.trouble.cautious and len(ask.rows) > 1:
            return [Ask(ask.rows[:1]), Ask(ask.rows[1:])]
        for _ in range(TRIES):
            rows = self.looker.verified(ask.rows)
            if not rows:
                return []
            intended, outcome = self._send(rows)
            match outcome:
                case NotSent(reason=reason):
                    self.carrier.close_intents(intended.ids, Outcome.UNSENT, reason)
                    self.trouble.was_unsent(self.carrier, reason)
                case Refused(status=429):
                    self.carrier.close_intents(intended.ids, Outcome.REFUSED, "too many requests", 429)
                    self.carrier.too_many_requests(outcome)
                case Answered(body=body):
                    return self._answered(ask, rows, intended, body)
                case Refused(refusal=refusal):
                    self.carrier.close_intents(intended.ids, Outcome.REFUSED, refusal.text, refusal.status)
                    return self._refused(ask, rows, refusal, alone=len(rows) == 1)
                case Unclear():
                    return self._unclear(ask, rows, intended, outcome)
            # What was looked at is sent as a whole or not at all, so it is counted once.
            ask = Ask(tuple(each.candidate for each in rows))
        raise TryAgainLater(
            "MOCO does not take requests to mark as billed at the moment",
            hint="run the same command again later; it goes on where it stopped",
        )

    def _send(self, rows: Sequence[Verified]) -> tuple[Intended, WriteOutcome]:
        carrier, first = self.carrier, rows[0].candidate
        company, project = first.company_id, common_project(each.candidate for each in rows)
        reason = carrier.place.config.policy.billed_reason
        batch = carrier.new_batch()
        permit = carrier.permission()
        try:
            intended = carrier.intend([_intent(carrier.run_id, batch, each, company, project, reason) for each in rows])
        except BaseException:
            carrier.window.free(permit)
            raise
        ids = [each.candidate.activity_id for each in rows]
        self.book.requests += 1
        return intended, carrier.writer.disregard(ids, company, project, reason, permit, intended.committed_at)

    # -- what came back -----------------------------------------------------------------------------------------

    def _answered(self, ask: Ask, rows: Sequence[Verified], intended: Intended, body: object) -> list[Ask]:
        """Success: those that the answer names are marked, the others are looked at."""
        asked = {each.candidate.activity_id for each in rows}
        try:
            named = set(read_ids(body))
        except AnswerError:
            named = set()
        if not named <= asked:
            # An answer about somebody else's activities says nothing certain of ours.
            named = set()
        pairs = list(zip(intended.ids, rows, strict=True))
        self._mark([pair for pair in pairs if pair[1].candidate.activity_id in named], Outcome.ANSWERED)
        if named:
            self.trouble.went_well(len(named))
        left = [pair for pair in pairs if pair[1].candidate.activity_id not in named]
        if not left:
            self._look_whether_lists_are_fresh(rows[0])
            return []
        return self._prove(ask, left, Unclear("MOCO's answer does not name all that was asked", 200))

    def _unclear(self, ask: Ask, rows: Sequence[Verified], intended: Intended, outcome: Unclear) -> list[Ask]:
        pairs = list(zip(intended.ids, rows, strict=True))
        if outcome.status != 422:
            self.trouble.was_unclear(self.carrier, outcome.reason)
        return self._prove(ask, pairs, outcome)

    def _prove(self, ask: Ask, pairs: Sequence[tuple[int, Verified]], outcome: Unclear) -> list[Ask]:
        """Wait until nothing can change any more, read `billed`, and decide what is asked next."""
        answered = outcome.status is not None and (outcome.status < 300 or outcome.status == 422)
        ids = [intent_id for intent_id, _ in pairs]
        with writing(self.carrier.place.engine) as session:
            if answered:
                due = self.carrier.settle_time(None, answered=True)
                intents.delay(session, ids, due, status=outcome.status, detail=outcome.reason)
            else:
                intents.note(session, ids, status=outcome.status, detail=outcome.reason)
        wait_until_settled(self.carrier, ids[0])
        present = read_now(self.carrier.writer, [each.candidate.activity_id for _, each in pairs])
        billed = {entry.id for entry in present.values() if entry.billed}
        self._mark([pair for pair in pairs if pair[1].candidate.activity_id in billed], Outcome.FOUND)
        if billed:
            self.trouble.went_well(len(billed))
        left = [pair for pair in pairs if pair[1].candidate.activity_id not in billed]
        if not left:
            return []
        refusal = outcome.refusal if outcome.status == 422 else None
        ended = Outcome.REFUSED if refusal else Outcome.ABSENT
        self.carrier.close_intents([intent_id for intent_id, _ in left], ended, outcome.reason, outcome.status)
        rows = [each for _, each in left]
        if refusal is not None:
            return self._refused(ask, rows, refusal, alone=len(pairs) == 1)
        vain = self.looker.asked_in_vain([each.source_id for each in rows])
        for each in rows:
            if each.source_id in vain:
                self.book.leave(each.candidate, Marking.UNCLEAR, Stays("UNCLEAR", outcome.reason))
                self.looker.remember_refusal(each, outcome.status or 0, IN_VAIN)
        once_more = tuple(each.candidate for each in rows if each.source_id not in vain)
        return [Ask(once_more)] if once_more else []

    def _refused(self, ask: Ask, rows: Sequence[Verified], refusal: Refusal, *, alone: bool) -> list[Ask]:
        """Not marked: a permission stops the run, several are halved, one asked for alone goes to the inbox."""
        if refusal.status == 401:
            raise login_refused(refusal)
        if refusal.status == 403:
            raise LoginRefused(
                f"MOCO refuses to mark activities as billed: {refusal.text or 'status 403'}",
                hint="give the key's user the permission for projects and invoices, then run the same command again",
            )
        if not alone:
            # The refusal of several is no proof about the one that is left.
            parts = halves(tuple(each.candidate for each in rows))
            return [Ask(part) for part in parts if part]
        (bad,) = rows
        words = refusal.text or f"status {refusal.status}"
        self.book.leave(bad.candidate, Marking.REFUSED, Stays(REFUSED, words))
        self.looker.remember_refusal(bad, refusal.status, words)
        self.trouble.was_refused(words)
        return []

    # -- our memory ---------------------------------------------------------------------------------------------

    def _mark(self, pairs: Sequence[tuple[int, Verified]], outcome: Outcome) -> None:
        """MOCO said or showed that these are billed; an intent that somebody else closed changes nothing."""
        if not pairs:
            return
        with writing(self.carrier.place.engine) as session:
            now = self.carrier.place.clock.now()
            closed = intents.close_intents(session, [intent_id for intent_id, _ in pairs], outcome, now)
            marked = [each for intent_id, each in pairs if intent_id in closed]
            links.mark_disregarded(session, [each.source_id for each in marked], True)
        for each in marked:
            self.book.count(each.candidate, Marking.DISREGARDED)

    def _look_whether_lists_are_fresh(self, first: Verified) -> None:
        """Once in a run: does MOCO show at once that what it just marked is billed?"""
        if self.carrier.lists_fresh is None:
            present = read_now(self.carrier.writer, [first.candidate.activity_id])
            entry = present.get(first.candidate.activity_id)
            self.carrier.lists_fresh = entry is not None and entry.billed


def _intent(run_id: int, batch: str, each: Verified, company: MocoId, project: MocoId | None, reason: str) -> NewIntent:
    """The intent to mark one activity; its payload is what the request says beside the ids."""
    return NewIntent(
        run_id=run_id,
        batch=batch,
        write=WRITE,
        source_id=each.source_id,
        natural_key=str(each.candidate.activity_id),
        activity_id=each.candidate.activity_id,
        payload=json.dumps({"company_id": company, "project_id": project, "reason": reason}, ensure_ascii=False),
    )
