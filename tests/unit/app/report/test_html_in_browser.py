"""The report in a browser: silent, alone, for everybody, on every screen and on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from migrator.app.report.wording import Language
from tests.support.browser import DESK, PHONE, looked_at
from tests.support.reports import a_small_report
from tests.unit.app.report.conftest import Written, written

Small = Mapping[Language, Written]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A report with one of each kind of trouble."""
    folder = tmp_path_factory.mktemp("small")
    return {language: written(folder / language, a_small_report(), language) for language in Language}


@pytest.mark.parametrize(("language", "dark"), [(Language.DE, False), (Language.EN, True)])
def test_the_page_keeps_still_and_keeps_nobody_out(
    browser: Browser, small: Small, language: Language, dark: bool
) -> None:
    main = small[language].files[0]
    with looked_at(browser, main, dark=dark) as looked:
        assert looked.problems == []
        assert looked.asked == [main.as_uri()]
        paper = looked.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 200) == dark
        assert looked.shut_out() == []
        # The verdict and its reasons are seen before anybody scrolls.
        box = looked.page.locator("#verdict").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 450


def test_a_project_opens_from_the_main_page_and_leads_back(browser: Browser, small: Small) -> None:
    main = small[Language.DE].files[0]
    with looked_at(browser, main, dark=True) as looked:
        looked.page.locator("#totals a[href^='projects/']").nth(1).click()
        assert "/projects/" in looked.page.url
        assert looked.shut_out() == []
        looked.page.get_by_text("Zurück zum Bericht").click()
        assert looked.page.url == main.as_uri()
        assert looked.problems == []


def test_a_keyboard_reaches_the_content_first_and_opens_what_is_folded(browser: Browser, small: Small) -> None:
    with looked_at(browser, small[Language.EN].files[0]) as looked:
        looked.page.keyboard.press("Tab")
        assert looked.page.evaluate("document.activeElement.className") == "skip"
        looked.page.keyboard.press("Enter")
        assert looked.page.url.endswith("#main")
        folded = looked.page.locator("summary", has_text="The same figures as a table").first
        folded.focus()
        looked.page.keyboard.press("Enter")
        assert looked.page.locator("#books figure table").first.is_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_only_tables_scroll_sideways(browser: Browser, small: Small, hostile: Written, width: int) -> None:
    for path in (small[Language.DE].files[0], hostile.files[0], hostile.files[-1]):
        with looked_at(browser, path, width=width) as looked:
            assert looked.sideways() <= 0, path.name
            assert looked.problems == []
            assert looked.asked == [path.as_uri()]


@pytest.mark.parametrize("width", [1024, 1250])
def test_figures_in_the_last_column_are_never_seen_by_half(browser: Browser, small: Small, width: int) -> None:
    with looked_at(browser, small[Language.DE].files[0], width=width) as looked:
        assert looked.page.locator("#totals").get_by_text("dort seitwärts rollen").is_visible()
        scroll = looked.page.locator("#totals .scroll:has(.why)").first
        # At the edge everything fades; scrolled to the end, nothing that is written stands in the part that does.
        assert "linear-gradient" in scroll.evaluate("each => getComputedStyle(each).maskImage")
        assert scroll.evaluate("each => each.scrollWidth > each.clientWidth")
        left = scroll.evaluate(
            """each => {
                each.scrollLeft = 1e6;
                const ends = [...each.querySelectorAll('.amount')].map(cell => cell.getBoundingClientRect().right);
                return each.getBoundingClientRect().right - Math.max(...ends);
            }"""
        )
        assert left >= 40
        # What is cut on the left then fades, too, and unscrolled the names stand where the text above them does.
        scroll.evaluate("each => { each.scrollLeft = 0; }")
        starts = "each => each.querySelector('th').getBoundingClientRect().left"
        lead = looked.page.locator("#totals > p").first.evaluate("each => each.getBoundingClientRect().left")
        assert scroll.evaluate(starts) == lead
    with looked_at(browser, small[Language.DE].files[0], width=1600) as looked:
        assert not looked.page.get_by_text("dort seitwärts rollen").is_visible()


def test_it_prints_with_numbered_pages_and_nothing_folded_away(browser: Browser, small: Small, tmp_path: Path) -> None:
    with looked_at(browser, small[Language.DE].files[0]) as looked:
        looked.page.emulate_media(media="print")
        # Tables of charts are folded on the screen; on paper nobody could open them.
        assert looked.page.locator("#totals figure table").is_visible()
        assert not looked.page.locator("nav").is_visible()
        looked.page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True, print_background=True)
    printed = (tmp_path / "report.pdf").read_bytes()
    boxes = {tuple(map(int, box)) for box in re.findall(rb"/MediaBox \[0 0 (\d+)\S* (\d+)", printed)}
    # A4 upright, and lying for the wide tables.
    assert boxes in ({(594, 841), (841, 594)}, {(595, 841), (841, 595)})
