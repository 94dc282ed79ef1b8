"""What tests of the report share: its pages in both languages, written once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import html

from migrator.app.report.html import write_html
from migrator.app.report.wording import Language
from migrator.core.report.figures import Figures
from tests.support.reports import KeptLines, a_hostile_report, a_troubled_report


@dataclass(frozen=True, slots=True)
class Written:
    """A report as it was given, and the files that came of it, the main page first."""

    figures: Figures
    lines: KeptLines
    files: list[Path]

    @property
    def main(self) -> html.HtmlElement:
        """The main page."""
        return page(self.files[0])


def page(path: Path) -> html.HtmlElement:
    """A page as a tree."""
    return html.document_fromstring(path.read_text(encoding="utf-8"))


def written(directory: Path, report: tuple[Figures, KeptLines], language: Language = Language.EN) -> Written:
    """Write a report."""
    figures, lines = report
    return Written(figures, lines, write_html(directory, figures, lines, language))


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Language, Written]:
    """34 held, 3 rejected, 12 conflicts, rounding: in both languages."""
    folder = tmp_path_factory.mktemp("troubled")
    report = a_troubled_report()
    return {language: written(folder / language, report, language) for language in Language}


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Names that attack whoever shows them."""
    return written(tmp_path_factory.mktemp("hostile"), a_hostile_report(), Language.DE)
