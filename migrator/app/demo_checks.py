"""Proves the demo's outcome without asking the tool: the agency's own records against the simulated MOCO's memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from migrator.app.demo_stage import INSTANCE, Stage
from migrator.core.duration import format_hours
from migrator.errors import MigratorError
from migrator.sandbox.company import Agency, Fate, fate_of
from migrator.sandbox.moco_records import Activity


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was counted; `told` says it in a sentence, whether it holds or not."""

    name: str
    holds: bool
    told: str


def require(*checks: Check) -> tuple[Check, ...]:
    """The checks, when all hold; raises `MigratorError` naming the first that does not."""
    for check in checks:
        if not check.holds:
            raise MigratorError(
                f"the demo did not end as it should: {check.name}: {check.told}",
                hint="this is a defect of migrator: please report it with the text above",
            )
    return checks


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a person sees of one booking in MOCO."""

    user_id: int
    project_id: int
    day: date
    seconds: int

    @classmethod
    def of(cls, activity: Activity) -> _Entry:
        return cls(activity.user_id, activity.project_id, activity.date, activity.seconds)


def check_moco(stage: Stage, agency: Agency) -> tuple[Check, ...]:
    """Whether MOCO holds every record of `agency` that can be there, once, as it was booked, and nothing else."""
    expected = _expected(stage, agency)
    activities = stage.sandbox.activities
    times = Counter(activity.remote_id for activity in activities)
    twice = sum(count - 1 for count in times.values())
    missing, foreign = len(expected.keys() - times.keys()), len(times.keys() - expected.keys())
    different = sum(_Entry.of(each) != expected.get(each.remote_id or "") for each in activities)
    seconds, wanted = sum(each.seconds for each in activities), agency.facts.ready.seconds
    return (
        Check("every record once", twice == 0, f"{len(activities):,} activities, {twice:,} of them twice"),
        Check("nothing is missing", missing == foreign == 0, f"{missing:,} missing, {foreign:,} that nobody booked"),
        Check(
            "person, project, day and length",
            different == 0,
            f"{len(activities) - different:,} of {len(activities):,} are as they were booked",
        ),
        Check(
            "to the second",
            seconds == wanted,
            f"{format_hours(seconds)} h in MOCO, {format_hours(wanted)} h in ActiveCollab",
        ),
    )


def _expected(stage: Stage, agency: Agency) -> Mapping[str, _Entry]:
    users, projects = stage.furnished.user_ids, stage.furnished.project_ids
    return {
        f"ac:{INSTANCE}:{record.id}": _Entry(
            users[record.person.id], projects[record.project.id], record.day, record.readable_seconds
        )
        for record in agency.records()
        if fate_of(record) is Fate.READY
    }


def check_books(agency: Agency, counts: Mapping[str, int]) -> Check:
    """Whether a run left out exactly what the agency knows cannot go."""
    facts = agency.facts
    held = facts.person_missing.records + facts.project_archived.records + facts.person_deactivated.records
    skipped = facts.trashed.records + facts.zero_duration.records
    foretold = (held, facts.rejected.records, skipped)
    found = (counts["held"], counts["rejected"], counts["skipped"])
    told = "{:,} held, {:,} rejected, {:,} left out".format(*found)
    return Check("nothing else was left out", found == foretold, told)


def check_reads_only(stage: Stage) -> Check:
    """Whether MOCO received nothing but questions so far."""
    methods = Counter(request.method for request in stage.sandbox.requests)
    told = ", ".join(f"{count:,} {method}" for method, count in sorted(methods.items()))
    return Check("nothing was written", methods.keys() <= {"GET"}, f"MOCO received {told} requests so far")


def check_lost(stage: Stage, markers: Sequence[str]) -> Check:
    """Whether each record of the lost answer was sent once and exists once."""
    sent = Counter(
        marker for request in stage.sandbox.requests if request.method == "POST" for marker in markers_in(request.body)
    )
    once = sum(len(stage.sandbox.with_marker(marker)) == 1 == sent[marker] for marker in markers)
    told = f"{once:,} of these {len(markers):,} were sent once and exist exactly once"
    return Check("a lost answer doubles nothing", bool(markers) and once == len(markers), told)


def markers_in(body: bytes) -> tuple[str, ...]:
    """The markers of the activities that a request carries."""
    try:
        sent = json.loads(body)
    except ValueError:
        return ()
    rows = sent.get("activities", [sent]) if isinstance(sent, dict) else []
    return tuple(str(row["remote_id"]) for row in rows if isinstance(row, dict) and "remote_id" in row)


def check_untouched(stage: Stage, by_hand: Activity) -> Check:
    """Whether an entry that a person edited in MOCO is still as that person left it."""
    now = stage.sandbox.with_marker(by_hand.remote_id or "")
    return Check("a person's edit stays", now == [by_hand], f"activity {by_hand.id} reads {by_hand.description!r}")
