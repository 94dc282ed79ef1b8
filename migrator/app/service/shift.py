"""Whose turn it is: of several services on one database one follows the schedule, the others stand by.

It is a lease by the database's clock. Who cannot renew it for longer than it lasts has to ask for it again before
anything new is begun; what is being written meanwhile is guarded by the lease of the run itself.
"""

from __future__ import annotations

import os
import socket
import threading

from sqlalchemy.exc import DBAPIError

from migrator.app import log
from migrator.app.wiring import RENEW_EVERY, Workplace
from migrator.errors import LockedByAnotherRun, MigratorError
from migrator.store import lease
from migrator.store.engine import writing
from migrator.store.lease import Right

COMMAND = "serve"


class Shift:
    """The right to follow the schedule; a thread renews it until `end`."""

    def __init__(self, place: Workplace, ttl: float = lease.TTL_SECONDS, renew_every: float = RENEW_EVERY) -> None:
        self._place = place
        self._ttl = ttl
        self._renew_every = renew_every
        self._epoch: int | None = None
        self._renewed_at = 0.0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self) -> bool:
        """Whether it is our turn, after asking for it where it was not; raises what an unreachable database raises."""
        if self._epoch is not None and self._place.clock.steady() - self._renewed_at < self._ttl / 2:
            return True
        had = self._epoch is not None
        mine = (had and self._renew()) or self._take()
        if mine and not had:
            log.tell(log.SHIFT_BEGAN)
        if had and not mine:
            log.warn(log.SHIFT_LOST)
        return mine

    def end(self) -> None:
        """Give it back, so that who stands by need not wait for it to run out."""
        self._over.set()
        epoch, self._epoch = self._epoch, None
        if epoch is not None:
            with writing(self._place.engine) as session:
                lease.release(session, epoch, Right.SERVE)

    def _take(self) -> bool:
        pid = os.getpid()
        began = self._place.clock.steady()
        try:
            with writing(self._place.engine) as session:
                epoch = lease.acquire(
                    session,
                    host=socket.gethostname(),
                    pid=pid,
                    process_started=lease.process_started(pid),
                    command=COMMAND,
                    ttl=self._ttl,
                    is_alive=lease.process_is_alive,
                    right=Right.SERVE,
                )
        except LockedByAnotherRun:
            return False
        self._epoch, self._renewed_at = epoch, began
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_renewing, name="shift", daemon=True)
            self._thread.start()
        return True

    def _renew(self) -> bool:
        epoch, began = self._epoch, self._place.clock.steady()
        if epoch is None:
            return False
        try:
            with writing(self._place.engine) as session:
                lease.renew(session, epoch, self._ttl, Right.SERVE)
        except LockedByAnotherRun:
            self._epoch = None
            return False
        self._renewed_at = began
        return True

    def _keep_renewing(self) -> None:
        while not self._over.wait(self._renew_every):
            try:
                self._renew()
            except (MigratorError, DBAPIError):
                # The main thread meets the same trouble, and says so.
                continue
