"""What is wanted for a record: rules first, then what is missing, then the booking itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.actions import HoldReason, SkipReason
from migrator.core.duration import Rounding
from migrator.core.model import (
    Billing,
    Company,
    JobType,
    MocoId,
    ParentKind,
    Project,
    Seconds,
    SourceId,
    TargetContract,
    TargetProject,
    TargetTask,
    TargetUser,
    Task,
    TimeEntry,
    User,
)
from migrator.core.resolve import (
    ArchivedProjects,
    DescriptionStyle,
    LeftOut,
    MapAction,
    MapKind,
    Mapping,
    MapRow,
    Policy,
    Resolver,
    Scope,
    SourceMasters,
    TargetMasters,
    TaskStrategy,
    Unmapped,
    Wanted,
    ZeroDuration,
    payload_digest,
)
from tests.unit.core.builders import a_time_entry

SOURCE = SourceMasters(
    users={SourceId(17): User(SourceId(17), "Jo Doe", "jo@example.com")},
    companies={SourceId(3): Company(SourceId(3), "Acme")},
    projects={SourceId(5): Project(SourceId(5), "Relaunch", "rel", SourceId(3))},
    tasks={SourceId(8): Task(SourceId(8), "Header ", SourceId(5), 1)},
    job_types={SourceId(2): JobType(SourceId(2), "Design")},
)
USER = TargetUser(MocoId(7), "Jo", "Doe", "jo@example.com", active=True)
PROJECT = TargetProject(MocoId(20), "Relaunch 2024", "P20", None, active=True, billable=True)
OTHER_PROJECT = TargetProject(MocoId(21), "Other", "P21", None, active=True, billable=True)
DEFAULT = TargetTask(MocoId(30), MocoId(20), "activecollab", active=True, billable=True)
HEADER = TargetTask(MocoId(31), MocoId(20), "Header", active=True, billable=True)
DESIGN = TargetTask(MocoId(32), MocoId(20), "Design", active=True, billable=True)
ELSEWHERE = TargetTask(MocoId(40), MocoId(21), "Gestaltung", active=True, billable=True)
CONTRACT = TargetContract(MocoId(50), MocoId(20), MocoId(7), active=True)


def target(
    user: TargetUser = USER,
    project: TargetProject = PROJECT,
    tasks: tuple[TargetTask, ...] = (DEFAULT, HEADER, DESIGN, ELSEWHERE),
    contracts: tuple[TargetContract, ...] = (CONTRACT,),
) -> TargetMasters:
    return TargetMasters(
        users={user.id: user},
        projects={project.id: project, OTHER_PROJECT.id: OTHER_PROJECT},
        tasks={task.id: task for task in tasks},
        contracts=contracts,
    )


def row(
    kind: MapKind,
    source_id: int,
    target_id: int | None = None,
    action: MapAction = MapAction.MAP,
    cutover: date | None = None,
    exact: bool = False,
) -> MapRow:
    found = None if target_id is None else MocoId(target_id)
    return MapRow(kind, SourceId(source_id), action, found, cutover, exact=exact)


ROWS = (row(MapKind.USER, 17, 7), row(MapKind.PROJECT, 5, 20))
ON_TICKET = a_time_entry(parent_kind=ParentKind.TASK, parent_id=SourceId(8), text="slicing")
WITH_JOB = a_time_entry(job_type_id=SourceId(2), text="slicing")
POLICY = Policy()


def resolve(
    entry: TimeEntry,
    *more: MapRow,
    policy: Policy = POLICY,
    masters: TargetMasters | None = None,
) -> Wanted | Unmapped | LeftOut:
    mapping = Mapping.of(1, (*ROWS, *more))
    return Resolver("main", mapping, SOURCE, masters or target(), policy).resolve(entry)


def want(entry: TimeEntry, *more: MapRow, policy: Policy = POLICY, masters: TargetMasters | None = None) -> Wanted:
    found = resolve(entry, *more, policy=policy, masters=masters)
    assert isinstance(found, Wanted), found
    return found


def test_an_ordinary_record_becomes_a_booking() -> None:
    found = want(replace(ON_TICKET, permalink="https://ac.example.com/t/1", billing=Billing.PAID))
    booking = found.booking
    assert (booking.day, booking.seconds, booking.marker) == (date(2024, 5, 2), 3600, "ac:main:482")
    assert (booking.user_id, booking.project_id, booking.task_id) == (7, 20, 30)
    assert (booking.description, booking.billable) == ("Header: slicing", True)
    assert (booking.url, booking.tag) == ("https://ac.example.com/t/1", "")
    assert not any((found.needs_task, found.needs_contract, found.needs_reopening, found.needs_project))


# -- rules that leave a record out -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (Scope(), True),
        (Scope(from_day=date(2024, 5, 2), to_day=date(2024, 5, 2)), True),
        (Scope(from_day=date(2024, 5, 3)), False),
        (Scope(to_day=date(2024, 5, 1)), False),
        (Scope(users=frozenset({"17"})), True),
        (Scope(users=frozenset({"JO@example.com"})), True),
        (Scope(users=frozenset({"jo doe", "x"})), True),
        (Scope(users=frozenset({"7"})), False),
        (Scope(projects=frozenset({"REL"})), True),
        (Scope(projects=frozenset({"relaunch"})), True),
        (Scope(projects=frozenset({"5"})), True),
        (Scope(projects=frozenset({"Relaunch 2024"})), False),
        (Scope(users=frozenset({"17"}), projects=frozenset({"6"})), False),
    ],
)
def test_the_scope_names_days_people_and_projects(scope: Scope, inside: bool) -> None:
    found = resolve(a_time_entry(), policy=replace(POLICY, scope=scope))
    assert (found != LeftOut(SkipReason.OUT_OF_SCOPE)) is inside


def test_a_worker_without_account_is_in_scope_by_name() -> None:
    entry = a_time_entry(user=None, worker_name="Ann Poe")
    policy = replace(POLICY, scope=Scope(users=frozenset({"ann poe"})))
    assert resolve(entry, policy=policy) == Unmapped(
        HoldReason.WITHOUT_ACCOUNT, "Ann Poe has no account in ActiveCollab"
    )


def test_a_record_without_duration_is_left_out_unless_kept() -> None:
    empty = a_time_entry(seconds=0)
    assert resolve(empty) == LeftOut(SkipReason.ZERO_DURATION)
    assert want(empty, policy=replace(POLICY, zero_duration=ZeroDuration.KEEP)).booking.seconds == 0


@pytest.mark.parametrize("kind", MapKind)
def test_whatever_is_mapped_to_skip_leaves_its_records_out(kind: MapKind) -> None:
    entry = replace(ON_TICKET, job_type_id=SourceId(2))
    source_id = {MapKind.USER: 17, MapKind.COMPANY: 3, MapKind.PROJECT: 5, MapKind.TASK: 8}.get(kind, 2)
    exact = row(MapKind.PROJECT, 5, 20, exact=True)
    skip = row(kind, source_id, action=MapAction.SKIP)
    assert resolve(entry, exact, skip) == LeftOut(SkipReason.MAPPED_TO_SKIP)


def test_a_project_that_a_person_mapped_is_moved_though_its_company_is_skipped() -> None:
    assert isinstance(resolve(a_time_entry(), row(MapKind.COMPANY, 3, action=MapAction.SKIP)), Wanted)


@pytest.mark.parametrize(("cutover", "out"), [(date(2024, 5, 2), True), (date(2024, 5, 3), False)])
@pytest.mark.parametrize(("kind", "source_id", "target_id"), [("user", 17, 7), ("project", 5, 20), ("task", 8, 31)])
def test_records_on_or_after_the_cutover_are_left_out(
    kind: str, source_id: int, target_id: int, cutover: date, out: bool
) -> None:
    found = resolve(ON_TICKET, row(MapKind(kind), source_id, target_id, cutover=cutover))
    assert (found == LeftOut(SkipReason.AFTER_CUTOVER)) is out


# -- what is missing --------------------------------------------------------------------------------------


HOLDS: list[tuple[TimeEntry, tuple[MapRow, ...], HoldReason, str]] = [
    (a_time_entry(user=18), (), HoldReason.UNMAPPED, "user 18 is not mapped"),
    (a_time_entry(project=6), (), HoldReason.UNMAPPED, "project 6 is not mapped"),
    (
        a_time_entry(),
        (row(MapKind.USER, 17, action=MapAction.HOLD),),
        HoldReason.MAPPED_TO_HOLD,
        "user 17 (Jo Doe) is mapped to hold",
    ),
    (
        a_time_entry(),
        (row(MapKind.PROJECT, 5, action=MapAction.HOLD),),
        HoldReason.MAPPED_TO_HOLD,
        "project 5 (Relaunch) is mapped to hold",
    ),
    (
        a_time_entry(),
        (row(MapKind.PROJECT, 5, 20, exact=True), row(MapKind.COMPANY, 3, action=MapAction.HOLD)),
        HoldReason.MAPPED_TO_HOLD,
        "project 5 (Relaunch) is mapped to hold",
    ),
    (
        ON_TICKET,
        (row(MapKind.TASK, 8, action=MapAction.HOLD),),
        HoldReason.MAPPED_TO_HOLD,
        "task 8 (Header) is mapped to hold",
    ),
    (
        a_time_entry(),
        (row(MapKind.USER, 17, 99),),
        HoldReason.UNMAPPED,
        "user 17 (Jo Doe) is mapped to MOCO person 99, who is not there",
    ),
    (
        a_time_entry(),
        (row(MapKind.PROJECT, 5, 99),),
        HoldReason.UNMAPPED,
        "project 5 (Relaunch) is mapped to MOCO project 99, which is not there",
    ),
    (
        ON_TICKET,
        (row(MapKind.TASK, 8, 99),),
        HoldReason.UNMAPPED,
        "task 8 (Header) is mapped to MOCO task 99, which is not there",
    ),
    (
        ON_TICKET,
        (row(MapKind.TASK, 8, 40),),
        HoldReason.UNMAPPED,
        "task 8 (Header) is mapped to MOCO task 40, which is not in MOCO project 20 (Relaunch 2024)",
    ),
    (
        a_time_entry(),
        (row(MapKind.USER, 17),),
        HoldReason.UNMAPPED,
        "user 17 (Jo Doe) is mapped to nothing: its row names no target",
    ),
    (
        a_time_entry(),
        (row(MapKind.PROJECT, 5, action=MapAction.CREATE),),
        HoldReason.PROJECT_MISSING,
        'project 5 (Relaunch) is still to be created in MOCO: add "projects" to mapping.create',
    ),
]


@pytest.mark.parametrize(("entry", "rows", "reason", "detail"), HOLDS, ids=[detail for *_, detail in HOLDS])
def test_what_is_missing_is_named(entry: TimeEntry, rows: tuple[MapRow, ...], reason: HoldReason, detail: str) -> None:
    assert resolve(entry, *rows) == Unmapped(reason, detail)


def test_an_archived_project_holds_unless_it_may_be_reopened() -> None:
    masters = target(project=replace(PROJECT, active=False))
    held = resolve(a_time_entry(), masters=masters)
    assert isinstance(held, Unmapped)
    assert (held.reason, held.detail) == (
        HoldReason.PROJECT_ARCHIVED,
        "MOCO project 20 (Relaunch 2024) is archived",
    )
    reopening = replace(POLICY, archived_projects=ArchivedProjects.REOPEN)
    assert want(a_time_entry(), masters=masters, policy=reopening) == held.wanted
    assert want(a_time_entry(), masters=masters, policy=reopening).needs_reopening


def test_an_inactive_task_holds_and_says_what_is_wanted() -> None:
    held = resolve(a_time_entry(), masters=target(tasks=(replace(DEFAULT, active=False),)))
    assert isinstance(held, Unmapped)
    assert held.reason is HoldReason.TASK_INACTIVE
    assert held.wanted is not None
    assert held.wanted.booking.task_id == DEFAULT.id


def test_a_missing_task_is_created_where_that_is_allowed() -> None:
    masters = target(tasks=())
    found = want(a_time_entry(), masters=masters)
    assert (found.needs_task, found.task_name, found.booking.task_id) == (True, "ActiveCollab", 0)
    assert resolve(a_time_entry(), masters=masters, policy=replace(POLICY, create_tasks=False)) == Unmapped(
        HoldReason.TASK_MISSING, "task 'ActiveCollab' is missing in MOCO project 20 (Relaunch 2024)"
    )


def test_a_missing_contract_is_created_where_that_is_allowed() -> None:
    masters = target(contracts=())
    assert want(a_time_entry(), masters=masters).needs_contract
    held = resolve(a_time_entry(), masters=masters, policy=replace(POLICY, create_contracts=False))
    assert isinstance(held, Unmapped)
    assert held.reason is HoldReason.CONTRACT_MISSING


def test_of_deactivated_people_no_contract_is_asked_because_moco_lists_none() -> None:
    masters = target(user=replace(USER, active=False), contracts=())
    policy = replace(POLICY, create_contracts=False)
    assert not want(a_time_entry(), masters=masters, policy=policy).needs_contract


def test_an_inactive_contract_is_left_to_moco() -> None:
    masters = target(contracts=(replace(CONTRACT, active=False),))
    assert not want(a_time_entry(), masters=masters).needs_contract


def test_a_project_still_to_be_created_counts_as_mapped_where_that_is_allowed() -> None:
    policy = replace(POLICY, create_projects=True)
    before = want(a_time_entry(), row(MapKind.PROJECT, 5, action=MapAction.CREATE), policy=policy)
    assert (before.needs_project, before.needs_task, before.needs_contract) == (True, True, True)
    after = want(a_time_entry(), row(MapKind.PROJECT, 5, 20, MapAction.CREATE), policy=policy)
    assert (after.needs_project, after.booking.project_id, after.new_project) == (False, 20, 5)
    assert payload_digest(before) == payload_digest(after)


# -- the task ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "strategy", "rows", "task"),
    [
        (ON_TICKET, TaskStrategy.SINGLE, (), DEFAULT.id),
        (ON_TICKET, TaskStrategy.PER_TASK, (), HEADER.id),
        (WITH_JOB, TaskStrategy.PER_TASK, (), DEFAULT.id),
        (WITH_JOB, TaskStrategy.PER_JOB_TYPE, (), DESIGN.id),
        (ON_TICKET, TaskStrategy.PER_JOB_TYPE, (), DEFAULT.id),
        (replace(ON_TICKET, parent_kind=ParentKind.UNKNOWN), TaskStrategy.PER_TASK, (), DEFAULT.id),
        (replace(ON_TICKET, parent_id=SourceId(404)), TaskStrategy.PER_TASK, (), DEFAULT.id),
        (ON_TICKET, TaskStrategy.SINGLE, (row(MapKind.TASK, 8, 32),), DESIGN.id),
        (WITH_JOB, TaskStrategy.SINGLE, (row(MapKind.JOB_TYPE, 2, 31),), HEADER.id),
        (
            replace(ON_TICKET, job_type_id=SourceId(2)),
            TaskStrategy.PER_JOB_TYPE,
            (row(MapKind.TASK, 8, 31), row(MapKind.JOB_TYPE, 2, 30)),
            HEADER.id,
        ),
    ],
)
def test_the_task_follows_its_row_or_the_strategy(
    entry: TimeEntry, strategy: TaskStrategy, rows: tuple[MapRow, ...], task: MocoId
) -> None:
    policy = replace(POLICY, task_strategy=strategy, create_tasks=False)
    assert want(entry, *rows, policy=policy).booking.task_id == task


def test_a_job_type_mapped_to_another_projects_task_means_its_namesake() -> None:
    found = want(WITH_JOB, row(MapKind.JOB_TYPE, 2, 40))
    assert (found.needs_task, found.task_name) == (True, "Gestaltung")


def test_a_task_row_that_says_create_creates_it_under_its_own_name() -> None:
    masters = target(tasks=(DEFAULT,))
    policy = replace(POLICY, create_tasks=False)
    found = want(ON_TICKET, row(MapKind.TASK, 8, action=MapAction.CREATE), masters=masters, policy=policy)
    assert (found.needs_task, found.task_name) == (True, "Header")


def test_creating_a_task_leaves_the_payload_digest_alone() -> None:
    before, after = want(a_time_entry(), masters=target(tasks=())), want(a_time_entry())
    assert (before.needs_task, after.needs_task) == (True, False)
    assert payload_digest(before) == payload_digest(after)
    assert payload_digest(after) != payload_digest(want(a_time_entry(seconds=60)))
    assert payload_digest(after) != payload_digest(
        want(ON_TICKET, policy=replace(POLICY, task_strategy=TaskStrategy.PER_TASK))
    )


# -- the booking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "changes", "description"),
    [
        (ON_TICKET, {}, "Header: slicing"),
        (replace(ON_TICKET, text=" \r\n "), {}, "Header"),
        (replace(ON_TICKET, text="a\r\nb\n"), {}, "Header: a\nb"),
        (a_time_entry(text="slicing"), {}, "slicing"),
        (replace(ON_TICKET, parent_kind=ParentKind.UNKNOWN), {}, "slicing"),
        (a_time_entry(), {}, "(no description)"),
        (a_time_entry(), {"empty_description": ""}, ""),
        (ON_TICKET, {"description": DescriptionStyle.BODY}, "slicing"),
        (replace(ON_TICKET, text=""), {"description": DescriptionStyle.BODY}, "(no description)"),
        (
            replace(ON_TICKET, text="ok"),
            {"description": DescriptionStyle.BODY, "min_description": 3},
            "ok – Header",
        ),
        (a_time_entry(text="ok"), {"min_description": 3}, "ok – Relaunch"),
        (replace(ON_TICKET, text=""), {"min_description": 10}, "Header – Relaunch"),
        (a_time_entry(text="fine"), {"min_description": 4}, "fine"),
        (a_time_entry(project=5), {"min_description": 3, "empty_description": ""}, "Relaunch"),
    ],
)
def test_the_description(entry: TimeEntry, changes: dict[str, object], description: str) -> None:
    # Field names are checked by dataclasses.replace itself.
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    assert want(entry, policy=policy).booking.description == description


def test_a_stand_in_carries_the_name_of_who_worked() -> None:
    found = want(ON_TICKET, row(MapKind.USER, 17, 7, MapAction.STAND_IN))
    assert found.booking.description == "[Jo Doe] Header: slicing"


@pytest.mark.parametrize(
    ("billing", "billable"),
    [
        (Billing.NOT_BILLABLE, False),
        (Billing.BILLABLE, True),
        (Billing.PENDING_PAYMENT, True),
        (Billing.PAID, True),
    ],
)
def test_everything_but_not_billable_is_billable(billing: Billing, billable: bool) -> None:
    assert want(a_time_entry(billing=billing)).booking.billable is billable


def test_minutes_are_restored_where_the_policy_says_so() -> None:
    entry = a_time_entry(seconds=612)
    assert want(entry).booking.seconds == 612
    assert want(entry, policy=replace(POLICY, rounding=Rounding.MINUTE)).booking.seconds == 600


@pytest.mark.parametrize(("tag", "sent"), [("", ""), ("job_type", "Design"), ("from AC", "from AC")])
def test_the_tag(tag: str, sent: str) -> None:
    assert want(WITH_JOB, policy=replace(POLICY, tag=tag)).booking.tag == sent


@pytest.mark.parametrize(
    ("permalink", "url"),
    [("http://ac/t/1", "http://ac/t/1"), ("javascript:alert(1)", ""), ("/t/1", ""), ("", "")],
)
def test_only_web_addresses_become_links(permalink: str, url: str) -> None:
    assert want(a_time_entry(permalink=permalink)).booking.url == url


ENTRIES = st.builds(
    TimeEntry,
    id=st.integers(1, 999).map(SourceId),
    user_id=st.sampled_from([None, SourceId(17), SourceId(18)]),
    project_id=st.sampled_from([SourceId(5), SourceId(6)]),
    day=st.dates(),
    seconds=st.integers(0, 90_000).map(Seconds),
    billing=st.sampled_from(Billing),
    text=st.text(max_size=20),
    parent_kind=st.sampled_from(ParentKind),
    parent_id=st.sampled_from([None, SourceId(8), SourceId(404)]),
    job_type_id=st.sampled_from([None, SourceId(2), SourceId(404)]),
)
MAP_ROWS = st.lists(
    st.builds(
        MapRow,
        st.sampled_from(MapKind),
        st.sampled_from([SourceId(number) for number in (2, 3, 5, 8, 17)]),
        st.sampled_from(MapAction),
        st.sampled_from([None, *(MocoId(number) for number in (7, 20, 21, 30, 40, 99))]),
        st.none() | st.dates(),
        exact=st.booleans(),
    )
)
POLICIES = st.builds(
    Policy,
    st.sampled_from(Rounding),
    st.sampled_from(TaskStrategy),
    create_tasks=st.booleans(),
    create_contracts=st.booleans(),
    create_projects=st.booleans(),
    description=st.sampled_from(DescriptionStyle),
    min_description=st.integers(0, 5),
)


@given(ENTRIES, MAP_ROWS, POLICIES)
def test_any_record_under_any_mapping_gets_one_answer(entry: TimeEntry, rows: list[MapRow], policy: Policy) -> None:
    found = resolve(entry, *rows, policy=policy)
    assert found == resolve(entry, *rows, policy=policy)
    known = found.wanted if isinstance(found, Unmapped) else found
    if isinstance(known, Wanted):
        assert known.needs_task == (known.booking.task_id == 0)
        assert known.needs_task or not known.needs_project
        assert len(known.booking.description) >= policy.min_description
        if not isinstance(found, Unmapped):
            assert policy.create_contracts or not known.needs_contract
