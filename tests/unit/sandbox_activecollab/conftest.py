"""A fresh installation for every test."""

from __future__ import annotations

import pytest

from tests.unit.sandbox_activecollab.installation import Installation


@pytest.fixture
def second() -> Installation:
    """Generation 2."""
    return Installation(2)


@pytest.fixture
def third() -> Installation:
    """Generation 3."""
    return Installation(3)


@pytest.fixture
def fifth() -> Installation:
    """Generation 5."""
    return Installation(5)


@pytest.fixture(params=[2, 3])
def legacy(request: pytest.FixtureRequest) -> Installation:
    """Generations 2 and 3."""
    return Installation(request.param)


@pytest.fixture(params=[2, 3, 5])
def every(request: pytest.FixtureRequest) -> Installation:
    """All three."""
    return Installation(request.param)
