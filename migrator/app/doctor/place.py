"""The checks of `doctor` that need no MOCO: configuration, database and disk, ActiveCollab."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import make_url

from migrator.activecollab.export import find_documents
from migrator.app.config import Config, moco_problems, source_problems
from migrator.app.configuration.model import EXAMPLE_MOCO_URL
from migrator.app.doctor.check import Check, Status
from migrator.app.wiring import Workplace, connect_source, remember_requests
from migrator.errors import LoginRefused, MigratorError
from migrator.store import account, schema, totals
from migrator.store.engine import reading

LOW_DISK = 200 * 2**20
"""Bytes below which a run may not have room for its intents."""


def check_configuration(config: Config) -> Check:
    """Whether the configuration, which was readable, is complete for a migration."""
    problems = (*source_problems(config), *(moco_problems(config) if _asks_for_moco(config) else ()))
    if problems:
        return Check("configuration", Status.FAIL, "; ".join(problems), "`migrator config check` lists every problem")
    return Check("configuration", Status.OK, f"{config.path or 'environment'}: no problems")


def _asks_for_moco(config: Config) -> bool:
    return config.moco.url.rstrip("/") != EXAMPLE_MOCO_URL or bool(config.moco.api_key)


def check_database(place: Workplace) -> Check:
    """Revision, integrity, the bound pair of accounts, and room on the disk."""
    problems = schema.check_quickly(place.engine)
    if problems:
        fix = "`migrator db upgrade` brings an older schema up to date; otherwise restore a backup"
        return Check("database", Status.FAIL, "; ".join(problems), fix)
    with reading(place.engine) as session:
        pair = account.bound(session)
    config = place.config
    bound_to = f"{pair.instance} → {pair.subdomain or 'no MOCO account yet'}" if pair else "nothing yet"
    if pair and pair.subdomain not in {None, config.moco.account}:
        detail = f"it belongs to the MOCO account {pair.subdomain!r}, not to {config.moco.account!r}"
        return Check("database", Status.FAIL, detail, "set the old moco.url again, or use another database")
    free = _free_bytes(config)
    room = "" if free is None else f"; {free / 2**30:,.1f} GiB free"
    detail = f"schema {schema.head()}, sound, belongs to {bound_to}{room}"
    if free is not None and free < LOW_DISK:
        return Check("database", Status.WARN, detail, "make room on the disk of the database before a large run")
    return Check("database", Status.OK, detail)


def _free_bytes(config: Config) -> int | None:
    """Room beside a SQLite file; a server's own disk cannot be seen from here."""
    url = make_url(config.database.url)
    if url.get_backend_name() != "sqlite":
        return None
    return shutil.disk_usage(Path(str(url.database)).absolute().parent).free


def check_activecollab(place: Workplace) -> Check:
    """Whether the running ActiveCollab takes the token, and whether the files of the configuration are there."""
    section = place.config.activecollab
    try:
        told = [_server(place)] if section.url else []
        told += [_files(place.config)] if section.files and not section.url else []
    except LoginRefused as error:
        return Check("activecollab", Status.FAIL, error.message, error.hint, login=True)
    except MigratorError as error:
        return Check("activecollab", Status.FAIL, error.message, error.hint)
    if not told:
        return Check("activecollab", Status.SKIP, "neither activecollab.url nor activecollab.files is set")
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
    detail = f"{'; '.join(told)}; {staged.records:,} records read so far; times without a zone are {section.timezone}"
    if section.allow_http and section.url.startswith("http://"):
        return Check("activecollab", Status.WARN, f"{detail}; the token travels readable", "use https where you can")
    return Check("activecollab", Status.OK, detail)


def _server(place: Workplace) -> str:
    client = connect_source(place)
    try:
        info = client.fetch_info()
    finally:
        client.close()
        remember_requests(place, client)
    version = f" {info.system_version}" if info.system_version else ""
    return f"ActiveCollab{version} (generation {client.generation.value}) took the token"


def _files(config: Config) -> str:
    base = config.path.parent if config.path else Path.cwd()
    found = len(find_documents(config.activecollab.files, base))
    return f"{found} {'file' if found == 1 else 'files'} to read"
