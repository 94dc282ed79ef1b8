"""A plan as a page: all of it, in both languages, and nothing of what people typed does anything."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.sync_api import Browser

from migrator.app import report
from migrator.app.report.plan_page import plan_page
from migrator.app.report.wording import Language, Wording
from migrator.app.report.wording_plan import PLAN_TEXTS, in_german
from migrator.app.report.wording_texts import TEXTS
from migrator.core.actions import Action, ConflictReason, HoldReason, SkipReason
from migrator.core.blocked import BLOCKED
from migrator.core.cost import requests_needed
from migrator.core.finality import Finality
from tests.support.browser import PHONE, looked_at

SCRIPT = "<script>alert(1)</script>"
OPEN_ENDED = {"br", "meta", "link", "rect", "line", "circle", "path", "img", "input", "hr"}


def a_plan(**more: Any) -> dict[str, Any]:  # JSON
    """A plan with one of everything, whose names attack whoever shows them."""
    side = {"date": "2024-05-01", "seconds": 13_500, "user_id": 5, "project_id": 6, "task_id": 7, "description": SCRIPT}
    side |= {"billable": True, "url": "", "tag": "", "person": "Ada", "project": SCRIPT, "task": "Design"}
    source = {"date": "2024-05-01", "hours": "3.75", "seconds": 13_500, "person": "Ada", "project": SCRIPT}
    source |= {"customer": "=cmd|x", "billing": 2, "text": "mail ada@example.com\u202e", "url": "javascript:alert(1)"}
    sample = {"source_id": 101, "action": "update", "reason": "", "detail": "", "source": source, "wanted": side}
    held = {**sample, "source_id": 102, "action": "hold", "reason": "UNMAPPED", "detail": "user 1", "wanted": None}
    plan: dict[str, Any] = {
        "plan": 7,
        "run": 9,
        "status": "fresh",
        "made_at": "2024-06-01T10:00:00+00:00",
        "is_noop": False,
        "actions": {name: {"records": 2, "seconds": 3_600} for name in ACTIONS},
        "by_year": [{"name": "2024", "records": 2, "seconds": 3_600}, {"name": "2023", "records": 2, "seconds": 7_200}],
        "by_person": [{"name": SCRIPT, "records": 2, "seconds": 3_600}],
        "by_project": [{"name": f"P{number}", "records": 1, "seconds": 60} for number in range(230)],
        "to_create": {"companies": 1, "projects": 1, "tasks": 3, "contracts": 4},
        "places": [{"kind": "project", "source_id": 3, "name": SCRIPT, "adopts": None, "words": "x"}],
        "to_reopen": {"projects": 1, "people": 2},
        "requests_needed": {"scan": 3, "bulk": 9_000},
        "phases": [{"phase": each, "requests": 1, "seconds": 75} for each in requests_needed({}, 1)],
        "eta_seconds": 9_000,
        "undo_requests": 12,
        "undo_seconds": 600,
        "point_of_no_return": {each.value: {"records": 1, "seconds": 60} for each in Finality},
        "warnings": ["2 records (3.75 h) of more than 24 hours each are sent as they are", f"odd {SCRIPT}"],
        "gates": [
            {
                "name": "pilot_above",
                "message": f"this would create 9,000 records, more than pilot_above = 5,000; {SCRIPT}",
            }
        ],
        "pilot": True,
        "possible_double": {"count": 3, "first": []},
        "blocked": [
            {"action": "hold", "reason": "UNMAPPED", "records": 7, "seconds": 60, "sample_ids": [1, 2, 3, 4, 5]}
        ],
        "samples": [
            {**sample, "target": {**side, "seconds": 60}, "activity_id": 5},
            {**held, "target": None, "activity_id": None},
        ],
        "digest": "ab" * 32,
    }
    return plan | more


ACTIONS = (
    "create",
    "adopt",
    "adopt_update",
    "update",
    "withdraw",
    "rebook",
    "keep",
    "skip",
    "hold",
    "conflict",
    "quarantined",
)


class Checker(HTMLParser):
    """Counts tags, and follows whether each end has its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in OPEN_ENDED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in OPEN_ENDED:
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", list(Language))
def test_the_page_has_all_of_the_plan(language: Language) -> None:
    page = plan_page(a_plan(), language, with_people=False)
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    ids = {attrs["id"] for _, attrs in checker.tags if "id" in attrs}
    assert ids >= {"actions", "blocked", "gates", "cost", "return", "plan_totals", "samples"}
    assert {attrs["href"] for tag, attrs in checker.tags if tag == "a"} <= {f"#{each}" for each in ids}
    text = " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())
    wording = Wording(language)
    told = [*(f"action_{each}" for each in ACTIONS), *(f"return_{each.value}" for each in Finality)]
    told += [f"phase_{each}" for each in requests_needed({}, 1)]
    for key in (*told, "gate_shut", "plan_is_pilot"):
        assert wording.say(key) in text, key
    assert wording.reason("UNMAPPED") in text
    assert "1, 2, 3, 4, 5 …" in text
    # Both sides of the sample: the hours as written, what is wanted, and what MOCO has, which differs.
    assert text.count("3,75 h" if language is Language.DE else "3.75 h") >= 3
    assert text.count("≠") == 1
    assert text.index("2023") < text.index("P229") if "P229" in text else "P199" in text


@pytest.mark.parametrize("language", list(Language))
def test_nothing_that_people_typed_does_anything(language: Language) -> None:
    page = plan_page(a_plan(), language, with_people=False)
    checker = Checker()
    checker.feed(page)
    assert "script" not in {tag for tag, _ in checker.tags}
    assert "javascript:" not in "".join(str(value) for _, attrs in checker.tags for value in attrs.values())
    assert "\u202e" not in page
    assert "ada@example.com" not in page
    assert "ada@example.com" in plan_page(a_plan(), language, with_people=True)
    loading = {"src", "srcset", "action", "formaction", "data", "poster"}
    assert [attrs for _, attrs in checker.tags if loading & attrs.keys()] == []


@pytest.mark.parametrize("language", list(Language))
def test_a_plan_of_an_older_version_is_shown_without_what_it_does_not_know(language: Language) -> None:
    older = a_plan()
    for name in ("blocked", "samples", "phases", "gates", "pilot", "undo_requests", "point_of_no_return", "places"):
        del older[name]
    assert Wording(language).say("no_samples") in html.unescape(plan_page(older, language, with_people=False))


def test_a_plan_of_nothing_says_so() -> None:
    empty: dict[str, Any] = {
        "by_year": [],
        "by_person": [],
        "by_project": [],
        "actions": {},
        "warnings": [],
        "gates": [],
        "blocked": [],
    }
    page = plan_page(a_plan(is_noop=True, samples=[], phases=[], **empty), Language.EN, with_people=False)
    assert "There is nothing to write" in page
    assert "Nothing stands in the way." in page
    assert "migrator apply" not in page.replace("“migrator apply”", "")


def test_every_text_has_both_languages_and_a_name_of_its_own() -> None:
    assert TEXTS.keys() & PLAN_TEXTS.keys() == set()
    for key, (german, english) in PLAN_TEXTS.items():
        assert type(german) is type(english), key
        fields = [set(re.findall(r"{(\w+)}", str(each))) for each in (german, english)]
        assert fields[0] == fields[1], key


def test_every_text_of_the_page_is_used() -> None:
    folder = Path(report.__file__).parent
    names = ("plan_page.py", "templates/plan.html")
    used = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", used)) | {*requests_needed({}, 1), *BLOCKED}
    quoted |= {each.value for each in Finality}
    built = {f"{start}_{end}" for start in ("h", "action", "phase", "return", "made") for end in quoted}
    assert PLAN_TEXTS.keys() - quoted - built == set()


def test_a_browser_finds_nothing_wrong_with_it(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    path.write_text(plan_page(a_plan(), Language.DE, with_people=False), encoding="utf-8")
    with looked_at(browser, path, width=PHONE, dark=True) as looked:
        assert looked.problems == []
        assert looked.asked == [path.as_uri()]
        assert looked.sideways() <= 0
        assert looked.shut_out() == []


def test_every_reason_that_a_plan_can_give_has_words() -> None:
    assert get_args(Action)
    for language in Language:
        wording = Wording(language)
        for reason in (*HoldReason, *ConflictReason, *SkipReason):
            assert wording.reason(reason.value) != reason.value, reason


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "1,234 records (3.75 h) of more than 24 hours each are sent as they are",
            "1.234 Einträge (3,75 h) mit je",
        ),
        ("2 records (3.00 h) pending payment in ActiveCollab: Kunde 2.50 h", "in Rechnung: Kunde 2,50 h"),
        ("something new", "something new"),
    ],
)
def test_what_a_plan_warns_of_is_said_in_german(english: str, german: str) -> None:
    assert german in in_german(english)
