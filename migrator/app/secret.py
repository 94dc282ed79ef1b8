"""Values that must never be shown, and the mask that keeps them out of everything a person or a file sees."""

from __future__ import annotations

import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "***"

# Shorter values would tear holes into ordinary words; those are still masked by the name of their key.
_SHORTEST: Final = 6
_known: set[str] = set()
_USER_AND_PASSWORD = re.compile(r"(?P<user>://[^\s/:@]*):[^\s/@]+@")


class Secret:
    """A text that shows itself only when asked to; empty means not given.

    Its value is registered on creation, so that `mask` removes it wherever else it turns up.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value
        register_secret(value)

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return MASK if self._value else ""

    __str__ = __repr__


def register_secret(value: str) -> None:
    """Let `mask` remove `value` from now on, also as it is written in URLs and in JSON."""
    if len(value) >= _SHORTEST:
        _known.update((value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]))


def mask(text: str) -> str:
    """`text` without any registered secret and without passwords inside URLs."""
    # The longest first: a secret may begin with another one.
    for value in sorted(_known, key=len, reverse=True):
        if value in text:
            text = text.replace(value, MASK)
    return _USER_AND_PASSWORD.sub(rf"\g<user>:{MASK}@", text) if "://" in text else text
