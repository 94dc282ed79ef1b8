"""Looks at MOCO before anything is decided: master data, activities, and what is proved absent.

A first migration lists the source's whole range of days once. Afterwards a scan asks for what was updated since the
last one, looks again at some days in a rhythm, and the few records that are to be created are asked for by their
markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from migrator.app.hooks.following import Followed, follow
from migrator.app.proof import Sought, prove
from migrator.app.rechecking import recheck
from migrator.app.wiring import Workplace
from migrator.core.mapping import TargetMasters
from migrator.core.model import MocoId, SourceId, TargetCompany, TargetGroup
from migrator.errors import LoginRefused
from migrator.moco.calls import project_groups
from migrator.moco.json_values import AnswerError
from migrator.moco.pacing import Priority
from migrator.moco.reading import Forbidden, MocoReader
from migrator.moco.scan import Listing, scan_ids, scan_range, scan_updated_after
from migrator.store import links, target, totals
from migrator.store.engine import reading, writing
from migrator.store.mapping import load_mapping
from migrator.store.target import TargetKind

OVERLAP = timedelta(minutes=10)
"""How far a scan reaches back before the last one began: clocks differ, and lists may lag."""

MANY = 5000
"""With more records than this to be created the days are listed; fewer are asked for by marker."""

LOOKED_AT_ONCE = 100


@dataclass(slots=True)
class Survey:
    """What one run looked at in MOCO, and what it may therefore call absent."""

    place: Workplace
    reader: MocoReader
    run_id: int
    pages: int = 0
    listed: tuple[date, date] | None = None
    """Days that were listed completely in this run: absence there is established for everybody."""
    established: set[SourceId] = field(default_factory=set)
    rechecked: dict[str, object] = field(default_factory=lambda: {"from": None, "months": []})
    """Which days were listed again only because it was time."""
    followed: Followed = field(default_factory=Followed)
    """What became of the marks that MOCO's web hooks left."""

    def as_json(self) -> dict[str, object]:
        """What was looked at for a reason of its own."""
        return {"rechecked": self.rechecked, "followed": self.followed.as_json()}

    # -- master data ------------------------------------------------------------------------------------------

    def refresh_masters(self) -> TargetMasters:
        """Read people, companies, projects, tasks and contracts anew, archived and deactivated ones included."""
        with self.place.progress.phase("reading MOCO's people and projects", None):
            users = self.reader.list_users()
            companies = self._companies()
            projects = self.reader.list_projects()
            groups = self._groups()
        with writing(self.place.engine) as session:
            target.save_masters(session, TargetKind.USER, users)
            target.save_masters(session, TargetKind.COMPANY, companies)
            target.save_masters(session, TargetKind.GROUP, groups)
            target.save_masters(session, TargetKind.PROJECT, [each.project for each in projects])
            target.save_masters(session, TargetKind.TASK, [task for each in projects for task in each.tasks or ()])
            target.save_masters(
                session, TargetKind.CONTRACT, [row for each in projects for row in each.contracts or ()]
            )
            return target.load_target_masters(session)

    def _groups(self) -> tuple[TargetGroup, ...]:
        """MOCO's project groups, when the mapping names one for a project that is to be created."""
        with reading(self.place.engine) as session:
            named = any(row.terms.project_group for row in load_mapping(session).rows.values())
        if not named:
            return ()
        return tuple(TargetGroup(each.id, each.name) for each in self.reader.fetch_all(project_groups.listed()))

    def _companies(self) -> tuple[TargetCompany, ...]:
        """MOCO's companies, which only help to tell projects of one name apart: a key may not see them."""
        try:
            return self.reader.list_companies()
        except (LoginRefused, AnswerError) as refused:
            self.place.progress.note(f"going on without MOCO's companies: {refused.message}")
            return ()

    # -- activities -------------------------------------------------------------------------------------------

    def scan(self) -> None:
        """Bring the picture of MOCO's activities up to date, as cheaply as it can be trusted."""
        with reading(self.place.engine) as session:
            staged = totals.source_totals(session)
            last = target.last_look(session)
            linked = links.count_links(session)
        if staged.first_day is None or staged.last_day is None:
            return
        if last is None or linked == 0:
            self.list_days(staged.first_day, staged.last_day)
            self.follow_marks()
            return
        self.list_updates(last)
        # Behind the list of updates, which answers most marks without a request of their own.
        self.follow_marks()
        self.rechecked = recheck(self)
        # Also what a listing of an earlier run did not show, when that run was cut off before it could ask.
        self.prove_missing()

    def follow_marks(self) -> None:
        """Ask for what MOCO's web hooks told of and no list has shown."""
        self.followed = follow(self)

    def list_updates(self, since: datetime) -> None:
        """List what was created or updated since a moment, and a little before it."""
        self._scan("updates", scan_updated_after(self.reader, since - OVERLAP), None, None)

    def list_days(self, first: date | None, last: date | None, kind: str = target.RANGE) -> bool:
        """List everything on some days, of everybody, None being no limit; tells whether the listing was complete."""
        complete = self._scan(kind, scan_range(self.reader, first, last), first, last)
        if complete:
            self.listed = (first or date.min, last or date.max)
            self.prove_missing()
        return complete

    def look_again(self, kind: str, first: date, last: date | None, priority: Priority) -> None:
        """List some days whole and ask for what is missing there; it establishes no absence of new records."""
        if self._scan(kind, scan_range(self.reader, first, last, priority=priority), first, last):
            self.prove_missing(priority)

    def _scan(self, kind: str, listing: Listing, first: date | None, last: date | None) -> bool:
        """Store what a listing shows, page by page."""
        instance = self.place.config.activecollab.instance
        with writing(self.place.engine) as session:
            started = self.place.clock.now()
            scan_id = target.begin_scan(session, self.run_id, kind, started_at=started, day_from=first, day_to=last)
        rows = pages = 0
        with self.place.progress.phase("reading MOCO's activities", None) as bar:
            for page in listing:
                with writing(self.place.engine) as session:
                    target.store_entries(session, page, instance, scan_id=scan_id)
                rows += len(page)
                pages += 1
                bar.advance(len(page))
        with writing(self.place.engine) as session:
            target.finish_scan(session, scan_id, rows=rows, pages=pages, complete=listing.complete)
        self.pages += max(pages, 1)
        return listing.complete

    def prove_missing(self, priority: Priority = Priority.SCAN) -> None:
        """Complete listings did not show some linked activities on their days: ask for each by its own address."""
        after = SourceId(0)
        while True:
            with reading(self.place.engine) as session:
                missing = links.without_activity(session, after=after, size=LOOKED_AT_ONCE)
            if not missing:
                return
            self._look_for(missing, priority)
            after = max(missing)

    def _look_for(self, missing: Mapping[SourceId, MocoId], priority: Priority) -> None:
        instance = self.place.config.activecollab.instance
        present = {
            entry.id: entry
            for page in scan_ids(self.reader, list(missing.values()), priority=priority)
            for entry in page
        }
        for source_id, activity_id in missing.items():
            entry = present.get(activity_id) or self.reader.fetch_activity(activity_id, priority=priority)
            with writing(self.place.engine) as session:
                links.mark_gone(session, source_id, entry is None)
                if entry is not None:
                    target.store_entries(session, [entry], instance)

    # -- absence ----------------------------------------------------------------------------------------------

    def absent(self, source_id: SourceId, day: date) -> bool:
        """Whether this run may say that MOCO has no activity of a record, when the picture shows none."""
        return source_id in self.established or (self.listed is not None and self.listed[0] <= day <= self.listed[1])

    def establish(self, candidates: Candidates) -> None:
        """Make sure of the absence of records that are to be created."""
        if not candidates.count:
            return
        if candidates.count > MANY:
            self.list_days(candidates.first, candidates.last, target.PART)
            return
        instance = self.place.config.activecollab.instance
        for person, sought in candidates.by_person.items():
            proof = prove(self.place, self.reader, person, [each for _, each in sought], settle_seconds=0)
            found = [entry for entries in proof.found.values() for entry in entries]
            with writing(self.place.engine) as session:
                target.store_entries(session, found, instance)
            if proof.valid:
                self.established.update(source_id for source_id, _ in sought)

    def check_people(self, people: Iterable[MocoId]) -> None:
        """Look as each person of whom the listing showed nothing: the key may not see everybody's time."""
        if self.listed is None:
            return
        first, last = self.listed
        instance = self.place.config.activecollab.instance
        with reading(self.place.engine) as session:
            unseen = [person for person in people if not target.has_entries(session, person, first, last)]
        for person in unseen:
            listing = scan_range(
                self.reader,
                None if first == date.min else first,
                None if last == date.max else last,
                user_id=person,
                as_user=person,
            )
            try:
                for page in listing:
                    with writing(self.place.engine) as session:
                        target.store_entries(session, page, instance)
            except Forbidden:
                # Deactivated, or the key may not act as others: the write itself will tell which.
                continue


@dataclass(slots=True)
class Candidates:
    """Records that would be created if their absence were established; kept one by one only while they are few."""

    count: int = 0
    first: date = date.max
    last: date = date.min
    by_person: dict[MocoId, list[tuple[SourceId, Sought]]] = field(default_factory=dict)

    def add(self, source_id: SourceId, person: MocoId, marker: str, day: date) -> None:
        """Count one more."""
        self.count += 1
        self.first, self.last = min(self.first, day), max(self.last, day)
        if self.count <= MANY:
            self.by_person.setdefault(person, []).append((source_id, Sought(marker, day)))
        else:
            self.by_person.clear()

    @property
    def ids(self) -> frozenset[SourceId]:
        """The records themselves, while they are few."""
        return frozenset(source_id for rows in self.by_person.values() for source_id, _ in rows)
