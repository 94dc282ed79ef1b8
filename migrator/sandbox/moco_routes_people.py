"""Companies and users of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_query import query_flag, query_ids, query_moment, query_word
from migrator.sandbox.moco_records import Company, Permission, User
from migrator.sandbox.moco_shapes import company_json, user_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    by_name,
    caller,
    page_of,
    sent_fields,
)

_COMPANY_TYPES = ("customer", "supplier", "organization")


class CompanyRoutes:
    """`/companies`; everybody reads, changing needs the companies permission (GUESS)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/companies", f"{API_ROOT}/companies/<int:company_id>"
        app.add_url_rule(many, view_func=self.list_companies, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_company, methods=["POST"])
        app.add_url_rule(one, view_func=self.show_company, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_company, methods=["PUT", "PATCH"])
        app.add_url_rule(f"{one}/archive", view_func=self.archive_company, methods=["PUT"])
        app.add_url_rule(f"{one}/unarchive", view_func=self.unarchive_company, methods=["PUT"])

    def list_companies(self) -> Response:
        """Paged, by name (RECORDED); archived ones left out (DOC), an unknown `type` ignored (LIVE)."""
        chosen = [company for company in self._state.companies.values() if _company_wanted(company)]
        return page_of(by_name(chosen, lambda c: c.name), lambda c: company_json(self._state, c))

    def show_company(self, company_id: int) -> Response:
        """One company (RECORDED), 404 empty (LIVE)."""
        return answer(company_json(self._state, self._company(company_id)))

    def create_company(self) -> Response:
        """200; `name` and `type` suffice, number and currency come from the account (RECORDED)."""
        caller().require(Permission.COMPANIES)
        state, fields = self._state, FieldReader(sent_fields())
        kind = fields.text("type")
        if kind and kind not in _COMPANY_TYPES:
            fields.complain("type", Words.NOT_A_CHOICE)
        owner, now = caller().user, state.now()
        number = state.next_company_identifier() if kind == "customer" else None
        currency = state.switches.currency
        user_id = owner.id if owner else None
        blank = Company(state.new_id(), kind, "", number, True, False, currency, user_id, now, now)
        return self._store(self._with_sent(blank, fields))

    def update_company(self, company_id: int) -> Response:
        """Partial update (RECORDED)."""
        caller().require(Permission.COMPANIES)
        company = self._company(company_id)
        return self._store(self._with_sent(company, FieldReader(sent_fields())))

    def archive_company(self, company_id: int) -> Response:
        """200 and the company (DOC)."""
        caller().require(Permission.COMPANIES)
        return self._store(replace(self._company(company_id), active=False))

    def unarchive_company(self, company_id: int) -> Response:
        """200 and the company (DOC)."""
        caller().require(Permission.COMPANIES)
        return self._store(replace(self._company(company_id), active=True))

    def _company(self, company_id: int) -> Company:
        company = self._state.companies.get(company_id)
        if company is None:
            raise Stop(404)
        return company

    def _with_sent(self, company: Company, fields: FieldReader) -> Company:
        identifier = fields.optional_text("identifier", company.identifier)
        others = (other for other in self._state.companies.values() if other.id != company.id)
        if identifier is not None and identifier in {other.identifier for other in others}:
            fields.complain("identifier", Words.TAKEN)
        changed = replace(
            company,
            name=fields.text("name", company.name),
            identifier=identifier,
            currency=fields.text("currency", company.currency),
        )
        if "user_id" in fields:
            changed = replace(changed, user_id=fields.reference("user_id", self._state.users))
        fields.check()
        return changed

    def _store(self, company: Company) -> Response:
        stored = replace(company, updated_at=self._state.now())
        self._state.companies[company.id] = stored
        return answer(company_json(self._state, stored))


class UserRoutes:
    """`/users`; without the people permission 403 with an empty body (LIVE)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        app.add_url_rule(f"{API_ROOT}/users", view_func=self.list_users, methods=["GET"])
        one = f"{API_ROOT}/users/<int:user_id>"
        app.add_url_rule(one, view_func=self.show_user, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_user, methods=["PUT", "PATCH"])

    def list_users(self) -> Response:
        """Paged, by last name; inactive ones with `include_archived=true` (RECORDED); `email` exact (DOC)."""
        caller().require(Permission.STAFF)
        chosen = [user for user in self._state.users.values() if _user_wanted(user)]
        return page_of(by_name(chosen, lambda u: u.lastname), lambda u: user_json(self._state, u))

    def show_user(self, user_id: int) -> Response:
        """One user (RECORDED), 404 empty (LIVE)."""
        return answer(user_json(self._state, self._user(user_id)))

    def update_user(self, user_id: int) -> Response:
        """Partial update (RECORDED); `active` archives or restores (DOC), taken e-mail 422 (RECORDED)."""
        user, fields = self._user(user_id), FieldReader(sent_fields())
        email = fields.text("email", user.email).lower()
        if email in {other.email for other in self._state.users.values() if other.id != user.id}:
            fields.complain("email", Words.TAKEN)
        changed = replace(
            user,
            firstname=fields.text("firstname", user.firstname),
            lastname=fields.text("lastname", user.lastname),
            email=email,
            active=fields.flag("active", user.active),
            external=fields.flag("external", user.external),
            updated_at=self._state.now(),
        )
        fields.check()
        self._state.users[user.id] = changed
        return answer(user_json(self._state, changed))

    def _user(self, user_id: int) -> User:
        caller().require(Permission.STAFF)
        user = self._state.users.get(user_id)
        if user is None:
            raise Stop(404)
        return user


def _company_wanted(company: Company) -> bool:
    ids, kind, after = query_ids(), query_word("type"), query_moment("updated_after")
    identifier, term = query_word("identifier"), query_word("term")
    return (
        (query_flag("include_archived") is True or company.active)
        and (ids is None or company.id in ids)
        and (kind not in _COMPANY_TYPES or company.kind == kind)
        and identifier in (None, company.identifier)
        and (term is None or term.casefold() in f"{company.name}\n{company.identifier}".casefold())
        and (after is None or company.updated_at.replace(microsecond=0) > after)
    )


def _user_wanted(user: User) -> bool:
    ids, email, after = query_ids(), query_word("email"), query_moment("updated_after")
    return (
        (query_flag("include_archived") is True or user.active)
        and (ids is None or user.id in ids)
        and email in (None, user.email)
        and (after is None or user.updated_at.replace(microsecond=0) > after)
    )
