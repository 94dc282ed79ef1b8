"""What ActiveCollab invoiced and MOCO still shows open: summed, and as a queue for `billed`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from migrator.core.billed import Candidate
from migrator.core.model import Billing, MocoId, Seconds, SourceId
from migrator.core.tally import Tally
from migrator.errors import ExitCode
from migrator.store.engine import reading
from migrator.store.rows import PAGE, whole_sum
from migrator.store.tables import LinkRow, Run, SourceRecord, TargetActivity, TargetMaster
from migrator.store.target_masters import TargetKind
from migrator.store.totals import GONE

RUN_KIND = "billed"
"""The kind of a run that marks; a dry run has another."""


@dataclass(frozen=True, slots=True)
class OpenInvoices:
    """Records that ActiveCollab invoiced and MOCO shows open.

    `since` counts those whose copy became what it is after the last completed `billed`, all when there was none;
    `last_run` is that run.
    """

    whole: Tally
    since: Tally
    last_run: int | None


def open_invoices(session: Session, invoiced: Collection[Billing]) -> OpenInvoices:
    """Linked records whose status is one of `invoiced`, which MOCO does not show as billed and nobody had marked.

    Summed by the database over what was last read and seen; records proved gone on either side are in none.
    """
    last = _last_completed(session)
    is_new = SourceRecord.changed_run > (last or 0)
    seconds = whole_sum(SourceRecord.seconds)
    new_seconds = whole_sum(SourceRecord.seconds, is_new)
    columns = (func.count(), seconds, func.count().filter(is_new), new_seconds)
    records, total, fresh, fresh_seconds = session.execute(_open(select(*columns), invoiced)).one()
    # PostgreSQL sums 64-bit numbers as decimals.
    return OpenInvoices(Tally(records, int(total)), Tally(fresh, int(fresh_seconds)), last)


def open_candidates(engine: Engine, invoiced: Collection[Billing], size: int = PAGE) -> Iterator[Candidate]:
    """The same records one by one, by company and project of MOCO; those without come first.

    Each page has its own short transaction, and what was marked meanwhile is not in the next one.
    """
    company = func.coalesce(TargetMaster.company_id, 0)
    place = and_(TargetMaster.kind == TargetKind.PROJECT.value, TargetMaster.id == TargetActivity.project_id)
    columns = (SourceRecord.id, LinkRow.activity_id, SourceRecord.seconds, TargetActivity.project_id, company)
    query = _open(select(*columns), invoiced).outerjoin(TargetMaster, place)
    order = tuple_(company, TargetActivity.project_id, SourceRecord.id)
    after = (-1, 0, 0)
    while True:
        paged = query.where(order > after).order_by(company, TargetActivity.project_id, SourceRecord.id).limit(size)
        with reading(engine) as session:
            rows = session.execute(paged).all()
        for source_id, activity_id, seconds, project_id, company_id in rows:
            yield Candidate(
                SourceId(source_id), MocoId(activity_id), Seconds(seconds), MocoId(project_id), MocoId(company_id)
            )
        if len(rows) < size:
            return
        after = (rows[-1][4], rows[-1][3], rows[-1][0])


def pending_by_project(session: Session) -> dict[SourceId, Tally]:
    """Records pending payment in ActiveCollab, by its project; what was marked already is not among them."""
    query = (
        select(SourceRecord.project_id, func.count(), whole_sum(SourceRecord.seconds))
        .outerjoin(LinkRow, LinkRow.source_id == SourceRecord.id)
        .where(
            SourceRecord.billing == int(Billing.PENDING_PAYMENT),
            ~GONE,
            func.coalesce(LinkRow.disregarded, False).is_(False),
        )
        .group_by(SourceRecord.project_id)
    )
    return {SourceId(project): Tally(records, int(seconds)) for project, records, seconds in session.execute(query)}


def _open(query: Select[*tuple[int, ...]], invoiced: Collection[Billing]) -> Select[*tuple[int, ...]]:
    conditions: tuple[ColumnElement[bool], ...] = (
        SourceRecord.billing.in_([int(each) for each in invoiced]),
        ~GONE,
        LinkRow.gone.is_(False),
        LinkRow.disregarded.is_(False),
        TargetActivity.billed.is_(False),
    )
    joined = query.select_from(SourceRecord).join(LinkRow, LinkRow.source_id == SourceRecord.id)
    return joined.join(TargetActivity, TargetActivity.id == LinkRow.activity_id).where(*conditions)


def _last_completed(session: Session) -> int | None:
    """The last run that marked all it could; one that had to stop will go on."""
    done = (ExitCode.DONE, ExitCode.NEEDS_A_PERSON)
    query = select(func.max(Run.id)).where(Run.kind == RUN_KIND, Run.exit_code.in_([int(code) for code in done]))
    return session.scalar(query)
