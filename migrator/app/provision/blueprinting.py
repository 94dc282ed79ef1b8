"""Draws the blueprints of what the mapping asks to be created in MOCO, from the database and the configuration."""

from __future__ import annotations

from sqlalchemy.orm import Session

from migrator.app.config import Config
from migrator.app.configuration.choices import Creatable
from migrator.app.obstacles import PREFIX, creation_refused
from migrator.core.blueprints import Blueprints, Defaults, Drawer
from migrator.core.mapping import MapAction, MapKind, Mapping, SourceMasters, TargetMasters
from migrator.core.model import SourceId
from migrator.store import account, totals


def draw_blueprints(
    session: Session, config: Config, mapping: Mapping, known: SourceMasters, there: TargetMasters
) -> Blueprints:
    """What is to be created under a mapping in force; nothing where the configuration does not allow it."""
    open_still = [
        row.source_id
        for row in mapping.rows.values()
        if row.kind is MapKind.PROJECT and row.action is MapAction.CREATE and row.target_id is None
    ]
    if not open_still or Creatable.PROJECTS not in config.mapping.create:
        return Blueprints()
    defaults = Defaults(
        currency=config.provision.currency,
        leader=config.provision.leader.lower(),
        billing_variant=config.provision.billing_variant,
        create_companies=Creatable.COMPANIES in config.mapping.create,
    )
    days = totals.days_of_projects(session, open_still)
    return Drawer(mapping, known, there, defaults, days).draw(_refused(session, mapping))


def _refused(session: Session, mapping: Mapping) -> dict[tuple[MapKind, SourceId], str]:
    """What MOCO refused to create, in its words."""
    words = account.facts_named(session, PREFIX)
    found: dict[tuple[MapKind, SourceId], str] = {}
    for row in mapping.rows.values():
        if row.action is MapAction.CREATE and row.kind in (MapKind.COMPANY, MapKind.PROJECT):
            said = words.get(creation_refused(row.kind.value, row.source_id))
            if said is not None:
                found[row.kind, row.source_id] = said
    return found
