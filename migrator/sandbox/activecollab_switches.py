"""What can be turned on the simulated ActiveCollab: everything that is unknown, or differs between versions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum


class UserForm(Enum):
    """How a time record of generation 2 names its person; documented is flat, seen is nested."""

    FLAT = "flat"
    NESTED = "nested"
    BOTH = "both"
    NESTED_IN_DETAIL = "nested_in_detail"
    """Flat in lists, nested in the record by itself: the official page and the vendor's wrapper are both right."""


class DateForm(Enum):
    """How generation 3 writes dates in XML; its JSON always has the children."""

    TEXT = "text"
    """Padded CDATA, as the API book shows it."""
    CHILDREN = "children"
    """`class`, `timestamp`, `mysql`, `formatted` … as child elements."""


class References(Enum):
    """How generation 3 names project, job type and creator of a record; its readers disagree."""

    NESTED = "nested"
    FLAT = "flat"


class EmptyList(Enum):
    """What an empty list is in XML."""

    ROOT = "root"
    SELF_CLOSED = "self_closed"
    BLANK_ROOT = "blank_root"
    EMPTY_BODY = "empty_body"


class Order(Enum):
    """The order of time records in lists; legacy documents none, later answers are newest first."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"
    RANDOM = "random"
    """Shuffled by `order_seed`, the same way in every answer."""


class ProjectParent(Enum):
    """What `parent_id` is in generation 2 for time on the project itself."""

    ZERO = "zero"
    EMPTY = "empty"
    MISSING = "missing"


class Detail(Enum):
    """What asking for a record by id answers where nobody knows what ActiveCollab does."""

    NOT_FOUND = "not_found"
    SHOWN = "shown"
    FORBIDDEN = "forbidden"


class Paging(Enum):
    """How generation 5 tells the pages of its long lists."""

    CURRENT_PAGE = "current_page"
    """`X-Angie-PaginationCurrentPage`, `…ItemsPerPage`, `…TotalItems` (recorded)."""
    PAGE = "page"
    """Pages too, yet under the names of unpaged lists: `X-Angie-PaginationPage`, `…PerPage`, `…Total`."""
    WHOLE = "whole"
    """Everything at once whatever `page` says, with those names, page 0 and 0 per page (recorded for short lists)."""
    NONE = "none"
    """Pages, but no header says so."""


class Related(Enum):
    """What stands in `related` of generation 5."""

    MAPS = "maps"
    """Maps by id; one without anything in it is `{}`."""
    EMPTY_ARRAYS = "empty_arrays"
    """Maps by id; one without anything in it is `[]`, which is how PHP writes it."""
    NULL = "null"
    WITHOUT_TASK = "without_task"


class Access(Enum):
    """What the server lets API clients do: API_STATUS of generation 2, the subscription's right later."""

    OFF = "off"
    READ_ONLY = "read_only"
    READ_WRITE = "read_write"


@dataclass(slots=True)
class ActiveCollabSwitches:
    """The unknowns of the server and the settings of the installation; assign to them at any time."""

    user_form: UserForm = UserForm.FLAT
    date_form: DateForm = DateForm.TEXT
    references: References = References.NESTED
    empty_list: EmptyList = EmptyList.ROOT
    order: Order = Order.NEWEST_FIRST
    order_seed: int = 0
    project_parent: ProjectParent = ProjectParent.EMPTY
    trashed_detail: Detail = Detail.SHOWN
    """A trashed record by id; shown is state 1 (generation 5: `is_trashed`) with 200."""
    moved_detail: Detail = Detail.NOT_FOUND
    """A record by id below a project it is not in (any more)."""
    task_time_at_project: bool = False
    """True: generation 3 shows time on a task also as `projects/:id/tracking/time/:record_id`."""
    company_users: bool = False
    """True: generation 3 shows the people inside `people/:company_id`, too."""
    error_root: str = "error"
    """The root of error documents in XML, which nobody has documented."""
    validation_status: int = 500
    """What a refused value is answered with; 500 was seen, 400 is documented."""
    declaration: bool = True
    """False: no XML declaration, as in the documentation's samples."""
    old_billing: bool = False
    """True: 1.0 to 1.1.4, which know `is_billable` and `is_billed` only."""
    long_floats: bool = False
    """True: hours as a float column gives them, such as 3.3299999237061."""
    null_updated_on: bool = False
    """True: what was never edited has no `updated_on`."""
    list_cap: int = 300
    """So many objects at most in a tracking list of generation 3 …"""
    honours_dont_limit_result: bool = True
    """… unless `dont_limit_result=1` is sent. False: that parameter changes nothing."""
    paging: Paging = Paging.CURRENT_PAGE
    page_size: int = 100
    filters_by_date: bool = True
    """False: `filtered-by-date` ignores its days."""
    filtered_in_pages: bool = False
    """True: `filtered-by-date` answers page by page as well."""
    related: Related = Related.MAPS
    leaks_trace: bool = False
    """True: errors of generation 5 carry file, line and trace, as older versions did."""
    access: Access = Access.READ_WRITE
    encoded_links: bool = False
    """True: the slashes in permalinks are written as %2F."""
    system_version: str | None = None
    """None: a usual one of the generation."""
    gzip: bool = False

    def set(self, name: str, value: object) -> None:
        """Set one switch from a JSON value, enums by their word.

        Raises ValueError for an unknown name or a value of the wrong type.
        """
        if name not in {field.name for field in fields(self)}:
            raise ValueError(f"no switch is called {name!r}")
        setattr(self, name, _parsed(name, getattr(self, name), value))


def _parsed(name: str, current: object, value: object) -> object:
    if name == "system_version" and (value is None or isinstance(value, str)):
        return value
    if isinstance(current, Enum):
        return type(current)(value)
    if type(value) is type(current):
        return value
    raise ValueError(f"{name} cannot be {value!r}; it is now {current!r}")
