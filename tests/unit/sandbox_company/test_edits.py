"""What was edited in ActiveCollab after the first export."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.sandbox.company import Generation, build_agency, edit, write_export
from tests.unit.sandbox_company.exports import told, tracked


@pytest.mark.parametrize("generation", [2, 3])
@pytest.mark.parametrize(("seed", "records"), [(7, 2000), (1, 50), (2, 60)])
def test_the_edited_export_differs_in_exactly_four_records(
    generation: Generation, seed: int, records: int, tmp_path: Path
) -> None:
    agency = build_agency(seed, records, generation=generation)
    write_export(agency, tmp_path / "before")
    edits = edit(agency, tmp_path / "after")
    user = "user_id" if generation == 2 else "user/id"
    before = {int(told(each, "id")): each for each in tracked(tmp_path / "before")}
    after = {int(told(each, "id")): each for each in tracked(tmp_path / "after")}

    changed = {
        found for found in before.keys() & after.keys() if [*before[found].itertext()] != [*after[found].itertext()]
    }
    assert after.keys() - before.keys() == {edits.added.id}
    assert before.keys() <= after.keys()
    assert changed == {edits.lengthened.id, edits.moved.id, edits.trashed.id}
    assert told(after[edits.lengthened.id], "value") == edits.lengthened.after.hours
    assert edits.lengthened.after.hundredths > edits.lengthened.before.hundredths
    assert told(after[edits.moved.id], user) != told(before[edits.moved.id], user)
    assert told(after[edits.trashed.id], "state") == "1"
    for found in changed:
        assert told(after[found], "updated_on") > told(before[found], "updated_on")
    if generation == 2:
        assert all(int(told(after[each], "version")) == int(told(before[each], "version")) + 1 for each in changed)


def test_the_facts_follow_the_edits(tmp_path: Path) -> None:
    agency = build_agency(7, 2000)
    edits = edit(agency, tmp_path)
    before, after = agency.facts, edits.agency.facts
    assert after.total.records == before.total.records + 1
    assert after.trashed.records == before.trashed.records + 1
    assert after.ready.records == before.ready.records
    gained = edits.lengthened.after.readable_seconds - edits.lengthened.before.readable_seconds
    assert after.total.seconds == before.total.seconds + gained + edits.added.readable_seconds
    assert after.ready.seconds == (
        before.ready.seconds + gained + edits.added.readable_seconds - edits.trashed.before.readable_seconds
    )


def test_the_description_names_ids_and_no_people(tmp_path: Path) -> None:
    edits = edit(build_agency(7, 2000), tmp_path)
    story = "\n".join(edits.lines)
    for found in (edits.lengthened.id, edits.added.id, edits.moved.id, edits.trashed.id):
        assert str(found) in story
    assert not any(person.first_name in story for person in edits.agency.cast.people)
