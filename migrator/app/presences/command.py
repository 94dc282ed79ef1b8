"""`presences`: working times in MOCO, derived from the days' records; a day that has a presence is never touched."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.carrying import Carrier
from migrator.app.limits import Limits
from migrator.app.presences.answer import answer_of
from migrator.app.presences.looking import Looker, looker
from migrator.app.presences.writing import DayWriter
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.trouble import Trouble
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.actions import Word
from migrator.errors import LockedByAnotherRun, MigratorError, UsageError
from migrator.moco.client import MocoReader
from migrator.store import totals, working_days
from migrator.store.engine import reading

RUN_KIND = "presences"
"""The kind of a run that writes; a dry run has another."""

DRY_KIND = f"{RUN_KIND}-dry"


@dataclass(frozen=True, slots=True)
class PresenceWords:
    """The options of `presences` as typed."""

    dry_run: bool = False


def derive_presences(place: Workplace, words: PresenceWords) -> Answer:
    """Write the working times of all closed days; a dry run only looks and says what would be written.

    Raises `UsageError` when presences are switched off, or nothing was read yet.
    """
    if not place.config.presences.enabled:
        raise UsageError(
            "presences are switched off",
            hint="set presences.enabled = true to have working times derived from the days' records",
        )
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
    if staged.records == 0 and staged.rejects_without_key == 0:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    return _look_only(place) if words.dry_run else _write(place)


def _write(place: Workplace) -> Answer:
    with leased(place, RUN_KIND) as epoch:
        window = open_window(place)
        writer = connect_writer(place, window)
        with started(place, RUN_KIND) as run_id:
            carrier = Carrier(place, writer, window, run_id, epoch)
            unsettled = recover(carrier)
            found = looker(place, writer, run_id)
            carrier.deactivated = found.decider.deactivated
            stop: MigratorError | None = None
            try:
                DayWriter(carrier, Limits(place.clock), Trouble(), looker=found).run()
            except LockedByAnotherRun:
                raise
            except MigratorError as error:
                stop = error
            return _ended(place, run_id, found, writer, stop=stop, unsettled=unsettled)


def _look_only(place: Workplace) -> Answer:
    """The dry run: the same looking, and GET only; what would be written counts as created."""
    reader = connect_reader(place)
    with started(place, DRY_KIND) as run_id:
        found = looker(place, reader, run_id)
        with place.progress.phase("presences", found.book.whole.days) as bar:
            for person in sorted(found.people):
                before = found.book.days.total()
                for each in found.look(person, found.days_of(person)):
                    found.book.count(each.worked, Word.CREATED)
                    found.book.spans += len(each.spans)
                bar.advance(found.book.days.total() - before)
        return _ended(place, run_id, found, reader, dry_run=True)


def _ended(
    place: Workplace,
    run_id: int,
    found: Looker,
    client: MocoReader,
    *,
    dry_run: bool = False,
    stop: MigratorError | None = None,
    unsettled: int = 0,
) -> Answer:
    found.book.close(stopped=stop is not None)
    with reading(place.engine) as session:
        left_out = working_days.stand_in_time(session, found.stand_ins)
    answer = answer_of(
        run_id, found.book, left_out, dict(client.requests), dry_run=dry_run, stop=stop, unsettled=unsettled
    )
    ended(place, run_id, answer.exit_code, answer.document)
    return answer
