"""A signal stops the program between transactions: what a transaction began, it ends."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from migrator.store.account import fact, learn
from migrator.store.engine import reading, writing
from migrator.store.interrupts import interrupt
from tests.unit.store.builders import WHEN


def test_outside_a_transaction_a_signal_stops_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_inside_a_transaction_it_waits_until_that_is_committed(engine: Engine) -> None:
    def interrupted() -> None:
        with writing(engine) as session:
            learn(session, "name", "before", WHEN)
            interrupt()
            learn(session, "name", "after", WHEN)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with reading(engine) as session:
        assert fact(session, "name") == "after"


def test_one_signal_stops_once(engine: Engine) -> None:
    with pytest.raises(KeyboardInterrupt), reading(engine):
        interrupt()
    with writing(engine) as session:
        assert fact(session, "name") is None
