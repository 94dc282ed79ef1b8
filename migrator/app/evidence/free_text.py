"""What people and MOCO wrote, as a package may hold it: one harmless line, without secrets."""

from __future__ import annotations

from migrator.app.secret import mask
from migrator.core.report.typed import shown

_LONGEST = 2_000


def free_text(text: str, with_people: bool) -> str:
    """`text` in one line; e-mail addresses are masked unless `with_people`, secrets always."""
    return shown(mask(text), with_people, _LONGEST)
