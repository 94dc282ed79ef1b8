"""One list of a running ActiveCollab into the database, and the memory of how far it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from migrator.activecollab.client import Listing
from migrator.app.reading.documents import DocumentCount, ReadBook, stage_document
from migrator.app.wiring import Workplace
from migrator.core.model import DocumentProblem, Origin, Reading, SourceId
from migrator.errors import TryAgainLater
from migrator.store import listings
from migrator.store.engine import reading, writing
from migrator.store.listings import ListKind, SavedListing


class ListKeeper:
    """Stages the lists of one run, whole or in part, and collects what could not be read."""

    def __init__(self, place: Workplace, run_id: int, book: ReadBook) -> None:
        self._place = place
        self._run_id = run_id
        self._book = book
        self.problems: dict[tuple[ListKind, SourceId], str] = {}
        """Why a list was not read whole, in words that name it."""
        self.out_of_reach = False
        """Whether a list failed for a reason that may pass: no answer, or an overloaded server."""
        self.rejects: dict[SourceId, int] = {}
        """By project, the records of its list that cannot be used."""

    def keep(self, kind: ListKind, project_id: SourceId, listing: Listing, readings: Iterable[Reading]) -> None:
        """Stage a whole list; `readings` is the list itself, or a filter that it passes through."""
        # Its moment is when it began: what changes while it is read may be missing from it.
        began = self._place.clock.now()
        try:
            count = self._stage(listing, readings)
        except TryAgainLater as error:
            self._remember(kind, project_id, began, DocumentCount(listing.name, problem=error.message))
            raise
        self._remember(kind, project_id, began, count)

    def keep_part(self, project_id: SourceId, listing: Listing) -> None:
        """Stage some days of a project's time; that proves nothing about the others."""
        count = self._stage(listing, listing)
        if count.problem:
            self.problems[ListKind.TIME, project_id] = count.named_problem
        if count.changes:
            self.touch(project_id)

    def touch(self, project_id: SourceId) -> None:
        """Remember that something in a project's time changed just now."""
        with writing(self._place.engine) as session:
            saved = listings.load_listings(session, ListKind.TIME).get(project_id)
            if saved is not None:
                listings.save_listing(session, replace(saved, changed_at=self._place.clock.now()))

    def distrust(self, project_id: SourceId, problem: str) -> None:
        """A list that looked whole was found to leave something out."""
        with writing(self._place.engine) as session:
            saved = listings.load_listings(session, ListKind.TIME).get(project_id)
            if saved is not None:
                listings.save_listing(session, replace(saved, problem=problem))
        self.problems[ListKind.TIME, project_id] = problem

    def _stage(self, listing: Listing, readings: Iterable[Reading]) -> DocumentCount:
        count = stage_document(self._place, self._run_id, listing.name, _with_verdict(listing, readings), self._book)
        self.out_of_reach |= listing.out_of_reach
        return count

    def _remember(self, kind: ListKind, project_id: SourceId, began: datetime, count: DocumentCount) -> None:
        with writing(self._place.engine) as session:
            before = listings.load_listings(session, kind).get(project_id)
            known = before or SavedListing(kind, project_id, self._run_id, began)
            now = replace(known, tried_run=self._run_id, tried_at=began, problem=count.problem)
            if not count.problem:
                changed = bool(known.whole_run and count.changes)
                now = replace(
                    now,
                    whole_run=self._run_id,
                    whole_at=began,
                    changed_at=began if changed else known.changed_at,
                    records=count.records,
                    expenses=count.expenses,
                    amounts=count.amounts.as_text(),
                )
            listings.save_listing(session, now)
        if count.problem:
            self.problems[kind, project_id] = count.named_problem
        if kind is ListKind.TIME:
            self.rejects[project_id] = count.rejects


def time_lists(place: Workplace) -> dict[SourceId, SavedListing]:
    """The lists of time as they were last read, by project."""
    with reading(place.engine) as session:
        return listings.load_listings(session, ListKind.TIME)


def _with_verdict(listing: Listing, readings: Iterable[Reading]) -> Iterator[Reading]:
    """The readings of a list, and at its end why it was not whole, if so."""
    anything = False
    for each in readings:
        anything = True
        yield each
    if listing.problem:
        yield DocumentProblem(Origin(listing.name, 0), listing.problem, usable_part=anything)
