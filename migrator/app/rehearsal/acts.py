"""The acts of a rehearsal: the commands of the weekend, carried out one after the other in virtual time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from migrator.app.answer import Answer
from migrator.app.apply import ApplyWords, apply_plan
from migrator.app.billed.command import BilledWords, mark_billed, question
from migrator.app.deciding import marked_in
from migrator.app.pilot import missing_pilot
from migrator.app.plan import make_plan
from migrator.app.presences.command import PresenceWords, derive_presences
from migrator.app.rehearsal.virtual import VirtualTime, VirtualWindow
from migrator.app.selecting import SelectionWords
from migrator.app.undo.findings import created_pages, fate_of
from migrator.app.verify import VerifyWords, verify
from migrator.app.wiring import Workplace
from migrator.core.finality import Finality
from migrator.core.run_sheet import Step, WayBack
from migrator.core.undo import Fate
from migrator.errors import MigratorError
from migrator.store import links, runs, totals
from migrator.store.engine import reading
from migrator.store.runs import SavedRun

_READ_TO_THE_END = (0, 3)

FREEZE_CHECK_SECONDS = 1
REPORT_SECONDS = 60
"""For 200,000 records; it is made from the database alone."""


@dataclass(slots=True)
class Stage:
    """Where it is played: a twin of the database, a sandbox as MOCO, and virtual time; `steps` are those done."""

    place: Workplace
    time: VirtualTime
    window: VirtualWindow
    copied_seconds: float
    freeze: str
    """When the weekend begins, as `freeze-check` takes it."""
    note: Callable[[str], None]
    """Hears what is played now: with many records it takes minutes."""
    steps: list[Step] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    """The runs that created something."""
    final: int = 0
    """Records that no undo reaches any more."""
    way_back: WayBack = field(default_factory=WayBack)
    stopped: MigratorError | None = None

    def enter(self, command: str, does: str, seconds: float, requests: int, answer: Answer | None = None) -> None:
        """Add a step that is done."""
        verdict = str(answer.document.get("verdict", "")) if answer else ""
        code = int(answer.exit_code) if answer else 0
        self.steps.append(Step(command, does, seconds, requests, self.way_back, code, verdict))

    def look_back(self) -> None:
        """See what turning back would take now, from the memory of every run that wrote."""
        fates = Counter(
            fate_of(record, run) for run in self.written for page in created_pages(self.place, run) for record in page
        )
        moco, final = self.place.config.moco, self.final + fates[Fate.STAYS]
        self.way_back = WayBack.of(fates[Fate.PENDING], final, moco.requests_per_window, moco.window_seconds)


def play(stage: Stage) -> dict[str, Any]:
    """Carry out every act, until one cannot be; gives the document of the whole plan (JSON), empty without one."""
    plan: dict[str, Any] = {}
    try:
        _before(stage)
        if _needs_pilot(stage.place):
            _pilot(stage)
        plan = _act(stage, "migrator plan", "decides every record; look at it before the next step", _plan).document
        _apply(stage, "--pause-hooks --approved-by NAME", "writes everything", plan)
        _act(stage, "migrator verify --full", "proves both sides equal, record by record", _verify)
        if stage.place.config.presences.enabled:
            does = "writes working times where a day has none; fewer, where MOCO has some that were not listed"
            _act(stage, "migrator presences", does, _presences)
        stage.enter(
            "migrator report -o report", "what the controller signs, before anything is final", REPORT_SECONDS, 0
        )
        if marked_in(stage.place.config) and question(stage.place):
            does = "marks what ActiveCollab had invoiced; MOCO has no way back"
            _act(stage, "migrator billed", does, _mark, writes=True)
    except MigratorError as error:
        stage.stopped = error
    else:
        _reading(stage, "what was booked in ActiveCollab meanwhile, before people come back")
        does = "tells whether somebody did"
        stage.enter(f'migrator freeze-check --since "{stage.freeze}"', does, FREEZE_CHECK_SECONDS, 0)
    return plan


def _before(stage: Stage) -> None:
    """What talks to nobody here: the backup took as long as the twin, and reading takes as long as the last time."""
    ending = "db" if stage.place.config.database.url.startswith("sqlite") else "dump"
    stage.enter(f"migrator db backup before-migration.{ending}", "keeps the memory as it was", stage.copied_seconds, 0)
    _reading(stage, "what was booked until the freeze")


def _reading(stage: Stage, does: str) -> None:
    last = _last_reading(stage.place)
    if last is None or last.ended_at is None:
        stage.enter("migrator read", f"{does}; no earlier reading tells how long", 0, 0)
        return
    took = (last.ended_at - last.started_at).total_seconds()
    stage.enter("migrator read", f"{does}; as run {last.id} took", took, sum(json.loads(last.requests).values()))


def _last_reading(place: Workplace) -> SavedRun | None:
    """The newest `read` that came to its end: it listed everything, as the last one of the weekend will."""
    with reading(place.engine) as session:
        found = runs.list_runs(session, limit=20, kind="read")
    return next((run for run in found if run.exit_code in _READ_TO_THE_END), None)


def _needs_pilot(place: Workplace) -> bool:
    """Whether the gate stands in the way; only a plan tells how many records would be created."""
    with reading(place.engine) as session:
        unwritten = totals.source_totals(session).records - links.count_links(session)
    return bool(missing_pilot(place, unwritten)) and bool(missing_pilot(place, _creates(_plan(place).document)))


def _creates(plan: dict[str, Any]) -> int:
    return int(plan["actions"].get("create", {"records": 0})["records"])


def _pilot(stage: Stage) -> None:
    """A few records first; a person looks at them in MOCO before the rest follows."""
    plan = _act(stage, "migrator plan --pilot", "chooses a few records that stand for all", _plan_pilot).document
    _apply(stage, "--approved-by NAME", "writes the pilot", plan)
    words = VerifyWords(plan=int(str(plan["plan"])))
    does = "proves the pilot; look at some of its records in MOCO, too"
    _act(stage, "migrator verify --plan last", does, lambda place: verify(place, words))


def _apply(stage: Stage, options: str, does: str, plan: dict[str, Any]) -> None:
    words = ApplyWords(int(plan["plan"]), pause_hooks="--pause-hooks" in options)

    def write(place: Workplace) -> Answer:
        answer = apply_plan(place, words)
        stage.written.append(int(str(answer.document["run"])))
        stage.final += plan["point_of_no_return"][Finality.FINAL.value]["records"]
        return answer

    _act(stage, f"migrator apply last {options}", does, write, writes=True)


def _plan(place: Workplace) -> Answer:
    return make_plan(place, SelectionWords(), detailed_exitcode=False)


def _plan_pilot(place: Workplace) -> Answer:
    return make_plan(place, SelectionWords(pilot=True), detailed_exitcode=False)


def _verify(place: Workplace) -> Answer:
    return verify(place, VerifyWords(full=True))


def _mark(place: Workplace) -> Answer:
    return mark_billed(place, BilledWords())


def _presences(place: Workplace) -> Answer:
    return derive_presences(place, PresenceWords())


def _act(
    stage: Stage, command: str, does: str, carry_out: Callable[[Workplace], Answer], *, writes: bool = False
) -> Answer:
    """Carry one command out and enter it; raises what stopped it."""
    stage.note(f"rehearsing {command}")
    began, sent = stage.time.now(), stage.window.taken
    answer = carry_out(stage.place)
    took, sent = stage.time.now() - began, stage.window.taken - sent
    if writes:
        # No part of the step, so not in its time.
        stage.look_back()
    stage.enter(command, does, took, sent, answer)
    if answer.failure is not None:
        raise answer.failure
    return answer
