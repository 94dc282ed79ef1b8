"""`runs` and `status`: what happened, and where we stand."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.files import write_private
from migrator.app.hooks.paused import paused_hooks
from migrator.app.plan_text import plan_text
from migrator.app.presences.looking import UNDO
from migrator.app.provision.shut import left_open
from migrator.app.report.language import Language
from migrator.app.secret import mask
from migrator.app.service.standing import Standing, standing_of
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.model import Seconds
from migrator.errors import ExitCode, UsageError
from migrator.store import (
    account,
    fates,
    hook_marks,
    inbox,
    intents,
    lease,
    links,
    listings,
    mapping,
    pilot,
    plans,
    presences,
    runs,
    totals,
    undone,
)
from migrator.store.engine import reading
from migrator.store.hook_marks import RECEIVED
from migrator.store.listings import SavedListing
from migrator.store.plans import SavedPlan
from migrator.store.runs import SavedRun

LISTED = 50
SHOWN_OPEN = 10


def list_runs(place: Workplace) -> Answer:
    """The latest runs, newest first."""
    with reading(place.engine) as session:
        found = runs.list_runs(session, LISTED)
    lines = [_line(run) for run in found] or ["Nothing has run yet."]
    document: dict[str, object] = {
        "schema": "migrator.runs/1",
        "runs": [_document(run) for run in found],
        "exit_code": int(ExitCode.DONE),
    }
    return Answer("\n".join(lines), document)


def show_run(place: Workplace, ref: str) -> Answer:
    """One run with its books and requests."""
    with reading(place.engine) as session:
        number = runs.last_run_id(session) if ref == "last" else _number(ref, "run")
        if number is None:
            raise UsageError("nothing has run yet")
        run = runs.load_run(session, number)
        undone_by = intents.count_done(session, "undo", str(number)) | intents.count_done(session, UNDO, str(number))
        held = undone.count_undone(session, number) + presences.count_undone_days(session, number)
    document = {
        "schema": "migrator.run/1",
        **_document(run),
        "undone_by": [{"run": by, "records": records} for by, records in undone_by.items()],
        "undone_held": held,
        "exit_code": int(ExitCode.DONE),
    }
    taken = "presences" if run.kind == "presences" else "records"
    lines = [_line(run), f"  {run.verdict}"]
    counts, seconds = json.loads(run.counts), json.loads(run.seconds)
    lines += [
        f"  {word:<18} {count:>9,}  {format_hours(seconds[word]) + ' h' if word in seconds else ''}".rstrip()
        for word, count in counts.items()
        if count
    ]
    sent = ", ".join(f"{method} {count:,}" for method, count in json.loads(run.requests).items())
    lines.append(f"  requests: {sent or 'none'}")
    lines += [f"  taken back by run {by}: {records:,} {taken}" for by, records in undone_by.items()]
    if held:
        lines.append(f"  {held:,} of them are held until `migrator undo {number} --release`")
    return Answer("\n".join(lines), document)


def show_plan(
    place: Workplace,
    ref: str,
    form: str,
    output: Path | None = None,
    language: Language = Language.EN,
    *,
    with_people: bool = False,
) -> Answer:
    """A saved plan for a second pair of eyes: as text, as the JSON it was made of, or as a page.

    With `output` it goes into that file, which only its owner can read.
    """
    plan = load_plan(place, ref)
    document = json.loads(plan.totals)
    if not document:
        raise UsageError(f"plan {plan.id} was interrupted while it was made", hint="make a new one: `migrator plan`")
    document |= {"status": plan.status.value, "made_at": plan.created_at.isoformat(), "exit_code": int(ExitCode.DONE)}
    match form:
        case "json":
            text = json.dumps(document, ensure_ascii=False, indent=2)
        case "html":
            # Templates are not needed for anything else.
            from migrator.app.report.plan_page import plan_page  # noqa: PLC0415

            text = plan_page(document, language, with_people=with_people)
        case _:
            text = "\n".join([plan_text(document), *_waiting(place, plan)])
    if output is None:
        return Answer(text, document)
    write_private(output, mask(text) + "\n")
    return Answer(f"Plan {plan.id} is in {output}.", document)


def _waiting(place: Workplace, plan: SavedPlan) -> list[str]:
    """The first records of the plan that wait for a person, with the reason."""
    with reading(place.engine) as session:
        page = next(iter(plans.stream_actions(session, plan.id, ["hold", "conflict", "quarantined"], size=20)), ())
    if not page:
        return []
    rows = [f"  {row.source_id:>10}  {row.action:<11} {row.reason:<16} {row.detail}".rstrip() for row in page]
    return ["", "Waiting for a person (the first of them):", *rows]


def load_plan(place: Workplace, ref: str) -> SavedPlan:
    """A plan by its number or `last`. Raises `UsageError` when there is none."""
    with reading(place.engine) as session:
        return plans.load_plan(session, "last" if ref == "last" else _number(ref, "plan"))


def _number(ref: str, what: str) -> int:
    if not (ref.isascii() and ref.isdigit()) or len(ref) > 18:
        raise UsageError(f"{ref!r} is no {what}", hint=f"give its number, or `last` for the newest {what}")
    return int(ref)


def status(place: Workplace) -> Answer:
    """Where we stand, on one screen."""
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
        linked = links.count_links(session)
        verified = pilot.verified_pilot(session)
        still_open = [each.natural_key for each in left_open(session)]
        unsettled = len(intents.list_open(session)) - len(still_open)
        waiting = {kind.value: count for kind, count in inbox.open_count(session).items()}
        pair = account.bound(session)
        holder = lease.holder(session)
        version = mapping.load_mapping(session).version
        latest = runs.list_runs(session, 1)
        broken = listings.broken_listings(session)
        paused = paused_hooks(session)
        marked, heard = hook_marks.count_marks(session), hook_marks.counts(session)
        missing = {fate.value: count for fate, count in fates.count_fates(session).items()}
        standing = standing_of(session, place)
    known = staged.records + staged.rejects_without_key
    known_seconds = Seconds(staged.seconds + staged.reject_seconds)
    document: dict[str, object] = {
        "schema": "migrator.status/1",
        "instance": pair.instance if pair else None,
        "moco": pair.subdomain if pair else None,
        "source": {"records": known, "seconds": known_seconds, "rejects": staged.rejects_without_key},
        "not_listed": missing,
        "incomplete_lists": [
            {"kind": each.kind.value, "project_id": each.project_id or None, "problem": each.problem} for each in broken
        ],
        "linked": linked,
        "unsettled": unsettled,
        "left_open": still_open,
        "verified_pilot": asdict(verified) if verified else None,
        "inbox": waiting,
        "paused_hooks": [hook.id for hook in paused],
        "web_hooks": {
            "last_event_at": heard[RECEIVED].last_at.isoformat() if RECEIVED in heard else None,
            "waiting": marked,
            "events": {word: each.events for word, each in heard.items()},
        },
        "mapping_version": version,
        "running": _running(holder),
        "service": _service(standing),
        "last_run": _document(latest[0]) if latest else None,
        "exit_code": int(ExitCode.DONE),
    }
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(waiting.items())) or "nothing"
    lines = [
        f"Accounts    {document['instance'] or '-'} → {document['moco'] or 'not contacted yet'}",
        f"Source      {known:,} records, {format_hours(known_seconds)} h{_incomplete(broken)}",
        f"In MOCO     {linked:,} linked records; {unsettled:,} writes unsettled",
        *([f"Open        {_left_open(still_open, running=document['running'] is not None)}"] if still_open else []),
        f"Mapping     version {version}",
        *([f"Pilot       plan {verified.plan} verified by run {verified.verify_run}"] if verified else []),
        f"Inbox       {told}",
        f"Running     {document['running'] or 'nothing'}",
        f"Service     {_service_line(standing)}",
        f"Last run    {_line(latest[0]) if latest else 'none yet'}",
    ]
    if RECEIVED in heard:
        left = f"{marked:,} wait for the next run" if marked else "nothing waits"
        lines.append(f"Heard       MOCO told something last at {_time(heard[RECEIVED].last_at)}; {left}")
    if paused:
        lines.append(f"Web hooks   {len(paused)} paused; `migrator hooks resume` switches them on again")
    return Answer("\n".join(lines), document)


def _running(holder: lease.Holder | None) -> str | None:
    """Who works at the moment; a process of this machine that died without a word does not."""
    if holder is None or (
        holder.host == socket.gethostname() and not lease.process_is_alive(holder.pid, holder.process_started)
    ):
        return None
    return f"{holder.command} on {holder.host}, process {holder.pid}"


def _service(standing: Standing) -> dict[str, object] | None:
    """What follows the schedule; None when nothing does."""
    if standing.serving is None:
        return None
    return {
        "host": standing.serving.host,
        "process": standing.serving.pid,
        "state": standing.state.value,
        "ready": standing.ready,
        "reason": standing.reason,
        "next_run": standing.next_run.isoformat() if standing.next_run else None,
        "missed": standing.missed,
    }


def _service_line(standing: Standing) -> str:
    if standing.serving is None:
        return "none follows the schedule"
    who = f"process {standing.serving.pid} on {standing.serving.host} follows the schedule"
    told = "paused" if standing.next_run is None else f"next sync {_time(max(standing.at, standing.next_run))}"
    return f"{who}; {told}" + (f"; NOT READY: {standing.reason}" if standing.reason else "")


def _left_open(names: Sequence[str], *, running: bool) -> str:
    """What was archived or deactivated before, and is open for the writes of a run."""
    shown = ", ".join(names[:SHOWN_OPEN]) + (", …" if len(names) > SHOWN_OPEN else "")
    told = "open for the running run" if running else "not shut again yet: the next `apply` or `sync` does it first"
    return f"{shown}: {told}"


def _incomplete(broken: Sequence[SavedListing]) -> str:
    """What of ActiveCollab was not read completely when it was last tried."""
    if not broken:
        return ""
    projects = sorted({each.project_id for each in broken if each.project_id})
    named = f" (projects {', '.join(map(str, projects[:5]))}{', …' if len(projects) > 5 else ''})" if projects else ""
    return f"; {len(broken):,} {'list' if len(broken) == 1 else 'lists'} not read completely{named}"


def _line(run: SavedRun) -> str:
    ended = f"exit {run.exit_code}" if run.exit_code is not None else "not ended"
    return f"{run.id:>5}  {run.kind:<7} {_time(run.started_at)}  {ended:<9} {run.verdict}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else ""


def _document(run: SavedRun) -> dict[str, object]:
    return {
        "run": run.id,
        "kind": run.kind,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "plan": run.plan_id,
        "verdict": run.verdict,
        "counts": json.loads(run.counts),
        "seconds": json.loads(run.seconds),
        "requests": json.loads(run.requests),
        "approved_by": run.approved_by,
        "run_exit_code": run.exit_code,
    }
