"""Looks at people's days: what is known of them here, and which presences MOCO shows; gives what is to be written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from migrator.app.deciding import Decider, load_decider
from migrator.app.presences.book import DayBook
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace
from migrator.core.actions import Keep, Skip, Word
from migrator.core.mapping import MapAction, MapKind
from migrator.core.model import MocoId, SourceId
from migrator.core.working_days import (
    DayReason,
    Layout,
    Leave,
    OurSpan,
    Presence,
    Span,
    WorkedDay,
    Write,
    judge_memory,
    judge_shown,
)
from migrator.errors import LoginRefused
from migrator.moco.calls import presences as calls
from migrator.moco.client import MocoReader
from migrator.moco.pacing import Priority
from migrator.moco.reading import Forbidden
from migrator.store import intents, presences, working_days
from migrator.store.engine import reading
from migrator.store.intents import OpenIntent
from migrator.store.merge import merged_of
from migrator.store.working_days import NO_DAYS, DayTotals

WRITE = "presence"
"""The kind of the intents to create one."""

UNDO = "undo_span"
"""The kind of the intents to delete one again."""

FORBIDDEN_PEOPLE = 3
"""So many active people for whom MOCO refuses the key end the run."""


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A day on which something is to be written, as MOCO showed it just now."""

    worked: WorkedDay
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an intent wants, or wanted, to write or to take back."""

    person: MocoId
    day: date
    span: Span

    @property
    def natural_key(self) -> str:
        """What finds it again in MOCO."""
        return f"{self.person}/{self.day}/{self.span}"

    def payload(self) -> str:
        """The same as JSON."""
        return json.dumps({"user_id": self.person, "date": self.day.isoformat(), "span": str(self.span)})

    @classmethod
    def behind(cls, intent: OpenIntent) -> Wanted:
        """What an open intent wants."""
        told = json.loads(intent.payload)
        return cls(MocoId(told["user_id"]), date.fromisoformat(told["date"]), Span.parse(told["span"]))


@dataclass(slots=True)
class Looker:
    """One run's view of the days: who worked when, and why a day is left as it is goes into the book."""

    place: Workplace
    reader: MocoReader
    decider: Decider
    layout: Layout
    today: date
    book: DayBook = field(default_factory=DayBook)
    stand_ins: frozenset[SourceId] = frozenset()
    people: dict[MocoId, DayTotals] = field(default_factory=dict)
    unsettled: frozenset[tuple[MocoId, date]] = frozenset()
    forbidden: set[MocoId] = field(default_factory=set)

    def days_of(self, person: MocoId) -> list[WorkedDay]:
        """The days of a person of which MOCO has to be asked; the book has the others."""
        with reading(self.place.engine) as session:
            worked = working_days.days_of(session, person, self.stand_ins)
            counted = working_days.totals_of(session, person, self.stand_ins)
            other = working_days.days_with_other_time(session, person)
            ours = presences.spans_of(session, person)
        self._recount(person, counted)
        asked = []
        for each in worked:
            whole = replace(each, other_time=each.day in other)
            unsettled = (person, each.day) in self.unsettled
            leave = judge_memory(whole, ours.get(each.day, ()), self.layout, self.today, unsettled=unsettled)
            if leave is None:
                asked.append(whole)
            else:
                self.book.leave(whole, leave)
        waiting = self._still_to_come(person, asked[0].day, asked[-1].day) if asked else {}
        return [replace(each, waiting=waiting.get(each.day, 0)) for each in asked]

    def _still_to_come(self, person: MocoId, first: date, last: date) -> dict[date, int]:
        """The records of a person between two days that are not in MOCO though no rule leaves them out, by day."""
        found: Counter[date] = Counter()
        after = SourceId(0)
        while True:
            with reading(self.place.engine) as session:
                ids = working_days.without_link(session, self._workers(person), first, last, after)
                # No run's words are asked for.
                merged = merged_of(session, 0, frozenset(ids)) if ids else {}
            for each in merged.values():
                if not isinstance(self.decider.decide(each, None).action, Skip | Keep):
                    found[each.entry.day] += 1
            if not ids:
                return found
            after = ids[-1]

    def _workers(self, person: MocoId) -> frozenset[SourceId]:
        """The people of ActiveCollab who are this person of MOCO."""
        return frozenset(
            row.source_id
            for row in self.decider.mapping.rows.values()
            if row.kind is MapKind.USER and row.action in (MapAction.MAP, MapAction.CREATE) and row.target_id == person
        )

    def _recount(self, person: MocoId, counted: DayTotals) -> None:
        """Somebody may have read ActiveCollab since the people were counted."""
        before, self.people[person] = self.people.get(person, NO_DAYS), counted
        whole = self.book.whole
        self.book.whole = DayTotals(
            whole.days - before.days + counted.days, whole.seconds - before.seconds + counted.seconds
        )

    def look(self, person: MocoId, days: Sequence[WorkedDay]) -> list[ToWrite]:
        """Ask MOCO for the presences of these days; gives those on which something is to be written."""
        if not days:
            return []
        try:
            shown = list_presences(self.reader, person, days[0].day, days[-1].day)
        except Forbidden as refused:
            self._hold_forbidden(person, days, refused)
            return []
        by_day: dict[date, list[Presence]] = {}
        for presence in shown:
            by_day.setdefault(presence.day, []).append(presence)
        with reading(self.place.engine) as session:
            ours = presences.spans_of(session, person)
        return [found for each in days for found in self._judged(each, ours, by_day)]

    def _hold_forbidden(self, person: MocoId, days: Sequence[WorkedDay], refused: Forbidden) -> None:
        """Hold days of somebody as whom MOCO does not let us act, but for those that are settled as the key can see."""
        seen = list_presences(self.reader, person, days[0].day, days[-1].day, as_person=False)
        settled = {each.day for each in seen}
        for each in days:
            held = Leave(Word.HELD, DayReason.FORBIDDEN, refused.message)
            self.book.leave(each, Leave(Word.SKIPPED, DayReason.HAS_PRESENCE) if each.day in settled else held)
        self.forbid(person)

    def _judged(
        self, each: WorkedDay, ours: Mapping[date, Sequence[OurSpan]], shown: Mapping[date, Sequence[Presence]]
    ) -> list[ToWrite]:
        """The day, where something is to be written on it, else nothing and an entry in the book."""
        match judge_shown(each, ours.get(each.day, ()), shown.get(each.day, ()), self.layout):
            case Write(spans=spans):
                return [ToWrite(each, spans)]
            case Leave() as leave:
                self.book.leave(each, leave)
                return []

    def forbid(self, person: MocoId) -> None:
        """Nothing more is asked or sent for a person; `LoginRefused` when it is the third active one."""
        self.forbidden.add(person)
        unexplained = self.forbidden - self.decider.deactivated
        if len(unexplained) >= FORBIDDEN_PEOPLE:
            raise LoginRefused(
                f"MOCO refused to act for {len(unexplained)} active people: the key lacks the permission",
                hint="give the key's user the Staff permission (it allows booking for others), then run again",
            )


def list_presences(
    reader: MocoReader,
    person: MocoId,
    first: date,
    last: date,
    *,
    as_person: bool = True,
    priority: Priority = Priority.SCAN,
) -> tuple[Presence, ...]:
    """What MOCO shows of a person between two days, the last included; every row is checked again.

    Asked as that person unless told otherwise: whose presences a key may see is not documented. And asked for a day
    more on both sides, because it is not certain that MOCO counts its limits in.
    """
    margin = timedelta(days=1)
    asked = calls.listed(day_from=first - margin, day_to=last + margin, user_id=person)
    rows = reader.fetch_all(asked, as_user=person if as_person else None, priority=priority)
    found = (shown_of(row, person) for row in rows)
    return tuple(each for each in found if each.person == person and first <= each.day <= last)


def shown_of(row: calls.Presence, person: MocoId) -> Presence:
    """A presence of MOCO in the core's words; whose it is, where MOCO does not say, is who was asked for."""
    changed = row.updated_at or _LONG_AGO
    return Presence(
        id=row.id,
        person=MocoId(row.user.id) if row.user is not None else person,
        day=row.day,
        # Nobody has seen one without a beginning; it stands in the way all the same.
        start=row.start or time(0),
        end=row.end,
        created_at=row.created_at or changed,
        updated_at=changed,
    )


def looker(place: Workplace, reader: MocoReader, run_id: int) -> Looker:
    """Bring the picture of MOCO up to date, and count the days that have records in it."""
    survey = Survey(place, reader, run_id)
    decider = load_decider(place, survey.refresh_masters())
    survey.scan()
    survey.prove_missing()
    found = Looker(place, reader, decider, layout_of(place), place.clock.today(), stand_ins=stand_ins_of(decider))
    with reading(place.engine) as session:
        found.people = working_days.people_with_days(session, found.stand_ins)
        wanted = [Wanted.behind(each) for each in intents.list_open(session) if each.write in {WRITE, UNDO}]
    found.unsettled = frozenset((each.person, each.day) for each in wanted)
    found.book.whole = DayTotals(
        sum(each.days for each in found.people.values()), sum(each.seconds for each in found.people.values())
    )
    return found


def layout_of(place: Workplace) -> Layout:
    """The configuration in the core's words."""
    section = place.config.presences
    return Layout(
        day_start=section.day_start,
        break_after=int(section.break_after.total_seconds()) // 60,
        break_length=int(section.break_length.total_seconds()) // 60,
        after_days=section.after_days,
    )


def stand_ins_of(decider: Decider) -> frozenset[SourceId]:
    """The people of ActiveCollab whose time is booked on somebody else."""
    return frozenset(
        row.source_id
        for row in decider.mapping.rows.values()
        if row.kind is MapKind.USER and row.action is MapAction.STAND_IN
    )
