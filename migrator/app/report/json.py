"""`report.json`: the figures as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import TypeVar

from migrator.app.report.json_text import Json, Rows, fingerprint_of
from migrator.core.actions import SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.duration import format_hours
from migrator.core.model import Billing
from migrator.core.report.figures import (
    CustomerSums,
    Decisions,
    Figures,
    LedgerRow,
    OpenHours,
    PersonSums,
    ProjectSums,
    Signer,
    Sums,
    System,
)
from migrator.core.report.line import Exceptional, Lines, RecordLine, TargetState
from migrator.core.report.typed import shown, web_address
from migrator.core.tally import Tally

SCHEMA = "migrator.report/1"

LISTED = 10_000
"""Differences and exceptions that are listed; the counts always cover all."""

_LONGEST = 2_000
"""Characters of a text that are written."""

_Key = TypeVar("_Key", Word, DifferenceKind, SkipReason, str)


def report_json(figures: Figures, lines: Lines) -> Json:
    """The whole document, its `fingerprint` included; hours are `Decimal` with two places, long lists are `Rows`."""
    document = _Writer(figures.with_people).document(figures, lines)
    return {**document, "fingerprint": fingerprint_of(document)}


def _hours(seconds: int) -> Decimal:
    return Decimal(format_hours(seconds))


def _time(seconds: int) -> Json:
    """A duration both ways: hours for people, seconds for whoever adds them up."""
    return {"hours": _hours(seconds), "seconds": seconds}


def _tally(tally: Tally) -> Json:
    return {"records": tally.records, **_time(tally.seconds)}


def _name(key: object) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)


def _tallies(tallies: Mapping[_Key, Tally]) -> Json:
    return {name: _tally(tally) for name, tally in sorted((_name(key), tally) for key, tally in tallies.items())}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _sums(sums: Sums) -> Json:
    return {
        "records": sums.records,
        "source": {
            **_time(sums.source_seconds),
            "by_status": {str(int(status)): _time(sums.source[status]) for status in sorted(sums.source)},
        },
        "target": {
            **_time(sums.target_seconds),
            "by_state": {state.value: _time(sums.target[state]) for state in sorted(sums.target, key=_name)},
        },
        "difference": _time(sums.target_seconds - sums.source_seconds),
        "by_rule": {rule.value: _time(sums.apart[rule]) for rule in sorted(sums.apart, key=_name) if sums.apart[rule]},
    }


def _cell_place(cell: tuple[tuple[Billing | None, TargetState], int]) -> tuple[int, str]:
    (status, state), _ = cell
    return -1 if status is None else int(status), state.value


class _Writer:
    """Makes the document; what people typed is made harmless, e-mail addresses only shown where they may be."""

    def __init__(self, with_people: bool) -> None:
        self._with_people = with_people

    def document(self, figures: Figures, lines: Lines) -> Json:
        return {
            "schema": SCHEMA,
            "made_at": _moment(figures.made_at),
            "made_by": self._text(figures.made_by),
            "version": figures.version,
            "agreement": figures.agreement.value,
            "reasons": list(figures.reasons),
            "run": self._run(figures),
            "scope": {"whole": figures.plan is None, "plan": figures.plan},
            "with_people": figures.with_people,
            "period": {"first_day": _day(figures.first_day), "last_day": _day(figures.last_day)},
            "source": self._system(figures.source),
            "target": self._system(figures.target),
            "words": _tallies(figures.words),
            "unplaced": _tally(figures.unplaced),
            "totals": _sums(figures.totals),
            "unexplained_seconds": figures.unexplained_seconds,
            "customers": [self._customer(each) for each in figures.customers],
            "people": [self._person(each) for each in figures.people],
            "differences": {
                "counts": _tallies(figures.differences),
                "unexplained": _tallies(figures.unexplained),
                "listed": Rows(lambda: map(self._line, islice(lines.differences(), LISTED))),
            },
            "exceptions": {
                "counts": _tallies(figures.exceptions),
                "listed": Rows(lambda: map(self._exceptional, islice(lines.exceptions(), LISTED))),
            },
            "as_of": _day(figures.as_of),
            "open_hours": [self._open(each) for each in figures.open_hours],
            "status_years": self._years(figures),
            "stand_ins": self._stand_ins(figures),
            "beside": {
                "invisible": _tally(figures.beside.invisible),
                "trashed": _tally(figures.beside.trashed),
                "deleted": _tally(figures.beside.deleted),
                "unseen": _tally(figures.beside.unseen),
                "superseded": figures.beside.superseded,
                "edited_in_target": _tally(figures.beside.edited_in_target),
            },
            "outside": [
                {
                    "currency": self._text(each.currency),
                    "expenses": each.expenses,
                    "amount": str(each.amount),
                    "unreadable": each.unreadable,
                }
                for each in figures.outside
            ],
            "left_out": _tallies(figures.left_out),
            "decisions": self._decisions(figures.decisions),
            "control": self._control(figures),
            "ledger": Rows(lambda: map(self._ledger, figures.ledger)),
            "mapping": {
                "version": figures.mapping.version,
                "created_at": _moment(figures.mapping.created_at),
                "made_by": self._text(figures.mapping.made_by),
                "origin": self._text(figures.mapping.origin),
                "rows": dict(figures.mapping.rows),
            },
            "before": self._before(figures),
        }

    def _text(self, text: str) -> str:
        return shown(text, self._with_people, _LONGEST)

    def _link(self, url: str) -> str | None:
        return web_address(url, self._with_people) or None

    def _run(self, figures: Figures) -> Json:
        run = figures.run
        return {
            "id": run.id,
            "kind": run.kind,
            "started_at": _moment(run.started_at),
            "ended_at": _moment(run.ended_at),
            "verdict": self._text(run.verdict),
            "exit_code": run.exit_code,
            "requests": dict(run.requests),
        }

    def _system(self, system: System) -> Json:
        return {
            "name": system.name,
            "where": self._text(system.where),
            "extract_begun": _moment(system.extract_begun),
            "extract_ended": _moment(system.extract_ended),
            "whole": system.whole,
            "saved": system.saved,
            "note": self._text(system.note),
        }

    def _customer(self, customer: CustomerSums) -> Json:
        return {
            "name": self._text(customer.name),
            **_sums(customer.sums),
            "projects": [self._project(each) for each in customer.projects],
        }

    def _project(self, project: ProjectSums) -> Json:
        months = [{"month": f"{each.month:%Y-%m}", **_sums(each.sums)} for each in project.months]
        name, own = self._text(project.name), project.only_in_moco
        return {"id": project.id, "name": name, "only_in_moco": own, **_sums(project.sums), "months": months}

    def _person(self, person: PersonSums) -> Json:
        email: Json = {"email": person.email} if self._with_people else {}
        return {"id": person.id, "name": self._text(person.name), **email, **_sums(person.sums)}

    def _line(self, line: RecordLine) -> Json:
        there = line.elsewhere.place if line.elsewhere is not None else None
        return {
            "source_id": line.source_id,
            "activity_id": line.activity_id,
            "kind": line.difference.value if line.difference is not None else None,
            "explained": line.explained,
            "customer": self._text(line.customer),
            "project_id": line.project_id,
            "project": self._text(line.project),
            "person": self._text(line.person),
            "day": _day(line.day),
            "target_day": _day(line.target_day),
            "target_customer": None if there is None else self._text(there.customer),
            "target_project_id": None if there is None else there.project_id,
            "target_project": None if there is None else self._text(there.project),
            "status": None if line.billing is None else int(line.billing),
            "state": line.state.value,
            "written": self._text(line.written),
            "read": _time(line.read),
            "sent": None if line.sent is None else _time(line.sent),
            "stored": _time(line.stored),
            "difference": _time(line.seconds_apart),
            "rule": line.rule.value,
            "word": None if line.word is None else line.word.value,
            "reason": line.reason,
            "detail": self._text(line.detail),
            "fields": list(line.fields),
            "source_url": self._link(line.source_url),
            "target_url": self._link(line.target_url),
        }

    def _exceptional(self, each: Exceptional) -> Json:
        return {
            "id": each.id,
            "kind": each.kind,
            "source_id": each.source_id,
            "activity_id": each.activity_id,
            "customer": self._text(each.customer),
            "project": self._text(each.project),
            "person": self._text(each.person),
            "day": _day(each.day),
            **_time(each.seconds),
            "reason": each.reason,
            "message": self._text(each.message),
            "since": _moment(each.since),
            "keep_source": each.keep_source,
            "keep_target": each.keep_target,
            "source_url": self._link(each.source_url),
            "target_url": self._link(each.target_url),
        }

    def _open(self, row: OpenHours) -> Json:
        return {
            "customer": self._text(row.customer),
            "source_open": _time(row.source_open),
            "target_open": _time(row.target_open),
            "in_moco": _time(row.in_moco),
            "booked_in_moco": _time(row.booked_in_moco),
            "only_in_activecollab": _time(row.only_in_activecollab),
            "invoiced_already": _time(row.invoiced_already),
            "pending": _time(row.pending),
            "settled_in_moco": _time(row.settled_in_moco),
            "pending_in_moco": _time(row.pending_in_moco),
            "made_billable": _time(row.made_billable),
            "without_record": _time(row.without_record),
            "apart": _time(row.apart),
        }

    def _years(self, figures: Figures) -> list[Json]:
        return [
            {
                "year": each.year,
                "cells": [
                    {"status": None if status is None else int(status), "state": state.value, **_time(seconds)}
                    for (status, state), seconds in sorted(each.seconds.items(), key=_cell_place)
                ],
            }
            for each in figures.status_years
        ]

    def _stand_ins(self, figures: Figures) -> list[Json]:
        return [
            {
                "person": self._text(each.person),
                "booked_on": self._text(each.booked_on),
                "records": each.tally.records,
                "source": _time(each.tally.source_seconds),
                "target": _time(each.tally.target_seconds),
                "difference": _time(each.tally.target_seconds - each.tally.source_seconds),
                "decided_by": self._text(each.decided_by),
                "decided_at": _moment(each.decided_at),
                "note": self._text(each.note),
            }
            for each in figures.stand_ins
        ]

    def _decisions(self, made: Decisions) -> Json:
        parts = {
            "planned": made.planned,
            "approved": made.approved,
            "applied": made.applied,
            "verified": made.verified,
            "accepted": made.accepted,
        }
        return {name: [self._signer(each) for each in signers] for name, signers in parts.items()}

    def _signer(self, signer: Signer) -> Json:
        return {
            "who": self._text(signer.who),
            "at": _moment(signer.at),
            "run": signer.run,
            "note": self._text(signer.note),
            "records": signer.records,
        }

    def _control(self, figures: Figures) -> Json | None:
        control = figures.control
        if control is None:
            return None
        rows = [
            {
                "label": self._text(row.label),
                "expected": _time(row.expected),
                "read": _time(row.read),
                "within": row.within,
                "agrees": row.agrees,
            }
            for row in control.rows
        ]
        return {
            "file": self._text(control.file),
            "sha256": control.sha256,
            "checked_at": _moment(control.checked_at),
            "agrees": control.agrees,
            "outdated": control.outdated,
            "rows": rows,
        }

    def _ledger(self, row: LedgerRow) -> Json:
        return {
            "project": self._text(row.project),
            "person": self._text(row.person),
            "month": f"{row.month:%Y-%m}",
            "rule": row.rule.value,
            "reason": row.reason,
            "records": row.records,
            "written": str(row.written),
            "read": row.read,
            "sent": row.sent,
            "stored": row.stored,
            "difference": row.stored - row.read,
        }

    def _before(self, figures: Figures) -> Json | None:
        before = figures.before
        if before is None:
            return None
        changed = [
            {"customer": self._text(customer), "project": self._text(project), "source": _time(ac), "target": _time(mo)}
            for customer, project, ac, mo in before.changed
        ]
        return {
            "made_at": _moment(before.made_at),
            "fingerprint": before.fingerprint,
            "records": before.records,
            "source": _time(before.source_seconds),
            "target": _time(before.target_seconds),
            "changed": changed,
        }
