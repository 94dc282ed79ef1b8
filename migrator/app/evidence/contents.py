"""The small documents of a package: the run, the versions, the configuration, the inputs, the mapping, the plan."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import migrator
from migrator.app.config import Config, show
from migrator.app.evidence.free_text import free_text
from migrator.app.evidence.verify import BLOCK
from migrator.app.explain.raw import find_files
from migrator.core.mapping import MapRow
from migrator.core.model import Origin
from migrator.store import account, proof, remembered, schema, source
from migrator.store.plans import SavedPlan
from migrator.store.runs import SavedRun

LEFT_OUT = "(left out; it is there with --with-people)"

LIBRARIES = ("SQLAlchemy", "alembic", "requests", "urllib3", "lxml", "ijson", "pydantic", "typer", "structlog")

_PERSONAL = frozenset({"database.url", "scope.users", "scope.projects", "provision.leader", "network.ca_file"})
_PERSONAL_SECTIONS = ("notify.",)

_TOTALS = (
    *("is_noop", "counts", "seconds", "actions", "by_year", "to_create", "to_reopen", "requests", "requests_needed"),
    *("phases", "eta_seconds", "undo_requests", "undo_seconds", "point_of_no_return", "blocked", "pilot", "digest"),
)
"""What a plan says of itself that names nobody."""

_SAFE_ENDS = (0, 3, 4)
"""Exit codes of runs whose verdict is made of numbers; others end with a message that may name people."""

MAPPING_COLUMNS = ("kind", "source_id", "action", "target_id", "cutover", "decided_by", "note")


def run_told(session: Session, run: SavedRun, with_people: bool) -> dict[str, object]:
    """The run: what, when, how it ended, with which versions, between which accounts."""
    pair = account.bound(session)
    named = with_people or run.exit_code in _SAFE_ENDS
    return {
        "run": run.id,
        "kind": run.kind,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "exit_code": run.exit_code,
        "verdict": free_text(run.verdict, with_people) if named else LEFT_OUT,
        "counts": json.loads(run.counts),
        "seconds": json.loads(run.seconds),
        "requests": json.loads(run.requests),
        "approved_by": run.approved_by if with_people else LEFT_OUT if run.approved_by else "",
        "made_by": run.made_by if with_people else LEFT_OUT if run.made_by else "",
        "program": run.program,
        "instance": pair.instance if pair else None,
        "moco": pair.subdomain if pair else None,
    }


def versions_told() -> dict[str, object]:
    """The versions that made the package."""
    libraries: dict[str, str] = {}
    for name in LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = "not installed"
    return {
        "program": migrator.__version__,
        "python": platform.python_version(),
        "libraries": libraries,
        "schema": schema.head(),
    }


def configuration_told(config: Config, with_people: bool) -> list[dict[str, str]]:
    """Every setting, without secrets; without people also without what may name one."""
    settings = []
    for key, value, _ in show(config):
        personal = (key in _PERSONAL or key.startswith(_PERSONAL_SECTIONS)) and value not in {'""', "[]"}
        told = LEFT_OUT if personal and not with_people else free_text(value, with_people)
        settings.append({"key": key, "value": told})
    return settings


def inputs_told(session: Session, config: Config) -> list[dict[str, object]]:
    """Every document that was read, and the SHA-256 of its file where that still exists as it is now."""
    known: dict[Path, tuple[str, int]] = {}
    told = []
    for document in source.list_documents(session):
        origin = Origin(document.name, 0)
        file, member = (None, "") if origin.live else next(find_files(config, origin), (None, ""))
        digest, size = ("", 0) if file is None else known.get(file) or known.setdefault(file, _digest_of(file))
        one: dict[str, object] = {
            "name": document.name,
            "read_by_run": document.read_run,
            "entries": document.entries,
            "rejects": document.rejects,
            "expenses": document.expenses,
            "problem": free_text(document.problem, False),
        }
        told.append(one | {"sha256": digest, "bytes": size, "member": member, "where": _where(origin, digest)})
    return told


def _where(origin: Origin, digest: str) -> str:
    if origin.live:
        return "a running ActiveCollab"
    return "a file" if digest else "a file that is not there any more, or cannot be read"


def _digest_of(file: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as stream:
            for block in iter(lambda: stream.read(BLOCK), b""):
                digest.update(block)
                size += len(block)
    except OSError:
        return "", 0
    return digest.hexdigest(), size


def mapping_told(session: Session, number: int, with_people: bool) -> dict[str, object]:
    """Which version of the mapping, and how it came about."""
    made = remembered.version_made(session, number)
    return {
        "version": number,
        "created_at": made.created_at.isoformat() if made else None,
        "made_by": (made.made_by if with_people else LEFT_OUT) if made and made.made_by else "",
        "origin": (made.origin if with_people else LEFT_OUT) if made and made.origin else "",
    }


def mapping_rows(rows: Sequence[MapRow], with_people: bool) -> Iterator[tuple[object, ...]]:
    """The mapping row by row, by kind and id."""
    for row in sorted(rows, key=lambda each: (each.kind.value, each.source_id)):
        decided_by = "exact match" if row.exact else "a person"
        cutover = row.cutover.isoformat() if row.cutover else ""
        note = free_text(row.note, True) if with_people else ""
        yield row.kind.value, row.source_id, row.action.value, row.target_id, cutover, decided_by, note


def plan_told(session: Session, plan: SavedPlan | None, with_people: bool) -> dict[str, object]:
    """What the plan says of itself; `rows` are its rows by action, counted by the database."""
    if plan is None:
        return {"plan": None, "rows": {}}
    totals: dict[str, Any] = json.loads(plan.totals)
    kept = totals if with_people else {name: totals[name] for name in _TOTALS if name in totals}
    counted = proof.rows_of_plan(session, plan.id)
    return {
        "plan": plan.id,
        "made_by_run": plan.run_id,
        "carried_out_by_run": plan.apply_run,
        "created_at": plan.created_at.isoformat(),
        "source_version": plan.source_version,
        "mapping_version": plan.mapping_version,
        "policy_digest": plan.policy_digest,
        "totals": kept,
        "rows": {action: {"records": records, "seconds": seconds} for action, (records, seconds) in counted.items()},
    }
