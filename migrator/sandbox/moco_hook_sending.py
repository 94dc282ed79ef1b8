"""How the simulated MOCO calls a web hook: by HTTP, on this machine only, at once or from the background."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import urlsplit

_PATIENCE = 10.0
_PAUSE = 0.5


def send_to_this_machine(address: str, headers: Mapping[str, str], body: bytes) -> int:
    """Post `body` and return the status; a redirect is not followed.

    Raises OSError when nobody answers, and for an address elsewhere: nothing a sandbox does leaves the machine.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not is_loopback(host):
        raise OSError(f"{host or 'no host'} is not this machine; a sandbox calls nobody else")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=_PATIENCE)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    try:
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(f"{address}: {error}") from error
    finally:
        connection.close()


def is_loopback(host: str) -> bool:
    """Whether a host of an address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Deliverer:
    """Calls `deliver` again and again from a thread of its own, until the `with` block ends."""

    def __init__(self, deliver: Callable[[], object], pause: float = _PAUSE) -> None:
        self._deliver = deliver
        self._pause = pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Deliverer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._pause):
            self._deliver()
