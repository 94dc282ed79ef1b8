"""Creates companies and projects in MOCO for those of ActiveCollab whose mapping says so: each exactly once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from migrator.app.carrying import Carrier
from migrator.app.deciding import Decider, load_decider
from migrator.app.provision.needed import Needed, create
from migrator.app.provision.needed_places import NeededCompany, NeededProject
from migrator.app.provision.needs import collect_needs
from migrator.app.trouble import Trouble
from migrator.core.blueprints import CompanyBlueprint
from migrator.core.mapping import MapKind
from migrator.core.model import MocoId, SourceId
from migrator.core.names import normalise
from migrator.store import lease, made, target
from migrator.store.engine import reading, writing
from migrator.store.made import MadeThing
from migrator.store.merge import Selection
from migrator.store.target import TargetKind


@dataclass(slots=True)
class Provisioned:
    """What came of companies and projects, by their ids in ActiveCollab."""

    created: list[tuple[MapKind, SourceId]] = field(default_factory=list)
    adopted: list[tuple[MapKind, SourceId]] = field(default_factory=list)
    refused: list[tuple[MapKind, SourceId]] = field(default_factory=list)

    def as_json(self) -> dict[str, dict[str, int]]:
        """How many of each kind ended in which way."""
        ways = {"created": self.created, "adopted": self.adopted, "refused": self.refused}
        kinds = (("companies", MapKind.COMPANY), ("projects", MapKind.PROJECT))
        return {
            plural: {way: sum(each[0] is kind for each in things) for way, things in ways.items()}
            for plural, kind in kinds
        }


def provide_places(carrier: Carrier, decider: Decider, selection: Selection) -> Decider:
    """Create the projects, and their companies, that the selected records of a run need; gives the decider after that.

    A record whose project is not there then is held, so no write can name a project that does not exist.
    """
    if not decider.blueprints.projects:
        return decider
    wanted = collect_needs(carrier.place, decider, carrier.run_id, selection).projects
    done = Provisioned()
    try:
        return provision(carrier, Trouble(), decider, wanted, done)
    finally:
        carrier.provided.update(done.as_json())


def provision(
    carrier: Carrier, trouble: Trouble, decider: Decider, wanted: Collection[SourceId], done: Provisioned
) -> Decider:
    """Create these projects of ActiveCollab in MOCO, and the companies they need; gives the decider that knows them.

    What MOCO refuses is remembered in its words, and holds the records that need it. Raises like every write.
    """
    drawn = decider.blueprints
    needed = {drawn.projects[each].company for each in wanted if each in drawn.projects}
    todo = [company for source_id, company in sorted(drawn.companies.items()) if source_id in needed]
    if todo:
        _create_companies(carrier, trouble, todo, done)
        with reading(carrier.place.engine) as session:
            decider = load_decider(carrier.place, target.load_target_masters(session))
    blueprints = [decider.blueprints.projects[each] for each in sorted(wanted) if each in decider.blueprints.projects]
    with carrier.place.progress.phase("projects", len(blueprints)) as bar:
        for project in blueprints:
            thing = (MapKind.PROJECT, project.source_id)
            bring(carrier, trouble, thing, project.there, NeededProject(project), done)
            bar.advance(1)
    _learn_parts(carrier, [source_id for kind, source_id in done.created if kind is MapKind.PROJECT])
    return _renewed(carrier)


def _create_companies(
    carrier: Carrier, trouble: Trouble, companies: Collection[CompanyBlueprint], done: Provisioned
) -> None:
    """Each name once: two companies of ActiveCollab that are called the same are one customer of MOCO."""
    called: dict[str, MocoId] = {}
    with carrier.place.progress.phase("companies", len(companies)) as bar:
        for company in companies:
            name, thing = normalise(company.name), (MapKind.COMPANY, company.source_id)
            there = company.there or called.get(name)
            bring(carrier, trouble, thing, there, NeededCompany(company), done)
            with reading(carrier.place.engine) as session:
                found = made.made_targets(session).get(thing)
            if found is not None:
                called[name] = found
            bar.advance(1)


def _learn_parts(carrier: Carrier, created: Collection[SourceId]) -> None:
    """MOCO gives new projects tasks and a contract of its own, and does not nest them in every answer."""
    with reading(carrier.place.engine) as session:
        there, targets = target.load_target_masters(session), made.made_targets(session)
    with_tasks = {task.project_id for task in there.tasks.values()}
    with_contracts = {contract.project_id for contract in there.contracts}
    for source_id in created:
        project_id = targets[MapKind.PROJECT, source_id]
        tasks = () if project_id in with_tasks else carrier.writer.list_tasks(project_id)
        contracts = () if project_id in with_contracts else carrier.writer.list_contracts(project_id)
        with writing(carrier.place.engine) as session:
            target.add_masters(session, TargetKind.TASK, tasks)
            target.add_masters(session, TargetKind.CONTRACT, contracts)


def bring(
    carrier: Carrier,
    trouble: Trouble,
    thing: tuple[MapKind, SourceId],
    there: MocoId | None,
    needed: Needed,
    done: Provisioned,
) -> None:
    """Adopt what is there under the natural key, else create it."""
    kind, source_id = thing
    if there is not None:
        with writing(carrier.place.engine) as session:
            lease.check(session, carrier.epoch)
            made.keep_made(session, MadeThing(kind, source_id, there, adopted=True, run_id=carrier.run_id))
        done.adopted.append(thing)
    elif create(carrier, trouble, needed):
        done.created.append(thing)
    else:
        done.refused.append(thing)


def _renewed(carrier: Carrier) -> Decider:
    """The decider anew, with what was created meanwhile."""
    with reading(carrier.place.engine) as session:
        there = target.load_target_masters(session)
    return load_decider(carrier.place, there, may_create=False)
