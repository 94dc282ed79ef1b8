"""A long JSON list takes no more memory than a short one."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC
from io import RawIOBase
from typing import BinaryIO, cast

from migrator.activecollab.json_reader import read_json_document
from tests.unit.activecollab.json_reading import a_json_record
from tests.unit.activecollab.reading import TODAY


class GeneratedList(RawIOBase):
    """A list of `count` records that is written while it is read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._pieces = self._written(count)
        self._rest = b""
        self.length = 0

    def _written(self, count: int) -> Iterator[bytes]:
        yield b'{"time_records": ['
        for number in range(1, count + 1):
            record = a_json_record(id=number, note="n" * 8_000, summary="Work")
            yield (b"" if number == 1 else b",") + json.dumps(record).encode()
        yield b'], "related": null}'

    def read(self, size: int = -1, /) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        self.length += len(given)
        return given


def peak_of(count: int) -> tuple[int, int]:
    """The most memory that reading `count` records took beyond what was there before, and their bytes."""
    stream = GeneratedList(count)
    tracemalloc.start()
    try:
        readings = read_json_document(cast(BinaryIO, stream), "a.json", timezone=UTC, today=TODAY)
        assert sum(1 for _ in readings) == count
        return tracemalloc.get_traced_memory()[1], stream.length
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_over_twenty_megabytes() -> None:
    peak_of(100)  # what is loaded and compiled once
    (short, _), (long, length) = peak_of(250), peak_of(2_500)
    assert length > 20_000_000
    assert long < short + 500_000
