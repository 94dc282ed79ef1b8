"""Looks at what `billed` is about to mark: each activity is read now, and whatever is not verified is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.app.billed.book import BilledBook
from migrator.app.billed.proof import MOST_IN_VAIN, WRITE, read_now
from migrator.app.books import as_json, source_side
from migrator.app.deciding import Decided, Decider
from migrator.app.reasons import in_words
from migrator.app.wiring import Workplace
from migrator.core.actions import ConflictReason
from migrator.core.billed import REFUSED, Candidate, Marking, Stays, objection
from migrator.core.fingerprint import fingerprint
from migrator.core.model import MocoId, SourceId, TargetEntry
from migrator.core.record import Refusal
from migrator.core.sides import present_side
from migrator.moco.reading import MocoReader
from migrator.store import inbox, intents, links, refusals, target
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, ItemState, NewItem
from migrator.store.intents import Outcome
from migrator.store.merge import merged_of

IN_VAIN = "MOCO was asked and still shows it as not billed; look at it there"
"""Why something is not asked for again."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A record that both sides agree upon, as MOCO showed it just now."""

    candidate: Candidate
    decided: Decided
    entry: TargetEntry

    @property
    def source_id(self) -> SourceId:
        return self.candidate.source_id


@dataclass(slots=True)
class Looker:
    """Reads and judges the records of a request; what does not pass goes into the book."""

    place: Workplace
    reader: MocoReader
    decider: Decider
    run_id: int
    book: BilledBook

    def verified(self, request: Sequence[Candidate]) -> tuple[Verified, ...]:
        """Those of a request that may be marked; of all others the book says why not."""
        present = read_now(self.reader, [each.activity_id for each in request])
        self._remember(request, present)
        with reading(self.place.engine) as session:
            merged = merged_of(session, self.run_id, frozenset(each.source_id for each in request))
        passed = []
        for each in request:
            if each.source_id in merged:
                decided = self.decider.decide(merged[each.source_id], None)
                passed += self._judged(each, decided, present.get(each.activity_id))
        return tuple(passed)

    def _judged(self, each: Candidate, decided: Decided, entry: TargetEntry | None) -> list[Verified]:
        """The record where it passes, else nothing and an entry in the book."""
        if entry is None:
            self.book.leave(each, Marking.OPEN, Stays(ConflictReason.DELETED_IN_TARGET.value))
        elif entry.billed:
            self.book.count(each, Marking.BILLED_IN_MOCO)
        elif (stays := self._objection(each, decided)) is not None:
            self.book.leave(each, Marking.OPEN, stays)
        elif (refused := self._known_refusal(entry, decided)) is not None:
            self.book.leave(each, Marking.REFUSED, refused)
            self.keep_waiting(Verified(each, decided, entry), refused.detail)
        elif not _is_released(decided) and self.asked_in_vain([each.source_id]):
            self.book.leave(each, Marking.REFUSED, Stays(REFUSED, IN_VAIN))
            self.remember_refusal(Verified(each, decided, entry), 0, IN_VAIN)
        else:
            return [Verified(each, decided, entry)]
        return []

    def asked_in_vain(self, source_ids: Sequence[SourceId]) -> set[SourceId]:
        """Those that MOCO showed as not billed after as many requests as are allowed, whichever run sent them."""
        with reading(self.place.engine) as session:
            ended = intents.count_ended(session, WRITE, source_ids, Outcome.ABSENT)
        return {source_id for source_id, many in ended.items() if many >= MOST_IN_VAIN}

    def remember_refusal(self, each: Verified, status: int, words: str) -> None:
        """It is not asked for again until a person says so, or its activity changes."""
        before = fingerprint(each.entry.booking)
        known = Refusal(WRITE, before, before, words)
        with writing(self.place.engine) as session:
            now = self.place.clock.now()
            refusals.put_refusal(session, each.source_id, known, status=status, run_id=self.run_id, now=now)
        self.keep_waiting(each, words)

    def keep_waiting(self, each: Verified, words: str) -> None:
        """A refused marking waits for a person, as long as it is refused."""
        with writing(self.place.engine) as session:
            inbox.sync_inbox(session, self.run_id, [_waiting(each, words)], self.place.clock.now())

    def _remember(self, request: Sequence[Candidate], present: dict[MocoId, TargetEntry]) -> None:
        with writing(self.place.engine) as session:
            target.store_entries(session, present.values(), self.place.config.activecollab.instance)
            for each in request:
                if each.activity_id not in present:
                    links.mark_gone(session, each.source_id, True)

    def _objection(self, each: Candidate, decided: Decided) -> Stays | None:
        stays = objection(decided.action)
        if stays is None and not each.company_id:
            return Stays("NO_COMPANY", f"MOCO does not show the company of project {each.project_id}")
        return stays

    def _known_refusal(self, entry: TargetEntry, decided: Decided) -> Stays | None:
        """The words of MOCO when it refused the same before, and nobody released it."""
        refusal = decided.merged.refusal
        if refusal is None or refusal.released or refusal.write != WRITE:
            return None
        if refusal.target != fingerprint(entry.booking):
            return None
        with reading(self.place.engine) as session:
            told = inbox.items_of(session, decided.source.key.id)
        accepted = any(
            each.state is ItemState.ACCEPTED
            and each.new.kind is ItemKind.QUARANTINED
            and each.new.digest == refusal_digest(entry)
            for each in told
        )
        return Stays(REFUSED, refusal.words, explained=accepted)


def _is_released(decided: Decided) -> bool:
    """Whether a person wants a refused marking to be tried once more."""
    refusal = decided.merged.refusal
    return refusal is not None and refusal.write == WRITE and refusal.released


def _waiting(each: Verified, words: str) -> NewItem:
    entry = each.decided.merged.entry
    return NewItem(
        kind=ItemKind.QUARANTINED,
        source_id=each.source_id,
        activity_id=each.candidate.activity_id,
        reason=REFUSED,
        message=in_words(REFUSED, words),
        digest=refusal_digest(each.entry),
        source=as_json(source_side(entry, each.decided.wanted.booking if each.decided.wanted else None)),
        target=as_json(present_side(each.entry)),
    )


def refusal_digest(entry: TargetEntry) -> str:
    """What a person accepts with a refused marking: it comes back when the activity changes."""
    return f"{REFUSED}:{fingerprint(entry.booking)}"
