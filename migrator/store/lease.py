"""The leases: one run writes at a time, whoever starts a second one, and one service works while others stand by."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from migrator.errors import LockedByAnotherRun
from migrator.store.account import fact, learn
from migrator.store.engine import APPLICATION, is_sqlite, now
from migrator.store.rows import upsert
from migrator.store.tables import Lease, utc


class Right(IntEnum):
    """What a lease gives the right to; each is a row of its own."""

    WRITE = 1
    """To write to MOCO: held for one run."""
    SERVE = 2
    """To do what the schedule says: held by a service for as long as it lives."""


_SINCE = {Right.WRITE: "lease_since", Right.SERVE: "lease_of_service_since"}
"""The facts that tell when a lease was taken."""

TTL_SECONDS = 60.0

FROZEN_SECONDS = 30.0
"""Below what is left of a lease when its holder freezes, and far above what any of our transactions waits for."""

IsAlive = Callable[[int, str], bool]
"""Whether the process of that number, started at that time, still runs on this host."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease; `expires_at` and `since` are the database's clock, seconds since 1970."""

    host: str
    pid: int
    process_started: str
    command: str
    epoch: int
    expires_at: float
    since: float = 0.0
    """0 when it was taken by an older version, which did not tell."""


def acquire(
    session: Session,
    host: str,
    pid: int,
    process_started: str,
    command: str,
    *,
    ttl: float = TTL_SECONDS,
    is_alive: IsAlive | None = None,
    right: Right = Right.WRITE,
) -> int:
    """Take the lease for `ttl` seconds of the database's clock; returns its epoch, higher than any before.

    An expired lease is taken over, and one whose holder is a dead process of this host at once. Raises
    `LockedByAnotherRun` naming the holder otherwise.
    """
    _cut_off_frozen(session)
    upsert(session, Lease, [{"id": right.value, "epoch": 0, "expires_at": 0.0}], keep=("epoch", "expires_at"))
    row = _locked(session, right)
    moment = now(session)
    found = _holder(session, row)
    if found is not None and found.expires_at > moment:
        alive = is_alive or process_is_alive
        if found.host != host or alive(found.pid, found.process_started):
            raise _locked_by(found)
    row.host, row.pid, row.process_started, row.command = host, pid, process_started, command
    row.epoch += 1
    row.expires_at = moment + ttl
    learn(session, _SINCE[right], repr(moment), utc(moment))
    session.flush()
    return row.epoch


def renew(session: Session, epoch: int, ttl: float = TTL_SECONDS, right: Right = Right.WRITE) -> None:
    """Hold the lease for another `ttl` seconds; raises `LockedByAnotherRun` when it was lost."""
    row = _own(session, epoch, right)
    row.expires_at = now(session) + ttl
    session.flush()


def check(session: Session, epoch: int) -> None:
    """Hold the lease until this transaction ends; raises `LockedByAnotherRun` when it was lost.

    One that expired but that nobody took is still ours: nobody wrote since, and nobody can before we commit.
    """
    _own(session, epoch, Right.WRITE)


def release(session: Session, epoch: int, right: Right = Right.WRITE) -> None:
    """Give the lease back; nothing happens when it is no longer ours."""
    row = _locked(session, right)
    if row.epoch == epoch:
        _clear(row)
        session.flush()


def holder(session: Session, right: Right = Right.WRITE) -> Holder | None:
    """Who holds a lease that has not expired; None when nobody does."""
    row = session.get(Lease, right.value)
    found = None if row is None else _holder(session, row)
    return found if found is not None and found.expires_at > now(session) else None


def last_epoch(session: Session) -> int:
    """The epoch of the last lease that was given; 0 when there was none."""
    return session.scalar(select(Lease.epoch).where(Lease.id == Right.WRITE.value)) or 0


def outdate(session: Session, epoch: int) -> None:
    """Free the lease and make sure that the next holder gets an epoch above `epoch`, whatever is stored."""
    upsert(session, Lease, [{"id": Right.WRITE.value, "epoch": 0, "expires_at": 0.0}], keep=("epoch", "expires_at"))
    row = _locked(session, Right.WRITE)
    row.epoch = max(row.epoch, epoch)
    _clear(row)
    session.flush()


def process_is_alive(pid: int, started: str) -> bool:
    """Whether process `pid` of this host runs and is the one of which `process_started` told `started`."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It runs, as somebody else.
        pass
    return not started or process_started(pid) in ("", started)


def process_started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty on systems that do not tell (Linux does)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets and may hold blanks; the start is field 22.
    return status.rpartition(")")[2].split()[19]


_FROZEN = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = :name
        AND state LIKE 'idle in transaction%' AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
        AND state_change < clock_timestamp() - make_interval(secs => :seconds)
""")


def _cut_off_frozen(session: Session) -> None:
    """End those connections of ours that stand still within a transaction that writes.

    Their process was stopped, or its machine fell asleep, and they would hold their locks, a lease's among them, from
    everybody else. PostgreSQL's own limit for this overlooks them after several statements at once (measured: version
    15). Nobody can be cut off from a file of SQLite; such a process has to be ended.
    """
    if not is_sqlite(session.get_bind().engine):
        session.execute(_FROZEN, {"name": APPLICATION, "seconds": FROZEN_SECONDS})


def _locked(session: Session, right: Right) -> Lease:
    query = select(Lease).where(Lease.id == right.value).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _own(session: Session, epoch: int, right: Right) -> Lease:
    row = _locked(session, right)
    if row.epoch == epoch and row.host is not None:
        return row
    found = _holder(session, row)
    if found is None:
        raise LockedByAnotherRun(
            "Another run took over the lease of this one and has ended.", hint="Run the same command again."
        )
    raise _locked_by(found)


def _clear(row: Lease) -> None:
    row.host = row.pid = row.process_started = row.command = None
    row.expires_at = 0.0


def _holder(session: Session, row: Lease) -> Holder | None:
    if row.host is None or row.pid is None:
        return None
    since = float(fact(session, _SINCE[Right(row.id)]) or 0)
    return Holder(row.host, row.pid, row.process_started or "", row.command or "", row.epoch, row.expires_at, since)


def _locked_by(found: Holder) -> LockedByAnotherRun:
    since = f" since {utc(found.since):%Y-%m-%d %H:%M:%S} UTC" if found.since else ""
    return LockedByAnotherRun(
        f"`{found.command}` is working{since}: process {found.pid} on {found.host} holds the lease until "
        f"{utc(found.expires_at):%Y-%m-%d %H:%M:%S} UTC and keeps renewing it.",
        hint="Wait until it ends, or stop it; a lease that is not renewed ends within a minute.",
    )
