"""`rehearse`: the weekend with the real data against a sandbox, and the run sheet that comes of it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from migrator.app.answer import Answer
from migrator.app.configuration.model import Config
from migrator.app.progress import LoggedProgress
from migrator.app.rehearsal.acts import Stage, play
from migrator.app.rehearsal.furnishing import KEY, furnish
from migrator.app.rehearsal.sheet import Held, document_of, sheet_text
from migrator.app.rehearsal.virtual import VirtualTime, VirtualWindow
from migrator.app.secret import Secret
from migrator.app.undo.command import estimate, preview
from migrator.app.wiring import StandIn, Workplace
from migrator.core.mapping import TargetMasters
from migrator.core.run_sheet import next_friday, timed
from migrator.errors import ExitCode, RefusedByGate, UsageError, severest
from migrator.sandbox.in_process import WsgiAdapter
from migrator.store import intents, plans, target, totals
from migrator.store.engine import reading
from migrator.store.twin import make_twin

ANSWER_TIME = timedelta(seconds=0.3)
"""How long MOCO is taken to need for an answer, unless told."""

_UNUSABLE = "cannot be used as ActiveCollab has it: correct it there, then read again"


@dataclass(frozen=True, slots=True)
class RehearsalWords:
    """The options of `rehearse` as typed; `start` is a local time in `schedule.timezone`."""

    start: datetime | None = None
    answer_time: timedelta = ANSWER_TIME


def rehearse(place: Workplace, words: RehearsalWords) -> Answer:
    """Play the weekend in a temporary folder, in virtual time; sends nothing, and leaves the database as it is.

    Raises `UsageError` when a side was never read, `RefusedByGate` while a run is unfinished.
    """
    masters = _require_sides(place)
    zone = ZoneInfo(place.config.schedule.timezone)
    start = words.start.replace(tzinfo=zone) if words.start else next_friday(place.clock.now(), zone)
    with _staged(place, masters, words.answer_time, start) as stage:
        with place.progress.phase("rehearsing"):
            plan = play(stage)
        held = _held(stage, plan)
        undone = [preview(stage.place, estimate(stage.place, run)).document for run in stage.written]
    steps = timed(stage.steps, start)
    code = severest(
        *(ExitCode(step.exit_code) for step in stage.steps), stage.stopped.exit_code if stage.stopped else ExitCode.DONE
    )
    document = document_of(steps, held, undone, words.answer_time, code, stage.stopped)
    return Answer(sheet_text(document, steps), document, code, failure=stage.stopped)


def _require_sides(place: Workplace) -> TargetMasters:
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
        masters = target.load_target_masters(session)
        unfinished = intents.list_open(session)
    if not staged.records:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    if not masters.users or not masters.projects:
        raise UsageError("MOCO was never listed, so nothing can stand in for it", hint="run `migrator plan` first")
    if unfinished:
        many = "a write" if len(unfinished) == 1 else f"{len(unfinished):,} writes"
        raise RefusedByGate(
            f"run {unfinished[0].run_id} left {many} whose end is not known yet",
            hint="`migrator status` tells how to finish it; then rehearse",
        )
    return masters


@contextmanager
def _staged(place: Workplace, masters: TargetMasters, answer_time: timedelta, start: datetime) -> Iterator[Stage]:
    """The twin of the database in a private folder that goes away, and a sandbox as the snapshot knows MOCO."""
    # 0700, as mkdtemp makes it: a copy of everything is in it for a while.
    folder = Path(tempfile.mkdtemp(prefix="migrator-rehearsal-"))
    try:
        began = time.monotonic()
        with place.progress.phase("copying the database"):
            twin = make_twin(place.engine, folder / "twin.db")
        copied = time.monotonic() - began
        try:
            inside, virtual, window = _inside(place, twin, masters, answer_time)
            yield Stage(inside, virtual, window, copied, f"{start:%Y-%m-%d %H:%M}", place.progress.note)
        finally:
            twin.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _inside(
    place: Workplace, twin: Engine, masters: TargetMasters, answer_time: timedelta
) -> tuple[Workplace, VirtualTime, VirtualWindow]:
    virtual, moco = VirtualTime(), place.config.moco
    clock = virtual.clock()
    with place.progress.phase("furnishing a MOCO"):
        sandbox = furnish(masters, twin, clock.now)
    window = VirtualWindow(
        virtual, moco.requests_per_window, moco.window_seconds, moco.concurrency, answer_time.total_seconds()
    )
    stand_in = StandIn(WsgiAdapter(sandbox.wsgi), window)
    # What the inner commands tell is the rehearsal's own affair.
    inside = Workplace(_harmless(place.config), twin, LoggedProgress(silent=True), clock, stand_in)
    return inside, virtual, window


def _harmless(config: Config) -> Config:
    """The real settings, but for whatever could reach somebody."""
    moco = config.moco.model_copy(update={"api_key": Secret(KEY)})
    source = config.activecollab.model_copy(update={"url": "", "token": Secret()})
    network = config.network.model_copy(update={"proxy": "", "ca_file": ""})
    return config.model_copy(update={"moco": moco, "activecollab": source, "network": network})


def _held(stage: Stage, plan: dict[str, Any]) -> tuple[Held, ...]:
    """What will wait for a person, by reason, the most time first."""
    if not plan:
        return ()
    with reading(stage.place.engine) as session:
        found = plans.sum_waiting(session, int(plan["plan"]))
    rejected = Held("reject", "", _UNUSABLE, plan["counts"]["rejected"], plan["seconds"]["rejected"])
    return (*(Held(*each) for each in found), *([rejected] if rejected.records else []))
