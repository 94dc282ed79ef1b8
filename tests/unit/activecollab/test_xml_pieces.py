"""Where elements begin and end, and what of a document is lost with one that is not well-formed."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.activecollab.xml_reader import read_document
from migrator.core.model import Reading
from tests.unit.activecollab.reading import CORPUS, TODAY, Sorted, a_record, read


def records(*written: str) -> str:
    return "<time_records>\n" + "\n".join(written) + "\n</time_records>"


def record(number: int, body: str = "text") -> str:
    listing = a_record(id=str(number), body=body)
    return listing.removeprefix("<time_records>").removesuffix("</time_records>")


def ids(got: Sorted) -> tuple[list[int], list[int | None]]:
    return [entry.id for entry in got.entries], [reject.source_id for reject in got.rejected]


@pytest.mark.parametrize(
    "body",
    [
        "a < b",
        "a & b",
        "&nbsp;",
        "<b>",
        "</b>",
        "<b></i>",
        "<b a='1' a='2'/>",
        "]]>",
        "<!-- a -- b -->",
        "<" * 500,
        "<a>" * 300,
        "x" * 10_500_000,
    ],
)
def test_a_record_that_is_not_well_formed_is_named_and_costs_no_other(body: str) -> None:
    got = read(records(record(1), record(2, body), record(3)))
    assert ids(got) == ([1, 3], [2])


def test_of_a_record_that_is_not_well_formed_no_text_is_told() -> None:
    (reject,) = read(records(record(1, "private words & more"))).rejected
    assert "words" not in repr(reject)
    assert (reject.origin.line, reject.seconds) == (2, 5_400)


@pytest.mark.parametrize("inside", ["</time_record>", "<time_record>", "</time_records>", "<?php", "]]"])
@pytest.mark.parametrize("where", ["<![CDATA[{}]]>", "<!--{}-->text"])
def test_what_stands_in_cdata_or_a_comment_ends_nothing(where: str, inside: str) -> None:
    got = read(records(record(1, where.format(inside)), record(2)))
    assert (ids(got), got.problems) == (([1, 2], []), ())


@pytest.mark.parametrize("lost", ["</time_record>", "<time_record>"])
@pytest.mark.parametrize("broken", [1, 2, 3, 4])
def test_a_record_without_its_begin_or_end_costs_no_other(lost: str, broken: int) -> None:
    written = [record(number) for number in range(1, 5)]
    written[broken - 1] = written[broken - 1].replace(lost, "")
    got = read(records(*written))
    kept = [number for number in range(1, 5) if number != broken]
    assert [entry.id for entry in got.entries] == kept
    if lost == "</time_record>":
        assert [reject.source_id for reject in got.rejected] == [broken]
    else:
        assert got.problems


@pytest.mark.parametrize(
    ("between", "notes", "problems"),
    [
        ("<!-- nothing -->", 0, 0),
        ("<?nothing at all?>", 0, 0),
        ("text", 1, 0),
        ("\0", 1, 0),
        ("<![CDATA[text]]>", 0, 1),
        ("<", 0, 1),
        ("</b>", 0, 1),
        ("</time_record>", 0, 1),
    ],
)
def test_what_stands_between_records_is_passed_over_or_told(between: str, notes: int, problems: int) -> None:
    got = read(records(record(1), between, record(2)))
    assert (ids(got), len(got.notes), len(got.problems)) == (([1, 2], []), notes, problems)


def test_a_record_torn_in_two_costs_no_other() -> None:
    got = read(records(record(1), record(2, "<time_record>"), record(3)))
    assert ids(got) == ([1, 3], [2, None])


@pytest.mark.parametrize("body", ["<![CDATA[ never closed", "<b><![CDATA[ never closed"])
def test_a_record_that_swallows_others_says_so(body: str) -> None:
    got = read(records(record(1, body), record(2), record(3, "<![CDATA[x]]>"), record(4)))
    assert 4 in ids(got)[0]
    assert 2 not in ids(got)[0]
    assert "2 more <time_record> begin inside one" in got.problems[0].message


class Dripping(BytesIO):
    """Gives at most so many bytes at once."""

    most = 1

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.most, size or 0))


SEEDS = tuple(path.read_bytes() for path in sorted(CORPUS.rglob("*.xml")))
LONG = records(*(record(number, f"<![CDATA[{number}\n</time_record>]]>") for number in range(300))).encode()


@given(st.sampled_from((*SEEDS, LONG)), st.integers(1, 40))
def test_a_document_reads_the_same_however_it_arrives(document: bytes, most: int) -> None:
    def readings(stream: BytesIO) -> list[Reading]:
        return list(read_document(stream, "a.xml", timezone=UTC, today=TODAY))

    stream = Dripping(document)
    stream.most = most
    assert readings(stream) == readings(BytesIO(document))
