"""The HTML report holds exactly the figures, says everything in both languages, and stays small."""

from __future__ import annotations

import base64
import hashlib
import re
import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from migrator.app.report.html import write_html
from migrator.app.report.html_frame import frame_of
from migrator.app.report.html_main import LIMITS, SECTIONS, main_page
from migrator.app.report.wording import Language, Wording
from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing, Seconds, SourceId
from migrator.core.report.figures import CustomerSums, MonthSums, OpenHours, ProjectSums, Sums
from migrator.core.report.line import RecordLine, Rule, TargetState
from tests.support.reports import KeptLines, a_good_report, a_line, exceptions_of, figures_of, waiting
from tests.unit.app.report.conftest import Written, page, written

Troubled = Mapping[Language, Written]
_HELD = (TargetState.NON_BILLABLE, TargetState.OPEN, TargetState.BILLED)


def _text(element: html.HtmlElement) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


def _seconds(cell: html.HtmlElement) -> int:
    """The exact time of a cell: what stands below its decimal hours."""
    small = cell.find("small")
    if small is None:
        return 0
    clock = str(small.text).replace("\u2212", "-").lstrip("+")
    parts = [int(part) for part in clock.lstrip("-").split(":")]
    found = sum(part * unit for part, unit in zip(parts, (3_600, 60, 1), strict=False))
    return -found if clock.startswith("-") else found


def _rows(table: html.HtmlElement) -> list[list[html.HtmlElement]]:
    return [list(row) for row in table.xpath(".//tbody/tr")]


def _table(root: html.HtmlElement, section: str, place: int = 0) -> html.HtmlElement:
    found: list[html.HtmlElement] = root.xpath(f"//section[@id='{section}']//table[not(ancestor::figure)]")
    return found[place]


def _hours(seconds: int, language: Language) -> str:
    """Written again, and not by the product."""
    hundredths = (abs(seconds) * 200 + 3_600) // 7_200
    text = f"{hundredths // 100:,}.{hundredths % 100:02}"
    text = text.translate(str.maketrans(",.", ".,")) if language is Language.DE else text
    return f"\u2212{text}" if seconds < 0 else text


@pytest.mark.parametrize("language", Language)
def test_every_section_is_there_and_listed(troubled: Troubled, language: Language) -> None:
    root = troubled[language].main
    wording = Wording(language)
    assert root.get("lang") == language
    assert [link.get("href") for link in root.xpath("//nav//a")] == [f"#{name}" for name in SECTIONS]
    for name in SECTIONS:
        (heading,) = root.xpath(f"//section[@id='{name}']/h2")
        assert _text(heading) == wording.say(f"h_{name}")
    assert [_text(each) for each in root.xpath("//h1")] == [wording.say("title")]


@pytest.mark.parametrize("language", Language)
def test_the_first_screen_says_the_verdict_in_words_and_as_a_sign(troubled: Troubled, language: Language) -> None:
    given = troubled[language].figures
    root = troubled[language].main
    (verdict,) = root.xpath("//section[@id='verdict']")
    assert _text(verdict.xpath(".//*[@class='sign']")[0]) == "✖"
    assert _text(verdict.xpath(".//h2")[0]) == Wording(language).term(given.agreement)
    sentence = _text(verdict.xpath(".//p")[0])
    assert [int(number) for number in re.findall(r"\d+", sentence.replace(".", "").replace(",", ""))] == [
        477,
        422,
        6,
        34,
        12,
        3,
        given.unexplained_seconds,
    ]
    assert len(verdict.xpath(".//li")) == len(given.reasons)
    keys = [_text(each) for each in root.xpath("//dl[@class='keys']//dd")]
    assert keys[0].startswith(f"{_hours(given.totals.source_seconds, language)} h")
    assert keys[1].startswith(f"{_hours(given.totals.target_seconds, language)} h")
    assert keys[2].startswith(f"{_hours(given.totals.target_seconds - given.totals.source_seconds, language)} h")
    assert keys[4].startswith("49")
    facts = _text(root.xpath("//dl[@class='facts']")[0])
    assert f"✖ {Wording(language).say('control_none')}" in facts
    for expected in ("agentur", "export.xml", "muster", "Petra Prüfer", "14:30 UTC", "0.1.0", given.fingerprint[:16]):
        assert expected in facts


def _expect(cells: list[html.HtmlElement], sums: Sums, language: Language) -> None:
    texts = [str(cell.text) for cell in cells]
    assert texts[1] == str(sums.records)
    assert texts[2:6] == [_hours(sums.source.get(billing, 0), language) for billing in Billing]
    assert texts[6] == _hours(sums.source_seconds, language)
    assert texts[7:10] == [_hours(sums.target.get(state, 0), language) for state in _HELD]
    assert texts[10] == _hours(sums.target_seconds, language)
    exact = [_seconds(cell) for cell in cells]
    assert (exact[6], exact[10]) == (sums.source_seconds, sums.target_seconds)
    assert exact[11] == sums.target_seconds - sums.source_seconds == sum(sums.apart.values())
    reasons = [_text(each) for each in cells[12].xpath(".//*[@class='why']")]
    assert len(reasons) == len([seconds for seconds in sums.apart.values() if seconds])


@pytest.mark.parametrize("language", Language)
def test_control_totals_are_the_figures_for_customer_project_and_month(troubled: Troubled, language: Language) -> None:
    given = troubled[language].figures
    root = troubled[language].main
    *customers, total = _rows(_table(root, "totals"))
    _expect(total, given.totals, language)
    for cells, customer in zip(customers, given.customers, strict=True):
        assert _text(cells[0]) == (customer.name or Wording(language).say("no_customer"))
        _expect(cells, customer.sums, language)
    for place, customer in enumerate(given.customers, start=1):
        rows = iter(_rows(_table(root, "totals", place)))
        for project in customer.projects:
            cells = next(rows)
            assert cells[0].xpath(".//a/@href") == [f"projects/{project.id}.html"]
            _expect(cells, project.sums, language)
            for month in project.months:
                cells = next(rows)
                assert _text(cells[0]).endswith(str(month.month.year))
                _expect(cells, month.sums, language)
        assert next(rows, None) is None


def test_the_books_hold_every_record_in_one_row(troubled: Troubled) -> None:
    given = troubled[Language.EN].figures
    rows = _rows(_table(troubled[Language.EN].main, "books"))
    found = {_text(cells[0]): (int(_text(cells[1])), _seconds(cells[2])) for cells in rows}
    wording = Wording(Language.EN)
    for word in given.words:
        assert found[wording.term(word)] == (given.words[word].records, given.words[word].seconds)
    assert found["Total"] == (477, given.totals.source_seconds)


def test_people_are_told_with_their_hours(troubled: Troubled) -> None:
    given = troubled[Language.DE].figures
    found = {_text(cells[0]): cells for cells in _rows(_table(troubled[Language.DE].main, "people"))}
    assert len(found) == len(given.people)
    for person in given.people:
        cells = found[person.name]
        assert [_seconds(cell) for cell in cells[2:4]] == [person.sums.source_seconds, person.sums.target_seconds]


def test_differences_come_unexplained_first_then_the_largest_and_lead_to_both_systems(troubled: Troubled) -> None:
    rows = _rows(_table(troubled[Language.EN].main, "differences"))
    expected = list(troubled[Language.EN].lines.differences())
    assert len(rows) == len(expected)
    for cells, line in zip(rows, expected, strict=True):
        assert _seconds(cells[7]) == line.seconds_apart
        assert ("unexplained" in _text(cells[9])) == (not line.explained)
        assert cells[3].xpath(".//a/@href") == ([line.source_url] if line.source_url else [])
        assert str(line.activity_id) in _text(cells[4])
        assert str(line.day.year) in _text(cells[4])


def test_links_that_lead_out_give_nothing_away(troubled: Troubled) -> None:
    outward = [link for link in troubled[Language.EN].main.xpath("//a") if "://" in link.get("href")]
    assert outward
    assert {link.get("rel") for link in outward} == {"noopener noreferrer"}


def test_a_link_into_moco_says_that_it_leads_to_the_project(tmp_path: Path) -> None:
    url = "https://muster.example.com/projects/7"
    kept = KeptLines([a_line(1, target_url=url, difference=DifferenceKind.CHANGED, stored=Seconds(60))])
    root = written(tmp_path, (figures_of(kept), kept)).main
    (link,) = root.xpath("//section[@id='differences']//td[5]//a")
    assert (link.get("href"), _text(link)) == (url, "open project")


def test_what_is_not_in_the_inbox_yet_leaves_no_room_and_says_why(tmp_path: Path) -> None:
    lines = [waiting(n, Word.CONFLICTS, "UNMAPPED", "user 7 (Jo) is not mapped") for n in range(2)]
    numbered, bare = exceptions_of(lines)
    kept = KeptLines(lines, [numbered, replace(bare, id="", keep_source="", keep_target="")])
    write_html(tmp_path, figures_of(kept), kept, Language.DE)
    rows = _rows(page(tmp_path / "report.html").xpath("//section[@id='exceptions']//table")[-1])
    assert [len(cells[-1].xpath("../td[@class='fill']")) for cells in rows] == [3, 0]
    assert _text(rows[1][-1]).startswith("noch nicht im Eingang: erst „migrator sync“")
    assert "Person 7 (Jo) ist nicht zugeordnet" in _text(rows[0][7])
    assert rows[0][7].xpath(".//*[@lang]") == []


def test_exceptions_leave_room_for_a_decision(troubled: Troubled) -> None:
    dispositions, table = (_table(troubled[Language.DE].main, "exceptions", place) for place in (0, 1))
    rows = _rows(table)
    assert [_text(cells[0]) for cells in rows] == [each.id for each in troubled[Language.DE].lines.exceptions()]
    assert all([_text(cell) for cell in cells[-3:]] == ["", "", ""] for cells in rows)
    heads = [_text(each) for each in table.xpath(".//thead//th")]
    assert heads[-3:] == ["Entscheidung", "Name", "Datum"]
    assert "wurde auf beiden Seiten geändert" in _text(dispositions)


def test_what_may_be_invoiced_stands_per_customer(troubled: Troubled) -> None:
    given = troubled[Language.EN].figures
    *rows, total = _rows(_table(troubled[Language.EN].main, "invoicing"))
    for cells, row in zip(rows, given.open_hours, strict=True):
        assert [str(cells[1].text), str(cells[2].text)] == [
            _hours(row.source_open, Language.EN),
            _hours(row.target_open, Language.EN),
        ]
        expected = (row.in_moco, row.booked_in_moco, row.only_in_activecollab, row.settled_in_moco)
        assert tuple(_seconds(cell) for cell in cells[3:7]) == expected
        assert tuple(_seconds(cell) for cell in cells[7:9]) == (row.invoiced_already, row.pending)
    assert _seconds(total[3]) == sum(row.in_moco for row in given.open_hours)


def test_what_is_open_in_moco_and_to_be_looked_at_has_a_table_of_its_own(tmp_path: Path) -> None:
    figures, lines = a_good_report(8)
    odd = OpenHours("Beta AG", 100, 760, 50, 0, 0, 0, 7, 0, 200, 500, 10, -50)
    write_html(tmp_path, replace(figures, open_hours=(*figures.open_hours, odd)), lines, Language.EN)
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    *rows, total = _rows(_table(page, "invoicing", 1))
    assert [_text(cells[0]) for cells in rows] == ["Beta AG"]
    for cells in (*rows, total):
        assert [_seconds(cell) for cell in cells[1:]] == [200, 500, 10, -50]
    # A report without any of it has no such table.
    write_html(tmp_path, figures, lines, Language.EN)
    plain = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(plain.xpath("//section[@id='invoicing']//table")) == 1


def test_the_status_of_both_sides_is_a_matrix_per_year(troubled: Troubled) -> None:
    given = troubled[Language.EN].figures
    for place, year in enumerate(given.status_years):
        table = _table(troubled[Language.EN].main, "status", place)
        assert _text(table.xpath("./caption")[0]) == f"Fiscal year {year.year}"
        *rows, total = _rows(table)
        for cells, billing in zip(rows, Billing, strict=True):
            expected = [_hours(year.seconds.get((billing, state), 0), Language.EN) for state in TargetState]
            assert [str(cell.text) for cell in cells[1:5]] == expected
        assert _seconds(total[5]) == sum(year.seconds.values())


def test_the_ledger_adds_up_by_rule(troubled: Troubled) -> None:
    given = troubled[Language.EN].figures
    *rows, total = _rows(_table(troubled[Language.EN].main, "ledger"))

    def number(cell: html.HtmlElement) -> int:
        return int(_text(cell).replace(",", "").replace("\u2212", "-"))

    for cells, rule in zip(rows, [rule for rule in Rule if any(r.rule is rule for r in given.ledger)], strict=True):
        own = [row for row in given.ledger if row.rule is rule]
        assert _text(cells[0]) == Wording(Language.EN).term(rule)
        assert [number(cell) for cell in (cells[1], *cells[3:7])] == [
            sum(row.records for row in own),
            sum(row.read for row in own),
            sum(row.sent for row in own),
            sum(row.stored for row in own),
            sum(row.stored - row.read for row in own),
        ]
    assert number(total[5]) == given.totals.target_seconds
    whole = page(troubled[Language.EN].files[0].parent / "ledger.html")
    assert len(whole.xpath("//tbody/tr")) == len(given.ledger)


def test_who_decided_and_that_nobody_checked_is_said(troubled: Troubled) -> None:
    root = troubled[Language.EN].main
    decided = _text(root.xpath("//section[@id='decisions']")[0])
    for expected in ("planned Ada Lovelace", "approved Petra Prüfer", "applied nobody named", "the customer was told"):
        assert expected in decided
    assert "Nobody compared" in _text(root.xpath("//section[@id='completeness']")[0])
    beside = _text(root.xpath("//section[@id='beside']")[0])
    for expected in ("AFTER_CUTOVER", "EUR 17 1,234.50", "(currency not named) 2 19.90"):
        assert expected in beside
    assert "version 7" in _text(root.xpath("//section[@id='mapping']")[0])
    assert "abababab" in _text(root.xpath("//section[@id='before']")[0])
    signature = _text(root.xpath("//section[@id='signature']")[0]).replace(" ", "")
    assert troubled[Language.EN].figures.fingerprint in signature


def test_a_missed_control_total_is_seen(tmp_path: Path) -> None:
    figures, kept = a_good_report(20)
    assert figures.control is not None
    (row,) = figures.control.rows
    missed = replace(figures, control=replace(figures.control, rows=(replace(row, read=row.read - 3_600),)))
    good = written(tmp_path / "good", (figures, kept)).main
    bad = written(tmp_path / "bad", (missed, kept)).main
    assert "✔ compared with control totals" in _text(good.xpath("//dl[@class='facts']")[0])
    assert "✖ Control totals of ActiveCollab were not met" in _text(bad.xpath("//dl[@class='facts']")[0])
    assert "✔ met" in _text(_table(good, "completeness"))
    (cells,) = _rows(_table(bad, "completeness"))
    assert (_seconds(cells[3]), _text(cells[4])) == (-3_600, "✖ missed")


def test_nothing_to_tell_is_told_too(tmp_path: Path) -> None:
    kept = KeptLines([])
    figures = replace(
        figures_of(kept), stand_ins=(), outside=(), before=None, control=None, open_hours=(), first_day=None
    )
    for language in Language:
        root = written(tmp_path / language, (figures, kept), language).main
        for key in ("no_differences", "no_exceptions", "nothing_left_out", "no_expenses", "first_report"):
            assert Wording(language).say(key) in _text(root)


# -- safety --------------------------------------------------------------------------------------------------------


def test_what_people_typed_stays_text(hostile: Written) -> None:
    for path in hostile.files:
        text = path.read_text(encoding="utf-8")
        root = page(path)
        assert root.xpath("//script | //iframe | //object | //*[@style] | //link") == []
        assert [name for each in root.iter() for name in each.attrib if name.startswith("on")] == []
        assert [href for href in root.xpath("//@href") if re.match(r"(?!https?:)[a-z]+:", href, re.IGNORECASE)] == []
        for trick in ("\u202e", "\x07", "ada@example.com", "W" * 400):
            assert trick not in text
        assert "<script>alert(1)</script>=cmd" in _text(root) or "index" in path.name or "ledger" in path.name
    labels = [_text(each) for each in hostile.main.xpath("//*[name()='svg']//*[name()='text']")]
    assert any(label.startswith("<script>") for label in labels)


def test_addresses_are_shown_where_that_was_asked_for(tmp_path: Path) -> None:
    figures, kept = a_good_report(5)
    assert "ada@example.com" not in _text(written(tmp_path / "a", (figures, kept)).main)
    assert "ada@example.com" in _text(written(tmp_path / "b", (replace(figures, with_people=True), kept)).main)


def test_a_page_loads_and_runs_nothing(troubled: Troubled) -> None:
    for path in troubled[Language.DE].files:
        root = page(path)
        (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        styles = [style.text for style in root.xpath("//style")]
        digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]
        named = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert policy.startswith(f"default-src 'none'; style-src {named};")
        assert root.xpath("//@src") == []
        assert not [style for style in styles if "@import" in style or "url(" in style]


def test_every_printed_sheet_carries_the_fingerprint(troubled: Troubled) -> None:
    fingerprint = troubled[Language.DE].figures.fingerprint[:16]
    for path in troubled[Language.DE].files:
        assert f'content: "Abstimmungsbericht · Fingerabdruck {fingerprint}…"' in page(path).xpath("//style")[1].text


# -- size ----------------------------------------------------------------------------------------------------------


def test_long_lists_are_cut_on_the_main_page_and_go_on_in_files_of_their_own(tmp_path: Path) -> None:
    differing = [
        a_line(n, difference=DifferenceKind.CHANGED, stored=Seconds(60), project_id=SourceId(1), customer="")
        for n in range(LIMITS.differences + 30)
    ]
    held = [waiting(n, Word.HELD, "UNMAPPED", "", project_id=SourceId(1)) for n in range(1_000, 1_510)]
    lines = [*differing, *held]
    kept = KeptLines(lines, exceptions_of(lines))
    report = written(tmp_path, (figures_of(kept), kept))
    assert len(_rows(_table(report.main, "differences"))) == LIMITS.differences
    assert "30 more rows" in _text(report.main.xpath("//section[@id='differences']")[0])
    assert "10 more rows" in _text(report.main.xpath("//section[@id='exceptions']")[0])
    for name, count in (("differences", len(differing)), ("exceptions", len(held))):
        assert report.main.xpath(f"//section[@id='{name}']//a[@href='{name}.html']")
        assert len(page(tmp_path / f"{name}.html").xpath("//tbody/tr")) == count


def test_every_link_inside_the_report_leads_to_one_of_its_files(tmp_path: Path) -> None:
    kept = KeptLines([a_line(n, project_id=SourceId(9)) for n in range(2_010)])
    report = written(tmp_path, (figures_of(kept), kept))
    for path in report.files:
        for href in page(path).xpath("//a/@href"):
            if "://" not in href and not href.startswith("#"):
                assert (path.parent / href).resolve() in report.files, (path.name, href)
    first, second = (page(tmp_path / "projects" / name) for name in ("9.html", "9-2.html"))
    assert [len(root.xpath("//table[caption='Single records']/tbody/tr")) for root in (first, second)] == [2_000, 10]
    assert "9-2.html" in first.xpath("//a/@href")
    assert "9.html" in second.xpath("//a/@href")


def test_the_main_page_stays_small_with_thousands_of_projects(tmp_path: Path) -> None:
    sums = Sums(3, {Billing.PAID: 7_200}, {TargetState.OPEN: 3_600}, {Rule.WAITS: -3_600})
    months = (MonthSums(date(2024, 1, 1), sums),)
    name = "Ein ziemlich langer Name, wie ihn Projekte in Agenturen eben haben "
    customers = tuple(
        CustomerSums(
            f"{name}{c}",
            sums,
            tuple(ProjectSums(SourceId(c * 2 + p), f"{name}{c}/{p}", sums, months) for p in range(2)),
        )
        for c in range(LIMITS.customers + 100)
    )
    kept = KeptLines([])
    main = tmp_path / "report.html"
    values = main_page(replace(figures_of(kept), customers=customers), kept, Wording(Language.DE))
    frame_of(Language.DE, False).write(main, "report.html", values)
    assert main.stat().st_size < 2_000_000
    totals = page(main).xpath("//section[@id='totals']")[0]
    assert "100 weitere Zeilen" in _text(totals)
    assert "Die 2.200 Projekte stehen in eigenen Dateien" in _text(totals)
    assert totals.xpath(".//a[@href='projects/index.html']")


@dataclass(slots=True)
class _Endless(KeptLines):
    """Lines that are made as they are asked for."""

    count: int = 0

    def of_project(self, project_id: SourceId) -> Iterator[RecordLine]:
        return (a_line(n, person=f"{n} {'x' * 4_000}") for n in range(self.count))


def test_memory_does_not_grow_with_the_records_of_a_project(tmp_path: Path) -> None:
    figures, kept = a_good_report(6)
    one = replace(figures, customers=figures.customers[:1])

    def peak(count: int) -> int:
        tracemalloc.start()
        write_html(tmp_path / str(count), one, _Endless(kept.lines, count=count), Language.EN)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    few, many = peak(100), peak(500)
    # 400 more lines of 4 kB each.
    assert many < few + 500_000
