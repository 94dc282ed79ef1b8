"""One table of a report as a worksheet, row by row: header, filter, sums; further sheets where rows are too many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import assert_never

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from migrator.app.report.tables import Cell, Column, Kind, Linked, Table
from migrator.app.report.wording import Language
from migrator.app.report.wording_sheets import HEADERS, SHEETS, TEXTS, disposition_words, word_of

EXCEL_ROWS = 1_048_576
"""Rows of a worksheet (Excel's published limits)."""

MOST_LINKS = 10_000
"""Addresses behind numbers, of one sheet: Excel takes 65,530, and each is held in memory until the file is written."""

MOST_EXACT = 10**15
"""From here on Excel no longer keeps every digit of a number."""

_ONLY_IN_CSV = (Kind.URL, Kind.EXACT)
_WIDTHS: Mapping[Kind, int] = {Kind.TEXT: 24, Kind.LONG: 48, Kind.MOMENT: 17, Kind.LINK: 14, Kind.ENTRY: 20}
_A4 = 9


@dataclass(frozen=True, slots=True)
class Style:
    """The formats of one workbook."""

    workbook: Workbook
    language: Language
    header: Format = field(init=False)
    by_kind: Mapping[Kind, Format] = field(init=False)
    total: Mapping[Kind, Format] = field(init=False)

    def __post_init__(self) -> None:
        german = self.language is Language.DE
        shapes: dict[Kind, dict[str, object]] = {
            Kind.LONG: {"text_wrap": True},
            Kind.DAY: {"num_format": "dd.mm.yyyy" if german else "yyyy-mm-dd"},
            Kind.MONTH: {"num_format": "mm.yyyy" if german else "yyyy-mm"},
            Kind.MOMENT: {"num_format": "dd.mm.yyyy hh:mm" if german else "yyyy-mm-dd hh:mm"},
            Kind.NUMBER: {"num_format": "#,##0"},
            Kind.DECIMAL: {"num_format": "#,##0.00"},
            Kind.HOURS: {"num_format": "#,##0.00"},
            Kind.CLOCK: {"num_format": "[h]:mm"},
            Kind.SECONDS: {"num_format": "#,##0"},
            Kind.LINK: {"num_format": "0", "font_color": "#0563C1"},
            Kind.ENTRY: {"bg_color": "#FFF8DC", "border": 1, "border_color": "#C8B98A", "text_wrap": True},
        }
        make = self.workbook.add_format
        plain = {kind: make({"valign": "top", **shapes.get(kind, {})}) for kind in Kind}
        bold = {"bold": True, "top": 1}
        header = make({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF3", "bottom": 1})
        object.__setattr__(self, "header", header)
        object.__setattr__(self, "by_kind", plain)
        object.__setattr__(self, "total", {kind: make({**shapes.get(kind, {}), **bold}) for kind in Kind})


def add_tables(style: Style, table: Table, footer: str, most_rows: int = EXCEL_ROWS) -> None:
    """Write a table into a worksheet of its own, and into further ones where one does not take all of its rows."""
    sheet = _Sheet(style, table, footer, 1)
    for row in table.rows():
        # The header and the sums take a row each.
        if sheet.rows == most_rows - 2:
            sheet.finish()
            sheet = _Sheet(style, table, footer, sheet.number + 1)
        sheet.add(row)
    sheet.finish()


def sheet_title(name: str, language: Language, number: int = 1) -> str:
    """What a worksheet is called."""
    title = word_of(SHEETS, name, language)
    return title if number == 1 else f"{title} ({number})"


def set_up_print(worksheet: Worksheet, title: str, footer: str) -> None:
    """A4 landscape, as wide as the page, with a title above and the origin below each page."""
    worksheet.set_landscape()
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
    worksheet.set_header(f"&L&B{title}&R&P / &N")
    worksheet.set_footer(f"&L&8{footer}")


class _Sheet:
    """One worksheet; rows are written for good as soon as the next one comes."""

    def __init__(self, style: Style, table: Table, footer: str, number: int) -> None:
        self._style, self._table, self.number = style, table, number
        self._kept = [(at, each) for at, each in enumerate(table.columns) if each.kind not in _ONLY_IN_CSV]
        self._shapes, self._filled = [style.by_kind[column.kind] for _, column in self._kept], style.by_kind[Kind.LONG]
        self._sums: dict[int, int | Decimal] = {}
        self._links = 0
        self._to_fill = 0
        """The last row that somebody may fill in."""
        self.rows = 0
        title = sheet_title(table.name, style.language, number)
        self._sheet = style.workbook.add_worksheet(title)
        set_up_print(self._sheet, title, footer)
        self._sheet.repeat_rows(0)
        self._sheet.freeze_panes(1, 0)
        for place, (_, column) in enumerate(self._kept):
            hidden = {"hidden": True} if column.kind is Kind.HIDDEN else {}
            self._sheet.set_column(place, place, _WIDTHS.get(column.kind, 13), None, hidden)
            self._sheet.write_string(0, place, word_of(HEADERS, column.name, style.language), style.header)

    def add(self, row: tuple[Cell, ...]) -> None:
        """Append one row."""
        self.rows += 1
        for place, (at, column) in enumerate(self._kept):
            value = row[at]
            if column.kind is Kind.ENTRY and value is None:
                self._to_fill = self.rows
            self._write(place, column, value)
            if column.total and isinstance(value, (int, Decimal)):
                self._sums[place] = self._sums.get(place, 0) + value

    def finish(self) -> None:
        """Add what is below and around the rows."""
        last = len(self._kept) - 1
        self._sheet.autofilter(0, 0, max(self.rows, 1), last)
        if not self.rows:
            return
        self._offer_words()
        if not any(column.total for _, column in self._kept):
            return
        below = self.rows + 1
        self._sheet.write_string(below, 0, word_of(TEXTS, "total", self._style.language), self._style.total[Kind.TEXT])
        for place, (_, column) in enumerate(self._kept):
            if column.total:
                name = xl_col_to_name(place)
                # 109 sums what the filter shows, so that a person who filters sees that part's sum.
                formula = f"=SUBTOTAL(109,{name}2:{name}{self.rows + 1})"
                cached = as_number(column.kind, self._sums.get(place, 0))
                self._sheet.write_formula(below, place, formula, self._style.total[column.kind], cached)

    def _write(self, place: int, column: Column, value: Cell) -> None:
        filled = column.kind is Kind.ENTRY and value is not None
        sheet, row, shape = self._sheet, self.rows, self._filled if filled else self._shapes[place]
        match value:
            case None:
                sheet.write_blank(row, place, None, shape)
            case str():
                sheet.write_string(row, place, value, shape)
            case Linked(number=number, url=url):
                if url and self._links < MOST_LINKS:
                    self._links += 1
                    sheet.write_url(row, place, url, shape, str(number))
                # Over the text of the link: the address stays behind the number.
                if number < MOST_EXACT:
                    sheet.write_number(row, place, number, shape)
                else:
                    sheet.write_string(row, place, str(number), shape)
            case int() | Decimal():
                sheet.write_number(row, place, as_number(column.kind, value), shape)
            case datetime():
                sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), shape)
            case date():
                # Excel knows no day before 1900.
                if value.year < 1900:
                    sheet.write_string(row, place, value.isoformat(), shape)
                else:
                    sheet.write_datetime(row, place, midnight(value), shape)
            case _:
                assert_never(value)

    def _offer_words(self) -> None:
        """A list of words for the disposition, and days only for the date, as far as there is something to fill in."""
        if not self._to_fill:
            return
        say = self._style.language
        for place, (_, column) in enumerate(self._kept):
            if column.kind is not Kind.ENTRY:
                continue
            if column.name == "disposition":
                message = word_of(TEXTS, "choose", say)
                rule = {"validate": "list", "source": disposition_words(say), "error_message": message}
                self._sheet.data_validation(1, place, self._to_fill, place, rule)
            elif column.name == "date":
                message = word_of(TEXTS, "date_expected", say)
                limits = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_message": message}
                self._sheet.data_validation(1, place, self._to_fill, place, limits)


def midnight(day: date) -> datetime:
    """A day as Excel holds it."""
    return datetime.combine(day, time())


def as_number(kind: Kind, value: int | Decimal) -> float:
    """A value as Excel holds it: hours and days as fractions, anything else as it is."""
    if kind is Kind.HOURS:
        return int(value) / 3_600
    if kind is Kind.CLOCK:
        return int(value) / 86_400
    return int(value) if isinstance(value, int) else float(value)
