"""What may stand before a document: what PHP prints is passed over, everything else is an objection."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.activecollab.xml_prologue import HEAD, inspect
from tests.unit.activecollab.reading import a_record, read

LEVELS = st.sampled_from(["Notice", "Warning", "Deprecated", "Strict Standards"])
SAID = st.text(st.characters(exclude_characters="<>\0", exclude_categories=["Cs"]), max_size=60)
BLANKS = st.sampled_from(["", "\n", "\r\n\r\n", "\ufeff", "  \n"])
PATHS = st.sampled_from(["/var/www/ac/public/index.php", "C:\\inetpub\\ac\\x.php", "/a b/c.php(12) : eval()'d code"])


@st.composite
def notices(draw: st.DrawFn) -> str:
    """A message as PHP prints it, with or without HTML."""
    level, said, path, line = draw(LEVELS), draw(SAID), draw(PATHS), draw(st.integers(1, 99_999))
    plain = f"\n{level}: {said} in {path} on line {line}\n"
    marked = f"<br />\n<b>{level}</b>:  {said} in <b>{path}</b> on line <b>{line}</b><br />\n"
    return draw(st.sampled_from([plain, marked, f"PHP {level}:  {said} in {path} on line {line}\n"]))


@given(st.lists(notices(), min_size=1, max_size=4), BLANKS, st.booleans())
def test_whatever_php_complains_about_the_document_is_read_and_the_lines_are_right(
    printed: list[str], blank: str, declared: bool
) -> None:
    document = ("<?xml version='1.0'?>\n" if declared else "") + a_record(id="5")
    before = blank.join(printed)
    got = read(before + document)
    assert [(found.entry.id, found.origin.line) for found in got.found] == [
        (5, before.count("\n") + document.count("\n") + 1)
    ]
    assert (got.problems, len(got.notes)) == ((), 1)


@pytest.mark.parametrize(
    "before",
    [
        "Notice",
        "Notice: no line told\n",
        "Notice of mine: x on line 3\n",
        "x\nNotice: y in /a.php on line 3\n",
        "<b>Notice</b>",
    ],
)
def test_what_only_looks_like_a_message_of_php_is_an_objection(before: str) -> None:
    got = read(before + "<?xml version='1.0'?>" + a_record())
    assert len(got.problems) == 1
    assert (got.found, got.notes) == ((), ())


def test_an_ordinary_document_has_nothing_to_note() -> None:
    assert inspect(a_record().encode()).note == ""


@pytest.mark.parametrize(
    "bit",
    [
        b"Notice: x ",
        b"<br />",
        b"<br     ",
        b"Notice: on line ",
        b"Notice: x on line 1\n",
        b"\nNotice: ",
        b"<!--",
        b"<?",
        b" ",
    ],
)
def test_no_beginning_takes_long_to_judge(bit: bytes) -> None:
    head = (bit * HEAD)[:HEAD]
    began = time.perf_counter()
    for start in (b"", b"Notice: x", b"<br />\n<b>Warning</b>: "):
        inspect((start + head)[:HEAD])
    assert time.perf_counter() - began < 2
