"""Which projects the simulated MOCO accepts, and which of them a list's filters leave."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import request

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_properties import asked_properties, sent_properties
from migrator.sandbox.moco_query import (
    query_choice,
    query_day,
    query_flag,
    query_ids,
    query_moment,
    query_word,
    query_words,
)
from migrator.sandbox.moco_records import Contract, Project, Task
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import Stop

_LEADER_RATE = 100.0
_BILLING_VARIANTS = ("project", "task", "user")
_LONG_VARIANT = "billing_variant_rate_per_"
_LAST_BILLING_DAY = 31


def drafted_project(state: MocoState, fields: FieldReader) -> Project:
    """The project that `fields` describes; not stored yet.

    Required: name, currency, leader_id, company_id or its older alias customer_id (RECORDED minimum); identifier
    with manual number ranges (DOC), unique (GUESS). A customer that is archived or a supplier is 422 (GUESS, strict).
    """
    now = state.now()
    currency = fields.text("currency")
    if currency and re.fullmatch("[A-Z]{3}", currency) is None:
        fields.complain("currency", Words.NOT_A_CHOICE)
    key = _company_key(fields)
    customers = {each.id for each in state.companies.values() if each.active and each.kind != "supplier"}
    company_id = fields.reference(key, customers)
    blank = Project(
        id=state.new_id(),
        identifier=_identifier(state, fields),
        name="",
        company_id=company_id,
        leader_id=None,
        active=True,
        billable=_is_billable(state, company_id),
        currency=currency,
        created_at=now,
        updated_at=now,
    )
    return _with_sent(state, blank, fields)


def changed_project(state: MocoState, project: Project, fields: FieldReader) -> Project:
    """`project` after a partial update; another currency is 422 (DOC that it cannot be, GUESS how)."""
    if fields.text("currency", project.currency) != project.currency:
        fields.complain("currency", Words.UNCHANGEABLE)
    if "identifier" in fields and fields.text("identifier") != project.identifier:
        project = replace(project, identifier=_identifier(state, fields))
    key = _company_key(fields)
    if key in fields:
        company_id = fields.reference(key, state.companies, project.company_id)
        project = replace(project, company_id=company_id, billable=_is_billable(state, company_id))
    return replace(_with_sent(state, project, fields), updated_at=state.now())


def add_defaults(state: MocoState, project: Project) -> None:
    """The account's standard services and the leader's contract (RECORDED)."""
    now = project.created_at
    for place, name in enumerate(state.switches.default_tasks):
        task = Task(state.new_id(), project.id, name, project.billable, True, None, 100.0, None, now, now, place)
        state.put_task(task)
    assert project.leader_id is not None
    state.put_contract(
        Contract(state.new_id(), project.id, project.leader_id, True, True, None, _LEADER_RATE, now, now)
    )


def wanted_projects(state: MocoState) -> list[Project]:
    """The projects that the query leaves, without archived ones by default (RECORDED); other filters DOC.

    Days of creation and change are the account's own (GUESS). A range that ends before it begins, or a day that is
    none, is 400 `{"message":"Invalid date range"}` (DOC; when it comes is GUESS).
    """
    created, updated = _range("created"), _range("updated")
    archived, retainer = query_flag("include_archived") is True, query_flag("retainer")
    ids, tags, after = query_ids(), query_words("tags"), query_moment("updated_after")
    leaders, term = query_ids("leader_id"), query_word("term")
    zone = ZoneInfo(state.switches.timezone)

    def wanted(project: Project) -> bool:
        return (
            (archived or project.active)
            and (ids is None or project.id in ids)
            and (leaders is None or bool(leaders & {project.leader_id, project.co_leader_id}))
            and query_choice("company_id", project.company_id)
            and query_choice("identifier", project.identifier)
            and query_choice("project_group_id", project.project_group_id)
            and query_choice("deal_id", project.deal_id)
            and retainer in (None, project.retainer)
            and (tags is None or bool({tag.strip() for tag in tags} & set(project.tags)))
            and (after is None or project.updated_at.replace(microsecond=0) > after)
            and _within(created, project.created_at, zone)
            and _within(updated, project.updated_at, zone)
            and (term is None or term.casefold() in _searched(state, project))
            and asked_properties(state.property_fields, "Project", project.custom_properties)
        )

    return [project for project in state.projects.values() if wanted(project)]


def _with_sent(state: MocoState, project: Project, fields: FieldReader) -> Project:
    """`project` with every other field of the published table; raises Invalid."""
    people = {user.id for user in state.users.values() if user.active}
    contacts = state.contacts
    merged = state.switches.custom_properties_merged
    changed = replace(
        project,
        name=fields.text("name", project.name),
        leader_id=fields.reference("leader_id", people, project.leader_id),
        co_leader_id=fields.optional_reference("co_leader_id", people, project.co_leader_id),
        contact_id=fields.optional_reference("contact_id", contacts, project.contact_id),
        secondary_contact_id=fields.optional_reference("secondary_contact_id", contacts, project.secondary_contact_id),
        billing_contact_id=fields.optional_reference("billing_contact_id", contacts, project.billing_contact_id),
        deal_id=fields.optional_reference("deal_id", state.deals, project.deal_id),
        project_group_id=fields.optional_reference("project_group_id", state.project_groups, project.project_group_id),
        start_date=fields.day("start_date", project.start_date),
        finish_date=fields.day("finish_date", project.finish_date),
        fixed_price=fields.flag("fixed_price", project.fixed_price),
        retainer=fields.flag("retainer", project.retainer),
        billing_variant=_variant(fields, project.billing_variant),
        hourly_rate=fields.amount("hourly_rate", project.hourly_rate) or 0.0,
        budget=fields.amount("budget", project.budget),
        budget_monthly=fields.amount("budget_monthly", project.budget_monthly),
        budget_expenses=fields.amount("budget_expenses", project.budget_expenses) or 0.0,
        info=fields.plain_text("info", project.info),
        tags=fields.texts("tags" if "tags" in fields else "labels", project.tags),
        custom_properties=sent_properties(state.property_fields, "Project", fields, project.custom_properties, merged),
    )
    fields.flag("skip_favorite", False)
    changed = _with_billing(changed, fields)
    _check_days(changed, fields)
    fields.check()
    return changed


def _with_billing(project: Project, fields: FieldReader) -> Project:
    day = fields.whole("retainer_billing_date", project.retainer_billing_date)
    if day is not None and not 1 <= day <= _LAST_BILLING_DAY:
        fields.complain("retainer_billing_date", Words.NOT_A_CHOICE)
    title, description = "retainer_billing_title", "retainer_billing_description"
    with_time = "setting_include_time_report"
    return replace(
        project,
        retainer_billing_date=day,
        retainer_billing_title=fields.optional_text(title, project.retainer_billing_title),
        retainer_billing_description=fields.optional_text(description, project.retainer_billing_description),
        billing_address=fields.plain_text("billing_address", project.billing_address),
        billing_notes=fields.optional_text("billing_notes", project.billing_notes),
        billing_email_to=fields.optional_text("billing_email_to", project.billing_email_to),
        billing_email_cc=fields.optional_text("billing_email_cc", project.billing_email_cc),
        setting_include_time_report=fields.flag(with_time, project.setting_include_time_report),
    )


def _check_days(project: Project, fields: FieldReader) -> None:
    """A retainer runs from a first to a last of a month and has a monthly budget (DOC; the words are GUESS)."""
    start, finish = project.start_date, project.finish_date
    if project.retainer:
        if start is None or start.day != 1:
            fields.complain("start_date", Words.BLANK if start is None else Words.NOT_FIRST_DAY)
        if finish is None or finish.day != monthrange(finish.year, finish.month)[1]:
            fields.complain("finish_date", Words.BLANK if finish is None else Words.NOT_LAST_DAY)
        if project.budget_monthly is None:
            fields.complain("budget_monthly", Words.BLANK)
    if start is not None and finish is not None and finish < start:
        fields.complain("finish_date", Words.INVALID)


def _variant(fields: FieldReader, before: str) -> str:
    variant = fields.text("billing_variant", before).removeprefix(_LONG_VARIANT)
    if variant not in _BILLING_VARIANTS:
        fields.complain("billing_variant", Words.NOT_A_CHOICE)
    return variant


def _identifier(state: MocoState, fields: FieldReader) -> str:
    if "identifier" not in fields and not state.switches.manual_identifiers:
        return state.next_project_identifier()
    wanted = fields.text("identifier")
    if wanted in {project.identifier for project in state.projects.values()}:
        fields.complain("identifier", Words.TAKEN)
    return wanted


def _company_key(fields: FieldReader) -> str:
    return "customer_id" if "customer_id" in fields and "company_id" not in fields else "company_id"


def _is_billable(state: MocoState, company_id: int) -> bool:
    """Not for the account's own company (RECORDED)."""
    company = state.companies.get(company_id)
    return company is not None and not company.intern


def _range(name: str) -> tuple[date | None, date | None]:
    first, last = query_day(f"{name}_from"), query_day(f"{name}_to")
    unread = any(request.args.get(f"{name}_{end}") and query_day(f"{name}_{end}") is None for end in ("from", "to"))
    if unread or (first is not None and last is not None and last < first):
        raise Stop(400, {"message": "Invalid date range"})
    return first, last


def _within(span: tuple[date | None, date | None], moment: datetime, zone: ZoneInfo) -> bool:
    first, last = span
    day = moment.astimezone(zone).date()
    return (first is None or first <= day) and (last is None or day <= last)


def _searched(state: MocoState, project: Project) -> str:
    return f"{project.name}\n{project.identifier}\n{state.companies[project.company_id].name}".casefold()
