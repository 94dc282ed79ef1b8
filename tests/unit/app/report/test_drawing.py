"""Charts are true to their figures, told apart without colour, and never leave their plane."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.app.report.drawing import Drawing, Look, Pair, columns, rows, shares, stacks, tick_step
from migrator.app.report.html_charts import (
    COVERAGE,
    coverage_drawing,
    kinds_drawing,
    months_drawing,
    people_drawing,
)
from migrator.app.report.wording import Language, Wording
from migrator.core.actions import Word
from migrator.core.model import Seconds, SourceId
from migrator.core.report.figures import Figures
from tests.support.reports import KeptLines, a_line, a_troubled_report, figures_of

EN = Wording(Language.EN)
WIDTH = 960


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=40))
def test_every_bar_lies_on_the_plane_and_is_as_long_as_its_amount(amounts: list[tuple[int, int]]) -> None:
    pairs = [Pair(str(n), first, second, "", "") for n, (first, second) in enumerate(amounts)]
    standing, _, _, height = columns(pairs, ("a", "b"), 3_600, "{} h")
    lying, _, low = rows(pairs, ("a", "b"))
    for bars, bottom in ((standing, height), (lying, low)):
        for bar in bars:
            assert bar.x >= 0
            assert bar.y >= 0
            assert bar.width >= 0
            assert bar.height >= 0
            assert bar.x + bar.width <= WIDTH
            assert bar.y + bar.height <= bottom
    # The first two belong to the legend.
    longest = max((bar.height for bar in standing[2:]), default=0)
    largest = max((max(pair) for pair in amounts), default=0)
    for bar, amount in zip(standing[2:], (amount for pair in amounts for amount in pair), strict=True):
        assert bar.height == pytest.approx(longest * amount / (largest or 1), abs=0.11)


@pytest.mark.parametrize(("largest", "step"), [(0, 1), (6, 1), (7, 2), (13, 5), (31, 10), (700, 200), (13_000, 5_000)])
def test_a_scale_has_round_steps(largest: float, step: int) -> None:
    assert tick_step(largest) == step


def test_a_share_that_is_there_is_seen_and_one_that_is_not_is_named_only() -> None:
    parts = [(Look.SOLID, 1_000_000, "most"), (Look.DOTTED, 1, "little"), (Look.HOLLOW, 0, "nothing")]
    bars, labels, _ = shares(parts)
    drawn = [bar for bar in bars if bar.height == 36]
    assert [bar.look for bar in drawn] == [Look.SOLID, Look.DOTTED]
    assert drawn[1].width >= 4
    assert [label.text for label in labels] == ["most", "little", "nothing"]


def test_stacks_say_both_parts() -> None:
    bars, labels, _ = stacks([("changed", 3, 1, "4 records")], ("a", "b"))
    assert [(bar.look, bar.width) for bar in bars[2:]] == [(Look.SOLID, 375.0), (Look.DOTTED, 125.0)]
    assert labels[-1].text == "4 records"


def test_every_word_is_in_one_group_of_the_coverage() -> None:
    grouped = [word for _, _, words in COVERAGE for word in words]
    assert sorted(grouped, key=list(Word).index) == list(Word)


def test_sides_and_groups_are_told_apart_by_their_looks() -> None:
    assert len({look for look, _, _ in COVERAGE}) == len(COVERAGE)
    pair = [Pair("x", 3_600, 3_600, "1", "1")]
    assert {bar.look for bar in columns(pair, ("a", "b"), 3_600, "{}")[0]} == {Look.SOLID, Look.HATCHED}


def _drawings(figures: Figures) -> list[Drawing]:
    return [
        months_drawing(figures, EN),
        people_drawing(figures, EN),
        coverage_drawing(figures.words, EN),
        kinds_drawing(figures, EN),
    ]


def test_every_chart_has_words_for_those_who_do_not_see_it() -> None:
    figures, _ = a_troubled_report()
    for drawing in _drawings(figures):
        assert drawing.title
        assert drawing.description
        assert len(drawing.rows) > 1
        assert {len(row) for row in drawing.rows} == {len(drawing.head)}


def test_a_report_without_records_still_draws() -> None:
    for drawing in _drawings(figures_of(KeptLines([]))):
        assert drawing.title


def test_months_without_hours_leave_a_gap_and_many_months_become_quarters_then_years() -> None:
    def labels(*days: date) -> list[str]:
        lines = [a_line(n, day=day, target_day=day) for n, day in enumerate(days)]
        drawing = months_drawing(figures_of(KeptLines(lines)), EN)
        return [label.text for label in drawing.labels if label.anchor == "middle"]

    assert labels(date(2024, 11, 5), date(2025, 2, 5)) == ["Nov 24", "Dec 24", "Jan 25", "Feb 25"]
    assert labels(date(2019, 1, 5), date(2024, 12, 5))[0] == "Q1 2019"
    assert labels(date(2009, 1, 5), date(2024, 12, 5))[0] == "2009"


def test_people_beyond_the_first_are_counted_together() -> None:
    lines = [
        replace(
            a_line(0), person=f"Person {n}", person_id=SourceId(n), read=Seconds(3_600 + n), stored=Seconds(3_600 + n)
        )
        for n in range(18)
    ]
    drawing = people_drawing(figures_of(KeptLines(lines)), EN)
    assert drawing.rows[-1][0] == "3 other people"
    assert len(drawing.rows) == 16
