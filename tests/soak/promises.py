"""What must hold (I1 to I10): asserted from the memory of both simulations, and from the product's database.

I6, that a killed run ends as one that was never killed, is what all of it comes down to: MOCO holds in the end what is
worked out from both accounts alone, whatever was cut off in between.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.core.outcomes import Outcome
from migrator.sandbox.activecollab_records import State
from tests.soak.agency import Agency, record_of
from tests.system.databases import ask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WORDS = [
    "created",
    "adopted",
    "updated",
    "unchanged",
    "skipped",
    "held",
    "conflicts",
    "quarantined",
    "rejected",
    "pending",
    "unclear",
]


class Promises:
    """Checks one agency and the product's database in a folder."""

    def __init__(self, agency: Agency, folder: Path) -> None:
        self.agency = agency
        self.folder = folder
        self.unwritten: list[str] = []
        """Writes that arrived without an intent of theirs."""

    def always(self) -> None:
        """After whatever: nothing twice (I1), links only to what was shown (I3), nothing of theirs touched (I8)."""
        agency = self.agency
        ours = [each for each in agency.moco.activities if each.remote_id]
        assert len({each.remote_id for each in ours}) == len(ours), "I1: a record is there twice"
        there = {each.id: each for each in ours}
        for source_id, activity_id in ask(self.folder, "SELECT source_id, activity_id FROM links"):
            if activity_id in there:
                assert record_of(there[activity_id]) == source_id, "I3: a link to somebody else's activity"
            else:
                assert agency.left.get(source_id, 0) is None, "I3: a link to nothing"
        by_record = {record_of(each): each for each in ours}
        for record_id, kept in agency.left.items():
            assert by_record.get(record_id) == kept, f"I8: what a person did with {record_id} was overwritten"
        assert [each for each in agency.moco.activities if each.remote_id is None] == agency.own, "I8: not ours"
        assert self.unwritten == [], "I4: a write without an intent"
        assert agency.moco.rate_violations == 0, "I9: the window"

    def of_books(self, outcome: Outcome) -> None:
        """Every record in one word (I2), every second, too (I10)."""
        counts, seconds = outcome.counts, outcome.seconds
        assert counts["read"] == sum(counts[word] for word in WORDS), "I2"
        assert seconds["read"] == sum(seconds[word] for word in WORDS), "I10"
        assert counts["pending"] == counts["unclear"] == 0, "I2: pending or unclear"

    def in_the_end(self) -> None:
        """MOCO holds what ActiveCollab has, but where a person did something in MOCO."""
        agency = self.agency
        found = {
            record_of(each): (each.user_id, each.project_id, each.date, each.seconds, each.description, each.billable)
            for each in agency.moco.activities
            if each.remote_id and record_of(each) not in agency.left
        }
        wanted = {
            each.id: (
                agency.people[each.user_id or 0],
                agency.projects[each.project_id],
                each.day,
                each.seconds,
                each.text,
                each.billable_status != 0,
            )
            for each in agency.source.records.values()
            if each.state is State.VISIBLE and each.id not in agency.left
        }
        assert found == wanted, "I6: MOCO is not what it should be"

    def see(self, environ: WSGIEnvironment, body: bytes) -> None:
        """A write that arrives has a committed intent that is still open (I4)."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        sought: set[str] | set[int]
        if path.endswith("/activities/bulk"):
            sought = {row["remote_id"] for row in json.loads(body)["activities"]}
            rows = ask(self.folder, "SELECT natural_key FROM intents WHERE closed_at IS NULL")
        elif "/activities/" in path:
            sought = {int(path.rpartition("/")[2])}
            rows = ask(self.folder, "SELECT activity_id FROM intents WHERE closed_at IS NULL")
        else:
            # Tasks and assignments: any open intent is theirs.
            sought, rows = set(), ask(self.folder, "SELECT 1 FROM intents WHERE closed_at IS NULL")
            if not rows:
                self.unwritten.append(f"{method} {path}")
        if not sought <= {value for (value,) in rows}:
            self.unwritten.append(f"{method} {path} {sought}")
