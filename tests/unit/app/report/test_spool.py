"""Lines on disk come back as they were, in the orders that the formats were promised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.app.report.spool import Spool
from migrator.core.model import SourceId
from migrator.core.report.line import Elsewhere, Place, Rule
from tests.support.reports import KeptLines, a_hostile_report, a_line, a_troubled_report


@pytest.mark.parametrize("report", [a_troubled_report, a_hostile_report])
def test_what_was_added_comes_back_in_every_order(report: object) -> None:
    assert callable(report)
    moved = Elsewhere(Place("Beta AG", SourceId(-4711), "<b>Intern"), Rule.EDITED_IN_MOCO)
    given: KeptLines = report()[1]
    kept = replace(given, lines=[*given.lines, a_line(9_999, elsewhere=moved)])
    # What has no number comes last, whatever its kind and time.
    kept.waiting = [replace(each, id="") if place % 3 == 0 else each for place, each in enumerate(kept.waiting)]
    with Spool() as spool:
        ordered = sorted(kept.lines, key=lambda line: (line.source_id is None, line.source_id or 0))
        spool.add(ordered[:100])
        spool.add(ordered[100:])
        spool.add_waiting(kept.waiting)
        spool.finish()
        assert list(spool.every()) == list(kept.every())
        assert list(spool.differences()) == list(kept.differences())
        assert list(spool.exceptions()) == list(kept.exceptions())
        for project in {line.project_id for line in kept.lines} | {SourceId(999), SourceId(-4711)}:
            assert list(spool.of_project(project)) == list(kept.of_project(project))


def test_nothing_of_it_is_to_be_seen_in_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Spool() as spool:
        for _ in range(20):
            spool.add(a_troubled_report()[1].lines)
        spool.finish()
        assert len(list(spool.every())) > 9_000
        assert list(tmp_path.iterdir()) == []
