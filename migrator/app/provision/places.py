"""What a plan says of the companies and projects that are created first, and of rates that nobody has set there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from migrator.app.deciding import Decider
from migrator.app.provision.needs import Needs, Somewhere
from migrator.core.blueprints import CompanyBlueprint, ProjectBlueprint
from migrator.core.model import SourceId
from migrator.core.names import normalise
from migrator.core.terms import BillingVariant


@dataclass(frozen=True, slots=True)
class Places:
    """The companies and projects that writes of a plan need, in the order of their ids in ActiveCollab."""

    companies: tuple[CompanyBlueprint, ...]
    projects: tuple[ProjectBlueprint, ...]

    @property
    def new(self) -> dict[str, int]:
        """How many are created, by kind; companies of one name are one customer."""
        names = {normalise(each.name) for each in self.companies if each.there is None}
        return {"companies": len(names), "projects": sum(each.there is None for each in self.projects)}

    def as_json(self) -> list[dict[str, object]]:
        """One entry for each: what it is, and in words what becomes of it."""
        entries: list[dict[str, object]] = []
        for company in self.companies:
            entries.append(_entry("company", company.source_id, company.name, company.there, ""))
        for project in self.projects:
            variant = project.billing_variant.value
            entry = _entry("project", project.source_id, project.name, project.there, f", {project.currency}")
            dates = {"start_date": project.start_date, "finish_date": project.finish_date}
            entry |= {name: day.isoformat() if day else None for name, day in dates.items()}
            entry |= {"currency": project.currency, "leader_id": project.leader_id, "billing_variant": variant}
            entries.append(entry)
        return entries


def _entry(kind: str, source_id: int, name: str, there: int | None, more: str) -> dict[str, object]:
    words = f"{kind} {name!r}{more}" if there is None else f"{kind} {name!r} is there already ({there}) and is adopted"
    return {"kind": kind, "source_id": source_id, "name": name, "adopts": there, "words": words}


def to_be_made(wanted: Collection[SourceId], decider: Decider) -> Places:
    """These projects of ActiveCollab, as far as they can be created, and the companies that they need."""
    drawn = decider.blueprints
    projects = tuple(drawn.projects[each] for each in sorted(wanted) if each in drawn.projects)
    needed = {project.company for project in projects}
    companies = (company for source_id, company in sorted(drawn.companies.items()) if source_id in needed)
    return Places(tuple(companies), projects)


def rate_warnings(needs: Needs, decider: Decider) -> tuple[str, ...]:
    """Tasks and contracts billed at rate 0 until somebody sets one: rates count by billing variant (DOC)."""
    warnings = []
    for variant, things, called in (
        (BillingVariant.TASK, {place for place, _ in needs.tasks}, "tasks"),
        (BillingVariant.USER, {place for place, _ in needs.contracts}, "people"),
    ):
        names = sorted(_name(place, decider) for place in things if _variant(place, decider) == variant.value)
        if names:
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            warnings.append(
                f"billed by the rates of {called}; what is created has rate 0 until somebody sets one in MOCO: {shown}"
            )
    return tuple(warnings)


def _variant(place: Somewhere, decider: Decider) -> str:
    project_id, source_id = place
    if source_id is not None:
        blueprint = decider.blueprints.projects.get(source_id)
        return blueprint.billing_variant.value if blueprint else ""
    project = decider.there.projects.get(project_id)
    return project.billing_variant if project else ""


def _name(place: Somewhere, decider: Decider) -> str:
    project_id, source_id = place
    if source_id is not None:
        return decider.blueprints.projects[source_id].name
    return decider.there.projects[project_id].name
