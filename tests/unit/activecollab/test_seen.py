"""What was met of late is remembered, in memory that does not grow with the document."""

from __future__ import annotations

import pytest

from migrator.activecollab import seen as module
from migrator.activecollab.seen import Seen
from migrator.core.model import SourceId, Task


def test_what_was_met_is_no_news_and_an_equal_value_is_the_same() -> None:
    seen = Seen()
    assert seen.is_new(Task(SourceId(1), "Entwurf"))
    assert not seen.is_new(Task(SourceId(1), "Entwurf"))
    assert seen.is_new(Task(SourceId(1), "Konzept"))


def test_a_full_memory_forgets_and_stays_as_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    seen = Seen()
    assert all(seen.is_new(each) for each in range(5))
    assert len(seen._hashes) == 2
    assert not seen.is_new(4)
    assert seen.is_new(0)
