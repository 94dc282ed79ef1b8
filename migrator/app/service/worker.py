"""Does one piece of scheduled work: the same function as the command, with its outcome written down and told."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, assert_never

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from migrator.app import log
from migrator.app.answer import Answer
from migrator.app.service.listeners import Listeners
from migrator.app.service.shift import COMMAND
from migrator.app.sync import SyncWords, sync
from migrator.app.verify import VerifyWords, verify
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode, MigratorError, RefusedByGate
from migrator.store import outcomes, runs
from migrator.store.engine import reading, writing

_RUN_OF: Final = {Kind.SYNC: "sync", Kind.AUDIT: "verify", Kind.DIGEST: "digest"}
"""The kind of run that each leaves."""

_LATER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Until `_completed` knows."""


class Worker:
    """One piece of work at a time, in the thread that calls."""

    def __init__(self, place: Workplace, listeners: Listeners | None = None) -> None:
        self._place = place
        self._listeners = listeners or Listeners()

    def do(self, kind: Kind) -> Outcome:
        """Do it, whatever comes of it: only an interrupt gets out, and a database that is gone before it begins.

        LOCKED is not kept: another run was quicker to begin, and the schedule tries again.
        """
        began = self._place.clock.now()
        with writing(self._place.engine) as session:
            before = runs.last_run_id(session, _RUN_OF[kind]) or 0
            number = outcomes.begin_outcome(session, kind.value, began)
            asked = kind is Kind.SYNC and outcomes.answer(session)
        with log.bound(job=kind.value):
            self._listeners.began(kind, began)
            try:
                found = self._carried_out(kind)
            except KeyboardInterrupt:
                self._end(number, self._completed(_failed(kind, ExitCode.INTERRUPTED, "interrupted"), before, began))
                raise
            outcome = self._completed(found, before, began)
            self._end(number, outcome, asked=asked)
            _tell(outcome)
            self._listeners.ended(outcome)
        return outcome

    def _carried_out(self, kind: Kind) -> Outcome:
        """The outcome without its times."""
        try:
            return _answered(kind, self._answer(kind))
        except MigratorError as error:
            gates = error.gates if isinstance(error, RefusedByGate) else ()
            return replace(_failed(kind, error.exit_code, error.message), hint=error.hint, gates=gates)
        except (OperationalError, InterfaceError) as error:
            # Others of their family, such as a broken constraint, are defects.
            log.failed(log.WORK_FAILED, error)
            return _failed(kind, ExitCode.TRY_AGAIN, "the database does not answer")
        except Exception as error:
            # A defect of ours must not end the service: it is told, and the next time may go well.
            log.failed(log.WORK_FAILED, error)
            return _failed(kind, ExitCode.ERROR, f"unexpected {type(error).__name__}")

    def _answer(self, kind: Kind) -> Answer:
        match kind:
            case Kind.SYNC:
                return sync(self._place, SyncWords(held_as=COMMAND))
            case Kind.AUDIT:
                return verify(self._place, VerifyWords())
            case Kind.DIGEST:
                return Answer("", {"verdict": ""})
            case _:
                assert_never(kind)

    def _completed(self, outcome: Outcome, before: int, began: datetime) -> Outcome:
        """The outcome with its times and the run it belongs to."""
        ended = max(began, self._place.clock.now())
        run_id = None
        with suppress(MigratorError, DBAPIError), reading(self._place.engine) as session:
            newest = runs.last_run_id(session, _RUN_OF[outcome.kind])
            run_id = newest if newest is not None and newest > before else None
        return replace(outcome, started_at=began, ended_at=ended, run_id=outcome.run_id or run_id)

    def _end(self, number: int, outcome: Outcome, *, asked: bool = False) -> None:
        """Write it down; with the database gone the listeners alone hear of it."""
        try:
            with writing(self._place.engine) as session:
                if outcome.code is ExitCode.LOCKED and outcome.run_id is None:
                    outcomes.drop_outcome(session, number)
                    if asked:
                        outcomes.ask(session, self._place.clock.now())
                    return
                outcomes.end_outcome(
                    session,
                    number,
                    outcome.ended_at,
                    exit_code=int(outcome.code),
                    run_id=outcome.run_id,
                    gates=outcome.gates,
                    verdict=outcome.verdict,
                )
        except (MigratorError, DBAPIError) as error:
            log.warn(log.OUTCOME_LOST, error=type(error).__name__)


def _tell(outcome: Outcome) -> None:
    facts = {"exit_code": int(outcome.code), "seconds": round(outcome.took.total_seconds(), 3)}
    with log.bound(run=outcome.run_id):
        if outcome.good:
            log.tell(log.WORK_ENDED, **facts)
        else:
            log.warn(log.WORK_ENDED, **facts, why=outcome.verdict, next=outcome.hint)


def _answered(kind: Kind, answer: Answer) -> Outcome:
    document, stop = answer.document, answer.failure
    verdict = stop.message if stop else str(document.get("verdict", ""))
    run_id = document.get("run")
    return Outcome(
        kind,
        answer.exit_code,
        _LATER,
        _LATER,
        run_id=run_id if isinstance(run_id, int) else None,
        verdict=verdict,
        hint=stop.hint if stop else "",
        gates=stop.gates if isinstance(stop, RefusedByGate) else (),
        counts=_numbers(document.get("counts")),
        seconds=_numbers(document.get("seconds")),
    )


def _failed(kind: Kind, code: ExitCode, message: str) -> Outcome:
    return Outcome(kind, code, _LATER, _LATER, verdict=message)


def _numbers(told: object) -> Mapping[str, int]:
    return {str(word): int(value) for word, value in told.items()} if isinstance(told, dict) else {}
