"""What a report tells besides time: runs, both extracts, the mapping, decisions, control totals, the report before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from migrator.app.control.command import CONTROL_TOTALS
from migrator.app.report.gather import Gathered
from migrator.app.wiring import Workplace
from migrator.core.expenses import Amounts
from migrator.core.model import SourceId
from migrator.core.report.figures import (
    Before,
    Beside,
    Control,
    ControlRow,
    CustomerSums,
    Decisions,
    MappingFacts,
    Outside,
    RunFacts,
    Signer,
    StandIn,
    System,
)
from migrator.store import account, inbox, plans, reports, runs, totals
from migrator.store.reports import Extract, SavedReport, Seen
from migrator.store.runs import SavedRun

_NAMED_FILES = 3
_MANY = 200
"""Runs of one kind that are told by name; the rest are counted."""


def run_facts(run: SavedRun) -> RunFacts:
    """A run as a report tells it."""
    requests = {str(method): int(count) for method, count in json.loads(run.requests).items()}
    return RunFacts(run.id, run.kind, run.started_at, run.ended_at, run.verdict, run.exit_code, requests)


# -- both systems --------------------------------------------------------------------------------------------


def source_system(place: Workplace, extract: Extract) -> System:
    """ActiveCollab as it was read."""
    where = [*([place.config.activecollab.url] if extract.lists and place.config.activecollab.url else [])]
    where += extract.documents[:_NAMED_FILES]
    more = len(extract.documents) - _NAMED_FILES
    where += [f"+{more:,}"] if more > 0 else []
    problems = extract.problems
    note = f"{problems:,} documents or lists were not read whole" if problems else ""
    name = place.config.activecollab.instance
    saved = bool(extract.documents) and not extract.lists
    return System(name, ", ".join(where), extract.begun, extract.ended, problems == 0, note, saved)


def target_system(place: Workplace, seen: Seen) -> System:
    """MOCO as it was listed."""
    moco = place.config.moco
    return System(moco.account, moco.url, seen.listed_at, seen.listed_ended, seen.since_last_write, "")


# -- who decided what ----------------------------------------------------------------------------------------


def decisions(session: Session) -> Decisions:
    """Who planned, approved, applied and verified, and what people accepted."""
    applied = [run for kind in ("apply", "sync") for run in runs.list_runs(session, _MANY, kind)]
    applied = sorted((run for run in applied if run.ended_at is not None), key=lambda run: run.id)
    carried_out = [run for run in applied if run.kind == "apply"]
    planned = [
        runs.load_run(session, plans.load_plan(session, run.plan_id).run_id)
        for run in carried_out
        if run.plan_id is not None
    ]
    approved = [run for run in carried_out if run.approved_by]
    syncs = [run for run in applied if run.kind == "sync"]
    last_sync = [replace(_signer(run), note=f"{len(syncs):,} × sync") for run in syncs[-1:]]
    verified = sorted(runs.list_runs(session, 1, "verify"), key=lambda run: run.id)
    accepted = (_accepted(each) for each in inbox.accepted_groups(session))
    return Decisions(
        planned=tuple(map(_signer, planned)),
        approved=tuple(Signer(run.approved_by, run.started_at, run.id) for run in approved),
        applied=(*map(_signer, carried_out), *last_sync),
        verified=tuple(map(_signer, verified)),
        accepted=tuple(accepted),
    )


def _signer(run: SavedRun) -> Signer:
    return Signer(run.made_by, run.started_at, run.id)


def _accepted(group: inbox.Accepted) -> Signer:
    who, parted, note = group.note.partition(": ")
    return Signer(who if parted else "", group.at, None, note if parted else group.note, group.records)


def stand_ins(session: Session, gathered: Gathered, rows: Mapping[SourceId, str]) -> tuple[StandIn, ...]:
    """People whose time is booked on another one, and who decided that; `rows` has the notes of the mapping."""
    names, versions = gathered.names, reports.stand_in_versions(session)
    found = []
    for source_id, tally in gathered.stand_ins.items():
        version = versions.get(source_id)
        found.append(
            StandIn(
                person=names.person(source_id) or f"person {source_id}",
                booked_on=names.person_in_moco(names.stand_ins[source_id]),
                tally=tally,
                decided_by=version.made_by if version is not None else "",
                decided_at=version.created_at if version is not None else None,
                note=rows.get(source_id, ""),
            )
        )
    return tuple(sorted(found, key=lambda each: each.person.casefold()))


def mapping_facts(session: Session) -> MappingFacts:
    """The mapping in force."""
    version = reports.version_in_force(session)
    if version is None:
        return MappingFacts(0, None, "", "", {})
    rows = reports.decided_rows(session, version.id)
    return MappingFacts(version.id, version.created_at, version.made_by, version.origin, rows)


# -- beside the time -----------------------------------------------------------------------------------------


def beside(session: Session, gathered: Gathered) -> Beside:
    """What ActiveCollab hides, and how many older copies of records the last reading left aside."""
    readings = [run for kind in ("read", "sync") for run in runs.list_runs(session, 1, kind)]
    newest = max(readings, key=lambda run: run.id, default=None)
    counts = json.loads(newest.counts) if newest is not None else {}
    return replace(gathered.beside, superseded=int(counts.get("superseded", 0)))


def outside(session: Session) -> tuple[Outside, ...]:
    """Expenses by currency; the empty one gathers those that say none."""
    amounts = Amounts()
    for expenses, told in reports.expenses(session):
        amounts.merge(told, expenses)
    return tuple(
        Outside(currency, each.expenses, each.amount, each.unreadable)
        for currency, each in sorted(amounts.by_currency.items())
    )


# -- control totals, and the report before ---------------------------------------------------------------------


def control(session: Session) -> Control | None:
    """The last check against ActiveCollab's own totals; None when nobody made one."""
    told = account.fact(session, CONTROL_TOTALS)
    if told is None:
        return None
    found: dict[str, Any] = json.loads(told)  # JSON
    rows = tuple(
        ControlRow(str(row["label"]), int(row["expected"]), int(row["read"]), int(row["within"]))
        for row in found["rows"]
    )
    outdated = found.get("source_version") != totals.source_version(session)
    checked_at = datetime.fromisoformat(found["checked_at"])
    return Control(str(found["file"]), str(found["sha256"]), checked_at, rows, outdated)


def totals_json(plan: int | None, records: int, customers: Iterable[CustomerSums]) -> str:
    """What the next report compares itself with."""
    projects = [
        [customer.name, project.id, project.name, project.sums.source_seconds, project.sums.target_seconds]
        for customer in customers
        for project in customer.projects
    ]
    return json.dumps({"plan": plan, "records": records, "projects": projects}, ensure_ascii=False)


def before(saved: Iterable[SavedReport], plan: int | None, customers: tuple[CustomerSums, ...]) -> Before | None:
    """The newest report about the same records, and what changed since; a project is known by its number."""
    for report in saved:
        told: dict[str, Any] = json.loads(report.totals)  # JSON
        if told["plan"] != plan:
            continue
        then = {int(id_): (customer, name, int(ac), int(mo)) for customer, id_, name, ac, mo in told["projects"]}
        now = {
            int(project.id): (customer.name, project.name, project.sums.source_seconds, project.sums.target_seconds)
            for customer in customers
            for project in customer.projects
        }
        changed = []
        for id_ in {*then, *now}:
            _, _, source_then, target_then = then.get(id_, ("", "", 0, 0))
            customer_name, name, source_now, target_now = now.get(id_, (*then.get(id_, ("", ""))[:2], 0, 0))
            if (source_then, target_then) != (source_now, target_now):
                changed.append((customer_name, name, source_now - source_then, target_now - target_then))
        sums = [sum(each[side] for each in then.values()) for side in (2, 3)]
        return Before(
            report.made_at, report.fingerprint, int(told["records"]), sums[0], sums[1], tuple(sorted(changed))
        )
    return None
