"""`provision`: creates in MOCO what the mapping asks for and records need: companies, projects, tasks, contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migrator.app.answer import Answer
from migrator.app.carrying import Carrier
from migrator.app.counted import listed
from migrator.app.deciding import Decider, load_decider
from migrator.app.provision.archiving import archive_finished
from migrator.app.provision.needed import create
from migrator.app.provision.needed_people import NeededPerson, StillActive, unit_called
from migrator.app.provision.needs import Needs, collect_needs
from migrator.app.provision.places import rate_warnings, to_be_made
from migrator.app.provision.prerequisites import create_all
from migrator.app.provision.provisioning import Provisioned, bring, provision
from migrator.app.provision.reopening import Reopening
from migrator.app.provision.shut import shutting_again
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.survey import Survey
from migrator.app.trouble import Trouble
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.actions import HoldReason
from migrator.core.mapping import MapAction, MapKind
from migrator.core.model import SourceId
from migrator.core.newcomers import Newcomers, find_newcomers
from migrator.errors import ExitCode
from migrator.store import target
from migrator.store.engine import reading
from migrator.store.merge import Selection

_ENDS = ("created", "adopted", "refused")
_KINDS = {MapKind.COMPANY: "companies", MapKind.PROJECT: "projects", MapKind.USER: "people"}


@dataclass(frozen=True, slots=True)
class ProvisionWords:
    """The options of `provision` as typed."""

    dry_run: bool = False
    people: bool = False
    unit: str = ""


@dataclass(slots=True)
class _Done:
    """What a run created, and what cannot be."""

    things: Provisioned = field(default_factory=Provisioned)
    tasks: int = 0
    contracts: int = 0
    needs: Needs = field(default_factory=Needs)
    waiting: Needs = field(default_factory=Needs)
    """What records need that cannot be created, as it stands at the end."""


def provide(place: Workplace, words: ProvisionWords) -> Answer:
    """Create what is missing, or with `dry_run` only say what would be created."""
    return _look(place, words) if words.dry_run else _do(place, words)


def _look(place: Workplace, words: ProvisionWords) -> Answer:
    reader = connect_reader(place)
    with started(place, "provision") as run_id:
        decider = load_decider(place, Survey(place, reader, run_id).refresh_masters())
        needs = collect_needs(place, decider, run_id, Selection())
        places = to_be_made(decider.blueprints.projects, decider)
        newcomers = _newcomers(decider, words)
        to_create = {
            **places.new,
            "people": sum(each.there is None for each in newcomers.people),
            "tasks": len(needs.tasks),
            "contracts": len(needs.contracts),
        }
        told = listed(to_create)
        verdict = f"To create in MOCO: {told}. Nothing was written." if told else "Nothing is to be created in MOCO."
        held = _held(decider, newcomers, needs)
        document = {
            "schema": "migrator.provision/1",
            "run": run_id,
            "verdict": verdict,
            "is_noop": not told,
            "to_create": to_create,
            "places": places.as_json(),
            "held": held,
            "warnings": list(rate_warnings(needs, decider)),
            "requests": dict(reader.requests),
            "exit_code": int(ExitCode.NEEDS_A_PERSON if held else ExitCode.DONE),
        }
        return _answer(place, run_id, document)


def _do(place: Workplace, words: ProvisionWords) -> Answer:
    with leased(place, "provision") as epoch, started(place, "provision") as run_id:
        window = open_window(place)
        carrier = Carrier(place, connect_writer(place, window), window, run_id, epoch)
        recover(carrier)
        decider = load_decider(place, Survey(place, carrier.writer, run_id).refresh_masters())
        carrier.deactivated = decider.deactivated
        done = _Done()
        decider = _create_people(carrier, decider, words, done)
        decider = _create_rest(carrier, decider, done)
        held = _held(decider, _newcomers(decider, words), done.waiting)
        verdict = _verdict(done, len(held))
        document = {
            "schema": "migrator.provision/1",
            "run": run_id,
            "verdict": verdict,
            "counts": _counts(done),
            "archived": list(carrier.archived),
            "held": held,
            "warnings": list(rate_warnings(done.needs, decider)),
            "requests": dict(carrier.writer.requests),
            "exit_code": int(ExitCode.NEEDS_A_PERSON if held or _refused(done) else ExitCode.DONE),
        }
        return _answer(place, run_id, document)


# -- creating -----------------------------------------------------------------------------------------------------


def _create_people(carrier: Carrier, decider: Decider, words: ProvisionWords, done: _Done) -> Decider:
    """People first, since only who is there can be assigned to a project."""
    people = _newcomers(decider, words).people
    if not people:
        return decider
    unit_id = unit_called(carrier.writer, words.unit)
    trouble = Trouble()
    with carrier.place.progress.phase("people", len(people)) as bar:
        for person in people:
            thing = (MapKind.USER, person.source_id)
            bring(carrier, trouble, thing, person.there, NeededPerson(person, unit_id), done.things)
            bar.advance(1)
    decider = _renewed(carrier)
    for kind, source_id in done.things.created:
        row = decider.mapping.get(kind, source_id)
        user = decider.there.users.get(row.target_id) if row is not None and row.target_id is not None else None
        if user is not None and user.active:
            create(carrier, trouble, StillActive(user.id))
    return _renewed(carrier)


def _create_rest(carrier: Carrier, decider: Decider, done: _Done) -> Decider:
    """Companies, then projects, then tasks, then contracts: each needs what comes before it."""
    place, trouble = carrier.place, Trouble()
    if decider.blueprints.projects:
        # All that a person asked for, also those whose records wait for something else still.
        decider = provision(carrier, trouble, decider, decider.blueprints.projects.keys(), done.things)
    done.needs = collect_needs(place, decider, carrier.run_id, Selection())
    done.waiting, needed = done.needs, done.needs.in_moco()
    with shutting_again(carrier):
        made_now = create_all(carrier, trouble, Reopening(carrier, trouble, decider.reopenable), needed)
    done.tasks, done.contracts = made_now["task"], made_now["contract"]
    if _refused(done):
        decider = _renewed(carrier, may_create=False)
        done.waiting = collect_needs(place, decider, carrier.run_id, Selection())
    archive_finished(carrier, decider)
    return decider


def _renewed(carrier: Carrier, *, may_create: bool = True) -> Decider:
    with reading(carrier.place.engine) as session:
        there = target.load_target_masters(session)
    return load_decider(carrier.place, there, may_create=may_create)


# -- telling ------------------------------------------------------------------------------------------------------


def _newcomers(decider: Decider, words: ProvisionWords) -> Newcomers:
    """Who is to be created; nobody unless that was asked for."""
    return find_newcomers(decider.mapping, decider.known, decider.there) if words.people else Newcomers()


def _held(decider: Decider, newcomers: Newcomers, needs: Needs) -> list[dict[str, object]]:
    """What cannot be created, with the reason; a task or contract has no id in ActiveCollab, but records that wait."""
    reasons: list[tuple[str, SourceId, str]] = [
        *_lost(decider),
        *(("project", source_id, words) for source_id, words in decider.blueprints.impossible.items()),
        *(("user", source_id, words) for source_id, words in newcomers.impossible.items()),
    ]
    things = [{"kind": kind, "source_id": source_id, "message": words} for kind, source_id, words in sorted(reasons)]
    for (reason, words), records in sorted(needs.refused.items(), key=lambda pair: (pair[0][0].value, pair[0][1])):
        kind = "task" if reason is HoldReason.TASK_MISSING else "contract"
        things.append({"kind": kind, "source_id": None, "message": words, "records": records})
    return things


def _lost(decider: Decider) -> Iterator[tuple[str, SourceId, str]]:
    """What was created once and is not in MOCO any more: it is not created again by itself."""
    there = {MapKind.PROJECT: decider.there.projects, MapKind.COMPANY: decider.there.companies}
    for row in decider.mapping.rows.values():
        known = there.get(row.kind)
        if known is not None and row.action is MapAction.CREATE and row.target_id and row.target_id not in known:
            words = f"it was created as {row.target_id} in MOCO and is not there any more: map it to another one"
            yield row.kind.value, row.source_id, words


def _counts(done: _Done) -> dict[str, dict[str, int]]:
    ways = {"created": done.things.created, "adopted": done.things.adopted, "refused": done.things.refused}
    counts = {
        plural: {way: sum(each[0] is kind for each in things) for way, things in ways.items()}
        for kind, plural in _KINDS.items()
    }
    for kind, there, needed in (
        ("tasks", done.tasks, done.needs.in_moco().tasks),
        ("contracts", done.contracts, done.needs.in_moco().contracts),
    ):
        counts[kind] = {"created": there, "adopted": 0, "refused": len(needed) - there}
    return counts


def _refused(done: _Done) -> int:
    return sum(ways["refused"] for ways in _counts(done).values())


def _verdict(done: _Done, held: int) -> str:
    counts = _counts(done)
    by_way = {way: listed({kind: ways[way] for kind, ways in counts.items()}) for way in _ENDS}
    parts = [f"{told} {way}" for way, told in by_way.items() if told]
    parts += [f"{held:,} cannot be created"] if held else []
    return f"{'; '.join(parts)}." if parts else "Everything that the mapping asks for is in MOCO already."


def _answer(place: Workplace, run_id: int, document: Mapping[str, object]) -> Answer:
    code = ExitCode.NEEDS_A_PERSON if document["exit_code"] else ExitCode.DONE
    ended(place, run_id, code, document)
    lines = [str(document["verdict"])]
    places, held, warnings = document.get("places", []), document["held"], document["warnings"]
    assert isinstance(places, list)
    assert isinstance(held, list)
    assert isinstance(warnings, list)
    lines += [f"  {each['words']}" for each in places]
    archived = document.get("archived", [])
    assert isinstance(archived, list)
    lines += [f"Finished and archived in MOCO: project {each}" for each in archived]
    lines += [f"Not created: {_called(each)}: {each['message']}" for each in held]
    lines += [f"Warning: {warning}" for warning in warnings]
    return Answer("\n".join(lines), dict(document), code)


def _called(held: Mapping[str, object]) -> str:
    """What cannot be created, as a person calls it."""
    if held["source_id"] is not None:
        return f"{held['kind']} {held['source_id']}"
    return f"a {held['kind']} that {held['records']} records need"
