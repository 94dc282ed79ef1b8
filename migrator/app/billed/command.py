"""`billed`: marks in MOCO what ActiveCollab had already invoiced, company by company, only what is verified.

It is final: MOCO has no way back, so `undo` leaves these records where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.billed.answer import answer_of
from migrator.app.billed.asking import Asker
from migrator.app.billed.book import BilledBook
from migrator.app.billed.invoiced import find_open
from migrator.app.billed.looking import Looker
from migrator.app.carrying import Carrier
from migrator.app.deciding import Decider, load_decider, marked_in
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.survey import Survey
from migrator.app.trouble import Trouble
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.billed import REFUSED, Candidate, Marking, requests_of
from migrator.errors import MigratorError, UsageError
from migrator.moco.reading import MocoReader
from migrator.store import inbox, totals
from migrator.store.billing import RUN_KIND, open_candidates
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind

DRY_KIND = f"{RUN_KIND}-dry"


@dataclass(frozen=True, slots=True)
class BilledWords:
    """The options of `billed` as typed."""

    dry_run: bool = False


def question(place: Workplace) -> str:
    """What a person confirms; empty when nothing is known that could be marked."""
    if not marked_in(place.config):
        return ""
    found = find_open(place).whole
    if not found.records:
        return ""
    return (
        f"Up to {found} are marked as already billed in MOCO. This is final: MOCO has no way back, "
        "and `undo` does not reach them any more."
    )


def mark_billed(place: Workplace, words: BilledWords) -> Answer:
    """Mark what is verified; a dry run only looks and says what would be done.

    Raises `UsageError` when the policy leaves invoiced records billable, or nothing was read yet.
    """
    if not marked_in(place.config):
        raise UsageError(
            'policy.billed = "billable" leaves the records that ActiveCollab invoiced open in MOCO',
            hint='set policy.billed = "disregard" to mark them as already billed',
        )
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
    if staged.records == 0 and staged.rejects_without_key == 0:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    return _look_only(place) if words.dry_run else _mark(place)


def _mark(place: Workplace) -> Answer:
    with leased(place, RUN_KIND) as epoch:
        window = open_window(place)
        writer = connect_writer(place, window)
        with started(place, RUN_KIND) as run_id:
            carrier = Carrier(place, writer, window, run_id, epoch)
            unsettled = recover(carrier)
            looker = _looker(place, writer, run_id)
            asker = Asker(carrier, looker, looker.book, Trouble())
            stop: MigratorError | None = None
            try:
                asker.run(_requests(place))
            except MigratorError as error:
                stop = error
            if stop is None:
                _close_refusals_of_the_past(place, run_id)
            sent = dict(writer.requests)
            answer = answer_of(place, run_id, looker.decider, looker.book, sent, stop=stop, unsettled=unsettled)
            ended(place, run_id, answer.exit_code, answer.document)
            return answer


def _look_only(place: Workplace) -> Answer:
    """The dry run: the same looking, and GET only."""
    reader = connect_reader(place)
    with started(place, DRY_KIND) as run_id:
        looker = _looker(place, reader, run_id)
        for request in _requests(place):
            verified = looker.verified(request)
            looker.book.requests += bool(verified)
            for each in verified:
                looker.book.count(each.candidate, Marking.PENDING)
        answer = answer_of(place, run_id, looker.decider, looker.book, dict(reader.requests), dry_run=True)
        ended(place, run_id, answer.exit_code, answer.document)
        return answer


def _looker(place: Workplace, reader: MocoReader, run_id: int) -> Looker:
    """Bring the picture of MOCO up to date, then sum what is open in it."""
    survey = Survey(place, reader, run_id)
    decider: Decider = load_decider(place, survey.refresh_masters())
    survey.scan()
    survey.prove_missing()
    companies = {company.id: company.name for company in decider.there.companies.values()}
    book = BilledBook(find_open(place).whole, companies)
    return Looker(place, reader, decider, run_id, book)


def _requests(place: Workplace) -> Iterator[tuple[Candidate, ...]]:
    return requests_of(open_candidates(place.engine, marked_in(place.config)), place.config.moco.bulk_size)


def _close_refusals_of_the_past(place: Workplace, run_id: int) -> None:
    """What MOCO refused once and this run did not meet any more waits no longer."""
    with writing(place.engine) as session:
        inbox.close_unseen(session, run_id, [ItemKind.QUARANTINED], only=REFUSED)
