"""The pair of accounts a database belongs to, and what was learned about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from migrator.errors import RefusedByGate
from migrator.store.rows import upsert
from migrator.store.tables import Account, Fact

_ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """The accounts of a database; the MOCO side is None until it was first asked."""

    instance: str
    subdomain: str | None
    session_uuid: str | None


def bind(session: Session, instance: str, subdomain: str | None, now: datetime) -> Pair:
    """Remember the pair of accounts at the first use; afterwards insist on it.

    `subdomain` None leaves the MOCO side open. Raises `RefusedByGate` naming both pairs when they differ.
    """
    known = session.get(Account, _ONLY_ROW)
    if known is None:
        known = Account(id=_ONLY_ROW, instance=instance, moco_subdomain=subdomain, session_uuid=None, bound_at=now)
        session.add(known)
        session.flush()
    other_target = subdomain is not None and known.moco_subdomain not in (None, subdomain)
    if known.instance != instance or other_target:
        raise RefusedByGate(
            f"This database belongs to the ActiveCollab {known.instance!r} and the MOCO account "
            f"{known.moco_subdomain or '(none yet)'!r}, not to {instance!r} and {subdomain or '(none)'!r}.",
            hint="Set the old accounts again, or use another database for the new pair.",
        )
    if known.moco_subdomain is None and subdomain is not None:
        known.moco_subdomain = subdomain
        session.flush()
    return _pair(known)


def bound(session: Session) -> Pair | None:
    """The pair this database belongs to; None before its first use."""
    known = session.get(Account, _ONLY_ROW)
    return None if known is None else _pair(known)


def remember_session(session: Session, uuid: str) -> str | None:
    """Store the `uuid` of MOCO's session answer; returns the one known before, None at first."""
    known = session.get_one(Account, _ONLY_ROW)
    before = known.session_uuid
    known.session_uuid = uuid
    session.flush()
    return before


def learn(session: Session, name: str, value: str, now: datetime) -> None:
    """Remember a fact under `name` (at most 60 characters), in place of an older one."""
    upsert(session, Fact, [{"name": name, "value": value, "learned_at": now}])


def fact(session: Session, name: str) -> str | None:
    """What was learned under `name`; None when nothing was."""
    return session.scalar(select(Fact.value).where(Fact.name == name))


def held_fact(session: Session, name: str, now: datetime) -> str:
    """What was learned under `name`, which nobody else can change until this transaction ends; "" when nothing was."""
    upsert(session, Fact, [{"name": name, "value": "", "learned_at": now}], keep=("value", "learned_at"))
    return session.scalars(select(Fact.value).where(Fact.name == name).with_for_update()).one()


def facts_named(session: Session, prefix: str) -> dict[str, str]:
    """Everything learned under names that begin with `prefix`."""
    query = select(Fact.name, Fact.value).where(Fact.name.startswith(prefix, autoescape=True))
    return {row.name: row.value for row in session.execute(query)}


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact, and when it was learned."""

    value: str
    at: datetime


def learned(session: Session) -> dict[str, Learned]:
    """Every fact by its name."""
    return {row.name: Learned(row.value, row.learned_at) for row in session.scalars(select(Fact))}


def forget(session: Session, name: str) -> None:
    """Forget what was learned under `name`."""
    session.execute(delete(Fact).where(Fact.name == name))


def _pair(row: Account) -> Pair:
    return Pair(row.instance, row.moco_subdomain, row.session_uuid)
