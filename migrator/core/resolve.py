"""One time record, a mapping and a policy in; what is wanted in MOCO, or why nothing can be, out."""

from __future__ import annotations

from collections import abc
from types import MappingProxyType
from typing import TypeVar

from migrator.core.actions import HoldReason, SkipReason
from migrator.core.description import describe, in_the_name_of
from migrator.core.duration import round_seconds
from migrator.core.mapping import (
    NOTHING_KNOWN,
    Assignments,
    MapAction,
    MapKind,
    Mapping,
    MapRow,
    SourceMasters,
    TargetMasters,
)
from migrator.core.model import Billing, Booking, SourceId, TargetUser, TimeEntry, marker_of
from migrator.core.policy import (
    TAG_JOB_TYPE,
    ArchivedProjects,
    DescriptionStyle,
    Policy,
    Scope,
    TaskStrategy,
    ZeroDuration,
)
from migrator.core.source_names import SourceNames, ticket_of
from migrator.core.task_choice import Place, Service, TaskChoice, described, target_of
from migrator.core.wanted import LeftOut, Unmapped, Wanted, payload_digest

__all__ = [
    "ArchivedProjects",
    "DescriptionStyle",
    "LeftOut",
    "MapAction",
    "MapKind",
    "MapRow",
    "Mapping",
    "Policy",
    "Resolver",
    "Scope",
    "SourceMasters",
    "TargetMasters",
    "TaskStrategy",
    "Unmapped",
    "Wanted",
    "ZeroDuration",
    "payload_digest",
]

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")

_REMEMBERED = 10_000
"""People, projects, and tickets of a project, whose counterpart in MOCO is found once for all of their records."""


class Resolver:
    """Turns time records into what is wanted, under one mapping and one policy.

    Its answers depend on nothing else, so a resolver is made anew when a mapping changes or MOCO has got new
    tasks.
    """

    def __init__(
        self,
        instance: str,
        mapping: Mapping,
        source_masters: SourceMasters,
        target_masters: TargetMasters,
        policy: Policy,
        impossible: abc.Mapping[SourceId, str] = MappingProxyType({}),
        assignments: Assignments = NOTHING_KNOWN,
    ) -> None:
        """`impossible`: projects of ActiveCollab that are to be created and cannot be, with the reason."""
        self._impossible = impossible
        self._assignments = assignments
        self._instance = instance
        self._user_rows = mapping.of_kind(MapKind.USER)
        self._project_rows = mapping.of_kind(MapKind.PROJECT)
        self._company_rows = mapping.of_kind(MapKind.COMPANY)
        self._source = source_masters
        self._target = target_masters
        self._policy = policy
        self._names = SourceNames(source_masters)
        self._tasks = TaskChoice(mapping, self._names, target_masters, policy)
        self._known_users: dict[tuple[SourceId, str], TargetUser | Unmapped] = {}
        self._known_places: dict[SourceId, Place | Unmapped] = {}
        self._known_services: dict[tuple[SourceId, SourceId | None, SourceId | None], Service | Unmapped] = {}
        self._scope_users = frozenset(name.strip().casefold() for name in policy.scope.users)
        self._scope_projects = frozenset(name.strip().casefold() for name in policy.scope.projects)

    def resolve(self, entry: TimeEntry) -> Wanted | Unmapped | LeftOut:
        """What is wanted for `entry`: rules that leave it out come first, then what is missing."""
        return self._left_out(entry) or self._wanted(entry)

    # -- rules -----------------------------------------------------------------------------------------------

    def _left_out(self, entry: TimeEntry) -> LeftOut | None:
        if not self._in_scope(entry):
            return LeftOut(SkipReason.OUT_OF_SCOPE)
        seconds = round_seconds(entry.seconds, self._policy.rounding)
        if seconds == 0 and self._policy.zero_duration is ZeroDuration.SKIP:
            return LeftOut(SkipReason.ZERO_DURATION)
        left = None
        for row in self._rows(entry):
            if row is not None and row.action is MapAction.SKIP:
                return LeftOut(SkipReason.MAPPED_TO_SKIP)
            if row is not None and row.cutover is not None and row.cutover <= entry.day:
                left = LeftOut(SkipReason.AFTER_CUTOVER)
        return left

    def _in_scope(self, entry: TimeEntry) -> bool:
        users, projects = self._scope_users, self._scope_projects
        return (
            self._policy.scope.has_day(entry.day)
            and (not users or not users.isdisjoint(self._names.all_of_worker(entry)))
            and (not projects or not projects.isdisjoint(self._names.all_of_project(entry)))
        )

    def _rows(self, entry: TimeEntry) -> tuple[MapRow | None, ...]:
        return (
            self._user_row(entry),
            self._project_row(entry),
            self._tasks.row_of_task(entry),
            self._tasks.row_of_job_type(entry),
        )

    def _user_row(self, entry: TimeEntry) -> MapRow | None:
        return self._user_rows.get(entry.user_id) if entry.user_id is not None else None

    def _project_row(self, entry: TimeEntry) -> MapRow | None:
        """The project's row; a company that is skipped or held speaks for projects nobody decided on."""
        row = self._project_rows.get(entry.project_id)
        project = self._source.projects.get(entry.project_id)
        if (row is None or row.exact) and project is not None and project.company_id is not None:
            company = self._company_rows.get(project.company_id)
            if company is not None and company.action in (MapAction.SKIP, MapAction.HOLD):
                return company
        return row

    # -- what is wanted --------------------------------------------------------------------------------------

    def _wanted(self, entry: TimeEntry) -> Wanted | Unmapped:
        user = self._user(entry)
        if isinstance(user, Unmapped):
            return user
        place = self._place(entry)
        if isinstance(place, Unmapped):
            return place
        service = self._service(entry, place)
        if isinstance(service, Unmapped):
            return service
        wanted = Wanted(
            booking=self._booking(entry, user, place, service),
            task_name=service.name,
            needs_task=service.found is None,
            needs_contract=self._lacks_contract(place, user),
            needs_reopening=place.project is not None and not place.project.active,
            new_project=place.row.source_id if place.row.action is MapAction.CREATE else None,
        )
        return self._obstacle(wanted, user, place, service) or wanted

    def _user(self, entry: TimeEntry) -> TargetUser | Unmapped:
        if entry.user_id is None:
            shown = entry.worker_name or entry.worker_email or "the worker"
            return Unmapped(HoldReason.WITHOUT_ACCOUNT, f"{shown} has no account in ActiveCollab")
        user_id, worker = entry.user_id, self._names.worker(entry)
        return _known(self._known_users, (user_id, worker), lambda: self._find_user(entry, user_id, worker))

    def _find_user(self, entry: TimeEntry, user_id: SourceId, worker: str) -> TargetUser | Unmapped:
        shown = described(MapKind.USER, user_id, worker)
        target_id = target_of(self._user_row(entry), shown)
        if isinstance(target_id, Unmapped):
            return target_id
        return self._target.users.get(target_id) or Unmapped(
            HoldReason.UNMAPPED, f"{shown} is mapped to MOCO person {target_id}, who is not there"
        )

    def _place(self, entry: TimeEntry) -> Place | Unmapped:
        return _known(self._known_places, entry.project_id, lambda: self._find_place(entry))

    def _find_place(self, entry: TimeEntry) -> Place | Unmapped:
        row = self._project_row(entry)
        shown = described(MapKind.PROJECT, entry.project_id, self._names.project(entry))
        if row is None:
            return Unmapped(HoldReason.UNMAPPED, f"{shown} is not mapped")
        if row.action is MapAction.CREATE and row.target_id is None:
            return self._place_to_be(row, shown)
        target_id = target_of(row, shown)
        if isinstance(target_id, Unmapped):
            return target_id
        found = self._target.projects.get(target_id)
        if found is None:
            detail = f"{shown} is mapped to MOCO project {target_id}, which is not there"
            return Unmapped(HoldReason.UNMAPPED, detail)
        return Place(row, found)

    def _place_to_be(self, row: MapRow, shown: str) -> Place | Unmapped:
        if not self._policy.create_projects:
            detail = f'{shown} is still to be created in MOCO: add "projects" to mapping.create'
            return Unmapped(HoldReason.PROJECT_MISSING, detail)
        if (reason := self._impossible.get(row.source_id)) is not None:
            return Unmapped(HoldReason.PROJECT_MISSING, f"{shown} cannot be created in MOCO: {reason}")
        return Place(row, None)

    def _service(self, entry: TimeEntry, place: Place) -> Service | Unmapped:
        key = (entry.project_id, ticket_of(entry), entry.job_type_id)
        return _known(self._known_services, key, lambda: self._tasks.choose(entry, place))

    def _lacks_contract(self, place: Place, user: TargetUser) -> bool:
        if user.active:
            return (place.project_id, user.id) not in self._target.contract_of
        # MOCO lists the contracts of active people only: elsewhere nothing is known of the others, they are just tried.
        known = self._assignments
        new = place.project is None or place.project.id in known.fresh
        return new and user.id not in known.later and (place.project_id, user.id) not in known.made

    def _obstacle(self, wanted: Wanted, user: TargetUser, place: Place, service: Service) -> Unmapped | None:
        """What stands in the way in MOCO, while the mapping itself is complete."""
        if wanted.needs_reopening and self._policy.archived_projects is ArchivedProjects.HOLD:
            return Unmapped(HoldReason.PROJECT_ARCHIVED, f"{place} is archived", wanted)
        if service.found is not None and not service.found.active:
            detail = f"task {service.name!r} in {place} is inactive"
            return Unmapped(HoldReason.TASK_INACTIVE, detail, wanted)
        if wanted.needs_contract and not self._policy.create_contracts:
            detail = f"MOCO person {user.id} ({user.name}) is not assigned to {place}"
            return Unmapped(HoldReason.CONTRACT_MISSING, detail, wanted)
        return None

    # -- the booking -----------------------------------------------------------------------------------------

    def _booking(self, entry: TimeEntry, user: TargetUser, place: Place, service: Service) -> Booking:
        return Booking(
            day=entry.day,
            seconds=round_seconds(entry.seconds, self._policy.rounding),
            user_id=user.id,
            project_id=place.project_id,
            task_id=service.id,
            description=self._description(entry, place),
            billable=entry.billing is not Billing.NOT_BILLABLE,
            marker=marker_of(self._instance, entry.id),
            url=entry.permalink if entry.permalink.startswith(("http://", "https://")) else "",
            tag=self._names.job_type(entry) if self._policy.tag == TAG_JOB_TYPE else self._policy.tag,
        )

    def _description(self, entry: TimeEntry, place: Place) -> str:
        project_name = self._names.project(entry) or (place.project.name if place.project else "")
        text = describe(entry.text, self._names.parent(entry), project_name, self._policy)
        row = self._user_row(entry)
        if row is not None and row.action is MapAction.STAND_IN:
            return in_the_name_of(self._names.worker(entry) or f"user {row.source_id}", text)
        return text


def _known(known: dict[_Key, _Found], key: _Key, find: abc.Callable[[], _Found]) -> _Found:
    """What was found before under the same key, else what `find` finds; whatever records say, memory is bounded."""
    found = known.get(key)
    if found is None:
        if len(known) >= _REMEMBERED:
            known.clear()
        found = known[key] = find()
    return found
