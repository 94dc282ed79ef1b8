"""Proves the demo's outcome without asking the tool: the agency's own records against what the simulations hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from migrator.app.demo.edits import Meanwhile
from migrator.app.demo.stage import Stage, marker_of
from migrator.core.duration import format_hours
from migrator.errors import MigratorError
from migrator.sandbox.company import Agency, Fate, TimeRecord, fate_of
from migrator.sandbox.moco_log import RequestRecord
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
    activities = stage.moco.activities
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
    return {marker_of(each.id): _booked(stage, each) for each in agency.records() if fate_of(each) is Fate.READY}


def _booked(stage: Stage, record: TimeRecord) -> _Entry:
    """What MOCO should show of a record."""
    users, projects = stage.furnished.user_ids, stage.furnished.project_ids
    return _Entry(users[record.person.id], projects[record.project.id], record.day, record.readable_seconds)


def check_read(stage: Stage, projects: Sequence[Mapping[str, Any]]) -> Check:
    """Whether each project of a reading holds the records and the time that ActiveCollab lists (Any: JSON)."""
    listed: Counter[int] = Counter()
    seconds: Counter[int] = Counter()
    for record in stage.agency.records():
        if not record.trashed:
            listed[record.project.id] += 1
            seconds[record.project.id] += 0 if record.oddity else record.readable_seconds
    expected = {each.id: (listed[each.id], seconds[each.id]) for each in stage.agency.cast.projects}
    found = {each["id"]: (each["records"] + each["rejects"], each["seconds"]) for each in projects if each["complete"]}
    right = sum(found.get(id_) == holds for id_, holds in expected.items())
    archived = sum(each["archived"] for each in projects)
    told = f"{right} of {len(expected)}, {archived} archived ones among them, to the record and the second"
    return Check("every project is complete", right == len(expected) == len(projects), told)


def check_books(stage: Stage, agency: Agency, counts: Mapping[str, int]) -> Check:
    """Whether a run left out exactly what `agency` knows cannot go; what lay in the trash at first was never listed."""
    facts = agency.facts
    held = facts.person_missing.records + facts.project_archived.records + facts.person_deactivated.records
    skipped = facts.zero_duration.records + facts.trashed.records - stage.agency.facts.trashed.records
    foretold = (held, facts.rejected.records, skipped)
    found = (counts["held"], counts["rejected"], counts["skipped"])
    told = "{:,} held, {:,} rejected, {:,} left out".format(*found)
    return Check("nothing else was left out", found == foretold, told)


def check_reads_only(stage: Stage) -> Check:
    """Whether MOCO received nothing but questions so far."""
    only, told = _asked(stage.moco.requests)
    return Check("nothing was written", only, f"MOCO received {told} requests so far")


def check_source_untouched(stage: Stage) -> Check:
    """Whether ActiveCollab received nothing but questions."""
    only, told = _asked(stage.activecollab.requests)
    return Check("ActiveCollab was only read", only, f"it received {told} requests")


def check_report(stage: Stage, asked: int) -> Check:
    """Whether the report's hours in MOCO are those that MOCO holds of ours, asking nobody."""
    document = json.loads((stage.report / "report.json").read_text(encoding="utf-8"))
    told = document["totals"]["target"]["seconds"]
    held = sum(each.seconds for each in stage.moco.activities if each.remote_id)
    words = f"{format_hours(told)} h in MOCO, as MOCO itself holds them; {asked} requests were sent for it"
    return Check("the report has MOCO's own hours", told == held and asked == 0, words)


def _asked(requests: Sequence[RequestRecord]) -> tuple[bool, str]:
    methods = Counter(request.method for request in requests)
    told = ", ".join(f"{count:,} {method}" for method, count in sorted(methods.items()))
    return methods.keys() <= {"GET"}, told


def check_lost(stage: Stage, markers: Sequence[str]) -> Check:
    """Whether each record of the lost answer was sent once and exists once."""
    sent = Counter(
        marker for request in stage.moco.requests if request.method == "POST" for marker in markers_in(request.body)
    )
    once = sum(len(stage.moco.with_marker(marker)) == 1 == sent[marker] for marker in markers)
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
    now = stage.moco.with_marker(by_hand.remote_id or "")
    return Check("a person's edit stays", now == [by_hand], f"activity {by_hand.id} reads {by_hand.description!r}")


def check_arrived(stage: Stage, meanwhile: Meanwhile) -> tuple[Check, ...]:
    """Whether each edit in ActiveCollab is what MOCO shows now, in the same activity wherever MOCO can keep it."""
    edits, before = meanwhile.edits, meanwhile.before
    lengthened, moved, handed_over, trashed = edits.lengthened, edits.moved, edits.handed_over, edits.trashed

    def arrived(name: str, record: TimeRecord, stays: bool, told: Callable[[Activity], str]) -> Check:
        now = stage.moco.with_marker(marker_of(record.id))
        right = [_Entry.of(each) for each in now] == [_booked(stage, record)]
        same = [each.id for each in now] == [before[record.id].id] if record.id in before else False
        shown = "; ".join(f"{'still ' if same else ''}activity {each.id}{told(each)}" for each in now)
        return Check(name, right and same is stays, f"record {record.id} is {shown or 'nowhere in MOCO'}")

    left = [each.id for each in stage.moco.with_marker(marker_of(trashed.id))]
    return (
        arrived("edited", lengthened.after, True, lambda now: f", now {format_hours(now.seconds)} h"),
        arrived(
            "added",
            edits.added,
            False,
            lambda now: f", {format_hours(now.seconds)} h of {stage.person(now.user_id)}",
        ),
        arrived("moved", moved.after, True, lambda now: f", now on {stage.project(now.project_id)!r}"),
        arrived(
            "another person's",
            handed_over.after,
            False,
            lambda now: f" of {stage.person(now.user_id)}; the old one is gone",
        ),
        Check("thrown away", not left, f"record {trashed.id} is " + (f"activity {left}" if left else "gone, too")),
    )
