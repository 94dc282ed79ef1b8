"""The rows of the longest lists, put together from cells that a template wrote once and that are remembered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment
from markupsafe import Markup, escape

from migrator.core.report.figures import LedgerRow
from migrator.core.report.line import Exceptional, RecordLine, Rule

if TYPE_CHECKING:
    from migrator.app.report.html_frame import Frame

SHORT = 120
"""Characters of a name in a table; the spreadsheet has all of it."""

REMEMBERED = 4_096
"""Names, days and hours are the same again and again; what is longer than `SHORT` is not remembered."""

_ROWS_OF_A_PIECE = 100

_Value = TypeVar("_Value")


def row_filters(frame: Frame, jinja: Environment) -> dict[str, Callable[..., Iterator[Markup]]]:
    """Filters for templates by name, each from the values of a list to its rows in pieces, lines of `Markup`."""
    rows = _Rows(frame, jinja)
    return {
        "record_rows": partial(_pieces, rows.record),
        "exception_rows": partial(_pieces, rows.exception),
        "ledger_rows": partial(_pieces, rows.ledger),
    }


def _pieces(write: Callable[[_Value], Markup], values: Iterable[_Value]) -> Iterator[Markup]:
    """Some rows at once: a template hands each piece on through five generators."""
    rest = iter(values)
    while piece := [write(value) for value in islice(rest, _ROWS_OF_A_PIECE)]:
        yield _joined("\n".join(piece))


class _Rows:
    """Rows out of cells of `cells.html` and of what only one row has; what somebody typed passes through the frame."""

    def __init__(self, frame: Frame, jinja: Environment) -> None:
        self._frame = frame

        @lru_cache(REMEMBERED)
        def cell(name: str, *values: Hashable) -> Markup:
            written: Markup = getattr(jinja.get_template("cells.html").module, name)(*values)
            return written

        self._cell = cell

    def record(self, line: RecordLine) -> Markup:
        """A record on the page of its project."""
        frame, cell = self._frame, self._cell
        moved = line.target_day if line.target_day != line.day else None
        there = line.elsewhere.place if line.elsewhere is not None else None
        return _joined(
            '<tr class="open"><td>' if line.difference is not None and not line.explained else "<tr><td>",
            *(frame.day(line.day), "</td><td>", frame.source_link(line)),
            *("</td><td>", frame.target_link(line, moved, linked=False)),
            *("</td><td>", frame.typed(line.person, "no_person"), cell("stand_in") if line.stand_in else ""),
            *("</td>", cell("status", line.billing, line.state), "<td>", frame.typed(line.written), "</td>"),
            *(cell("sides", line.read, line.stored), "<td>"),
            cell("outcome", line.word, line.difference, line.explained, line.reason, line.rule),
            "" if there is None else cell.__wrapped__("moved", there.customer, there.project),
            "</td></tr>",
        )

    def exception(self, each: Exceptional) -> Markup:
        """What waits for a person."""
        frame, cell = self._frame, self._cell
        why = cell if len(each.message) <= SHORT else cell.__wrapped__
        return _joined(
            *('<tr><th scope="row">', escape(each.id or "–"), "</th>", cell("kind", each.kind)),
            *('<td class="name">', frame.typed(each.customer, "no_customer"), "<br>"),
            *(frame.typed(each.project, "no_project"), '</td><td class="name">', frame.typed(each.person, "no_person")),
            *("</td>", cell("waits", each.day, each.seconds), "<td>AC ", frame.source_link(each)),
            *("<br>MOCO ", frame.target_link(each, None), '</td><td class="text">'),
            *(why("why", each.reason, each.message), cell("since", each.since), "</td>"),
            *(cell("fill", bool(each.id)), "</tr>"),
        )

    def ledger(self, row: LedgerRow) -> Markup:
        """A row of the rounding ledger."""
        frame, cell = self._frame, self._cell
        return _joined(
            '<tr class="open">' if row.rule is Rule.UNEXPLAINED else "<tr>",
            *('<th scope="row" class="name">', frame.typed(row.project, "no_project"), '</th><td class="name">'),
            *(frame.typed(row.person, "no_person"), "</td>", cell("ruled", row.month, row.rule, row.reason)),
            *(cell("written", row.records, row.written), cell("seconds", row.read, row.sent, row.stored), "</tr>"),
        )


def _joined(*parts: str) -> Markup:
    """Markup and words of ours as one; what somebody typed never gets here as it is."""
    return Markup("".join(parts))  # noqa: S704 - see above
