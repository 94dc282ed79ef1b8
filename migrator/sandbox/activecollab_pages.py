"""The pages of long lists of ActiveCollab 5 to 7, and the headers that tell of them, in every spelling seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha1
from typing import TypeVar

from flask import Response, request

from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import Paging
from migrator.sandbox.activecollab_web import caller_id, json_answer

T = TypeVar("T")
_PREFIX = "X-Angie-Pagination"


class Pages:
    """Answers lists, 100 a page from page 1 (recorded); a page beyond the end is an empty list."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def page(self, name: str, rows: Sequence[T], show: Callable[[Sequence[T]], object]) -> Response:
        """The page that was asked for, of a list that comes in pages."""
        switches = self._state.switches
        if switches.paging is Paging.WHOLE:
            return self.whole(name, len(rows), show(rows))
        asked = request.args.get("page", "1")
        number = max(1, int(asked)) if asked.isdecimal() else 1
        body = show(rows[(number - 1) * switches.page_size : number * switches.page_size])
        return self._answered(
            f"{name}_page_{number}", body, _page_headers(switches.paging, number, switches.page_size, len(rows))
        )

    def whole(self, name: str, total: int, body: object) -> Response:
        """A list that does not come in pages: page 0, 0 per page."""
        told = self._state.switches.paging is not Paging.NONE
        return self._answered(name, body, _page_headers(Paging.PAGE, 0, 0, total) if told else {})

    def _answered(self, name: str, body: object, headers: dict[str, str]) -> Response:
        """The Etag names version, list and the caller's login, which is an e-mail address (recorded)."""
        response = json_answer(body, headers=headers)
        version, login = self._state.system_version, self._state.people[caller_id()].email
        digest = sha1(response.get_data(), usedforsecurity=False).hexdigest()
        response.headers["Etag"] = f'"{version},collection,{name},{login},{digest}"'
        response.headers["Cache-Control"] = "public, max-age=0"
        expires = self._state.now() + timedelta(days=3650)
        response.headers["Expires"] = expires.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response


def _page_headers(paging: Paging, number: int, size: int, total: int) -> dict[str, str]:
    match paging:
        case Paging.CURRENT_PAGE:
            return {
                f"{_PREFIX}CurrentPage": str(number),
                f"{_PREFIX}ItemsPerPage": str(size),
                f"{_PREFIX}TotalItems": str(total),
            }
        case Paging.PAGE | Paging.WHOLE:
            return {f"{_PREFIX}Page": str(number), f"{_PREFIX}PerPage": str(size), f"{_PREFIX}Total": str(total)}
        case Paging.NONE:
            return {}
