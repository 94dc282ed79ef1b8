"""Getting a token by user name and password, as each generation offers it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import assert_never
from urllib.parse import urlsplit

from migrator.activecollab.address import Endpoint, endpoints
from migrator.activecollab.client import Generation
from migrator.activecollab.refusals import parse_refusal
from migrator.activecollab.transport import Network, Transport
from migrator.activecollab.wire import Answer
from migrator.errors import LoginRefused, UsageError

CLOUD_LOGIN = "https://activecollab.com/api/v1"
"""Where accounts of the cloud log in (since May 2025; fact sheet §5.1)."""
_CLOUD = "app.activecollab.com"
_CLIENT = {"client_name": "migrator", "client_vendor": "migrator"}
_LARGEST = 2**20
_TOKEN = re.compile(r"[0-9]{1,18}-[\x21-\x7e]{8,200}")


def issue_token(
    url: str,
    username: str,
    password: str,
    *,
    timeout_seconds: float = 60.0,
    proxy: str = "",
    ca_file: str = "",
    allow_http: bool = False,
    cloud_login: str = "",
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """A new token for the API at `url`: of 3.x and 4.x for `…/api.php`, of 5.x and later for anything else.

    An account of the cloud, `https://app.activecollab.com/ACCOUNT`, takes two steps; `cloud_login` names where the
    first goes if not to `CLOUD_LOGIN`. Every call makes one more token; 1.x and 2.x issue none. Raises
    `LoginRefused` with the server's words, `TryAgainLater`, `ConfigurationError` for an address that is none,
    `UsageError` for an answer without a token. The password goes nowhere but into these requests.
    """
    if not username or not password:
        raise UsageError("user name and password are needed for a token; one of them is empty")
    network = Network(timeout_seconds, 60, proxy, ca_file, clock, sleep)
    place = endpoints(url, None, allow_http=allow_http)[0]
    desk = _Desk(network, password)
    if cloud_login or place.host == _CLOUD:
        login = endpoints(cloud_login or CLOUD_LOGIN, Generation.FIVE, allow_http=allow_http)[0]
        return desk.of_cloud(place, login, username)
    match place.generation:
        case Generation.FIVE:
            return desk.of_server(place, username)
        case Generation.TWO | Generation.THREE:
            return desk.of_legacy(place, username)
        case _:
            assert_never(place.generation)


class _Desk:
    """Asks for tokens; knows the password only to send it, and to mask it in what servers say."""

    def __init__(self, network: Network, password: str) -> None:
        self._network = network
        self._password = password

    def __repr__(self) -> str:
        return "_Desk(...)"

    def of_server(self, place: Endpoint, username: str) -> str:
        told = self._post(place, "issue-token", {"username": username, "password": self._password, **_CLIENT})
        return self._token(place, told)

    def of_cloud(self, place: Endpoint, login: Endpoint, username: str) -> str:
        told = self._post(login, "external/login", {"email": username, "password": self._password})
        user = told.get("user")
        intent = user.get("intent") if isinstance(user, dict) else None
        if not isinstance(intent, str) or not intent:
            raise LoginRefused(
                f"{login.host} accepted the login but gave no intent; a second factor may be asked for",
                hint="make a token in ActiveCollab (API access) and set activecollab.token",
            )
        self._require_account(place, told.get("accounts"))
        return self._token(place, self._post(place, "issue-token-intent", {"intent": intent, **_CLIENT}))

    def of_legacy(self, place: Endpoint, username: str) -> str:
        fields = {"email": username, "password": self._password, **_CLIENT}
        form = {f"api_subscription[{name}]": value for name, value in fields.items()}
        transport = Transport(place, None, self._network)
        answer = transport.send("POST", "", form | {"submitted": "submitted"})
        text = self._success(place, answer).decode("utf-8", "replace")
        found = re.search(r"API key:\s*(\S+)", text)
        return self._whole(place, found[1] if found else None)

    def _post(self, place: Endpoint, command: str, body: Mapping[str, object]) -> Mapping[str, object]:
        answer = Transport(place, None, self._network).send("POST", command, {}, body=body)
        try:
            told = json.loads(self._success(place, answer))
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or told.get("is_ok") in (False, 0):
            return {}
        return told

    def _success(self, place: Endpoint, answer: Answer) -> bytes:
        with closing(answer.body):
            if 200 <= answer.status < 300:
                return answer.head(_LARGEST)
            said = str(parse_refusal(answer)).replace(self._password, "(password)")
        if answer.status == 404:
            raise UsageError(
                f"{place.host} does not know the command that issues tokens (404)",
                hint="check activecollab.url; up to 2.x tokens are made in the profile only",
            )
        raise LoginRefused(
            f"{place.host} refused the login (status {answer.status}){f': {said}' if said else ''}",
            hint="check user name and password, and that the person may use the API",
        )

    def _require_account(self, place: Endpoint, accounts: object) -> None:
        """Refuse to go on when the login lists accounts, and the address belongs to none of them."""
        wanted = urlsplit(place.site).path.strip("/")
        listed = [it for it in accounts if isinstance(it, dict)] if isinstance(accounts, list) else []
        names = {str(it.get("name", "")) for it in listed} | {
            urlsplit(str(it.get("url", ""))).path.strip("/").partition("/")[0] for it in listed
        }
        if listed and wanted.rpartition("/")[2] not in names:
            raise UsageError(
                f"the login has no account {wanted or '(none is named in activecollab.url)'}",
                hint=f"its accounts are: {', '.join(sorted(name for name in names if name))}",
            )

    def _token(self, place: Endpoint, told: Mapping[str, object]) -> str:
        token = told.get("token")
        return self._whole(place, token if isinstance(token, str) else None)

    def _whole(self, place: Endpoint, token: str | None) -> str:
        if token is None or not _TOKEN.fullmatch(token):
            raise UsageError(
                f"{place.host} answered, but not with a token",
                hint="check activecollab.url: it must lead to the API of this very account",
            )
        return token
