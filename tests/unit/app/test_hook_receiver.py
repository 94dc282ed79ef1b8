"""The place that MOCO's web hooks call: what it answers, and what it leaves in the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from migrator.app.config import Config
from migrator.app.configuration.model import Database, Moco, Web
from migrator.app.hooks.following import sort_out
from migrator.app.hooks.ours import OUR_PATH
from migrator.app.progress import LoggedProgress
from migrator.app.secret import Secret
from migrator.app.service.hooks import HookReceiver, hooks_application
from migrator.app.wiring import Workplace, open_workplace
from migrator.core.hearing import Heard
from migrator.core.model import SourceId
from migrator.moco.answers import read_activity
from migrator.moco.webhooks import LARGEST_BODY
from migrator.store import hook_marks, links, target
from migrator.store.engine import reading, writing
from tests.unit.moco.builders import activity_json

KEYS = ("1d608b9d72219b90ff2393a1d3ee0ac0", "another-key-that-was-rotated-out")


@dataclass
class Scene:
    """An application and the database behind it."""

    place: Workplace
    app: Flask

    def deliver(
        self,
        body: bytes,
        target: str = "Activity",
        event: str = "update",
        *,
        at: int = 1527170410463,
        key: str = KEYS[0],
        path: str = OUR_PATH,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """The status of the answer to one delivery."""
        told = {
            "X-Moco-Target": target,
            "X-Moco-Event": event,
            "X-Moco-Timestamp": str(at),
            "X-Moco-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest(),
            "X-Moco-Account-Url": "solar",
            **(headers or {}),
        }
        return self.app.test_client().post(path, data=body, headers=told, content_type="application/json").status_code

    def marks(self) -> tuple[Heard, ...]:
        with reading(self.place.engine) as session:
            return hook_marks.marks(session)

    def counts(self) -> dict[str, int]:
        with reading(self.place.engine) as session:
            return {word: each.events for word, each in hook_marks.counts(session).items()}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    config = Config(
        database=Database(url=f"sqlite:///{tmp_path}/migrator.db"),
        moco=Moco(url="https://solar.mocoapp.com"),
        web=Web(webhook_key=Secret(", ".join(KEYS))),
    )
    place = open_workplace(config, LoggedProgress())
    receiver = HookReceiver(place, config.web.webhook_keys)
    yield Scene(place, hooks_application(receiver))
    receiver.close()
    place.engine.dispose()


def an_activity(number: int, **changed: str) -> bytes:
    return json.dumps({**activity_json(id=number, remote_id=f"ac:main:{number}"), **changed}).encode()


def test_what_moco_signed_leaves_one_mark_however_often_it_comes(scene: Scene) -> None:
    assert scene.deliver(an_activity(7)) == 204
    assert scene.deliver(an_activity(7)) == 204
    assert scene.deliver(b'{"id":8}', event="delete", key=KEYS[1], path=f"/s3cr3t{OUR_PATH}") == 204
    assert scene.deliver(an_activity(8), event="update", at=1527170410464) == 204
    assert [(each.id, each.deleted, each.ours) for each in scene.marks()] == [(7, False, True), (8, True, False)]
    assert scene.counts() == {"received": 4}


def test_what_moco_did_not_sign_is_refused_and_leaves_nothing(scene: Scene) -> None:
    assert scene.deliver(an_activity(7), key="x") == 403
    assert scene.deliver(an_activity(7), headers={"X-Moco-Signature": ""}) == 403
    assert scene.deliver(b"{" * LARGEST_BODY) == 204
    assert scene.deliver(b"{" * (LARGEST_BODY + 1)) == 413
    assert scene.app.test_client().get(OUR_PATH).status_code == 405
    assert scene.app.test_client().post("/elsewhere").status_code == 404
    assert (scene.marks(), scene.counts()) == ((), {"received": 1, "unreadable": 1})


def test_without_a_key_nobody_is_there(scene: Scene) -> None:
    receiver = HookReceiver(scene.place, ())
    scene.app = hooks_application(receiver)
    assert scene.deliver(an_activity(7)) == 404
    receiver.close()


def test_what_says_nothing_to_us_is_answered_with_success_and_counted(scene: Scene) -> None:
    assert scene.deliver(b"not JSON") == 204
    assert scene.deliver(b'{"id":1}', target="Invoice") == 204
    assert scene.deliver(an_activity(7), headers={"X-Moco-Account-Url": "lunar"}) == 204
    assert scene.marks() == ()
    assert scene.counts() == {"other_account": 1, "other_target": 1, "received": 3, "unreadable": 1}


def test_a_database_that_is_held_makes_moco_repeat(scene: Scene) -> None:
    receiver = HookReceiver(scene.place, KEYS, answer_within=0.1)
    scene.app = hooks_application(receiver)
    begun = time.monotonic()
    with writing(scene.place.engine) as session:
        hook_marks.count(session, "anything", scene.place.clock.now())
        assert scene.deliver(an_activity(7)) == 503
    assert time.monotonic() - begun < 1
    receiver.close()


def test_echoes_are_sorted_out_and_what_people_did_stays(scene: Scene) -> None:
    entry = read_activity(json.loads(an_activity(7)))
    with writing(scene.place.engine) as session:
        target.store_entries(session, [entry], "main")
        links.put_link(session, SourceId(7), sent=None, entry=entry, run_id=1, now=scene.place.clock.now())
    scene.deliver(an_activity(7), headers={"X-Moco-Origin": "api"})
    scene.deliver(an_activity(9))
    scene.deliver(json.dumps(activity_json(id=10, remote_id=None)).encode(), event="create")
    scene.deliver(b'{"id":11}', event="delete")
    scene.deliver(b'{"id":12,"name":"Website"}', target="Project")
    sort_out(scene.place)
    assert [each.id for each in scene.marks()] == [9]
    # Another tool's edit comes by the API, too.
    edited = an_activity(7, description="something else")
    scene.deliver(edited, at=1527170410999, headers={"X-Moco-Origin": "api"})
    scene.deliver(b'{"id":7}', event="delete", at=1)
    sort_out(scene.place)
    assert [(each.id, each.deleted) for each in scene.marks()] == [(7, True), (9, False)]
    assert scene.counts() == {"foreign": 1, "known": 3, "received": 7}


def test_deliveries_at_once_are_all_written_down(scene: Scene) -> None:
    statuses: list[int] = []

    def deliver(number: int) -> None:
        statuses.append(scene.deliver(an_activity(number)))

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(1, 9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses == [204] * 8
    assert len(scene.marks()) == 8
