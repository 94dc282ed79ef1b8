"""`serve` as a process beside a world: started, asked over HTTP, awaited, and always ended."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from migrator.app.config import load
from migrator.app.progress import LoggedProgress
from migrator.app.service.controls import Controls
from migrator.app.wiring import open_workplace
from tests.support.forkserver import ERR, OUT
from tests.system.harness import World
from tests.system.started import Ended, Forked

LONGEST = 40.0


class Served:
    """A service that runs."""

    def __init__(self, world: World, process: Forked) -> None:
        self.world = world
        self.process = process
        self._ended: Ended | None = None
        self.url: str = ""

    def begun(self) -> bool:
        """Whether it said where it listens."""
        told = self.left(OUT)
        if told.rstrip().endswith("}"):
            self.url = json.loads(told)["url"]
        return bool(self.url)

    def left(self, name: str) -> str:
        """What it wrote to a stream so far."""
        path = self.process.left / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def ask(self, path: str) -> tuple[int, str]:
        """The status and the text of an answer."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ready(self) -> bool:
        """What /readyz says."""
        return self.ask("/readyz")[0] == 200

    def reason(self) -> str:
        """Why it is not ready."""
        return str(json.loads(self.ask("/readyz")[1])["reason"])

    def events(self, name: str = "") -> list[dict[str, Any]]:  # JSON
        """What it logged so far."""
        lines = self.left(ERR).splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [each for each in told if name in {"", each.get("event")}]

    def until(self, what: Callable[[], object], why: str) -> None:
        """Wait until something is so."""
        await_(what, lambda: f"{why}: {self.events()[-5:]}")

    def end(self, sign: signal.Signals | None = signal.SIGTERM) -> Ended:
        """Send a signal, unless somebody else does, and wait for the end."""
        if self._ended is None:
            if sign is not None:
                self.process.send_signal(sign)
            self._ended = self.process.end(LONGEST)
        return self._ended


def await_(what: Callable[[], object], why: Callable[[], str] = lambda: "", seconds: float = LONGEST) -> None:
    """Look again and again, until something is so."""
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, why()
        time.sleep(0.1)


@contextmanager
def serving(world: World, *words: str) -> Iterator[Served]:
    """A service on a free port; killed at the end, if it still runs."""
    line = ("serve", "--port", "0", "--json", "--log-format", "json", *words)
    served = Served(world, Forked.begin(world.folder, line))
    try:
        await_(served.begun, lambda: served.left(ERR))
        yield served
    finally:
        served.end(signal.SIGKILL)


@contextmanager
def controls(world: World) -> Iterator[Controls]:
    """The buttons of the console, pressed in another process than the service."""
    place = open_workplace(load(world.folder / "migrator.toml"), LoggedProgress())
    try:
        yield Controls(place)
    finally:
        place.engine.dispose()
