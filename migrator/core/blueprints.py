"""What is created in MOCO for companies and projects whose mapping says `create`, or why that cannot be: pure."""

from __future__ import annotations

from collections import Counter, abc, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow, SourceMasters, TargetMasters
from migrator.core.model import Company, MocoId, Project, SourceId, TargetCompany, TargetProject
from migrator.core.names import normalise
from migrator.core.terms import BillingVariant, Terms

Days = tuple[date, date]
"""The first and the last day on which a project has time."""


@dataclass(frozen=True, slots=True)
class CompanyBlueprint:
    """A customer to be created; its natural key is the name. `there` is the one of MOCO that has this name already."""

    source_id: SourceId
    name: str
    currency: str = ""
    there: MocoId | None = None


@dataclass(frozen=True, slots=True)
class ProjectBlueprint:
    """A project to be created; its natural key is the identifier where one is sent, else name and customer.

    `company_id` is None while the customer itself (`company`) is still to be created; where it is to be adopted, it is
    known already. `spare_identifier` is
    ActiveCollab's, sent only where MOCO asks for a number. `there` is MOCO's own with this natural key, if it has one.
    """

    source_id: SourceId
    name: str
    company: SourceId | None
    company_id: MocoId | None
    leader_id: MocoId
    currency: str
    billing_variant: BillingVariant
    info: str
    identifier: str = ""
    spare_identifier: str = ""
    start_date: date | None = None
    finish_date: date | None = None
    fixed_price: bool = False
    retainer: bool = False
    budget_monthly: Decimal | None = None
    group_id: MocoId | None = None
    tags: tuple[str, ...] = ()
    there: MocoId | None = None


@dataclass(frozen=True, slots=True)
class Blueprints:
    """What is to be created, by its id in ActiveCollab; `impossible` says why some projects cannot be."""

    companies: abc.Mapping[SourceId, CompanyBlueprint] = field(default_factory=dict)
    projects: abc.Mapping[SourceId, ProjectBlueprint] = field(default_factory=dict)
    impossible: abc.Mapping[SourceId, str] = field(default_factory=dict)

    def without_new(self) -> Blueprints:
        """The same when nothing more is created: what was not, waits."""
        missing = dict.fromkeys(self.projects, "it was not created in this run")
        return Blueprints(impossible={**missing, **self.impossible})


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the configuration says of created projects; `leader` is an e-mail."""

    currency: str = ""
    leader: str = ""
    billing_variant: BillingVariant = BillingVariant.PROJECT
    create_companies: bool = False


class _Impossible(Exception):
    """Why a project cannot be created, for a person."""


class Drawer:
    """Draws blueprints under one mapping; `days` are those on which ActiveCollab's projects have time."""

    def __init__(
        self,
        mapping: Mapping,
        known: SourceMasters,
        there: TargetMasters,
        defaults: Defaults,
        days: abc.Mapping[SourceId, Days],
    ) -> None:
        self._mapping = mapping
        self._known = known
        self._there = there
        self._defaults = defaults
        self._days = days
        self._people = {user.email.lower(): user for user in there.users.values() if user.email}
        self._taken = {row.target_id for row in mapping.rows.values() if row.kind is MapKind.PROJECT}
        # A project belongs to a customer: a supplier of that name is somebody else.
        self._companies = _by_name(
            (key, each) for key, each in there.companies.items() if each.type in ("", "customer")
        )
        self._projects = _by_name(there.projects.items())
        self._rivals: Counter[tuple[SourceId | None, str]] = Counter()

    def draw(self, refused: abc.Mapping[tuple[MapKind, SourceId], str]) -> Blueprints:
        """Every project that is to be created, and the companies these need; `refused` are MOCO's own words."""
        self._rivals = self._rivals_by_place()
        companies: dict[SourceId, CompanyBlueprint] = {}
        projects: dict[SourceId, ProjectBlueprint] = {}
        impossible: dict[SourceId, str] = {}
        for row in self._mapping.rows.values():
            if not _is_open(row):
                continue
            try:
                _raise_refused(refused, MapKind.PROJECT, row.source_id)
                project = self._project(row)
                if project.company is not None and self._is_new(project.company):
                    _raise_refused(refused, MapKind.COMPANY, project.company)
                    companies[project.company] = self._company(project.company)
            except _Impossible as reason:
                impossible[row.source_id] = str(reason)
            else:
                projects[row.source_id] = project
        return Blueprints(companies, projects, impossible)

    def _rivals_by_place(self) -> Counter[tuple[SourceId | None, str]]:
        """How many projects of the same name and company are still to be created."""
        rows = (self._known.projects.get(row.source_id) for row in self._mapping.rows.values() if _is_open(row))
        return Counter((project.company_id, normalise(project.name)) for project in rows if project is not None)

    # -- one project ------------------------------------------------------------------------------------------

    def _project(self, row: MapRow) -> ProjectBlueprint:
        known, terms = self._known.projects.get(row.source_id), row.terms
        if known is None or not known.name.strip():
            raise _Impossible("ActiveCollab did not tell its name: read the project, too")
        company, company_id = self._customer_named(terms) if terms.customer else self._customer(known)
        currency = terms.currency or self._defaults.currency
        if not currency:
            raise _Impossible(
                "its currency is not decided, and MOCO never lets it change: "
                "set provision.currency or the column currency"
            )
        if lacking := terms.lacks_for_retainer:
            raise _Impossible(lacking)
        start, finish = self._dates(known, terms)
        return ProjectBlueprint(
            source_id=row.source_id,
            name=known.name.strip(),
            company=company,
            company_id=company_id,
            leader_id=self._leader(known, terms),
            currency=currency,
            billing_variant=terms.billing_variant or self._defaults.billing_variant,
            info=_info(known),
            identifier=terms.identifier,
            spare_identifier=known.identifier.strip() if not terms.identifier else "",
            start_date=start,
            finish_date=finish,
            fixed_price=terms.fixed_price,
            retainer=terms.retainer,
            budget_monthly=terms.budget_monthly,
            group_id=self._group(terms),
            tags=terms.tags,
            there=self._same_project(known, terms, company_id),
        )

    def _is_new(self, company: SourceId) -> bool:
        """Whether a company of ActiveCollab is still to be created in MOCO, or adopted there."""
        row = self._mapping.get(MapKind.COMPANY, company)
        return row is not None and row.action is MapAction.CREATE and row.target_id is None

    def _customer_named(self, terms: Terms) -> tuple[SourceId | None, MocoId | None]:
        """The customer that a person named, by id or name; perhaps one that is still to be created."""
        if terms.customer.isdecimal() and MocoId(int(terms.customer)) in self._there.companies:
            return None, MocoId(int(terms.customer))
        same = self._companies.get(normalise(terms.customer), ())
        new = [
            each.id
            for each in self._known.companies.values()
            if self._is_new(each.id) and normalise(each.name) == normalise(terms.customer)
        ]
        if len(new) == 1 and not same:
            return self._customer_of(new[0])
        if len(same) != 1:
            raise _Impossible(f"its customer {terms.customer!r} is {'several companies' if same else 'none'} of MOCO")
        return None, same[0]

    def _customer(self, known: Project) -> tuple[SourceId, MocoId | None]:
        """The customer in both systems; None in MOCO while it is still to be created."""
        if known.company_id is None:
            raise _Impossible("it has no company in ActiveCollab: name a customer of MOCO in the column customer")
        return self._customer_of(known.company_id)

    def _customer_of(self, source_id: SourceId) -> tuple[SourceId, MocoId | None]:
        row = self._mapping.get(MapKind.COMPANY, source_id)
        name = self._company_name(source_id)
        if row is None or row.action in (MapAction.SKIP, MapAction.HOLD):
            raise _Impossible(f"its company {name} is not mapped")
        if row.target_id is not None:
            if row.target_id not in self._there.companies:
                raise _Impossible(f"its company {name} is mapped to MOCO company {row.target_id}, which is not there")
            return source_id, row.target_id
        if not self._defaults.create_companies:
            raise _Impossible(f'its company {name} is still to be created: add "companies" to mapping.create')
        return source_id, self._company(source_id).there

    def _company_name(self, source_id: SourceId) -> str:
        company = self._known.companies.get(source_id) or Company(source_id)
        return f"{source_id} ({company.name})" if company.name else str(source_id)

    def _company(self, source_id: SourceId) -> CompanyBlueprint:
        company = self._known.companies.get(source_id)
        if company is None or not company.name.strip():
            raise _Impossible(f"ActiveCollab did not tell the name of its company {source_id}")
        same = self._companies.get(normalise(company.name), ())
        if len(same) > 1:
            raise _Impossible(f"MOCO has {len(same)} companies called {company.name!r}: map the company to one of them")
        there = same[0] if same else None
        return CompanyBlueprint(source_id, company.name.strip(), self._defaults.currency, there)

    def _leader(self, known: Project, terms: Terms) -> MocoId:
        """The person that MOCO wants: of the row, of the configuration, or ActiveCollab's own leader."""
        email = terms.leader or self._defaults.leader
        if email:
            found = self._people.get(email.lower())
            if found is None or not found.active:
                raise _Impossible(f"its leader {email} is no active person of MOCO")
            return found.id
        row = self._mapping.get(MapKind.USER, known.leader_id) if known.leader_id is not None else None
        user = self._there.users.get(row.target_id) if row is not None and row.target_id is not None else None
        if user is None or not user.active:
            raise _Impossible(
                "its leader is not decided: set provision.leader or the column leader (an e-mail of MOCO)"
            )
        return user.id

    def _dates(self, known: Project, terms: Terms) -> tuple[date | None, date | None]:
        """From the first day with time on; to the last one, when ActiveCollab has archived the project."""
        first, last = self._days.get(known.id, (None, None))
        start, finish = terms.start_date or first, terms.finish_date or (last if known.archived else None)
        if start is not None and finish is not None and finish < start:
            raise _Impossible(f"its finish_date {finish} is before its start_date {start}")
        return start, finish

    def _group(self, terms: Terms) -> MocoId | None:
        if not terms.project_group:
            return None
        found = self._there.groups.get(normalise(terms.project_group))
        if found is None:
            raise _Impossible(f"MOCO has no project group {terms.project_group!r}")
        return found

    def _same_project(self, known: Project, terms: Terms, company_id: MocoId | None) -> MocoId | None:
        """The project of MOCO that has this natural key and belongs to no other project of ActiveCollab."""
        if terms.identifier:
            for project in self._there.projects.values():
                if project.identifier == terms.identifier:
                    if project.id in self._taken or project.company_id not in (None, company_id):
                        raise _Impossible(f"MOCO project {project.id} has the identifier {terms.identifier!r} already")
                    return project.id
        if company_id is None:
            return None
        same = [
            each
            for each in self._projects.get(normalise(known.name), ())
            if each not in self._taken and self._there.projects[each].company_id == company_id
        ]
        if same and self._rivals[known.company_id, normalise(known.name)] > 1:
            raise _Impossible(
                "ActiveCollab has several projects of this name for this customer, "
                f"and MOCO has {same[0]}: map them yourself"
            )
        if len(same) > 1:
            ids = ", ".join(map(str, same))
            raise _Impossible(f"MOCO has several projects of this name for this customer ({ids}): map it to one")
        return same[0] if same else None


def _is_open(row: MapRow) -> bool:
    """Whether a project is still to be created."""
    return row.kind is MapKind.PROJECT and row.action is MapAction.CREATE and row.target_id is None


def _raise_refused(refused: abc.Mapping[tuple[MapKind, SourceId], str], kind: MapKind, source_id: SourceId) -> None:
    if (words := refused.get((kind, source_id))) is not None:
        raise _Impossible(words)


def _by_name(
    named: abc.Iterable[tuple[MocoId, TargetCompany | TargetProject]],
) -> dict[str, list[MocoId]]:
    found: dict[str, list[MocoId]] = defaultdict(list)
    for moco_id, each in named:
        found[normalise(each.name)].append(moco_id)
    return dict(found)


def _info(known: Project) -> str:
    """The note in MOCO that leads back to ActiveCollab."""
    link = known.permalink if known.permalink.startswith(("http://", "https://")) else ""
    return f"ActiveCollab project {known.id}" + (f": {link}" if link else "")
