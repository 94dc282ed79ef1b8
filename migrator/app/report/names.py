"""Under which names the records and the activities of a report are told: customers, projects, people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from migrator.app.deciding import Decider
from migrator.core.mapping import MapAction, MapKind
from migrator.core.model import MocoId, SourceId, TargetEntry, TimeEntry
from migrator.core.names import normalise
from migrator.core.report.assess import NOWHERE, Names
from migrator.core.report.line import Place


class NameBook:
    """The names behind ids, each looked up once; MOCO's projects under the names of those they stand for."""

    def __init__(self, decider: Decider) -> None:
        self._known, self._there, self._mapping = decider.known, decider.there, decider.mapping
        self._places: dict[SourceId, tuple[str, str]] = {}
        self._people: dict[SourceId, str] = {}
        self._origins = self._mapped_back(MapKind.PROJECT)
        self._customers = self._mapped_back(MapKind.COMPANY)
        self._users = self._mapped_back(MapKind.USER)
        self._in_moco = {each for sources in self._customers.values() for each in sources}
        self._held_in: dict[tuple[MocoId, SourceId | None], Place] = {}
        self._by_name = {normalise(each.name): each.name for each in decider.known.companies.values() if each.name}
        self.stand_ins = {
            row.source_id: row.target_id
            for row in decider.mapping.rows.values()
            if row.kind is MapKind.USER and row.action is MapAction.STAND_IN and row.target_id is not None
        }
        self.emails = {user.id: user.email for user in decider.known.users.values() if user.email}

    def of_entry(self, entry: TimeEntry) -> Names:
        """The names of a time record."""
        customer, project = self.place(entry.project_id)
        person = self.person(entry.user_id) if entry.user_id is not None else ""
        stand_in = entry.user_id is not None and entry.user_id in self.stand_ins
        shown = person or entry.worker_name or (f"person {entry.user_id}" if entry.user_id is not None else "")
        return Names(customer, project, shown, stand_in, entry.permalink)

    def of_activity(self, activity: TargetEntry) -> tuple[Names, SourceId]:
        """The names of an activity without a record, and the project that it is told under."""
        booking = activity.booking
        place = self._held(booking.project_id, None)
        people = self._users.get(booking.user_id, [])
        person_id = people[0] if len(people) == 1 and self.person(people[0]) else None
        person = self.person_in_moco(booking.user_id) if person_id is None else self.person(person_id)
        return Names(place.customer, place.project, person, person_id=person_id), place.project_id

    def elsewhere(self, project_id: MocoId, own: SourceId, is_wanted: bool) -> Place | None:
        """Where a record of the project `own` is told that MOCO holds in a project of its; None for its own place.

        `is_wanted`: MOCO's project is the one that the record belongs into.
        """
        stands_for_own = is_wanted or own in self._origins.get(project_id, ())
        place = self._held(project_id, own if stands_for_own else None)
        return None if place.project_id == own else place

    def place(self, project_id: SourceId) -> tuple[str, str]:
        """The customer and the name of a project of ActiveCollab."""
        found = self._places.get(project_id)
        if found is None:
            project = self._known.projects.get(project_id)
            company = self._known.companies.get(project.company_id) if project and project.company_id else None
            name = project.name if project is not None and project.name else f"project {project_id}"
            found = self._places[project_id] = (company.name if company is not None else "", name)
        return found

    def person(self, user_id: SourceId) -> str:
        """The name of somebody with an account in ActiveCollab; empty when it is not known."""
        found = self._people.get(user_id)
        if found is None:
            user = self._known.users.get(user_id)
            found = self._people[user_id] = user.name if user is not None else ""
        return found

    def person_in_moco(self, user_id: MocoId) -> str:
        """The name of a person of MOCO."""
        user = self._there.users.get(user_id)
        return user.name if user is not None else f"MOCO person {user_id}"

    def customer_in_moco(self, project_id: MocoId) -> str:
        """The customer of a project of MOCO, under the name that ActiveCollab has for it where it has one."""
        return self._customer(project_id, self._origins.get(project_id, ()))

    def _held(self, project_id: MocoId, own: SourceId | None) -> Place:
        """A project of MOCO under that of ActiveCollab it stands for, `own` where it is given; else as its own."""
        found = self._held_in.get((project_id, own))
        if found is None:
            origins = self._origins.get(project_id, []) if own is None else [own]
            customer = self._customer(project_id, origins)
            names = self.place(origins[0]) if len(origins) == 1 else None
            if names is not None and names[0] == customer:
                found = Place(customer, origins[0], names[1])
            else:
                project = self._there.projects.get(project_id)
                name = project.name if project is not None and project.name else f"MOCO project {project_id}"
                # A project of ActiveCollab has one customer only, and its number is never negative.
                found = Place(customer, SourceId(-project_id) if project_id else NOWHERE, name)
            self._held_in[project_id, own] = found
        return found

    def _customer(self, project_id: MocoId, origins: Sequence[SourceId]) -> str:
        """For whom MOCO has a project that stands for `origins`; theirs, as far as nothing says otherwise."""
        theirs = {self.place(each)[0] for each in origins}
        only = theirs.pop() if len(theirs) == 1 else ""
        project = self._there.projects.get(project_id)
        company = self._there.companies.get(project.company_id) if project and project.company_id else None
        if company is None:
            return only
        mapped = self._customers.get(company.id, [])
        companies = [found.company_id for each in origins if (found := self._known.projects.get(each)) is not None]
        if only and (set(mapped).intersection(companies) or normalise(only) == normalise(company.name)):
            return only
        names = (known.name for each in mapped if (known := self._known.companies.get(each)) is not None and known.name)
        named = next(names, "") or self._by_name.get(normalise(company.name), "")
        if named or not only or self._in_moco.intersection(companies):
            return named or company.name
        # Nobody said who their customer is in MOCO, and MOCO's is nobody else's.
        return only

    def _mapped_back(self, kind: MapKind) -> dict[MocoId, list[SourceId]]:
        found: dict[MocoId, list[SourceId]] = defaultdict(list)
        for row in self._mapping.rows.values():
            if row.kind is kind and row.target_id is not None and row.action in {MapAction.MAP, MapAction.CREATE}:
                found[row.target_id].append(row.source_id)
        return {target: sorted(sources) for target, sources in found.items()}
