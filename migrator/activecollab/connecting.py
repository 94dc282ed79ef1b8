"""Connecting to a server: which generation it is, found out where the caller does not say."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import assert_never

from migrator.activecollab.address import Endpoint, endpoints
from migrator.activecollab.client import Client, Generation
from migrator.activecollab.conversation import Conversation
from migrator.activecollab.credential import Credential
from migrator.activecollab.generation2 import Generation2Client
from migrator.activecollab.generation3 import Generation3Client
from migrator.activecollab.generation5 import Generation5Client
from migrator.activecollab.pace import Pace
from migrator.activecollab.system_info import read_info
from migrator.activecollab.transport import Elsewhere, Network, Purpose, Silence, Transport
from migrator.activecollab.wire import Answer
from migrator.errors import LoginRefused, TryAgainLater, UsageError

_PROOFS = {
    Generation.TWO: ("info",),
    Generation.THREE: ("info",),
    # There `info` may be for everybody; everyone who is logged in has a list of projects, if an empty one.
    Generation.FIVE: ("info", "projects"),
}

_OUT_OF_ORDER = 500
"""Statuses from here on say nothing of the question."""


def connect(
    url: str,
    token: str,
    *,
    generation: Generation | None = None,
    timezone: tzinfo,
    today: date,
    timeout_seconds: float = 60.0,
    requests_per_minute: int = 120,
    proxy: str = "",
    ca_file: str = "",
    allow_http: bool = False,
    recent: Iterable[float] = (),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """A client for the server at `url`, which may be the address of its API or of the site.

    Without `generation` the server is asked for `info`, in the likeliest ways first; with it, only where `url`
    leaves open where the API is. Moments without a zone are in `timezone`; days more than a year after `today`
    are refused. `timeout_seconds` bounds every silence. `recent` are the ages of requests that a client before sent
    (`recent_requests`), so that both together keep the pace. `clock` gives seconds and only moves forward.
    Raises `ConfigurationError` for an address or token that cannot be one, `LoginRefused`, `TryAgainLater` when
    nobody answers, `UsageError` when no ActiveCollab does.
    """
    network = Network(timeout_seconds, requests_per_minute, proxy, ca_file, clock, sleep)
    credential = Credential(token, Generation.FIVE)
    places = endpoints(url, generation, allow_http=allow_http)
    pace = Pace(requests_per_minute, clock=clock, sleep=sleep)
    pace.seed(recent)
    search = _Search(network, credential, pace)
    transport = search.open(places[0]) if generation and len(places) == 1 else search.find(places, generation)
    spoken = transport.endpoint.generation
    talk = Conversation(transport, credential.speaking(spoken), _PROOFS[spoken])
    match spoken:
        case Generation.TWO:
            return Generation2Client(talk, timezone=timezone, today=today)
        case Generation.THREE:
            return Generation3Client(talk, timezone=timezone, today=today)
        case Generation.FIVE:
            return Generation5Client(talk, timezone=timezone, today=today)
        case _:
            assert_never(spoken)


@dataclass(slots=True)
class _Search:
    """Looks for the API among the places it may be."""

    network: Network
    credential: Credential
    pace: Pace

    def open(self, place: Endpoint) -> Transport:
        return Transport(place, self.credential.speaking(place.generation), self.network, pace=self.pace)

    def find(self, places: tuple[Endpoint, ...], wanted: Generation | None) -> Transport:
        """The transport of the first place that answers `info` as its generation does."""
        waiting, asked = list(places), set[Endpoint]()
        refused, words = False, "no answer that ActiveCollab gives"
        out_of_order = 0
        spent = Counter[str]()
        while waiting:
            place = waiting.pop(0)
            if place in asked:
                continue
            asked.add(place)
            transport = self.open(place)
            transport.requests.update(spent)
            got = transport.get("info", purpose=Purpose.DETAIL)
            spent = transport.requests
            if isinstance(got, Silence):
                raise _unanswered(place.host, got.why)
            if isinstance(got, Elsewhere):
                refused, words = refused or got.login, got.why
                transport.close()
                continue
            told = _told(got)
            if told is place.generation or (told is not None and wanted is not None):
                return transport
            transport.close()
            if told is not None:
                # Reached, but another generation: the same server, spoken to as what it says it is.
                waiting[:0] = _elsewhere(transport.endpoint, told)
            refused = refused or got.status in {401, 403}
            out_of_order = got.status if got.status >= _OUT_OF_ORDER else out_of_order
        if out_of_order and not refused:
            # A server that stumbles over every question may be the right one all the same.
            raise _unanswered(places[0].host, f"the server is out of order (status {out_of_order})")
        raise _not_found(places[0].host, words, refused=refused)


def _told(got: Answer) -> Generation | None:
    """The generation that an answer to `info` tells; closes the answer."""
    with closing(got.body):
        info = read_info(got.body) if 200 <= got.status < 300 else None
    return None if info is None else info.generation


def _elsewhere(place: Endpoint, told: Generation) -> list[Endpoint]:
    """Where a server that said it is of generation `told` is spoken to."""
    if Generation.FIVE not in (told, place.generation):
        return [replace(place, generation=told)]
    if told is Generation.FIVE:
        return [Endpoint(f"{place.site}/api/v1", told)]
    return [Endpoint(f"{place.site}/{path}", told) for path in ("api.php", "public/api.php")]


def _unanswered(host: str, why: str) -> TryAgainLater:
    return TryAgainLater(
        f"ActiveCollab at {host}: {why}", hint="check activecollab.url and the server, then run the same command again"
    )


def _not_found(host: str, words: str, *, refused: bool) -> LoginRefused | UsageError:
    if refused:
        return LoginRefused(
            f"ActiveCollab at {host} refused the token",
            hint="set activecollab.token to the token in the profile there; it changes with the password",
        )
    return UsageError(
        f"no ActiveCollab was found at {host}: {words}",
        hint="set activecollab.url to https://HOST/…/public/api.php (up to 4.x) or https://HOST/…/api/v1 (5.x)",
    )
