"""What a request to the simulated ActiveCollab asks for, however its address is written, and what may be logged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from migrator.sandbox.activecollab_web import COMMANDS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ALIVE, SUBSCRIBE, PAGE = "/alive", "/subscribe", "/page"
TOKEN_PARAMETERS = {2: "token", 3: "auth_api_token"}
TOKEN_HEADER = "X-Angie-AuthApiToken"  # noqa: S105 - the name of a header
_HEADER_KEY = "HTTP_X_ANGIE_AUTHAPITOKEN"
_LEGACY = re.compile(r"(/activecollab)?(/public)?/api\.php")
_MODERN = re.compile(r"(?:/[0-9]+)?/api/v1(?:/(.*))?")
_IN_QUERY = re.compile(r"(?<![^&])(token|auth_api_token)=[^&]+")
_WITH_PASSWORDS = frozenset({"issue-token", "issue-token-intent", "external/login", ""})


def route_of(generation: int, environ: WSGIEnvironment) -> str:
    """The path that the request is routed by: a command, or one of ALIVE, SUBSCRIBE and PAGE.

    Leading slashes, `%2F` and parameters glued to `path_info` are all the same (CLI). Whatever is outside the
    API is answered by the application's page.
    """
    path, query = str(environ.get("PATH_INFO", "")), parse_qs(str(environ.get("QUERY_STRING", "")))
    if _LEGACY.fullmatch(path):
        if query.get("check_if_alive") == ["1"]:
            return ALIVE
        command = query.get("path_info", [""])[0].strip("/")
        if not command and generation == 3 and environ["REQUEST_METHOD"] == "POST":
            return SUBSCRIBE
        return f"{COMMANDS}/{command}"
    modern = _MODERN.fullmatch(path) if generation == 5 else None
    if modern:
        command = (modern[1] or query.get("path_info", [""])[0]).strip("/")
        return f"{COMMANDS}/{command}"
    return PAGE


def token_of(generation: int, environ: WSGIEnvironment) -> str | None:
    """The token, from where this generation looks for it and nowhere else."""
    if generation == 5:
        return environ.get(_HEADER_KEY)
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get(TOKEN_PARAMETERS[generation], [None])[0]


def for_the_log(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The request without its token."""
    query = _IN_QUERY.sub(r"\1=***", str(environ.get("QUERY_STRING", "")))
    return {**environ, "QUERY_STRING": query}


def holds_password(command: str) -> bool:
    """Whether the body of such a command may hold a password."""
    return command in _WITH_PASSWORDS
