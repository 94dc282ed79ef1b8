"""Which record a person means: an id of ActiveCollab, a marker, or what waits in the inbox."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from migrator.core.model import Key, SourceId
from migrator.errors import UsageError
from migrator.store import inbox, remembered
from migrator.store.inbox import SavedItem

_NUMBER = re.compile(r"(i?)([1-9][0-9]{0,17})")
_HINT = "name it by its ActiveCollab id, its marker (ac:INSTANCE:ID), or an item of `migrator inbox list` like i17"


@dataclass(frozen=True, slots=True)
class Named:
    """A record by its id, or, where not even that could be read, by the inbox item about it."""

    source_id: SourceId | None
    item: SavedItem | None


def find_named(session: Session, name: str, instance: str) -> Named:
    """What `name` means. Raises `UsageError` where it means nothing, or nothing is remembered of it."""
    marked = Key.from_marker(name)
    number = _NUMBER.fullmatch(name)
    if marked is not None and marked.instance != instance:
        raise UsageError(f"{name} is a record of another ActiveCollab than {instance!r}", hint=_HINT)
    if number is not None and number[1]:
        item = inbox.item(session, int(number[2]))
        if item is None:
            raise UsageError(f"the inbox has no item {name!r}", hint="`migrator inbox list` shows them")
        return Named(item.new.source_id, item)
    if marked is None and number is None:
        raise UsageError(f"{name!r} names no record", hint=_HINT)
    source_id = marked.id if marked is not None else SourceId(int(number[2])) if number is not None else SourceId(0)
    if not remembered.is_known(session, source_id):
        raise UsageError(f"nothing is known of record {source_id}", hint="`migrator read` reads what is new; " + _HINT)
    return Named(source_id, None)
