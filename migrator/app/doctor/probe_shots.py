"""One request of a probe and what came of it, under the same discipline as every write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier
from migrator.app.doctor.probe_removal import WRITE, probe_text
from migrator.app.doctor.targets import Targets
from migrator.core.fingerprint import canonical
from migrator.core.mapping import TargetMasters
from migrator.core.model import Booking, MocoId, Seconds, TargetEntry
from migrator.errors import TryAgainLater
from migrator.moco.answers import read_activities
from migrator.moco.client import Forbidden
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Priority
from migrator.moco.refusals import Refusal
from migrator.moco.scan import scan_range
from migrator.store import intents
from migrator.store.engine import writing
from migrator.store.intents import NewIntent, Outcome

NO_TASK = MocoId(1)
"""A task that no project of an account of today has: a row that MOCO refuses."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Bookings that were sent together: the outcome, and the rows of the answer that belong to them."""

    bookings: tuple[Booking, ...]
    ids: tuple[int, ...]
    outcome: WriteOutcome
    shown: tuple[TargetEntry | None, ...]

    @property
    def refusal(self) -> Refusal | None:
        """MOCO's words, where it refused."""
        match self.outcome:
            case Refused(refusal=refusal) | Unclear(refusal=Refusal() as refusal):
                return refusal
        return None

    @property
    def words(self) -> str:
        """The same as text."""
        return (self.refusal.text or f"status {self.refusal.status}") if self.refusal else ""


@dataclass(slots=True)
class Range:
    """Where a probe books: project, task, person and day; and what is known of the account by now."""

    carrier: Carrier
    name: str
    """Part of every marker of this probe."""
    project_id: MocoId
    task_id: MocoId
    person: MocoId
    me: MocoId | None
    """Whose key it is."""
    masters: TargetMasters
    targets: Targets
    sent: int = 0
    canary: str = ""
    """A marker that was seen in MOCO during this probe."""
    fresh: bool = False
    """Lists showed the first activity at once."""
    echoed: bool = False
    """The answer showed the first activity with its marker."""
    accepted: list[tuple[Seconds, Seconds]] = field(default_factory=list)
    """Durations as sent and as stored."""

    @property
    def day(self) -> date:
        """Yesterday: nothing there can start a timer."""
        return self.carrier.place.clock.today() - timedelta(days=1)

    def booking(self, seconds: int = 60, **changed: object) -> Booking:
        """A row of its own marker, not billable; `changed` are fields of `Booking`."""
        self.sent += 1
        marker = f"ac:{self.carrier.place.config.activecollab.instance}:{self.name}-{self.sent}"
        plain = Booking(
            day=self.day,
            seconds=Seconds(seconds),
            user_id=self.person,
            project_id=self.project_id,
            task_id=self.task_id,
            description=probe_text(marker),
            billable=False,
            marker=marker,
        )
        return replace(plain, **changed)  # type: ignore[arg-type]  # the fields are those of the probes beside

    def shoot(self, *bookings: Booking) -> Shot:
        """Send one bulk request for one person. Raises `TryAgainLater` where nobody knows what became of it."""
        carrier = self.carrier
        permit = carrier.permission()
        batch = carrier.new_batch()
        try:
            intended = carrier.intend([_intent(carrier.run_id, batch, each) for each in bookings])
        except BaseException:
            carrier.window.free(permit)
            raise
        outcome = carrier.writer.create_activities(
            bookings, bookings[0].user_id, permit=permit, committed_at=intended.committed_at
        )
        shown = self._note(intended.ids, bookings, outcome)
        return Shot(bookings, intended.ids, outcome, shown)

    def _note(
        self, ids: Sequence[int], bookings: Sequence[Booking], outcome: WriteOutcome
    ) -> tuple[TargetEntry | None, ...]:
        carrier = self.carrier
        match outcome:
            case Answered(body=body):
                return self.name_found(ids, bookings, _rows(body))
            case Refused(status=status, refusal=refusal):
                carrier.close_intents(ids, Outcome.REFUSED, refusal.text, status)
                if status == 401:
                    raise login_refused(refusal)
                if status == 429:
                    carrier.too_many_requests(outcome)
                    raise TryAgainLater("MOCO answered 429: too many requests", hint="probe again later")
            case NotSent(reason=reason):
                carrier.close_intents(ids, Outcome.UNSENT, reason)
                raise TryAgainLater(f"a probe could not be sent: {reason}", hint="probe again later")
            case Unclear(status=int() as status) if status == 422 or 200 <= status < 300:
                with writing(carrier.place.engine) as session:
                    intents.delay(session, ids, carrier.settle_time(None, answered=True), status=status)
            case Unclear(reason=reason):
                raise TryAgainLater(f"what became of a probe is not known: {reason}", hint="probe again later")
        return tuple(None for _ in bookings)

    def name_found(
        self, ids: Sequence[int], bookings: Sequence[Booking], entries: Iterable[TargetEntry]
    ) -> tuple[TargetEntry | None, ...]:
        """Which of `entries` are ours, by marker or else by text; remembered, so that they will be removed."""
        rows = list(entries)
        found = tuple(_of(each, rows) for each in bookings)
        with writing(self.carrier.place.engine) as session:
            for intent_id, entry in zip(ids, found, strict=True):
                if entry is not None:
                    intents.name_activity(session, intent_id, entry.id)
        return found

    def listed(self, day: date | None = None) -> tuple[list[TargetEntry], list[TargetEntry]]:
        """The day of the person as the key is shown it, and as the person is."""
        wanted = day or self.day
        as_key = self.carrier.list_days(wanted, wanted, self.person)
        try:
            own = scan_range(
                self.carrier.writer, wanted, wanted, self.person, as_user=self.person, priority=Priority.PROOF
            )
            return as_key, [entry for page in own for entry in page]
        except Forbidden:
            return as_key, []

    def look_for(self, shot: Shot) -> tuple[tuple[TargetEntry | None, ...], bool]:
        """Which bookings of an unclear answer are in MOCO, and whether silence means absence.

        It does when lists show at once what was written, as they did for the canary, and still show that.
        """
        if not self.fresh:
            self.carrier.place.progress.note("lists lag behind: waiting before looking what became of a probe")
            wait = self.carrier.settle_time(None, answered=True) - self.carrier.place.clock.now()
            self.carrier.place.clock.sleep(max(0.0, wait.total_seconds()))
        as_key, own = self.listed()
        entries = [*as_key, *own]
        found = self.name_found(shot.ids, shot.bookings, entries)
        certain = self.fresh and any(entry.booking.marker == self.canary for entry in entries)
        if certain:
            absent = [intent_id for intent_id, entry in zip(shot.ids, found, strict=True) if entry is None]
            self.carrier.close_intents(absent, Outcome.ABSENT, "not shown by lists that are fresh")
        return found, certain


def _intent(run_id: int, batch: str, booking: Booking) -> NewIntent:
    return NewIntent(
        run_id=run_id,
        batch=batch,
        write=WRITE,
        natural_key=booking.marker,
        user_id=booking.user_id,
        payload=canonical(booking),
    )


def _rows(body: object) -> tuple[TargetEntry, ...]:
    try:
        return read_activities(body)
    except AnswerError:
        return ()


def _of(booking: Booking, entries: Sequence[TargetEntry]) -> TargetEntry | None:
    for entry in entries:
        if entry.booking.marker == booking.marker:
            return entry
    text = probe_text(booking.marker)
    return next((entry for entry in entries if entry.booking.description == text), None)
