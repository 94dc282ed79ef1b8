"""What an error answer of MOCO raises: the class says what to do, the words say what, where and why."""

from __future__ import annotations

from typing import Any

from migrator.core.model import MocoId
from migrator.moco.errors import (
    Forbidden,
    InvalidRequest,
    KeyRefused,
    Locked,
    MocoError,
    NotFound,
    PermissionMissing,
    TooManyRequests,
)
from migrator.moco.refusals import Refusal

_AREAS = {
    "account": "the account's settings",
    "activities": "the time of other people",
    "companies": "companies and contacts",
    "projects": "projects",
    "units": "people (Staff)",
    "users": "people (Staff)",
    "profile": "people (Staff)",
}


def error_of(
    endpoint: str, refusal: Refusal, as_user: MocoId | None = None, retry_after: float | None = None
) -> MocoError:
    """The error that `refusal` of `endpoint` (method and path) is; nothing was changed by a request that is refused."""
    said = f": {refusal.text}" if refusal.text else ""
    told: dict[str, Any] = {"endpoint": endpoint, "status": refusal.status, "messages": refusal.messages}
    match refusal.status:
        case 401:
            return _unknown_key(endpoint, refusal, said, told)
        case 403:
            return _forbidden(endpoint, said, as_user, told)
        case 404 | 410:
            return NotFound(
                f"MOCO has nothing at {endpoint}{said}",
                hint="Look whether it was deleted, and whether the key's owner may see it.",
                **told,
            )
        case 423:
            return Locked(f"MOCO is busy with {endpoint}{said}", hint="Try again in a minute.", **told)
        case 429:
            wait = "Wait" if retry_after is None else f"Wait {retry_after:g} s"
            return TooManyRequests(
                f"MOCO got too many requests and refused {endpoint}{said}",
                hint=f"{wait} before the next request.",
                retry_after=retry_after,
                **told,
            )
        case _:
            return InvalidRequest(
                f"MOCO refused {endpoint} with {refusal.status}{said}",
                hint="Correct what MOCO names, and send it again.",
                **told,
            )


def _unknown_key(endpoint: str, refusal: Refusal, said: str, told: dict[str, Any]) -> KeyRefused:
    # The status is the same for both (reported live in 2026); these words only choose the hint.
    if "subdomain" in refusal.text.lower():
        return KeyRefused(f"MOCO does not know this account{said}", hint="Check the name in moco.url.", **told)
    if endpoint == "POST /session":
        return KeyRefused(f"MOCO refused e-mail address or password{said}", hint="Check both.", **told)
    return KeyRefused(f"MOCO refused the key{said}", hint="Check moco.api_key.", **told)


def _forbidden(endpoint: str, said: str, as_user: MocoId | None, told: dict[str, Any]) -> PermissionMissing:
    if as_user is not None:
        return Forbidden(
            f"MOCO refused {endpoint} as person {as_user}{said}",
            as_user,
            hint="The key needs the Staff permission, and the person must be active.",
            **told,
        )
    area = _AREAS.get(endpoint.partition("/")[2].split("/")[0], "this")
    return PermissionMissing(
        f"MOCO refused {endpoint} to this key{said}: the permission for {area} is missing",
        hint="Give the key's owner this permission in MOCO, or use an account key with full access.",
        **told,
    )
