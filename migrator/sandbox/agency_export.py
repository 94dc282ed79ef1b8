"""The agency's ActiveCollab as a folder of XML or JSON files, as somebody would save it from the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from migrator.sandbox import agency_xml2, agency_xml3
from migrator.sandbox.agency_cast import OWN_COMPANY_ID, Client, Person, Project
from migrator.sandbox.agency_history import Agency
from migrator.sandbox.agency_json5 import write_json5
from migrator.sandbox.agency_records import TimeRecord, expense_beside
from migrator.sandbox.agency_xml import DECLARATION, document, indented


def write_export(agency: Agency, folder: Path) -> list[Path]:
    """Write people, projects, tickets and time into `folder`, and say which files; the same bytes every time.

    Generation 2: `people.xml`, `projects.xml`, `tickets-<project>.xml`, `time-<project>.xml`. Generation 3:
    archived people, companies and projects in files of their own, `tasks-<project>.xml` in place of tickets.
    Generation 5: JSON, see `agency_json5`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if agency.generation == 5:
        return write_json5(agency, folder)
    rest = _second_generation(agency) if agency.generation == 2 else _third_generation(agency)
    written = []
    for name, root, elements in rest:
        with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(document(root, elements))
        written.append(folder / name)
    return [*written, *_write_time(agency, folder)]


_Documents = Iterator[tuple[str, str, Iterable[list[str]]]]


def _second_generation(agency: Agency) -> _Documents:
    cast = agency.cast
    staffed = _staffed(cast.clients, cast.people)
    yield "people.xml", "companies", [agency_xml2.company(*pair) for pair in staffed]
    yield "projects.xml", "projects", map(agency_xml2.project, cast.projects)
    for project in cast.projects:
        tickets = [agency_xml2.ticket(ticket, project) for ticket in project.tickets]
        yield f"tickets-{project.id}.xml", "tickets", tickets


def _third_generation(agency: Agency) -> _Documents:
    cast = agency.cast
    for archived, suffix in ((False, ""), (True, "-archive")):
        clients = tuple(client for client in cast.clients if client.archived is archived)
        staff = tuple(person for person in cast.people if (person.last_day is not None) is archived)
        companies = [agency_xml3.company(*pair) for pair in _staffed(clients, staff)]
        yield f"people{suffix}.xml", "companies", companies
        if archived:
            yield "users-archive.xml", "users", map(agency_xml3.user, staff)
        projects = [_third_project(agency, each) for each in cast.projects if each.archived is archived]
        yield f"projects{suffix}.xml", "projects", projects
    for project in cast.projects:
        tasks = [agency_xml3.task(ticket, project) for ticket in project.tickets]
        yield f"tasks-{project.id}.xml", "tasks", tasks


def _third_project(agency: Agency, project: Project) -> list[str]:
    client = next(each for each in agency.cast.clients if each.id == project.client_id)
    return agency_xml3.project(project, client, agency.cast.person(project.leader_id))


def _staffed(clients: tuple[Client, ...], people: tuple[Person, ...]) -> Iterator[tuple[Client, tuple[Person, ...]]]:
    """Each company with its people; everybody works for the agency."""
    return ((client, people if client.id == OWN_COMPANY_ID else ()) for client in clients)


def _write_time(agency: Agency, folder: Path) -> list[Path]:
    """One file per project, all open at once, so that the records are gone through once."""
    root = "time_records" if agency.generation == 2 else "tracking_objects"
    shape: Callable[[TimeRecord], str] = _second_time if agency.generation == 2 else _third_time
    paths = {project.id: folder / f"time-{project.id}.xml" for project in agency.cast.projects}
    with ExitStack() as stack:
        files = {
            project_id: stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            for project_id, path in paths.items()
        }
        for file in files.values():
            file.write(f"{DECLARATION}<{root}>\n")
        for record in agency.records():
            files[record.project.id].write(shape(record))
        for file in files.values():
            file.write(f"</{root}>\n")
    return list(paths.values())


def _second_time(record: TimeRecord) -> str:
    return indented(agency_xml2.time_record(record))


def _third_time(record: TimeRecord) -> str:
    expense = expense_beside(record)
    beside = indented(agency_xml3.tracked_expense(expense)) if expense else ""
    return indented(agency_xml3.tracked_time(record)) + beside
