"""The console in a real browser: without scripts, by keyboard, on a phone, in the dark, and usable by everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from migrator.core.model import MocoId, SourceId
from migrator.store import outcomes
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.lease import Right
from tests.support.browser import DESK, PHONE, looked_at
from tests.unit.app.console.scene import NOW, TOKEN, Scene, a_scene

LONG = "Überwachungsprüfungsänderungsantrag" * 8


@contextmanager
def served(scene: Scene) -> Iterator[str]:
    """The scene's console at an address."""
    server = make_server("127.0.0.1", 0, scene.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def scene(ready_url: str) -> Iterator[Scene]:
    """Syncs that went well, holes in the mapping, a full inbox, a report."""
    with a_scene(ready_url) as made:
        made.serves()
        for minutes in (80, 65, 50, 35, 20, 5):
            made.synced(3, "All 250,117 source records are accounted for: 250,080 in MOCO, 37 held.", minutes)
        made.scheduled("audit", 4, 400)
        made.staged([("Ada Lovelace", LONG, 30), ("Bob", "Shop", 4.5)])
        made.waits(
            *(NewItem(ItemKind.HELD, "UNMAPPED", f"{LONG} is not mapped", SourceId(n)) for n in range(1, 9)),
            NewItem(ItemKind.CONFLICT, "BOTH_EDITED", "it was changed on both sides", SourceId(30), MocoId(9)),
            NewItem(ItemKind.QUARANTINED, "REFUSED", "the day is locked", SourceId(31)),
            NewItem(ItemKind.REJECTED, "REJECTED", "no day", place=f"{LONG}.xml:3"),
        )
        made.reported(f"/srv/{LONG}")
        yield made


@pytest.mark.parametrize(("dark", "width", "language"), [(False, DESK, "en"), (True, PHONE, "de")])
def test_every_page_is_usable_by_everybody_at_every_width_in_light_and_dark(
    browser: Browser, scene: Scene, dark: bool, width: int, language: str
) -> None:
    with served(scene) as url, looked_at(browser, f"{url}/?lang={language}", dark=dark, width=width) as looked:
        for path in ("", "inbox"):
            if path:
                looked.page.goto(f"{url}/{path}")
            assert looked.shut_out() == [], path
            assert looked.sideways() == 0, path
            assert looked.page.locator("html").get_attribute("lang") == language
        assert looked.problems == []
        assert {asked for asked in looked.asked if not asked.startswith((url, "data:"))} == set()


def test_the_service_is_paused_and_resumed_by_keyboard_alone_and_a_click_selects_a_whole_command(
    browser: Browser, scene: Scene
) -> None:
    with served(scene) as url, looked_at(browser, f"{url}/?lang=en") as looked:
        page = looked.page

        def focused() -> str:
            page.keyboard.press("Tab")
            return str(page.evaluate("document.activeElement.innerText")).strip()

        assert [focused() for _ in range(5)] == ["Skip to the content", "migrator", "Deutsch", "Sync now", "Pause"]
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/?did=pause")
        assert page.get_by_role("status").inner_text() == "Done: nothing scheduled begins any more."
        with reading(scene.place.engine) as session:
            assert outcomes.wishes(session).paused_since == NOW
        page.get_by_role("button", name="Resume").press("Enter")
        page.wait_for_url(f"{url}/?did=resume")
        assert page.get_by_role("heading", name="It works; some records wait for a person").is_visible()
        page.goto(f"{url}/inbox?kind=conflict")
        page.locator("code.cmd").nth(1).click()
        assert page.evaluate("getSelection().toString().trim()") == "migrator inbox resolve i9 --keep source"
        assert looked.problems == []


def test_while_a_run_goes_on_the_page_reloads_until_one_stops_it(browser: Browser, scene: Scene) -> None:
    scene.held(Right.WRITE, "sync")
    with served(scene) as url, looked_at(browser, f"{url}/?lang=en") as looked:
        assert looked.page.locator('meta[http-equiv="refresh"]').count() == 1
        looked.page.get_by_role("link", name="Stop reloading").click()
        assert looked.page.locator('meta[http-equiv="refresh"]').count() == 0


def test_one_logs_in_with_the_token_and_out_again(browser: Browser, ready_url: str) -> None:
    with (
        a_scene(ready_url, token=TOKEN) as scene,
        served(scene) as url,
        looked_at(browser, f"{url}/?lang=en") as looked,
    ):
        page = looked.page
        assert page.url == f"{url}/login?lang=en"
        assert looked.shut_out() == []
        page.keyboard.type(TOKEN)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Sync now").click()
        page.wait_for_url(f"{url}/?did=sync-now")
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(f"{url}/login")
        page.goto(url)
        assert page.url == f"{url}/login"
        assert looked.problems == []
