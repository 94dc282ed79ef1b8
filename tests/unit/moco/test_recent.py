"""A listing remembers so many rows and no more."""

from __future__ import annotations

from migrator.core.model import MocoId
from migrator.moco.scan import REMEMBERED, Recent


def test_a_repeated_row_is_known_and_a_long_list_forgets_its_beginning() -> None:
    recent = Recent()
    assert all(recent.is_new(MocoId(number)) for number in range(REMEMBERED + 1))
    assert not recent.is_new(MocoId(REMEMBERED))
    assert recent.is_new(MocoId(0))
