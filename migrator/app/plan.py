"""`plan`: the dry run. Reads MOCO, decides every record, saves what would be done; sends nothing but GET."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.books import PlanBook
from migrator.app.config import policy_digest
from migrator.app.configuration.choices import PendingPayment
from migrator.app.deciding import decide_all, load_decider, marked_in
from migrator.app.doubles import find_doubles
from migrator.app.pilot import missing_pilot
from migrator.app.plan_text import plan_text
from migrator.app.provision.places import rate_warnings, to_be_made
from migrator.app.runs import ended, started
from migrator.app.sampling import phases
from migrator.app.selecting import SelectionWords, select
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace, connect_reader
from migrator.core.actions import HoldReason, Word
from migrator.core.cost import billed_requests
from migrator.core.finality import points_of_no_return
from migrator.core.gates import GateTripped
from migrator.core.ledger import Ledger
from migrator.core.plan import PlanTotals, Tally, eta_seconds, requests_needed, undo_requests
from migrator.errors import ExitCode, UsageError
from migrator.store import plans, source
from migrator.store import totals as sums
from migrator.store.engine import reading, writing
from migrator.store.merge import count_selected


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests by phase and the least time they take under MOCO's window."""

    requests: dict[str, int]
    seconds: int
    undo_requests: int
    undo_seconds: int
    phases: list[dict[str, object]]


def make_plan(place: Workplace, words: SelectionWords, *, detailed_exitcode: bool, command: str = "plan") -> Answer:
    """Decide everything selected and save the plan; the answer names its id."""
    with reading(place.engine) as session:
        selection = select(session, words)
        version = sums.source_version(session)
        totals = sums.source_totals(session)
    if totals.records == 0 and totals.rejects_without_key == 0:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    reader = connect_reader(place)
    with started(place, "plan") as run_id:
        survey = Survey(place, reader, run_id)
        decider = load_decider(place, survey.refresh_masters())
        with writing(place.engine) as session:
            plan_id = plans.new_plan(
                session,
                run_id=run_id,
                source_version=version,
                mapping_version=decider.mapping.version,
                policy_digest=policy_digest(place.config),
                selection=selection.as_json(),
                now=place.clock.now(),
            )
        survey.scan()
        survey.check_people(decider.people())
        book = PlanBook(place, decider, plan_id)
        decide_all(place, decider, survey, run_id, selection, book)
        if place.config.policy.pending_payment is not PendingPayment.UNDECIDED:
            # A person decided what they are, so there is nothing to warn about.
            book.totals.pending_payment.clear()
        if selection.is_whole:
            _add_rejects(place, book)
        ledger = _ledger(book.totals)
        with reading(place.engine) as session:
            records, seconds = count_selected(session, selection)
            rejects = [each.seconds for each in source.unstaged_rejects(session)] if selection.is_whole else []
        ledger.balance(records + len(rejects), seconds + sum(rejects))
        cost = _cost(place, book, survey)
        code = _exit_code(book.totals, detailed_exitcode)
        gates = () if selection.pilot else missing_pilot(place, book.totals.of_action("create"))
        document = _document(run_id, plan_id, book, ledger, cost, gates, selection.pilot, dict(reader.requests), code)
        document["schema"] = f"migrator.{command}/1"
        document["possible_double"] = find_doubles(place, decider.mapping)
        with writing(place.engine) as session:
            plans.finish_plan(session, plan_id, json.dumps(document))
        ended(place, run_id, code, document)
    return Answer(plan_text(document), document, code)


def _add_rejects(place: Workplace, book: PlanBook) -> None:
    with reading(place.engine) as session:
        for reject in source.unstaged_rejects(session):
            book.totals.add_rejected(reject.seconds)
            book.blocked.add("hold", HoldReason.REJECTED.value, reject.source_id, reject.seconds)


def _ledger(totals: PlanTotals) -> Ledger:
    """A plan's words: what would be written is pending, everything else is as good as final."""
    ledger = Ledger()
    for word, tally in totals.by_word.items():
        written = word in {Word.CREATED, Word.ADOPTED, Word.UPDATED}
        ledger.count(Word.PENDING if written else word, tally.seconds, tally.records)
    return ledger


def _cost(place: Workplace, book: PlanBook, survey: Survey) -> Cost:
    moco = place.config.moco
    places = to_be_made(book.needs.projects, book.decider)
    creates = book.totals.creates_per_person
    requests = requests_needed(
        creates,
        moco.bulk_size,
        scan=survey.pages + 4,
        places=sum(places.new.values()),
        tasks=len(book.needs.tasks),
        contracts=len(book.needs.contracts),
        reopened=book.shut.count,
        updates=book.totals.of_action("update") + book.totals.of_action("adopt_update"),
        withdrawals=book.totals.of_action("withdraw"),
        rebooks=book.totals.of_action("rebook"),
        verify=survey.pages + sum(creates.values()) // 100,
        billed=billed_requests(_to_be_marked(place, book).values(), moco.bulk_size),
    )
    per_window, window = moco.requests_per_window, moco.window_seconds
    needed = sum(requests.values())
    undo = undo_requests(sum(creates.values()))
    etas = [eta_seconds(each, per_window, window) for each in requests.values()]
    whole, back = (eta_seconds(each, per_window, window) for each in (needed, undo))
    return Cost(requests, whole, undo, back, phases(requests, etas))


def _to_be_marked(place: Workplace, book: PlanBook) -> Counter[str]:
    """Records by customer that `billed` may mark once the plan is carried out."""
    marked = marked_in(place.config)
    found: Counter[str] = Counter()
    for (billing, customer), records in book.totals.invoiced.items():
        if billing in marked:
            found[customer] += records
    return found


def _exit_code(totals: PlanTotals, detailed: bool) -> ExitCode:
    if not detailed:
        return ExitCode.DONE
    if not totals.is_noop:
        return ExitCode.DIFFERENCES
    waiting = (Word.HELD, Word.CONFLICTS, Word.QUARANTINED, Word.REJECTED)
    return ExitCode.NEEDS_A_PERSON if any(totals.by_word[word].records for word in waiting) else ExitCode.DONE


def _document(
    run_id: int,
    plan_id: int,
    book: PlanBook,
    ledger: Ledger,
    cost: Cost,
    gates: Sequence[GateTripped],
    pilot: bool,
    sent: dict[str, int],
    code: ExitCode,
) -> dict[str, object]:
    totals, places = book.totals, to_be_made(book.needs.projects, book.decider)
    points = points_of_no_return(totals.by_action, totals.created_by_billing, marked_in(book.place.config))
    counts = {word.value: totals.by_word[word].records for word in Word}
    seconds = {word.value: totals.by_word[word].seconds for word in Word}
    actions = {name: {"records": t.records, "seconds": t.seconds} for name, t in sorted(totals.by_action.items())}
    return {
        "schema": "migrator.plan/1",
        "run": run_id,
        "plan": plan_id,
        "verdict": _verdict(totals),
        "is_noop": totals.is_noop,
        "counts": {"read": totals.records, **counts, **ledger.extras},
        "seconds": {"read": sum(seconds.values()), **seconds},
        "actions": actions,
        "by_project": _table(totals.by_project),
        "by_person": _table(totals.by_person),
        "by_year": _table({str(year): tally for year, tally in totals.by_year.items()}),
        "to_create": {
            **places.new,
            "tasks": len(book.needs.tasks),
            "contracts": len(book.needs.contracts),
        },
        "places": places.as_json(),
        "to_reopen": {"projects": len(book.shut.projects), "people": len(book.shut.people)},
        "requests": sent,
        "requests_needed": cost.requests,
        "phases": cost.phases,
        "eta_seconds": cost.seconds,
        "undo_requests": cost.undo_requests,
        "undo_seconds": cost.undo_seconds,
        "point_of_no_return": {each.value: tally.as_json() for each, tally in points.items()},
        "warnings": [*totals.warnings, *rate_warnings(book.needs, book.decider), *(gate.message for gate in gates)],
        "gates": [{"name": gate.name, "message": gate.message} for gate in gates],
        "pilot": pilot,
        "pending_payment": _table(totals.pending_payment),
        "blocked": book.blocked.as_json(),
        "samples": book.samples.as_json(),
        "digest": totals.digest,
        "exit_code": int(code),
    }


def _table(tallies: dict[str, Tally]) -> list[dict[str, object]]:
    """Records and seconds by name, most time first."""
    ordered = sorted(tallies.items(), key=lambda pair: (-pair[1].seconds, pair[0]))
    return [{"name": name, "records": tally.records, "seconds": tally.seconds} for name, tally in ordered]


def _verdict(totals: PlanTotals) -> str:
    """What carrying out the plan would do, in one sentence."""
    if totals.is_noop:
        return f"Nothing to do: all {totals.records:,} source records stay as they are."
    told = {
        "create": "to create",
        "adopt": "to adopt",
        "adopt_update": "to adopt and update",
        "update": "to update",
        "withdraw": "to withdraw",
        "rebook": "to move to another person",
        "keep": "unchanged",
        "skip": "skipped",
    }
    parts = [f"{totals.of_action(name):,} {words}" for name, words in told.items() if totals.of_action(name)]
    # A rejected record is held as an action, but the books know it by a word of its own.
    waiting = {
        Word.HELD: "held",
        Word.CONFLICTS: "in conflict",
        Word.QUARANTINED: "quarantined",
        Word.REJECTED: "rejected",
    }
    parts += [
        f"{totals.by_word[word].records:,} {words}" for word, words in waiting.items() if totals.by_word[word].records
    ]
    return f"{totals.records:,} source records: {', '.join(parts)}. Nothing was written."
