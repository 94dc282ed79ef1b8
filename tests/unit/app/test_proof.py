"""A proof by a person's days holds only while the list shows what is known to exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from migrator.app.config import Config
from migrator.app.configuration.model import Database, Moco
from migrator.app.progress import LoggedProgress
from migrator.app.proof import Sought, prove
from migrator.app.wiring import Workplace, open_workplace
from migrator.core.model import MocoId, SourceId
from migrator.moco.client import MocoReader
from migrator.moco.pacing import LocalWindow
from migrator.moco.scan import scan_range
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Activity
from migrator.store import links, target
from migrator.store.engine import writing
from tests.support.wsgi import WsgiAdapter

DAY = date(2020, 5, 4)
LONG_AGO = datetime(2020, 5, 5, tzinfo=UTC)
SOUGHT = [Sought("ac:main:9", DAY)]


@dataclass
class Scene:
    """Two linked activities of one person in a MOCO that ignores the filter for markers."""

    place: Workplace
    sandbox: MocoSandbox
    reader: MocoReader
    person: MocoId
    shown: Activity
    other: Activity

    def valid(self) -> bool:
        return prove(self.place, self.reader, self.person, SOUGHT, 0).valid


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    sandbox = MocoSandbox()
    sandbox.switches.rate_limits = ()
    sandbox.switches.remote_id_filter = False
    person = sandbox.add_user("Ada", "Beispiel", permissions=EVERY_PERMISSION)
    sandbox.add_key("k" * 24, person)
    project = sandbox.add_project(sandbox.add_company("Kunde"), "Website", leader=person)
    task = sandbox.add_task(project, "ActiveCollab")
    sandbox.add_contract(project, person)
    shown, other = (
        sandbox.add_activity(person, task, DAY, 3600, remote_id=f"ac:main:{number}", created_at=LONG_AGO)
        for number in (1, 2)
    )
    # Somebody's own entry: it shows that the filter for markers is ignored.
    sandbox.add_activity(person, task, DAY, 60, created_at=LONG_AGO)
    config = Config(database=Database(url=f"sqlite:///{tmp_path}/migrator.db"), moco=Moco())
    place = open_workplace(config, LoggedProgress())
    adapter = WsgiAdapter(sandbox.wsgi)
    with MocoReader("https://example.mocoapp.com", "k" * 24, LocalWindow(1000, 1), adapter=adapter) as reader:
        entries = [entry for page in scan_range(reader, DAY, DAY) for entry in page]
        with writing(place.engine) as session:
            target.store_entries(session, entries, "main")
            for entry in entries:
                if not entry.booking.marker:
                    continue
                number = SourceId(int(entry.booking.marker.rpartition(":")[2]))
                links.put_link(session, number, sent=entry.booking, entry=entry, run_id=1, now=LONG_AGO)
        yield Scene(place, sandbox, reader, MocoId(person.id), shown, other)


def test_what_a_whole_list_does_not_show_is_absent(scene: Scene) -> None:
    assert scene.valid()


def test_a_list_that_leaves_out_what_exists_proves_nothing(scene: Scene) -> None:
    late = scene.sandbox.add_activity(
        scene.sandbox.state.users[scene.person],
        scene.sandbox.state.tasks[scene.other.task_id],
        DAY,
        60,
        remote_id="ac:main:3",
    )
    entry = scene.reader.fetch_activity(MocoId(late.id))
    assert entry is not None
    with writing(scene.place.engine) as session:
        target.store_entries(session, [entry], "main")
        links.put_link(session, SourceId(3), sent=entry.booking, entry=entry, run_id=1, now=LONG_AGO)
    scene.sandbox.switches.list_staleness_seconds = 3600
    assert not scene.valid()


def test_what_a_person_deleted_in_moco_does_not_spoil_the_list(scene: Scene) -> None:
    scene.sandbox.remove(scene.other)
    assert scene.valid()
