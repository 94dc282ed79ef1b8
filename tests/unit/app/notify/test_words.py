"""Letters as people read them: numbers, what was not done, two commands that exist, and nothing that must not leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from migrator.app.notify.words import commands, letter_of
from migrator.app.secret import Secret
from migrator.core.alerts import Alarm, Alert, Digest, Over, Row, Trouble, Waiting
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode
from tests.unit.test_documents import _wrong_with

BERLIN = ZoneInfo("Europe/Berlin")
ENDED = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
ROW = Row(3, ENDED - timedelta(minutes=30), ENDED - timedelta(hours=1))


def outcome(code: ExitCode, kind: Kind = Kind.SYNC, verdict: str = "", **more: object) -> Outcome:
    return Outcome(kind, code, ENDED - timedelta(minutes=2), ENDED, run_id=17, verdict=verdict, **more)  # type: ignore[arg-type]


def test_an_alert_says_what_happened_what_was_not_done_and_what_to_type() -> None:
    stopped = outcome(
        ExitCode.GATE,
        verdict="this would delete 120 of 3,000 linked records (4.0 %); allowed are 1 %",
        gates=("max_delete",),
        counts={"read": 3_124, "unchanged": 3_000, "pending": 124, "held": 0},
        seconds={"unchanged": 36_000_000, "pending": 446_400},
    )
    alert = Alert((Trouble(Alarm.GATE, Kind.SYNC, "max_delete"),), stopped, ROW)
    subject, text = letter_of(alert, "main → solar", BERLIN)
    assert subject == "[migrator main → solar] Stopped by the safety gate max_delete: a person must act"
    assert text == (
        "The sync (run 17) ended at 2026-11-26 09:30 CET with exit code 7.\n"
        "It said: this would delete 120 of 3,000 linked records (4.0 %); allowed are 1 %\n"
        "Records: 3,000 unchanged (10000.00 h), 124 pending (124.00 h).\n"
        "\n"
        "Not done: 124 records (124.00 h) were not reached, and what people book and change in ActiveCollab "
        "does not arrive in MOCO since the last success at 2026-11-26 08:30 CET.\n"
        "\n"
        "Next:\n"
        "  migrator plan\n"
        "  migrator sync --allow-gate max_delete\n"
        "\n"
        "You are told of this once, and once more when it works again.\n"
    )


ALERTS = [
    *(Alert((Trouble(alarm, kind),), outcome(ExitCode.ERROR, kind), ROW) for alarm in Alarm for kind in Kind),
    *(
        Alert((Trouble(Alarm.GATE, Kind.SYNC, gates[0]),), outcome(ExitCode.GATE, gates=gates), ROW)
        for gates in (("max_delete",), ("max_change", "max_delete"), ("pilot_above",), ("max_source_loss",))
    ),
]  # fmt: skip


@pytest.mark.parametrize("alert", ALERTS)
def test_both_commands_exist_and_pass_every_gate_that_stopped_it(alert: Alert) -> None:
    assert [_wrong_with(command) for command in commands(alert)] == ["", ""]
    _, text = letter_of(alert, "main → solar", BERLIN)
    for gate in alert.outcome.gates:
        assert f"--allow-gate {gate}" in text


def test_nothing_private_nor_secret_nor_endless_leaves() -> None:
    Secret("canary-4711-key")
    verdict = "canary-4711-key of ada@example.com <Ada.L@x.de>\n\x1b[31mred\u202e " + "x" * 5_000
    alert = Alert((Trouble(Alarm.LOGIN, Kind.SYNC),), outcome(ExitCode.LOGIN, verdict=verdict), ROW)
    subject, text = letter_of(alert, "main → solar", BERLIN)
    assert "canary" not in text
    assert "@" not in subject + text
    assert not {"\x1b", "\u202e"} & set(text)
    assert "*** of (address) <(address)> [31mred" in text
    assert len(text) < 1_200


def test_the_end_of_trouble_names_what_is_over() -> None:
    over = Over(
        (Trouble(Alarm.GATE, Kind.SYNC, "max_delete"), Trouble(Alarm.NO_SUCCESS, Kind.SYNC)),
        ENDED - timedelta(hours=5),
        outcome(ExitCode.NEEDS_A_PERSON, verdict="All 3 source records are accounted for"),
    )
    subject, text = letter_of(over, "main → solar", BERLIN)
    assert subject.endswith("The sync works again")
    assert "Over: the safety gate max_delete, the failures in a row; you were told at 2026-11-26 04:30 CET." in text


def test_a_digest_counts_by_kind_with_hours_and_change() -> None:
    waiting = {"rejected": Waiting(2, 0), "held": Waiting(1_234, 4_500_000)}
    subject, text = letter_of(
        Digest(date(2026, 11, 26), waiting, {"held": 1_200, "conflict": 4}), "main → solar", BERLIN
    )
    assert subject.endswith("1,236 records wait for a person")
    rows = [line.split() for line in text.splitlines()[:2]]
    assert rows == [
        ["held", "1,234", "1250.00", "h", "+34", "since", "the", "last", "digest"],
        ["rejected", "2", "0.00", "h", "+2", "since", "the", "last", "digest"],
    ]
    assert [_wrong_with(line.strip()) for line in text.splitlines() if "migrator " in line] == ["", ""]
    _, first = letter_of(Digest(date(2026, 11, 26), waiting, {}), "main → solar", BERLIN)
    assert "since the last" not in first
