"""`report` as a command: golden figures, computed here from the facts of the world and never by the product."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.system import reported
from tests.system.harness import Finished, World


@dataclass(frozen=True, slots=True)
class Made:
    """The world, what the command answered, and what it wrote."""

    world: World
    finished: Finished
    report: dict[str, Any]  # JSON
    directory: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("reported")
    with reported.reported(folder) as world:
        directory = folder / "out"
        finished = world.run("report", "-o", str(directory), "--format", "html,json", "--as-of", "2025-12-31")
        yield Made(world, finished, json.loads((directory / "report.json").read_text("utf-8")), directory)


def test_what_waits_is_counted_and_the_rest_agrees(made: Made) -> None:
    assert (made.finished.code, made.finished.document["agreement"]) == (3, "agree_but")
    counts = {kind: each["records"] for kind, each in made.report["exceptions"]["counts"].items()}
    assert counts == {"held": reported.HELD, "rejected": reported.REJECTED, "conflict": reported.CONFLICTS}
    assert made.report["differences"]["unexplained"] == {}
    assert made.report["unexplained_seconds"] == 0


def test_nobody_is_asked_for_a_report(made: Made) -> None:
    assert made.world.moco.requests == []


def test_anybody_can_compute_the_fingerprint_anew(made: Made) -> None:
    report = dict(made.report)
    told = report.pop("fingerprint")
    text = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert told == made.finished.document["fingerprint"] == hashlib.sha256(text.encode()).hexdigest()


def test_the_page_for_people_says_the_same_and_runs_nothing(made: Made) -> None:
    page = html.document_fromstring((made.directory / "report.html").read_text("utf-8"))
    text = " ".join(page.text_content().split())
    assert "The books agree, but something is still open" in text
    assert f"{reported.HELD} held, {reported.CONFLICTS} in conflict, {reported.REJECTED} unusable" in text
    assert made.report["fingerprint"] in "".join(text.split())
    assert page.xpath("//script") == []
    # Projects and texts that attack whoever shows them.
    for typed in (reported.SCRIPT, "=SUMME(A1) Betreuung"):
        assert typed in text
    assert "kunde.example" not in text
    assert len(page.xpath("//section[@id='exceptions']//td[contains(@class, 'fill')]")) == 3 * (
        reported.HELD + reported.REJECTED + reported.CONFLICTS
    )
    linked = {str(href) for href in page.xpath("//section[@id='totals']//a/@href")}
    assert {f"projects/{place.id}.html" for place in (*reported.PLACES, reported.NOT_IN_MOCO)} >= {
        href for href in linked if "index" not in href
    }
    assert all((made.directory / href).is_file() for href in linked)
