"""The part of `verify` about presences: those that we wrote against MOCO, and against the records they came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from migrator.app.deciding import Decider
from migrator.app.presences.looking import list_presences, stand_ins_of
from migrator.app.presences.proof import fetch_presence
from migrator.app.wiring import Workplace
from migrator.core.compare import DifferenceKind
from migrator.core.model import MocoId
from migrator.core.working_days import differs, whole_minutes
from migrator.moco.client import MocoReader
from migrator.moco.reading import Forbidden
from migrator.store import presences, working_days
from migrator.store.engine import reading
from migrator.store.presences import SavedPresence

LISTED = 1000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class SpanDifference:
    """A presence, or a day of them, that is not what it was or not what its records say; `explained` needs nobody."""

    person: MocoId
    day: date
    kind: DifferenceKind
    ours: str
    other: str
    presence_id: MocoId | None = None
    explained: bool = False

    def as_json(self) -> dict[str, object]:
        """As the answer lists it."""
        return {
            "user_id": self.person,
            "date": self.day.isoformat(),
            "presence_id": self.presence_id,
            "kind": self.kind.value,
            "source": self.other if self.kind is DifferenceKind.CHANGED else self.ours,
            "target": self.ours if self.kind is DifferenceKind.CHANGED else self.other,
            "explained": self.explained,
        }

    @property
    def line(self) -> str:
        """The same for a person."""
        told = {
            DifferenceKind.DELETED: "was deleted in MOCO and stays so (explained)",
            DifferenceKind.EDITED: f"was changed in MOCO to {self.other} (explained)",
            DifferenceKind.CHANGED: f"is not what the records of the day say: {self.other}",
        }
        return f"  {self.kind.value:<9} {self.day}, person {self.person}: {self.ours} {told[self.kind]}"


@dataclass(slots=True)
class SpanCheck:
    """What was found, counted without limit and listed up to one."""

    checked: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    listed: list[SpanDifference] = field(default_factory=list)

    def add(self, difference: SpanDifference) -> None:
        """Enter one difference."""
        self.kinds[difference.kind.value] += 1
        if not difference.explained:
            self.unexplained[difference.kind.value] += 1
        if len(self.listed) < LISTED:
            self.listed.append(difference)

    @property
    def sentence(self) -> str:
        """The check in one sentence."""
        if not self.checked:
            return "No presence was derived from records yet."
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.unexplained.items()))
        return f"{self.checked:,} presences derived from records: {told or 'all agree'}."

    def as_json(self) -> dict[str, object]:
        """As the answer carries it."""
        return {
            "checked": self.checked,
            "kinds": dict(sorted(self.kinds.items())),
            "unexplained": dict(sorted(self.unexplained.items())),
            "differences": [each.as_json() for each in self.listed],
        }

    def lines(self) -> list[str]:
        """For a terminal."""
        more = len(self.listed) - SHOWN
        tail = [f"  … and {more:,} more with --json"] if more > 0 else []
        return [*(each.line for each in self.listed[:SHOWN]), *tail]


def check_presences(
    place: Workplace, reader: MocoReader, decider: Decider, first: date | None, last: date | None
) -> SpanCheck:
    """Compare every presence of ours between two days with MOCO, and its day with the sum of the day's records.

    What a person changed or deleted in MOCO is that person's: the sum of such a day is not compared.
    """
    check = SpanCheck()
    with reading(place.engine) as session:
        people = presences.people_with_presences(session)
    stand_ins = stand_ins_of(decider)
    with place.progress.phase("comparing presences", len(people)) as bar:
        for person in people:
            with reading(place.engine) as session:
                ours = presences.linked_of(session, person, first=first, last=last)
                worked = {each.day: each.seconds for each in working_days.days_of(session, person, stand_ins)}
            check.checked += len(ours)
            by_hand = list(_against_moco(reader, person, ours))
            as_written = tuple(each for each in ours if each.day not in {found.day for found in by_hand})
            for difference in (*by_hand, *_against_records(as_written, worked)):
                check.add(difference)
            bar.advance(1)
    return check


def _against_moco(reader: MocoReader, person: MocoId, ours: tuple[SavedPresence, ...]) -> Iterator[SpanDifference]:
    if not ours:
        return
    as_person = True
    try:
        listed = list_presences(reader, person, ours[0].day, ours[-1].day)
    except Forbidden:
        # Deactivated, or the key may not act as others; it may see their presences all the same.
        as_person = False
        listed = list_presences(reader, person, ours[0].day, ours[-1].day, as_person=False)
    shown = {each.id: each for each in listed}
    for saved in ours:
        presence_id = saved.ours.presence_id
        assert presence_id is not None
        # Absence from a list proves nothing, and it may stand on another day now.
        present = shown.get(presence_id) or fetch_presence(reader, presence_id, person, as_person=as_person)
        told = str(saved.ours.answered)
        if present is None:
            # Shown when it was written, and gone by its own address: a person took it away, and it stays so.
            yield SpanDifference(person, saved.day, DifferenceKind.DELETED, told, "", presence_id, explained=True)
        elif differs(present, saved.day, saved.ours):
            now = f"{present.day} {present.span or f'{present.start:%H:%M}-'}"
            yield SpanDifference(person, saved.day, DifferenceKind.EDITED, told, now, presence_id, explained=True)


def _against_records(ours: tuple[SavedPresence, ...], worked: dict[date, int]) -> Iterator[SpanDifference]:
    written: Counter[date] = Counter()
    for saved in ours:
        assert saved.ours.answered is not None
        written[saved.day] += saved.ours.answered.minutes
    for day, minutes in sorted(written.items()):
        wanted = whole_minutes(worked.get(day, 0))
        if minutes != wanted:
            yield SpanDifference(
                ours[0].person, day, DifferenceKind.CHANGED, f"{minutes:,} minutes", f"{wanted:,} minutes"
            )
