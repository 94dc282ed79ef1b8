from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.live.scene import GENERATIONS, Agency, Generation, Scene, furnish, scene


@pytest.fixture(params=GENERATIONS, ids=lambda generation: f"generation{generation}")
def generation(request: pytest.FixtureRequest) -> Generation:
    """Every test that asks for a scene is run against all generations of the API."""
    found: Generation = request.param
    return found


@pytest.fixture
def live(tmp_path: Path, generation: Generation) -> Iterator[Scene]:
    """An empty server, and the product beside it."""
    with scene(tmp_path, generation) as built:
        yield built


@pytest.fixture
def agency(live: Scene) -> Agency:
    """The server of `live` holds a small agency."""
    return furnish(live.server)
