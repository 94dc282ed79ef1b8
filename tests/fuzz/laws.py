"""What holds of every document, however it was damaged.

Reading never raises and never hangs; whatever was not touched is read as if nothing had happened, or it is said
what was lost; nothing is invented.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from migrator.activecollab.xml_prologue import HEAD
from migrator.core.model import TimeEntry
from tests.fuzz.documents import WHOLE, Whole, alone, corpus
from tests.unit.activecollab.reading import Sorted, read

LONGEST_SECONDS = 10.0
"""For documents of a few thousand bytes; a slow machine needs some hundredths."""

BITS = (
    *b"< > & / ]]> <![CDATA[ <!-- --> <? ?> &nbsp; &#0; <value> <time_record> </time_record> </time_records>".split(),
    *b"<tracking_object> </tracking_objects>".split(),
    *rb"""" \ \u0000 \ud800 { } [ ] , : "id": null NaN 1e999 - 0 ...""".split(),
    *(
        b"\0",
        b"\x08",
        b"\x1f",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbe",
        b"\xe4",
        b"\xc3",
    ),
    *(b"<!DOCTYPE a>", b"\n", b" ", b"\nNotice: x in /a.php on line 1\n", b"API key: 7-x"),
    *(b"1" * 400, b"1" * 5_000, b"[" * 300, b"<a>" * 300),
)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A document with the entries of the records nobody touched.

    `within` says how many records were damaged: each may come out as anything, or twice when it was torn in two.
    `spelling` tells that the encoding may be misread, so that descriptions mean nothing.
    """

    name: str
    document: bytes
    untouched: tuple[TimeEntry, ...] = ()
    within: int = 0
    spelling: bool = False
    known: bool = True


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[Whole, tuple[bytes, ...]]:
    """A good document with its records in any order, some left out, some twice.

    Some begin with so many blanks that one of their records lies across the end of what is read at once.
    """
    whole = draw(st.sampled_from(WHOLE))
    records = tuple(draw(st.lists(st.sampled_from(whole.records), max_size=8)))
    across = draw(st.sampled_from([0, 0, 0, 0, HEAD]))
    blanks = max(0, across - len(whole.head) - draw(st.integers(0, 1_500)))
    return replace(whole, head=whole.head + b" " * blanks), records


@st.composite
def damaged(draw: st.DrawFn) -> Damaged:
    """A shuffled document with one stretch of bytes put in, taken out or written over."""
    whole, records = draw(shuffled())
    document = whole.joined(records)
    start = draw(st.integers(len(whole.head) - 60 if len(whole.head) > 1_000 else 0, len(document)))
    end = min(len(document), start + draw(st.sampled_from([0, 0, 1, 1, 2, 5, 40, 400, len(document)])))
    bit = draw(st.sampled_from(BITS) | st.binary(max_size=8) | st.just(b""))
    torn = document[:start] + bit + document[end:]
    untouched: list[TimeEntry] = []
    within, at = 0, len(whole.head)
    for record in records:
        if end > at and start < at + len(record):
            within += 1
        else:
            untouched.extend(alone(whole, record))
        at += len(record) + len(whole.between)
    return Damaged(whole.name, torn, tuple(untouched), within, spelling=start < len(whole.head))


@st.composite
def encoded(draw: st.DrawFn) -> Damaged:
    """A shuffled document in another encoding, with or without saying so, behind marks and blank lines."""
    whole, records = draw(shuffled())
    text = whole.joined(records).decode()
    encoding = draw(st.sampled_from(["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"]))
    declared = draw(st.sampled_from(["UTF-8", encoding, "ISO-8859-1", "nonsense"]))
    prefix = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\n\n", b"\nWarning: x in /a.php on line 1\n"]))
    document = prefix + text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding, "replace")
    untouched = tuple(entry for record in records for entry in alone(whole, record))
    return Damaged(whole.name, document, untouched, spelling=True)


@st.composite
def ruined(draw: st.DrawFn) -> Damaged:
    """A document of the corpus damaged in several places, or any bytes: only reading itself is at stake."""
    name, document = draw(st.sampled_from(corpus()) | st.tuples(st.sampled_from(["a.xml", "a.json"]), st.binary()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(document)))
        end = draw(st.sampled_from([start, start + 1, start + 7, len(document)]))
        document = document[:start] + draw(st.sampled_from(BITS) | st.binary(max_size=6)) + document[end:]
    return Damaged(name, document, known=False)


anything = st.one_of(damaged(), encoded(), ruined())
"""Every kind of damage."""


def check(case: Damaged) -> None:
    """Read the document; raises `AssertionError` for a broken law, and whatever the reader raises."""
    began = time.perf_counter()
    got = read(case.document, name=case.name)
    assert time.perf_counter() - began < LONGEST_SECONDS, "reading took too long"
    assert all(problem.message for problem in got.problems)
    if not case.known:
        return
    expected, entries = _counted(case, case.untouched), _counted(case, got.entries)
    if not got.problems:
        for entry in (expected - entries).elements():
            assert _is_named(entry, got), f"time record {entry.id} is lost without a word"
    assert (entries - expected).total() <= 2 * case.within, "a record was invented"


def _counted(case: Damaged, entries: tuple[TimeEntry, ...]) -> Counter[TimeEntry]:
    return Counter(replace(entry, text="") if case.spelling else entry for entry in entries)


def _is_named(entry: TimeEntry, got: Sorted) -> bool:
    return any(reject.source_id in (entry.id, None) for reject in got.rejected)
