"""Projects: from their creation to their report and the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Unpack

from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    CustomValue,
    among,
    changed_since,
    custom_filter,
    has_properties,
    has_tag,
    id_of,
    same,
    sorting,
    within_about,
)
from migrator.moco.calls.project_fields import BillingVariant, ProjectChanges, ProjectFields, project_body
from migrator.moco.calls.project_values import (
    AssignedProject,
    Project,
    ProjectReport,
    Sharing,
    read_assigned,
    read_project,
    read_report,
    read_sharing,
)
from migrator.moco.outcomes import WriteKind

__all__ = [
    "AssignedProject",
    "BillingVariant",
    "Project",
    "ProjectChanges",
    "ProjectFields",
    "ProjectReport",
    "Sharing",
    "archive",
    "assign_group",
    "assigned",
    "create",
    "delete",
    "disable_share",
    "get",
    "listed",
    "read_project",
    "report",
    "share",
    "unarchive",
    "unassign_group",
    "update",
]


def listed(
    *,
    include_archived: bool = False,
    include_company: bool = False,
    leader_ids: Sequence[int] = (),
    company_ids: Sequence[int] = (),
    created_from: date | None = None,
    created_to: date | None = None,
    updated_from: date | None = None,
    updated_to: date | None = None,
    tags: Sequence[str] = (),
    identifiers: Sequence[str] = (),
    retainer: bool | None = None,
    project_group_ids: Sequence[int] = (),
    deal_ids: Sequence[int] = (),
    term: str = "",
    custom_properties: Mapping[str, CustomValue] | None = None,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
    sort_by: str = "",
) -> ListCall[Project]:
    """`GET /projects`: those that fit every filter; archived ones only with `include_archived`.

    `include_company` fills `company`. Days are inclusive and the account's own. `term` searches the names of project
    and customer and the identifier; `sort_by` is a field, or `field desc`.
    """
    properties = custom_properties or {}
    query = query_of(
        {
            "include_archived": include_archived or None,
            "include_company": include_company or None,
            "leader_id": leader_ids,
            "company_id": company_ids,
            "created_from": created_from,
            "created_to": created_to,
            "updated_from": updated_from,
            "updated_to": updated_to,
            "tags": tags,
            "identifier": identifiers,
            "retainer": retainer,
            "project_group_id": project_group_ids,
            "deal_id": deal_ids,
            "term": term or None,
            "ids": ids,
            "updated_after": updated_after,
            "sort_by": sorting(sort_by),
        }
    )

    def keeps(row: Project) -> bool:
        return (
            (include_archived or row.active)
            and among(id_of(row.leader), leader_ids)
            and among(row.company_id, company_ids)
            and within_about(row.created_at, created_from, created_to)
            and within_about(row.updated_at, updated_from, updated_to)
            and has_tag(row.tags, tags)
            and among(row.identifier, identifiers)
            and same(bool(row.retainer), retainer)
            and among(id_of(row.project_group), project_group_ids)
            and among(id_of(row.deal), deal_ids)
            and has_properties(row.custom_properties, properties)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall(
        "/projects", lambda value: read_project(value, "GET /projects"), {**query, **custom_filter(properties)}, keeps
    )


def assigned(*, active: bool | None = None) -> ListCall[AssignedProject]:
    """`GET /projects/assigned`: the projects of the person the request acts as; archived ones too unless `active`."""
    path = "/projects/assigned"
    return ListCall(
        path,
        lambda value: read_assigned(value, f"GET {path}"),
        query_of({"active": active}),
        lambda row: same(row.active, active),
        paged=False,
    )


def get(project_id: int, *, include_company: bool = False) -> Call[Project]:
    """`GET /projects/{id}`; `include_company` fills `company`."""
    path = f"/projects/{project_id:d}"
    query = query_of({"include_company": include_company or None})
    return Call("GET", path, lambda value: read_project(value, f"GET {path}"), query)


def create(
    *, name: str, currency: str, company_id: int, leader_id: int, **fields: Unpack[ProjectFields]
) -> Call[Project]:
    """`POST /projects`: MOCO adds an identifier, its standard tasks and a contract for the leader by itself.

    Raises `RefusedLocally` without a currency, which can never be changed, and for a retainer without `start_date` on
    the first of a month, `finish_date` on the last of one and `budget_monthly`.
    """
    new: ProjectChanges = {"name": name, "company_id": company_id, "leader_id": leader_id, **fields}
    return _one("POST", "/projects", project_body(new, currency=currency))


def update(project_id: int, **fields: Unpack[ProjectChanges]) -> Call[Project]:
    """`PUT /projects/{id}`: what is given is changed, the rest stays; `custom_properties` must be whole."""
    return _one("PUT", f"/projects/{project_id:d}", project_body(fields))


def delete(project_id: int) -> Call[None]:
    """`DELETE /projects/{id}`: refused once there are hours, invoices, offers or expenses."""
    return Call("DELETE", f"/projects/{project_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def archive(project_id: int) -> Call[Project]:
    """`PUT /projects/{id}/archive`: nobody can book on it any more."""
    return _one("PUT", f"/projects/{project_id:d}/archive")


def unarchive(project_id: int) -> Call[Project]:
    """`PUT /projects/{id}/unarchive`."""
    return _one("PUT", f"/projects/{project_id:d}/unarchive")


def report(project_id: int) -> Call[ProjectReport]:
    """`GET /projects/{id}/report`: hours and money by MOCO's own books; needs the right to see them."""
    path = f"/projects/{project_id:d}/report"
    return Call("GET", path, lambda value: read_report(value, f"GET {path}"))


def share(project_id: int) -> Call[Sharing]:
    """`PUT /projects/{id}/share`: make the customer's report public at an address of its own."""
    return _sharing(f"/projects/{project_id:d}/share")


def disable_share(project_id: int) -> Call[Sharing]:
    """`PUT /projects/{id}/disable_share`: end that."""
    return _sharing(f"/projects/{project_id:d}/disable_share")


def assign_group(project_id: int, project_group_id: int) -> Call[Project]:
    """`PUT /projects/{id}/assign_project_group`."""
    path = f"/projects/{project_id:d}/assign_project_group"
    return _one("PUT", path, {"project_group_id": int(project_group_id)})


def unassign_group(project_id: int) -> Call[Project]:
    """`PUT /projects/{id}/unassign_project_group`."""
    return _one("PUT", f"/projects/{project_id:d}/unassign_project_group")


def _sharing(path: str) -> Call[Sharing]:
    return Call("PUT", path, lambda value: read_sharing(value, f"PUT {path}"))


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[Project]:
    return Call(method, path, lambda value: read_project(value, f"{method} {path}"), body=body)
