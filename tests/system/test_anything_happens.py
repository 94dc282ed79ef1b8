"""Whatever happens in whatever order: edits on both sides, faults and kills; the promises hold after each sync.

Hypothesis draws the stories. What MOCO must hold is worked out from the story alone: a record that nobody touched in
MOCO is there exactly once as ActiveCollab has it, and what a person did in MOCO stays as the person left it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from migrator.sandbox.faults import (
    AnswerInstead,
    CutBody,
    Drop,
    Effect,
    Hang,
    LateCommit,
    LoseAnswer,
    SlowBytes,
    TruncatedJson,
)
from migrator.sandbox.moco_records import Activity
from migrator.sandbox.moco_switches import Bulk, RateLimit
from tests.system.databases import ask
from tests.system.door import At, Moment
from tests.system.export import HOURS, PEOPLE, PROJECTS, Record, some_records
from tests.system.harness import Finished, World, furnished

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WINDOW = 60
TIMEOUT, SETTLE = 0.6, 0.3
TRIES = 8
"""How often a command may say "try again later" while faults are about."""

WORDS = (
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
)
EFFECTS: tuple[Effect, ...] = (
    AnswerInstead(500),
    AnswerInstead(503),
    AnswerInstead(429, retry_after=1),
    AnswerInstead(401),
    LoseAnswer(502),
    LateCommit(TIMEOUT / 2, 504),
    Drop(applied=False),
    Drop(applied=True),
    Hang(applied=False),
    Hang(applied=True),
    TruncatedJson(),
    CutBody(),
    SlowBytes(0.001, 64),
)
METHODS = ("POST", "PUT", "DELETE", "GET", None)
SOME = st.integers(0, 99)
"""Which of the records, whatever their number."""


class Stories(RuleBasedStateMachine):
    """One agency in ActiveCollab, one account of MOCO, and the product between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stories-"))
        self.world = World(
            self.folder,
            some_records(6),
            policy__source_deleted="delete",
            moco__requests_per_window=WINDOW,
            moco__bulk_size=3,
            moco__timeout_seconds=TIMEOUT,
            moco__settle_seconds=SETTLE,
        )
        self.later = timedelta()
        self.world.door.replace(furnished(now=lambda: datetime.now(UTC) + self.later))
        self.world.moco.switches.rate_limits = (RateLimit(WINDOW, 1),)
        self.world.door.watch = self.check_intents
        self.left: dict[int, Activity | None] = {}
        """What a person made of a record's activity in MOCO; None when it was deleted."""
        self.own: list[Activity] = []
        """What people booked in MOCO themselves."""
        self.unwritten: list[str] = []
        """Writes that arrived without an intent of theirs."""
        self.next_id = 901
        self.at_rest = False

    def teardown(self) -> None:
        """The story ends with a sync, whatever is still about."""
        try:
            self.sync()
            self.nothing_is_left_to_do()
        finally:
            self.world.__exit__(None, None, None)
            shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(bulk=st.sampled_from(Bulk), concurrency=st.sampled_from([1, 4]), fresh=st.booleans())
    def an_account(self, bulk: Bulk, concurrency: int, fresh: bool) -> None:
        """MOCO may store all, some or none of a refused bulk, and its lists may lag."""
        self.world.moco.switches.bulk = bulk
        self.world.moco.switches.list_staleness_seconds = 0 if fresh else 1
        self.world.configure(moco__concurrency=concurrency, moco__settle_seconds=SETTLE if fresh else 1.2)

    # -- in ActiveCollab --------------------------------------------------------------------------------------

    @rule(
        person=st.sampled_from(PEOPLE[:3]),
        project=st.sampled_from(PROJECTS),
        hours=st.sampled_from(HOURS),
        status=st.integers(0, 3),
    )
    def somebody_books(self, person: object, project: object, hours: tuple[str, int], status: int) -> None:
        """A new record."""
        record = Record(self.next_id, hours=hours[0], seconds=hours[1], status=status, text=f"new {self.next_id}")
        record = replace(record, person=person.id, project=project.id, day=date(2024, 2, 1))  # type: ignore[attr-defined]
        self.next_id += 1
        self.world.records[record.id] = record
        self.source_changed()

    @rule(
        which=SOME,
        what=st.sampled_from(
            [
                {"text": "Changed"},
                {"text": "Changed again"},
                {"hours": "0:45", "seconds": 2700},
                {"hours": "1.5", "seconds": 5400},
                {"day": date(2024, 3, 1)},
                {"project": 2},
                {"project": 3},
                {"status": 0},
                {"status": 1},
                {"person": 1},
                {"person": 2},
                {"trashed": True},
                {"trashed": False},
            ]
        ),
    )
    def somebody_edits_the_record(self, which: int, what: dict[str, object]) -> None:
        """An edit, another worker, another project, into the trash and out of it."""
        self.world.change(self.some_record(which), **what)
        self.source_changed()

    # -- in MOCO ----------------------------------------------------------------------------------------------

    @rule(which=SOME, billed=st.booleans())
    def a_person_edits_the_activity(self, which: int, billed: bool) -> None:
        """Another text, or it is billed."""
        record_id = self.some_record(which)
        for activity in self.world.moco.with_marker(f"ac:main:{record_id}"):
            self.later += timedelta(seconds=2)
            by_hand = replace(activity, billed=True) if billed else replace(activity, description=f"hand {self.later}")
            self.left[record_id] = self.world.moco.edit(by_hand)
            self.at_rest = False

    @rule(which=SOME)
    def a_person_deletes_the_activity(self, which: int) -> None:
        """It must never come back by itself."""
        record_id = self.some_record(which)
        for activity in self.world.moco.with_marker(f"ac:main:{record_id}"):
            self.world.moco.remove(activity)
            self.left[record_id] = None
            self.at_rest = False

    @rule(which=SOME)
    def a_person_books_in_moco(self, which: int) -> None:
        """Time of somebody's own, on the same day, looking alike, without a marker."""
        record = self.world.records[self.some_record(which)]
        state = self.world.moco.state
        user = state.users[self.world.user_id(record.person)]
        task = next(iter(state.tasks.values()))
        self.own.append(self.world.moco.add_activity(user, task, record.day, record.seconds, description=record.text))

    # -- between ----------------------------------------------------------------------------------------------

    @rule(effect=st.sampled_from(EFFECTS), method=st.sampled_from(METHODS), nth=st.integers(1, 3))
    def a_fault_waits(self, effect: Effect, method: str | None, nth: int) -> None:
        """It meets some request to come."""
        self.world.moco.fault(effect, method=method, nth=nth)

    @rule(at=st.builds(At, st.integers(1, 5), st.sampled_from(Moment), writes_only=st.booleans()))
    def a_sync_is_killed(self, at: At) -> None:
        """`kill -9` at a request, if the run sends so many."""
        killed = self.world.run_and_strike(at, "sync")
        assert killed.code in {-signal.SIGKILL, 0, 3, 5, 12}, killed
        self.at_rest = False
        self.check_promises()

    @rule()
    def a_plan_is_made(self) -> None:
        """A dry run sends nothing but GET."""
        self.world.forget_requests()
        assert self.world.run("read").code == 0
        assert self.world.run("plan").code in {0, 5, 12}
        assert self.world.writes() == []

    @rule()
    def sync(self) -> None:
        """Until it is done; a fault may make it say "again later", a refused login "look here"."""
        for _ in range(TRIES):
            finished = self.world.run("sync")
            self.check_promises()
            if finished.code not in {5, 12}:
                break
        self.check_books(finished)
        self.check_target()
        self.at_rest = True

    @precondition(lambda self: self.at_rest)
    @rule()
    def nothing_is_left_to_do(self) -> None:
        """A run with nothing changed since sends no write."""
        self.world.moco.faults.clear()
        self.world.forget_requests()
        finished = self.world.run("sync")
        self.check_books(finished)
        assert self.world.writes() == []

    # -- the promises -----------------------------------------------------------------------------------------

    def source_changed(self) -> None:
        """Export it again."""
        self.world.write_export()
        self.at_rest = False

    def some_record(self, which: int) -> int:
        """One of the records."""
        ids = sorted(self.world.records)
        return ids[which % len(ids)]

    def check_promises(self) -> None:
        """What holds at any time, after a kill as well: nothing twice, nothing of theirs touched, no limit passed."""
        for record_id in self.world.records:
            found = self.world.moco.with_marker(f"ac:main:{record_id}")
            assert len(found) <= 1, f"record {record_id} is there {len(found)} times"
            if record_id in self.left:
                kept = self.left[record_id]
                assert found == ([] if kept is None else [kept]), f"what a person did with {record_id} was overwritten"
        unmarked = [each for each in self.world.moco.activities if each.remote_id is None]
        assert unmarked == self.own
        assert self.world.moco.rate_violations == 0
        assert self.unwritten == []
        self.check_links()

    def check_books(self, finished: Finished) -> None:
        """Every record and second has exactly one final word."""
        assert finished.code in {0, 3}, finished
        counts, seconds = finished.document["counts"], finished.document["seconds"]
        records = self.world.records.values()
        assert counts["read"] == sum(counts[word] for word in WORDS) == len(records)
        assert seconds["read"] == sum(seconds[word] for word in WORDS) == sum(each.seconds for each in records)
        assert (counts["pending"], counts["unclear"]) == (0, 0)

    def check_target(self) -> None:
        """MOCO holds what nobody touched as ActiveCollab has it, and nothing else of ours."""
        for record_id, kept in list(self.left.items()):
            if kept is None and self.world.records[record_id].trashed:
                # Gone on both sides: nothing is left to remember, and a record that comes back is a new one.
                del self.left[record_id]
        theirs = {f"ac:main:{record_id}" for record_id in self.left}
        ours = [each for each in self.world.stored() if each.marker and each.marker not in theirs]
        assert ours == self.world.wanted(without=self.left)

    def check_links(self) -> None:
        """A link exists only for an activity that MOCO showed us."""
        for record_id, activity_id in self.ask("SELECT source_id, activity_id FROM links"):
            activity = self.world.moco.state.activities.get(activity_id)
            if activity is None:
                assert record_id in self.left
                assert self.left[record_id] is None
            else:
                assert activity.remote_id == f"ac:main:{record_id}"

    def check_intents(self, environ: WSGIEnvironment, body: bytes) -> None:
        """A write that arrives has a committed intent that is still open."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if method == "POST":
            sought = {row["remote_id"] for row in json.loads(body)["activities"]}
            known = {key for (key,) in self.ask("SELECT natural_key FROM intents WHERE closed_at IS NULL")}
        else:
            sought = {int(path.rpartition("/")[2])}
            known = {number for (number,) in self.ask("SELECT activity_id FROM intents WHERE closed_at IS NULL")}
        if not sought <= known:
            self.unwritten.append(f"{method} {path} {sought - known}")

    def ask(self, query: str) -> list[tuple[Any, ...]]:  # Any: whatever the columns hold
        """Look into the product's database, as nobody but a test would."""
        return ask(self.folder, query)


TestStories = Stories.TestCase
TestStories.settings = settings(
    max_examples=int(os.environ.get("STORIES", "6")),
    stateful_step_count=14,
    deadline=None,
    # A story costs seconds: a failing one is shown as it was drawn.
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
