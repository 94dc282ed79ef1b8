"""Companies of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_properties import asked_properties, sent_properties
from migrator.sandbox.moco_query import query_flag, query_ids, query_moment, query_word, query_words
from migrator.sandbox.moco_records import Company, Permission
from migrator.sandbox.moco_shapes_people import company_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    by_name,
    caller,
    deleted_whole,
    page_of,
    sent_fields,
)

_TYPES = ("customer", "supplier", "organization")
_FORMATS = ("regular_pdf", "x_invoice", "zugferd_x_invoice")
_MEANS = ("not_defined", "credit_transfer")


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
        app.add_url_rule(one, view_func=self.delete_company, methods=["DELETE"])
        app.add_url_rule(f"{one}/archive", view_func=self.archive_company, methods=["PUT"])
        app.add_url_rule(f"{one}/unarchive", view_func=self.unarchive_company, methods=["PUT"])

    def list_companies(self) -> Response:
        """Paged, by name (RECORDED); archived ones left out (DOC), an unknown `type` ignored (LIVE)."""
        chosen = [company for company in self._state.companies.values() if self._wanted(company)]
        return page_of(by_name(chosen, lambda c: c.name), lambda c: company_json(self._state, c))

    def show_company(self, company_id: int) -> Response:
        """One company (RECORDED), 404 empty (LIVE)."""
        return answer(company_json(self._state, self._company(company_id)))

    def create_company(self) -> Response:
        """200; `name` and `type` suffice, number, currency and user come from the account (RECORDED).

        With manual number ranges a customer needs its identifier (DOC).
        """
        caller().require(Permission.COMPANIES)
        state, fields = self._state, FieldReader(sent_fields())
        kind = fields.text("type")
        if kind and kind not in _TYPES:
            fields.complain("type", Words.NOT_A_CHOICE)
        number = None
        if kind == "customer" and "identifier" not in fields:
            if state.switches.manual_company_identifiers:
                fields.complain("identifier", Words.BLANK)
            number = state.next_company_identifier()
        owner, now = caller().user, state.now()
        user_id = owner.id if owner else None
        blank = Company(state.new_id(), kind, "", number, True, False, state.switches.currency, user_id, now, now)
        return self._store(self._with_sent(blank, fields))

    def update_company(self, company_id: int) -> Response:
        """Partial update: PUT (RECORDED), PATCH (DOC); another `type` is 422 (GUESS, strict)."""
        caller().require(Permission.COMPANIES)
        company, fields = self._company(company_id), FieldReader(sent_fields())
        if fields.text("type", company.kind) != company.kind:
            fields.complain("type", Words.UNCHANGEABLE)
        return self._store(self._with_sent(company, fields))

    def delete_company(self, company_id: int) -> Response:
        """200 and nothing (RECORDED 2023), or the object (DOC), by switch; with projects 422 base (GUESS)."""
        caller().require(Permission.COMPANIES)
        company = self._company(company_id)
        if any(project.company_id == company.id for project in self._state.projects.values()):
            raise Invalid({"base": [Words.IN_USE]})
        shown = company_json(self._state, company)
        del self._state.companies[company.id]
        return deleted_whole(self._state, shown)

    def archive_company(self, company_id: int) -> Response:
        """200 and the company (DOC)."""
        caller().require(Permission.COMPANIES)
        return self._store(replace(self._company(company_id), active=False, archived_at=self._state.now()))

    def unarchive_company(self, company_id: int) -> Response:
        """200 and the company (DOC)."""
        caller().require(Permission.COMPANIES)
        return self._store(replace(self._company(company_id), active=True, archived_at=None))

    def _company(self, company_id: int) -> Company:
        company = self._state.companies.get(company_id)
        if company is None:
            raise Stop(404)
        return company

    def _with_sent(self, company: Company, fields: FieldReader) -> Company:
        state = self._state
        identifier = fields.optional_text("identifier", company.identifier)
        others = (other for other in state.companies.values() if other.id != company.id)
        if identifier is not None and identifier in {other.identifier for other in others}:
            fields.complain("identifier", Words.TAKEN)
        merged = state.switches.custom_properties_merged
        changed = replace(
            company,
            name=fields.text("name", company.name),
            identifier=identifier,
            currency=fields.text("currency", company.currency),
            user_id=fields.optional_reference("user_id", state.users, company.user_id),
            website=fields.plain_text(_first(fields, "website", "work_website"), company.website),
            email=fields.optional_text(_first(fields, "email", "billing_email", "work_email"), company.email),
            billing_email_cc=fields.plain_text("billing_email_cc", company.billing_email_cc),
            phone=fields.plain_text(_first(fields, "phone", "work_phone"), company.phone),
            fax=fields.plain_text(_first(fields, "fax", "work_fax"), company.fax),
            address=fields.plain_text("address", company.address),
            info=fields.plain_text("info", company.info),
            footer=fields.plain_text("footer", company.footer),
            tags=fields.texts(_first(fields, "tags", "labels"), company.tags),
            custom_properties=sent_properties(
                state.property_fields, "Company", fields, company.custom_properties, merged
            ),
        )
        changed = _with_accounting(changed, fields)
        fields.check()
        return changed

    def _store(self, company: Company) -> Response:
        stored = replace(company, updated_at=self._state.now())
        self._state.companies[company.id] = stored
        return answer(company_json(self._state, stored))

    def _wanted(self, company: Company) -> bool:
        ids, kind, after = query_ids(), query_word("type"), query_moment("updated_after")
        identifier, term, tags = query_word("identifier"), query_word("term"), query_words("tags")
        return (
            (query_flag("include_archived") is True or company.active)
            and (ids is None or company.id in ids)
            and (kind not in _TYPES or company.kind == kind)
            and identifier in (None, company.identifier)
            and (tags is None or bool({tag.strip() for tag in tags} & set(company.tags)))
            and (term is None or term.casefold() in f"{company.name}\n{company.identifier}".casefold())
            and (after is None or company.updated_at.replace(microsecond=0) > after)
            and asked_properties(self._state.property_fields, "Company", company.custom_properties)
        )


def _with_accounting(company: Company, fields: FieldReader) -> Company:
    """`company` with the fields of bookkeeping; `billing_tax` is the oldest name of the tax (RECORDED)."""
    taxes = [fields.amount(name, None) for name in ("customer_tax", "supplier_tax", "billing_tax")]
    tax = next((each for each in taxes if each is not None), company.tax)
    due = fields.whole(_first(fields, "default_invoice_due_days", "invoice_due_days"), company.invoice_due_days)
    for code in ("customer_vat_code_id", "supplier_vat_code_id"):
        fields.whole(code, None)
    return replace(
        company,
        tax=tax,
        invoice_due_days=company.invoice_due_days if due is None else due,
        country_code=fields.text("country_code", company.country_code),
        vat_identifier=fields.optional_text("vat_identifier", company.vat_identifier),
        billing_notes=fields.plain_text("billing_notes", company.billing_notes),
        other_language=fields.flag("alternative_correspondence_language", company.other_language),
        invoice_format=fields.choice("invoice_format", _FORMATS, company.invoice_format),
        payment_means=fields.choice("default_payment_means", _MEANS, company.payment_means),
        iban=fields.optional_text("iban", company.iban),
        bank_bic=fields.optional_text("bank_bic", company.bank_bic),
        bank_owner=fields.optional_text("bank_owner", company.bank_owner),
        debit_number=fields.whole("debit_number", company.debit_number),
        credit_number=fields.whole("credit_number", company.credit_number),
    )


def _first(fields: FieldReader, *names: str) -> str:
    """The first of these names that was sent: a field and its deprecated aliases (DOC)."""
    return next((name for name in names if name in fields), names[0])
