"""The people whom a mapping asks to be created in MOCO, or why that cannot be: pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.core.mapping import MapAction, MapKind, Mapping, SourceMasters, TargetMasters
from migrator.core.model import MocoId, SourceId


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to be created, deactivated; the e-mail is the natural key. `there` is who has it in MOCO already."""

    source_id: SourceId
    firstname: str
    lastname: str
    email: str
    there: MocoId | None = None


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Who is to be created, and why others cannot be, by their ids in ActiveCollab."""

    people: tuple[Newcomer, ...] = ()
    impossible: dict[SourceId, str] = field(default_factory=dict)


def find_newcomers(mapping: Mapping, known: SourceMasters, there: TargetMasters) -> Newcomers:
    """Everybody whose row says `create` and who is not there yet."""
    by_email = {user.email.lower(): user.id for user in there.users.values() if user.email}
    people: list[Newcomer] = []
    impossible: dict[SourceId, str] = {}
    for row in mapping.rows.values():
        if row.kind is not MapKind.USER or row.action is not MapAction.CREATE or row.target_id is not None:
            continue
        user = known.users.get(row.source_id)
        firstname, _, lastname = (user.name.strip() if user else "").rpartition(" ")
        if user is None or not user.email:
            impossible[row.source_id] = "ActiveCollab did not tell the e-mail, by which MOCO knows a person"
        elif not firstname or not lastname:
            impossible[row.source_id] = "MOCO wants a first and a last name, and ActiveCollab has not both"
        else:
            email = user.email.lower()
            people.append(Newcomer(row.source_id, firstname.strip(), lastname, email, by_email.get(email)))
    return Newcomers(tuple(people), impossible)
