"""Looks at MOCO's days again though nothing seems to have changed: deletions and copies show only there.

The drift scan asks for what was updated; what somebody deleted is not in its answer. So the recent days are
listed whole in a rhythm, and older months in turn, each again within the period of the audit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from migrator.core.rechecks import Days, due_months, window_due
from migrator.moco.pacing import Priority
from migrator.store import looks, target
from migrator.store.engine import reading

if TYPE_CHECKING:
    from migrator.app.survey import Survey

AUDIT_PAGES = 20
"""Requests after which no other month is begun in the same run; one month that is due is always proved."""


def recheck(survey: Survey) -> dict[str, object]:
    """List the recent days, and some older months, when they are due; says which: `from` and `months`.

    What was not whole, or not reached, stays due.
    """
    place = survey.place
    rules, now = place.config.sync, place.clock.now()
    recent = place.clock.today() - timedelta(days=rules.window_days)
    with reading(place.engine) as session:
        listed_at = looks.window_listed_at(session)
        ours = looks.months_of_ours(session, before=recent)
        proved = looks.proved_at(session, ours)
    again = window_due(listed_at, rules.window_every, now)
    if again:
        survey.look_again(target.WINDOW, recent, None, Priority.SCAN)
    done: list[Days] = []
    before = survey.pages
    for month in due_months(proved, timedelta(days=rules.audit_days), now):
        if done and survey.pages - before >= AUDIT_PAGES:
            break
        survey.look_again(target.PART, month.first, month.last, Priority.AUDIT)
        done.append(month)
    return {"from": recent.isoformat() if again else None, "months": [month.month for month in done]}
