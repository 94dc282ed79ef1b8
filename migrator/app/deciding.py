"""Feeds the pure decision with everything known of each record, page by page, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from migrator.app import obstacles
from migrator.app.config import Config
from migrator.app.configuration.choices import Billed, Creatable, InactivePeople, PendingPayment
from migrator.app.obstacles import Obstacles
from migrator.app.provision.blueprinting import draw_blueprints
from migrator.app.survey import Candidates, Survey
from migrator.app.wiring import Workplace
from migrator.core.actions import Action, Hold, HoldReason
from migrator.core.blueprints import Blueprints
from migrator.core.decide import decide
from migrator.core.listing import deletion_of
from migrator.core.mapping import Assignments, MapAction, MapKind, Mapping, SourceMasters, TargetMasters
from migrator.core.matching import effective, exact_matches
from migrator.core.model import Billing, Key, MocoId, TimeEntry
from migrator.core.plan import Labels, payload_digest
from migrator.core.policy import ArchivedProjects, Policy, Scope
from migrator.core.quick import quickly_made
from migrator.core.record import Memory, Rules, Source, Target
from migrator.core.reopening import Reopenable
from migrator.core.resolve import Resolver
from migrator.core.wanted import LeftOut, Unmapped, Wanted
from migrator.store import intents, source_masters
from migrator.store import mapping as stored_mapping
from migrator.store.engine import reading
from migrator.store.made import list_made, made_targets
from migrator.store.merge import Merged, Selection, pages


@quickly_made
@dataclass(frozen=True, slots=True)
class Decided:
    """One record, what is wanted for it, and what becomes of it."""

    merged: Merged
    source: Source
    target: Target
    action: Action

    @property
    def wanted(self) -> Wanted | None:
        """What MOCO shall hold, where that is known."""
        match self.source.wanted:
            case Wanted() as wanted:
                return wanted
            case Unmapped(wanted=wanted):
                return wanted
            case LeftOut():
                return None

    @property
    def payload(self) -> str:
        """The digest of what is wanted, the same before and after its task was created."""
        wanted = self.wanted
        return payload_digest(wanted) if wanted else ""


class Sink(Protocol):
    """Takes decided records in pages."""

    def take(self, decided: Sequence[Decided]) -> None:
        """Enter a page of records."""

    def restart(self) -> None:
        """Forget everything taken so far."""


class Decider:
    """The mapping, policy and rules of one run, and the decision under them."""

    def __init__(
        self,
        config: Config,
        mapping: Mapping,
        known: SourceMasters,
        there: TargetMasters,
        rules: Rules,
        obstacles: Obstacles,
        blueprints: Blueprints,
        assignments: Assignments,
    ) -> None:
        self.blueprints = blueprints
        self.mapping = mapping
        self.known = known
        self.there = there
        self._instance = config.activecollab.instance
        self._resolver = Resolver(
            self._instance, mapping, known, there, policy_of(config), blueprints.impossible, assignments
        )
        self._rules = rules
        self._obstacles = obstacles

    def decide(self, merged: Merged, survey: Survey | None) -> Decided:
        """What becomes of one record; without a survey nothing is proved absent."""
        entry = merged.entry
        source = Source(
            key=Key(self._instance, entry.id),
            seconds=entry.seconds,
            deletion=deletion_of(merged.fate, trashed=entry.trashed),
            wanted=self._wanted(entry),
            billing=entry.billing,
            rejected=merged.rejected,
        )
        target = Target(
            marked=merged.marked,
            linked=merged.linked,
            gone=merged.gone,
            absence_established=survey is not None and survey.absent(entry.id, entry.day),
            stands_for=merged.stands_for,
        )
        memory = Memory(merged.open_intent, merged.undone, merged.refusal, merged.accepted, merged.ruling)
        return Decided(merged, source, target, decide(source, merged.link, target, memory, self._rules))

    def _wanted(self, entry: TimeEntry) -> Wanted | Unmapped | LeftOut:
        resolved = self._resolver.resolve(entry)
        return self._obstacles.before(resolved) if isinstance(resolved, Wanted) else resolved

    def labels(self, decided: Decided) -> Labels:
        """Under which names a record is totalled."""
        entry, wanted = decided.merged.entry, decided.wanted
        project = self.known.projects.get(entry.project_id)
        person = self.known.users.get(entry.user_id) if entry.user_id is not None else None
        company = self.known.companies.get(project.company_id) if project and project.company_id else None
        billable_place = True
        if wanted is not None:
            place = self.there.projects.get(wanted.booking.project_id)
            task = self.there.tasks.get(wanted.booking.task_id)
            billable_place = (place is None or place.billable) and (task is None or task.billable)
        return Labels(
            project=project.name if project and project.name else f"project {entry.project_id}",
            person=person.name if person and person.name else entry.worker_name or f"person {entry.user_id}",
            customer=company.name if company else "",
            billable_place=billable_place,
        )

    def people(self) -> frozenset[MocoId]:
        """The people of MOCO whom the mapping books on."""
        return frozenset(
            row.target_id
            for row in self.mapping.rows.values()
            if row.kind is MapKind.USER
            and row.target_id is not None
            and row.action in {MapAction.MAP, MapAction.CREATE, MapAction.STAND_IN}
        )

    @property
    def deactivated(self) -> frozenset[MocoId]:
        """People of MOCO who are deactivated: it may refuse to book for them."""
        return self._obstacles.deactivated

    @property
    def reopenable(self) -> Reopenable:
        """What is shut in MOCO and may be opened for the writes of this run."""
        return self._obstacles.reopenable


def load_decider(place: Workplace, there: TargetMasters, *, may_create: bool = True) -> Decider:
    """The decider under the mapping in force and today's rules; unless projects `may_create`, what lacks one waits."""
    with reading(place.engine) as session:
        explicit = stored_mapping.load_mapping(session)
        known = source_masters.load_masters(session)
        inactive = frozenset(user.id for user in there.users.values() if not user.active)
        known_obstacles = obstacles.load(session, inactive, _reopenable(place.config, there, inactive))
        made = made_targets(session)
        config = place.config
        exact = exact_matches(known, there, explicit.rows.values())
        mapping = effective(explicit, exact, accept_exact=config.mapping.accept_exact, made=made)
        blueprints = draw_blueprints(session, config, mapping, known, there)
        if not may_create:
            blueprints = blueprints.without_new()
        assignments = _assignments(session, known_obstacles.reopenable)
    rules = Rules(config.policy.source_deleted, place.clock.today(), invoiced_in(config))
    return Decider(config, mapping, known, there, rules, known_obstacles, blueprints, assignments)


def _assignments(session: Session, reopenable: Reopenable) -> Assignments:
    """What we know of assignments that MOCO does not list."""
    fresh = {each.target_id for each in list_made(session) if each.kind is MapKind.PROJECT and not each.adopted}
    pairs = (key.split("/") for key in intents.keys_done(session, "contract"))
    made = frozenset((MocoId(int(project_id)), MocoId(int(user_id))) for project_id, user_id in pairs)
    return Assignments(frozenset(fresh), made, reopenable.people)


def invoiced_in(config: Config) -> frozenset[Billing]:
    """Which records of ActiveCollab are billed there: paid ones, and those pending payment where a person said so."""
    pending = config.policy.pending_payment is PendingPayment.BILLED
    return frozenset({Billing.PAID, Billing.PENDING_PAYMENT} if pending else {Billing.PAID})


def marked_in(config: Config) -> frozenset[Billing]:
    """Which of them `billed` marks in MOCO; none where the policy says that they are billed anew there."""
    left_billable = frozenset({Billing.PAID}) if config.policy.billed is Billed.BILLABLE else frozenset()
    return invoiced_in(config) - left_billable


def _reopenable(config: Config, there: TargetMasters, inactive: frozenset[MocoId]) -> Reopenable:
    policy = config.policy
    archived = frozenset(project.id for project in there.projects.values() if not project.active)
    return Reopenable(
        projects=archived if policy.archived_projects is ArchivedProjects.REOPEN else frozenset(),
        people=inactive if policy.inactive_people is InactivePeople.REACTIVATE else frozenset(),
    )


def policy_of(config: Config) -> Policy:
    """The configuration in the core's words."""
    return Policy(
        rounding=config.policy.rounding,
        task_strategy=config.mapping.task_strategy,
        default_task=config.mapping.default_task,
        create_projects=Creatable.PROJECTS in config.mapping.create,
        create_tasks=Creatable.TASKS in config.mapping.create,
        create_contracts=Creatable.CONTRACTS in config.mapping.create,
        description=config.policy.description,
        empty_description=config.policy.empty_description,
        min_description=config.policy.min_description,
        zero_duration=config.policy.zero_duration,
        archived_projects=config.policy.archived_projects,
        tag=config.policy.tag,
        scope=Scope(
            from_day=config.scope.from_,
            to_day=config.scope.to,
            users=frozenset(config.scope.users),
            projects=frozenset(config.scope.projects),
        ),
    )


def decide_all(
    place: Workplace, decider: Decider, survey: Survey, run_id: int, selection: Selection, sink: Sink
) -> None:
    """Decide every selected record and hand it to `sink`.

    Records to be created whose absence is not established yet are set aside, established together, and decided
    again; when they are very many their days are listed and everything is decided anew.
    """
    candidates = _decide_pages(place, decider, survey, run_id, selection, sink, Candidates())
    if candidates is None or not candidates.count:
        return
    survey.establish(candidates)
    if candidates.ids:
        selection = selection.only_these(candidates.ids)
    else:
        sink.restart()
    _decide_pages(place, decider, survey, run_id, selection, sink, None)


def _decide_pages(
    place: Workplace,
    decider: Decider,
    survey: Survey,
    run_id: int,
    selection: Selection,
    sink: Sink,
    candidates: Candidates | None,
) -> Candidates | None:
    """One pass; with `candidates` it sets aside what waits for the proof of its absence."""
    with place.progress.phase("deciding", None) as bar:
        for page in pages(place.engine, run_id, selection=selection):
            decided = [decider.decide(merged, survey) for merged in page]
            if candidates is not None:
                decided = list(_without_candidates(decided, candidates))
            sink.take(decided)
            bar.advance(len(page))
    return candidates


def _without_candidates(decided: Iterable[Decided], candidates: Candidates) -> Iterable[Decided]:
    for each in decided:
        waits = isinstance(each.action, Hold) and each.action.reason is HoldReason.NOT_ESTABLISHED
        if waits and each.wanted is not None:
            booking = each.wanted.booking
            candidates.add(each.source.key.id, booking.user_id, booking.marker, booking.day)
        else:
            yield each
