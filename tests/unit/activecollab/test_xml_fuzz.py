"""Laws of reading: what is written is read back, and damage costs only what comes after it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.duration import format_hours
from migrator.core.model import Billing, ParentKind, Seconds, SourceId, TimeEntry
from tests.unit.activecollab.reading import CORPUS, read, read_corpus

IDS = st.integers(1, 10**18 - 1).map(SourceId)
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2026, 1, 1)).map(  # noqa: DTZ001 - drawn naive, then UTC
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
WORDS = st.lists(st.text("abcäöü<>&]日🙂'\"0123", min_size=1, max_size=6), max_size=5).map(" ".join)


@st.composite
def time_entries(draw: st.DrawFn) -> TimeEntry:
    hundredths = draw(st.integers(0, 100_000))
    hours_raw = format_hours(hundredths * 36)
    billing = draw(st.sampled_from(Billing))
    parent_id = draw(st.none() | IDS)
    state = draw(st.sampled_from(["", "0", "1", "2", "3"]))
    created_on = draw(st.none() | MOMENTS)
    return TimeEntry(
        id=draw(IDS),
        user_id=draw(IDS),
        project_id=draw(IDS),
        day=draw(st.dates(date(1990, 1, 1), date(2026, 11, 21))),
        seconds=Seconds(hundredths * 36),
        billing=billing,
        text=draw(WORDS.filter(lambda words: "<b" not in words and "<a" not in words)),
        parent_kind=ParentKind.PROJECT if parent_id is None else ParentKind.TASK,
        parent_id=parent_id,
        job_type_id=draw(st.none() | IDS),
        hours_raw=hours_raw,
        billing_raw=str(billing.value),
        permalink=draw(st.sampled_from(["", "https://ac.example.com/p/1?x=1&y=2"])),
        private=draw(st.booleans()),
        trashed=state in {"0", "1"},
        state_raw=state,
        created_on=created_on,
        updated_on=draw(MOMENTS) if created_on is None else draw(st.sampled_from([created_on]) | MOMENTS),
        version=draw(st.none() | st.integers(0, 1_000)),
        milestone_id=draw(st.none() | IDS),
    )


@st.composite
def records(draw: st.DrawFn, entry: TimeEntry) -> str:
    """`entry` as a server might write it: any order, flat or nested, plain or CDATA, padded, with extras."""
    fields = [
        ("id", str(entry.id)),
        ("value", entry.hours_raw),
        ("record_date", draw(st.sampled_from([f"{entry.day}", f"{entry.day:%Y/%m/%d}"]))),
        ("billable_status", entry.billing_raw),
        (draw(st.sampled_from(["body", "summary"])), entry.text),
        ("permalink", entry.permalink),
        ("visibility", "0" if entry.private else "1"),
        ("state", entry.state_raw),
        ("parent_id", str(entry.parent_id or draw(st.sampled_from(["", "0"])))),
        ("version", "" if entry.version is None else str(entry.version)),
        ("milestone_id", str(entry.milestone_id or 0)),
        ("created_on", f"{entry.created_on:%Y-%m-%d %H:%M:%S}" if entry.created_on else ""),
        ("updated_on", f"{entry.updated_on.timestamp():.0f}" if entry.updated_on else ""),
        ("name", f"{entry.hours_raw} hours"),
        ("created_by_id", "99"),
    ]
    written = [draw(elements(name, text)) for name, text in fields]
    for name, value in (
        ("project", entry.project_id),
        ("user", entry.user_id),
        ("job_type", entry.job_type_id),
    ):
        number = "" if value is None else str(value)
        nested = f"<{name}>{draw(elements('id', number))}</{name}>"
        written.append(draw(st.sampled_from([nested, f"<{name}_id>{number}</{name}_id>"])))
    return f"<time_record>{''.join(draw(st.permutations(written)))}</time_record>"


@st.composite
def elements(draw: st.DrawFn, name: str, text: str) -> str:
    padding = draw(st.sampled_from(["", "\n      ", "<!-- comment -->"]))
    split = text.replace("]]>", "]]]]><![CDATA[>")
    inner = draw(st.sampled_from([escape(text), f"<![CDATA[{split}]]>"]))
    return f"<{name}>{padding}{inner}{padding}</{name}>"


@given(st.data())
@settings(max_examples=60)
def test_what_a_server_writes_is_what_is_read(data: st.DataObject) -> None:
    entries = data.draw(st.lists(time_entries(), max_size=3))
    written = "\n".join(data.draw(records(entry)) for entry in entries)
    got = read(f"<?xml version='1.0' encoding='UTF-8'?>\n<time_records>\n{written}\n</time_records>")
    assert got.entries == tuple(entries)
    assert got.rejected == ()
    assert got.problems == ()
    assert all(found.warnings == () for found in got.found)


SEEDS = tuple(path.read_bytes() for path in sorted(CORPUS.rglob("*.xml")))
BITS = st.sampled_from(
    [b"<", b">", b"&", b"\0", b"\xff", b"]]>", b"<![CDATA[", b"<!DOCTYPE a>", b"<!--", b"&nbsp;", b"</time_record>"]
) | st.binary(max_size=6)


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
    got = read(document)
    assert all(problem.message for problem in got.problems)


WHOLE = (CORPUS / "v2_status_0_to_3.xml").read_bytes()
ENDS = tuple(
    index + len(b"</time_record>") for index in range(len(WHOLE)) if WHOLE.startswith(b"</time_record>", index)
)


@given(damaged(WHOLE).filter(lambda damage: damage[1] >= ENDS[0]))
@settings(max_examples=200)
def test_records_before_the_damage_are_never_lost(damage: tuple[bytes, int]) -> None:
    document, at = damage
    intact = sum(end <= at for end in ENDS)
    expected = read_corpus("v2_status_0_to_3").entries
    assert read(document).entries[:intact] == expected[:intact]


@given(st.integers(0, len(WHOLE) - 1))
def test_a_document_that_was_cut_off_is_never_taken_for_a_whole_one(length: int) -> None:
    got = read(WHOLE[:length])
    assert bool(got.problems) or WHOLE[:length].strip() == WHOLE.strip()


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_with_a_problem(document: bytes) -> None:
    got = read(document)
    assert got.problems
    assert got.entries == ()
