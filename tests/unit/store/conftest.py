"""An open database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from migrator.store.engine import open_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The database of the test, opened."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()
