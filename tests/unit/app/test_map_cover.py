"""Coverage is measured in groups of records; it must say what resolving every single record says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from random import Random

import pytest

from migrator.app.configuration.model import Mapping as MappingSection
from migrator.app.configuration.model import Policy, Scope
from migrator.app.deciding import policy_of
from migrator.app.mapping.cover import Cover, in_force, measure
from migrator.app.mapping.sides import Sides, load_sides
from migrator.app.wiring import Workplace
from migrator.core.actions import SkipReason
from migrator.core.duration import Rounding
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow
from migrator.core.model import MocoId, SourceId, TimeEntry
from migrator.core.policy import TaskStrategy
from migrator.core.resolve import LeftOut, Resolver, Unmapped, Wanted
from migrator.store.engine import reading
from migrator.store.merge import pages
from tests.unit.app import map_place as agency
from tests.unit.app.map_place import a_place, an_entry, furnish

FIRST = date(2024, 1, 1)

ROWS = (
    MapRow(MapKind.USER, SourceId(agency.BEN), MapAction.MAP, MocoId(agency.MOCO_BEN_A), cutover=date(2024, 4, 1)),
    MapRow(MapKind.USER, SourceId(agency.CLEO), MapAction.HOLD),
    MapRow(MapKind.PROJECT, SourceId(agency.SHOP), MapAction.MAP, MocoId(agency.MOCO_SHOP), cutover=date(2024, 9, 1)),
    MapRow(MapKind.PROJECT, SourceId(agency.PLAYGROUND), MapAction.SKIP),
    MapRow(MapKind.COMPANY, SourceId(agency.NORDWIND), MapAction.HOLD),
    MapRow(MapKind.TASK, SourceId(agency.HEADER), MapAction.MAP, MocoId(agency.MOCO_HEADER)),
    MapRow(MapKind.JOB_TYPE, SourceId(agency.DESIGN), MapAction.SKIP),
)


def some_entries(chance: Random) -> Iterator[TimeEntry]:
    for number in range(1, 251):
        yield an_entry(
            number,
            chance.choice([agency.ADA, agency.ADA, agency.BEN, agency.CLEO, 77, None]),
            chance.choice([agency.WEBSITE, agency.WEBSITE, agency.SHOP, agency.PLAYGROUND, 88]),
            chance.choice([0, 1 / 360, 0.25, 1, 3.75]),
            FIRST + timedelta(days=chance.randrange(366)),
            ticket=chance.choice([None, agency.HEADER, agency.FOOTER, 99]),
            job_type=chance.choice([None, None, agency.DESIGN, 55]),
            trashed=chance.random() < 0.05,
            worker_name=chance.choice(["", "Gast"]),
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    place = a_place(tmp_path, entries=some_entries(Random("cover")))
    furnish(place)
    yield place
    place.engine.dispose()


def one_by_one(place: Workplace, mapping: Mapping, sides: Sides) -> Counter[Enum | str]:
    """The seconds by what becomes of each record, resolved one after the other."""
    policy = policy_of(place.config)
    resolver = Resolver("main", mapping, sides.known, sides.there, policy)
    found: Counter[Enum | str] = Counter()
    for page in pages(place.engine, 0):
        for entry in (merged.entry for merged in page if not merged.entry.trashed):
            match resolver.resolve(entry):
                case LeftOut(reason=SkipReason.OUT_OF_SCOPE | SkipReason.ZERO_DURATION):
                    continue
                case LeftOut(reason=skip):
                    found[skip] += entry.seconds
                case Wanted() | Unmapped(wanted=Wanted()):
                    found["mapped"] += entry.seconds
                case Unmapped(reason=missing):
                    found[missing] += entry.seconds
    return +found


def in_groups(cover: Cover) -> Counter[Enum | str]:
    found: Counter[Enum | str] = Counter({"mapped": cover.mapped})
    found.update(cover.waiting)
    found.update(cover.left_out)
    return +found


@pytest.mark.parametrize("strategy", list(TaskStrategy))
@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope.model_validate({"from": date(2024, 2, 1), "to": date(2024, 10, 31)}),
        Scope(users=("ada beispiel", "gast")),
    ],
)
@pytest.mark.parametrize("rows", [(), ROWS])
def test_groups_say_what_every_single_record_says(
    place: Workplace, strategy: TaskStrategy, rounding: Rounding, scope: Scope, rows: tuple[MapRow, ...]
) -> None:
    changed = {
        "mapping": MappingSection(task_strategy=strategy, create=()),
        "policy": Policy(rounding=rounding),
        "scope": scope,
    }
    place = Workplace(place.config.model_copy(update=changed), place.engine, place.progress, place.clock)
    sides = load_sides(place, refresh=False)
    mapping = in_force(place.config, Mapping.of(1, rows), sides)
    with reading(place.engine) as session:
        cover = measure(session, place.config, mapping, sides)
    expected = one_by_one(place, mapping, sides)
    assert in_groups(cover) == expected
    assert expected["mapped"] > 0
    people = [tally.seconds for thing, tally in cover.things.items() if thing[0] is MapKind.PROJECT]
    assert sum(people) == sum(expected.values())
