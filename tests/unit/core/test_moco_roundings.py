"""Which of MOCO's settings explain what it stored."""

from __future__ import annotations

import pytest

from migrator.core.duration import MOCO_SETTINGS, explained_by_rounding, possible_roundings
from migrator.core.model import Seconds
from migrator.sandbox.moco_switches import Rounding

PROBED = (61, 420, 960)
"""The durations that a probe books."""

SETTINGS = dict(
    zip(
        (Rounding.NONE, Rounding.NEAREST_5, Rounding.UP_5, Rounding.NEAREST_15, Rounding.UP_15),
        MOCO_SETTINGS,
        strict=True,
    )
)


def pairs(rounding: Rounding, *durations: int) -> list[tuple[Seconds, Seconds]]:
    return [(Seconds(each), Seconds(rounding.of(each))) for each in durations]


@pytest.mark.parametrize("rounding", list(SETTINGS))
def test_what_a_probe_books_tells_the_settings_apart(rounding: Rounding) -> None:
    assert possible_roundings(pairs(rounding, *PROBED)) == (SETTINGS[rounding],)


@pytest.mark.parametrize("rounding", list(SETTINGS))
def test_whole_quarters_of_an_hour_tell_nothing(rounding: Rounding) -> None:
    assert possible_roundings(pairs(rounding, 900, 3600, 27_000)) == MOCO_SETTINGS


def test_what_no_setting_does_is_explained_by_none() -> None:
    assert possible_roundings([(Seconds(61), Seconds(60))]) == ()
    assert not explained_by_rounding(Seconds(61), Seconds(60))
