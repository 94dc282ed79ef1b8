"""MOCO telling the product something: `hooks listen` as a process, and deliveries signed as MOCO signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from migrator.sandbox.moco_records import Activity
from tests.support.forkserver import OUT
from tests.system.harness import World
from tests.system.started import Forked

HOOK_KEY = "1d608b9d72219b90ff2393a1d3ee0ac0"
LONGEST = 20.0


@dataclass
class Ear:
    """A listening product, and how MOCO calls it."""

    world: World
    url: str

    def deliver(
        self, target: str, event: str, body: object, *, origin: str = "", signature: str | None = None
    ) -> requests.Response:
        """Deliver anything; by default with the right signature."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = hmac.new(HOOK_KEY.encode(), raw, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Moco-Target": target,
            "X-Moco-Event": event,
            "X-Moco-Timestamp": str(time.time_ns() // 1_000_000),
            "X-Moco-Signature": signed if signature is None else signature,
            "X-Moco-User-Id": "1",
            "X-Moco-Account-Url": "sandbox",
            "X-Moco-Origin": origin,
        }
        return requests.post(self.url, data=raw, headers=headers, timeout=5)

    def activity(self, event: str, activity: Activity, *, origin: str = "") -> None:
        """Tell of an activity, as MOCO shows it; of a deletion its id alone."""
        body: object = {"id": activity.id}
        if event != "delete":
            shown = requests.get(
                f"{self.world.settings['moco.url']}/api/v1/activities/{activity.id}",
                headers={"Authorization": f"Token token={self.world.settings['moco.api_key']}"},
                timeout=5,
            )
            body = shown.json()
        answer = self.deliver("Activity", event, body, origin=origin)
        assert answer.status_code == 204, answer.text

    def await_waiting(self, number: int) -> dict[str, int]:
        """Wait until so many marks wait for the next run; gives how many deliveries ended how."""
        ends = time.monotonic() + LONGEST
        while True:
            told = self.world.run("status").document["web_hooks"]
            if told["waiting"] == number:
                events: dict[str, int] = told["events"]
                return events
            assert time.monotonic() < ends, told
            time.sleep(0.1)


@contextmanager
def listening(world: World) -> Iterator[Ear]:
    """The product listens until the block ends; then SIGTERM ends it, with success."""
    world.configure(web__webhook_key=HOOK_KEY)
    process = world.start("hooks", "listen", "--port", "0")
    assert isinstance(process, Forked)
    try:
        yield Ear(world, _announced(process))
    finally:
        process.send_signal(signal.SIGTERM)
        ended = world.finished(process)
    assert ended.code == 0, ended


def _announced(process: Forked) -> str:
    ends = time.monotonic() + LONGEST
    while True:
        text = (process.left / OUT).read_text(encoding="utf-8") if (process.left / OUT).exists() else ""
        if text.endswith("\n"):
            return str(json.loads(text)["url"])
        assert time.monotonic() < ends, "it never said where it listens"
        time.sleep(0.02)
