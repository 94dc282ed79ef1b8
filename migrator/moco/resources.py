"""The resources of the library: each method is a call of `migrator/moco/calls`, sent as soon as it is made."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, Protocol, TypeVar

from migrator.moco.call import Call, ListCall
from migrator.moco.calls import (
    activities,
    companies,
    contracts,
    presences,
    project_groups,
    projects,
    session,
    tasks,
    units,
    users,
    web_hooks,
)

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Row = TypeVar("Row")


class Sender(Protocol):
    """Whoever sends a call and raises a `MocoError` when it did not do what was asked."""

    def send(self, call: Call[Answer]) -> Answer:
        """What MOCO answers."""

    def rows(self, call: ListCall[Row]) -> Iterator[Row]:
        """The rows of a list, page by page as they are taken."""


class _Resource:
    """One resource of one client."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender


class _Sent(Generic[Given, Answer]):
    """A method with the arguments of the function that makes the call, and the answer of the call."""

    def __init__(self, make: Callable[Given, Call[Answer]]) -> None:
        self._make = make

    def __get__(self, resource: _Resource, _: type[_Resource]) -> Callable[Given, Answer]:
        @functools.wraps(self._make)
        def method(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            return resource.sender.send(self._make(*args, **kwargs))

        return method


class _Listed(Generic[Given, Row]):
    """The same for a list; what MOCO would ignore or refuse of its filters is refused at once."""

    def __init__(self, make: Callable[Given, ListCall[Row]]) -> None:
        self._make = make

    def __get__(self, resource: _Resource, _: type[_Resource]) -> Callable[Given, Iterator[Row]]:
        @functools.wraps(self._make)
        def method(*args: Given.args, **kwargs: Given.kwargs) -> Iterator[Row]:
            return resource.sender.rows(self._make(*args, **kwargs))

        return method


class Session(_Resource):
    """Who the key belongs to, and who requests act as."""

    get = _Sent(session.get)
    profile = _Sent(session.profile)


class Activities(_Resource):
    """The hours people book."""

    list = _Listed(activities.listed)
    get = _Sent(activities.get)
    create = _Sent(activities.create)
    bulk = _Sent(activities.bulk)
    update = _Sent(activities.update)
    billable_seconds = _Sent(activities.billable_seconds)
    start_timer = _Sent(activities.start_timer)
    stop_timer = _Sent(activities.stop_timer)
    delete = _Sent(activities.delete)
    disregard = _Sent(activities.disregard)


class Projects(_Resource):
    """Projects, their reports, groups and archive."""

    list = _Listed(projects.listed)
    assigned = _Listed(projects.assigned)
    get = _Sent(projects.get)
    create = _Sent(projects.create)
    update = _Sent(projects.update)
    delete = _Sent(projects.delete)
    archive = _Sent(projects.archive)
    unarchive = _Sent(projects.unarchive)
    report = _Sent(projects.report)
    share = _Sent(projects.share)
    disable_share = _Sent(projects.disable_share)
    assign_group = _Sent(projects.assign_group)
    unassign_group = _Sent(projects.unassign_group)


class ProjectGroups(_Resource):
    """Groups of projects, which can only be read."""

    list = _Listed(project_groups.listed)
    get = _Sent(project_groups.get)


class Tasks(_Resource):
    """The tasks of a project."""

    list = _Listed(tasks.listed)
    get = _Sent(tasks.get)
    create = _Sent(tasks.create)
    update = _Sent(tasks.update)
    delete = _Sent(tasks.delete)
    destroy_all = _Sent(tasks.destroy_all)


class Contracts(_Resource):
    """Who is assigned to a project."""

    list = _Listed(contracts.listed)
    get = _Sent(contracts.get)
    create = _Sent(contracts.create)
    update = _Sent(contracts.update)
    delete = _Sent(contracts.delete)


class Companies(_Resource):
    """Customers, suppliers and organisations."""

    list = _Listed(companies.listed)
    get = _Sent(companies.get)
    create = _Sent(companies.create)
    update = _Sent(companies.update)
    delete = _Sent(companies.delete)
    archive = _Sent(companies.archive)
    unarchive = _Sent(companies.unarchive)


class Users(_Resource):
    """The people of the account."""

    list = _Listed(users.listed)
    get = _Sent(users.get)
    create = _Sent(users.create)
    update = _Sent(users.update)


class Units(_Resource):
    """The teams people belong to, which can only be read."""

    list = _Listed(units.listed)
    get = _Sent(units.get)


class Presences(_Resource):
    """From when to when people worked."""

    list = _Listed(presences.listed)
    get = _Sent(presences.get)
    create = _Sent(presences.create)
    touch = _Sent(presences.touch)
    update = _Sent(presences.update)
    delete = _Sent(presences.delete)


class WebHooks(_Resource):
    """Who is told of changes."""

    list = _Listed(web_hooks.listed)
    get = _Sent(web_hooks.get)
    create = _Sent(web_hooks.create)
    update = _Sent(web_hooks.update)
    enable = _Sent(web_hooks.enable)
    disable = _Sent(web_hooks.disable)
    delete = _Sent(web_hooks.delete)
