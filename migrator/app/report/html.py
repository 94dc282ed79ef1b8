"""The HTML report: a main page of bounded size, a file for each project, and lists that go on where the page stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from migrator.app.report import written
from migrator.app.report.html_frame import Frame, frame_of
from migrator.app.report.html_main import BILLINGS, LIMITS, STATES, main_page
from migrator.app.report.wording import Language, Wording
from migrator.core.report.figures import Figures, ProjectSums
from migrator.core.report.line import Lines

MAIN = "report.html"
ROWS_OF_A_PAGE = 2_000
"""Of one page of a list: browsers stay quick, and people find the end."""

_Row = TypeVar("_Row")


def write_html(directory: Path, figures: Figures, lines: Lines, language: Language) -> list[Path]:
    """Write `report.html`, `projects/ID.html` and the longer lists into `directory`; the files, the main page first.

    `lines` is written as it is read: memory does not grow with the records.
    """
    wording = Wording(language)
    frame = frame_of(language, figures.with_people)
    (directory / "projects").mkdir(parents=True, exist_ok=True)
    stamp = f"{wording.say('title')} · {wording.say('fingerprint')} {figures.fingerprint[:16]}…"
    frame.write(directory / MAIN, "report.html", main_page(figures, lines, wording), stamp)
    book = _Book(directory, frame, figures, stamp)
    return [directory / MAIN, *_lists(book, lines, wording), *_projects(book, lines, wording)]


def _lists(book: _Book, lines: Lines, wording: Wording) -> Iterator[Path]:
    """What the main page shows only the beginning of, and the whole ledger."""
    figures = book.figures
    if sum(tally.records for tally in figures.differences.values()) > LIMITS.differences:
        yield from book.pages(
            "differences", lines.differences(), _Kind("difference_rows.html", "lines"), wording.say("h_differences")
        )
    if sum(tally.records for tally in figures.exceptions.values()) > LIMITS.exceptions:
        yield from book.pages(
            "exceptions", lines.exceptions(), _Kind("exception_rows.html", "found"), wording.say("h_exceptions")
        )
    if figures.ledger:
        yield from book.pages("ledger", figures.ledger, _Kind("ledger_rows.html", "rows"), wording.say("h_ledger"))


def _projects(book: _Book, lines: Lines, wording: Wording) -> Iterator[Path]:
    """An index of all projects, and a file with every record for each of them."""
    customers = book.figures.customers
    together = ((customer.name, project) for customer in customers for project in customer.projects)
    yield from book.pages(
        "projects/index", together, _Kind("project_rows.html", "projects"), wording.say("all_projects")
    )
    for customer in customers:
        for project in customer.projects:
            sums = project.sums
            sides = [written.hours(each, wording.language) for each in (sums.source_seconds, sums.target_seconds)]
            lead = wording.say("project_sums", count=sums.records, source=sides[0], target=sides[1])
            yield from book.pages(
                f"projects/{project.stem}",
                lines.of_project(project.id),
                _Kind("record_rows.html", "lines"),
                project.name or wording.say("no_project"),
                f"{customer.name or wording.say('no_customer')} · {lead}",
                project,
            )


@dataclass(frozen=True, slots=True)
class _Kind:
    """The template of a list's rows, and what it calls them."""

    template: str
    rows: str


@dataclass(frozen=True, slots=True)
class _Book:
    """What all pages of one report share."""

    directory: Path
    frame: Frame
    figures: Figures
    stamp: str

    def pages(
        self,
        stem: str,
        rows: Iterable[object],
        kind: _Kind,
        heading: str,
        lead: str = "",
        project: ProjectSums | None = None,
    ) -> Iterator[Path]:
        """Write `rows` as pages `STEM.html`, `STEM-2.html` …, the first of them even where there is no row."""
        ahead = _Ahead(iter(rows))
        page = 0
        while page == 0 or ahead.more():
            page += 1
            path = self.directory / _file_of(stem, page)
            values = {
                "figures": self.figures,
                "fingerprint": self.figures.fingerprint,
                "home": f"../{MAIN}" if "/" in stem else MAIN,
                "heading": heading,
                "lead": lead,
                "page": page,
                "page_file": lambda number: Path(_file_of(stem, number)).name,
                "has_more": ahead.more,
                "rows_template": kind.template,
                "project": project,
                "billings": BILLINGS,
                "states": STATES,
                kind.rows: islice(ahead, ROWS_OF_A_PAGE),
            }
            self.frame.write(path, "page.html", values, self.stamp)
            yield path


def _file_of(stem: str, page: int) -> str:
    return f"{stem}.html" if page == 1 else f"{stem}-{page}.html"


class _Ahead(Generic[_Row]):
    """An iterator that knows whether it goes on."""

    def __init__(self, rows: Iterator[_Row]) -> None:
        self._rows = rows
        self._next: list[_Row] = []

    def more(self) -> bool:
        """Whether there is another one; it is read to know that, and given out next."""
        if not self._next:
            self._next = list(islice(self._rows, 1))
        return bool(self._next)

    def __iter__(self) -> Iterator[_Row]:
        return self

    def __next__(self) -> _Row:
        return self._next.pop() if self._next else next(self._rows)
