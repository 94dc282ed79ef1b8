"""MOCO telling the product something: `hooks listen` as a process, the proxy before it, and whoever calls there."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from migrator.sandbox.moco_hook_sending import Deliverer
from tests.support.forkserver import OUT
from tests.system.harness import World
from tests.system.started import Forked

URL = "https://migrator.example/s3cr3t-path/hooks/moco"
LONGEST = 20.0


@dataclass
class Ear:
    """A listening product, and how MOCO reaches it."""

    world: World
    url: str

    def hand_on(self, address: str, headers: Mapping[str, str], body: bytes) -> int:
        """What the proxy at `URL` does; nobody else is there."""
        if address != URL:
            raise OSError("nobody is there")
        root = self.url.removesuffix(urlsplit(self.url).path)
        return requests.post(f"{root}{urlsplit(address).path}", data=body, headers=dict(headers), timeout=5).status_code

    def told(self) -> int:
        """Let MOCO deliver what it has for us; gives how much it was."""
        attempts = [each for each in self.world.moco.deliver_hooks(self.hand_on) if each.address == URL]
        assert all(each.taken for each in attempts), attempts
        return len(attempts)

    def being_told(self) -> Deliverer:
        """MOCO delivers from the background."""
        return Deliverer(self.told, pause=0.02)

    def call(self, body: object, target: str = "Activity", event: str = "delete", signature: str | None = None) -> int:
        """The answer to somebody who calls as MOCO would; by default with the right signature."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = hmac.new(self.world.moco.webhook_key.encode(), raw, hashlib.sha256).hexdigest()
        headers = {
            "X-Moco-Target": target,
            "X-Moco-Event": event,
            "X-Moco-Timestamp": str(time.time_ns() // 1_000_000),
            "X-Moco-Signature": signed if signature is None else signature,
        }
        return requests.post(self.url, data=raw, headers=headers, timeout=5).status_code

    def await_waiting(self, number: int, received: int = 0) -> dict[str, int]:
        """Wait until so many marks wait for the next run, after so many deliveries; gives how many ended how."""
        ends = time.monotonic() + LONGEST
        while True:
            heard = self.world.run("status").document["web_hooks"]
            events: dict[str, int] = heard["events"]
            if heard["waiting"] == number and events.get("received", 0) >= received:
                return events
            assert time.monotonic() < ends, heard
            time.sleep(0.1)


@contextmanager
def listening(world: World) -> Iterator[Ear]:
    """The product listens until the block ends; then SIGTERM ends it, with success."""
    world.configure(web__webhook_key=world.moco.webhook_key)
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
