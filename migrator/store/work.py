"""The queue of a run: every write it has to do, in the order of sending, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sqlalchemy import ColumnElement, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from migrator.core.actions import Word
from migrator.core.fingerprint import canonical, from_canonical
from migrator.core.model import Booking, MocoId, Seconds, SourceId
from migrator.store.rows import PAGE, Row, optional_moco_id, pages_of, table_of, whole_sum
from migrator.store.tables import WorkRow


class Need(Enum):
    """What has to be created in MOCO before a record can be."""

    TASK = "task"
    CONTRACT = "contract"


Position = tuple[MocoId, date, SourceId]
"""Person, day and record: the order of sending."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One write.

    `write` is "create", "adopt", "adopt_update", "update", "withdraw" or "rebook". `booking` is what is
    wanted (for a withdrawal what is there), `target` the activity's booking as decided upon, None for a
    create. `word` is None while the write is pending.
    """

    source_id: SourceId
    write: str
    booking: Booking
    seconds: Seconds
    activity_id: MocoId | None = None
    target: Booking | None = None
    task_name: str = ""
    needs: frozenset[Need] = frozenset()
    word: Word | None = None
    reason: str = ""
    detail: str = ""

    @property
    def position(self) -> Position:
        """Where it stands in the order of sending."""
        return self.booking.user_id, self.booking.day, self.source_id


@dataclass(frozen=True, slots=True)
class Needed:
    """What the pending writes of a run still need: (project, task name) and (project, person) pairs."""

    tasks: tuple[tuple[MocoId, str], ...]
    contracts: tuple[tuple[MocoId, MocoId], ...]


def add_work(session: Session, run_id: int, rows: Iterable[WorkItem]) -> None:
    """Append writes to the queue of a run."""
    for page in pages_of(rows):
        session.execute(insert(table_of(WorkRow)), [_columns(run_id, row) for row in page])


def next_work(
    session: Session, run_id: int, write: str, after: Position | None = None, limit: int = PAGE
) -> list[WorkItem]:
    """The next pending writes of one kind in (person, day, record) order, from behind `after` on."""
    query = select(WorkRow).where(WorkRow.run_id == run_id, WorkRow.word == "", WorkRow.write == write)
    order = (WorkRow.user_id, WorkRow.day, WorkRow.source_id)
    if after is not None:
        query = query.where(tuple_(*order) > after)
    return [_work(row) for row in session.scalars(query.order_by(*order).limit(limit))]


def finish_work(
    session: Session,
    run_id: int,
    source_ids: Collection[SourceId],
    word: Word,
    *,
    reason: str = "",
    detail: str = "",
) -> None:
    """Record the final word of writes."""
    for page in pages_of(source_ids):
        session.execute(
            update(WorkRow)
            .where(WorkRow.run_id == run_id, WorkRow.source_id.in_(page))
            .values(word=word.value, reason=reason, detail=detail)
            .execution_options(synchronize_session=False)
        )


def count_pending(session: Session, run_id: int, write: str) -> int:
    """How many writes of one kind are still to be done."""
    pending = (WorkRow.run_id == run_id, WorkRow.write == write, WorkRow.word == "")
    return session.scalar(select(func.count()).where(*pending)) or 0


def drop_unfinished(session: Session, run_id: int) -> None:
    """Forget what a run has not done to an activity, so that it can be decided anew."""
    done = [word.value for word in (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.SKIPPED, Word.UNCHANGED)]
    session.execute(delete(WorkRow).where(WorkRow.run_id == run_id, WorkRow.word.not_in(done)))


def stream_work(
    session: Session, run_id: int, words_wanted: Collection[Word], after: int = 0, size: int = PAGE
) -> list[WorkItem]:
    """Writes that ended in one of some words, by record, from above `after` on."""
    query = select(WorkRow).where(
        WorkRow.run_id == run_id,
        WorkRow.word.in_([word.value for word in words_wanted]),
        WorkRow.source_id > after,
    )
    return [_work(row) for row in session.scalars(query.order_by(WorkRow.source_id).limit(size))]


def turn_into_create(session: Session, run_id: int, source_id: SourceId, reason: str) -> None:
    """A withdrawal succeeded whose record is to be created anew, for another person."""
    session.execute(
        update(WorkRow)
        .where(WorkRow.run_id == run_id, WorkRow.source_id == source_id)
        .values(write="create", activity_id=None, target="", reason=reason)
        .execution_options(synchronize_session=False)
    )


def hold_needing_task(
    session: Session, run_id: int, project_id: MocoId, task_name: str, reason: str, detail: str
) -> None:
    """A task cannot be created: what waits for it is held."""
    _hold(
        session,
        run_id,
        reason,
        detail,
        WorkRow.project_id == project_id,
        WorkRow.task_name == task_name,
        _has(Need.TASK),
    )


def hold_needing_contract(
    session: Session, run_id: int, project_id: MocoId, user_id: MocoId, reason: str, detail: str
) -> None:
    """A person cannot be assigned to a project: what is to be booked there is held."""
    _hold(
        session,
        run_id,
        reason,
        detail,
        WorkRow.project_id == project_id,
        WorkRow.user_id == user_id,
        WorkRow.write.not_in(["adopt", "withdraw"]),
    )


def hold_in_project(session: Session, run_id: int, project_id: MocoId, reason: str, detail: str) -> None:
    """A project takes no bookings: what is to be written there is held."""
    _hold(session, run_id, reason, detail, WorkRow.project_id == project_id, WorkRow.write != "adopt")


def hold_of_person(session: Session, run_id: int, user_id: MocoId, reason: str, detail: str) -> None:
    """MOCO takes no bookings of a person: what is to be written for it is held."""
    _hold(session, run_id, reason, detail, WorkRow.user_id == user_id, WorkRow.write != "adopt")


def _hold(session: Session, run_id: int, reason: str, detail: str, *which: ColumnElement[bool]) -> None:
    session.execute(
        update(WorkRow)
        .where(WorkRow.run_id == run_id, WorkRow.word == "", *which)
        .values(word=Word.HELD.value, reason=reason, detail=detail)
        .execution_options(synchronize_session=False)
    )


def words(session: Session, run_id: int) -> dict[Word | None, tuple[int, Seconds]]:
    """Records and seconds by final word; None stands for what is pending."""
    query = (
        select(WorkRow.word, func.count(), whole_sum(WorkRow.seconds))
        .where(WorkRow.run_id == run_id)
        .group_by(WorkRow.word)
    )
    return {
        Word(word) if word else None: (records, Seconds(int(seconds)))
        for word, records, seconds in session.execute(query)
    }


def count_done(session: Session, run_id: int, write: str, word: Word) -> int:
    """How many writes of one kind ended in `word` (withdrawals that ended as skipped, for example)."""
    done = (WorkRow.run_id == run_id, WorkRow.write == write, WorkRow.word == word.value)
    return session.scalar(select(func.count()).where(*done)) or 0


def work_of(session: Session, run_id: int, source_ids: Collection[SourceId]) -> dict[SourceId, WorkItem]:
    """The writes of these records in one run."""
    found: dict[SourceId, WorkItem] = {}
    for page in pages_of(source_ids):
        query = select(WorkRow).where(WorkRow.run_id == run_id, WorkRow.source_id.in_(page))
        for row in session.scalars(query):
            found[SourceId(row.source_id)] = _work(row)
    return found


def needed(session: Session, run_id: int) -> Needed:
    """Which tasks and contracts the pending writes of a run still need, each once."""
    pending = (WorkRow.run_id == run_id, WorkRow.word == "")
    tasks = select(WorkRow.project_id, WorkRow.task_name).where(*pending, _has(Need.TASK)).distinct()
    contracts = select(WorkRow.project_id, WorkRow.user_id).where(*pending, _has(Need.CONTRACT)).distinct()
    return Needed(
        tasks=tuple(
            (MocoId(project), name)
            for project, name in session.execute(tasks.order_by(WorkRow.project_id, WorkRow.task_name))
        ),
        contracts=tuple(
            (MocoId(project), MocoId(user))
            for project, user in session.execute(contracts.order_by(WorkRow.project_id, WorkRow.user_id))
        ),
    )


def set_task(session: Session, run_id: int, project_id: MocoId, task_name: str, task_id: MocoId) -> int:
    """Give the pending writes that waited for a task its id; returns how many."""
    changed = after = 0
    while True:
        query = select(WorkRow).where(
            WorkRow.run_id == run_id,
            WorkRow.source_id > after,
            WorkRow.project_id == project_id,
            WorkRow.task_name == task_name,
            WorkRow.word == "",
            _has(Need.TASK),
        )
        page = session.scalars(query.order_by(WorkRow.source_id).limit(PAGE)).all()
        if not page:
            return changed
        for row in page:
            row.booking = canonical(replace(from_canonical(row.booking), task_id=task_id))
            row.needs = _needs_text(_needs(row.needs) - {Need.TASK})
        session.flush()
        changed += len(page)
        after = page[-1].source_id


def set_contract(session: Session, run_id: int, project_id: MocoId, user_id: MocoId) -> None:
    """Record that a person is now assigned to a project: pending writes need it no longer."""
    mine = (WorkRow.run_id == run_id, WorkRow.project_id == project_id, WorkRow.user_id == user_id)
    for needs in ({Need.CONTRACT}, {Need.CONTRACT, Need.TASK}):
        session.execute(
            update(WorkRow)
            .where(*mine, WorkRow.word == "", WorkRow.needs == _needs_text(needs))
            .values(needs=_needs_text(needs - {Need.CONTRACT}))
            .execution_options(synchronize_session=False)
        )


def _has(need: Need) -> ColumnElement[bool]:
    return WorkRow.needs.contains(need.value, autoescape=True)


def _needs_text(needs: Collection[Need]) -> str:
    return ",".join(sorted(need.value for need in needs))


def _needs(text: str) -> frozenset[Need]:
    return frozenset(Need(name) for name in text.split(",") if name)


def _columns(run_id: int, item: WorkItem) -> Row:
    return {
        "run_id": run_id,
        "source_id": item.source_id,
        "write": item.write,
        "user_id": item.booking.user_id,
        "day": item.booking.day,
        "project_id": item.booking.project_id,
        "task_name": item.task_name,
        "needs": _needs_text(item.needs),
        "booking": canonical(item.booking),
        "activity_id": item.activity_id,
        "target": "" if item.target is None else canonical(item.target),
        "seconds": item.seconds,
        "word": "" if item.word is None else item.word.value,
        "reason": item.reason,
        "detail": item.detail,
    }


def _work(row: WorkRow) -> WorkItem:
    return WorkItem(
        source_id=SourceId(row.source_id),
        write=row.write,
        booking=from_canonical(row.booking),
        seconds=Seconds(row.seconds),
        activity_id=optional_moco_id(row.activity_id),
        target=from_canonical(row.target) if row.target else None,
        task_name=row.task_name,
        needs=_needs(row.needs),
        word=Word(row.word) if row.word else None,
        reason=row.reason,
        detail=row.detail,
    )
