"""The checks of `doctor` on what an operator has to care for: files, service, last verification, backup; no network."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from migrator.app.config import Config
from migrator.app.configuration.loopback import is_loopback
from migrator.app.configuration.model import is_secret, key_names, sections
from migrator.app.database import BACKUP_MADE
from migrator.app.doctor.check import Check, Status
from migrator.app.service.standing import Standing, State, load_standing
from migrator.app.timespan import format_timespan
from migrator.app.wiring import Workplace
from migrator.errors import ExitCode
from migrator.store import account, links, runs
from migrator.store.engine import is_sqlite, reading

OLD_BACKUP: Final = timedelta(days=7)
OLD_VERIFICATION: Final = timedelta(days=31)
SIGNATURE_KEY: Final = 32

_RUNTIME = Path("/run")
"""What lies here was put there by systemd or a container's runtime, which decide who reads it."""


def check_files(config: Config) -> Check:
    """Whether anybody but the owner can read what holds secrets or other people's time."""
    open_to_others = [path for path in _private_files(config) if _others_read(path)]
    if open_to_others:
        named = ", ".join(map(str, open_to_others))
        return Check("files", Status.WARN, f"others on this machine can read {named}", f"chmod 600 {named}")
    return Check("files", Status.OK, "only their owner can read configuration, secrets and database")


def _private_files(config: Config) -> Iterator[Path]:
    if config.path is not None and _holds_secrets(config):
        yield config.path
    yield from (path for path in config.secret_files if not path.is_relative_to(_RUNTIME))
    url = make_url(config.database.url)
    if url.get_backend_name() == "sqlite":
        yield Path(str(url.database))


def _holds_secrets(config: Config) -> bool:
    """Whether a secret stands in the configuration file itself."""
    written = f"file {config.path}"
    return any(
        config.source_of(f"{name}.{key}") == written and getattr(getattr(config, name), attribute)
        for name, section in sections().items()
        for key, attribute in key_names(section).items()
        if is_secret(section, attribute)
    ) or ("@" in config.database.url and config.source_of("database.url") == written)


def _others_read(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        # Whoever misses it says so elsewhere.
        return False


def check_service(place: Workplace) -> Check:
    """Whether the settings of `serve` make sense together, and who is told when something goes wrong."""
    config = place.config
    told, fixes = [], []
    schedule, web, notify = config.schedule, config.web, config.notify
    told.append(f"a sync {f'at {schedule.cron!r}' if schedule.cron else f'every {_span(schedule.every)}'}")
    longest = _last_sync(place)
    if schedule.every is not None and not schedule.cron and longest > schedule.every:
        fixes.append(f"the last sync took {_span(longest)}: make schedule.every longer")
    told.append(f"the console at {web.host}:{web.port}")
    if not is_loopback(web.host):
        told.append("readable on the way unless a proxy in front speaks https")
    if any(len(key) != SIGNATURE_KEY for key in web.webhook_keys):
        fixes.append(f"MOCO's signature keys have {SIGNATURE_KEY} characters: copy web.webhook_key again")
    if notify.smtp_url and not notify.email_to:
        fixes.append("name somebody in notify.email_to, or leave notify.smtp_url out")
    channels = {"heartbeat": notify.heartbeat_url, "web hook": notify.webhook_url, "mail": notify.email_to}
    standing = load_standing(place)
    if standing.newest:
        # Somebody has let it run.
        told.append(_stands(standing))
        fixes += [] if standing.serving else ["start `migrator serve` again, unless it was stopped for good"]
        fixes += [standing.reason] if standing.state is State.FAILING else []
    used = [name for name, given in channels.items() if given]
    told.append(f"told of trouble: {', '.join(used)}" if used else "nobody is told of trouble ([notify] is empty)")
    return Check("service", Status.WARN if fixes else Status.OK, "; ".join(told), "; ".join(fixes))


def _stands(standing: Standing) -> str:
    """How a service stands that has run before, as seen from outside of it."""
    serving = standing.serving
    told = f"process {serving.pid} on {serving.host} follows the schedule" if serving else "no process follows it now"
    return f"{told}, and it is {standing.state.value}" if standing.state in {State.FAILING, State.PAUSED} else told


def _last_sync(place: Workplace) -> timedelta:
    with reading(place.engine) as session:
        last = runs.list_runs(session, 1, "sync")
    return sum(((run.ended_at or run.started_at) - run.started_at for run in last), timedelta())


def _span(span: timedelta | None) -> str:
    return format_timespan(timedelta(seconds=round(span.total_seconds()))) if span is not None else ""


def check_verified(place: Workplace) -> Check:
    """When both sides were last compared, and with which result."""
    with reading(place.engine) as session:
        written, found = links.count_links(session), runs.list_runs(session, 1, "verify")
    if not written:
        return Check("verified", Status.SKIP, "nothing was written to MOCO yet")
    if not found or found[0].exit_code is None:
        return Check("verified", Status.WARN, "nobody compared both sides yet", "`migrator verify`")
    last = found[0]
    detail = f"run {last.id} of {last.started_at:%Y-%m-%d} ended with {last.exit_code}"
    if last.exit_code not in {ExitCode.DONE, ExitCode.NEEDS_A_PERSON}:
        return Check("verified", Status.WARN, f"{detail}: {last.verdict}", "mend what it names, then `migrator verify`")
    if place.clock.now() - last.started_at > OLD_VERIFICATION:
        return Check("verified", Status.WARN, f"{detail}, long ago", "`migrator verify`")
    return Check("verified", Status.OK, f"{detail}: both sides agreed")


def check_backup(place: Workplace) -> Check:
    """How old the last backup is that this program knows of; of others it knows nothing."""
    with reading(place.engine) as session:
        written, made = links.count_links(session), account.fact(session, BACKUP_MADE)
    age = place.clock.now() - datetime.fromisoformat(made) if made else None
    if age is not None and age <= OLD_BACKUP:
        return Check("backup", Status.OK, f"`migrator db backup` was run {age.days} days ago")
    told = f"the last one is {age.days} days old" if age is not None else "none was made by `migrator db backup`"
    if not written:
        return Check("backup", Status.SKIP, f"{told}; nothing was written to MOCO yet")
    if not is_sqlite(place.engine):
        fix = "`migrator db backup FILE`, unless the server's own backups hold this database"
        return Check("backup", Status.UNKNOWN, told, fix)
    fix = "`migrator db backup FILE`, and keep it elsewhere: the database is the memory of what was sent"
    return Check("backup", Status.WARN, told, fix)
