"""What ActiveCollab invoiced and MOCO still shows open, as the database sums and streams it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from migrator.core.model import Billing, MocoId, SourceId, TargetProject
from migrator.core.tally import Tally
from migrator.store import billing
from migrator.store.billing import OpenInvoices, open_candidates, open_invoices, pending_by_project
from migrator.store.engine import reading, writing
from migrator.store.links import mark_disregarded, mark_gone, put_link
from migrator.store.runs import finish_run, start_run
from migrator.store.source import stage
from migrator.store.target import TargetKind, save_masters, store_entries
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, a_time_entry, an_activity, found

PAID = frozenset({Billing.PAID})
PENDING = frozenset({Billing.PENDING_PAYMENT})


def put(engine: Engine, id_: int, status: Billing = Billing.PAID, *, project: int = 20, billed: bool = False) -> None:
    """A record of that status, and its linked activity in a project of MOCO."""
    entry = an_activity(1000 + id_, a_booking(id_, project_id=MocoId(project)), billed=billed)
    with writing(engine) as session:
        stage(session, 1, [found(replace(a_time_entry(id_, project=project), billing=status), f"a.xml:{id_}")])
        store_entries(session, [entry], INSTANCE)
        put_link(session, SourceId(id_), sent=a_booking(id_), entry=entry, run_id=1, now=WHEN)


def whole(engine: Engine, statuses: frozenset[Billing] = PAID) -> OpenInvoices:
    with reading(engine) as session:
        return open_invoices(session, statuses)


def ids(engine: Engine, statuses: frozenset[Billing] = PAID) -> list[int]:
    return [each.source_id for each in open_candidates(engine, statuses)]


def test_only_what_is_invoiced_linked_and_open_counts(engine: Engine) -> None:
    for id_, status in enumerate(Billing, 1):
        put(engine, id_, status)
    put(engine, 11, billed=True)
    put(engine, 12)
    put(engine, 13)
    put(engine, 14)
    with writing(engine) as session:
        mark_disregarded(session, [SourceId(12)], True)
        mark_gone(session, SourceId(13), gone=True)
        trashed = replace(a_time_entry(14, version=2), billing=Billing.PAID, trashed=True)
        stage(session, 2, [found(trashed, "a.xml:14")])
        stage(session, 2, [found(replace(a_time_entry(15), billing=Billing.PAID), "a.xml:15")])
    assert ids(engine) == [4]
    assert whole(engine).whole == Tally(1, 3600)
    assert ids(engine, PAID | PENDING) == [3, 4]
    assert whole(engine, PAID | PENDING).whole == Tally(2, 7200)


def test_what_changed_after_the_last_completed_marking_is_counted_apart(engine: Engine) -> None:
    put(engine, 1)
    assert whole(engine) == OpenInvoices(Tally(1, 3600), Tally(1, 3600), None)
    with writing(engine) as session:
        runs = [start_run(session, kind, WHEN) for kind in ("read", billing.RUN_KIND, billing.RUN_KIND, "read")]
        finish_run(session, runs[1], WHEN, exit_code=3)
        finish_run(session, runs[2], WHEN, exit_code=5)
        stage(session, runs[3], [found(replace(a_time_entry(2), billing=Billing.PAID), "a.xml:2")])
        entry = an_activity(1002, a_booking(2))
        store_entries(session, [entry], INSTANCE)
        put_link(session, SourceId(2), sent=a_booking(2), entry=entry, run_id=runs[3], now=WHEN)
    assert whole(engine) == OpenInvoices(Tally(2, 7200), Tally(1, 3600), runs[1])


def test_candidates_come_by_company_and_project_page_by_page(engine: Engine) -> None:
    for id_, project in ((1, 20), (2, 30), (3, 20), (4, 40), (5, 30)):
        put(engine, id_, project=project)
    with writing(engine) as session:
        companies = {20: 9, 30: 8, 40: None}
        projects = [
            TargetProject(
                MocoId(each), "", "", None if company is None else MocoId(company), active=True, billable=True
            )
            for each, company in companies.items()
        ]
        save_masters(session, TargetKind.PROJECT, projects)
    assert [(each.source_id, each.company_id) for each in open_candidates(engine, PAID, size=2)] == [
        (4, 0),
        (2, 8),
        (5, 8),
        (1, 9),
        (3, 9),
    ]


def test_what_is_marked_on_the_way_is_not_asked_for_again(engine: Engine) -> None:
    for id_ in range(1, 6):
        put(engine, id_)
    seen = []
    for each in open_candidates(engine, PAID, size=2):
        seen.append(each.source_id)
        with writing(engine) as session:
            mark_disregarded(session, [each.source_id], True)
    assert (seen, ids(engine)) == ([1, 2, 3, 4, 5], [])


def test_pending_payment_is_summed_by_project_whether_linked_or_not(engine: Engine) -> None:
    put(engine, 1, Billing.PENDING_PAYMENT)
    put(engine, 2, Billing.PENDING_PAYMENT)
    put(engine, 3, Billing.PAID)
    with writing(engine) as session:
        mark_disregarded(session, [SourceId(2)], True)
        unlinked = replace(a_time_entry(4, project=30), billing=Billing.PENDING_PAYMENT)
        stage(session, 1, [found(unlinked, "a.xml:4")])
        assert pending_by_project(session) == {20: Tally(1, 3600), 30: Tally(1, 3600)}
