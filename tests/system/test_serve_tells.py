"""`serve` as people meet it: it tells them when a person must act, and its console obeys them."""

from __future__ import annotations

import re
from pathlib import Path

import requests

from migrator.sandbox.faults import AnswerInstead
from tests.support.mailbox import mailbox
from tests.system.export import PROJECTS, some_records
from tests.system.harness import World
from tests.system.serving import serving
from tests.unit.moco.servers import answer
from tests.unit.moco.servers import serving as receiving


def test_people_are_told_of_a_refused_login_have_it_tried_again_are_told_that_it_works_and_pause_it(
    tmp_path: Path,
) -> None:
    with mailbox() as box, receiving(answer(200)) as switch:
        settings = {
            "schedule__every": "1s",
            "notify__smtp_url": box.url,
            "notify__email_to": ["ops@example.com"],
            "notify__heartbeat_url": f"{switch.url}/ping",
        }
        with World(tmp_path, some_records(4), complete=True, projects=PROJECTS, **settings) as world:
            world.moco.fault(AnswerInstead(401), path="/session")
            with serving(world) as served:
                served.until(lambda: box.received, "the refused login")
                served.until(lambda: "A login is refused" in served.ask("/")[1], "the console says so")
                page = requests.Session()
                shown = page.get(f"{served.url}/", timeout=10).text
                form = re.findall(r'name="form" value="(\w+)"', shown)[0]
                assert page.post(f"{served.url}/pause", data={}, timeout=10).status_code == 400
                # A refused login is not tried again soon, unless somebody who mended it says so.
                asked = page.post(f"{served.url}/sync-now", data={"form": form}, timeout=10)
                assert "a sync will begin in a moment" in asked.text
                served.until(lambda: len(box.received) == 2, "the end of trouble")
                paused = page.post(f"{served.url}/pause", data={"form": form}, timeout=10)
                assert "Paused" in paused.text
                served.until(lambda: "paused" in served.ask("/readyz")[1], "paused")
                assert served.end().code == 0
    subjects = [str(each.message["Subject"]) for each in box.received]
    assert [each.partition("] ")[2] for each in subjects] == [
        "A login is refused, or a permission is missing",
        "The sync works again",
    ]
    assert "migrator doctor" in box.received[0].text
    pings = [each.split(b" ")[1].decode() for each in switch.seen]
    assert pings[:2] == ["/ping/start", "/ping/fail"]
    assert "/ping" in pings
