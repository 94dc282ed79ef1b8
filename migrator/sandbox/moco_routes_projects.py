"""Projects of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_query import (
    query_flag,
    query_ids,
    query_moment,
    query_number,
    query_word,
    query_words,
)
from migrator.sandbox.moco_records import Contract, Permission, Project, Task
from migrator.sandbox.moco_shapes import Json, assigned_json, project_json
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

_LEADER_RATE = 100.0
_BILLING_VARIANTS = ("project", "task", "user")


class ProjectRoutes:
    """`/projects`."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/projects", f"{API_ROOT}/projects/<int:project_id>"
        app.add_url_rule(many, view_func=self.list_projects, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_project, methods=["POST"])
        app.add_url_rule(f"{many}/assigned", view_func=self.list_assigned, methods=["GET"])
        app.add_url_rule(one, view_func=self.show_project, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_project, methods=["PUT", "PATCH"])
        app.add_url_rule(f"{one}/archive", view_func=self.archive_project, methods=["PUT"])
        app.add_url_rule(f"{one}/unarchive", view_func=self.unarchive_project, methods=["PUT"])
        app.add_url_rule(f"{one}/report", view_func=self.show_report, methods=["GET"])

    def list_projects(self) -> Response:
        """Projects by name, paged, without archived ones by default (RECORDED); filters DOC."""
        caller().require(Permission.PROJECTS)
        whole = query_flag("include_company") is True
        chosen = [project for project in self._state.projects.values() if self._wanted(project)]
        return page_of(by_name(chosen, lambda p: p.name), lambda p: project_json(self._state, p, whole))

    def list_assigned(self) -> Response:
        """What the user may book on: unpaged, by id, archived ones unless `active=true` (RECORDED)."""
        user = caller().person()
        chosen: list[Json] = []
        for project in sorted(self._state.projects.values(), key=lambda p: p.id):
            contract = self._state.contract_of(project.id, user.id)
            if contract is not None and (project.active or query_flag("active") is not True):
                chosen.append(assigned_json(self._state, project, contract))
        return answer(chosen)

    def show_project(self, project_id: int) -> Response:
        """One project (RECORDED)."""
        return self._shown(self._project(project_id))

    def create_project(self) -> Response:
        """200 with number, default tasks and the leader's contract (RECORDED); 422 otherwise.

        Required: name, currency, leader_id, company_id or its older alias customer_id (RECORDED minimum);
        identifier with manual number ranges (DOC), unique (GUESS). Retainers are refused (strict).
        """
        caller().require(Permission.PROJECTS)
        state, fields = self._state, FieldReader(sent_fields())
        company_key = "company_id" if "company_id" in fields else "customer_id"
        company_id = fields.reference(company_key, state.companies)
        currency = fields.text("currency")
        now = state.now()
        company = state.companies.get(company_id)
        drafted = Project(
            id=state.new_id(),
            identifier=self._identifier(fields),
            name="",
            company_id=company_id,
            leader_id=None,
            active=True,
            billable=company is not None and not company.intern,
            currency=currency,
            start_date=None,
            finish_date=None,
            fixed_price=False,
            retainer=False,
            billing_variant="project",
            budget=None,
            hourly_rate=0.0,
            info="",
            tags=(),
            created_at=now,
            updated_at=now,
        )
        project = self._with_sent(drafted, fields)
        state.projects[project.id] = project
        self._add_defaults(project)
        return self._shown(project)

    def update_project(self, project_id: int) -> Response:
        """Partial update (RECORDED); another currency or identifier already taken is 422 (DOC, GUESS)."""
        project, fields = self._project(project_id), FieldReader(sent_fields())
        if fields.text("currency", project.currency) != project.currency:
            fields.complain("currency", Words.UNCHANGEABLE)
        if "identifier" in fields and fields.text("identifier") != project.identifier:
            project = replace(project, identifier=self._identifier(fields))
        return self._store(self._with_sent(project, fields))

    def archive_project(self, project_id: int) -> Response:
        """200 and the whole project, `active` false (RECORDED)."""
        return self._store(replace(self._project(project_id), active=False))

    def unarchive_project(self, project_id: int) -> Response:
        """200 and the whole project, `active` true (RECORDED)."""
        return self._store(replace(self._project(project_id), active=True))

    def show_report(self, project_id: int) -> Response:
        """The figures of a project (RECORDED for an empty one; the hours of a used one are GUESS)."""
        project = self._project(project_id)
        booked = list(self._state.activities_on(project_id=project.id))
        total = round(sum(activity.seconds for activity in booked) / 3600, 2)
        billable = round(sum(activity.seconds for activity in booked if activity.billable) / 3600, 2)
        return answer(
            {
                "budget_total": project.budget,
                "budget_progress_in_percentage": None,
                "budget_remaining": None,
                "invoiced_total": 0.0,
                "currency": project.currency,
                "hours_total": total if booked else None,
                "hours_billable": billable,
                "hours_remaining": None,
                "costs_expenses": 0.0,
                "costs_activities": 0.0,
                "costs_by_task": [],
            }
        )

    def _project(self, project_id: int) -> Project:
        caller().require(Permission.PROJECTS)
        project = self._state.projects.get(project_id)
        if project is None:
            raise Stop(404)
        return project

    def _shown(self, project: Project) -> Response:
        return answer(project_json(self._state, project))

    def _store(self, project: Project) -> Response:
        stored = replace(project, updated_at=self._state.now())
        self._state.projects[project.id] = stored
        return self._shown(stored)

    def _identifier(self, fields: FieldReader) -> str:
        if "identifier" not in fields and not self._state.switches.manual_identifiers:
            return self._state.next_project_identifier()
        wanted = fields.text("identifier")
        if wanted in {project.identifier for project in self._state.projects.values()}:
            fields.complain("identifier", Words.TAKEN)
        return wanted

    def _with_sent(self, project: Project, fields: FieldReader) -> Project:
        variant = fields.text("billing_variant", project.billing_variant)
        if variant.removeprefix("billing_variant_rate_per_") not in _BILLING_VARIANTS:
            fields.complain("billing_variant", Words.NOT_A_CHOICE)
        if fields.flag("retainer", project.retainer):
            fields.complain("budget_monthly", Words.BLANK)
        changed = replace(
            project,
            name=fields.text("name", project.name),
            leader_id=fields.reference("leader_id", self._leaders(), project.leader_id),
            start_date=fields.day("start_date", project.start_date),
            finish_date=fields.day("finish_date", project.finish_date),
            fixed_price=fields.flag("fixed_price", project.fixed_price),
            billing_variant=variant.removeprefix("billing_variant_rate_per_"),
            budget=fields.amount("budget", project.budget),
            hourly_rate=fields.amount("hourly_rate", project.hourly_rate) or 0.0,
            info=fields.optional_text("info", project.info) or "",
            tags=fields.texts("tags" if "tags" in fields else "labels", project.tags),
        )
        fields.check()
        return changed

    def _leaders(self) -> frozenset[int]:
        return frozenset(user.id for user in self._state.users.values() if user.active)

    def _add_defaults(self, project: Project) -> None:
        state, now = self._state, project.created_at
        for name in state.switches.default_tasks:
            state.put_task(Task(state.new_id(), project.id, name, project.billable, True, None, 100.0, None, now, now))
        assert project.leader_id is not None
        state.put_contract(
            Contract(state.new_id(), project.id, project.leader_id, True, True, None, _LEADER_RATE, now, now)
        )

    def _wanted(self, project: Project) -> bool:
        archived = query_flag("include_archived") is True
        ids, tags, identifier = query_ids(), query_words("tags"), query_word("identifier")
        after, term = query_moment("updated_after"), query_word("term")
        customer = self._state.companies[project.company_id].name
        searched = f"{project.name}\n{project.identifier}\n{customer}".casefold()
        return (
            (archived or project.active)
            and (ids is None or project.id in ids)
            and query_number("company_id") in (None, project.company_id)
            and query_number("leader_id") in (None, project.leader_id)
            and identifier in (None, project.identifier)
            and (tags is None or bool(tags & set(project.tags)))
            and (after is None or project.updated_at.replace(microsecond=0) > after)
            and (term is None or term.casefold() in searched)
        )
