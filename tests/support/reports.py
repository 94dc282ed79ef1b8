"""Builders of reports: lines in memory, and figures that are summed from them, so that both agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from migrator.core.actions import SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing, MocoId, Seconds, SourceId
from migrator.core.report.figures import (
    Agreement,
    Before,
    Beside,
    BookedTally,
    Control,
    ControlRow,
    CustomerSums,
    Decisions,
    Figures,
    LedgerRow,
    MappingFacts,
    MonthSums,
    OpenHours,
    Outside,
    PersonSums,
    ProjectSums,
    RunFacts,
    Signer,
    StandIn,
    StatusYear,
    Sums,
    System,
)
from migrator.core.report.line import Exceptional, RecordLine, Rule, TargetState
from migrator.core.tally import Tally

MADE_AT = datetime(2026, 1, 9, 14, 30, tzinfo=UTC)
CUSTOMERS = {
    "Nordlicht eG": ("Webshop", "Wartung"),
    "Muster & Söhne GmbH": ("Relaunch 2024", "Hosting"),
    "Zwirn AG": ("Kampagne Frühjahr",),
    "": ("Intern",),
}
PEOPLE = ("Ada Lovelace", "Grete Hermann", "Jürgen Moser", "Zoë Ångström", "Ben Okri")
_PLACES = [(customer, project) for customer, projects in CUSTOMERS.items() for project in projects]
_SECONDS = (5_400, 612, 14_400, 27_000, 2_700, 9_000, 1_080)
_BILLINGS = (Billing.BILLABLE, Billing.PAID, Billing.NOT_BILLABLE, Billing.BILLABLE, Billing.PENDING_PAYMENT)


def a_line(number: int = 1, **changes: Any) -> RecordLine:
    """A record that stands in MOCO just as in ActiveCollab; `changes` says what is otherwise about it."""
    place = number % len(_PLACES)
    customer, project = _PLACES[place]
    person = number % len(PEOPLE)
    billing = _BILLINGS[number % len(_BILLINGS)]
    seconds = Seconds(_SECONDS[number % len(_SECONDS)])
    day = date(2023, 11, 6) + timedelta(days=number * 7 % 540)
    held = {Billing.NOT_BILLABLE: TargetState.NON_BILLABLE, Billing.PAID: TargetState.BILLED}
    line = RecordLine(
        source_id=SourceId(10_000 + number),
        activity_id=MocoId(700_000 + number),
        customer=customer,
        project_id=SourceId(place + 1),
        project=project,
        person_id=SourceId(person + 1),
        person=PEOPLE[person],
        day=day,
        target_day=day,
        billing=billing,
        written=str((Decimal(seconds) / 3_600).quantize(Decimal("0.01"))),
        read=seconds,
        sent=seconds,
        stored=seconds,
        state=held.get(billing, TargetState.OPEN),
        word=Word.UNCHANGED,
        reason="",
        detail="",
        rule=Rule.SAME,
        difference=None,
        explained=False,
        fields=(),
        stand_in=False,
        source_url=f"https://ac.example.com/projects/{place + 1}/time/{10_000 + number}",
        target_url="",
    )
    changed = replace(line, **changes)
    open_still = changed.difference is not None and not changed.explained
    riddle = abs(changed.seconds_apart) if open_still or changed.rule is Rule.UNEXPLAINED else 0
    return replace(changed, unexplained_seconds=changes.get("unexplained_seconds", riddle))


def waiting(number: int, word: Word, reason: str, detail: str, **changes: Any) -> RecordLine:
    """A record that is not in MOCO and waits for a person."""
    kept = {"activity_id": None, "target_day": None, "sent": None, "stored": Seconds(0), "state": TargetState.ABSENT}
    return a_line(number, **{**kept, "word": word, "reason": reason, "detail": detail, "rule": Rule.WAITS, **changes})


@dataclass(slots=True)
class KeptLines:
    """Lines of a report in memory, in the orders that `Lines` promises."""

    lines: Sequence[RecordLine]
    waiting: Sequence[Exceptional] = ()

    def differences(self) -> Iterator[RecordLine]:
        found = [line for line in self.lines if line.difference is not None]
        return iter(sorted(found, key=lambda line: (line.explained, -abs(line.seconds_apart), _place_of(line))))

    def of_project(self, project_id: SourceId) -> Iterator[RecordLine]:
        found = [line for line in self.lines if project_id in (line.project_id, _other(line))]
        return iter(sorted(found, key=lambda line: (line.day, _place_of(line))))

    def every(self) -> Iterator[RecordLine]:
        return iter(sorted(self.lines, key=_place_of))

    def exceptions(self) -> Iterator[Exceptional]:
        return iter(sorted(self.waiting, key=lambda found: (not found.id, found.kind, -found.seconds)))


def _other(line: RecordLine) -> SourceId | None:
    return None if line.elsewhere is None else line.elsewhere.place.project_id


def _place_of(line: RecordLine) -> tuple[bool, int, int]:
    return line.source_id is None, line.source_id or 0, line.activity_id or 0


def exceptions_of(lines: Iterable[RecordLine]) -> list[Exceptional]:
    """What the inbox holds for lines that wait."""
    kinds = {Word.HELD: "held", Word.CONFLICTS: "conflict", Word.QUARANTINED: "quarantined", Word.REJECTED: "rejected"}
    return [
        Exceptional(
            id=f"i{place}",
            kind=kinds[line.word],
            source_id=line.source_id,
            activity_id=line.activity_id,
            customer=line.customer,
            project=line.project,
            person=line.person,
            day=line.day,
            seconds=line.read,
            reason=line.reason,
            message=line.detail,
            since=datetime(2026, 1, 5, 6, 0, tzinfo=UTC),
            keep_source="book it as ActiveCollab has it" if line.word is Word.CONFLICTS else "",
            keep_target="leave MOCO as it is" if line.word is Word.CONFLICTS else "",
            source_url=line.source_url,
            target_url=line.target_url,
        )
        for place, line in enumerate((line for line in lines if line.word in kinds), start=1)
        if line.word is not None
    ]


def add(sums: Sums, line: RecordLine, *, source: bool = True, target: bool = True) -> None:
    """Count a line's time on one side or both."""
    if source and target:
        sums.count(line)
    elif source:
        sums.count_source(line)
    else:
        sums.count_target(line)


def figures_of(kept: KeptLines, **changes: Any) -> Figures:
    """The figures of these lines; `changes` says what is otherwise about the report."""
    lines = list(kept.lines)
    totals = Sums()
    words: dict[Word, Tally] = defaultdict(Tally)
    kinds: dict[DifferenceKind, Tally] = defaultdict(Tally)
    unexplained: dict[DifferenceKind, Tally] = defaultdict(Tally)
    left_out: dict[SkipReason, Tally] = defaultdict(Tally)
    exceptions: dict[str, Tally] = defaultdict(Tally)
    for line in lines:
        add(totals, line)
        if line.word is not None:
            words[line.word].add(line.read)
        if line.difference is not None:
            kinds[line.difference].add(abs(line.seconds_apart))
            if not line.explained:
                unexplained[line.difference].add(abs(line.seconds_apart))
        if line.rule is Rule.LEFT_OUT:
            left_out[SkipReason(line.reason)].add(line.read)
    for found in kept.waiting:
        exceptions[found.kind].add(found.seconds)
    days = [line.day for line in lines]
    figures = Figures(
        made_at=MADE_AT,
        made_by="Petra Prüfer",
        version="0.1.0",
        agreement=Agreement.AGREE,
        reasons=(),
        run=RunFacts(42, "verify", MADE_AT - timedelta(minutes=20), MADE_AT, "", 0, {"GET": 321}),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        as_of=date(2026, 1, 9),
        source=System("agentur", "export.xml", MADE_AT - timedelta(hours=3), MADE_AT - timedelta(hours=2), True, ""),
        target=System(
            "muster",
            "https://muster.mocoapp.com",
            MADE_AT - timedelta(minutes=20),
            MADE_AT - timedelta(minutes=5),
            True,
            "",
        ),
        words=dict(words),
        totals=totals,
        customers=_customers(lines),
        people=_people(lines),
        differences=dict(kinds),
        unexplained=dict(unexplained),
        exceptions=dict(exceptions),
        open_hours=_open_hours(lines),
        status_years=_years(lines),
        stand_ins=(
            StandIn(
                "Ben Okri",
                "Ada Lovelace",
                BookedTally(12, 97_200, 99_000),
                "Petra Prüfer",
                MADE_AT - timedelta(30),
                "left 2019",
            ),
        ),
        beside=Beside(Tally(2, 7_200), Tally(3, 5_400), Tally(), Tally(1, 900), 4, Tally(2, 12_600)),
        outside=(Outside("EUR", 17, Decimal("1234.50")), Outside("", 2, Decimal("19.90"))),
        left_out=dict(left_out),
        decisions=Decisions(
            planned=(Signer("Ada Lovelace", MADE_AT - timedelta(2), 39),),
            approved=(Signer("Petra Prüfer", MADE_AT - timedelta(1), 40),),
            applied=(Signer("", MADE_AT - timedelta(1), 40),),
            verified=(Signer("Ada Lovelace", MADE_AT - timedelta(minutes=20), 42),),
            accepted=(Signer("Petra Prüfer", MADE_AT - timedelta(1), None, "the customer was told"),),
        ),
        control=Control(
            "totals.csv",
            "5f" * 32,
            MADE_AT - timedelta(hours=1),
            (ControlRow("2024", totals.source_seconds, totals.source_seconds),),
        ),
        ledger=_ledger(lines),
        mapping=MappingFacts(7, MADE_AT - timedelta(3), "Ada Lovelace", "map.csv", {"user map": 5, "project map": 6}),
        before=Before(
            MADE_AT - timedelta(7),
            "ab" * 32,
            max(len(lines) - 1, 0),
            max(totals.source_seconds - 3_600, 0),
            max(totals.target_seconds - 3_600, 0),
            (("Nordlicht eG", "Webshop", 3_600, 3_600),),
        ),
        with_people=False,
        unexplained_seconds=sum(line.unexplained_seconds for line in lines),
        fingerprint="c0ffee" + "5a" * 29,
    )
    return replace(figures, **changes)


def _sums(lines: Iterable[RecordLine]) -> Sums:
    sums = Sums()
    for line in lines:
        add(sums, line)
    return sums


def _months(lines: Sequence[RecordLine]) -> tuple[MonthSums, ...]:
    months: dict[date, Sums] = defaultdict(Sums)
    for line in lines:
        here, there = line.day.replace(day=1), (line.target_day or line.day).replace(day=1)
        if here == there:
            add(months[here], line)
        else:
            add(months[here], line, target=False)
            add(months[there], line, source=False)
    return tuple(MonthSums(month, months[month]) for month in sorted(months))


def _customers(lines: Sequence[RecordLine]) -> tuple[CustomerSums, ...]:
    made = []
    for customer in sorted({line.customer for line in lines}, key=lambda name: (not name, name)):
        own = [line for line in lines if line.customer == customer]
        projects = []
        for name, project_id in sorted({(line.project, line.project_id) for line in own}):
            inside = [line for line in own if line.project_id == project_id]
            projects.append(ProjectSums(project_id, name, _sums(inside), _months(inside)))
        made.append(CustomerSums(customer, _sums(own), tuple(projects)))
    return tuple(made)


def _people(lines: Sequence[RecordLine]) -> tuple[PersonSums, ...]:
    made = []
    for name, person_id in sorted({(line.person, line.person_id) for line in lines}, key=lambda who: who[0]):
        address = f"{name.split()[0].lower()}@example.com" if name else ""
        made.append(PersonSums(person_id, name, address, _sums(line for line in lines if line.person_id == person_id)))
    return tuple(made)


def _open_hours(lines: Sequence[RecordLine]) -> tuple[OpenHours, ...]:
    made = []
    for customer in sorted({line.customer for line in lines}):
        sums = _sums(line for line in lines if line.customer == customer)
        there = sums.source.get(Billing.BILLABLE, 0)
        here = sums.target.get(TargetState.OPEN, 0)
        absent = sum(
            line.read
            for line in lines
            if line.customer == customer and line.billing is Billing.BILLABLE and line.state is TargetState.ABSENT
        )
        made.append(
            OpenHours(
                customer, there, here, there - absent, 1_800, absent, 0, sums.source.get(Billing.PENDING_PAYMENT, 0)
            )
        )
    return tuple(made)


def _years(lines: Sequence[RecordLine]) -> tuple[StatusYear, ...]:
    years: dict[str, dict[tuple[Billing | None, TargetState], int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        if line.billing is not None:
            counted = line.read if line.state is TargetState.ABSENT else line.stored
            years[str(line.day.year)][line.billing, line.state] += counted
    return tuple(StatusYear(year, dict(years[year])) for year in sorted(years))


def _hours(written: str) -> Decimal:
    return Decimal(written) if written.replace(".", "").isdigit() else Decimal()


def _ledger(lines: Sequence[RecordLine]) -> tuple[LedgerRow, ...]:
    gathered: dict[tuple[str, str, date, str, str], list[RecordLine]] = defaultdict(list)
    for line in lines:
        gathered[line.project, line.person, line.day.replace(day=1), line.rule.value, line.reason].append(line)
    return tuple(
        LedgerRow(
            project,
            person,
            month,
            Rule(rule),
            reason,
            len(own),
            sum((_hours(line.written) for line in own), Decimal()),
            sum(line.read for line in own),
            sum(line.sent or 0 for line in own),
            sum(line.stored for line in own),
        )
        for (project, person, month, rule, reason), own in sorted(gathered.items())
    )


# -- worlds --------------------------------------------------------------------------------------------------------


def a_good_report(records: int = 240) -> tuple[Figures, KeptLines]:
    """Everything arrived, nothing waits."""
    kept = KeptLines([a_line(number) for number in range(records)])
    return figures_of(kept), kept


def a_troubled_report() -> tuple[Figures, KeptLines]:
    """34 held, 3 rejected and 12 conflicts; MOCO rounded, people edited, and some was left out."""
    lines = [a_line(number) for number in range(400)]
    lines += [waiting(400 + n, Word.HELD, "UNMAPPED", "the person is not mapped") for n in range(34)]
    lines += [
        waiting(434 + n, Word.REJECTED, "", "hours: expected hours such as 5:30", read=Seconds(0), written="abc")
        for n in range(3)
    ]
    for n in range(12):
        number = 437 + n
        seconds = Seconds(a_line(number).read + 900 * (n + 1))
        lines.append(
            a_line(
                number,
                word=Word.CONFLICTS,
                reason="BOTH_EDITED",
                detail="duration differs",
                rule=Rule.WAITS,
                stored=seconds,
                difference=DifferenceKind.CHANGED,
                explained=True,
                fields=("seconds",),
            )
        )
    for n in range(20):
        lines.append(
            a_line(
                449 + n,
                read=Seconds(612),
                written="0.17",
                sent=Seconds(612),
                stored=Seconds(900),
                rule=Rule.ROUNDED_BY_MOCO,
                difference=DifferenceKind.ROUNDED,
                explained=True,
                fields=("seconds",),
            )
        )
    lines += [
        a_line(
            469,
            stored=Seconds(3_600),
            rule=Rule.EDITED_IN_MOCO,
            difference=DifferenceKind.EDITED,
            explained=True,
            fields=("seconds", "description"),
        ),
        a_line(470, stored=Seconds(61), rule=Rule.UNEXPLAINED, difference=DifferenceKind.CHANGED, fields=("seconds",)),
        a_line(
            471,
            source_id=None,
            billing=None,
            written="",
            read=Seconds(0),
            sent=None,
            word=None,
            rule=Rule.UNEXPLAINED,
            difference=DifferenceKind.EXTRA,
            source_url="",
        ),
    ]
    left = {"activity_id": None, "target_day": None, "sent": None, "stored": Seconds(0), "state": TargetState.ABSENT}
    lines += [a_line(472 + n, **left, word=Word.SKIPPED, reason="AFTER_CUTOVER", rule=Rule.LEFT_OUT) for n in range(6)]
    kept = KeptLines(lines, exceptions_of(lines))
    reasons = ("differences", "unexplained_seconds", "waits")
    return figures_of(kept, agreement=Agreement.DIFFER, reasons=reasons, control=None), kept


def a_small_report() -> tuple[Figures, KeptLines]:
    """One of each kind of trouble, and a few records without any."""
    figures, kept = a_troubled_report()
    lines, seen = list(kept.lines[:12]), set[object]()
    for line in kept.lines:
        kind = (line.word, line.reason, line.rule, line.difference)
        if kind not in seen:
            seen.add(kind)
            lines.append(line)
    few = KeptLines(lines, exceptions_of(lines))
    return figures_of(few, agreement=figures.agreement, reasons=figures.reasons), few


HOSTILE = "<script>alert(1)</script>=cmd|'/c calc'!A0 \u202egnp.exe\x07 ada@example.com & \"q\" '"
"""What a person may have typed as a name: markup, a formula, a mark that turns the text, a bell, an address."""


def a_hostile_report() -> tuple[Figures, KeptLines]:
    """Names that attack the page, the spreadsheet and the eye."""
    endless = HOSTILE + "W" * 10_000
    lines = [
        a_line(
            n,
            customer=HOSTILE,
            project=endless,
            person=HOSTILE,
            project_id=SourceId(1),
            person_id=SourceId(1),
            detail=endless,
            source_url="javascript:alert(1)",
            target_url="data:text/html,<script>alert(1)</script>",
            difference=DifferenceKind.CHANGED,
            fields=("seconds",),
            stored=Seconds(60),
            rule=Rule.UNEXPLAINED,
        )
        for n in range(5)
    ]
    lines += [waiting(5, Word.HELD, "UNMAPPED", endless, person=HOSTILE, source_url="javascript:alert(2)")]
    kept = KeptLines(lines, exceptions_of(lines))
    signer = Signer(HOSTILE, MADE_AT, 1, HOSTILE)
    return (
        figures_of(
            kept,
            agreement=Agreement.DIFFER,
            reasons=("differences",),
            made_by=HOSTILE,
            decisions=Decisions((signer,), (signer,), (signer,), (signer,), (signer,)),
        ),
        kept,
    )
