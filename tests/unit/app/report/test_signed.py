"""Signed reports: whether a file is still as it was made, and what changed since."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migrator.app.report.changed import Change, changes
from migrator.app.report.json import report_json
from migrator.app.report.json_text import Rows, write_json
from migrator.app.report.signed import read_signed
from migrator.core.actions import Word
from migrator.core.model import Seconds
from migrator.errors import UsageError
from tests.support.reports import KeptLines, a_good_report, a_line, a_troubled_report, figures_of

Document = dict[str, Any]  # JSON


def _plain(value: Rows | Decimal) -> object:
    return list(value.make()) if isinstance(value, Rows) else float(value)


def a_document(kept: KeptLines, **changed: Any) -> Document:
    document: Document = json.loads(json.dumps(report_json(figures_of(kept, **changed), kept), default=_plain))
    return document


@pytest.fixture
def path(tmp_path: Path) -> Path:
    figures, lines = a_troubled_report()
    (path,) = write_json(tmp_path, report_json(figures, lines))
    return path


def test_a_report_is_genuine_as_it_was_written_however_it_is_laid_out(path: Path) -> None:
    assert read_signed(path).genuine
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(reversed(document.items()))), encoding="utf-8-sig")
    signed = read_signed(path)
    assert (signed.genuine, signed.plan, signed.with_people) == (True, None, False)


def _hour(document: Document) -> None:
    document["totals"]["source"]["seconds"] += 1


def _name(document: Document) -> None:
    document["made_by"] = "Somebody"


def _row(document: Document) -> None:
    document["ledger"].pop()


def _more(document: Document) -> None:
    document["comment"] = ""


def _fingerprint(document: Document) -> None:
    document["fingerprint"] = ""


@pytest.mark.parametrize("change", [_hour, _name, _row, _more, _fingerprint])
def test_whatever_is_changed_in_a_report_is_noticed(path: Path, change: Callable[[Document], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    assert not read_signed(path).genuine


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"schema": "migrator.verify/1"}',
        '{"schema": "migrator.report/1"}',
        '{"schema": "migrator.report/1", "x": NaN}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"report\.json"):
        read_signed(tmp_path / "report.json")
    with pytest.raises(UsageError, match="cannot be read"):
        read_signed(tmp_path / "absent.json")


def test_a_report_that_says_something_twice_is_refused_because_each_reader_may_take_another(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text('{"made_by": "Somebody", ' + text[1:], encoding="utf-8")
    with pytest.raises(UsageError, match="twice"):
        read_signed(path)


def test_a_report_with_a_part_of_another_shape_is_refused(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["customers"][0]["projects"][0]["months"] = {"2024-01": 1}
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="no report of this program"):
        read_signed(path)


def test_one_edited_record_is_told_on_every_level() -> None:
    lines = [a_line(number) for number in range(12)]
    then = a_document(KeptLines(lines))
    assert changes(then, then) == []
    edited = replace(lines[3], stored=Seconds(lines[3].stored + 360))
    now = a_document(KeptLines([*lines[:3], edited, *lines[4:]]))
    found = [change for change in changes(then, now) if change.figure == "target"]
    assert [change.level for change in found] == ["total", "customer", "project", "month"]
    assert {change.now - change.then for change in found} == {360}
    place = (edited.customer, f"{edited.project} (#{edited.project_id})", f"{edited.day:%Y-%m}")
    assert found[-1].place == place
    states = [change.figure for change in changes(then, now) if change.level == "month"]
    assert states == ["target", f"target {edited.state.value}"]


def test_a_customer_that_is_gone_and_one_that_is_new_are_both_told() -> None:
    line = a_line(1)
    then, now = (a_document(KeptLines([replace(line, customer=name)])) for name in ("Before", "After"))
    found = {change.place: (change.then, change.now) for change in changes(then, now) if change.level == "customer"}
    assert set(found) == {("Before",), ("After",)}
    assert not [change for change in changes(then, now) if change.level == "total"]


def test_what_was_created_is_found_unchanged_later_and_that_is_no_change() -> None:
    line = a_line(1)
    created, unchanged, held = (
        a_document(KeptLines([replace(line, word=word)])) for word in (Word.CREATED, Word.UNCHANGED, Word.HELD)
    )
    assert changes(created, unchanged) == []
    told = {(change.level, change.place, change.figure) for change in changes(created, held)}
    assert {("word", ("in MOCO",), "records"), ("word", ("held",), "records")} <= told


def test_a_new_version_of_the_mapping_is_told_beside_the_figures() -> None:
    figures, lines = a_good_report(3)
    mapping = replace(figures.mapping, version=figures.mapping.version + 1)
    (change,) = changes(a_document(lines), a_document(lines, mapping=mapping))
    assert change == Change("mapping", (), "version", 7, 8)
    assert not change.is_figure
