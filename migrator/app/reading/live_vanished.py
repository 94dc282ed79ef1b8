"""Records that a whole list no longer shows: each is asked for and classed; not listed is never taken for deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from migrator.activecollab.client import (
    Client,
    Generation,
    Gone,
    Invisible,
    Present,
    Trashed,
    Unknown,
    Whereabouts,
)
from migrator.app.reading.documents import ReadBook
from migrator.app.reading.live_lists import ListKeeper, time_lists
from migrator.app.wiring import Workplace
from migrator.core.gates import Gates, check_source_loss
from migrator.core.listing import Fate
from migrator.core.model import FoundEntry, Project, SourceId
from migrator.store import fates, listings, source, source_masters, totals
from migrator.store.engine import reading, writing
from migrator.store.fates import Vanished
from migrator.store.listings import ACCOUNT, ListKind

MOST_ASKED = 500
"""Records asked for one by one in one run."""

MINUTES_FOR_PROOF = 5
"""Minutes of requests for lists that were not due, so that a deletion is proved, or a move found, at once."""

_UNLISTED = "its project is not listed any more"
_TOO_MANY = "so many vanished at once that a person must say that it is right"
_LATER = "more vanished than one run asks for"


@dataclass(slots=True)
class Outcome:
    """What became of the vanished: `fates` of all that are known, `news` of those that were learned in this run.

    `unlisted` counts the records of known projects that the account does not show any more; `listed_besides` are
    projects whose lists were read only to prove something; `source_loss` is what the gate says when it trips.
    """

    fates: Counter[str] = field(default_factory=Counter)
    news: Counter[str] = field(default_factory=Counter)
    unlisted: dict[SourceId, int] = field(default_factory=dict)
    listed_besides: set[SourceId] = field(default_factory=set)
    source_loss: str = ""


class Examiner:
    """Asks ActiveCollab what became of the records that its lists left out in one run."""

    def __init__(
        self,
        place: Workplace,
        client: Client,
        run_id: int,
        book: ReadBook,
        keeper: ListKeeper,
        *,
        loss_is_right: bool,
    ) -> None:
        self._place = place
        self._client = client
        self._run_id = run_id
        self._book = book
        self._keeper = keeper
        self._loss_is_right = loss_is_right
        self._outcome = Outcome()
        self._projects: dict[SourceId, Project] = {}
        self._hidden: frozenset[SourceId] = frozenset()
        """Known projects that are not shown any more: what is missing can have been moved into one of them."""
        self._read_again: set[SourceId] = set()
        """Projects whose lists were read whole once more, after the first lists had missed something."""

    def examine(self, projects: Sequence[Project]) -> Outcome:
        """Class every record that a whole list of this run, or the list of projects, did not show."""
        self._projects = {each.id: each for each in projects}
        whole = self._whole_now()
        with reading(self._place.engine) as session:
            missing = fates.count_vanished(session, self._run_id)
            records = totals.source_totals(session).records
        self._hidden = hidden = self._known_but_not_shown(missing)
        lost = sum(new for id_, (_, new) in missing.items() if id_ in whole or id_ in hidden)
        gates = Gates(max_source_loss=self._place.config.gates.max_source_loss)
        for gate in check_source_loss(records, records - lost, gates):
            self._outcome.source_loss = gate.message
        if self._outcome.source_loss and not self._loss_is_right:
            self._settle_rest(hidden | whole, Fate.LOST, _TOO_MANY)
            return self._close()
        self._settle_rest(hidden, Fate.INVISIBLE, _UNLISTED)
        if self._loss_is_right:
            self._hidden = frozenset()
            self._outcome.unlisted.clear()
            with writing(self._place.engine) as session:
                listings.forget_listings(session, hidden)
        if any(id_ in whole for id_ in missing):
            self._ask(whole)
            self._settle_rest(whole, Fate.UNSEEN, _LATER)
        return self._close()

    def _close(self) -> Outcome:
        with writing(self._place.engine) as session:
            self._outcome.news["listed_again"] = fates.forget_fates(session, self._run_id)
            self._outcome.fates.update({fate.value: n for fate, n in fates.count_fates(session).items()})
        return self._outcome

    def _whole_now(self) -> frozenset[SourceId]:
        """The visible projects whose lists were proved whole in this run."""
        saved = time_lists(self._place)
        now = {id_ for id_, each in saved.items() if each.whole_run == self._run_id and not each.problem}
        return frozenset(now & self._projects.keys())

    def _known_but_not_shown(self, missing: Mapping[SourceId, tuple[int, int]]) -> frozenset[SourceId]:
        """Known projects that a complete list of projects does not show: not visible is not deleted."""
        if (ListKind.PROJECTS, ACCOUNT) in self._keeper.problems:
            return frozenset()
        known = time_lists(self._place).keys() - self._projects.keys()
        self._outcome.unlisted = {id_: missing.get(id_, (0, 0))[0] for id_ in sorted(known)}
        return frozenset(known)

    # -- one by one --------------------------------------------------------------------------------------------

    def _ask(self, projects: Collection[SourceId]) -> None:
        with reading(self._place.engine) as session:
            candidates = fates.load_vanished(session, self._run_id, projects, most=MOST_ASKED)
        # A record that may not be seen is not asked for in every run; a list that shows it says so by itself.
        candidates = [each for each in candidates if each.fate is not Fate.INVISIBLE]
        if not candidates:
            return
        numbers, trash = self._numbers(candidates), self._client.list_trash()
        gone: list[Vanished] = []
        with self._place.progress.phase("asking for vanished records", len(candidates)) as bar:
            for each in candidates:
                if trash is not None and each.id in trash:
                    self._settle(each, Fate.TRASHED, "it lies in the trash")
                elif self._note(each, self._find(each, numbers)):
                    gone.append(each)
                bar.advance(1)
        self._prove(gone, numbers)

    def _find(self, each: Vanished, numbers: Mapping[SourceId, int | None]) -> Whereabouts:
        number = numbers.get(each.parent_id) if each.parent_id is not None else None
        where = self._client.find_time(self._projects[each.project_id], each.id, number)
        if isinstance(where, Gone) and each.parent_id is not None and number is None and self._needs_task:
            return Unknown("it hangs on a task that is not listed, so it has no address to be asked for")
        return where

    @property
    def _needs_task(self) -> bool:
        """Whether a record on a task has its address below that task (3.x, 4.x)."""
        return self._client.generation is Generation.THREE

    def _numbers(self, candidates: Sequence[Vanished]) -> Mapping[SourceId, int | None]:
        """The numbers of tasks within their projects, looked up where the candidates need them."""
        numbers = self._known_numbers()
        if self._needs_task:
            parents = {each.parent_id: each.project_id for each in candidates if each.parent_id is not None}
            open_projects = {project for parent, project in parents.items() if numbers.get(parent) is None}
            for id_ in sorted(open_projects):
                tasks = self._client.list_tasks(self._projects[id_])
                self._keeper.keep(ListKind.TASKS, id_, tasks, tasks)
            numbers = self._known_numbers()
        return numbers

    def _known_numbers(self) -> Mapping[SourceId, int | None]:
        with reading(self._place.engine) as session:
            return {task.id: task.number for task in source_masters.load_masters(session).tasks.values()}

    def _note(self, each: Vanished, where: Whereabouts) -> bool:
        """Remember what was answered; True when the server does not know the record, which is still to be proved."""
        match where:
            case Present(found):
                self._take(found)
                if found.entry.project_id == each.project_id:
                    left_out = f"time record {each.id} exists, but the list of project {each.project_id} leaves it out"
                    self._keeper.distrust(each.project_id, left_out)
            case Trashed(found):
                if found is not None and found.entry.trashed:
                    # Its own copy says so from now on, and is no edit of anybody's.
                    with writing(self._place.engine) as session:
                        source.stage(session, self._run_id, [found])
                    self._outcome.news[Fate.TRASHED.value] += 1
                else:
                    self._settle(each, Fate.TRASHED, "it lies in the trash")
            case Gone():
                return True
            case Invisible():
                self._settle(each, Fate.INVISIBLE, "it may not be seen (403)")
            case Unknown(why):
                self._settle(each, Fate.UNKNOWN, why)
            case _:
                assert_never(where)
        return False

    def _prove(self, gone: list[Vanished], numbers: Mapping[SourceId, int | None]) -> None:
        """Not known to the server is deleted, once every list was read whole after the record was missed.

        Since it was last seen is not enough: it can have moved, between two lists, into the one that was read first.
        """
        if not gone:
            return
        if not all(self._all_read_since(each) for each in gone):
            self._read_all_again()
            with reading(self._place.engine) as session:
                missing = fates.still_vanished(session, self._run_id, {each.id for each in gone})
            # Asked again, because the first answer was older than the lists.
            gone = [each for each in gone if each.id in missing and self._note(each, self._find(each, numbers))]
        for each in gone:
            proved = self._all_read_since(each)
            told = "the server does not know it" if proved else self._why_open()
            self._settle(each, Fate.DELETED if proved else Fate.UNSEEN, told)

    def _why_open(self) -> str:
        """Why a record that the server does not know is no proved deletion."""
        if self._hidden:
            named = ", ".join(map(str, sorted(self._hidden)[:3]))
            return f"the server does not know it there, but it may be in project {named}, which is not shown any more"
        return "the server does not know it there, but not every list was read since it was missed"

    def _all_read_since(self, each: Vanished) -> bool:
        """Whether every list that could show the record began after it was missed, and was read whole."""
        if self._hidden or (ListKind.PROJECTS, ACCOUNT) in self._keeper.problems:
            return False
        saved = time_lists(self._place)
        return all(
            id_ in saved
            and not saved[id_].problem
            and (saved[id_].whole_run > each.missed_run or id_ in self._read_again)
            for id_ in self._projects
        )

    def _read_all_again(self) -> None:
        """Read every list once more, unless one is not readable or that takes too many requests."""
        if self._hidden or any(kind in {ListKind.TIME, ListKind.PROJECTS} for kind, _ in self._keeper.problems):
            return
        saved = time_lists(self._place)
        costs = (self._client.listing_cost(saved[id_].records if id_ in saved else 0) for id_ in self._projects)
        if sum(costs) > MINUTES_FOR_PROOF * self._place.config.activecollab.requests_per_minute:
            return
        for id_, project in self._projects.items():
            listing = self._client.list_time(project)
            self._keeper.keep(ListKind.TIME, id_, listing, listing)
            if (ListKind.TIME, id_) in self._keeper.problems:
                return
            self._read_again.add(id_)
            self._outcome.listed_besides.add(id_)

    def _take(self, found: FoundEntry) -> None:
        with writing(self._place.engine) as session:
            self._book.staged(source.stage(session, self._run_id, [found]))

    def _settle(self, each: Vanished, fate: Fate, told: str) -> None:
        with writing(self._place.engine) as session:
            self._outcome.news[fate.value] += fates.settle(session, self._run_id, [each.id], fate, told)

    def _settle_rest(self, projects: Collection[SourceId], fate: Fate, told: str) -> None:
        if projects:
            with writing(self._place.engine) as session:
                self._outcome.news[fate.value] += fates.settle_rest(session, self._run_id, projects, fate, told)
