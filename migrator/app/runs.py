"""Begins and ends runs in the database, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from sqlalchemy.exc import DBAPIError

from migrator import __version__
from migrator.app import log
from migrator.app.operator import operator
from migrator.app.wiring import Workplace
from migrator.errors import ExitCode, LockedByAnotherRun, MigratorError
from migrator.store import runs
from migrator.store.engine import writing
from migrator.store.run_figures import add_answers, by_method


@contextmanager
def started(place: Workplace, kind: str, *, approved_by: str = "") -> Iterator[int]:
    """A new run; when it fails, its end is written down with the failure's exit code and message."""
    with writing(place.engine) as session:
        run_id = runs.start_run(
            session,
            kind,
            place.clock.now(),
            approved_by=approved_by,
            made_by=operator(),
            program=__version__,
        )
    with remembered(place, run_id):
        yield run_id


@contextmanager
def remembered(place: Workplace, run_id: int) -> Iterator[None]:
    """Write down how a run failed, if it does."""
    try:
        with log.bound(run=run_id):
            yield
    except LockedByAnotherRun:
        # Another run took over, perhaps this very one resumed: how it ends is no longer ours to say.
        raise
    except MigratorError as error:
        ended(place, run_id, error.exit_code, {"verdict": error.message})
        raise
    except KeyboardInterrupt:
        ended(place, run_id, ExitCode.INTERRUPTED, {"verdict": "interrupted; state is consistent"})
        raise
    except Exception as error:
        # A defect of ours is the news, not that the database is gone, too; what kept it from its end, its log tells.
        with suppress(MigratorError, DBAPIError):
            ended(place, run_id, ExitCode.ERROR, {"verdict": f"unexpected {type(error).__name__}"})
        raise


def ended(place: Workplace, run_id: int, code: ExitCode, document: Mapping[str, object]) -> None:
    """The end of a run: its verdict, books and requests, as its JSON answer says them.

    One that failed or was interrupted has no answer: its requests to MOCO are those that were counted on the way.
    """
    answers = dict(place.answers)
    with writing(place.engine) as session:
        add_answers(session, answers, place.clock.now())
        runs.finish_run(
            session,
            run_id,
            place.clock.now(),
            exit_code=int(code),
            verdict=str(document.get("verdict", "")),
            counts=json.dumps(document.get("counts", {})),
            seconds=json.dumps(document.get("seconds", {})),
            requests=json.dumps(document.get("requests", by_method(answers))),
        )
    place.answers.subtract(answers)
