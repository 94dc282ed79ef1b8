"""Companies and people: what is written is shown, changed in part, and gone when it is removed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from migrator.moco import InvalidRequest, NotFound
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.properties import SHOWN, WRITTEN, define_properties, shows
from tests.contract.moco.world import World

COMPANY: dict[str, Any] = {
    "email": "a@example.com",
    "address": "Ring 1",
    "currency": "CHF",
    "info": "Notiz",
    "default_invoice_due_days": 20,
    "website": "https://example.com",
    "phone": "+49 30 1",
    "fax": "+49 30 2",
    "country_code": "CH",
    "footer": "Fuß",
    "vat_identifier": "CHE-1",
    "billing_email_cc": "b@example.com",
    "debit_number": 10000,
    "alternative_correspondence_language": True,
    "invoice_format": "x_invoice",
    "default_payment_means": "credit_transfer",
    "tags": ("A", "B"),
}


def test_a_customer_shows_what_it_was_created_with(sandboxed: MocoSandbox, world: World) -> None:
    define_properties(sandboxed, "Company")
    made = world.new_company(identifier="K-1", user_id=world.me, custom_properties=WRITTEN, **COMPANY)
    assert shows(made, **COMPANY, identifier="K-1", type="customer", custom_properties=SHOWN, active=True)
    assert made.user is not None
    assert made.user.id == world.me
    assert world.moco.companies.get(made.id) == made


def test_a_supplier_and_an_organisation_have_fields_of_their_own(sandboxed: MocoSandbox, world: World) -> None:
    supplier = world.new_company(
        type="supplier", iban="DE1", bank_bic="BIC", bank_owner="Eva", credit_number=70000, tags=()
    )
    assert (supplier.iban, supplier.bank_bic, supplier.bank_owner, supplier.credit_number) == (
        "DE1",
        "BIC",
        "Eva",
        70000,
    )
    organisation = world.new_company(type="organization")
    assert (organisation.iban, organisation.identifier, organisation.type) == ("", "", "organization")


def test_a_company_is_changed_archived_and_removed(world: World) -> None:
    made = world.company
    assert world.moco.companies.update(made.id, name=f"{world.prefix} anders").name == f"{world.prefix} anders"
    archived = world.moco.companies.archive(made.id)
    assert archived.active is False
    assert world.moco.companies.unarchive(made.id).active is True
    world.moco.companies.delete(made.id)
    with pytest.raises(NotFound):
        world.moco.companies.get(made.id)


def test_a_person_is_created_without_a_mail_and_reads_by_the_names_that_were_written(
    sandboxed: MocoSandbox, world: World
) -> None:
    define_properties(sandboxed, "User")
    unit = next(iter(world.moco.units.list()))
    role = next(iter(sandboxed.state.roles))
    given: dict[str, Any] = {
        "firstname": "Berta",
        "lastname": "Berg",
        "active": True,
        "external": True,
        "mobile_phone": "+49 1",
        "work_phone": "+49 2",
        "home_address": "Ring 2",
        "birthday": date(1990, 2, 3),
        "iban": "DE2",
        "info": "Notiz",
        "credit_number": "71000",
        "unit_id": unit.id,
        "role_id": role,
        "tags": ("Berlin",),
    }
    made = world.moco.users.create(email="Berta.Berg@Example.com", language="de", custom_properties=WRITTEN, **given)
    assert shows(made, **given, email="berta.berg@example.com", custom_properties=SHOWN)
    assert sandboxed.welcome_mails == []
    assert world.moco.users.get(made.id) == made
    assert "berta.berg@example.com" in {each.email for each in world.moco.units.get(unit.id).users}
    assert world.moco.users.update(made.id, active=False, birthday=None).active is False
    assert made.id not in {each.id for each in world.moco.users.list()}
    assert made.id in {each.id for each in world.moco.users.list(include_archived=True)}
    with pytest.raises(InvalidRequest) as refused:
        world.moco.users.create(firstname="B", lastname="B", email="berta.berg@example.com", unit_id=unit.id)
    assert refused.value.fields == {"email"}
