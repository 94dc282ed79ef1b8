"""Changing time records as a person in the browser does: `updated_on` and `version` move on with every edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from migrator.sandbox.activecollab_records import State, TimeRecord
from migrator.sandbox.activecollab_state import ActiveCollabState

_FIELDS = frozenset(field.name for field in fields(TimeRecord)) - {"id"}


class Hand:
    """Adds and changes time records; checks nothing but that the fields exist."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def add(self, project_id: int, given: Mapping[str, object], *, by: int, record_id: int | None = None) -> TimeRecord:
        """Add a record; what is not given is as in a new form."""
        state, now = self._state, self._state.now()
        with state.lock:
            values: dict[str, object] = {"created_on": now, "created_by_id": by, "updated_by_id": by}
            values |= {"updated_on": given.get("created_on", now), **_known(given)}
            ident = record_id if record_id is not None else state.new_id(TimeRecord)
            return state.put_record(TimeRecord(id=ident, project_id=project_id, **values))  # type: ignore[arg-type]  # by name

    def change(self, record: TimeRecord, changes: Mapping[str, object], *, by: int) -> TimeRecord:
        """Edit a record, move it, or put it into another state."""
        with self._state.lock:
            now = self._state.now()
            moment: dict[str, object] = {"updated_on": now, "updated_by_id": by, "version": record.version + 1}
            if changes.get("state") is State.TRASHED:
                moment["trashed_on"] = now
            changed = replace(record, **(moment | _known(changes)))  # type: ignore[arg-type]  # names are checked
            return self._state.put_record(changed)


def _known(given: Mapping[str, object]) -> dict[str, object]:
    strange = given.keys() - _FIELDS
    if strange:
        raise ValueError(f"a time record has no {', '.join(sorted(strange))}; it has {', '.join(sorted(_FIELDS))}")
    return dict(given)
