"""A folder full of odd and broken documents, read at once: every good record comes in, everything else is named."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.system.cli.stage import Done, migrator
from tests.unit.activecollab.reading import CORPUS
from tests.unit.activecollab.test_xml_corpus import OUTCOMES

# The documentation's own samples say "..." where they leave something out; they are no export.
# A file is opened by what is in it, so JSON and packed documents are not broken there; they have tests of their own.
_OPENED_OTHERWISE = {"broken_json", "broken_gzip"}
CASES = sorted(case for case in OUTCOMES if not case.startswith("doc_samples/") and case not in _OPENED_OTHERWISE)


_ELSEWHERE = ("doc_samples", "cases", "json", *(f"{case}.xml" for case in sorted(_OPENED_OTHERWISE)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The corpus, its documents beside each other, and a good one last."""
    (tmp_path / "migrator.toml").write_text('[activecollab]\nfiles = ["odd"]\n', encoding="utf-8")
    shutil.copytree(CORPUS, tmp_path / "odd", ignore=shutil.ignore_patterns(*_ELSEWHERE))
    (tmp_path / "odd" / "zz_good.xml").write_text(
        "<time_records><time_record><id>777001</id><type>TimeRecord</type><project_id>7</project_id>"
        "<user_id>3</user_id><value>2</value><record_date>2024-05-01</record_date><billable_status>1</billable_status>"
        "</time_record></time_records>",
        encoding="utf-8",
    )
    return tmp_path


def documents(done: Done) -> dict[str, dict[str, Any]]:
    """What was counted in each document, by its name without folder and ending (Any: JSON)."""
    return {Path(each["name"]).stem: each for each in done.document["documents"]}


def test_a_folder_of_odd_documents_is_read_as_far_as_it_goes(folder: Path) -> None:
    assert len(CASES) > 80
    done = migrator("read", "--json", cwd=folder)
    assert done.code == 3
    assert done.err == ""
    found = documents(done)
    assert found.keys() == {*CASES, "zz_good"}
    for case in CASES:
        outcome, counted = OUTCOMES[case], found[case]
        assert (counted["records"], counted["rejects"], counted["expenses"]) == (
            len(outcome.good),
            len(outcome.rejected),
            outcome.expenses,
        ), case
        assert bool(counted["problem"]) is bool(outcome.problems), case
        assert all(part in counted["problem"] for part in outcome.problems[-1:]), case
    assert found["zz_good"]["records"] == 1
    problems = done.document["problems"]
    assert len(problems) == sum(bool(OUTCOMES[case].problems) for case in CASES)
    assert all(problem.startswith("odd/") for problem in problems)
    # One id in many documents is one record; where equally new copies say different things nobody guesses.
    counts = done.document["counts"]
    copies = sum(counts[name] for name in ("new", "changed", "unchanged", "superseded", "conflicting"))
    assert copies == 1 + sum(len(OUTCOMES[case].good) for case in CASES)
    assert all(reject["message"] and reject["file"].startswith("odd/") for reject in done.document["rejects"])


def test_what_a_person_reads_names_file_line_value_and_remedy(folder: Path) -> None:
    told = migrator("read", "odd/v2_hours_unusable.xml", "odd/broken_*.xml", "odd/zz_good.xml", cwd=folder)
    assert told.code == 3
    lines = told.out.splitlines()
    assert lines[0].endswith("documents not wholly readable.")
    hint = "value '1h30' cannot be used; expected hours such as 5:30, 5.5 or 3,75"
    assert any(line.startswith("  odd/v2_hours_unusable.xml:") and hint in line for line in lines)
    assert "odd/broken_html_page.xml: " in told.out
    # Neither markup nor a page's own text is repeated at length.
    assert max(map(len, lines)) < 400


def test_reading_the_same_folder_again_changes_nothing(folder: Path) -> None:
    first, second = (migrator("read", "--json", cwd=folder) for _ in range(2))
    assert first.code == second.code == 3
    for name in ("verdict", "rejects", "problems", "seconds"):
        assert first.document[name] == second.document[name]
    assert (second.document["counts"]["new"], second.document["counts"]["changed"]) == (0, 0)
    waiting = migrator("inbox", "list", "--kind", "rejected", "--json", cwd=folder).document["items"]
    # A record waits once, however many documents reject it.
    rejects = second.document["rejects"]
    assert len(waiting) == len({each["source_id"] or (each["file"], each["line"]) for each in rejects}) > 10


def test_a_corrected_document_is_no_longer_complained_about(folder: Path) -> None:
    migrator("read", cwd=folder)
    for path in (folder / "odd").iterdir():
        if path.name != "zz_good.xml":
            path.write_text("<time_records></time_records>", encoding="utf-8")
    done = migrator("read", "--json", cwd=folder)
    assert done.document["problems"] == []
    assert all(not each["problem"] for each in done.document["documents"])
