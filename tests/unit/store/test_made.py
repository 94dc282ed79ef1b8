"""What was created in MOCO for things of ActiveCollab, and the terms that the mapping keeps for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import Engine

from migrator.core.mapping import MapAction, MapKind, MapRow
from migrator.core.model import MocoId, SourceId
from migrator.core.terms import BillingVariant, Terms
from migrator.store.engine import reading, writing
from migrator.store.made import MadeThing, keep_made, list_made, made_targets
from migrator.store.mapping import load_mapping, save_mapping

WHEN = datetime(2024, 5, 1, tzinfo=UTC)


def test_the_newest_word_about_a_thing_counts(engine: Engine) -> None:
    first = MadeThing(MapKind.PROJECT, SourceId(5), MocoId(50), adopted=False, run_id=1)
    again = MadeThing(MapKind.PROJECT, SourceId(5), MocoId(51), adopted=True, run_id=2)
    company = MadeThing(MapKind.COMPANY, SourceId(5), MocoId(30), adopted=True, run_id=2)
    with writing(engine) as session:
        for thing in (first, company, again):
            keep_made(session, thing)
    with reading(engine) as session:
        assert list_made(session) == (company, again)
        assert made_targets(session) == {(MapKind.COMPANY, 5): 30, (MapKind.PROJECT, 5): 51}


def test_the_terms_of_a_project_come_back_as_they_were_written(engine: Engine) -> None:
    terms = Terms(
        currency="CHF",
        leader="ada@example.com",
        customer="Größe AG",
        identifier="R-7",
        billing_variant=BillingVariant.USER,
        fixed_price=True,
        retainer=True,
        budget_monthly=Decimal("1500.50"),
        start_date=date(2024, 1, 1),
        finish_date=date(2024, 1, 31),
        project_group="Größe",
        tags=("a", "b"),
    )
    rows = [
        MapRow(MapKind.PROJECT, SourceId(5), MapAction.CREATE, terms=terms),
        MapRow(MapKind.USER, SourceId(1), MapAction.HOLD),
    ]
    with writing(engine) as session:
        save_mapping(session, rows, "map.csv", WHEN)
    with reading(engine) as session:
        assert list(load_mapping(session).rows.values()) == rows
