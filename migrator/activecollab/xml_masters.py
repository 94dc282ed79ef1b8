"""People, companies, projects, tasks and job types, from their own elements or from inside others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from migrator.activecollab.elements import FieldError, Texts, children_named, local_name, read_texts
from migrator.activecollab.html_text import html_to_text
from migrator.activecollab.seen import Seen
from migrator.activecollab.xml_fields import (
    Field,
    IdField,
    T,
    flag_field,
    id_field,
    number_field,
    text_field,
    wanted_names,
)
from migrator.core.model import (
    Company,
    DocumentProblem,
    FoundMaster,
    JobType,
    Master,
    Origin,
    Project,
    Reading,
    SourceId,
    Task,
    User,
)

_ARCHIVED = 2
"""`state` of an archived object (3.x, 4.x): 0 deleted, 1 trashed, 2 archived, 3 visible."""

# No user and password before the host: whoever follows the link has to log in.
_WEB_ADDRESS = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\s\"<>\\]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MasterTable:
    """The fields of a person, company, project, task or job type behind one or more prefixes.

    An own element has the empty prefix; inside a time record a person stands behind `user/` or `user_`.
    """

    id: IdField
    name: Field[str]
    first_name: Field[str]
    last_name: Field[str]
    display_name: Field[str]
    email: Field[str]
    company_id: IdField


def master_table(*prefixes: str) -> MasterTable:
    """The table for `prefixes`, the first that says something wins."""

    def paths(*names: str) -> tuple[str, ...]:
        return tuple(prefix + name for name in names for prefix in prefixes)

    return MasterTable(
        id=id_field("id", *paths("id")),
        name=text_field("name", *paths("name")),
        first_name=text_field("first_name", *paths("first_name")),
        last_name=text_field("last_name", *paths("last_name")),
        display_name=text_field("display_name", *paths("display_name", "short_display_name")),
        email=text_field("email", *paths("email")),
        company_id=id_field("company_id", *paths("company_id")),
    )


def full_name(texts: Texts, table: MasterTable) -> str:
    """First and last name, else what the person is called; a name may be only a login."""
    whole = f"{_said(table.first_name, texts)} {_said(table.last_name, texts)}".strip()
    return whole or _said(table.name, texts) or _said(table.display_name, texts)


def web_address(text: str) -> str:
    """`text` when it is an http(s) address, else empty: a `javascript:` link must not reach MOCO."""
    return text if _WEB_ADDRESS.fullmatch(text) else ""


_OWN = master_table("")
_LEADER = master_table("leader/", "leader_")
_PROJECT_COMPANY = master_table("company/", "company_")
_PROJECT_USER = master_table("user/", "user_")
_STATE = number_field("state")
_IS_ARCHIVED = flag_field("is_archived")
_PERMALINK = text_field("permalink", "permalink")
_SLUG = text_field("slug", "slug")
_TASK_NAME = text_field("name", "name", "body", "summary")
_TASK_NUMBER = Field("number", ("ticket_id", "task_id", "task_number"), number_field("number").parse)
_TASK_PROJECT = id_field("project_id", "project_id", "project/id")
WANTED = wanted_names(
    *(_OWN, _LEADER, _PROJECT_COMPANY, _PROJECT_USER),
    *(_STATE, _IS_ARCHIVED, _PERMALINK, _SLUG, _TASK_NAME, _TASK_NUMBER, _TASK_PROJECT),
)


class MasterReader:
    """Reads the master elements of one document; a value that is told again and again is yielded once, or seldom."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.line_before = 0
        """What has to be added to the lines of the elements to come: each is parsed by itself."""
        self.seen = Seen()
        """What was yielded, and what the names of masters in records were, of late."""

    def origin(self, element: etree._Element) -> Origin:
        """Where `element` stands."""
        return self.origin_at((element.sourceline or 0) + self.line_before)

    def origin_at(self, line: int) -> Origin:
        """A line of the document."""
        return Origin(self.document, line)

    def found(self, value: Master | None, origin: Origin, *, mention: bool = False) -> Iterator[Reading]:
        """`value`, unless there is none or this document told it not long ago."""
        if value is not None and self.seen.is_new((type(value), value, mention)):
            yield FoundMaster(value, origin, mention)

    def company(self, element: etree._Element) -> Iterator[Reading]:
        """A `<company>` with the `<users>` inside it."""
        texts = self._texts(element)
        yield from self.company_told(local_name(element), texts, self.origin(element))
        for users in children_named(element, "users"):
            for user in children_named(users, "user"):
                yield from self._user(user, own_id(texts))

    def company_told(self, name: str, texts: Texts, origin: Origin) -> Iterator[Reading]:
        """The company behind `texts`; `name` is what its element, or the like, is called."""
        company_id = own_id(texts)
        if company_id is None:
            yield self._left_out(name, texts, origin)
        else:
            company = Company(company_id, _said(_OWN.name, texts), archived=_archived(texts))
            yield from self.found(company, origin)

    def user(self, element: etree._Element) -> Iterator[Reading]:
        """A `<user>`."""
        yield from self._user(element, None)

    def _user(self, element: etree._Element, company_id: SourceId | None) -> Iterator[Reading]:
        yield from self.user_told(local_name(element), self._texts(element), self.origin(element), company_id)

    def user_told(
        self, name: str, texts: Texts, origin: Origin, company_id: SourceId | None = None
    ) -> Iterator[Reading]:
        """The person behind `texts`, of company `company_id` unless they say another."""
        user = nested_user(texts, _OWN, company_id, archived=_archived(texts))
        if user is None:
            yield self._left_out(name, texts, origin)
        yield from self.found(user, origin)

    def project_user(self, element: etree._Element) -> Iterator[Reading]:
        """A `<project_user>`: the id of a person beside, or inside, the person."""
        yield from self.project_user_told(local_name(element), self._texts(element), self.origin(element))

    def project_user_told(self, name: str, texts: Texts, origin: Origin) -> Iterator[Reading]:
        """The person behind the `texts` of a membership in a project."""
        user = nested_user(texts, _PROJECT_USER)
        if user is None:
            yield self._left_out(name, texts, origin, _PROJECT_USER)
        yield from self.found(user, origin)

    def project(self, element: etree._Element) -> Iterator[Reading]:
        """A `<project>` with the leader and company that may be nested in it."""
        yield from self.project_told(local_name(element), self._texts(element), self.origin(element))

    def project_told(self, name: str, texts: Texts, origin: Origin) -> Iterator[Reading]:
        """The project behind `texts`, with its leader and company as far as they are told."""
        project_id = own_id(texts)
        if project_id is None:
            yield self._left_out(name, texts, origin)
            return
        permalink = web_address(_said(_PERMALINK, texts))
        project = Project(
            project_id,
            _said(_OWN.name, texts),
            identifier=_said(_SLUG, texts) or _slug_in(permalink),
            company_id=_usable_id(_PROJECT_COMPANY, texts),
            leader_id=_usable_id(_LEADER, texts),
            permalink=permalink,
            archived=_archived(texts),
        )
        yield from self.found(project, origin)
        if full_name(texts, _LEADER) or _said(_LEADER.email, texts):
            yield from self.found(nested_user(texts, _LEADER), origin, mention=True)
        yield from self.found(nested_company(texts), origin, mention=True)

    def task(self, element: etree._Element) -> Iterator[Reading]:
        """A `<ticket>` or `<task>` with the tasks inside it."""
        yield from self.task_told(local_name(element), self._texts(element), self.origin(element))
        yield from self.tasks_inside(element)

    def task_told(
        self, name: str, texts: Texts, origin: Origin, project_id: SourceId | None = None
    ) -> Iterator[Reading]:
        """The task behind `texts`, of project `project_id` unless they say another."""
        task_id = own_id(texts)
        if task_id is None:
            yield self._left_out(name, texts, origin)
        else:
            yield from self.found(_task(task_id, texts, project_id), origin)

    def tasks_inside(self, element: etree._Element) -> Iterator[Reading]:
        """The tasks nested in a ticket, page or checklist; they belong to its project."""
        project_id = own_project(self._texts(element))
        for tasks in children_named(element, "tasks"):
            for inner in children_named(tasks, "task"):
                yield from self.task_told(local_name(inner), self._texts(inner), self.origin(inner), project_id)

    def job_type(self, element: etree._Element) -> Iterator[Reading]:
        """A `<job_type>`."""
        yield from self.job_type_told(local_name(element), self._texts(element), self.origin(element))

    def job_type_told(self, name: str, texts: Texts, origin: Origin) -> Iterator[Reading]:
        """The job type behind `texts`."""
        job_type_id = own_id(texts)
        if job_type_id is None:
            yield self._left_out(name, texts, origin)
        else:
            yield from self.found(JobType(job_type_id, _said(_OWN.name, texts)), origin)

    def _texts(self, element: etree._Element) -> Texts:
        return read_texts(element, WANTED, markup=frozenset({"body", "summary"}))

    def _left_out(self, name: str, texts: Texts, origin: Origin, table: MasterTable = _OWN) -> DocumentProblem:
        problem = texts.problem
        if problem is None:
            try:
                table.id.need(texts)
            except FieldError as found:
                problem = found
        return DocumentProblem(origin, f"{name} left out: {problem}", usable_part=True)


def own_id(texts: Texts) -> SourceId | None:
    """The id of the object whose `texts` these are; None without a usable one."""
    return _usable_id(_OWN, texts)


def own_project(texts: Texts) -> SourceId | None:
    """The project that a task, or something else of a project, names."""
    return _maybe(_TASK_PROJECT, texts)


def nested_user(
    texts: Texts, table: MasterTable, company_id: SourceId | None = None, *, archived: bool = False
) -> User | None:
    """The person behind `table`; None without a usable id."""
    user_id = _usable_id(table, texts)
    if user_id is None:
        return None
    own_company = _maybe(table.company_id, texts)
    return User(
        user_id,
        full_name(texts, table),
        _said(table.email, texts).lower(),
        company_id if own_company is None else own_company,
        archived,
    )


def nested_company(texts: Texts) -> Company | None:
    """The company named inside a project; None without a usable id and a name."""
    company_id, name = _usable_id(_PROJECT_COMPANY, texts), _said(_PROJECT_COMPANY.name, texts)
    return Company(company_id, name) if company_id is not None and name else None


def _task(task_id: SourceId, texts: Texts, project_id: SourceId | None = None) -> Task:
    name = html_to_text(_said(_TASK_NAME, texts)).partition("\n")[0]
    own_project = _maybe(_TASK_PROJECT, texts)
    return Task(task_id, name, project_id if own_project is None else own_project, _maybe(_TASK_NUMBER, texts))


def _usable_id(table: MasterTable, texts: Texts) -> SourceId | None:
    return None if texts.problem else _maybe(table.id, texts)


def _said(field: Field[str], texts: Texts) -> str:
    return _maybe(field, texts) or ""


def _maybe(field: Field[T], texts: Texts) -> T | None:
    try:
        return field.maybe(texts)
    except FieldError:
        return None


def _archived(texts: Texts) -> bool:
    return _maybe(_IS_ARCHIVED, texts) is True or _maybe(_STATE, texts) == _ARCHIVED


def _slug_in(permalink: str) -> str:
    """The short name in a project's address, which may stand in `path_info`; empty when it is a number."""
    if not permalink:
        return ""
    try:
        parts = urlsplit(permalink)
    except ValueError:
        return ""
    path = parse_qs(parts.query).get("path_info", [unquote(parts.path)])[0]
    segments = [segment for segment in path.split("/") if segment]
    slug = segments[-1] if segments[-2:-1] == ["projects"] else ""
    return "" if slug.isdigit() else slug
