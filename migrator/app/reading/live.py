"""Reads a running ActiveCollab: which lists are due, each of them whole or named, then what vanished from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import ceil
from typing import TypeVar

from migrator.activecollab.client import Client, Listing
from migrator.app.reading.documents import ReadBook
from migrator.app.reading.live_book import LiveBook, ProjectCount
from migrator.app.reading.live_lists import ListKeeper, time_lists
from migrator.app.reading.live_text import pace_words
from migrator.app.reading.live_vanished import Examiner
from migrator.app.wiring import Workplace
from migrator.core.listing import Due, Rhythm, due
from migrator.core.model import FoundMaster, Project, Reading, Seconds, SourceId, Task
from migrator.errors import MigratorError, TryAgainLater
from migrator.store import gaps, listings, source_masters, totals
from migrator.store.engine import reading, writing
from migrator.store.listings import ACCOUNT, ListKind

Noted = TypeVar("Noted", Project, Task)

_AHEAD = timedelta(days=400)
"""Records can be dated a year ahead."""


class Reach(Enum):
    """How much of a running ActiveCollab is read."""

    ALL = "all"
    """Every list, whole."""
    DUE = "due"
    """What the rhythm of `[sync]` asks for."""
    DUE_AFTER_LOSS = "due after loss"
    """The same, and a person said that it is right when suddenly many records are missing."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """One project and how much of its list is due."""

    project: Project
    due: Due


def read_live(place: Workplace, client: Client, run_id: int, reach: Reach, book: ReadBook) -> LiveBook:
    """Read what is due of one server; gives what was found.

    Raises `LoginRefused`, `TryAgainLater` when nobody answers, `MigratorError` when the list of projects is of no
    use. What was read until then is stored.
    """
    reader = _LiveReader(place, client, run_id, reach, book)
    projects = reader.projects()
    agenda = reader.agenda(projects)
    reader.announce(agenda)
    with place.progress.phase("reading ActiveCollab", len(agenda)) as bar:
        for each in agenda:
            reader.time(each)
            bar.advance(1)
    reader.names(agenda)
    return reader.close(projects, agenda)


class _LiveReader:
    """The steps of one reading."""

    def __init__(self, place: Workplace, client: Client, run_id: int, reach: Reach, book: ReadBook) -> None:
        self._place = place
        self._client = client
        self._run_id = run_id
        self._reach = reach
        self._keeper = ListKeeper(place, run_id, book)
        accepted = reach is Reach.DUE_AFTER_LOSS
        self._examiner = Examiner(place, client, run_id, book, self._keeper, loss_is_right=accepted)
        self._cost = 0

    def projects(self) -> list[Project]:
        """Every project that is visible, archived ones included."""
        shown: dict[SourceId, Project] = {}
        listing = self._client.list_projects()
        self._keeper.keep(ListKind.PROJECTS, ACCOUNT, listing, _noting(listing, shown, Project))
        if not shown and listing.out_of_reach:
            raise TryAgainLater(
                f"ActiveCollab does not show its list of projects: {listing.problem}",
                hint="run the same command again when the server answers",
            )
        if not shown and listing.problem:
            raise MigratorError(
                f"ActiveCollab's list of projects cannot be read: {listing.problem}",
                hint="check activecollab.url, activecollab.generation and the rights of the token's owner",
            )
        if not listing.problem:
            with writing(self._place.engine) as session:
                source_masters.correct_archived(session, {each.id: each.archived for each in shown.values()})
        return list(shown.values())

    def agenda(self, projects: list[Project]) -> list[Agenda]:
        """How much of each project's list is due; archived projects come last."""
        amounts = {} if self._reach is Reach.ALL else self._due_amounts(projects)
        ordered = sorted(projects, key=lambda each: (each.archived, each.id))
        return [Agenda(each, amounts.get(each.id, Due.WHOLE)) for each in ordered]

    def _due_amounts(self, projects: list[Project]) -> dict[SourceId, Due]:
        now, sync = self._place.clock.now(), self._place.config.sync
        rhythm = Rhythm(sync.idle_every, sync.archived_every)
        with reading(self._place.engine) as session:
            saved = listings.load_listings(session, ListKind.TIME)
            told = listings.last_changes(session)
        return {
            each.id: due(
                listings.listed(saved.get(each.id), told.get(each.id)),
                rhythm,
                now,
                archived=each.archived,
                filters_by_day=self._client.filters_by_day,
            )
            for each in projects
        }

    def announce(self, agenda: list[Agenda]) -> None:
        """Say beforehand what the reading will cost, as far as it is known."""
        saved = time_lists(self._place)
        self._cost = sum(self._client.requests.values())
        for each in agenda:
            before = saved.get(each.project.id)
            match each.due:
                case Due.WHOLE:
                    self._cost += self._client.listing_cost(before.records if before else 0)
                case Due.RECENT:
                    self._cost += 1
                case Due.NOTHING:
                    pass
        if self._reach is Reach.ALL:
            per_minute = self._place.config.activecollab.requests_per_minute
            self._place.progress.tell(
                f"ActiveCollab shows {len(agenda):,} projects. Reading their time takes at least {self._cost:,} "
                f"requests; at {per_minute:,} a minute that is {pace_words(self._eta)}."
            )

    @property
    def _eta(self) -> int:
        """Seconds that the requests take at the pace that is allowed."""
        return ceil(60 * self._cost / self._place.config.activecollab.requests_per_minute)

    def time(self, each: Agenda) -> None:
        """The time records of one project, as far as they are due."""
        match each.due:
            case Due.WHOLE:
                listing = self._client.list_time(each.project)
                self._keeper.keep(ListKind.TIME, each.project.id, listing, listing)
                if listing.capped:
                    self._task_by_task(each.project)
            case Due.RECENT:
                today = self._place.clock.today()
                window = timedelta(days=self._place.config.sync.window_days)
                listing = self._client.list_time(each.project, (today - window, today + _AHEAD))
                self._keeper.keep_part(each.project.id, listing)
            case Due.NOTHING:
                pass

    def _task_by_task(self, project: Project) -> None:
        """What a list that was cut left out, as far as it hangs on tasks; the list stays named as not whole."""
        shown: dict[SourceId, Task] = {}
        tasks = self._client.list_tasks(project)
        self._keeper.keep(ListKind.TASKS, project.id, tasks, _noting(tasks, shown, Task))
        for task in shown.values():
            if task.number is not None:
                self._keeper.keep_part(project.id, self._client.list_task_time(project, task.number))

    def names(self, agenda: list[Agenda]) -> None:
        """Who the people are, what tasks and job types are called: all of it, or what new records leave open."""
        with reading(self._place.engine) as session:
            on_tasks = gaps.projects_with_task_time(session)
            unnamed = gaps.projects_with_unknown_tasks(session, self._run_id)
            strangers = gaps.unknown_people(session, self._run_id)
        if strangers or self._is_due(ListKind.PEOPLE):
            people = self._client.list_people()
            self._keeper.keep(ListKind.PEOPLE, ACCOUNT, people, people)
        if self._is_due(ListKind.JOB_TYPES):
            job_types = self._client.list_job_types()
            self._keeper.keep(ListKind.JOB_TYPES, ACCOUNT, job_types, job_types)
        for each in agenda:
            id_ = each.project.id
            if id_ in unnamed or (self._reach is Reach.ALL and id_ in on_tasks):
                tasks = self._client.list_tasks(each.project)
                self._keeper.keep(ListKind.TASKS, id_, tasks, tasks)

    def _is_due(self, kind: ListKind) -> bool:
        if self._reach is Reach.ALL:
            return True
        with reading(self._place.engine) as session:
            saved = listings.load_listings(session, kind).get(ACCOUNT)
        if saved is None or saved.whole_at is None or saved.problem:
            return True
        return self._place.clock.now() - saved.whole_at >= self._place.config.sync.idle_every

    def close(self, projects: list[Project], agenda: list[Agenda]) -> LiveBook:
        """Examine what vanished, then count every project."""
        outcome = self._examiner.examine(projects)
        with reading(self._place.engine) as session:
            seen = totals.seen_by_project(session, self._run_id)
            known = totals.known_by_project(session)
        counted = []
        for each in agenda:
            id_ = each.project.id
            listed = each.due is not Due.NOTHING or id_ in outcome.listed_besides
            records, seconds = (seen if listed else known).get(id_, (0, Seconds(0)))
            amount = Due.WHOLE if id_ in outcome.listed_besides else each.due
            problem = self._keeper.problems.get((ListKind.TIME, id_), "")
            rejects = self._keeper.rejects.get(id_, 0)
            counted.append(
                ProjectCount(id_, each.project.name, each.project.archived, amount, records, seconds, rejects, problem)
            )
        return LiveBook(
            generation=self._client.generation,
            projects=counted,
            problems=list(self._keeper.problems.values()),
            fates=outcome.fates,
            news=outcome.news,
            unlisted=outcome.unlisted,
            source_loss=outcome.source_loss,
            out_of_reach=self._keeper.out_of_reach,
            requests=self._client.requests,
            requests_needed=self._cost,
            eta_seconds=self._eta,
        )


def _noting(listing: Listing, shown: dict[SourceId, Noted], kind: type[Noted]) -> Iterator[Reading]:
    """The readings of a list, with every project or task noted as it passes."""
    for each in listing:
        if isinstance(each, FoundMaster) and isinstance(each.value, kind):
            shown[each.value.id] = each.value
        yield each
