"""What ActiveCollab calls the people, projects, tickets and job types behind a time record."""

from __future__ import annotations

from migrator.core.mapping import SourceMasters
from migrator.core.model import ParentKind, SourceId, TimeEntry


class SourceNames:
    """Names around a time record; empty where ActiveCollab told none."""

    def __init__(self, masters: SourceMasters) -> None:
        self._masters = masters

    def worker(self, entry: TimeEntry) -> str:
        """The worker's name."""
        user = self._masters.users.get(entry.user_id) if entry.user_id is not None else None
        return (user.name if user else "") or entry.worker_name

    def project(self, entry: TimeEntry) -> str:
        """The project's name."""
        project = self._masters.projects.get(entry.project_id)
        return project.name if project else ""

    def parent(self, entry: TimeEntry) -> str:
        """The ticket's name; empty for time on the project itself."""
        task = self._masters.tasks.get(found) if (found := ticket_of(entry)) is not None else None
        return task.name.strip() if task else ""

    def job_type(self, entry: TimeEntry) -> str:
        """The job type's name."""
        job_type = self._masters.job_types.get(entry.job_type_id) if entry.job_type_id is not None else None
        return job_type.name.strip() if job_type else ""

    def all_of_worker(self, entry: TimeEntry) -> frozenset[str]:
        """Everything a scope may call the worker: id, name, e-mail; in small letters."""
        names = {entry.worker_name, entry.worker_email}
        if entry.user_id is not None:
            names.add(str(entry.user_id))
            if user := self._masters.users.get(entry.user_id):
                names |= {user.name, user.email}
        return _folded(names)

    def all_of_project(self, entry: TimeEntry) -> frozenset[str]:
        """Everything a scope may call the project: id, name, identifier; in small letters."""
        names = {str(entry.project_id)}
        if project := self._masters.projects.get(entry.project_id):
            names |= {project.name, project.identifier}
        return _folded(names)


def ticket_of(entry: TimeEntry) -> SourceId | None:
    """The ticket, task or sub-item that the record hangs on, if it is one."""
    return entry.parent_id if entry.parent_kind is ParentKind.TASK else None


def _folded(names: set[str]) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in names if name.strip())
