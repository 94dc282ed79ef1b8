"""Every odd case of ActiveCollab's answers has its outcome, and that outcome is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.unit.activecollab.cases import EVERY, FOLDER, Case, check, load_table
from tests.unit.activecollab.reading import read
from tests.unit.activecollab.wire_cases import WireCase

ROOT = Path(__file__).parents[3]
CASES = load_table("cases.toml", Case)
WITH_DOCUMENT = [pytest.param(case, id=case.name) for case in CASES if case.document]
CHECKED_ELSEWHERE = [pytest.param(case, id=case.name) for case in CASES if case.checked_by]


@pytest.mark.parametrize("case", WITH_DOCUMENT)
def test_an_odd_document_gives_what_the_table_says(case: Case) -> None:
    check(case, read(case.path.read_bytes(), name=case.path.name, timezone=ZoneInfo(case.timezone)))


@pytest.mark.parametrize("case", WITH_DOCUMENT)
def test_what_must_not_be_told_is_never_told(case: Case) -> None:
    assert "secret" not in repr(read(case.path.read_bytes(), name=case.path.name))


@pytest.mark.parametrize("case", CHECKED_ELSEWHERE)
def test_a_case_that_no_document_shows_names_a_test_that_exists(case: Case) -> None:
    path, _, name = case.checked_by.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_case_is_in_the_table() -> None:
    over_http = load_table("wire.toml", WireCase)
    assert {case.number for case in CASES} | {case.number for case in over_http} == set(EVERY)
    assert all(bool(case.document) != bool(case.checked_by) for case in CASES)
    assert all(case.generation in ({2, 3, 5} if case.document else {0}) for case in CASES)


def test_every_document_is_in_the_table() -> None:
    documents = {path for path in FOLDER.iterdir() if path.suffix in {".xml", ".json"}}
    assert documents == {case.path for case in CASES if case.path.parent == FOLDER}
