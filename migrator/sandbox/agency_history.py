"""The agency as a whole: its cast, its stream of time records, and what was edited since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from migrator.sandbox.agency_cast import Cast, build_cast
from migrator.sandbox.agency_facts import Facts, count_facts
from migrator.sandbox.agency_records import FEWEST_RECORDS, TimeRecord, stream_records

Generation = Literal[2, 3, 5]


@dataclass(frozen=True)  # not slotted: the facts are counted once, when they are first asked for
class Agency:
    """A believable agency; the same for the same `seed`, `record_count` and `generation`.

    `added` records come on top of `record_count`; `replaced` ones, by id, stand in place of the original.
    """

    seed: int
    record_count: int
    generation: Generation
    cast: Cast
    added: tuple[TimeRecord, ...] = ()
    replaced: Mapping[int, TimeRecord] = field(default_factory=dict)

    def records(self) -> Iterator[TimeRecord]:
        """Every time record, newest first, in constant memory."""
        yield from self.added
        for record in stream_records(self.seed, self.record_count, self.cast):
            yield self.replaced.get(record.id, record)

    @cached_property
    def facts(self) -> Facts:
        """What is true of the export; counted in one pass over the records."""
        return count_facts(self.cast, self.records(), generation=self.generation)


def build_agency(seed: int, records: int, *, generation: Generation = 2) -> Agency:
    """An agency with so many time records; ValueError below 50, too few to show it all."""
    if records < FEWEST_RECORDS:
        raise ValueError(f"an agency has at least {FEWEST_RECORDS} time records, not {records}")
    return Agency(seed, records, generation, build_cast(seed, records))
