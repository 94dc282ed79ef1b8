"""`doctor`: what is set up right, what is not, and what only a probe can tell; sends nothing but GET without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from migrator.app.answer import Answer
from migrator.app.config import Config, load
from migrator.app.configuration.model import EXAMPLE_MOCO_URL
from migrator.app.doctor import learned as by_writing
from migrator.app.doctor import moco as by_reading
from migrator.app.doctor.care import check_backup, check_files, check_service, check_verified
from migrator.app.doctor.check import Check, Examined, Status, failed
from migrator.app.doctor.place import check_activecollab, check_configuration, check_database
from migrator.app.doctor.probe_removal import check_leftovers
from migrator.app.doctor.probing import probe
from migrator.app.doctor.targets import Targets, list_masters, measure_targets
from migrator.app.wiring import Workplace, connect_reader
from migrator.errors import (
    ConfigurationError,
    ExitCode,
    LoginRefused,
    MigratorError,
    severest,
)
from migrator.moco.client import MocoReader
from migrator.store import account
from migrator.store.engine import reading

MOCO_CHECKS: Final[tuple[tuple[str, Callable[[Examined], Check]], ...]] = (
    ("moco", by_reading.check_moco),
    ("staff", by_reading.check_staff),
    ("rate_plan", by_reading.check_rate_plan),
    ("clock", by_reading.check_clock),
    ("remote_id", by_writing.check_remote_id),
    ("bulk", by_writing.check_bulk),
    ("rounding", by_writing.check_rounding),
    ("period_lock", by_writing.check_period_lock),
    ("description", by_writing.check_description),
    ("mapping", by_reading.check_mapping),
    ("targets", by_reading.check_targets),
    ("web_hooks", by_reading.check_web_hooks),
    ("timers", by_reading.check_timers),
)
"""The checks that need MOCO, in the order they are shown."""

_MARKS: Final = {
    Status.OK: "ok",
    Status.WARN: "WARN",
    Status.FAIL: "FAIL",
    Status.SKIP: "skip",
    Status.UNKNOWN: "unknown",
}


def doctor(given: Path | None, open_place: Callable[[Config], Workplace], project: str = "") -> Answer:
    """Examine everything; with `project` (name, identifier or id in MOCO) probe it first.

    Raises `UsageError` for a project that cannot be probed, `LockedByAnotherRun` while another run is working.
    """
    checks, place = _before_moco(given, open_place)
    if place is None:
        return _answer([*checks, *_skipped("the checks before it failed")])
    if place.config.moco.url.rstrip("/") == EXAMPLE_MOCO_URL and not place.config.moco.api_key:
        return _answer([*checks, *_skipped("MOCO is not configured")])
    try:
        reader = connect_reader(place)
    except MigratorError as error:
        # Out of reach is a failure here, and no unknown: the question was whether MOCO can be reached.
        refused = Check("moco", Status.FAIL, error.message, error.hint, isinstance(error, LoginRefused))
        return _answer([*checks, refused, *_skipped("MOCO cannot be used")])
    with reader:
        if project:
            checks += probe(place, project)
        else:
            checks += check_leftovers(place)
        examined = _examined(place, reader)
        checks += [_carried_out(name, check, examined) for name, check in MOCO_CHECKS]
    return _answer(checks, dict(reader.requests))


def _before_moco(given: Path | None, open_place: Callable[[Config], Workplace]) -> tuple[list[Check], Workplace | None]:
    """Configuration, database and ActiveCollab; no place to work in when one of the first two cannot be used."""
    try:
        config = load(given)
    except ConfigurationError as error:
        return [Check("configuration", Status.FAIL, "; ".join(error.problems), error.hint)], None
    checks = [check_configuration(config)]
    try:
        place = open_place(config)
        checks.append(check_database(place))
    except MigratorError as error:
        return [*checks, Check("database", Status.FAIL, error.message, error.hint)], None
    checks += [check_files(config), check_backup(place), check_verified(place), check_service(place)]
    return [*checks, check_activecollab(place)], place


def _examined(place: Workplace, reader: MocoReader) -> Examined:
    masters, targets = None, Targets()
    try:
        masters = list_masters(reader)
        targets = measure_targets(place, masters)
    except LoginRefused:
        # Who may not list people fails the check of the Staff permission, with MOCO's words.
        pass
    with reading(place.engine) as session:
        learned = account.learned(session)
    return Examined(place, reader, reader.fetch_session(), learned, masters, targets)


def _carried_out(name: str, check: Callable[[Examined], Check], examined: Examined) -> Check:
    try:
        return check(examined)
    except MigratorError as error:
        return failed(name, error)


def _skipped(why: str) -> list[Check]:
    return [Check(name, Status.SKIP, why) for name, _ in MOCO_CHECKS]


def _answer(found: Iterable[Check], requests: dict[str, int] | None = None) -> Answer:
    checks = list({check.name: check for check in reversed(list(found))}.values())[::-1]
    code = severest(
        *(ExitCode.LOGIN if check.login else ExitCode.ERROR for check in checks if check.status is Status.FAIL)
    )
    counts = Counter(check.status for check in checks)
    verdict = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    document: dict[str, object] = {
        "schema": "migrator.doctor/1",
        "verdict": verdict,
        "checks": [check.as_json() for check in checks],
        "requests": requests or {},
        "exit_code": int(code),
    }
    lines = [line for check in checks for line in _lines(check)]
    return Answer("\n".join([*lines, f"{len(checks)} checks: {verdict}."]), document, code)


def _lines(check: Check) -> list[str]:
    fix = [f"{'':9}{'':19}→ {check.fix}"] if check.fix else []
    return [f"{_MARKS[check.status]:<9}{check.name:<19}{check.detail}", *fix]
