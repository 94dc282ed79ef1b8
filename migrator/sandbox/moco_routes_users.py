"""People of the simulated MOCO, their roles and their teams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_properties import asked_properties, sent_properties
from migrator.sandbox.moco_query import query_flag, query_ids, query_moment, query_word, sorted_by
from migrator.sandbox.moco_records import Permission, User
from migrator.sandbox.moco_shapes_people import role_json, user_json
from migrator.sandbox.moco_state import STAFF_ROLE_ID, MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    by_name,
    caller,
    deleted,
    page_of,
    sent_fields,
)

_LANGUAGES = ("de", "de-AT", "de-CH", "en", "it", "fr")


class UserRoutes:
    """`/users`; without the people permission 403 with an empty body (LIVE)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/users", f"{API_ROOT}/users/<int:user_id>"
        rules: tuple[tuple[str, Callable[..., Response], list[str]], ...] = (
            (many, self.list_users, ["GET"]),
            (many, self.create_user, ["POST"]),
            (f"{many}/roles", self.list_roles, ["GET"]),
            (one, self.show_user, ["GET"]),
            (one, self.update_user, ["PUT", "PATCH"]),
            (one, self.delete_user, ["DELETE"]),
        )
        for rule, view, methods in rules:
            app.add_url_rule(rule, view_func=view, methods=methods)

    def list_users(self) -> Response:
        """Paged, by last name (RECORDED) or as `sort_by` says (DOC).

        Inactive ones with `include_archived=true` (RECORDED); `email` exact (DOC).
        """
        caller().require(Permission.STAFF)
        chosen = [user for user in self._state.users.values() if self._wanted(user)]
        shown = sorted_by(
            by_name(chosen, lambda u: u.lastname),
            {
                "id": lambda u: u.id,
                "firstname": lambda u: u.firstname.casefold(),
                "lastname": lambda u: u.lastname.casefold(),
                "email": lambda u: u.email,
                "created_at": lambda u: u.created_at,
                "updated_at": lambda u: u.updated_at,
            },
        )
        return page_of(shown, lambda u: user_json(self._state, u))

    def list_roles(self) -> Response:
        """Every role, unpaged (DOC)."""
        caller().require(Permission.STAFF)
        return answer([role_json(role) for role in self._state.roles.values()])

    def show_user(self, user_id: int) -> Response:
        """One user (RECORDED), 404 empty (LIVE)."""
        return answer(user_json(self._state, self._user(user_id)))

    def create_user(self) -> Response:
        """200, the e-mail lower-cased (RECORDED); firstname, lastname, email, unit_id required (DOC).

        A mail welcomes the new person unless `welcome_email` is false (DOC), also a deactivated one (GUESS, strict).
        """
        caller().require(Permission.STAFF)
        state, fields, now = self._state, FieldReader(sent_fields()), self._state.now()
        unit_id = fields.reference("unit_id", state.units)
        nothing = state.roles[STAFF_ROLE_ID]
        blank = User(
            id=state.new_id(),
            firstname="",
            lastname="",
            email="",
            active=True,
            permissions=nothing.permissions,
            external=False,
            password=None,
            created_at=now,
            updated_at=now,
            unit_id=unit_id,
            role_id=nothing.id,
        )
        user = self._with_sent(blank, fields)
        state.users[user.id] = user
        if fields.flag("welcome_email", True):
            state.welcome_mails.append(user.email)
        return answer(user_json(state, user))

    def update_user(self, user_id: int) -> Response:
        """Partial update (RECORDED); `active` archives or restores (DOC), taken e-mail 422 (RECORDED)."""
        user = self._user(user_id)
        changed = replace(self._with_sent(user, FieldReader(sent_fields())), updated_at=self._state.now())
        self._state.users[user.id] = changed
        return answer(user_json(self._state, changed))

    def delete_user(self, user_id: int) -> Response:
        """204 (RECORDED) or 200 and the object (DOC); 422 with hours: billed ones (DOC), any (GUESS, strict).

        Somebody who leads a project, or deletes themselves, is 422 too (GUESS, strict).
        """
        user, state = self._user(user_id), self._state
        used = any(activity.user_id == user.id for activity in state.activities)
        leads = any(user.id in (each.leader_id, each.co_leader_id) for each in state.projects.values())
        if used or leads or user == caller().key_owner:
            raise Invalid({"base": [Words.IN_USE]})
        shown = user_json(state, user)
        for contract in [each for each in state.contracts.values() if each.user_id == user.id]:
            state.remove_contract(contract)
        for presence in [each for each in state.presences.values() if each.user_id == user.id]:
            del state.presences[presence.id]
        for employment in [each for each in state.employments.values() if each.user_id == user.id]:
            del state.employments[employment.id]
        for company in [each for each in state.companies.values() if each.user_id == user.id]:
            state.companies[company.id] = replace(company, user_id=None)
        for key in [key for key, owner in state.keys.items() if owner.user_id == user.id]:
            del state.keys[key]
        del state.users[user.id]
        return deleted(state, shown)

    def _user(self, user_id: int) -> User:
        caller().require(Permission.STAFF)
        user = self._state.users.get(user_id)
        if user is None:
            raise Stop(404)
        return user

    def _with_sent(self, user: User, fields: FieldReader) -> User:
        """`user` with every field of the published table under its written name; raises Invalid."""
        state = self._state
        email = fields.text("email", user.email).lower()
        if email in {other.email for other in state.users.values() if other.id != user.id}:
            fields.complain("email", Words.TAKEN)
        elif email and "@" not in email:
            fields.complain("email", Words.INVALID)
        role_id = fields.reference("role_id", state.roles, user.role_id)
        named = "name" if "name" in fields and "lastname" not in fields else "lastname"
        fields.choice("language", _LANGUAGES, None)
        fields.flag("welcome_email", True)
        merged = state.switches.custom_properties_merged
        changed = replace(
            user,
            firstname=fields.text("firstname", user.firstname),
            lastname=fields.text(named, user.lastname),
            email=email,
            active=fields.flag("active", user.active),
            external=fields.flag("external", user.external),
            password=fields.optional_text("password", user.password),
            unit_id=fields.reference("unit_id", state.units, user.unit_id) if "unit_id" in fields else user.unit_id,
            role_id=role_id,
            mobile_phone=fields.plain_text("mobile_phone", user.mobile_phone),
            work_phone=fields.plain_text("work_phone", user.work_phone),
            home_address=fields.plain_text("home_address", user.home_address),
            info=fields.plain_text("info", user.info),
            birthday=fields.day("bday", user.birthday),
            iban=fields.optional_text("iban", user.iban),
            credit_number=fields.optional_text("credit_number", user.credit_number),
            tags=fields.texts("tags", user.tags),
            custom_properties=sent_properties(state.property_fields, "User", fields, user.custom_properties, merged),
        )
        fields.check()
        return replace(changed, permissions=state.roles[role_id].permissions) if "role_id" in fields else changed

    def _wanted(self, user: User) -> bool:
        ids, email, after = query_ids(), query_word("email"), query_moment("updated_after")
        return (
            (query_flag("include_archived") is True or user.active)
            and (ids is None or user.id in ids)
            and email in (None, user.email)
            and (after is None or user.updated_at.replace(microsecond=0) > after)
            and asked_properties(self._state.property_fields, "User", user.custom_properties)
        )
