"""Chromium without a window: what a page says and asks for, and who could not use it."""

# ruff: noqa: PLC0415 (every worker reads this file, and few of them drive a browser)

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = 1280, 375
"""Widths of windows, in CSS pixels."""


@dataclass(slots=True)
class Looked:
    """An open page, and what happened since it was asked for."""

    page: Page
    problems: list[str] = field(default_factory=list)
    """What the console and scripts that failed said."""
    asked: list[str] = field(default_factory=list)
    """The addresses of everything that was loaded."""

    def shut_out(self) -> list[str]:
        """What keeps people with disabilities out, as axe-core finds it: serious and critical findings only."""
        from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types

        violations = Axe().run(self.page).response["violations"]
        return [
            f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
            for found in violations
            if found["impact"] in {"serious", "critical"}
            for node in found["nodes"][:3]
        ]

    def sideways(self) -> int:
        """By how many pixels the page itself is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine; what needs it is skipped where there is none."""
    program = os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip(
            "NO CHROMIUM: nobody looks at the pages. Install chromium (apt-get install chromium), or set TEST_CHROMIUM"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def looked_at(browser: Browser, page: Path | str, *, dark: bool = False, width: int = DESK) -> Iterator[Looked]:
    """A file or an address in a window of its own."""
    context = browser.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}, bypass_csp=False
    )
    looked = Looked(context.new_page())
    looked.page.on("console", lambda message: looked.problems.append(message.text))
    looked.page.on("pageerror", lambda error: looked.problems.append(str(error)))
    looked.page.on("dialog", lambda dialog: looked.problems.append(f"dialog: {dialog.message}"))
    looked.page.on("request", lambda request: looked.asked.append(request.url))
    looked.page.goto(page.resolve().as_uri() if isinstance(page, Path) else page)
    try:
        yield looked
    finally:
        context.close()
