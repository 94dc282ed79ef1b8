"""A believable agency from a seed number: its ActiveCollab export and its MOCO account."""

from __future__ import annotations

from migrator.sandbox.agency_cast import Cast, Client, InMoco, Person, Project, Ticket
from migrator.sandbox.agency_export import write_export
from migrator.sandbox.agency_facts import Facts, Fate, Tally, fate_of
from migrator.sandbox.agency_furnish import Furnished, furnish
from migrator.sandbox.agency_history import Agency, Generation, build_agency
from migrator.sandbox.agency_records import Expense, Oddity, TimeRecord
from migrator.sandbox.agency_target import (
    MappingChoice,
    MocoPerson,
    MocoProject,
    MocoSide,
    mapping_choices,
    target_of,
)

__all__ = [
    "Agency",
    "Cast",
    "Client",
    "Expense",
    "Facts",
    "Fate",
    "Furnished",
    "Generation",
    "InMoco",
    "MappingChoice",
    "MocoPerson",
    "MocoProject",
    "MocoSide",
    "Oddity",
    "Person",
    "Project",
    "Tally",
    "Ticket",
    "TimeRecord",
    "build_agency",
    "fate_of",
    "furnish",
    "mapping_choices",
    "target_of",
    "write_export",
]
