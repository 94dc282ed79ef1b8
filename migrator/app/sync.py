"""`sync`: read, decide, gates, write, in one run, for timers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrator.app.answer import Answer
from migrator.app.books import Preview, WorkBook
from migrator.app.carrying import Carrier
from migrator.app.deciding import decide_all, load_decider
from migrator.app.finishing import carry_out, finish
from migrator.app.limits import Limits
from migrator.app.pilot import refuse_without_pilot
from migrator.app.plan import make_plan
from migrator.app.provision.provisioning import provide_places
from migrator.app.reading.command import read_source
from migrator.app.reading.live import Reach
from migrator.app.recover import recover
from migrator.app.runs import started
from migrator.app.selecting import SelectionWords
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace, connect_writer, leased, open_window
from migrator.core.gates import Gates, check_gates
from migrator.core.plan import PlanTotals
from migrator.errors import ExitCode, RefusedByGate, severest
from migrator.store import links
from migrator.store.engine import reading
from migrator.store.merge import Selection


@dataclass(frozen=True, slots=True)
class SyncWords:
    """The options of `sync` as typed."""

    dry_run: bool = False
    detailed_exitcode: bool = False
    allow_gates: Sequence[str] = ()
    held_as: str = "sync"
    """What others are told works meanwhile."""


def sync(place: Workplace, words: SyncWords) -> Answer:
    """Read the source and bring MOCO up to date; a dry run is a plan."""
    if words.dry_run:
        read_source(place, (), Reach.DUE)
        return make_plan(place, SelectionWords(), detailed_exitcode=words.detailed_exitcode, command="sync")
    with leased(place, words.held_as) as epoch:
        allowed = "max_source_loss" in words.allow_gates
        known = read_source(place, (), Reach.DUE_AFTER_LOSS if allowed else Reach.DUE)
        with started(place, "sync") as run_id:
            _pass_source_loss(known, words.allow_gates)
            window = open_window(place)
            writer = connect_writer(place, window)
            carrier = Carrier(place, writer, window, run_id, epoch)
            recover(carrier)
            survey = Survey(place, writer, run_id)
            decider = load_decider(place, survey.refresh_masters())
            carrier.deactivated = decider.deactivated
            survey.scan()
            survey.check_people(decider.people())
            selection = Selection()
            if decider.blueprints.projects:
                # What is to be created first must pass the gates, too, and before it is created.
                preview = Preview(decider)
                decide_all(place, decider, survey, run_id, selection, preview)
                _pass_gates(place, preview.totals, words.allow_gates)
                decider = provide_places(carrier, decider, selection)
            book = WorkBook(place, decider, run_id)
            decide_all(place, decider, survey, run_id, selection, book)
            _pass_gates(place, book.totals, words.allow_gates)
            limits = Limits(place.clock)
            stop = carry_out(carrier, book, selection, limits)
            # What could not be read, or is missing without proof, waits nowhere else.
            answer = finish(carrier, book, selection, limits, stop, "sync", read=_unread(known)).answer
            answer = replace(answer, document={**answer.document, **survey.as_json()})
            return _with_problems(answer, known)


def _unread(known: Answer) -> ExitCode:
    """How the reading ended, but for the records that cannot be used: those wait in the inbox."""
    told = known.document
    open_matter = told["problems"] or told.get("needs_a_person")
    return severest(
        ExitCode.NEEDS_A_PERSON if open_matter else ExitCode.DONE,
        ExitCode.TRY_AGAIN if told.get("out_of_reach") else ExitCode.DONE,
    )


def _with_problems(answer: Answer, known: Answer) -> Answer:
    """The answer of a sync, with the documents that its reading could not use as a whole."""
    problems = known.document["problems"]
    if not isinstance(problems, list) or not problems:
        return answer
    lines = [answer.text, "Not wholly readable; the rest was read:", *(f"  {problem}" for problem in problems)]
    return replace(answer, text="\n".join(lines), document={**answer.document, "problems": problems})


def _pass_source_loss(known: Answer, allowed: Sequence[str]) -> None:
    """Stop for a person when ActiveCollab suddenly shows far fewer records than before."""
    message = known.document.get("source_loss")
    if message and "max_source_loss" not in allowed:
        raise RefusedByGate(
            str(message),
            hint="look with `migrator read`: does the token's owner still see every project? When it is right: "
            "migrator sync --allow-gate max_source_loss",
            gates=("max_source_loss",),
        )


def _pass_gates(place: Workplace, totals: PlanTotals, allowed: Sequence[str]) -> None:
    """Stop for a person when the run would change or withdraw suspiciously much."""
    with reading(place.engine) as session:
        linked = links.count_links(session)
    gates = place.config.gates
    tripped = check_gates(
        links=linked,
        updates=sum(totals.of_action(name) for name in ("update", "adopt_update", "rebook")),
        withdrawals=totals.of_action("withdraw"),
        gates=Gates(max_change=gates.max_change, max_delete=gates.max_delete),
    )
    closed = [each for each in tripped if each.name not in allowed]
    if closed:
        raise RefusedByGate(
            "; ".join(each.message for each in closed),
            hint="look with `migrator plan`; when it is right: "
            + " ".join(["migrator sync", *(f"--allow-gate {each.name}" for each in closed)]),
            gates=tuple(each.name for each in closed),
        )
    refuse_without_pilot(place, totals.of_action("create"), allowed, "migrator sync")
