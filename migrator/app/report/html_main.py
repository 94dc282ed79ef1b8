"""What the main page of the HTML report shows, and how much of it: its size is bounded, whatever the records are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from migrator.app.report.html_charts import coverage_drawing, kinds_drawing, months_drawing, people_drawing
from migrator.app.report.wording import Wording
from migrator.core.actions import Word
from migrator.core.model import Billing
from migrator.core.report.figures import Agreement, Figures, LedgerRow
from migrator.core.report.line import Exceptional, Lines, Rule, TargetState
from migrator.core.tally import Tally

BILLINGS = tuple(Billing)
STATES = tuple(state for state in TargetState if state is not TargetState.ABSENT)
"""How MOCO can hold time."""

SECTIONS = (
    "books",
    "totals",
    "people",
    "differences",
    "exceptions",
    "invoicing",
    "status",
    "beside",
    "decisions",
    "completeness",
    "mapping",
    "before",
    "ledger",
    "reading",
    "signature",
)
"""The ids of the sections, in their order; their headings are the texts `h_ID`."""

_PLACES = {
    "waits": "exceptions",
    "pending": "books",
    "unexplained_seconds": "ledger",
    "differences": "differences",
    "control_missed": "completeness",
}
"""The section that shows more about a reason of the verdict."""

_SIGNS = {Agreement.AGREE: "✔", Agreement.AGREE_BUT: "!", Agreement.DIFFER: "✖", Agreement.UNPROVED: "?"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of each kind the main page shows; together they stay far below 5 MB."""

    differences: int = 200
    exceptions: int = 500
    ledger: int = 60
    rows_of_totals: int = 2_000
    """Of projects and months together; beyond it months stand in the project files, then projects in their index."""
    customers: int = 1_000
    people: int = 500
    controls: int = 500
    changed: int = 200
    signers: int = 50


LIMITS = Limits()


def main_page(figures: Figures, lines: Lines, wording: Wording) -> dict[str, object]:
    """The values of the template `report.html`."""
    books = [(word, figures.words[word]) for word in Word if word in figures.words]
    projects = sum(len(customer.projects) for customer in figures.customers)
    unequal = sorted(
        (row for row in figures.ledger if row.rule is not Rule.SAME),
        key=lambda row: (row.rule is not Rule.UNEXPLAINED, -abs(row.stored - row.read)),
    )
    found = list(islice(lines.exceptions(), LIMITS.exceptions))
    return {
        "figures": figures,
        "fingerprint": figures.fingerprint,
        "limits": LIMITS,
        "sections": SECTIONS,
        "places": _PLACES,
        "sign": _SIGNS[figures.agreement],
        "verdict": verdict_of(figures, wording),
        "waiting": sum(tally.records for tally in figures.exceptions.values()),
        "books": books,
        "books_records": sum(tally.records for _, tally in books),
        "books_seconds": sum(tally.seconds for _, tally in books),
        "coverage_chart": coverage_drawing(figures.words, wording),
        "months_chart": months_drawing(figures, wording),
        "people_chart": people_drawing(figures, wording),
        "kinds_chart": kinds_drawing(figures, wording),
        "billings": BILLINGS,
        "states": STATES,
        "all_states": tuple(TargetState),
        "depth": _depth(figures, projects),
        "projects_count": projects,
        "shown_customers": figures.customers[: LIMITS.customers],
        "shown_people": sorted(figures.people, key=lambda person: -person.sums.source_seconds)[: LIMITS.people],
        "differences_count": sum(tally.records for tally in figures.differences.values()),
        "shown_differences": islice(lines.differences(), LIMITS.differences),
        "shown_exceptions": found,
        "dispositions": _dispositions(found, wording),
        "shown_open_hours": figures.open_hours[: LIMITS.customers],
        "open_rest": [
            each
            for each in figures.open_hours
            if each.pending_in_moco or each.made_billable or each.without_record or each.apart
        ][: LIMITS.customers],
        "shown_controls": figures.control.rows[: LIMITS.controls] if figures.control else (),
        "ledger_rules": _by_rule(figures),
        "shown_ledger": unequal[: LIMITS.ledger],
    }


def _dispositions(found: Iterable[Exceptional], wording: Wording) -> list[tuple[str, str, str]]:
    """What keeping either side would do, once for each reason that occurs."""
    told = {
        (wording.reason(each.reason) or wording.term(each.kind), each.keep_source, each.keep_target): None
        for each in found
        if each.keep_source or each.keep_target
    }
    return sorted(told)


def verdict_of(figures: Figures, wording: Wording) -> str:
    """The sentence below the verdict: where every record is, and what is unexplained."""
    counts: Mapping[Word, Tally] = figures.words

    def number(*words: Word) -> int:
        return sum(counts.get(word, Tally()).records for word in words)

    in_moco = number(Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.UNCHANGED)
    parts = [wording.say("verdict_in_moco", count=in_moco)]
    for key, words in (
        ("verdict_left_out", (Word.SKIPPED,)),
        ("verdict_held", (Word.HELD,)),
        ("verdict_conflicts", (Word.CONFLICTS,)),
        ("verdict_refused", (Word.QUARANTINED,)),
        ("verdict_rejected", (Word.REJECTED,)),
        ("verdict_pending", (Word.PENDING, Word.UNCLEAR)),
    ):
        if count := number(*words):
            parts.append(wording.say(key, count=count))
    records = wording.say("verdict_of", count=number(*Word))
    unexplained = wording.say("verdict_unexplained", count=figures.unexplained_seconds)
    return f"{records} {', '.join(parts)}; {unexplained}"


def _depth(figures: Figures, projects: int) -> str:
    """How deep the control totals go on the main page: `months`, `projects` or `customers`."""
    months = sum(len(project.months) for customer in figures.customers for project in customer.projects)
    if projects + months <= LIMITS.rows_of_totals:
        return "months"
    return "projects" if projects <= LIMITS.rows_of_totals else "customers"


def _by_rule(figures: Figures) -> list[LedgerRow]:
    """The ledger summed by rule, those that occur, in the order of the rules."""
    found = []
    for rule in Rule:
        rows = [row for row in figures.ledger if row.rule is rule]
        if rows:
            written_hours = sum((row.written for row in rows), Decimal())
            counted = (sum(getattr(row, name) for row in rows) for name in ("records", "read", "sent", "stored"))
            records, read, sent, stored = counted
            found.append(LedgerRow("", "", rows[0].month, rule, "", records, written_hours, read, sent, stored))
    return found
