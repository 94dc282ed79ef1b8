"""The first worksheet of a report: the verdict, what it is about, and where to sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from xlsxwriter.format import Format

from migrator.app.report.tables import Kind
from migrator.app.report.wording import Wording
from migrator.app.report.wording_sheets import HEADERS, TEXTS, word_of
from migrator.app.report.xlsx_sheet import Style, as_number, midnight, set_up_print, sheet_title
from migrator.core.report.figures import Agreement, Control, Figures, System
from migrator.core.report.typed import shown

_LOOKS = {
    Agreement.AGREE: ("✔", "#E3F2E6"),
    Agreement.AGREE_BUT: ("▲", "#FFF4D6"),
    Agreement.DIFFER: ("✖", "#FBE3E1"),
    Agreement.UNPROVED: ("?", "#ECECEC"),
}
"""Symbol and colour: neither alone says it."""

_SOURCE_COLUMN, _TARGET_COLUMN = "C", "E"
"""Where the totals by customer have the hours of both sides."""

Line = tuple[str, str | int | date | datetime | None]


def add_summary(style: Style, figures: Figures, footer: str) -> None:
    """Write it; rows go to disk as they come."""
    summary = _Summary(style, figures)
    set_up_print(summary.sheet, sheet_title("summary", style.language), footer)
    summary.sheet.set_column(0, 0, 34)
    summary.sheet.set_column(1, 1, 60)
    summary.sheet.set_column(2, 3, 14)
    summary.head()
    for label, value in summary.facts():
        summary.line(label, value)
    summary.hours()
    summary.books()
    summary.sign()


class _Summary:
    def __init__(self, style: Style, figures: Figures) -> None:
        self._style, self._figures = style, figures
        self._wording = Wording(style.language)
        self.sheet = style.workbook.add_worksheet(sheet_title("summary", style.language))
        self._row = 0
        self._label = style.workbook.add_format({"bold": True, "valign": "top"})
        self._text = style.workbook.add_format({"text_wrap": True, "valign": "top", "align": "left"})

    def _say(self, key: str, **values: object) -> str:
        return word_of(TEXTS, key, self._style.language, **values)

    def _shown(self, text: str) -> str:
        return shown(text, self._figures.with_people)

    def head(self) -> None:
        """Title and verdict."""
        title = self._style.workbook.add_format({"bold": True, "font_size": 16})
        symbol, colour = _LOOKS[self._figures.agreement]
        look = {"bold": True, "font_size": 13, "bg_color": colour, "text_wrap": True, "valign": "top", "border": 1}
        verdict = self._style.workbook.add_format(look)
        self.sheet.write_string(0, 0, self._say("title"), title)
        self.sheet.write_string(2, 0, self._say("verdict"), self._label)
        self.sheet.write_string(2, 1, f"{symbol} {self._wording.term(self._figures.agreement)}", verdict)
        self._row = 3

    def facts(self) -> Iterator[Line]:
        """What the report is about, in the order of questions."""
        figures, say = self._figures, self._say
        for code in figures.reasons:
            # A page goes on with a link there.
            yield say("reasons"), self._wording.reason(code).removesuffix(":").removesuffix(".") + "."
        if figures.first_day is not None and figures.last_day is not None:
            yield say("period"), f"{self._day(figures.first_day)} – {self._day(figures.last_day)}"
        yield say("as_of"), figures.as_of
        yield from self._system("source", figures.source)
        yield from self._system("target", figures.target)
        yield say("control"), self._control(figures.control)
        yield say("run"), f"{self._wording.term(figures.run.kind)} {figures.run.id}"
        yield say("mapping"), figures.mapping.version
        yield say("unexplained"), figures.unexplained_seconds
        yield say("made"), figures.made_at
        yield say("made_by"), self._shown(figures.made_by)
        yield say("program"), figures.version
        yield say("fingerprint"), figures.fingerprint

    def _system(self, side: str, system: System) -> Iterator[Line]:
        name = " · ".join(filter(None, (self._shown(system.name), self._shown(system.where))))
        read = self._say("never")
        if system.extract_begun is not None or system.extract_ended is not None:
            moments = [moment for moment in (system.extract_begun, system.extract_ended) if moment is not None]
            read = " – ".join(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in moments)
        complete = "complete_files" if system.saved else "complete"
        whole = self._say(complete if system.whole else "incomplete")
        yield self._say(side), name
        yield (
            f"{self._say(side)}: {self._say('extract')}",
            "; ".join(filter(None, (read, whole, self._shown(system.note)))),
        )

    def _control(self, control: Control | None) -> str:
        if control is None:
            return self._say("control_none")
        missed = sum(not row.agrees for row in control.rows)
        key = "control_missed" if missed else "control_met"
        told = self._say(key, missed=missed, count=len(control.rows))
        if control.outdated:
            told = self._say("control_outdated")
        return f"{told}; {self._shown(control.file)}, SHA-256 {control.sha256}"

    def line(self, label: str, value: str | int | date | datetime | None) -> None:
        """One label and its value."""
        sheet, kinds = self.sheet, self._style.by_kind
        sheet.write_string(self._row, 0, label, self._label)
        match value:
            case None:
                sheet.write_blank(self._row, 1, None, self._text)
            case str():
                sheet.write_string(self._row, 1, value, self._text)
            case int():
                sheet.write_number(self._row, 1, value, self._left(Kind.NUMBER))
            case datetime():
                sheet.write_datetime(self._row, 1, value.astimezone(UTC).replace(tzinfo=None), kinds[Kind.MOMENT])
            case date():
                sheet.write_datetime(self._row, 1, midnight(value), kinds[Kind.DAY])
        self._row += 1

    def hours(self) -> None:
        """The hours of both sides, out of the sums of the next sheet."""
        totals, many = self._figures.totals, len(self._figures.customers)
        sides = (
            ("source_hours", _SOURCE_COLUMN, totals.source_seconds),
            ("target_hours", _TARGET_COLUMN, totals.target_seconds),
        )
        title = sheet_title("customers", self._style.language)
        for label, column, seconds in sides:
            self.sheet.write_string(self._row, 0, self._say(label), self._label)
            hours = as_number(Kind.HOURS, seconds)
            if many:
                cell = f"='{title}'!{column}{many + 2}"
                self.sheet.write_formula(self._row, 1, cell, self._left(Kind.HOURS), hours)
            else:
                self.sheet.write_number(self._row, 1, hours, self._left(Kind.HOURS))
            self._row += 1

    def books(self) -> None:
        """Every record in one word."""
        self._row += 1
        language, kinds = self._style.language, self._style.by_kind
        for place, name in ((0, "what"), (2, "records"), (3, "source")):
            self.sheet.write_string(self._row, place, word_of(HEADERS, name, language), self._style.header)
        first = self._row + 2
        for word, tally in self._figures.words.items():
            self._row += 1
            self.sheet.write_string(self._row, 0, self._wording.term(word), self._text)
            self.sheet.write_number(self._row, 2, tally.records, kinds[Kind.NUMBER])
            self.sheet.write_number(self._row, 3, as_number(Kind.HOURS, tally.seconds), kinds[Kind.HOURS])
        self._row += 1
        if not self._figures.words:
            return
        tallies = self._figures.words.values()
        self.sheet.write_string(self._row, 0, self._say("total"), self._style.total[Kind.TEXT])
        for column, kind, value in (
            ("C", Kind.NUMBER, sum(tally.records for tally in tallies)),
            ("D", Kind.HOURS, sum(tally.seconds for tally in tallies)),
        ):
            formula = f"=SUM({column}{first}:{column}{self._row})"
            place = ord(column) - ord("A")
            self.sheet.write_formula(self._row, place, formula, self._style.total[kind], as_number(kind, value))
        self._row += 1

    def sign(self) -> None:
        """Room for a signature, beside the fingerprint that it is about."""
        line = self._style.workbook.add_format({"bottom": 1})
        for _ in range(2):
            self._row += 2
            self.sheet.write_string(self._row, 0, self._say("signature"), self._label)
            self.sheet.write_blank(self._row, 1, None, line)

    def _left(self, kind: Kind) -> Format:
        number = self._style.by_kind[kind].num_format
        return self._style.workbook.add_format({"num_format": number, "align": "left"})

    def _day(self, day: date) -> str:
        return f"{day:%d.%m.%Y}" if self._style.language.value == "de" else day.isoformat()
