"""Proposals help a person to choose; they never choose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.app.mapping.proposals import EXACT_SCORE, LEAST_SCORE, Proposal, Proposals, choices, most_similar
from migrator.app.mapping.sides import Sides
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow, TargetMasters
from migrator.core.matching import ExactMatcher, exact_matches
from migrator.core.model import MocoId, SourceId, TargetProject
from tests.unit.app import map_place as agency


def proposals(*, mapping: Mapping | None = None, there: TargetMasters | None = None) -> Proposals:
    known, usual = agency.masters()
    there = there or usual
    mapping = mapping or Mapping.of(0, exact_matches(known, there))
    return Proposals(Sides(known, there), ExactMatcher(known, there), mapping)


def test_the_same_e_mail_is_proposed_with_the_full_score() -> None:
    found = proposals().of(MapKind.USER, SourceId(agency.ADA))
    assert found == Proposal(MocoId(agency.MOCO_ADA), "Ada Beispiel", EXACT_SCORE)


def test_of_two_people_with_the_same_name_the_one_who_kept_the_mailbox_name_or_is_older_is_proposed() -> None:
    found = proposals().of(MapKind.USER, SourceId(agency.BEN))
    assert found is not None
    assert found.target_id == agency.MOCO_BEN_A


def test_a_renamed_project_is_found_among_those_of_its_customer() -> None:
    found = proposals().of(MapKind.PROJECT, SourceId(agency.SHOP))
    assert found is not None
    assert found.target_id == agency.MOCO_SHOP
    assert LEAST_SCORE <= found.score < EXACT_SCORE


def test_a_project_of_the_same_customer_stands_before_a_more_similar_one_of_another() -> None:
    usual = agency.masters()[1]
    twin = replace(agency.PROJECTS[0], id=MocoId(900), name="Webshop Relaunch!")
    there = TargetMasters(usual.users, usual.companies, {**usual.projects, twin.id: twin}, usual.tasks)
    found = proposals(there=there).of(MapKind.PROJECT, SourceId(agency.SHOP))
    assert found is not None
    assert found.target_id == agency.MOCO_SHOP


def test_a_ticket_is_compared_with_the_tasks_of_its_own_project_only() -> None:
    found = proposals().of(MapKind.TASK, SourceId(agency.HEADER))
    assert found == Proposal(MocoId(agency.MOCO_HEADER), "Header", EXACT_SCORE)
    elsewhere = Mapping.of(
        1, [MapRow(MapKind.PROJECT, SourceId(agency.WEBSITE), MapAction.MAP, MocoId(agency.MOCO_SHOP))]
    )
    found = proposals(mapping=elsewhere).of(MapKind.TASK, SourceId(agency.HEADER))
    assert found is not None
    assert found.target_id == agency.MOCO_SHOP_TASK


def test_a_ticket_of_an_unmapped_project_has_no_proposal() -> None:
    assert proposals(mapping=Mapping(0, {})).of(MapKind.TASK, SourceId(agency.HEADER)) is None


@pytest.mark.parametrize("kind", list(MapKind))
def test_a_thing_that_was_never_read_has_no_proposal(kind: MapKind) -> None:
    assert proposals().of(kind, SourceId(9999)) is None


def test_nothing_similar_is_no_proposal() -> None:
    assert most_similar(("zzz quux",), {(MocoId(1), 0): "website"}) is None


def test_of_equally_similar_targets_the_oldest_is_proposed_whatever_the_order() -> None:
    twins = {MocoId(id_): replace(agency.PROJECTS[0], id=MocoId(id_), name="Relaunch") for id_ in (9, 2)}
    assert most_similar(("relaunch",), choices(twins)) == (2, 100)


def test_a_single_letter_is_similar_to_nothing() -> None:
    usual = agency.masters()[1]
    letter = TargetProject(MocoId(7), "W", "W", MocoId(agency.MOCO_MUSTERBAU), active=True, billable=True)
    there = TargetMasters(usual.users, usual.companies, {letter.id: letter}, usual.tasks)
    assert proposals(there=there).of(MapKind.PROJECT, SourceId(agency.PLAYGROUND)) is None
