"""What was created in MOCO for companies, projects and people of ActiveCollab, or found there and adopted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from migrator.core.mapping import Made, MapKind
from migrator.core.model import MocoId, SourceId
from migrator.store.rows import Row, upsert
from migrator.store.tables import MadeRow


@dataclass(frozen=True, slots=True)
class MadeThing:
    """One thing of MOCO that stands for one of ActiveCollab because its mapping said `create`."""

    kind: MapKind
    source_id: SourceId
    target_id: MocoId
    adopted: bool
    run_id: int


def keep_made(session: Session, thing: MadeThing) -> None:
    """Remember what was created; the newest word counts."""
    row: Row = {
        "kind": thing.kind.value,
        "source_id": thing.source_id,
        "target_id": thing.target_id,
        "adopted": thing.adopted,
        "run_id": thing.run_id,
    }
    upsert(session, MadeRow, [row])


def list_made(session: Session) -> tuple[MadeThing, ...]:
    """Everything that was created, by kind and id."""
    rows = session.scalars(select(MadeRow).order_by(MadeRow.kind, MadeRow.source_id))
    return tuple(
        MadeThing(MapKind(row.kind), SourceId(row.source_id), MocoId(row.target_id), row.adopted, row.run_id)
        for row in rows
    )


def made_targets(session: Session) -> Made:
    """The targets of all that was created."""
    return {(each.kind, each.source_id): each.target_id for each in list_made(session)}
