"""A fresh account for every test."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.account import Account


@pytest.fixture
def account() -> Account:
    return Account()
