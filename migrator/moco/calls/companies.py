"""Companies: customers, suppliers and organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict, Unpack

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    CustomProperties,
    CustomValue,
    Person,
    among,
    changed_since,
    check_choice,
    check_text,
    custom_filter,
    custom_properties_of,
    has_properties,
    has_tag,
    person,
    same,
    written,
)
from migrator.moco.errors import RefusedLocally
from migrator.moco.json_values import JsonObject
from migrator.moco.outcomes import WriteKind


class CompanyType(StrEnum):
    """What a company is; it decides which of its fields there are."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    ORGANIZATION = "organization"


class InvoiceFormat(StrEnum):
    """How a customer's invoices are made."""

    REGULAR_PDF = "regular_pdf"
    X_INVOICE = "x_invoice"
    ZUGFERD_X_INVOICE = "zugferd_x_invoice"


class PaymentMeans(StrEnum):
    """How a customer's invoices are paid."""

    NOT_DEFINED = "not_defined"
    CREDIT_TRANSFER = "credit_transfer"


@dataclass(frozen=True, slots=True)
class Vat:
    """A VAT code of a customer or supplier; `tax` in per cent. Texts are "" and flags None where MOCO has none."""

    id: MocoId
    tax: Decimal | None
    description: str
    code: str
    active: bool | None
    reverse_charge: bool | None
    intra_eu: bool | None
    print_gross_total: bool | None
    notice_tax_exemption: str
    notice_tax_exemption_alt: str
    credit_account: str


@dataclass(frozen=True, slots=True)
class CompanyProject:
    """A project as its customer shows it."""

    id: MocoId
    identifier: str
    name: str
    active: bool | None
    billable: bool | None


@dataclass(frozen=True, slots=True)
class Company:
    """A company; what its type does not have is "" or None. `intern` is True for the account's own company.

    `iban`, `bank_bic` and `bank_owner` are not shown by `repr`. `user` is the person in charge; moments are UTC.
    `billing_tax` (per cent) is what older servers show in place of `customer_vat`.
    """

    id: MocoId
    type: str
    name: str
    identifier: str
    active: bool
    archived_on: datetime | None
    intern: bool | None
    website: str
    email: str
    billing_email_cc: str
    phone: str
    fax: str
    address: str
    country_code: str
    vat_identifier: str
    alternative_correspondence_language: bool | None
    tags: tuple[str, ...]
    user: Person | None
    info: str
    footer: str
    billing_notes: str
    custom_properties: CustomProperties
    currency: str
    billing_tax: Decimal | None
    customer_vat: Vat | None
    supplier_vat: Vat | None
    default_invoice_due_days: int | None
    invoice_format: str
    default_payment_means: str
    projects: tuple[CompanyProject, ...]
    iban: str = field(repr=False)
    bank_bic: str = field(repr=False)
    bank_owner: str = field(repr=False)
    debit_number: int | None
    credit_number: int | None
    created_at: datetime | None
    updated_at: datetime | None


class CompanyFields(TypedDict, total=False):
    """What can be written beside name and type.

    `identifier` is needed where the account's number ranges are manual. `customer_tax` and `supplier_tax` (per cent)
    are deprecated shortcuts for the ids of VAT codes. `invoice_due_days` is `default_invoice_due_days` by its older
    name. `custom_properties` of an update must be whole (`parts.merged_properties`). `user_id` is the person in charge.
    """

    identifier: str
    email: str | None
    address: str | None
    currency: str
    customer_tax: Decimal
    supplier_tax: Decimal
    customer_vat_code_id: int | None
    supplier_vat_code_id: int | None
    info: str | None
    default_invoice_due_days: int | None
    invoice_due_days: int | None
    website: str | None
    phone: str | None
    fax: str | None
    user_id: int
    country_code: str | None
    footer: str | None
    iban: str | None
    vat_identifier: str | None
    billing_email_cc: str | None
    debit_number: int | None
    credit_number: int | None
    alternative_correspondence_language: bool
    billing_notes: str | None
    bank_bic: str | None
    bank_owner: str | None
    invoice_format: InvoiceFormat | str | None
    default_payment_means: PaymentMeans | str | None
    tags: Sequence[str]
    custom_properties: Mapping[str, CustomValue]


class CompanyChanges(CompanyFields, total=False):
    """What an update can change."""

    name: str
    type: CompanyType | str


def read_company(value: object, endpoint: str = "a write") -> Company:
    """A company of any type; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Company(
        id=row.id(),
        type=row.text("type"),
        name=row.text("name"),
        identifier=row.text("identifier"),
        active=row.flag("active", when_missing=not row.has("archived_on")),
        archived_on=row.maybe_moment("archived_on"),
        intern=row.maybe_flag("intern"),
        website=row.text("website"),
        email=row.text("email"),
        billing_email_cc=row.text("billing_email_cc"),
        phone=row.text("phone"),
        fax=row.text("fax"),
        address=row.text("address"),
        country_code=row.text("country_code"),
        vat_identifier=row.text("vat_identifier"),
        alternative_correspondence_language=_either_flag(
            row, "alternative_correspondence_language", "english_correspondence_language"
        ),
        tags=row.texts("tags") or row.texts("labels"),
        user=person(row.maybe_inner("user")),
        info=row.text("info"),
        footer=row.text("footer"),
        billing_notes=row.text("billing_notes"),
        custom_properties=custom_properties_of(row),
        currency=row.text("currency"),
        billing_tax=row.maybe_amount("billing_tax"),
        customer_vat=_read_vat(row.maybe_inner("customer_vat") or row.maybe_inner("billing_vat")),
        supplier_vat=_read_vat(row.maybe_inner("supplier_vat")),
        default_invoice_due_days=row.maybe_count("default_invoice_due_days"),
        invoice_format=row.text("invoice_format"),
        default_payment_means=row.text("default_payment_means"),
        projects=tuple(_read_project(each) for each in row.objects("projects")),
        iban=row.text("iban"),
        bank_bic=row.text("bank_bic"),
        bank_owner=row.text("bank_owner"),
        debit_number=row.maybe_count("debit_number"),
        credit_number=row.maybe_count("credit_number"),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def _either_flag(row: JsonObject, name: str, older: str) -> bool | None:
    found = row.maybe_flag(name)
    return row.maybe_flag(older) if found is None else found


def _read_vat(row: JsonObject | None) -> Vat | None:
    if row is None:
        return None
    return Vat(
        id=row.id(),
        tax=row.maybe_amount("tax"),
        description=row.text("description"),
        code=row.text("code"),
        active=row.maybe_flag("active"),
        reverse_charge=row.maybe_flag("reverse_charge"),
        intra_eu=row.maybe_flag("intra_eu"),
        print_gross_total=row.maybe_flag("print_gross_total"),
        notice_tax_exemption=row.text("notice_tax_exemption"),
        notice_tax_exemption_alt=row.text("notice_tax_exemption_alt") or row.text("notice_tax_exemption_en"),
        credit_account=row.text("credit_account"),
    )


def _read_project(row: JsonObject) -> CompanyProject:
    return CompanyProject(
        row.id(), row.text("identifier"), row.text("name"), row.maybe_flag("active"), row.maybe_flag("billable")
    )


def listed(
    *,
    type: CompanyType | str | None = None,  # noqa: A002 - MOCO's own name of the filter
    identifier: str = "",
    tags: Sequence[str] = (),
    term: str = "",
    custom_properties: Mapping[str, CustomValue] | None = None,
    include_archived: bool = False,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
) -> ListCall[Company]:
    """`GET /companies`: those that fit every filter; `custom_properties` needs a `type` (MOCO's OpenAPI document)."""
    check_choice(CompanyType, {"type": type}, "type")
    properties = custom_properties or {}
    if properties and not type:
        raise RefusedLocally("MOCO finds companies by custom properties only together with a type", "type")
    query = query_of(
        {
            "type": type or None,
            "identifier": identifier or None,
            "tags": tags,
            "term": term or None,
            "include_archived": include_archived or None,
            "ids": ids,
            "updated_after": updated_after,
        }
    )

    def keeps(row: Company) -> bool:
        return (
            same(row.type, type or None)
            and same(row.identifier, identifier or None)
            and has_tag(row.tags, tags)
            and has_properties(row.custom_properties, properties)
            and (include_archived or row.active)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall(
        "/companies",
        lambda value: read_company(value, "GET /companies"),
        {**query, **custom_filter(properties)},
        keeps,
    )


def get(company_id: int) -> Call[Company]:
    """`GET /companies/{id}`."""
    return _one("GET", f"/companies/{company_id:d}")


def create(
    *,
    name: str,
    type: CompanyType | str,  # noqa: A002 - MOCO's own name of the field
    **fields: Unpack[CompanyFields],
) -> Call[Company]:
    """`POST /companies`: a customer without `currency` gets the account's (recorded)."""
    check_text("name", name)
    new: CompanyChanges = {"name": name, "type": type, **fields}
    return _one("POST", "/companies", _body(new))


def update(company_id: int, **fields: Unpack[CompanyChanges]) -> Call[Company]:
    """`PUT /companies/{id}`: what is given is changed, the rest stays; `custom_properties` must be whole."""
    return _one("PUT", f"/companies/{company_id:d}", _body(fields))


def delete(company_id: int) -> Call[None]:
    """`DELETE /companies/{id}`: refused for what is in use."""
    return Call("DELETE", f"/companies/{company_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def archive(company_id: int) -> Call[Company]:
    """`PUT /companies/{id}/archive`."""
    return _one("PUT", f"/companies/{company_id:d}/archive")


def unarchive(company_id: int) -> Call[Company]:
    """`PUT /companies/{id}/unarchive`."""
    return _one("PUT", f"/companies/{company_id:d}/unarchive")


def _body(fields: CompanyChanges) -> dict[str, object]:
    check_choice(CompanyType, fields, "type")
    check_choice(InvoiceFormat, fields, "invoice_format")
    check_choice(PaymentMeans, fields, "default_payment_means")
    return written("a company", CompanyChanges.__annotations__, fields)


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[Company]:
    return Call(method, path, lambda value: read_company(value, f"{method} {path}"), body=body)
