"""The two commands that a person types next when unattended work went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from migrator.core.alerts import Alarm
from migrator.errors import ExitCode


def next_steps(alarm: Alarm, gates: Sequence[str] = (), run_id: int | None = None) -> tuple[str, str]:
    """Two commands: to look, and to go on. `gates` are those that stopped the run, by name."""
    run = f"migrator runs show {run_id if run_id is not None else 'last'}"
    past = " ".join(["migrator sync", *(f"--allow-gate {gate}" for gate in gates)])
    match alarm:
        case Alarm.GATE if list(gates) == ["pilot_above"]:
            steps = "migrator plan --pilot", past
        case Alarm.GATE if list(gates) == ["max_source_loss"]:
            steps = "migrator read", past
        case Alarm.GATE if gates:
            steps = "migrator plan", past
        case Alarm.GATE | Alarm.NO_SUCCESS:
            steps = run, "migrator doctor"
        case Alarm.UNBALANCED:
            steps = run, "migrator verify --full"
        case Alarm.LOGIN:
            steps = "migrator doctor", "migrator config show"
        case Alarm.DIFFERENCES:
            steps = "migrator verify --full", "migrator inbox list --kind conflict"
        case Alarm.OUT_OF_REACH:
            steps = "migrator doctor", "migrator status"
        case other:
            assert_never(other)
    return steps


def alarm_of(code: int) -> Alarm:
    """What a failure with this exit code would be told as, if it is told."""
    known = {
        ExitCode.GATE: Alarm.GATE,
        ExitCode.UNBALANCED: Alarm.UNBALANCED,
        ExitCode.LOGIN: Alarm.LOGIN,
        ExitCode.TRY_AGAIN: Alarm.OUT_OF_REACH,
    }
    return next((alarm for exit_code, alarm in known.items() if exit_code == code), Alarm.NO_SUCCESS)
