"""`hooks listen`: serves the place that MOCO's web hooks call, until Ctrl-C or SIGTERM."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.hooks.ours import OUR_PATH
from migrator.app.service.front import bound, server_at
from migrator.app.service.hooks import HookReceiver, hooks_application
from migrator.app.service.sorting import Sorter
from migrator.app.wiring import Workplace
from migrator.errors import UsageError


@dataclass(frozen=True, slots=True)
class ListenWords:
    """The options of `hooks listen` as typed; None is what the configuration says, port 0 any free one."""

    host: str | None = None
    port: int | None = None


def listen(place: Workplace, words: ListenWords, announce: Callable[[Answer], object]) -> None:
    """Serve until interrupted; `announce` hears where, as soon as MOCO may call.

    Any address may be listened at without a token: nothing is shown there, and nothing is taken that MOCO's key did
    not sign. Raises `UsageError` without a key and for an address that cannot be listened at.
    """
    web = place.config.web
    if not web.webhook_keys:
        raise UsageError(
            "MOCO's signature key is not configured, and without it nobody could tell who calls",
            hint="set web.webhook_key (or MIGRATOR__WEB__WEBHOOK_KEY) to the key that MOCO shows above its web hooks",
        )
    at = bound(words.host or web.host, web.port if words.port is None else words.port)
    sorter = Sorter(place)
    with closing(HookReceiver(place, web.webhook_keys, sorter.wake)) as receiver, sorter.working():
        server = server_at(at, hooks_application(receiver))
        announce(_answer(*at.getsockname()[:2]))
        # Returns at an interrupt, which is the usual end.
        server.run()
        server.close()


def _answer(host: str, port: int) -> Answer:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}{OUR_PATH}"
    text = f"Listening to MOCO's web hooks at {url} until Ctrl-C. MOCO calls https only: a proxy has to stand in front."
    return Answer(text, {"schema": "migrator.hooks.listen/1", "url": url, "exit_code": 0})
