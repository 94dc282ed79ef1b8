"""Activities as they are in MOCO now, read just before something is done to them."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.core.model import MocoId, TargetEntry
from migrator.moco.client import MocoReader
from migrator.moco.pacing import Priority
from migrator.moco.scan import scan_ids

READ_AGAIN_AFTER = 60.0
"""Seconds after which a reading is too old to act upon; a hundred writes of MOCO's smaller plan take longer."""


def read_present(reader: MocoReader, ids: Sequence[MocoId]) -> dict[MocoId, TargetEntry]:
    """Those of at most 100 activities that are there; each that is left out is proved gone."""
    present = {entry.id: entry for page in scan_ids(reader, ids, priority=Priority.PROOF) for entry in page}
    for activity_id in ids:
        if activity_id not in present:
            # Absence from a list proves nothing; only the activity's own address does.
            entry = reader.fetch_activity(activity_id, priority=Priority.PROOF)
            if entry is not None:
                present[activity_id] = entry
    return present
