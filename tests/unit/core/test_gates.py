"""Gates stop what is large both in share and in number."""

from __future__ import annotations

from fractions import Fraction

import pytest

from migrator.core.gates import Gates, check_gates, check_pilot, check_source_loss

GATES = Gates()


@pytest.mark.parametrize(
    ("links", "updates", "withdrawals", "tripped"),
    [
        (0, 0, 0, ()),
        (10, 10, 10, ()),
        (0, 11, 0, ("max_change",)),
        (100, 30, 0, ()),
        (100, 31, 0, ("max_change",)),
        (1000, 0, 10, ()),
        (1000, 0, 11, ("max_delete",)),
        (2000, 0, 20, ()),
        (2000, 700, 21, ("max_change", "max_delete")),
    ],
)
def test_a_gate_trips_above_its_share_and_ten_records(
    links: int, updates: int, withdrawals: int, tripped: tuple[str, ...]
) -> None:
    assert tuple(gate.name for gate in check_gates(links, updates, withdrawals, GATES)) == tripped


def test_the_message_says_what_would_happen() -> None:
    (gate,) = check_gates(250_000, 0, 5_000, GATES)
    assert gate.message == "this would delete 5,000 of 250,000 linked records (2.0 %); allowed are 1 %"


def test_a_share_may_have_decimals() -> None:
    (gate,) = check_gates(1000, 0, 12, Gates(max_delete=Fraction(5, 1000)))
    assert gate.message.endswith("allowed are 0.5 %")


@pytest.mark.parametrize(
    ("known", "listed", "stops"),
    [(100, 90, False), (120, 107, True), (1000, 900, False), (1000, 1200, False)],
)
def test_a_source_that_lists_far_less_stops_the_run(known: int, listed: int, stops: bool) -> None:
    assert bool(check_source_loss(known, listed, GATES)) is stops


@pytest.mark.parametrize(
    ("creates", "verified", "gates", "stops"),
    [
        (5000, False, GATES, False),
        (5001, False, GATES, True),
        (5001, True, GATES, False),
        (9999, False, Gates(pilot_above=0), False),
    ],
)
def test_a_large_first_run_needs_a_pilot(creates: int, verified: bool, gates: Gates, stops: bool) -> None:
    assert bool(check_pilot(creates, verified, gates)) is stops
