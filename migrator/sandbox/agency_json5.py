"""The agency as saved JSON answers of ActiveCollab 5, in the shapes that the simulated ActiveCollab answers with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from migrator.sandbox.activecollab_agency import fill_masters, stored_record
from migrator.sandbox.activecollab_records import State
from migrator.sandbox.activecollab_shapes5 import Json, Shapes5
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import ActiveCollabSwitches
from migrator.sandbox.activecollab_web import json_text
from migrator.sandbox.agency_history import Agency


def write_json5(agency: Agency, folder: Path) -> list[Path]:
    """Write `users.json`, `companies.json`, `projects.json`, `projects-archive.json`, `job-types.json`, and for
    every project `tasks-<id>.json` and `time-<id>.json`; records in the trash are among the time.
    """
    state = ActiveCollabState(5, lambda: datetime.now(UTC), ActiveCollabSwitches())
    fill_masters(state, agency)
    shapes = Shapes5(state)
    written = []
    for name, body in _masters(state, shapes):
        (folder / name).write_text(json_text(body) + "\n", encoding="utf-8", newline="\n")
        written.append(folder / name)
    return [*written, *_write_time(agency, shapes, folder)]


def _masters(state: ActiveCollabState, shapes: Shapes5) -> Iterator[tuple[str, object]]:
    yield "users.json", [shapes.user(person) for person in state.people.values()]
    yield "companies.json", [shapes.company(company) for company in state.companies.values()]
    yield "projects.json", [shapes.project(project) for project in state.projects_in(State.VISIBLE)]
    yield "projects-archive.json", [shapes.project(project) for project in state.projects_in(State.ARCHIVED)]
    yield "job-types.json", [shapes.job_type(job_type) for job_type in state.job_types.values()]
    for project_id in state.projects:
        tasks = [shapes.task(task) for task in state.tasks_of(project_id)]
        yield f"tasks-{project_id}.json", {"tasks": tasks, "task_lists": [], "completed_task_ids": []}


def _write_time(agency: Agency, shapes: Shapes5, folder: Path) -> list[Path]:
    """One file per project, all open at once, so that the records are gone through once and none is kept."""
    paths = {project.id: folder / f"time-{project.id}.json" for project in agency.cast.projects}
    begun: set[int] = set()
    with ExitStack() as stack:
        files = {
            project_id: stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            for project_id, path in paths.items()
        }
        for record in agency.records():
            files[record.project.id].write(",\n" if record.project.id in begun else '{"time_records":[\n')
            begun.add(record.project.id)
            files[record.project.id].write(json_text(shapes.time_record(stored_record(record))))
        for project in agency.cast.projects:
            _close(files[project.id], shapes.project_stub(project.id) if project.id in begun else None)
    return list(paths.values())


def _close(file: TextIO, project: Json | None) -> None:
    """What follows the records: the project they belong to; nulls in a list without any."""
    if project is None:
        file.write('{"time_records":null,"related":null}\n')
    else:
        file.write(f'\n],"related":{json_text({"Project": {str(project["id"]): project}})}}}\n')
