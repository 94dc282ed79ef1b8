"""Cookies and forms that only this service can have made, signed with a key that its processes share."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final

from migrator.app.wiring import Workplace
from migrator.store import account
from migrator.store.engine import writing

FACT: Final = "console_key"
LASTS: Final = timedelta(hours=12)
"""How long a login holds."""

_PARTS: Final = 3


class Seals:
    """Makes and checks sessions and the tokens of their forms. Share it between threads.

    A session is `EXPIRES.NONCE.SEAL`; the seal covers the console's token too, so that a new token ends every session.
    """

    def __init__(self, place: Workplace, token: str) -> None:
        self._place = place
        self._token = hashlib.sha256(token.encode()).hexdigest()
        self._key = ""
        self._lock = threading.Lock()

    def new_session(self, now: datetime) -> str:
        """A session that holds from now on."""
        expires, nonce = int((now + LASTS).timestamp()), secrets.token_urlsafe(16)
        return f"{expires}.{nonce}.{self._sealed('session', f'{expires}.{nonce}')}"

    def holds(self, session: str, now: datetime) -> bool:
        """Whether we made this session, and it has not expired."""
        parts = session.split(".")
        if len(parts) != _PARTS or not (parts[0].isascii() and parts[0].isdigit()):
            return False
        genuine = same(parts[2], self._sealed("session", f"{parts[0]}.{parts[1]}"))
        return genuine and int(parts[0]) > now.timestamp()

    def form_token(self, session: str) -> str:
        """What every form of a session has to carry: another site can neither read nor guess it."""
        return self._sealed("form", session)

    def _sealed(self, purpose: str, text: str) -> str:
        message = f"{purpose}|{self._token}|{text}".encode()
        return hmac.new(self._shared_key().encode(), message, hashlib.sha256).hexdigest()

    def _shared_key(self) -> str:
        with self._lock:
            if not self._key:
                now = self._place.clock.now()
                with writing(self._place.engine) as session:
                    known = account.held_fact(session, FACT, now)
                    if not known:
                        known = secrets.token_hex(32)
                        account.learn(session, FACT, known, now)
                self._key = known
            return self._key


def same(given: str, expected: str) -> bool:
    """Whether two texts agree, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
