"""Where a server's API is: the address a person gave, and the endpoints it can stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urlsplit

from migrator.activecollab.client import Generation
from migrator.errors import ConfigurationError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:]*:[0-9a-f:]+", re.IGNORECASE)
_EXPECTED = "expected https://HOST/…/public/api.php (up to 4.x) or https://HOST/…/api/v1 (5.x and later)"
_LEGACY = (Generation.THREE, Generation.TWO)

Params = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to reach a server: the address of its API, without token, and the generation spoken there."""

    url: str
    generation: Generation

    @property
    def site(self) -> str:
        """The address that the API lies below; what `url_path` of 5.x is relative to."""
        return re.sub(r"(?:/public)?/api(?:/v1|\.php)$", "", self.url)

    @property
    def host(self) -> str:
        """The host, for messages."""
        return urlsplit(self.url).hostname or ""

    def address(self, command: str, params: Params = ()) -> str:
        """The address of `command`, without the token; the empty command is the API's own address."""
        if not command:
            return self.url
        if self.generation is Generation.FIVE:
            query = urlencode(list(params))
            return f"{self.url}/{command}{'?' if query else ''}{query}"
        return f"{self.url}?{urlencode([('path_info', command), *params], safe='/')}"


def endpoints(url: str, generation: Generation | None, *, allow_http: bool) -> tuple[Endpoint, ...]:
    """The endpoints that `url` can stand for, the likeliest first; only those of `generation` if it is given.

    `url` is the address of the API itself or of the site. Raises `ConfigurationError` for anything else, and for
    plain http to another machine unless `allow_http`.
    """
    parts = _checked(url, allow_http=allow_http)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    base = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"
    found = [Endpoint(base + path, spoken) for path, spoken in _paths(parts.path.rstrip("/"))]
    return tuple(it for it in dict.fromkeys(found) if generation in (None, it.generation))


def is_loopback(url: str) -> bool:
    """Whether `url` leads to this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def _checked(url: str, *, allow_http: bool) -> SplitResult:
    # The address itself is never shown: people paste it with a token in it.
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError((f"activecollab.url is not an address; {_EXPECTED}",)) from None
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host):
        raise ConfigurationError((f"activecollab.url is not an address; {_EXPECTED}",))
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigurationError((f"activecollab.url holds more than an address; {_EXPECTED}",))
    if parts.scheme == "http" and host not in _LOOPBACK and not allow_http:
        raise ConfigurationError(
            ("activecollab.url: plain http would show the token to everybody on the way",),
            hint="use https, or set activecollab.allow_http = true when the way is safe otherwise",
        )
    return parts


def _paths(path: str) -> list[tuple[str, Generation]]:
    root = re.sub(r"/(?:api\.php|index\.php|api/v1|api)$", "", path)
    short = root.removesuffix("/public")
    five = [(f"{short}/api/v1", Generation.FIVE)]
    if path.endswith("/api.php"):
        return [(path, spoken) for spoken in _LEGACY] + five
    if path.endswith(("/api/v1", "/api")):
        five = [(f"{root}/api/v1", Generation.FIVE)]
    places = [f"{root}/api.php"] if root != short else [f"{root}/api.php", f"{root}/public/api.php"]
    legacy = [(place, spoken) for place in places for spoken in _LEGACY]
    return legacy + five if root != short else five + legacy
