"""Tasks and contracts of a project of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_query import query_moment
from migrator.sandbox.moco_records import Contract, Permission, Task
from migrator.sandbox.moco_shapes_projects import contract_json, task_json
from migrator.sandbox.moco_state import MocoState
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

_PROJECT = f"{API_ROOT}/projects/<int:project_id>"


class TaskRoutes:
    """`/projects/{id}/tasks`; 403 with an empty body for ordinary users (LIVE)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{_PROJECT}/tasks", f"{_PROJECT}/tasks/<int:task_id>"
        app.add_url_rule(many, view_func=self.list_tasks, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_task, methods=["POST"])
        app.add_url_rule(f"{many}/destroy_all", view_func=self.destroy_all, methods=["DELETE"])
        app.add_url_rule(one, view_func=self.show_task, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_task, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete_task, methods=["DELETE"])

    def list_tasks(self, project_id: int) -> Response:
        """Paged, by name (RECORDED)."""
        require_project(self._state, project_id)
        after = query_moment("updated_after")
        chosen = [
            task
            for task in self._state.tasks_of(project_id)
            if after is None or task.updated_at.replace(microsecond=0) > after
        ]
        return page_of(by_name(chosen, lambda task: task.name), lambda task: task_json(self._state, task))

    def show_task(self, project_id: int, task_id: int) -> Response:
        """One task; of another project it is 404 (RECORDED)."""
        return answer(task_json(self._state, self._task(project_id, task_id)))

    def create_task(self, project_id: int) -> Response:
        """200 (RECORDED); only `name` is required, 422 `{"name":[…]}` without (GUESS text)."""
        require_project(self._state, project_id)
        now = self._state.now()
        place = max((task.index for task in self._state.tasks_of(project_id)), default=-1) + 1
        blank = Task(self._state.new_id(), project_id, "", True, True, None, 0.0, None, now, now, place)
        return self._store(_task_with_sent(blank, FieldReader(sent_fields())))

    def update_task(self, project_id: int, task_id: int) -> Response:
        """Partial update: PUT (RECORDED), PATCH (DOC)."""
        task = self._task(project_id, task_id)
        return self._store(_task_with_sent(task, FieldReader(sent_fields())))

    def delete_task(self, project_id: int, task_id: int) -> Response:
        """204 (RECORDED); with hours 422 base (DOC that it is refused, GUESS how)."""
        task = self._task(project_id, task_id)
        if any(self._state.activities_on(project_id=project_id, task_id=task_id)):
            raise Invalid({"base": [Words.IN_USE]})
        shown = task_json(self._state, task)
        self._state.remove_task(task)
        return deleted(self._state, shown)

    def destroy_all(self, project_id: int) -> Response:
        """204 (RECORDED, DOC); tasks with hours stay (DOC)."""
        require_project(self._state, project_id)
        used = {activity.task_id for activity in self._state.activities_on(project_id=project_id)}
        for task in self._state.tasks_of(project_id):
            if task.id not in used:
                self._state.remove_task(task)
        return answer(None, 204)

    def _task(self, project_id: int, task_id: int) -> Task:
        require_project(self._state, project_id)
        task = self._state.tasks.get(task_id)
        if task is None or task.project_id != project_id:
            raise Stop(404)
        return task

    def _store(self, task: Task) -> Response:
        stored = replace(task, updated_at=self._state.now())
        self._state.put_task(stored)
        return answer(task_json(self._state, stored))


class ContractRoutes:
    """`/projects/{id}/contracts`; 403 with an empty body for ordinary users (GUESS, as for tasks)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{_PROJECT}/contracts", f"{_PROJECT}/contracts/<int:contract_id>"
        app.add_url_rule(many, view_func=self.list_contracts, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_contract, methods=["POST"])
        app.add_url_rule(one, view_func=self.show_contract, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_contract, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete_contract, methods=["DELETE"])

    def list_contracts(self, project_id: int) -> Response:
        """Paged, of active people only (DOC)."""
        require_project(self._state, project_id)
        after = query_moment("updated_after")
        chosen = [
            contract
            for contract in self._state.contracts_of(project_id)
            if self._state.users[contract.user_id].active
            and (after is None or contract.updated_at.replace(microsecond=0) > after)
        ]
        return page_of(chosen, lambda contract: contract_json(self._state, contract))

    def show_contract(self, project_id: int, contract_id: int) -> Response:
        """One contract (RECORDED)."""
        return answer(contract_json(self._state, self._contract(project_id, contract_id)))

    def create_contract(self, project_id: int) -> Response:
        """200; billable and active by default (RECORDED); a second one, or of somebody deactivated: 422 (GUESS)."""
        require_project(self._state, project_id)
        fields = FieldReader(sent_fields())
        anybody = self._state.switches.deactivated_assignable
        people = frozenset(user.id for user in self._state.users.values() if anybody or user.active)
        user_id = fields.reference("user_id", people)
        if self._state.contract_of(project_id, user_id) is not None:
            fields.complain("user_id", Words.TAKEN)
        now = self._state.now()
        blank = Contract(self._state.new_id(), project_id, user_id, True, True, None, 0.0, now, now)
        return self._store(_contract_with_sent(blank, fields))

    def update_contract(self, project_id: int, contract_id: int) -> Response:
        """Partial update (RECORDED); the person stays (DOC), another `user_id` is 422 (GUESS)."""
        contract, fields = self._contract(project_id, contract_id), FieldReader(sent_fields())
        if fields.reference("user_id", self._state.users, contract.user_id) != contract.user_id:
            fields.complain("user_id", Words.UNCHANGEABLE)
        return self._store(_contract_with_sent(contract, fields))

    def delete_contract(self, project_id: int, contract_id: int) -> Response:
        """204 (RECORDED), then 404; with hours 422 base (DOC that it is refused, GUESS how)."""
        contract = self._contract(project_id, contract_id)
        if any(self._state.activities_on(project_id=project_id, user_id=contract.user_id)):
            raise Invalid({"base": [Words.IN_USE]})
        shown = contract_json(self._state, contract)
        self._state.remove_contract(contract)
        return deleted(self._state, shown)

    def _contract(self, project_id: int, contract_id: int) -> Contract:
        require_project(self._state, project_id)
        contract = self._state.contracts.get(contract_id)
        if contract is None or contract.project_id != project_id:
            raise Stop(404)
        return contract

    def _store(self, contract: Contract) -> Response:
        stored = replace(contract, updated_at=self._state.now())
        self._state.put_contract(stored)
        return answer(contract_json(self._state, stored))


def require_project(state: MocoState, project_id: int) -> None:
    """403 without the projects permission, 404 for an unknown project."""
    caller().require(Permission.PROJECTS)
    if project_id not in state.projects:
        raise Stop(404)


def _task_with_sent(task: Task, fields: FieldReader) -> Task:
    changed = replace(
        task,
        name=fields.text("name", task.name),
        billable=fields.flag("billable", task.billable),
        active=fields.flag("active", task.active),
        budget=fields.amount("budget", task.budget),
        hourly_rate=fields.amount("hourly_rate", task.hourly_rate) or 0.0,
        description=fields.optional_text("description", task.description),
        index=fields.whole("index", task.index) or 0,
    )
    fields.check()
    return changed


def _contract_with_sent(contract: Contract, fields: FieldReader) -> Contract:
    changed = replace(
        contract,
        billable=fields.flag("billable", contract.billable),
        active=fields.flag("active", contract.active),
        budget=fields.amount("budget", contract.budget),
        hourly_rate=fields.amount("hourly_rate", contract.hourly_rate) or 0.0,
    )
    fields.check()
    return changed
