"""Which run a report is about, and which records: those that its plan selected, or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from migrator.errors import UsageError
from migrator.store import plans, runs
from migrator.store.merge import Selection
from migrator.store.runs import SavedRun

REPORTED = ("apply", "sync", "verify")
"""The kinds of runs that say something about both sides."""

_EARLIER = ("plan", "read")
"""What stands in while none of them has run."""

RunName = int | Literal["last"] | None


@dataclass(frozen=True, slots=True)
class About:
    """A run, and the records that a report on it covers; `plan` selected them where they are not all."""

    run: SavedRun
    selection: Selection
    plan: int | None


def about(session: Session, name: RunName) -> About:
    """The run that is meant; without a name the newest one, and all records.

    Raises `UsageError` for a run that no report can be about, and when nothing has run.
    """
    if name is None:
        return About(_newest(session, REPORTED) or _first(session), Selection(), None)
    run = _newest(session, REPORTED) if name == "last" else runs.load_run(session, name)
    if run is None:
        raise UsageError(
            "no apply, sync or verify has run yet", hint="leave RUN out to report where things stand without one"
        )
    if run.kind not in {*REPORTED, "plan"}:
        raise UsageError(
            f"run {run.id} is of kind {run.kind}, and a report is about an apply, sync, verify or plan",
            hint="`migrator runs list` shows the runs; without RUN everything is reported",
        )
    plan = plans.plan_of(session, run.id) if run.kind == "plan" else run.plan_id
    if plan is None:
        return About(run, Selection(), None)
    selection = _selection(session, plan)
    return About(run, selection, None if selection.is_whole else plan)


def of_plan(session: Session, plan: int | None) -> About:
    """The same, for the records that a plan selected, and whichever run is the newest; None for all records.

    Raises `UsageError` for a plan that this database does not have.
    """
    run = _newest(session, REPORTED) or _first(session)
    return About(run, Selection(), None) if plan is None else About(run, _selection(session, plan), plan)


def _first(session: Session) -> SavedRun:
    run = _newest(session, _EARLIER)
    if run is None:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    return run


def _newest(session: Session, kinds: tuple[str, ...]) -> SavedRun | None:
    found = [run for kind in kinds for run in runs.list_runs(session, 1, kind)]
    return max(found, key=lambda run: run.id, default=None)


def _selection(session: Session, plan: int) -> Selection:
    return Selection.from_json(plans.load_plan(session, plan).selection)
