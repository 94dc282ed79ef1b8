"""`doctor --probe-write`: books a few minutes in a named project, sees what becomes of them, removes them again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from migrator.app.carrying import Carrier
from migrator.app.doctor.check import Check, Status, keep
from migrator.app.doctor.probe_removal import Removal, remove_probes
from migrator.app.doctor.probe_shots import Range
from migrator.app.doctor.probes import PROBES
from migrator.app.doctor.targets import list_masters, measure_targets
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.wiring import Workplace, connect_writer, leased, open_window
from migrator.core.mapping import TargetMasters
from migrator.core.model import TargetProject, TargetTask
from migrator.core.names import normalise
from migrator.errors import ExitCode, LoginRefused, MigratorError, UsageError


def probe(place: Workplace, project: str) -> list[Check]:
    """Ask every question by writing; what was found is kept for later, what was booked is removed again.

    Raises `UsageError` for a project that is not there or cannot be booked on, `LockedByAnotherRun`.
    """
    with leased(place, "doctor --probe-write") as epoch, started(place, "doctor") as run_id:
        window = open_window(place)
        writer = connect_writer(place, window)
        carrier = Carrier(place, writer, window, run_id, epoch)
        recover(carrier)
        range_ = _range(carrier, project)
        found: dict[str, Check] = {}
        stopped: MigratorError | None = None
        try:
            for check in _ask(range_):
                found[check.name] = together(found.get(check.name), check)
        except MigratorError as error:
            stopped = error
        finally:
            removal = remove_probes(carrier)
        for check in found.values():
            keep(place, check)
        told = _told(range_, removal, stopped)
        code = ExitCode.ERROR if told.status is Status.FAIL else ExitCode.DONE
        ended(place, run_id, code, {"verdict": told.detail, "requests": dict(writer.requests)})
    return [told]


def _ask(range_: Range) -> Iterator[Check]:
    with range_.carrier.place.progress.phase("probing", None) as bar:
        for question in PROBES:
            for check in question(range_):
                yield check
                if check.status is Status.FAIL:
                    # A wrong person, or no marker: more of the same must not be booked.
                    return
            bar.advance(1)


def together(one: Check | None, other: Check) -> Check:
    """Two findings of one check, such as "not echoed" and "atomic": the one that needs attention, with both texts."""
    if one is None:
        return other
    worst = one if one.status is Status.WARN or other.status is Status.OK else other
    return Check(other.name, worst.status, f"{one.detail}; {other.detail}", worst.fix, worst.login)


def _told(range_: Range, removal: Removal, stopped: MigratorError | None) -> Check:
    if removal.left:
        detail = f"NOT REMOVED from MOCO: {'; '.join(removal.left)}"
        fix = "delete it in MOCO by hand; every `migrator apply`, `sync` or `doctor --probe-write` tries again"
        return Check("probe", Status.FAIL, detail, fix)
    done = (
        f"{removal.removed} canary activities were booked for person {range_.person} in project {range_.project_id}, "
        "and each is proved gone again"
    )
    if stopped is None:
        return Check("probe", Status.OK, done)
    login = isinstance(stopped, LoginRefused)
    status = Status.FAIL if login else Status.WARN
    return Check("probe", status, f"stopped early: {stopped.message}; {done}", stopped.hint, login)


# -- where ---------------------------------------------------------------------------------------------------------


def _range(carrier: Carrier, named: str) -> Range:
    masters = list_masters(carrier.writer)
    targets = measure_targets(carrier.place, masters)
    me = carrier.writer.fetch_session().user_id
    project = _project(masters, named)
    task = _task(masters, project, carrier.place.config.mapping.default_task)
    people = [
        each.user_id
        for each in masters.contracts
        if each.project_id == project.id and each.active and masters.users[each.user_id].active
    ]
    # Somebody else than the key's owner tests impersonation; one whom the mapping books on tests what will be done.
    person = min(people, key=lambda each: (each == me, each not in targets.people, each), default=None)
    if person is None:
        raise UsageError(
            f"nobody active is assigned to the MOCO project {project.name!r}", hint="assign somebody, or name another"
        )
    name = f"probe-{uuid.uuid4().hex[:10]}"
    return Range(carrier, name, project.id, task.id, person, me, masters, targets)


def _project(masters: TargetMasters, named: str) -> TargetProject:
    wanted = normalise(named)
    found = [
        project
        for project in masters.projects.values()
        if str(project.id) == named or wanted in {normalise(project.name), normalise(project.identifier)}
    ]
    active = [project for project in found if project.active]
    if len(active) == 1:
        return active[0]
    if not found:
        raise UsageError(f"MOCO has no project {named!r}", hint="name it as MOCO does, or by its number or id")
    if not active:
        raise UsageError(f"the MOCO project {named!r} is archived", hint="name one that is active")
    ids = ", ".join(str(project.id) for project in active)
    raise UsageError(f"MOCO has {len(active)} active projects {named!r}: {ids}", hint="name one by its id")


def _task(masters: TargetMasters, project: TargetProject, default: str) -> TargetTask:
    tasks = [task for task in masters.tasks.values() if task.project_id == project.id and task.active]
    wanted = normalise(default)
    chosen = min(tasks, key=lambda task: (normalise(task.name) != wanted, task.id), default=None)
    if chosen is None:
        raise UsageError(
            f"the MOCO project {project.name!r} has no active task", hint="add one in MOCO, or name another project"
        )
    return chosen
