"""The figures of a report: one value that HTML, XLSX, CSV and JSON are all written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from migrator.core.actions import SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing, SourceId
from migrator.core.report.line import RecordLine, Rule, TargetState
from migrator.core.tally import Tally


class Agreement(Enum):
    """The verdict in one word: what colour, symbol and sentence follow from."""

    AGREE = "agree"
    """Both sides were compared after the last write, every difference is explained, nothing waits."""

    AGREE_BUT = "agree_but"
    """The same, but records wait for a person (held, in conflict, quarantined, rejected) or for the next run."""

    DIFFER = "differ"
    """An unexplained difference, or an unexplained second."""

    UNPROVED = "unproved"
    """Something was written after MOCO was last listed whole, or it never was: run `migrator verify` first."""


@dataclass(slots=True)
class Sums:
    """The time of some records on both sides; grows record by record.

    `source` by ActiveCollab's status, `target` by how MOCO holds it, both in seconds; `apart` splits the difference
    (target less source) by rule, so that its sum is `target_seconds - source_seconds`.
    """

    records: int = 0
    source: dict[Billing, int] = field(default_factory=dict)
    target: dict[TargetState, int] = field(default_factory=dict)
    apart: dict[Rule, int] = field(default_factory=dict)

    def count(self, line: RecordLine) -> None:
        """Count one line on both sides."""
        if line.billing is not None:
            self.records += 1
            self.source[line.billing] = self.source.get(line.billing, 0) + line.read
        if line.stored:
            self.target[line.state] = self.target.get(line.state, 0) + line.stored
        if line.stored != line.read:
            self.apart[line.rule] = self.apart.get(line.rule, 0) + line.stored - line.read

    def count_source(self, line: RecordLine) -> None:
        """Count what ActiveCollab has of a line that MOCO holds elsewhere."""
        if line.billing is not None:
            self.records += 1
            self.source[line.billing] = self.source.get(line.billing, 0) + line.read
        self.apart[line.rule] = self.apart.get(line.rule, 0) - line.read

    def count_target(self, line: RecordLine) -> None:
        """Count what MOCO has of a line that ActiveCollab holds elsewhere."""
        if line.stored:
            self.target[line.state] = self.target.get(line.state, 0) + line.stored
        self.apart[line.rule] = self.apart.get(line.rule, 0) + line.stored

    def count_left(self, line: RecordLine, rule: Rule) -> None:
        """Count what ActiveCollab has of a line whose time left this place in MOCO; `rule` says why it did."""
        self.count_source(line)
        # The seconds themselves keep the rule of the line: over both places `rule` adds up to nothing.
        self.apart[line.rule] += line.stored
        self.apart[rule] = self.apart.get(rule, 0) - line.stored

    def count_come(self, line: RecordLine, rule: Rule) -> None:
        """Count what MOCO has of a line whose time came to this place; `rule` says why it did."""
        if line.stored:
            self.target[line.state] = self.target.get(line.state, 0) + line.stored
            self.apart[rule] = self.apart.get(rule, 0) + line.stored

    def merge(self, other: Sums) -> None:
        """Count all that other sums counted."""
        self.records += other.records
        for billing, seconds in other.source.items():
            self.source[billing] = self.source.get(billing, 0) + seconds
        for state, seconds in other.target.items():
            self.target[state] = self.target.get(state, 0) + seconds
        for rule, seconds in other.apart.items():
            self.apart[rule] = self.apart.get(rule, 0) + seconds

    @property
    def source_seconds(self) -> int:
        """All of ActiveCollab's."""
        return sum(self.source.values())

    @property
    def target_seconds(self) -> int:
        """All of MOCO's."""
        return sum(self.target.values())


@dataclass(frozen=True, slots=True)
class MonthSums:
    """One month of one project; `month` is its first day. MOCO's time counts where and when MOCO holds it."""

    month: date
    sums: Sums


@dataclass(frozen=True, slots=True)
class ProjectSums:
    """One project of ActiveCollab, or one that only MOCO has: its `id` is MOCO's number then, negative.

    A project that MOCO holds for another customer than ActiveCollab is such a one, under that customer.
    """

    id: SourceId
    name: str
    sums: Sums
    months: tuple[MonthSums, ...]

    @property
    def only_in_moco(self) -> bool:
        """Whether ActiveCollab has no such project of this customer."""
        return self.id < 0

    @property
    def stem(self) -> str:
        """What its file is named after."""
        return f"moco-{-self.id}" if self.only_in_moco else f"{self.id}"


@dataclass(frozen=True, slots=True)
class CustomerSums:
    """One customer of ActiveCollab or of MOCO, its projects by name; an empty name gathers projects without one."""

    name: str
    sums: Sums
    projects: tuple[ProjectSums, ...]


@dataclass(frozen=True, slots=True)
class PersonSums:
    """One worker of ActiveCollab."""

    id: SourceId | None
    name: str
    email: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Seconds of one project, person, month and rule, from the hours as written to what MOCO holds.

    `written` are the hours as written, added exactly; `read`, `sent` and `stored` are seconds. Where nothing was
    sent (skipped, held …) `sent` counts nothing.
    """

    project: str
    person: str
    month: date
    rule: Rule
    reason: str
    records: int
    written: Decimal
    read: int
    sent: int
    stored: int


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Billable time of one customer that nobody has invoiced up to a day: where it may be invoiced. Seconds.

    ActiveCollab's counts for its own customer, MOCO's for the one that MOCO holds it for.

    What is open in MOCO is the sum of six parts. `in_moco`: billable in ActiveCollab too: invoice it in MOCO.
    `booked_in_moco`: booked in MOCO itself. `invoiced_already`: paid in ActiveCollab: invoicing it again would be
    wrong; `migrator billed` marks it. `pending_in_moco`: awaits payment in ActiveCollab (status 2). `made_billable`:
    not billable in ActiveCollab. `without_record`: second copies, what no record stands behind, and what was deleted
    or trashed in ActiveCollab.

    What is open in ActiveCollab is `in_moco - apart + only_in_activecollab + settled_in_moco`. `apart`: how much more
    of what is open in both MOCO has (another duration, customer, or side of the day). `only_in_activecollab`: not in
    MOCO (held, after the cut-over, left out …). `settled_in_moco`: billed or not billable in MOCO.

    `pending`: awaits payment in ActiveCollab, whatever MOCO says; part of neither sum.
    """

    customer: str
    source_open: int
    target_open: int
    in_moco: int
    booked_in_moco: int
    only_in_activecollab: int
    invoiced_already: int
    pending: int
    settled_in_moco: int = 0
    pending_in_moco: int = 0
    made_billable: int = 0
    without_record: int = 0
    apart: int = 0


@dataclass(frozen=True, slots=True)
class StatusYear:
    """One fiscal year: seconds by ActiveCollab's status and how MOCO holds them; `ABSENT` counts ActiveCollab's own.

    The status None gathers activities of ours behind which no record stands, and second copies.
    """

    year: str
    """`2024`, or `2024/25` where the year does not begin in January."""

    seconds: Mapping[tuple[Billing | None, TargetState], int]


@dataclass(slots=True)
class BookedTally:
    """Records that MOCO holds, and their seconds on both sides."""

    records: int = 0
    source_seconds: int = 0
    target_seconds: int = 0

    def add(self, source_seconds: int, target_seconds: int) -> None:
        """Count one more record."""
        self.records += 1
        self.source_seconds += source_seconds
        self.target_seconds += target_seconds


@dataclass(frozen=True, slots=True)
class StandIn:
    """A person whose time is booked on another one in MOCO, and who decided that."""

    person: str
    booked_on: str
    tally: BookedTally
    decided_by: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Records that ActiveCollab hides, has in its trash or no longer shows: counted in the books, told apart here."""

    invisible: Tally
    trashed: Tally
    deleted: Tally
    unseen: Tally
    superseded: int
    edited_in_target: Tally


@dataclass(frozen=True, slots=True)
class Outside:
    """What is not moved: expenses, by currency; an empty currency means that ActiveCollab did not say it."""

    currency: str
    expenses: int
    amount: Decimal
    unreadable: int = 0
    """How many of them have no amount that anybody could read."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who did one thing when; `who` is empty where nobody was asked for a name."""

    who: str
    at: datetime | None
    run: int | None = None
    note: str = ""
    records: int | None = None
    """How many records it was about, where it was said of some."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Who planned, approved and applied, and what people accepted."""

    planned: tuple[Signer, ...]
    approved: tuple[Signer, ...]
    applied: tuple[Signer, ...]
    verified: tuple[Signer, ...]
    accepted: tuple[Signer, ...]


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One total of ActiveCollab's own reports against what was read; seconds.

    `within` is what the way in which the total is written leaves open: 18 s of hours with two decimals.
    """

    label: str
    expected: int
    read: int
    within: int = 0

    @property
    def agrees(self) -> bool:
        """Whether the total was met."""
        return abs(self.expected - self.read) <= self.within


@dataclass(frozen=True, slots=True)
class Control:
    """The last check against `--control` totals."""

    file: str
    sha256: str
    checked_at: datetime
    rows: tuple[ControlRow, ...]
    outdated: bool = False
    """What was read has changed since, so that the check says nothing any more."""

    @property
    def agrees(self) -> bool:
        """Whether every total was met."""
        return all(row.agrees for row in self.rows)


@dataclass(frozen=True, slots=True)
class System:
    """One of the two systems and when it was last read."""

    name: str
    """The instance, or the MOCO account."""
    where: str
    """Address, or the names of the files."""
    extract_begun: datetime | None
    extract_ended: datetime | None
    whole: bool
    """Whether that reading was proved complete."""
    note: str
    saved: bool = False
    """Read from saved files alone, which prove nothing about what is missing from them."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run that the report is about."""

    id: int
    kind: str
    started_at: datetime
    ended_at: datetime | None
    verdict: str
    exit_code: int | None
    requests: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MappingFacts:
    """The mapping in force."""

    version: int
    created_at: datetime | None
    made_by: str
    origin: str
    rows: Mapping[str, int]
    """How many rows a person decided, by kind and action: `user map`."""


@dataclass(frozen=True, slots=True)
class Before:
    """The report before this one, and what changed since."""

    made_at: datetime
    fingerprint: str
    records: int
    source_seconds: int
    target_seconds: int
    changed: tuple[tuple[str, str, int, int], ...]
    """Customer, project, and by how many seconds source and target changed; only what changed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a report but its lines; the same value makes every format and both languages."""

    made_at: datetime
    made_by: str
    version: str
    """Of the program."""
    agreement: Agreement
    reasons: tuple[str, ...]
    """Why it is not simply `AGREE`: codes that wording turns into sentences (`not_verified_since_write`, `waits`,
    `pending`, `unexplained_seconds`, `differences`, `source_not_whole`, `control_missed`, `target_not_closed`,
    `moco_books_differ`, `presences_differ`)."""
    run: RunFacts
    first_day: date | None
    last_day: date | None
    as_of: date
    source: System
    target: System
    words: Mapping[Word, Tally]
    totals: Sums
    customers: tuple[CustomerSums, ...]
    people: tuple[PersonSums, ...]
    differences: Mapping[DifferenceKind, Tally]
    """Tallied in seconds apart (absolute) by kind, explained ones included."""
    unexplained: Mapping[DifferenceKind, Tally]
    exceptions: Mapping[str, Tally]
    """How many wait by kind (held, conflict, quarantined, rejected); they themselves are among the lines."""

    open_hours: tuple[OpenHours, ...]
    status_years: tuple[StatusYear, ...]
    stand_ins: tuple[StandIn, ...]
    beside: Beside
    outside: tuple[Outside, ...]
    left_out: Mapping[SkipReason, Tally]
    decisions: Decisions
    control: Control | None
    ledger: tuple[LedgerRow, ...]
    mapping: MappingFacts
    before: Before | None
    with_people: bool
    """Whether e-mail addresses may be written."""
    unexplained_seconds: int = 0
    """Seconds that no rule explains, each record's in absolute numbers."""
    unplaced: Tally = field(default_factory=Tally)
    """Records that cannot be used and of which no older copy is known: in `words` and `exceptions`, in no line."""
    plan: int | None = None
    """The plan whose records the report is about; None when it is about all of them."""
    fingerprint: str = ""
    """SHA-256 (hex) of the report's JSON document without it; what a signature is about."""
