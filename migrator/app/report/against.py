"""`verify --against`: whether the figures of a signed report still hold, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrator.app.answer import Answer
from migrator.app.report.changed import Change, changes
from migrator.app.report.command import compute
from migrator.app.report.gather import Scope
from migrator.app.report.scope import of_plan
from migrator.app.report.signed import Signed
from migrator.app.report.spool import Spool
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.report.typed import shown
from migrator.errors import ExitCode, severest
from migrator.store import reports
from migrator.store.engine import reading

SHOWN = 20
_COUNTS = ("records", "version", "unexplained seconds")


@dataclass(frozen=True, slots=True)
class Held:
    """A signed report against the database as it is now."""

    signed: Signed
    changes: tuple[Change, ...]
    known: bool
    """Whether this database made it."""

    @property
    def holds(self) -> bool:
        """Whether every figure is as it was signed."""
        return not any(change.is_figure for change in self.changes)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        made = f"The report of {str(self.signed.document['made_at'])[:10]} ({self.signed.computed[:16]}…)"
        if self.holds:
            return f"{made} still holds."
        count = sum(change.is_figure for change in self.changes)
        return f"{made} no longer holds: {count:,} of its figures changed."

    def lines(self) -> list[str]:
        """What changed; where months tell it, the sums above them are left to the document."""
        told = [] if self.known else ["  This database does not remember having made it."]
        finest = [change for change in self.changes if change.level not in ("customer", "project")]
        told += [_line(change) for change in finest[:SHOWN]]
        if len(finest) > SHOWN:
            told.append(f"  … and {len(finest) - SHOWN:,} more with --json")
        return told

    def as_json(self) -> dict[str, object]:
        """The outcome as answers carry it."""
        return {
            "file": self.signed.file,
            "fingerprint": self.signed.computed,
            "made_at": self.signed.document["made_at"],
            "tampered": False,
            "known": self.known,
            "holds": self.holds,
            "changes": [_as_json(change) for change in self.changes],
        }


def check_against(place: Workplace, signed: Signed) -> Held:
    """Make the same report now, and compare the two. Raises `UsageError` when its plan is not known here."""
    with reading(place.engine) as session:
        subject = of_plan(session, signed.plan)
        known = reports.is_known(session, signed.computed)
    # Open hours and fiscal years are not compared: both depend on the day, and follow from what is.
    scope = Scope(subject.run.id, subject.selection, signed.as_of, 1, place.clock.now())
    with Spool() as spool:
        _, now = compute(place, subject, scope, spool, with_people=signed.with_people)
    found = tuple(changes(signed.document, now))
    return Held(signed, found, known)


def with_against(answer: Answer, held: Held) -> Answer:
    """The answer of `verify` together with what became of a signed report."""
    code = answer.exit_code if held.holds else severest(answer.exit_code, ExitCode.DIFFERENCES)
    before = str(answer.document["verdict"])
    verdict = f"{held.sentence} {before}"
    rest = answer.text.removeprefix(before).lstrip("\n")
    text = "\n".join(filter(None, [verdict, *held.lines(), rest]))
    document = {**answer.document, "verdict": verdict, "against": held.as_json(), "exit_code": int(code)}
    return replace(answer, text=text, document=document, exit_code=code)


def _line(change: Change) -> str:
    place = " · ".join(shown(part, True, 60) or "(none)" for part in change.place)
    told = " ".join(filter(None, (change.level, place)))
    if change.figure in _COUNTS:
        return f"  {told}: {change.figure} {change.then:,} → {change.now:,}"
    return f"  {told}: {change.figure} {format_hours(change.then)} h → {format_hours(change.now)} h{_exactly(change)}"


def _exactly(change: Change) -> str:
    """The seconds, where hours with two places would show the same twice."""
    same = format_hours(change.then) == format_hours(change.now)
    return f" ({change.now - change.then:+,} s)" if same else ""


def _as_json(change: Change) -> dict[str, object]:
    place: Sequence[str] = change.place
    return {
        "level": change.level,
        "place": list(place),
        "figure": change.figure,
        "then": change.then,
        "now": change.now,
    }
