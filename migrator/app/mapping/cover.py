"""How much of the time a mapping covers, and which things hold the rest back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from migrator.app.config import Config
from migrator.app.deciding import policy_of
from migrator.app.mapping.sides import Sides, Thing
from migrator.app.provision.blueprinting import draw_blueprints
from migrator.core.actions import HoldReason, SkipReason
from migrator.core.duration import Rounding
from migrator.core.mapping import MapAction, MapKind, Mapping
from migrator.core.matching import effective, exact_matches
from migrator.core.model import Seconds
from migrator.core.policy import Policy, TaskStrategy, ZeroDuration
from migrator.core.resolve import Resolver
from migrator.core.source_names import ticket_of
from migrator.core.wanted import LeftOut, Unmapped, Wanted
from migrator.store.totals import Alike, alike_records


@dataclass(slots=True)
class Tally:
    """The records of one thing."""

    records: int = 0
    seconds: int = 0
    first_day: date = date.max
    last_day: date = date.min

    def add(self, alike: Alike) -> None:
        """Add records."""
        self.records += alike.records
        self.seconds += alike.entry.seconds
        self.first_day = min(self.first_day, alike.entry.day)
        self.last_day = max(self.last_day, alike.last_day)


@dataclass(slots=True)
class Cover:
    """What becomes of the staged time, in seconds; trashed, out of scope and left out for being empty is none.

    `mapped` includes `obstacles`, where the mapping is complete but MOCO would refuse as things are. `lacking`
    gives the time that waits for each thing nobody decided on: a record may wait for two. `things` has tickets
    and job types only where they have a say.
    """

    mapped: int = 0
    waiting: Counter[HoldReason] = field(default_factory=Counter)
    left_out: Counter[SkipReason] = field(default_factory=Counter)
    obstacles: Counter[HoldReason] = field(default_factory=Counter)
    things: dict[Thing, Tally] = field(default_factory=dict)
    lacking: Counter[Thing] = field(default_factory=Counter)

    @property
    def unmapped(self) -> int:
        """The seconds that the mapping does not cover."""
        return self.waiting.total()

    @property
    def share(self) -> Fraction | None:
        """Which part of the time that shall move is mapped; None when there is no time."""
        whole = self.mapped + self.unmapped
        return Fraction(self.mapped, whole) if whole else None


def in_force(config: Config, explicit: Mapping, sides: Sides) -> Mapping:
    """The mapping as a run applies it: what people decided, and accepted exact matches."""
    exact = exact_matches(sides.known, sides.there, explicit.rows.values())
    return effective(explicit, exact, accept_exact=config.mapping.accept_exact, made=sides.made)


def measure(session: Session, config: Config, mapping: Mapping, sides: Sides) -> Cover:
    """Resolve all staged time under a mapping in force.

    Records that no rule tells apart are resolved as one, so this is exact and takes no second per record.
    """
    policy = policy_of(config)
    cover = Cover()
    for alike, wanted in resolved(session, config, mapping, sides):
        seconds = alike.entry.seconds
        match wanted:
            case LeftOut(reason=SkipReason.OUT_OF_SCOPE):
                continue
            case LeftOut(reason=skip):
                cover.left_out[skip] += seconds
            case Wanted():
                cover.mapped += seconds
            case Unmapped(reason=obstacle, wanted=Wanted()):
                cover.mapped += seconds
                cover.obstacles[obstacle] += seconds
            case Unmapped(reason=missing):
                cover.waiting[missing] += seconds
                for thing in _lacking(alike, missing, mapping, sides, policy):
                    cover.lacking[thing] += seconds
        for thing in _things(alike, sides):
            cover.things.setdefault(thing, Tally()).add(alike)
    return cover


def resolved(
    session: Session, config: Config, mapping: Mapping, sides: Sides
) -> Iterator[tuple[Alike, Wanted | Unmapped | LeftOut]]:
    """All staged time, records that no rule tells apart as one, with what is wanted for it."""
    policy = policy_of(config)
    impossible = draw_blueprints(session, config, mapping, sides.known, sides.there).impossible
    resolver = Resolver(config.activecollab.instance, mapping, sides.known, sides.there, policy, impossible)
    found = alike_records(
        session,
        tickets=_matters(MapKind.TASK, TaskStrategy.PER_TASK, mapping, policy),
        job_types=_matters(MapKind.JOB_TYPE, TaskStrategy.PER_JOB_TYPE, mapping, policy),
        shortest=_shortest(policy),
        borders=_borders(policy, mapping),
    )
    for alike in found:
        yield alike, resolver.resolve(alike.entry)


def _matters(kind: MapKind, strategy: TaskStrategy, mapping: Mapping, policy: Policy) -> bool:
    """Whether things of a kind have a say in which task a record is booked on."""
    return policy.task_strategy is strategy or any(row.kind is kind for row in mapping.rows.values())


def _shortest(policy: Policy) -> Seconds:
    """The shortest record that is not left out for having no duration."""
    if policy.zero_duration is ZeroDuration.KEEP:
        return Seconds(0)
    return Seconds(30) if policy.rounding is Rounding.MINUTE else Seconds(1)


def _borders(policy: Policy, mapping: Mapping) -> set[date]:
    """The days from which on a rule judges otherwise."""
    borders = {row.cutover for row in mapping.rows.values() if row.cutover is not None}
    if policy.scope.from_day is not None:
        borders.add(policy.scope.from_day)
    if policy.scope.to_day is not None and policy.scope.to_day < date.max:
        borders.add(policy.scope.to_day + timedelta(days=1))
    return borders


def _things(alike: Alike, sides: Sides) -> Iterable[Thing]:
    entry = alike.entry
    yield MapKind.PROJECT, entry.project_id
    project = sides.known.projects.get(entry.project_id)
    if project is not None and project.company_id is not None:
        yield MapKind.COMPANY, project.company_id
    if entry.user_id is not None:
        yield MapKind.USER, entry.user_id
    if (ticket := ticket_of(entry)) is not None:
        yield MapKind.TASK, ticket
    if entry.job_type_id is not None:
        yield MapKind.JOB_TYPE, entry.job_type_id


def _lacking(alike: Alike, reason: HoldReason, mapping: Mapping, sides: Sides, policy: Policy) -> Iterable[Thing]:
    """The things that somebody has to decide on before these records can move."""
    entry = alike.entry
    people_and_places = [(MapKind.PROJECT, entry.project_id)]
    if entry.user_id is not None:
        people_and_places.append((MapKind.USER, entry.user_id))
    lacking = [thing for thing in people_and_places if _is_open(thing, mapping, sides)]
    if lacking or reason not in {HoldReason.UNMAPPED, HoldReason.TASK_MISSING}:
        return lacking
    ticket = ticket_of(entry)
    if ticket is not None and (policy.task_strategy is TaskStrategy.PER_TASK or mapping.get(MapKind.TASK, ticket)):
        return [(MapKind.TASK, ticket)]
    job = entry.job_type_id
    if job is not None and (policy.task_strategy is TaskStrategy.PER_JOB_TYPE or mapping.get(MapKind.JOB_TYPE, job)):
        return [(MapKind.JOB_TYPE, job)]
    return []


def _is_open(thing: Thing, mapping: Mapping, sides: Sides) -> bool:
    """Whether nobody decided on a thing, or its target is not there (any more)."""
    kind, source_id = thing
    row = mapping.get(kind, source_id)
    if row is None and kind is MapKind.PROJECT and _company_is_held(thing, mapping, sides):
        return False
    if row is None:
        return True
    return row.action is not MapAction.HOLD and row.target_id not in sides.targets(kind)


def _company_is_held(thing: Thing, mapping: Mapping, sides: Sides) -> bool:
    project = sides.known.projects.get(thing[1])
    company = mapping.get(MapKind.COMPANY, project.company_id) if project and project.company_id is not None else None
    return company is not None and company.action is MapAction.HOLD
