"""`apply`: carries out a saved plan, once; an interrupted one resumes under the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from migrator import __version__
from migrator.app.answer import Answer
from migrator.app.books import WorkBook
from migrator.app.carrying import Carrier
from migrator.app.config import policy_digest
from migrator.app.deciding import decide_all, load_decider
from migrator.app.finishing import carry_out, finish
from migrator.app.hooks.switching import HookReport, paused_meanwhile
from migrator.app.limits import Limits
from migrator.app.operator import operator
from migrator.app.pilot import refuse_without_pilot
from migrator.app.provision.provisioning import provide_places
from migrator.app.recover import recover
from migrator.app.runs import remembered
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace, connect_writer, leased, open_window
from migrator.core.model import SourceId
from migrator.errors import ExitCode, RefusedByGate, severest
from migrator.store import intents, mapping, plans, runs, totals, work
from migrator.store.engine import reading, writing
from migrator.store.merge import Selection
from migrator.store.plans import PlannedAction, PlanStatus, SavedPlan


@dataclass(frozen=True, slots=True)
class ApplyWords:
    """The options of `apply` as typed."""

    plan: int | Literal["last"]
    limit: int | None = None
    max_duration_seconds: float | None = None
    approved_by: str = ""
    allow_gates: Sequence[str] = ()
    pause_hooks: bool = False


def apply_plan(place: Workplace, words: ApplyWords) -> Answer:
    """Carry out a plan. Raises `RefusedByGate` for a stale plan or one that was carried out already."""
    with reading(place.engine) as session:
        plan = plans.load_plan(session, words.plan)
    _refuse_unfinished(plan)
    _refuse_used(plan)
    _refuse_stale(place, plan)
    _refuse_undone(place, plan)
    if plan.apply_run is None and not Selection.from_json(plan.selection).pilot:  # an interrupted one has passed
        creates = json.loads(plan.totals)["actions"].get("create", {"records": 0})["records"]
        refuse_without_pilot(place, creates, words.allow_gates, f"migrator apply {plan.id}")
    limits = Limits(place.clock, words.limit, _until(place, words.max_duration_seconds))
    with leased(place, f"apply {plan.id}") as epoch:
        window = open_window(place)
        writer = connect_writer(place, window)
        run_id = _begin(place, plan, words.approved_by)
        with remembered(place, run_id):
            carrier = Carrier(place, writer, window, run_id, epoch)
            recover(carrier)
            # A killed undo is finished only by the recovery.
            _refuse_undone(place, plan)
            if plan.apply_run is not None:
                # Only now: what the recovery settled has got its word in this run, and keeps it.
                with writing(place.engine) as session:
                    work.drop_unfinished(session, run_id)
            book = _decide_again(place, plan, carrier)
            selection = Selection.from_json(plan.selection)
            with paused_meanwhile(carrier, wanted=words.pause_hooks) as hooks:
                stop = carry_out(carrier, book, selection, limits)
            outcome = finish(carrier, book, selection, limits, stop, "apply")
            if outcome.complete:
                with writing(place.engine) as session:
                    plans.set_status(session, plan.id, PlanStatus.APPLIED, apply_run=run_id)
            return _with_hooks(outcome.answer, hooks) if words.pause_hooks else outcome.answer


def _with_hooks(answer: Answer, hooks: HookReport) -> Answer:
    """The answer of a run that paused web hooks; one that could not be resumed is an error."""
    code = severest(answer.exit_code, ExitCode.ERROR if hooks.left else ExitCode.DONE)
    document = {**answer.document, "web_hooks": hooks.as_json(), "exit_code": int(code)}
    return replace(answer, text="\n".join([answer.text, *hooks.sentences]), document=document, exit_code=code)


def _until(place: Workplace, seconds: float | None) -> float | None:
    return None if seconds is None else place.clock.wall() + seconds


def _refuse_unfinished(plan: SavedPlan) -> None:
    if plan.totals == "{}":
        raise RefusedByGate(
            f"plan {plan.id} was interrupted while it was made, so it does not cover everything",
            hint="make a new plan with `migrator plan`",
        )


def _refuse_used(plan: SavedPlan) -> None:
    if plan.status is PlanStatus.APPLIED:
        raise RefusedByGate(
            f"plan {plan.id} was carried out already, by run {plan.apply_run}",
            hint="make a new plan with `migrator plan`",
        )


def _refuse_stale(place: Workplace, plan: SavedPlan) -> None:
    """A plan is stale when what it was made from is no longer what is there."""
    with reading(place.engine) as session:
        mapped = mapping.load_mapping(session).version
        now = (totals.source_version(session), mapped, policy_digest(place.config))
    then = (plan.source_version, plan.mapping_version, plan.policy_digest)
    names = ("what was read from ActiveCollab", "the mapping", "the policy in the configuration")
    changed = [name for name, before, after in zip(names, then, now, strict=True) if before != after]
    if changed:
        raise RefusedByGate(
            f"plan {plan.id} is stale: {' and '.join(changed)} changed since it was made",
            hint="make a new plan with `migrator plan`, look at it, then apply that one",
        )


def _refuse_undone(place: Workplace, plan: SavedPlan) -> None:
    """What was taken back is not in MOCO any more, though its run created it: such a run is not resumed."""
    if plan.apply_run is None:
        return
    with reading(place.engine) as session:
        undone_by = intents.count_done(session, "undo", str(plan.apply_run))
    if undone_by:
        raise RefusedByGate(
            f"plan {plan.id} was begun by run {plan.apply_run}, which was undone by run {max(undone_by)}",
            hint="make a new plan with `migrator plan`; what was undone is held there until "
            f"`migrator undo {plan.apply_run} --release`",
        )


def _begin(place: Workplace, plan: SavedPlan, approved_by: str) -> int:
    """The run of this plan: a new one, or the interrupted one again."""
    with writing(place.engine) as session:
        if plan.apply_run is not None:
            place.progress.note(f"resuming run {plan.apply_run}, which was interrupted")
            runs.resume_run(session, plan.apply_run)
            return plan.apply_run
        run_id = runs.start_run(
            session,
            "apply",
            place.clock.now(),
            plan_id=plan.id,
            approved_by=approved_by,
            made_by=operator(),
            program=__version__,
        )
        plans.set_status(session, plan.id, PlanStatus.APPLYING, apply_run=run_id)
        return run_id


def _decide_again(place: Workplace, plan: SavedPlan, carrier: Carrier) -> WorkBook:
    """Decide anew what the plan selected: what somebody changed in MOCO meanwhile is left out and listed."""
    survey = Survey(place, carrier.writer, carrier.run_id)
    decider = load_decider(place, survey.refresh_masters())
    carrier.deactivated = decider.deactivated
    survey.scan()
    survey.check_people(decider.people())

    def planned(source_ids: Sequence[SourceId]) -> dict[SourceId, PlannedAction]:
        with reading(place.engine) as session:
            return plans.actions_of(session, plan.id, source_ids)

    selection = Selection.from_json(plan.selection)
    decider = provide_places(carrier, decider, selection)
    book = WorkBook(place, decider, carrier.run_id, planned)
    decide_all(place, decider, survey, carrier.run_id, selection, book)
    return book
