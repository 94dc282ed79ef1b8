"""The law of skimming: reading a document again leaves what reading every record of it again would leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

import migrator
from migrator.activecollab.xml_pieces import Piece
from migrator.activecollab.xml_shortcut import Shortcut
from migrator.app.config import Config
from migrator.app.configuration.model import ActiveCollab, Database
from migrator.app.progress import LoggedProgress
from migrator.app.reading.command import read_source
from migrator.app.wiring import Workplace, open_workplace
from migrator.core.model import Reading
from migrator.errors import MigratorError
from migrator.store.engine import reading, writing
from migrator.store.rows import table_of
from migrator.store.tables import SourceDocument, SourceMaster, SourceRecord, SourceReject
from tests.unit.activecollab.test_xml_shortcut import records

TABLES = tuple(map(table_of, (SourceRecord, SourceReject, SourceDocument, SourceMaster)))


class Twins:
    """Two databases that read the same documents; in the second, each seems to have been left in the middle before."""

    def __init__(self, folder: Path, timezone: str = "UTC") -> None:
        self.folder = folder
        self.skims, self.reads = (_a_place(folder / f"{name}.db", timezone) for name in ("skims", "reads"))

    def begin(self) -> None:
        for place in (self.skims, self.reads):
            with writing(place.engine) as session:
                for table in TABLES:
                    session.execute(delete(table))

    def read(self, **documents: str) -> dict[str, int]:
        """What both count when they read these documents; both hold the same then."""
        for name, text in documents.items():
            (self.folder / f"{name}.xml").write_bytes(text.encode("utf-8", "surrogatepass"))
        paths = [str(self.folder / f"{name}.xml") for name in documents]
        with writing(self.reads.engine) as session:
            session.execute(
                update(SourceDocument)
                .where(SourceDocument.name.in_(paths))
                .values(problem="it was not read to its end")
            )
        skimmed, read = _answer(self.skims, paths), _answer(self.reads, paths)
        assert skimmed == read
        assert _stored(self.skims) == _stored(self.reads)
        counts = skimmed.get("counts", {})
        assert isinstance(counts, dict)
        return counts


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with _twins(tmp_path_factory.mktemp("twins")) as opened:
        yield opened


@contextmanager
def _twins(folder: Path, timezone: str = "UTC") -> Iterator[Twins]:
    opened = Twins(folder, timezone)
    opened.begin()
    yield opened
    for place in (opened.skims, opened.reads):
        place.engine.dispose()


def _a_place(path: Path, timezone: str) -> Workplace:
    config = Config(database=Database(url=f"sqlite:///{path}"), activecollab=ActiveCollab(timezone=timezone))
    return open_workplace(config, LoggedProgress())


def _answer(place: Workplace, paths: list[str]) -> dict[str, object]:
    try:
        return {**read_source(place, paths).document, "run": 0}
    except MigratorError as problem:
        return {"problem": problem.message}


def _stored(place: Workplace) -> list[list[tuple[object, ...]]]:
    with reading(place.engine) as session:
        return [list(map(tuple, session.execute(select(table).order_by(*table.primary_key)))) for table in TABLES]


def listing(written: list[str], root: str = "time_records") -> str:
    return "\n".join([f"<{root}>", *written, f"</{root.partition(' ')[0]}>"])


def a_record(number: int, **fields: str) -> str:
    usual = {"id": str(number), "project_id": "7", "user_id": "3", "value": "1.5", "record_date": "2008-05-01"}
    usual |= {"billable_status": "1", "created_on": "2011-07-01 08:00:00", **fields}
    return f"<time_record>{''.join(f'<{name}>{text}</{name}>' for name, text in usual.items())}</time_record>"


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[Piece]:
    """The records that were skimmed and then read all the same."""
    pieces: list[Piece] = []
    original = Shortcut.read_piece

    def read_piece(self: Shortcut, piece: Piece) -> Iterator[Reading]:
        pieces.append(piece)
        return original(self, piece)

    monkeypatch.setattr(Shortcut, "read_piece", read_piece)
    return pieces


BETWEEN = st.sampled_from(
    ["", "\n", "\n\n", "text", "<!-- </time_record> -->", "<note><a/></note>", "<time_record>", "</time_records>"]
)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, str]]:
    """Two documents as they are read twice: records come, go, move, change and stand in both."""
    known = draw(st.lists(records(), min_size=1, max_size=6))
    some = st.lists(st.sampled_from(known) | records() | BETWEEN, max_size=8)
    return [{name: listing(draw(some)) for name in ("a", "b")} for _ in range(2)]


@given(histories())
@settings(max_examples=20)
def test_a_document_that_is_skimmed_leaves_what_reading_it_leaves(twins: Twins, history: list[dict[str, str]]) -> None:
    twins.begin()
    for documents in history:
        twins.read(**documents)
    twins.read(**history[-1])


def test_unchanged_records_are_not_read(twins: Twins, read_again: list[Piece]) -> None:
    twins.begin()
    document = listing([a_record(number, body="<![CDATA[<p>a</p>]]>") for number in range(1, 2_501)])
    assert twins.read(a=document)["new"] == 2_500
    assert twins.read(a=document)["unchanged"] == 2_500
    assert read_again == []


@pytest.mark.parametrize(
    ("after", "read"),
    [
        ([a_record(1), a_record(2, value="2.5"), a_record(3)], [2]),
        ([a_record(1), "", a_record(2), a_record(3)], [2, 3]),
        ([a_record(2), a_record(1), a_record(3)], [2, 1]),
        ([a_record(1), a_record(2), a_record(3), a_record(2)], [2, 2]),
        ([a_record(1), a_record(2), a_record(3), a_record(3, value="2.5")], [3, 3]),
        ([a_record(1), a_record(3)], [3]),
    ],
    ids=["edited", "moved by a line", "exchanged", "twice", "contradicted", "gone"],
)
def test_a_record_that_is_not_what_it_was_is_read(
    twins: Twins, read_again: list[Piece], after: list[str], read: list[int]
) -> None:
    twins.begin()
    twins.read(a=listing([a_record(1), a_record(2), a_record(3)]))
    twins.read(a=listing(after))
    assert [int(piece.raw.partition(b"<id>")[2].partition(b"<")[0]) for piece in read_again] == read


def test_a_record_that_another_document_contradicts_is_read(twins: Twins, read_again: list[Piece]) -> None:
    twins.begin()
    good, bad = listing([a_record(1), a_record(2)]), listing([a_record(2, value="x")])
    twins.read(a=good, b=bad)
    assert twins.read(a=good)["rejected"] == 1
    assert [piece.line for piece in read_again] == [3]


@pytest.mark.parametrize("root", ['time_records xmlns:x="urn:x"', "time_records"])
def test_a_record_is_read_again_when_its_root_declares_other_namespaces(twins: Twins, root: str) -> None:
    twins.begin()
    record = a_record(1, **{"x:note": "text"})
    twins.read(a=listing([record], 'time_records xmlns:x="urn:x"'))
    assert twins.read(a=listing([record], root))["rejected"] == (":" not in root)


@pytest.mark.parametrize(
    "text",
    [
        "<![CDATA[</time_record>]]>",
        "<!-- </time_record> -->",
        "<?php </time_record> ?>",
        "<![CDATA[<time_record></time_record>]]>",
        "<time_record></time_record>",
        "</time_records>",
    ],
)
def test_an_end_that_is_none_ends_no_skimmed_record(twins: Twins, text: str) -> None:
    twins.begin()
    for number in (1, 2):
        twins.read(a=listing([a_record(1), a_record(2, note=text, version=str(number)), a_record(3)]))
        twins.read(a=listing([a_record(1), a_record(2, note=text, version=str(number)), a_record(3)]))


def test_a_document_that_was_cut_is_read_to_its_new_end(twins: Twins) -> None:
    twins.begin()
    whole = listing([a_record(number) for number in range(1, 30)])
    twins.read(a=whole[: len(whole) // 2])
    assert twins.read(a=whole)["new"] > 10
    twins.read(a=whole[: len(whole) // 3])


def test_another_version_of_the_program_reads_every_record(
    twins: Twins, read_again: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    twins.begin()
    document = listing([a_record(1), a_record(2)])
    twins.read(a=document)
    monkeypatch.setattr(migrator, "__version__", "0.0.0")
    twins.read(a=document)
    assert len(read_again) == 2


def test_another_time_zone_reads_every_record(tmp_path: Path) -> None:
    document = listing([a_record(1), a_record(2)])
    with _twins(tmp_path) as in_utc:
        in_utc.read(a=document)
        utc = _stored(in_utc.skims)
    for timezone in ("Europe/Berlin", "UTC"):
        there = Twins(tmp_path, timezone)
        there.read(a=document)
        assert (_stored(there.skims)[0][0][18:20] == utc[0][0][18:20]) is (timezone == "UTC")


def test_skimming_is_given_up_where_everything_changed(twins: Twins, read_again: list[Piece]) -> None:
    twins.begin()
    twins.read(a=listing([a_record(number) for number in range(1, 5_001)]))
    changed = listing([a_record(number, value="2.5") for number in range(1, 5_001)])
    assert twins.read(a=changed)["changed"] == 5_000
    assert len(read_again) < 4_000
