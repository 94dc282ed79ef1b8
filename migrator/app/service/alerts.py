"""Tells people how scheduled work ended, in threads of its own: no mail server can hold up or fail a run."""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from migrator.app import log
from migrator.app.notify.kept import Keeper, Kept
from migrator.app.notify.posting import Ping, Poster
from migrator.app.notify.ways import Ways, ways_of
from migrator.app.notify.words import letter_of
from migrator.app.service.listeners import Listener
from migrator.app.wiring import Workplace
from migrator.core.alerts import Digest, Message, Waiting, after, digest_of
from migrator.core.outbox import (
    Delivery,
    Letter,
    arrived,
    attempted,
    first_due,
    next_due,
    only_over,
    put,
    without_old,
)
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode, MigratorError
from migrator.store import inbox
from migrator.store.engine import reading

DIGESTS: Final = "digest"
_LONGEST_WAIT: Final = 60.0
"""Seconds between looks at the outbox: another process may have left something in it."""

_PING_AGAIN: Final = (2.0, 10.0)
"""Seconds between attempts of a ping; the next scheduled one says more than a late one."""

Wait = Callable[[float], bool]
"""Waits so many seconds, or until the service ends, which it then says."""


def listeners_of(place: Workplace) -> list[Listener]:
    """Who hears of the work of a service, at work already."""
    alerts = Alerts(place)
    alerts.start()
    return [alerts]


class Alerts:
    """Hears of scheduled work; what it has to tell is decided, written down and sent by `work`, in its own thread."""

    def __init__(self, place: Workplace, ways: Ways | None = None) -> None:
        self._place = place
        self._ways = ways_of(place.config) if ways is None else ways
        self._keeper = Keeper(place)
        self._zone = ZoneInfo(place.config.schedule.timezone)
        self._heard: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._heart = Heart(self._ways.heartbeat) if self._ways.heartbeat else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin to work, with what an earlier life left in the outbox."""
        if self._ways.people:
            self._thread.start()
        if self._heart is not None:
            self._heart.start()

    def began(self, kind: Kind, at: datetime) -> None:
        """A sync begins: the dead man's switch hears so."""
        if self._heart is not None and kind is Kind.SYNC:
            self._heart.beat(Ping.START)

    def ended(self, outcome: Outcome) -> None:
        """Work ended."""
        ping = ping_of(outcome)
        if self._heart is not None and ping is not None:
            self._heart.beat(ping)
        if self._ways.people:
            self._heard.put(outcome)

    def close(self, within: float) -> None:
        """Write down what was heard, and try for a moment to send it; what does not arrive is sent by the next life."""
        self._stop.set()
        self._heard.put(None)
        if self._heart is not None:
            self._heart.close()
        ends = self._place.clock.steady() + within
        if self._thread.is_alive():
            self._thread.join(within)
        if self._heart is not None:
            self._heart.join(max(0.0, ends - self._place.clock.steady()))

    # -- in its own thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        going = True
        while going:
            try:
                going = self._turn()
            except Exception as error:
                # A defect of ours in one letter must not silence all that come after it.
                log.failed(log.ALERT_NOT_SENT, error)
                going = not self._stop.wait(1)

    def _turn(self) -> bool:
        """Send what is due, then wait for news or the next attempt; returns whether to go on."""
        self.deliver()
        try:
            heard = self._heard.get(timeout=self._pause())
        except queue.Empty:
            return True
        if heard is not None:
            self.hear(heard)
        if heard is None and self._stop.is_set():
            self.deliver()
            return False
        return True

    def hear(self, outcome: Outcome) -> None:
        """Decide what an outcome gives to tell, and put it into the outbox, in one step."""
        if outcome.kind is Kind.DIGEST:
            self._digest()
            return

        def edit(kept: Kept) -> Kept:
            memory, message = after(kept.memory, outcome)
            return Kept(memory, kept.outbox if message is None else self._with(kept, message))

        self._keeper.change(edit)

    def _digest(self) -> None:
        try:
            waiting = waiting_now(self._place)
        except (MigratorError, SQLAlchemyError):
            # Tomorrow is another day; what waits does not go away.
            return
        day = self._place.clock.now().astimezone(self._zone).date()

        def edit(kept: Kept) -> Kept:
            memory, digest = digest_of(kept.memory, day, waiting)
            return Kept(memory, kept.outbox if digest is None else self._with(kept, digest))

        self._keeper.change(edit)

    def _with(self, kept: Kept, message: Message) -> tuple[Delivery, ...]:
        now = self._place.clock.now()
        subject, text = letter_of(message, account_of(self._place), self._zone)
        series = DIGESTS if isinstance(message, Digest) else ""
        return put(kept.outbox, Letter(uuid.uuid4().hex, now, subject, text, series), tuple(self._ways.people), now)

    def deliver(self) -> None:
        """Send what is due, one after the other; each attempt is written down before it is made."""
        while (delivery := first_due(self._keeper.look().outbox, self._place.clock.now())) is not None:
            self._attempt(delivery)

    def _attempt(self, delivery: Delivery) -> None:
        now = self._place.clock.now()
        told = {"channel": delivery.channel.value, "letter": delivery.letter.id}
        old: list[Delivery] = []
        claimed: list[Delivery] = []

        def claim(kept: Kept) -> Kept:
            outbox, given_up = without_old(only_over(kept.outbox, tuple(self._ways.people)), now)
            old[:] = given_up
            # Another process may have sent it meanwhile.
            claimed[:] = [each for each in outbox if each == delivery]
            return Kept(kept.memory, attempted(outbox, delivery, now) if claimed else outbox)

        self._keeper.change(claim)
        for each in old:
            log.warn(log.ALERT_GIVEN_UP, channel=each.channel.value, letter=each.letter.id)
        if not claimed:
            return
        try:
            refused = self._ways.send(delivery.channel, delivery.letter)
        except MigratorError as error:
            log.warn(log.ALERT_NOT_SENT, **told, tries=delivery.tries + 1, error=error.message)
            return
        self._keeper.change(lambda kept: Kept(kept.memory, arrived(kept.outbox, delivery)))
        if refused:
            log.warn(log.ALERT_NOT_SENT, **told, recipients=refused, error="the mail server refused some recipients")
        log.tell(log.ALERT_SENT, **told)

    def _pause(self) -> float:
        due = next_due(self._keeper.look().outbox)
        left = _LONGEST_WAIT if due is None else (due - self._place.clock.now()).total_seconds()
        return min(max(left, 0.1), _LONGEST_WAIT)


class Heart:
    """Pings a dead man's switch in its own thread, in order; a ping that a later one has overtaken is left out."""

    def __init__(self, poster: Poster, wait: Wait | None = None) -> None:
        self._poster = poster
        self._beats: queue.SimpleQueue[Ping | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to ping."""
        self._thread.start()

    def beat(self, ping: Ping) -> None:
        """Have a ping sent, soon."""
        self._beats.put(ping)

    def close(self) -> None:
        """Send what is left, once."""
        self._stop.set()
        self._beats.put(None)

    def join(self, within: float) -> None:
        """Wait for the last ping, for so many seconds at most."""
        if self._thread.is_alive():
            self._thread.join(within)

    def _run(self) -> None:
        while (ping := self._beats.get()) is not None:
            self._send(ping)

    def _send(self, ping: Ping) -> None:
        for pause in (*_PING_AGAIN, None):
            try:
                self._poster.ping(ping)
            except MigratorError as error:
                log.warn(log.HEARTBEAT_NOT_SENT, ping=ping.name.lower(), error=error.message)
            else:
                return
            if pause is None or not self._beats.empty() or self._wait(pause):
                return


def ping_of(outcome: Outcome) -> Ping | None:
    """What a dead man's switch hears of the end of work: of syncs alone, and nothing of one that was interrupted.

    While another run holds the right to write the schedule is as alive as can be.
    """
    if outcome.kind is not Kind.SYNC or outcome.code is ExitCode.INTERRUPTED:
        return None
    return Ping.SUCCESS if outcome.good or outcome.code is ExitCode.LOCKED else Ping.FAIL


def waiting_now(place: Workplace) -> Mapping[str, Waiting]:
    """What waits for a person, by kind."""
    found: dict[str, Waiting] = {}
    with reading(place.engine) as session:
        for each in inbox.open_groups(session):
            before = found.get(each.kind.value, Waiting(0, 0))
            found[each.kind.value] = Waiting(before.records + each.records, before.seconds + each.seconds)
    return found


def account_of(place: Workplace) -> str:
    """What a letter calls the pair of accounts."""
    return f"{place.config.activecollab.instance} → {place.config.moco.account}"
