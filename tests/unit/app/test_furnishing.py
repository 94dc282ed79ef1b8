"""A sandbox furnished as MOCO was listed: it shows what was listed, and numbers on behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from migrator.app.rehearsal.furnishing import KEY, furnish
from migrator.core.mapping import TargetMasters
from migrator.core.model import (
    MocoId,
    Seconds,
    TargetCompany,
    TargetContract,
    TargetEntry,
    TargetProject,
    TargetTask,
    TargetUser,
)
from migrator.moco.client import MocoReader
from migrator.moco.pacing import LocalWindow
from migrator.moco.scan import scan_range
from migrator.sandbox.in_process import WsgiAdapter
from migrator.store.engine import open_engine, writing
from migrator.store.schema import upgrade
from migrator.store.target import store_entries
from tests.unit.store.builders import DAY, INSTANCE, a_booking, an_activity

ADA, IDLE = TargetUser(MocoId(10), "Ada", "Adler", "ada@x.example", True), MocoId(11)
SHOP = TargetProject(MocoId(20), "Shop", "P1", MocoId(5), True, True, "task")
DESIGN = TargetTask(MocoId(30), MocoId(20), "Design", True, True)


def test_what_was_listed_is_shown_again_and_what_only_an_activity_names_is_closed(sqlite_url: str) -> None:
    masters = TargetMasters(
        users={ADA.id: ADA},
        companies={MocoId(5): TargetCompany(MocoId(5), "Kunde AG", "K1", True, "customer")},
        projects={SHOP.id: SHOP},
        tasks={DESIGN.id: DESIGN},
        contracts=(TargetContract(MocoId(40), SHOP.id, ADA.id, True),),
    )
    elsewhere = replace(a_booking(2), user_id=IDLE, project_id=MocoId(21), task_id=MocoId(31), seconds=Seconds(60))
    listed = [an_activity(1_000, a_booking(1, description="Gerät")), an_activity(2_000_000_000, elsewhere, billed=True)]
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with writing(engine) as session:
        store_entries(session, listed, INSTANCE)
    sandbox = furnish(masters, engine, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    engine.dispose()
    reader = MocoReader("https://x.mocoapp.com", KEY, LocalWindow(1000, 1), adapter=WsgiAdapter(sandbox.wsgi))
    assert set(reader.list_users()) == {ADA, TargetUser(IDLE, "", "(not listed)", "", active=False)}
    projects = {each.project.id: each for each in reader.list_projects()}
    assert (projects[SHOP.id].project, projects[SHOP.id].tasks) == (SHOP, (DESIGN,))
    assert projects[SHOP.id].contracts == masters.contracts
    assert projects[MocoId(21)].project.active is False
    shown: list[TargetEntry] = [entry for page in scan_range(reader, DAY, DAY) for entry in page]
    assert sorted(shown, key=lambda entry: entry.id) == listed
    assert sandbox.state.new_id() > 40
    assert sandbox.state.new_activity_id() > 2_000_000_000
