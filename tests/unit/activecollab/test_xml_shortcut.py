"""The law of the quick way: a record reads the same whatever stood before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.activecollab.quick_values import builder_of
from migrator.activecollab.xml_pieces import Piece
from migrator.activecollab.xml_reader import read_document
from migrator.activecollab.xml_stream import Broken, Parsed, Parser
from migrator.core.model import FoundMaster, Origin, Reading
from tests.unit.activecollab.reading import TODAY, a_record, read

ZONES = st.sampled_from([UTC, ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")])
TEXTS = st.sampled_from(
    [
        *("", " ", "text", "a &amp; b", "R&D", "&nbsp;", "&#228;", "&#0;", "x ]]> y", "<b>x</b>", "<br/>", "..."),
        *("ü", "日本 🙂", "a\nb", "\n   padded\n ", "bell\x07", "\x00", "\ufffe", "\uffff", "a\r\nb", "hole-1."),
        *("<!-- c -->d", "</time_record>", "<![CDATA[a <b> & c]]>", "<![CDATA[a]b]]>", "<![CDATA[<time_record>]]>"),
        *("<![CDATA[<p>One &amp; two</p><ul><li>a</li></ul>]]>", "<![CDATA[ ]]>", "<![CDATA[...]]>"),
    ]
)
FIELDS = {
    "id": ["1", "2", "3", " 4 ", "0", "x", "", "1_0", "٣", "9" * 19],
    "type": ["TimeRecord", "<![CDATA[TimeRecord]]>", "Expense", "Ticket", ""],
    "class": ["TimeRecord", "Expense", ""],
    "project_id": ["7", "8", "0", "x"],
    "user_id": ["3", "4", "0", ""],
    "record_user": ["", "3", "Ann &lt;a@x.example&gt;", "Bob"],
    "user_name": ["Ann", "Bob", "..."],
    "value": ["1.5", "0:30", "3,75", "x", "", "..."],
    "record_date": ["2008-05-01", "2012/07/18", "0000-00-00", ""],
    "billable_status": ["0", "1", "2", "9", ""],
    "is_billable": ["0", "1", "x"],
    "is_billed": ["0", "1"],
    "state": ["0", "3", "x"],
    "visibility": ["0", "1"],
    "created_on": ["2011-01-01 08:00:00", "1309507200", "0000-00-00 00:00:00", "2011-02-30 08:00:00", ""],
    "updated_on": ["2011-01-02 08:00:00", "0001-01-01 00:00:00", "yesterday", ""],
    "version": ["1", "2", "x"],
    "parent_id": ["12", "13", "0", ""],
    "parent_class": ["Ticket", "Project", ""],
    "parent_name": ["Ticket", "Other"],
    "permalink": ["https://ac.example.com/p/1?a=1&amp;b=2", "javascript:alert(1)", "...", ""],
    "milestone_id": ["8", "0"],
    "project": ["<id>7</id><name>Site</name>", "<id>8</id>", ""],
}
SKELETONS = (
    ("id", "type", "body", "value", "record_date", "billable_status", "user_id", "project_id", "created_on", "note"),
    ("id", "class", "type", "summary", "body", *list(FIELDS)[3:-1], "note"),
    ("id", "type", "project", "user_id", "value", "record_date", "billable_status", "is_billable", "body", "permalink"),
)


@st.composite
def records(draw: st.DrawFn) -> str:
    """A record of one of a few layouts; most fields as usual, some odd."""
    odd = draw(st.sets(st.sampled_from([*FIELDS, "body", "summary", "note"]), max_size=3))
    written = []
    for name in draw(st.sampled_from(SKELETONS)):
        choices = TEXTS if name not in FIELDS else st.sampled_from(FIELDS[name])
        text = draw(choices) if name in odd else FIELDS.get(name, ["text"])[0]
        written.append(f"<{name}>{text}</{name}>")
    return f"<time_record>{draw(st.sampled_from(['', chr(10)])).join(written)}</time_record>"


@given(st.lists(records(), min_size=1, max_size=12), ZONES)
@settings(max_examples=400)
def test_a_record_reads_the_same_whatever_stood_before_it(written: list[str], zone: tzinfo) -> None:
    # A second time round, what can be known is known.
    together = readings(written * 2, zone)
    alone = [readings([record], zone) for record in written * 2]
    assert list(filter(no_master, together)) == [each for one in alone for each in filter(no_master, one)]
    assert masters(together) == {master for one in alone for master in masters(one)}


def listing(written: list[str]) -> str:
    return "\n".join(["<time_records>", *written, "</time_records>"])


def readings(written: list[str], zone: tzinfo) -> list[Reading]:
    stream = BytesIO(listing(written).encode())
    read_whole = read_document(stream, "a.xml", timezone=zone, today=TODAY)
    return [_nowhere(each) for each in read_whole]


def _nowhere(each: Reading) -> Reading:
    return replace(each, origin=Origin("a.xml", 0))


def no_master(reading: Reading) -> bool:
    return not isinstance(reading, FoundMaster)


def masters(told: list[Reading]) -> set[tuple[type, int]]:
    """Who is named; a task that two projects claim is told with the first."""
    return {(type(each.value), each.value.id) for each in told if isinstance(each, FoundMaster)}


@given(st.lists(records(), min_size=4, max_size=12))
def test_lines_are_counted_on_the_quick_way(written: list[str]) -> None:
    document = listing(written)
    starts = [number for number, line in enumerate(document.split("\n"), 1) if line.startswith("<time_record>")]
    got = read(document)
    told = {each.origin.line for each in got.found} | {each.origin.line for each in got.rejected}
    assert told <= set(starts)


def test_records_of_a_known_layout_never_reach_a_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Piece] = []
    original = Parser.parse

    def parse(self: Parser, piece: Piece) -> Parsed | Broken:
        parsed.append(piece)
        return original(self, piece)

    monkeypatch.setattr(Parser, "parse", parse)
    record = a_record(id="{}", body="{}").removeprefix("<time_records>").removesuffix("</time_records>")
    got = read(listing([record.format(number + 1, f"text {number}") for number in range(100)]))
    assert [entry.id for entry in got.entries] == list(range(1, 101))
    assert len(parsed) < 10


def test_a_value_built_quickly_is_like_any_other() -> None:
    usual = Origin("a.xml", 3)
    quick = builder_of(Origin)("a.xml", 3)
    assert (quick, hash(quick), repr(quick), type(quick)) == (usual, hash(usual), repr(usual), Origin)
    with pytest.raises(AttributeError):
        quick.line = 4  # type: ignore[misc]
