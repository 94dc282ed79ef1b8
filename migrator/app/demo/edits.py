"""What people do on both sides between the demo's first migration and its sync."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from migrator.app.demo.stage import Stage, marker_of
from migrator.sandbox.activecollab_edits import LiveEdits, live_edits
from migrator.sandbox.moco_records import Activity

BY_HAND = "Corrected by a colleague in MOCO"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What people did; `before` is MOCO's activity of each edited record as it was, by the record's id."""

    edits: LiveEdits
    before: Mapping[int, Activity]
    by_hand: Activity

    @property
    def lines(self) -> tuple[str, ...]:
        """What was done, in words; the people and projects are made up."""
        edits = self.edits
        lengthened, moved, handed_over = edits.lengthened, edits.moved, edits.handed_over
        return (
            f"ActiveCollab: record {lengthened.id} grows from {lengthened.before.hours} to {lengthened.after.hours} h",
            f"ActiveCollab: record {edits.added.id} is new, {edits.added.hours} h of {edits.added.person.name}",
            f"ActiveCollab: record {moved.id} moves from {moved.before.project.name!r} to {moved.after.project.name!r}",
            f"ActiveCollab: record {handed_over.id} was {handed_over.before.person.name}'s, "
            f"now it is {handed_over.after.person.name}'s",
            f"ActiveCollab: record {edits.trashed.id} is thrown away",
            f"MOCO: activity {self.by_hand.id} gets the description {BY_HAND!r}",
        )


def go_on(stage: Stage) -> Meanwhile:
    """Edit five records in ActiveCollab's browser, and one activity in MOCO's."""
    held = {each.remote_id: each for each in stage.moco.activities}
    edits = live_edits(stage.activecollab, stage.agency)
    touched = [each.id for each in (edits.lengthened, edits.moved, edits.handed_over, edits.trashed)]
    before = {record_id: held.pop(marker_of(record_id)) for record_id in touched}
    newest = max(held.values(), key=lambda each: (each.date, each.id))
    return Meanwhile(edits, before, stage.moco.edit(replace(newest, description=BY_HAND)))
