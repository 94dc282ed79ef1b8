"""Turns what a person typed after --from, --to, --user, --project, --sample and --pilot into a selection of records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from migrator.core.mapping import SourceMasters
from migrator.core.model import Project, SourceId, User
from migrator.core.names import normalise
from migrator.errors import UsageError
from migrator.store import source_masters
from migrator.store.merge import Selection, sample_ids
from migrator.store.pilot import pilot_ids


@dataclass(frozen=True, slots=True)
class SelectionWords:
    """The options as typed; people by id, e-mail or name, projects by id, identifier or name."""

    day_from: date | None = None
    day_to: date | None = None
    users: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    sample: int | None = None
    pilot: bool = False


def select(session: Session, words: SelectionWords) -> Selection:
    """The selection meant by `words`. Raises `UsageError` for a name that nothing or nobody has."""
    if words.day_from and words.day_to and words.day_from > words.day_to:
        raise UsageError(f"--from {words.day_from} is after --to {words.day_to}")
    known = source_masters.load_masters(session)
    selection = Selection(
        day_from=words.day_from,
        day_to=words.day_to,
        user_ids=_ids("user", words.users, _people(known)) if words.users else None,
        project_ids=_ids("project", words.projects, _projects(known)) if words.projects else None,
    )
    if words.pilot:
        return replace(selection.only_these(pilot_ids(session, selection)), pilot=True)
    if words.sample is not None:
        selection = selection.only_these(sample_ids(session, selection, words.sample))
    return selection


def _people(known: SourceMasters) -> Iterable[tuple[SourceId, tuple[str, ...]]]:
    return ((user.id, _names_of_person(user)) for user in known.users.values())


def _names_of_person(user: User) -> tuple[str, ...]:
    return (str(user.id), user.email, user.name)


def _projects(known: SourceMasters) -> Iterable[tuple[SourceId, tuple[str, ...]]]:
    return ((project.id, _names_of_project(project)) for project in known.projects.values())


def _names_of_project(project: Project) -> tuple[str, ...]:
    return (str(project.id), project.identifier, project.name)


def _ids(kind: str, typed: Iterable[str], named: Iterable[tuple[SourceId, tuple[str, ...]]]) -> frozenset[SourceId]:
    by_name: dict[str, set[SourceId]] = {}
    for source_id, names in named:
        for name in filter(None, names):
            by_name.setdefault(normalise(name), set()).add(source_id)
    found: set[SourceId] = set()
    for word in typed:
        ids = by_name.get(normalise(word))
        if not ids and word.isascii() and word.isdigit() and len(word) <= 18:
            ids = {SourceId(int(word))}
        if not ids:
            raise UsageError(f"--{kind} {word!r}: ActiveCollab has no such {kind}", hint="use its id or whole name")
        found |= ids
    return frozenset(found)
