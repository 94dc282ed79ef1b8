"""Tests for `migrator.core.reopening`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.core.actions import Action, Adopt, Create, Hold, HoldReason, Keep, Rebook, Update, Withdraw
from migrator.core.model import MocoId
from migrator.core.reopening import Reopenable
from tests.unit.core.builders import a_booking, an_entry

THERE = replace(a_booking(), project_id=MocoId(1), user_id=MocoId(11))
WANTED = replace(a_booking(), project_id=MocoId(2), user_id=MocoId(12))
ENTRY = an_entry(THERE)
SHUT = Reopenable(frozenset({MocoId(1), MocoId(2), MocoId(3)}), frozenset({MocoId(11), MocoId(12)}))
WHERE_IT_IS = Reopenable(frozenset({MocoId(1)}), frozenset({MocoId(11)}))
WHERE_IT_GOES = Reopenable(frozenset({MocoId(2)}), frozenset({MocoId(12)}))
BOTH = WHERE_IT_IS.and_also(WHERE_IT_GOES)


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        (Create(WANTED), WHERE_IT_GOES),
        (Update(ENTRY, WANTED), BOTH),
        (Rebook(ENTRY, WANTED), BOTH),
        (Adopt(ENTRY, WANTED, then_update=True), BOTH),
        (Withdraw(ENTRY), WHERE_IT_IS),
        (Adopt(ENTRY, WANTED), Reopenable()),
        (Keep(), Reopenable()),
        (Hold(HoldReason.FORBIDDEN), Reopenable()),
    ],
    ids=lambda it: type(it).__name__,
)
def test_a_write_needs_open_where_it_is_and_where_it_goes(action: Action, needed: Reopenable) -> None:
    assert SHUT.needed_for(action) == needed
    assert Reopenable().needed_for(action) == Reopenable()
    assert needed.count == len(needed.projects) + len(needed.people)
