"""The versions of the mapping that people approved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow
from migrator.core.model import SourceId
from migrator.store.rows import Row, optional_moco_id, pages_of, table_of
from migrator.store.tables import MappingRow, MappingVersion
from migrator.store.terms import terms_of, terms_text


def load_mapping(session: Session, version: int | None = None) -> Mapping:
    """The mapping in force, or an older `version` of it; version 0 and empty when there is none yet."""
    number = version if version is not None else session.scalar(select(func.max(MappingVersion.id)))
    if number is None:
        return Mapping(0, {})
    query = select(MappingRow).where(MappingRow.version_id == number)
    query = query.order_by(MappingRow.kind, MappingRow.source_id)
    return Mapping.of(number, (_map_row(row) for row in session.scalars(query)))


def latest_version(session: Session) -> int:
    """The number of the mapping in force; 0 when there is none yet."""
    return session.scalar(select(func.max(MappingVersion.id))) or 0


def save_mapping(session: Session, rows: Iterable[MapRow], origin: str, now: datetime, made_by: str = "") -> int:
    """Put `rows` into force as a new version; returns its number. `origin` tells where they come from.

    What was merely found by name (`exact`) is never stored: only a person's decisions are.
    """
    version = MappingVersion(created_at=now, origin=origin, made_by=made_by)
    session.add(version)
    session.flush()
    decided = Mapping.of(version.id, rows).rows.values()
    for page in pages_of(row for row in decided if not row.exact):
        session.execute(insert(table_of(MappingRow)), [_columns(version.id, row) for row in page])
    return version.id


def _columns(version_id: int, row: MapRow) -> Row:
    return {
        "version_id": version_id,
        "kind": row.kind.value,
        "source_id": row.source_id,
        "action": row.action.value,
        "target_id": row.target_id,
        "cutover": row.cutover,
        "note": row.note,
        "terms": terms_text(row.terms),
    }


def _map_row(row: MappingRow) -> MapRow:
    return MapRow(
        kind=MapKind(row.kind),
        source_id=SourceId(row.source_id),
        action=MapAction(row.action),
        target_id=optional_moco_id(row.target_id),
        cutover=row.cutover,
        note=row.note,
        terms=terms_of(row.terms),
    )
