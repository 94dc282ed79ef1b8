"""Whatever is known of a record, its lines in a report hold all of it, once, and are no greener than `verify`."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.actions import Adopt, Keep
from migrator.core.compare import DifferenceKind, differences
from migrator.core.decide import decide
from migrator.core.drift import standing
from migrator.core.duration import Rounding
from migrator.core.report.assess import Assessor, Names
from migrator.core.report.line import Rule
from tests.unit.core.builders import Situation, a_time_entry
from tests.unit.core.test_decide_laws import situations_at_random


@settings(max_examples=400, deadline=None)
@given(situations_at_random(), st.booleans(), st.sampled_from(Rounding))
def test_the_lines_of_a_record_hold_all_of_both_sides_once(
    situation: Situation, accepted: bool, rounding: Rounding
) -> None:
    source, link, target = situation.source, situation.link, situation.target
    action = decide(source, link, target, situation.memory, situation.rules)
    entry = a_time_entry(seconds=source.seconds)
    line, *copies = Assessor(rounding, accepted).lines(entry, source, link, target, action, Names())

    there = {each.id: each.booking.seconds for each in target.marked}
    if link is not None and not target.gone:
        linked = standing(link, target).entry
        there[linked.id] = linked.booking.seconds
    assert {each.activity_id: each.stored for each in (line, *copies) if each.activity_id is not None} == there
    assert (line.read, line.source_id) == (source.seconds, entry.id)
    assert all((each.read, each.source_id, each.billing) == (0, None, None) for each in copies)

    same_month = line.target_day is not None and line.target_day.replace(day=1) == line.day.replace(day=1)
    assert (line.rule is Rule.SAME) == (same_month and line.stored == line.read)
    if line.rule is Rule.UNEXPLAINED:
        assert isinstance(action, Keep | Adopt)
    verified = differences(source, link, target, action, accepted)
    told = [(each.activity_id, each.difference, each.explained) for each in (line, *copies) if each.difference]
    known = {DifferenceKind.DELETED: line.activity_id}
    riddles = sum(each.unexplained_seconds for each in (line, *copies) if each.difference)
    assert riddles == sum(each.seconds for each in verified if not each.explained)
    assert told == [(known.get(each.kind, each.activity_id), each.kind, each.explained) for each in verified]
