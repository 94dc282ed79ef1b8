"""The agency in the XML of ActiveCollab 2 (field names: ActiveCollab's API pages and its PHP wrapper)."""

from __future__ import annotations

from hashlib import sha256

from migrator.sandbox.agency_cast import OWN_COMPANY_ID, Client, Person, Project, Ticket
from migrator.sandbox.agency_records import TimeRecord
from migrator.sandbox.agency_xml import HOST, branch, leaf, link, moment, text


def api_token(person: Person) -> str:
    """The made-up API key of a person; ActiveCollab 2 shows the caller's own among the people."""
    return f"{person.id}-{sha256(person.email.encode()).hexdigest()[:40]}"


def company(client: Client, people: tuple[Person, ...]) -> list[str]:
    """A company with its people."""
    return branch(
        "company",
        leaf("id", client.id),
        text("name", client.name),
        leaf("created_on", "2012-02-01 09:00:00"),
        text("permalink", f"{HOST}/public/index.php?path_info=people/{client.id}"),
        leaf("office_address"),
        leaf("office_phone"),
        leaf("office_fax"),
        leaf("office_homepage"),
        branch("users", *(_user(person) for person in people)) if people else leaf("users"),
    )


def _user(person: Person) -> list[str]:
    return branch(
        "user",
        leaf("id", person.id),
        text("first_name", f" {person.first_name} "),  # blanks inside the CDATA occur in a published recording
        text("last_name", person.last_name),
        text("email", person.email),
        leaf("last_visit_on", "2025-08-29 15:12:40"),
        text("permalink", link(f"people/{OWN_COMPANY_ID}/users/{person.id}")),
        leaf("role_id", 1 if person.administrator else 3),
        leaf("is_administrator", int(person.administrator)),
        leaf("is_project_manager", int(person.leads_projects)),
        leaf("is_people_manager", int(person.administrator)),
        *([text("token", api_token(person))] if person.administrator else []),
        leaf("company_id", OWN_COMPANY_ID),
    )


def project(each: Project) -> list[str]:
    """A project; internal ones belong to company 0."""
    return branch(
        "project",
        leaf("id", each.id),
        text("name", each.name),
        text("overview", f"<p>{each.slug}</p>"),
        text("status", each.status),
        text("type", "Project"),
        text("permalink", link(f"projects/{each.id}")),
        leaf("leader_id", each.leader_id),
        leaf("company_id", 0 if each.internal else each.client_id),
        leaf("group_id", 0),
    )


def ticket(each: Ticket, of: Project) -> list[str]:
    """A ticket; `ticket_id` is its number within the project."""
    return branch(
        "ticket",
        leaf("id", each.id),
        text("type", "Ticket"),
        text("name", each.name),
        leaf("body"),
        leaf("state", 3),
        leaf("visibility", 1),
        text("permalink", link(f"projects/{of.id}/tickets/{each.number}")),
        leaf("project_id", of.id),
        leaf("parent_id"),
        leaf("milestone_id"),
        leaf("ticket_id", each.number),
        leaf("priority", 0),
    )


def time_record(record: TimeRecord) -> list[str]:
    """A time record; time on the project itself has an empty parent."""
    return branch(
        "time_record",
        leaf("id", record.id),
        text("type", "TimeRecord"),
        text("name", f"{record.hours} hours"),
        text("body", record.text),
        leaf("state", 1 if record.trashed else 3),
        leaf("visibility", int(not record.private)),
        leaf("created_on", moment(record.created_on)),
        leaf("created_by_id", record.creator.id),
        leaf("updated_on", moment(record.updated_on)),
        leaf("updated_by_id", record.creator.id if record.updated_on else ""),
        leaf("version", record.version),
        text("permalink", link(f"projects/{record.project.id}/time/{record.id}")),
        leaf("project_id", record.project.id),
        leaf("parent_id", record.ticket.id if record.ticket else ""),
        leaf("milestone_id"),
        branch(
            "permissions",
            leaf("can_edit", 1),
            leaf("can_delete", 1),
            leaf("can_change_visibility", 1),
            leaf("can_move", 0),
            leaf("can_copy", 0),
        ),
        leaf("billable_status", record.billable_status),
        leaf("value", record.hours),
        leaf("record_date", record.record_date),
        leaf("is_billable", int(record.status > 0)),
        leaf("is_billed", int(record.status == 3)),
        leaf("user_id", record.person.id),
    )
