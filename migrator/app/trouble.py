"""Keeps count of what goes wrong in one run, and says when it must stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from migrator.app.carrying import Carrier
from migrator.app.obstacles import person_refused, remember
from migrator.core.actions import HoldReason, Word
from migrator.core.model import MocoId, SourceId
from migrator.errors import LoginRefused, RefusedByGate, TryAgainLater
from migrator.moco.refusals import Refusal
from migrator.store import account, work
from migrator.store.engine import writing

UNSENT_IN_A_ROW = 5
UNCLEAR_IN_A_ROW = 5
UNCLEAR_ENDS_RUN = 12
FORBIDDEN_PEOPLE = 3
SAME_REFUSAL_MANY = 50
SAME_REFUSAL_SHARE = 0.2
TRIES_OF_A_RECORD = 4


@dataclass(slots=True)
class Trouble:
    """Rows of failures, people whom MOCO forbids, refusals by their words."""

    unsent: int = 0
    unclear: int = 0
    forbidden: set[MocoId] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    tries: Counter[SourceId] = field(default_factory=Counter)
    left_out: Counter[SourceId] = field(default_factory=Counter)

    @property
    def cautious(self) -> bool:
        """Whether only one record at a time should be risked."""
        return self.unclear >= UNCLEAR_IN_A_ROW

    @property
    def written(self) -> int:
        """How many records were answered, accepted or refused."""
        return self.accepted + sum(self.refusals.values())

    def went_well(self, records: int) -> None:
        """An answer was right: the rows of failures end."""
        self.unsent = 0
        self.unclear = 0
        self.accepted += records

    def was_unsent(self, carrier: Carrier, reason: str) -> None:
        """A request could not leave: wait a little, or give up until the next run."""
        self.unsent += 1
        if self.unsent >= UNSENT_IN_A_ROW:
            raise TryAgainLater(
                f"MOCO cannot be reached ({reason}); nothing of the last request was sent",
                hint="run the same command again when the network is back; it resumes",
            )
        carrier.place.clock.sleep(0.25 * 2**self.unsent)

    def was_unclear(self, carrier: Carrier, reason: str) -> None:
        """An answer was lost: after a row of them pause and ask something small before going on."""
        self.unclear += 1
        if self.unclear >= UNCLEAR_ENDS_RUN:
            raise TryAgainLater(
                f"{self.unclear} answers in a row were unclear (the last: {reason})",
                hint="run the same command again later; it first settles what is open, then resumes",
            )
        if self.unclear == UNCLEAR_IN_A_ROW:
            carrier.place.progress.note(f"{self.unclear} unclear answers in a row: going on one record at a time")
            carrier.writer.fetch_session()

    def was_forbidden(
        self, carrier: Carrier, person: MocoId, source_ids: Collection[SourceId], refusal: Refusal
    ) -> None:
        """MOCO forbids writing for a person: that person's rest is held; three people stop the run."""
        self.hold_forbidden(carrier, person, source_ids, refusal.text)
        self.forbid(carrier, person)

    def forbid(self, carrier: Carrier, person: MocoId) -> None:
        """Nothing more is sent for a person; `LoginRefused` when it is the third active one."""
        self.forbidden.add(person)
        unexplained = self.forbidden - carrier.deactivated
        if len(unexplained) >= FORBIDDEN_PEOPLE:
            with writing(carrier.place.engine) as session:
                for each in unexplained:
                    account.forget(session, person_refused(each, active=True))
            raise LoginRefused(
                f"MOCO refused to book for {len(unexplained)} active people: the key lacks the permission",
                hint="give the key's user the Staff permission (it allows booking for others), then run again",
            )

    def hold_forbidden(
        self, carrier: Carrier, person: MocoId, source_ids: Collection[SourceId], words: str = ""
    ) -> None:
        """Hold records of a person whom MOCO forbids."""
        active = person not in carrier.deactivated
        state = "person" if active else "deactivated person"
        detail = f"MOCO refuses to book for {state} {person}{': ' + words if words else ''}"
        with writing(carrier.place.engine) as session:
            remember(session, carrier.fact_of_refused(person), detail, carrier.place.clock)
            work.finish_work(
                session,
                carrier.run_id,
                source_ids,
                Word.HELD,
                reason=HoldReason.FORBIDDEN.value,
                detail=detail,
            )

    def was_refused(self, words: str) -> None:
        """One record was refused; when very many are, for one reason, the mapping is wrong and not the records."""
        self.refusals[words] += 1
        same = self.refusals[words]
        if same > SAME_REFUSAL_MANY and same > SAME_REFUSAL_SHARE * self.written:
            raise RefusedByGate(
                f"MOCO refused {same} of {self.written} records for the same reason: {words}",
                hint="this is a wrong mapping or setting rather than bad records; see `migrator inbox list`",
            )

    def may_try_again(self, source_id: SourceId) -> bool:
        """Whether a record whose request was unclear is sent once more in this run."""
        self.tries[source_id] += 1
        return self.tries[source_id] < TRIES_OF_A_RECORD
