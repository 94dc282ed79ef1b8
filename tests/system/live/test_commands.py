"""The commands as processes between a running ActiveCollab and a MOCO, both simulated and served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.faults import AnswerInstead
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Activity
from migrator.sandbox.moco_switches import Switches
from migrator.sandbox.serve import serve
from tests.system.cli.stage import Done, migrator
from tests.system.live.scene import Agency, Generation, furnish

KEY = "0123456789abcdef01234567"
_CONFIG = """\
[activecollab]
url = "{url}"
requests_per_minute = 100000
timeout_seconds = 10
{more}

[moco]
url = "{moco}"
api_key = "{key}"
requests_per_window = 100000
window_seconds = 1
settle_seconds = 0.1

[policy]
source_deleted = "delete"
"""


@dataclass(slots=True)
class Place:
    """Both services and a folder with a configuration."""

    folder: Path
    server: ActiveCollabSandbox
    moco: MocoSandbox
    agency: Agency

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> Done:
        """One command with the token in the environment."""
        token = {"MIGRATOR__ACTIVECOLLAB__TOKEN": self.server.token}
        return migrator(*arguments, cwd=self.folder, stdin=stdin, **(token | environ))

    def booked(self) -> dict[int, Activity]:
        """The activities in MOCO by the id of their record; no marker is there twice."""
        marked = [each for each in self.moco.activities if each.remote_id]
        found = {int(str(each.remote_id).rpartition(":")[2]): each for each in marked}
        assert len(found) == len(marked)
        return found


@pytest.fixture(params=(2, 3, 5), ids=lambda generation: f"generation{generation}")
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    generation: Generation = request.param
    server = ActiveCollabSandbox(generation)
    agency = furnish(server)
    moco = MocoSandbox(switches=Switches(rate_limits=()))
    owner = moco.add_user("Ada", "Admin", permissions=EVERY_PERMISSION)
    moco.add_key(KEY, owner)
    moco.add_user("Bo", "Beispiel", email="bo@agentur.example")
    customer = moco.add_company("Kunde")
    for name in ("Website", "Shop", "Archive"):
        moco.add_project(customer, name, leader=owner)
    with serve(server) as source, serve(moco) as target:
        config = _CONFIG.format(url=source.url + server.path, moco=target.url, key=KEY, more="")
        (tmp_path / "migrator.toml").write_text(config, encoding="utf-8")
        yield Place(tmp_path, server, moco, agency)


def test_what_changes_in_activecollab_arrives_in_moco(place: Place) -> None:
    first = place.run("sync", "--json")
    assert first.code == 0, first.err
    before = place.booked()
    assert set(before) == set(place.agency.records)
    server, (edited, moved, trashed, deleted, _) = place.server, place.agency.in_website
    added = server.add_record(place.agency.shop, place.agency.person, "4", date(2026, 5, 20), text="Nachtrag")
    server.edit_record(edited, hours="2.25")
    server.move_record(moved, place.agency.shop)
    server.trash_record(trashed)
    server.delete_record(deleted)
    second = place.run("sync", "--json", "--allow-gate", "max_delete", "--allow-gate", "max_change")
    assert second.code == 0, second.err
    after = place.booked()
    assert set(after) == {*before, added} - {trashed, deleted}
    assert after[edited].seconds == 8100
    assert after[moved].id == before[moved].id
    assert after[moved].project_id == after[added].project_id != before[moved].project_id
    written = len([request for request in place.moco.requests if request.method != "GET"])
    third = place.run("sync", "--json")
    assert third.code == 0
    assert len([request for request in place.moco.requests if request.method != "GET"]) == written


def test_a_source_that_suddenly_shrinks_stops_the_sync_until_a_person_says_so(place: Place) -> None:
    for _ in range(20):
        place.server.add_record(place.agency.shop, place.agency.person)
    assert place.run("sync").code == 0
    for id_ in [each.id for each in place.server.records.values() if each.project_id == place.agency.shop][:15]:
        place.server.delete_record(id_)
    before = place.booked()
    for _ in range(2):
        stopped = place.run("sync", "--json")
        assert stopped.code == 7
        assert "15 of 30" in stopped.error["message"]
        assert "--allow-gate max_source_loss" in stopped.error["hint"]
    assert place.booked() == before
    assert "max_delete" in place.run("sync", "--allow-gate", "max_source_loss").err
    assert place.booked() == before
    assert place.run("sync", "--allow-gate", "max_source_loss", "--allow-gate", "max_delete").code == 0
    assert len(place.booked()) == len(before) - 15


def test_read_tells_a_project_that_was_not_readable_and_exits_3(place: Place) -> None:
    place.server.fault(AnswerInstead(403), path=f"projects/{place.agency.shop}/.*", times=None)
    done = place.run("read")
    assert done.code == 3
    assert f"Shop ({place.agency.shop})" in done.out
    assert "NOT COMPLETE" in done.out
    assert "ActiveCollab shows 3 projects." in done.err


def test_a_dead_token_is_exit_12_and_a_dead_server_exit_5(place: Place) -> None:
    token = f"{place.server.owner_id}-{'z' * 40}"
    refused = place.run("read", "--json", MIGRATOR__ACTIVECOLLAB__TOKEN=token)
    assert refused.code == 12
    assert token not in refused.out + refused.err
    place.server.fault(AnswerInstead(503), times=None)
    unreachable = place.run("read", "--json", MIGRATOR__ACTIVECOLLAB__TIMEOUT_SECONDS="0.5")
    assert unreachable.code == 5


def test_no_token_reaches_a_log_an_answer_or_the_database(place: Place) -> None:
    place.server.fault(AnswerInstead(500), path=f"projects/{place.agency.shop}/.*", times=None)
    secret = place.server.token.partition("-")[2]
    for command in (("read", "-vv"), ("read", "--json", "-vv", "--log-format", "json"), ("sync", "-vv"), ("status",)):
        done = place.run(*command)
        assert secret not in done.out + done.err
    for file in place.folder.iterdir():
        assert secret.encode() not in file.read_bytes(), file


def test_without_files_and_without_a_server_there_is_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text("[activecollab]\nfiles = []\n")
    assert migrator("read", cwd=tmp_path).code == 2


def test_the_files_that_init_names_may_be_missing_beside_a_server(place: Place) -> None:
    text = (place.folder / "migrator.toml").read_text()
    (place.folder / "migrator.toml").write_text(text.replace("[moco]", 'files = ["export/*.xml"]\n[moco]', 1))
    assert place.run("read").code == 0
    (place.folder / "migrator.toml").write_text(text.replace("[moco]", 'files = ["saved/*.xml"]\n[moco]', 1))
    assert place.run("read").code == 2


def test_status_tells_what_of_activecollab_was_not_read_completely(place: Place) -> None:
    place.server.fault(AnswerInstead(403), path=f"projects/{place.agency.shop}/.*", times=None)
    place.run("read")
    told = place.run("status", "--json").document
    assert [(each["kind"], each["project_id"]) for each in told["incomplete_lists"]] == [("time", place.agency.shop)]
    assert f"1 list not read completely (projects {place.agency.shop})" in place.run("status").out
    place.server.faults.clear()
    place.run("read")
    assert place.run("status", "--json").document["incomplete_lists"] == []
