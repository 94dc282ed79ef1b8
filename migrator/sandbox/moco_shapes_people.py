"""The JSON of companies, people, teams and roles: keys of the recordings of 2022, newer ones by switch."""

from __future__ import annotations

from migrator.sandbox.moco_properties import shown_properties
from migrator.sandbox.moco_records import Company, Employment, Permission, Role, Unit, User
from migrator.sandbox.moco_shapes import Json, day_or_null, person_reference, stamp
from migrator.sandbox.moco_state import MocoState

_AREAS = {
    Permission.STAFF: ("people", "calendar", "time_tracking", "report", "settings"),
    Permission.PROJECTS: ("projects", "sales", "invoicing", "purchases"),
    Permission.COMPANIES: ("companies", "contacts"),
}


def company_json(state: MocoState, company: Company) -> Json:
    """A company; the set of keys depends on its type (RECORDED)."""
    shown: Json = {
        "id": company.id,
        "type": company.kind,
        "name": company.name,
        "website": company.website,
        "email": company.email,
        "billing_email_cc": company.billing_email_cc,
        "phone": company.phone,
        "fax": company.fax,
        "address": company.address,
        "country_code": company.country_code,
        "vat_identifier": company.vat_identifier,
        "tags": list(company.tags),
        "user": person_reference(state, company.user_id),
        "labels": list(company.tags),
        "info": company.info,
        "footer": company.footer,
        "custom_properties": shown_properties(company.custom_properties),
        "created_at": stamp(company.created_at),
        "updated_at": stamp(company.updated_at),
    }
    newer = state.switches.newer_fields
    if newer:
        shown |= {
            "active": company.active,
            "archived_on": None if company.active else stamp(company.archived_at or company.updated_at),
            "alternative_correspondence_language": company.other_language,
            "english_correspondence_language": company.other_language,
        }
    match company.kind:
        case "customer":
            return shown | _customer(state, company) | (_newer_customer(company) if newer else {})
        case "supplier":
            return shown | {"iban": company.iban} | (_newer_supplier(company) if newer else {})
        case _:
            return shown


def user_json(state: MocoState, user: User) -> Json:
    """A user, as read: `extern` and `birthday`, not the names they are written by (RECORDED)."""
    shown: Json = {
        "id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "active": user.active,
        "extern": user.external,
        "email": user.email,
        "mobile_phone": user.mobile_phone,
        "work_phone": user.work_phone,
        "home_address": user.home_address,
        "info": user.info,
        "birthday": day_or_null(user.birthday),
        "avatar_url": None,
        "tags": list(user.tags),
        "custom_properties": shown_properties(user.custom_properties),
        "unit": _unit_reference(state, user),
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.updated_at),
    }
    if state.switches.newer_fields:
        role = state.roles[user.role_id]
        shown |= {"iban": user.iban, "credit_number": user.credit_number}
        shown["role"] = {"id": role.id, "name": role.name}
    return shown


def profile_json(state: MocoState, user: User) -> Json:
    """The profile of the effective user (DOC)."""
    return {
        "id": user.id,
        "email": user.email,
        "full_name": f"{user.firstname} {user.lastname}",
        "first_name": user.firstname,
        "last_name": user.lastname,
        "active": user.active,
        "external": user.external,
        "avatar_url": None,
        "unit": _unit_reference(state, user),
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.updated_at),
    }


def unit_json(state: MocoState, unit: Unit) -> Json:
    """A team with its people, deactivated ones too, by last name in code-point order (RECORDED)."""
    people = sorted((each for each in state.users.values() if each.unit_id == unit.id), key=lambda each: each.lastname)
    return {
        "id": unit.id,
        "name": unit.name,
        "custom_properties": shown_properties(unit.custom_properties),
        "users": [
            {"id": each.id, "firstname": each.firstname, "lastname": each.lastname, "email": each.email}
            for each in people
        ],
        "created_at": stamp(unit.created_at),
        "updated_at": stamp(unit.updated_at),
    }


def employment_json(state: MocoState, employment: Employment) -> Json:
    """What a person owes each week (RECORDED)."""
    return {
        "id": employment.id,
        "weekly_target_hours": sum(employment.am + employment.pm),
        "pattern": {"am": list(employment.am), "pm": list(employment.pm)},
        "from": employment.start.isoformat(),
        "to": day_or_null(employment.end),
        "user": person_reference(state, employment.user_id),
        "created_at": stamp(employment.created_at),
        "updated_at": stamp(employment.updated_at),
    }


def role_json(role: Role) -> Json:
    """A role with its rights by area (DOC; the words for them are GUESS)."""
    granted = {area for permission, areas in _AREAS.items() if permission in role.permissions for area in areas}
    every = sorted(area for areas in _AREAS.values() for area in areas)
    return {
        "id": role.id,
        "name": role.name,
        "is_default": role.is_default,
        "is_admin": role.is_admin,
        "permission": {area: "full" if area in granted else "none" for area in every},
        "created_at": stamp(role.created_at),
        "updated_at": stamp(role.updated_at),
    }


def _customer(state: MocoState, company: Company) -> Json:
    return {
        "identifier": company.identifier,
        "intern": company.intern,
        "billing_tax": company.tax,
        "billing_vat": _vat(company),
        "currency": company.currency,
        "default_invoice_due_days": company.invoice_due_days,
        "projects": [
            {
                "id": each.id,
                "identifier": each.identifier,
                "name": each.name,
                "active": each.active,
                "billable": each.billable,
            }
            for each in state.projects.values()
            if each.company_id == company.id
        ],
    }


def _newer_customer(company: Company) -> Json:
    """What a customer of 2023 (RECORDED) or later (DOC) shows beside."""
    vat = _newer_vat(company) | {
        "print_gross_total": False,
        "notice_tax_exemption": "",
        "notice_tax_exemption_en": "",
        "notice_tax_exemption_alt": "",
        "credit_account": None,
    }
    return {
        "customer_vat": vat,
        "invoice_format": company.invoice_format or "regular_pdf",
        "default_payment_means": company.payment_means or "not_defined",
        "debit_number": company.debit_number,
        "billing_notes": company.billing_notes,
        "custom_rates": False,
        "include_time_report": False,
        "default_discount": 0.0,
        "default_cash_discount": 0.0,
        "default_cash_discount_days": 0,
    }


def _newer_supplier(company: Company) -> Json:
    return {
        "supplier_vat": _newer_vat(company),
        "bank_bic": company.bank_bic,
        "bank_owner": company.bank_owner,
        "credit_number": company.credit_number,
    }


def _vat(company: Company) -> Json:
    """One code for each tax; which number it has is GUESS."""
    return {"id": 59_000 + round(company.tax), "tax": company.tax, "reverse_charge": False, "intra_eu": False}


def _newer_vat(company: Company) -> Json:
    return _vat(company) | {"description": f"{company.tax:g}%", "active": True, "code": str(round(company.tax))}


def _unit_reference(state: MocoState, user: User) -> Json:
    unit = state.units[user.unit_id]
    return {"id": unit.id, "name": unit.name}
