"""The control group: scenes that pass on the product, and the planted mistakes that each of them catches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.forkserver import ForkServer
from tests.torture.mistakes import MISTAKES, Mistake
from tests.torture.scenes import SCENES, SmallWorld, small
from tests.torture.worlds import quick_folder


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_scene_ends_with_a_duplicate_a_loss_or_a_wrong_word(
    server: ForkServer, scene: Callable[[SmallWorld], None]
) -> None:
    with quick_folder() as folder, small(server, folder) as world:
        scene(world)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_caught(mistake: Mistake) -> None:
    with (
        quick_folder() as source,
        ForkServer(mistake.plant(source)) as server,
        quick_folder() as folder,
        # Here everything is run without trouble first, and there the mistake must not show.
        small(server, folder) as world,
        pytest.raises(AssertionError),
    ):
        mistake.caught_by(world)


def test_every_scene_catches_a_mistake() -> None:
    assert {mistake.caught_by for mistake in MISTAKES} == set(SCENES)
