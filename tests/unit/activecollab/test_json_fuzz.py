"""Laws of the JSON reader over invented and damaged documents."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.activecollab.json_bytes import CleanBytes
from migrator.core.model import Billing, ParentKind, Seconds, SourceId, TimeEntry
from tests.unit.activecollab.json_reading import JSON_CORPUS, a_json_record, listed, read_json, read_json_corpus

IDS = st.integers(1, 10**18 - 1).map(SourceId)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(10**9, 2 * 10**9).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20).filter(
    lambda text: not set(text) & set("<&")
)


@st.composite
def time_entries(draw: st.DrawFn) -> TimeEntry:
    hundredths = draw(st.integers(0, 100_000))
    created_on = draw(MOMENTS)
    parent_kind = draw(st.sampled_from([ParentKind.PROJECT, ParentKind.TASK]))
    return TimeEntry(
        id=draw(IDS),
        user_id=draw(IDS),
        project_id=draw(IDS),
        day=draw(st.dates(date(1990, 1, 1), date(2027, 1, 1))),
        seconds=Seconds(hundredths * 36),
        billing=draw(st.sampled_from(Billing)),
        text=draw(TEXTS),
        parent_kind=parent_kind,
        parent_id=draw(IDS) if parent_kind is ParentKind.TASK else None,
        job_type_id=draw(st.none() | IDS),
        hours_raw=f"{Decimal(hundredths) / 100:.2f}",
        created_on=created_on,
        updated_on=draw(st.just(created_on) | MOMENTS),
        trashed=draw(st.booleans()),
    )


@st.composite
def records(draw: st.DrawFn, entry: TimeEntry) -> str:
    """`entry` as one of the forms a server writes it in."""
    midnight = datetime(entry.day.year, entry.day.month, entry.day.day, tzinfo=UTC)
    ids = draw(st.sampled_from([int, str]))
    fields: dict[str, object] = {
        "id": ids(entry.id),
        "class": "TimeRecord",
        "url_path": f"/projects/{entry.project_id}/time-records/{entry.id}",
        "value": "@hours@",
        "record_date": draw(st.sampled_from([entry.day.isoformat(), int(midnight.timestamp())])),
        "summary": draw(st.sampled_from([entry.text, f"\n {entry.text} "])),
        "user_id": ids(entry.user_id or 0),
        "parent_type": "Task" if entry.parent_kind is ParentKind.TASK else "Project",
        "parent_id": ids(entry.parent_id or entry.project_id),
        "billable_status": draw(st.sampled_from([int, str]))(int(entry.billing)),
        "job_type_id": 0 if entry.job_type_id is None else ids(entry.job_type_id),
        "is_trashed": draw(st.sampled_from([entry.trashed, int(entry.trashed), str(int(entry.trashed))])),
        "created_on": int((entry.created_on or EPOCH).timestamp()),
        "updated_on": None if entry.updated_on == entry.created_on else int((entry.updated_on or EPOCH).timestamp()),
        "members": [1, {"deep": []}],
    }
    shuffled = dict(draw(st.permutations(list(fields.items()))))
    written = json.dumps(shuffled, ensure_ascii=draw(st.booleans()), indent=draw(st.none() | st.just(2)))
    # A number with both its decimals, which no dump of a float would keep, or a text.
    return written.replace('"@hours@"', draw(st.sampled_from([entry.hours_raw, f'"{entry.hours_raw}"'])))


@given(st.data())
@settings(max_examples=60)
def test_what_a_server_writes_is_what_is_read(data: st.DataObject) -> None:
    entries = data.draw(st.lists(time_entries(), max_size=3))
    written = ",".join(data.draw(records(entry)) for entry in entries)
    form = data.draw(st.sampled_from(['{"time_records": [%s], "related": []}', "[%s]"]))
    got = read_json(form % written)
    assert [entry.hours_raw for entry in got.entries] == [entry.hours_raw for entry in entries]
    assert [(e.billing_raw, e.text) for e in got.entries] == [(str(int(e.billing)), e.text.strip()) for e in entries]
    assert [without_raw(entry) for entry in got.entries] == [without_raw(entry) for entry in entries]
    assert (got.rejected, got.problems) == ((), ())
    assert all(found.warnings == () for found in got.found)


def without_raw(entry: TimeEntry) -> tuple[object, ...]:
    return (
        *(entry.id, entry.user_id, entry.project_id, entry.day, entry.seconds, entry.billing),
        *(entry.parent_kind, entry.parent_id, entry.job_type_id, entry.trashed, entry.created_on, entry.updated_on),
    )


SEEDS = tuple(path.read_bytes() for path in sorted(JSON_CORPUS.rglob("*.json")))
# Separated by blanks; the last are what once broke a parser.
TOKENS = rb'{ } [ ] , : " \ \u0000 \ud800 \ude00 null NaN - "id": "time_records": "related":{"Task":{"1":'.split()
BITS = st.sampled_from([*TOKENS, b"\0", b"\xff", b"1e9999999999999999999", b"9" * 5_000, b"[" * 90]) | st.binary(
    max_size=6
)


@st.composite
def damaged(draw: st.DrawFn, document: bytes) -> tuple[bytes, int]:
    """`document` with some bytes replaced from an offset on, or cut off there; and that offset."""
    at = draw(st.integers(0, len(document)))
    bit = draw(BITS)
    rest = draw(st.sampled_from([document[at:], document[at + len(bit) :], document[at + 1 :], b""]))
    return document[:at] + bit + rest, at


@given(st.data())
@settings(max_examples=300)
def test_no_damage_ever_raises(data: st.DataObject) -> None:
    document, _ = data.draw(st.sampled_from(SEEDS).flatmap(damaged))
    for _ in range(data.draw(st.integers(0, 2))):
        document, _ = data.draw(damaged(document))
    got = read_json(document)
    assert all(problem.message for problem in got.problems)
    assert not any(b"\0" in entry.text.encode() for entry in got.entries)


WHOLE = listed(a_json_record(id=number, summary="ä") for number in (1, 2, 3, 4)).encode()
ENDS = tuple(index + 1 for index in range(len(WHOLE) - 20) if WHOLE.startswith(b"}", index))
INTACT = read_json(WHOLE).entries


@given(damaged(WHOLE).filter(lambda damage: damage[1] >= ENDS[0]))
@settings(max_examples=200)
def test_records_before_the_damage_are_never_lost(damage: tuple[bytes, int]) -> None:
    document, at = damage
    intact = sum(end <= at for end in ENDS)
    got = read_json(document)
    if b"\\ude00" not in document and b"1e9999" not in document:  # these two break the parser, not the document
        assert got.entries[:intact] == INTACT[:intact]
    else:
        assert got.problems or got.entries[:intact] == INTACT[:intact]


@given(st.integers(0, len(WHOLE) - 1))
def test_a_document_that_was_cut_off_is_never_taken_for_a_whole_one(length: int) -> None:
    (told,) = read_json(WHOLE[:length]).problems
    assert "cut off" in told.message or not length


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "class", "type", "time_records", "related", "single", "Task", "5", "user", "message"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
@settings(max_examples=200)
def test_no_json_of_any_shape_ever_raises_or_shows_nothing(value: object) -> None:
    got = read_json(json.dumps(value))
    if not isinstance(value, dict | list) and value is not None:
        assert got.problems
    if isinstance(value, dict) and not value:
        assert got.problems


@given(st.binary(max_size=200).filter(lambda document: document.strip() not in {b"[]", b"null"}))
def test_any_bytes_are_answered_with_a_problem(document: bytes) -> None:
    got = read_json(document)
    assert got.problems
    assert got.entries == ()


def test_only_these_documents_of_the_corpus_have_nothing_to_say() -> None:
    silent = set()
    for path in JSON_CORPUS.glob("*.json"):
        got = read_json_corpus(path.stem)
        if not (got.found or got.masters or got.rejected or got.problems or got.expenses):
            silent.add(path.stem)
    empty_lists = {"v5_null_list", "v5_null", "v5_empty_array", "v5_trash_empty", "v3_tracking_null"}
    assert silent == empty_lists | {"v5_info", "v3_info"}


@given(st.text(), st.integers(1, 9), st.booleans())
def test_clean_utf8_passes_unchanged_however_it_is_cut(text: str, size: int, in_head: bool) -> None:
    allowed = "".join(each for each in text if each >= " " and each not in "\ufffe\uffff").encode()
    clean = CleanBytes(allowed if in_head else b"", BytesIO(b"" if in_head else allowed))
    pieces = []
    while piece := clean.read(size):
        piece.decode()  # no piece ends within a character
        pieces.append(piece)
    assert b"".join(pieces) == allowed
    assert clean.mends == set()


@given(st.binary(), st.integers(1, 9))
def test_any_bytes_become_utf8_without_control_characters(raw: bytes, size: int) -> None:
    clean = CleanBytes(b"", BytesIO(raw))
    text = b"".join(iter(lambda: clean.read(size), b"")).decode()
    assert not any(each < " " and each not in "\t\n\r" for each in text)
