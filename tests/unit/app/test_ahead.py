from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from migrator.app.ahead import ahead


def test_values_come_in_order_and_whole() -> None:
    assert list(ahead(range(12_345))) == list(range(12_345))


def test_values_are_made_in_another_thread() -> None:
    assert set(ahead(threading.current_thread() for _ in range(3))) != {threading.current_thread()}


def failing() -> Iterator[int]:
    yield from range(2_500)
    raise OSError(5, "Input/output error")


def test_an_exception_comes_after_the_values_before_it() -> None:
    values = ahead(failing())
    assert list(islice(values, 2_500)) == list(range(2_500))
    with pytest.raises(OSError, match="Input/output error"):
        next(values)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    values = ahead(iter(range(100_000)))
    assert next(values) == 0
    del values
    assert threading.active_count() == before


def test_no_more_is_made_than_there_is_room_for() -> None:
    made: list[int] = []
    values = ahead(made.append(each) or each for each in range(100_000))  # type: ignore[func-returns-value]
    next(values)
    assert len(made) < 10_000
    del values
