"""Documents of ActiveCollab can hold API keys: a key is read past, never stored, never shown."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from migrator.app.config import Config
from migrator.app.configuration.model import Database
from migrator.app.progress import LoggedProgress
from migrator.app.reading.command import read_source
from migrator.app.wiring import open_workplace

CORPUS = Path(__file__).parents[2] / "data" / "activecollab"
CANARY = "secret"
HOLDING = sorted(
    path for path in CORPUS.rglob("*") if path.suffix in {".xml", ".json"} and CANARY.encode() in path.read_bytes()
)


def test_no_key_inside_a_document_reaches_the_database_or_the_answer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert len(HOLDING) > 10
    database = tmp_path / "migrator.db"
    place = open_workplace(Config(database=Database(url=f"sqlite:///{database}")), LoggedProgress())
    try:
        answer = read_source(place, [str(path) for path in HOLDING])
    finally:
        place.engine.dispose()
    with closing(sqlite3.connect(database)) as connection:
        stored = "\n".join(connection.iterdump())
    assert "Ann Lee" in stored
    assert CANARY not in stored
    assert CANARY not in answer.text + json.dumps(answer.document)
    assert CANARY not in "".join(capfd.readouterr())
    # Nor in what SQLite keeps of rows that were deleted or rewritten.
    assert not [path.name for path in tmp_path.iterdir() if CANARY.encode() in path.read_bytes()]
