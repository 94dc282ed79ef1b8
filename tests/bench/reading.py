"""How fast reading is, against the least that any reader on lxml has to do with the same file in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date
from functools import partial
from itertools import chain, islice
from pathlib import Path

from lxml import etree

from migrator.activecollab.xml_reader import read_document, skim_document
from migrator.activecollab.xml_stream import HARDENED
from migrator.app.reading.documents import BATCH, FILE_BATCHES, seldom_collected
from migrator.store.engine import open_engine, writing
from migrator.store.rows import pages_of
from migrator.store.schema import ensure_ready
from migrator.store.source import stage
from migrator.store.unread import settle
from tests.bench.records import write_records

ROUNDS = 3

BARE = "lxml's iterparse, clearing"
PARSED = "parsed into time entries"
STORED = "read into an empty SQLite"
AGAIN = "read again, unchanged"

_TODAY = date(2026, 11, 21)


def measure_reading(folder: Path, records: int) -> dict[str, list[float]]:
    """Seconds of each way to read so many records, round by round; they take turns, so that all see the same load."""
    path = folder / "records.xml"
    write_records(path, records)
    seconds: dict[str, list[float]] = {name: [] for name in (BARE, PARSED, STORED, AGAIN)}
    for number in range(ROUNDS):
        database = folder / f"{number}.sqlite"
        ways: dict[str, Callable[[], None]] = {
            BARE: partial(_bare, path),
            PARSED: partial(_parse, path),
            STORED: partial(_store, path, database, 1),
            AGAIN: partial(_store, path, database, 2),
        }
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
        database.unlink()
    return seconds


def ratios(seconds: dict[str, list[float]]) -> dict[str, tuple[float, float, float]]:
    """How many times the bare loop each way takes: least, median and most of all rounds."""
    found: dict[str, tuple[float, float, float]] = {}
    for name, taken in seconds.items():
        each = sorted(one / bare for one, bare in zip(taken, seconds[BARE], strict=True))
        found[name] = (each[0], statistics.median(each), each[-1])
    return found


def _bare(path: Path) -> None:
    with path.open("rb") as stream:
        for _, element in etree.iterparse(stream, events=("end",), tag="time_record", **HARDENED):
            element.clear()
            while (passed := element.getprevious()) is not None:
                parent = element.getparent()
                assert parent is not None
                parent.remove(passed)


def _parse(path: Path) -> None:
    with path.open("rb") as stream, seldom_collected():
        for _ in read_document(stream, path.name, timezone=UTC, today=_TODAY):
            pass


def _store(path: Path, database: Path, run_id: int) -> None:
    """As `read` does it."""
    engine = open_engine(f"sqlite:///{database}")
    ensure_ready(engine)
    with path.open("rb") as stream, seldom_collected():
        read = read_document if run_id == 1 else skim_document
        readings = read(stream, path.name, timezone=UTC, today=_TODAY)
        pages = pages_of(readings, BATCH)
        while batch := next(pages, []):
            with writing(engine) as session:
                for page in chain([batch], islice(pages, FILE_BATCHES - 1)):
                    stage(session, run_id, settle(session, run_id, page).readings)
    engine.dispose()
