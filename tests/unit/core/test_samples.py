"""Samples of a plan: the same for the same records, and something of everything."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.blocked import Blocked
from migrator.core.model import Billing, SourceId
from migrator.core.samples import FULL, Candidate, Sampler

STRATA = [("create", ""), ("hold", "UNMAPPED"), ("hold", "FORBIDDEN"), ("keep", "SAME"), ("conflict", "BILLED")]
START = date(2024, 1, 1)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """Records with different ids."""
    ids = draw(st.lists(st.integers(1, 10_000), unique=True, max_size=90))
    return [
        Candidate.of(
            SourceId(each),
            draw(st.sampled_from(STRATA)),
            START + timedelta(days=draw(st.integers(0, 40))),
            draw(st.sampled_from(list(Billing))),
        )
        for each in ids
    ]


def chosen(found: list[Candidate], full: int = FULL) -> list[Candidate]:
    sampler = Sampler[int](full)
    for each in found:
        sampler.take(each, partial(int, each.source_id))
    picked = sampler.chosen()
    assert all(sample.shown == sample.of.source_id for sample in picked)
    return [sample.of for sample in picked]


@given(candidates(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_the_records_changes_nothing(found: list[Candidate], order: random.Random) -> None:
    before = chosen(found)
    order.shuffle(found)
    assert chosen(found) == before


@given(candidates())
@settings(max_examples=40)
def test_everything_is_represented_and_the_rest_fills_up(found: list[Candidate]) -> None:
    picked = chosen(found)
    assert len(picked) == min(FULL, len(found))
    assert len({each.source_id for each in picked}) == len(picked)
    assert {each.stratum for each in picked} == {each.stratum for each in found}
    assert {each.billing for each in picked} == {each.billing for each in found}
    if found:
        days = [each.day for each in found]
        assert {min(days), max(days)} <= {each.day for each in picked}


@given(candidates())
@settings(max_examples=40)
def test_what_must_be_represented_is_also_where_there_is_no_room(found: list[Candidate]) -> None:
    picked = chosen(found, full=1)
    assert {each.stratum for each in picked} == {each.stratum for each in found}
    assert {each.billing for each in picked} == {each.billing for each in found}
    days = [each.day for each in found]
    assert ({min(days), max(days)} if days else set()) <= {each.day for each in picked}


def test_only_what_may_be_chosen_is_asked_for() -> None:
    sampler, asked = Sampler[int](), list[int]()

    def show(number: int) -> int:
        asked.append(number)
        return number

    for number in range(5_000):
        candidate = Candidate.of(SourceId(number + 1), STRATA[0], START, Billing.PAID)
        sampler.take(candidate, partial(show, number))
    assert len(asked) < 250


def test_what_is_blocked_is_counted_by_reason_with_its_first_records() -> None:
    blocked = Blocked()
    for id_ in (9, 3, 7, 1, 5, 8):
        blocked.add("hold", "UNMAPPED", SourceId(id_), 3_600)
    blocked.add("hold", "REJECTED", None, 9 * 3_600)
    blocked.add("create", "", SourceId(2), 60)
    assert blocked.as_json() == [
        {"action": "hold", "reason": "REJECTED", "records": 1, "seconds": 32_400, "sample_ids": []},
        {"action": "hold", "reason": "UNMAPPED", "records": 6, "seconds": 21_600, "sample_ids": [1, 3, 5, 7, 8]},
    ]
