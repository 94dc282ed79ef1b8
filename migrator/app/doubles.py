"""What may stand in MOCO twice though no marker says so: listed for a person, never acted on."""

from __future__ import annotations

from collections.abc import Mapping as Readable
from typing import Any

from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow
from migrator.core.model import MocoId, Seconds, SourceId
from migrator.store.doubles import PossibleDouble, possible_doubles

LISTED = 20
SHOWN = 5


def find_doubles(place: Workplace, mapping: Mapping) -> dict[str, object]:
    """How many activities of MOCO may be a record booked there by hand, and the first of them with one such record.

    Records that the mapping skips, or leaves to MOCO from a day on, are not sent, and so doubled by nobody.
    """
    people, projects = _same(mapping, MapKind.USER), _same(mapping, MapKind.PROJECT)
    count, last = 0, None
    first: list[dict[str, object]] = []
    for double in possible_doubles(place.engine, people, projects):
        if double.activity_id == last or _left_to_moco(mapping, double):
            continue
        last = double.activity_id
        count += 1
        if len(first) < LISTED:
            first.append(_shown(double))
    return {"count": count, "first": first}


def _same(mapping: Mapping, kind: MapKind) -> set[tuple[SourceId, MocoId]]:
    booked = (MapAction.MAP, MapAction.CREATE, MapAction.STAND_IN)
    return {
        (row.source_id, row.target_id)
        for row in mapping.rows.values()
        if row.kind is kind and row.target_id is not None and row.action in booked
    }


def _left_to_moco(mapping: Mapping, double: PossibleDouble) -> bool:
    rows = (mapping.get(MapKind.USER, double.user_id), mapping.get(MapKind.PROJECT, double.project_id))
    return any(row is not None and _leaves_out(row, double) for row in rows)


def _leaves_out(row: MapRow, double: PossibleDouble) -> bool:
    return row.action is MapAction.SKIP or (row.cutover is not None and row.cutover <= double.day)


def _shown(double: PossibleDouble) -> dict[str, object]:
    same = {"project": double.same_project, "length": double.source_seconds == double.target_seconds}
    return {
        "source_id": double.source_id,
        "activity_id": double.activity_id,
        "date": double.day.isoformat(),
        "source_seconds": double.source_seconds,
        "target_seconds": double.target_seconds,
        "same": [name for name, is_so in same.items() if is_so],
    }


def doubles_text(found: Readable[str, Any]) -> list[str]:  # JSON
    """The same for a person; no lines where there are none."""
    if not found["count"]:
        return []
    lines = [
        f"Possible doubles: {found['count']:,} activities without a marker of ours stand in MOCO on the day of a "
        "record of the same person, in the same project or of the same length. Nothing is done about them:"
    ]
    for row in found["first"][:SHOWN]:
        hours = " and ".join(format_hours(Seconds(row[side])) for side in ("source_seconds", "target_seconds"))
        pair = f"record {row['source_id']}, activity {row['activity_id']}"
        lines.append(f"  {row['date']}  {pair}: {hours} h, same {' and '.join(row['same'])}")
    if found["count"] > SHOWN:
        lines.append("  … and more with --json")
    return lines
