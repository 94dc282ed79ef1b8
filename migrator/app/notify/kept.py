"""What was told and what is still to be delivered, kept in the database; in memory while that cannot be reached."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from migrator.app import log
from migrator.app.wiring import Workplace
from migrator.core.alerts import Alarm, Memory, Row, Trouble
from migrator.core.outbox import Channel, Delivery, Letter, Outbox
from migrator.core.outcomes import Kind
from migrator.errors import MigratorError
from migrator.store import account
from migrator.store.engine import reading, writing

FACT: Final = "alerts"


@dataclass(frozen=True, slots=True)
class Kept:
    """One value, so that a trouble is remembered as told if and only if its letter is in the outbox."""

    memory: Memory = field(default_factory=Memory)
    outbox: Outbox = ()


class Keeper:
    """Changes what is kept, one change after the other, whichever process makes it; never fails."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._last = Kept()
        self._unsaved: Kept | None = None

    def change(self, edit: Callable[[Kept], Kept]) -> Kept:
        """What is kept after `edit`; while the database is gone it is kept here and saved when it is back."""
        with self._lock:
            try:
                with writing(self._place.engine) as session:
                    text = account.held_fact(session, FACT, self._place.clock.now())
                    kept = edit(self._unsaved or _from_json(text))
                    account.learn(session, FACT, _to_json(kept), self._place.clock.now())
            except (MigratorError, SQLAlchemyError):
                log.tell(log.ALERTS_UNSAVED)
                kept = self._unsaved = edit(self._unsaved or self._last)
            else:
                self._unsaved = None
            self._last = kept
            return kept

    def look(self) -> Kept:
        """What is kept now."""
        with self._lock:
            if self._unsaved is None:
                try:
                    with reading(self._place.engine) as session:
                        self._last = _from_json(account.fact(session, FACT) or "")
                except (MigratorError, SQLAlchemyError):
                    log.tell(log.ALERTS_UNSAVED)
            return self._unsaved or self._last


# -- JSON ----------------------------------------------------------------------------------------------------------


def _to_json(kept: Kept) -> str:
    memory = kept.memory
    return json.dumps(
        {
            "troubles": [
                [each.alarm.value, each.work.value, each.about, told.isoformat()]
                for each, told in memory.troubles.items()
            ],
            "rows": {
                work.value: [row.failures, _text(row.since), _text(row.succeeded)] for work, row in memory.rows.items()
            },
            "digest_on": memory.digest_on.isoformat() if memory.digest_on else None,
            "digest": dict(memory.digest),
            "outbox": [_delivery_to_json(each) for each in kept.outbox],
        },
        ensure_ascii=False,
    )


def _from_json(text: str) -> Kept:
    try:
        return _understood(json.loads(text)) if text else Kept()
    except (ValueError, KeyError, TypeError, AttributeError):
        # Written by another version, or by hand: rather told twice than never again.
        log.warn(log.ALERTS_UNSAVED)
        return Kept()


def _understood(told: Mapping[str, Any]) -> Kept:
    memory = Memory(
        troubles={
            Trouble(Alarm(alarm), Kind(kind), about): datetime.fromisoformat(at)
            for alarm, kind, about, at in told["troubles"]
        },
        rows={
            Kind(kind): Row(failures, _moment(since), _moment(succeeded))
            for kind, (failures, since, succeeded) in told["rows"].items()
        },
        digest_on=date.fromisoformat(told["digest_on"]) if told["digest_on"] else None,
        digest=told["digest"],
    )
    return Kept(memory, tuple(_delivery_from_json(each) for each in told["outbox"]))


def _delivery_to_json(each: Delivery) -> dict[str, object]:
    letter = each.letter
    return {
        "id": letter.id,
        "made": letter.made.isoformat(),
        "subject": letter.subject,
        "text": letter.text,
        "series": letter.series,
        "channel": each.channel.value,
        "due": each.due.isoformat(),
        "tries": each.tries,
    }


def _delivery_from_json(told: Mapping[str, Any]) -> Delivery:
    made = datetime.fromisoformat(told["made"])
    letter = Letter(told["id"], made, told["subject"], told["text"], told["series"])
    return Delivery(letter, Channel(told["channel"]), datetime.fromisoformat(told["due"]), told["tries"])


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
