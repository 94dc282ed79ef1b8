"""Names, at the end of a run, the hours that ActiveCollab invoiced and MOCO still shows open."""

from __future__ import annotations

from migrator.app.deciding import invoiced_in, marked_in
from migrator.app.wiring import Workplace
from migrator.store.billing import OpenInvoices, open_invoices
from migrator.store.engine import reading


def find_open(place: Workplace) -> OpenInvoices:
    """What is open; where the policy bills paid records anew, those are meant, though nothing marks them."""
    with reading(place.engine) as session:
        return open_invoices(session, marked_in(place.config) or invoiced_in(place.config))


def open_as_json(found: OpenInvoices) -> dict[str, object]:
    """As `apply`, `sync` and `billed` answer it; `since_last_billed` has all while no `billed` was completed."""
    return {
        **found.whole.as_json(),
        "since_last_billed": found.since.as_json(),
        "last_billed_run": found.last_run,
    }


def open_in_words(place: Workplace, found: OpenInvoices) -> list[str]:
    """One line, none when nothing is open or the policy wants it so."""
    if not found.whole.records or not marked_in(place.config):
        return []
    line = f"Invoiced in ActiveCollab and still open in MOCO: {found.whole}"
    if found.last_run is not None and found.since.records:
        line += f", of which {found.since} came since the last `migrator billed` (run {found.last_run})"
    return [f"{line}. `migrator billed --dry-run` shows what marking them would do."]
