"""Who the key belongs to, who a request acts as, and a key for an e-mail address and password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from migrator.core.model import MocoId
from migrator.moco.answers import LoginSession, read_session
from migrator.moco.call import Call
from migrator.moco.calls.parts import Named, check_text, named
from migrator.moco.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """What a password is exchanged for; `repr` does not show the key."""

    api_key: str = field(repr=False)
    user_id: MocoId | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The person that a request acts as; `external` says whether somebody from outside, moments are UTC."""

    id: MocoId
    email: str
    full_name: str
    firstname: str
    lastname: str
    active: bool
    external: bool | None
    avatar_url: str
    unit: Named | None
    created_at: datetime | None
    updated_at: datetime | None


def read_profile(value: object, endpoint: str = "GET /profile") -> Profile:
    """A profile, which spells names differently from a user; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Profile(
        id=row.id(),
        email=row.text("email"),
        full_name=row.text("full_name"),
        firstname=row.text("first_name") or row.text("firstname"),
        lastname=row.text("last_name") or row.text("lastname"),
        active=row.flag("active", when_missing=True),
        external=row.maybe_flag("external"),
        avatar_url=row.text("avatar_url"),
        unit=named(row.maybe_inner("unit")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def read_issued(value: object, endpoint: str = "POST /session") -> IssuedKey:
    """A key; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    key = row.text("api_key")
    if not key:
        raise row.wrong("api_key", "a key")
    return IssuedKey(key, row.maybe_id("user_id"))


def get() -> Call[LoginSession]:
    """`GET /session`: whose key this is; what an account's own key gets is not documented."""
    return Call("GET", "/session", lambda value: read_session(value, "GET /session"))


def profile() -> Call[Profile]:
    """`GET /profile`: the person a request acts as, which proves that impersonation works."""
    return Call("GET", "/profile", read_profile)


def log_in(email: str, password: str) -> Call[IssuedKey]:
    """`POST /session`: the key of whom the password belongs to; needs no key, and 401 says that it is wrong."""
    check_text("email", email)
    check_text("password", password)
    return Call("POST", "/session", read_issued, body={"email": email, "password": password})
