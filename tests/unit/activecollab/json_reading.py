"""Reads bytes, or values written as JSON, as one JSON document and sorts what came out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC
from io import BytesIO
from pathlib import Path

from migrator.activecollab.json_reader import read_json_document
from tests.unit.activecollab.reading import TODAY, Sorted, sort

JSON_CORPUS = Path(__file__).parents[2] / "data" / "activecollab" / "json"


def read_json(document: bytes | str, *, base_url: str = "") -> Sorted:
    raw = document.encode() if isinstance(document, str) else document
    return sort(list(read_json_document(BytesIO(raw), "a.json", timezone=UTC, today=TODAY, base_url=base_url)))


def read_json_corpus(case: str) -> Sorted:
    return read_json((JSON_CORPUS / f"{case}.json").read_bytes())


def a_json_record(**fields: object) -> dict[str, object]:
    """A usable record of generation 5 with `fields` changed or added."""
    usual: dict[str, object] = {
        "id": 1,
        "class": "TimeRecord",
        "url_path": "/projects/7/time-records/1",
        "value": 1.5,
        "record_date": 1_400_025_600,
        "user_id": 3,
        "parent_type": "Project",
        "parent_id": 7,
        "billable_status": 1,
    }
    return {**usual, **fields}


def listed(records: Iterable[dict[str, object]]) -> str:
    return json.dumps({"time_records": list(records), "related": None})
