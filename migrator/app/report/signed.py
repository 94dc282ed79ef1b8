"""A report that was signed: read back from its `report.json`, and whether it is still as it was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from migrator.app.answer import Answer
from migrator.app.report.changed import changes
from migrator.app.report.json import SCHEMA
from migrator.app.report.json_text import fingerprint_of
from migrator.errors import ExitCode, UsageError

LARGEST = 256_000_000
"""Bytes; the report on 200,000 records has a twentieth of it."""

_HINT = "name the report.json that `migrator report` wrote"


@dataclass(frozen=True, slots=True)
class Signed:
    """One report; `document` is what its file says, trusted only where `genuine`."""

    file: str
    document: dict[str, Any]  # JSON
    told: str
    """The fingerprint that the file names."""
    computed: str
    """The one of what the file says."""

    @property
    def genuine(self) -> bool:
        """Whether nothing in the file was changed since its fingerprint was made."""
        return self.told == self.computed

    @property
    def plan(self) -> int | None:
        """The plan whose records it is about; None for all."""
        plan = self.document["scope"]["plan"]
        return None if plan is None else int(plan)

    @property
    def as_of(self) -> date:
        """Its day for open hours."""
        return date.fromisoformat(self.document["as_of"])

    @property
    def with_people(self) -> bool:
        """Whether it shows e-mail addresses; names that contain one read differently without."""
        return bool(self.document["with_people"])


def read_signed(path: Path) -> Signed:
    """Read one. Raises `UsageError` when the file is no report, whoever made it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: the report cannot be read: {error.strerror}", hint=_HINT) from error
    if len(content) > LARGEST:
        raise UsageError(f"{path}: larger than any report", hint=_HINT)
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: no JSON of a report: {error}", hint=_HINT) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{path}: expected a report of the schema {SCHEMA}", hint=_HINT)
    try:
        # Compared with itself it shows whether everything that is compared is there.
        changes(document, document)
        signed = Signed(path.name, document, str(document["fingerprint"]), fingerprint_of(document))
        _ = (signed.plan, signed.as_of, signed.with_people, signed.document["made_at"][:10])
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        told = f"{type(error).__name__}: {error}"
        raise UsageError(f"{path}: no report of this program: {told}", hint=_HINT) from error
    return signed


def tampered(signed: Signed) -> Answer:
    """The answer about a file that was changed since it was made: it proves nothing, so nobody asks MOCO."""
    verdict = (
        f"{signed.file} was changed after it was made: it names the fingerprint {signed.told[:16] or '(none)'}…, "
        f"and what it says has {signed.computed[:16]}…. Its figures prove nothing."
    )
    outcome = {"file": signed.file, "fingerprint": signed.told, "computed": signed.computed, "tampered": True}
    document: dict[str, object] = {
        "schema": "migrator.verify/1",
        "run": None,
        "verdict": verdict,
        "counts": {},
        "seconds": {},
        "differences": [],
        "requests": {},
        "against": {**outcome, "holds": False, "changes": []},
        "exit_code": int(ExitCode.DIFFERENCES),
    }
    return Answer(verdict, document, ExitCode.DIFFERENCES)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are unique: of two values a reader may see the one and the fingerprint mean the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number")
