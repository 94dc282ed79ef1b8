"""The values of a time record, from its texts in whatever format they were written: where one has rules, a function."""

from __future__ import annotations

import re
from decimal import Decimal

from migrator.activecollab.elements import PLACEHOLDER, FieldError, Texts
from migrator.activecollab.html_text import html_to_text, looks_encoded_twice
from migrator.activecollab.xml_fields import Field, RecordTable, T
from migrator.activecollab.xml_masters import web_address
from migrator.core.model import Billing, ParentKind, SourceId, TimeEntry

RECORD_NAMES = frozenset({"time_record", "tracking_object", "expense"})

_TRASHED = 1
"""The highest `state` that means gone (0 deleted, 1 trashed); 2 is archived, 3 visible."""
_PRIVATE = 0
_LONGEST_CURRENCY = 20

_NAME_AND_ADDRESS = re.compile(r"(.*?)\s*<?([^\s<>@]+@[^\s<>@]+)>?", re.DOTALL)


def class_of(name: str, texts: Texts, table: RecordTable) -> str:
    """`TimeRecord` or `Expense`; raises `FieldError` for everything else."""
    named = {"time_record": "TimeRecord", "expense": "Expense"}.get(name)
    expected = "TimeRecord or Expense" if named is None else named
    told = [(column.name, text) for column in table.classes if (text := column.find(texts)) is not None]
    for place, text in told:
        if text not in {"TimeRecord", "Expense"}:
            raise FieldError(place, text, expected)
        if text != told[0][1]:
            raise FieldError(place, f"{told[0][1]} / {text}", "class and type to agree")
    if told:
        return told[0][1]
    if named is None:
        raise FieldError("class", "", expected)
    return named


def expense_of(texts: Texts, table: RecordTable) -> tuple[Decimal | None, str]:
    """What an expense costs and in which currency; nothing that cannot be read keeps it from being counted."""
    return readable(table.amount, texts), (readable(table.currency, texts) or "").upper()[:_LONGEST_CURRENCY]


def entry_of(texts: Texts, table: RecordTable) -> tuple[TimeEntry, tuple[str, ...]]:
    """The time record that `texts` tell, and warnings; raises `FieldError` when it cannot be used."""
    if texts.problem is not None:
        raise texts.problem
    for name in RECORD_NAMES:
        if name in texts.groups:
            raise FieldError(name, "elements", "no record inside another")
    warnings = Warnings()
    record_id = table.id.need(texts)
    project_id = table.project_id.need(texts)
    user_id, worker_name, worker_email = worker_of(texts, table)
    parent_kind, parent_id = parent_of(texts, table)
    created_on = warnings.instead_of(table.created_on, texts)
    updated_on = warnings.instead_of(table.updated_on, texts)
    trashed = trashed_of(texts, table, warnings)
    entry = TimeEntry(
        id=record_id,
        user_id=user_id,
        project_id=project_id,
        day=table.day.need(texts),
        seconds=table.hours.need(texts),
        billing=billing_of(texts, table, warnings),
        text=html_to_text(table.text.maybe(texts) or ""),
        parent_kind=parent_kind,
        parent_id=parent_id,
        job_type_id=table.job_type_id.maybe(texts),
        hours_raw=table.hours.find(texts) or "",
        billing_raw=table.billing.find(texts) or "",
        worker_name=worker_name,
        worker_email=worker_email,
        permalink=web_address(table.permalink.maybe(texts) or ""),
        private=private_of(texts, table, warnings),
        trashed=trashed,
        state_raw=table.state.find(texts) or "",
        created_on=created_on,
        updated_on=created_on if updated_on is None else updated_on,
        version=warnings.instead_of(table.version, texts),
        milestone_id=warnings.instead_of(table.milestone_id, texts),
    )
    if not entry.text.isascii() and looks_encoded_twice(table.text.find(texts) or ""):
        warnings.add("the description looks as if it had been encoded twice (Ã¼ for ü); it was kept as it is")
    return entry, warnings.all(texts)


def worker_of(texts: Texts, table: RecordTable) -> tuple[SourceId | None, str, str]:
    """The person who worked, never the creator: an id, or the name and address of somebody without account."""
    user_id = table.user_id.maybe(texts)
    if user_id is not None:
        return user_id, "", ""
    written = table.record_user.maybe(texts) or ""
    if "record_user" in texts.values and (found := _NAME_AND_ADDRESS.fullmatch(written)):
        return None, found[1].strip(" \"'"), found[2].lower()
    name = table.stranger_name.maybe(texts) or ("" if written.isdigit() else written)
    email = (table.stranger_email.maybe(texts) or "").lower()
    if not name and not email:
        shown = texts.values.get("user_id", "")
        raise FieldError("user_id", shown, "the number of a person, or a record_user with a name or address")
    return None, name, email


def parent_of(texts: Texts, table: RecordTable) -> tuple[ParentKind, SourceId | None]:
    """What the record hangs on."""
    parent_class = table.parent_class.maybe(texts)
    if parent_class is not None and parent_class.lower() == "project":
        return ParentKind.PROJECT, None
    parent_id = table.parent_id.maybe(texts)
    if parent_id is None:
        return ParentKind.PROJECT, None
    return (table.untyped_parent if parent_class is None else ParentKind.TASK), parent_id


def trashed_of(texts: Texts, table: RecordTable, warnings: Warnings) -> bool:
    """Whether the record is in the trash, by its `state` or by a flag of its own."""
    state = warnings.instead_of(table.state, texts)
    return warnings.instead_of(table.is_trashed, texts) is True or (state is not None and state <= _TRASHED)


def private_of(texts: Texts, table: RecordTable, warnings: Warnings) -> bool:
    """Whether the record is hidden from clients."""
    return warnings.instead_of(table.visibility, texts) == _PRIVATE


def billing_of(texts: Texts, table: RecordTable, warnings: Warnings) -> Billing:
    """`billable_status`; before ActiveCollab 1.1.5 there was only the pair is_billable, is_billed."""
    is_billable = warnings.instead_of(table.is_billable, texts)
    is_billed = warnings.instead_of(table.is_billed, texts)
    told_missing = texts.values.get("billable_status", "") == ""
    if is_billable is None or not told_missing:
        billing = table.billing.need(texts)
        if is_billable is not None and _contradict(billing, is_billable, is_billed is True):
            warnings.add(
                f"billable_status {billing.value} was used; "
                f"is_billable {is_billable:d} and is_billed {is_billed or False:d} say otherwise"
            )
        return billing
    if not is_billable:
        return Billing.NOT_BILLABLE
    return Billing.PAID if is_billed else Billing.BILLABLE


def _contradict(billing: Billing, is_billable: bool, is_billed: bool) -> bool:
    if is_billable != (billing is not Billing.NOT_BILLABLE):
        return True
    # Pending payment (2) is invoiced but not paid: the old pair has no word for it.
    return is_billable and billing in (Billing.BILLABLE, Billing.PAID) and is_billed != (billing is Billing.PAID)


class Warnings:
    """What was read around while a record was still usable."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    @property
    def any(self) -> bool:
        return bool(self._texts)

    def add(self, text: str) -> None:
        self._texts.append(text)

    def instead_of(self, column: Field[T], texts: Texts) -> T | None:
        """The value of a field that may be missing; None and a warning when it is unreadable."""
        try:
            return column.maybe(texts)
        except FieldError as problem:
            self.add(f"{problem}; read as missing")
            return None

    def all(self, texts: Texts) -> tuple[str, ...]:
        left_out = sorted(path for path, text in texts.values.items() if text == PLACEHOLDER)
        if left_out:
            self.add(f"the documentation's placeholder '...' was read as missing: {', '.join(left_out)}")
        return tuple(self._texts)


def readable(column: Field[T], texts: Texts) -> T | None:
    """The value of a field, None when it is missing or cannot be used."""
    try:
        return column.maybe(texts)
    except FieldError:
        return None
