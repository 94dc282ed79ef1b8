"""Oddities of a document that cost nothing are told and fail nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.app.config import Config
from migrator.app.configuration.model import Database
from migrator.app.progress import LoggedProgress
from migrator.app.reading.command import read_source
from migrator.app.wiring import open_workplace
from migrator.errors import ExitCode

CASES = Path(__file__).parents[2] / "data" / "activecollab" / "cases"


@pytest.mark.parametrize("name", ["66_several_notices.xml", "66_notice_5.json"])
def test_php_notices_before_a_document_are_told_and_the_document_is_whole(tmp_path: Path, name: str) -> None:
    config = Config(database=Database(url=f"sqlite:///{tmp_path / 'migrator.db'}"))
    place = open_workplace(config, LoggedProgress())
    try:
        answer = read_source(place, [str(CASES / name)])
    finally:
        place.engine.dispose()
    assert answer.exit_code is ExitCode.DONE
    assert answer.document["problems"] == []
    notes = answer.document["notes"]
    assert isinstance(notes, list)
    (note,) = notes
    assert name in note
    assert "passed over" in note
    assert note in answer.text
