"""Users: the people of the account; needs the Staff permission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict, Unpack

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    CustomProperties,
    CustomValue,
    Named,
    among,
    changed_since,
    check_choice,
    check_text,
    custom_filter,
    custom_properties_of,
    has_properties,
    has_tag,
    id_of,
    named,
    same,
    sorting,
    written,
)
from migrator.moco.json_values import JsonObject

_RENAMED = {"birthday": "bday"}


class Language(StrEnum):
    """The languages a person can have MOCO in."""

    DE = "de"
    DE_AT = "de-AT"
    DE_CH = "de-CH"
    EN = "en"
    IT = "it"
    FR = "fr"


@dataclass(frozen=True, slots=True)
class User:
    """A person; `email` is lower-case in MOCO, `external` says whether somebody from outside. Moments are UTC.

    Addresses, numbers and the day of birth are not shown by `repr`. Texts are "" where MOCO has null; `role` is None
    where a server does not show it.
    """

    id: MocoId
    firstname: str
    lastname: str
    active: bool
    external: bool | None
    email: str = field(repr=False)
    mobile_phone: str = field(repr=False)
    work_phone: str = field(repr=False)
    home_address: str = field(repr=False)
    info: str = field(repr=False)
    birthday: date | None = field(repr=False)
    iban: str = field(repr=False)
    avatar_url: str
    tags: tuple[str, ...]
    custom_properties: CustomProperties = field(repr=False)
    credit_number: str
    role: Named | None
    unit: Named | None
    created_at: datetime | None
    updated_at: datetime | None

    @property
    def role_id(self) -> MocoId | None:
        """The id of the role, by the name it is written with."""
        return id_of(self.role)

    @property
    def unit_id(self) -> MocoId | None:
        """The id of the unit, by the name it is written with."""
        return id_of(self.unit)


class Avatar(TypedDict):
    """A picture: the file's name and its bytes in base64."""

    filename: str
    base64: str


class UserFields(TypedDict, total=False):
    """What can be written beside names, e-mail address and unit.

    MOCO writes `external` and `bday` and reads `extern` and `birthday`: here it is `external` and `birthday` both ways.
    `custom_properties` of an update must be whole (`parts.merged_properties`).
    """

    active: bool
    external: bool
    language: Language | str
    mobile_phone: str | None
    work_phone: str | None
    home_address: str | None
    birthday: date | None
    iban: str | None
    info: str | None
    password: str
    role_id: int
    tags: Sequence[str]
    custom_properties: Mapping[str, CustomValue]
    credit_number: str | None
    avatar: Avatar


class UserChanges(UserFields, total=False):
    """What an update can change."""

    firstname: str
    lastname: str
    email: str
    unit_id: int


def read_user(value: object, endpoint: str = "a write") -> User:
    """A person; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    external = row.maybe_flag("extern")
    return User(
        id=row.id(),
        firstname=row.text("firstname"),
        lastname=row.text("lastname"),
        active=row.flag("active", when_missing=True),
        external=row.maybe_flag("external") if external is None else external,
        email=row.text("email"),
        mobile_phone=row.text("mobile_phone"),
        work_phone=row.text("work_phone"),
        home_address=row.text("home_address"),
        info=row.text("info"),
        birthday=row.maybe_day("birthday") or row.maybe_day("bday"),
        iban=row.text("iban"),
        avatar_url=row.text("avatar_url"),
        tags=row.texts("tags") or row.texts("labels"),
        custom_properties=custom_properties_of(row),
        credit_number=row.text("credit_number"),
        role=named(row.maybe_inner("role")),
        unit=named(row.maybe_inner("unit")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def listed(
    *,
    include_archived: bool = False,
    email: str = "",
    tags: Sequence[str] = (),
    custom_properties: Mapping[str, CustomValue] | None = None,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
    sort_by: str = "",
) -> ListCall[User]:
    """`GET /users`: those that fit every filter; deactivated ones only with `include_archived`.

    `email` is compared without capitals; the filter is of 2026: an older server ignores it and is read to the end.
    `sort_by` is a field, or `field desc`.
    """
    properties = custom_properties or {}
    wanted_email = email.strip().lower()
    query = query_of(
        {
            "include_archived": include_archived or None,
            "email": wanted_email or None,
            "tags": tags,
            "ids": ids,
            "updated_after": updated_after,
            "sort_by": sorting(sort_by),
        }
    )

    def keeps(row: User) -> bool:
        return (
            (include_archived or row.active)
            and same(row.email.lower(), wanted_email or None)
            and has_tag(row.tags, tags)
            and has_properties(row.custom_properties, properties)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall(
        "/users", lambda value: read_user(value, "GET /users"), {**query, **custom_filter(properties)}, keeps
    )


def get(user_id: int) -> Call[User]:
    """`GET /users/{id}`."""
    return _one("GET", f"/users/{user_id:d}")


def create(
    *,
    firstname: str,
    lastname: str,
    email: str,
    unit_id: int,
    welcome_email: bool = False,
    **fields: Unpack[UserFields],
) -> Call[User]:
    """`POST /users`: a person; MOCO keeps the e-mail address in lower case.

    MOCO sends the person a mail unless told otherwise; here it is told so unless `welcome_email` is True.
    """
    check_text("lastname", lastname)
    check_text("email", email)
    new: UserChanges = {"firstname": firstname, "lastname": lastname, "email": email, "unit_id": unit_id, **fields}
    return _one("POST", "/users", {**_body(new), "welcome_email": welcome_email})


def update(user_id: int, **fields: Unpack[UserChanges]) -> Call[User]:
    """`PUT /users/{id}`: what is given is changed, the rest stays; `active` False deactivates."""
    return _one("PUT", f"/users/{user_id:d}", _body(fields))


def _body(fields: UserChanges) -> dict[str, object]:
    check_choice(Language, fields, "language")
    return written("a user", UserChanges.__annotations__, fields, _RENAMED)


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[User]:
    return Call(method, path, lambda value: read_user(value, f"{method} {path}"), body=body)
