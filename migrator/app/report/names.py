"""Under which names the records and the activities of a report are told: customers, projects, people."""

from __future__ import annotations

from collections import defaultdict

from migrator.app.deciding import Decider
from migrator.core.mapping import MapAction, MapKind
from migrator.core.model import MocoId, SourceId, TargetEntry, TimeEntry
from migrator.core.names import normalise
from migrator.core.report.assess import NOWHERE, Names


class NameBook:
    """The names behind ids, each looked up once; MOCO's projects under the names of those they stand for."""

    def __init__(self, decider: Decider) -> None:
        self._known, self._there, self._mapping = decider.known, decider.there, decider.mapping
        self._places: dict[SourceId, tuple[str, str]] = {}
        self._people: dict[SourceId, str] = {}
        self._origins = self._mapped_back(MapKind.PROJECT)
        self._customers = self._mapped_back(MapKind.COMPANY)
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
        """The names of an activity without a record, and the project of ActiveCollab that its own stands for."""
        booking = activity.booking
        user = self._there.users.get(booking.user_id)
        person = user.name if user is not None else f"MOCO person {booking.user_id}"
        origins = self._origins.get(booking.project_id, [])
        if len(origins) == 1:
            customer, project = self.place(origins[0])
            return Names(customer, project, person), origins[0]
        return Names(self.customer_in_moco(booking.project_id), "", person), NOWHERE

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
        origins = {self.place(each)[0] for each in self._origins.get(project_id, ())} - {""}
        if len(origins) == 1:
            return origins.pop()
        project = self._there.projects.get(project_id)
        company_id = project.company_id if project is not None else None
        if company_id is None:
            return ""
        for source_id in self._customers.get(company_id, ()):
            known = self._known.companies.get(source_id)
            if known is not None and known.name:
                return known.name
        company = self._there.companies.get(company_id)
        return self._by_name.get(normalise(company.name), company.name) if company is not None else ""

    def _mapped_back(self, kind: MapKind) -> dict[MocoId, list[SourceId]]:
        found: dict[MocoId, list[SourceId]] = defaultdict(list)
        for row in self._mapping.rows.values():
            if row.kind is kind and row.target_id is not None and row.action in {MapAction.MAP, MapAction.CREATE}:
                found[row.target_id].append(row.source_id)
        return {target: sorted(sources) for target, sources in found.items()}
