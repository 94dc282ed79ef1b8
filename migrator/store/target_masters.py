"""People, companies, projects, tasks and contracts of MOCO; they fit in memory."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from migrator.core.mapping import TargetMasters
from migrator.core.model import (
    MocoId,
    TargetCompany,
    TargetContract,
    TargetGroup,
    TargetProject,
    TargetTask,
    TargetUser,
)
from migrator.core.names import normalise
from migrator.store.rows import Row, optional_moco_id, pages_of, upsert, whole_sum
from migrator.store.tables import TargetMaster


class TargetKind(Enum):
    """A kind of master record of MOCO."""

    USER = "user"
    COMPANY = "company"
    PROJECT = "project"
    TASK = "task"
    CONTRACT = "contract"
    GROUP = "group"


AnyTarget = TargetUser | TargetCompany | TargetProject | TargetTask | TargetContract | TargetGroup


def save_masters(session: Session, kind: TargetKind, masters: Iterable[AnyTarget]) -> None:
    """Replace all of one kind by what MOCO listed now."""
    session.execute(delete(TargetMaster).where(TargetMaster.kind == kind.value))
    add_masters(session, kind, masters)


def add_masters(session: Session, kind: TargetKind, masters: Iterable[AnyTarget]) -> None:
    """Add what was created or seen since the last listing."""
    for page in pages_of(masters):
        rows = [{"kind": kind.value, "id": master.id, **_target_fields(master)} for master in page]
        upsert(session, TargetMaster, rows)


def masters_version(session: Session) -> str:
    """A text that changes when something came, went, or was opened or closed; names do not count."""
    query = select(
        TargetMaster.kind, func.count(), whole_sum(TargetMaster.id), func.count().filter(TargetMaster.active)
    ).group_by(TargetMaster.kind)
    return repr(sorted((kind, count, int(ids), active) for kind, count, ids, active in session.execute(query)))


def load_target_masters(session: Session) -> TargetMasters:
    """Every person, company, project, task and contract of MOCO as last listed."""
    users: dict[MocoId, TargetUser] = {}
    companies: dict[MocoId, TargetCompany] = {}
    projects: dict[MocoId, TargetProject] = {}
    tasks: dict[MocoId, TargetTask] = {}
    contracts: list[TargetContract] = []
    groups: dict[str, MocoId] = {}
    for row in session.scalars(select(TargetMaster).order_by(TargetMaster.kind, TargetMaster.id)):
        match _target_master(row):
            case TargetUser() as user:
                users[user.id] = user
            case TargetCompany() as company:
                companies[company.id] = company
            case TargetProject() as project:
                projects[project.id] = project
            case TargetTask() as task:
                tasks[task.id] = task
            case TargetContract() as contract:
                contracts.append(contract)
            case TargetGroup(id=group_id, name=name):
                groups.setdefault(normalise(name), group_id)
    return TargetMasters(users, companies, projects, tasks, tuple(contracts), groups)


def is_deactivated(session: Session, user_id: MocoId) -> bool:
    """Whether a person of MOCO was deactivated when last listed."""
    query = select(TargetMaster.active).where(TargetMaster.kind == TargetKind.USER.value, TargetMaster.id == user_id)
    return session.scalar(query) is False


def _target_fields(master: AnyTarget) -> Row:
    match master:
        case TargetUser():
            return {
                "name": master.lastname,
                "firstname": master.firstname,
                "email": master.email,
                "active": master.active,
            }
        case TargetCompany():
            fields = {"name": master.name, "identifier": master.identifier, "active": master.active}
            return {**fields, "type": master.type}
        case TargetProject():
            return {
                "name": master.name,
                "identifier": master.identifier,
                "company_id": master.company_id,
                "active": master.active,
                "billable": master.billable,
                "billing_variant": master.billing_variant,
            }
        case TargetTask():
            return {
                "name": master.name,
                "project_id": master.project_id,
                "active": master.active,
                "billable": master.billable,
            }
        case TargetGroup():
            return {"name": master.name}
        case TargetContract():
            return {"project_id": master.project_id, "user_id": master.user_id, "active": master.active}
        case _:
            assert_never(master)


def _target_master(row: TargetMaster) -> AnyTarget:
    id_ = MocoId(row.id)
    match TargetKind(row.kind):
        case TargetKind.USER:
            return TargetUser(id_, row.firstname, row.name, row.email, row.active)
        case TargetKind.COMPANY:
            return TargetCompany(id_, row.name, row.identifier, row.active, row.type)
        case TargetKind.PROJECT:
            company_id = optional_moco_id(row.company_id)
            active, billable, variant = row.active, row.billable, row.billing_variant
            return TargetProject(id_, row.name, row.identifier, company_id, active, billable, variant)
        case TargetKind.TASK:
            return TargetTask(id_, MocoId(row.project_id or 0), row.name, row.active, row.billable)
        case TargetKind.GROUP:
            return TargetGroup(id_, row.name)
        case TargetKind.CONTRACT:
            return TargetContract(id_, MocoId(row.project_id or 0), MocoId(row.user_id or 0), row.active)
        case unknown:
            assert_never(unknown)
